/* What an envelope must not survive: a bit, a byte less or more, another key, another suite. */
#include "tests/unit/common/test.h"

#include "protocol/envelope.h"
#include "tests/unit/common/vectors.h"

struct parties {
	json_t *root;
	struct arena a;
	struct x25519_key *key;
	struct slice start, inside; /* requests of the vector */
	const uint8_t *k;
};

static int setup(void **state)
{
	struct parties *p = xalloc(sizeof(*p));

	p->root = vectors_load("kat_rid_device_v1_session.json");
	p->key = x25519_new(vector_bytes(&p->a, p->root, "server_private").p);
	p->start = vector_bytes(&p->a, vector_member(p->root, "start"), "request");
	p->inside = vector_bytes(&p->a, vector_member(p->root, "pin"), "request");
	p->k = vector_bytes(&p->a, vector_member(p->root, "start"), "session_key").p;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct parties *p = *state;

	x25519_free(p->key);
	json_decref(p->root);
	arena_free(&p->a);
	free(p);
	return 0;
}

/* Read and opened, as the server does it. */
static struct error opened(const struct parties *p, struct slice request)
{
	struct arena a = { 0 };
	struct envelope e;
	struct exchange x;
	struct slice plaintext;
	struct error result = envelope_read(request, &e);

	if (!failed(result) && e.suite == SUITE_START)
		result = envelope_open_start(&e, p->key, &a, &plaintext, &x);
	else if (!failed(result))
		result = envelope_open_session(&e, p->k, &a, &plaintext, &x);
	arena_free(&a);
	return result;
}

/* Each shorter form, in memory of just that size so that a read beyond it shows. */
static void check_truncated(const struct parties *p, struct slice request)
{
	for (size_t n = 0; n < request.n; n++) {
		uint8_t *part = xalloc(n);

		memcpy(part, request.p, n);
		assert_true(failed(opened(p, slice_of(part, n))));
		free(part);
	}
}

