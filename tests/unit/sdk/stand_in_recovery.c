/* A recovery set up, given up and used, as the stand-in has it: with a code. */
#include "tests/unit/sdk/stand_in_parts.h"

static bool token_good(struct asked *q, struct slice token)
{
	bool good = q->s->token_issued && slice_eq(token, slice_of(q->s->token, TOKEN_BYTES));

	q->s->token_issued &= !good;
	return good;
}

static bool device_signed(struct asked *q, const struct registration *r)
{
	return signed_by(q, SIG_DEVICE, r->dk) && (!r->has_hk || signed_by(q, SIG_HARDWARE, r->hk));
}

void answer_recovery(struct asked *q, const char *name)
{
	if (q->s->recovery.there)
		answer_bytes(q, name, q->s->recovery.id, RECOVERY_ID_BYTES);
}

void rules_rec_add_start(struct asked *q)
{
	const struct rec_add_start *m = asked_as(q, &rec_add_start_schema);
	struct registration *r = authenticate(q);

	if (!r)
		return;
	q->accepted = true;
	if (!token_good(q, m->token)) {
		answer_fault(q, DEVICE_AUTHENTICATION_REQUIRED);
		return;
	}
	open_session(q, FAMILY_REC_ADD);
	q->s->session.reg = r->id;
	env_random(q->s->env, q->s->session.recovery, RECOVERY_ID_BYTES);
	answer_bytes(q, "recoveryId", q->s->session.recovery, RECOVERY_ID_BYTES);
	answer_recovery(q, "current");
	jw_pair(&q->out, "saltKeyId", "s1");
	jw_key(&q->out, "code");
	jw_raw(&q->out, S("{\"min\":6,\"max\":50,\"format\":\"NUMERIC\"}"));
}

static void evaluate_code(struct asked *q, const uint8_t *id, struct slice b)
{
	uint8_t evaluated[POINT_BYTES];

	if (failed(recovery_evaluate(q->s->salt_key, id, b, evaluated))) {
		answer_fault(q, DEVICE_MALFORMED_PARAMETER);
		return;
	}
	q->accepted = true;
	answer_ok(q, true);
	answer_bytes(q, "e", evaluated, sizeof(evaluated));
}

void rules_rec_add_pin(struct asked *q)
{
	const struct pin_ask *m = asked_as(q, &pin_ask_schema);

	evaluate_code(q, q->s->session.recovery, m->b);
}

void rules_rec_add_finish(struct asked *q)
{
	const struct rec_add_finish *m = asked_as(q, &rec_add_finish_schema);
	struct registration *r = stand_in_registration(q->s, &q->s->session.reg);
	struct stand_in_recovery *known = &q->s->recovery;

	q->accepted = true;
	q->s->session.live = false;
	if (q->s->refuse_finish || !device_signed(q, r) || !signed_by(q, SIG_NEW_RECOVERY, m->rkPub.p)) {
		answer_fault(q, DEVICE_MALFORMED_PARAMETER);
		return;
	}
	*known = (struct stand_in_recovery){ .there = true, .device = r->id };
	memcpy(known->id, q->s->session.recovery, RECOVERY_ID_BYTES);
	memcpy(known->rk, m->rkPub.p, POINT_BYTES);
	q->s->added++;
	answer_ok(q, true);
	answer_tokens(q, m->tokenPurposes);
}

void rules_rec_delete(struct asked *q)
{
	const struct rec_delete *m = asked_as(q, &rec_delete_schema);
	struct registration *r = authenticate(q);

	if (!r)
		return;
	q->accepted = true;
	if (!device_signed(q, r)) {
		answer_fault(q, DEVICE_AUTHENTICATION_FAILED);
	} else if (!token_good(q, m->token)) {
		answer_fault(q, DEVICE_AUTHENTICATION_REQUIRED);
	} else if (!q->s->recovery.there) {
		answer_fault(q, DEVICE_NOT_REGISTERED);
	} else {
		q->s->recovery.there = false;
		answer_ok(q, false);
		answer_tokens(q, m->tokenPurposes);
	}
}

/* ---- used ---- */

void rules_rec_start(struct asked *q)
{
	const struct rec_start *m = asked_as(q, &rec_start_schema);
	const struct stand_in_recovery *known = &q->s->recovery;
	struct live_session *l = &q->s->session;

	if (!slice_eq(m->enc, q->enc) || !signed_by(q, SIG_NEW_DEVICE, m->dk.p)) {
		answer_fault(q, DEVICE_AUTHENTICATION_FAILED);
	} else if (!ts_is_new(q, m->ts, &q->s->rec_ts)) {
		answer_fault(q, DEVICE_OUT_OF_SYNC);
	} else if (!known->there || !slice_eq(m->recoveryId, slice_of(known->id, RECOVERY_ID_BYTES))) {
		answer_fault(q, DEVICE_NOT_REGISTERED);
	} else {
		open_session(q, FAMILY_REC);
		memcpy(l->dk, m->dk.p, POINT_BYTES);
		l->reg = uuid_v4(q->s->env);
		jw_pair_text(&q->out, "reg", uuid_text(q->a, &l->reg));
		answer_bytes(q, "cid", l->cid, sizeof(l->cid));
		jw_pair(&q->out, "saltKeyId", "s1");
		policies(q, "[\"DEVICE\",\"DEVICE_PIN\",\"DEVICE_IOS_FACE_ID\"]");
	}
}

void rules_rec_pin(struct asked *q)
{
	const struct pin_ask_for *m = asked_as(q, &pin_ask_for_schema);

	if (m->use == pin_use_new) {
		evaluate(q, &q->s->session.reg, q->s->session.cid, m->b, m->skid, -1);
		return;
	}
	if (q->s->recovery.fails >= q->s->limit) {
		q->accepted = true;
		q->s->session.live = q->s->recovery.there = false;
		answer_fault(q, DEVICE_LOCKED);
		return;
	}
	q->s->recovery.fails++;
	evaluate_code(q, q->s->recovery.id, m->b);
}

void rules_rec_finish(struct asked *q)
{
	const struct act_finish *m = asked_as(q, &act_finish_schema);
	struct live_session *l = &q->s->session;
	struct registration fresh = { .id = l->reg, .active = true };

	q->accepted = true;
	l->live = false;
	keep_report(q);
	if (q->s->refuse_finish || !signed_by(q, SIG_RECOVERY, q->s->recovery.rk) || !signed_by(q, SIG_NEW_DEVICE, l->dk) ||
		!read_methods(q, m, &fresh)) {
		answer_fault(q, DEVICE_ACTIVATION_FAILED);
		return;
	}
	memcpy(fresh.dk, l->dk, POINT_BYTES);
	memcpy(fresh.cid, l->cid, PIN_CREDENTIAL_ID_BYTES);
	stand_in_registration(q->s, &q->s->recovery.device)->active = false;
	q->s->registrations[q->s->registration_count++] = fresh;
	q->s->recovery.there = false;
	q->s->recoveries++;
	answer_ok(q, true);
	answer_tokens(q, m->tokenPurposes);
	new_ticket(q, &q->s->registrations[q->s->registration_count - 1]);
}
