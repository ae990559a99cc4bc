/* A connection from accept to close: the library's callbacks, and what we keep with each. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include "http/exchange.h"

/* cls is the server. MHD_NO when there are connections_max already; the library then closes the new one. */
enum MHD_Result connection_accept(void *cls, const struct sockaddr *address, socklen_t n);
/* cls is the loop. */
void connection_notice(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code);

/* Of a closed one, when its request is over too. */
void connection_free(struct connection *connection);

#endif
