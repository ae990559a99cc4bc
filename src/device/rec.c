/* A recovery used: rec.start, rec.pin (6.4). The finish stands in rec_finish.c. */
#include "api/ask.h"
#include "codec/encode.h"
#include "device/bells.h"
#include "device/faces.h"
#include "device/legs.h"

enum { STARTS_PER_HOUR = 5, HOUR_MS = 60 * 60 * 1000 };

SQL(operation_of_recovery, "UPDATE device_operations SET recovery = $2 WHERE id = $1");
SQL(live_session,
	"SELECT s.operation, s.sid FROM device_sessions s JOIN device_operations o ON o.id = s.operation"
	" WHERE o.recovery = $1 AND s.ended = 0 ORDER BY s.operation DESC LIMIT 1");
SQL(newest_session,
	"SELECT s.operation, s.sid FROM device_sessions s JOIN device_operations o ON o.id = s.operation"
	" WHERE o.recovery = $1 ORDER BY s.ended = 0 DESC, s.ended DESC LIMIT 1");

/* ---- rec.start ---- */

struct start_own {
	struct recovery recovery;
	bool lock; /* it is locked by this */
};

static struct slice id_of(const struct recovery *r)
{
	return slice_of(r->id, RECOVERY_ID_BYTES);
}

/* A session of the recovery, with its operation. E_NO_ROW. */
static err find_session(struct tx *tx, const struct sql *which, const struct recovery *r, struct uuid *ret_operation,
	uint8_t ret_sid[static SESSION_ID_BYTES])
{
	struct rows rows;

	TRY(sql_one(tx, which, ARGS(v_bytes(id_of(r))), &rows));
	*ret_operation = col_uuid(&rows, 0);
	memcpy(ret_sid, col_bytes(&rows, 1).p, SESSION_ID_BYTES);
	return sql_close(&rows);
}

/* One live session a recovery: the older one ends, and what it was for; without success, at the limit. */
static err end_older(struct call *c, struct tx *tx, const struct recovery *r)
{
	bool spent = r->fails >= recovery_limit(&c->application->config);
	struct fact_origin origin = fact_origin_of(c->op);
	uint8_t sid[SESSION_ID_BYTES];
	struct operation older;
	struct uuid id;
	struct error e = find_session(tx, &live_session, r, &id, sid);

	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	TRY(session_end_of_operation(tx, &id, c->op->now));
	TRY(operation_load(tx, r->account, &id, c->op->now, &older));
	if (older.state != operation_state_PENDING)
		return OK;
	return operation_fail(&origin, tx, &older, spent ? OPERATION_LOCKED_PERFORM_RECOVERY_FAILED : OPERATION_CANCELLED_BY_DEVICE);
}

static err save_start(struct call *c, struct tx *tx)
{
	const struct start_own *own = c->own;
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(end_older(c, tx, &own->recovery));
	TRY(sql_run(tx, &operation_of_recovery, ARGS(v_uuid(&c->operation.base.id), v_bytes(id_of(&own->recovery))), NULL));
	TRY(recovery_save(tx, &own->recovery));
	if (own->lock)
		TRY(recovery_lock_set(tx, &own->recovery.device, true));
	if (c->operation_error)
		return OK;
	TRY(session_end_of_device(tx, &own->recovery.device, c->op->now));
	return device_operations_fail(&origin, tx, &own->recovery.device, &c->operation.base.id,
		OPERATION_CANCELLED_PERFORM_RECOVERY_STARTED);
}

static err repeated_start(struct call *c, const struct recovery *r, bool *ret_repeated)
{
	uint8_t sid[SESSION_ID_BYTES];
	struct uuid operation;
	struct error found = find_session(op_reader(c->op), &newest_session, r, &operation, sid);

	return start_repeat(c, sid, found, ret_repeated);
}

/* Why it cannot be used: what the phone hears and what becomes of the operation. */
static err judge(struct call *c, struct start_own *own, enum device_error *ret_fault, enum operation_error *ret_error)
{
	const struct recovery *r = &own->recovery;
	struct device old = { .version = 0 };
	struct error e = r->gone ? FAIL(NO_ROW) : device_load(c->op, op_reader(c->op), &r->device, &old, &c->owner);

	if (failed(e) && !is_err(e, E_NO_ROW))
		return e;
	own->lock = false;
	if (failed(e) || old.state == credential_state_DELETED || !c->application->config.recoveryEnabled) {
		*ret_fault = DEVICE_NOT_REGISTERED;
		*ret_error = OPERATION_FAILED_RECOVERY_DOES_NOT_EXIST;
	} else if (c->owner.state == user_state_LOCKED || old.lock_reason == lock_reason_LOCKED_BY_ADMIN) {
		*ret_fault = DEVICE_LOCKED_BY_ADMIN;
		*ret_error = OPERATION_LOCKED_BY_ADMIN;
	} else if (old.recovery_lock || r->status == recovery_status_LOCKED || r->fails >= recovery_limit(&c->application->config)) {
		own->lock = r->status != recovery_status_LOCKED;
		*ret_fault = DEVICE_LOCKED;
		*ret_error = OPERATION_LOCKED_PERFORM_RECOVERY_FAILED;
	} else {
		*ret_fault = DEVICE_OK;
	}
	return OK;
}

