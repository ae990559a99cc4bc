#include "webhook/webhook_schema.h"

ENUMERATION(subscription_type, SUBSCRIPTION_TYPE);
ENUMERATION(hmac_form, HMAC_FORM);
ENUMERATION(delivery_status, DELIVERY_STATUS);

SCHEMA(tag_filter, TAG_FILTER, "Which tags an event has to have; empty: any");
SCHEMA(signing, SIGNING, "How the receiver knows that it is us");
SCHEMA(subscription_new, SUBSCRIPTION_NEW, "A subscription");
SCHEMA(subscription_secret, SUBSCRIPTION_SECRET, "A secret of a subscription");
SCHEMA(subscription_view, SUBSCRIPTION_VIEW, "A subscription");
SCHEMA(event_type_view, EVENT_TYPE_VIEW, "A kind of event");
SCHEMA(event_query, EVENT_QUERY, "Which events");
SCHEMA(stream_query, STREAM_QUERY, "Which events");
SCHEMA(delivery_view, DELIVERY_VIEW, "How one event stands with one subscription");
SCHEMA(event_view, EVENT_VIEW, "An event and its deliveries");
SCHEMA(event_page, EVENT_PAGE, "A page of events");
SCHEMA(resend, RESEND, "To whom it is sent again");
SCHEMA(test_result, TEST_RESULT, "How the receiver took the test event");
