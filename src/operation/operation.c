#include "operation/operation.h"

#include <stdio.h>

#define COLUMNS "id, account, user_id, type, operation, state, error, credential_id, created, expires, completed, mobileid"

enum { FAIL_ALL_MAX = 1000 }; /* pending at once of one user: one for each device, and registrations */

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
SQL(pending_of_user, "SELECT " COLUMNS " FROM transactions WHERE user_id = $1 AND state = 1 LIMIT $2");
SQL(pending_of_credential,
	"SELECT " COLUMNS " FROM transactions WHERE credential_id = $1 AND state = 1 ORDER BY created DESC, id DESC LIMIT $2");
SQL(pending_expired, "SELECT " COLUMNS " FROM transactions WHERE state = 1 AND expires <= $1 LIMIT $2");

/* Facts by operation and by how it went. */
enum outcome { STARTED, COMPLETED, FAILED, CANCELLED, OUTCOMES };

static const enum fact_kind facts[operation_type_count][OUTCOMES] = {
	[operation_type_REGISTRATION] = { FACT_REGISTRATION_STARTED, FACT_REGISTRATION_COMPLETED, FACT_REGISTRATION_FAILED,
		FACT_REGISTRATION_CANCELLED },
	[operation_type_RE_REGISTRATION] = { FACT_REGISTRATION_STARTED, FACT_REGISTRATION_COMPLETED, FACT_REGISTRATION_FAILED,
		FACT_REGISTRATION_CANCELLED },
	[operation_type_AUTHENTICATION] = { FACT_AUTHENTICATION_STARTED, FACT_AUTHENTICATION_COMPLETED, FACT_AUTHENTICATION_FAILED,
		FACT_AUTHENTICATION_CANCELLED },
	[operation_type_SIGNING] = { FACT_SIGNATURE_STARTED, FACT_SIGNATURE_COMPLETED, FACT_SIGNATURE_FAILED,
		FACT_SIGNATURE_CANCELLED },
};

static err record(const struct fact_origin *origin, struct tx *tx, const struct operation *o, enum outcome outcome,
	enum operation_error error)
{
	struct fact_origin here = *origin;
	char id[UUID_TEXT + 1], data[96];

	uuid_format(&o->id, id);
	snprintf(data, sizeof(data), "{\"errorCode\":\"%s\"}", operation_error_name(error));
	here.account = o->account;
	return fact_from(&here, tx, &(struct fact){
		.kind = facts[o->operation][outcome],
		.user = &o->user,
		.reference = slice_of(id, UUID_TEXT),
		.data = error ? slice_text(data) : S(""),
		.transaction = &o->id,
		.mobileid = o->mobileid,
	});
}

static bool known(const struct uuid *id)
{
	static const struct uuid none;

	return !uuid_eq(id, &none);
}

err operation_insert(const struct fact_origin *origin, struct tx *tx, const struct operation *o)
{
	TRY(sql_run(tx,
		&operation_add,
		ARGS(v_uuid(&o->id), v_int(o->account), v_uuid(&o->user), v_int(o->type), v_int(o->operation),
			v_int(operation_state_PENDING),
			known(&o->credential) ? v_uuid(&o->credential) : v_null(), v_int(o->created), v_int(o->expires),
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
			v_int(completed), credential && known(credential) ? v_uuid(credential) : v_null()),
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
	if (credential && known(credential))
		ended.credential = *credential;
	return origin->app->operation_ended(origin, tx, &ended);
}

err operation_complete(const struct fact_origin *origin, struct tx *tx, const struct operation *o, const struct uuid *credential)
{
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
static err read_pending(struct rows *r, struct operation *list, size_t *ret_n)
{
	*ret_n = 0;
	while (*ret_n < FAIL_ALL_MAX && rows_next(r))
		from_row(r, 0, &list[(*ret_n)++]);
	return sql_close(r);
}

static bool wanted(const struct operation *o, const struct uuid *except, bool registrations_only)
{
	bool registration = o->operation == operation_type_REGISTRATION || o->operation == operation_type_RE_REGISTRATION;

	return !(except && uuid_eq(&o->id, except)) && (registration || !registrations_only);
}

static err fail_list(const struct fact_origin *origin, struct tx *tx, struct rows *r, const struct uuid *except, bool registrations_only,
	enum operation_error error)
{
	struct arena a;
	struct operation *list;
	struct error e;
	size_t n;

	arena_init(&a);
	list = arena_array(&a, struct operation, FAIL_ALL_MAX);
	e = read_pending(r, list, &n);
	/* Whose time is over has failed by that already, whether the sweeper came by or not. */
	for (size_t i = 0; !failed(e) && i < n; i++)
		if (wanted(&list[i], except, registrations_only))
			e = operation_fail(origin, tx, &list[i], list[i].expires <= origin->now ? OPERATION_EXPIRED : error);
	arena_free(&a);
	return e;
}

err operation_fail_all(const struct fact_origin *origin, struct tx *tx, enum operation_key key, const struct uuid *id,
	const struct uuid *except, enum operation_error error)
{
	struct rows r;

	TRY(sql_open(tx, key == OPERATIONS_OF_USER ? &pending_of_user : &pending_of_credential,
		ARGS(v_uuid(id), v_int(FAIL_ALL_MAX)), &r));
	return fail_list(origin, tx, &r, except, false, error);
}

err operation_fail_registrations(const struct fact_origin *origin, struct tx *tx, const struct uuid *user, const struct uuid *except,
	enum operation_error error)
{
	struct rows r;

	TRY(sql_open(tx, &pending_of_user, ARGS(v_uuid(user), v_int(FAIL_ALL_MAX)), &r));
	return fail_list(origin, tx, &r, except, true, error);
}

err operation_pending(struct tx *tx, const struct uuid *credential, int64_t now, struct operation *ret_operation)
{
	struct rows r;

	TRY(sql_one(tx, &pending_of_credential, ARGS(v_uuid(credential), v_int(1)), &r));
	from_row(&r, now, ret_operation);
	TRY(sql_close(&r));
	ENSURE(ret_operation->state == operation_state_PENDING, NO_ROW);
	return OK;
}

err operation_expire(const struct fact_origin *origin, struct tx *tx, int64_t limit, int64_t *ret_count)
{
	struct arena a;
	struct operation *list;
	struct error e;
	struct rows r;
	size_t n;

	TRY(sql_open(tx, &pending_expired, ARGS(v_int(origin->now), v_int(limit < FAIL_ALL_MAX ? limit : FAIL_ALL_MAX)), &r));
	arena_init(&a);
	list = arena_array(&a, struct operation, FAIL_ALL_MAX);
	e = read_pending(&r, list, &n);
	*ret_count = (int64_t)n;
	for (size_t i = 0; !failed(e) && i < n; i++)
		e = operation_fail(origin, tx, &list[i], OPERATION_EXPIRED);
	arena_free(&a);
	return e;
}
