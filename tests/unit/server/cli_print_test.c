#include "tests/unit/server/line.h"

enum { TEXT_BYTES_MAX = 64 * 1024 };

static void assert_printed(struct typed *t, const char *json, const char *want)
{
	struct buf b = buf_arena(&t->arena, TEXT_BYTES_MAX);
	json_t *answer = json_loads(json, 0, NULL);

	assert_true(answer || !*json);
	print_answer(good(t), answer, &b);
	json_decref(answer);
	buf_byte(&b, 0);
	assert_string_equal((const char *)b.p, want);
}

static void assert_problem_printed(struct typed *t, const char *json, int status, const char *want)
{
	struct buf b = buf_arena(&t->arena, TEXT_BYTES_MAX);
	json_t *problem = json_loads(json, 0, NULL);

	print_problem(good(t), problem, status, &b);
	json_decref(problem);
	buf_byte(&b, 0);
	assert_string_equal((const char *)b.p, want);
}

/* ---- lists ---- */

static void list_is_aligned(void **state)
{
	assert_printed(TYPE(state, "domain", "list"),
		"{\"domains\":[{\"name\":\"a.example.com\",\"accountId\":\"a-1\",\"created\":\"t\"},"
		"{\"name\":\"b\",\"accountId\":\"a-spge-12\",\"created\":\"u\"}]}",
		"Domain         Account    Created\n"
		"a.example.com  a-1        t\n"
		"b              a-spge-12  u\n");
}

static void letters_count_not_bytes(void **state)
{
	assert_printed(TYPE(state, "domain", "list"),
		"{\"domains\":[{\"name\":\"\xc3\xa5\xc3\xa4\xc3\xb6longer\",\"accountId\":\"x\",\"created\":\"t\"}]}",
		"Domain     Account  Created\n"
		"\xc3\xa5\xc3\xa4\xc3\xb6longer  x        t\n");
}

static void list_of_none(void **state)
{
	assert_printed(TYPE(state, "domain", "list"), "{\"domains\":[]}", "There are none.\n");
}

static void values_of_a_list(void **state)
{
	assert_printed(TYPE(state, "client", "list"),
		"{\"clients\":[{\"id\":\"c\",\"name\":\"n\",\"enabled\":false,\"secrets\":[{\"id\":\"1\"},{\"id\":\"2\"}],\"products\":[\"A\",\"B\"]}]}",
		"Client  Account  Name  Enabled  Secrets  Products\n"
		"c       -        n     no       2        A, B\n");
}

static void how_to_see_more(void **state)
{
	assert_printed(TYPE(state, "user", "list"),
		"{\"users\":[{\"id\":\"u\",\"accountId\":\"a\",\"state\":\"ACTIVE\",\"created\":\"t\"}],\"next\":\"0190\"}",
		"User  Account  State   Segment  External reference  Created\n"
		"u     a        ACTIVE  -        -                   t\n"
		"There are more: --offset 0190\n");
}

/* ---- one thing ---- */

static void one_thing_has_a_line_for_each_value(void **state)
{
	assert_printed(TYPE(state, "account", "show", "a"),
		"{\"id\":\"a\",\"name\":\"n\",\"type\":\"sandbox\",\"extendedEvents\":true,\"created\":\"t\"}",
		"Account:          a\n"
		"Name:             n\n"
		"Type:             sandbox\n"
		"Extended events:  yes\n"
		"Created:          t\n");
}

static void things_inside_a_thing_have_a_line_each(void **state)
{
	assert_printed(TYPE(state, "client", "show", "c"),
		"{\"id\":\"c\",\"accountId\":\"a\",\"name\":\"n\",\"enabled\":true,\"products\":[],\"tokenLifetimeSeconds\":600,\"created\":\"t\","
		"\"secrets\":[{\"id\":\"1\",\"name\":\"x\",\"created\":\"u\"},{\"id\":\"2\",\"name\":\"y\",\"created\":\"v\"}]}",
		"Client:              c\n"
		"Account:             a\n"
		"Name:                n\n"
		"Enabled:             yes\n"
		"Products:            -\n"
		"Token lifetime (s):  600\n"
		"Created:             t\n"
		"Secrets:             1  x  u\n"
		"                     2  y  v\n");
}

static void secret_comes_with_a_remark(void **state)
{
	assert_printed(TYPE(state, "client", "secret", "add", "c", "n"), "{\"id\":\"1\",\"name\":\"n\",\"created\":\"t\",\"secret\":\"s3cret\"}",
		"Secret ID:  1\n"
		"Name:       n\n"
		"Secret:     s3cret\n"
		"\nThe secret is shown this once and kept only as a hash: store it now.\n");
}

