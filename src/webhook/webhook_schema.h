/* Bodies of the events management API. */
#ifndef WEBHOOK_WEBHOOK_SCHEMA_H
#define WEBHOOK_WEBHOOK_SCHEMA_H

#include "api/page.h"

enum {
	SUBSCRIPTIONS_MAX = 100,       /* of an account */
	SUBSCRIPTION_SECRETS_MAX = 5,  /* live ones of a subscription: one is usual, two while they are changed */
	SUBSCRIPTION_HEADERS_MAX = 20,
	SUBSCRIPTION_HEADER_BYTES_MAX = 2048,
	TIME_TO_LIVE_S_MIN = 30,
	TIME_TO_LIVE_S_MAX = 7 * 24 * 3600,
	TIME_TO_LIVE_S_DEFAULT = 24 * 3600,
};

#define SUBSCRIPTION_TYPE(V, E) V(E, webhook, "An HTTP POST to a URL of yours")
ENUMERATION_TYPE(subscription_type, SUBSCRIPTION_TYPE);

/* The numbers stand in the database: they only grow at the end. */
#define HMAC_FORM(V, E)                                                                                    \
	V(E, TIMESTAMPED, "sha256=HEX over the timestamp, a dot and the body")                              \
	V(E, BODY, "HEX over the body alone: for receivers that expect this; tells nothing of repetition")
ENUMERATION_TYPE(hmac_form, HMAC_FORM);

#define DELIVERY_STATUS(V, E)                                             \
	V(E, PENDING, "Not delivered yet; it is tried again")              \
	V(E, DELIVERED, "The receiver took it")                            \
	V(E, EXPIRED, "Nobody took it in time; it can be sent again by hand")
ENUMERATION_TYPE(delivery_status, DELIVERY_STATUS);

#define SUBSCRIPTION_EXAMPLE "\"0190a3f2-7a5c-7e1b-9a51-3c0a5de7a111\""
#define EVENT_ID_EXAMPLE "\"0190a3f27a5c7e1b9a513c0a5de7a112\""
#define MOMENT_EXAMPLE "\"2026-01-21T22:47:27.123Z\""

#define TAG_FILTER(F, T)                                                                              \
	F(T, STRS, any, OPT, 0, 50, "The event has at least one of these tags", "[\"tag 1\",\"tag 2\"]") \
	F(T, STRS, all, OPT, 0, 50, "The event has each of these tags", "")
SCHEMA_STRUCT(tag_filter, TAG_FILTER);

#define SIGNING(F, T)                                                                                                  \
	F(T, BOOL, hmac, OPT, 0, 0, "X-Signicat-Signature: HMAC-SHA256 under the secrets of the subscription; true unless told otherwise", "true") \
	F(T, ENUM(hmac_form), hmacForm, OPT, 0, 0, "What the HMAC is made of; TIMESTAMPED unless told otherwise", "\"TIMESTAMPED\"") \
	F(T, BOOL, jws, OPT, 0, 0, "X-Signicat-Jws: detached JWS over the body, under a key of the published set", "false")
SCHEMA_STRUCT(signing, SIGNING);

#define SUBSCRIPTION_NEW(F, T)                                                                                          \
	F(T, STR, name, REQ, 1, ADMIN_NAME_POINTS_MAX, "Name, for people", "\"Back office\"")                           \
	F(T, BOOL, enabled, OPT, 0, 0, "Are events sent; true unless told otherwise", "true")                           \
	F(T, ENUM(subscription_type), type, OPT, 0, 0, "How events are sent", "\"webhook\"")                             \
	F(T, STR, url, REQ, 1, 2048, "Where to: an https URL", "\"https://hooks.example.com/reuseid\"")                 \
	F(T, STRS, events, REQ, 1, 50, "Which events: names, or beginnings of names with * behind them", "[\"reuseid:device.*\"]") \
	F(T, OBJ(tag_filter), tagFilter, OPT, 0, 0, "Only events with these tags", "")                                  \
	F(T, OBJ(signing), signing, OPT, 0, 0, "How the receiver knows that it is us", "")                              \
	F(T, MAP, headers, OPT, 0, 0, "Further headers, for instance Authorization; a value ******** keeps the one there is, " \
		"while the url stays", "{\"Authorization\":\"Bearer abc\"}")                          \
	F(T, INT_ANY, timeToLiveSeconds, OPT, TIME_TO_LIVE_S_MIN, TIME_TO_LIVE_S_MAX, "How long an event is tried, one day unless told otherwise", "86400")
