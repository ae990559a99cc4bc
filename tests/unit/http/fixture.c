#include "tests/unit/http/fixture.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PATIENCE_MS = 20000 };

/* --- handler --- */

static void begin(struct site *site, struct http_request *req)
{
	if (!req->owner)
		site->begun++;
	req->owner = site;
}

static bool head(void *ctx, struct http_request *req, size_t *ret_body_max)
{
	begin(ctx, req);
	if (slice_is(req->path, "/no")) {
		req->reply.status = 401;
		req->reply.body = S("{}");
		return false;
	}
	*ret_body_max = SITE_BODY_MAX;
	return true;
}

static void about(struct http_request *req)
{
	struct slice told = http_header(req, "x-tell");

	req->reply.body = arena_printf(&req->arena, "method=%d path=%.*s query=%.*s peer=%.*s local=%d tls=%d trace=%s tell=%.*s/%zu",
		req->method, FMT(req->path), FMT(req->query), FMT(req->peer), req->local, req->tls, req->trace, FMT(told),
		http_header_count(req, "X-TELL"));
	req->reply.content_type = "text/plain";
	http_add_header(req, "X-Told", told);
}

static void answer(struct http_request *req)
{
	static uint8_t large[LARGE_BYTES];

	req->reply.status = 200;
	if (slice_is(req->path, "/body"))
		req->reply.body = req->body;
	else if (slice_is(req->path, "/large"))
		req->reply.body = slice_of(large, sizeof(large));
	else
		about(req);
}

static void park(struct site *site, struct http_request *req, struct http_request **list, size_t *count)
{
	pthread_mutex_lock(&site->lock);
	http_park(req);
	assert_true(*count < PARKED_MAX);
	list[(*count)++] = req;
	pthread_cond_broadcast(&site->changed);
	pthread_mutex_unlock(&site->lock);
}

static void handle(void *ctx, struct http_request *req)
{
	struct site *site = ctx;

	site->handled++;
	if (slice_is(req->path, "/park") || slice_is(req->path, "/twice")) {
		park(site, req, site->parked, &site->parked_count);
	} else if (slice_is(req->path, "/hold")) {
		park(site, req, site->held, &site->held_count);
	} else if (slice_is(req->path, "/early")) {
		http_park(req);
		http_resume(req);
	} else {
		answer(req);
	}
}

static void resumed(void *ctx, struct http_request *req)
{
	struct site *site = ctx;

	if (slice_is(req->path, "/twice")) {
		req->path = S("/park");
		park(site, req, site->parked, &site->parked_count);
	} else {
		answer(req);
	}
}

static void refuse(void *ctx, struct http_request *req, enum err_code code, struct slice what)
{
	struct site *site = ctx;

	begin(site, req);
	site->refused++;
	req->reply.status = err_info(code)->http;
	req->reply.body = arena_printf(&req->arena, "%s: %.*s", err_info(code)->name, FMT(what));
}

static void finished(void *ctx, struct http_request *req, bool sent)
{
	struct site *site = ctx;

	assert_ptr_equal(req->owner, site);
	site->finished++;
	site->sent += sent;
}

static void *resume_all(void *arg)
{
	struct site *site = arg;

	pthread_mutex_lock(&site->lock);
	while (!site->stopping) {
		while (site->parked_count > 0)
			http_resume(site->parked[--site->parked_count]);
		pthread_cond_wait(&site->changed, &site->lock);
	}
	pthread_mutex_unlock(&site->lock);
	return NULL;
}

/* --- site --- */

int site_new(void **state)
{
	struct site *site = xalloc(sizeof(*site));

	site->log = (struct log){ .env = &env_system, .fd = 2, .level = getenv("HTTP_TEST_LOG") ? LOG_DEBUG : LOG_ERROR + 1 };
	site->config = (struct http_config){ .env = &env_system, .log = &site->log, .listen = "127.0.0.1", .threads = 2,
		.connections_max = 1000, .idle_timeout_ms = PATIENCE_MS * 2, .request_timeout_ms = PATIENCE_MS * 2 };
	pthread_mutex_init(&site->lock, NULL);
	pthread_cond_init(&site->changed, NULL);
	*state = site;
	return 0;
}

void site_start(struct site *site)
{
	const struct http_handler handler = { site, head, handle, resumed, refuse, finished };

	assert_ok(http_start(&site->config, &handler, &site->server));
	assert_int_equal(pthread_create(&site->resumer, NULL, resume_all, site), 0);
}

int site_started(void **state)
{
	site_new(state);
	site_start(*state);
	return 0;
}

void site_stop(struct site *site)
{
	pthread_mutex_lock(&site->lock);
	site->stopping = true;
	pthread_cond_broadcast(&site->changed);
	pthread_mutex_unlock(&site->lock);
	pthread_join(site->resumer, NULL);
	http_stop(site->server);
	site->server = NULL;
}

