/* Where the app hears, and that it has heard: push.update, push.ack (section 6.5). */
#include "base/text.h"
#include "sdk/internal.h"

enum { PUSH_TOKEN_BYTES_MAX = 4096, PUSH_SESSION_ID_BYTES_MAX = 64 };

static void compose_update(struct rid_controller *c, struct buf *json)
{
	struct push_update m = { OUTSIDE_SESSION(c), .reg = c->records[SLOT_MAIN].reg, .pushToken = c->call.push_token };

	schema_write(&push_update_schema, &m, json);
}

static void compose_ack(struct rid_controller *c, struct buf *json)
{
	struct push_ack m = { OUTSIDE_SESSION(c), .reg = c->records[SLOT_MAIN].reg, .pushSessionId = c->call.push_session_id };

	schema_write(&push_ack_schema, &m, json);
}

static const struct rid_step *told(struct rid_controller *c, const void *answer)
{
	(void)answer;
	return done(c);
}

static const struct rid_step *tell(struct rid_controller *c, enum message_id message, compose_stage compose)
{
	const struct record *main = &c->records[SLOT_MAIN];

	if (!is_activated(c))
		return fail_with(c, DEVICE_NOT_ACTIVATED, "there is no registration");
	draft_new(c, message, main, compose, told);
	draft_signer(c, SIG_DEVICE, &main->dk);
	return exchange(c);
}

static const struct rid_step *tell_token(struct rid_controller *c)
{
	return tell(c, MESSAGE_PUSH_UPDATE, compose_update);
}

static const struct rid_step *tell_heard(struct rid_controller *c)
{
	return tell(c, MESSAGE_PUSH_ACK, compose_ack);
}

/* One line of text; NULL is none. */
static bool fits(struct slice text, size_t max)
{
	return text.n <= max && text_is_utf8(text) && !text_has_controls(text, false);
}

const rid_step *rid_push_token(rid_controller *c, const char *token)
{
	struct slice text = slice_text(token);

	CALL_POSSIBLE(c);
	if (!fits(text, PUSH_TOKEN_BYTES_MAX))
		return fail_with(c, DEVICE_INVALID_INPUT_FORMAT, "a push token is one line of at most 4096 bytes");
	call_begin(c);
	c->call.push_token = text.n ? arena_copy(&c->op, text) : slice_of(NULL, 0);
	return settle(c, tell_token);
}

const rid_step *rid_push_heard(rid_controller *c, const char *push_session_id)
{
	struct slice text = slice_text(push_session_id);

	CALL_POSSIBLE(c);
	if (!text.n || !fits(text, PUSH_SESSION_ID_BYTES_MAX))
		return fail_with(c, DEVICE_INVALID_INPUT_FORMAT, "a push session id is one line of at most 64 bytes");
	call_begin(c);
	c->call.push_session_id = arena_copy(&c->op, text);
	return settle(c, tell_heard);
}
