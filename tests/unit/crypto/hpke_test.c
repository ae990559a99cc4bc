#include "tests/unit/common/test.h"

#include "base/buf.h"
#include "crypto/hpke.h"
#include "crypto/hpke_schedule.h"
#include "tests/unit/common/scripted.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct hpke receiver_of(json_t *v)
{
	struct x25519_key *key = x25519_new(vector_bytes(&a, v, "skRm").p);
	struct hpke c;

	assert_ok(hpke_receiver(key, vector_bytes(&a, v, "enc").p, vector_bytes(&a, v, "info"), &c));
	x25519_free(key);
	return c;
}

static void receiver_of_the_rfc(void **state)
{
	json_t *root = vectors_load("hpke-x25519-sha256-aes256gcm.json"), *v = json_array_get(root, 0);
	struct hpke c = receiver_of(v);

	(void)state;
	assert_slice_equal(slice_of(c.key, sizeof(c.key)), vector_bytes(&a, v, "key"));
	assert_slice_equal(slice_of(c.nonce, sizeof(c.nonce)), vector_bytes(&a, v, "base_nonce"));
	assert_slice_equal(slice_of(c.exporter, sizeof(c.exporter)), vector_bytes(&a, v, "exporter_secret"));
	json_decref(root);
}

static void sender_of_the_rfc(void **state)
{
	json_t *root = vectors_load("hpke-x25519-sha256-aes256gcm.json"), *v = json_array_get(root, 0);
	struct scripted s = scripted_env(vector_bytes(&a, v, "skEm"));
	struct hpke c, receiver = receiver_of(v);
	uint8_t enc[HPKE_ENC_BYTES];

	(void)state;
	assert_ok(hpke_sender(&s.env, vector_bytes(&a, v, "pkRm").p, vector_bytes(&a, v, "info"), enc, &c));
	assert_slice_equal(slice_of(enc, sizeof(enc)), vector_bytes(&a, v, "enc"));
	assert_memory_equal(&c, &receiver, sizeof(c));
	json_decref(root);
}

static void first_message_of_the_rfc(void **state)
{
	json_t *root = vectors_load("hpke-x25519-sha256-aes256gcm.json"), *v = json_array_get(root, 0);
	json_t *m = json_array_get(vector_member(v, "encryptions"), 0);
	struct slice plain = vector_bytes(&a, m, "pt"), box = vector_bytes(&a, m, "ct"), aad = vector_bytes(&a, m, "aad");
	struct hpke c = receiver_of(v);
	uint8_t *out = arena_alloc(&a, box.n);

	(void)state;
	hpke_seal(&c, aad, plain, out);
	assert_slice_equal(slice_of(out, box.n), box);
	assert_ok(hpke_open(&c, aad, box, out));
	assert_slice_equal(slice_of(out, plain.n), plain);
	json_decref(root);
}

/* Later messages differ by their nonce alone; we never send one, but the key must be right for them too. */
static void later_messages_of_the_rfc(void **state)
{
	json_t *root = vectors_load("hpke-x25519-sha256-aes256gcm.json"), *v = json_array_get(root, 0), *m;
	struct hpke c = receiver_of(v);
	size_t i;

	(void)state;
	json_array_foreach(vector_member(v, "encryptions"), i, m) {
		struct slice box = vector_bytes(&a, m, "ct"), plain = vector_bytes(&a, m, "pt");
		uint8_t *out = arena_alloc(&a, box.n);

		assert_ok(aead_open(c.key, vector_bytes(&a, m, "nonce").p, vector_bytes(&a, m, "aad"), box, out));
		assert_slice_equal(slice_of(out, plain.n), plain);
	}
	assert_int_equal(i, 10);
	json_decref(root);
}

static void exports_of_the_rfc(void **state)
{
	json_t *root = vectors_load("hpke-x25519-sha256-aes256gcm.json"), *v = json_array_get(root, 0), *x;
	struct hpke c = receiver_of(v);
	size_t i;

	(void)state;
	json_array_foreach(vector_member(v, "exports"), i, x) {
		uint8_t out[32];

		assert_int_equal(json_integer_value(vector_member(x, "L")), sizeof(out));
		hpke_export(&c, vector_bytes(&a, x, "exporter_context"), out, sizeof(out));
		assert_slice_equal(slice_of(out, sizeof(out)), vector_bytes(&a, x, "exported_value"));
	}
	assert_int_equal(i, 3);
	json_decref(root);
}

