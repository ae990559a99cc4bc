/* reg.deactivate (section 6.5), and its local half. */
#include "sdk/internal.h"

static const struct rid_step *forgotten(struct rid_controller *c)
{
	if (c->warning)
		return fail_with(c, DEVICE_STORAGE, "the records could not be erased");
	return done(c);
}

/* Both records go, whatever is in them. */
static const struct rid_step *forget(struct rid_controller *c)
{
	chores_new(c, false);
	chore_erase(c, SLOT_MAIN);
	chore_erase(c, SLOT_BESIDE);
	for (int slot = SLOT_MAIN; slot < SLOTS; slot++) {
		chore_drop(c, &c->records[slot].dk);
		chore_drop(c, &c->records[slot].hk);
		record_forget(c, (enum slot)slot);
	}
	session_end(c);
	draft_wipe(c);
	return chores_do(c, forgotten);
}

static void compose(struct rid_controller *c, struct buf *json)
{
	struct plain_outside m = { OUTSIDE_SESSION(c), .reg = c->records[SLOT_MAIN].reg };

	schema_write(&plain_outside_schema, &m, json);
}

static const struct rid_step *deactivated(struct rid_controller *c, const void *answer)
{
	(void)answer;
	return forget(c);
}

/* What the server has deleted already need not be asked for again. */
static const struct rid_step *not_deactivated(struct rid_controller *c, const struct fault *f)
{
	return f->number == DEVICE_NOT_REGISTERED ? forget(c) : fail_server(c, f);
}

static const struct rid_step *ask(struct rid_controller *c)
{
	const struct record *main = &c->records[SLOT_MAIN];

	if (!is_activated(c))
		return fail_with(c, DEVICE_NOT_ACTIVATED, "there is no registration");
	draft_new(c, MESSAGE_REG_DEACTIVATE, main, compose, deactivated);
	draft_signer(c, SIG_DEVICE, &main->dk);
	draft_signer(c, SIG_HARDWARE, &main->hk);
	c->draft.on_fault = not_deactivated;
	return exchange(c);
}

const rid_step *rid_deactivate(rid_controller *c, int only_locally)
{
	if (!call_begin(c))
		return refuse(c, DEVICE_OPERATION_IN_PROGRESS, "an operation is under way");
	if (only_locally)
		return forget(c);
	if (!c->loaded)
		return refuse(c, DEVICE_WRONG_STATE, "rid_load() comes first");
	session_end(c);
	return settle(c, ask);
}
