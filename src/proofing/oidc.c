/*
 * The OIDC engine: an issuer whose login proofs who somebody is. Code flow with PKCE and nonce (OpenID Connect Core 3.1); the ID token
 * is checked by the issuer's keys, UserInfo is merged, and the claims become the result.
 */
#include "codec/encode.h"
#include "codec/form.h"
#include "crypto/hash.h"
#include "jose/verify.h"
#include "proofing/assure.h"
#include "proofing/calls.h"

enum { CLOCK_SKEW_S = 60, URL_BYTES_MAX = 4000, VERIFIER_RANDOM_BYTES = 32 };

#define CALLBACK_PATH "/proofing/oidc/callback"

/* Names of the result by claims, unless the settings map them. */
static const char default_map[] =
	"{\"firstName\":\"/given_name\",\"lastName\":\"/family_name\",\"dateOfBirth\":\"/birthdate\",\"gender\":\"/gender|gender\","
	"\"personalIdentificationNumber\":\"/nin\",\"issuingCountry\":\"/nin_issuing_country|iso3166a2toa3\","
	"\"nationality\":\"/nationality|iso3166a2toa3\"}";

static void escape(struct buf *b, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		bool plain = ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c));

		if (plain)
			buf_byte(b, c);
		else
			buf_printf(b, "%%%02X", c);
	}
}

static void add(struct buf *b, const char *name, struct slice value)
{
	if (value.n == 0)
		return;
	if (b->n && b->p[b->n - 1] != '?')
		buf_byte(b, '&');
	buf_text(b, name);
	buf_byte(b, '=');
	escape(b, value);
}

static struct slice random_text(struct op *op)
{
	uint8_t *bytes = arena_alloc(op->arena, VERIFIER_RANDOM_BYTES);

	env_random(op->app->env, bytes, VERIFIER_RANDOM_BYTES);
	return b64url(op->arena, slice_of(bytes, VERIFIER_RANDOM_BYTES));
}

static struct slice redirect_uri(struct op *op)
{
	return arena_printf(op->arena, "%s" CALLBACK_PATH, op->app->public_url);
}

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

/* ---- the way to the issuer ---- */

static struct slice challenge(struct op *op, struct slice verifier)
{
	uint8_t hash[SHA256_BYTES];

	sha256(verifier, hash);
	return b64url(op->arena, slice_of(hash, sizeof(hash)));
}

static enum call_step lead_there(struct op *op, json_t *settings, const json_t *discovery, struct process *p)
{
	struct slice scope = json_member(settings, "scope"), at = json_member(discovery, "authorization_endpoint");
	struct buf b = buf_arena(op->arena, URL_BYTES_MAX);
	const char *name;
	json_t *value;

	p->content.nonce = random_text(op);
	p->content.verifier = random_text(op);
	buf_slice(&b, at);
	buf_byte(&b, slice_find(at, '?') < at.n ? '&' : '?');
	add(&b, "response_type", S("code"));
	add(&b, "client_id", json_member(settings, "clientId"));
	add(&b, "redirect_uri", redirect_uri(op));
	add(&b, "scope", scope.n ? scope : S("openid profile"));
	add(&b, "state", p->content.handle);
	add(&b, "nonce", p->content.nonce);
	add(&b, "code_challenge", challenge(op, p->content.verifier));
	add(&b, "code_challenge_method", S("S256"));
	add(&b, "acr_values", json_member(settings, "acrValues"));
	add(&b, "prompt", json_member(settings, "prompt"));
	json_object_foreach(json_object_get(settings, "extraParams"), name, value)
		if (json_is_string(value))
			add(&b, name, json_text(value));
	if (failed(buf_ok(&b)) || !at.n)
		return CALL_BROKEN;
	p->content.captureUrl = buf_bytes(&b);
	p->started = true;
	return CALL_DONE;
}

/* ---- the way back ---- */

static void add_header(struct call_request *r, struct slice name, struct slice value)
{
	r->headers[r->header_count++] = (struct http_header){ name, value };
}

