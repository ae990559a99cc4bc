#include "tests/unit/common/test.h"

#include "http/trace.h"

#define ID "0af7651916cd43dd8448eb211c80319c"
#define PARENT "b7ad6b7169203331"

static void begin(struct http_request *req, struct http_header *fields, size_t count)
{
	*req = (struct http_request){ .headers = fields, .header_count = count };
	trace_begin(req, &env_system);
	arena_free(&req->arena);
}

static bool continues(struct slice value)
{
	struct http_header field = { S("Traceparent"), value };
	struct http_request x;

	begin(&x, &field, 1);
	assert_int_equal(strlen(x.trace), 32);
	return strcmp(x.trace, ID) == 0;
}

static void a_valid_traceparent_is_continued(void **state)
{
	static const uint8_t id[] = { 0x0a, 0xf7, 0x65, 0x19, 0x16, 0xcd, 0x43, 0xdd, 0x84, 0x48, 0xeb, 0x21, 0x1c, 0x80, 0x31, 0x9c };
	struct http_header field = { S("traceparent"), S("00-" ID "-" PARENT "-01") };
	struct http_request x;

	(void)state;
	begin(&x, &field, 1);
	assert_string_equal(x.trace, ID);
	assert_memory_equal(x.trace_id, id, sizeof(id));
}

static void any_other_is_not(void **state)
{
	static const struct slice values[] = {
		S(""),
		S("00-" ID "-" PARENT "-1"),
		S("00-" ID "-" PARENT "-011"),
		S("00-" ID "-" PARENT "-01-"),
		S("00-" ID "-" PARENT "-0g"),
		S("00-" ID "-" PARENT "-0A"),
		S("01-" ID "-" PARENT "-01"),
		S("ff-" ID "-" PARENT "-01"),
		S("00-" ID "-0000000000000000-01"),
		S("00-00000000000000000000000000000000-" PARENT "-01"),
		S("00-0AF7651916CD43DD8448EB211C80319C-" PARENT "-01"),
		S("00-0af7651916cd43dd8448eb211c80319-c" PARENT "-01"),
		S("00-" ID "-B7ad6b7169203331-01"),
		S("00_" ID "_" PARENT "_01"),
		S("00-" ID "-" PARENT "-01, 00-" ID "-" PARENT "-01"),
	};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++)
		if (continues(values[i]))
			fail_msg("continued: %.*s", FMT(values[i]));
}

static void two_of_them_are_none(void **state)
{
	struct http_header fields[] = { { S("traceparent"), S("00-" ID "-" PARENT "-01") },
		{ S("traceparent"), S("00-" ID "-" PARENT "-01") } };
	struct http_request x;

	(void)state;
	begin(&x, fields, COUNT(fields));
	assert_string_not_equal(x.trace, ID);
}

static void new_ids_differ(void **state)
{
	struct http_request x, y;

	(void)state;
	begin(&x, NULL, 0);
	begin(&y, NULL, 0);
	assert_int_equal(strlen(x.trace), 32);
	assert_string_not_equal(x.trace, y.trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_valid_traceparent_is_continued),
		cmocka_unit_test(any_other_is_not),
		cmocka_unit_test(two_of_them_are_none),
		cmocka_unit_test(new_ids_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
