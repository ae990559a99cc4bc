#include "protocol/envelope.h"

#include "crypto/aead.h"

/* ---- keys ---- */

void envelope_key_id(const uint8_t public_key[static X25519_BYTES], uint8_t ret_id[static KEY_ID_BYTES])
{
	uint8_t hash[SHA256_BYTES];

	sha256(slice_of(public_key, X25519_BYTES), hash);
	memcpy(ret_id, hash, KEY_ID_BYTES);
}

void envelope_session_key(const struct exchange *start, const uint8_t th1[static SHA256_BYTES], uint8_t ret_k[static SESSION_KEY_BYTES])
{
	hkdf_extract(slice_of(th1, SHA256_BYTES), slice_of(start->session_secret, SECRET_BYTES), ret_k);
}

/* Where a message gets its one key and nonce from. */
struct box_key {
	uint8_t key[AEAD_KEY_BYTES], nonce[AEAD_NONCE_BYTES];
};

/* Suite 02, both for the request and for what its answer hangs on. */
static struct box_key session_keys(const uint8_t *k, const uint8_t *rnd, struct exchange *ret_exchange)
{
	struct box_key box;
	uint8_t prk[SHA256_BYTES];

	hkdf_extract(slice_of(rnd, SALT_BYTES), slice_of(k, SESSION_KEY_BYTES), prk);
	hkdf_expand(prk, S("req key"), box.key, sizeof(box.key));
	hkdf_expand(prk, S("req nonce"), box.nonce, sizeof(box.nonce));
	*ret_exchange = (struct exchange){ 0 };
	memcpy(ret_exchange->salt, rnd, SALT_BYTES);
	hkdf_expand(prk, S("res"), ret_exchange->secret, SECRET_BYTES);
	wipe(prk, sizeof(prk));
	return box;
}

static void start_secrets(const struct hpke *hpke, const uint8_t *enc, struct exchange *ret_exchange)
{
	memcpy(ret_exchange->salt, enc, SALT_BYTES);
	hpke_export(hpke, S("rid-device/v1 res"), ret_exchange->secret, SECRET_BYTES);
	hpke_export(hpke, S("rid-device/v1 ses"), ret_exchange->session_secret, SECRET_BYTES);
}

/* The answer's, the same in both suites. */
static struct box_key answer_key(const struct exchange *x, const uint8_t *response_nonce)
{
	struct box_key box;
	uint8_t prk[SHA256_BYTES], salt[2 * SALT_BYTES];

	memcpy(salt, x->salt, SALT_BYTES);
	memcpy(salt + SALT_BYTES, response_nonce, SALT_BYTES);
	hkdf_extract(slice_of(salt, sizeof(salt)), slice_of(x->secret, SECRET_BYTES), prk);
	hkdf_expand(prk, S("key"), box.key, sizeof(box.key));
	hkdf_expand(prk, S("nonce"), box.nonce, sizeof(box.nonce));
	wipe(prk, sizeof(prk));
	return box;
}

/* "rid-device/v1 req" 00 | hdr */
static struct slice request_info(struct slice hdr, struct arena *a)
{
	struct buf b = buf_arena(a, 1024);

	buf_slice(&b, S("rid-device/v1 req\0"));
	buf_slice(&b, hdr);
	return buf_bytes(&b);
}

/* ---- server ---- */

static err read_start(struct reader *r, struct envelope *e)
{
	uint8_t length;

	TRY(read_bytes(r, KEY_ID_BYTES, &e->key_id));
	TRY(read_u8(r, &length));
	return read_bytes(r, length, &e->application);
}

err envelope_read(struct slice request, struct envelope *ret_envelope)
{
	struct reader r = { request };
	struct envelope e = { 0 };
	uint8_t version;

	TRY(read_u8(&r, &version));
	ENSURE(version == ENVELOPE_VERSION, PARSE);
	TRY(read_u8(&r, &e.suite));
	ENSURE(e.suite == SUITE_START || e.suite == SUITE_SESSION, PARSE);
	if (e.suite == SUITE_START)
		TRY(read_start(&r, &e));
	else
		TRY(read_bytes(&r, SESSION_ID_BYTES, &e.sid));
	e.hdr = slice_of(request.p, request.n - r.rest.n);
	TRY(read_bytes(&r, SALT_BYTES, &e.salt));
	ENSURE(r.rest.n >= AEAD_TAG_BYTES, PARSE);
	e.box = r.rest;
	*ret_envelope = e;
	return OK;
}

err envelope_open_start(const struct envelope *e, const struct x25519_key *key, struct arena *a, struct slice *ret_plaintext,
	struct exchange *ret_exchange)
{
	size_t n = e->box.n - AEAD_TAG_BYTES;
	uint8_t *plain = arena_alloc(a, n);
	struct hpke hpke;
	struct error opened;

	ENSURE(e->suite == SUITE_START, CRYPTO);
	TRY(hpke_receiver(key, e->salt.p, request_info(e->hdr, a), &hpke));
	opened = hpke_open(&hpke, e->hdr, e->box, plain);
	if (!failed(opened)) {
		start_secrets(&hpke, e->salt.p, ret_exchange);
		*ret_plaintext = slice_of(plain, n);
	}
	wipe(&hpke, sizeof(hpke));
	return opened;
}

