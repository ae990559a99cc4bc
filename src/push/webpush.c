/* Web Push: RFC 8291 and 8188 for the message, 8292 for who we are, 8030 for the call. UnifiedPush is the same. */
#include "codec/encode.h"
#include "crypto/aead.h"
#include "crypto/p256.h"
#include "jose/jwt.h"
#include "push/internal.h"

enum { SALT_BYTES = 16, RECORD_BYTES = 4096, PLAIN_BYTES_MAX = 3000, VAPID_LIFETIME_S = 12 * 60 * 60 };

/* ---- the message (RFC 8291, 3.4; RFC 8188, 2.2 and 2.3) ---- */

struct keys {
	uint8_t content[AEAD_KEY_BYTES_128], nonce[AEAD_NONCE_BYTES];
};

static void derive(const uint8_t shared[static P256_SCALAR_BYTES], const struct push_target *target, struct slice our_key,
	const uint8_t salt[static SALT_BYTES], struct keys *ret_keys)
{
	const struct slice info[] = { S("WebPush: info\0"), slice_of(target->p256dh, sizeof(target->p256dh)), our_key };
	uint8_t prk[SHA256_BYTES], ikm[SHA256_BYTES];

	hkdf_extract(slice_of(target->auth, sizeof(target->auth)), slice_of(shared, P256_SCALAR_BYTES), prk);
	hkdf_expand_parts(prk, info, sizeof(info) / sizeof(info[0]), ikm, sizeof(ikm));
	hkdf_extract(slice_of(salt, SALT_BYTES), slice_of(ikm, sizeof(ikm)), prk);
	hkdf_expand(prk, S("Content-Encoding: aes128gcm\0"), ret_keys->content, sizeof(ret_keys->content));
	hkdf_expand(prk, S("Content-Encoding: nonce\0"), ret_keys->nonce, sizeof(ret_keys->nonce));
	wipe(prk, sizeof(prk));
	wipe(ikm, sizeof(ikm));
}

static err agree(const struct push_target *target, const uint8_t *private_key, uint8_t ret_shared[static P256_SCALAR_BYTES],
	uint8_t ret_ours[static P256_LONG_BYTES])
{
	uint8_t theirs[P256_POINT_BYTES], point[P256_POINT_BYTES];

	TRY(p256_from_long(slice_of(target->p256dh, sizeof(target->p256dh)), theirs));
	TRY(p256_multiply(private_key, slice_of(theirs, sizeof(theirs)), point));
	memcpy(ret_shared, point + 1, P256_SCALAR_BYTES);
	wipe(point, sizeof(point));
	TRY(p256_public(private_key, point));
	return p256_to_long(slice_of(point, sizeof(point)), ret_ours);
}

err webpush_encrypt(const struct push_target *target, const uint8_t private_key[static P256_SCALAR_BYTES],
	const uint8_t salt[static SALT_BYTES], struct slice plain, struct arena *a, struct slice *ret_body)
{
	struct buf body = buf_arena(a, PUSH_BODY_BYTES_MAX), padded = buf_arena(a, PLAIN_BYTES_MAX + 1);
	uint8_t shared[P256_SCALAR_BYTES], ours[P256_LONG_BYTES], *box;
	struct keys keys;

	TRY(agree(target, private_key, shared, ours));
	derive(shared, target, slice_of(ours, sizeof(ours)), salt, &keys);
	buf_slice(&padded, plain);
	buf_byte(&padded, 2); /* the last record */
	TRY(buf_ok(&padded));
	buf_add(&body, salt, SALT_BYTES);
	buf_u32(&body, RECORD_BYTES);
	buf_byte(&body, P256_LONG_BYTES);
	buf_add(&body, ours, sizeof(ours));
	box = buf_take(&body, padded.n + AEAD_TAG_BYTES);
	if (box)
		aead_seal_128(keys.content, keys.nonce, buf_bytes(&padded), box);
	wipe(&keys, sizeof(keys));
	wipe(shared, sizeof(shared));
	*ret_body = buf_bytes(&body);
	return buf_ok(&body);
}

/* ---- who we are (RFC 8292) ---- */

/* scheme://host[:port]. The client checks the rest when it calls. */
static struct slice origin_of(struct slice url)
{
	struct slice rest = url;
	size_t n;

	slice_cut(&rest, ':');
	if (!slice_starts(rest, S("//")))
		return S("");
	rest = slice_of(rest.p + 2, rest.n - 2);
	n = slice_find(rest, '/');
	return slice_of(url.p, (size_t)(rest.p - url.p) + n);
}

static err vapid(const struct push_account *account, struct slice origin, int64_t now_ms, struct arena *a, struct slice *ret_header)
{
	struct buf claims = buf_arena(a, 2048);
	struct jw w = jw_new(&claims);
	struct slice token;

	jw_open(&w, '{');
	jw_pair_text(&w, "aud", origin);
	jw_pair_int(&w, "exp", now_ms / 1000 + VAPID_LIFETIME_S);
	jw_pair_text(&w, "sub", account->web.subject);
	jw_close(&w, '}');
	TRY(buf_ok(&claims));
	TRY(jwt_sign(account->key, "vapid", "JWT", buf_bytes(&claims), a, &token));
	*ret_header = arena_printf(a, "vapid t=%.*s, k=%.*s", FMT(token), FMT(account->vapid_key));
	return OK;
}

/* ---- the call (RFC 8030) ---- */

static err encrypt_bell(const struct env *env, const struct push_target *target, const struct push_bell *bell, struct arena *a,
	struct slice *ret_body)
{
	struct buf plain = buf_arena(a, PLAIN_BYTES_MAX);
	uint8_t private_key[P256_SCALAR_BYTES], public_key[P256_POINT_BYTES], salt[SALT_BYTES];
	struct jw w = jw_new(&plain);
	struct error e;

	jw_open(&w, '{');
	bell_write(&w, bell);
	jw_close(&w, '}');
	TRY(buf_ok(&plain));
	p256_generate(env, private_key, public_key);
	env_random(env, salt, sizeof(salt));
	e = webpush_encrypt(target, private_key, salt, buf_bytes(&plain), a, ret_body);
	wipe(private_key, sizeof(private_key));
	return e;
}

err webpush_make(struct push *p, const struct push_account *account, const struct push_target *target, const struct push_bell *bell,
	struct arena *a, struct push_call *ret_call)
{
	struct slice who;

	TRY(encrypt_bell(push_env(p), target, bell, a, &ret_call->body));
	TRY(vapid(account, origin_of(target->endpoint), env_now_ms(push_env(p)), a, &who));
	ret_call->url = target->endpoint;
	call_header(ret_call, "Authorization", who);
	call_header(ret_call, "Content-Type", S("application/octet-stream"));
	call_header(ret_call, "Content-Encoding", S("aes128gcm"));
	call_header(ret_call, "TTL", arena_printf(a, "%lld", (long long)bell->lifetime_s));
	call_header(ret_call, "Urgency", S("high"));
	return OK;
}

enum push_outcome webpush_outcome(int status)
{
	if (status >= 200 && status < 300)
		return PUSH_TAKEN;
	if (status == 404 || status == 410)
		return PUSH_GONE;
	return status >= 400 && status < 500 && status != 408 && status != 429 ? PUSH_REFUSED : PUSH_FAILED;
}
