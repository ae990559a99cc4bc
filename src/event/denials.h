/*
 * Refusals that callers can provoke as often as they like: at most one audit record for each client, reason and minute, with a
 * count. Counted in memory, written by a periodic job and at the stop.
 */
#ifndef EVENT_DENIALS_H
#define EVENT_DENIALS_H

#include "event/fact.h"

struct denials;

struct denials *denials_new(void);
void denials_free(struct denials *d);
/* `kind` is FACT_TOKEN_DENIED or FACT_PERMISSION_DENIED; `reason` a constant word. Unknown clients count as one. */
void denials_note(struct denials *d, enum fact_kind kind, int64_t account, struct slice client_id, struct slice address,
	const char *reason);
/* Writes what was counted since the last time. What could not be written is kept for the next time. */
err denials_flush(struct denials *d, struct app *app);

#endif