int site_free(void **state)
{
	struct site *site = *state;

	if (site->server)
		site_stop(site);
	assert_int_equal(site->begun, site->finished);
	pthread_cond_destroy(&site->changed);
	pthread_mutex_destroy(&site->lock);
	free(site);
	return 0;
}

static void nap(void)
{
	usleep(1000);
}

void site_await_held(struct site *site, size_t count)
{
	size_t held = 0;

	for (int i = 0; i < PATIENCE_MS && held < count; i++) {
		nap();
		pthread_mutex_lock(&site->lock);
		held = site->held_count;
		pthread_mutex_unlock(&site->lock);
	}
	assert_int_equal(held, count);
}

void site_release(struct site *site)
{
	pthread_mutex_lock(&site->lock);
	while (site->held_count > 0)
		http_resume(site->held[--site->held_count]);
	pthread_mutex_unlock(&site->lock);
}

void await(const atomic_int *counter, int value)
{
	for (int i = 0; i < PATIENCE_MS && *counter < value; i++)
		nap();
	assert_int_equal(*counter, value);
}

void await_connections(const struct site *site, size_t count)
{
	for (int i = 0; i < PATIENCE_MS && http_open_connections(site->server) != count; i++)
		nap();
	assert_int_equal(http_open_connections(site->server), count);
}

/* --- client --- */

bool try_dial(const struct site *site, struct client *c)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(http_port(site->server)),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	c->n = 0;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(c->fd, (const struct sockaddr *)&to, sizeof(to)) == 0)
		return true;
	hang_up(c);
	return false;
}

void dial(const struct site *site, struct client *c)
{
	assert_true(try_dial(site, c));
}

void dial_path(const char *path, struct client *c)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	c->n = 0;
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(c->fd, (const struct sockaddr *)&to, sizeof(to)), 0);
}

void hang_up(struct client *c)
{
	close(c->fd);
	c->fd = -1;
}

bool say_bytes(struct client *c, struct slice bytes)
{
	while (bytes.n) {
		ssize_t n = send(c->fd, bytes.p, bytes.n, MSG_NOSIGNAL);

		if (n < 0)
			return false;
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
	return true;
}

/* More bytes; false at the end. */
static bool fetch(struct client *c)
{
	struct pollfd fd = { .fd = c->fd, .events = POLLIN };
	ssize_t n;

	if (poll(&fd, 1, PATIENCE_MS) != 1)
		fail_msg("neither an answer nor a close");
	assert_true(c->n < sizeof(c->bytes));
	n = recv(c->fd, c->bytes + c->n, sizeof(c->bytes) - c->n, 0);
	if (n <= 0)
		return false;
	c->n += (size_t)n;
	return true;
}

static void drop(struct client *c, size_t n)
{
	c->n -= n;
	memmove(c->bytes, c->bytes + n, c->n);
}

struct slice answer_header(const struct answer *answer, const char *name)
{
	struct slice rest = answer->head;

	while (rest.n) {
		struct slice value = slice_cut(&rest, '\n'), key = slice_cut(&value, ':');

		if (slice_ieq(key, slice_text(name)))
			return slice_trim(slice_of(value.p, value.n ? value.n - 1 : 0));
	}
	return S("");
}

static bool hear_any(struct client *c, struct answer *to, bool body)
{
	const char *end;
	uint64_t body_bytes = 0;

	while ((end = memmem(c->bytes, c->n, "\r\n\r\n", 4)) == NULL)
		if (!fetch(c))
			return false;
	to->head = slice_of(to->copy, (size_t)(end - c->bytes) + 2);
	memcpy(to->copy, c->bytes, to->head.n);
	drop(c, to->head.n + 2);
	assert_int_equal(sscanf(to->copy, "HTTP/1.%*c %d", &to->status), 1);
	if (body && to->status != 100)
		assert_ok(slice_u64(answer_header(to, "Content-Length"), &body_bytes));
	while (c->n < body_bytes)
		if (!fetch(c))
			return false;
	to->body = slice_of(to->copy + to->head.n, body_bytes);
	memcpy(to->copy + to->head.n, c->bytes, body_bytes);
	drop(c, body_bytes);
	return true;
}

bool hear(struct client *c, struct answer *ret_answer)
{
	return hear_any(c, ret_answer, true);
}

bool hear_head(struct client *c, struct answer *ret_answer)
{
	return hear_any(c, ret_answer, false);
}

void await_close(struct client *c)
{
	do
		c->n = c->n == sizeof(c->bytes) ? 0 : c->n;
	while (fetch(c));
}

bool is_closed(struct client *c)
{
	char byte;
	ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN);
}
