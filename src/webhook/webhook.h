/*
 * Events on their way out: webhooks, a stream, a spool.
 *
 * fact() writes an event into the outbox in the transaction of what happened. From there one thread (loop.c) takes events in their
 * order, finds the subscriptions that want each, writes one delivery for each in one transaction with how far it has come, and sends
 * what is due. A delivery is repeated until the receiver says 2xx or its time is over; it is then listed as expired and can be sent again
 * by hand. After a crash everything goes on from what the store says: an event may arrive twice, but it is never lost.
 *
 * What an event tells is read, and unsealed, when it is sent: nothing of it lies in the outbox in the clear.
 *
 * platform.md 5. The page for receivers: docs/WEBHOOKS.md.
 */
#ifndef WEBHOOK_WEBHOOK_H
#define WEBHOOK_WEBHOOK_H

#include "api/route.h"

/* Makes app->webhooks; from now on commits with events wake it. Nothing is sent yet. */
err webhooks_open(struct app *app);
/* From now on a thread delivers; app->outbound is there. */
err webhooks_start(struct app *app);
/* Ends the thread; before outbound_stop(). What is under way is not waited for: it is repeated after the next start. */
void webhooks_stop(struct app *app);
void webhooks_close(struct app *app);

/*
 * One turn of the thread's work, for tests that bring their own clock: takes in results, distributes new events, sends what is due.
 * Tells how long it has nothing to do, 0 when it has.
 */
err webhooks_turn(struct app *app, int64_t *ret_idle_ms);

/* Periodic: deletes deliveries whose events are gone, and files of the spool that are older than transactions are kept. */
err webhooks_forget(struct app *app);

extern const struct route_table webhook_routes;       /* base /events-management */

#endif
