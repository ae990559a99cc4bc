/* What is pending, and what the same question tells besides: whether a registration that got no answer holds (section 5.5). */
#include "sdk/internal.h"

enum { WAIT_MS_MAX = 55000, PAUSE_MS = 2000 };

static void compose_wait(struct rid_controller *c, struct buf *json)
{
	struct ses_wait m = { OUTSIDE_SESSION(c), .reg = c->draft.who->reg, .waitMs = c->draft.wait_ms };

	MARK(&m, ses_wait, waitMs);
	schema_write(&ses_wait_schema, &m, json);
}

static const struct rid_step *ask(struct rid_controller *c, enum slot slot, uint32_t wait_ms, answer_stage after, fault_stage on_fault)
{
	const struct record *who = &c->records[slot];

	draft_new(c, MESSAGE_SES_WAIT, who, compose_wait, after);
	draft_signer(c, SIG_DEVICE, &who->dk);
	c->draft.on_fault = on_fault;
	c->draft.wait_ms = wait_ms;
	return exchange(c);
}

/* ---- settle ---- */

void promote(struct rid_controller *c)
{
	struct record *main = &c->records[SLOT_MAIN], *beside = &c->records[SLOT_BESIDE];

	chores_new(c, false);
	chore_store(c, SLOT_MAIN);
	chore_erase(c, SLOT_BESIDE);
	chore_drop_all(c, main);
	if (beside->recovery_used) {
		chore_forget_backup(c, 0);
		chore_forget_backup(c, 1);
	}
	*main = *beside;
	main->phase = RECORD_CONFIRMED;
	main->recovery_used = 0;
	record_takes_hold(c);
	record_forget(c, SLOT_BESIDE);
}

static const struct rid_step *settled(struct rid_controller *c)
{
	return c->call.settled(c);
}

static const struct rid_step *settle_holds(struct rid_controller *c, const void *answer)
{
	(void)answer;
	promote(c);
	return chores_do(c, settled);
}

/*
 * 214: the server does not know these keys. States are looked at only after they were found good (section 4). The device key stays:
 * the code, if it can still be used, is bound to it.
 */
static const struct rid_step *settle_refused(struct rid_controller *c, const struct fault *f)
{
	struct record *beside = &c->records[SLOT_BESIDE];

	if (f->number == DEVICE_NOT_REGISTERED || f->number == DEVICE_LOCKED_BY_ADMIN || f->number == DEVICE_LOCKED)
		return settle_holds(c, NULL);
	if (f->number != DEVICE_AUTHENTICATION_FAILED)
		return fail_server(c, f);
	chores_new(c, false);
	chore_store(c, SLOT_BESIDE);
	chore_drop(c, &beside->hk);
	for (size_t i = 0; i < BIOMETRICS; i++)
		chore_drop(c, &beside->biometric[i]);
	*beside = (struct record){ .phase = RECORD_BEGUN, .dk = beside->dk };
	return chores_do(c, settled);
}

const struct rid_step *settle(struct rid_controller *c, stage then)
{
	c->call.settled = then;
	if (c->records[SLOT_BESIDE].phase != RECORD_UNCONFIRMED)
		return then(c);
	return ask(c, SLOT_BESIDE, 0, settle_holds, settle_refused);
}

/* ---- is it activated? ---- */

static const struct rid_step *activated(struct rid_controller *c, const void *answer)
{
	(void)answer;
	return done(c);
}

static const struct rid_step *ask_activated(struct rid_controller *c)
{
	if (!is_activated(c))
		return fail_with(c, DEVICE_NOT_ACTIVATED, "there is no registration");
	return ask(c, SLOT_MAIN, 0, activated, NULL);
}

const rid_step *rid_is_activated(rid_controller *c)
{
	CALL_BEGIN(c);
	return settle(c, ask_activated);
}

/* ---- what is pending ---- */

static enum rid_operation operation_of(enum device_operation op)
{
	return op == device_operation_SIGNING ? RID_OPERATION_SIGNING : RID_OPERATION_AUTHENTICATION;
}

static const struct rid_step *tell_pending(struct rid_controller *c, const struct list *pending)
{
	const struct pending_item *items = pending->items;
	struct rid_pending_item *told = arena_array(&c->arena, struct rid_pending_item, pending->n);

	for (size_t i = 0; i < pending->n; i++)
		told[i] = (struct rid_pending_item){
			operation_of(items[i].op), arena_cstr(&c->arena, items[i].pushSessionId), items[i].expires };
	done(c);
	c->step.result.pending = told;
	c->step.result.pending_count = pending->n;
	return &c->step;
}

static const struct rid_step *wait_again(struct rid_controller *c);

static uint32_t time_left(const struct rid_controller *c)
{
	int64_t left = c->call.wait_until_ms - env_mono_ms(&c->world.env);

	return left > 0 ? (uint32_t)left : 0;
}

/* The server answers at once when a newer question ended this one: then a pause, so that two phones of one person do not race. */
static const struct rid_step *rest(struct rid_controller *c)
{
	uint32_t left = time_left(c);

	step_new(c, RID_WAIT)->wait_ms = left < PAUSE_MS ? left : PAUSE_MS;
	return &c->step;
}

static const struct rid_step *waited(struct rid_controller *c, const void *answer)
{
	const struct ses_wait_ok *ok = answer;

	if (ok->pending.n || time_left(c) == 0)
		return tell_pending(c, &ok->pending);
	return env_mono_ms(&c->world.env) - c->call.asked_ms < PAUSE_MS ? rest(c) : wait_again(c);
}

static const struct rid_step *wait_refused(struct rid_controller *c, const struct fault *f)
{
	return f->number == DEVICE_SERVICE_UNAVAILABLE && time_left(c) ? rest(c) : fail_server(c, f);
}

static const struct rid_step *wait_again(struct rid_controller *c)
{
	uint32_t left = time_left(c);

	if (!is_activated(c))
		return fail_with(c, DEVICE_NOT_ACTIVATED, "there is no registration");
	c->call.asked_ms = env_mono_ms(&c->world.env);
	return ask(c, SLOT_MAIN, left < WAIT_MS_MAX ? left : WAIT_MS_MAX, waited, wait_refused);
}

const rid_step *rid_waited(rid_controller *c)
{
	if (c->step.kind != RID_WAIT)
		return refuse(c, DEVICE_WRONG_STATE, "this is not what was asked for");
	step_new(c, RID_DONE);
	return wait_again(c);
}

const rid_step *rid_wait(rid_controller *c, uint32_t wait_ms)
{
	CALL_BEGIN(c);
	c->call.wait_until_ms = env_mono_ms(&c->world.env) + wait_ms;
	return settle(c, wait_again);
}

const rid_step *rid_pending(rid_controller *c)
{
	return rid_wait(c, 0);
}
