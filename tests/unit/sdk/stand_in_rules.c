/* What the messages mean to the stand-in. */
#include "tests/unit/sdk/stand_in_parts.h"

#include <stdio.h>

static void keep_text(char *out, size_t size, struct slice text)
{
	snprintf(out, size, "%.*s", FMT(text));
}

static void keep_risk(struct asked *q, json_t *risk)
{
	struct buf b = buf_arena(q->a, sizeof(q->s->risk_data) - 1);

	if (!risk)
		return;
	json_write_value(&b, risk);
	keep_text(q->s->risk_data, sizeof(q->s->risk_data), buf_bytes(&b));
}

/* Registration of a message outside, by its member; unknown: NULL. */
static struct registration *who(struct asked *q)
{
	struct plain_outside *m = asked_as(q, &plain_outside_schema);

	return stand_in_registration(q->s, &m->reg);
}

struct remembered *rules_memory(struct asked *q)
{
	struct registration *r;

	if (q->inside)
		return &q->s->session.last;
	if (message_find(S("act.start")) == q->message)
		return &q->s->act_start;
	if (message_find(S("rec.start")) == q->message)
		return &q->s->rec_start;
	r = who(q);
	return r ? &r->last : NULL;
}

/* ---- outside ---- */

static void cfg_get(struct asked *q)
{
	struct jw *w = &q->out;

	answer_ok(q, false);
	jw_key(w, "activationCode");
	jw_raw(w, S("{\"length\":6,\"maxLength\":6,\"type\":\"NUMERIC\"}"));
	jw_key(w, "pin");
	jw_raw(w, arena_printf(q->a, "{\"min\":%d,\"max\":%d,\"type\":\"NUMERIC\"}", q->s->pin_min, q->s->pin_max));
	jw_pair(w, "minSdk", "3.0.0");
	jw_key(w, "blocked");
	jw_raw(w, S("[]"));
	jw_key(w, "e2eKeys");
	jw_open(w, '[');
	if (q->s->announced_key)
		jw_cstr(w, q->s->announced_key);
	jw_close(w, ']');
}

/* Signature, time, state: in this order. NULL when the answer is there already. */
struct registration *authenticate(struct asked *q)
{
	struct plain_outside *m = asked_as(q, &plain_outside_schema);
	struct registration *r = stand_in_registration(q->s, &m->reg);

	if (!r || !signed_by(q, SIG_DEVICE, r->dk))
		answer_fault(q, DEVICE_AUTHENTICATION_FAILED);
	else if (!ts_is_new(q, m->ts, &r->last_ts))
		answer_fault(q, DEVICE_OUT_OF_SYNC);
	else if (!r->active)
		answer_fault(q, DEVICE_NOT_REGISTERED);
	else if (r->locked)
		answer_fault(q, r->by_admin ? DEVICE_LOCKED_BY_ADMIN : DEVICE_LOCKED);
	else
		return r;
	return NULL;
}

static void ses_wait(struct asked *q)
{
	if (!authenticate(q))
		return;
	answer_ok(q, false);
	jw_key(&q->out, "pending");
	jw_open(&q->out, '[');
	if (q->s->pending) {
		jw_open(&q->out, '{');
		jw_pair(&q->out, "op", enum_text(&device_operation_enum, (int)q->s->pending));
		jw_pair(&q->out, "pushSessionId", "push-1");
		jw_pair_int(&q->out, "expires", env_now_ms(q->s->env) + 300000);
		jw_close(&q->out, '}');
	}
	jw_close(&q->out, ']');
}

static void reg_deactivate(struct asked *q)
{
	struct registration *r = authenticate(q);

	if (!r)
		return;
	if (r->has_hk && !signed_by(q, SIG_HARDWARE, r->hk)) {
		answer_fault(q, DEVICE_AUTHENTICATION_FAILED);
		return;
	}
	r->active = false;
	q->s->deactivated++;
	q->accepted = true;
	answer_ok(q, false);
}

/* ---- starts ---- */

void policies(struct asked *q, const char *methods)
{
	struct jw *w = &q->out;

	jw_key(w, "pin");
	jw_raw(w, arena_printf(q->a, "{\"min\":%d,\"max\":%d,\"type\":\"NUMERIC\"}", q->s->pin_min, q->s->pin_max));
	jw_key(w, "methods");
	jw_raw(w, slice_text(methods));
	jw_key(w, "hw");
	jw_raw(w, slice_text(q->s->hardware_wanted ? "{\"wanted\":true}" : "{\"wanted\":false}"));
	jw_key(w, "risk");
	jw_raw(w, slice_text(q->s->risk ? q->s->risk : "[]"));
	if (q->s->extra_policies)
		buf_printf(&q->json, ",%s", q->s->extra_policies);
}

