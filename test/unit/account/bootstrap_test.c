#include <stdlib.h>

#include "setup.h"

static void first_start_makes_an_account_and_a_client(void **state)
{
	struct setup *s = *state;
	bool made;

	must(accounts_bootstrap(&s->f->app, &made, &s->first));
	assert_true(made);
	assert_true(secret_works(s, s->first.client_id, s->first.secret));
	assert_string_equal(text_of(get(s->f, "/admin/accounts"), "accounts.0.id"), s->first.account_id);
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

	must(accounts_bootstrap(&s->f->app, &made, &second));
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
	must(accounts_bootstrap(&s->f->app, &made, &second));
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
		USUAL(client_may_use_every_product_in_its_account),
		USUAL(later_starts_make_nothing),
		USUAL(nothing_comes_back_that_was_deleted),
		USUAL(beginning_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
