/* What a verified attestation leaves behind proves it again, and nothing else. */
#include "attest/evidence.h"
#include "attest/play_integrity.h"
#include "base/timestamp.h"
#include "codec/encode.h"
#include "codec/json.h"
#include "tests/unit/common/test.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static struct slice b64_of(json_t *object, const char *name)
{
	struct slice bytes;

	assert_ok(b64_read(&a, slice_text(vector_text(object, name)), &bytes));
	return bytes;
}

static bool proves(const struct attest_evidence *e, const uint8_t *binding)
{
	struct slice text = attest_evidence_write(e, &a), why;
	json_t *json = NULL;
	bool good;

	assert_ok(json_read(text, JSON_UNIQUE, 2, &a, &json, &why));
	good = !failed(attest_evidence_verify(json, binding, S(""), &a));
	json_decref(json);
	return good;
}

/* A name that it goes by, and a change that takes the proof away. */
#define WITHOUT(e, change)                          \
	do {                                        \
		struct attest_evidence changed = e; \
		change;                             \
		assert_false(proves(&changed, binding)); \
	} while (0)

static void play_integrity(void **state)
{
	json_t *file = vectors_load("play-integrity-synthetic.json");
	json_t *good = json_array_get(vector_member(file, "cases"), 0), *other = json_array_get(vector_member(file, "cases"), 1);
	struct play_integrity_policy policy = { .decryption_key = b64_of(file, "decryption_key_b64") };
	struct slice nonce, token, bad;
	uint8_t binding[SHA256_BYTES];
	struct attest_evidence e = { .kind = S(ATTEST_PLAY_INTEGRITY) };

	(void)state;
	assert_ok(b64url_read(&a, slice_text(vector_text(file, "nonce")), &nonce));
	assert_int_equal(nonce.n, sizeof(binding));
	memcpy(binding, nonce.p, sizeof(binding));
	assert_ok(play_integrity_open(&policy, slice_text(vector_text(good, "token")), &a, &token));
	assert_ok(play_integrity_open(&policy, slice_text(vector_text(other, "token")), &a, &bad));
	e.token = token;
	e.key = b64_of(file, "verification_key_spki_b64");
	e.packageName = slice_text(vector_text(file, "package_name"));
	e.from = json_integer_value(vector_member(file, "session_created_ms"));
	e.until = json_integer_value(vector_member(file, "session_expires_ms"));
	MARK(&e, attest_evidence, from);
	MARK(&e, attest_evidence, until);
	assert_true(proves(&e, binding));
	WITHOUT(e, changed.token = bad);
	WITHOUT(e, changed.token = S(""));
	WITHOUT(e, changed.packageName = S("com.example.other"));
	WITHOUT(e, changed.from = e.until);
	WITHOUT(e, changed.kind = S(ATTEST_ASSERTION));
	WITHOUT(e, changed.kind = S("else"));
	WITHOUT(e, changed.key = S("no key"));
	for (size_t i = 0; i < sizeof(binding); i++) {
		binding[i] ^= 1;
		assert_false(proves(&e, binding));
		binding[i] ^= 1;
	}
	json_decref(file);
}

/* Of real phones, up to Apple's own root. */
static void app_attest(void **state)
{
	json_t *file = vectors_load("app-attest-samples.json"), *v;
	size_t i, seen = 0;

	(void)state;
	json_array_foreach(vector_member(file, "samples"), i, v) {
		bool asserted = strcmp(vector_text(v, "type"), "assertion") == 0;
		struct attest_evidence e = { .kind = asserted ? S(ATTEST_ASSERTION) : S(ATTEST_ATTESTATION), .keyId = b64_of(v, "keyId"), .object = b64_of(v, "object"),
			.appId = slice_text(vector_text(v, "appId")), .development = strcmp(vector_text(v, "environment"), "development") == 0 };
		struct slice hash = b64_of(v, "clientDataHash");
		uint8_t binding[SHA256_BYTES];

		memcpy(binding, hash.p, sizeof(binding));
		MARK(&e, attest_evidence, development);
		if (asserted)
			e.key = b64_of(v, "publicKey");
		else
			assert_ok(time_parse(slice_text(vector_text(v, "time")), &e.at));
		assert_true(proves(&e, binding));
		WITHOUT(e, changed.appId = S("TEAM123456.com.example.other"));
		WITHOUT(e, changed.kind = asserted ? S(ATTEST_ATTESTATION) : S(ATTEST_ASSERTION));
		WITHOUT(e, changed.object.n--);
		if (asserted) {
			WITHOUT(e, changed.counter = UINT32_MAX; MARK(&changed, attest_evidence, counter));
			WITHOUT(e, changed.key = S("no key"));
		} else {
			WITHOUT(e, changed.development = !e.development);
			WITHOUT(e, changed.at += INT64_C(3650) * 86400000);
			WITHOUT(e, changed.keyId = hash);
		}
		binding[7] ^= 0x20;
		assert_false(proves(&e, binding));
		seen++;
	}
	assert_true(seen > 3);
	json_decref(file);
}

static void what_is_no_evidence(void **state)
{
	static const char *const texts[] = { "{}", "[]", "7", "{\"kind\":\"attestation\"}", "{\"kind\":\"attestation\",\"at\":\"1\"}",
		"{\"kind\":\"assertion\",\"at\":1,\"counter\":-1,\"object\":\"AA\",\"key\":\"AA\"}",
		"{\"kind\":\"assertion\",\"at\":1,\"counter\":4294967296,\"object\":\"AA\",\"key\":\"AA\"}" };
	static const uint8_t binding[SHA256_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		json_t *json = json_loads(texts[i], JSON_DECODE_ANY, NULL);

		assert_non_null(json);
		assert_true(failed(attest_evidence_verify(json, binding, S(""), &a)));
		json_decref(json);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(play_integrity),
		cmocka_unit_test(app_attest),
		cmocka_unit_test(what_is_no_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
