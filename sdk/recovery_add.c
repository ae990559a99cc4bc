/* A recovery set up, changed, and given up: rec.add.start, rec.add.pin, rec.add.finish, rec.delete (section 6.4). */
#include <stdio.h>

#include "sdk/internal.h"

static struct record *own(struct rid_controller *c)
{
	return &c->records[SLOT_MAIN];
}

static bool by_face(const struct rid_controller *c)
{
	return c->session.blob.method == recovery_method_CLOUD_BACKUP_SERVER_SIDE_FACE;
}

static bool method_known(int method)
{
	return method == RID_RECOVERY_CODE || method == RID_RECOVERY_FACE;
}

/* ---- which holds ---- */

static void next_forget(struct record *r)
{
	r->next_recovery = 0;
	wipe(r->next_recovery_id, sizeof(r->next_recovery_id));
}

void recovery_drop(struct rid_controller *c)
{
	if (!own(c)->next_recovery)
		return;
	next_forget(own(c));
	chore_store(c, SLOT_MAIN);
	chore_forget_backup(c, own(c)->recovery_number + 1);
}

/* The backup of before is of no use any more. */
static void next_take(struct rid_controller *c, int method)
{
	next_forget(own(c));
	own(c)->recovery_method = method;
	own(c)->recovery_number++;
	chore_store(c, SLOT_MAIN);
	if (own(c)->recovery_number > 1)
		chore_forget_backup(c, own(c)->recovery_number - 1);
}

void recovery_settle(struct rid_controller *c, struct slice id)
{
	const struct record *r = own(c);

	if (r->next_recovery && slice_eq(id, slice_of(r->next_recovery_id, RECOVERY_ID_BYTES)))
		next_take(c, (int)r->next_recovery);
	else
		recovery_drop(c);
}

/* ---- start ---- */

static void compose_start(struct rid_controller *c, struct buf *json)
{
	struct rec_add_start m = { OUTSIDE_SESSION(c), .reg = own(c)->reg, .enc = slice_of(c->draft.sender.enc, ENC_BYTES),
		.token = c->call.token, .method = c->call.method == RID_RECOVERY_FACE ? recovery_method_CLOUD_BACKUP_SERVER_SIDE_FACE
										      : recovery_method_CLOUD_BACKUP_RECOVERY_CODE };

	schema_write(&rec_add_start_schema, &m, json);
}

static void describe(struct rid_controller *c, const struct rec_add_start_ok *ok)
{
	struct rid_started *t = &c->session.started;

	t->recovery_method = c->call.method;
	t->recovery_code = (struct rid_form){ (int)ok->code->min, (int)ok->code->max, (enum rid_alphabet)ok->code->format };
	session_face(c, ok->face);
}

static const struct rid_step *started(struct rid_controller *c, const void *answer)
{
	const struct rec_add_start_ok *ok = answer;
	struct recovery_blob *blob = &c->session.blob;

	session_begin(c, FAMILY_REC_ADD, RID_OPERATION_ADD_OR_UPDATE_RECOVERY, ok->sid, ok->challenge);
	chores_new(c, false);
	recovery_settle(c, ok->current);
	*blob = (struct recovery_blob){ .number = own(c)->recovery_number + 1 };
	blob->method = c->call.method == RID_RECOVERY_FACE ? recovery_method_CLOUD_BACKUP_SERVER_SIDE_FACE :
							     recovery_method_CLOUD_BACKUP_RECOVERY_CODE;
	memcpy(blob->id, ok->recoveryId.p, RECOVERY_ID_BYTES);
	snprintf(blob->salt_key_id, sizeof(blob->salt_key_id), "%.*s", FMT(ok->saltKeyId));
	env_random(&c->world.env, blob->ds, DEVICE_SECRET_BYTES);
	describe(c, ok);
	return chores_do(c, show);
}

