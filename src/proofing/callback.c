/*
 * Callbacks of providers reached over HTTP: authenticated by an HMAC over the body, as a signed token, or by Basic. What they say counts
 * for the process in the path only, while it waits for a result; everything else is thanked for and changes nothing.
 */
#include "codec/encode.h"
#include "crypto/hash.h"
#include "proofing/assure.h"
#include "proofing/calls.h"
#include "proofing/keys.h"
#include "proofing/oidc.h"

struct callback {
	struct process process;
	struct proofing_config config;
	struct settlement *settlement;
	struct slice box;
};

static bool hmac_fits(struct op *op, json_t *hmac, const struct proofing_config *config)
{
	struct slice sent = http_header(op->http, arena_cstr(op->arena, json_member(hmac, "header")));
	struct slice secret = config_secret(config, json_member(hmac, "secretRef")), text;
	uint8_t mac[SHA256_BYTES];

	if (!secret.n || !sent.n)
		return false;
	if (slice_starts(sent, S("sha256=")))
		sent = slice_of(sent.p + 7, sent.n - 7);
	hmac_sha256(secret, PARTS(op->http->body), mac);
	text = slice_is(json_member(hmac, "encoding"), "base64") ? b64(op->arena, slice_of(mac, sizeof(mac))) : hex(op->arena, slice_of(mac, sizeof(mac)));
	return slice_eq_secret(sent, text);
}

static bool basic_fits(struct op *op, json_t *basic, const struct proofing_config *config)
{
	struct slice secret = config_secret(config, json_member(basic, "secretRef"));
	struct slice pair = arena_printf(op->arena, "%.*s:%.*s", FMT(json_member(basic, "user")), FMT(secret));
	struct slice wanted = arena_printf(op->arena, "Basic %.*s", FMT(b64(op->arena, pair)));

	return secret.n && slice_eq_secret(http_header(op->http, "Authorization"), wanted);
}

static bool is_theirs(struct op *op, json_t *section, const struct proofing_config *config)
{
	json_t *hmac = json_object_get(section, "hmac"), *basic = json_object_get(section, "basic");

	return hmac ? hmac_fits(op, hmac, config) : basic && basic_fits(op, basic, config);
}

/* The body is a token that they signed; its claims are what they tell. */
static err read_token(struct op *op, const json_t *jwt, json_t **ret_claims, bool *ret_wait)
{
	*ret_claims = keys_verify(op, json_member(jwt, "jwksUrl"), slice_trim(op->http->body), ret_wait);
	if (*ret_wait)
		return OK;
	ENSURE(*ret_claims && !token_fault(*ret_claims, json_member(jwt, "iss"), json_member(jwt, "aud"), op->now), CALLBACK_REFUSED);
	return OK;
}

static err read_body(struct op *op, json_t *section, const struct proofing_config *config, json_t **ret_body, bool *ret_wait)
{
	const json_t *jwt = json_object_get(section, "jwt");
	struct slice why;

	*ret_wait = false;
	if (jwt)
		return read_token(op, jwt, ret_body, ret_wait);
	ENSURE(section && is_theirs(op, section, config), CALLBACK_REFUSED);
	if (failed(json_read(op->http->body, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, ret_body, &why)))
		return op_fail(op, INVALID_JSON, "%.*s", FMT(why));
	op_keep_json(op, *ret_body);
	return OK;
}

static err settle(struct op *op, struct callback *c, json_t *section, json_t *body)
{
	struct proofing_result result;
	struct error e;

	if (!http_result(op, section, body, &result))
		return OK;
	e = settle_prepare(op, &c->process, &result, &c->settlement);
	op->unchanged = is_err(e, E_PROCESS_CLOSED) || !c->settlement;
	return is_err(e, E_PROCESS_CLOSED) ? OK : e;
}

err callback_prepare(struct op *op)
{
	struct callback *c = op_own(op, struct callback);
	json_t *settings, *section, *body;
	struct slice id;
	struct error e;
	bool wait, bell;

	op->unchanged = true;
	*c = (struct callback){ .settlement = NULL };
	e = process_load_any(op, op_reader(op), &op->path_id[0], &c->process);
	ENSURE(!is_err(e, E_PROCESS_UNKNOWN), CALLBACK_REFUSED); /* whoever cannot sign learns nothing */
	TRY(e);
	TRY(proofing_config_load(op, op_reader(op), &c->config));
	settings = c->process.engine == proofing_engine_http ? engine_settings(op, &c->config, c->process.provider) : NULL;
	section = json_object_get(settings, "callback");
	TRY(read_body(op, section, &c->config, &body, &wait));
	if (wait || status_is_final(c->process.status))
		return OK;
	id = json_member(section, "idPointer").n ? mapped_value(op, body, json_member(section, "idPointer")) : S("");
	bell = json_is_true(json_object_get(section, "thenPoll"));
	if (id.n ? !slice_eq(id, c->process.content.externalId) : !bell)
		return OK; /* it is not of this process */
	if (!bell)
		return settle(op, c, section, body);
	/* It is only a bell: what is true is asked for. */
	op->unchanged = !c->process.begun;
	c->process.next = op->now;
	c->box = content_box(op, &c->process);
	return OK;
}

err callback_apply(struct op *op, struct tx *tx)
{
	struct callback *c = op_own(op, struct callback);

	if (c->settlement)
		return settle_apply(op, tx, c->settlement);
	proofing_hurry_after_commit(op->app, tx);
	return process_save(tx, &c->process, c->box);
}

static const struct route rows[] = {
	{ HTTP_POST, "/proofing/callbacks/{processId}", PUBLIC, NO_RATE, OP(.prepare = callback_prepare, .apply = callback_apply),
		"What a provider tells of a process", .flags = NO_ACCOUNT | RAW_BODY | HIDDEN },
};

const struct route_table callback_routes = { .base = "", .title = "Callbacks of providers", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]) };
