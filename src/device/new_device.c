#include "device/new_device.h"

#include "device/bells.h"
#include "device/faces.h"
#include "device/legs.h"

static const struct method_key *method_named(const struct act_finish *in, enum auth_method m)
{
	const struct method_key *keys = in->methods.items;

	for (size_t i = 0; i < in->methods.n; i++)
		if (keys[i].m == m)
			return &keys[i];
	return NULL;
}

enum device_error new_device_methods(const struct call *c, const struct act_finish *in, enum auth_level level)
{
	unsigned allowed = device_config_methods(&c->application->config);
	const struct method_key *keys = in->methods.items;
	bool two = false;

	for (size_t i = 0; i < in->methods.n; i++) {
		if (!(allowed >> keys[i].m & 1) || (keys[i].m == auth_method_DEVICE_SERVER_SIDE_FACE && !face_offered(c)))
			return DEVICE_ILLEGAL_METHOD;
		if (keys[i].m == auth_method_DEVICE_SERVER_SIDE_FACE && !in->face)
			return DEVICE_MISSING_PARAMETER;
		two |= auth_method_is_two_factor(keys[i].m);
	}
	if (!two && level == auth_level_TWO_FACTOR)
		return allowed >> auth_method_DEVICE_PIN & 1 ? DEVICE_MUST_BE_ACTIVATED_WITH_PIN : DEVICE_NO_MATCHING_METHOD;
	return DEVICE_OK;
}

static size_t proofs_of(const struct call *c, enum signature_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < c->plaintext.n; i++)
		n += c->plaintext.signatures[i].kind == kind;
	return n;
}

enum device_error new_device_form(const struct call *c, const struct act_finish *in)
{
	const struct method_key *keys = in->methods.items, *face = method_named(in, auth_method_DEVICE_SERVER_SIDE_FACE);
	size_t biometric = 0, pin = 0;

	for (size_t i = 0; i < in->methods.n; i++) {
		if (method_named(in, keys[i].m) != &keys[i])
			return DEVICE_MALFORMED_PARAMETER;
		biometric += auth_method_is_biometric(keys[i].m);
		pin += keys[i].m == auth_method_DEVICE_PIN;
	}
	if (face && face->pub.n)
		return DEVICE_MALFORMED_PARAMETER;
	if (in->face && !face)
		return DEVICE_NOT_PARSABLE;
	if (proofs_of(c, SIG_NEW_PIN) != pin || proofs_of(c, SIG_NEW_BIOMETRIC) != biometric ||
		proofs_of(c, SIG_NEW_HARDWARE) != (in->hk.n != 0))
		return DEVICE_NOT_PARSABLE;
	return DEVICE_OK;
}

bool new_device_proves(struct call *c, const struct act_finish *in)
{
	const struct method_key *keys = in->methods.items, *pin = method_named(in, auth_method_DEVICE_PIN);
	size_t nth = 0;
	bool good = proves_new(c, SIG_NEW_DEVICE, 0, slice_of(c->session.secret.dk, POINT_BYTES));

	if (pin)
		good &= c->session.asks > 0 && proves_new(c, SIG_NEW_PIN, 0, pin->pub);
	for (size_t i = 0; i < in->methods.n; i++)
		if (auth_method_is_biometric(keys[i].m))
			good &= proves_new(c, SIG_NEW_BIOMETRIC, nth++, keys[i].pub);
	if (in->hk.n)
		good &= proves_new(c, SIG_NEW_HARDWARE, 0, in->hk);
	return good;
}

/* ---- making ---- */

static void take_keys(struct device *d, const struct act_finish *in)
{
	const struct method_key *keys = in->methods.items, *pin = method_named(in, auth_method_DEVICE_PIN);

	d->methods = 1u << auth_method_DEVICE;
	d->has_pin = pin != NULL;
	d->has_hk = in->hk.n != 0;
	if (pin)
		memcpy(d->pk_pin, pin->pub.p, POINT_BYTES);
	if (in->hk.n)
		memcpy(d->hk, in->hk.p, POINT_BYTES);
	for (size_t i = 0; i < in->methods.n; i++) {
		d->methods |= 1u << keys[i].m;
		if (auth_method_is_biometric(keys[i].m))
			memcpy(d->biometric[keys[i].m], keys[i].pub.p, POINT_BYTES);
	}
}

/* What every registration tells about its phone (risk attributes that are always collected). */
static const char *const always_collected[] = {
	"operatingSystemFingerprint", "operatingSystemVersion", "operatingSystemType", "deviceManufacturer", "deviceModel",
};