static const struct rid_step *ask_start(struct rid_controller *c)
{
	if (!is_activated(c))
		return fail_with(c, DEVICE_NOT_ACTIVATED, "there is no registration");
	draft_new(c, MESSAGE_REC_ADD_START, own(c), compose_start, started);
	draft_signer(c, SIG_DEVICE, &own(c)->dk);
	draft_signer(c, SIG_HARDWARE, &own(c)->hk);
	return exchange(c);
}

const rid_step *rid_start_add_or_update_recovery(rid_controller *c, int recovery_method, const unsigned char token[RID_TOKEN_BYTES])
{
	CALL_POSSIBLE(c);
	if (!method_known(recovery_method))
		return fail_with(c, DEVICE_INVALID_AUTH_PARAMETERS, "the method of recovery");
	if (!token)
		return fail_with(c, DEVICE_AUTHENTICATION_REQUIRED, "a token is needed");
	call_begin(c);
	session_end(c);
	c->call.method = recovery_method;
	c->call.token = arena_copy(&c->op, slice_of(token, RID_TOKEN_BYTES));
	return settle(c, ask_start);
}

/* ---- finish ---- */

static const struct rid_step *finished_done(struct rid_controller *c)
{
	done(c);
	c->step.result.operation = RID_OPERATION_ADD_OR_UPDATE_RECOVERY;
	tell_tokens(c, &c->added_answer->tokens);
	session_end(c);
	return &c->step;
}

static const struct rid_step *backed_up(struct rid_controller *c)
{
	chores_new(c, false);
	next_take(c, c->session.started.recovery_method);
	return chores_do(c, finished_done);
}

/* Into the cloud, or there is no recovery. One that is still to be confirmed is named in the record before. */
static const struct rid_step *back_up(struct rid_controller *c, struct slice secret, stage then)
{
	recovery_lock(&c->session.blob, secret, &c->session.rk, c->session.blob.wrapped);
	c->call.backup = backup_write(c, &c->session.blob);
	chores_new(c, true);
	if (own(c)->next_recovery)
		chore_store(c, SLOT_MAIN);
	chore_back_up(c, c->session.blob.number);
	return chores_do(c, then);
}

static const struct rid_step *finished(struct rid_controller *c, const void *answer)
{
	const struct rec_add_finish_ok *ok = answer;

	c->added_answer = ok;
	if (!by_face(c))
		return backed_up(c);
	if (ok->wrapShare.n)
		return back_up(c, ok->wrapShare, backed_up);
	session_end(c);
	return fail_with(c, DEVICE_INVALID_RESPONSE, "the server's share of the lock is missing");
}

static const struct rid_step *tell_fault(struct rid_controller *c)
{
	return fail_server(c, &c->fault);
}

static const struct rid_step *not_finished(struct rid_controller *c, const struct fault *f)
{
	if (f->recoverable)
		return try_failed(c, f);
	c->fault = *f;
	chores_new(c, false);
	recovery_drop(c);
	return chores_do(c, tell_fault);
}

static void compose_finish(struct rid_controller *c, struct buf *json)
{
	struct rec_add_finish m = { INSIDE_SESSION(c), .rkPub = slice_of(c->session.rk.public_key, P256_POINT_BYTES),
		.face = report_face(c, by_face(c)), .tokenPurposes = tokens_wanted(c) };

	schema_write(&rec_add_finish_schema, &m, json);
}

static const struct rid_step *ask_finish(struct rid_controller *c)
{
	draft_new(c, MESSAGE_REC_ADD_FINISH, own(c), compose_finish, finished);
	draft_signer(c, SIG_DEVICE, &own(c)->dk);
	draft_signer(c, SIG_HARDWARE, &own(c)->hk);
	draft_signer(c, SIG_NEW_RECOVERY, &c->session.rk);
	c->draft.on_fault = not_finished;
	return exchange(c);
}