static void begin(struct call *c, const struct rec_start *in, const struct recovery *r)
{
	const struct salt_key *newest = salt_key_newest(c->set, &c->application->id);
	struct uuid id = uuid_v7(c->op->app->env, c->op->now);
	struct session_secret *secret = &c->session.secret;

	session_begin(c, FAMILY_REC, &id);
	memcpy(secret->recovery, r->id, RECOVERY_ID_BYTES);
	memcpy(secret->dk, in->dk.p, POINT_BYTES);
	memcpy(secret->salt_key, newest->id, sizeof(newest->id));
	memcpy(secret->device_hash, in->deviceHash.p, in->deviceHash.n);
	env_random(c->op->app->env, secret->cid, sizeof(secret->cid));
}

static err answer_start(struct call *c)
{
	struct rec_start_ok *answer = arena_new(c->op->arena, struct rec_start_ok);
	const struct session *s = &c->session;

	answer->sid = arena_copy(c->op->arena, slice_of(s->sid, sizeof(s->sid)));
	answer->reg = s->device;
	answer->cid = arena_copy(c->op->arena, slice_of(s->secret.cid, sizeof(s->secret.cid)));
	answer->challenge = arena_copy(c->op->arena, slice_of(s->secret.challenge, CHALLENGE_BYTES));
	answer->saltKeyId = arena_copy(c->op->arena, slice_text(s->secret.salt_key));
	answer->pin = policy_pin(c);
	answer->methods = policies_methods(c, activatable_methods(c));
	FILL_TRUST_POLICIES(c, answer);
	answer->risk = risk_asked_for(c);
	return call_ok(c, answer);
}

static bool by_face(const struct recovery *r)
{
	return r->method == recovery_method_CLOUD_BACKUP_SERVER_SIDE_FACE;
}

static err start(struct call *c, const struct rec_start *in, struct start_own *own)
{
	enum operation_error error = OPERATION_OK;
	enum device_error fault;

	TRY(judge(c, own, &fault, &error));
	operation_begin_here(c, operation_type_RECOVERY, &own->recovery.device);
	own->recovery.last_ts = c->ts;
	c->operation_error = error;
	if (!fault) {
		begin(c, in, &own->recovery);
		TRY(face_begin(c, by_face(&own->recovery) || face_allowed(c)));
		if (c->op->waiting)
			return OK;
		TRY(trust_begin(c, in->pushToken, &fault));
	}
	c->own = own;
	c->save = save_start; /* also of one that was refused: it is the last one of this recovery */
	return fault ? call_fault(c, fault) : answer_start(c);
}

static bool ts_fits(const struct call *c, const struct recovery *r)
{
	return c->ts > r->last_ts && c->ts <= c->op->now + TS_AHEAD_MS_MAX;
}

/* It is known: may this phone begin now? */
static err start_known(struct call *c, const struct rec_start *in, struct start_own *own)
{
	struct slice who = hex(c->op->arena, in->recoveryId);
	enum device_error fault;
	bool repeated;

	TRY(repeated_start(c, &own->recovery, &repeated));
	if (repeated)
		return OK;
	if (!c->op->tries && !op_asked(c->op))
		ENSURE(rate_take_in(c->op->app->devices->recoveries, who, STARTS_PER_HOUR, HOUR_MS), TOO_MANY);
	if (!ts_fits(c, &own->recovery))
		return call_fault(c, DEVICE_OUT_OF_SYNC);
	fault = sdk_check(c);
	if (!fault)
		TRY(hash_check(c, in->deviceHash, &fault));
	return fault ? call_fault(c, fault) : start(c, in, own);
}

err handle_rec_start(struct call *c)
{
	const struct rec_start *in = c->in;
	struct start_own *own = arena_new(c->op->arena, struct start_own);
	struct transcript t = transcript_start(slice_text(c->application->id_text));
	struct error e;

	if (!slice_eq(in->enc, c->envelope.salt))
		return FAIL(DEVICE_MALFORMED);
	if (!device_hash_fits(c, in->deviceHash))
		return call_fault(c, DEVICE_MALFORMED_PARAMETER);
	if (!signed_by_new_key(c, &t, in->dk))
		return call_fault(c, DEVICE_AUTHENTICATION_FAILED);
	e = recovery_load(c->op, op_reader(c->op), c->application, in->recoveryId, &own->recovery, &c->owner);
	if (is_err(e, E_NO_ROW))
		return call_fault(c, DEVICE_NOT_REGISTERED);
	TRY(e);
	c->has_owner = true;
	return start_known(c, in, own);
}

