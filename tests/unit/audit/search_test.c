/* A search for one user, or one transaction, finds its records at once, however much else stands in the log. */
#include <stdlib.h>

#include "audit/audit.h"
#include "tests/unit/common/database.h"
#include "tests/unit/common/world.h"
#include "user/user.h"

enum { OTHERS = 45000 }; /* more than a page without an index looks at, twice */

struct logged {
	struct world *w;
	int64_t account;
	const char *user, *other;
};

static const struct route_table *const tables[] = { &audit_routes, &user_routes };

static struct error write_others(void *arg, struct tx *tx)
{
	const struct logged *l = arg;
	struct fact_origin origin = fact_origin_here(&l->w->f->app);

	origin.account = l->account;
	for (int i = 0; i < OTHERS; i++)
		TRY(fact_from(&origin, tx, &(struct fact){ .kind = FACT_BACKUP_MADE, .reference = S("r") }));
	return OK;
}

static const char *new_user(struct logged *l)
{
	return text_of(ask(l->w, HTTP_POST, "/reuseid/core/users", "{\"attributes\":{\"a\":\"1\"}}"), "id");
}

static void change(struct logged *l, const char *user, int n)
{
	for (int i = 0; i < n; i++)
		assert_status(ask(l->w, HTTP_PATCH, TEXT(l->w, "/reuseid/core/users/%s", user), TEXT(l->w, "{\"attributes\":{\"a\":\"%d\"}}", i + 2)), 200);
}

static int setup(void **state)
{
	struct logged *l = *state = xalloc(sizeof(*l));

	l->w = world_new(NULL, tables, 2);
	audit_open(&l->w->f->app);
	l->account = world_account_number(l->w, l->w->first.account_id);
	l->user = new_user(l);
	l->other = new_user(l);
	change(l, l->user, 2);
	must(store_write(l->w->f->app.store, write_others, l));
	change(l, l->user, 1);
	change(l, l->other, 5);
	return 0;
}

static int teardown(void **state)
{
	struct logged *l = *state;

	world_free(l->w);
	free(l);
	return 0;
}

static struct answer search(struct logged *l, const char *query, const char *field, const char *value)
{
	struct answer answer = ask(l->w, HTTP_POST, TEXT(l->w, "/audit/query%s", query),
		TEXT(l->w, "{\"and\":[{\"field\":\"%s\",\"operator\":\"eq\",\"value\":\"%s\"}]}", field, value));

	assert_status(answer, 200);
	return answer;
}

static size_t found(struct answer answer)
{
	return json_array_size(member(answer, "data"));
}

static void records_of_a_user(void **state)
{
	struct logged *l = *state;
	struct answer answer = search(l, "", "userId", l->user);

	assert_int_equal(found(answer), 4);
	assert_null(member(answer, "next")); /* that was all, and it is known */
	assert_string_equal(text_of(answer, "data.3.eventType"), "API_USER_CREATED");
	assert_int_equal(found(search(l, "", "userId", l->other)), 6);
}

static void records_of_a_reference(void **state)
{
	struct logged *l = *state;
	struct answer answer = search(l, "", "referenceId", l->user);

	assert_int_equal(found(answer), 4);
	assert_null(member(answer, "next"));
	answer = search(l, "?limit=10", "referenceId", "r");
	assert_int_equal(found(answer), 10);
	assert_non_null(member(answer, "next"));
}

static void page_by_page(void **state)
{
	struct logged *l = *state;
	struct answer answer = search(l, "?limit=3", "userId", l->user);
	const char *next = text_of(answer, "next"), *query = strchr(next, '?');

	assert_int_equal(found(answer), 3);
	answer = search(l, query, "userId", l->user);
	assert_int_equal(found(answer), 1);
	assert_null(member(answer, "next"));
}

static void nobody_is_found_at_once(void **state)
{
	static const char *const nobody[] = { "3f2d0d1c-5f0e-4b7a-9a1f-0c1d2e3f4a5b", "no id", "00000000-0000-0000-0000-000000000000" };
	struct logged *l = *state;

	for (size_t i = 0; i < COUNT(nobody); i++) {
		struct answer answer = search(l, "", "userId", nobody[i]);

		assert_int_equal(found(answer), 0);
		assert_null(member(answer, "next"));
	}
}

static void both_conditions(void **state)
{
	struct logged *l = *state;
	struct answer answer = ask(l->w, HTTP_POST, "/audit/query", TEXT(l->w, "{\"and\":[{\"field\":\"userId\",\"operator\":\"eq\",\"value\":\"%s\"},"
		"{\"field\":\"referenceId\",\"operator\":\"eq\",\"value\":\"%s\"}]}", l->other, l->user));

	assert_status(answer, 200);
	assert_int_equal(found(answer), 0);
	answer = ask(l->w, HTTP_POST, "/audit/query", TEXT(l->w, "{\"and\":[{\"field\":\"userId\",\"operator\":\"eq\",\"value\":\"%s\"},"
		"{\"field\":\"eventType\",\"operator\":\"eq\",\"value\":\"API_USER_UPDATED\"}]}", l->user));
	assert_int_equal(found(answer), 3);
}

/* Another account's user is nobody here. */
static void of_the_account_only(void **state)
{
	struct logged *l = *state;
	const char *usual = l->w->token, *id = world_account(l->w, "sandbox");

	l->w->token = world_token(l->w, world_client(l->w, id, "[\"Audit API\"]"));
	assert_int_equal(found(search(l, "", "userId", l->user)), 0);
	assert_int_equal(found(search(l, "", "referenceId", l->user)), 0);
	l->w->token = usual;
}

static void export_of_a_user_has_all_his_records(void **state)
{
	struct logged *l = *state;
	struct answer answer = ask(l->w, HTTP_GET, TEXT(l->w, "/reuseid/core/users/%s/export", l->user), NULL);

	assert_status(answer, 200);
	assert_int_equal(json_array_size(member(answer, "auditRecords")), 4);
	assert_null(member(answer, "auditNext"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_a_user),
		cmocka_unit_test(records_of_a_reference),
		cmocka_unit_test(page_by_page),
		cmocka_unit_test(nobody_is_found_at_once),
		cmocka_unit_test(both_conditions),
		cmocka_unit_test(of_the_account_only),
		cmocka_unit_test(export_of_a_user_has_all_his_records),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