void open_session(struct asked *q, enum message_family family)
{
	struct live_session *l = &q->s->session;

	*l = (struct live_session){ .live = true, .family = family };
	env_random(q->s->env, l->sid, sizeof(l->sid));
	env_random(q->s->env, l->challenge, sizeof(l->challenge));
	env_random(q->s->env, l->cid, sizeof(l->cid));
	q->accepted = true;
	answer_ok(q, true);
	answer_bytes(q, "sid", l->sid, sizeof(l->sid));
	answer_bytes(q, "challenge", l->challenge, sizeof(l->challenge));
}

/* RID_OK or what is wrong with it. */
static int act_start_wrong(struct asked *q, const struct act_start *m, const struct registration *prev)
{
	struct stand_in *s = q->s;

	if (!s->code || !slice_is(m->code, s->code) || (s->bound && memcmp(s->bound_dk, m->dk.p, POINT_BYTES) != 0))
		return DEVICE_INCORRECT_ACTIVATION_CODE;
	if (!slice_eq(m->enc, q->enc) || !signed_by(q, SIG_NEW_DEVICE, m->dk.p))
		return DEVICE_ACTIVATION_FAILED;
	if (prev && !signed_by(q, SIG_DEVICE, prev->dk))
		return DEVICE_AUTHENTICATION_FAILED;
	return ts_is_new(q, m->ts, &s->act_ts) ? DEVICE_OK : DEVICE_OUT_OF_SYNC;
}

static void act_start(struct asked *q)
{
	struct act_start *m = asked_as(q, &act_start_schema);
	struct registration *prev = stand_in_registration(q->s, &m->prev);
	struct live_session *l = &q->s->session;
	int wrong = act_start_wrong(q, m, prev);

	if (wrong) {
		answer_fault(q, wrong);
		return;
	}
	q->s->bound = true;
	memcpy(q->s->bound_dk, m->dk.p, POINT_BYTES);
	open_session(q, FAMILY_ACT);
	memcpy(l->dk, m->dk.p, POINT_BYTES);
	l->has_prev = prev != NULL;
	l->prev = m->prev;
	l->reg = q->s->re_register ? *q->s->re_register : uuid_v4(q->s->env);
	jw_pair(&q->out, "mode", q->s->re_register ? "RE_REGISTRATION" : "REGISTRATION");
	jw_pair_text(&q->out, "reg", uuid_text(q->a, &l->reg));
	answer_bytes(q, "cid", l->cid, sizeof(l->cid));
	jw_pair(&q->out, "saltKeyId", "s1");
	jw_pair(&q->out, "authLevel", q->s->two_factor ? "TWO_FACTOR" : "ONE_FACTOR");
	policies(q, "[\"DEVICE\",\"DEVICE_PIN\",\"DEVICE_IOS_FACE_ID\"]");
}

/* Newest, or the one before it; an accepted start that shows the newest drops the other (section 5.4). */
bool ticket_good(struct registration *r, struct slice shown)
{
	static const uint8_t none[TICKET_BYTES];
	bool newest = slice_eq(shown, slice_of(r->ticket, TICKET_BYTES));

	if (!r->has_ticket)
		return true;
	if (newest) {
		r->takes_older = false;
		return true;
	}
	return r->takes_older && slice_eq(shown.n ? shown : slice_of(none, sizeof(none)), slice_of(r->older_ticket, TICKET_BYTES));
}

/* The one that its finish issues makes this one the older. */
void ticket_shown(struct asked *q, struct slice ticket)
{
	if (ticket.n)
		memcpy(q->s->session.shown, ticket.p, TICKET_BYTES);
}

static void count_failure(struct asked *q, struct registration *r)
{
	if (++r->fails >= q->s->limit)
		r->locked = true;
}

static void write_context(struct asked *q, const char *content)
{
	struct jw *w = &q->out;

	if (!content)
		return;
	jw_key(w, "ctx");
	jw_open(w, '{');
	if (q->s->title)
		jw_pair(w, "title", q->s->title);
	if (q->s->mime)
		jw_pair(w, "mime", q->s->mime);
	answer_bytes(q, "b64", content, strlen(content));
	jw_close(w, '}');
}

