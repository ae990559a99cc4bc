#include "account/internal.h"

SQL(organisation_first, "SELECT n FROM organisations ORDER BY n LIMIT 1");
SQL(account_by_id, "SELECT n, id, name, sandbox, extended_events, created, audit_retention_days FROM accounts WHERE id = $1");
SQL(account_all, "SELECT n, id, name, sandbox, extended_events, created, audit_retention_days FROM accounts ORDER BY n");
SQL(account_add,
	"INSERT INTO accounts (id, organisation, name, sandbox, extended_events, created) VALUES ($1, $2, $3, $4, $5, $6) RETURNING n");

SQL(account_of_number, "SELECT id, organisation, sandbox, extended_events FROM accounts WHERE n = $1");

static err no_row(struct error e, enum err_code instead)
{
	return is_err(e, E_NO_ROW) ? (struct error){ instead } : e;
}

err organisation_find(struct tx *tx, int64_t *ret_n)
{
	struct rows r;

	TRY(no_row(sql_one(tx, &organisation_first, NO_ARGS, &r), E_ORGANISATION_UNKNOWN));
	*ret_n = col_int(&r, 0);
	return sql_close(&r);
}

static struct account_row account_of(const struct rows *r, struct arena *a)
{
	struct account_row row = {
		.n = col_int(r, 0),
		.view = {
			.id = arena_copy(a, col_text(r, 1)),
			.name = arena_copy(a, col_text(r, 2)),
			.type = col_int(r, 3) ? account_type_sandbox : account_type_production,
			.extendedEvents = col_int(r, 4) != 0,
			.created = col_int(r, 5),
			.auditRetentionDays = col_int(r, 6),
		},
	};

	if (!col_is_null(r, 6))
		MARK(&row.view, account_view, auditRetentionDays);
	return row;
}

err account_read(struct tx *tx, struct slice id, struct arena *a, struct account_row *ret_row)
{
	struct rows r;

	TRY(no_row(sql_one(tx, &account_by_id, ARGS(v_text(id)), &r), E_ACCOUNT_UNKNOWN));
	*ret_row = account_of(&r, a);
	return sql_close(&r);
}

err account_read_all(struct tx *tx, struct arena *a, struct list *ret_views)
{
	struct rows r;

	*ret_views = (struct list){ 0 };
	TRY(sql_open(tx, &account_all, NO_ARGS, &r));
	while (rows_next(&r))
		*(struct account_view *)list_add(a, ret_views, sizeof(struct account_view)) = account_of(&r, a).view;
	return sql_close(&r);
}

err account_insert(struct tx *tx, int64_t organisation, const struct account_view *view, int64_t *ret_n)
{
	struct rows r;

	TRY(sql_one(tx, &account_add,
		ARGS(v_text(view->id), v_int(organisation), v_text(view->name), v_int(view->type == account_type_sandbox),
			v_int(view->extendedEvents), v_int(view->created)),
		&r));
	*ret_n = col_int(&r, 0);
	return sql_close(&r);
}

err accounts_act_for(struct op *op, struct tx *tx, int64_t account)
{
	struct rows r;

	TRY(no_row(sql_one(tx, &account_of_number, ARGS(v_int(account)), &r), E_ACCOUNT_UNKNOWN));
	op->caller = (struct caller){
		.account = account,
		.account_id = arena_copy(op->arena, col_text(&r, 0)),
		.organisation = col_int(&r, 1),
		.sandbox = col_int(&r, 2) != 0,
		.extended_events = col_int(&r, 3) != 0,
	};
	return sql_close(&r);
}

err accounts_act_for_id(struct op *op, struct slice id)
{
	const struct snapshot *snapshot = accounts_hold(op->app);
	const struct account_info *account = snapshot_account(snapshot, id);
	int64_t n = account ? account->n : 0;

	accounts_release(snapshot);
	ENSURE(n, ACCOUNT_UNKNOWN);
	return accounts_act_for(op, op_reader(op), n);
}
