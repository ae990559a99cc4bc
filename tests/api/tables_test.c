/* The route tables themselves, and the documents that are made of them. */
#include "server/boot.h"

#include <stdio.h>
#include <stdlib.h>

#include "account/account.h"
#include "device/device.h"
#include "proofing/proofing.h"
#include "oauth/oauth.h"
#include "tests/unit/common/fixture.h"
#include "user/user.h"

enum { ROUTES_MAX = 512 };

struct row {
	const struct route_table *table;
	const struct route *route;
	bool admin;
};

struct rows_all {
	struct row list[ROUTES_MAX];
	size_t n;
	struct arena a;
};

static const struct rows_all *rows_of(void **state)
{
	return *state;
}

static void take(struct rows_all *all, const struct route_table *const *tables, size_t n, bool admin)
{
	for (size_t t = 0; t < n; t++)
		for (size_t i = 0; i < tables[t]->n; i++) {
			assert_true(all->n < ROUTES_MAX);
			all->list[all->n++] = (struct row){ tables[t], &tables[t]->routes[i], admin };
		}
}

static int setup(void **state)
{
	struct rows_all *all = xalloc(sizeof(*all));

	take(all, public_tables, public_table_count, false);
	take(all, admin_tables, admin_table_count, true);
	*state = all;
	return 0;
}

static int teardown(void **state)
{
	struct rows_all *all = *state;

	arena_free(&all->a);
	free(all);
	return 0;
}

#define EACH(state, name) \
	for (const struct row *name = rows_of(state)->list; name < rows_of(state)->list + rows_of(state)->n; name++)

/* Fails with the name of the row. */
#define expect(row, condition)                                                                                         \
	do {                                                                                                           \
		if (!(condition))                                                                                      \
			fail_msg("%s %s%s: %s", http_method_name((row)->route->method), (row)->table->base,            \
				(row)->route->path, #condition);                                                       \
	} while (0)

static bool documented(const struct row *row)
{
	return row->table->openapi_path && !(row->route->flags & (HIDDEN | PAGE)) && row->route->permission != LOCAL_ONLY;
}

/* ---- rows ---- */

static void each_row_says_what_it_does(void **state)
{
	EACH(state, row) {
		expect(row, row->route->doc && *row->route->doc);
		expect(row, row->route->op.prepare || row->route->op.apply);
		expect(row, row->route->path[0] == '/');
	}
}

/* Open to everybody are only the tables whose business that is. */
static void public_rows_stand_in_public_tables(void **state)
{
	EACH(state, row) {
		bool open = row->table == &oauth_routes || row->table == &channel_routes || row->table == &document_routes ||
			    row->table == &health_routes || row->table == &callback_routes || row->route->flags & PAGE;

		expect(row, (row->route->permission == PUBLIC) == open);
	}
}

static void operators_rows_stand_in_operators_tables(void **state)
{
	EACH(state, row)
		expect(row, (row->route->permission == LOCAL_ONLY) == row->admin);
}

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), k = strlen(end);

	return n >= k && strcmp(text + n - k, end) == 0;
}

static void permission_fits_what_is_done(void **state)
{
	EACH(state, row) {
		const char *permission = permission_text(row->route->permission);

		if (!*permission)
			continue;
		expect(row, ends_in(permission, ":read") == (row->route->op.apply == NULL));
		expect(row, row->route->rate == (row->route->op.apply ? WRITES : READS));
	}
}

static void readers_change_nothing(void **state)
{
	EACH(state, row)
		/* The first visit of a page binds it to its browser. */
		expect(row, row->route->method != HTTP_GET || row->route->flags & PAGE || (!row->route->op.apply && !row->route->body));
}

static void what_creates_answers_with_it(void **state)
{
	EACH(state, row) {
		expect(row, !(row->route->flags & CREATES) || (row->route->reply && row->route->method == HTTP_POST));
		expect(row, !(row->route->flags & REPLY_LIST) || row->route->reply);
		expect(row, !(row->route->flags & (FORM_BODY | RAW_BODY)) || !row->route->body);
	}
}

/*
 * What changes something is accepted once by facts_test.c, which looks for its record and its event. What a person or another service
 * does is not in the matrix: each such route stands here, with where its records are looked for, or with why there is none.
 */
