/* The operator's commands on accounts. */
#include "account/internal.h"

SQL(account_update, "UPDATE accounts SET name = $2, extended_events = $3, audit_retention_days = $4 WHERE n = $1");
SQL(account_has_users, "SELECT 1 FROM users WHERE account = $1 LIMIT 1");
SQL(account_delete_secrets, "DELETE FROM client_secrets WHERE client IN (SELECT n FROM clients WHERE account = $1)");
SQL(account_delete_clients, "DELETE FROM clients WHERE account = $1");
SQL(account_delete_domains, "DELETE FROM domains WHERE account = $1");
SQL(account_delete_domain_settings, "DELETE FROM passkey_domains WHERE name IN (SELECT name FROM domains WHERE account = $1)");
SQL(account_delete, "DELETE FROM accounts WHERE n = $1");

err account_list_prepare(struct op *op)
{
	struct account_list *out = arena_new(op->arena, struct account_list);

	op->out = out;
	return account_read_all(op_reader(op), op->arena, &out->accounts);
}

err account_get_prepare(struct op *op)
{
	struct account_row *row = arena_new(op->arena, struct account_row);

	op->out = &row->view;
	return account_read(op_reader(op), op->path[0], op->arena, row);
}

/* ---- create ---- */

err account_create_prepare(struct op *op)
{
	const struct account_new *in = op->in;
	struct account_view *out = arena_new(op->arena, struct account_view);
	char id[ACCOUNT_ID_BYTES_MAX + 1];

	account_id_make(op->app->env, in->type == account_type_sandbox, id);
	*out = (struct account_view){
		.id = arena_copy(op->arena, slice_text(id)),
		.name = in->name,
		.type = in->type,
		.extendedEvents = in->extendedEvents,
		.created = op->now,
	};
	op->out = out;
	op->location = arena_printf(op->arena, "/admin/accounts/%s", id);
	return OK;
}

err account_create_apply(struct op *op, struct tx *tx)
{
	const struct account_view *out = op->out;
	int64_t organisation, n;

	TRY(organisation_find(tx, &organisation));
	TRY(retry_taken(account_insert(tx, organisation, out, &n)));
	TRY(facts_begin(tx, n));
	accounts_changed(op, tx);
	return fact(op, tx, &(struct fact){ .kind = FACT_ACCOUNT_CREATED, .account = n, .reference = out->id });
}

/* ---- change ---- */

err account_change_prepare(struct op *op)
{
	const struct account_change *in = op->in;
	struct account_row row;

	TRY(name_check(op, HAS(in, account_change, name), in->name));
	if (!in->type)
		return OK;
	TRY(account_read(op_reader(op), op->path[0], op->arena, &row));
	return in->type == row.view.type ? OK : op_invalid(op, "type", "can never be changed");
}

err account_change_apply(struct op *op, struct tx *tx)
{
	const struct account_change *in = op->in;
	struct account_row *row = arena_new(op->arena, struct account_row);
	struct changes changes;

	TRY(account_read(tx, op->path[0], op->arena, row));
	op->out = &row->view;
	changes_begin(&changes, op->arena);
	if (HAS(in, account_change, name) && !slice_eq(in->name, row->view.name)) {
		row->view.name = in->name;
		changes_add(&changes, "name");
	}
	if (HAS(in, account_change, extendedEvents) && in->extendedEvents != row->view.extendedEvents) {
		row->view.extendedEvents = in->extendedEvents;
		changes_add(&changes, "extendedEvents");
	}
	if (HAS(in, account_change, auditRetentionDays) && in->auditRetentionDays != row->view.auditRetentionDays) {
		row->view.auditRetentionDays = in->auditRetentionDays;
		MARK(&row->view, account_view, auditRetentionDays);
		changes_add(&changes, "auditRetentionDays");
	}
	if (changes.n == 0)
		return OK;
	TRY(sql_run(tx, &account_update,
		ARGS(v_int(row->n), v_text(row->view.name), v_int(row->view.extendedEvents),
			row->view.auditRetentionDays ? v_int(row->view.auditRetentionDays) : v_null()), NULL));
	accounts_changed(op, tx);
	return fact(op, tx, &(struct fact){ .kind = FACT_ACCOUNT_UPDATED, .account = row->n, .reference = row->view.id,
		.data = changes_end(&changes) });
}

/* ---- delete ---- */

static err refuse_used(struct tx *tx, int64_t account)
{
	struct rows r;
	struct error e = sql_one(tx, &account_has_users, ARGS(v_int(account)), &r);

	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	TRY(sql_close(&r));
	return FAIL(ACCOUNT_IN_USE);
}

err account_delete_apply(struct op *op, struct tx *tx)
{
	struct account_row row;

	TRY(account_read(tx, op->path[0], op->arena, &row));
	TRY(refuse_used(tx, row.n));
	TRY(sql_run(tx, &account_delete_secrets, ARGS(v_int(row.n)), NULL));
	TRY(sql_run(tx, &account_delete_clients, ARGS(v_int(row.n)), NULL));
	TRY(sql_run(tx, &account_delete_domain_settings, ARGS(v_int(row.n)), NULL));
	domains_written(op, tx);
	TRY(sql_run(tx, &account_delete_domains, ARGS(v_int(row.n)), NULL));
	TRY(sql_run(tx, &account_delete, ARGS(v_int(row.n)), NULL));
	for (size_t i = 0; i < HOOKS_MAX && op->app->account_deleted[i]; i++)
		TRY(op->app->account_deleted[i](op, tx, row.n));
	accounts_changed(op, tx);
	return fact(op, tx, &(struct fact){ .kind = FACT_ACCOUNT_DELETED, .account = row.n, .reference = row.view.id });
}
