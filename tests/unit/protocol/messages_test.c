#include "tests/unit/common/test.h"

#include "codec/json.h"
#include "protocol/messages.h"
#include "tests/unit/common/vectors.h"

#undef err /* the member of that name */

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* Reads JSON by a schema; what it says has to be free of faults. */
static void *read_as(const struct schema *schema, const char *text, json_t **ret_value)
{
	struct invalids bad = { .arena = &a };
	void *object = arena_alloc(&a, schema->size);
	struct slice why;

	assert_ok(json_read(slice_text(text), JSON_UNIQUE, MESSAGE_DEPTH_MAX, &a, ret_value, &why));
	schema_read(schema, *ret_value, &a, &bad, object);
	assert_int_equal(bad.n, 0);
	return object;
}

static void check_part(json_t *root, const char *part, const char *name)
{
	json_t *v = vector_member(root, part), *value;
	const struct message *m = message_find(slice_text(name));

	assert_non_null(m);
	read_as(m->request, vector_text(v, "json"), &value);
	json_decref(value);
	read_as(m->answer, vector_text(v, "answer_json"), &value);
	json_decref(value);
}

static void messages_of_the_vector(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json");

	(void)state;
	check_part(root, "start", "ses.start");
	check_part(root, "pin", "ses.pin");
	check_part(root, "finish", "ses.finish");
	json_decref(root);
}

static void members_of_the_start_answer(void **state)
{
	json_t *root = vectors_load("kat_rid_device_v1_session.json"), *value;
	struct ses_start_ok *ok = read_as(&ses_start_ok_schema, vector_text(vector_member(root, "start"), "answer_json"), &value);

	(void)state;
	assert_true(ok->ok);
	assert_int_equal(ok->step, 1);
	assert_slice_equal(ok->sid, unhex(&a, "909192939495969798999a9b9c9d9e9f"));
	assert_int_equal(ok->op, device_operation_AUTHENTICATION);
	assert_slice_equal(ok->ctx->title, S("Pay"));
	assert_slice_equal(ok->ctx->b64, S("100 EUR to Acme"));
	assert_int_equal(ok->attempts->remaining, 3);
	assert_int_equal(ok->pin->type, code_type_NUMERIC);
	assert_int_equal(ok->methods.n, 2);
	json_decref(value);
	json_decref(root);
}

static void a_refusal(void **state)
{
	json_t *value;
	struct answer_fault *fault = read_as(&answer_fault_schema,
		"{\"ok\":false,\"time\":1,\"step\":3,\"err\":{\"code\":214,\"name\":\"AuthenticationFailed\",\"recoverable\":true,"
		"\"remaining\":2},\"challenge\":\"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\"}", &value);

	(void)state;
	assert_false(fault->ok);
	assert_int_equal(fault->err->code, DEVICE_AUTHENTICATION_FAILED);
	assert_true(fault->err->recoverable);
	assert_int_equal(fault->err->remaining, 2);
	assert_int_equal(fault->challenge.n, CHALLENGE_BYTES);
	json_decref(value);
}

static size_t faults_of(const struct schema *schema, const char *text)
{
	struct invalids bad = { .arena = &a };
	struct slice why;
	json_t *value;

	assert_ok(json_read(slice_text(text), JSON_UNIQUE, MESSAGE_DEPTH_MAX, &a, &value, &why));
	schema_read(schema, value, &a, &bad, arena_alloc(&a, schema->size));
	json_decref(value);
	return bad.n;
}

static void lists_may_be_empty_but_have_to_be_there(void **state)
{
	(void)state;
	assert_int_equal(faults_of(&ses_wait_ok_schema, "{\"ok\":true,\"time\":1,\"pending\":[]}"), 0);
	assert_int_equal(faults_of(&ses_wait_ok_schema, "{\"ok\":true,\"time\":1}"), 1);
	assert_int_equal(faults_of(&ses_wait_ok_schema, "{\"ok\":true,\"time\":1,\"pending\":null}"), 1);
}

static void messages_are_found_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < MESSAGE_COUNT; i++)
		assert_ptr_equal(message_find(slice_text(device_messages[i].name)), &device_messages[i]);
	assert_null(message_find(S("ses.star")));
	assert_null(message_find(S("ses.startx")));
	assert_null(message_find(S("")));
}

static void errors_have_titles(void **state)
{
	(void)state;
	assert_string_equal(device_error_title(DEVICE_AUTHENTICATION_FAILED), "AuthenticationFailed");
	assert_string_equal(device_error_title(DEVICE_OUT_OF_SYNC), "ClientRequestTimeOutOfSync");
	assert_string_equal(device_error_title((enum device_error)999), "Unexpected");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_of_the_vector),
		cmocka_unit_test(members_of_the_start_answer),
		cmocka_unit_test(a_refusal),
		cmocka_unit_test(lists_may_be_empty_but_have_to_be_there),
		cmocka_unit_test(messages_are_found_by_name),
		cmocka_unit_test(errors_have_titles),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
