/* Recoveries set up and given up, with an authorisation token (6.4). */
#include "device/approve.h"
#include "device/faces.h"

enum { WORDS_MAX = 160 };

/* ---- rec.add.start ---- */

struct token_own {
	struct slice token;
};

static err save_token(struct call *c, struct tx *tx)
{
	const struct token_own *own = c->own;

	return token_consume(tx, own->token);
}

/* Of a token that does not hold the list of transactions tells; nothing else happens. */
static err refuse_token(struct call *c)
{
	operation_begin_here(c, operation_type_ADD_OR_UPDATE_RECOVERY, &c->device.id);
	c->operation_error = OPERATION_AUTHORIZATION_TOKEN_VERIFICATION_FAILED;
	c->device_changed = true;
	return call_fault(c, DEVICE_AUTHENTICATION_REQUIRED);
}

static void begin(struct call *c, const struct rec_add_start *in, int64_t proven)
{
	struct session_secret *secret = &c->session.secret;
	const struct salt_key *newest = salt_key_newest(c->set, &c->application->id);

	operation_begin_here(c, operation_type_ADD_OR_UPDATE_RECOVERY, &c->device.id);
	session_begin(c, FAMILY_REC_ADD, &c->device.id);
	secret->method = (uint8_t)in->method;
	secret->proven = proven;
	env_random(c->op->app->env, secret->recovery, sizeof(secret->recovery));
	memcpy(secret->salt_key, newest->id, sizeof(newest->id));
}

err recovery_current(struct call *c, struct slice *ret_id)
{
	struct recovery r;
	struct error e = c->application->config.recoveryEnabled ? recovery_of_device(op_reader(c->op), &c->device.id, &r) : FAIL(NO_ROW);

	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	if (!r.gone)
		*ret_id = arena_copy(c->op->arena, slice_of(r.id, RECOVERY_ID_BYTES));
	return OK;
}

static err answer_start(struct call *c)
{
	struct rec_add_start_ok *answer = arena_new(c->op->arena, struct rec_add_start_ok);
	struct recovery_code_form *code = answer->code = arena_new(c->op->arena, struct recovery_code_form);
	const struct session_secret *secret = &c->session.secret;

	code->min = c->application->config.recoveryCodeMinLength;
	code->max = c->application->config.recoveryCodeMaxLength;
	code->format = c->application->config.recoveryCodeFormat;
	answer->sid = arena_copy(c->op->arena, slice_of(c->session.sid, sizeof(c->session.sid)));
	answer->challenge = arena_copy(c->op->arena, slice_of(secret->challenge, CHALLENGE_BYTES));
	answer->recoveryId = arena_copy(c->op->arena, slice_of(secret->recovery, sizeof(secret->recovery)));
	answer->saltKeyId = arena_copy(c->op->arena, slice_text(secret->salt_key));
	answer->face = c->face_policy;
	TRY(recovery_current(c, &answer->current));
	return call_ok(c, answer);
}

/* The provider cannot be reached: nothing has begun, and the token still holds. */
static err away(struct call *c)
{
	c->session_change = SAVE_NOTHING;
	c->operation_begins = c->device_changed = c->write = false;
	return call_fault_again(c, DEVICE_SERVICE_UNAVAILABLE, -1);
}

err handle_rec_add_start(struct call *c)
{
	const struct rec_add_start *in = c->in;
	struct token_own *own = arena_new(c->op->arena, struct token_own);
	bool by_face = in->method == recovery_method_CLOUD_BACKUP_SERVER_SIDE_FACE;
	int64_t proven;
	struct error e;
	bool locked;

	if (start_checks(c, in->enc, &in->reg, &e))
		return e;
	e = token_check(c, in->token, TOKEN_ADD_OR_UPDATE_RECOVERY, &proven);
	if (is_err(e, E_NO_ROW) || !c->application->config.recoveryEnabled)
		return refuse_token(c);
	TRY(e);
	if (by_face && !(face_allowed(c) && device_has_face(&c->device)))
		return call_fault(c, DEVICE_MISSING_METHOD);
	TRY(start_accepted(c, &locked));
	if (locked)
		return OK;
	begin(c, in, proven);
	TRY(face_begin(c, by_face));
	if (c->op->waiting)
		return OK;
	if (by_face && !face_offered(c))
		return away(c);
	own->token = in->token;
	c->own = own;
	c->save = save_token;
	return answer_start(c);
}

