/* Authentication and signature: ses.start, ses.pin, ses.finish, ses.cancel (section 6.2). */
#include "base/text.h"
#include "sdk/internal.h"

enum { KNOWN_METHODS = RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN };

static struct record *own(struct rid_controller *c)
{
	return &c->records[SLOT_MAIN];
}

/* ---- start ---- */

static void compose_start(struct rid_controller *c, struct buf *json)
{
	const struct call *call = &c->call;
	struct ses_start m = { OUTSIDE_SESSION(c), .reg = own(c)->reg, .enc = slice_of(c->draft.sender.enc, ENC_BYTES),
		.purpose = call->purpose, .push = call->push_session_id, .clientData = call->client_data, .clientOnly = call->client_only };

	if (call->client_only)
		MARK(&m, ses_start, clientOnly);
	if (own(c)->has_ticket)
		m.ticket = slice_of(own(c)->ticket, TICKET_BYTES);
	schema_write(&ses_start_schema, &m, json);
}

static void describe(struct session *s, const struct ses_start_ok *ok, struct slice push_session_id)
{
	struct rid_started *t = &s->started;

	t->operation = ok->op == device_operation_SIGNING ? RID_OPERATION_SIGNING : RID_OPERATION_AUTHENTICATION;
	t->context = context_of(ok->ctx, &s->arena);
	t->attempts_total = (int)ok->attempts->total;
	t->attempts_remaining = (int)ok->attempts->remaining;
	t->last_attempt_ms = ok->attempts->last;
	t->push_session_id = text_of(push_session_id, &s->arena);
}

static const struct rid_step *started(struct rid_controller *c, const void *answer)
{
	const struct ses_start_ok *ok = answer;
	struct session *s = &c->session;

	s->live = true;
	s->family = FAMILY_SES;
	memcpy(s->sid, ok->sid.p, SESSION_ID_BYTES);
	memcpy(s->challenge, ok->challenge.p, CHALLENGE_BYTES);
	s->pin_is_other = ok->cid.n && memcmp(ok->cid.p, own(c)->cid, PIN_CREDENTIAL_ID_BYTES) != 0;
	session_policies(c, &ok->methods, ok->pin, ok->hw, &ok->risk);
	s->started.methods &= (int)own(c)->methods & KNOWN_METHODS;
	describe(s, ok, c->call.push_session_id);
	return show(c);
}

static const struct rid_step *ask_start(struct rid_controller *c)
{
	if (!is_activated(c))
		return fail_with(c, DEVICE_NOT_ACTIVATED, "there is no registration");
	draft_new(c, MESSAGE_SES_START, own(c), compose_start, started);
	draft_signer(c, SIG_DEVICE, &own(c)->dk);
	return exchange(c);
}

static const struct rid_step *start(struct rid_controller *c, enum session_purpose purpose, const struct rid_start_options *options)
{
	struct slice client_data = slice_text(options ? options->client_data : NULL), push = slice_text(rid_push_session_id(c));

	CALL_BEGIN(c);
	if (!text_is_utf8(client_data) || text_has_controls(client_data, true) || text_points(client_data) > CLIENT_DATA_POINTS_MAX)
		return fail_with(c, DEVICE_INVALID_INPUT_FORMAT, "client data");
	session_end(c);
	c->call.purpose = purpose;
	if (client_data.n)
		c->call.client_data = arena_copy(&c->op, client_data);
	if (push.n)
		c->call.push_session_id = arena_copy(&c->op, push);
	c->call.client_only = options && options->client_only;
	rid_set_push_session_id(c, NULL);
	return settle(c, ask_start);
}

const rid_step *rid_start_authentication(rid_controller *c, const rid_start_options *options)
{
	return start(c, session_purpose_auth, options);
}

const rid_step *rid_start_signing(rid_controller *c, const rid_start_options *options)
{
	return start(c, session_purpose_sign, options);
}

const rid_step *rid_start_authentication_or_signing(rid_controller *c, const rid_start_options *options)
{
	return start(c, session_purpose_any, options);
}

/* ---- finish ---- */

static const struct rid_step *finished_done(struct rid_controller *c)
{
	const struct rid_step *step = done_with(c, c->session.started.operation, c->finish_answer->ctx);

	session_end(c);
	return step;
}

/* The next start shows the ticket (section 5.4). */
static const struct rid_step *finished(struct rid_controller *c, const void *answer)
{
	const struct finish_ok *ok = answer;

	c->finish_answer = ok;
	if (ok->ticket.n) {
		own(c)->has_ticket = 1;
		memcpy(own(c)->ticket, ok->ticket.p, TICKET_BYTES);
	}
	chores_new(c, false);
	chore_store(c, SLOT_MAIN);
	return chores_do(c, finished_done);
}

/* Below the limit there is a new challenge, and another try (section 5.3). */
static const struct rid_step *not_finished(struct rid_controller *c, const struct fault *f)
{
	if (f->recoverable && f->challenge.n)
		memcpy(c->session.challenge, f->challenge.p, CHALLENGE_BYTES);
	return fail_server(c, f);
}

static void compose_finish(struct rid_controller *c, struct buf *json)
{
	enum auth_method method = c->call.methods == RID_METHOD_DEVICE_PIN ? auth_method_DEVICE_PIN : auth_method_DEVICE;
	struct ses_finish m = { INSIDE_SESSION(c), .m = method, .chal = slice_of(c->session.challenge, CHALLENGE_BYTES),
		.hwKeyClientStatus = c->hardware_status, .riskData = risk_asked(c), .pushToken = c->push_token };

	schema_write(&ses_finish_schema, &m, json);
	json_decref(m.riskData);
}