static const struct {
	const char *where, *why;
} recorded_elsewhere[] = {
	{ "POST /encore/encap/device/v1", "by message: tests/unit/device, tests/interop/device" },
	{ "GET /passkeys/registrations/{transactionId}", "binds the browser; the record is at the start and at the end" },
	{ "POST /passkeys/registrations/{transactionId}/options", "a challenge; the record is at the end" },
	{ "POST /mobileid/admin/accounts", "tests/unit/device/accounts_test.c" },
	{ "POST /passkeys/registrations/{transactionId}/result", "tests/interop/passkey_records.test.js" },
	{ "POST /passkeys/registrations/{transactionId}/cancel", "tests/interop/passkey_records.test.js" },
	{ "GET /passkeys/authentications/{transactionId}", "binds the browser; the record is at the start and at the end" },
	{ "POST /passkeys/authentications/{transactionId}/options", "a challenge; the record is at the end" },
	{ "POST /passkeys/authentications/{transactionId}/result", "tests/interop/passkey_records.test.js" },
	{ "POST /passkeys/authentications/{transactionId}/cancel", "tests/interop/passkey_records.test.js" },
	{ "POST /proofing/{handle:text}", "tests/interop/flow: the record is that of the process" },
	{ "GET /proofing/oidc/callback", "tests/interop/flow/oidc_provider.test.js: the record is that of the process" },
	{ "POST /proofing/callbacks/{processId}", "tests/interop/flow/http_provider.test.js: the record is that of the process" },
};

static bool is_in_the_matrix(const struct row *row)
{
	return row->table != &channel_routes && row->table != &callback_routes && !(row->route->flags & PAGE) &&
	       !(row->route->id && strcmp(row->route->id, "addAccount") == 0);
}

static void each_change_is_looked_for_in_the_log(void **state)
{
	size_t used = 0;

	EACH(state, row) {
		char where[256];
		bool known = false;

		if (!row->route->op.apply || is_in_the_matrix(row))
			continue;
		snprintf(where, sizeof(where), "%s %s%s", http_method_name(row->route->method), row->table->base, row->route->path);
		for (size_t i = 0; i < COUNT(recorded_elsewhere); i++)
			known |= strcmp(recorded_elsewhere[i].where, where) == 0;
		if (!known)
			fail_msg("%s changes something, and no test looks for its record", where);
		used++;
	}
	assert_int_equal(used, COUNT(recorded_elsewhere));
}

/* "{userId}" and "{other}" are the same to the router. */
static struct slice shape(struct rows_all *all, const struct row *row, struct slice path)
{
	struct buf b = buf_arena(&all->a, 1024);
	struct slice rest = path;

	buf_printf(&b, "%s %s", http_method_name(row->route->method), row->table->base);
	slice_cut(&rest, '/');
	while (rest.n) {
		struct slice segment = slice_cut(&rest, '/');

		buf_byte(&b, '/');
		buf_slice(&b, segment.n && segment.p[0] == '{' ? S("{}") : segment);
	}
	return buf_bytes(&b);
}

static void no_path_is_taken_twice(void **state)
{
	struct rows_all *all = *state;
	struct slice seen[ROUTES_MAX];
	size_t n = 0;

	EACH(state, row) {
		struct slice also = slice_text(row->route->also), path = slice_text(row->route->path);

		while (path.n) {
			struct slice one = shape(all, row, path);

			for (size_t i = 0; i < n; i++)
				expect(row, !slice_eq(seen[i], one));
			assert_true(n < ROUTES_MAX);
			seen[n++] = one;
			path = slice_cut(&also, ' ');
		}
	}
}

/* ---- documents ---- */

