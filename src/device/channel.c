/*
 * The device channel: one route. Opens the envelope, finds out who speaks, lets the message's handler decide, seals the answer;
 * then one transaction writes what came of it. Reading and cryptography happen before, so a lost race only means doing it again.
 */
#include "device/bells.h"
#include "device/faces.h"
#include "device/legs.h"
#include "device/trust.h"

struct handler_row {
	struct error (*handle)(struct call *c);
};

static const struct handler_row handlers[MESSAGE_COUNT] = {
	[MESSAGE_CFG_GET] = { handle_cfg_get },
	[MESSAGE_SES_WAIT] = { handle_ses_wait },
	[MESSAGE_ACT_START] = { handle_act_start },
	[MESSAGE_ACT_PIN] = { handle_act_pin },
	[MESSAGE_ACT_FINISH] = { handle_act_finish },
	[MESSAGE_SES_START] = { handle_ses_start },
	[MESSAGE_SES_PIN] = { handle_ses_pin },
	[MESSAGE_SES_FINISH] = { handle_ses_finish },
	[MESSAGE_SES_CANCEL] = { handle_ses_cancel },
	[MESSAGE_AM_START] = { handle_am_start },
	[MESSAGE_AM_PIN] = { handle_am_pin },
	[MESSAGE_AM_FINISH] = { handle_am_finish },
	[MESSAGE_REC_ADD_START] = { handle_rec_add_start },
	[MESSAGE_REC_ADD_PIN] = { handle_rec_add_pin },
	[MESSAGE_REC_ADD_FINISH] = { handle_rec_add_finish },
	[MESSAGE_REC_DELETE] = { handle_rec_delete },
	[MESSAGE_REC_START] = { handle_rec_start },
	[MESSAGE_REC_PIN] = { handle_rec_pin },
	[MESSAGE_REC_FACE] = { handle_rec_face },
	[MESSAGE_REC_FINISH] = { handle_rec_finish },
	[MESSAGE_REG_DEACTIVATE] = { handle_reg_deactivate },
	[MESSAGE_PUSH_UPDATE] = { handle_push_update },
	[MESSAGE_PUSH_ACK] = { handle_push_ack },
};

/* ---- errors that cannot be answered inside the envelope (2) ---- */

/* A valid envelope is answered inside: overtaken too often, or the disk is full, is 221, and the phone may repeat its request. */
static bool answered_inside(struct op *op)
{
	struct call *c = op_own(op, struct call);
	uint8_t nonce[SALT_BYTES];

	if (!c->opened || failed(call_fault_again(c, DEVICE_SERVICE_UNAVAILABLE, -1)))
		return false;
	env_random(op->app->env, nonce, sizeof(nonce));
	http_add_header(op->http, "Cache-Control", S("no-store"));
	op_answer(op, 200, ANSWER_TYPE, envelope_seal_answer(&c->exchange, nonce, c->answer_json, op->arena));
	return true;
}

static void write_outside_error(struct op *op, struct error e)
{
	int status = err_info(e.code)->http;
	const char *word = is_err(e, E_DEVICE_MALFORMED) || is_err(e, E_DEVICE_UNKNOWN_KEY) || is_err(e, E_DEVICE_UNKNOWN_APPLICATION) ||
			   is_err(e, E_DEVICE_UNKNOWN_SESSION) ? err_info(e.code)->code : "unavailable";

	if (status != 400 && status != 413 && status != 429)
		status = 503;
	if (status == 503 && answered_inside(op))
		return;
	if (status == 429 || status == 503)
		http_add_header(op->http, "Retry-After", S("1"));
	op_answer(op, status, NULL, arena_printf(op->arena, "{\"error\":\"%s\"}", status == 429 ? "too_many_requests" : word));
}

static const struct op_errors outside_errors = { write_outside_error };

/* ---- opening ---- */

static void use_account(struct call *c)
{
	const struct snapshot *snapshot = accounts_hold(c->op->app);
	const struct account_info *account = snapshot_account(snapshot, c->application->info->id);

	c->op->caller.account = c->application->account;
	c->op->caller.account_id = c->application->info->id;
	c->op->caller.sandbox = account && account->sandbox;
	c->op->caller.extended_events = account && account->extended_events;
	accounts_release(snapshot);
}

static err open_start(struct call *c)
{
	const struct e2e_key *key = e2e_key_find(c->set, c->envelope.key_id);

	c->application = application_by_text(c->set, c->envelope.application);
	ENSURE(c->application, DEVICE_UNKNOWN_APPLICATION);
	ENSURE(key && uuid_eq(&key->application, &c->application->id), DEVICE_UNKNOWN_KEY);
	ENSURE(!failed(envelope_open_start(&c->envelope, key->key, c->op->arena, &c->plaintext_bytes, &c->exchange)), DEVICE_MALFORMED);
	use_account(c);
	return OK;
}

