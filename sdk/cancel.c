/* The person refuses: ses.cancel, which ends sessions of every family but a registration's. */
#include "sdk/internal.h"

static void compose_cancel(struct rid_controller *c, struct buf *json)
{
	struct plain_inside m = { INSIDE_SESSION(c) };

	schema_write(&plain_inside_schema, &m, json);
}

static const struct rid_step *cancelled_done(struct rid_controller *c)
{
	session_end(c);
	return done(c);
}

/* What was to become of a change will not. */
static const struct rid_step *cancelled(struct rid_controller *c, const void *answer)
{
	(void)answer;
	chores_new(c, false);
	if (c->session.family == FAMILY_AM)
		next_drop(c);
	if (c->session.family == FAMILY_REC_ADD)
		recovery_drop(c);
	return chores_do(c, cancelled_done);
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

/* Inside a session only finishes are signed. */
static bool is_finish(enum message_id id)
{
	return device_messages[id].place == INSIDE && device_messages[id].must;
}

const rid_step *rid_cancel_session(rid_controller *c)
{
	if (c->step.kind == RID_ASK_PIN)
		step_new(c, RID_DONE);
	CALL_POSSIBLE(c);
	if (!c->session.live)
		return fail_with(c, DEVICE_WRONG_STATE, "there is no session");
	if (c->draft.outstanding && is_finish(c->draft.id))
		return fail_repeatable(c, DEVICE_WRONG_STATE, "the approval has been sent; its answer is missing");
	if (c->session.family == FAMILY_ACT) {
		call_begin(c);
		session_end(c);
		return done(c);
	}
	if (c->draft.outstanding)
		return c->draft.id == MESSAGE_SES_CANCEL ? exchange_repeat(c) : cancel_after_repeat(c);
	call_begin(c);
	return ask_cancel(c);
}
