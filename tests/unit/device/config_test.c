#include "tests/unit/common/test.h"

#include "device/config.h"

struct reading {
	struct arena arena;
	struct device_config config;
	struct error error;
};

static int setup(void **state)
{
	*state = xalloc(sizeof(struct reading));
	arena_init(&((struct reading *)*state)->arena);
	return 0;
}

static int teardown(void **state)
{
	struct reading *r = *state;

	arena_free(&r->arena);
	free(r);
	return 0;
}

static struct device_config *read_config(void **state, const char *json)
{
	struct reading *r = *state;

	r->error = device_config_read(slice_text(json), &r->arena, &r->config);
	return &r->config;
}

static void assert_config(void **state, const char *json)
{
	read_config(state, json);
	assert_ok(((struct reading *)*state)->error);
}

static void assert_refused(void **state, const char *json)
{
	read_config(state, json);
	if (((struct reading *)*state)->error.code != E_CONFIG)
		fail_msg("taken: %s", json);
}

#define ALL_OF_THE_PHONE "DEVICE, DEVICE:PIN, DEVICE:STRONG_TOUCH_ID, DEVICE:IOS_FACE_ID, DEVICE:ANDROID_BIOMETRIC_PROMPT"

static void assert_defaults(const struct device_config *c)
{
	assert_int_equal(c->activationCodeLength, 6);
	assert_int_equal(c->activationCodeType, code_type_NUMERIC);
	assert_slice_equal(c->allowedAuthMethods, S(ALL_OF_THE_PHONE));
	assert_int_equal(c->amountFailuresAllowed, 3);
	assert_int_equal(c->encapApiBlacklistAndroid.n, 0);
	assert_int_equal(c->encapApiBlacklistIos.n, 0);
	assert_int_equal(c->pinCodeLengthMin, 4);
	assert_int_equal(c->pinCodeLengthMax, 50);
	assert_int_equal(c->pinCodeType, code_type_NUMERIC);
	assert_int_equal(c->sessionTimeout, 300000);
}

static void nothing_is_all_defaults(void **state)
{
	assert_defaults(read_config(state, ""));
	assert_defaults(read_config(state, "{}"));
	assert_defaults(read_config(state, "{\"somethingNew\":1}"));
}

static void what_is_set_replaces_its_default_alone(void **state)
{
	struct device_config *c = read_config(state, "{\"amountFailuresAllowed\":0,\"activationCodeType\":\"ALPHA\"}");

	assert_int_equal(c->amountFailuresAllowed, 0);
	assert_int_equal(c->activationCodeType, code_type_ALPHA);
	assert_int_equal(c->activationCodeLength, 6);
	assert_slice_equal(c->allowedAuthMethods, S(ALL_OF_THE_PHONE));
}

static void bounds(void **state)
{
	static const struct {
		const char *name;
		long long min, max;
	} rows[] = {
		{ "activationCodeLength", 4, 128 }, { "amountFailuresAllowed", 0, 1000 }, { "pinCodeLengthMin", 1, 128 },
		{ "pinCodeLengthMax", 1, 128 }, { "sessionTimeout", 1000, 86400000 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char json[128];

		for (int past = 0; past < 2; past++) {
			snprintf(json, sizeof(json), "{\"%s\":%lld}", rows[i].name, rows[i].min - past);
			past ? assert_refused(state, json) : assert_config(state, json);
			snprintf(json, sizeof(json), "{\"%s\":%lld}", rows[i].name, rows[i].max + past);
			past ? assert_refused(state, json) : assert_config(state, json);
		}
	}
}

static void what_is_no_configuration(void **state)
{
	static const char *const texts[] = {
		"x", "{", "[1]x", "{\"amountFailuresAllowed\":\"3\"}", "{\"amountFailuresAllowed\":3,\"amountFailuresAllowed\":3}",
		"{\"activationCodeType\":\"HEX\"}", "{\"allowedAuthMethods\":[\"DEVICE\"]}", "[]", "3", "null", "\"DEVICE\"",
	};

	for (size_t i = 0; i < COUNT(texts); i++)
		assert_refused(state, texts[i]);
}

static unsigned methods(void **state, const char *list)
{
	char json[256];

	snprintf(json, sizeof(json), "{\"allowedAuthMethods\":\"%s\"}", list);
	return device_config_methods(read_config(state, json));
}

#define M(m) (1u << auth_method_##m)

static void methods_by_their_colon_names(void **state)
{
	assert_int_equal(device_config_methods(read_config(state, "")),
		M(DEVICE) | M(DEVICE_PIN) | M(DEVICE_IOS_FACE_ID) | M(DEVICE_STRONG_TOUCH_ID) | M(DEVICE_ANDROID_BIOMETRIC_PROMPT));
	assert_int_equal(methods(state, "DEVICE"), M(DEVICE));
	assert_int_equal(methods(state, " DEVICE:PIN ,DEVICE"), M(DEVICE) | M(DEVICE_PIN));
	assert_int_equal(methods(state, "DEVICE:IOS_FACE_ID,DEVICE:STRONG_TOUCH_ID,DEVICE:ANDROID_BIOMETRIC_PROMPT,DEVICE:SERVER_SIDE_FACE"),
		M(DEVICE_IOS_FACE_ID) | M(DEVICE_STRONG_TOUCH_ID) | M(DEVICE_ANDROID_BIOMETRIC_PROMPT));
}

static void names_that_are_none_allow_nothing(void **state)
{
	assert_int_equal(methods(state, "DEVICE_PIN"), 0);
	assert_int_equal(methods(state, "device"), 0);
	assert_int_equal(methods(state, ",,"), 0);
	assert_int_equal(methods(state, "DEVICE:PINX,DEVICE"), M(DEVICE));
}

static void every_method_has_a_colon_name(void **state)
{
	(void)state;
	for (int m = 1; m < auth_method_count; m++)
		assert_true(strlen(auth_method_colon((enum auth_method)m)) > 0);
	assert_string_equal(auth_method_colon(auth_method_none), "");
	assert_string_equal(auth_method_colon(auth_method_count), "");
}

static void versions_are_blocked_by_system(void **state)
{
	const struct device_config *c =
		read_config(state, "{\"encapApiBlacklistAndroid\":\"4.0.0, 4.0.1\",\"encapApiBlacklistIos\":\"3.9.0\"}");

	assert_true(device_config_blocks(c, device_os_Android, S("4.0.0")));
	assert_true(device_config_blocks(c, device_os_Android, S("4.0.1")));
	assert_false(device_config_blocks(c, device_os_Android, S("4.0")));
	assert_false(device_config_blocks(c, device_os_Android, S("3.9.0")));
	assert_true(device_config_blocks(c, device_os_iOS, S("3.9.0")));
	assert_false(device_config_blocks(c, device_os_iOS, S("4.0.0")));
	assert_false(device_config_blocks(c, device_os_Web, S("4.0.0")));
}

#define CONFIG_TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CONFIG_TEST(nothing_is_all_defaults),
		CONFIG_TEST(what_is_set_replaces_its_default_alone),
		CONFIG_TEST(bounds),
		CONFIG_TEST(what_is_no_configuration),
		CONFIG_TEST(methods_by_their_colon_names),
		CONFIG_TEST(names_that_are_none_allow_nothing),
		CONFIG_TEST(every_method_has_a_colon_name),
		CONFIG_TEST(versions_are_blocked_by_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
