/* Methods added, changed and removed: am.start, am.pin, am.finish (section 6.3). The PIN change is one of them. */
#include <stdio.h>

#include "sdk/internal.h"

static struct record *own(struct rid_controller *c)
{
	return &c->records[SLOT_MAIN];
}

static bool removes(const struct rid_controller *c)
{
	return c->session.started.operation == RID_OPERATION_DEACTIVATE_METHOD;
}

/* ---- which holds ---- */

static void next_forget(struct rid_controller *c)
{
	own(c)->next_method = 0;
	wipe(&own(c)->next_pin, sizeof(own(c)->next_pin));
	wipe(&own(c)->next_key, sizeof(own(c)->next_key));
}

void next_drop(struct rid_controller *c)
{
	if (!own(c)->next_method && !key_exists(&own(c)->next_key))
		return;
	chore_store(c, SLOT_MAIN);
	chore_drop(c, &own(c)->next_key);
	next_forget(c);
}

/* The new one holds. */
static void next_take(struct rid_controller *c)
{
	struct record *r = own(c);
	int biometric = biometric_index((int)r->next_method);

	chore_store(c, SLOT_MAIN);
	if (biometric >= 0) {
		chore_drop(c, &r->biometric[biometric]);
		r->biometric[biometric] = r->next_key;
	} else if (r->next_method == RID_METHOD_DEVICE_PIN) {
		r->pin = r->next_pin;
	}
	r->methods |= r->next_method;
	next_forget(c);
}

static bool is_next_pin(struct rid_controller *c, struct slice cid)
{
	return slice_eq(cid, slice_of(own(c)->next_pin.cid, PIN_CREDENTIAL_ID_BYTES));
}

/*
 * The server names the PIN credential that holds. Of biometric keys it names the methods alone: one that was not there before has the new
 * key; of one that was, nobody can tell, so it is not used until it gets a key once more.
 */
bool next_settle(struct rid_controller *c, struct slice cid, int methods)
{
	const struct record *r = own(c);

	if (!r->next_method)
		return false;
	if (r->next_method == RID_METHOD_DEVICE_PIN) {
		if (is_next_pin(c, cid))
			next_take(c);
		else
			next_drop(c);
		return true;
	}
	if (r->methods & r->next_method || !(methods & r->next_method))
		return false;
	next_take(c);
	return true;
}

/* A biometric method of which nobody can tell which key holds is as good as none: both go. */
static void next_give_up(struct rid_controller *c)
{
	struct record *r = own(c);
	int biometric = biometric_index((int)r->next_method);

	if (biometric < 0)
		return;
	chore_drop(c, &r->biometric[biometric]);
	wipe(&r->biometric[biometric], sizeof(struct key));
	r->methods &= ~r->next_method;
	next_drop(c);
}

/* ---- start ---- */

static void compose_start(struct rid_controller *c, struct buf *json)
{
	struct am_start m = { OUTSIDE_SESSION(c), .reg = own(c)->reg, .enc = slice_of(c->draft.sender.enc, ENC_BYTES),
		.purpose = c->call.removes ? method_purpose_deactivate : method_purpose_activate, .m = method_of_bit(c->call.method) };

	if (own(c)->has_ticket)
		m.ticket = slice_of(own(c)->ticket, TICKET_BYTES);
	schema_write(&am_start_schema, &m, json);
}

static const struct rid_step *remove_now(struct rid_controller *c);

static const struct rid_step *start_told(struct rid_controller *c)
{
	return removes(c) ? remove_now(c) : show(c);
}

/* It is there, and not the one in use. */
static bool new_credential_good(struct rid_controller *c, const struct am_start_ok *ok)
{
	return ok->newCid.n && ok->newSaltKeyId.n && memcmp(ok->newCid.p, own(c)->pin.cid, PIN_CREDENTIAL_ID_BYTES) != 0;
}

static const struct rid_step *started(struct rid_controller *c, const void *answer)
{
	const struct am_start_ok *ok = answer;
	const struct policies policies = POLICIES_OF(ok);
	struct session *s = &c->session;

	if (c->call.method == RID_METHOD_DEVICE_PIN && !c->call.removes && !new_credential_good(c, ok))
		return fail_with(c, DEVICE_INVALID_RESPONSE, "there is no credential for a new PIN");
	session_begin(c, FAMILY_AM, c->call.removes ? RID_OPERATION_DEACTIVATE_METHOD : RID_OPERATION_ADD_OR_UPDATE, ok->sid,
		ok->challenge);
	session_policies(c, &policies);
	chores_new(c, false);
	if (!next_settle(c, ok->cid, s->allowed))
		next_give_up(c);
	s->pin_is_other = ok->cid.n && memcmp(ok->cid.p, own(c)->pin.cid, PIN_CREDENTIAL_ID_BYTES) != 0;
	s->started.methods &= methods_usable(c);
	s->started.new_method = c->call.method;
	s->started.attempts_total = (int)ok->attempts->total;
	s->started.attempts_remaining = (int)ok->attempts->remaining;
	s->started.last_attempt_ms = ok->attempts->last;
	s->salt_key_id = text_of(ok->newSaltKeyId, &s->arena);
	if (ok->newCid.n)
		memcpy(s->cid, ok->newCid.p, PIN_CREDENTIAL_ID_BYTES);
	return chores_do(c, start_told);
}

