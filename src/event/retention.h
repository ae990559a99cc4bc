/* Audit records and events that have had their time. */
#ifndef EVENT_RETENTION_H
#define EVENT_RETENTION_H

#include "event/fact.h"

/* Periodic: deletes audit records past their own `expires`, and events of the outbox 30 days past theirs. */
err facts_forget(struct app *app);

#endif
