/* Envelopes byte for byte, as both sides make and open them. What has to be refused is in envelope_refusal_test.c. */
#include "tests/unit/common/test.h"

#include "protocol/envelope.h"
#include "protocol/transcript.h"
#include "tests/unit/common/scripted.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* A start as the client makes it, with a given ephemeral key. */
static struct slice sealed_start(struct slice server_key, struct slice application, struct slice ephemeral, struct slice plaintext,
	struct exchange *ret_exchange)
{
	struct scripted s = scripted_env(ephemeral);
	struct envelope_sender sender;

	assert_ok(envelope_sender_new(&s.env, server_key.p, application, &a, &sender));
	return envelope_seal_start(&sender, plaintext, &a, ret_exchange);
}

static struct slice opened_start(struct slice server_private, struct slice request, struct exchange *ret_exchange)
{
	struct x25519_key *key = x25519_new(server_private.p);
	struct envelope e;
	struct slice plaintext;

	assert_ok(envelope_read(request, &e));
	assert_int_equal(e.suite, SUITE_START);
	assert_ok(envelope_open_start(&e, key, &a, &plaintext, ret_exchange));
	x25519_free(key);
	return plaintext;
}

/* Both sides know the same of the exchange, and the answer is the vector's. */
static void check_answer(const struct exchange *client, const struct exchange *server, struct slice nonce, struct slice json,
	struct slice answer)
{
	struct slice opened;

	assert_memory_equal(client, server, sizeof(*client));
	assert_slice_equal(envelope_seal_answer(server, nonce.p, json, &a), answer);
	assert_ok(envelope_open_answer(client, answer, &a, &opened));
	assert_slice_equal(opened, json);
}

static void first_contact(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1.json"), *v = vector_member(root, "envelope");
	struct slice plaintext = vector_bytes(&a, v, "request_plaintext"), request = vector_bytes(&a, v, "request");
	struct exchange client, server;

	(void)state;
	assert_slice_equal(sealed_start(vector_bytes(&a, v, "pkR"), S("reuseid-demo"), vector_bytes(&a, v, "skE"), plaintext, &client),
		request);
	assert_slice_equal(opened_start(vector_bytes(&a, v, "skR"), request, &server), plaintext);
	check_answer(&client, &server, vector_bytes(&a, v, "response_nonce"), vector_bytes(&a, v, "response_plaintext"),
		vector_bytes(&a, v, "response"));
	json_decref(root);
}

static struct slice answer_json(json_t *v)
{
	return slice_text(vector_text(v, "answer_json"));
}

static void start_of_the_session(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *v = vector_member(root, "start");
	struct slice plaintext = vector_bytes(&a, v, "plaintext"), request = vector_bytes(&a, v, "request");
	struct exchange client, server;

	(void)state;
	assert_slice_equal(sealed_start(vector_bytes(&a, root, "server_public"), slice_text(vector_text(root, "application_id")),
		vector_bytes(&a, v, "ephemeral_private"), plaintext, &client), request);
	assert_slice_equal(opened_start(vector_bytes(&a, root, "server_private"), request, &server), plaintext);
	check_answer(&client, &server, vector_bytes(&a, v, "response_nonce"), answer_json(v), vector_bytes(&a, v, "answer"));
	json_decref(root);
}

static void session_key(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *v = vector_member(root, "start");
	struct exchange x;
	uint8_t k[SESSION_KEY_BYTES];

	(void)state;
	opened_start(vector_bytes(&a, root, "server_private"), vector_bytes(&a, v, "request"), &x);
	assert_slice_equal(slice_of(x.session_secret, SECRET_BYTES), vector_bytes(&a, v, "exported"));
	envelope_session_key(&x, vector_bytes(&a, v, "th1").p, k);
	assert_slice_equal(slice_of(k, sizeof(k)), vector_bytes(&a, v, "session_key"));
	json_decref(root);
}

static void header_of_a_start(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *v = vector_member(root, "start");
	struct slice request = vector_bytes(&a, v, "request");
	uint8_t key_id[KEY_ID_BYTES];
	struct envelope e;

	(void)state;
	assert_ok(envelope_read(request, &e));
	assert_slice_equal(e.hdr, vector_bytes(&a, root, "header"));
	assert_slice_equal(e.application, slice_text(vector_text(root, "application_id")));
	envelope_key_id(vector_bytes(&a, root, "server_public").p, key_id);
	assert_slice_equal(e.key_id, slice_of(key_id, sizeof(key_id)));
	assert_slice_equal(e.salt, slice_of(request.p + e.hdr.n, ENC_BYTES));
	json_decref(root);
}

/* A request inside the session of the vector: as the client makes it, as the server opens it, and its answer. */
static void check_inside(const char *part)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *v = vector_member(root, part);
	const uint8_t *k = vector_bytes(&a, vector_member(root, "start"), "session_key").p;
	struct slice plaintext = vector_bytes(&a, v, "plaintext"), request = vector_bytes(&a, v, "request"), opened;
	struct exchange client, server;
	struct envelope e;

	assert_ok(envelope_read(request, &e));
	assert_int_equal(e.suite, SUITE_SESSION);
	assert_slice_equal(e.sid, unhex(&a, "909192939495969798999a9b9c9d9e9f"));
	assert_ok(envelope_open_session(&e, k, &a, &opened, &server));
	assert_slice_equal(opened, plaintext);
	assert_slice_equal(envelope_seal_session(k, e.sid.p, vector_bytes(&a, v, "rnd").p, plaintext, &a, &client), request);
	check_answer(&client, &server, vector_bytes(&a, v, "response_nonce"), answer_json(v), vector_bytes(&a, v, "answer"));
	json_decref(root);
}

static void pin_of_the_session(void **state)
{
	(void)state;
	check_inside("pin");
}

static void finish_of_the_session(void **state)
{
	(void)state;
	check_inside("finish");
}

/* A repeat is answered with the same words under a new nonce. */
static void the_same_answer_again(void **state)
{
	const struct exchange x = { { 1 }, { 2 }, { 3 } };
	const uint8_t nonces[2][SALT_BYTES] = { { 1 }, { 2 } };
	struct slice one = envelope_seal_answer(&x, nonces[0], S("{}"), &a), two = envelope_seal_answer(&x, nonces[1], S("{}"), &a);
	struct slice json;

	(void)state;
	assert_memory_not_equal(one.p + SALT_BYTES, two.p + SALT_BYTES, 2);
	assert_ok(envelope_open_answer(&x, two, &a, &json));
	assert_slice_equal(json, S("{}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_contact),
		cmocka_unit_test(start_of_the_session),
		cmocka_unit_test(session_key),
		cmocka_unit_test(header_of_a_start),
		cmocka_unit_test(pin_of_the_session),
		cmocka_unit_test(finish_of_the_session),
		cmocka_unit_test(the_same_answer_again),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
