/* push.update and push.ack, as the stand-in answers them. */
#include "tests/unit/sdk/stand_in_parts.h"

#include <stdio.h>

void rules_push_update(struct asked *q)
{
	const struct push_update *m = asked_as(q, &push_update_schema);

	if (!authenticate(q))
		return;
	snprintf(q->s->push_token, sizeof(q->s->push_token), "%.*s", FMT(m->pushToken));
	q->accepted = true;
	answer_ok(q, false);
}

void rules_push_ack(struct asked *q)
{
	const struct push_ack *m = asked_as(q, &push_ack_schema);

	if (!authenticate(q))
		return;
	if (!q->s->pending || !slice_is(m->pushSessionId, "push-1")) {
		answer_fault(q, DEVICE_INCORRECT_PUSH);
		return;
	}
	q->s->heard++;
	q->accepted = true;
	answer_ok(q, false);
}
