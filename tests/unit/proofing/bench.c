#include "tests/unit/proofing/bench.h"

#include "tests/unit/common/test.h"

void bench_open(struct proofing_bench *b)
{
	*b = (struct proofing_bench){ .app = { .public_url = "https://id.example.com" } };
	arena_init(&b->arena);
	b->op = (struct op){ .app = &b->app, .arena = &b->arena, .now = INT64_C(1800000000000) };
	b->op.caller.account_id = S("a-1");
	b->process.provider = S("signicatvideoid");
	b->process.process_type = S("substantial");
	b->process.content.externalRef = S("Ref \"1\"/&?\r\n");
	b->process.content.externalId = S("ext/1");
	b->process.content.handle = S("handle");
}

void bench_close(struct proofing_bench *b)
{
	json_decref(b->op.kept);
	arena_free(&b->arena);
}

json_t *bench_json(struct proofing_bench *b, const char *text)
{
	json_t *json;
	struct slice why;

	assert_ok(json_read(slice_text(text), JSON_LAST_WINS, JSON_DEPTH_MAX, &b->arena, &json, &why));
	op_keep_json(&b->op, json);
	return json;
}

const char *bench_text(struct proofing_bench *b, struct slice text)
{
	return arena_cstr(&b->arena, text);
}
