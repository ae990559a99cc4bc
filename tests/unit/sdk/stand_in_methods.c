/* Methods, as the stand-in has them: what proves them, and am.start, am.pin, am.finish. */
#include "tests/unit/sdk/stand_in_parts.h"

#include <stdio.h>

static int biometric_of(enum auth_method m)
{
	return auth_method_is_biometric(m) ? (int)m - auth_method_DEVICE_IOS_FACE_ID : -1;
}

const char *methods_of(struct asked *q, const struct registration *r, bool one_factor)
{
	struct buf b = buf_arena(q->a, 256);

	buf_text(&b, one_factor ? "[\"DEVICE\"" : "[");
	if (r->has_pin)
		buf_text(&b, one_factor ? ",\"DEVICE_PIN\"" : "\"DEVICE_PIN\"");
	for (int i = 0; i < 3; i++)
		if (r->has_biometric[i])
			buf_printf(&b, "%s\"%s\"", b.n > 1 ? "," : "", enum_text(&auth_method_enum, auth_method_DEVICE_IOS_FACE_ID + i));
	buf_text(&b, "]");
	return arena_cstr(q->a, buf_bytes(&b));
}

/* ---- proofs ---- */

bool try_good(struct asked *q, struct registration *r, enum auth_method m, struct slice chal)
{
	struct live_session *l = &q->s->session;
	bool device = signed_by(q, SIG_DEVICE, r->dk) && slice_eq(chal, slice_of(l->challenge, CHALLENGE_BYTES));
	bool hardware = !r->has_hk || signed_by(q, SIG_HARDWARE, r->hk);
	int biometric = biometric_of(m);
	bool second = m == auth_method_DEVICE || (m == auth_method_DEVICE_PIN && r->has_pin && signed_by(q, SIG_PIN, r->pin)) ||
		      (biometric >= 0 && r->has_biometric[biometric] && signed_by(q, SIG_BIOMETRIC, r->biometric[biometric]));

	if (device && hardware && second)
		return true;
	if (!l->evaluated)
		r->fails++;
	return false;
}

void try_answered(struct asked *q, struct registration *r)
{
	q->accepted = true;
	q->s->session.evaluated = false;
	if (r->fails < q->s->limit) {
		answer_try_again(q, q->s->limit - r->fails);
		return;
	}
	r->locked = true;
	q->s->session.live = false;
	answer_fault(q, DEVICE_LOCKED);
}

/* The n-th of several signatures of a kind. */
static bool nth_signed(const struct asked *q, enum signature_kind kind, size_t nth, struct slice point)
{
	for (size_t i = 0; i < q->plaintext.n; i++)
		if (q->plaintext.signatures[i].kind == kind && nth-- == 0)
			return !failed(transcript_verify(&q->s->session.th, kind, q->plaintext.json, point,
				q->plaintext.signatures[i].bytes));
	return false;
}

bool read_methods(struct asked *q, const struct act_finish *m, struct registration *r)
{
	const struct method_key *keys = m->methods.items;
	size_t nth = 0;

	for (size_t i = 0; i < m->methods.n; i++) {
		int biometric = biometric_of(keys[i].m);

		if (keys[i].m == auth_method_DEVICE_PIN) {
			if (!signed_by(q, SIG_NEW_PIN, keys[i].pub.p))
				return false;
			r->has_pin = true;
			memcpy(r->pin, keys[i].pub.p, POINT_BYTES);
		} else if (biometric >= 0) {
			if (!nth_signed(q, SIG_NEW_BIOMETRIC, nth++, keys[i].pub))
				return false;
			r->has_biometric[biometric] = true;
			memcpy(r->biometric[biometric], keys[i].pub.p, POINT_BYTES);
		}
	}
	return true;
}

/* ---- answers ---- */

