#include <stdlib.h>

#include "setup.h"

static void first_start_makes_an_account_and_a_client(void **state)
{
	struct setup *s = *state;
	bool made;

	must(accounts_bootstrap(&s->f->app, NULL, &made, &s->first));
	assert_true(made);
	assert_true(secret_works(s, s->first.client_id, s->first.secret));
	assert_string_equal(text_of(get(s->f, "/admin/accounts"), "accounts.0.id"), s->first.account_id);
}

SQL(organisations, "SELECT count(*) FROM organisations");

struct keeping {
	struct setup *setup;
	struct error answer;
	struct bootstrap kept;
	int calls;
};

/* Nothing is stored yet when it is asked. */
static struct error keep(void *ctx, const struct bootstrap *made)
{
	struct keeping *k = ctx;

	assert_int_equal(fixture_number(k->setup->f, &organisations), 0);
	k->kept = *made;
	k->calls++;
	return k->answer;
}

static void keeper_learns_what_is_made_before_it_is(void **state)
{
	struct keeping k = { .setup = *state, .answer = OK };
	struct bootstrap_keeper keeper = { keep, &k };
	bool made;

	must(accounts_bootstrap(&k.setup->f->app, &keeper, &made, &k.setup->first));
	assert_int_equal(k.calls, 1);
	assert_memory_equal(&k.kept, &k.setup->first, sizeof(k.kept));
	assert_true(secret_works(k.setup, k.kept.client_id, k.kept.secret));
	must(accounts_bootstrap(&k.setup->f->app, &keeper, &made, &k.setup->first));
	assert_int_equal(k.calls, 1);
}

static void what_cannot_be_kept_is_not_made(void **state)
{
	struct keeping k = { .setup = *state, .answer = FAIL(IO) };
	struct bootstrap_keeper keeper = { keep, &k };
	bool made = true;

	assert_err(accounts_bootstrap(&k.setup->f->app, &keeper, &made, &k.setup->first), IO);
	assert_false(made);
	assert_string_equal(k.setup->first.secret, "");
	assert_int_equal(fixture_number(k.setup->f, &organisations), 0);
}

static void client_may_use_every_product_in_its_account(void **state)
{
	struct setup *s = *state;
	const struct snapshot *snapshot = accounts_hold(&s->f->app);
	const struct client_info *client = snapshot_client(snapshot, slice_text(s->first.client_id));

	assert_int_equal(client->products, PRODUCTS_ALL);
	assert_slice_equal(client->account->id, slice_text(s->first.account_id));
	assert_true(client->account->sandbox);
	accounts_release(snapshot);
}

static void later_starts_make_nothing(void **state)
{
	struct setup *s = *state;
	struct bootstrap second;
	bool made = true;

	must(accounts_bootstrap(&s->f->app, NULL, &made, &second));
	assert_false(made);
	assert_string_equal(second.secret, "");
	assert_int_equal(json_array_size(member(get(s->f, "/admin/accounts"), "accounts")), 1);
}

/* An operator who deleted everything does not find a client with a secret again. */
static void nothing_comes_back_that_was_deleted(void **state)
{
	struct setup *s = *state;
	struct bootstrap second;
	bool made = true;

	del(s->f, "/admin/accounts/%s", s->first.account_id);
	must(accounts_bootstrap(&s->f->app, NULL, &made, &second));
	assert_false(made);
}

SQL(recorded, "SELECT count(*) FROM audit WHERE type IN ('ADMIN_ACCOUNT_CREATED', 'ADMIN_API_CLIENT_CREATED', 'ADMIN_SECRET_CREATED')");

static void beginning_is_recorded(void **state)
{
	struct setup *s = *state;

	assert_int_equal(fixture_number(s->f, &recorded), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EMPTY(first_start_makes_an_account_and_a_client),
		EMPTY(keeper_learns_what_is_made_before_it_is),
		EMPTY(what_cannot_be_kept_is_not_made),
		USUAL(client_may_use_every_product_in_its_account),
		USUAL(later_starts_make_nothing),
		USUAL(nothing_comes_back_that_was_deleted),
		USUAL(beginning_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
