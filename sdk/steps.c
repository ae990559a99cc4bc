/* What goes in and out: the steps that the app gets, and what it hands back. */
#include "sdk/internal.h"

_Static_assert((int)RID_ALPHABET_ANY == code_type_ANY && (int)RID_ALPHABET_ALPHANUMERIC == code_type_ALPHANUMERIC, "alphabets");
_Static_assert((int)RID_METHOD_DEVICE == 1 << (auth_method_DEVICE - 1), "methods");
_Static_assert((int)RID_METHOD_SERVER_SIDE_FACE == 1 << (auth_method_DEVICE_SERVER_SIDE_FACE - 1), "methods");
_Static_assert((int)RID_PUBLIC_KEY_BYTES == POINT_BYTES && (int)RID_PIN_BYTES_MAX == PIN_BYTES_MAX, "sizes");

/* ---- out ---- */

int rid_step_is_work(const rid_step *step)
{
	return step->kind >= RID_SEND;
}

bool is_busy(const struct rid_controller *c)
{
	return rid_step_is_work(&c->step) || c->step.kind == RID_ASK_PIN;
}

void call_begin(struct rid_controller *c)
{
	if (c->draft.outstanding && device_messages[c->draft.id].place == INSIDE)
		session_end(c); /* its next step can no longer be known */
	draft_wipe(c);
	arena_free_secret(&c->op);
	c->call = (struct call){ 0 };
	c->warning = RID_OK;
}

struct rid_step *step_new(struct rid_controller *c, enum rid_step_kind kind)
{
	c->step = (struct rid_step){ .kind = kind, .failure = { .remaining = -1 } };
	return &c->step;
}

const struct rid_step *done(struct rid_controller *c)
{
	step_new(c, RID_DONE)->result.warning = c->warning;
	return &c->step;
}

void tell_tokens(struct rid_controller *c, const struct list *tokens)
{
	const struct authorisation_token *items = tokens->items;
	struct rid_token *told = arena_array(&c->arena, struct rid_token, tokens->n);
	size_t n = 0;

	for (size_t i = 0; i < tokens->n; i++) {
		int purpose = slice_is(items[i].purpose, "addOrUpdateRecovery") ? RID_TOKEN_ADD_OR_UPDATE_RECOVERY :
			      slice_is(items[i].purpose, "deleteRecovery")      ? RID_TOKEN_DELETE_RECOVERY :
										  0;

		if (!purpose)
			continue;
		told[n].purpose = purpose;
		memcpy(told[n++].token, items[i].token.p, TOKEN_BYTES);
	}
	c->step.result.tokens = told;
	c->step.result.token_count = n;
	c->token_purposes = 0;
}

const struct rid_step *done_with(struct rid_controller *c, enum rid_operation operation, const struct finish_ok *answer)
{
	done(c);
	c->step.result.operation = operation;
	c->step.result.context = context_of(answer->ctx, &c->arena);
	tell_tokens(c, &answer->tokens);
	return &c->step;
}

static struct rid_failure failure_of(int number, const char *description)
{
	return (struct rid_failure){ number, rid_error_title(number), description, 0, 0, -1 };
}

void code_forget(struct rid_controller *c)
{
	wipe((uint8_t *)(uintptr_t)c->call.code.p, c->call.code.n);
	c->call.code = S("");
}

const struct rid_step *fail_with(struct rid_controller *c, int number, const char *description)
{
	if (!c->draft.outstanding)
		code_forget(c);
	step_new(c, RID_FAILED)->failure = failure_of(number, description);
	if (c->session.live)
		c->step.started = c->session.started;
	return &c->step;
}

const struct rid_step *fail_repeatable(struct rid_controller *c, int number, const char *description)
{
	fail_with(c, number, description);
	c->step.failure.repeatable = 1;
	return &c->step;
}

const struct rid_step *refuse(struct rid_controller *c, int number, const char *description)
{
	c->refusal = (struct rid_step){ .kind = RID_FAILED, .failure = failure_of(number, description) };
	return &c->refusal;
}

/* Refused for what was asked, not for who asks: the session goes on (section 7, check 5c). */
static bool choice_refused(int64_t number)
{
	return number == DEVICE_NO_MATCHING_METHOD || number == DEVICE_ILLEGAL_METHOD || number == DEVICE_ILLEGAL_FACTOR;
}

