/* A PIN on its way to the key that signs (section 5.1), and the rules for what a PIN looks like. */
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

/* ---- from PIN to key ---- */

/* A key that may not be used again is better gone; the transcript may have moved since. */
static void try_forget(struct rid_controller *c)
{
	wipe(&c->try, sizeof(c->try));
}

static void compose_pin(struct rid_controller *c, struct buf *json)
{
	struct pin_ask m = { INSIDE_SESSION(c), .b = slice_of(c->try.blinded, P256_POINT_BYTES), .skid = slice_text(c->try.salt_key_id) };

	schema_write(&pin_ask_schema, &m, json);
}

static const struct rid_step *pin_evaluated(struct rid_controller *c, const void *answer)
{
	const struct pin_ask_ok *ok = answer;
	struct pin_try *t = &c->try;
	struct error e = pin_key(&t->id, t->input, t->blind, ok->e, t->key.private_key);

	if (!failed(e))
		e = p256_public(t->key.private_key, t->key.public_key);
	wipe(t->input, sizeof(t->input));
	wipe(t->blind, sizeof(t->blind));
	if (failed(e)) {
		try_forget(c);
		session_end(c);
		return fail_with(c, DEVICE_INVALID_RESPONSE, "the server's evaluation makes no sense");
	}
	if (HAS(ok, pin_ask_ok, remaining))
		c->session.started.attempts_remaining = (int)ok->remaining;
	return t->then(c);
}

const struct rid_step *pin_use(struct rid_controller *c, enum message_id message, const struct uuid *reg, const uint8_t *cid,
	const uint8_t *ds, const char *salt_key_id, struct slice pin, stage then)
{
	struct pin_try *t = &c->try;

	try_forget(c);
	t->id = pin_id_of(reg, cid);
	t->salt_key_id = salt_key_id;
	t->then = then;
	if (!pin_takable(pin) || failed(pin_blind(&c->world.env, &t->id, ds, pin, t->input, t->blind, t->blinded))) {
		fail_with(c, DEVICE_INVALID_INPUT_FORMAT, "this cannot be a PIN");
		c->step.failure.recoverable = 1;
		return &c->step;
	}
	draft_new(c, message, NULL, compose_pin, pin_evaluated);
	return exchange(c);
}

const struct rid_step *ask_pin(struct rid_controller *c, pin_stage then)
{
	c->pin_then = then;
	step_new(c, RID_ASK_PIN)->started = c->session.started;
	return &c->step;
}