static const struct rid_step *ask_start(struct rid_controller *c)
{
	if (!is_activated(c))
		return fail_with(c, DEVICE_NOT_ACTIVATED, "there is no registration");
	draft_new(c, MESSAGE_AM_START, own(c), compose_start, started);
	draft_signer(c, SIG_DEVICE, &own(c)->dk);
	return exchange(c);
}

static const struct rid_step *start(struct rid_controller *c, int method, bool removal, bool only_new)
{
	CALL_POSSIBLE(c);
	if (method_of_bit(method) == auth_method_none)
		return fail_with(c, DEVICE_INVALID_AUTH_PARAMETERS, "one method is needed");
	if (!removal && (!(method & methods_possible(c)) || method == RID_METHOD_DEVICE))
		return fail_with(c, DEVICE_METHOD_UNAVAILABLE, "the method");
	if (only_new && is_activated(c) && (own(c)->methods & method))
		return fail_with(c, DEVICE_METHOD_NOT_ALLOWED, "the method is active already");
	call_begin(c);
	session_end(c);
	c->call.method = method;
	c->call.removes = removal;
	return settle(c, ask_start);
}

const rid_step *rid_start_add_or_update(rid_controller *c, int method)
{
	return start(c, method, false, false);
}

const rid_step *rid_start_authentication_and_activation(rid_controller *c, int method)
{
	return start(c, method, false, true);
}

const rid_step *rid_deactivate_auth_method(rid_controller *c, int method)
{
	return start(c, method, true, false);
}

/* ---- finish ---- */

static const struct rid_step *finished_done(struct rid_controller *c)
{
	const struct rid_step *step = done_with(c, c->session.started.operation, c->finish_answer);

	ticket_keep_recorded(c);
	session_end(c);
	return step;
}

static void method_removed(struct rid_controller *c, int method)
{
	struct record *r = own(c);
	int biometric = biometric_index(method);

	chore_store(c, SLOT_MAIN);
	r->methods &= ~method;
	if (biometric >= 0) {
		chore_drop(c, &r->biometric[biometric]);
		wipe(&r->biometric[biometric], sizeof(struct key));
	}
	if (r->next_method == method) {
		chore_drop(c, &r->next_key);
		next_forget(c);
	}
}

static const struct rid_step *finished(struct rid_controller *c, const void *answer)
{
	const struct finish_ok *ok = answer;

	c->finish_answer = ok;
	ticket_take(c, ok->ticket);
	chores_new(c, false);
	if (removes(c))
		method_removed(c, c->session.started.new_method);
	else
		next_take(c);
	return chores_do(c, finished_done);
}

static const struct rid_step *tell_fault(struct rid_controller *c)
{
	return try_failed(c, &c->fault);
}

/* The session is over without success: what was prepared holds nowhere. */
static const struct rid_step *not_finished(struct rid_controller *c, const struct fault *f)
{
	if (removes(c))
		return try_failed(c, f);
	c->fault = *f;
	chores_new(c, false);
	if (f->recoverable) {
		own(c)->next_method = 0; /* not done, that much is known; what was prepared serves the next try */
		chore_store(c, SLOT_MAIN);
	} else {
		next_drop(c);
	}
	return chores_do(c, tell_fault);
}

static struct method_key *new_key(struct rid_controller *c)
{
	int method = c->session.started.new_method;
	struct method_key *key = arena_new(&c->arena, struct method_key);

	key->m = method_of_bit(method);
	if (method == RID_METHOD_DEVICE_PIN)
		key->pub = slice_of(c->tries[TRY_NEW].key.public_key, P256_POINT_BYTES);
	else if (biometric_index(method) >= 0)
		key->pub = slice_of(own(c)->next_key.public_key, P256_POINT_BYTES);
	return key;
}

static bool scans(const struct rid_controller *c)
{
	return c->call.methods == RID_METHOD_SERVER_SIDE_FACE ||
	       (!removes(c) && c->session.started.new_method == RID_METHOD_SERVER_SIDE_FACE);
}

static void compose_finish(struct rid_controller *c, struct buf *json)
{
	struct am_finish m = { INSIDE_SESSION(c), REPORT(c, scans(c)), .m = method_of_bit(c->call.methods),
		.chal = slice_of(c->session.challenge, CHALLENGE_BYTES), .new = removes(c) ? NULL : new_key(c) };

	schema_write(&am_finish_schema, &m, json);
	json_decref(m.riskData);
}

static const struct rid_step *ask_finish(struct rid_controller *c)
{
	draft_new(c, MESSAGE_AM_FINISH, own(c), compose_finish, finished);
	approval_signers(c, c->call.methods);
	if (!removes(c)) {
		draft_signer(c, SIG_NEW_PIN, &c->tries[TRY_NEW].key);
		draft_biometric(c, SIG_NEW_BIOMETRIC, &own(c)->next_key, c->session.started.new_method);
	}
	c->draft.on_fault = not_finished;
	return exchange(c);
}

