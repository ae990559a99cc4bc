/* reg.deactivate (section 6.5), and its local half. */
#include "sdk/internal.h"

static const struct rid_step *forgotten(struct rid_controller *c)
{
	if (c->warning)
		return fail_with(c, DEVICE_STORAGE, "the records could not be erased");
	return done(c);
}

/* Both records go, whatever is in them. The backups last: they are of no use once the server has deleted the device. */
static const struct rid_step *forget(struct rid_controller *c, bool backups)
{
	chores_new(c, false);
	chore_erase(c, SLOT_MAIN);
	chore_erase(c, SLOT_BESIDE);
	for (int slot = SLOT_MAIN; slot < SLOTS; slot++)
		chore_drop_all(c, &c->records[slot]);
	for (int64_t i = 0; i < 2 && backups; i++)
		chore_forget_backup(c, i);
	for (int slot = SLOT_MAIN; slot < SLOTS; slot++)
		record_forget(c, (enum slot)slot);
	session_end(c);
	draft_wipe(c);
	return chores_do(c, forgotten);
}

static const struct rid_step *forget_everywhere(struct rid_controller *c)
{
	return forget(c, c->records[SLOT_MAIN].recovery_method != 0);
}

static void compose(struct rid_controller *c, struct buf *json)
{
	struct plain_outside m = { OUTSIDE_SESSION(c), .reg = c->records[SLOT_MAIN].reg };

	schema_write(&plain_outside_schema, &m, json);
}

static const struct rid_step *deactivated(struct rid_controller *c, const void *answer)
{
	(void)answer;
	return forget_everywhere(c);
}

/* What the server has deleted already need not be asked for again. */
static const struct rid_step *not_deactivated(struct rid_controller *c, const struct fault *f)
{
	return f->number == DEVICE_NOT_REGISTERED ? forget_everywhere(c) : fail_server(c, f);
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
	if (is_busy(c))
		return refuse(c, DEVICE_OPERATION_IN_PROGRESS, "an operation is under way");
	if (!only_locally && !c->loaded)
		return refuse(c, DEVICE_WRONG_STATE, "rid_load() comes first");
	call_begin(c);
	if (only_locally)
		return forget(c, false);
	session_end(c);
	return settle(c, ask);
}