/* ---- rec.add.pin ---- */

static err evaluate(struct call *c, const struct device_pin_ask *ask, const uint8_t *id, struct slice salt_key, struct slice *ret_e,
	bool *ret_good)
{
	const struct salt_key *salt = salt_key_find(c->set, &c->application->id, salt_key);
	uint8_t *e = arena_alloc(c->op->arena, P256_POINT_BYTES);

	ENSURE(salt, INTERNAL);
	*ret_good = !failed(recovery_evaluate(salt->secret, id, ask->b, e));
	*ret_e = slice_of(e, P256_POINT_BYTES);
	return OK;
}

err handle_rec_add_pin(struct call *c)
{
	const struct pin_ask *in = c->in;
	const struct device_pin_ask ask = { in->b, in->skid };
	struct pin_ask_ok *answer = arena_new(c->op->arena, struct pin_ask_ok);
	bool good;

	TRY(evaluate(c, &ask, c->session.secret.recovery, slice_text(c->session.secret.salt_key), &answer->e, &good));
	if (!good)
		return session_broken(c, DEVICE_MALFORMED_PARAMETER);
	if (c->session.asks >= PIN_ASKS_MAX)
		return call_fault(c, DEVICE_NO_SESSION);
	if (!slice_is(ask.skid, c->session.secret.salt_key))
		return fail_registration(c, DEVICE_AUTHENTICATION_FAILED, OPERATION_LOCKED_INCORRECT_SALT_KEY_ID);
	c->session.asks++;
	c->session_change = SAVE_SESSION;
	c->advance = c->write = true;
	return call_ok(c, answer);
}

/* ---- rec.add.finish ---- */

struct added {
	struct recovery recovery;
	struct slice secret;
};

static err save_added(struct call *c, struct tx *tx)
{
	const struct added *own = c->own;
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(operation_complete(&origin, tx, &c->operation.base, NULL));
	TRY(recoveries_of_device_go(tx, &c->device.id, recovery_status_DEACTIVATED));
	TRY(recovery_insert(tx, &own->recovery, own->secret));
	return owner_touch(tx, &c->owner.id, c->op->now);
}

static bool by_face(const struct session_secret *secret)
{
	return secret->method == recovery_method_CLOUD_BACKUP_SERVER_SIDE_FACE;
}

static err add(struct call *c, const struct rec_add_finish *in)
{
	struct rec_add_finish_ok *answer = arena_new(c->op->arena, struct rec_add_finish_ok);
	struct added *own = c->own = arena_new(c->op->arena, struct added);
	const struct session_secret *secret = &c->session.secret;

	own->recovery = (struct recovery){
		.account = c->device.account,
		.user = c->owner.id,
		.device = c->device.id,
		.application = c->application->id,
		.method = (enum recovery_method)secret->method,
		.status = c->device.recovery_lock ? recovery_status_LOCKED : recovery_status_ACTIVATED,
		.salt_key = arena_copy(c->op->arena, slice_text(secret->salt_key)),
		.created = c->op->now,
	};
	memcpy(own->recovery.id, secret->recovery, RECOVERY_ID_BYTES);
	memcpy(own->recovery.rk, in->rkPub.p, POINT_BYTES);
	if (by_face(secret)) {
		own->recovery.face = c->device.face;
		env_random(c->op->app->env, own->recovery.share, SHARE_BYTES);
		answer->wrapShare = arena_copy(c->op->arena, slice_of(own->recovery.share, SHARE_BYTES));
	}
	own->secret = recovery_seal(c->op, &c->owner, &own->recovery);
	c->device.last_operation = operation_type_ADD_OR_UPDATE_RECOVERY;
	c->device.last_used = c->owner.last_used = c->op->now;
	answer->tokens = tokens_issue(c, in->tokenPurposes, secret->proven);
	c->save = save_added;
	c->session_change = SAVE_SESSION;
	c->advance = c->session_over = c->write = c->device_changed = true;
	return call_ok(c, answer);
}

