/* Pointers, filters and templates of engine settings, with what providers and callers can put into them. */
#include "tests/unit/common/test.h"

#include "tests/unit/proofing/bench.h"

static int setup(void **state)
{
	struct proofing_bench *b = test_malloc(sizeof(*b));

	bench_open(b);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	bench_close(*state);
	test_free(*state);
	return 0;
}

/* RFC 6901, section 5. */
static void pointers_of_the_standard(void **state)
{
	struct proofing_bench *b = *state;
	json_t *root = bench_json(b, "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,"
		"\" \":7,\"m~n\":8}");
	static const struct {
		const char *pointer;
		int value;
	} cases[] = { { "/", 0 }, { "/a~1b", 1 }, { "/c%d", 2 }, { "/e^f", 3 }, { "/g|h", 4 }, { "/i\\j", 5 }, { "/k\"l", 6 }, { "/ ", 7 },
		{ "/m~0n", 8 } };

	assert_ptr_equal(json_at_in(&b->op, root, S("")), root);
	assert_string_equal(json_string_value(json_at_in(&b->op, root, S("/foo/0"))), "bar");
	for (size_t i = 0; i < COUNT(cases); i++) {
		json_t *found = json_at_in(&b->op, root, slice_text(cases[i].pointer));

		assert_non_null(found);
		assert_int_equal(json_integer_value(found), cases[i].value);
	}
}

static void pointers_to_nothing(void **state)
{
	struct proofing_bench *b = *state;
	json_t *root = bench_json(b, "{\"a\":[1,{\"b\":2}],\"c\":\"text\"}");
	static const char *const pointers[] = { "a", "/b", "/a/2", "/a/-", "/a/-1", "/a/01x", "/a/18446744073709551616", "/a/1/b/c", "/c/0", "//",
		"/a//b", "/~", "/~2" };

	for (size_t i = 0; i < COUNT(pointers); i++)
		assert_null(json_at_in(&b->op, root, slice_text(pointers[i])));
	assert_null(json_at_in(&b->op, NULL, S("/a")));
}

