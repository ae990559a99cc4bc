/* Users as the operator sees them, in any account. */
#include "account/account.h"
#include "user/internal.h"

SQL(users_page,
	"SELECT " USER_COLUMNS ", (SELECT a.id FROM accounts a WHERE a.n = users.account) FROM users"
	" WHERE ($1 = 0 OR account = $1) AND (CAST($2 AS text) IS NULL OR segment = $2) AND ($3 = 0 OR state = $3)"
	" AND ($4 = 0 OR reference_index = $5) AND id <= $6 ORDER BY id DESC LIMIT $7");
SQL(account_of, "SELECT id FROM accounts WHERE n = $1");

static void show(struct op *op, const struct user *user, struct slice account_id, struct user_admin *ret)
{
	struct user_view view;

	user_show(user, &view);
	*ret = (struct user_admin){
		.id = view.id,
		.accountId = arena_copy(op->arena, account_id),
		.externalRef = view.externalRef,
		.segment = view.segment,
		.state = view.state,
		.created = view.created,
		.lastUsed = view.lastUsed,
		.attributes = view.attributes,
	};
}

static err show_prepare(struct op *op)
{
	struct user_admin *out = op->out = arena_new(op->arena, struct user_admin);
	struct user user;
	struct rows r;

	TRY(user_load_any(op, op_reader(op), &op->path_id[0], &user));
	wipe(&user.key, sizeof(user.key));
	TRY(sql_one(op_reader(op), &account_of, ARGS(v_int(user.account)), &r));
	show(op, &user, col_text(&r, 0), out);
	return sql_close(&r);
}

/* 0 when no account is asked for. */
static err wanted_account(struct op *op, const struct user_search *query, int64_t *ret_account)
{
	const struct snapshot *snapshot;
	const struct account_info *account;

	*ret_account = 0;
	if (query->accountId.n == 0) {
		if (query->externalRef.n)
			return op_invalid(op, "externalRef", "can only be searched for together with accountId");
		return OK;
	}
	snapshot = accounts_hold(op->app);
	account = snapshot_account(snapshot, query->accountId);
	if (account)
		*ret_account = account->n;
	accounts_release(snapshot);
	ENSURE(*ret_account, ACCOUNT_UNKNOWN);
	return OK;
}

static err collect(struct op *op, struct rows *r, struct page *page, struct user_admin_page *out)
{
	struct user_admin *items = out->users.items;

	while (rows_next(r)) {
		struct uuid id = col_uuid(r, 0);
		struct user user;

		if (!page_take(page, out->users.n, &id))
			break;
		TRY(user_from_row(op, r, &user));
		wipe(&user.key, sizeof(user.key));
		show(op, &user, col_text(r, 9), &items[out->users.n++]);
	}
	if (page->has_next)
		out->next = page->next;
	return OK;
}

static err list_prepare(struct op *op)
{
	const struct user_search *query = op->query;
	struct user_admin_page *out = op->out = arena_new(op->arena, struct user_admin_page);
	struct page page = page_start(query->limit, HAS(query, user_search, offset), &query->offset);
	struct slice index = reference_index(op, query->accountId, query->externalRef);
	struct error e, end;
	struct uuid from;
	struct rows r;
	int64_t account;

	TRY(wanted_account(op, query, &account));
	memset(&from, 0xff, sizeof(from));
	if (page.has_offset)
		from = page.offset;
	out->users.items = arena_array(op->arena, struct user_admin, (size_t)page.limit);
	TRY(sql_open(op_reader(op), &users_page,
		ARGS(v_int(account), v_text_opt(query->segment), v_int(query->state), v_int(index.n != 0), v_bytes_opt(index),
			v_uuid(&from), v_int(page.limit + 1)), &r));
	e = collect(op, &r, &page, out);
	end = sql_close(&r);
	return failed(e) ? e : end;
}

static const struct route rows[] = {
	{ HTTP_GET, "/users", LOCAL_ONLY, NO_RATE, QUERY(user_search), OUT(user_admin_page), OP(.prepare = list_prepare), "List users" },
	{ HTTP_GET, "/users/{userId}", LOCAL_ONLY, NO_RATE, OUT(user_admin), OP(.prepare = show_prepare), "Show a user" },
};

const struct route_table user_admin_routes = {
	.base = "/admin", .title = "Users", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]),
};
