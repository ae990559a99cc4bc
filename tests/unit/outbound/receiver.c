#include "tests/unit/outbound/receiver.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

struct connection {
	struct receiver *receiver;
	int fd;
	char request[16 * 1024];
	size_t n;
};

static bool say(struct connection *c, const char *text)
{
	return send(c->fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text);
}

/* True when there is something to read (or the end), false when the receiver stops. */
static bool readable(struct connection *c)
{
	while (!c->receiver->stopping)
		if (poll(&(struct pollfd){ .fd = c->fd, .events = POLLIN }, 1, 5) > 0)
			return true;
	return false;
}

/* A request with its body; false at the end of the connection. */
static bool hear(struct connection *c)
{
	c->n = 0;
	while (readable(c)) {
		ssize_t got = recv(c->fd, c->request + c->n, sizeof(c->request) - 1 - c->n, 0);
		const char *end, *length;

		if (got <= 0)
			return false;
		c->n += (size_t)got;
		c->request[c->n] = 0;
		end = strstr(c->request, "\r\n\r\n");
		length = strcasestr(c->request, "content-length:");
		if (end && c->n >= (size_t)(end + 4 - c->request) + (length ? (size_t)atoi(length + 15) : 0))
			return true;
	}
	return false;
}

static void until_gone(struct connection *c)
{
	while (readable(c))
		if (recv(c->fd, c->request, sizeof(c->request), 0) <= 0)
			return;
}