/* A missing or bad 02 with such a key on record counts as a bad 01. */
static bool proves_device(struct call *c)
{
	bool device = proves_old(c, SIG_DEVICE, c->device.dk);
	bool hardware = !c->device.has_hk || c->application->config.hwKeyValidationStrategy == hw_key_strategy_RISK_PARAMS ||
			proves_old(c, SIG_HARDWARE, c->device.hk);

	return device && hardware;
}

err handle_rec_add_finish(struct call *c)
{
	const struct rec_add_finish *in = c->in;
	struct face_verdict verdict = { .heard = true, .good = true };
	enum device_error fault;
	bool face = by_face(&c->session.secret);

	if (!face != !in->face)
		return session_broken(c, face ? DEVICE_MISSING_PARAMETER : DEVICE_NOT_PARSABLE);
	TRY(session_device(c, &fault));
	if (!proves_new(c, SIG_NEW_RECOVERY, 0, in->rkPub))
		return session_broken(c, DEVICE_MALFORMED_PARAMETER);
	if (fault)
		return call_fault(c, fault);
	if (face && !device_has_face(&c->device))
		return call_fault(c, DEVICE_NO_MATCHING_METHOD); /* it was removed meanwhile */
	if (face)
		TRY(face_match(c, &c->device.face, &verdict));
	if (c->op->waiting)
		return OK;
	if (!proves_device(c))
		return device_try_failed(c, true);
	if (!verdict.heard)
		return call_fault_again(c, DEVICE_SERVICE_UNAVAILABLE, -1);
	if (!verdict.good)
		return device_try_failed(c, false);
	return face || c->session.asks > 0 ? add(c, in) : call_fault(c, DEVICE_NO_SESSION);
}

/* ---- rec.delete ---- */

struct deletion {
	struct recovery recovery;
	struct slice token;
};

static err save_deletion(struct call *c, struct tx *tx)
{
	const struct deletion *own = c->own;
	char words[WORDS_MAX];
	int n = snprintf(words, sizeof(words), "{\"recoveryMethod\":\"%s\",\"recoveryStatus\":\"%s\"}",
		enum_text(&recovery_method_enum, (int)own->recovery.method), enum_text(&recovery_status_enum, recovery_status_DEACTIVATED));
	bool older;

	TRY(token_consume(tx, own->token));
	TRY(recoveries_of_device_go(tx, &c->device.id, recovery_status_DEACTIVATED));
	TRY(device_is_older(tx, &c->device.id, &older));
	return fact(c->op, tx, &(struct fact){
		.kind = FACT_RECOVERY_DELETED,
		.mobileid = older,
		.user = &c->owner.id,
		.reference = uuid_text(c->op->arena, &c->device.id),
		.device = &c->device.id,
		.event_data = slice_of(words, (size_t)n),
	});
}

err handle_rec_delete(struct call *c)
{
	const struct rec_delete *in = c->in;
	struct rec_delete_ok *answer = arena_new(c->op->arena, struct rec_delete_ok);
	struct deletion *own = c->own = arena_new(c->op->arena, struct deletion);
	int64_t proven;
	struct error e;

	c->reg = in->reg;
	if (outside_checks(c, &e))
		return e;
	e = token_check(c, in->token, TOKEN_DELETE_RECOVERY, &proven);
	if (is_err(e, E_NO_ROW))
		return call_fault(c, DEVICE_AUTHENTICATION_REQUIRED);
	TRY(e);
	e = recovery_of_device(op_reader(c->op), &c->device.id, &own->recovery);
	if (is_err(e, E_NO_ROW) || (!failed(e) && own->recovery.gone))
		return call_fault(c, DEVICE_NOT_REGISTERED);
	TRY(e);
	own->token = in->token;
	answer->tokens = tokens_issue(c, in->tokenPurposes, proven);
	c->save = save_deletion;
	c->device_changed = c->write = true;
	return call_ok(c, answer);
}
