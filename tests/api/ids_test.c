/* Ids: malformed ones are named, unknown ones are not found, and those of another account answer exactly as unknown ones. */
#include <stdio.h>

#include "tests/api/matrix.h"

/* Is the parameter a UUID, going by the path? */
static bool is_id(const struct spot *at)
{
	char name[64];

	snprintf(name, sizeof(name), "{%s}", at->param);
	return strstr(at->path, name) != NULL;
}

static bool is_text(const struct spot *at)
{
	return !is_id(at);
}

static bool belongs_to_an_account(const struct spot *at)
{
	return wants_token(at) && is_id(at);
}

static bool is_id_field(const struct spot *at)
{
	/* What stands in `input` is an older spelling of what stands beside it. */
	return wants_token(at) && at->field->type == FIELD_UUID && !(at->place && strncmp(at->place, "input.", 6) == 0);
}

/* ---- malformed ---- */

static void malformed_id(struct matrix *m, const struct spot *at)
{
	static const char *const ids[] = {
		"x", "0", "null", "0e99b25c-abde-4553-973b-8d94d49cd87", "0e99b25cabde4553973b8d94d49cd87e",
		"0e99b25c-abde-4553-973b-8d94d49cd87e0", "0e99b25c-abde-4553-973b-8d94d49cd87%20", "%00", "%ff",
	};

	for (size_t i = 0; i < COUNT(ids); i++) {
		struct answer answer = matrix_refused(m, at, &(struct how){ .param = at->param, .value = ids[i] }, 400,
			"invalid_request_parameter");

		assert_invalid(answer, at->param);
	}
}

static void malformed_text(struct matrix *m, const struct spot *at)
{
	static const char *const texts[] = { "%", "%zz", "%00", "%ff" };

	for (size_t i = 0; i < COUNT(texts); i++)
		assert_invalid(matrix_refused(m, at, &(struct how){ .param = at->param, .value = texts[i] }, 400, "invalid_request_parameter"),
			at->param);
}

/* ---- unknown ---- */

static void unknown_id(struct matrix *m, const struct spot *at)
{
	struct how how = { .param = at->param, .value = unknown_value(at->where, at->param) };
	const char *code = unknown_code(at->where, at->param);

	if (!code)
		fail_msg("values.c wants a row for %s of %s", at->param, at->where);
	matrix_refused(m, at, &how, 404, code);
}

/* ---- somebody else's ---- */

/* The same parameter as the usual one, but of the other account. */
static const char *theirs(struct matrix *m, const struct spot *at, const char *name)
{
	struct town turned = *m->town;

	turned.mine = m->town->theirs;
	return known_value(&turned, at->where, name);
}

/* The answer without what may differ: the trace, and the id that was asked for. */
static const char *bare(struct matrix *m, struct answer answer, const char *id)
{
	char *text = arena_cstr(&m->w->f->arena, answer.text), *found;

	while ((found = strstr(text, id)))
		memset(found, '#', strlen(id));
	found = strstr(text, "\"traceId\":\"");
	if (found)
		memset(found + 11, '#', 32);
	return text;
}

static void assert_same(struct matrix *m, struct answer unknown, const char *unknown_id, struct answer foreign, const char *foreign_id)
{
	assert_int_equal(foreign.status, unknown.status);
	assert_string_equal(bare(m, foreign, foreign_id), bare(m, unknown, unknown_id));
	assert_int_equal(foreign.header_count, unknown.header_count);
	for (size_t i = 0; i < foreign.header_count; i++)
		assert_slice_equal(foreign.headers[i].name, unknown.headers[i].name);
}

static void id_of_another_account(struct matrix *m, const struct spot *at)
{
	const char *unknown = unknown_value(at->where, at->param), *foreign = theirs(m, at, at->param);
	struct how ask_unknown = { .param = at->param, .value = unknown }, ask_foreign = { .param = at->param, .value = foreign };

	assert_non_null(foreign);
	assert_same(m, matrix_refused(m, at, &ask_unknown, 404, NULL), unknown, matrix_refused(m, at, &ask_foreign, 404, NULL), foreign);
}

/* A path is made of ids of one account only: all of them being somebody else's is no better than one. */
static void path_of_another_account(struct matrix *m, const struct spot *at)
{
	struct town *ours = m->town, turned = *m->town;
	struct answer answer;
	struct digest now;

	turned.mine = turned.theirs;
	m->town = &turned;
	answer = matrix_send(m, at, &(struct how){ 0 });
	m->town = ours;
	assert_int_equal(answer.status, 404);
	database_digest(m->visit->db, &now);
	assert_nothing_changed(&m->before, &now);
}

static bool has_path_ids(const struct spot *at)
{
	return wants_token(at) && names_something(at);
}

static void query_names_something_of_another_account(struct matrix *m, const struct spot *at)
{
	const char *name = at->field->name, *unknown = unknown_value(at->where, name);
	/* An offset is the id of an item; a transaction of theirs will do. */
	const char *known = theirs(m, at, name), *foreign = known ? known : m->town->theirs.authentication;
	struct answer one = matrix_send(m, at, &(struct how){ .param = name, .value = unknown });
	struct answer two = matrix_send(m, at, &(struct how){ .param = name, .value = foreign });

	assert_true(one.status == 404 || one.status == 400);
	assert_same(m, one, unknown, two, foreign);
}

static struct answer with_field(struct matrix *m, const struct spot *at, const char *id)
{
	json_t *body = matrix_body(m, at, false);
	struct answer answer;

	body_put(body, at->place, json_string(id));
	answer = matrix_send(m, at, &(struct how){ .body = body });
	json_decref(body);
	return answer;
}

static void body_names_something_of_another_account(struct matrix *m, const struct spot *at)
{
	const char *unknown = unknown_value(at->where, at->place), *foreign = theirs(m, at, at->place);
	struct answer one, two;

	assert_non_null(foreign);
	one = with_field(m, at, unknown);
	two = with_field(m, at, foreign);
	if (one.status < 300)
		assert_int_equal(two.status, one.status); /* it does not matter here */
	else
		assert_same(m, one, unknown, two, foreign);
}

static const struct property properties[] = {
	{ "malformed", OF_PARAM, is_id, malformed_id },
	{ "malformed text", OF_PARAM, is_text, malformed_text },
	{ "unknown", OF_PARAM, NULL, unknown_id },
	{ "of another account", OF_PARAM, belongs_to_an_account, id_of_another_account },
	{ "every id of another account", OF_ROUTE, has_path_ids, path_of_another_account },
	{ "of another account, in the query", OF_QUERY, is_id_field, query_names_something_of_another_account },
	{ "of another account, in the body", OF_BODY, is_id_field, body_names_something_of_another_account },
};

int main(void)
{
	return matrix_run(properties, COUNT(properties));
}
