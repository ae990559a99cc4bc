#include "operation/operation.h"

#include <stdio.h>

#define COLUMNS "id, account, user_id, type, operation, state, error, credential_id, created, expires, completed, mobileid"

/* Read at once, before the first of them is written: by the job that ends what expired, and by those who have a user's few ended. */
enum { EXPIRED_MAX = 1000, PENDING_MAX = 16 };

SQL(operation_add,
	"INSERT INTO transactions (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $8, $9, 0, $10)");
SQL(operation_by_id, "SELECT " COLUMNS " FROM transactions WHERE id = $1 AND account = $2");
/*
 * PENDING stands as a literal: an index holds just those rows, and with a parameter SQLite would plan the statement anew for each
 * value that is bound to it.
 */
_Static_assert(operation_state_PENDING == 1, "the literal in the statements below");
SQL(operation_end,
	"UPDATE transactions SET state = $2, error = $3, completed = $4, credential_id = COALESCE($5, credential_id)"
	" WHERE id = $1 AND state = 1");
SQL(operation_end_of_user,
	"UPDATE transactions SET state = $2, completed = $3, credential_id = $4, user_id = $5 WHERE id = $1 AND state = 1");
SQL(user_pending, "SELECT " COLUMNS " FROM transactions WHERE user_id = $1 AND state = 1 AND id > $2 ORDER BY id LIMIT $3");
SQL(credential_pending, "SELECT " COLUMNS " FROM transactions WHERE credential_id = $1 AND state = 1 AND id > $2 ORDER BY id LIMIT $3");
SQL(pending_expired, "SELECT " COLUMNS " FROM transactions WHERE state = 1 AND expires <= $1 LIMIT $2");

/* Facts by operation and by how it went. */
enum outcome { STARTED, COMPLETED, FAILED, CANCELLED, OUTCOMES };

/* R(credential, operation, the beginning of its facts' names) */
#define OPERATION_FACTS(R)                                          \
	R(DEVICE, REGISTRATION, REGISTRATION)                       \
	R(DEVICE, RE_REGISTRATION, REGISTRATION)                    \
	R(DEVICE, AUTHENTICATION, AUTHENTICATION)                   \
	R(DEVICE, SIGNING, SIGNATURE)                               \
	R(DEVICE, RECOVERY, RECOVERY)                               \
	R(DEVICE, AUTH_AND_ACTIVATE, METHOD_ACTIVATION)             \
	R(DEVICE, AUTH_AND_DEACTIVATE, METHOD_DEACTIVATION)         \
	R(DEVICE, ADD_OR_UPDATE_RECOVERY, RECOVERY_SETUP)           \
	R(PASSKEY, REGISTRATION, PASSKEY_REGISTRATION)              \
	R(PASSKEY, AUTHENTICATION, PASSKEY_AUTHENTICATION)