static void rules(void **state)
{
	struct proofing_bench *b = *state;
	json_t *root = bench_json(b, "{\"first\":\"Ola\",\"born\":\"17.05.1985\",\"us\":\"05/17/1985\",\"sex\":\"Female\",\"n\":12,\"yes\":true,"
		"\"land\":\"no\",\"long\":\"nor\",\"none\":null,\"list\":[1],\"empty\":\"\"}");
	static const struct {
		const char *rule, *value;
	} cases[] = {
		{ "/first", "Ola" }, { "/first|upper", "OLA" }, { "/n", "12" }, { "/yes", "true" }, { "/none", "" }, { "/list", "" },
		{ "/born|date(DD.MM.YYYY)", "1985-05-17" }, { "/us|date(MM/DD/YYYY)", "1985-05-17" }, { "/born|date(YYYY-MM-DD)", "" },
		{ "/born|date(DD.MM.YY)", "" }, { "/born|date()", "" }, { "/sex|gender", "F" }, { "/first|gender", "" },
		{ "/land|iso3166a2toa3", "NOR" }, { "/long|iso3166a2toa3", "NOR" }, { "/first|iso3166a2toa3|upper", "OLA" },
		{ "/missing|upper", "" }, { "/first|unheardof", "" }, { "const(passport)", "passport" }, { "const()", "" }, { "const(a|b)", "" },
		{ "", "" }, { "|", "" }, { "/empty", "" }, { "/first|", "Ola" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_string_equal(bench_text(b, mapped_value(&b->op, root, slice_text(cases[i].rule))), cases[i].value);
}

static void result_that_breaks_the_rules_is_none(void **state)
{
	struct proofing_bench *b = *state;
	json_t *map = bench_json(b, "{\"firstName\":\"/f\",\"gender\":\"/g\",\"livenessDetected\":\"/l\",\"similarityScore\":\"/s\",\"dateOfBirth\":7}");
	struct final_result good = { 0 }, bad = { 0 };

	mapped_result(&b->op, bench_json(b, "{\"f\":\"Ola\",\"g\":\"M\",\"l\":true,\"s\":\"high\"}"), map, &good);
	assert_slice_equal(good.firstName, S("Ola"));
	assert_true(good.livenessDetected);
	assert_int_equal(good.similarityScore, similarity_high);
	assert_int_equal(good.dateOfBirth.n, 0);
	mapped_result(&b->op, bench_json(b, "{\"f\":\"Ola\",\"g\":\"not one letter\"}"), map, &bad);
	assert_int_equal(bad.firstName.n, 0);
}

static void templates(void **state)
{
	struct proofing_bench *b = *state;
	struct proofing_secret secrets[] = { { .name = S("key"), .value = S("s3cret&") } };
	int64_t ids[] = { 138, 169 };
	static const struct {
		const char *text, *plain, *escaped;
	} cases[] = {
		{ "", "", "" },
		{ "plain $ {} $} text", "plain $ {} $} text", "plain $ {} $} text" },
		{ "https://x/${externalId}?r=${externalRef}", "https://x/ext/1?r=Ref \"1\"/&?\r\n", "https://x/ext%2F1?r=Ref%20%221%22%2F%26%3F%0D%0A" },
		{ "${docTypes}|${docType}|${defaultDocType}", "138,169|138|169", "138%2C169|138|169" },
		{ "${secret:key}${secret:none}${unheardof}${}", "s3cret&", "s3cret%26" },
		{ "${processType}/${provider}/${accountId}", "substantial/signicatvideoid/a-1", "substantial/signicatvideoid/a-1" },
		{ "${redirectUrl}", "https://id.example.com/proofing/handle", "https%3A%2F%2Fid.example.com%2Fproofing%2Fhandle" },
		{ "${userId}${deviceId}${parentId}", "", "" },
		{ "cut ${externalId", "cut ext/1", "cut ext%2F1" },
		/* What is filled in is not filled in again. */
		{ "${${externalId}}", "}", "}" },
	};

	b->config.secrets = (struct list){ secrets, 1 };
	b->process.content.docTypes = (struct list){ ids, 2 };
	b->process.content.defaultId = 169;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct slice plain = template_fill(&b->op, slice_text(cases[i].text), &b->process, &b->config, false);
		struct slice escaped = template_fill(&b->op, slice_text(cases[i].text), &b->process, &b->config, true);

		assert_string_equal(bench_text(b, plain), cases[i].plain);
		assert_string_equal(bench_text(b, escaped), cases[i].escaped);
	}
}

/* Whoever chooses a reference cannot reach for a secret with it. */
static void what_callers_choose_is_no_template(void **state)
{
	struct proofing_bench *b = *state;
	struct proofing_secret secrets[] = { { .name = S("key"), .value = S("s3cret") } };
	struct slice filled;

	b->config.secrets = (struct list){ secrets, 1 };
	b->process.content.externalRef = S("${secret:key}");
	filled = template_fill(&b->op, S("${externalRef}"), &b->process, &b->config, false);
	assert_slice_equal(filled, S("${secret:key}"));
}

/* Any bytes: no fault, and nothing but text of its own comes out. For a fuzzer the same in fuzz/proofing_fuzz.c. */
static void random_rules_and_templates(void **state)
{
	struct proofing_bench *b = *state;
	static const char alphabet[] = "/~01${}|()abcdateYMD.upperconst:secret";
	json_t *root = bench_json(b, "{\"a\":{\"b\":[\"x\",{\"~/\":\"y\"}]},\"\":\"z\"}");
	unsigned seed = 1;

	for (int round = 0; round < 3000; round++) {
		char text[24];
		size_t n = (size_t)round % sizeof(text);

		for (size_t i = 0; i < n; i++) {
			seed = seed * 1103515245u + 12345u;
			text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
		}
		(void)mapped_value(&b->op, root, slice_of((uint8_t *)text, n));
		assert_true(template_fill(&b->op, slice_of((uint8_t *)text, n), &b->process, &b->config, true).n < 4096);
	}
}

static void presets(void **state)
{
	struct proofing_bench *b = *state;
	json_t *filled, *mine = json_pack("{s:s, s:s, s:s, s:{s:s}}", "preset", "assure", "baseUrl", "https://x/\"},\"start\":{\"url\":\"evil", "secretRef",
		"s", "cancel", "url", "mine");

	filled = preset_apply(&b->op, mine);
	assert_non_null(filled);
	/* A quotation mark in what was written stays in its string. */
	assert_string_equal(json_string_value(json_at_in(&b->op, filled, S("/prepare/url"))), "https://x/\"},\"start\":{\"url\":\"evil/dossiers");
	assert_string_equal(json_string_value(json_at_in(&b->op, filled, S("/start/auth/secretRef"))), "s");
	assert_string_equal(json_string_value(json_at_in(&b->op, filled, S("/cancel/url"))), "mine");
	op_keep_json(&b->op, filled);
	assert_null(preset_apply(&b->op, json_pack("{s:s}", "preset", "unheardof")));
	assert_null(preset_apply(&b->op, json_pack("[s]", "preset")));
	filled = preset_apply(&b->op, json_pack("{s:s, s:s, s:s, s:s}", "preset", "onfido-like", "baseUrl", "https://x", "secretRef", "t", "workflowId", "w"));
	assert_string_equal(json_string_value(json_at_in(&b->op, filled, S("/start/headers/Authorization"))), "Token token=${secret:t}");
	assert_string_equal(json_string_value(json_at_in(&b->op, filled, S("/start/bodyTemplate/workflow_id"))), "w");
	op_keep_json(&b->op, filled);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pointers_of_the_standard),
		TEST(pointers_to_nothing),
		TEST(rules),
		TEST(result_that_breaks_the_rules_is_none),
		TEST(templates),
		TEST(what_callers_choose_is_no_template),
		TEST(random_rules_and_templates),
		TEST(presets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
