/* Methods: those that a path does not have, HEAD, and reading that changes nothing. */
#include "tests/api/matrix.h"

/* Does the concrete path fit a pattern of the tables? Written apart from the router, to compare it with. */
static bool fits(struct slice path, struct slice pattern)
{
	while (path.n && pattern.n) {
		struct slice want = slice_cut(&pattern, '/'), have = slice_cut(&path, '/');

		if (!(want.n && want.p[0] == '{') && !slice_eq(want, have))
			return false;
	}
	return path.n == 0 && pattern.n == 0;
}

struct look {
	struct matrix *m;
	struct slice path; /* the concrete one */
	unsigned methods;
};

static void look_at_table(struct look *l, const struct route_table *table)
{
	for (size_t i = 0; i < table->n; i++) {
		const struct route *route = &table->routes[i];
		struct slice also = slice_text(route->also), path = slice_text(route->path);

		while (path.n) {
			if (fits(l->path, slice_text(WORDS(l->m, "%s%.*s", table->base, FMT(path)))))
				l->methods |= 1u << route->method;
			path = slice_cut(&also, ' ');
		}
	}
}

/* A path with "x" for each parameter: no literal path of ours has such a segment. */
static const char *concrete(struct matrix *m, const char *path)
{
	struct buf b = buf_arena(&m->w->f->arena, 4096);
	struct slice rest = slice_text(path);

	slice_cut(&rest, '/');
	while (rest.n) {
		struct slice segment = slice_cut(&rest, '/');

		buf_byte(&b, '/');
		buf_slice(&b, segment.n && segment.p[0] == '{' ? S("x") : segment);
	}
	buf_byte(&b, 0);
	return (const char *)b.p;
}

static unsigned methods_at(struct matrix *m, const char *path)
{
	struct look l = { m, slice_text(path), 0 };

	for (size_t i = 0; i < public_table_count; i++)
		look_at_table(&l, public_tables[i]);
	for (size_t i = 0; i < admin_table_count; i++)
		look_at_table(&l, admin_tables[i]);
	return l.methods;
}

static const char *allowed_text(struct matrix *m, unsigned methods)
{
	struct buf b = buf_arena(&m->w->f->arena, 256);

	for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++)
		if (methods >> i & 1)
			buf_printf(&b, "%s%s%s", b.n ? ", " : "", http_method_name(i), i == HTTP_GET ? ", HEAD" : "");
	buf_byte(&b, 0);
	return (const char *)b.p;
}

static void methods_that_are_not_there(struct matrix *m, const struct spot *at)
{
	const char *path = concrete(m, at->path);
	unsigned there = methods_at(m, path);
	struct from from = { .local = is_local(at), .token = m->w->token };

	assert_true(there >> at->route->method & 1);
	if (there >> HTTP_GET & 1)
		there |= 1u << HTTP_HEAD;
	for (unsigned method = 0; method <= HTTP_OTHER; method++) {
		struct answer answer;

		if (there >> method & 1)
			continue;
		answer = fixture_request(m->w->f, &from, (enum http_method)method, path, NULL);
		assert_problem(answer, 405, "method_not_allowed");
		assert_string_equal(answer_header(&answer, "Allow"), allowed_text(m, there & ~(1u << HTTP_HEAD)));
	}
}

static void slash_at_the_end(struct matrix *m, const struct spot *at)
{
	struct from from = { .local = is_local(at), .token = m->w->token };
	struct answer answer = fixture_request(m->w->f, &from, at->route->method, WORDS(m, "%s/", concrete(m, at->path)), NULL);

	assert_problem(answer, 404, "not_found");
}

static void upper_case(struct matrix *m, const struct spot *at)
{
	struct from from = { .local = is_local(at), .token = m->w->token };
	char *path = arena_cstr(&m->w->f->arena, slice_text(concrete(m, at->path)));

	for (char *c = path; *c; c++)
		*c = (char)(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
	assert_problem(fixture_request(m->w->f, &from, at->route->method, path, NULL), 404, "not_found");
}

/* Without what differs from one request to the next. */
static const char *without_trace(struct matrix *m, struct answer answer)
{
	char *text = arena_cstr(&m->w->f->arena, answer.text), *found = strstr(text, "\"traceId\":\"");

	if (found)
		memset(found + 11, '#', 32);
	return text;
}

/* Not counters that the request itself moves, nor what is signed anew each time. */
static bool reads_what_stands_still(const struct spot *at)
{
	return reads(at) && strcmp(at->path, "/metrics") != 0 && strcmp(at->path, "/audit/checkpoints") != 0 &&
		!strstr(at->path, "/evidence");
}

static void head(struct matrix *m, const struct spot *at)
{
	struct answer get = matrix_send(m, at, &(struct how){ 0 });
	struct answer head = matrix_send(m, at, &(struct how){ .method = HTTP_HEAD, .has_method = true });

	assert_int_equal(head.status, get.status);
	assert_string_equal(without_trace(m, head), without_trace(m, get));
	assert_int_equal(head.header_count, get.header_count);
	for (size_t i = 0; i < get.header_count; i++) {
		assert_slice_equal(head.headers[i].name, get.headers[i].name);
		assert_slice_equal(head.headers[i].value, get.headers[i].value);
	}
}

static bool has_no_transaction(const struct spot *at)
{
	return !changes(at);
}

static void nothing_changes(struct matrix *m, const struct spot *at)
{
	struct answer answer = matrix_send(m, at, &(struct how){ 0 });
	struct digest now;

	if (answer.status >= 300 && strcmp(at->path, "/readyz") != 0 && strcmp(at->path, "/metrics") != 0)
		fail_msg("%d: %.*s", answer.status, FMT(answer.text));
	database_digest(m->visit->db, &now);
	assert_nothing_changed(&m->before, &now);
}

static void reading_has_no_transaction(struct matrix *m, const struct spot *at)
{
	(void)m;
	assert_false(changes(at));
}

static const struct property properties[] = {
	{ "methods that are not there", OF_PATH, NULL, methods_that_are_not_there },
	{ "a slash at the end", OF_PATH, NULL, slash_at_the_end },
	{ "in upper case", OF_PATH, NULL, upper_case },
	{ "HEAD", OF_PATH, reads_what_stands_still, head },
	{ "changes nothing", OF_PATH, has_no_transaction, nothing_changes },
	{ "has no transaction", OF_ROUTE, reads, reading_has_no_transaction },
};

int main(void)
{
	return matrix_run(properties, COUNT(properties));
}
