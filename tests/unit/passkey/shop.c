#include "tests/unit/passkey/shop.h"

int shop_setup(void **state)
{
	static const struct route_table *const tables[] = { &user_routes, &passkey_routes, &passkey_page_routes, &passkey_admin_routes };
	struct world *w = world_new(NULL, tables, COUNT(tables));

	must(passkeys_open(&w->f->app));
	*state = w;
	assert_status(post(w->f, "/admin/domains", "{\"accountId\":\"%s\",\"name\":\"shop.example\"}", w->first.account_id), 200);
	return 0;
}

int shop_teardown(void **state)
{
	struct world *w = *state;

	passkeys_close(&w->f->app);
	world_free(w);
	return 0;
}

struct answer shop_set(struct world *w, const char *members)
{
	return patch(w->f, "/admin/passkeys/domains/shop.example", "{%s}", members);
}

struct op *shop_op(struct world *w)
{
	struct op *op = op_alone(&w->f->app, &w->f->arena);

	op->caller.account = world_account_number(w, w->first.account_id);
	op->caller.account_id = slice_text(w->first.account_id);
	return op;
}

const struct passkey_domain *shop_domain(struct world *w)
{
	const struct passkey_domain *domain = domain_named(&w->f->app, S("shop.example"));

	assert_non_null(domain);
	return domain;
}
