/* Authentication and signature: ses.start, ses.pin, ses.finish (section 6.2). */
#include <stdio.h>

#include "base/text.h"
#include "sdk/internal.h"

static struct record *own(struct rid_controller *c)
{
	return &c->records[SLOT_MAIN];
}

/* What is activated here, less a method of which it is not known which key holds. */
int methods_usable(const struct rid_controller *c)
{
	const struct record *r = &c->records[SLOT_MAIN];

	return (int)(r->methods & (biometric_index((int)r->next_method) >= 0 ? ~r->next_method : -1));
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

	t->context = context_of(ok->ctx, &s->arena);
	t->attempts_total = (int)ok->attempts->total;
	t->attempts_remaining = (int)ok->attempts->remaining;
	t->last_attempt_ms = ok->attempts->last;
	t->push_session_id = text_of(push_session_id, &s->arena);
}

static const struct rid_step *start_told(struct rid_controller *c)
{
	return show(c);
}

static const struct rid_step *started(struct rid_controller *c, const void *answer)
{
	const struct ses_start_ok *ok = answer;
	const struct policies policies = POLICIES_OF(ok);
	struct session *s = &c->session;

	session_begin(c, FAMILY_SES, ok->op == device_operation_SIGNING ? RID_OPERATION_SIGNING : RID_OPERATION_AUTHENTICATION, ok->sid,
		ok->challenge);
	session_policies(c, &policies);
	chores_new(c, false);
	next_settle(c, ok->cid, s->allowed);
	if (ok->recoveryId.n) /* else recoveries may just be switched off */
		recovery_settle(c, ok->recoveryId);
	s->pin_is_other = ok->cid.n && memcmp(ok->cid.p, own(c)->pin.cid, PIN_CREDENTIAL_ID_BYTES) != 0;
	s->new_salt_key_id = text_of(ok->newSaltKeyId, &s->arena);
	s->started.methods &= methods_usable(c);
	s->started.match_digits = ok->match ? (int)ok->match->digits : 0;
	describe(s, ok, c->call.push_session_id);
	return chores_do(c, start_told);
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

	CALL_POSSIBLE(c);
	if (!text_is_utf8(client_data) || text_has_controls(client_data, true) || text_points(client_data) > CLIENT_DATA_POINTS_MAX)
		return fail_with(c, DEVICE_INVALID_INPUT_FORMAT, "client data");
	call_begin(c);
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

/* ---- approving, with whichever method ---- */

int approval_wrong(const struct rid_controller *c, int method)
{
	if (method_of_bit(method) == auth_method_none)
		return method & (method - 1) ? DEVICE_METHOD_UNAVAILABLE : DEVICE_INVALID_AUTH_PARAMETERS;
	if (!(method & methods_possible(c)))
		return DEVICE_METHOD_UNAVAILABLE;
	if (!(method & c->session.started.methods))
		return DEVICE_METHOD_NOT_ALLOWED;
	if (method == RID_METHOD_SERVER_SIDE_FACE && !c->face.n)
		return DEVICE_INVALID_AUTH_PARAMETERS;
	if (method == RID_METHOD_DEVICE_PIN && c->session.pin_is_other)
		return DEVICE_AUTH_DATA_INVALIDATED;
	return RID_OK;
}

void approval_signers(struct rid_controller *c, int method)
{
	int biometric = biometric_index(method);

	c->hardware_status = key_exists(&own(c)->hk) ? hw_key_client_status_OK_SIGNED_SUCCESS
						     : hw_key_client_status_INFO_NOT_ACTIVATED_WITH_HW_KEY;
	draft_signer(c, SIG_DEVICE, &own(c)->dk);
	draft_signer(c, SIG_HARDWARE, &own(c)->hk);
	if (method == RID_METHOD_DEVICE_PIN)
		draft_signer(c, SIG_PIN, &c->tries[TRY_PIN].key);
	if (biometric >= 0)
		draft_biometric(c, SIG_BIOMETRIC, &own(c)->biometric[biometric], method);
}

const struct rid_step *finish_barred(struct rid_controller *c, enum message_family family)
{
	bool fits = c->session.live && c->session.family == family;

	if (is_busy(c))
		return refuse(c, DEVICE_OPERATION_IN_PROGRESS, "an operation is under way");
	if (fits && c->draft.outstanding) /* what this call was given is still needed by the one that waits */
		return fail_repeatable(c, DEVICE_WRONG_STATE, "the last message has no answer yet");
	CALL_BEGIN(c);
	return fits ? NULL : fail_with(c, DEVICE_WRONG_STATE, "no such operation has been started");
}

/* The next start shows the ticket (section 5.4). */
void ticket_take(struct rid_controller *c, struct slice ticket)
{
	struct record *r = own(c);

	c->call.had_ticket = r->has_ticket;
	memcpy(c->call.ticket_before, r->ticket, TICKET_BYTES);
	if (ticket.n == 0)
		return;
	r->has_ticket = 1;
	memcpy(r->ticket, ticket.p, TICKET_BYTES);
}

void ticket_keep_recorded(struct rid_controller *c)
{
	if (!c->chores.unrecorded)
		return;
	own(c)->has_ticket = c->call.had_ticket;
	memcpy(own(c)->ticket, c->call.ticket_before, TICKET_BYTES);
}

const struct rid_step *try_failed(struct rid_controller *c, const struct fault *f)
{
	if (f->recoverable && f->challenge.n) { /* the try was taken in; after other answers it is made again as it was */
		memcpy(c->session.challenge, f->challenge.p, CHALLENGE_BYTES);
		gathered_was_sent(c);
	}
	try_forget(c, TRY_PIN); /* the next try takes the PIN anew */
	return fail_server(c, f);
}

/* ---- finish ---- */

/* A salt key that could not be recorded is not used: the server may give up the older one as soon as it was. */
static const struct rid_step *finished_done(struct rid_controller *c)
{
	const struct rid_step *step = done_with(c, c->session.started.operation, c->finish_answer);

	if (c->chores.unrecorded)
		own(c)->pin = c->call.pin_before;
	ticket_keep_recorded(c);
	session_end(c);
	return step;
}

static const struct rid_step *finished(struct rid_controller *c, const void *answer)
{
	const struct finish_ok *ok = answer;

	c->finish_answer = ok;
	ticket_take(c, ok->ticket);
	c->call.pin_before = own(c)->pin;
	if (key_exists(&c->tries[TRY_PIN].rotated))
		snprintf(own(c)->pin.salt_key_id, sizeof(own(c)->pin.salt_key_id), "%s", c->session.new_salt_key_id);
	chores_new(c, false);
	chore_store(c, SLOT_MAIN);
	return chores_do(c, finished_done);
}

static void compose_finish(struct rid_controller *c, struct buf *json)
{
	struct pin_rotation rotation = { .pkPin = slice_of(c->tries[TRY_PIN].rotated.public_key, P256_POINT_BYTES) };
	bool by_face = c->call.methods == RID_METHOD_SERVER_SIDE_FACE;
	struct ses_finish m = { INSIDE_SESSION(c), REPORT(c, by_face), .m = method_of_bit(c->call.methods),
		.chal = slice_of(c->session.challenge, CHALLENGE_BYTES) };

	if (c->session.started.match_digits)
		m.match = slice_text(c->match);
	if (key_exists(&c->tries[TRY_PIN].rotated))
		m.rot = &rotation;
	schema_write(&ses_finish_schema, &m, json);
	json_decref(m.riskData);
}

static const struct rid_step *ask_finish(struct rid_controller *c)
{
	draft_new(c, MESSAGE_SES_FINISH, own(c), compose_finish, finished);
	approval_signers(c, c->call.methods);
	draft_signer(c, SIG_NEW_PIN, &c->tries[TRY_PIN].rotated);
	c->draft.on_fault = try_failed;
	return exchange(c);
}

/* An outage eats no attempts: where the server will refuse anyway, the PIN is not evaluated (5.3). */
static const struct rid_step *gathered(struct rid_controller *c)
{
	if (gathered_too_little(c)) {
		try_forget(c, TRY_PIN);
		return ask_finish(c);
	}
	return try_evaluate(c, TRY_PIN, MESSAGE_SES_PIN, ask_finish);
}

static const struct rid_step *finish_with(struct rid_controller *c, struct slice pin)
{
	const struct record *r = own(c);

	if (!try_pin(c, TRY_PIN, &r->reg, &r->pin, pin))
		return ask_again(c, DEVICE_INVALID_INPUT_FORMAT, "this cannot be a PIN");
	return gather(c, gathered);
}

static const struct rid_step *finish(struct rid_controller *c, enum rid_operation operation, int method, struct slice pin)
{
	const struct rid_step *barred;
	int wrong;

	barred = finish_barred(c, FAMILY_SES);
	if (barred)
		return barred;
	if (operation && operation != c->session.started.operation)
		return fail_with(c, DEVICE_WRONG_STATE, "another kind of operation has been started");
	wrong = approval_wrong(c, method);
	if (wrong)
		return ask_again(c, wrong, "the method");
	if (c->session.started.match_digits && strlen(c->match) != (size_t)c->session.started.match_digits)
		return ask_again(c, DEVICE_INVALID_AUTH_PARAMETERS, "the number that the service provider shows");
	c->call.methods = method;
	tries_forget(c);
	if (method != RID_METHOD_DEVICE_PIN)
		return gather(c, ask_finish);
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
