/* Bodies that are none: malformed JSON of every kind, other types, too deep. Nothing of it changes anything. */
#include "tests/api/matrix.h"

#include "codec/encode.h"
#include "tests/unit/common/vectors.h"

static bool has_json_body(const struct spot *at)
{
	return at->route->body != NULL;
}

/* ---- the JSON test suite ---- */

static struct slice text_of_vector(struct matrix *m, json_t *value)
{
	struct slice text;

	must(b64_read(&m->w->f->arena, slice_text(json_string_value(value)), &text));
	/* An empty text has to be told from none. */
	return slice_of(text.n ? text.p : (const uint8_t *)"", text.n);
}

static void texts_that_must_be_refused(struct matrix *m, const struct spot *at)
{
	json_t *suite = vectors_load("json-test-suite.json"), *value;
	const char *name;
	int n = 0;

	json_object_foreach(suite, name, value) {
		struct slice text = text_of_vector(m, value);
		struct answer answer;

		if (name[0] != 'n' || (text.n == 0 && (at->route->flags & EMPTY_BODY_OK)))
			continue;
		n++;
		answer = matrix_refused(m, at, &(struct how){ .raw = text }, 400, NULL);
		if (strcmp(text_of(answer, "code"), "invalid_request") != 0)
			fail_msg("%s: %s", name, text_of(answer, "code"));
	}
	json_decref(suite);
	assert_true(n > 180);
}

/* Well-formed or doubtful: none of them is what the route wants, and none of them is our fault. */
static void texts_that_may_be_read(struct matrix *m, const struct spot *at)
{
	json_t *suite = vectors_load("json-test-suite.json"), *value;
	const char *name;

	json_object_foreach(suite, name, value) {
		struct how how = { .raw = text_of_vector(m, value) };
		struct answer answer;

		if (name[0] == 'n')
			continue;
		answer = matrix_send(m, at, &how);
		if (answer.status >= 500)
			fail_msg("%s: %d", name, answer.status);
		if (answer.status >= 400)
			matrix_refused(m, at, &how, answer.status == 400 ? 400 : body_fault_status(at), NULL);
		else
			database_digest(m->visit->db, &m->before);
	}
	m->used = true;
	json_decref(suite);
}

static void whatever_is_no_object(struct matrix *m, const struct spot *at)
{
	static const char *const texts[] = { "[]", "null", "true", "1", "\"x\"", "[{}]" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		bool as_fault = body_fault_status(at) == 422;
		struct answer answer = matrix_refused(m, at, &(struct how){ .raw = slice_text(texts[i]) }, body_fault_status(at),
			as_fault ? "invalid_request_parameter" : "invalid_request");

		if (!as_fault)
			assert_string_equal(text_of(answer, "detail"), "The request body must be a JSON object");
	}
}

static void no_body(struct matrix *m, const struct spot *at)
{
	struct how how = { .raw = slice_of("", 0) };

	if (at->route->flags & EMPTY_BODY_OK)
		matrix_accepted(m, at, &how);
	else
		matrix_refused(m, at, &how, 400, "invalid_request");
}

static void cut_off_body(struct matrix *m, const struct spot *at)
{
	json_t *body = matrix_body(m, at, false);
	struct buf b = buf_arena(&m->w->f->arena, 1 << 20);

	json_write_value(&b, body);
	json_decref(body);
	for (size_t n = 1; n < b.n; n++)
		matrix_refused(m, at, &(struct how){ .raw = slice_of(b.p, n) }, 400, "invalid_request");
}

/* ---- depth ---- */

static void put_brackets(struct buf *b, const char *open, const char *inside, const char *close, int depth)
{
	for (int i = 0; i < depth; i++)
		buf_text(b, open);
	buf_text(b, inside);
	for (int i = 0; i < depth; i++)
		buf_text(b, close);
}

static void deep(struct matrix *m, const struct spot *at)
{
	static const int depths[] = { JSON_DEPTH_MAX, 500, 100000 };

	for (size_t i = 0; i < COUNT(depths); i++) {
		struct buf objects = buf_arena(&m->w->f->arena, 2 << 20), arrays = buf_arena(&m->w->f->arena, 2 << 20);

		put_brackets(&objects, "{\"a\":", "{}", "}", depths[i]);
		matrix_refused(m, at, &(struct how){ .raw = buf_bytes(&objects) }, 400, "invalid_request");
		put_brackets(&arrays, "[", "", "]", depths[i] + 1);
		matrix_refused(m, at, &(struct how){ .raw = buf_bytes(&arrays) }, 400, "invalid_request");
	}
}

/* ---- media types ---- */

static void other_media_types(struct matrix *m, const struct spot *at)
{
	static const char *const types[] = {
		"text/plain", "application/x-www-form-urlencoded", "application/xml", "application/json-patch+json", "text/json",
		"multipart/form-data; boundary=x", "application/json; charset=utf-16", "application/jsonp", "json", "*/*",
	};

	for (size_t i = 0; i < COUNT(types); i++) {
		struct answer answer = matrix_refused(m, at, &(struct how){ .type = types[i] }, 415, "unsupported_media_type");

		assert_string_equal(text_of(answer, "title"), "Unsupported media type");
	}
	matrix_refused(m, at, &(struct how){ .type = "" }, 415, "unsupported_media_type");
}

static void media_type_with_a_charset(struct matrix *m, const struct spot *at)
{
	matrix_accepted(m, at, &(struct how){ .type = "application/json; charset=utf-8" });
}

static bool has_form(const struct spot *at)
{
	return at->route->flags & FORM_BODY;
}

static void json_instead_of_a_form(struct matrix *m, const struct spot *at)
{
	matrix_refused(m, at, &(struct how){ .type = "application/json" }, 415, NULL);
	matrix_refused(m, at, &(struct how){ .type = "" }, 415, NULL);
}

/* ---- bodies that nobody asked for ---- */

static bool wants_no_body(const struct spot *at)
{
	return !at->route->body && !(at->route->flags & (FORM_BODY | RAW_BODY));
}

static void body_that_nobody_wants(struct matrix *m, const struct spot *at)
{
	struct answer answer = matrix_send(m, at, &(struct how){ .raw = S("{\"a\":"), .type = "text/plain" });

	m->used = true;
	assert_true(answer.status != 400 && answer.status != 415);
}

static const struct property properties[] = {
	{ "malformed JSON", OF_ROUTE, has_json_body, texts_that_must_be_refused },
	{ "JSON of something else", OF_ROUTE, has_json_body, texts_that_may_be_read },
	{ "no object", OF_ROUTE, has_json_body, whatever_is_no_object },
	{ "no body", OF_ROUTE, has_json_body, no_body },
	{ "cut off", OF_ROUTE, has_json_body, cut_off_body },
	{ "too deep", OF_ROUTE, has_json_body, deep },
	{ "another media type", OF_ROUTE, has_json_body, other_media_types },
	{ "a charset", OF_ROUTE, has_json_body, media_type_with_a_charset },
	{ "no form", OF_ROUTE, has_form, json_instead_of_a_form },
	{ "a body that nobody wants", OF_ROUTE, wants_no_body, body_that_nobody_wants },
};

int main(void)
{
	return matrix_run(properties, COUNT(properties));
}
