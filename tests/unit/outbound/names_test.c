/*
 * What names lead to, answered by a resolver of the test's own: names that lead inside, names that lead elsewhere the second time, and a
 * resolver that does not answer.
 */
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/outbound/receiver.h"

static struct receiver r;
static atomic_int asked, held;
static atomic_bool answer_now;
static struct call call;

typedef int resolver(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **ret);

/* --- the resolver --- */

static const struct known {
	const char *name, *addresses[3]; /* in this order */
} known[] = {
	{ "inside.test", { "127.0.0.1" } },
	{ "mapped.test", { "::ffff:127.0.0.1" } },
	{ "translated.test", { "64:ff9b::7f00:1" } },
	{ "wrapped.test", { "2002:7f00:1::" } },
	{ "mixed.test", { "192.0.2.1", "10.0.0.1", "127.0.0.1" } },
	{ "metadata.test", { "169.254.169.254" } },
	{ "allowed.test", { "10.0.0.1", "127.0.0.1" } },
};

static int add(const char *address, const char *service, const struct addrinfo *hints, struct addrinfo **at)
{
	struct addrinfo numeric = *hints;
	resolver *real = (resolver *)(uintptr_t)dlsym(RTLD_NEXT, "getaddrinfo");

	numeric.ai_flags = AI_NUMERICHOST;
	numeric.ai_family = AF_UNSPEC;
	while (*at)
		at = &(*at)->ai_next;
	return real(address, service, &numeric, at);
}

/* libcurl's, too, finds this one before that of the system. */
__attribute__((visibility("default"))) int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
	struct addrinfo **ret)
{
	*ret = NULL;
	asked++;
	if (strcmp(name, "silent.test") == 0) {
		held++;
		while (!answer_now)
			usleep(1000);
		held--;
		return EAI_AGAIN;
	}
	if (strcmp(name, "turning.test") == 0)
		return add(asked == 1 ? "127.0.0.2" : "127.0.0.1", service, hints, ret);
	for (size_t i = 0; i < COUNT(known); i++)
		for (size_t k = 0; strcmp(known[i].name, name) == 0 && k < COUNT(known[i].addresses) && known[i].addresses[k]; k++)
			if (add(known[i].addresses[k], service, hints, ret) != 0)
				return EAI_FAIL;
	return *ret ? 0 : EAI_NONAME;
}

/* --- tests --- */

static struct outbound *start(const char *networks)
{
	struct outbound_config config = { .env = &env_system, .allowed_networks = networks, .allow_http = true };
	struct outbound *o;

	assert_ok(outbound_start(&config, &o));
	return o;
}

static int setup(void **state)
{
	(void)state;
	asked = held = 0;
	answer_now = false;
	receiver_start(&r);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	receiver_stop(&r);
	return 0;
}

static void names_that_lead_inside(void **state)
{
	static const char *const names[] = { "inside.test", "mapped.test", "translated.test", "wrapped.test", "mixed.test", "metadata.test" };
	struct outbound *o = start("");

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		call = call_url(o, NULL, "http://%s:%d/ok", names[i], r.port);
		assert_string_equal(outbound_word(call.reason), "address_refused");
	}
	assert_int_equal(asked, COUNT(names));
	assert_int_equal(r.connections, 0);
	outbound_stop(o);
}

static void unknown_name(void **state)
{
	struct outbound *o = start("");

	(void)state;
	call = call_url(o, NULL, "http://unknown.test/");
	assert_string_equal(outbound_word(call.reason), "name_unknown");
	outbound_stop(o);
}

/* Of several addresses only those are tried that may be. */
static void allowed_one_among_others(void **state)
{
	struct outbound *o = start("127.0.0.1/32");

	(void)state;
	call = call_url(o, NULL, "http://allowed.test:%d/ok", r.port);
	assert_int_equal(call.status, 200);
	outbound_stop(o);
}

/* The answer that counts is that of the connection, not that of an earlier look. */
static void name_that_turns(void **state)
{
	struct outbound *o = start("127.0.0.2");

	(void)state;
	call = call_url(o, NULL, "http://turning.test:%d/ok", r.port);
	assert_string_equal(outbound_word(call.reason), "not_connected"); /* it may, but nobody is there */
	outbound_stop(o);
	o = start("127.0.0.2");
	call = call_url(o, NULL, "http://turning.test:%d/ok", r.port);
	assert_string_equal(outbound_word(call.reason), "address_refused");
	assert_int_equal(r.connections, 0);
	outbound_stop(o);
}

/* A resolver that hangs costs its own calls their time, and nobody else anything; nor does the end wait for it. */
static void resolver_that_does_not_answer(void **state)
{
	static struct call silent[20];
	struct outbound *o = start("127.0.0.0/8");

	(void)state;
	for (size_t i = 0; i < COUNT(silent); i++)
		call_begin(o, &silent[i], &(struct outbound_request){ .method = HTTP_GET, .timeout_ms = 100 }, "http://silent.test/%zu", i);
	await_int(&held, 1);
	for (int i = 0; i < 20; i++)
		assert_int_equal(call_url(o, NULL, "http://127.0.0.1:%d/ok", r.port).status, 200);
	for (size_t i = 0; i < COUNT(silent); i++) {
		call_await(&silent[i]);
		assert_string_equal(outbound_word(silent[i].reason), "timed_out");
	}
	assert_true(held > 0);
	outbound_stop(o);
	answer_now = true;
	while (held > 0)
		usleep(1000);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(names_that_lead_inside), T(unknown_name), T(allowed_one_among_others), T(name_that_turns),
		T(resolver_that_does_not_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
