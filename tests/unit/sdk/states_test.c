#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

static int setup(void **state)
{
	*state = phone_registered();
	return 0;
}

static int teardown(void **state)
{
	phone_free(*state);
	return 0;
}

static void calls_before_the_load(void **state)
{
	struct phone *p = *state;
	char code[] = "123456";
	int error;

	rid_close(p->c);
	p->c = rid_open(&p->config, "default", &error);
	assert_failed(rid_start_authentication(p->c, NULL), RID_ERROR_WRONG_STATE);
	assert_failed(rid_start_activation(p->c, code, 6), RID_ERROR_WRONG_STATE);
	assert_failed(rid_pending(p->c), RID_ERROR_WRONG_STATE);
	assert_failed(rid_load_config(p->c), RID_ERROR_WRONG_STATE);
	assert_failed(rid_deactivate(p->c, 0), RID_ERROR_WRONG_STATE);
	assert_false(rid_is_activated_locally(p->c));
	assert_done(perform(p, rid_load(p->c)));
	assert_failed(rid_load(p->c), RID_ERROR_WRONG_STATE);
}

static void one_operation_at_a_time(void **state)
{
	struct phone *p = *state;
	char code[] = "123456", pin[] = "1357";
	const rid_step *s = rid_start_authentication(p->c, NULL);

	assert_int_equal(s->kind, RID_SEND);
	assert_failed(rid_start_authentication(p->c, NULL), RID_ERROR_OPERATION_IN_PROGRESS);
	assert_failed(rid_start_activation(p->c, code, 6), RID_ERROR_OPERATION_IN_PROGRESS);
	assert_failed(rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, pin, 4), RID_ERROR_OPERATION_IN_PROGRESS);
	assert_failed(rid_cancel_session(p->c), RID_ERROR_OPERATION_IN_PROGRESS);
	assert_failed(rid_deactivate(p->c, 1), RID_ERROR_OPERATION_IN_PROGRESS);
	assert_failed(rid_load(p->c), RID_ERROR_OPERATION_IN_PROGRESS);
	assert_failed(rid_repeat(p->c), RID_ERROR_OPERATION_IN_PROGRESS);
	assert_shown(perform(p, s)); /* nothing was disturbed */
}

static void replies_that_nobody_asked_for(void **state)
{
	struct phone *p = *state;
	const unsigned char bytes[64] = { 0 };
	const rid_step *s = rid_start_authentication(p->c, NULL);

	assert_failed(rid_stored(p->c, 1), RID_ERROR_WRONG_STATE);
	assert_failed(rid_loaded(p->c, RID_ABSENT, NULL, 0, 0), RID_ERROR_WRONG_STATE);
	assert_failed(rid_signed(p->c, bytes, 64), RID_ERROR_WRONG_STATE);
	assert_failed(rid_key_made(p->c, bytes, 33), RID_ERROR_WRONG_STATE);
	assert_failed(rid_key_failed(p->c, RID_KEY_GONE), RID_ERROR_WRONG_STATE);
	assert_failed(rid_waited(p->c), RID_ERROR_WRONG_STATE);
	assert_shown(perform(p, s));
	assert_failed(rid_sent(p->c, 200, bytes, 64), RID_ERROR_WRONG_STATE);
	assert_failed(rid_not_sent(p->c, RID_ERROR_NO_INTERNET), RID_ERROR_WRONG_STATE);
	assert_done(approve(p, RID_METHOD_DEVICE, NULL));
}

static void nothing_to_repeat(void **state)
{
	struct phone *p = *state;

	assert_failed(rid_repeat(p->c), RID_ERROR_WRONG_STATE);
	assert_shown(authenticate_start(p));
	assert_failed(rid_repeat(p->c), RID_ERROR_WRONG_STATE);
}

static void configurations_of_no_use(void **state)
{
	static const char *const none = "";
	struct phone *p = *state;
	rid_config config;
	int error = 0;

#define REFUSED(member, value)                                              \
	config = p->config;                                                 \
	config.member = (value);                                            \
	assert_null(rid_open(&config, "default", &error));                  \
	assert_int_equal(error, RID_ERROR_CONFIGURATION)

	REFUSED(server_url, NULL);
	REFUSED(server_url, "ftp://host");
	REFUSED(server_url, "https://host\n");
	REFUSED(application_id, none);
	REFUSED(application_id, "demo");
	REFUSED(public_key, "AAAA");
	REFUSED(public_key, "no base64");
	REFUSED(os, "android");
	REFUSED(os, NULL);
	REFUSED(device_hash, "AQEB");
	REFUSED(device_hash, NULL);
	REFUSED(push_token, "a\nb");
	REFUSED(storage_key, NULL);
	REFUSED(hardware, (rid_hardware)7);
}