SCHEMA_STRUCT(subscription_new, SUBSCRIPTION_NEW);

#define SUBSCRIPTION_SECRET(F, T)                                                                    \
	F(T, UUID, id, REQ, 0, 0, "Id of the secret", SUBSCRIPTION_EXAMPLE)                          \
	F(T, TIME, created, REQ, 0, 0, "When it was made", MOMENT_EXAMPLE)                           \
	F(T, STR, secret, OPT, 0, 0, "The secret itself, shown this once: the bytes of this text are the key", \
		"\"zJ0uYyXHk1mT3sVq8bLr5nEwPcGdA2fK9hQi7oSxUaM4tRjB\"")
SCHEMA_STRUCT(subscription_secret, SUBSCRIPTION_SECRET);

#define SUBSCRIPTION_VIEW(F, T)                                                                                         \
	F(T, UUID, id, REQ, 0, 0, "Id of the subscription", SUBSCRIPTION_EXAMPLE)                                       \
	F(T, STR, name, REQ, 0, 0, "Name, for people", "\"Back office\"")                                               \
	F(T, BOOL, enabled, REQ, 0, 0, "Are events sent", "true")                                                       \
	F(T, STR, disabledReason, OPT, 0, 0, "Why it was disabled by itself: `gone` after the receiver answered 410", "")  \
	F(T, ENUM(subscription_type), type, REQ, 0, 0, "How events are sent", "\"webhook\"")                             \
	F(T, STR, url, REQ, 0, 0, "Where to", "\"https://hooks.example.com/reuseid\"")                                  \
	F(T, STRS, events, REQ, 0, 0, "Which events", "[\"reuseid:device.*\"]")                                         \
	F(T, OBJ(tag_filter), tagFilter, REQ, 0, 0, "Only events with these tags", "")                                  \
	F(T, OBJ(signing), signing, REQ, 0, 0, "How the receiver knows that it is us", "")                              \
	F(T, JSON, headers, REQ, 0, 0, "Further headers, their values masked", "{\"Authorization\":\"********\"}")      \
	F(T, INT, timeToLiveSeconds, REQ, 0, 0, "How long an event is tried", "86400")                                  \
	F(T, LIST(subscription_secret), secrets, REQ, 0, 0, "Live secrets, newest first", "")                           \
	F(T, TIME, created, REQ, 0, 0, "When it was created", MOMENT_EXAMPLE)                                           \
	F(T, TIME, updated, REQ, 0, 0, "When it was last changed", MOMENT_EXAMPLE)
SCHEMA_STRUCT(subscription_view, SUBSCRIPTION_VIEW);

#define EVENT_TYPE_VIEW(F, T)                                                                         \
	F(T, STR, name, REQ, 0, 0, "As it is subscribed to", "\"reuseid:device.state.change\"")       \
	F(T, STR, sender, REQ, 0, 0, "Who sends it", "\"reuseid\"")                                   \
	F(T, STR, eventName, REQ, 0, 0, "Its name without the sender", "\"device.state.change\"")     \
	F(T, STR, description, REQ, 0, 0, "What it tells", "\"A device was locked\"")                 \
	F(T, JSON, sample, REQ, 0, 0, "A sample of its eventData", "{\"state\":\"LOCKED\"}")
SCHEMA_STRUCT(event_type_view, EVENT_TYPE_VIEW);

#define EVENT_QUERY(F, T)                                                                             \
	F(T, TIME, from, OPT, 0, 0, "Not older than this", MOMENT_EXAMPLE)                            \
	F(T, TIME, to, OPT, 0, 0, "Older than this", MOMENT_EXAMPLE)                                  \
	F(T, STR, eventName, OPT, 0, 200, "Only these: a name, or its beginning with * behind it", "\"reuseid:device.*\"") \
	F(T, STR, tag, OPT, 0, LIST_STRING_POINTS_MAX, "Only with this tag", "\"tag 1\"")             \
	F(T, ENUM(delivery_status), status, OPT, 0, 0, "Only with a delivery in this state", "\"EXPIRED\"") \
	PAGE_QUERY(F, T)
