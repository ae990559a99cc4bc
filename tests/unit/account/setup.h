/* What the tests of this folder begin with: the operator's routes over a store with an organisation, an account and a client. */
#ifndef TEST_UNIT_ACCOUNT_SETUP_H
#define TEST_UNIT_ACCOUNT_SETUP_H

#include "account/account.h"
#include "tests/unit/common/fixture.h"

struct setup {
	struct fixture *f;
	struct bootstrap first; /* a sandbox account and its client */
};

/* Nothing in the store yet. */
static inline int setup_empty(void **state)
{
	static const struct route_table *const tables[] = { &account_admin_routes };
	struct setup *s = xalloc(sizeof(*s));

	s->f = fixture_new(NULL);
	must(accounts_open(&s->f->app));
	fixture_serve(s->f, tables, COUNT(tables), NULL);
	*state = s;
	return 0;
}

static inline int setup_usual(void **state)
{
	struct setup *s;
	bool made;

	setup_empty(state);
	s = *state;
	must(accounts_bootstrap(&s->f->app, NULL, &made, &s->first));
	return 0;
}

static inline int setup_free(void **state)
{
	struct setup *s = *state;

	accounts_close(&s->f->app);
	fixture_free(s->f);
	free(s);
	return 0;
}

/* "/admin/clients/…/secrets" and the like. */
#define PATH(s, ...) (const char *)arena_printf(&(s)->f->arena, __VA_ARGS__).p

static inline const char *account_made(struct setup *s, const char *type)
{
	struct answer answer = post(s->f, "/admin/accounts", "{\"name\": \"Second\", \"type\": \"%s\"}", type);

	assert_status(answer, 200);
	return text_of(answer, "id");
}

/* Does the snapshot in use know this client with this secret, and let it in? */
static inline bool secret_works(struct setup *s, const char *client, const char *secret)
{
	const struct snapshot *snapshot = accounts_hold(&s->f->app);
	const struct client_info *info = snapshot_client(snapshot, slice_text(client));
	bool works = info && info->enabled && client_secret_fits(info, slice_text(secret));

	accounts_release(snapshot);
	return works;
}

/* The last audit record: "TYPE reference data", and whose account it counts to. */
SQL(last_fact, "SELECT type, reference, data, account FROM audit ORDER BY n DESC LIMIT 1");
SQL(fact_count, "SELECT count(*) FROM audit");
SQL(account_number, "SELECT n FROM accounts WHERE id = $1");

static inline int64_t number_of_account(struct setup *s, const char *id)
{
	struct tx *tx = store_read_begin(s->f->app.store);
	struct rows r;
	int64_t n;

	must(sql_one(tx, &account_number, ARGS(v_text(slice_text(id))), &r));
	n = col_int(&r, 0);
	must(sql_close(&r));
	store_read_end(tx);
	return n;
}

static inline void assert_last_fact(struct setup *s, int64_t account, const char *type, const char *reference, const char *data)
{
	struct tx *tx = store_read_begin(s->f->app.store);
	struct rows r;

	must(sql_one(tx, &last_fact, NO_ARGS, &r));
	assert_slice_equal(col_text(&r, 0), slice_text(type));
	assert_slice_equal(col_text(&r, 1), slice_text(reference));
	assert_slice_equal(col_text(&r, 2), slice_text(data));
	assert_int_equal(col_int(&r, 3), account);
	must(sql_close(&r));
	store_read_end(tx);
}

#define USUAL(test) cmocka_unit_test_setup_teardown(test, setup_usual, setup_free)
#define EMPTY(test) cmocka_unit_test_setup_teardown(test, setup_empty, setup_free)

#endif
