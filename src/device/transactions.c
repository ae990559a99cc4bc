/* REST: the transactions of one device. */
#include "device/device_schema.h"
#include "device/rest.h"
#include "operation/list.h"

SQL(device_transaction_at, "SELECT created FROM transactions WHERE id = $1 AND credential_id = $2 AND type = $3");
SQL(device_transactions_from,
	"SELECT id, operation, state, error, created, expires FROM transactions"
	" WHERE credential_id = $1 AND type = $2 AND (created, id) <= ($3, $4) ORDER BY created DESC, id DESC LIMIT $5");
SQL(device_transactions_before,
	"SELECT id FROM transactions WHERE credential_id = $1 AND type = $2 AND (created, id) > ($3, $4) ORDER BY created, id LIMIT $5");

static const struct list_sql list = { &device_transaction_at, &device_transactions_from, &device_transactions_before };

static const char *segment_of(enum operation_type type)
{
	switch (type) {
	case operation_type_REGISTRATION:
	case operation_type_RE_REGISTRATION:
		return "registrations";
	case operation_type_SIGNING:
		return "signatures";
	case operation_type_RECOVERY:
	case operation_type_ADD_OR_UPDATE_RECOVERY:
		return "recoveries";
	default:
		return "authentications";
	}
}

/* A change of methods has no resource of its own: it points to the device (6.9). */
static struct slice ref_of(struct op *op, const struct device_transaction *item)
{
	const struct device_list_query *query = op->query;
	bool own = item->operationType == operation_type_AUTH_AND_ACTIVATE || item->operationType == operation_type_AUTH_AND_DEACTIVATE;

	if (own)
		return arena_printf(op->arena, "/credentials/devices/%.*s?userId=%.*s", FMT(uuid_text(op->arena, &item->deviceId)),
			FMT(uuid_text(op->arena, &query->userId)));
	return arena_printf(op->arena, "/credentials/devices/%s/%.*s", segment_of(item->operationType),
		FMT(uuid_text(op->arena, &item->transactionId)));
}

static err fill(struct list_walk *walk, const struct rows *r, void *at)
{
	struct op *op = walk->op;
	struct device_transaction *item = at;

	*item = (struct device_transaction){
		.transactionId = col_uuid(r, 0),
		.operationType = (enum operation_type)col_int(r, 1),
		.state = (enum operation_state)col_int(r, 2),
		.created = col_int(r, 4),
		.expires = col_int(r, 5),
		.deviceId = op->path_id[0],
		.credentialId = op->path_id[0],
		.credentialType = credential_type_DEVICE,
	};
	if (!col_is_null(r, 3))
		item->errorCode = arena_copy(op->arena, col_text(r, 3));
	if (operation_is_over(item->state, item->expires, op->now)) {
		item->state = operation_state_FAILED;
		item->errorCode = slice_text(operation_error_name(OPERATION_EXPIRED));
	}
	item->ref = ref_of(op, item);
	return OK;
}

static struct slice link_to(struct list_walk *walk, bool there, const struct uuid *offset, const struct uuid *user)
{
	struct arena *a = walk->op->arena;

	if (!there)
		return slice_of(NULL, 0);
	return arena_printf(a, "/credentials/devices/%.*s/transactions?limit=%lld&offset=%.*s&userId=%.*s",
		FMT(uuid_text(a, &walk->op->path_id[0])), (long long)walk->page.limit, FMT(uuid_text(a, offset)), FMT(uuid_text(a, user)));
}

err device_transactions_prepare(struct op *op)
{
	const struct device_list_query *query = op->query;
	struct device_transaction_page *out = op->out = arena_new(op->arena, struct device_transaction_page);
	struct page page = page_start(query->limit, HAS(query, device_list_query, offset), &query->offset);
	struct user owner = { .account = 0 };
	struct device device;
	struct list_walk walk;

	TRY(device_of_user(op, &query->userId, &device, &owner));
	wipe(&owner.key, sizeof(owner.key));
	TRY(list_start(op, &list, &op->path_id[0], credential_type_DEVICE, &page, &walk));
	TRY(list_page(&walk, sizeof(struct device_transaction), fill, &out->transactions));
	out->limit = walk.page.limit;
	out->next = link_to(&walk, walk.page.has_next, &walk.page.next, &query->userId);
	out->previous = link_to(&walk, walk.page.has_previous, &walk.page.previous, &query->userId);
	return OK;
}
