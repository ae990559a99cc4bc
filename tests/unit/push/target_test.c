/* What an app calls its push token, and what is none. */
#include "tests/unit/push/accounts.h"

#define KEYS "\"keys\":{\"p256dh\":\"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4\"," \
	"\"auth\":\"BTBZMqHH6r4Tts7J_aSIgg\"}"
#define HEX64 "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void assert_service(const char *token, bool apple, enum push_service service)
{
	struct push_target t;

	assert_ok(push_target_read(slice_text(token), apple, &arena, &t));
	assert_int_equal(t.service, service);
	assert_slice_equal(t.token, slice_text(token));
}

static void each_service_by_its_token(void **state)
{
	(void)state;
	assert_service("{\"endpoint\":\"https://up.example/x\"," KEYS "}", false, push_service_WEBPUSH);
	assert_service("{\"endpoint\":\"https://up.example/x\"," KEYS "}", true, push_service_WEBPUSH);
	assert_service(HEX64, true, push_service_APNS);
	assert_service(HEX64, false, push_service_FCM);
	assert_service("cX1-_:APA91bH.Zz", false, push_service_FCM);
	assert_service("cX1-_:APA91bH.Zz", true, push_service_FCM);
}

static void what_is_no_token(void **state)
{
	static const char *const rows[] = {
		"", " ", "a b", "a/b", "a%20", "a\nb", "\xc3\xa4", "{", "{}", "[]", "{\"endpoint\":\"https://up.example/x\"}",
		"{\"endpoint\":1," KEYS "}", "{\"endpoint\":\"https://up.example/x\",\"keys\":[]}",
		"{\"endpoint\":\"https://up.example/x\",\"keys\":{\"p256dh\":\"BCVx\",\"auth\":\"BTBZMqHH6r4Tts7J_aSIgg\"}}",
		"{\"endpoint\":\"https://up.example/x\",\"endpoint\":\"https://b.example/\"," KEYS "}",
	};
	struct push_target t;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (!is_err(push_target_read(slice_text(rows[i]), false, &arena, &t), E_PARSE))
			fail_msg("%s", rows[i]);
	assert_err(push_target_read(slice_of("a\0b", 3), false, &arena, &t), PARSE);
}

static void token_that_is_too_long(void **state)
{
	uint8_t *large = arena_alloc(&arena, PUSH_TOKEN_BYTES_MAX + 1);
	struct push_target t;

	(void)state;
	memset(large, 'a', PUSH_TOKEN_BYTES_MAX + 1);
	assert_ok(push_target_read(slice_of(large, PUSH_TOKEN_BYTES_MAX), true, &arena, &t));
	assert_err(push_target_read(slice_of(large, PUSH_TOKEN_BYTES_MAX + 1), true, &arena, &t), PARSE);
}

static void endpoint_that_is_too_long(void **state)
{
	char endpoint[1100];
	struct push_target t;

	(void)state;
	memset(endpoint, 'a', sizeof(endpoint));
	assert_err(push_target_read(arena_printf(&arena, "{\"endpoint\":\"https://%.*s\"," KEYS "}", 1020, endpoint), false, &arena, &t), PARSE);
	assert_ok(push_target_read(arena_printf(&arena, "{\"endpoint\":\"https://%.*s\"," KEYS "}", 1000, endpoint), false, &arena, &t));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_service_by_its_token),
		cmocka_unit_test(what_is_no_token),
		cmocka_unit_test(token_that_is_too_long),
		cmocka_unit_test(endpoint_that_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