/* ---- rec.pin ---- */

err session_recovery(struct call *c, struct recovery *ret_recovery)
{
	return recovery_load(c->op, op_reader(c->op), c->application, slice_of(c->session.secret.recovery, RECOVERY_ID_BYTES), ret_recovery,
		&c->owner);
}

static err save_locked(struct call *c, struct tx *tx)
{
	const struct recovery *r = c->own;

	TRY(recovery_save(tx, r));
	return recovery_lock_set(tx, &r->device, true);
}

/* By failures, or by the administrator since the session began. */
static bool recovery_barred(const struct call *c, const struct recovery *r)
{
	return r->status == recovery_status_LOCKED || r->fails >= recovery_limit(&c->application->config);
}

err recovery_locked(struct call *c, const struct recovery *r)
{
	struct recovery *own = c->own = arena_new(c->op->arena, struct recovery);

	*own = *r;
	c->save = save_locked;
	return fail_registration(c, DEVICE_LOCKED, OPERATION_LOCKED_PERFORM_RECOVERY_FAILED);
}

static err save_try(struct call *c, struct tx *tx)
{
	return recovery_save(tx, c->own);
}

/* What a guesser needs is the evaluation, so it is charged before it leaves; a finish that is good gives it back. */
static err evaluate(struct call *c, const struct pin_ask_for *in, struct recovery *r)
{
	const struct salt_key *salt = salt_key_find(c->set, &c->application->id, r->salt_key);
	struct pin_ask_ok *answer = arena_new(c->op->arena, struct pin_ask_ok);
	uint8_t *e = arena_alloc(c->op->arena, P256_POINT_BYTES);

	ENSURE(salt, INTERNAL);
	if (failed(recovery_evaluate(salt->secret, r->id, in->b, e)))
		return session_broken(c, DEVICE_MALFORMED_PARAMETER);
	if (!slice_eq(in->skid, r->salt_key))
		return fail_registration(c, DEVICE_AUTHENTICATION_FAILED, OPERATION_LOCKED_INCORRECT_SALT_KEY_ID);
	if (recovery_barred(c, r))
		return recovery_locked(c, r);
	r->fails++;
	c->own = r;
	c->save = save_try;
	c->session.secret.evaluated = 1;
	c->session_change = SAVE_SESSION;
	c->advance = c->write = true;
	answer->e = slice_of(e, P256_POINT_BYTES);
	return call_ok(c, answer);
}

err handle_rec_pin(struct call *c)
{
	const struct pin_ask_for *in = c->in;
	struct recovery *r = arena_new(c->op->arena, struct recovery);

	if (in->use == pin_use_new)
		return pin_new(c, &(struct device_pin_ask){ in->b, in->skid }, c->session.secret.salt_key);
	if (in->use != pin_use_recovery)
		return session_broken(c, DEVICE_MALFORMED_PARAMETER);
	TRY(session_recovery(c, r));
	if (r->gone || by_face(r))
		return call_fault(c, DEVICE_NO_SESSION);
	return evaluate(c, in, r);
}

/* ---- rec.face ---- */

/* What the share of the key is given for is charged first, as with a code: below the limit the phone may scan again. */
static err judge_face(struct call *c, struct recovery *r, bool good)
{
	struct rec_face_ok *answer = arena_new(c->op->arena, struct rec_face_ok);
	int64_t limit = recovery_limit(&c->application->config);

	r->fails++;
	if (!good && r->fails >= limit)
		return recovery_locked(c, r);
	c->own = r;
	c->save = save_try;
	c->session_change = SAVE_SESSION;
	c->write = true;
	if (!good)
		return call_fault_again(c, DEVICE_AUTHENTICATION_FAILED, limit - r->fails);
	c->session.secret.evaluated = 1;
	c->advance = true;
	answer->wrapShare = arena_copy(c->op->arena, slice_of(r->share, sizeof(r->share)));
	return call_ok(c, answer);
}

err handle_rec_face(struct call *c)
{
	struct recovery *r = arena_new(c->op->arena, struct recovery);
	struct face_verdict verdict;

	TRY(session_recovery(c, r));
	if (r->gone || !by_face(r) || !face_offered(c))
		return call_fault(c, DEVICE_NO_SESSION);
	if (recovery_barred(c, r))
		return recovery_locked(c, r);
	TRY(face_match(c, &r->face, &verdict));
	if (c->op->waiting)
		return OK;
	return verdict.heard ? judge_face(c, r, verdict.good) : call_fault_again(c, DEVICE_SERVICE_UNAVAILABLE, -1);
}
