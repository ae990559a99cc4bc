#include "codec/encode.h"
#include "codec/form.h"
#include "crypto/hash.h"
#include "proofing/oidc.h"

enum { VERIFIER_RANDOM_BYTES = 32, PUSHED_SPARE_MS = 5 * 1000 };

static struct slice random_text(struct op *op)
{
	uint8_t *bytes = arena_alloc(op->arena, VERIFIER_RANDOM_BYTES);

	env_random(op->app->env, bytes, VERIFIER_RANDOM_BYTES);
	return b64url(op->arena, slice_of(bytes, VERIFIER_RANDOM_BYTES));
}

struct slice oidc_redirect_uri(struct op *op)
{
	return arena_printf(op->arena, "%s" OIDC_CALLBACK_PATH, op->app->public_url);
}

static struct slice challenge(struct op *op, struct slice verifier)
{
	uint8_t hash[SHA256_BYTES];

	sha256(verifier, hash);
	return b64url(op->arena, slice_of(hash, sizeof(hash)));
}

static void write_request(struct op *op, const json_t *settings, const struct process *p, struct buf *b)
{
	json_t *extra = json_object_get(settings, "extraParams"), *value;
	struct slice scope = json_member(settings, "scope");
	const char *name;

	form_write(b, "response_type", S("code"));
	form_write(b, "redirect_uri", oidc_redirect_uri(op));
	form_write(b, "scope", scope.n ? scope : S("openid profile"));
	form_write(b, "state", p->content.handle);
	form_write(b, "nonce", p->content.nonce);
	form_write(b, "code_challenge", challenge(op, p->content.verifier));
	form_write(b, "code_challenge_method", S("S256"));
	form_write(b, "acr_values", json_member(settings, "acrValues"));
	form_write(b, "prompt", json_member(settings, "prompt"));
	json_object_foreach(extra, name, value)
		if (json_is_string(value))
			form_write(b, name, json_text(value));
}

static bool is_web(struct slice url)
{
	return slice_starts(url, S("https://")) || slice_starts(url, S("http://"));
}

static struct buf link_to(struct op *op, const json_t *settings, const json_t *metadata)
{
	struct slice at = json_member(metadata, "authorization_endpoint");
	struct buf b = buf_arena(op->arena, OIDC_URL_BYTES_MAX);

	buf_slice(&b, at);
	buf_byte(&b, slice_find(at, '?') < at.n ? '&' : '?');
	form_write(&b, "client_id", json_member(settings, "clientId"));
	return b;
}

static enum call_step led(struct process *p, struct buf *link, int64_t until)
{
	if (failed(buf_ok(link)) || !is_web(buf_bytes(link)))
		return CALL_BROKEN;
	p->content.captureUrl = buf_bytes(link);
	p->content.linkUntil = until;
	if (until)
		MARK(&p->content, process_content, linkUntil);
	p->started = true;
	return CALL_DONE;
}

static enum call_step push(struct op *op, struct proofing_call *c, const json_t *settings, const json_t *metadata, const struct process *p,
	const struct proofing_config *config, struct call_request *r)
{
	struct buf form = buf_arena(op->arena, OIDC_FORM_BYTES_MAX);

	r->method = HTTP_POST;
	r->url = json_member(metadata, "pushed_authorization_request_endpoint");
	if (!r->url.n || failed(oidc_client_prove(op, settings, config, &form, r)))
		return CALL_BROKEN;
	if (json_member(settings, "clientAuth").n == 0 || slice_is(json_member(settings, "clientAuth"), "basic"))
		form_write(&form, "client_id", json_member(settings, "clientId"));
	write_request(op, settings, p, &form);
	if (failed(buf_ok(&form)))
		return CALL_BROKEN;
	r->body = buf_bytes(&form);
	r->headers[r->header_count++] = (struct http_header){ S("Content-Type"), S("application/x-www-form-urlencoded") };
	c->kind = CALL_PUSH;
	return CALL_SEND;
}

enum call_step oidc_lead(struct op *op, struct proofing_call *c, json_t *settings, const json_t *metadata, struct process *p,
	const struct proofing_config *config, struct call_request *r, struct call_outcome *out)
{
	struct buf link;

	/* They stay the same when the way is asked for again: the first may still be under way. */
	if (!p->content.nonce.n)
		p->content.nonce = random_text(op);
	if (!p->content.verifier.n)
		p->content.verifier = random_text(op);
	p->content.issWanted = json_is_true(json_object_get(metadata, "authorization_response_iss_parameter_supported"));
	MARK(&p->content, process_content, issWanted);
	if (json_is_true(json_object_get(settings, "usePAR")) ||
		json_is_true(json_object_get(metadata, "require_pushed_authorization_requests"))) {
		out->keep = true; /* what was drawn has to be there when the answer comes */
		return push(op, c, settings, metadata, p, config, r);
	}
	link = link_to(op, settings, metadata);
	write_request(op, settings, p, &link);
	return led(p, &link, 0);
}

enum call_step oidc_lead_pushed(struct op *op, const struct proofing_call *c, const json_t *settings, const json_t *metadata,
	struct process *p)
{
	struct slice why, uri;
	struct buf link;
	json_t *answer;
	int64_t lives;

	if (c->reason != OUTBOUND_ANSWERED || c->status < 200 || c->status > 299 || !p->content.nonce.n ||
		failed(json_read(c->body, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &answer, &why)))
		return CALL_BROKEN;
	op_keep_json(op, answer);
	uri = json_member(answer, "request_uri");
	lives = json_integer_value(json_object_get(answer, "expires_in")) * 1000;
	if (!uri.n)
		return CALL_BROKEN;
	if (lives <= 0 || lives > PROOFING_LIFETIME_MS)
		lives = PROOFING_LIFETIME_MS;
	link = link_to(op, settings, metadata);
	form_write(&link, "request_uri", uri);
	return led(p, &link, op->now + (lives > 2 * PUSHED_SPARE_MS ? lives - PUSHED_SPARE_MS : lives));
}