static err open_session(struct call *c)
{
	struct error e = session_load(c->op, op_reader(c->op), c->envelope.sid, &c->session, &c->owner);

	ENSURE(!is_err(e, E_NO_ROW) && !is_err(e, E_USER_UNKNOWN), DEVICE_UNKNOWN_SESSION);
	TRY(e);
	c->has_session = c->has_owner = true;
	e = envelope_open_session(&c->envelope, c->session.secret.k, c->op->arena, &c->plaintext_bytes, &c->exchange);
	ENSURE(!failed(e), DEVICE_UNKNOWN_SESSION);
	c->application = application_by_id(c->set, &c->session.application);
	ENSURE(c->application, DEVICE_UNKNOWN_SESSION);
	use_account(c);
	return OK;
}

/* A scan of a face is larger than other messages, and welcome only where one is asked for. */
static err open_request(struct call *c)
{
	bool large = c->op->http->body.n > MESSAGE_BYTES_MAX;

	ENSURE(slice_ieq(slice_trim(http_header(c->op->http, "Content-Type")), S(REQUEST_TYPE)), DEVICE_MALFORMED);
	ENSURE(!failed(envelope_read(c->op->http->body, &c->envelope)), DEVICE_MALFORMED);
	ENSURE(!large || c->envelope.suite != SUITE_START, TOO_LARGE);
	TRY(c->envelope.suite == SUITE_START ? open_start(c) : open_session(c));
	ENSURE(!large || (c->has_session && face_offered(c) && !c->session.ended), TOO_LARGE);
	sha256(c->plaintext_bytes, c->request_hash);
	c->opened = true;
	return OK;
}

/* ---- identical repeat inside a session (4): before ts, step, state and expiry ---- */

static bool is_repeat(const struct call *c)
{
	return c->has_session && slice_eq(c->session.request_hash, slice_of(c->request_hash, SHA256_BYTES));
}

static err repeat_answer(struct call *c)
{
	return unseal(&c->owner.key, session_place(c->op, "session.answer|", c->session.sid), c->session.answer, c->op->arena, &c->answer_json);
}

/* ---- a broken message ends its operation, when it came through a live session (7, row 1) ---- */

static err load_operation(struct call *c)
{
	struct operation base;

	TRY(operation_load(op_reader(c->op), c->op->caller.account, &c->session.operation, c->op->now, &base));
	TRY(device_operation_load(c->op, op_reader(c->op), &base, &c->owner, &c->operation));
	c->has_operation = true;
	return OK;
}

err session_broken(struct call *c, enum device_error fault)
{
	if (c->has_session && !c->session.ended && c->operation.base.state == operation_state_PENDING) {
		c->operation_error = OPERATION_CALLBACK_PROCESSING_ERROR;
		c->session_over = c->write = true;
		c->session_change = SAVE_SESSION;
	}
	return call_fault(c, fault);
}

/* ---- dispatch ---- */

/* A cancel belongs to every session but that of a registration, which the phone just forgets. */
static bool fits_family(const struct call *c)
{
	if (c->message == &device_messages[MESSAGE_SES_CANCEL])
		return c->session.family != FAMILY_ACT;
	return c->message->family == c->session.family;
}

/* So that the evidence holds every exchange, a session has only so many, the last of them for a finish. */
static bool has_room(const struct call *c)
{
	bool finish = (c->message->must & SIG_BIT(SIG_DEVICE)) != 0;

	return c->session.secret.pair_count + (finish ? 0 : 1) < HASH_PAIRS_MAX;
}

/* Inside a session: of its family, its step, alive, and its operation still open; else 208, which writes nothing. */
static bool fits_session(const struct call *c)
{
	return fits_family(c) && c->step == c->session.step && !c->session.ended && c->session.expires > c->op->now &&
	       c->operation.base.state == operation_state_PENDING && has_room(c);
}

/* Everything is as it should be, but another device was first. */
static bool is_late(const struct call *c)
{
	return c->message == &device_messages[MESSAGE_SES_FINISH] && fits_family(c) && c->step == c->session.step && !c->session.ended &&
	       c->session.expires > c->op->now && c->operation.base.state == operation_state_COMPLETED;
}

