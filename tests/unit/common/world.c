#include "tests/unit/common/world.h"

#include <stdlib.h>

#include "event/denials.h"
#include "oauth/oauth.h"

/* Permissions are bundled in products, so a client without just one of them cannot be had in the usual way. */
static struct error authenticate(struct op *op, struct slice token, struct slice wanted)
{
	struct error e = oauth_authenticate(op, token, wanted);
	struct slice without = http_header(op->http, WITHOUT_HEADER);

	for (int p = 0; p < PERMISSION_COUNT; p++)
		if (without.n && slice_is(without, permission_text((enum permission)p)))
			op->caller.permissions &= ~BIT(p);
	return e;
}

static void serve(struct world *w, const struct route_table *const *tables, size_t n)
{
	static const struct route_table *const usual[] = { &account_admin_routes, &oauth_routes, &oauth_admin_routes };
	size_t count = 0;

	w->tables = xalloc((n + COUNT(usual)) * sizeof(*w->tables));
	for (size_t i = 0; i < n; i++)
		w->tables[count++] = tables[i];
	for (size_t i = 0; i < COUNT(usual); i++) {
		bool there = false;

		for (size_t k = 0; k < n; k++)
			there |= tables[k] == usual[i];
		if (!there)
			w->tables[count++] = usual[i];
	}
	fixture_serve(w->f, w->tables, count, authenticate);
}

static struct world *world_open(const struct fixture_options *options, const struct route_table *const *tables, size_t table_count)
{
	struct world *w = xalloc(sizeof(*w));

	w->f = fixture_new(options);
	w->f->app.denials = denials_new();
	must(accounts_open(&w->f->app));
	must(oauth_open(&w->f->app));
	serve(w, tables, table_count);
	return w;
}

struct world *world_new(const struct fixture_options *options, const struct route_table *const *tables, size_t table_count)
{
	struct world *w = world_open(options, tables, table_count);
	bool made;

	must(accounts_bootstrap(&w->f->app, NULL, &made, &w->first));
	w->token = world_token(w, world_first_client(w));
	return w;
}

struct world *world_again(const struct fixture_options *options, const struct route_table *const *tables, size_t table_count,
	const struct bootstrap *first)
{
	struct world *w = world_open(options, tables, table_count);

	w->first = *first;
	w->token = world_token(w, world_first_client(w));
	return w;
}

void world_free(struct world *w)
{
	oauth_close(&w->f->app);
	accounts_close(&w->f->app);
	denials_free(w->f->app.denials);
	fixture_free(w->f);
	free(w->tables);
	free(w);
}

struct answer ask(struct world *w, enum http_method method, const char *target, const char *body)
{
	return fixture_request(w->f, &(struct from){ .token = w->token }, method, target, body);
}

const char *world_account(struct world *w, const char *type)
{
	struct answer answer = post(w->f, "/admin/accounts", "{\"name\":\"Another\",\"type\":\"%s\"}", type);

	assert_status(answer, 200);
	return text_of(answer, "id");
}

SQL(number_of_account, "SELECT n FROM accounts WHERE id = $1");

int64_t world_account_number(struct world *w, const char *id)
{
	struct tx *tx = store_read_begin(w->f->app.store);
	struct rows r;
	int64_t n;

	must(sql_one(tx, &number_of_account, ARGS(v_text(slice_text(id))), &r));
	n = col_int(&r, 0);
	must(sql_close(&r));
	store_read_end(tx);
	return n;
}

struct credentials world_client(struct world *w, const char *account, const char *products)
{
	const char *where = account ? TEXT(w, "\"accountId\":\"%s\",", account) : "";
	struct answer answer = post(w->f, "/admin/clients", "{%s\"name\":\"Another\",\"products\":%s}", where, products);

	assert_status(answer, 200);
	return (struct credentials){ text_of(answer, "id"), text_of(answer, "secrets.0.secret") };
}

struct credentials world_first_client(struct world *w)
{
	return (struct credentials){ w->first.client_id, w->first.secret };
}

const char *world_token(struct world *w, struct credentials client)
{
	const struct from from = { .type = "application/x-www-form-urlencoded" };
	const char *body = TEXT(w, "grant_type=client_credentials&client_id=%s&client_secret=%s", client.id, client.secret);
	struct answer answer = fixture_request(w->f, &from, HTTP_POST, "/auth/open/connect/token", body);

	assert_status(answer, 200);
	return text_of(answer, "access_token");
}