static enum call_step ask_code(struct op *op, struct proofing_call *c, json_t *settings, const json_t *discovery, const struct process *p,
	const struct proofing_config *config, struct call_request *r)
{
	struct slice id = json_member(settings, "clientId"), secret = config_secret(config, json_member(settings, "secretRef"));
	struct buf b = buf_arena(op->arena, URL_BYTES_MAX), user = buf_arena(op->arena, URL_BYTES_MAX);
	bool post = slice_is(json_member(settings, "clientAuth"), "post") || !secret.n;

	add(&b, "grant_type", S("authorization_code"));
	add(&b, "code", c->code);
	add(&b, "redirect_uri", redirect_uri(op));
	add(&b, "code_verifier", p->content.verifier);
	if (post) {
		add(&b, "client_id", id);
		add(&b, "client_secret", secret);
	} else {
		escape(&user, id);
		buf_byte(&user, ':');
		escape(&user, secret);
		add_header(r, S("Authorization"), arena_printf(op->arena, "Basic %.*s", FMT(b64(op->arena, buf_bytes(&user)))));
	}
	r->method = HTTP_POST;
	r->url = json_member(discovery, "token_endpoint");
	r->body = buf_bytes(&b);
	add_header(r, S("Content-Type"), S("application/x-www-form-urlencoded"));
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

static bool audience_is(const json_t *claims, struct slice id)
{
	const json_t *aud = json_object_get(claims, "aud");
	json_t *one;
	size_t i;

	if (json_is_string(aud))
		return slice_eq(json_text(aud), id);
	if (json_array_size(aud) > 1 && !slice_eq(json_member(claims, "azp"), id))
		return false;
	json_array_foreach(aud, i, one)
		if (json_is_string(one) && slice_eq(json_text(one), id))
			return true;
	return false;
}

static const char *token_fault(const struct op *op, json_t *settings, const json_t *discovery, const json_t *claims,
	const struct process *p)
{
	int64_t now = op->now / 1000;

	if (!slice_eq(json_member(claims, "iss"), json_member(discovery, "issuer")))
		return "id_token_issuer";
	if (!audience_is(claims, json_member(settings, "clientId")))
		return "id_token_audience";
	if (json_integer_value(json_object_get(claims, "exp")) + CLOCK_SKEW_S <= now)
		return "id_token_expired";
	if (json_integer_value(json_object_get(claims, "iat")) - CLOCK_SKEW_S > now)
		return "id_token_not_yet";
	if (!p->content.nonce.n || !slice_eq_secret(json_member(claims, "nonce"), p->content.nonce))
		return "id_token_nonce";
	return json_member(claims, "sub").n ? NULL : "id_token_subject";
}

static bool acr_suffices(json_t *settings, const json_t *claims)
{
	json_t *wanted = json_object_get(settings, "minAcr"), *one;
	struct slice acr = json_member(claims, "acr");
	size_t i;

	if (json_is_string(wanted))
		return slice_eq(json_text(wanted), acr);
	json_array_foreach(wanted, i, one)
		if (json_is_string(one) && slice_eq(json_text(one), acr))
			return true;
	return !wanted;
}

static enum call_step found(struct op *op, json_t *settings, json_t *claims, struct call_outcome *out)
{
	json_t *map = json_object_get(settings, "claimMap");
	struct buf b = buf_arena(op->arena, RESULT_JSON_MAX);

	if (!acr_suffices(settings, claims))
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

static enum call_step take_tokens(struct op *op, struct proofing_call *c, const json_t *discovery, struct call_request *r,
	struct call_outcome *out)
{
	json_t *tokens = c->reason == OUTBOUND_ANSWERED && c->status == 200 ? parse(op, c->body) : NULL;

	if (c->reason != OUTBOUND_ANSWERED || c->status >= 500)
		return CALL_BROKEN;
	c->token = arena_copy(&c->arena, json_member(tokens, "access_token"));
	c->id_token = arena_copy(&c->arena, json_member(tokens, "id_token"));
	if (!c->id_token.n)
		return broken_off(op, out, process_status_failed, "code_refused");
	r->url = json_member(discovery, "jwks_uri");
	c->kind = CALL_KEYS;
	return CALL_SEND;
}

/* The claims of the ID token, NULL and the outcome when it is no good. */
static json_t *check_token(struct op *op, struct proofing_call *c, json_t *settings, const json_t *discovery, const struct process *p,
	struct call_outcome *out)
{
	json_t *keys = parse(op, c->keys), *claims;
	struct slice payload;
	const char *fault;

	if (!keys || failed(jws_verify(c->id_token, keys, op->arena, &payload))) {
		broken_off(op, out, process_status_failed, "id_token_signature");
		return NULL;
	}
	claims = parse(op, payload);
	fault = claims ? token_fault(op, settings, discovery, claims, p) : "id_token_malformed";
	if (fault) {
		broken_off(op, out, process_status_failed, fault);
		return NULL;
	}
	return claims;
}

static enum call_step take_keys(struct op *op, struct proofing_call *c, json_t *settings, const json_t *discovery, const struct process *p,
	struct call_request *r, struct call_outcome *out)
{
	json_t *claims;

	if (!answered_well(c))
		return broken_off(op, out, process_status_failed, "keys_unreachable");
	c->keys = c->body;
	claims = check_token(op, c, settings, discovery, p, out);
	if (!claims)
		return CALL_DONE;
	r->url = json_member(discovery, "userinfo_endpoint");
	if (!r->url.n || !c->token.n)
		return found(op, settings, claims, out);
	add_header(r, S("Authorization"), arena_printf(op->arena, "Bearer %.*s", FMT(c->token)));
	c->kind = CALL_USERINFO;
	return CALL_SEND;
}

static enum call_step take_user_info(struct op *op, struct proofing_call *c, json_t *settings, const json_t *discovery,
	const struct process *p, struct call_outcome *out)
{
	json_t *claims = check_token(op, c, settings, discovery, p, out), *info = answered_well(c) ? parse(op, c->body) : NULL, *value;
	const char *name;

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

static enum call_step take_discovery(struct op *op, struct proofing_call *c, json_t *settings, struct process *p,
	const struct proofing_config *config, struct call_request *r)
{
	json_t *discovery = answered_well(c) ? parse(op, c->body) : NULL;

	if (!discovery || !slice_eq(json_member(discovery, "issuer"), json_member(settings, "issuer")))
		return CALL_BROKEN;
	c->discovery = c->body;
	return c->code.n ? ask_code(op, c, settings, discovery, p, config, r) : lead_there(op, settings, discovery, p);
}

enum call_step oidc_step(struct op *op, struct proofing_call *c, struct process *p, const struct proofing_config *config,
	struct call_request *r, struct call_outcome *out)
{
	json_t *settings = engine_settings(op, config, p->provider), *discovery = parse(op, c->discovery);
	struct slice issuer = json_member(settings, "issuer");

	if (!settings)
		return CALL_BROKEN;
	switch (c->kind) {
	case CALL_DISCOVER:
		return take_discovery(op, c, settings, p, config, r);
	case CALL_CODE:
		return take_tokens(op, c, discovery, r, out);
	case CALL_KEYS:
		return take_keys(op, c, settings, discovery, p, r, out);
	case CALL_USERINFO:
		return take_user_info(op, c, settings, discovery, p, out);
	case CALL_CANCEL:
		return CALL_DONE;
	default:
		c->code = arena_copy(&c->arena, p->content.code);
		c->kind = CALL_DISCOVER;
		if (issuer.n && issuer.p[issuer.n - 1] == '/')
			issuer.n--;
		r->url = arena_printf(op->arena, "%.*s/.well-known/openid-configuration", FMT(issuer));
		return CALL_SEND;
	}
}

const char *oidc_settings_fault(struct op *op, const struct proofing_provider *provider, const struct proofing_config *config)
{
	json_t *settings = engine_settings(op, config, provider->name);

	if (!settings || !json_member(settings, "issuer").n || !json_member(settings, "clientId").n)
		return "must have settings with issuer and clientId for the engine oidc";
	return NULL;
}

/* ---- the browser comes back ---- */

struct coming_back {
	struct process process;
	struct settlement *settlement;
	struct slice box;
};

#define OIDC_QUERY(F, T)                                       \
	F(T, STR, state, OPT, 0, 100, "The handle", "")        \
	F(T, STR, code, OPT, 0, 2000, "The code", "")          \
	F(T, STR, error, OPT, 0, 200, "What went wrong", "")
SCHEMA_STRUCT(oidc_query, OIDC_QUERY);
SCHEMA(oidc_query, OIDC_QUERY, "What the issuer says");

static err ended_there(struct op *op, struct coming_back *b, struct slice error)
{
	struct call_outcome out = { .has_result = false };
	struct error e;

	broken_off(op, &out, slice_is(error, "access_denied") ? process_status_canceled : process_status_failed, "issuer_error");
	e = settle_prepare(op, &b->process, &out.result, &b->settlement);
	op->unchanged = is_err(e, E_PROCESS_CLOSED) || !b->settlement;
	return is_err(e, E_PROCESS_CLOSED) ? OK : e;
}

err oidc_return_prepare(struct op *op)
{
	const struct oidc_query *q = op->query;
	struct coming_back *b = op_own(op, struct coming_back);
	struct process *p = &b->process;
	struct error e;

	op->unchanged = true;
	*b = (struct coming_back){ .settlement = NULL };
	ENSURE(q->state.n, CAPTURE_UNKNOWN);
	e = process_by_handle(op, op_reader(op), q->state, p);
	ENSURE(!is_err(e, E_PROCESS_UNKNOWN), CAPTURE_UNKNOWN);
	TRY(e);
	ENSURE(p->engine == proofing_engine_oidc, CAPTURE_UNKNOWN);
	/* Once only, and while it is waited for. */
	if (!p->begun || p->status != process_status_pending || p->content.code.n || p->expires <= op->now)
		return OK;
	if (!q->code.n)
		return ended_there(op, b, q->error);
	op->unchanged = false;
	p->content.code = q->code;
	p->status = process_status_processing;
	p->updated = p->next = op->now;
	b->box = content_box(op, p);
	return OK;
}

err oidc_return_apply(struct op *op, struct tx *tx)
{
	struct coming_back *b = op_own(op, struct coming_back);

	if (b->settlement)
		return settle_apply(op, tx, b->settlement);
	proofing_hurry_after_commit(op->app, tx);
	return process_save(tx, &b->process, b->box);
}

err oidc_return_reply(struct op *op)
{
	const struct coming_back *b = op_own(op, struct coming_back);

	http_add_header(op->http, "Location", capture_url(op, &b->process));
	http_add_header(op->http, "Cache-Control", S("no-store"));
	http_add_header(op->http, "Referrer-Policy", S("no-referrer"));
	op_answer(op, 303, "text/plain", S(""));
	return OK;
}