/* hdr and rnd lie side by side, in a request that was read as in one that is being written. */
static struct slice session_aad(struct slice hdr)
{
	return slice_of(hdr.p, hdr.n + SALT_BYTES);
}

err envelope_open_session(const struct envelope *e, const uint8_t k[static SESSION_KEY_BYTES], struct arena *a,
	struct slice *ret_plaintext, struct exchange *ret_exchange)
{
	size_t n = e->box.n - AEAD_TAG_BYTES;
	uint8_t *plain = arena_alloc(a, n);
	struct box_key box;
	struct exchange x;
	struct error opened;

	ENSURE(e->suite == SUITE_SESSION, CRYPTO);
	box = session_keys(k, e->salt.p, &x);
	opened = aead_open(box.key, box.nonce, session_aad(e->hdr), e->box, plain);
	if (!failed(opened)) {
		*ret_exchange = x;
		*ret_plaintext = slice_of(plain, n);
	}
	wipe(&box, sizeof(box));
	wipe(&x, sizeof(x));
	return opened;
}

struct slice envelope_seal_answer(const struct exchange *x, const uint8_t response_nonce[static SALT_BYTES], struct slice json,
	struct arena *a)
{
	struct box_key box = answer_key(x, response_nonce);
	size_t n = SALT_BYTES + json.n + AEAD_TAG_BYTES;
	uint8_t *answer = arena_alloc(a, n);

	memcpy(answer, response_nonce, SALT_BYTES);
	aead_seal(box.key, box.nonce, S(""), json, answer + SALT_BYTES);
	wipe(&box, sizeof(box));
	return slice_of(answer, n);
}

/* ---- client ---- */

err envelope_sender_new(const struct env *env, const uint8_t server_key[static X25519_BYTES], struct slice application,
	struct arena *a, struct envelope_sender *ret_sender)
{
	struct buf hdr = buf_arena(a, 2 + KEY_ID_BYTES + 1 + UINT8_MAX);
	uint8_t *key_id;

	ENSURE(application.n <= UINT8_MAX, LIMIT);
	buf_byte(&hdr, ENVELOPE_VERSION);
	buf_byte(&hdr, SUITE_START);
	key_id = buf_take(&hdr, KEY_ID_BYTES);
	envelope_key_id(server_key, key_id);
	buf_byte(&hdr, (uint8_t)application.n);
	buf_slice(&hdr, application);
	ret_sender->hdr = buf_bytes(&hdr);
	return hpke_sender(env, server_key, request_info(ret_sender->hdr, a), ret_sender->enc, &ret_sender->hpke);
}

struct slice envelope_seal_start(const struct envelope_sender *s, struct slice plaintext, struct arena *a, struct exchange *ret_exchange)
{
	size_t n = s->hdr.n + ENC_BYTES + plaintext.n + AEAD_TAG_BYTES;
	uint8_t *request = arena_alloc(a, n);

	memcpy(request, s->hdr.p, s->hdr.n);
	memcpy(request + s->hdr.n, s->enc, ENC_BYTES);
	hpke_seal(&s->hpke, s->hdr, plaintext, request + s->hdr.n + ENC_BYTES);
	start_secrets(&s->hpke, s->enc, ret_exchange);
	return slice_of(request, n);
}

struct slice envelope_seal_session(const uint8_t k[static SESSION_KEY_BYTES], const uint8_t sid[static SESSION_ID_BYTES],
	const uint8_t rnd[static SALT_BYTES], struct slice plaintext, struct arena *a, struct exchange *ret_exchange)
{
	enum { HDR_BYTES = 2 + SESSION_ID_BYTES };
	struct box_key box = session_keys(k, rnd, ret_exchange);
	size_t n = HDR_BYTES + SALT_BYTES + plaintext.n + AEAD_TAG_BYTES;
	uint8_t *request = arena_alloc(a, n);

	request[0] = ENVELOPE_VERSION;
	request[1] = SUITE_SESSION;
	memcpy(request + 2, sid, SESSION_ID_BYTES);
	memcpy(request + HDR_BYTES, rnd, SALT_BYTES);
	aead_seal(box.key, box.nonce, session_aad(slice_of(request, HDR_BYTES)), plaintext, request + HDR_BYTES + SALT_BYTES);
	wipe(&box, sizeof(box));
	return slice_of(request, n);
}

err envelope_open_answer(const struct exchange *x, struct slice answer, struct arena *a, struct slice *ret_json)
{
	struct reader r = { answer };
	struct slice response_nonce;
	struct box_key box;
	struct error opened;
	uint8_t *json;

	TRY(read_bytes(&r, SALT_BYTES, &response_nonce));
	ENSURE(r.rest.n >= AEAD_TAG_BYTES, PARSE);
	json = arena_alloc(a, r.rest.n - AEAD_TAG_BYTES);
	box = answer_key(x, response_nonce.p);
	opened = aead_open(box.key, box.nonce, S(""), r.rest, json);
	if (!failed(opened))
		*ret_json = slice_of(json, r.rest.n - AEAD_TAG_BYTES);
	wipe(&box, sizeof(box));
	return opened;
}