static const struct rid_step *lock(struct rid_controller *c)
{
	struct pin_try *t = &c->tries[TRY_CODE];
	uint8_t secret[OPRF_OUTPUT_BYTES];
	const struct rid_step *step;

	memcpy(secret, t->secret, sizeof(secret));
	try_forget(c, TRY_CODE);
	own(c)->next_recovery = c->session.started.recovery_method;
	memcpy(own(c)->next_recovery_id, c->session.blob.id, RECOVERY_ID_BYTES);
	step = back_up(c, slice_of(secret, sizeof(secret)), ask_finish);
	wipe(secret, sizeof(secret));
	return step;
}

static const struct rid_step *finish(struct rid_controller *c, struct slice code)
{
	const struct rid_step *barred;

	barred = finish_barred(c, FAMILY_REC_ADD);
	if (barred)
		return barred;
	if (!key_exists(&c->session.rk)) /* each recovery locks one, with a nonce that is always the same (backup.c) */
		p256_generate(&c->world.env, c->session.rk.private_key, c->session.rk.public_key);
	if (by_face(c))
		return c->face.n ? ask_finish(c) : ask_again(c, DEVICE_INVALID_AUTH_PARAMETERS, "a scan is needed");
	if (rid_pin_check(&c->session.started.recovery_code, (const char *)code.p, code.n) != RID_OK ||
		!try_code(c, &c->session.blob, code))
		return ask_again(c, DEVICE_INVALID_INPUT_FORMAT, "the code is not of the form that was asked for");
	return try_evaluate(c, TRY_CODE, MESSAGE_REC_ADD_PIN, lock);
}

const rid_step *rid_finish_add_or_update_recovery(rid_controller *c, char *code, size_t code_bytes)
{
	const struct rid_step *step = finish(c, slice_of(code, code_bytes));

	rid_wipe(code, code_bytes);
	return step;
}

/* ---- delete ---- */

static void compose_delete(struct rid_controller *c, struct buf *json)
{
	struct rec_delete m = { OUTSIDE_SESSION(c), .reg = own(c)->reg, .token = c->call.token, .tokenPurposes = tokens_wanted(c) };

	schema_write(&rec_delete_schema, &m, json);
}

static void is_gone(struct rid_controller *c)
{
	own(c)->recovery_method = 0;
	next_forget(own(c));
	chores_new(c, false);
	chore_store(c, SLOT_MAIN);
	chore_forget_backup(c, 0);
	chore_forget_backup(c, 1);
}

static const struct rid_step *deleted_done(struct rid_controller *c)
{
	done(c);
	c->step.result.operation = RID_OPERATION_DELETE_RECOVERY;
	tell_tokens(c, &c->deleted_answer->tokens);
	return &c->step;
}

static const struct rid_step *deleted(struct rid_controller *c, const void *answer)
{
	c->deleted_answer = answer;
	is_gone(c);
	return chores_do(c, deleted_done);
}

/* The server has none: then what lies here is of no use. */
static const struct rid_step *not_deleted(struct rid_controller *c, const struct fault *f)
{
	if (f->number != DEVICE_NOT_REGISTERED)
		return fail_server(c, f);
	c->fault = *f;
	is_gone(c);
	return chores_do(c, tell_fault);
}

static const struct rid_step *ask_delete(struct rid_controller *c)
{
	if (!is_activated(c))
		return fail_with(c, DEVICE_NOT_ACTIVATED, "there is no registration");
	draft_new(c, MESSAGE_REC_DELETE, own(c), compose_delete, deleted);
	draft_signer(c, SIG_DEVICE, &own(c)->dk);
	draft_signer(c, SIG_HARDWARE, &own(c)->hk);
	c->draft.on_fault = not_deleted;
	return exchange(c);
}

const rid_step *rid_delete_recovery(rid_controller *c, const unsigned char token[RID_TOKEN_BYTES])
{
	CALL_POSSIBLE(c);
	if (!token)
		return fail_with(c, DEVICE_AUTHENTICATION_REQUIRED, "a token is needed");
	call_begin(c);
	session_end(c);
	c->call.token = arena_copy(&c->op, slice_of(token, RID_TOKEN_BYTES));
	return settle(c, ask_delete);
}
