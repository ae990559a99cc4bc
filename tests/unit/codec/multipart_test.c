#include "tests/unit/common/test.h"

#include "codec/multipart.h"

#define BODY                                                                        \
	"--x\r\nContent-Disposition: form-data; name=\"step\"\r\n\r\nfront\r\n"      \
	"--x\r\nContent-Disposition: form-data; name=\"image\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\0\r\n--y\r\n--x--\r\n"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

static void parts_are_found(void **state)
{
	struct part parts[4];
	size_t n;

	(void)state;
	assert_ok(multipart_read(S(BODY), S("x"), &a, parts, 4, &n));
	assert_int_equal(n, 2);
	assert_true(slice_is(parts[0].name, "step") && slice_is(parts[0].value, "front"));
	assert_true(slice_is(parts[1].file_name, "a.jpg") && slice_is(parts[1].media_type, "image/jpeg"));
	assert_true(slice_eq(parts[1].value, S("\0\r\n--y")));
}

static void every_cut_off_body_is_refused(void **state)
{
	struct part parts[4];
	size_t n;

	(void)state;
	for (size_t i = 0; i + 4 < sizeof(BODY) - 1; i++)
		assert_true(is_err(multipart_read(slice_of(BODY, i), S("x"), &a, parts, 4, &n), E_PARSE));
	assert_true(is_err(multipart_read(S(BODY), S("x"), &a, parts, 1, &n), E_LIMIT));
	assert_true(is_err(multipart_read(S(BODY), S(""), &a, parts, 4, &n), E_PARSE));
}

static void boundaries(void **state)
{
	(void)state;
	assert_true(slice_is(multipart_boundary(S("multipart/form-data; boundary=abc")), "abc"));
	assert_true(slice_is(multipart_boundary(S("Multipart/Form-Data; charset=x; BOUNDARY=\"a b\"")), "a b"));
	assert_int_equal(multipart_boundary(S("application/json; boundary=abc")).n, 0);
	assert_int_equal(multipart_boundary(S("multipart/form-data")).n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_are_found),
		cmocka_unit_test(every_cut_off_body_is_refused),
		cmocka_unit_test(boundaries),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
