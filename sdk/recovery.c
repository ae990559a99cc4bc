/* A recovery used, on the new phone: rec.start (section 6.4). Its end stands in enrol.c. */
#include "sdk/internal.h"

/* ---- what lies in the cloud ---- */

static const struct rid_step *load_backup(struct rid_controller *c)
{
	step_new(c, RID_LOAD_BACKUP)->record.name = backup_name(c, (int64_t)c->backup_at);
	return &c->step;
}

static const struct rid_step *ask_start(struct rid_controller *c);

/* The newer one first; the other may be the one that holds, when the end of its successor got no answer. */
static const struct rid_step *use_backup(struct rid_controller *c)
{
	size_t newer = c->backups[1].number > c->backups[0].number;
	size_t which = c->backups[newer].method ? newer : !newer;

	if (!c->backups[which].method)
		return fail_with(c, DEVICE_NOT_REGISTERED, "there is no recovery in the cloud backup");
	c->session.blob = c->backups[which];
	wipe(&c->backups[which], sizeof(c->backups[which]));
	return enrol_key(c, ask_start);
}

const rid_step *rid_backup_loaded(rid_controller *c, rid_loading what, const unsigned char *bytes, size_t n)
{
	if (c->step.kind != RID_LOAD_BACKUP)
		return refuse(c, DEVICE_WRONG_STATE, "this is not what was asked for");
	if (what == RID_UNAVAILABLE)
		return fail_with(c, DEVICE_STORAGE_UNAVAILABLE, "the cloud backup cannot be read now");
	if (what == RID_LOADED && failed(backup_read(c, slice_of(bytes, n), &c->backups[c->backup_at])))
		wipe(&c->backups[c->backup_at], sizeof(c->backups[0])); /* it is none, or another application's */
	step_new(c, RID_DONE);
	return ++c->backup_at < 2 ? load_backup(c) : use_backup(c);
}

static const struct rid_step *look(struct rid_controller *c)
{
	if (is_activated(c))
		return fail_with(c, DEVICE_WRONG_STATE, "there is a registration in this slot");
	wipe(c->backups, sizeof(c->backups));
	c->backup_at = 0;
	return load_backup(c);
}

const rid_step *rid_start_recovery(rid_controller *c)
{
	CALL_POSSIBLE(c);
	if (is_activated(c))
		return look(c);
	call_begin(c);
	session_end(c);
	return settle(c, look);
}

/* ---- start ---- */

static void compose_start(struct rid_controller *c, struct buf *json)
{
	struct rec_start m = { OUTSIDE_SESSION(c), .enc = slice_of(c->draft.sender.enc, ENC_BYTES),
		.recoveryId = slice_of(c->session.blob.id, RECOVERY_ID_BYTES), .deviceHash = c->device_hash,
		.dk = slice_of(c->records[SLOT_BESIDE].dk.public_key, P256_POINT_BYTES), .pushToken = c->push_token };

	schema_write(&rec_start_schema, &m, json);
}

static const struct rid_step *started(struct rid_controller *c, const void *answer)
{
	const struct rec_start_ok *ok = answer;
	const struct policies policies = POLICIES_OF(ok);
	struct session *s = &c->session;

	wipe(c->backups, sizeof(c->backups));
	session_begin(c, FAMILY_REC, RID_OPERATION_RECOVERY, ok->sid, ok->challenge);
	session_policies(c, &policies);
	memcpy(s->cid, ok->cid.p, PIN_CREDENTIAL_ID_BYTES);
	s->reg = ok->reg;
	s->salt_key_id = arena_cstr(&s->arena, ok->saltKeyId);
	s->started.two_factor = 1;
	s->started.recovery_method = RID_RECOVERY_CODE;
	if (s->blob.method == recovery_method_CLOUD_BACKUP_SERVER_SIDE_FACE)
		s->started.recovery_method = RID_RECOVERY_FACE;
	return show(c);
}

static const struct rid_step *not_started(struct rid_controller *c, const struct fault *f)
{
	bool other = c->backups[0].method || c->backups[1].method;

	return f->number == DEVICE_NOT_REGISTERED && other ? use_backup(c) : fail_server(c, f);
}

static const struct rid_step *ask_start(struct rid_controller *c)
{
	draft_new(c, MESSAGE_REC_START, NULL, compose_start, started);
	draft_signer(c, SIG_NEW_DEVICE, &c->records[SLOT_BESIDE].dk);
	c->draft.on_fault = not_started;
	return exchange(c);
}

/* ---- finish ---- */

/* RID_OK, or what is wrong with it. The one that unlocked the key in this session already is not asked for again. */
static int code_wrong(struct rid_controller *c, struct slice code)
{
	if (c->session.started.recovery_method == RID_RECOVERY_FACE)
		return c->face.n ? RID_OK : DEVICE_INVALID_AUTH_PARAMETERS;
	if (!code.p)
		return key_exists(&c->session.rk) ? RID_OK : DEVICE_INVALID_AUTH_PARAMETERS;
	wipe(&c->session.rk, sizeof(c->session.rk));
	return try_code(c, &c->session.blob, code) ? RID_OK : DEVICE_INVALID_INPUT_FORMAT;
}

static const struct rid_step *finish(struct rid_controller *c, struct slice code, int methods, const char *device_name, struct slice pin)
{
	const struct rid_step *barred;
	int wrong;

	barred = finish_barred(c, FAMILY_REC);
	if (barred)
		return barred;
	wrong = code_wrong(c, code);
	return wrong ? ask_again(c, wrong, "the recovery code, or the scan") : enrol(c, methods, device_name, pin);
}

const rid_step *rid_finish_recovery(rid_controller *c, char *code, size_t code_bytes, int methods, const char *device_name,
	char *pin, size_t pin_bytes)
{
	const struct rid_step *step = finish(c, slice_of(code, code_bytes), methods, device_name, slice_of(pin, pin_bytes));

	rid_wipe(code, code_bytes);
	rid_wipe(pin, pin_bytes);
	return step;
}