static const struct rid_step *ask_finish(struct rid_controller *c)
{
	c->hardware_status = key_exists(&own(c)->hk) ? hw_key_client_status_OK_SIGNED_SUCCESS
						     : hw_key_client_status_INFO_NOT_ACTIVATED_WITH_HW_KEY;
	draft_new(c, MESSAGE_SES_FINISH, own(c), compose_finish, finished);
	draft_signer(c, SIG_DEVICE, &own(c)->dk);
	draft_signer(c, SIG_HARDWARE, &own(c)->hk);
	if (c->call.methods == RID_METHOD_DEVICE_PIN)
		draft_signer(c, SIG_PIN, &c->try.key);
	c->draft.on_fault = not_finished;
	return exchange(c);
}

/* A PIN credential other than the server's would only use up attempts. */
static const struct rid_step *finish_with(struct rid_controller *c, struct slice pin)
{
	const struct record *r = own(c);

	if (c->session.pin_is_other)
		return fail_with(c, DEVICE_AUTH_DATA_INVALIDATED, "the PIN was set elsewhere");
	return pin_use(c, MESSAGE_SES_PIN, &r->reg, r->cid, r->ds, r->salt_key_id, pin, ask_finish);
}

/* RID_OK, or why this method will not do. */
static int method_wrong(const struct rid_controller *c, int method)
{
	if (method != RID_METHOD_DEVICE && method != RID_METHOD_DEVICE_PIN)
		return method ? DEVICE_METHOD_UNAVAILABLE : DEVICE_INVALID_AUTH_PARAMETERS;
	return method & c->session.started.methods ? RID_OK : DEVICE_METHOD_NOT_ALLOWED;
}

static const struct rid_step *finish(struct rid_controller *c, enum rid_operation operation, int method, struct slice pin)
{
	const struct session *s = &c->session;
	int wrong;

	CALL_BEGIN(c);
	if (!s->live || s->family != FAMILY_SES || (operation && operation != s->started.operation))
		return fail_with(c, DEVICE_WRONG_STATE, "no such operation has been started");
	if (c->draft.outstanding)
		return fail_repeatable(c, DEVICE_WRONG_STATE, "the last message has no answer yet");
	wrong = method_wrong(c, method);
	if (wrong) {
		fail_with(c, wrong, "the method");
		c->step.failure.recoverable = 1;
		return &c->step;
	}
	c->call.methods = method;
	if (method == RID_METHOD_DEVICE)
		return ask_finish(c);
	return pin.p ? finish_with(c, pin) : ask_pin(c, finish_with);
}

static const struct rid_step *finish_and_wipe(struct rid_controller *c, enum rid_operation operation, int method, char *pin, size_t n)
{
	const struct rid_step *step = finish(c, operation, method, slice_of(pin, n));

	rid_wipe(pin, n);
	return step;
}

const rid_step *rid_finish_authentication(rid_controller *c, int method, char *pin, size_t pin_bytes)
{
	return finish_and_wipe(c, RID_OPERATION_AUTHENTICATION, method, pin, pin_bytes);
}

const rid_step *rid_finish_signing(rid_controller *c, int method, char *pin, size_t pin_bytes)
{
	return finish_and_wipe(c, RID_OPERATION_SIGNING, method, pin, pin_bytes);
}

const rid_step *rid_finish_authentication_or_signing(rid_controller *c, int method, char *pin, size_t pin_bytes)
{
	return finish_and_wipe(c, RID_OPERATION_NONE, method, pin, pin_bytes);
}

/* ---- cancel ---- */

static void compose_cancel(struct rid_controller *c, struct buf *json)
{
	struct plain_inside m = { INSIDE_SESSION(c) };

	schema_write(&plain_inside_schema, &m, json);
}

static const struct rid_step *cancelled(struct rid_controller *c, const void *answer)
{
	(void)answer;
	session_end(c);
	return done(c);
}

static const struct rid_step *ask_cancel(struct rid_controller *c)
{
	draft_new(c, MESSAGE_SES_CANCEL, NULL, compose_cancel, cancelled);
	return exchange(c);
}

static const struct rid_step *cancel_after_answer(struct rid_controller *c, const void *answer)
{
	(void)answer;
	return ask_cancel(c);
}

static const struct rid_step *cancel_after_fault(struct rid_controller *c, const struct fault *f)
{
	return f->recoverable ? ask_cancel(c) : fail_server(c, f);
}

/* The answer that got lost is asked for first: it moves the transcript on. */
static const struct rid_step *cancel_after_repeat(struct rid_controller *c)
{
	c->draft.after = cancel_after_answer;
	c->draft.on_fault = cancel_after_fault;
	return exchange_repeat(c);
}

const rid_step *rid_cancel_session(rid_controller *c)
{
	if (c->step.kind == RID_ASK_PIN)
		step_new(c, RID_DONE);
	CALL_BEGIN(c);
	if (!c->session.live)
		return fail_with(c, DEVICE_WRONG_STATE, "there is no session");
	if (c->draft.outstanding && (c->draft.id == MESSAGE_SES_FINISH || c->draft.id == MESSAGE_ACT_FINISH))
		return fail_repeatable(c, DEVICE_WRONG_STATE, "the approval has been sent; its answer is missing");
	if (c->session.family == FAMILY_ACT) {
		session_end(c);
		draft_wipe(c);
		return done(c);
	}
	if (c->draft.outstanding && c->draft.id == MESSAGE_SES_PIN)
		return cancel_after_repeat(c);
	return c->draft.outstanding ? exchange_repeat(c) : ask_cancel(c);
}