static void slot_names(void **state)
{
	static const char *const bad[] = { "", "a.b", "a/b", "..", "a b", "\xc3\xa4" };
	struct phone *p = *state;
	char longer[RID_SLOT_NAME_MAX + 2];
	rid_controller *c;
	int error;

	for (size_t i = 0; i < COUNT(bad); i++)
		assert_null(rid_open(&p->config, bad[i], &error));
	assert_null(rid_open(&p->config, NULL, &error));
	memset(longer, 'x', sizeof(longer));
	longer[RID_SLOT_NAME_MAX + 1] = 0;
	assert_null(rid_open(&p->config, longer, &error));
	longer[RID_SLOT_NAME_MAX] = 0;
	c = rid_open(&p->config, longer, &error);
	assert_non_null(c);
	rid_close(c);
}

static void an_application_id_in_capitals(void **state)
{
	struct phone *p = *state;

	p->config.application_id = "3F0C1D52-7C1B-4F7E-9A40-5D7F0D8F1A11";
	assert_int_equal(phone_restart(p), 0);
	assert_shown(authenticate_start(p));
}

static void closing_nothing(void **state)
{
	(void)state;
	rid_close(NULL);
}

static void closing_in_the_midst_of_it(void **state)
{
	struct phone *p = *state;

	assert_shown(authenticate_start(p));
	assert_int_equal(rid_start_authentication(p->c, NULL)->kind, RID_SEND);
	assert_int_equal(phone_restart(p), 0);
}

static void risk_parameters_that_are_none(void **state)
{
	struct phone *p = *state;
	char longer[5000];

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	assert_int_equal(rid_set_risk_parameter(p->c, "", "x"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(rid_set_risk_parameter(p->c, longer, "x"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(rid_set_risk_parameter(p->c, "name", longer), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(rid_set_risk_parameter(p->c, "name", "\xff"), RID_ERROR_INVALID_INPUT_FORMAT);
	longer[4096] = 0;
	for (int i = 0; i < 7; i++)
		assert_int_equal(rid_set_risk_parameter(p->c, (const char[]){ 'a', (char)('a' + i), 0 }, longer), RID_OK);
	assert_int_equal(rid_set_risk_parameter(p->c, "one too many", longer), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(rid_set_risk_parameter(p->c, "aa", longer), RID_OK); /* in its own place */
	assert_int_equal(rid_set_risk_parameter(p->c, "aa", NULL), RID_OK);
	assert_int_equal(rid_set_risk_parameter(p->c, "one more", longer), RID_OK);
}

static void push_session_ids_that_are_none(void **state)
{
	struct phone *p = *state;
	char longer[300];

	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = 0;
	assert_int_equal(rid_set_push_session_id(p->c, longer), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_int_equal(rid_set_push_session_id(p->c, "\xff"), RID_ERROR_INVALID_INPUT_FORMAT);
	assert_null(rid_push_session_id(p->c));
	assert_int_equal(rid_set_push_session_id(p->c, "id"), RID_OK);
	assert_string_equal(rid_push_session_id(p->c), "id");
	assert_int_equal(rid_set_push_session_id(p->c, NULL), RID_OK);
	assert_null(rid_push_session_id(p->c));
}

static void client_data_that_is_none(void **state)
{
	struct phone *p = *state;
	char longer[4098];
	rid_start_options options = { .client_data = longer };

	memset(longer, 'x', sizeof(longer));
	longer[4097] = 0;
	assert_failed(rid_start_authentication(p->c, &options), RID_ERROR_INVALID_INPUT_FORMAT);
	longer[4096] = 0;
	assert_shown(perform(p, rid_start_authentication(p->c, &options)));
	options.client_data = "\x01";
	assert_failed(rid_start_authentication(p->c, &options), RID_ERROR_INVALID_INPUT_FORMAT);
}

/* The numbers are those of the protocol's list. */
static void error_numbers(void **state)
{
	static const struct {
		int own, protocol;
	} numbers[] = {
#define DEVICE_ERROR(name, number, title) { RID_ERROR_##name, DEVICE_##name },
#include "protocol/errors.def"
#undef DEVICE_ERROR
	};

	(void)state;
	for (size_t i = 0; i < COUNT(numbers); i++)
		assert_int_equal(numbers[i].own, numbers[i].protocol);
	assert_string_equal(rid_error_title(226), "Locked");
	assert_string_equal(rid_error_title(999), "Unexpected");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(calls_before_the_load, setup, teardown),
		cmocka_unit_test_setup_teardown(one_operation_at_a_time, setup, teardown),
		cmocka_unit_test_setup_teardown(replies_that_nobody_asked_for, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_to_repeat, setup, teardown),
		cmocka_unit_test_setup_teardown(configurations_of_no_use, setup, teardown),
		cmocka_unit_test_setup_teardown(slot_names, setup, teardown),
		cmocka_unit_test_setup_teardown(an_application_id_in_capitals, setup, teardown),
		cmocka_unit_test_setup_teardown(closing_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(closing_in_the_midst_of_it, setup, teardown),
		cmocka_unit_test_setup_teardown(risk_parameters_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(push_session_ids_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(client_data_that_is_none, setup, teardown),
		cmocka_unit_test_setup_teardown(error_numbers, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
