/* The clone ticket (5.4): each success hands one out, which the next start has to show. A copied storage shows a stale one. */
#include "device/internal.h"

enum ticket_kind { TICKET_BAD, TICKET_OLD, TICKET_NEWEST, TICKET_NONE_ASKED };

/* The newest, or the one (or none) with which the session that issued it was started. */
static enum ticket_kind kind_of(const struct device *d, struct slice shown)
{
	uint8_t hash[SHA256_BYTES];

	if (d->ticket.n == 0)
		return TICKET_NONE_ASKED;
	if (shown.n == 0)
		return d->no_ticket ? TICKET_OLD : TICKET_BAD;
	sha256(shown, hash);
	if (slice_eq_secret(slice_of(hash, sizeof(hash)), d->ticket))
		return TICKET_NEWEST;
	return d->old_ticket.n && slice_eq_secret(slice_of(hash, sizeof(hash)), d->old_ticket) ? TICKET_OLD : TICKET_BAD;
}

bool ticket_good(const struct call *c, struct slice shown)
{
	return kind_of(&c->device, shown) != TICKET_BAD;
}

err ticket_refuse(struct call *c)
{
	c->device.fail_device++;
	c->device.last_attempt = c->op->now;
	c->device_changed = c->write = true;
	c->device_fact = FACT_DEVICE_TRY_FAILED;
	if (failures_lock(&c->device, &c->application->config))
		device_lock(c, true);
	return call_fault(c, DEVICE_AUTHENTICATION_FAILED);
}

void ticket_keep(struct call *c, struct slice shown)
{
	enum ticket_kind kind = kind_of(&c->device, shown);

	c->session.secret.has_ticket = shown.n != 0;
	sha256(shown, c->session.secret.ticket);
	if (kind == TICKET_NEWEST) {
		c->device.old_ticket = S("");
		c->device.no_ticket = false;
	}
}

void ticket_issue(struct call *c, struct slice *ret_ticket)
{
	uint8_t *ticket = arena_alloc(c->op->arena, TICKET_BYTES), *hash = arena_alloc(c->op->arena, SHA256_BYTES);

	env_random(c->op->app->env, ticket, TICKET_BYTES);
	sha256(slice_of(ticket, TICKET_BYTES), hash);
	/* Until the newest is shown, the one (or none) that the session was started with is accepted too. */
	c->device.no_ticket = !c->session.secret.has_ticket;
	c->device.old_ticket = c->session.secret.has_ticket ? arena_copy(c->op->arena, slice_of(c->session.secret.ticket, SHA256_BYTES)) : S("");
	c->device.ticket = slice_of(hash, SHA256_BYTES);
	*ret_ticket = slice_of(ticket, TICKET_BYTES);
}
