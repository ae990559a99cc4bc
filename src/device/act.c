/* Registration: act.start, act.pin, act.finish (6.1). */
#include "base/text.h"
#include "codec/encode.h"
#include "device/internal.h"

/* ---- act.start ---- */

static bool signed_by_new_key(struct call *c, const struct transcript *t, struct slice dk)
{
	return !failed(transcript_verify(t, SIG_NEW_DEVICE, c->plaintext.json, dk, plaintext_signature(&c->plaintext, SIG_NEW_DEVICE)));
}

static err wrong_code(struct call *c)
{
	code_wrong(c);
	return call_fault(c, DEVICE_INCORRECT_ACTIVATION_CODE);
}

/* The pending registration that the code belongs to. E_NO_ROW when there is none. */
static err find_registration(struct call *c, struct slice code)
{
	struct operation base;
	struct uuid id;
	struct error e;

	TRY(device_operation_by_code(c->op, op_reader(c->op), c->application, code_index(c->op, c->application, code), &id));
	TRY(operation_load(op_reader(c->op), c->op->caller.account, &id, c->op->now, &base));
	ENSURE(base.state == operation_state_PENDING, NO_ROW);
	e = user_load(c->op, op_reader(c->op), &base.user, &c->owner);
	ENSURE(!is_err(e, E_USER_UNKNOWN), NO_ROW);
	TRY(e);
	c->has_owner = c->has_operation = true;
	return device_operation_load(c->op, op_reader(c->op), &base, &c->owner, &c->operation);
}

/* The identical start again, while its session lives: whatever that has seen since, its start was the last one of this code. */
static err repeated_start(struct call *c, bool *ret_repeated)
{
	uint8_t sid[SESSION_ID_BYTES];
	struct error e = session_live_of_operation(op_reader(c->op), &c->operation.base.id, sid);
	struct slice request, answer;

	*ret_repeated = false;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	TRY(session_load(c->op, op_reader(c->op), slice_of(sid, sizeof(sid)), &c->session, &c->owner));
	TRY(evidence_start_open(c, &request, &answer));
	*ret_repeated = slice_eq(request, c->plaintext_bytes);
	if (*ret_repeated)
		c->answer_json = answer;
	return OK;
}

/* The registration that stands in this slot of the app: whoever names a known one proves that he has its key. */
static err check_previous(struct call *c, const struct act_start *in, bool *ret_good)
{
	struct transcript t = transcript_start(slice_text(c->application->id_text));
	struct user owner = { .account = 0 };
	struct device previous;
	struct error e;

	*ret_good = true;
	if (!HAS(in, act_start, prev))
		return OK;
	e = device_load(c->op, op_reader(c->op), &in->prev, &previous, &owner);
	wipe(&owner.key, sizeof(owner.key));
	if (is_err(e, E_NO_ROW) || is_err(e, E_USER_UNKNOWN))
		return OK;
	TRY(e);
	if (previous.state == credential_state_DELETED || !uuid_eq(&previous.application, &c->application->id))
		return OK;
	*ret_good = !failed(transcript_verify(&t, SIG_DEVICE, c->plaintext.json, slice_of(previous.dk, POINT_BYTES),
		plaintext_signature(&c->plaintext, SIG_DEVICE)));
	if (*ret_good)
		memcpy(c->session.secret.prev, in->prev.b, UUID_BYTES);
	return OK;
}

static void begin_registration(struct call *c, const struct act_start *in, const struct salt_key *salt)
{
	struct uuid id = uuid_v7(c->op->app->env, c->op->now);
	struct session_secret *secret = &c->session.secret;
	uint8_t prev[UUID_BYTES];

	memcpy(prev, secret->prev, sizeof(prev));
	session_begin(c, FAMILY_ACT, &id);
	memcpy(secret->prev, prev, sizeof(prev));
	memcpy(secret->dk, in->dk.p, POINT_BYTES);
	memcpy(secret->salt_key, salt->id, sizeof(salt->id));
	memcpy(secret->device_hash, in->deviceHash.p, in->deviceHash.n);
	env_random(c->op->app->env, secret->cid, sizeof(secret->cid));
}

