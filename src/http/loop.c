#include "http/loop.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "http/connection.h"

enum {
	/* Receive buffer, header records and reply headers of a connection. HEADERS_BYTES_MAX fits, with room to say that it is full. */
	CONNECTION_BYTES = 16 * 1024,
	SPARE_CONNECTIONS = 16, /* so that connection_accept() answers, and not the library, which would leave clients waiting */
	OPTION_COUNT_MAX = 20,
};

struct loop {
	struct http_server *server;
	struct loops *loops;
	struct MHD_Daemon *daemon;
	int epoll_fd;
	int wake_fd; /* the thread shall look at the flags and at `resumed` */
	pthread_t thread;
	bool running, quiet;
	pthread_mutex_t lock;
	struct http_exchange *resumed; /* under the lock */
};

struct loops {
	atomic_bool quiet, stopping;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t accepting; /* threads that still accept; under the lock */
	size_t count;
	struct loop list[];
};

/* --- the daemon of one thread --- */

struct options {
	struct MHD_OptionItem items[OPTION_COUNT_MAX];
	size_t count;
};

static void option(struct options *options, enum MHD_OPTION name, intptr_t value, const void *pointer)
{
	options->items[options->count++] = (struct MHD_OptionItem){ name, value, (void *)(uintptr_t)pointer };
}

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

static void plain_options(struct loop *loop, struct options *options)
{
	struct http_server *server = loop->server;
	const struct http_config *config = &server->config;

	option(options, MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_library, server);
	option(options, MHD_OPTION_LISTEN_SOCKET, server->listen_fd, NULL);
	option(options, MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)connection_notice, loop);
	option(options, MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)request_begin, server);
	option(options, MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)request_end, server);
	option(options, MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_escapes, NULL);
	option(options, MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, NULL);
	option(options, MHD_OPTION_CONNECTION_TIMEOUT, (intptr_t)((config->idle_timeout_ms + 999) / 1000), NULL);
	option(options, MHD_OPTION_CONNECTION_LIMIT, config->connections_max + SPARE_CONNECTIONS, NULL);
	option(options, MHD_OPTION_STRICT_FOR_CLIENT, 0, NULL); /* shows us what strictness would answer without us */
	option(options, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, NULL);
}

static err open_daemon(struct loop *loop)
{
	struct http_server *server = loop->server;
	unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct options options = { .count = 0 };
	struct tls_keys *keys = NULL;

	plain_options(loop, &options);
	if (server->tls) {
		/* The library wants a pair of its own at start; connections get the current one when they are opened. */
		keys = tls_take(server->tls);
		flags |= MHD_USE_TLS;
		option(&options, MHD_OPTION_HTTPS_MEM_CERT, 0, tls_cert_pem(keys));
		option(&options, MHD_OPTION_HTTPS_MEM_KEY, 0, tls_key_pem(keys));
		option(&options, MHD_OPTION_HTTPS_PRIORITIES, 0, TLS_PRIORITIES);
	}
	option(&options, MHD_OPTION_END, 0, NULL);
	loop->daemon = MHD_start_daemon(flags, 0, connection_accept, server, request_step, server, MHD_OPTION_ARRAY, options.items,
	                                MHD_OPTION_END);
	if (keys)
		tls_give_back(server->tls, keys);
	ENSURE(loop->daemon, IO);
	loop->epoll_fd = MHD_get_daemon_info(loop->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	return OK;
}

/* --- its thread --- */

static void wait_for_work(const struct loop *loop)
{
	struct pollfd fds[] = { { .fd = loop->epoll_fd, .events = POLLIN }, { .fd = loop->wake_fd, .events = POLLIN } };
	MHD_UNSIGNED_LONG_LONG ms;
	int timeout_ms = -1;
	eventfd_t count;

	if (MHD_get_timeout(loop->daemon, &ms) == MHD_YES)
		timeout_ms = ms < INT32_MAX ? (int)ms : INT32_MAX;
	if (timeout_ms != 0 && poll(fds, 2, timeout_ms) > 0 && fds[1].revents)
		eventfd_read(loop->wake_fd, &count);
}

/*
 * Everything that was resumed since the last look. The library takes resumes from any thread, but driven from outside it may clear
 * the wake-up of one that comes while it is running, and forget it; from this thread it cannot.
 */
static void resume_all(struct loop *loop)
{
	struct http_exchange *x, *next;

	pthread_mutex_lock(&loop->lock);
	x = loop->resumed;
	loop->resumed = NULL;
	pthread_mutex_unlock(&loop->lock);
	for (; x; x = next) {
		next = x->next_resumed;
		request_go_on(x);
	}
}

/* The library may be told only by the thread that runs it. */
static void stop_accepting(struct loop *loop)
{
	struct loops *loops = loop->loops;

	MHD_quiesce_daemon(loop->daemon);
	loop->quiet = true;
	pthread_mutex_lock(&loops->lock);
	loops->accepting--;
	pthread_cond_broadcast(&loops->changed);
	pthread_mutex_unlock(&loops->lock);
}

static void *run(void *arg)
{
	struct loop *loop = arg;

	while (!loop->loops->stopping) {
		wait_for_work(loop);
		if (loop->loops->quiet && !loop->quiet)
			stop_accepting(loop);
		resume_all(loop);
		MHD_run(loop->daemon);
	}
	return NULL;
}

/* --- all of them --- */

static err start_thread(struct loop *loop)
{
	sigset_t all, before;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&loop->thread, NULL, run, loop);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	ENSURE(rc == 0, IO);
	loop->running = true;
	return OK;
}

