/* Calls to providers outside: begun by the work that is due, answered on another thread, ended by the next round of work. */
#ifndef PROOFING_CALLS_H
#define PROOFING_CALLS_H

#include "api/app.h"
#include "base/uuid.h"

enum call_kind { CALL_START, CALL_POLL, CALL_CANCEL };

/* The process is leased: nobody else calls for it meanwhile. */
void call_begin(struct app *app, const struct uuid *process, enum call_kind kind);
/* Works on the answers that have come. */
err calls_answered(struct app *app);

#endif
