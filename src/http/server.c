#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/exchange.h"
#include "http/listen.h"

enum {
	/* Receive buffer, header records and reply headers of one connection: HEADERS_BYTES_MAX has to fit with room to say that it is full. */
	CONNECTION_BYTES = 32 * 1024,
	OPTION_COUNT_MAX = 20,
};

static void log_library(void *cls, const char *format, va_list args) __attribute__((format(printf, 2, 0)));

static void log_library(void *cls, const char *format, va_list args)
{
	const struct http_server *server = cls;
	char line[256];

	if (!log_wants(server->config.log, LOG_DEBUG))
		return;
	vsnprintf(line, sizeof(line), format, args);
	log_line(server->config.log, LOG_DEBUG, "http library", LOG_S("says", slice_of(line, strcspn(line, "\r\n"))));
}

/* Path and query stay as they were sent. */
static size_t keep_escapes(void *cls, struct MHD_Connection *mhd, char *text)
{
	(void)cls;
	(void)mhd;
	return strlen(text);
}

static enum MHD_Result accept_connection(void *cls, const struct sockaddr *address, socklen_t n)
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

static void open_connection(struct http_server *server, struct MHD_Connection *mhd, void **context)
{
	struct connection *connection = xalloc(sizeof(*connection));
	int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;

	connection->server = server;
	address_of(MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr, &connection->address);
	if (server->tls)
		use_current_keys(connection, mhd);
	slow_add(server->slow, &connection->slow, fd);
	*context = connection;
}

static void close_connection(struct connection *connection)
{
	struct http_server *server = connection->server;

	slow_remove(server->slow, &connection->slow);
	if (connection->keys)
		tls_give_back(server->tls, connection->keys);
	free(connection);
}

static void notice_connection(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code)
{
	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		open_connection(cls, mhd, context);
	else
		close_connection(*context);
}

struct options {
	struct MHD_OptionItem items[OPTION_COUNT_MAX];
	size_t count;
};

static void option(struct options *options, enum MHD_OPTION name, intptr_t value, const void *pointer)
{
	options->items[options->count++] = (struct MHD_OptionItem){ name, value, (void *)(uintptr_t)pointer };
}

static void daemon_options(struct http_server *server, struct options *options)
{
	const struct http_config *config = &server->config;
	intptr_t idle_s = (intptr_t)((config->idle_timeout_ms + 999) / 1000);
	int threads = config->threads > 1 ? config->threads : 1;

	option(options, MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_library, server);
	option(options, MHD_OPTION_LISTEN_SOCKET, server->listen_fd, NULL);
	option(options, MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)notice_connection, server);
	option(options, MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)request_begin, server);
	option(options, MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)request_end, server);
	option(options, MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_escapes, NULL);
	option(options, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, NULL);
	option(options, MHD_OPTION_CONNECTION_TIMEOUT, idle_s, NULL);
	option(options, MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL);
	/* Divided among the threads, and one thread may get all; accept_connection() keeps the real limit. */
	option(options, MHD_OPTION_CONNECTION_LIMIT, (intptr_t)threads * (config->connections_max + 16), NULL);
	if (threads > 1)
		option(options, MHD_OPTION_THREAD_POOL_SIZE, threads, NULL);
}

static err start_daemon(struct http_server *server)
{
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct options options = { .count = 0 };
	struct tls_keys *keys = NULL;

	daemon_options(server, &options);
	if (server->tls) {
		/* The library wants a pair of its own; connections get the current one from use_current_keys(). */
		keys = tls_take(server->tls);
		flags |= MHD_USE_TLS;
		option(&options, MHD_OPTION_HTTPS_MEM_CERT, 0, tls_cert_pem(keys));
		option(&options, MHD_OPTION_HTTPS_MEM_KEY, 0, tls_key_pem(keys));
		option(&options, MHD_OPTION_HTTPS_PRIORITIES, 0, TLS_PRIORITIES);
	}
	option(&options, MHD_OPTION_END, 0, NULL);
	server->daemon = MHD_start_daemon(flags, 0, accept_connection, server, request_step, server, MHD_OPTION_ARRAY, options.items,
	                                  MHD_OPTION_END);
	if (keys)
		tls_give_back(server->tls, keys);
	ENSURE(server->daemon, IO);
	return OK;
}

static err read_trusted(struct http_server *server)
{
	struct slice word;
	struct error e = networks_parse(server->config.trusted_proxies, &server->trusted, &word);

	if (failed(e))
		log_line(server->config.log, LOG_ERROR, "a trusted proxy is neither address nor network", LOG_S("word", word));
	return e;
}

static err listen_somewhere(struct http_server *server)
{
	const struct http_config *config = &server->config;

	if (!config->unix_path)
		return listen_tcp(config->log, config->listen, config->port, &server->listen_fd, &server->port);
	TRY(listen_unix(config->log, config->unix_path, &server->listen_fd));
	server->unix_path = xstrdup(config->unix_path);
	return OK;
}

static err start(struct http_server *server)
{
	const struct http_config *config = &server->config;
	struct slow_times times = { config->idle_timeout_ms, config->request_timeout_ms };

	TRY(read_trusted(server));
	if (config->tls_cert || config->tls_key)
		TRY(tls_open(config->log, config->tls_cert, config->tls_key, &server->tls));
	TRY(listen_somewhere(server));
	TRY(slow_start(config->env, times, &server->slow));
	return start_daemon(server);
}

err http_start(const struct http_config *config, const struct http_handler *handler, struct http_server **ret_server)
{
	struct http_server *server = xalloc(sizeof(*server));
	struct error e;

	server->config = *config;
	server->handler = *handler;
	server->listen_fd = -1;
	e = start(server);
	if (failed(e)) {
		http_stop(server);
		return e;
	}
	*ret_server = server;
	return OK;
}

uint16_t http_port(const struct http_server *server)
{
	return server->port;
}

err http_reload_tls(struct http_server *server)
{
	ENSURE(server->tls, CONFIG);
	return tls_reload(server->tls);
}

static void stop_listening(struct http_server *server)
{
	if (server->daemon && server->listen_fd >= 0)
		MHD_quiesce_daemon(server->daemon);
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	server->listen_fd = -1;
	if (server->unix_path)
		unlink(server->unix_path);
}

void http_drain(struct http_server *server, int64_t timeout_ms)
{
	server->draining = true;
	stop_listening(server);
	slow_drain(server->slow, timeout_ms);
}

void http_stop(struct http_server *server)
{
	stop_listening(server);
	while (server->resuming > 0)
		sched_yield();
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	slow_stop(server->slow);
	tls_close(server->tls);
	networks_free(&server->trusted);
	free(server->unix_path);
	free(server);
}

size_t http_open_connections(const struct http_server *server)
{
	return slow_count(server->slow);
}
