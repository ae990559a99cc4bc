/* Fields of queries and bodies: missing, null, empty, of the wrong type, at their bounds and one past them. */
#include "tests/api/matrix.h"

#define REFUSED 400, "invalid_request_parameter"
#define BODY_REFUSED(at) body_fault_status(at), "invalid_request_parameter"

static bool is_type(const struct spot *at, enum field_type one, enum field_type two, enum field_type three)
{
	return at->field->type == one || at->field->type == two || at->field->type == three;
}

static bool is_string(const struct spot *at)
{
	return is_type(at, FIELD_STR, FIELD_TEXT, FIELD_STR);
}

static bool is_number(const struct spot *at)
{
	return is_type(at, FIELD_INT, FIELD_INT_TEXT, FIELD_INT_ANY);
}

static bool is_list(const struct spot *at)
{
	return is_type(at, FIELD_LIST, FIELD_STRS, FIELD_STRS);
}

static bool is_enumeration(const struct spot *at)
{
	return at->field->type == FIELD_ENUM;
}

static bool is_id(const struct spot *at)
{
	return at->field->type == FIELD_UUID;
}

static bool is_bounded(const struct spot *at)
{
	return at->field->min || at->field->max;
}

static bool needed(const struct spot *at)
{
	return at->field->flags & REQ;
}

static bool ruled_by_schema(const struct spot *at)
{
	return !has_own_rule(at->route->body->name, at->place);
}

/* ---- bodies ---- */

/* Sends a good body with this at the place of the field; takes the value over. */
static void refuse(struct matrix *m, const struct spot *at, json_t *value)
{
	json_t *body = matrix_body(m, at, false);
	struct answer answer;

	body_put(body, at->place, value);
	answer = matrix_refused(m, at, &(struct how){ .body = body }, BODY_REFUSED(at));
	json_decref(body);
	assert_invalid(answer, at->place);
}

static void accept(struct matrix *m, const struct spot *at, json_t *value)
{
	json_t *body = matrix_body(m, at, false);

	body_put(body, at->place, value);
	matrix_accepted(m, at, &(struct how){ .body = body });
	json_decref(body);
}

static bool is_needed(const struct spot *at)
{
	return needed(at) || is_needed_all_the_same(at->route->body->name, at->place);
}

static bool may_be_left_out(const struct spot *at)
{
	return !is_needed(at);
}

/* A needed object that is missing is told by itself or by what is needed in it. */
static void refuse_missing(struct matrix *m, const struct spot *at, json_t *value)
{
	json_t *body = matrix_body(m, at, false);

	body_put(body, at->place, value);
	matrix_refused(m, at, &(struct how){ .body = body }, BODY_REFUSED(at));
	json_decref(body);
}

static void missing(struct matrix *m, const struct spot *at)
{
	(needed(at) ? refuse : refuse_missing)(m, at, NULL);
}

static void left_out(struct matrix *m, const struct spot *at)
{
	accept(m, at, NULL);
}

static bool may_be_null(const struct spot *at)
{
	return may_be_left_out(at) && !may_not_be_empty(at->route->body->name, at->place);
}

static void null(struct matrix *m, const struct spot *at)
{
	accept(m, at, json_null());
}

static bool may_not_be_null(const struct spot *at)
{
	return needed(at);
}

static void null_where_it_is_needed(struct matrix *m, const struct spot *at)
{
	refuse(m, at, json_null());
}

static bool is_text_that_may_be_empty(const struct spot *at)
{
	return is_string(at) && (!needed(at) || (at->field->flags & EMPTY)) && ruled_by_schema(at) &&
	       !may_not_be_empty(at->route->body->name, at->place);
}

static void empty_text(struct matrix *m, const struct spot *at)
{
	accept(m, at, json_string(""));
}

static bool may_not_be_empty_text(const struct spot *at)
{
	bool scalar = is_string(at) || is_number(at) || is_enumeration(at) || is_id(at);

	return scalar && !is_text_that_may_be_empty(at) && (ruled_by_schema(at) || needed(at)) && at->field->type != FIELD_INT;
}

