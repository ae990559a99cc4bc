/* The operator's commands on domains. A domain belongs to one account only. */
#include "account/internal.h"

SQL(domain_all,
	"SELECT domains.name, accounts.id, domains.created FROM domains JOIN accounts ON accounts.n = domains.account"
	" WHERE domains.account = $1 OR $1 = 0 ORDER BY domains.name");
SQL(domain_by_name, "SELECT account FROM domains WHERE name = $1");
SQL(domain_insert, "INSERT INTO domains (name, account, created) VALUES ($1, $2, $3)");
SQL(domain_delete, "DELETE FROM domains WHERE name = $1");
SQL(domain_settings_delete, "DELETE FROM passkey_domains WHERE name = $1");

void domains_written(struct op *op, struct tx *tx)
{
	if (op->app->domains_changed)
		tx_after_commit(tx, op->app->domains_changed);
}

static struct slice lower(struct arena *a, struct slice text)
{
	uint8_t *out = arena_alloc(a, text.n);

	for (size_t i = 0; i < text.n; i++)
		out[i] = (uint8_t)(text.p[i] >= 'A' && text.p[i] <= 'Z' ? text.p[i] + ('a' - 'A') : text.p[i]);
	return slice_of(out, text.n);
}

err domain_list_prepare(struct op *op)
{
	const struct account_filter *query = op->query;
	struct domain_list *out = arena_new(op->arena, struct domain_list);
	struct account_row account = { 0 };
	struct rows r;

	op->out = out;
	if (query->accountId.n)
		TRY(account_read(op_reader(op), query->accountId, op->arena, &account));
	TRY(sql_open(op_reader(op), &domain_all, ARGS(v_int(account.n)), &r));
	while (rows_next(&r))
		*(struct domain_view *)list_add(op->arena, &out->domains, sizeof(struct domain_view)) = (struct domain_view){
			.name = arena_copy(op->arena, col_text(&r, 0)),
			.accountId = arena_copy(op->arena, col_text(&r, 1)),
			.created = col_int(&r, 2),
		};
	return sql_close(&r);
}

err domain_add_prepare(struct op *op)
{
	const struct domain_new *in = op->in;
	struct domain_view *out = arena_new(op->arena, struct domain_view);
	struct account_row account;
	const char *fault;

	TRY(account_read(op_reader(op), in->accountId, op->arena, &account));
	*out = (struct domain_view){ .name = lower(op->arena, in->name), .accountId = in->accountId, .created = op->now };
	op->out = out;
	fault = domain_name_fault(out->name, account.view.type == account_type_sandbox);
	return fault ? op_invalid(op, "name", fault) : OK;
}

err domain_add_apply(struct op *op, struct tx *tx)
{
	const struct domain_view *out = op->out;
	struct account_row account;
	struct error e;

	TRY(account_read(tx, out->accountId, op->arena, &account));
	e = sql_run(tx, &domain_insert, ARGS(v_text(out->name), v_int(account.n), v_int(out->created)), NULL);
	ENSURE(!is_err(e, E_TAKEN), DOMAIN_EXISTS);
	TRY(e);
	domains_written(op, tx);
	return fact(op, tx, &(struct fact){ .kind = FACT_DOMAIN_ADDED, .account = account.n, .reference = out->name });
}

err domain_delete_apply(struct op *op, struct tx *tx)
{
	struct slice name = lower(op->arena, op->path[0]);
	struct error e;
	struct rows r;
	int64_t account;

	e = sql_one(tx, &domain_by_name, ARGS(v_text(name)), &r);
	ENSURE(!is_err(e, E_NO_ROW), DOMAIN_UNKNOWN);
	TRY(e);
	account = col_int(&r, 0);
	TRY(sql_close(&r));
	TRY(sql_run(tx, &domain_delete, ARGS(v_text(name)), NULL));
	TRY(sql_run(tx, &domain_settings_delete, ARGS(v_text(name)), NULL));
	domains_written(op, tx);
	return fact(op, tx, &(struct fact){ .kind = FACT_DOMAIN_DELETED, .account = account, .reference = name });
}
