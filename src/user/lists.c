/* A user's transactions and credentials, of every kind, newest first. */
#include "operation/list.h"
#include "user/internal.h"

SQL(transaction_at, "SELECT created FROM transactions WHERE id = $1 AND user_id = $2 AND type = $3");
SQL(transactions_from,
	"SELECT id, operation, state, error, credential_id, created, expires FROM transactions"
	" WHERE user_id = $1 AND type = $2 AND (created, id) <= ($3, $4) ORDER BY created DESC, id DESC LIMIT $5");
SQL(transactions_before,
	"SELECT id FROM transactions WHERE user_id = $1 AND type = $2 AND (created, id) > ($3, $4)"
	" ORDER BY created, id LIMIT $5");
SQL(credential_at, "SELECT last_used FROM credentials WHERE id = $1 AND user_id = $2 AND type = $3");
SQL(credentials_from,
	"SELECT id, name, state, last_operation, last_used FROM credentials"
	" WHERE user_id = $1 AND type = $2 AND (last_used, id) <= ($3, $4) ORDER BY last_used DESC, id DESC LIMIT $5");
SQL(credentials_before,
	"SELECT id FROM credentials WHERE user_id = $1 AND type = $2 AND (last_used, id) > ($3, $4)"
	" ORDER BY last_used, id LIMIT $5");

static const struct list_sql transactions_sql = { &transaction_at, &transactions_from, &transactions_before };
static const struct list_sql credentials_sql = { &credential_at, &credentials_from, &credentials_before };

static enum credential_type type_of(enum credential_kind kind)
{
	return kind == credential_kind_device ? credential_type_DEVICE : credential_type_PASSKEY;
}

/* `owner` has the key that opens the names of credentials; the caller wipes it. */
static err walk_start(struct op *op, const struct list_sql *sql, struct user *owner, struct list_walk *ret_walk)
{
	const struct list_query *query = op->query;
	struct page page = page_start(query->limit, HAS(query, list_query, offset), &query->offset);

	TRY(user_load(op, op_reader(op), &op->path_id[0], owner));
	TRY(list_start(op, sql, &op->path_id[0], type_of(query->credentialType), &page, ret_walk));
	ret_walk->ctx = owner;
	return OK;
}

static struct slice id_text(struct op *op, const struct uuid *id)
{
	return uuid_text(op->arena, id);
}

static struct slice credential_ref(struct op *op, const char *kind, const struct uuid *id)
{
	return arena_printf(op->arena, "/credentials/%s/%.*s?userId=%.*s", kind, FMT(id_text(op, id)), FMT(id_text(op, &op->path_id[0])));
}

static const char *const operation_segments[operation_type_count] = {
	[operation_type_REGISTRATION] = "registrations",
	[operation_type_RE_REGISTRATION] = "registrations",
	[operation_type_AUTHENTICATION] = "authentications",
	[operation_type_SIGNING] = "signatures",
	[operation_type_RECOVERY] = "recoveries",
	[operation_type_ADD_OR_UPDATE_RECOVERY] = "recoveries",
};

/* Operations that have no resource of their own refer to their device; those of passkeys to the passkey. */
static struct slice transaction_ref(struct op *op, const struct transaction_item *item)
{
	const char *segment = operation_segments[item->operationType];

	if (item->credentialType == credential_type_PASSKEY)
		return credential_ref(op, "passkeys", &item->credentialId);
	if (!segment)
		return credential_ref(op, "devices", &item->credentialId);
	return arena_printf(op->arena, "/credentials/devices/%s/%.*s", segment, FMT(id_text(op, &item->transactionId)));
}

