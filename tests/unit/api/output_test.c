/* The answer of an operation that went well. */
#include "things.h"

static struct thing lamp(void)
{
	return (struct thing){ .name = S("lamp"), .colour = colour_RED };
}

static struct error make_thing(struct op *op)
{
	struct thing *thing = op->out = arena_new(op->arena, struct thing);

	*thing = lamp();
	return OK;
}

static struct error make_with_location(struct op *op)
{
	struct uuid id = { { 0 } };

	op->location = op_printf_location(op, "/things", &id);
	return make_thing(op);
}

static struct error make_list(struct op *op)
{
	struct list *list = op->out = arena_new(op->arena, struct list);
	struct thing *things = arena_array(op->arena, struct thing, 2);

	things[0] = things[1] = lamp();
	things[1].colour = colour_GREEN;
	*list = (struct list){ things, 2 };
	return OK;
}

static struct error make_empty_list(struct op *op)
{
	op->out = arena_new(op->arena, struct list);
	return OK;
}

static struct error nothing(struct op *op)
{
	(void)op;
	return OK;
}

static struct error own_words(struct op *op)
{
	op_answer(op, 202, "text/plain", S("as I like"));
	return OK;
}

static const struct route rows[] = {
	{ HTTP_GET, "/thing", PUBLIC, NO_RATE, OUT(thing), OP(.prepare = make_thing) },
	{ HTTP_POST, "/thing", PUBLIC, NO_RATE, OUT(thing), OP(.prepare = make_with_location), .flags = CREATES },
	{ HTTP_PUT, "/thing", PUBLIC, NO_RATE, OUT(thing), OP(.prepare = make_with_location) },
	{ HTTP_DELETE, "/thing", PUBLIC, NO_RATE, OP(.prepare = nothing) },
	{ HTTP_GET, "/list", PUBLIC, NO_RATE, OUT(thing), OP(.prepare = make_list), .flags = REPLY_LIST },
	{ HTTP_GET, "/empty", PUBLIC, NO_RATE, OUT(thing), OP(.prepare = make_empty_list), .flags = REPLY_LIST },
	{ HTTP_GET, "/own", PUBLIC, NO_RATE, OUT(thing), OP(.prepare = own_words) },
};
static const struct route_table table = { .base = "", .routes = rows, .n = COUNT(rows) };

static int setup_with(void **state, const struct fixture_options *options)
{
	static const struct route_table *const tables[] = { &table };
	struct fixture *f = fixture_new(options);

	fixture_serve(f, tables, COUNT(tables), NULL);
	*state = f;
	return 0;
}

static int setup(void **state)
{
	return setup_with(state, NULL);
}

static int setup_201(void **state)
{
	return setup_with(state, &(struct fixture_options){ .settings = { "created_status=201" } });
}

static struct answer ask(void **state, enum http_method method, const char *target)
{
	return fixture_request(*state, &(struct from){ 0 }, method, target, NULL);
}

static void object(void **state)
{
	struct answer answer = ask(state, HTTP_GET, "/thing");

	assert_status(answer, 200);
	assert_slice_equal(answer.text, S("{\"name\":\"lamp\",\"colour\":\"RED\"}"));
	assert_string_equal(answer_header(&answer, "Location"), "");
}

static void what_was_created(void **state)
{
	struct answer answer = ask(state, HTTP_POST, "/thing");

	assert_status(answer, 200);
	assert_string_equal(answer_header(&answer, "Location"), "http://localhost:8080/things/00000000-0000-0000-0000-000000000000");
}

static void status_of_what_was_created_by_setting(void **state)
{
	assert_status(ask(state, HTTP_POST, "/thing"), 201);
	assert_status(ask(state, HTTP_PUT, "/thing"), 200);
	assert_status(ask(state, HTTP_GET, "/thing"), 200);
}

static void nothing_to_say(void **state)
{
	struct answer answer = ask(state, HTTP_DELETE, "/thing");

	assert_status(answer, 204);
	assert_int_equal(answer.text.n, 0);
}

static void list(void **state)
{
	assert_slice_equal(ask(state, HTTP_GET, "/list").text,
		S("[{\"name\":\"lamp\",\"colour\":\"RED\"},{\"name\":\"lamp\",\"colour\":\"GREEN\"}]"));
}

static void empty_list(void **state)
{
	struct answer answer = ask(state, HTTP_GET, "/empty");

	assert_status(answer, 200);
	assert_slice_equal(answer.text, S("[]"));
}

static void answer_of_the_operations_own(void **state)
{
	struct answer answer = ask(state, HTTP_GET, "/own");

	assert_status(answer, 202);
	assert_slice_equal(answer.text, S("as I like"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, things_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(object),
		TEST(what_was_created),
		cmocka_unit_test_setup_teardown(status_of_what_was_created_by_setting, setup_201, things_teardown),
		TEST(nothing_to_say),
		TEST(list),
		TEST(empty_list),
		TEST(answer_of_the_operations_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
