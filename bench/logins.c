/*
 * Load of passkeys: browsers on threads of their own, each doing one whole login after the other: start, options, result, get.
 *   logins PORT BEARER DOMAIN BROWSERS SECONDS
 * The passkeys are imported first; "ready" is said, and the load begins when a line comes in. Then one line of JSON.
 *   logins floor MS: CPU microseconds of the one verification of a signature that a login cannot avoid.
 */
#include <arpa/inet.h>
#include <jansson.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/uuid.h"
#include "codec/encode.h"
#include "crypto/p256.h"

enum { REPLY_MAX = 16 * 1024, HALF = 32 };

#define PASSKEYS "/reuseid/core/credentials/passkeys"

struct browser {
	pthread_t thread;
	const char *bearer, *domain;
	int port, socket;
	uint8_t key[P256_SCALAR_BYTES], credential[16];
	struct slice user_handle;
	char user[UUID_TEXT + 1];
	uint32_t count;
	double until;
	long logins;
};

static void __attribute__((noreturn)) die(const char *what, const char *why)
{
	fprintf(stderr, "%s: %s\n", what, why);
	exit(1);
}

static void need(struct error e, const char *what)
{
	if (failed(e))
		die(what, err_info(e.code)->name);
}

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- HTTP: one kept connection ---- */

