/* Events that have had their time. Of the audit records see audit/retention.c. */
#ifndef EVENT_RETENTION_H
#define EVENT_RETENTION_H

#include "event/fact.h"

/* Periodic: deletes events of the outbox 30 days past their `expires`. */
err facts_forget(struct app *app);

#endif