/* RFC 9180, A.1.1: another AEAD, the same KEM and schedule. */
static void schedule_of_the_aes_128_suite(void **state)
{
	struct slice enc = unhex(&a, "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
	struct slice receiver = unhex(&a, "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
	struct x25519_key *key = x25519_new(unhex(&a, "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8").p);
	uint8_t dh[X25519_BYTES], secret[SHA256_BYTES];
	struct hpke c;

	(void)state;
	assert_ok(x25519_shared(key, enc.p, dh));
	hpke_shared_secret(dh, enc.p, receiver.p, secret);
	assert_slice_equal(slice_of(secret, 32), unhex(&a, "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc"));
	hpke_schedule(HPKE_AES_128_GCM, secret, unhex(&a, "4f6465206f6e2061204772656369616e2055726e"), &c);
	assert_slice_equal(slice_of(c.key, 16), unhex(&a, "4531685d41d65f03dc48f6b8302c05b0"));
	assert_slice_equal(slice_of(c.nonce, 12), unhex(&a, "56d890e5accaaf011cff4b7d"));
	assert_slice_equal(slice_of(c.exporter, 32), unhex(&a, "45ff1c2e220db587171952c0592d5f5ebe103f1561a2614e38f2ffd47e99e3f8"));
	x25519_free(key);
}

static struct slice request_info(struct slice header)
{
	struct buf b = buf_arena(&a, 1000);

	buf_slice(&b, S("rid-device/v1 req\0"));
	buf_slice(&b, header);
	return buf_bytes(&b);
}

/* The device protocol's request: header | enc | box. */
static void request_of_the_device_protocol(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1.json"), *v = vector_member(root, "envelope");
	struct slice header = vector_bytes(&a, v, "hdr"), plain = vector_bytes(&a, v, "request_plaintext"), info = request_info(header);
	struct scripted s = scripted_env(vector_bytes(&a, v, "skE"));
	uint8_t enc[HPKE_ENC_BYTES], *box = arena_alloc(&a, plain.n + AEAD_TAG_BYTES);
	struct buf request = buf_arena(&a, 1000);
	struct hpke c;

	(void)state;
	assert_ok(hpke_sender(&s.env, vector_bytes(&a, v, "pkR").p, info, enc, &c));
	hpke_seal(&c, header, plain, box);
	buf_slice(&request, header);
	buf_add(&request, enc, sizeof(enc));
	buf_add(&request, box, plain.n + AEAD_TAG_BYTES);
	assert_slice_equal(buf_bytes(&request), vector_bytes(&a, v, "request"));
	json_decref(root);
}

static void session_key_of_the_device_protocol(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *start = vector_member(root, "start");
	struct slice header = vector_bytes(&a, root, "header"), request = vector_bytes(&a, start, "request");
	struct x25519_key *key = x25519_new(vector_bytes(&a, root, "server_private").p);
	const uint8_t *enc = request.p + header.n, *box = enc + HPKE_ENC_BYTES;
	size_t box_n = request.n - header.n - HPKE_ENC_BYTES;
	uint8_t *plain = arena_alloc(&a, box_n), exported[32], session[SHA256_BYTES];
	struct hpke c;

	(void)state;
	assert_ok(hpke_receiver(key, enc, request_info(header), &c));
	assert_ok(hpke_open(&c, header, slice_of(box, box_n), plain));
	assert_slice_equal(slice_of(plain, box_n - AEAD_TAG_BYTES), vector_bytes(&a, start, "plaintext"));
	hpke_export(&c, S("rid-device/v1 ses"), exported, sizeof(exported));
	assert_slice_equal(slice_of(exported, 32), vector_bytes(&a, start, "exported"));
	hkdf_extract(vector_bytes(&a, start, "th1"), slice_of(exported, 32), session);
	assert_slice_equal(slice_of(session, 32), vector_bytes(&a, start, "session_key"));
	x25519_free(key);
	json_decref(root);
}

static void keys_of_small_order_are_refused(void **state)
{
	static const uint8_t zero[X25519_BYTES] = { 0 };
	struct x25519_key *key = x25519_generate(&env_system);
	uint8_t enc[HPKE_ENC_BYTES];
	struct hpke c;

	(void)state;
	assert_err(hpke_sender(&env_system, zero, S(""), enc, &c), CRYPTO);
	assert_err(hpke_receiver(key, zero, S(""), &c), CRYPTO);
	x25519_free(key);
}

static void other_info_aad_or_key_does_not_open(void **state)
{
	struct x25519_key *key = x25519_generate(&env_system), *other = x25519_generate(&env_system);
	uint8_t public_key[X25519_BYTES], enc[HPKE_ENC_BYTES], box[5 + AEAD_TAG_BYTES], out[5];
	struct slice all = slice_of(box, sizeof(box));
	struct hpke c;

	(void)state;
	x25519_public(key, public_key);
	assert_ok(hpke_sender(&env_system, public_key, S("info"), enc, &c));
	hpke_seal(&c, S("aad"), S("hello"), box);
	assert_ok(hpke_receiver(key, enc, S("info"), &c));
	assert_ok(hpke_open(&c, S("aad"), all, out));
	assert_err(hpke_open(&c, S("aaD"), all, out), CRYPTO);
	assert_ok(hpke_receiver(key, enc, S("infO"), &c));
	assert_err(hpke_open(&c, S("aad"), all, out), CRYPTO);
	assert_ok(hpke_receiver(other, enc, S("info"), &c));
	assert_err(hpke_open(&c, S("aad"), all, out), CRYPTO);
	x25519_free(key);
	x25519_free(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(receiver_of_the_rfc),
		cmocka_unit_test(sender_of_the_rfc),
		cmocka_unit_test(first_message_of_the_rfc),
		cmocka_unit_test(later_messages_of_the_rfc),
		cmocka_unit_test(exports_of_the_rfc),
		cmocka_unit_test(schedule_of_the_aes_128_suite),
		cmocka_unit_test(request_of_the_device_protocol),
		cmocka_unit_test(session_key_of_the_device_protocol),
		cmocka_unit_test(keys_of_small_order_are_refused),
		cmocka_unit_test(other_info_aad_or_key_does_not_open),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