static const struct uuid *previous_of(const struct call *c)
{
	static const struct uuid none;
	const struct uuid *prev = (const struct uuid *)c->session.secret.prev;

	return uuid_eq(prev, &none) ? NULL : prev;
}

struct act_own {
	struct slice dk, keys, name, details, result, evidence;
	struct uuid prev;
	bool has_prev;
};

static void remember_previous(struct call *c, struct act_own *own)
{
	const struct uuid *prev = previous_of(c);

	own->has_prev = prev != NULL;
	if (prev)
		own->prev = *prev;
}

static err save_start(struct call *c, struct tx *tx)
{
	struct act_own *own = c->own;
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(device_operation_bind_code(tx, &c->operation.base.id, own->dk, c->ts));
	if (own->has_prev)
		TRY(operation_fail_all(&origin, tx, OPERATIONS_OF_CREDENTIAL, &own->prev, NULL, OPERATION_CANCELLED_NEW_ACTIVATION));
	return OK;
}

static err answer_start(struct call *c, const struct act_start *in)
{
	struct act_start_ok *answer = arena_new(c->op->arena, struct act_start_ok);
	struct act_own *own = c->own = arena_new(c->op->arena, struct act_own);
	struct session *s = &c->session;

	own->dk = in->dk;
	remember_previous(c, own);
	c->save = save_start;
	answer->sid = arena_copy(c->op->arena, slice_of(s->sid, sizeof(s->sid)));
	answer->mode = registration_mode_REGISTRATION;
	answer->reg = s->device;
	answer->cid = arena_copy(c->op->arena, slice_of(s->secret.cid, sizeof(s->secret.cid)));
	answer->challenge = arena_copy(c->op->arena, slice_of(s->secret.challenge, CHALLENGE_BYTES));
	answer->saltKeyId = arena_copy(c->op->arena, slice_text(s->secret.salt_key));
	answer->authLevel = c->operation.auth_level;
	answer->pin = policy_pin(c);
	answer->methods = policies_methods(c, device_config_methods(&c->application->config));
	answer->hw = policy_hw(c);
	answer->risk = (struct list){ arena_new(c->op->arena, struct slice), 0 };
	return call_ok(c, answer);
}

static bool ts_fits(const struct call *c)
{
	return c->ts > c->operation.code_ts && c->ts <= c->op->now + TS_AHEAD_MS_MAX;
}

/* The code is right: may this device use it now? */
static err start_with_code(struct call *c, const struct act_start *in)
{
	const struct salt_key *salt = salt_key_newest(c->set, &c->application->id);
	enum device_error fault = sdk_check(c);
	bool repeated, good;

	if (c->operation.code_key.n && !slice_eq(c->operation.code_key, in->dk))
		return wrong_code(c);
	TRY(repeated_start(c, &repeated));
	if (repeated)
		return OK;
	if (!ts_fits(c))
		return call_fault(c, DEVICE_OUT_OF_SYNC);
	if (fault)
		return call_fault(c, fault);
	if (c->owner.state == user_state_LOCKED)
		return call_fault(c, DEVICE_LOCKED_BY_ADMIN);
	ENSURE(salt, INTERNAL);
	c->session.secret = (struct session_secret){ .pair_count = 0 };
	TRY(check_previous(c, in, &good));
	if (!good)
		return call_fault(c, DEVICE_AUTHENTICATION_FAILED);
	begin_registration(c, in, salt);
	return answer_start(c, in);
}

/* What the schema cannot tell: a hash is 32 bytes, and 01 stands only beside the registration that it proves. */
static enum device_error check_start(struct call *c, const struct act_start *in)
{
	struct slice hash;

