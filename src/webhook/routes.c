/* The events management API (platform.md 5.5). */
#include "webhook/internal.h"

#define TYPES "Event types"
#define SUBSCRIPTIONS "Subscriptions"
#define EVENTS "Events"
#define ONE "/subscriptions/{subscriptionId}"

static const struct route rows[] = {
	{ HTTP_GET, "/event-types", SUBSCRIPTION_READ, READS, OUT(event_type_view), OP(.prepare = event_types_prepare),
		"List the kinds of events", .id = "listEventTypes", .tag = TYPES, .flags = REPLY_LIST },
	{ HTTP_POST, "/subscriptions", SUBSCRIPTION_WRITE, WRITES, IN(subscription_new), OUT(subscription_view),
		OP(.prepare = subscription_create_prepare, .apply = subscription_create_apply), "Create a subscription, with its first secret",
		.id = "createSubscription", .tag = SUBSCRIPTIONS, .flags = CREATES },
	{ HTTP_GET, "/subscriptions", SUBSCRIPTION_READ, READS, OUT(subscription_view), OP(.prepare = subscription_list_prepare),
		"List subscriptions", .id = "listSubscriptions", .tag = SUBSCRIPTIONS, .flags = REPLY_LIST },
	{ HTTP_GET, ONE, SUBSCRIPTION_READ, READS, OUT(subscription_view), OP(.prepare = subscription_get_prepare), "Get a subscription",
		.id = "getSubscription", .tag = SUBSCRIPTIONS },
	{ HTTP_PUT, ONE, SUBSCRIPTION_WRITE, WRITES, IN(subscription_new), OUT(subscription_view),
		OP(.prepare = subscription_replace_prepare, .apply = subscription_replace_apply), "Replace a subscription; its secrets stay",
		.id = "replaceSubscription", .tag = SUBSCRIPTIONS },
	{ HTTP_DELETE, ONE, SUBSCRIPTION_DELETE, WRITES, OP(.apply = subscription_delete_apply),
		"Delete a subscription; what is not delivered yet goes with it", .id = "deleteSubscription", .tag = SUBSCRIPTIONS },
	{ HTTP_POST, ONE "/test", SUBSCRIPTION_WRITE, WRITES, OUT(test_result), OP(.prepare = subscription_test_prepare, .apply = subscription_test_apply),
		"Send a test event and tell what the receiver answered", .id = "testSubscription", .tag = SUBSCRIPTIONS },
	{ HTTP_POST, ONE "/secrets", SUBSCRIPTION_WRITE, WRITES, OUT(subscription_secret),
		OP(.prepare = subscription_secret_add_prepare, .apply = subscription_secret_add_apply),
		"Add a secret; from now on each delivery is signed with it as well", .id = "createSubscriptionSecret", .tag = SUBSCRIPTIONS,
		.flags = CREATES },
	{ HTTP_DELETE, ONE "/secrets/{secretId}", SUBSCRIPTION_WRITE, WRITES, OP(.apply = subscription_secret_delete_apply),
		"Delete a secret; the others go on signing", .id = "deleteSubscriptionSecret", .tag = SUBSCRIPTIONS },
	{ HTTP_GET, "/events", EVENT_READ, READS, QUERY(event_query), OUT(event_page), OP(.prepare = event_list_prepare),
		"List events and how they were delivered, newest first", .id = "listEvents", .tag = EVENTS },
	{ HTTP_GET, "/stream", EVENT_READ, READS, QUERY(stream_query), OP(.prepare = event_stream_prepare),
		"Events as server-sent events, from the one behind Last-Event-ID on", .id = "streamEvents", .tag = EVENTS },
	{ HTTP_GET, "/events/{eventId:text}", EVENT_READ, READS, OUT(event_view), OP(.prepare = event_get_prepare),
		"Get an event with what it tells", .id = "getEvent", .tag = EVENTS },
	{ HTTP_POST, "/events/{eventId:text}/resend", EVENT_WRITE, WRITES, IN(resend),
		OP(.prepare = event_resend_prepare, .apply = event_resend_apply), "Send an event again", .id = "resendEvent", .tag = EVENTS,
		.flags = EMPTY_BODY_OK },
};

static const struct tag tags[] = {
	{ TYPES, "What there is to be told" },
	{ SUBSCRIPTIONS, "Who is told what, and how" },
	{ EVENTS, "What was told, to whom, and whether it arrived" },
	{ NULL, NULL },
};

const struct route_table webhook_routes = {
	.base = "/events-management",
	.title = "Events management API",
	.doc = "Events tell when something has happened: a result is ready, a device was locked. They are sent to a URL of yours.",
	.tags = tags,
	.openapi_path = "/events-management/openapi.json",
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