SCHEMA_STRUCT(event_query, EVENT_QUERY);

#define STREAM_QUERY(F, T)                                                                            \
	F(T, STR, events, OPT, 0, 200, "Only these: a name, or its beginning with * behind it", "\"reuseid:device.*\"") \
	F(T, STR, tag, OPT, 0, LIST_STRING_POINTS_MAX, "Only with this tag", "\"tag 1\"")             \
	F(T, STR, lastEventId, OPT, 0, 64, "The same as the header Last-Event-ID, for those who cannot set it; 0: from the oldest on", "\"0\"")
SCHEMA_STRUCT(stream_query, STREAM_QUERY);

#define DELIVERY_VIEW(F, T)                                                                           \
	F(T, UUID, subscriptionId, REQ, 0, 0, "To which subscription", SUBSCRIPTION_EXAMPLE)          \
	F(T, ENUM(delivery_status), status, REQ, 0, 0, "How it stands", "\"DELIVERED\"")              \
	F(T, INT, attempts, REQ, 0, 0, "How often it was tried", "1")                                 \
	F(T, TIME, lastAttempt, OPT, 0, 0, "When it was last tried", MOMENT_EXAMPLE)                  \
	F(T, INT, httpStatus, OPT, 0, 0, "What the receiver answered then", "200")                    \
	F(T, STR, reason, OPT, 0, 0, "Why no answer came", "\"timed_out\"")                           \
	F(T, TIME, nextAttempt, OPT, 0, 0, "When it is tried next", "")                               \
	F(T, TIME, expiresAt, REQ, 0, 0, "It is not tried after this", MOMENT_EXAMPLE)
SCHEMA_STRUCT(delivery_view, DELIVERY_VIEW);

#define EVENT_VIEW(F, T)                                                                              \
	F(T, STR, id, REQ, 0, 0, "Id of the event", EVENT_ID_EXAMPLE)                                 \
	F(T, TIME, timestamp, REQ, 0, 0, "When it happened", MOMENT_EXAMPLE)                          \
	F(T, STR, sender, REQ, 0, 0, "Who sends it", "\"reuseid\"")                                   \
	F(T, STR, eventName, REQ, 0, 0, "Its name without the sender", "\"device.authentication.completed\"") \
	F(T, STR, accountId, REQ, 0, 0, "The account", "\"a-spge-Abcdefghijk123456789\"")             \
	F(T, STRS, tags, REQ, 0, 0, "Tags of the request that started it", "[\"tag 1\"]")             \
	F(T, JSON, eventData, OPT, 0, 0, "What it tells; in the answer for one event", "")            \
	F(T, LIST(delivery_view), deliveries, REQ, 0, 0, "To whom it went", "")
SCHEMA_STRUCT(event_view, EVENT_VIEW);

#define EVENT_PAGE(F, T)                                                                              \
	F(T, LIST(event_view), events, REQ, 0, 0, "Events, newest first", "")                         \
	F(T, INT, limit, REQ, 0, 0, "Items on a page", "10")                                          \
	F(T, STR, next, OPT, 0, 0, "Link to the next page; while it is there, there may be more", "")
SCHEMA_STRUCT(event_page, EVENT_PAGE);

#define RESEND(F, T) \
	F(T, UUID, subscriptionId, OPT, 0, 0, "To this subscription only; else to all that want it", SUBSCRIPTION_EXAMPLE)
SCHEMA_STRUCT(resend, RESEND);

#define TEST_RESULT(F, T)                                                                             \
	F(T, BOOL, delivered, REQ, 0, 0, "Did the receiver take it", "true")                          \
	F(T, INT, httpStatus, OPT, 0, 0, "What it answered", "200")                                   \
	F(T, STR, reason, OPT, 0, 0, "Why no answer came, in a word", "\"tls_failed\"")               \
	F(T, STR, description, OPT, 0, 0, "The same in a sentence", "")
SCHEMA_STRUCT(test_result, TEST_RESULT);

#endif