static int ses_start_wrong(struct asked *q, struct registration *r, const struct ses_start *m)
{
	struct stand_in *s = q->s;

	if (!ticket_good(r, m->ticket)) {
		q->accepted = true;
		count_failure(q, r);
		return DEVICE_AUTHENTICATION_FAILED;
	}
	if (m->clientOnly)
		return DEVICE_CLIENT_ONLY_DISALLOWED;
	if (!s->pending)
		return DEVICE_NO_SESSION;
	if ((m->purpose == session_purpose_auth && s->pending != device_operation_AUTHENTICATION) ||
		(m->purpose == session_purpose_sign && s->pending != device_operation_SIGNING))
		return DEVICE_NO_SESSION_FOR_PURPOSE;
	return DEVICE_OK;
}

static void ses_start(struct asked *q)
{
	struct ses_start *m = asked_as(q, &ses_start_schema);
	struct registration *r = authenticate(q);
	int wrong = r ? ses_start_wrong(q, r, m) : DEVICE_OK;

	if (!r)
		return;
	if (wrong || !slice_eq(m->enc, q->enc)) {
		answer_fault(q, wrong);
		return;
	}
	keep_text(q->s->client_data, sizeof(q->s->client_data), m->clientData);
	keep_text(q->s->push, sizeof(q->s->push), m->push);
	open_session(q, FAMILY_SES);
	ticket_shown(q, m->ticket);
	q->s->session.reg = r->id;
	jw_pair(&q->out, "op", enum_text(&device_operation_enum, (int)q->s->pending));
	write_context(q, q->s->content);
	attempts(q, r);
	answer_bytes(q, "cid", r->cid, sizeof(r->cid));
	answer_recovery(q, "recoveryId");
	jw_pair(&q->out, "saltKeyId", "s1");
	if (q->s->new_salt_key)
		jw_pair(&q->out, "newSaltKeyId", q->s->new_salt_key);
	if (q->s->match_digits) {
		jw_key(&q->out, "match");
		jw_raw(&q->out, arena_printf(q->a, "{\"digits\":%d}", q->s->match_digits));
	}
	policies(q, methods_of(q, r, true));
}

/* ---- inside ---- */

void attempts(struct asked *q, const struct registration *r)
{
	jw_key(&q->out, "attempts");
	jw_raw(&q->out, arena_printf(q->a, "{\"total\":%d,\"remaining\":%d,\"last\":null}", q->s->limit, q->s->limit - r->fails));
}

void evaluate(struct asked *q, const struct uuid *reg, const uint8_t *cid, struct slice b, struct slice skid, int remaining)
{
	struct pin_id id = pin_id_of(reg, cid);
	uint8_t evaluated[POINT_BYTES];

	keep_text(q->s->pin_salt, sizeof(q->s->pin_salt), skid);
	if (failed(pin_evaluate(q->s->salt_key, &id, b, evaluated))) {
		answer_fault(q, DEVICE_MALFORMED_PARAMETER);
		return;
	}
	q->s->evaluations++;
	q->accepted = true;
	answer_ok(q, true);
	answer_bytes(q, "e", evaluated, sizeof(evaluated));
	if (q->s->new_salt_key) /* the same salt key under another name will do */
		answer_bytes(q, "e2", evaluated, sizeof(evaluated));
	if (remaining >= 0)
		jw_pair_int(&q->out, "remaining", remaining);
}

static void act_pin(struct asked *q)
{
	const struct pin_ask *m = asked_as(q, &pin_ask_schema);

	evaluate(q, &q->s->session.reg, q->s->session.cid, m->b, m->skid, -1);
}

static void ses_pin(struct asked *q)
{
	const struct pin_ask *m = asked_as(q, &pin_ask_schema);
	struct registration *r = stand_in_registration(q->s, &q->s->session.reg);

	r->fails++;
	q->s->session.evaluated = true;
	evaluate(q, &r->id, r->cid, m->b, m->skid, q->s->limit - r->fails);
}

void new_ticket(struct asked *q, struct registration *r)
{
	memcpy(r->older_ticket, q->s->session.shown, TICKET_BYTES);
	r->takes_older = true;
	env_random(q->s->env, r->ticket, TICKET_BYTES);
	r->has_ticket = true;
	answer_bytes(q, "ticket", r->ticket, TICKET_BYTES);
}

