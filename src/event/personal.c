/* What of a record is personal: sealed under the key of whom it is about, with a commitment that outlives it. */
#include "crypto/hash.h"
#include "event/fact.h"

enum { PERSONAL_BYTES_MAX = 96 * 1024 };

static struct slice place_of(struct arena *a, const struct uuid *user)
{
	struct buf b = buf_arena(a, 64);

	buf_text(&b, "audit.personal|");
	buf_slice(&b, uuid_bytes(user));
	return buf_bytes(&b);
}

/* The salt in front keeps what can be guessed, as an address can, from being tried against the commitment. */
static struct slice text_of(const struct op *op, bool own_address, struct slice data)
{
	struct buf b = buf_arena(op->arena, PERSONAL_BYTES_MAX);
	struct jw w = jw_new(&b);

	env_random(op->app->env, buf_take(&b, PERSONAL_SALT_BYTES), PERSONAL_SALT_BYTES);
	jw_open(&w, '{');
	if (own_address)
		jw_pair_text(&w, "ipAddress", op->http->peer);
	if (data.n) {
		jw_key(&w, "personalData");
		jw_raw(&w, data);
	}
	jw_close(&w, '}');
	return buf_bytes(&b);
}

const struct fact_personal *personal_seal(const struct op *op, const struct data_key *key, const struct uuid *user, bool own_address,
	struct slice data)
{
	struct fact_personal *personal = arena_new(op->arena, struct fact_personal);
	uint8_t *commitment = arena_alloc(op->arena, SHA256_BYTES);
	struct slice text = text_of(op, own_address, data);

	sha256(text, commitment);
	*personal = (struct fact_personal){
		.user = *user,
		.box = seal(key, op->app->env, place_of(op->arena, user), text, op->arena),
		.commitment = slice_of(commitment, SHA256_BYTES),
	};
	return personal;
}

err personal_open(const struct data_key *key, const struct uuid *user, struct slice box, struct arena *a, struct slice *ret_salt,
	struct slice *ret_json)
{
	struct reader r;

	TRY(unseal(key, place_of(a, user), box, a, &r.rest));
	TRY(read_bytes(&r, PERSONAL_SALT_BYTES, ret_salt));
	*ret_json = r.rest;
	return OK;
}
