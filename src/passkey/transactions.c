/* REST: the transactions of one passkey. */
#include "operation/list.h"
#include "passkey/internal.h"

SQL(passkey_transaction_at, "SELECT created FROM transactions WHERE id = $1 AND credential_id = $2 AND type = $3");
SQL(passkey_transactions_from,
	"SELECT id, operation, state, error, created, expires FROM transactions"
	" WHERE credential_id = $1 AND type = $2 AND (created, id) <= ($3, $4) ORDER BY created DESC, id DESC LIMIT $5");
SQL(passkey_transactions_before,
	"SELECT id FROM transactions WHERE credential_id = $1 AND type = $2 AND (created, id) > ($3, $4) ORDER BY created, id LIMIT $5");

static const struct list_sql list = { &passkey_transaction_at, &passkey_transactions_from, &passkey_transactions_before };

static err fill(struct list_walk *walk, const struct rows *r, void *at)
{
	const struct passkey_list_query *query = walk->op->query;
	struct arena *a = walk->op->arena;
	struct passkey_transaction *item = at;

	*item = (struct passkey_transaction){
		.transactionId = col_uuid(r, 0),
		.operationType = (enum operation_type)col_int(r, 1),
		.state = (enum operation_state)col_int(r, 2),
		.errorCode = col_is_null(r, 3) ? slice_of(NULL, 0) : arena_copy(a, col_text(r, 3)),
		.created = col_int(r, 4),
		.passkeyId = walk->op->path_id[0],
	};
	if (operation_is_over(item->state, col_int(r, 5), walk->op->now)) {
		item->state = operation_state_FAILED;
		item->errorCode = slice_text(operation_error_name(OPERATION_EXPIRED));
	}
	item->ref = arena_printf(a, "/credentials/passkeys/%.*s?userId=%.*s", FMT(uuid_text(a, &item->passkeyId)),
		FMT(uuid_text(a, &query->userId)));
	return OK;
}

static struct slice link_to(struct list_walk *walk, bool there, const struct uuid *offset)
{
	const struct passkey_list_query *query = walk->op->query;
	struct arena *a = walk->op->arena;

	if (!there)
		return slice_of(NULL, 0);
	return arena_printf(a, "/credentials/passkeys/%.*s/transactions?limit=%lld&offset=%.*s&userId=%.*s",
		FMT(uuid_text(a, &walk->op->path_id[0])), (long long)walk->page.limit, FMT(uuid_text(a, offset)),
		FMT(uuid_text(a, &query->userId)));
}

err passkey_transactions_prepare(struct op *op)
{
	const struct passkey_list_query *query = op->query;
	struct passkey_transaction_page *out = op->out = arena_new(op->arena, struct passkey_transaction_page);
	struct page page = page_start(query->limit, HAS(query, passkey_list_query, offset), &query->offset);
	struct user owner = { .account = 0 };
	struct passkey passkey;
	struct list_walk walk;
	struct error e = passkey_of_user(op, &query->userId, &passkey, &owner);

	wipe(&owner.key, sizeof(owner.key));
	TRY(e);
	TRY(list_start(op, &list, &op->path_id[0], credential_type_PASSKEY, &page, &walk));
	TRY(list_page(&walk, sizeof(struct passkey_transaction), fill, &out->transactions));
	out->next = link_to(&walk, walk.page.has_next, &walk.page.next);
	out->previous = link_to(&walk, walk.page.has_previous, &walk.page.previous);
	return OK;
}
