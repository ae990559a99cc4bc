/* POST to the server, through libcurl. */
#ifndef AUTHENTICATOR_HTTP_H
#define AUTHENTICATOR_HTTP_H

#include "base/buf.h"
#include "sdk/reuseid_device.h"

struct http;

struct http *http_new(void);
void http_free(struct http *h);
/* RID_OK with status and answer, or the number that rid_not_sent() wants. The answer lies in the arena. */
int http_post(struct http *h, const rid_send *send, struct arena *a, int *ret_status, struct slice *ret_answer);

#endif