static void empty_text_where_something_is_needed(struct matrix *m, const struct spot *at)
{
	refuse(m, at, json_string(""));
}

static void wrong_types(struct matrix *m, const struct spot *at)
{
	json_t *values[] = {
		json_string("words"), json_integer(7), json_real(1.5), json_true(), json_false(), json_object(), json_array(),
	};
	enum field_type type = at->field->type;

	for (size_t i = 0; i < COUNT(values); i++) {
		bool text = type == FIELD_STR || type == FIELD_TEXT;
		bool right = json_is_string(values[i])  ? text :
			     json_is_integer(values[i]) ? is_number(at) :
			     json_is_boolean(values[i]) ? type == FIELD_BOOL :
			     json_is_object(values[i])  ? type == FIELD_MAP || type == FIELD_OBJ || type == FIELD_JSON :
			     json_is_array(values[i])   ? is_list(at) || type == FIELD_INTS : false;

		if (right || type == FIELD_JSON)
			json_decref(values[i]);
		else
			refuse(m, at, values[i]);
	}
}

static bool is_bounded_text(const struct spot *at)
{
	return is_string(at) && at->field->max && ruled_by_schema(at);
}

static void text_at_its_bound(struct matrix *m, const struct spot *at)
{
	accept(m, at, json_string(fresh_text(m, (size_t)at->field->max)));
}

static bool is_text_with_a_maximum(const struct spot *at)
{
	return is_string(at) && at->field->max;
}

static void text_past_its_bound(struct matrix *m, const struct spot *at)
{
	refuse(m, at, json_string(fresh_text(m, (size_t)at->field->max + 1)));
}

static void control_characters(struct matrix *m, const struct spot *at)
{
	static const char *const texts[] = { "a\x01", "\x1b[1m", "a\x7f", "a\xc2\x85", "\xc2\x9f" };

	for (size_t i = 0; i < COUNT(texts); i++)
		refuse(m, at, json_string(texts[i]));
	refuse(m, at, json_stringn("a\0b", 3));
	if (at->field->type == FIELD_STR)
		refuse(m, at, json_string("a\nb"));
}

static bool is_bounded_number(const struct spot *at)
{
	return is_number(at) && is_bounded(at);
}

static bool is_free_number(const struct spot *at)
{
	return is_bounded_number(at) && ruled_by_schema(at);
}

static void number_at_its_bounds(struct matrix *m, const struct spot *at)
{
	accept(m, at, json_integer(at->field->min));
	accept(m, at, json_integer(at->field->max));
}

static void number_past_its_bounds(struct matrix *m, const struct spot *at)
{
	refuse(m, at, json_integer(at->field->min - 1));
	refuse(m, at, json_integer(at->field->max + 1));
	refuse(m, at, json_integer(INT64_MIN));
	refuse(m, at, json_integer(INT64_MAX));
}

static bool may_be_number_or_text(const struct spot *at)
{
	return is_type(at, FIELD_INT_TEXT, FIELD_INT_ANY, FIELD_INT_ANY);
}

static void number_as_text(struct matrix *m, const struct spot *at)
{
	static const char *const wrong[] = { "1.5", "0x10", " 7", "7 ", "7e1", "+7", "99999999999999999999" };

	accept(m, at, json_string(WORDS(m, "%lld", (long long)at->field->min)));
	for (size_t i = 0; i < COUNT(wrong); i++)
		refuse(m, at, json_string(wrong[i]));
}

static bool is_free_enumeration(const struct spot *at)
{
	return is_enumeration(at) && ruled_by_schema(at);
}

static void each_word_of_an_enumeration(struct matrix *m, const struct spot *at)
{
	const struct enumeration *e = at->field->of;

	for (size_t i = 1; i < e->n; i++)
		accept(m, at, json_string(e->values[i].name));
}