	if (failed(b64_read(c->op->arena, in->deviceHash, &hash)) || hash.n != SHA256_BYTES)
		return DEVICE_MALFORMED_PARAMETER;
	if (plaintext_signature(&c->plaintext, SIG_DEVICE).n && !HAS(in, act_start, prev))
		return DEVICE_NOT_PARSABLE;
	return DEVICE_OK;
}

err handle_act_start(struct call *c)
{
	const struct act_start *in = c->in;
	struct transcript t = transcript_start(slice_text(c->application->id_text));
	enum device_error fault = check_start(c, in);
	struct error e;

	if (!slice_eq(in->enc, c->envelope.salt))
		return FAIL(DEVICE_MALFORMED);
	if (fault)
		return call_fault(c, fault);
	ENSURE(code_allowed(c, in->code), TOO_MANY);
	if (!signed_by_new_key(c, &t, in->dk))
		return call_fault(c, DEVICE_AUTHENTICATION_FAILED);
	e = find_registration(c, in->code);
	if (is_err(e, E_NO_ROW) || is_err(e, E_TRANSACTION_UNKNOWN))
		return wrong_code(c);
	TRY(e);
	return start_with_code(c, in);
}

/* ---- act.pin ---- */

/* The operation fails with what would lock a device, were there one already. */
static err fail_registration(struct call *c, enum device_error fault, enum operation_error error)
{
	c->operation_error = error;
	c->session_over = c->write = true;
	c->session_change = SAVE_SESSION;
	return call_fault(c, fault);
}

err handle_act_pin(struct call *c)
{
	const struct pin_ask *in = c->in;
	const struct salt_key *salt = salt_key_find(c->set, &c->application->id, slice_text(c->session.secret.salt_key));
	struct pin_id id = pin_id_of(&c->session.device, c->session.secret.cid);
	struct pin_ask_ok *answer = arena_new(c->op->arena, struct pin_ask_ok);
	uint8_t *e = arena_alloc(c->op->arena, P256_POINT_BYTES);

	ENSURE(salt, INTERNAL);
	if (failed(pin_evaluate(salt->secret, &id, in->b, e)))
		return session_broken(c, DEVICE_MALFORMED_PARAMETER);
	if (c->session.asks >= PIN_ASKS_MAX)
		return call_fault(c, DEVICE_NO_SESSION);
	if (!slice_is(in->skid, c->session.secret.salt_key))
		return fail_registration(c, DEVICE_AUTHENTICATION_FAILED, OPERATION_LOCKED_INCORRECT_SALT_KEY_ID);
	c->session.asks++;
	c->session_change = SAVE_SESSION;
	c->advance = c->write = true;
	answer->e = slice_of(e, P256_POINT_BYTES);
	return call_ok(c, answer);
}

/* ---- act.finish ---- */

static const struct method_key *method_named(const struct act_finish *in, enum auth_method m)
{
	const struct method_key *keys = in->methods.items;

	for (size_t i = 0; i < in->methods.n; i++)
		if (keys[i].m == m)
			return &keys[i];
	return NULL;
}

/* Rows 5c: allowed by the configuration, and two factors where two are asked. */
static enum device_error check_methods(const struct call *c, const struct act_finish *in)
{
	unsigned allowed = device_config_methods(&c->application->config);
	const struct method_key *keys = in->methods.items;
	bool two = false;

	for (size_t i = 0; i < in->methods.n; i++) {
		if (!(allowed >> keys[i].m & 1) || keys[i].m > auth_method_DEVICE_PIN)
			return DEVICE_ILLEGAL_METHOD;
		two |= auth_method_is_two_factor(keys[i].m);
	}
	if (!two && c->operation.auth_level == auth_level_TWO_FACTOR)
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

/* Row 1: each method once, and a proof for each new key but no other. */
static enum device_error check_form(const struct call *c, const struct act_finish *in)
{
	const struct method_key *keys = in->methods.items;
	size_t biometric = 0, pin = 0;

