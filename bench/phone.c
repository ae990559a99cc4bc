#include "bench/phone.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "codec/encode.h"

#define DEVICES "/reuseid/core/credentials/devices/"
#define CHANNEL "/encore/encap/device/v1"

enum { REPLY_BYTES_MAX = 64 * 1024 };

static void die(const char *what, const char *more)
{
	fprintf(stderr, "%s: %s\n", what, more);
	exit(1);
}

static void need(struct error e, const char *what)
{
	if (failed(e))
		die(what, err_info(e.code)->name);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void record(struct phone *p, enum call_kind kind, double began)
{
	struct latencies *l = &p->calls[kind];

	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 1024;
		l->us = xrealloc(l->us, l->cap * sizeof(*l->us));
	}
	l->us[l->n++] = (float)(now_us() - began);
}

/* ---- HTTP: one kept-alive connection ---- */

void phone_connect(struct phone *p, const struct target *target)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)target->port) };
	int on = 1;

	p->target = target;
	inet_pton(AF_INET, target->host, &to.sin_addr);
	p->socket = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(p->socket, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("connect", target->host);
	setsockopt(p->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void send_all(int fd, struct slice bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n <= 0)
			die("write", "the connection broke");
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
}

/* The body, in the arena; a status other than 2xx ends the program. */
static struct slice read_reply(struct phone *p, struct arena *a)
{
	char *text = arena_alloc(a, REPLY_BYTES_MAX);
	size_t n = 0, length = 0;
	char *end = NULL;

	while (!end || n < (size_t)(end + 4 - text) + length) {
		ssize_t got = read(p->socket, text + n, REPLY_BYTES_MAX - 1 - n);

		if (got <= 0)
			die("read", "the connection broke");
		n += (size_t)got;
		text[n] = 0;
		if (!end && (end = strstr(text, "\r\n\r\n"))) {
			const char *field = strcasestr(text, "Content-Length:");

			length = field && field < end ? strtoul(field + 15, NULL, 10) : 0;
		}
	}
	if (text[9] != '2')
		die("the server answers", text);
	return slice_of(end + 4, length);
}

static struct slice http(struct phone *p, struct arena *a, const char *method, const char *path, const char *type, struct slice body)
{
	struct buf b = buf_arena(a, MESSAGE_BYTES_MAX);

	buf_printf(&b, "%s %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nContent-Length: %zu\r\n", method, path, p->target->bearer, body.n);
	if (body.n)
		buf_printf(&b, "Content-Type: %s\r\n", type);
	buf_text(&b, "\r\n");
	buf_slice(&b, body);
	send_all(p->socket, buf_bytes(&b));
	return read_reply(p, a);
}

static json_t *rest(struct phone *p, struct arena *a, const char *method, const char *path, struct slice body)
{
	struct slice reply = http(p, a, method, path, "application/json", body);
	json_t *json = json_loadb((const char *)reply.p, reply.n, 0, NULL);

	if (!json)
		die(path, "the answer is no JSON");
	return json;
}

/* ---- the device channel ---- */

static const char *text_of(const json_t *answer, const char *name)
{
	const char *text = json_string_value(json_object_get(answer, name));

	return text ? text : "";
}

static struct slice bytes_of(const json_t *answer, const char *name, struct arena *a)
{
	struct slice bytes;

	need(b64url_read(a, slice_text(text_of(answer, name)), &bytes), name);
	return bytes;
}

static struct signature sign(struct phone *p, struct arena *a, enum signature_kind kind, struct slice json, const uint8_t *key)
{
	uint8_t *out = arena_alloc(a, P256_SIG_BYTES);

	need(transcript_sign(&p->t, kind, json, key, out), "sign");
	return (struct signature){ (uint8_t)kind, slice_of(out, P256_SIG_BYTES) };
}

static json_t *parse_answer(struct slice json, bool ok)
{
	json_t *answer = json_loadb((const char *)json.p, json.n, 0, NULL);

	if (!answer || json_is_true(json_object_get(answer, "ok")) != ok)
		die("the device channel answers", (const char *)json.p);
	return answer;
}

/* `members` is the part of the JSON behind the common members. */
static json_t *start(struct phone *p, struct arena *a, const char *type, const char *members, enum signature_kind kind, enum call_kind call)
{
	struct buf plain = buf_arena(a, MESSAGE_BYTES_MAX);
	struct plaintext message = { .n = 1 };
	struct envelope_sender sender;
	struct exchange x;
	struct slice request, json;
	double began = now_us();

	p->t = transcript_start(slice_text(p->target->application));
	need(envelope_sender_new(&env_system, p->target->server_key, slice_text(p->target->application), a, &sender), "envelope");
	p->last_ts = env_now_ms(&env_system) > p->last_ts ? env_now_ms(&env_system) : p->last_ts + 1;
	message.json = arena_printf(a, "{\"t\":\"%s\",\"v\":1,\"sdk\":\"4.0.0\",\"os\":\"Web\",\"ts\":%lld,\"enc\":\"%.*s\",%s}", type,
		(long long)p->last_ts, FMT(b64url(a, slice_of(sender.enc, ENC_BYTES))), members);
	message.signatures[0] = sign(p, a, kind, message.json, p->dk);
	plaintext_write(&plain, &message);
	request = envelope_seal_start(&sender, buf_bytes(&plain), a, &x);
	need(envelope_open_answer(&x, http(p, a, "POST", CHANNEL, REQUEST_TYPE, request), a, &json), "answer");
	record(p, call, began);
	transcript_advance(&p->t, buf_bytes(&plain), json);
	envelope_session_key(&x, p->t.th, p->k);
	p->step = 1;
	return parse_answer(json, true);
}

/* Both sides advance on the refusal of a try too. */
static json_t *step_wanting(struct phone *p, struct arena *a, struct slice json, const struct plaintext *signatures, enum call_kind call,
	bool ok)
{
	struct buf plain = buf_arena(a, MESSAGE_BYTES_MAX);
	struct plaintext message = *signatures;
	uint8_t rnd[SALT_BYTES];
	struct exchange x;
	struct slice request, answer;
	double began = now_us();

	message.json = json;
	plaintext_write(&plain, &message);
	env_random(&env_system, rnd, sizeof(rnd));
	request = envelope_seal_session(p->k, p->sid, rnd, buf_bytes(&plain), a, &x);
	need(envelope_open_answer(&x, http(p, a, "POST", CHANNEL, REQUEST_TYPE, request), a, &answer), "answer");
	record(p, call, began);
	transcript_advance(&p->t, buf_bytes(&plain), answer);
	p->step++;
	return parse_answer(answer, ok);
}

static json_t *step(struct phone *p, struct arena *a, struct slice json, const struct plaintext *signatures, enum call_kind call)
{
	return step_wanting(p, a, json, signatures, call, true);
}

static struct slice inside(struct phone *p, struct arena *a, const char *type, const char *members)
{
	return arena_printf(a, "{\"t\":\"%s\",\"v\":1,\"sdk\":\"4.0.0\",\"os\":\"Web\",\"step\":%lld%s%s}", type, (long long)p->step,
		*members ? "," : "", members);
}

static struct slice evaluate(struct phone *p, struct arena *a, const char *type, enum call_kind call)
{
	struct slice members = arena_printf(a, "\"b\":\"%.*s\",\"skid\":\"%s\"",
		FMT(b64url(a, slice_of(p->blinded, sizeof(p->blinded)))), p->salt_key);
	json_t *answer = step(p, a, inside(p, a, type, (const char *)members.p), &(struct plaintext){ .n = 0 }, call);
	struct slice evaluated = bytes_of(answer, "e", a);

	json_decref(answer);
	return evaluated;
}

/* Blinds the PIN, lets the server evaluate it, and derives the key. */
static void pin_make(struct phone *p, struct arena *a)
{
	struct pin_id id = pin_id_of(&p->reg, p->cid);
	uint8_t input[SHA256_BYTES], blind[P256_SCALAR_BYTES];
	struct slice evaluated;

	need(pin_blind(&env_system, &id, p->ds, S("4711"), input, blind, p->blinded), "blind");
	evaluated = evaluate(p, a, "act.pin", CALL_ACT_PIN);
	need(evaluated.n == sizeof(p->evaluated) ? OK : FAIL(CRYPTO), "evaluated PIN");
	memcpy(p->evaluated, evaluated.p, evaluated.n);
	need(pin_key(&id, input, blind, evaluated, p->pin_key), "PIN key");
}

/*
 * A real phone blinds anew and keeps no key. For the server it is the same work, and a load that need not do the phone's share
 * of it, in constant time, keeps the server busy from one core.
 */
static void pin_again(struct phone *p, struct arena *a)
{
	need(slice_eq(evaluate(p, a, "ses.pin", CALL_SES_PIN), slice_of(p->evaluated, sizeof(p->evaluated))) ? OK : FAIL(CRYPTO), "PIN key");
}

/* ---- what a phone does ---- */

void phone_make_user(struct phone *p)
{
	struct arena a;
	json_t *user;

	arena_init(&a);
	user = rest(p, &a, "POST", "/reuseid/core/users", S("{}"));
	snprintf(p->user, sizeof(p->user), "%s", text_of(user, "id"));
	json_decref(user);
	arena_free(&a);
}

static void take_session(struct phone *p, const json_t *answer, struct arena *a)
{
	memcpy(p->sid, bytes_of(answer, "sid", a).p, SESSION_ID_BYTES);
}

static void take_ticket(struct phone *p, const json_t *answer, struct arena *a)
{
	memcpy(p->ticket, bytes_of(answer, "ticket", a).p, TICKET_BYTES);
}

/* The member that names it, made for this registration; empty without one. */
static const char *hardware_member(struct phone *p, struct arena *a)
{
	uint8_t public_key[P256_POINT_BYTES];

	if (!p->has_hk)
		return "";
	p256_generate(&env_system, p->hk, public_key);
	return (const char *)arena_printf(a, ",\"hk\":\"%.*s\",\"hwKeyClientStatus\":\"OK_KEY_PROVIDED\"",
		FMT(b64url(a, slice_of(public_key, sizeof(public_key))))).p;
}

static void finish_registration(struct phone *p, struct arena *a)
{
	uint8_t public_key[P256_POINT_BYTES];
	struct plaintext signatures = { .n = p->has_hk ? 3 : 2 };
	struct slice json, members;
	json_t *answer;

	pin_make(p, a);
	need(p256_public(p->pin_key, public_key), "PIN key");
	members = arena_printf(a, "\"methods\":[{\"m\":\"DEVICE\"},{\"m\":\"DEVICE_PIN\",\"pub\":\"%.*s\"}],\"riskData\":{}%s",
		FMT(b64url(a, slice_of(public_key, sizeof(public_key)))), hardware_member(p, a));
	json = inside(p, a, "act.finish", (const char *)members.p);
	signatures.signatures[0] = sign(p, a, SIG_NEW_PIN, json, p->pin_key);
	signatures.signatures[1] = sign(p, a, SIG_NEW_DEVICE, json, p->dk);
	if (p->has_hk)
		signatures.signatures[2] = sign(p, a, SIG_NEW_HARDWARE, json, p->hk);
	answer = step(p, a, json, &signatures, CALL_ACT_FINISH);
	take_ticket(p, answer, a);
	json_decref(answer);
}

void phone_register(struct phone *p)
{
	struct slice members;
	json_t *answer, *operation;
	double began = now_us();
	struct arena a;

	arena_init(&a);
	p256_generate(&env_system, p->dk, p->dk_public);
	env_random(&env_system, p->ds, sizeof(p->ds));
	operation = rest(p, &a, "POST", DEVICES "registrations", arena_printf(&a, "{\"userId\":\"%s\"}", p->user));
	record(p, CALL_START, began);
	members = arena_printf(&a, "\"code\":\"%s\",\"deviceHash\":\"%s\",\"dk\":\"%.*s\"",
		text_of(json_object_get(operation, "operationProperties"), "activationCode"), "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		FMT(b64url(&a, slice_of(p->dk_public, sizeof(p->dk_public)))));
	answer = start(p, &a, "act.start", (const char *)members.p, SIG_NEW_DEVICE, CALL_ACT_START);
	take_session(p, answer, &a);
	need(uuid_parse(slice_text(text_of(answer, "reg")), &p->reg), "reg");
	memcpy(p->cid, bytes_of(answer, "cid", &a).p, sizeof(p->cid));
	snprintf(p->salt_key, sizeof(p->salt_key), "%s", text_of(answer, "saltKeyId"));
	json_decref(answer);
	finish_registration(p, &a);
	json_decref(operation);
	arena_free(&a);
}

static json_t *try_once(struct phone *p, struct arena *a, const char *challenge, bool pin, enum phone_fault fault)
{
	struct slice members = arena_printf(a, "\"m\":\"%s\",\"chal\":\"%s\",\"riskData\":{}", pin ? "DEVICE_PIN" : "DEVICE", challenge);
	struct plaintext signatures = { .n = 0 };
	struct slice json;

	if (pin)
		pin_again(p, a);
	json = inside(p, a, "ses.finish", (const char *)members.p);
	signatures.signatures[signatures.n++] = sign(p, a, SIG_DEVICE, json, fault & FAULT_KEY ? p->pin_key : p->dk);
	if (p->has_hk && !(fault & FAULT_HARDWARE))
		signatures.signatures[signatures.n++] = sign(p, a, SIG_HARDWARE, json, p->hk);
	if (pin)
		signatures.signatures[signatures.n++] = sign(p, a, SIG_PIN, json, fault & FAULT_PIN ? p->dk : p->pin_key);
	return step_wanting(p, a, json, &signatures, fault ? CALL_SES_FINISH_FAILED : CALL_SES_FINISH, fault == FAULT_NONE);
}

static void finish_operation(struct phone *p, struct arena *a, const char *challenge, bool pin, enum phone_fault fault)
{
	json_t *failed = fault ? try_once(p, a, challenge, pin, fault) : NULL;
	json_t *answer = try_once(p, a, failed ? text_of(failed, "challenge") : challenge, pin, FAULT_NONE);

	take_ticket(p, answer, a);
	json_decref(answer);
	json_decref(failed);
}

static json_t *start_operation(struct phone *p, struct arena *a, const char *kind, bool pin)
{
	const char *path = (const char *)arena_printf(a, DEVICES "%s", kind).p;
	double began = now_us();
	json_t *operation = rest(p, a, "POST", path,
		arena_printf(a, "{\"userId\":\"%s\",\"device\":{\"id\":\"%.*s\"},\"operationProperties\":{\"authLevel\":\"%s\","
				"\"preOperationContext\":{\"title\":\"Pay\",\"content\":\"100 EUR to Acme\",\"mimeType\":\"text/plain\"}}}",
			p->user, FMT(uuid_text(a, &p->reg)), pin ? "TWO_FACTOR" : "ONE_FACTOR"));

	record(p, CALL_START, began);
	return operation;
}

static void operate(struct phone *p, const char *kind, bool pin, enum phone_fault fault)
{
	struct slice members;
	json_t *operation, *answer, *done;
	struct arena a;
	double began;

	arena_init(&a);
	operation = start_operation(p, &a, kind, pin);
	members = arena_printf(&a, "\"reg\":\"%.*s\",\"purpose\":\"any\",\"ticket\":\"%.*s\"", FMT(uuid_text(&a, &p->reg)),
		FMT(b64url(&a, slice_of(p->ticket, sizeof(p->ticket)))));
	answer = start(p, &a, "ses.start", (const char *)members.p, SIG_DEVICE, CALL_SES_START);
	take_session(p, answer, &a);
	finish_operation(p, &a, text_of(answer, "challenge"), pin, fault);
	began = now_us();
	done = rest(p, &a, "GET", (const char *)arena_printf(&a, DEVICES "%s/%s", kind, text_of(operation, "transactionId")).p, S(""));
	record(p, CALL_GET, began);
	if (strcmp(text_of(done, "state"), "COMPLETED") != 0)
		die(kind, "not completed");
	json_decref(done);
	json_decref(answer);
	json_decref(operation);
	arena_free(&a);
}

void phone_operate(struct phone *p, const char *kind, bool pin)
{
	operate(p, kind, pin, FAULT_NONE);
}

void phone_fail(struct phone *p, enum phone_fault fault)
{
	operate(p, "authentications", true, fault);
}
