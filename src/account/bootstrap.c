/* What a new installation begins with, so that its first request can be made at once. */
#include "account/internal.h"
#include "account/snapshot.h"

SQL(organisation_add, "INSERT INTO organisations (id, name, created) VALUES ($1, $2, $3) RETURNING n");

struct beginning {
	struct app *app;
	int64_t now;
	char organisation[ACCOUNT_ID_BYTES_MAX + 1];
	struct account_view account;
	struct client_row client;
	struct fresh_secret secret;
	bool made;
};

static err organisation_insert(struct tx *tx, const struct beginning *b, int64_t *ret_n)
{
	struct rows r;

	TRY(sql_one(tx, &organisation_add, ARGS(v_text(slice_text(b->organisation)), v_text(S("Organisation")), v_int(b->now)), &r));
	*ret_n = col_int(&r, 0);
	return sql_close(&r);
}

static err record(const struct beginning *b, struct tx *tx, enum fact_kind kind, struct slice reference)
{
	struct fact_origin origin = fact_origin_here(b->app);

	origin.now = b->now;
	origin.address = S("local");
	origin.account = b->client.account;
	return fact_from(&origin, tx, &(struct fact){ .kind = kind, .reference = reference });
}

static err record_all(const struct beginning *b, struct tx *tx)
{
	char secret_id[UUID_TEXT + 1];

	uuid_format(&b->secret.view.id, secret_id);
	TRY(record(b, tx, FACT_ACCOUNT_CREATED, b->account.id));
	TRY(record(b, tx, FACT_CLIENT_CREATED, b->client.view.id));
	return record(b, tx, FACT_SECRET_CREATED, slice_text(secret_id));
}

static struct error begin(void *arg, struct tx *tx)
{
	struct beginning *b = arg;
	int64_t organisation;
	struct error e = organisation_find(tx, &organisation);

	b->made = is_err(e, E_ORGANISATION_UNKNOWN);
	if (!b->made)
		return e;
	TRY(organisation_insert(tx, b, &organisation));
	TRY(account_insert(tx, organisation, &b->account, &b->client.account));
	TRY(facts_begin(tx, b->client.account));
	TRY(client_insert(tx, organisation, &b->client, &b->client.n));
	TRY(secret_insert(tx, b->client.n, &b->secret));
	tx_after_commit(tx, &b->app->accounts->changed);
	return record_all(b, tx);
}

static struct beginning plan(struct app *app, struct bootstrap *names)
{
	struct beginning b = { .app = app, .now = env_now_ms(app->env) };

	account_id_make(app->env, true, names->account_id);
	client_id_make(app->env, "sandbox", names->client_id);
	organisation_id_make(app->env, b.organisation);
	b.account = (struct account_view){
		.id = slice_text(names->account_id), .name = S("Sandbox"), .type = account_type_sandbox, .created = b.now };
	b.client = (struct client_row){
		.products = PRODUCTS_ALL,
		.view = { .id = slice_text(names->client_id), .name = S("First client"), .enabled = true,
			.tokenLifetimeSeconds = TOKEN_LIFETIME_S_DEFAULT, .created = b.now } };
	return b;
}

static err is_begun(struct app *app, bool *ret_begun)
{
	struct tx *tx = store_read_begin(app->store);
	int64_t organisation;
	struct error e = organisation_find(tx, &organisation);

	store_read_end(tx);
	*ret_begun = !failed(e);
	return is_err(e, E_ORGANISATION_UNKNOWN) ? OK : e;
}

static err keep_and_begin(struct beginning *b, const struct bootstrap_keeper *keeper, const struct bootstrap *made)
{
	if (keeper)
		TRY(keeper->keep(keeper->ctx, made));
	return store_write(b->app->store, begin, b);
}

err accounts_bootstrap(struct app *app, const struct bootstrap_keeper *keeper, bool *ret_made, struct bootstrap *ret_bootstrap)
{
	struct beginning b;
	struct error e;
	bool begun;

	*ret_made = false;
	*ret_bootstrap = (struct bootstrap){ .secret = "" };
	TRY(is_begun(app, &begun));
	if (begun)
		return OK;
	b = plan(app, ret_bootstrap);
	secret_make(app->env, b.now, S("First secret"), &b.secret);
	memcpy(ret_bootstrap->secret, b.secret.text, sizeof(ret_bootstrap->secret));
	e = keep_and_begin(&b, keeper, ret_bootstrap);
	*ret_made = !failed(e) && b.made;
	wipe(&b.secret, sizeof(b.secret));
	if (!*ret_made)
		wipe(ret_bootstrap, sizeof(*ret_bootstrap));
	return e;
}
