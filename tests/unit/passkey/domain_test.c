/* Two operators change one domain at once: neither takes back what the other set. */
#include "tests/unit/passkey/shop.h"

static struct error apply(void *arg, struct tx *tx)
{
	return domain_change_apply(arg, tx);
}

/* A change whose settings were read, and that is not written yet. */
static struct op *begun(struct world *w, struct domain_settings *in)
{
	struct op *op = shop_op(w);

	op->path[0] = S("shop.example");
	op->in = in;
	must(domain_change_prepare(op));
	return op;
}

static void raced(struct world *w, const char *members)
{
	struct domain_settings in = { .title = S("Late") };
	struct op *op;

	MARK(&in, domain_settings, title);
	op = begun(w, &in);
	assert_status(shop_set(w, members), 200);
	assert_err(store_write(w->f->app.store, apply, op), STALE);
	/* On what is there now, it goes through. */
	op = begun(w, &in);
	assert_ok(store_write(w->f->app.store, apply, op));
	assert_slice_equal(shop_domain(w)->settings.title, in.title);
}

static void first_change_of_all(void **state)
{
	raced(*state, "\"trustedOnly\":true");
	assert_true(shop_domain(*state)->settings.trustedOnly);
}

static void further_change(void **state)
{
	assert_status(shop_set(*state, "\"accent\":\"#112233\""), 200);
	raced(*state, "\"trustedOnly\":true");
	assert_true(shop_domain(*state)->settings.trustedOnly);
	assert_slice_equal(shop_domain(*state)->settings.accent, S("#112233"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(first_change_of_all),
		SHOP_TEST(further_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