const struct rid_step *fail_server(struct rid_controller *c, const struct fault *f)
{
	bool goes_on = f->recoverable || choice_refused(f->number);
	const char *what = device_messages[c->draft.id].name;

	if (f->remaining >= 0)
		c->session.started.attempts_remaining = (int)f->remaining;
	if (!goes_on && device_messages[c->draft.id].place == INSIDE)
		session_end(c);
	fail_with(c, (int)f->number, what);
	c->step.failure.recoverable = goes_on;
	c->step.failure.remaining = (int)f->remaining;
	return &c->step;
}

const struct rid_step *show(struct rid_controller *c)
{
	step_new(c, RID_SHOW)->started = c->session.started;
	return &c->step;
}

const char *text_of(struct slice text, struct arena *a)
{
	return text.p ? arena_cstr(a, text) : NULL;
}

struct rid_context context_of(const struct shown_context *context, struct arena *a)
{
	if (!context)
		return (struct rid_context){ 0 };
	return (struct rid_context){ text_of(context->title, a), text_of(context->mime, a), arena_copy(a, context->b64).p, context->b64.n };
}

struct rid_form form_of(const struct pin_form *form)
{
	return (struct rid_form){ (int)form->min, (int)form->max, (enum rid_alphabet)form->type };
}

/* ---- in ---- */

/* Each reply fits exactly one kind of step, once. */
#define EXPECT(c, want)                                                                                \
	do {                                                                                           \
		if ((c)->step.kind != (want))                                                          \
			return refuse(c, DEVICE_WRONG_STATE, "this is not what was asked for");        \
	} while (0)

const rid_step *rid_sent(rid_controller *c, int http_status, const unsigned char *answer, size_t answer_bytes)
{
	EXPECT(c, RID_SEND);
	return exchange_answered(c, http_status, slice_of(answer, answer_bytes));
}

const rid_step *rid_not_sent(rid_controller *c, int error)
{
	EXPECT(c, RID_SEND);
	if (error != RID_ERROR_CONNECTION_TIMEOUT && error != RID_ERROR_NO_INTERNET && error != RID_ERROR_SECURE_CONNECTION)
		error = RID_ERROR_CONNECTION_FAILURE;
	return fail_repeatable(c, error, "no answer");
}

const rid_step *rid_repeat(rid_controller *c)
{
	if (is_busy(c))
		return refuse(c, DEVICE_OPERATION_IN_PROGRESS, "an operation is under way");
	if (!c->draft.outstanding)
		return refuse(c, DEVICE_WRONG_STATE, "nothing is left to be repeated");
	return exchange_repeat(c);
}

static bool is_chore(rid_step_kind kind)
{
	return kind == RID_STORE || kind == RID_ERASE || kind == RID_DROP_KEY || kind == RID_BACK_UP || kind == RID_FORGET_BACKUP;
}

const rid_step *rid_stored(rid_controller *c, int worked)
{
	if (!is_chore(c->step.kind))
		return refuse(c, DEVICE_WRONG_STATE, "this is not what was asked for");
	return chores_answered(c, worked);
}

const rid_step *rid_key_made(rid_controller *c, const unsigned char *public_key, size_t n)
{
	EXPECT(c, RID_MAKE_KEY);
	return key_made(c, slice_of(public_key, n));
}

const rid_step *rid_signed(rid_controller *c, const unsigned char *signature, size_t n)
{
	EXPECT(c, RID_SIGN);
	return exchange_signed(c, slice_of(signature, n));
}

const rid_step *rid_key_failed(rid_controller *c, rid_key_trouble why)
{
	if (c->step.kind == RID_MAKE_KEY)
		return key_not_made(c, why);
	EXPECT(c, RID_SIGN);
	return exchange_unsigned(c, why);
}

const rid_step *rid_pin(rid_controller *c, char *pin, size_t pin_bytes)
{
	const struct rid_step *step;

	if (c->step.kind == RID_ASK_PIN) {
		step_new(c, RID_DONE);
		step = c->pin_then(c, slice_of(pin, pin_bytes));
	} else {
		step = refuse(c, DEVICE_WRONG_STATE, "no PIN was asked for");
	}
	rid_wipe(pin, pin_bytes);
	return step;
}

const char *rid_error_title(int number)
{
	return device_error_title((enum device_error)number);
}

void rid_wipe(void *p, size_t n)
{
	if (p)
		wipe(p, n);
}
