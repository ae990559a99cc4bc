/*
 * Load of the device channel: phones on threads of their own, each doing one operation after the other.
 *   phones KIND HOST PORT APPLICATION PUBLIC_KEY BEARER PHONES SECONDS RATE
 * KIND: registration, device, pin, signature, or a kind of failure (below). RATE: operations a second of all together, 0 for as many as
 * they can.
 * Phones are registered first; "ready" is said, and the load begins when a line comes in.
 * Then one line of JSON: operations, seconds, and for each call its count, median and 99th percentile in microseconds.
 *   phones floor MS: the cryptography that an operation cannot avoid, in CPU microseconds each: opening the envelope of a start
 *     (one X25519) and of a message inside a session, sealing an answer, one verification, evaluating a PIN (one multiplication).
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/phone.h"
#include "codec/encode.h"

static const char *const call_names[CALLS] = {
	"start", "ses.start", "ses.pin", "ses.finish", "get", "act.start", "act.pin", "act.finish", "failed",
};

/* Of a phone with a hardware-protected key: what is wrong with the first try of each authentication. */
static const struct {
	const char *kind;
	enum phone_fault fault;
} failures[] = {
	{ "fail-key", FAULT_KEY },
	{ "fail-pin", FAULT_PIN },
	{ "fail-both", FAULT_KEY | FAULT_PIN },
	{ "fail-hardware", FAULT_HARDWARE },
};

static enum phone_fault fault_of(const char *kind)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		if (strcmp(failures[i].kind, kind) == 0)
			return failures[i].fault;
	return FAULT_NONE;
}

struct worker {
	pthread_t thread;
	struct phone phone;
	const char *kind;
	double next, pause, until; /* pause: seconds from the beginning of one operation to the next, 0 for none */
	long operations;
};