static void hold(struct connection *c)
{
	struct receiver *r = c->receiver;
	int now = ++r->holding, most = r->holding_most;

	while (now > most && !atomic_compare_exchange_weak(&r->holding_most, &most, now))
		;
	while (!r->released && !r->stopping)
		usleep(1000);
	r->holding--;
	say(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

static void endless(struct connection *c, const char *head, const char *piece, int pause_ms)
{
	if (!say(c, head))
		return;
	while (!c->receiver->stopping && say(c, piece))
		usleep((useconds_t)pause_ms * 1000);
}

static void echo(struct connection *c)
{
	char head[64];

	snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", c->n);
	if (say(c, head))
		say(c, c->request);
}

/* Each answers the request in c; false: the connection is over. */
static bool answer(struct connection *c, const char *path)
{
	char line[64];

	if (strncmp(path, "/ok ", 4) == 0)
		return say(c, "HTTP/1.1 200 OK\r\nX-Told: yes\r\nX-Empty:\r\nContent-Length: 4\r\n\r\nfine");
	if (strncmp(path, "/early ", 7) == 0)
		return say(c, "HTTP/1.1 100 Continue\r\nX-Told: no\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"
			      "HTTP/1.1 200 OK\r\nX-Told: yes\r\nContent-Length: 4\r\n\r\nfine");
	if (strncmp(path, "/status/", 8) == 0) {
		snprintf(line, sizeof(line), "HTTP/1.1 %d Word\r\nContent-Length: 0\r\n\r\n", atoi(path + 8));
		return say(c, line);
	}
	if (strncmp(path, "/moved ", 7) == 0)
		return say(c, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
	if (strncmp(path, "/echo", 5) == 0)
		echo(c);
	else if (strncmp(path, "/hold ", 6) == 0)
		hold(c);
	else
		return false;
	return true;
}

static void misbehave(struct connection *c, const char *path)
{
	if (strncmp(path, "/stall ", 7) == 0)
		until_gone(c);
	else if (strncmp(path, "/large ", 7) == 0)
		endless(c, "HTTP/1.1 200 OK\r\n\r\n", "0123456789012345678901234567890123456789", 0);
	else if (strncmp(path, "/headers ", 9) == 0)
		endless(c, "HTTP/1.1 200 OK\r\n", "X-More: 0123456789012345678901234567890123456789\r\n", 0);
	else if (strncmp(path, "/trickle ", 9) == 0)
		endless(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", ".", 2);
	else if (strncmp(path, "/garbage ", 9) == 0)
		say(c, "SSH-2.0-OpenSSH_9.2\r\n");
}

static void *serve(void *arg)
{
	struct connection *c = arg;

	while (hear(c)) {
		const char *path = strchr(c->request, ' ') + 1;

		c->receiver->requests++;
		if (answer(c, path))
			continue;
		misbehave(c, path);
		break;
	}
	close(c->fd);
	free(c);
	return NULL;
}

static void *accept_all(void *arg)
{
	struct receiver *r = arg;

	while (!r->stopping) {
		struct connection *c;
		int fd;

		if (poll(&(struct pollfd){ .fd = r->fd, .events = POLLIN }, 1, 5) <= 0)
			continue;
		fd = accept(r->fd, NULL, NULL);
		if (fd < 0 || r->connections == RECEIVER_THREADS_MAX)
			abort();
		c = calloc(1, sizeof(*c));
		c->receiver = r;
		c->fd = fd;
		if (pthread_create(&r->threads[r->connections++], NULL, serve, c) != 0)
			abort();
	}
	return NULL;
}

void receiver_start(struct receiver *r)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);

	memset(r, 0, sizeof(*r));
	r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(r->fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(listen(r->fd, 256), 0);
	assert_int_equal(getsockname(r->fd, (struct sockaddr *)&at, &n), 0);
	r->port = ntohs(at.sin_port);
	assert_int_equal(pthread_create(&r->acceptor, NULL, accept_all, r), 0);
}

void receiver_stop(struct receiver *r)
{
	r->stopping = true;
	pthread_join(r->acceptor, NULL);
	for (int i = 0; i < r->connections; i++)
		pthread_join(r->threads[i], NULL);
	close(r->fd);
}

void receiver_release(struct receiver *r)
{
	r->released = true;
}

/* --- calls --- */

static void done(void *ctx, const struct outbound_answer *answer)
{
	struct call *call = ctx;
	struct slice told = outbound_header(answer, "x-told");

	assert_false(call->done);
	call->reason = answer->reason;
	call->status = answer->status;
	call->body_bytes = answer->body.n;
	call->header_count = answer->header_count;
	snprintf(call->body, sizeof(call->body), "%.*s", FMT(answer->body));
	snprintf(call->told, sizeof(call->told), "%.*s", FMT(told));
	call->done = true;
}

static void begin(struct outbound *o, struct call *call, const struct outbound_request *how, const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));
static void begin(struct outbound *o, struct call *call, const struct outbound_request *how, const char *format, va_list args)
{
	struct outbound_request request = how ? *how : (struct outbound_request){ .method = HTTP_GET };
	char url[4096];

	vsnprintf(url, sizeof(url), format, args);
	request.url = slice_text(url);
	request.done = done;
	request.ctx = call;
	outbound_send(o, &request);
	memset(url, 'x', sizeof(url)); /* it was copied */
}

void call_begin(struct outbound *o, struct call *call, const struct outbound_request *how, const char *format, ...)
{
	va_list args;

	memset(call, 0, sizeof(*call));
	va_start(args, format);
	begin(o, call, how, format, args);
	va_end(args);
}

struct call call_url(struct outbound *o, const struct outbound_request *how, const char *format, ...)
{
	struct call call = { 0 };
	va_list args;

	va_start(args, format);
	begin(o, &call, how, format, args);
	va_end(args);
	call_await(&call);
	return call;
}

void call_await(struct call *call)
{
	for (int i = 0; !call->done; i++) {
		if (i == PATIENCE_MS)
			fail_msg("the call does not end");
		usleep(1000);
	}
}

void await_int(const atomic_int *counter, int value)
{
	for (int i = 0; *counter < value; i++) {
		if (i == PATIENCE_MS)
			fail_msg("%d instead of %d", *counter, value);
		usleep(1000);
	}
}
