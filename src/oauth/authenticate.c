/* Bearer tokens on every call (RFC 6750; claims as in RFC 9068): verified once, then known by their hash until they expire. */
#include "jose/jwt.h"
#include "oauth/internal.h"

static err claim_text(const json_t *payload, const char *name, char *out, size_t out_bytes)
{
	const json_t *value = json_object_get(payload, name);
	size_t n = json_string_length(value);

	out[0] = 0;
	if (!value)
		return OK;
	ENSURE(json_is_string(value) && n < out_bytes && strlen(json_string_value(value)) == n, TOKEN_INVALID);
	memcpy(out, json_string_value(value), n + 1);
	return OK;
}

static bool claim_is(const json_t *payload, const char *name, struct slice wanted)
{
	const json_t *value = json_object_get(payload, name);

	return json_is_string(value) && slice_eq(json_text(value), wanted);
}

static err read_claims(struct op *op, const json_t *payload, struct claims *ret)
{
	const json_t *exp = json_object_get(payload, "exp"), *nbf = json_object_get(payload, "nbf");
	const char *audience = *op->settings->token_audience ? op->settings->token_audience : op->app->public_url;

	ENSURE(json_is_object(payload), TOKEN_INVALID);
	ENSURE(claim_is(payload, "iss", oauth_issuer(op->app, op->arena)), TOKEN_INVALID);
	ENSURE(claim_is(payload, "aud", slice_text(audience)), TOKEN_INVALID);
	ENSURE(json_is_integer(exp) && json_is_integer(nbf), TOKEN_INVALID);
	ENSURE(json_integer_value(nbf) <= op->now / 1000 + 1, TOKEN_INVALID);
	ret->expires_ms = json_integer_value(exp) * 1000;
	TRY(claim_text(payload, "client_id", ret->client_id, sizeof(ret->client_id)));
	TRY(claim_text(payload, "account_id", ret->account_id, sizeof(ret->account_id)));
	return claim_text(payload, "jti", ret->jti, sizeof(ret->jti));
}

static err verify(struct op *op, const struct key_set *keys, struct slice token, struct claims *ret_claims)
{
	const struct service_key *key;
	struct jws jws;
	struct slice why;
	json_t *payload;
	struct error e;

	ENSURE(!failed(jws_parse(token, op->arena, &jws)), TOKEN_INVALID);
	ENSURE(slice_ieq(jws.typ, S("at+jwt")), TOKEN_INVALID);
	key = key_named(keys, jws.kid);
	ENSURE(key && !failed(jws_check(&jws, key->key)), TOKEN_INVALID);
	ENSURE(!failed(json_read(jws.payload, JSON_UNIQUE, JSON_DEPTH_MAX, op->arena, &payload, &why)), TOKEN_INVALID);
	e = read_claims(op, payload, ret_claims);
	json_decref(payload);
	ret_claims->keys = keys;
	return e;
}

/* What was verified with keys that have been replaced since is verified again: the key may have been deleted because it leaked. */
static err claims_of(struct op *op, struct slice token, struct claims *ret_claims)
{
	const struct key_set *keys = atomic_load(&op->app->oauth->keys);
	uint8_t hash[SHA256_BYTES];

	sha256(token, hash);
	if (token_cache_get(op->app->oauth->cache, hash, ret_claims) && ret_claims->keys == keys) {
		metric_add(op->app->metrics, METRIC_token_cache_hits_total, 1);
	} else {
		metric_add(op->app->metrics, METRIC_token_cache_misses_total, 1);
		TRY(verify(op, keys, token, ret_claims));
		token_cache_put(op->app->oauth->cache, hash, ret_claims);
	}
	ENSURE(ret_claims->expires_ms > op->now, TOKEN_INVALID);
	return OK;
}

static void use_account(struct op *op, const struct account_info *account)
{
	op->caller.account = account->n;
	op->caller.account_id = arena_copy(op->arena, account->id);
	op->caller.sandbox = account->sandbox;
	op->caller.extended_events = account->extended_events;
}

/* The client as it is now, not as it was when the token was made. */
static err fill_caller(struct op *op, const struct claims *claims, const struct client_info *client)
{
	ENSURE(client && client->enabled, TOKEN_INVALID);
	ENSURE(slice_is(client->account ? client->account->id : S(""), claims->account_id), TOKEN_INVALID);
	op->caller.client_id = arena_copy(op->arena, client->id);
	op->caller.jti = arena_copy(op->arena, slice_text(claims->jti));
	op->caller.organisation = client->organisation;
	op->caller.permissions = client->permissions;
	if (client->account)
		use_account(op, client->account);
	return OK;
}

/* An account named in the query: the client's own changes nothing; a client of the organisation may name any of its accounts. */
static err choose_account(struct op *op, const struct snapshot *snapshot, struct slice wanted)
{
	const struct account_info *account = snapshot_account(snapshot, wanted);

	if (wanted.n == 0 || slice_eq(wanted, op->caller.account_id))
		return OK;
	if (op->caller.account || !account || account->organisation != op->caller.organisation) {
		op->caller.account_id = wanted;
		return FAIL(PERMISSION);
	}
	use_account(op, account);
	return OK;
}

struct error oauth_authenticate(struct op *op, struct slice token, struct slice wanted_account)
{
	const struct snapshot *snapshot;
	struct claims claims;
	struct error e;

	TRY(claims_of(op, token, &claims));
	snapshot = accounts_hold(op->app);
	e = fill_caller(op, &claims, snapshot_client(snapshot, slice_text(claims.client_id)));
	if (!failed(e))
		e = choose_account(op, snapshot, wanted_account);
	accounts_release(snapshot);
	return e;
}