static struct slice details_json(struct call *c, const struct act_finish *in)
{
	struct buf b = buf_arena(c->op->arena, 6 * MESSAGE_BYTES_MAX); /* escaped, a character takes up to six bytes */
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair(&w, "deviceHash", c->session.secret.device_hash);
	jw_pair_text(&w, "sdkVersion", in->sdk);
	for (size_t i = 0; i < sizeof(always_collected) / sizeof(always_collected[0]); i++) {
		const json_t *value = in->riskData ? json_object_get(in->riskData, always_collected[i]) : NULL;

		if (json_is_string(value))
			jw_pair_text(&w, always_collected[i], json_text(value));
	}
	jw_close(&w, '}');
	return buf_bytes(&b);
}

static void make(struct call *c, const struct act_finish *in, struct new_device *new)
{
	const struct device *known = new->known;
	struct device *d = &c->device;

	*d = (struct device){
		.id = c->session.device,
		.version = known ? known->version : 1,
		.user = c->owner.id,
		.application = c->application->id,
		.account = c->application->account,
		.state = credential_state_ACTIVE,
		.name = c->operation.content.deviceName.n ? c->operation.content.deviceName : known ? known->name : in->deviceName,
		.last_operation = known ? operation_type_RE_REGISTRATION : operation_type_REGISTRATION,
		.created = known ? known->created : c->op->now,
		.last_used = c->op->now,
		.salt_key = arena_copy(c->op->arena, slice_text(c->session.secret.salt_key)),
		.lock_reason = lock_reason_OPEN,
		.face = d->face, /* that was enrolled for it */
		.hash_index = hash_index(c->op, slice_text(c->session.secret.device_hash)),
	};
	memcpy(d->dk, c->session.secret.dk, POINT_BYTES);
	memcpy(d->cid, c->session.secret.cid, PIN_CREDENTIAL_ID_BYTES);
	take_keys(d, in);
	new->keys = device_keys_seal(c->op, &c->owner, d);
	new->name = credential_name_seal(c->op, &c->owner.key, &d->id, d->name);
	new->details = device_details_seal(c->op, &c->owner, &d->id, details_json(c, in));
}

/* ---- the finish ---- */

/* The face among its methods, once all else is good: taken by the provider, or why not (to be tried again). May have to wait for him. */
static err enrol(struct call *c, const struct act_finish *in, enum device_error *ret_fault)
{
	struct face_verdict verdict;

	*ret_fault = DEVICE_OK;
	if (!method_named(in, auth_method_DEVICE_SERVER_SIDE_FACE))
		return OK;
	TRY(face_enrol(c, &verdict));
	*ret_fault = face_enrol_fault(&verdict);
	return OK;
}

/* Where the phone hears: as the finish says, else as the start did. */
static err take_push_token(struct call *c, struct slice told)
{
	struct slice request, answer, why;
	struct plaintext start;
	json_t *json;

	TRY(evidence_start_open(c, &request, &answer));
	TRY(plaintext_read(request, &start));
	TRY(json_read(start.json, JSON_UNIQUE, MESSAGE_DEPTH_MAX, c->op->arena, &json, &why));
	op_keep_json(c->op, json);
	push_token_take(c, json_text(json_object_get(json, "pushToken")));
	push_token_take(c, told);
	return OK;
}

static err answer(struct call *c, const struct act_finish *in, const struct brought *b, struct new_device *new)
{
	struct finish_ok *answer = arena_new(c->op->arena, struct finish_ok);
	struct completion how = { .method = auth_method_none, .recovery = new->recovery };
	struct slice result;

	TRY(report_write(c, b, &how.report));
	TRY(take_push_token(c, b->push_token));
	make(c, in, new);
	TRY(post_context(c, &answer->ctx));
	answer->methods = policies_methods(c, c->device.methods);
	answer->tokens = tokens_issue(c, in->tokenPurposes, c->device.methods & ~(1u << auth_method_DEVICE) ? c->op->now : 0);
	ticket_issue(c, &answer->ticket);
	c->owner.last_used = c->op->now;
	TRY(view_completed(c->op, &c->owner, &c->device, &c->operation, &how, &result));
	new->result = result_seal(c->op, &c->owner, &c->operation.base.id, result);
	TRY(evidence_seal(c, &new->evidence));
	c->own = new;
	c->save = new->save;
	c->session_change = SAVE_SESSION;
	c->advance = c->session_over = c->write = true;
	return call_ok(c, answer);
}

