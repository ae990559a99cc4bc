/*
 * A call to the outside in the midst of prepare: another server is asked, and the request is parked without a thread until it answers.
 *
 *   answer = op_ask(op, &request);
 *   if (!answer)
 *           return OK;              prepare runs again once the answer is there
 *
 * Prepare may run several times, also because another request came first. The same call asked for again has the same answer, so that the
 * other side is asked once; a different one is a new call. There is always an answer in the end: what goes wrong is its reason.
 */
#ifndef API_ASK_H
#define API_ASK_H

#include "api/op.h"
#include "outbound/outbound.h"

/* NULL: not yet, and op->waiting is set. `done` and `ctx` of the request are not used. Lives as long as the request. */
const struct outbound_answer *op_ask(struct op *op, const struct outbound_request *request);
/* Was anything asked already? Then prepare has run before. */
static inline bool op_asked(const struct op *op)
{
	return op->asked != NULL;
}

#endif
