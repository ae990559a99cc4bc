/*
 * The OIDC engine: an issuer whose login proofs who somebody is. Code flow with PKCE and nonce (OpenID Connect Core 3.1); the ID token
 * is checked by the issuer's keys, UserInfo is merged, and the claims become the result.
 */
#include "codec/form.h"
#include "jose/verify.h"
#include "proofing/oidc.h"

/* Names of the result by claims, unless the settings map them. */
static const char default_map[] =
	"{\"firstName\":\"/given_name\",\"lastName\":\"/family_name\",\"dateOfBirth\":\"/birthdate\",\"gender\":\"/gender|gender\","
	"\"personalIdentificationNumber\":\"/nin\",\"issuingCountry\":\"/nin_issuing_country|iso3166a2toa3\","
	"\"nationality\":\"/nationality|iso3166a2toa3\"}";

static json_t *parse(struct op *op, struct slice text)
{
	struct slice why;
	json_t *json;

	if (text.n == 0 || failed(json_read(text, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &json, &why)))
		return NULL;
	op_keep_json(op, json);
	return json_is_object(json) ? json : NULL;
}

static bool answered_well(const struct proofing_call *c)
{
	return c->reason == OUTBOUND_ANSWERED && c->status == 200;
}

/* Trouble of the moment: it is asked for again. */
static bool is_passing(const struct proofing_call *c)
{
	return c->reason != OUTBOUND_ANSWERED || c->status >= 500 || c->status == 429;
}

/* ---- the way back ---- */

static enum call_step ask_code(struct op *op, struct proofing_call *c, json_t *settings, const json_t *metadata, const struct process *p,
	const struct proofing_config *config, struct call_request *r)
{
	struct buf b = buf_arena(op->arena, OIDC_FORM_BYTES_MAX);

	form_write(&b, "grant_type", S("authorization_code"));
	form_write(&b, "code", c->code);
	form_write(&b, "redirect_uri", oidc_redirect_uri(op));
	form_write(&b, "code_verifier", p->content.verifier);
	if (failed(oidc_client_prove(op, settings, config, &b, r)) || failed(buf_ok(&b)))
		return CALL_BROKEN;
	r->method = HTTP_POST;
	r->url = json_member(metadata, "token_endpoint");
	r->body = buf_bytes(&b);
	r->headers[r->header_count++] = (struct http_header){ S("Content-Type"), S("application/x-www-form-urlencoded") };
	c->kind = CALL_CODE;
	return CALL_SEND;
}

static enum call_step broken_off(struct op *op, struct call_outcome *out, enum process_status status, const char *type)
{
	out->has_result = true;
	out->result = (struct proofing_result){ .status = status };
	if (status == process_status_failed) {
		out->result.failReason = arena_new(op->arena, struct fail_reason);
		out->result.failReason->type = slice_text(type);
	}
	return CALL_DONE;
}

static enum call_step found(struct op *op, json_t *settings, json_t *claims, struct call_outcome *out)
{
	json_t *map = json_object_get(settings, "claimMap");
	struct buf b = buf_arena(op->arena, RESULT_JSON_MAX);

	if (!acr_suffices(json_object_get(settings, "minAcr"), claims))
		return broken_off(op, out, process_status_rejected, "");
	out->has_result = true;
	out->result = (struct proofing_result){ .status = process_status_accepted };
	out->result.finalResult = arena_new(op->arena, struct final_result);
	mapped_result(op, claims, map ? map : parse(op, slice_text(default_map)), out->result.finalResult);
	buf_text(&b, "{\"claims\":");
	json_write_value(&b, claims);
	buf_byte(&b, '}');
	if (!failed(buf_ok(&b)))
		out->result.providerSpecific = buf_bytes(&b);
	return CALL_DONE;
}

static enum call_step ask_keys(struct proofing_call *c, const json_t *metadata, struct call_request *r)
{
	r->url = json_member(metadata, "jwks_uri");
	c->kind = CALL_KEYS;
	return CALL_SEND;
}

/* A code is worth something once, so what it was given for is kept before anything else is done. */
static enum call_step take_tokens(struct op *op, struct proofing_call *c, const json_t *metadata, struct process *p,
	struct call_request *r, struct call_outcome *out)
{
	json_t *tokens = answered_well(c) ? parse(op, c->body) : NULL;

	if (is_passing(c))
		return CALL_BROKEN;
	if (p->content.idToken.n) { /* another was faster, and is at it */
		out->again_ms = LEASE_MS;
		return CALL_DONE;
	}
	if (!json_member(tokens, "id_token").n)
		return broken_off(op, out, process_status_failed, "code_refused");
	p->content.idToken = json_member(tokens, "id_token");
	p->content.accessToken = json_member(tokens, "access_token");
	out->keep = true;
	return ask_keys(c, metadata, r);
}

/* The claims of the ID token, NULL and the outcome when it is no good. */
static json_t *check_token(struct op *op, const struct proofing_call *c, json_t *settings, const struct process *p,
	struct call_outcome *out)
{
	struct id_token_rules rules = { json_member(settings, "issuer"), json_member(settings, "clientId"), p->content.nonce, op->now };
	json_t *keys = parse(op, c->keys), *claims;
	struct slice payload;
	const char *fault;

	if (!keys || failed(jws_verify(p->content.idToken, keys, op->arena, &payload))) {
		broken_off(op, out, process_status_failed, "id_token_signature");
		return NULL;
	}
	claims = parse(op, payload);
	fault = claims ? id_token_fault(claims, &rules) : "id_token_malformed";
	if (fault) {
		broken_off(op, out, process_status_failed, fault);
		return NULL;
	}
	return claims;
}

