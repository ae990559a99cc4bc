/* Trace ids: continued from a W3C traceparent header when there is a valid one, random otherwise. */
#ifndef HTTP_TRACE_H
#define HTTP_TRACE_H

#include "http/http.h"

/* Fills in trace_id and trace. */
void trace_begin(struct http_request *req, const struct env *env);

#endif
