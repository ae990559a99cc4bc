/*
 * What providers answer, and what settings say of it. The first byte chooses: JSON that is mapped to a result, a rule or a template, or
 * claims of a token. What is taken for a result keeps the rules; claims that were never right are never taken.
 */
#include <stdlib.h>

#include "proofing/oidc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

static json_t *parse(struct op *op, struct slice text)
{
	struct slice why;
	json_t *json;

	if (failed(json_read(text, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &json, &why)))
		return NULL;
	op_keep_json(op, json);
	return json;
}

static void try_result(struct op *op, struct slice text)
{
	static const char section[] = "{\"statusPointer\":\"/s\",\"statusMap\":{\"ok\":\"accepted\"},\"resultMap\":{\"firstName\":\"/f|upper\","
		"\"dateOfBirth\":\"/b|date(DD.MM.YYYY)\",\"gender\":\"/g|gender\",\"nationality\":\"/n|iso3166a2toa3\",\"similarityScore\":\"/m\","
		"\"livenessDetected\":\"/l\"}}";
	json_t *answer = parse(op, text);
	struct proofing_result r = { 0 };

	if (!answer || !http_result(op, parse(op, slice_text(section)), answer, &r))
		return;
	result_normalise(op, &r);
	demand((r.finalResult != NULL) == (r.status == process_status_accepted));
	demand(!r.finalResult || !final_result_fault(r.finalResult));
}

static void try_rule(struct op *op, struct slice text)
{
	struct process p = { .provider = S("p"), .content = { .externalRef = S("${secret:s}"), .externalId = S("x") } };
	struct proofing_secret secrets[] = { { .name = S("s"), .value = S("never-shown") } };
	struct proofing_config config = { .secrets = { secrets, 1 } };
	struct slice filled;

	(void)mapped_value(op, parse(op, S("{\"a\":[{\"b/~\":\"x\"},1,true,null],\"\":\"y\"}")), text);
	filled = template_fill(op, text, &p, &config, true);
	/* A secret comes out only where the template itself asks for one. */
	demand(!memmem(filled.p, filled.n, "never-shown", 11) || memmem(text.p, text.n, "never-shown", 11) || memmem(text.p, text.n, "${secret:s", 10));
}

static void try_claims(struct op *op, struct slice text)
{
	static const struct id_token_rules rules = { { (const uint8_t *)"https://i", 9 }, { (const uint8_t *)"me", 2 },
		{ (const uint8_t *)"a nonce of ours", 15 }, INT64_C(1800000000000) };
	json_t *claims = parse(op, text);

	if (!claims || id_token_fault(claims, &rules))
		return;
	demand(slice_is(json_member(claims, "iss"), "https://i") && slice_is(json_member(claims, "nonce"), "a nonce of ours"));
	demand(json_member(claims, "sub").n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static void (*const tries[])(struct op *op, struct slice text) = { try_result, try_rule, try_claims };
	struct app app = { .public_url = "https://id.example.com" };
	struct arena a;
	struct op op = { .app = &app, .arena = &a, .now = INT64_C(1800000000000) };

	if (n == 0)
		return 0;
	arena_init(&a);
	tries[data[0] % (sizeof(tries) / sizeof(tries[0]))](&op, slice_of(data + 1, n - 1));
	json_decref(op.kept);
	arena_free(&a);
	return 0;
}
