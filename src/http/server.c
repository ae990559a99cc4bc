#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "http/exchange.h"
#include "http/listen.h"
#include "http/loop.h"

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

	server->local = config->unix_path != NULL;
	if (!server->local)
		return listen_tcp(config->log, config->listen, config->port, &server->listen_fd, &server->port);
	TRY(listen_unix(config->log, config->unix_path, &server->listen_fd));
	server->unix_path = xstrdup(config->unix_path);
	return OK;
}

static err read_keys(struct http_server *server)
{
	const struct http_config *config = &server->config;

	if (!config->tls_cert && !config->tls_key)
		return OK;
	if (!config->tls_cert || !config->tls_key) {
		log_note(config->log, LOG_ERROR, "TLS needs both a certificate and a key");
		return FAIL(CONFIG);
	}
	return tls_open(config->log, config->tls_cert, config->tls_key, &server->tls);
}

static err start(struct http_server *server)
{
	const struct http_config *config = &server->config;
	struct slow_times times = { config->idle_timeout_ms, config->request_timeout_ms };

	TRY(read_trusted(server));
	TRY(read_keys(server));
	TRY(listen_somewhere(server));
	if (config->bound)
		config->bound(config->bound_ctx, server->port);
	TRY(slow_start(config->env, times, &server->slow));
	return loops_start(server, &server->loops);
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

size_t http_open_connections(const struct http_server *server)
{
	return slow_count(server->slow);
}

err http_reload_tls(struct http_server *server)
{
	ENSURE(server->tls, CONFIG);
	return tls_reload(server->tls);
}

/* Once only: later the path may be another server's. */
static void remove_path(struct http_server *server)
{
	if (server->unix_path)
		unlink(server->unix_path);
	free(server->unix_path);
	server->unix_path = NULL;
}

static void stop_listening(struct http_server *server)
{
	if (server->listen_fd >= 0)
		close(server->listen_fd);
	server->listen_fd = -1;
}

void http_drain(struct http_server *server, int64_t timeout_ms)
{
	server->draining = true;
	remove_path(server);
	loops_quiet(server->loops);
	stop_listening(server);
	slow_drain(server->slow, timeout_ms);
}

/* The library cannot close what is parked. */
static void finish_in_hand(struct http_server *server)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	server->stopping = true;
	while (server->in_hand > 0)
		nanosleep(&nap, NULL);
}

void http_stop(struct http_server *server)
{
	remove_path(server);
	finish_in_hand(server);
	loops_stop(server->loops);
	stop_listening(server);
	slow_stop(server->slow);
	tls_close(server->tls);
	networks_free(&server->trusted);
	free(server);
}