void answer_tokens(struct asked *q, struct list purposes)
{
	struct jw *w = &q->out;

	jw_key(w, "tokens");
	jw_open(w, '[');
	if (purposes.n) {
		env_random(q->s->env, q->s->token, TOKEN_BYTES);
		q->s->token_issued = true;
		jw_open(w, '{');
		jw_pair_text(w, "purpose", ((const struct slice *)purposes.items)[0]);
		answer_bytes(q, "token", q->s->token, TOKEN_BYTES);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

void keep_report(struct asked *q)
{
	static const char *const kept[] = { "attest", "geo", "match", "pushNonce", "rot" };
	json_t *report = json_object();
	struct buf b = buf_arena(q->a, sizeof(q->s->report) - 1);

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		if (json_object_get(q->root, kept[i]))
			json_object_set(report, kept[i], json_object_get(q->root, kept[i]));
	json_write_value(&b, report);
	json_decref(report);
	snprintf(q->s->report, sizeof(q->s->report), "%.*s", FMT(buf_bytes(&b)));
}

/* ---- am ---- */

void rules_am_start(struct asked *q)
{
	const struct am_start *m = asked_as(q, &am_start_schema);
	struct registration *r = authenticate(q);

	if (!r)
		return;
	if (!ticket_good(r, m->ticket)) {
		q->accepted = true;
		answer_fault(q, DEVICE_AUTHENTICATION_FAILED);
		return;
	}
	open_session(q, FAMILY_AM);
	ticket_shown(q, m->ticket);
	q->s->session.reg = r->id;
	q->s->session.changed = m->m;
	q->s->session.deactivates = m->purpose == method_purpose_deactivate;
	attempts(q, r);
	jw_key(&q->out, "addable");
	jw_raw(&q->out, S("[]"));
	answer_bytes(q, "cid", r->cid, sizeof(r->cid));
	jw_pair(&q->out, "saltKeyId", "s1");
	if (m->m == auth_method_DEVICE_PIN && !q->s->session.deactivates) {
		answer_bytes(q, "newCid", q->s->session.cid, PIN_CREDENTIAL_ID_BYTES);
		jw_pair(&q->out, "newSaltKeyId", "s1");
	}
	policies(q, q->s->session.deactivates ? "[\"DEVICE\"]" : methods_of(q, r, false));
}

void rules_am_pin(struct asked *q)
{
	const struct pin_ask_for *m = asked_as(q, &pin_ask_for_schema);
	struct live_session *l = &q->s->session;
	struct registration *r = stand_in_registration(q->s, &l->reg);

	if (m->use == pin_use_new) {
		l->new_evaluated = true;
		evaluate(q, &r->id, l->cid, m->b, m->skid, -1);
		return;
	}
	r->fails++;
	l->evaluated = true;
	evaluate(q, &r->id, r->cid, m->b, m->skid, q->s->limit - r->fails);
}

static bool change(struct asked *q, const struct am_finish *m, struct registration *r)
{
	struct live_session *l = &q->s->session;
	int biometric = biometric_of(l->changed);

	if (l->changed == auth_method_DEVICE_PIN) {
		if (!l->deactivates && (!l->new_evaluated || !signed_by(q, SIG_NEW_PIN, m->new->pub.p)))
			return false;
		r->has_pin = !l->deactivates;
		if (l->deactivates)
			return true;
		memcpy(r->pin, m->new->pub.p, POINT_BYTES);
		memcpy(r->cid, l->cid, PIN_CREDENTIAL_ID_BYTES);
	} else if (biometric >= 0) {
		if (!l->deactivates && !signed_by(q, SIG_NEW_BIOMETRIC, m->new->pub.p))
			return false;
		r->has_biometric[biometric] = !l->deactivates;
		if (!l->deactivates)
			memcpy(r->biometric[biometric], m->new->pub.p, POINT_BYTES);
	}
	return true;
}

void rules_am_finish(struct asked *q)
{
	const struct am_finish *m = asked_as(q, &am_finish_schema);
	struct registration *r = stand_in_registration(q->s, &q->s->session.reg);

	keep_report(q);
	if (!try_good(q, r, m->m, m->chal)) {
		try_answered(q, r);
		return;
	}
	q->accepted = true;
	q->s->session.live = false;
	if (q->s->refuse_finish || !change(q, m, r)) {
		answer_fault(q, DEVICE_MALFORMED_PARAMETER);
		return;
	}
	r->fails = 0;
	q->s->changes++;
	answer_ok(q, true);
	answer_tokens(q, m->tokenPurposes);
	new_ticket(q, r);
}