static err fill_transaction(struct list_walk *walk, const struct rows *r, void *at)
{
	struct op *op = walk->op;
	const struct list_query *query = op->query;
	struct transaction_item *item = at;

	*item = (struct transaction_item){
		.transactionId = col_uuid(r, 0),
		.operationType = (enum operation_type)col_int(r, 1),
		.state = (enum operation_state)col_int(r, 2),
		.created = col_int(r, 5),
		.credentialType = type_of(query->credentialType),
	};
	ENSURE(item->operationType > 0 && item->operationType < operation_type_count, STORAGE);
	if (!col_is_null(r, 3))
		item->errorCode = arena_copy(op->arena, col_text(r, 3));
	if (operation_is_over(item->state, col_int(r, 6), op->now)) {
		item->state = operation_state_FAILED;
		item->errorCode = slice_text(operation_error_name(OPERATION_EXPIRED));
	}
	if (!col_is_null(r, 4))
		item->credentialId = col_uuid(r, 4);
	if (item->credentialType == credential_type_DEVICE)
		item->expires = col_int(r, 6);
	item->ref = transaction_ref(op, item);
	return OK;
}

static struct slice transactions_link(struct list_walk *walk, bool there, const struct uuid *offset)
{
	const struct list_query *query = walk->op->query;

	if (!there)
		return slice_of(NULL, 0);
	return arena_printf(walk->op->arena, "/users/%.*s/transactions?limit=%lld&offset=%.*s&credentialType=%s",
		FMT(id_text(walk->op, &walk->op->path_id[0])), (long long)walk->page.limit, FMT(id_text(walk->op, offset)),
		enum_text(&credential_kind_enum, (int)query->credentialType));
}

err user_transactions_prepare(struct op *op)
{
	struct transaction_page *out = op->out = arena_new(op->arena, struct transaction_page);
	struct list_walk walk;
	struct user owner;

	TRY(walk_start(op, &transactions_sql, &owner, &walk));
	wipe(&owner.key, sizeof(owner.key));
	TRY(list_page(&walk, sizeof(struct transaction_item), fill_transaction, &out->transactions));
	out->limit = walk.page.limit;
	out->next = transactions_link(&walk, walk.page.has_next, &walk.page.next);
	out->previous = transactions_link(&walk, walk.page.has_previous, &walk.page.previous);
	return OK;
}

static err fill_credential(struct list_walk *walk, const struct rows *r, void *at)
{
	struct op *op = walk->op;
	const struct user *owner = walk->ctx;
	const struct list_query *query = op->query;
	struct credential_item *item = at;

	*item = (struct credential_item){
		.type = type_of(query->credentialType),
		.id = col_uuid(r, 0),
		.state = (enum credential_state)col_int(r, 2),
		.lastOperationType = (enum operation_type)col_int(r, 3),
		.lastUsed = col_int(r, 4),
	};
	item->ref = credential_ref(op, item->type == credential_type_DEVICE ? "devices" : "passkeys", &item->id);
	return credential_name_open(op, &owner->key, &item->id, col_bytes(r, 1), &item->name);
}

static struct slice credentials_link(struct list_walk *walk, bool there, const struct uuid *offset)
{
	const struct list_query *query = walk->op->query;

	if (!there)
		return slice_of(NULL, 0);
	return arena_printf(walk->op->arena, "/users/%.*s/credentials?credentialType=%s&limit=%lld&offset=%.*s",
		FMT(id_text(walk->op, &walk->op->path_id[0])), enum_text(&credential_kind_enum, (int)query->credentialType),
		(long long)walk->page.limit, FMT(id_text(walk->op, offset)));
}

err user_credentials_prepare(struct op *op)
{
	struct credential_page *out = op->out = arena_new(op->arena, struct credential_page);
	struct list_walk walk;
	struct user owner;
	struct error e;

	TRY(walk_start(op, &credentials_sql, &owner, &walk));
	e = list_page(&walk, sizeof(struct credential_item), fill_credential, &out->credentials);
	wipe(&owner.key, sizeof(owner.key));
	TRY(e);
	out->next = credentials_link(&walk, walk.page.has_next, &walk.page.next);
	out->previous = credentials_link(&walk, walk.page.has_previous, &walk.page.previous);
	return OK;
}
