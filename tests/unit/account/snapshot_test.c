#include <pthread.h>
#include <stdlib.h>

#include "account/snapshot.h"
#include "setup.h"

static void what_is_held_does_not_change(void **state)
{
	struct setup *s = *state;
	const struct snapshot *held = accounts_hold(&s->f->app);

	del(s->f, "/admin/clients/%s", s->first.client_id);
	assert_non_null(snapshot_client(held, slice_text(s->first.client_id)));
	assert_true(client_secret_fits(snapshot_client(held, slice_text(s->first.client_id)), slice_text(s->first.secret)));
	assert_false(secret_works(s, s->first.client_id, s->first.secret));
	accounts_release(held);
}

static void unknown_ids(void **state)
{
	struct setup *s = *state;
	const struct snapshot *snapshot = accounts_hold(&s->f->app);

	assert_null(snapshot_client(snapshot, S("")));
	assert_null(snapshot_client(snapshot, S("sandbox-x")));
	assert_null(snapshot_client(snapshot, slice_text(s->first.account_id)));
	assert_null(snapshot_account(snapshot, S("")));
	assert_null(snapshot_account(snapshot, slice_text(s->first.client_id)));
	accounts_release(snapshot);
}

/* Enough for several places in the tables to collide, and clients without a secret among others with several. */
static void every_client_is_found_with_its_own_secrets(void **state)
{
	struct setup *s = *state;
	const char *ids[60], *secrets[60];

	for (size_t i = 0; i < COUNT(ids); i++) {
		struct answer a = post(s->f, "/admin/clients", "{\"name\":\"Client %zu\"}", i);

		ids[i] = text_of(a, "id");
		secrets[i] = text_of(a, "secrets.0.secret");
		if (i % 3 == 0)
			del(s->f, "/admin/clients/%s/secrets/%s", ids[i], text_of(a, "secrets.0.id"));
		if (i % 5 == 0)
			post(s->f, PATH(s, "/admin/clients/%s/secrets", ids[i]), "{\"name\":\"Another\"}");
	}
	for (size_t i = 0; i < COUNT(ids); i++) {
		assert_int_equal(secret_works(s, ids[i], secrets[i]), i % 3 != 0);
		assert_false(secret_works(s, ids[i], secrets[(i + 1) % COUNT(ids)]));
	}
}

static void opening_reads_what_the_store_holds(void **state)
{
	struct setup *s = *state;

	accounts_close(&s->f->app);
	fixture_reopen(s->f);
	must(accounts_open(&s->f->app));
	assert_true(secret_works(s, s->first.client_id, s->first.secret));
}

SQL(orphan, "UPDATE clients SET account = 77");

static struct error make_orphan(void *arg, struct tx *tx)
{
	struct app *app = arg;

	TRY(sql_run(tx, &orphan, NO_ARGS, NULL));
	tx_after_commit(tx, &app->accounts->changed);
	return OK;
}

SQL(adopt, "UPDATE clients SET account = (SELECT n FROM accounts LIMIT 1)");

static struct error adopt_quietly(void *arg, struct tx *tx)
{
	(void)arg;
	return sql_run(tx, &adopt, NO_ARGS, NULL);
}

static void rows_that_make_no_sense_let_nobody_in(void **state)
{
	struct setup *s = *state;

	must(store_write(s->f->app.store, make_orphan, &s->f->app));
	assert_false(secret_works(s, s->first.client_id, s->first.secret));
}

static void failed_loading_is_tried_again_by_the_next_who_asks(void **state)
{
	struct setup *s = *state;

	must(store_write(s->f->app.store, make_orphan, &s->f->app));
	must(store_write(s->f->app.store, adopt_quietly, NULL));
	assert_true(secret_works(s, s->first.client_id, s->first.secret));
}

static void opening_fails_when_the_rows_make_no_sense(void **state)
{
	struct setup *s = *state;

	must(store_write(s->f->app.store, make_orphan, &s->f->app));
	accounts_close(&s->f->app);
	assert_err(accounts_open(&s->f->app), STORAGE);
	assert_null(s->f->app.accounts);
}

/* ---- at the same time ---- */

enum { READERS = 3, CHANGES = 40 };

struct reading {
	struct setup *s;
	atomic_bool stop;
	atomic_size_t seen;
};

static void *read_on(void *arg)
{
	struct reading *r = arg;

	while (!atomic_load(&r->stop)) {
		const struct snapshot *snapshot = accounts_hold(&r->s->f->app);
		const struct client_info *client = snapshot_client(snapshot, slice_text(r->s->first.client_id));

		if (client && client->token_lifetime_s >= 600)
			atomic_fetch_add(&r->seen, 1);
		accounts_release(snapshot);
	}
	return NULL;
}

static void readers_go_on_while_it_changes(void **state)
{
	struct reading r = { .s = *state };
	pthread_t threads[READERS];

	for (int i = 0; i < READERS; i++)
		pthread_create(&threads[i], NULL, read_on, &r);
	for (int i = 1; i <= CHANGES; i++) {
		const struct snapshot *snapshot;

		patch(r.s->f, PATH(r.s, "/admin/clients/%s", r.s->first.client_id), "{\"tokenLifetimeSeconds\":%d}", 600 + i);
		snapshot = accounts_hold(&r.s->f->app);
		assert_int_equal(snapshot_client(snapshot, slice_text(r.s->first.client_id))->token_lifetime_s, 600 + i);
		accounts_release(snapshot);
	}
	while (atomic_load(&r.seen) == 0)
		sched_yield();
	atomic_store(&r.stop, true);
	for (int i = 0; i < READERS; i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		USUAL(what_is_held_does_not_change),
		USUAL(unknown_ids),
		USUAL(every_client_is_found_with_its_own_secrets),
		USUAL(opening_reads_what_the_store_holds),
		USUAL(rows_that_make_no_sense_let_nobody_in),
		USUAL(failed_loading_is_tried_again_by_the_next_who_asks),
		USUAL(opening_fails_when_the_rows_make_no_sense),
		USUAL(readers_go_on_while_it_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