static err dispatch_inside(struct call *c)
{
	enum device_error fault;

	if (is_repeat(c))
		return repeat_answer(c);
	TRY(load_operation(c));
	fault = read_message(c);
	if (!fault && !handlers[c->message - device_messages].handle)
		fault = DEVICE_MALFORMED_PARAMETER; /* part of the protocol, but not of this server */
	if (fault)
		return session_broken(c, fault);
	if (!fits_session(c))
		return is_late(c) ? approve_late(c) : call_fault(c, DEVICE_NO_SESSION);
	return handlers[c->message - device_messages].handle(c);
}

static err dispatch_outside(struct call *c)
{
	enum device_error fault = read_message(c);

	if (!fault && !handlers[c->message - device_messages].handle)
		fault = DEVICE_MALFORMED_PARAMETER;
	if (fault)
		return call_fault(c, fault);
	return handlers[c->message - device_messages].handle(c);
}

/* ---- after the decision: transcript, session, what is kept for a repeat ---- */

static void keep_pair(struct call *c)
{
	struct session_secret *s = &c->session.secret;

	memcpy(s->pairs[s->pair_count][0], c->request_hash, SHA256_BYTES);
	sha256(c->answer_json, s->pairs[s->pair_count][1]);
	s->pair_count++;
}

static void advance(struct call *c)
{
	struct transcript t;

	memcpy(t.th, c->session.secret.th, sizeof(t.th));
	transcript_advance(&t, c->plaintext_bytes, c->answer_json);
	memcpy(c->session.secret.th, t.th, sizeof(t.th));
	keep_pair(c);
	c->session.step++;
}

/* K hangs on the transcript after the start (2). */
static void begin(struct call *c)
{
	struct transcript t = transcript_start(slice_text(c->application->id_text));

	transcript_advance(&t, c->plaintext_bytes, c->answer_json);
	memcpy(c->session.secret.th, t.th, sizeof(t.th));
	memcpy(c->session.secret.th_start, t.th, sizeof(t.th));
	c->session.secret.began = c->op->now;
	envelope_session_key(&c->exchange, t.th, c->session.secret.k);
	c->session.step = 1;
	c->start_evidence = evidence_start(c, c->answer_json);
}

static void seal_session(struct call *c)
{
	if (c->session_change == SAVE_NEW_SESSION)
		begin(c);
	else if (c->advance)
		advance(c);
	c->session.request_hash = arena_copy(c->op->arena, slice_of(c->request_hash, SHA256_BYTES));
	c->session.answered = c->op->now;
	if (c->session_over)
		c->session.ended = c->op->now;
	c->boxes = session_seal(c->op, &c->owner, &c->session, c->start_evidence, c->answer_json);
}

static struct slice device_answer_place(struct call *c)
{
	struct buf b = buf_arena(c->op->arena, 64);

	buf_text(&b, "device.answer|");
	buf_slice(&b, uuid_bytes(&c->device.id));
	return buf_bytes(&b);
}

/* What was accepted outside a session can be asked for again too, and moves ts. */
static void keep_for_device(struct call *c)
{
	c->device.last_ts = c->ts;
	c->device.request_hash = arena_copy(c->op->arena, slice_of(c->request_hash, SHA256_BYTES));
	c->device.answer = seal(&c->owner.key, c->op->app->env, device_answer_place(c), c->answer_json, c->op->arena);
	c->device.answered = c->op->now;
}

err device_repeat(struct call *c, bool *ret_repeat)
{
	*ret_repeat = slice_eq(c->device.request_hash, slice_of(c->request_hash, SHA256_BYTES)) &&
		      c->device.answered + REPEAT_MS > c->op->now;
	if (!*ret_repeat)
		return OK;
	return unseal(&c->owner.key, device_answer_place(c), c->device.answer, c->op->arena, &c->answer_json);
}

static void seal_all(struct call *c)
{
	uint8_t nonce[SALT_BYTES];

	if (c->session_change != SAVE_NOTHING)
		seal_session(c);
	if (c->device_changed && c->message->place != INSIDE)
		keep_for_device(c);
	env_random(c->op->app->env, nonce, sizeof(nonce));
	c->answer = envelope_seal_answer(&c->exchange, nonce, c->answer_json, c->op->arena);
}

/* The address is a person's: what is recorded of it is sealed under his key. */
static void seal_person(struct call *c)
{
	if (c->write && c->has_owner)
		c->op->person = personal_seal(c->op, &c->owner.key, &c->owner.id, true, S(""));
}

/* What the answer is sealed with goes with the request: it may be needed once more, should nothing come of the writing. */
static void forget(struct call *c)
{
	wipe(&c->owner.key, sizeof(c->owner.key));
	wipe(&c->session.secret, sizeof(c->session.secret));
}