static double seconds_of(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void operate_once(struct worker *w)
{
	if (fault_of(w->kind))
		phone_fail(&w->phone, fault_of(w->kind));
	else if (strcmp(w->kind, "registration") == 0)
		phone_register(&w->phone);
	else if (strcmp(w->kind, "signature") == 0)
		phone_operate(&w->phone, "signatures", true);
	else
		phone_operate(&w->phone, "authentications", strcmp(w->kind, "pin") == 0);
}

/* At its own beat; what took longer than that is followed at once by the next. */
static void wait_for_turn(struct worker *w)
{
	double wait = w->next - seconds_of(CLOCK_MONOTONIC);

	if (w->pause > 0 && wait > 0)
		nanosleep(&(struct timespec){ .tv_sec = (time_t)wait, .tv_nsec = (long)((wait - (double)(time_t)wait) * 1e9) }, NULL);
	w->next += w->pause;
}

static void *work(void *arg)
{
	struct worker *w = arg;

	for (wait_for_turn(w); seconds_of(CLOCK_MONOTONIC) < w->until; wait_for_turn(w)) {
		operate_once(w);
		w->operations++;
	}
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return (x > y) - (x < y);
}

static void print_call(const struct worker *workers, size_t n, enum call_kind kind, const char **comma)
{
	size_t total = 0, at = 0;
	float *all;

	for (size_t i = 0; i < n; i++)
		total += workers[i].phone.calls[kind].n;
	if (total == 0)
		return;
	all = xalloc(total * sizeof(*all));
	for (size_t i = 0; i < n; i++) {
		const struct latencies *l = &workers[i].phone.calls[kind];

		if (l->n)
			memcpy(all + at, l->us, l->n * sizeof(*all));
		at += l->n;
	}
	qsort(all, total, sizeof(*all), by_size);
	printf("%s\"%s\":{\"count\":%zu,\"p50_us\":%.1f,\"p99_us\":%.1f}", *comma, call_names[kind], total, (double)all[total / 2],
		(double)all[total * 99 / 100]);
	*comma = ",";
	free(all);
}

static void print_result(const struct worker *workers, size_t n, double seconds)
{
	const char *comma = "";
	long operations = 0;

	for (size_t i = 0; i < n; i++)
		operations += workers[i].operations;
	printf("{\"operations\":%ld,\"seconds\":%.3f,\"calls\":{", operations, seconds);
	for (int kind = 0; kind < CALLS; kind++)
		print_call(workers, n, (enum call_kind)kind, &comma);
	puts("}}");
}

static void forget_latencies(struct phone *p)
{
	for (int kind = 0; kind < CALLS; kind++)
		p->calls[kind].n = 0;
}

static void prepare(struct worker *w, const struct target *target, const char *kind)
{
	w->kind = kind;
	phone_connect(&w->phone, target);
	phone_make_user(&w->phone);
	w->phone.has_hk = fault_of(kind) != FAULT_NONE;
	if (strcmp(kind, "registration") != 0)
		phone_register(&w->phone);
	forget_latencies(&w->phone);
}

static int run_load(char **argv)
{
	struct target target = { .host = argv[2], .port = (int)strtol(argv[3], NULL, 10), .application = argv[4], .bearer = argv[6] };
	size_t n = strtoul(argv[7], NULL, 10);
	double seconds = strtod(argv[8], NULL), rate = strtod(argv[9], NULL), began;
	struct worker *workers = xalloc(n * sizeof(*workers));
	struct slice der;
	struct arena a;

	arena_init(&a);
	if (failed(b64_read(&a, slice_text(argv[5]), &der)) || failed(x25519_spki_read(der, target.server_key)))
		return 2;
	for (size_t i = 0; i < n; i++)
		prepare(&workers[i], &target, argv[1]);
	puts("ready");
	fflush(stdout);
	getchar();
	began = seconds_of(CLOCK_MONOTONIC);
	for (size_t i = 0; i < n; i++) {
		workers[i].until = began + seconds;
		workers[i].pause = rate > 0 ? (double)n / rate : 0;
		workers[i].next = began + workers[i].pause * (double)i / (double)n;
		pthread_create(&workers[i].thread, NULL, work, &workers[i]);
	}
	for (size_t i = 0; i < n; i++)
		pthread_join(workers[i].thread, NULL);
	print_result(workers, n, seconds_of(CLOCK_MONOTONIC) - began);
	return 0;
}

/* ---- the floor ---- */

static void need(struct error e, const char *what)
{
	if (!failed(e))
		return;
	fprintf(stderr, "the bare %s failed: %s\n", what, err_info(e.code)->name);
	exit(1);
}

/* A start and a message of a session, ready to be opened again and again as the server does it. */
struct floor_keys {
	struct x25519_key *server;
	struct envelope start, inside;
	struct exchange exchange;
	uint8_t k[SESSION_KEY_BYTES], salt_key[SALT_KEY_BYTES];
	uint8_t private_key[P256_SCALAR_BYTES], public_key[P256_POINT_BYTES], signature[P256_SIG_BYTES];
	struct pin_id pin;
	struct slice body;
	struct arena arena;
};

static void do_start(struct floor_keys *k)
{
	struct slice plaintext;

	need(envelope_open_start(&k->start, k->server, &k->arena, &plaintext, &k->exchange), "start");
}

static void do_inside(struct floor_keys *k)
{
	struct exchange x;
	struct slice plaintext;

	need(envelope_open_session(&k->inside, k->k, &k->arena, &plaintext, &x), "session");
}

static void do_answer(struct floor_keys *k)
{
	envelope_seal_answer(&k->exchange, k->k, k->body, &k->arena);
}

static void do_verify(struct floor_keys *k)
{
	need(p256_verify(slice_of(k->public_key, P256_POINT_BYTES), PARTS(k->body), slice_of(k->signature, P256_SIG_BYTES)), "verify");
}

static void do_evaluate(struct floor_keys *k)
{
	uint8_t out[P256_POINT_BYTES];

	need(pin_evaluate(k->salt_key, &k->pin, slice_of(k->public_key, P256_POINT_BYTES), out), "evaluate");
}

static void do_sign(struct floor_keys *k)
{
	uint8_t out[P256_SIG_BYTES];

	need(p256_sign(k->private_key, PARTS(k->body), out), "sign");
}

static double cost_us(void (*operation)(struct floor_keys *k), struct floor_keys *k, double seconds)
{
	double began = seconds_of(CLOCK_THREAD_CPUTIME_ID), spent;
	long n = 0;

	do {
		for (int i = 0; i < 50; i++) {
			operation(k);
			arena_free(&k->arena);
		}
		n += 50;
		spent = seconds_of(CLOCK_THREAD_CPUTIME_ID) - began;
	} while (spent < seconds);
	return spent / (double)n * 1e6;
}

/* As long as the JSON of a session's messages is. */
static struct slice body_of(struct arena *a)
{
	uint8_t *bytes = arena_alloc(a, 300);

	memset(bytes, ' ', 300);
	return slice_of(bytes, 300);
}

static void make_messages(struct floor_keys *k, struct arena *a)
{
	uint8_t public_key[X25519_BYTES], sid[SESSION_ID_BYTES] = { 0 };
	struct slice application = S("00000000-0000-0000-0000-000000000000");
	struct envelope_sender sender;
	struct exchange x;

	x25519_public(k->server, public_key);
	need(envelope_sender_new(&env_system, public_key, application, a, &sender), "sender");
	need(envelope_read(envelope_seal_start(&sender, k->body, a, &x), &k->start), "start");
	need(envelope_read(envelope_seal_session(k->k, sid, k->k, k->body, a, &x), &k->inside), "session");
}

static int run_floor(const char *ms)
{
	struct floor_keys k = { .server = x25519_generate(&env_system) };
	double seconds = strtod(ms, NULL) / 1000;
	struct arena a;

	arena_init(&a);
	k.body = body_of(&a);
	make_messages(&k, &a);
	p256_generate(&env_system, k.private_key, k.public_key);
	need(p256_sign(k.private_key, PARTS(k.body), k.signature), "sign");
	printf("{\"start\":%.2f,\"inside\":%.2f,\"answer\":%.2f,\"verify\":%.2f,\"evaluate\":%.2f,\"sign\":%.2f}\n",
		cost_us(do_start, &k, seconds), cost_us(do_inside, &k, seconds), cost_us(do_answer, &k, seconds),
		cost_us(do_verify, &k, seconds), cost_us(do_evaluate, &k, seconds), cost_us(do_sign, &k, seconds));
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "floor") == 0)
		return run_floor(argv[2]);
	if (argc == 10)
		return run_load(argv);
	fputs("see the top of phones.c\n", stderr);
	return 2;
}
