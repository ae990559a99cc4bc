/*
 * Long polls: requests that wait until something changes or their time is over, parked without a thread or a lock.
 *
 *   op_watch(op, topic);            before reading, so that no change in between is missed
 *   ... read; nothing there?
 *   op_wait(op, ms); return OK;     prepare runs again when the topic was touched or the time is over: op->woken tells which
 *
 * Whoever changes what is waited for calls op_wake_after_commit() in apply. The truth is read again, never handed over.
 */
#ifndef API_WAIT_H
#define API_WAIT_H

#include "api/op.h"

void op_watch(struct op *op, const struct uuid *topic);
/* Only once woken == NOT_WOKEN; otherwise the answer is due. */
void op_wait(struct op *op, int64_t ms);
void op_wake_after_commit(struct op *op, struct tx *tx, const struct uuid *topic);
/* The same from anywhere, for what no transaction tells: the answer of another server, say. */
void api_wake(struct api *api, const struct uuid *topic);
/*
 * Ends the waits of a topic with woken == REPLACED, also of those who watch but do not wait yet. Whoever wants to wait himself calls
 * it behind op_watch(). Topics share counters by hash, so a wait may now and then end for nothing.
 */
void op_end_waits(struct op *op, const struct uuid *topic);

#endif