static err channel_prepare(struct op *op)
{
	struct call *c = op_own(op, struct call);
	struct error e;

	*c = (struct call){ .op = op, .set = applications_now(op->app) };
	e = open_request(c);
	if (!failed(e) && c->application->state != mobileid_state_ACTIVE)
		e = call_fault_again(c, DEVICE_SERVICE_UNAVAILABLE, -1); /* to be repeated when it is at work again; nothing is counted */
	else if (!failed(e))
		e = c->has_session ? dispatch_inside(c) : dispatch_outside(c);
	if (!failed(e) && !op->waiting)
		seal_all(c);
	seal_person(c);
	forget(c);
	op->unchanged = !c->write;
	return e;
}

/* ---- the transaction ---- */

static err save_session(struct call *c, struct tx *tx)
{
	struct fact_origin origin = fact_origin_of(c->op);

	if (c->session_change == SAVE_NEW_SESSION) {
		TRY(device_own_end(&origin, tx, &c->session.device));
		TRY(session_end_of_device(tx, &c->session.device, c->op->now));
		/* Of a registration another phone may have one; of a broadcast each device has its own. */
		if (c->session.family == FAMILY_ACT)
			TRY(session_end_of_operation(tx, &c->session.operation, c->op->now));
		return session_insert(tx, &c->session, &c->boxes);
	}
	return c->session_change == SAVE_SESSION ? session_save(tx, &c->session, &c->boxes) : OK;
}

static err device_event(struct call *c, struct tx *tx, enum fact_kind kind)
{
	char data[DEVICE_STATE_DATA_MAX];
	bool older;

	TRY(device_is_older(tx, &c->device.id, &older));
	return fact(c->op, tx, &(struct fact){
		.kind = kind,
		.mobileid = older,
		.user = &c->device.user,
		.reference = uuid_text(c->op->arena, &c->device.id),
		.device = &c->device.id,
		.event_data = device_state_data(data, c->device.state, c->device.lock_reason),
	});
}

static err save_lock(struct call *c, struct tx *tx)
{
	struct fact_origin origin = fact_origin_of(c->op);

	if (!c->lock_others)
		return OK;
	TRY(session_end_of_device(tx, &c->device.id, c->op->now));
	TRY(device_operations_fail(&origin, tx, &c->device.id, NULL, OPERATION_LOCKED));
	return device_event(c, tx, FACT_DEVICE_SELF_LOCKED);
}

static err channel_apply(struct op *op, struct tx *tx)
{
	struct call *c = op_own(op, struct call);
	struct fact_origin origin = fact_origin_of(op);

	if (c->operation_begins) {
		TRY(device_is_older(tx, &c->operation.base.credential, &c->operation.base.mobileid));
		TRY(operation_insert(&origin, tx, &c->operation.base));
		TRY(device_operation_insert(tx, &c->operation, c->operation_box));
	}
	TRY(save_session(c, tx));
	if (c->device_changed)
		TRY(device_save(tx, &c->device));
	if (c->keys.keys.n)
		TRY(device_save_keys(tx, &c->device, &c->keys));
	if (c->report_box.n)
		TRY(device_operation_report(tx, &c->operation.base.id, c->report_box));
	if (c->operation_error)
		TRY(device_operation_end(&origin, tx, &c->operation.base, &c->device.id, c->operation_error));
	if (c->save)
		TRY(c->save(c, tx));
	TRY(face_save(c, tx));
	TRY(trust_save(c, tx));
	TRY(push_token_save(c, tx));
	TRY(bells_ring(op, tx, c->bells));
	TRY(save_lock(c, tx));
	TRY(tokens_save(c, tx));
	return c->device_fact ? device_event(c, tx, c->device_fact) : OK;
}

static err channel_reply(struct op *op)
{
	struct call *c = op_own(op, struct call);

	http_add_header(op->http, "Cache-Control", S("no-store"));
	op_answer(op, 200, ANSWER_TYPE, c->answer);
	return OK;
}

static const struct route rows[] = {
	{ HTTP_POST, "/device/v1", PUBLIC, NO_RATE, OP(.prepare = channel_prepare, .apply = channel_apply, .reply = channel_reply),
		"The device channel", .flags = RAW_BODY | NO_ACCOUNT, .body_bytes_max = FACE_MESSAGE_BYTES_MAX, .errors = &outside_errors },
};

const struct route_table channel_routes = {
	.base = DEVICE_SERVER_PATH, .title = "Device channel", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]),
};