static void first_secret_of_a_client(void **state)
{
	struct typed *t = TYPE(state, "client", "create", "n", "--organisation", "--products", "all");
	struct buf b = buf_arena(&t->arena, TEXT_BYTES_MAX);
	json_t *answer = json_loads("{\"id\":\"c\",\"secrets\":[{\"id\":\"1\",\"secret\":\"s3cret\"}]}", 0, NULL);

	print_answer(good(t), answer, &b);
	json_decref(answer);
	buf_byte(&b, 0);
	assert_non_null(strstr((const char *)b.p, "Secret:              s3cret\n"));
}

static void attributes_of_a_user(void **state)
{
	struct typed *t = TYPE(state, "user", "show", "u");
	struct buf b = buf_arena(&t->arena, TEXT_BYTES_MAX);
	json_t *answer = json_loads("{\"id\":\"u\",\"attributes\":{\"city\":\"Oslo\",\"age\":\"44\"}}", 0, NULL);

	print_answer(good(t), answer, &b);
	json_decref(answer);
	buf_byte(&b, 0);
	assert_non_null(strstr((const char *)b.p, "Attributes:          city=Oslo, age=44\n"));
}

static void answer_of_nothing(void **state)
{
	assert_printed(TYPE(state, "domain", "remove", "d"), "", "Removed.\n");
}

static void remark_names_the_master_key(void **state)
{
	struct typed *t = TYPE(state, "backup", "/b.db", "--data", "/srv/id");
	struct buf b = buf_arena(&t->arena, TEXT_BYTES_MAX);

	print_answer(good(t), NULL, &b);
	buf_byte(&b, 0);
	assert_non_null(strstr((const char *)b.p, "/srv/id/master.key"));
}

static void names_move_no_cursor(void **state)
{
	assert_printed(TYPE(state, "domain", "list"),
		"{\"domains\":[{\"name\":\"\\u001b[31mred\\n\\u0085\",\"accountId\":\"x\",\"created\":\"t\"}]}",
		"Domain      Account  Created\n"
		"?[31mred??  x        t\n");
}

/* ---- problems ---- */

static void detail_of_a_problem(void **state)
{
	assert_problem_printed(TYPE(state, "account", "show", "a"), "{\"title\":\"T\",\"detail\":\"There is no account with this ID\"}", 404,
		"reuseid: There is no account with this ID\n");
}

static void faults_have_the_names_of_the_command_line(void **state)
{
	assert_problem_printed(TYPE(state, "client", "update", "c", "--token-lifetime", "0", "--name", "n"),
		"{\"detail\":\"failed\",\"invalidParams\":["
		"{\"name\":\"tokenLifetimeSeconds\",\"reason\":\"tokenLifetimeSeconds must be between 1 and 3600\"},"
		"{\"name\":\"clientId\",\"reason\":\"clientId is not well-formed\"},"
		"{\"name\":\"other\",\"reason\":\"is odd\"}]}", 400,
		"reuseid: --token-lifetime must be between 1 and 3600\n"
		"reuseid: CLIENT is not well-formed\n"
		"reuseid: other is odd\n");
}

static void fault_of_the_option_that_was_typed(void **state)
{
	assert_problem_printed(TYPE(state, "client", "update", "c", "--disable"),
		"{\"invalidParams\":[{\"name\":\"enabled\",\"reason\":\"enabled is odd\"}]}", 400, "reuseid: --disable is odd\n");
}

static void trouble_of_the_server_comes_with_its_trace(void **state)
{
	assert_problem_printed(TYPE(state, "account", "list"), "{\"detail\":\"An unexpected error happened\",\"traceId\":\"0af7\"}", 500,
		"reuseid: An unexpected error happened (trace 0af7)\n");
}

static void answer_that_is_no_problem(void **state)
{
	assert_problem_printed(TYPE(state, "account", "list"), "", 502, "reuseid: the server answered 502\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(list_is_aligned),
		TEST(letters_count_not_bytes),
		TEST(list_of_none),
		TEST(values_of_a_list),
		TEST(how_to_see_more),
		TEST(one_thing_has_a_line_for_each_value),
		TEST(things_inside_a_thing_have_a_line_each),
		TEST(secret_comes_with_a_remark),
		TEST(first_secret_of_a_client),
		TEST(attributes_of_a_user),
		TEST(answer_of_nothing),
		TEST(remark_names_the_master_key),
		TEST(names_move_no_cursor),
		TEST(detail_of_a_problem),
		TEST(faults_have_the_names_of_the_command_line),
		TEST(fault_of_the_option_that_was_typed),
		TEST(trouble_of_the_server_comes_with_its_trace),
		TEST(answer_that_is_no_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