static void other_words(struct matrix *m, const struct spot *at)
{
	const struct enumeration *e = at->field->of;
	char *turned = arena_cstr(&m->w->f->arena, slice_text(e->values[1].name));

	refuse(m, at, json_string("SOMETHING_ELSE"));
	refuse(m, at, json_string(WORDS(m, "%s ", e->values[1].name)));
	for (char *c = turned; *c; c++)
		*c = (char)((*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') ? *c ^ 32 : *c);
	if (!(at->field->flags & NOCASE))
		refuse(m, at, json_string(turned));
}

static void malformed_ids(struct matrix *m, const struct spot *at)
{
	static const char *const ids[] = { "x", "0e99b25cabde4553973b8d94d49cd87e", "0e99b25c-abde-4553-973b-8d94d49cd87", " " };

	for (size_t i = 0; i < COUNT(ids); i++)
		refuse(m, at, json_string(ids[i]));
}

/* n items like the one of the example, or any. */
static json_t *list_of(const struct spot *at, size_t n)
{
	json_t *example = *at->field->example ? json_loads(at->field->example, 0, NULL) : NULL, *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, example ? json_incref(json_array_get(example, 0)) : json_string("item"));
	json_decref(example);
	return list;
}

static bool is_bounded_list(const struct spot *at)
{
	return is_list(at) && at->field->max;
}

static bool is_free_list(const struct spot *at)
{
	return is_bounded_list(at) && ruled_by_schema(at);
}

static void list_at_its_bound(struct matrix *m, const struct spot *at)
{
	accept(m, at, list_of(at, (size_t)at->field->max));
}

static void list_past_its_bound(struct matrix *m, const struct spot *at)
{
	refuse(m, at, list_of(at, (size_t)at->field->max + 1));
}

static void wrong_items(struct matrix *m, const struct spot *at)
{
	json_t *items[] = { json_integer(1), json_null(), json_object(), json_array(), json_string(""), json_string("a\nb"),
		json_string(fresh_text(m, LIST_STRING_POINTS_MAX + 1)) };

	for (size_t i = 0; i < COUNT(items); i++) {
		json_t *list = json_array();
		bool in_itself = at->field->type == FIELD_LIST && json_is_object(items[i]); /* then its members are at fault */

		json_array_append_new(list, items[i]);
		if (in_itself)
			json_decref(list);
		else
			refuse(m, at, list);
	}
}

/* Unless somebody gave a list its bound, a body could ask for any amount of memory. */
static void list_has_a_bound(struct matrix *m, const struct spot *at)
{
	(void)m;
	assert_true(at->field->max > 0);
}

static void least_body(struct matrix *m, const struct spot *at)
{
	json_t *body = matrix_body(m, at, true);

	matrix_accepted(m, at, &(struct how){ .body = body });
	json_decref(body);
}

static bool is_open_body(const struct spot *at)
{
	return has_body(at) && !has_own_rule(at->route->body->name, "somethingElse");
}

static void unknown_members(struct matrix *m, const struct spot *at)
{
	json_t *body = matrix_body(m, at, false);

	json_object_set_new(body, "somethingElse", json_object());
	json_object_set_new(body, "", json_string("x"));
	matrix_accepted(m, at, &(struct how){ .body = body });
	json_decref(body);
}

/* ---- queries ---- */

static void query_is_missing(struct matrix *m, const struct spot *at)
{
	struct answer answer = matrix_refused(m, at, &(struct how){ .without = at->field->name }, 400, "invalid_request");

	assert_string_equal(text_of(answer, "title"), "Invalid_request");
	assert_string_equal(text_of(answer, "detail"), WORDS(m, "%s parameter is missing", at->field->name));
	answer = matrix_refused(m, at, &(struct how){ .param = at->field->name, .value = "" }, 400, "invalid_request");
	assert_string_equal(text_of(answer, "detail"), WORDS(m, "%s parameter is missing", at->field->name));
}

static void refuse_query(struct matrix *m, const struct spot *at, const char *value)
{
	struct answer answer = matrix_refused(m, at, &(struct how){ .param = at->field->name, .value = value }, REFUSED);

	assert_invalid(answer, at->field->name);
}

static void query_is_given_twice(struct matrix *m, const struct spot *at)
{
	const char *twice = WORDS(m, "%s=1&%s=1", at->field->name, at->field->name);

	assert_invalid(matrix_refused(m, at, &(struct how){ .query = twice }, REFUSED), at->field->name);
}

static void query_of_the_wrong_kind(struct matrix *m, const struct spot *at)
{
	if (is_id(at) || is_number(at) || is_enumeration(at))
		refuse_query(m, at, "words");
	if (is_bounded_number(at)) {
		refuse_query(m, at, WORDS(m, "%lld", (long long)at->field->min - 1));
		refuse_query(m, at, WORDS(m, "%lld", (long long)at->field->max + 1));
		matrix_accepted(m, at, &(struct how){ .param = at->field->name, .value = WORDS(m, "%lld", (long long)at->field->min) });
		matrix_accepted(m, at, &(struct how){ .param = at->field->name, .value = WORDS(m, "%lld", (long long)at->field->max) });
	}
	if (is_string(at))
		refuse_query(m, at, "a%07");
}

static void query_that_need_not_be_there(struct matrix *m, const struct spot *at)
{
	matrix_accepted(m, at, &(struct how){ .without = at->field->name });
	matrix_accepted(m, at, &(struct how){ .query = WORDS(m, "%s=", at->field->name) });
}

static bool optional(const struct spot *at)
{
	return !needed(at);
}

static void broken_query(struct matrix *m, const struct spot *at)
{
	if (!at->route->query)
		matrix_accepted(m, at, &(struct how){ .query = "broken=%zz" });
	else
		matrix_refused(m, at, &(struct how){ .query = "broken=%zz" }, REFUSED);
}

static bool has_query(const struct spot *at)
{
	return at->route->query && !at->route->op.apply;
}

static const struct property properties[] = {
	{ "missing", OF_BODY, is_needed, missing },
	{ "left out", OF_BODY, may_be_left_out, left_out },
	{ "null", OF_BODY, may_be_null, null },
	{ "null where it is needed", OF_BODY, may_not_be_null, null_where_it_is_needed },
	{ "empty", OF_BODY, is_text_that_may_be_empty, empty_text },
	{ "empty where something is needed", OF_BODY, may_not_be_empty_text, empty_text_where_something_is_needed },
	{ "of the wrong type", OF_BODY, NULL, wrong_types },
	{ "at its bound", OF_BODY, is_bounded_text, text_at_its_bound },
	{ "one past its bound", OF_BODY, is_text_with_a_maximum, text_past_its_bound },
	{ "with control characters", OF_BODY, is_string, control_characters },
	{ "at its bounds", OF_BODY, is_free_number, number_at_its_bounds },
	{ "past its bounds", OF_BODY, is_bounded_number, number_past_its_bounds },
	{ "number or text", OF_BODY, may_be_number_or_text, number_as_text },
	{ "each word", OF_BODY, is_free_enumeration, each_word_of_an_enumeration },
	{ "other words", OF_BODY, is_enumeration, other_words },
	{ "malformed", OF_BODY, is_id, malformed_ids },
	{ "has a bound", OF_BODY, is_list, list_has_a_bound },
	{ "as long as it may be", OF_BODY, is_free_list, list_at_its_bound },
	{ "longer than it may be", OF_BODY, is_bounded_list, list_past_its_bound },
	{ "wrong items", OF_BODY, is_list, wrong_items },
	{ "nothing but what is needed", OF_ROUTE, has_body, least_body },
	{ "unknown members", OF_ROUTE, is_open_body, unknown_members },
	{ "missing in the query", OF_QUERY, needed, query_is_missing },
	{ "twice in the query", OF_QUERY, NULL, query_is_given_twice },
	{ "of the wrong kind in the query", OF_QUERY, NULL, query_of_the_wrong_kind },
	{ "left out of the query", OF_QUERY, optional, query_that_need_not_be_there },
	{ "a broken query", OF_ROUTE, has_query, broken_query },
};

int main(void)
{
	return matrix_run(properties, COUNT(properties));
}