#define FACTS_ROW(credential, operation, fact) \
	[credential_type_##credential][operation_type_##operation] = { FACT_##fact##_STARTED, FACT_##fact##_COMPLETED, \
		FACT_##fact##_FAILED, FACT_##fact##_CANCELLED },

/* What has no row gives FACT_NONE, which cannot be recorded: so nothing happens that is recorded as something else. */
static const enum fact_kind facts[credential_type_count][operation_type_count][OUTCOMES] = { OPERATION_FACTS(FACTS_ROW) };

/* A device can do everything: a new type of operation has its row here, or this does not compile. */
#define IS_DEVICE_DEVICE 1
#define IS_DEVICE_PASSKEY 0
#define COUNT_DEVICE(credential, operation, fact) +IS_DEVICE_##credential
_Static_assert(0 OPERATION_FACTS(COUNT_DEVICE) == operation_type_count - 1, "an operation of devices without facts");

static err record(const struct fact_origin *origin, struct tx *tx, const struct operation *o, enum outcome outcome,
	enum operation_error error)
{
	struct fact_origin here = *origin;
	char id[UUID_TEXT + 1], data[96];

	uuid_format(&o->id, id);
	snprintf(data, sizeof(data), "{\"errorCode\":\"%s\"}", operation_error_name(error));
	here.account = o->account;
	return fact_from(&here, tx, &(struct fact){
		.kind = facts[o->type][o->operation][outcome],
		.user = uuid_is_nil(&o->user) ? NULL : &o->user,
		.reference = slice_of(id, UUID_TEXT),
		.data = outcome != STARTED && o->proof.n ? o->proof : error ? slice_text(data) : S(""),
		.transaction = &o->id,
		.mobileid = o->mobileid,
	});
}

err operation_insert(const struct fact_origin *origin, struct tx *tx, const struct operation *o)
{
	TRY(sql_run(tx,
		&operation_add,
		ARGS(v_uuid(&o->id), v_int(o->account), v_uuid_opt(&o->user), v_int(o->type), v_int(o->operation),
			v_int(operation_state_PENDING),
			v_uuid_opt(&o->credential), v_int(o->created), v_int(o->expires),
			v_int(o->mobileid)),
		NULL));
	return record(origin, tx, o, STARTED, OPERATION_OK);
}

static void from_row(const struct rows *r, int64_t now, struct operation *ret)
{
	*ret = (struct operation){
		.id = col_uuid(r, 0),
		.account = col_int(r, 1),
		.user = col_uuid(r, 2),
		.type = (enum credential_type)col_int(r, 3),
		.operation = (enum operation_type)col_int(r, 4),
		.state = (enum operation_state)col_int(r, 5),
		.error = operation_error_find(col_text(r, 6)),
		.credential = col_uuid(r, 7),
		.created = col_int(r, 8),
		.expires = col_int(r, 9),
		.completed = col_int(r, 10),
		.mobileid = col_int(r, 11) != 0,
	};
	if (operation_is_over(ret->state, ret->expires, now)) {
		ret->state = operation_state_FAILED;
		ret->error = OPERATION_EXPIRED;
		ret->completed = ret->expires;
	}
}

err operation_load(struct tx *tx, int64_t account, const struct uuid *id, int64_t now, struct operation *ret_operation)
{
	struct rows r;
	struct error e = sql_one(tx, &operation_by_id, ARGS(v_uuid(id), v_int(account)), &r);

	ENSURE(!is_err(e, E_NO_ROW), TRANSACTION_UNKNOWN);
	TRY(e);
	from_row(&r, now, ret_operation);
	return sql_close(&r);
}

static err end(const struct fact_origin *origin, struct tx *tx, const struct operation *o, enum operation_state state,
	enum operation_error error, const struct uuid *credential)
{
	/* Whoever looked before the sweeper came has been told this time already. */
	int64_t completed = error == OPERATION_EXPIRED ? o->expires : origin->now, changes;

	TRY(sql_run(tx, &operation_end,
		ARGS(v_uuid(&o->id), v_int(state), v_text_opt(slice_text(operation_error_name(error))),
			v_int(completed), credential ? v_uuid_opt(credential) : v_null()),
		&changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

/* Whoever builds on it hears of it as it now is. */
static err tell(const struct fact_origin *origin, struct tx *tx, const struct operation *o, enum operation_state state,
	enum operation_error error, const struct uuid *credential)
{
	struct operation ended = *o;

	if (!origin->app || !origin->app->operation_ended)
		return OK;
	ended.state = state;
	ended.error = error;
	if (credential && !uuid_is_nil(credential))
		ended.credential = *credential;
	return origin->app->operation_ended(origin, tx, &ended);
}

/* The user stands in an index, which a statement that names it would write each time. */
static err end_of_user(const struct fact_origin *origin, struct tx *tx, const struct operation *o, const struct uuid *credential)
{
	int64_t changes;

	TRY(sql_run(tx, &operation_end_of_user,
		ARGS(v_uuid(&o->id), v_int(operation_state_COMPLETED), v_int(origin->now), v_uuid(credential), v_uuid(&o->user)),
		&changes));
	ENSURE(changes == 1, STALE);
	return record(origin, tx, o, COMPLETED, OPERATION_OK);
}

err operation_complete(const struct fact_origin *origin, struct tx *tx, const struct operation *o, const struct uuid *credential)
{
	if (o->user_found)
		return end_of_user(origin, tx, o, credential);
	TRY(end(origin, tx, o, operation_state_COMPLETED, OPERATION_OK, credential));
	TRY(record(origin, tx, o, COMPLETED, OPERATION_OK));
	return tell(origin, tx, o, operation_state_COMPLETED, OPERATION_OK, credential);
}

err operation_fail(const struct fact_origin *origin, struct tx *tx, const struct operation *o, enum operation_error error)
{
	TRY(end(origin, tx, o, operation_state_FAILED, error, NULL));
	TRY(record(origin, tx, o, error == OPERATION_CANCELLED_BY_SP ? CANCELLED : FAILED, error));
	return tell(origin, tx, o, operation_state_FAILED, error, NULL);
}

/* Rows are read to the end before the first is written: a statement does not walk over what it changes. */
static err read_pending(struct rows *r, struct operation *list, size_t max, size_t *ret_n)
{
	*ret_n = 0;
	while (*ret_n < max && rows_next(r))
		from_row(r, 0, &list[(*ret_n)++]);
	return sql_close(r);
}

static bool wanted(const struct operation *o, const struct uuid *except, bool registrations_only)
{
	bool registration = o->operation == operation_type_REGISTRATION || o->operation == operation_type_RE_REGISTRATION;

	return !(except && uuid_eq(&o->id, except)) && (registration || !registrations_only);
}

/* Which operations are to fail, and why. */
struct failing {
	const struct sql *pending;
	const struct uuid *id, *except;
	bool registrations_only;
	enum operation_error error;
};

static err fail_some(const struct fact_origin *origin, struct tx *tx, const struct failing *f, const struct operation *list, size_t n)
{
	/* Whose time is over has failed by that already, whether the sweeper came by or not. */
	for (size_t i = 0; i < n; i++)
		if (wanted(&list[i], f->except, f->registrations_only))
			TRY(operation_fail(origin, tx, &list[i], list[i].expires <= origin->now ? OPERATION_EXPIRED : f->error));
	return OK;
}

/* However many there are. */
static err fail_list(const struct fact_origin *origin, struct tx *tx, const struct failing *f)
{
	struct uuid after = { { 0 } };
	struct operation list[PENDING_MAX];
	struct error e = OK;
	size_t n;

	do {
		struct rows r;

		n = 0;
		e = sql_open(tx, f->pending, ARGS(v_uuid(f->id), v_uuid(&after), v_int(PENDING_MAX)), &r);
		if (!failed(e))
			e = read_pending(&r, list, PENDING_MAX, &n);
		if (!failed(e))
			e = fail_some(origin, tx, f, list, n);
		if (n)
			after = list[n - 1].id;
	} while (!failed(e) && n == PENDING_MAX);
	return e;
}

err operation_fail_all(const struct fact_origin *origin, struct tx *tx, enum operation_key key, const struct uuid *id,
	const struct uuid *except, enum operation_error error)
{
	const struct sql *pending = key == OPERATIONS_OF_USER ? &user_pending : &credential_pending;

	return fail_list(origin, tx, &(struct failing){ pending, id, except, false, error });
}

err operation_fail_registrations(const struct fact_origin *origin, struct tx *tx, const struct uuid *user, const struct uuid *except,
	enum operation_error error)
{
	return fail_list(origin, tx, &(struct failing){ &user_pending, user, except, true, error });
}

err operation_expire(const struct fact_origin *origin, struct tx *tx, int64_t limit, int64_t *ret_count)
{
	struct arena a;
	struct operation *list;
	struct error e;
	struct rows r;
	size_t n;

	TRY(sql_open(tx, &pending_expired, ARGS(v_int(origin->now), v_int(limit < EXPIRED_MAX ? limit : EXPIRED_MAX)), &r));
	arena_init(&a);
	list = arena_array(&a, struct operation, EXPIRED_MAX);
	e = read_pending(&r, list, EXPIRED_MAX, &n);
	*ret_count = (int64_t)n;
	for (size_t i = 0; !failed(e) && i < n; i++)
		e = operation_fail(origin, tx, &list[i], OPERATION_EXPIRED);
	arena_free(&a);
	return e;
}