static enum call_step take_keys(struct op *op, struct proofing_call *c, json_t *settings, const json_t *metadata, const struct process *p,
	struct call_request *r, struct call_outcome *out)
{
	json_t *claims;

	if (is_passing(c))
		return CALL_BROKEN;
	c->keys = answered_well(c) ? c->body : S("");
	claims = check_token(op, c, settings, p, out);
	if (!claims)
		return CALL_DONE;
	r->url = json_member(metadata, "userinfo_endpoint");
	if (!r->url.n || !p->content.accessToken.n)
		return found(op, settings, claims, out);
	r->headers[r->header_count++] = (struct http_header){ S("Authorization"),
		arena_printf(op->arena, "Bearer %.*s", FMT(p->content.accessToken)) };
	c->kind = CALL_USERINFO;
	return CALL_SEND;
}

static enum call_step take_user_info(struct op *op, struct proofing_call *c, json_t *settings, const struct process *p,
	struct call_outcome *out)
{
	json_t *claims, *info = answered_well(c) ? parse(op, c->body) : NULL, *value;
	const char *name;

	if (is_passing(c))
		return CALL_BROKEN;
	claims = check_token(op, c, settings, p, out);
	if (!claims)
		return CALL_DONE;
	/* Core 5.3.2: what is about somebody else is not used. */
	if (!info || !slice_eq(json_member(info, "sub"), json_member(claims, "sub")))
		return broken_off(op, out, process_status_failed, "userinfo_invalid");
	json_object_foreach(info, name, value)
		if (!json_object_get(claims, name))
			json_object_set(claims, name, value); /* what is signed counts first */
	return found(op, settings, claims, out);
}

/* Endpoints that the settings name, in place of what the issuer publishes. */
static struct slice written_metadata(struct op *op, struct proofing_call *c, const json_t *settings)
{
	static const char *const names[][2] = {
		{ "issuer", "issuer" }, { "authorizationEndpoint", "authorization_endpoint" }, { "tokenEndpoint", "token_endpoint" },
		{ "jwksUri", "jwks_uri" }, { "userinfoEndpoint", "userinfo_endpoint" },
		{ "parEndpoint", "pushed_authorization_request_endpoint" },
	};
	struct buf b = buf_arena(op->arena, OIDC_FORM_BYTES_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (json_member(settings, names[i][0]).n)
			jw_pair_text(&w, names[i][1], json_member(settings, names[i][0]));
	jw_close(&w, '}');
	return arena_copy(&c->arena, buf_bytes(&b));
}

static enum call_step go_on(struct op *op, struct proofing_call *c, json_t *settings, struct process *p,
	const struct proofing_config *config, struct call_request *r, struct call_outcome *out)
{
	json_t *metadata = parse(op, c->discovery);

	if (!metadata)
		return CALL_BROKEN;
	if (p->content.idToken.n)
		return ask_keys(c, metadata, r);
	return c->code.n ? ask_code(op, c, settings, metadata, p, config, r) : oidc_lead(op, c, settings, metadata, p, config, r, out);
}

static enum call_step take_discovery(struct op *op, struct proofing_call *c, json_t *settings, struct process *p,
	const struct proofing_config *config, struct call_request *r, struct call_outcome *out)
{
	json_t *metadata = answered_well(c) ? parse(op, c->body) : NULL;

	/* Discovery 4.3: it speaks for itself alone. */
	if (!metadata || !slice_eq(json_member(metadata, "issuer"), json_member(settings, "issuer")))
		return CALL_BROKEN;
	c->discovery = c->body;
	return go_on(op, c, settings, p, config, r, out);
}

static enum call_step begin(struct op *op, struct proofing_call *c, json_t *settings, struct process *p,
	const struct proofing_config *config, struct call_request *r, struct call_outcome *out)
{
	struct slice issuer = json_member(settings, "issuer");

	c->code = arena_copy(&c->arena, p->content.code);
	if (json_member(settings, "authorizationEndpoint").n) {
		c->discovery = written_metadata(op, c, settings);
		return go_on(op, c, settings, p, config, r, out);
	}
	c->kind = CALL_DISCOVER;
	if (issuer.n && issuer.p[issuer.n - 1] == '/')
		issuer.n--;
	r->url = arena_printf(op->arena, "%.*s/.well-known/openid-configuration", FMT(issuer));
	return CALL_SEND;
}

enum call_step oidc_step(struct op *op, struct proofing_call *c, struct process *p, const struct proofing_config *config,
	struct call_request *r, struct call_outcome *out)
{
	json_t *settings = engine_settings(op, config, p->provider);

	if (!settings)
		return CALL_BROKEN;
	switch (c->kind) {
	case CALL_DISCOVER:
		return take_discovery(op, c, settings, p, config, r, out);
	case CALL_PUSH:
		return oidc_lead_pushed(op, c, settings, parse(op, c->discovery), p);
	case CALL_CODE:
		return take_tokens(op, c, parse(op, c->discovery), p, r, out);
	case CALL_KEYS:
		return take_keys(op, c, settings, parse(op, c->discovery), p, r, out);
	case CALL_USERINFO:
		return take_user_info(op, c, settings, p, out);
	default:
		return begin(op, c, settings, p, config, r, out);
	}
}

const char *oidc_settings_fault(struct op *op, const struct proofing_provider *provider, const struct proofing_config *config)
{
	json_t *settings = engine_settings(op, config, provider->name);

	if (!settings || !json_member(settings, "issuer").n || !json_member(settings, "clientId").n)
		return "must have settings with issuer and clientId for the engine oidc";
	if (json_member(settings, "authorizationEndpoint").n && (!json_member(settings, "tokenEndpoint").n || !json_member(settings, "jwksUri").n))
		return "must have tokenEndpoint and jwksUri beside authorizationEndpoint";
	return oidc_client_fault(op, settings, config);
}
