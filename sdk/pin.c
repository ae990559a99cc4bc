/* PINs and recovery codes on their way to what signs or unlocks (sections 5.1, 6.4), and the rules for what a PIN looks like. */
#include <stdio.h>

#include "base/text.h"
#include "sdk/internal.h"

/* ---- what it looks like ---- */

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool in_alphabet(enum rid_alphabet alphabet, uint8_t c)
{
	switch (alphabet) {
	case RID_ALPHABET_NUMERIC:
		return is_digit(c);
	case RID_ALPHABET_ALPHA:
		return is_letter(c);
	case RID_ALPHABET_ALPHANUMERIC:
		return is_digit(c) || is_letter(c);
	default:
		return true;
	}
}

static bool pin_takable(struct slice pin)
{
	return pin.n > 0 && pin.n <= RID_PIN_BYTES_MAX && text_is_utf8(pin) && !text_has_controls(pin, false);
}

int rid_pin_check(const rid_form *form, const char *pin, size_t pin_bytes)
{
	struct slice text = slice_of(pin, pin_bytes);
	size_t points;

	if (!pin_takable(text))
		return RID_ERROR_INVALID_INPUT_FORMAT;
	points = text_points(text);
	if (points < (size_t)form->min || points > (size_t)form->max)
		return RID_ERROR_INVALID_INPUT_FORMAT;
	for (size_t i = 0; i < text.n; i++)
		if (!in_alphabet(form->alphabet, text.p[i]))
			return RID_ERROR_INVALID_INPUT_FORMAT;
	return RID_OK;
}

/* 1111, 1234, 8642: the same step from each character to the next. */
static bool is_run(struct slice pin)
{
	for (size_t i = 2; i < pin.n; i++)
		if (pin.p[i] - pin.p[i - 1] != pin.p[1] - pin.p[0])
			return false;
	return true;
}

/* 1212, 123123 */
static bool is_repeated(struct slice pin, size_t period)
{
	for (size_t i = period; i < pin.n; i++)
		if (pin.p[i] != pin.p[i - period])
			return false;
	return true;
}

static bool is_year(struct slice pin)
{
	return pin.n == 4 && (slice_starts(pin, S("19")) || slice_starts(pin, S("20")));
}

int rid_pin_is_weak(const char *pin, size_t pin_bytes)
{
	static const char *const well_known[] = { "2580", "0852", "1004", "5683", "112233", "159753", "147258", "password", "qwerty" };
	struct slice text = slice_of(pin, pin_bytes);

	for (size_t i = 0; i < sizeof(well_known) / sizeof(well_known[0]); i++)
		if (slice_is(text, well_known[i]))
			return 1;
	for (size_t period = 2; period <= text.n / 2; period++)
		if (is_repeated(text, period))
			return 1;
	return text.n < 4 || is_year(text) || is_run(text);
}

/* ---- what is taken ---- */

/* A key that may not be used again is better gone; the transcript may have moved since. */
void try_forget(struct rid_controller *c, enum try which)
{
	wipe(&c->tries[which], sizeof(c->tries[which]));
}

void tries_forget(struct rid_controller *c)
{
	wipe(c->tries, sizeof(c->tries));
}

static bool taken(struct rid_controller *c, enum try which, const char *salt_key_id, struct error e)
{
	struct pin_try *t = &c->tries[which];

	if (failed(e)) {
		try_forget(c, which);
		return false;
	}
	snprintf(t->salt_key_id, sizeof(t->salt_key_id), "%s", salt_key_id);
	t->blinded_now = true;
	return true;
}

bool try_pin(struct rid_controller *c, enum try which, const struct uuid *reg, const struct pin_credential *credential, struct slice pin)
{
	struct pin_try *t = &c->tries[which];

	try_forget(c, which);
	t->id = pin_id_of(reg, credential->cid);
	if (!pin_takable(pin))
		return false;
	return taken(c, which, credential->salt_key_id,
		pin_blind(&c->world.env, &t->id, credential->ds, pin, t->input, t->blind, t->blinded));
}

bool try_code(struct rid_controller *c, const struct recovery_blob *blob, struct slice code)
{
	struct pin_try *t = &c->tries[TRY_CODE];

	try_forget(c, TRY_CODE);
	if (!pin_takable(code))
		return false;
	return taken(c, TRY_CODE, blob->salt_key_id,
		recovery_blind(&c->world.env, blob->id, blob->ds, code, t->input, t->blind, t->blinded));
}

/* ---- what comes of it ---- */

static void compose_for(struct rid_controller *c, const struct pin_try *t, struct buf *json)
{
	static const enum pin_use uses[TRIES] = { [TRY_PIN] = pin_use_authorise, [TRY_NEW] = pin_use_new, [TRY_CODE] = pin_use_recovery };
	struct pin_ask_for m = { INSIDE_SESSION(c), .use = uses[c->trying], .b = slice_of(t->blinded, P256_POINT_BYTES),
		.skid = slice_text(t->salt_key_id) };

	schema_write(&pin_ask_for_schema, &m, json);
}

static void compose_pin(struct rid_controller *c, struct buf *json)
{
	const struct pin_try *t = &c->tries[c->trying];
	struct pin_ask m = { INSIDE_SESSION(c), .b = slice_of(t->blinded, P256_POINT_BYTES), .skid = slice_text(t->salt_key_id) };

	if (device_messages[c->draft.id].request == &pin_ask_for_schema)
		compose_for(c, t, json);
	else
		schema_write(&pin_ask_schema, &m, json);
}

static err make_pin_key(const struct pin_try *t, struct slice evaluated, struct key *key)
{
	TRY(pin_key(&t->id, t->input, t->blind, evaluated, key->private_key));
	return p256_public(key->private_key, key->public_key);
}

static err make_secret(struct rid_controller *c, const struct pin_ask_ok *ok)
{
	struct pin_try *t = &c->tries[c->trying];

	if (c->trying == TRY_CODE) {
		t->has_secret = true;
		return recovery_output(t->input, t->blind, ok->e, t->secret);
	}
	TRY(make_pin_key(t, ok->e, &t->key));
	return ok->e2.n && c->session.new_salt_key_id ? make_pin_key(t, ok->e2, &t->rotated) : OK;
}

static const struct rid_step *evaluated(struct rid_controller *c, const void *answer)
{
	const struct pin_ask_ok *ok = answer;
	struct pin_try *t = &c->tries[c->trying];
	struct error e = make_secret(c, ok);

	t->blinded_now = false;
	wipe(t->input, sizeof(t->input));
	wipe(t->blind, sizeof(t->blind));
	if (failed(e)) {
		session_end(c);
		return fail_with(c, DEVICE_INVALID_RESPONSE, "the server's evaluation makes no sense");
	}
	if (HAS(ok, pin_ask_ok, remaining))
		c->session.started.attempts_remaining = (int)ok->remaining;
	return c->try_then(c);
}

const struct rid_step *try_evaluate(struct rid_controller *c, enum try which, enum message_id message, stage then)
{
	if (!c->tries[which].blinded_now)
		return then(c);
	c->trying = which;
	c->try_then = then;
	draft_new(c, message, NULL, compose_pin, evaluated);
	return exchange(c);
}

const struct rid_step *ask_pin(struct rid_controller *c, pin_stage then)
{
	c->pin_then = then;
	step_new(c, RID_ASK_PIN)->started = c->session.started;
	return &c->step;
}

const struct rid_step *ask_again(struct rid_controller *c, int number, const char *description)
{
	fail_with(c, number, description);
	c->step.failure.recoverable = 1;
	return &c->step;
}