static const struct rid_step *remove_now(struct rid_controller *c)
{
	c->call.methods = RID_METHOD_DEVICE;
	return gather(c, ask_finish);
}

/* The change lies beside what holds, until the server's word is there (section 5.5). */
static const struct rid_step *store_next(struct rid_controller *c)
{
	own(c)->next_method = c->session.started.new_method;
	chores_new(c, true);
	chore_store(c, SLOT_MAIN);
	return chores_do(c, ask_finish);
}

static const struct rid_step *evaluate_own(struct rid_controller *c)
{
	if (gathered_too_little(c)) {
		try_forget(c, TRY_PIN);
		return store_next(c);
	}
	return try_evaluate(c, TRY_PIN, MESSAGE_AM_PIN, store_next);
}

static const struct rid_step *gathered(struct rid_controller *c)
{
	return try_evaluate(c, TRY_NEW, MESSAGE_AM_PIN, evaluate_own);
}

static const struct rid_step *key_ready(struct rid_controller *c)
{
	return gather(c, gathered);
}

static const struct rid_step *make_next(struct rid_controller *c)
{
	c->session.next_made = true;
	return key_make(c, &own(c)->next_key, "bk", false, c->session.started.new_method, key_ready);
}

/* A biometric key of an earlier try in this session serves again; one of an earlier session does not. */
static const struct rid_step *make_key(struct rid_controller *c)
{
	if (biometric_index(c->session.started.new_method) < 0 || (c->session.next_made && key_exists(&own(c)->next_key)))
		return key_ready(c);
	chores_new(c, false);
	chore_drop(c, &own(c)->next_key);
	return chores_do(c, make_next);
}

/* The new PIN; one of before in this session when none is given. */
static int new_pin_wrong(struct rid_controller *c, struct slice new_pin)
{
	struct record *r = own(c);

	if (!new_pin.p)
		return key_exists(&c->tries[TRY_NEW].key) ? RID_OK : DEVICE_INVALID_AUTH_PARAMETERS;
	if (rid_pin_check(&c->session.started.pin, (const char *)new_pin.p, new_pin.n) != RID_OK)
		return DEVICE_INVALID_INPUT_FORMAT;
	memcpy(r->next_pin.cid, c->session.cid, PIN_CREDENTIAL_ID_BYTES);
	snprintf(r->next_pin.salt_key_id, sizeof(r->next_pin.salt_key_id), "%s", c->session.salt_key_id);
	env_random(&c->world.env, r->next_pin.ds, DEVICE_SECRET_BYTES);
	return try_pin(c, TRY_NEW, &r->reg, &r->next_pin, new_pin) ? RID_OK : DEVICE_INVALID_INPUT_FORMAT;
}

static int change_wrong(struct rid_controller *c, int method, struct slice pin, struct slice new_pin)
{
	const struct record *r = own(c);
	int new_method = c->session.started.new_method, wrong = approval_wrong(c, method);

	if (!wrong && new_method == RID_METHOD_SERVER_SIDE_FACE && !c->face.n)
		wrong = DEVICE_INVALID_AUTH_PARAMETERS;
	if (!wrong && new_method == RID_METHOD_SERVER_SIDE_FACE && !c->session.face_offered)
		wrong = DEVICE_METHOD_UNAVAILABLE;
	if (!wrong && new_method == RID_METHOD_DEVICE_PIN)
		wrong = new_pin_wrong(c, new_pin);
	if (wrong || method != RID_METHOD_DEVICE_PIN)
		return wrong;
	if (!pin.p)
		return DEVICE_INVALID_AUTH_PARAMETERS;
	return try_pin(c, TRY_PIN, &r->reg, &r->pin, pin) ? RID_OK : DEVICE_INVALID_INPUT_FORMAT;
}

static const struct rid_step *finish(struct rid_controller *c, int method, struct slice pin, struct slice new_pin)
{
	const struct rid_step *barred;
	int wrong;

	barred = finish_barred(c, FAMILY_AM);
	if (barred)
		return barred;
	try_forget(c, TRY_PIN);
	wrong = change_wrong(c, method, pin, new_pin);
	if (wrong)
		return ask_again(c, wrong, "the method or the PINs");
	c->call.methods = method;
	return make_key(c);
}

const rid_step *rid_finish_add_or_update(rid_controller *c, int method, char *pin, size_t pin_bytes, char *new_pin,
	size_t new_pin_bytes)
{
	const struct rid_step *step = finish(c, method, slice_of(pin, pin_bytes), slice_of(new_pin, new_pin_bytes));

	rid_wipe(pin, pin_bytes);
	rid_wipe(new_pin, new_pin_bytes);
	return step;
}

const rid_step *rid_finish_authentication_and_activation(rid_controller *c, int method, char *pin, size_t pin_bytes, char *new_pin,
	size_t new_pin_bytes)
{
	return rid_finish_add_or_update(c, method, pin, pin_bytes, new_pin, new_pin_bytes);
}
