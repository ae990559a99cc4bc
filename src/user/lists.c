/* A user's transactions and credentials, of every kind, newest first. */
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

/* The statements of one list: where the offset stands, the page itself, and what is in front of it. */
struct list_sql {
	const struct sql *at, *from, *before;
};

static const struct list_sql transactions_sql = { &transaction_at, &transactions_from, &transactions_before };
static const struct list_sql credentials_sql = { &credential_at, &credentials_from, &credentials_before };

struct walk {
	struct op *op;
	struct user user; /* with the key that opens the names of credentials, wiped at the end */
	const struct list_sql *sql;
	struct page page;
	int64_t type;   /* enum credential_type */
	int64_t from;   /* sort key of the first item */
	struct uuid id; /* id of the first item */
};

static enum credential_type type_of(enum credential_kind kind)
{
	return kind == credential_kind_device ? credential_type_DEVICE : credential_type_PASSKEY;
}

/* Finds the offset, or the very beginning. */
static err walk_start(struct op *op, const struct list_sql *sql, struct walk *ret_walk)
{
	const struct list_query *query = op->query;
	struct rows r;
	struct error e;

	*ret_walk = (struct walk){ .op = op, .sql = sql, .type = type_of(query->credentialType), .from = INT64_MAX };
	memset(&ret_walk->id, 0xff, sizeof(ret_walk->id));
	ret_walk->page = page_start(query->limit, HAS(query, list_query, offset), &query->offset);
	TRY(user_load(op, op_reader(op), &op->path_id[0], &ret_walk->user));
	if (!ret_walk->page.has_offset)
		return OK;
	e = sql_one(op_reader(op), sql->at, ARGS(v_uuid(&query->offset), v_uuid(&op->path_id[0]), v_int(ret_walk->type)), &r);
	ENSURE(!is_err(e, E_NO_ROW), OFFSET_UNKNOWN);
	TRY(e);
	ret_walk->from = col_int(&r, 0);
	ret_walk->id = query->offset;
	return sql_close(&r);
}

static err walk_open(struct walk *walk, const struct sql *sql, int64_t limit, struct rows *ret_rows)
{
	struct op *op = walk->op;

	return sql_open(op_reader(op), sql,
		ARGS(v_uuid(&op->path_id[0]), v_int(walk->type), v_int(walk->from), v_uuid(&walk->id), v_int(limit)), ret_rows);
}

static err walk_back(struct walk *walk)
{
	struct rows r;

	if (!walk->page.has_offset)
		return OK;
	TRY(walk_open(walk, walk->sql->before, walk->page.limit, &r));
	while (rows_next(&r)) {
		struct uuid id = col_uuid(&r, 0);

		page_back(&walk->page, &id);
	}
	return sql_close(&r);
}

/* The row's item is written by `fill` at `item`. */
static err walk_page(struct walk *walk, size_t item_bytes, err (*fill)(struct walk *walk, const struct rows *r, void *item), struct list *ret_list)
{
	uint8_t *items = arena_alloc_array(walk->op->arena, item_bytes, (size_t)walk->page.limit);
	struct error e = OK;
	struct rows r;
	size_t n = 0;

	TRY(walk_open(walk, walk->sql->from, walk->page.limit + 1, &r));
	while (!failed(e) && rows_next(&r)) {
		struct uuid id = col_uuid(&r, 0);

		if (!page_take(&walk->page, n, &id))
			break;
		e = fill(walk, &r, items + n++ * item_bytes);
	}
	*ret_list = (struct list){ items, n };
	wipe(&walk->user.key, sizeof(walk->user.key));
	TRY(sql_close(&r));
	TRY(e);
	return walk_back(walk);
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

static err fill_transaction(struct walk *walk, const struct rows *r, void *at)
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
	if (!col_is_null(r, 4))
		item->credentialId = col_uuid(r, 4);
	if (item->credentialType == credential_type_DEVICE)
		item->expires = col_int(r, 6);
	item->ref = transaction_ref(op, item);
	return OK;
}

static struct slice transactions_link(struct walk *walk, bool there, const struct uuid *offset)
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
	struct walk walk;

	TRY(walk_start(op, &transactions_sql, &walk));
	TRY(walk_page(&walk, sizeof(struct transaction_item), fill_transaction, &out->transactions));
	out->limit = walk.page.limit;
	out->next = transactions_link(&walk, walk.page.has_next, &walk.page.next);
	out->previous = transactions_link(&walk, walk.page.has_previous, &walk.page.previous);
	return OK;
}

static err fill_credential(struct walk *walk, const struct rows *r, void *at)
{
	struct op *op = walk->op;
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
	return credential_name_open(op, &walk->user.key, &item->id, col_bytes(r, 1), &item->name);
}

static struct slice credentials_link(struct walk *walk, bool there, const struct uuid *offset)
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
	struct walk walk;

	TRY(walk_start(op, &credentials_sql, &walk));
	TRY(walk_page(&walk, sizeof(struct credential_item), fill_credential, &out->credentials));
	out->next = credentials_link(&walk, walk.page.has_next, &walk.page.next);
	out->previous = credentials_link(&walk, walk.page.has_previous, &walk.page.previous);
	return OK;
}
