/* The end of a registration: act.finish (6.1, 7). */
#include "device/bells.h"

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
		if (!(allowed >> keys[i].m & 1) || keys[i].m == auth_method_DEVICE_SERVER_SIDE_FACE)
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
	const struct method_key *keys = in->methods.items, *pin = method_named(in, auth_method_DEVICE_PIN);
	size_t nth = 0;
	bool good = proves_new(c, SIG_NEW_DEVICE, 0, slice_of(c->session.secret.dk, POINT_BYTES));

	if (pin)
		good &= c->session.asks > 0 && proves_new(c, SIG_NEW_PIN, 0, pin->pub);
	for (size_t i = 0; i < in->methods.n; i++)
		if (auth_method_is_biometric(keys[i].m))
			good &= proves_new(c, SIG_NEW_BIOMETRIC, nth++, keys[i].pub);
	return good && !in->hk.n;
}

static void make_device(struct call *c, const struct act_finish *in)
{
	const struct method_key *keys = in->methods.items, *pin = method_named(in, auth_method_DEVICE_PIN);
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
	if (pin)
		memcpy(d->pk_pin, pin->pub.p, POINT_BYTES);
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
	char data[DEVICE_STATE_DATA_MAX];
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
		.event_data = device_state_data(data, credential_state_DELETED, lock_reason_OPEN),
	});
}

struct finish_own {
	struct slice keys, name, details, result, evidence;
	const struct uuid *prev;
};

static err save_finish(struct call *c, struct tx *tx)
{
	const struct finish_own *own = c->own;
	struct fact_origin origin = fact_origin_of(c->op);

	TRY(operation_complete(&origin, tx, &c->operation.base, &c->device.id));
	TRY(device_insert(c->op, tx, &c->device, own->keys, own->name, own->details));
	TRY(device_operation_finish(tx, &c->operation.base.id, own->result));
	TRY(evidence_insert(tx, &c->operation.base.id, &c->owner, own->evidence));
	TRY(owner_touch(tx, &c->owner.id, c->op->now));
	return own->prev ? replace_previous(c, tx, own->prev) : OK;
}

static err register_device(struct call *c, const struct act_finish *in)
{
	struct finish_ok *answer = arena_new(c->op->arena, struct finish_ok);
	struct finish_own *own = c->own = arena_new(c->op->arena, struct finish_own);
	const struct brought b = { BROUGHT(in) };
	struct completion how = { .method = auth_method_none };
	struct slice result;

	TRY(report_write(c, &b, &how.report));
	push_token_take(c, b.push_token);
	make_device(c, in);
	own->prev = previous_of(c);
	TRY(post_context(c, &answer->ctx));
	answer->methods = policies_methods(c, c->device.methods);
	answer->tokens = tokens_issue(c, in->tokenPurposes, c->device.methods & ~(1u << auth_method_DEVICE) ? c->op->now : 0);
	ticket_issue(c, &answer->ticket);
	c->owner.last_used = c->op->now;
	TRY(view_completed(c->op, &c->owner, &c->device, &c->operation, &how, &result));
	own->result = result_seal(c->op, &c->owner, &c->operation.base.id, result);
	own->keys = device_keys_seal(c->op, &c->owner, &c->device);
	own->name = credential_name_seal(c->op, &c->owner.key, &c->device.id, c->device.name);
	own->details = device_details_seal(c->op, &c->owner, &c->device.id, details_json(c, in));
	TRY(evidence_seal(c, &own->evidence));
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
