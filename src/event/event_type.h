/* The kinds of events there are, from events.def, each as it is subscribed to: SENDER:NAME. */
#ifndef EVENT_EVENT_TYPE_H
#define EVENT_EVENT_TYPE_H

#include "base/slice.h"

struct event_type {
	const char *sender, *name; /* "reuseid", "device.state.change" */
	const char *doc, *sample;  /* sample: JSON of eventData */
};

/* A row without a name is none: an event that this sender does not send. */
extern const struct event_type event_types[];
extern const size_t event_type_count;

/* Events of the hosted service that are not sent here, and why. */
struct event_not_sent {
	const char *sender, *name, *why;
};
extern const struct event_not_sent events_not_sent[];
extern const size_t event_not_sent_count;

/* The name of an event of facts.def as `mobileid` sends it; NULL: it does not. */
const char *event_name_of_mobileid(const char *name);

#endif