err new_device_finish(struct call *c, const struct act_finish *in, struct new_device *new)
{
	const struct brought b = { BROUGHT(in) };
	enum device_error fault;
	struct verdict v;

	TRY(hash_check(c, slice_text(c->session.secret.device_hash), &fault));
	if (fault)
		return call_fault(c, fault);
	TRY(checks_run(c, &b, false, &v));
	if (v.what == CHECK_PASSED) {
		TRY(enrol(c, in, &fault));
		if (c->op->waiting)
			return OK;
		return fault ? call_fault_again(c, fault, -1) : answer(c, in, &b, new);
	}
	TRY(report_write(c, &b, &c->report));
	c->report_box = report_seal(c->op, &c->owner, &c->operation.base.id, c->report);
	return fail_registration(c, v.fault, v.error);
}

/* ---- keeping it ---- */

SQL(device_mark_older, "UPDATE devices SET mobileid = 1 WHERE id = $1");

static err insert(struct call *c, struct tx *tx, const struct new_device *new)
{
	TRY(device_insert(tx, &c->device, &new->keys, new->name, new->details));
	return c->operation.base.mobileid ? sql_run(tx, &device_mark_older, ARGS(v_uuid(&c->device.id)), NULL) : OK;
}

/* 9: new keys and methods, counters cleared, an attached recovery gone; id, name and time of creation stay. */
SQL(device_anew,
	"UPDATE devices SET details = $2, hash_index = $3, last_ts = 0, request_hash = NULL, answer = NULL, answered = 0"
	" WHERE id = $1");
SQL(credential_name, "UPDATE credentials SET name = $2 WHERE id = $1");

static err replace(struct call *c, struct tx *tx, const struct new_device *new)
{
	const struct uuid *id = &c->device.id;

	TRY(device_save(tx, &c->device));
	TRY(device_save_keys(tx, &c->device, &new->keys));
	TRY(sql_run(tx, &device_anew, ARGS(v_uuid(id), v_bytes(new->details), v_bytes(c->device.hash_index)), NULL));
	TRY(sql_run(tx, &credential_name, ARGS(v_uuid(id), v_bytes(new->name)), NULL));
	return device_app_gone(tx, id);
}

err new_device_save(struct call *c, struct tx *tx, const struct new_device *new)
{
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(operation_complete(&origin, tx, &c->operation.base, &c->device.id));
	TRY(hash_check_again(tx, &c->device));
	TRY(new->known ? replace(c, tx, new) : insert(c, tx, new));
	TRY(device_operation_finish(tx, &c->operation.base.id, new->result));
	TRY(evidence_insert(tx, &c->operation.base.id, &c->owner, new->evidence));
	return owner_touch(tx, &c->owner.id, c->op->now);
}

/* ---- the one that goes ---- */

SQL(device_owner, "SELECT user_id FROM credentials WHERE id = $1 AND state <> $2");
SQL(device_delete, "UPDATE credentials SET state = $2 WHERE id = $1");
SQL(device_outdate, "UPDATE devices SET version = version + 1 WHERE id = $1"); /* whoever has read it reads it again */

static err delete_device(struct tx *tx, const struct uuid *id, struct uuid *ret_owner)
{
	struct rows r;

	TRY(sql_one(tx, &device_owner, ARGS(v_uuid(id), v_int(credential_state_DELETED)), &r));
	*ret_owner = col_uuid(&r, 0);
	TRY(sql_close(&r));
	TRY(sql_run(tx, &device_delete, ARGS(v_uuid(id), v_int(credential_state_DELETED)), NULL));
	return sql_run(tx, &device_outdate, ARGS(v_uuid(id)), NULL);
}

err device_retire(struct call *c, struct tx *tx, const struct uuid *device, enum operation_error pending, enum fact_kind kind)
{
	struct fact_origin origin = fact_origin_of(c->op);
	struct uuid owner; /* the slot of the app may have been another user's */
	char data[DEVICE_STATE_DATA_MAX];
	bool older;
	struct error e = delete_device(tx, device, &owner);

	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	TRY(device_gone(&origin, tx, device, pending));
	TRY(device_is_older(tx, device, &older));
	return fact(c->op, tx, &(struct fact){
		.kind = kind,
		.mobileid = older,
		.user = &owner,
		.reference = uuid_text(c->op->arena, device),
		.device = device,
		.event_data = device_state_data(data, credential_state_DELETED, lock_reason_OPEN),
	});
}