static void check_flipped(struct parties *p, struct slice request)
{
	struct slice copy = arena_copy(&p->a, request);
	uint8_t *bytes = (uint8_t *)(uintptr_t)copy.p;

	for (size_t bit = 0; bit < request.n * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_true(failed(opened(p, copy)));
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_ok(opened(p, copy));
}

static void check_trailing(struct parties *p, struct slice request)
{
	struct buf b = buf_arena(&p->a, MESSAGE_BYTES_MAX);

	buf_slice(&b, request);
	buf_byte(&b, 0);
	assert_err(opened(p, buf_bytes(&b)), CRYPTO);
}

static void truncated_start(void **state)
{
	check_truncated(*state, ((struct parties *)*state)->start);
}

static void truncated_inside(void **state)
{
	check_truncated(*state, ((struct parties *)*state)->inside);
}

static void each_bit_of_a_start(void **state)
{
	check_flipped(*state, ((struct parties *)*state)->start);
}

static void each_bit_inside(void **state)
{
	check_flipped(*state, ((struct parties *)*state)->inside);
}

static void trailing_bytes(void **state)
{
	struct parties *p = *state;

	check_trailing(p, p->start);
	check_trailing(p, p->inside);
}

static void other_versions_and_suites(void **state)
{
	struct parties *p = *state;
	uint8_t *bytes = (uint8_t *)(uintptr_t)arena_copy(&p->a, p->start).p;

	for (int suite = 0; suite < 256; suite++)
		if (suite != SUITE_START && suite != SUITE_SESSION) {
			bytes[1] = (uint8_t)suite;
			assert_err(opened(p, slice_of(bytes, p->start.n)), PARSE);
		}
	bytes[1] = SUITE_START;
	for (int version = 0; version < 256; version++)
		if (version != ENVELOPE_VERSION) {
			bytes[0] = (uint8_t)version;
			assert_err(opened(p, slice_of(bytes, p->start.n)), PARSE);
		}
}

static void one_suite_does_not_open_the_other(void **state)
{
	struct parties *p = *state;
	struct envelope start, inside;
	struct exchange x;
	struct slice plaintext;

	assert_ok(envelope_read(p->start, &start));
	assert_ok(envelope_read(p->inside, &inside));
	assert_err(envelope_open_session(&start, p->k, &p->a, &plaintext, &x), CRYPTO);
	assert_err(envelope_open_start(&inside, p->key, &p->a, &plaintext, &x), CRYPTO);
}

static void other_keys(void **state)
{
	struct parties *p = *state;
	const uint8_t k[SESSION_KEY_BYTES] = { 1 };
	struct parties other = *p;

	other.key = x25519_generate(&env_system);
	other.k = k;
	assert_err(opened(&other, p->start), CRYPTO);
	assert_err(opened(&other, p->inside), CRYPTO);
	x25519_free(other.key);
}

static void an_all_zero_enc(void **state)
{
	struct parties *p = *state;
	uint8_t *bytes = (uint8_t *)(uintptr_t)arena_copy(&p->a, p->start).p;
	struct envelope e;

	assert_ok(envelope_read(p->start, &e));
	memset(bytes + e.hdr.n, 0, ENC_BYTES);
	assert_err(opened(p, slice_of(bytes, p->start.n)), CRYPTO);
}

static void an_all_zero_server_key(void **state)
{
	struct parties *p = *state;
	const uint8_t zero[X25519_BYTES] = { 0 };
	struct envelope_sender sender;

	assert_err(envelope_sender_new(&env_system, zero, S("id"), &p->a, &sender), CRYPTO);
}

static void application_ids_have_a_maximum(void **state)
{
	struct parties *p = *state;
	const uint8_t *id = arena_alloc(&p->a, 256), *server_key = vector_bytes(&p->a, p->root, "server_public").p;
	struct envelope_sender sender;

	assert_ok(envelope_sender_new(&env_system, server_key, slice_of(id, 255), &p->a, &sender));
	assert_err(envelope_sender_new(&env_system, server_key, slice_of(id, 256), &p->a, &sender), LIMIT);
}

/* The exchange and answer of a request that the vector holds. */
static struct slice exchange_of(struct parties *p, const char *part, struct exchange *ret_exchange)
{
	json_t *v = vector_member(p->root, part);
	struct slice request = vector_bytes(&p->a, v, "request"), plaintext;
	struct envelope e;

	assert_ok(envelope_read(request, &e));
	if (e.suite == SUITE_START)
		assert_ok(envelope_open_start(&e, p->key, &p->a, &plaintext, ret_exchange));
	else
		assert_ok(envelope_open_session(&e, p->k, &p->a, &plaintext, ret_exchange));
	return vector_bytes(&p->a, v, "answer");
}

static void altered_answers(void **state)
{
	struct parties *p = *state;
	struct exchange x;
	struct slice answer = exchange_of(p, "finish", &x), json;
	uint8_t *bytes = (uint8_t *)(uintptr_t)answer.p;

	for (size_t bit = 0; bit < answer.n * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_err(envelope_open_answer(&x, answer, &p->a, &json), CRYPTO);
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_ok(envelope_open_answer(&x, answer, &p->a, &json));
}

static void truncated_answers(void **state)
{
	struct parties *p = *state;
	struct exchange x;
	struct slice answer = exchange_of(p, "finish", &x), json;

	for (size_t n = 0; n < answer.n; n++) {
		uint8_t *part = xalloc(n);

		memcpy(part, answer.p, n);
		assert_true(failed(envelope_open_answer(&x, slice_of(part, n), &p->a, &json)));
		free(part);
	}
}

static void an_answer_to_another_request(void **state)
{
	struct parties *p = *state;
	struct exchange start, pin;
	struct slice start_answer = exchange_of(p, "start", &start), pin_answer = exchange_of(p, "pin", &pin), json;

	assert_err(envelope_open_answer(&start, pin_answer, &p->a, &json), CRYPTO);
	assert_err(envelope_open_answer(&pin, start_answer, &p->a, &json), CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(truncated_start),
		cmocka_unit_test(truncated_inside),
		cmocka_unit_test(each_bit_of_a_start),
		cmocka_unit_test(each_bit_inside),
		cmocka_unit_test(trailing_bytes),
		cmocka_unit_test(other_versions_and_suites),
		cmocka_unit_test(one_suite_does_not_open_the_other),
		cmocka_unit_test(other_keys),
		cmocka_unit_test(an_all_zero_enc),
		cmocka_unit_test(an_all_zero_server_key),
		cmocka_unit_test(application_ids_have_a_maximum),
		cmocka_unit_test(altered_answers),
		cmocka_unit_test(truncated_answers),
		cmocka_unit_test(an_answer_to_another_request),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