static void each_documented_row_has_a_name_of_its_own(void **state)
{
	EACH(state, row) {
		if (!documented(row))
			continue;
		expect(row, row->route->id && row->route->id[strspn(row->route->id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] == 0);
		EACH(state, other)
			expect(row, other == row || !documented(other) || strcmp(other->table->openapi_path, row->table->openapi_path) ||
				strcmp(other->route->id, row->route->id));
	}
}

static void each_documented_row_has_a_tag_of_its_table(void **state)
{
	EACH(state, row) {
		bool found = false;

		for (const struct tag *tag = row->table->tags; documented(row) && tag && tag->name; tag++)
			found |= row->route->tag && strcmp(tag->name, row->route->tag) == 0;
		expect(row, found || !documented(row));
	}
}

static json_t *document(struct rows_all *all, const char *path)
{
	struct buf b = buf_arena(&all->a, 4 << 20);
	json_error_t why;
	json_t *root;

	openapi_write(public_tables, public_table_count, path, "https://example.com", &b);
	must(buf_ok(&b));
	root = json_loadb((const char *)b.p, b.n, JSON_REJECT_DUPLICATES, &why);
	if (!root)
		fail_msg("%s: %s", path, why.text);
	return root;
}

static void each_documented_row_is_in_its_document(void **state)
{
	static const char *const keys[] = { "get", "post", "put", "patch", "delete" };
	struct rows_all *all = *state;

	EACH(state, row) {
		json_t *root, *operation;
		char path[256];
		size_t n = 0;
		bool type = false;

		if (!documented(row))
			continue;
		for (const char *c = row->route->path; *c && n < sizeof(path) - 1; c++) {
			type = *c == ':' || (type && *c != '}');
			if (!type)
				path[n++] = *c;
		}
		path[n] = 0;
		root = document(all, row->table->openapi_path);
		operation = json_object_get(json_object_get(json_object_get(root, "paths"), path), keys[row->route->method]);
		expect(row, strcmp(json_string_value(json_object_get(operation, "operationId")), row->route->id) == 0);
		json_decref(root);
	}
}

/* Every "$ref" below leads somewhere. */
static void follow_references(struct rows_all *all, json_t *root, json_t *value)
{
	const char *reference = json_string_value(json_object_get(value, "$ref")), *key;
	json_t *inner;
	size_t i;

	if (reference) {
		struct slice rest = slice_text(reference);
		json_t *at = root;

		assert_slice_equal(slice_cut(&rest, '/'), S("#"));
		while (rest.n)
			at = json_object_get(at, arena_cstr(&all->a, slice_cut(&rest, '/')));
		if (!at)
			fail_msg("%s leads nowhere", reference);
	}
	json_object_foreach(value, key, inner)
		follow_references(all, root, inner);
	json_array_foreach(value, i, inner)
		follow_references(all, root, inner);
}

static void references_lead_somewhere(void **state)
{
	struct rows_all *all = *state;

	for (size_t i = 0; i < public_table_count; i++) {
		json_t *root;

		if (!public_tables[i]->openapi_path)
			continue;
		root = document(all, public_tables[i]->openapi_path);
		follow_references(all, root, root);
		json_decref(root);
	}
}

/* What the document shows as a body is one that the server takes. */
static void examples_of_bodies_are_read(void **state)
{
	struct rows_all *all = *state;

	EACH(state, row) {
		json_t *root, *paths, *path, *operation;
		const char *name, *method;

		if (!documented(row) || !row->route->body)
			continue;
		root = document(all, row->table->openapi_path);
		paths = json_object_get(root, "paths");
		json_object_foreach(paths, name, path)
			json_object_foreach(path, method, operation) {
				struct invalids bad = { .arena = &all->a };
				json_t *content = json_object_get(json_object_get(operation, "requestBody"), "content"), *example;
				const char *id = json_string_value(json_object_get(operation, "operationId"));

				if (!content || strcmp(id, row->route->id) != 0)
					continue;
				example = json_object_get(json_object_get(content, "application/json"), "example");
				schema_read(row->route->body, example, &all->a, &bad, arena_alloc(&all->a, row->route->body->size));
				expect(row, bad.n == 0);
			}
		json_decref(root);
	}
}

/* Two schemas of one name would hide each other in a document. */
static void names_of_schemas_are_their_own(void **state)
{
	EACH(state, row)
		EACH(state, other) {
			const struct schema *one[] = { row->route->body, row->route->reply };
			const struct schema *two[] = { other->route->body, other->route->reply };

			for (int i = 0; i < 4; i++)
				if (one[i / 2] && two[i % 2] && one[i / 2] != two[i % 2])
					expect(row, strcmp(one[i / 2]->name, two[i % 2]->name) != 0);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_says_what_it_does),
		cmocka_unit_test(public_rows_stand_in_public_tables),
		cmocka_unit_test(operators_rows_stand_in_operators_tables),
		cmocka_unit_test(permission_fits_what_is_done),
		cmocka_unit_test(readers_change_nothing),
		cmocka_unit_test(what_creates_answers_with_it),
		cmocka_unit_test(each_change_is_looked_for_in_the_log),
		cmocka_unit_test(no_path_is_taken_twice),
		cmocka_unit_test(each_documented_row_has_a_name_of_its_own),
		cmocka_unit_test(each_documented_row_has_a_tag_of_its_table),
		cmocka_unit_test(each_documented_row_is_in_its_document),
		cmocka_unit_test(references_lead_somewhere),
		cmocka_unit_test(examples_of_bodies_are_read),
		cmocka_unit_test(names_of_schemas_are_their_own),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