static err open_loop(struct loop *loop)
{
	loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ENSURE(loop->wake_fd >= 0, IO);
	return open_daemon(loop);
}

static err start_all(struct loops *loops)
{
	for (size_t i = 0; i < loops->count; i++)
		TRY(open_loop(&loops->list[i]));
	for (size_t i = 0; i < loops->count; i++) {
		TRY(start_thread(&loops->list[i]));
		loops->accepting++;
	}
	return OK;
}

err loops_start(struct http_server *server, struct loops **ret_loops)
{
	size_t count = server->config.threads > 1 ? (size_t)server->config.threads : 1;
	struct loops *loops = xalloc(sizeof(*loops) + count * sizeof(loops->list[0]));
	struct error e;

	loops->count = count;
	pthread_mutex_init(&loops->lock, NULL);
	pthread_cond_init(&loops->changed, NULL);
	for (size_t i = 0; i < count; i++) {
		loops->list[i] = (struct loop){ .server = server, .loops = loops, .wake_fd = -1 };
		pthread_mutex_init(&loops->list[i].lock, NULL);
	}
	e = start_all(loops);
	if (failed(e)) {
		loops_stop(loops);
		return e;
	}
	*ret_loops = loops;
	return OK;
}

struct http_server *loop_server(const struct loop *loop)
{
	return loop->server;
}

/* All under the lock: once it is given up, the exchange, the connection and even the loop may be gone. */
void loop_resume(struct loop *loop, struct http_exchange *x)
{
	pthread_mutex_lock(&loop->lock);
	if (!loop->resumed)
		eventfd_write(loop->wake_fd, 1);
	x->next_resumed = loop->resumed;
	loop->resumed = x;
	pthread_mutex_unlock(&loop->lock);
}

static void wake_all(struct loops *loops)
{
	for (size_t i = 0; i < loops->count; i++)
		if (loops->list[i].running)
			eventfd_write(loops->list[i].wake_fd, 1);
}

void loops_quiet(struct loops *loops)
{
	loops->quiet = true;
	wake_all(loops);
	pthread_mutex_lock(&loops->lock);
	while (loops->accepting > 0)
		pthread_cond_wait(&loops->changed, &loops->lock);
	pthread_mutex_unlock(&loops->lock);
}

static void close_loop(struct loop *loop)
{
	if (loop->running)
		pthread_join(loop->thread, NULL);
	if (loop->daemon && !loop->quiet)
		MHD_quiesce_daemon(loop->daemon); /* or it would close the listening socket, which is not its own */
	if (loop->daemon)
		MHD_stop_daemon(loop->daemon);
	if (loop->wake_fd >= 0)
		close(loop->wake_fd);
	pthread_mutex_destroy(&loop->lock);
}

void loops_stop(struct loops *loops)
{
	if (!loops)
		return;
	loops->stopping = true;
	wake_all(loops);
	for (size_t i = 0; i < loops->count; i++)
		close_loop(&loops->list[i]);
	pthread_cond_destroy(&loops->changed);
	pthread_mutex_destroy(&loops->lock);
	free(loops);
}
