#include "http/connection.h"

#include <stdlib.h>

#include "http/loop.h"

enum MHD_Result connection_accept(void *cls, const struct sockaddr *address, socklen_t n)
{
	const struct http_server *server = cls;

	(void)address;
	(void)n;
	return slow_count(server->slow) < (size_t)server->config.connections_max ? MHD_YES : MHD_NO;
}

static void use_current_keys(struct connection *connection, struct MHD_Connection *mhd)
{
	gnutls_session_t session = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION)->tls_session;

	connection->keys = tls_take(connection->server->tls);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, tls_credentials(connection->keys));
}

static struct connection *open_connection(struct loop *loop, struct MHD_Connection *mhd)
{
	struct http_server *server = loop_server(loop);
	struct connection *connection = xalloc(sizeof(*connection));
	int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

	connection->loop = loop;
	connection->server = server;
	if (!server->local)
		address_of(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr, &connection->address);
	if (server->tls)
		use_current_keys(connection, mhd);
	slow_add(server->slow, &connection->slow, fd);
	return connection;
}

void connection_free(struct connection *connection)
{
	free(connection);
}

static void close_connection(struct connection *connection)
{
	struct http_server *server = connection->server;

	slow_remove(server->slow, &connection->slow);
	if (connection->keys)
		tls_give_back(server->tls, connection->keys);
	connection->closed = true;
	if (connection->exchange.phase != PHASE_ORPHANED)
		connection_free(connection);
}

void connection_notice(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*context = open_connection(cls, mhd);
	else
		close_connection(*context);
}
