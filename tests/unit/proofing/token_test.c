/* Claims of ID tokens, one fault in each. */
#include "tests/unit/common/test.h"

#include "proofing/oidc.h"
#include "tests/unit/proofing/bench.h"

#define NOW 1800000000
#define GOOD "\"iss\":\"https://i\",\"aud\":\"me\",\"exp\":1800000600,\"iat\":1800000000,\"nonce\":\"n\",\"sub\":\"s\""

static void each_fault_alone(void **state)
{
	static const struct id_token_rules rules = { S("https://i"), S("me"), S("n"), INT64_C(1000) * NOW };
	/* Later members win. */
	static const struct {
		const char *json, *fault;
	} cases[] = {
		{ "{" GOOD "}", NULL },
		{ "{" GOOD ",\"aud\":[\"me\"]}", NULL },
		{ "{" GOOD ",\"aud\":[\"me\",\"b\"],\"azp\":\"me\"}", NULL },
		{ "{" GOOD ",\"exp\":1799999941}", NULL },
		{ "{" GOOD ",\"exp\":1800000000.5}", NULL },
		{ "{" GOOD ",\"iat\":1800000060}", NULL },
		{ "{" GOOD ",\"iss\":\"https://i/\"}", "id_token_issuer" },
		{ "{" GOOD ",\"iss\":[\"https://i\"]}", "id_token_issuer" },
		{ "{" GOOD ",\"aud\":\"Me\"}", "id_token_audience" },
		{ "{" GOOD ",\"aud\":[]}", "id_token_audience" },
		{ "{" GOOD ",\"aud\":{\"me\":\"me\"}}", "id_token_audience" },
		{ "{" GOOD ",\"aud\":[\"me\",\"b\"]}", "id_token_audience" },
		{ "{" GOOD ",\"azp\":\"b\"}", "id_token_audience" },
		{ "{" GOOD ",\"azp\":null}", "id_token_audience" },
		{ "{" GOOD ",\"exp\":1799999940}", "id_token_expired" },
		{ "{" GOOD ",\"exp\":\"1800000600\"}", "id_token_expired" },
		{ "{" GOOD ",\"exp\":-1}", "id_token_expired" },
		{ "{" GOOD ",\"exp\":1e300}", "id_token_expired" },
		{ "{" GOOD ",\"iat\":1800000061}", "id_token_not_yet" },
		{ "{" GOOD ",\"iat\":null}", "id_token_not_yet" },
		{ "{" GOOD ",\"nbf\":1800000061}", "id_token_not_yet" },
		{ "{" GOOD ",\"nbf\":\"x\"}", "id_token_not_yet" },
		{ "{" GOOD ",\"nonce\":\"N\"}", "id_token_nonce" },
		{ "{" GOOD ",\"nonce\":\"\"}", "id_token_nonce" },
		{ "{" GOOD ",\"sub\":\"\"}", "id_token_subject" },
		{ "{" GOOD ",\"sub\":7}", "id_token_subject" },
		{ "{}", "id_token_issuer" },
	};
	struct proofing_bench b;

	(void)state;
	bench_open(&b);
	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *fault = id_token_fault(bench_json(&b, cases[i].json), &rules);

		if (cases[i].fault)
			assert_string_equal(fault ? fault : cases[i].json, cases[i].fault);
		else
			assert_null(fault);
	}
	bench_close(&b);
}

/* Rules that were left empty are met by nobody. */
static void empty_rules_let_nobody_in(void **state)
{
	static const struct id_token_rules rules[] = {
		{ S(""), S("me"), S("n"), 1 }, { S("https://i"), S(""), S("n"), 1 }, { S("https://i"), S("me"), S(""), 1 },
	};
	struct proofing_bench b;

	(void)state;
	bench_open(&b);
	for (size_t i = 0; i < COUNT(rules); i++)
		assert_non_null(id_token_fault(bench_json(&b, "{" GOOD ",\"iss\":\"\",\"aud\":\"\",\"nonce\":\"\",\"iat\":1}"), &rules[i]));
	bench_close(&b);
}

static void assurance(void **state)
{
	struct proofing_bench b;
	json_t *high, *none;

	(void)state;
	bench_open(&b);
	high = bench_json(&b, "{\"acr\":\"high\"}");
	none = bench_json(&b, "{}");
	assert_true(acr_suffices(NULL, none));
	assert_true(acr_suffices(json_object_get(high, "acr"), high));
	assert_false(acr_suffices(json_object_get(high, "acr"), none));
	assert_true(acr_suffices(bench_json(&b, "[\"low\",\"high\"]"), high));
	assert_false(acr_suffices(bench_json(&b, "[]"), high));
	assert_false(acr_suffices(bench_json(&b, "[1]"), high));
	bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_alone),
		cmocka_unit_test(empty_rules_let_nobody_in),
		cmocka_unit_test(assurance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