	for (size_t i = 0; i < in->methods.n; i++) {
		if (method_named(in, keys[i].m) != &keys[i])
			return DEVICE_MALFORMED_PARAMETER;
		biometric += auth_method_is_biometric(keys[i].m);
		pin += keys[i].m == auth_method_DEVICE_PIN;
	}
	if (proofs_of(c, SIG_NEW_PIN) != pin || proofs_of(c, SIG_NEW_BIOMETRIC) != biometric ||
		proofs_of(c, SIG_NEW_HARDWARE) != (in->hk.n != 0))
		return DEVICE_NOT_PARSABLE;
	return DEVICE_OK;
}

/* Row 4a: possession of every new key. */
static bool proves_keys(struct call *c, const struct act_finish *in)
{
	const struct method_key *pin = method_named(in, auth_method_DEVICE_PIN);
	struct slice proof = plaintext_signature(&c->plaintext, SIG_NEW_PIN);
	struct transcript t;

	memcpy(t.th, c->session.secret.th, sizeof(t.th));
	if (!signed_by_new_key(c, &t, slice_of(c->session.secret.dk, POINT_BYTES)) || in->hk.n)
		return false;
	return !pin || (pin->pub.n && c->session.asks > 0 && !failed(transcript_verify(&t, SIG_NEW_PIN, c->plaintext.json, pin->pub, proof)));
}

static void make_device(struct call *c, const struct act_finish *in)
{
	const struct method_key *pin = method_named(in, auth_method_DEVICE_PIN);
	struct device *d = &c->device;

	*d = (struct device){
		.id = c->session.device,
		.user = c->owner.id,
		.application = c->application->id,
		.account = c->application->account,
		.state = credential_state_ACTIVE,
		.name = c->operation.content.deviceName.n ? c->operation.content.deviceName : in->deviceName,
		.last_operation = operation_type_REGISTRATION,
		.created = c->op->now,
		.last_used = c->op->now,
		.methods = 1u << auth_method_DEVICE,
		.has_pin = pin != NULL,
		.salt_key = arena_copy(c->op->arena, slice_text(c->session.secret.salt_key)),
		.lock_reason = lock_reason_OPEN,
	};
	memcpy(d->dk, c->session.secret.dk, POINT_BYTES);
	memcpy(d->cid, c->session.secret.cid, PIN_CREDENTIAL_ID_BYTES);
	if (pin) {
		d->methods |= 1u << auth_method_DEVICE_PIN;
		memcpy(d->pk_pin, pin->pub.p, POINT_BYTES);
	}
}

/* What every registration tells about its phone (risk attributes that are always collected). */
static const char *const always_collected[] = {
	"operatingSystemFingerprint", "operatingSystemVersion", "operatingSystemType", "deviceManufacturer", "deviceModel",
};

static struct slice details_json(struct call *c, const struct act_finish *in)
{
	struct buf b = buf_arena(c->op->arena, 64 * 1024);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair(&w, "deviceHash", c->session.secret.device_hash);
	jw_pair_text(&w, "sdkVersion", in->sdk);
	for (size_t i = 0; i < sizeof(always_collected) / sizeof(always_collected[0]); i++) {
		const json_t *value = in->riskData ? json_object_get(in->riskData, always_collected[i]) : NULL;

		if (json_is_string(value) && json_string_length(value) <= 4096)
			jw_pair_text(&w, always_collected[i], json_text(value));
	}
	jw_close(&w, '}');
	return buf_bytes(&b);
}

SQL(device_owner, "SELECT user_id FROM credentials WHERE id = $1 AND state <> $2");
SQL(device_replace, "UPDATE credentials SET state = $2 WHERE id = $1");
SQL(device_outdate, "UPDATE devices SET version = version + 1 WHERE id = $1"); /* whoever has read it reads it again */

static err delete_device(struct tx *tx, const struct uuid *id, struct uuid *ret_owner)
{
	struct rows r;

	TRY(sql_one(tx, &device_owner, ARGS(v_uuid(id), v_int(credential_state_DELETED)), &r));
	*ret_owner = col_uuid(&r, 0);
	TRY(sql_close(&r));
	TRY(sql_run(tx, &device_replace, ARGS(v_uuid(id), v_int(credential_state_DELETED)), NULL));
	return sql_run(tx, &device_outdate, ARGS(v_uuid(id)), NULL);
}

static err replace_previous(struct call *c, struct tx *tx, const struct uuid *prev)
{
	struct fact_origin origin = fact_origin_of(c->op);
	struct uuid owner; /* the slot of the app may have been another user's */
	struct error e = delete_device(tx, prev, &owner);

	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	TRY(session_end_of_device(tx, prev, c->op->now));
	TRY(operation_fail_all(&origin, tx, OPERATIONS_OF_CREDENTIAL, prev, NULL, OPERATION_CANCELLED_NEW_ACTIVATION));
	return fact(c->op, tx, &(struct fact){
		.kind = FACT_DEVICE_REPLACED,
		.user = &owner,
		.reference = uuid_text(c->op->arena, prev),
		.device = prev,
	});
}

static err save_finish(struct call *c, struct tx *tx)
{
	struct act_own *own = c->own;
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(operation_complete(&origin, tx, &c->operation.base, &c->device.id));
	TRY(device_insert(c->op, tx, &c->device, own->keys, own->name, own->details));
	TRY(device_operation_finish(tx, &c->operation.base.id, own->result));
	TRY(evidence_insert(tx, &c->operation.base.id, &c->owner, own->evidence));
	TRY(owner_touch(tx, &c->owner.id, c->op->now));
	return own->has_prev ? replace_previous(c, tx, &own->prev) : OK;
}

static err register_device(struct call *c, const struct act_finish *in)
{
	struct finish_ok *answer = arena_new(c->op->arena, struct finish_ok);
	struct act_own *own = c->own = arena_new(c->op->arena, struct act_own);
	struct completion how = { .method = auth_method_none };
	struct slice result;

	make_device(c, in);
	remember_previous(c, own);
	answer->ctx = context_of(c, c->operation.content.post);
	answer->methods = policies_methods(c, c->device.methods);
	answer->tokens = (struct list){ arena_new(c->op->arena, struct authorisation_token), 0 };
	ticket_issue(c, &answer->ticket);
	c->owner.last_used = c->op->now;
	TRY(view_completed(c->op, &c->owner, &c->device, &c->operation, &how, &result));
	own->result = result_seal(c->op, &c->owner, &c->operation.base.id, result);
	own->keys = device_keys_seal(c->op, &c->owner, &c->device);
	own->name = credential_name_seal(c->op, &c->owner.key, &c->device.id, c->device.name);
	own->details = device_details_seal(c->op, &c->owner, &c->device.id, details_json(c, in));
	own->evidence = evidence_seal(c);
	c->save = save_finish;
	c->session_change = SAVE_SESSION;
	c->advance = c->session_over = c->write = true;
	return call_ok(c, answer);
}

err handle_act_finish(struct call *c)
{
	const struct act_finish *in = c->in;
	enum device_error fault = check_form(c, in);

	if (fault)
		return session_broken(c, fault);
	fault = sdk_check(c);
	if (c->owner.state == user_state_LOCKED)
		return call_fault(c, DEVICE_LOCKED_BY_ADMIN);
	if (fault)
		return call_fault(c, fault);
	if (!proves_keys(c, in))
		return fail_registration(c, DEVICE_ACTIVATION_FAILED, OPERATION_CALLBACK_PROCESSING_ERROR);
	fault = check_methods(c, in);
	if (fault)
		return call_fault(c, fault);
	return register_device(c, in);
}
