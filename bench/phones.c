/*
 * Load of the device channel: phones on threads of their own, each doing one operation after the other.
 *   phones KIND HOST PORT APPLICATION PUBLIC_KEY BEARER PHONES SECONDS RATE
 * KIND: registration, device, pin, signature. RATE: operations a second of all together, 0 for as many as they can.
 * Phones are registered first; "ready" is said, and the load begins when a line comes in.
 * Then one line of JSON: operations, seconds, and for each call its count, median and 99th percentile in microseconds.
 *   phones floor MS: the cryptography that an authentication with PIN cannot avoid, in CPU microseconds each.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "bench/phone.h"
#include "codec/encode.h"

static const char *const call_names[CALLS] = {
	"start", "ses.start", "ses.pin", "ses.finish", "get", "act.start", "act.pin", "act.finish",
};

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
	if (strcmp(w->kind, "registration") == 0)
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

struct floor_keys {
	struct x25519_key *server;
	uint8_t peer[X25519_BYTES], private_key[P256_SCALAR_BYTES], public_key[P256_POINT_BYTES], signature[P256_SIG_BYTES];
};

static void do_x25519(struct floor_keys *k)
{
	uint8_t secret[X25519_BYTES];

	IGNORE(x25519_shared(k->server, k->peer, secret)); /* only its cost is wanted */
}

static void do_verify(struct floor_keys *k)
{
	IGNORE(p256_verify(slice_of(k->public_key, P256_POINT_BYTES), PARTS(S("message")), slice_of(k->signature, P256_SIG_BYTES)));
}

static void do_multiply(struct floor_keys *k)
{
	uint8_t out[P256_POINT_BYTES];

	IGNORE(p256_multiply(k->private_key, slice_of(k->public_key, P256_POINT_BYTES), out));
}

/* HKDF and AES-GCM of one message and its answer. */
static void do_symmetric(struct floor_keys *k)
{
	uint8_t out[512], key[64];

	hkdf(S("salt"), slice_of(k->peer, sizeof(k->peer)), S("info"), key, 44);
	hkdf(S("salt"), slice_of(k->peer, sizeof(k->peer)), S("info"), key, 44);
	aead_seal(key, key + 32, S(""), slice_of(out, 300), out);
	aead_seal(key, key + 32, S(""), slice_of(out, 300), out);
}

static void do_sign(struct floor_keys *k)
{
	uint8_t out[P256_SIG_BYTES];

	IGNORE(p256_sign(k->private_key, PARTS(S("message")), out));
}

static double cost_us(void (*operation)(struct floor_keys *k), struct floor_keys *k, double seconds)
{
	double began = seconds_of(CLOCK_THREAD_CPUTIME_ID), spent;
	long n = 0;

	do {
		for (int i = 0; i < 50; i++)
			operation(k);
		n += 50;
		spent = seconds_of(CLOCK_THREAD_CPUTIME_ID) - began;
	} while (spent < seconds);
	return spent / (double)n * 1e6;
}

static int run_floor(const char *ms)
{
	struct floor_keys k = { .server = x25519_generate(&env_system) };
	struct x25519_key *peer = x25519_generate(&env_system);
	double seconds = strtod(ms, NULL) / 1000;

	x25519_public(peer, k.peer);
	p256_generate(&env_system, k.private_key, k.public_key);
	if (failed(p256_sign(k.private_key, PARTS(S("message")), k.signature)))
		return 1;
	printf("{\"x25519\":%.2f,\"verify\":%.2f,\"multiply\":%.2f,\"symmetric\":%.2f,\"sign\":%.2f}\n",
		cost_us(do_x25519, &k, seconds), cost_us(do_verify, &k, seconds), cost_us(do_multiply, &k, seconds),
		cost_us(do_symmetric, &k, seconds), cost_us(do_sign, &k, seconds));
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