static void act_finish(struct asked *q)
{
	const struct act_finish *m = asked_as(q, &act_finish_schema);
	struct live_session *l = &q->s->session;
	struct registration fresh = { .id = l->reg, .active = true }, *r = stand_in_registration(q->s, &l->reg);
	bool good = signed_by(q, SIG_NEW_DEVICE, l->dk) && read_methods(q, m, &fresh);

	if (good && m->hk.n) {
		good = signed_by(q, SIG_NEW_HARDWARE, m->hk.p);
		fresh.has_hk = true;
		memcpy(fresh.hk, m->hk.p, POINT_BYTES);
	}
	q->s->hardware_status = m->hwKeyClientStatus;
	if (!good || q->s->refuse_finish) {
		l->live = false;
		q->accepted = true;
		answer_fault(q, DEVICE_ACTIVATION_FAILED);
		return;
	}
	memcpy(fresh.dk, l->dk, POINT_BYTES);
	memcpy(fresh.cid, l->cid, PIN_CREDENTIAL_ID_BYTES);
	keep_text(q->s->device_name, sizeof(q->s->device_name), m->deviceName);
	keep_risk(q, m->riskData);
	if (l->has_prev && !uuid_eq(&l->prev, &l->reg))
		stand_in_registration(q->s, &l->prev)->active = false;
	if (!r)
		r = &q->s->registrations[q->s->registration_count++];
	*r = fresh;
	q->s->activations++;
	q->s->code = NULL;
	q->s->bound = false;
	l->live = false;
	q->accepted = true;
	answer_ok(q, true);
	answer_tokens(q, m->tokenPurposes);
	write_context(q, q->s->after);
	new_ticket(q, r);
}

/* 0: good; else the try failed, or the number of another error. */
static int ses_finish_wrong(struct asked *q, struct registration *r, const struct ses_finish *m)
{
	if (q->s->two_factor && m->m == auth_method_DEVICE)
		return DEVICE_ILLEGAL_FACTOR;
	return try_good(q, r, m->m, m->chal) ? DEVICE_OK : DEVICE_AUTHENTICATION_FAILED;
}

static void ses_finished(struct asked *q, struct registration *r, const struct ses_finish *m)
{
	r->fails = 0;
	q->s->method = m->m;
	q->s->completed++;
	q->s->pending = 0;
	q->s->session.live = false;
	keep_risk(q, m->riskData);
	answer_ok(q, true);
	answer_tokens(q, m->tokenPurposes);
	write_context(q, q->s->after);
	new_ticket(q, r);
}

static void ses_finish(struct asked *q)
{
	const struct ses_finish *m = asked_as(q, &ses_finish_schema);
	struct registration *r = stand_in_registration(q->s, &q->s->session.reg);
	int wrong = ses_finish_wrong(q, r, m);

	q->s->hardware_status = m->hwKeyClientStatus;
	keep_report(q);
	if (wrong == DEVICE_ILLEGAL_FACTOR)
		answer_fault(q, wrong);
	else if (wrong)
		try_answered(q, r);
	else
		ses_finished(q, r, m);
	q->accepted |= !wrong;
}

static void ses_cancel(struct asked *q)
{
	q->s->cancelled++;
	q->s->pending = 0;
	q->s->session.live = false;
	q->accepted = true;
	answer_ok(q, true);
}

static bool inside_in_order(struct asked *q)
{
	const struct plain_inside *m = asked_as(q, &plain_inside_schema);

	bool family = q->message->family == q->s->session.family ||
		      (q->message == &device_messages[MESSAGE_SES_CANCEL] && q->s->session.family != FAMILY_ACT);

	return q->s->session.live && m->step == q->s->session.step && family;
}

void rules_run(struct asked *q)
{
	static void (*const rules[MESSAGE_COUNT])(struct asked *) = { [MESSAGE_CFG_GET] = cfg_get, [MESSAGE_SES_WAIT] = ses_wait,
		[MESSAGE_ACT_START] = act_start, [MESSAGE_ACT_PIN] = act_pin, [MESSAGE_ACT_FINISH] = act_finish,
		[MESSAGE_SES_START] = ses_start, [MESSAGE_SES_PIN] = ses_pin, [MESSAGE_SES_FINISH] = ses_finish,
		[MESSAGE_SES_CANCEL] = ses_cancel, [MESSAGE_REG_DEACTIVATE] = reg_deactivate,
		[MESSAGE_AM_START] = rules_am_start, [MESSAGE_AM_PIN] = rules_am_pin, [MESSAGE_AM_FINISH] = rules_am_finish,
		[MESSAGE_REC_ADD_START] = rules_rec_add_start, [MESSAGE_REC_ADD_PIN] = rules_rec_add_pin,
		[MESSAGE_REC_ADD_FINISH] = rules_rec_add_finish, [MESSAGE_REC_DELETE] = rules_rec_delete,
		[MESSAGE_REC_START] = rules_rec_start, [MESSAGE_REC_PIN] = rules_rec_pin, [MESSAGE_REC_FINISH] = rules_rec_finish,
		[MESSAGE_PUSH_UPDATE] = rules_push_update, [MESSAGE_PUSH_ACK] = rules_push_ack };

	if (q->inside && !inside_in_order(q))
		answer_fault(q, DEVICE_NO_SESSION);
	else
		rules[q->message - device_messages](q);
}
