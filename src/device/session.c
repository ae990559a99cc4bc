/* Sessions of the device channel in the store. */
#include "device/internal.h"

#define SESSION_COLUMNS                                                                                                         \
	"sid, version, user_id, device, operation, application, family, step, asks, expires, ended, secret, start, request_hash," \
	" answer, answered, attestation"

SQL(session_by_sid, "SELECT " SESSION_COLUMNS " FROM device_sessions WHERE sid = $1");
SQL(session_of_device, "SELECT operation FROM device_sessions WHERE device = $1 AND ended = 0");
SQL(session_of_operation, "SELECT sid FROM device_sessions WHERE operation = $1 ORDER BY ended = 0 DESC, ended DESC LIMIT 1");
SQL(session_add,
	"INSERT INTO device_sessions (" SESSION_COLUMNS ")"
	" VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL)");
SQL(session_update,
	"UPDATE device_sessions SET version = version + 1, step = $3, asks = $4, ended = $5, secret = $6, request_hash = $7,"
	" answer = $8, answered = $9, attestation = COALESCE($10, attestation) WHERE sid = $1 AND version = $2");
SQL(sessions_end_device, "UPDATE device_sessions SET version = version + 1, ended = $2 WHERE device = $1 AND ended = 0");
SQL(sessions_end_operation, "UPDATE device_sessions SET version = version + 1, ended = $2 WHERE operation = $1 AND ended = 0");

struct slice session_place(struct op *op, const char *what, const uint8_t sid[static SESSION_ID_BYTES])
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, what);
	buf_add(&b, sid, SESSION_ID_BYTES);
	return buf_bytes(&b);
}

/* Only so many pairs as there are. */
static size_t secret_bytes(const struct session_secret *secret)
{
	return offsetof(struct session_secret, pairs) + secret->pair_count * sizeof(secret->pairs[0]);
}

struct session_boxes session_seal(struct op *op, const struct user *owner, const struct session *s, struct slice start, struct slice answer)
{
	const struct env *env = op->app->env;
	struct slice secret = slice_of(&s->secret, secret_bytes(&s->secret));

	return (struct session_boxes){
		.secret = seal(&owner->key, env, session_place(op, "session.secret|", s->sid), secret, op->arena),
		.start = start.n ? seal(&owner->key, env, session_place(op, "session.start|", s->sid), start, op->arena) : S(""),
		.answer = seal(&owner->key, env, session_place(op, "session.answer|", s->sid), answer, op->arena),
		.attestation = s->attestation.n ?
			seal(&owner->key, env, session_place(op, "session.attestation|", s->sid), s->attestation, op->arena) : S(""),
	};
}

static err open_secret(struct op *op, const struct user *owner, struct slice box, struct session *s)
{
	struct slice plain;

	TRY(unseal(&owner->key, session_place(op, "session.secret|", s->sid), box, op->arena, &plain));
	ENSURE(plain.n >= offsetof(struct session_secret, pairs) && plain.n <= sizeof(s->secret), STORAGE);
	memcpy(&s->secret, plain.p, plain.n);
	ENSURE(plain.n == secret_bytes(&s->secret), STORAGE);
	return OK;
}

static struct slice fill(struct op *op, const struct rows *r, struct session *s)
{
	*s = (struct session){
		.version = col_int(r, 1),
		.user = col_uuid(r, 2),
		.device = col_uuid(r, 3),
		.operation = col_uuid(r, 4),
		.application = col_uuid(r, 5),
		.family = (enum message_family)col_int(r, 6),
		.step = col_int(r, 7),
		.asks = col_int(r, 8),
		.expires = col_int(r, 9),
		.ended = col_int(r, 10),
		.start = arena_copy(op->arena, col_bytes(r, 12)),
		.request_hash = arena_copy(op->arena, col_bytes(r, 13)),
		.answer = arena_copy(op->arena, col_bytes(r, 14)),
		.answered = col_int(r, 15),
		.attestation_box = arena_copy(op->arena, col_bytes(r, 16)),
	};
	memcpy(s->sid, col_bytes(r, 0).p, SESSION_ID_BYTES);
	return arena_copy(op->arena, col_bytes(r, 11));
}

err session_load(struct op *op, struct tx *tx, struct slice sid, struct session *ret_session, struct user *owner)
{
	const struct application *application;
	struct slice secret;
	struct rows r;

	TRY(sql_one(tx, &session_by_sid, ARGS(v_bytes(sid)), &r));
	secret = fill(op, &r, ret_session);
	TRY(sql_close(&r));
	application = application_by_id(applications_now(op->app), &ret_session->application);
	ENSURE(application, NO_ROW);
	op->caller.account = application->account;
	TRY(user_load(op, tx, &ret_session->user, owner));
	return open_secret(op, owner, secret, ret_session);
}

err session_live_operation(struct tx *tx, const struct uuid *device, struct uuid *ret_operation)
{
	struct rows r;

	TRY(sql_one(tx, &session_of_device, ARGS(v_uuid(device)), &r));
	*ret_operation = col_uuid(&r, 0);
	return sql_close(&r);
}

err session_newest_of_operation(struct tx *tx, const struct uuid *operation, uint8_t ret_sid[static SESSION_ID_BYTES])
{
	struct rows r;

	TRY(sql_one(tx, &session_of_operation, ARGS(v_uuid(operation)), &r));
	memcpy(ret_sid, col_bytes(&r, 0).p, SESSION_ID_BYTES);
	return sql_close(&r);
}

err session_insert(struct tx *tx, const struct session *s, const struct session_boxes *boxes)
{
	return sql_run(tx, &session_add,
		ARGS(v_bytes(slice_of(s->sid, sizeof(s->sid))), v_uuid(&s->user), v_uuid(&s->device), v_uuid(&s->operation),
			v_uuid(&s->application), v_int(s->family), v_int(s->step), v_int(s->asks), v_int(s->expires), v_int(s->ended),
			v_bytes(boxes->secret), v_bytes(boxes->start), v_bytes(s->request_hash), v_bytes(boxes->answer),
				v_int(s->answered)),
		NULL);
}

err session_save(struct tx *tx, const struct session *s, const struct session_boxes *boxes)
{
	int64_t changes;

	TRY(sql_run(tx, &session_update,
		ARGS(v_bytes(slice_of(s->sid, sizeof(s->sid))), v_int(s->version), v_int(s->step), v_int(s->asks), v_int(s->ended),
			v_bytes(boxes->secret), v_bytes(s->request_hash), v_bytes(boxes->answer), v_int(s->answered),
			v_bytes_opt(boxes->attestation)),
		&changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

err session_end_of_device(struct tx *tx, const struct uuid *device, int64_t now)
{
	return sql_run(tx, &sessions_end_device, ARGS(v_uuid(device), v_int(now)), NULL);
}

err session_end_of_operation(struct tx *tx, const struct uuid *operation, int64_t now)
{
	return sql_run(tx, &sessions_end_operation, ARGS(v_uuid(operation), v_int(now)), NULL);
}
