/* The operator's commands on API clients. */
#include "account/internal.h"

SQL(client_update, "UPDATE clients SET name = $2, enabled = $3, products = $4, token_lifetime_s = $5 WHERE n = $1");
SQL(client_delete_secrets, "DELETE FROM client_secrets WHERE client = $1");
SQL(client_delete, "DELETE FROM clients WHERE n = $1");

/* The labels as a mask; "all" stands for every product there is. */
static err read_products(struct op *op, const struct list *labels, uint64_t *ret_products)
{
	const struct slice *label = labels->items;

	*ret_products = 0;
	for (size_t i = 0; i < labels->n; i++) {
		int product = product_find(label[i]);

		if (slice_ieq(label[i], S("all")))
			*ret_products = PRODUCTS_ALL;
		else if (product >= 0)
			*ret_products |= BIT(product);
		else
			invalid_add(&op->invalids, S("products"), "products holds \"%.*s\", which is no product", FMT(label[i]));
	}
	return op->invalids.n ? FAIL(INVALID_PARAM) : OK;
}

/* ---- read ---- */

err client_list_prepare(struct op *op)
{
	const struct account_filter *query = op->query;
	struct client_list *out = arena_new(op->arena, struct client_list);
	struct account_row account = { 0 };

	op->out = out;
	if (query->accountId.n)
		TRY(account_read(op_reader(op), query->accountId, op->arena, &account));
	return client_read_all(op_reader(op), account.n, op->arena, &out->clients);
}

err client_get_prepare(struct op *op)
{
	struct client_row *row = arena_new(op->arena, struct client_row);

	op->out = &row->view;
	TRY(client_read(op_reader(op), op->path[0], op->arena, row));
	return client_complete(op_reader(op), row, op->arena);
}

/* ---- create ---- */

struct creation {
	struct client_row row;
	struct fresh_secret secret;
};

/* Nobody shall get a client of the whole organisation because a script had an empty variable. */
static err check_account(struct op *op, const struct client_new *in)
{
	bool empty = HAS(in, client_new, accountId) && in->accountId.n == 0;

	return empty ? op_invalid(op, "accountId", "cannot be null or empty; leave it out for the whole organisation") : OK;
}

static err choose_id(struct op *op, const struct client_new *in, struct client_view *view)
{
	struct account_row account;
	const char *where = "org";
	char id[CLIENT_ID_BYTES_MAX + 1];

	if (in->accountId.n) {
		TRY(account_read(op_reader(op), in->accountId, op->arena, &account));
		where = account.view.type == account_type_sandbox ? "sandbox" : "prod";
	}
	client_id_make(op->app->env, where, id);
	view->id = arena_copy(op->arena, slice_text(id));
	view->accountId = in->accountId;
	return OK;
}

err client_create_prepare(struct op *op)
{
	const struct client_new *in = op->in;
	struct creation *own = op_own(op, struct creation);
	struct client_view *view = &own->row.view;

	TRY(check_account(op, in));
	TRY(read_products(op, &in->products, &own->row.products));
	TRY(choose_id(op, in, view));
	view->name = in->name;
	view->enabled = true;
	view->tokenLifetimeSeconds =
		HAS(in, client_new, tokenLifetimeSeconds) ? in->tokenLifetimeSeconds : TOKEN_LIFETIME_S_DEFAULT;
	view->created = op->now;
	secret_make(op->app->env, op->now, S("First secret"), &own->secret);
	op->out = view;
	op->location = arena_printf(op->arena, "/admin/clients/%.*s", FMT(view->id));
	return OK;
}

static err place_client(struct op *op, struct tx *tx, struct client_row *row)
{
	struct account_row account = { 0 };
	int64_t organisation;

	TRY(organisation_find(tx, &organisation));
	if (row->view.accountId.n)
		TRY(account_read(tx, row->view.accountId, op->arena, &account));
	row->account = account.n;
	return retry_taken(client_insert(tx, organisation, row, &row->n));
}

err client_create_apply(struct op *op, struct tx *tx)
{
	struct creation *own = op_own(op, struct creation);
	struct client_row *row = &own->row;

	TRY(place_client(op, tx, row));
	TRY(secret_insert(tx, row->n, &own->secret));
	TRY(client_complete(tx, row, op->arena));
	row->view.secrets = (struct list){ &own->secret.view, 1 };
	accounts_changed(op, tx);
	TRY(fact(op, tx, &(struct fact){ .kind = FACT_CLIENT_CREATED, .account = row->account, .reference = row->view.id }));
	return secret_fact(op, tx, FACT_SECRET_CREATED, row, &own->secret.view.id);
}

/* ---- change ---- */

err client_change_prepare(struct op *op)
{
	const struct client_change *in = op->in;

	TRY(name_check(op, HAS(in, client_change, name), in->name));
	return read_products(op, &in->products, op_own(op, uint64_t));
}

static void note_changes(struct op *op, struct client_row *row, struct changes *changes)
{
	const struct client_change *in = op->in;
	struct client_view *view = &row->view;
	uint64_t products = *op_own(op, uint64_t);

	if (HAS(in, client_change, name) && !slice_eq(in->name, view->name)) {
		view->name = in->name;
		changes_add(changes, "name");
	}
	if (HAS(in, client_change, enabled) && in->enabled != view->enabled) {
		view->enabled = in->enabled;
		changes_add(changes, "enabled");
	}
	if (HAS(in, client_change, products) && products != row->products) {
		row->products = products;
		changes_add(changes, "products");
	}
	if (HAS(in, client_change, tokenLifetimeSeconds) && in->tokenLifetimeSeconds != view->tokenLifetimeSeconds) {
		view->tokenLifetimeSeconds = in->tokenLifetimeSeconds;
		changes_add(changes, "tokenLifetimeSeconds");
	}
}

err client_change_apply(struct op *op, struct tx *tx)
{
	struct client_row *row = arena_new(op->arena, struct client_row);
	struct changes changes;

	TRY(client_read(tx, op->path[0], op->arena, row));
	changes_begin(&changes, op->arena);
	note_changes(op, row, &changes);
	TRY(client_complete(tx, row, op->arena));
	op->out = &row->view;
	if (changes.n == 0)
		return OK;
	TRY(sql_run(tx, &client_update,
		ARGS(v_int(row->n), v_text(row->view.name), v_int(row->view.enabled), v_int((int64_t)row->products),
			v_int(row->view.tokenLifetimeSeconds)),
		NULL));
	accounts_changed(op, tx);
	return fact(op, tx, &(struct fact){ .kind = FACT_CLIENT_UPDATED, .account = row->account, .reference = row->view.id,
		.data = changes_end(&changes) });
}

/* ---- delete ---- */

err client_delete_apply(struct op *op, struct tx *tx)
{
	struct client_row row;

	TRY(client_read(tx, op->path[0], op->arena, &row));
	TRY(sql_run(tx, &client_delete_secrets, ARGS(v_int(row.n)), NULL));
	TRY(sql_run(tx, &client_delete, ARGS(v_int(row.n)), NULL));
	accounts_changed(op, tx);
	return fact(op, tx, &(struct fact){ .kind = FACT_CLIENT_DELETED, .account = row.account, .reference = row.view.id });
}
