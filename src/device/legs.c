#include "device/legs.h"

/* The literals are states and types of enumerations; an index holds just the pending ones. */
_Static_assert(operation_state_PENDING == 1 && operation_type_AUTHENTICATION == 3 && operation_type_SIGNING == 4 &&
		       credential_state_ACTIVE == 1 && credential_type_DEVICE == 1,
	"the literals in the statements below");

#define OPEN_LEG "l.error IS NULL AND t.state = 1"

SQL(requests_directed,
	"SELECT t.id, t.account FROM transactions t JOIN device_operations o ON o.id = t.id"
	" WHERE t.credential_id = $1 AND t.state = 1 AND t.operation IN (3, 4) AND o.by_device = 0 LIMIT $2");
SQL(begun_by_device,
	"SELECT t.id, t.account FROM device_sessions s JOIN device_operations o ON o.id = s.operation"
	" JOIN transactions t ON t.id = s.operation WHERE s.device = $1 AND s.ended = 0 AND o.by_device = 1 AND t.state = 1 LIMIT $2");
SQL(requests_legs,
	"SELECT t.id, t.account FROM operation_legs l JOIN transactions t ON t.id = l.operation WHERE l.device = $1"
	" AND " OPEN_LEG " LIMIT $2");
SQL(request_newest,
	"SELECT id FROM (SELECT t.id, t.created FROM transactions t JOIN device_operations o ON o.id = t.id"
	" WHERE t.credential_id = $1 AND t.state = 1 AND t.operation IN (3, 4) AND o.by_device = 0 AND t.expires > $2"
	" UNION ALL SELECT t.id, t.created FROM operation_legs l JOIN transactions t ON t.id = l.operation WHERE l.device = $1"
	" AND " OPEN_LEG " AND t.expires > $2) ORDER BY created DESC, id DESC LIMIT 1");
SQL(active_devices, "SELECT id FROM credentials WHERE user_id = $1 AND type = 1 AND state = 1 ORDER BY created DESC, id DESC LIMIT $2");
SQL(leg_add, "INSERT INTO operation_legs (operation, device, error) VALUES ($1, $2, NULL)");
SQL(leg_close, "UPDATE operation_legs SET error = $3 WHERE operation = $1 AND device = $2 AND error IS NULL");
SQL(leg_session_end, "UPDATE device_sessions SET version = version + 1, ended = $3 WHERE operation = $1 AND device = $2 AND ended = 0");
SQL(legs_open, "SELECT count(*) FROM operation_legs WHERE operation = $1 AND error IS NULL");

err device_pending(struct tx *tx, int64_t account, const struct uuid *device, int64_t now, struct operation *ret_operation)
{
	struct uuid id;
	struct rows r;

	TRY(sql_one(tx, &request_newest, ARGS(v_uuid(device), v_int(now)), &r));
	id = col_uuid(&r, 0);
	TRY(sql_close(&r));
	return operation_load(tx, account, &id, now, ret_operation);
}

err devices_active(struct tx *tx, const struct uuid *user, struct uuid *list, size_t *ret_n)
{
	struct rows r;

	*ret_n = 0;
	TRY(sql_open(tx, &active_devices, ARGS(v_uuid(user), v_int(LEGS_MAX)), &r));
	while (*ret_n < LEGS_MAX && rows_next(&r))
		list[(*ret_n)++] = col_uuid(&r, 0);
	return sql_close(&r);
}

err leg_insert(struct tx *tx, const struct uuid *operation, const struct uuid *device)
{
	return sql_run(tx, &leg_add, ARGS(v_uuid(operation), v_uuid(device)), NULL);
}

struct found {
	struct uuid id;
	int64_t account;
};

/* Rows are read to the end before the first is written: a statement does not walk over what it changes. */
static err read_found(struct tx *tx, const struct sql *sql, const struct uuid *device, struct found *list, size_t *ret_n)
{
	struct rows r;

	*ret_n = 0;
	TRY(sql_open(tx, sql, ARGS(v_uuid(device), v_int(LEGS_MAX)), &r));
	while (*ret_n < LEGS_MAX && rows_next(&r))
		list[(*ret_n)++] = (struct found){ col_uuid(&r, 0), col_int(&r, 1) };
	return sql_close(&r);
}

