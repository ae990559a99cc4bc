#include "account/internal.h"

#define CLIENT_COLUMNS                                                                                                       \
	"SELECT clients.n, clients.account, clients.id, accounts.id, clients.name, clients.enabled, clients.products,"       \
	" clients.token_lifetime_s, clients.created FROM clients LEFT JOIN accounts ON accounts.n = clients.account"
SQL(client_by_id, CLIENT_COLUMNS " WHERE clients.id = $1");
SQL(client_all, CLIENT_COLUMNS " WHERE clients.account = $1 OR $1 = 0 ORDER BY clients.n");
SQL(client_secrets, "SELECT id, name, created FROM client_secrets WHERE client = $1 ORDER BY id");
SQL(client_add,
	"INSERT INTO clients (id, organisation, account, name, enabled, products, token_lifetime_s, created)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING n");

void *list_add(struct arena *a, struct list *list, size_t size)
{
	/* The room for 1, 2, 4, 8, … items is full when there are as many. */
	if ((list->n & (list->n - 1)) == 0) {
		void *items = arena_alloc_array(a, size, list->n ? list->n * 2 : 1);

		if (list->n)
			memcpy(items, list->items, list->n * size);
		list->items = items;
	}
	return (uint8_t *)list->items + list->n++ * size;
}

static struct client_row client_of(const struct rows *r, struct arena *a)
{
	return (struct client_row){
		.n = col_int(r, 0),
		.account = col_int(r, 1),
		.products = (uint64_t)col_int(r, 6) & PRODUCTS_ALL,
		.view = {
			.id = arena_copy(a, col_text(r, 2)),
			.accountId = col_is_null(r, 3) ? (struct slice){ 0 } : arena_copy(a, col_text(r, 3)),
			.name = arena_copy(a, col_text(r, 4)),
			.enabled = col_int(r, 5) != 0,
			.tokenLifetimeSeconds = col_int(r, 7),
			.created = col_int(r, 8),
		},
	};
}

err client_read(struct tx *tx, struct slice id, struct arena *a, struct client_row *ret_row)
{
	struct error e;
	struct rows r;

	e = sql_one(tx, &client_by_id, ARGS(v_text(id)), &r);
	ENSURE(!is_err(e, E_NO_ROW), CLIENT_UNKNOWN);
	TRY(e);
	*ret_row = client_of(&r, a);
	return sql_close(&r);
}

static struct list labels_of(uint64_t products, struct arena *a)
{
	struct slice *labels = arena_array(a, struct slice, PRODUCT_COUNT);
	size_t n = 0;

	for (unsigned i = 0; i < PRODUCT_COUNT; i++)
		if (products >> i & 1)
			labels[n++] = slice_text(product_label(i));
	return (struct list){ labels, n };
}

err client_complete(struct tx *tx, struct client_row *row, struct arena *a)
{
	struct rows r;

	row->view.products = labels_of(row->products, a);
	row->view.secrets = (struct list){ 0 };
	TRY(sql_open(tx, &client_secrets, ARGS(v_int(row->n)), &r));
	while (rows_next(&r))
		*(struct secret_view *)list_add(a, &row->view.secrets, sizeof(struct secret_view)) = (struct secret_view){
			.id = col_uuid(&r, 0), .name = arena_copy(a, col_text(&r, 1)), .created = col_int(&r, 2) };
	return sql_close(&r);
}

err client_read_all(struct tx *tx, int64_t account, struct arena *a, struct list *ret_views)
{
	struct error e = OK;
	struct rows r;

	*ret_views = (struct list){ 0 };
	TRY(sql_open(tx, &client_all, ARGS(v_int(account)), &r));
	while (!failed(e) && rows_next(&r)) {
		struct client_row row = client_of(&r, a);

		e = client_complete(tx, &row, a);
		*(struct client_view *)list_add(a, ret_views, sizeof(struct client_view)) = row.view;
	}
	TRY(sql_close(&r));
	return e;
}

err client_insert(struct tx *tx, int64_t organisation, const struct client_row *row, int64_t *ret_n)
{
	const struct client_view *view = &row->view;
	struct rows r;

	TRY(sql_one(tx, &client_add,
		ARGS(v_text(view->id), v_int(organisation), row->account ? v_int(row->account) : v_null(), v_text(view->name),
			v_int(view->enabled), v_int((int64_t)row->products), v_int(view->tokenLifetimeSeconds), v_int(view->created)),
		&r));
	*ret_n = col_int(&r, 0);
	return sql_close(&r);
}