static void connect_to(struct browser *b)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)b->port), .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int on = 1;

	b->socket = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(b->socket, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("connect", "refused");
	setsockopt(b->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static json_t *read_reply(struct browser *b, struct arena *a)
{
	char *text = arena_alloc(a, REPLY_MAX), *end = NULL;
	size_t n = 0, length = 0;

	while (!end || n < (size_t)(end + 4 - text) + length) {
		ssize_t got = read(b->socket, text + n, REPLY_MAX - 1 - n);

		if (got <= 0)
			die("read", "the connection broke");
		n += (size_t)got;
		if (!end && (end = strstr(text, "\r\n\r\n")))
			length = strtoul(strcasestr(text, "Content-Length:") + 15, NULL, 10);
	}
	if (text[9] != '2')
		die("the server answers", text);
	return json_loadb(end + 4, length, 0, NULL);
}

static json_t *call(struct browser *b, struct arena *a, const char *method, const char *path, bool script, struct slice body)
{
	struct buf out = buf_arena(a, REPLY_MAX);
	json_t *json;

	buf_printf(&out, "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: %zu\r\n", method, path, body.n);
	if (script)
		buf_printf(&out, "Origin: http://localhost:%d\r\n", b->port);
	else
		buf_printf(&out, "Authorization: %s\r\n", b->bearer);
	if (body.n)
		buf_text(&out, "Content-Type: application/json\r\n");
	buf_text(&out, "\r\n");
	buf_slice(&out, body);
	if (write(b->socket, out.p, out.n) != (ssize_t)out.n)
		die("write", "the connection broke");
	json = read_reply(b, a);
	if (!json)
		die(path, "the answer is no JSON");
	return json;
}

static const char *text_of(json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	if (!text)
		die("missing in an answer", name);
	return text;
}

/* ---- an authenticator ---- */

static void make_passkey(struct browser *b)
{
	uint8_t point[P256_POINT_BYTES], whole[P256_LONG_BYTES];
	struct uuid user;
	struct buf key;
	struct arena a;
	json_t *made;

	arena_init(&a);
	made = call(b, &a, "POST", "/reuseid/core/users", false, S("{}"));
	snprintf(b->user, sizeof(b->user), "%s", text_of(made, "id"));
	json_decref(made);
	p256_generate(&env_system, b->key, point);
	need(p256_to_long(slice_of(point, sizeof(point)), whole), "point");
	env_random(&env_system, b->credential, sizeof(b->credential));
	key = buf_arena(&a, 128);
	buf_slice(&key, S("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"));
	buf_add(&key, whole + 1, HALF);
	buf_slice(&key, S("\x22\x58\x20"));
	buf_add(&key, whole + 1 + HALF, HALF);
	json_decref(call(b, &a, "POST", PASSKEYS "/import", false, arena_printf(&a,
		"{\"userId\":\"%s\",\"domain\":\"%s\",\"credentialId\":\"%.*s\",\"publicKey\":\"%.*s\",\"signCount\":0,\"backupEligible\":false}",
		b->user, b->domain, FMT(b64url(&a, slice_of(b->credential, sizeof(b->credential)))), FMT(b64url(&a, buf_bytes(&key))))));
	need(uuid_parse(slice_text(b->user), &user), "user");
	b->user_handle = slice_of(memcpy(xalloc(UUID_BYTES), user.b, UUID_BYTES), UUID_BYTES);
	arena_free(&a);
}

static void add_number(struct buf *b, const uint8_t *half)
{
	size_t skip = 0;

	while (skip < HALF - 1 && half[skip] == 0)
		skip++;
	buf_byte(b, 2);
	buf_byte(b, (uint8_t)(HALF - skip + (half[skip] >> 7)));
	if (half[skip] >> 7)
		buf_byte(b, 0);
	buf_add(b, half + skip, HALF - skip);
}

static struct slice sign(struct browser *b, struct arena *a, const struct slice *parts, size_t n)
{
	uint8_t raw[P256_SIG_BYTES];
	struct buf numbers = buf_arena(a, 80), der = buf_arena(a, 80);

	need(p256_sign(b->key, parts, n, raw), "sign");
	add_number(&numbers, raw);
	add_number(&numbers, raw + HALF);
	buf_byte(&der, 0x30);
	buf_byte(&der, (uint8_t)numbers.n);
	buf_slice(&der, buf_bytes(&numbers));
	return buf_bytes(&der);
}

static struct slice assertion(struct browser *b, struct arena *a, const char *challenge, const char *token)
{
	struct slice client = arena_printf(a, "{\"type\":\"webauthn.get\",\"challenge\":\"%s\",\"origin\":\"http://localhost:%d\",\"crossOrigin\":false}",
		challenge, b->port);
	struct slice id = b64url(a, slice_of(b->credential, sizeof(b->credential)));
	struct buf data = buf_arena(a, 64);
	uint8_t hash[SHA256_BYTES];

	sha256(slice_text(b->domain), hash);
	buf_add(&data, hash, sizeof(hash));
	buf_byte(&data, 5);
	buf_u32(&data, ++b->count);
	sha256(client, hash);
	return arena_printf(a,
		"{\"id\":\"%.*s\",\"rawId\":\"%.*s\",\"type\":\"public-key\",\"token\":\"%s\",\"response\":{\"clientDataJSON\":\"%.*s\","
		"\"authenticatorData\":\"%.*s\",\"signature\":\"%.*s\",\"userHandle\":\"%.*s\"}}",
		FMT(id), FMT(id), token, FMT(b64url(a, client)), FMT(b64url(a, buf_bytes(&data))),
		FMT(b64url(a, sign(b, a, PARTS(buf_bytes(&data), slice_of(hash, sizeof(hash)))))), FMT(b64url(a, b->user_handle)));
}

static void log_in(struct browser *b)
{
	struct slice body;
	struct arena a;
	json_t *started, *options, *answer;
	const char *id;

	arena_init(&a);
	body = arena_printf(&a, "{\"operationProperties\":{\"domain\":\"%s\"}}", b->domain);
	started = call(b, &a, "POST", PASSKEYS "/authentications", false, body);
	id = text_of(started, "transactionId");
	options = call(b, &a, "POST", (const char *)arena_printf(&a, "/passkeys/authentications/%s/options", id).p, true, S("{}"));
	body = assertion(b, &a, text_of(json_object_get(options, "publicKey"), "challenge"), text_of(options, "token"));
	json_decref(call(b, &a, "POST", (const char *)arena_printf(&a, "/passkeys/authentications/%s/result", id).p, true, body));
	answer = call(b, &a, "GET", (const char *)arena_printf(&a, PASSKEYS "/authentications/%s", id).p, false, S(""));
	if (strcmp(text_of(answer, "state"), "COMPLETED") != 0)
		die("login", text_of(answer, "errorDescription"));
	json_decref(started);
	json_decref(options);
	json_decref(answer);
	arena_free(&a);
}

static void *work(void *arg)
{
	struct browser *b = arg;

	for (; seconds_of(CLOCK_MONOTONIC) < b->until; b->logins++)
		log_in(b);
	return NULL;
}

static void run(struct browser *browsers, size_t n, double seconds)
{
	double began = seconds_of(CLOCK_MONOTONIC);
	long logins = 0;

	for (size_t i = 0; i < n; i++) {
		browsers[i].until = began + seconds;
		if (pthread_create(&browsers[i].thread, NULL, work, &browsers[i]) != 0)
			die("thread", "cannot be made");
	}
	for (size_t i = 0; i < n; i++) {
		pthread_join(browsers[i].thread, NULL);
		logins += browsers[i].logins;
	}
	printf("{\"logins\":%ld,\"seconds\":%.3f}\n", logins, seconds_of(CLOCK_MONOTONIC) - began);
}

static void show_floor(double ms)
{
	uint8_t key[P256_SCALAR_BYTES], point[P256_POINT_BYTES], whole[P256_LONG_BYTES];
	struct browser b = { 0 };
	double began, spent;
	struct slice der;
	struct arena a;
	long n = 0;

	arena_init(&a);
	p256_generate(&env_system, key, point);
	memcpy(b.key, key, sizeof(key));
	need(p256_to_long(slice_of(point, sizeof(point)), whole), "point");
	der = sign(&b, &a, PARTS(S("message")));
	began = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
	do {
		for (int i = 0; i < 100; i++, n++)
			need(p256_verify_der(slice_of(whole + 1, HALF), slice_of(whole + 1 + HALF, HALF), PARTS(S("message")), der), "verify");
		spent = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - began;
	} while (spent * 1000 < ms);
	printf("{\"verify\":%.3f}\n", spent / (double)n * 1e6);
	arena_free(&a);
}

int main(int argc, char **argv)
{
	size_t n = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
	struct browser *browsers = xalloc((n + 1) * sizeof(*browsers));

	if (argc == 3 && strcmp(argv[1], "floor") == 0) {
		show_floor(strtod(argv[2], NULL));
		return 0;
	}
	if (argc != 6)
		die("usage", "logins PORT BEARER DOMAIN BROWSERS SECONDS");
	for (size_t i = 0; i < n; i++) {
		browsers[i] = (struct browser){ .port = (int)strtol(argv[1], NULL, 10), .bearer = argv[2], .domain = argv[3] };
		connect_to(&browsers[i]);
		make_passkey(&browsers[i]);
	}
	puts("ready");
	fflush(stdout);
	getchar();
	run(browsers, n, strtod(argv[5], NULL));
	return 0;
}