/* Whose time is over has failed by that already. */
static enum operation_error unless_expired(const struct fact_origin *origin, const struct operation *o, enum operation_error error)
{
	return o->expires <= origin->now ? OPERATION_EXPIRED : error;
}

static err leg_end(const struct fact_origin *origin, struct tx *tx, const struct operation *o, const struct uuid *device,
	enum operation_error error, bool *ret_last)
{
	int64_t changes, open;
	struct rows r;

	TRY(sql_run(tx, &leg_close, ARGS(v_uuid(&o->id), v_uuid(device), v_text(slice_text(operation_error_name(error)))), &changes));
	TRY(sql_run(tx, &leg_session_end, ARGS(v_uuid(&o->id), v_uuid(device), v_int(origin->now)), NULL));
	TRY(sql_one(tx, &legs_open, ARGS(v_uuid(&o->id)), &r));
	open = col_int(&r, 0);
	TRY(sql_close(&r));
	*ret_last = changes == 1 && open == 0;
	return *ret_last ? operation_fail(origin, tx, o, unless_expired(origin, o, error)) : OK;
}

typedef struct error (*end_fn)(const struct fact_origin *origin, struct tx *tx, const struct operation *o, const struct uuid *device,
	enum operation_error error);

static struct error end_directed(const struct fact_origin *origin, struct tx *tx, const struct operation *o, const struct uuid *device,
	enum operation_error error)
{
	(void)device;
	return operation_fail(origin, tx, o, unless_expired(origin, o, error));
}

static struct error end_leg(const struct fact_origin *origin, struct tx *tx, const struct operation *o, const struct uuid *device,
	enum operation_error error)
{
	bool last;

	return leg_end(origin, tx, o, device, error, &last);
}

static err end_found(const struct fact_origin *origin, struct tx *tx, const struct sql *sql, const struct uuid *device,
	const struct uuid *except, enum operation_error error, end_fn end)
{
	struct found list[LEGS_MAX];
	struct operation o;
	size_t n;

	TRY(read_found(tx, sql, device, list, &n));
	for (size_t i = 0; i < n; i++) {
		if (except && uuid_eq(&list[i].id, except))
			continue;
		TRY(operation_load(tx, list[i].account, &list[i].id, 0, &o));
		TRY(end(origin, tx, &o, device, error));
	}
	return OK;
}

err device_requests_fail(const struct fact_origin *origin, struct tx *tx, const struct uuid *device, const struct uuid *except,
	enum operation_error error)
{
	TRY(end_found(origin, tx, &requests_directed, device, except, error, end_directed));
	return end_found(origin, tx, &requests_legs, device, except, error, end_leg);
}

err device_operations_fail(const struct fact_origin *origin, struct tx *tx, const struct uuid *device, const struct uuid *except,
	enum operation_error error)
{
	TRY(operation_fail_all(origin, tx, OPERATIONS_OF_CREDENTIAL, device, except, error));
	return end_found(origin, tx, &requests_legs, device, except, error, end_leg);
}

err device_own_end(const struct fact_origin *origin, struct tx *tx, const struct uuid *device)
{
	return end_found(origin, tx, &begun_by_device, device, NULL, OPERATION_CANCELLED_BY_DEVICE, end_directed);
}

err device_operation_end(const struct fact_origin *origin, struct tx *tx, const struct operation *o, const struct uuid *device,
	enum operation_error error)
{
	bool whole = error == OPERATION_CANCELLED_BY_DEVICE || error == OPERATION_EXPIRED;
	bool request = o->operation == operation_type_AUTHENTICATION || o->operation == operation_type_SIGNING;
	bool broadcast = request && uuid_is_nil(&o->credential);
	bool last;

	return whole || !broadcast ? operation_fail(origin, tx, o, error) : leg_end(origin, tx, o, device, error, &last);
}
