#include "tests/unit/common/test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "http/proxy.h"

static struct networks parse(const char *list)
{
	struct networks networks;
	struct slice word;

	assert_ok(networks_parse(list, &networks, &word));
	return networks;
}

static bool holds(const char *list, const char *text)
{
	struct networks networks = parse(list);
	struct address address;
	bool held;

	assert_ok(address_parse(slice_text(text), &address));
	held = networks_hold(&networks, &address);
	networks_free(&networks);
	return held;
}

static void networks_hold_their_addresses_and_no_others(void **state)
{
	static const struct {
		const char *list, *in, *out;
	} rows[] = {
		{ "10.0.0.0/8", "10.255.255.255", "11.0.0.0" },
		{ "10.1.2.3", "10.1.2.3", "10.1.2.4" },
		{ "10.1.2.0/23", "10.1.3.255", "10.1.4.0" },
		{ "10.1.2.128/25", "10.1.2.128", "10.1.2.127" },
		{ "0.0.0.0/0", "255.255.255.255", "::1" },
		{ "::/0", "2001:db8::1", "10.0.0.1" },
		{ "2001:db8::/32", "2001:db8:ffff::1", "2001:db9::" },
		{ "fe80::/10", "febf::1", "fec0::" },
		{ "::1", "::1", "::2" },
		{ "::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.1" },
		{ "10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:11.0.0.1" },
		{ "10.0.0.0/8", "10.0.0.1", "::10.0.0.1" },
		{ " 192.0.2.1 , 2001:db8::5 ", "2001:db8::5", "192.0.2.2" },
		{ "10.0.0.7/8", "10.200.0.1", "11.0.0.7" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (!holds(rows[i].list, rows[i].in))
			fail_msg("%s is not in %s", rows[i].in, rows[i].list);
		if (holds(rows[i].list, rows[i].out))
			fail_msg("%s is in %s", rows[i].out, rows[i].list);
	}
}

static void no_networks_hold_nothing(void **state)
{
	(void)state;
	assert_false(holds("", "127.0.0.1"));
	assert_false(holds(NULL, "127.0.0.1"));
}

static void words_that_are_no_network_are_named(void **state)
{
	static const char *const words[] = { "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0", "10.0.0.256",
		"::/129", "::g", "[::1]", "/8", "10.0.0.1:80", "010.0.0.1", "::ffff:10.0.0.0/129", "1:2:3:4:5:6:7:8:9" };
	char list[128];

	(void)state;
	for (size_t i = 0; i < COUNT(words); i++) {
		struct networks networks;
		struct slice word;

		snprintf(list, sizeof(list), "127.0.0.1, %s, ::1", words[i]);
		if (!is_err(networks_parse(list, &networks, &word), E_CONFIG))
			fail_msg("taken for a network: %s", words[i]);
		assert_slice_equal(word, slice_text(words[i]));
	}
}

static void an_empty_word_is_refused(void **state)
{
	struct networks networks;
	struct slice word;

	(void)state;
	assert_err(networks_parse("10.0.0.1,,10.0.0.2", &networks, &word), CONFIG);
}

static void addresses_are_written_in_one_way(void **state)
{
	static const char *const rows[][2] = {
		{ "127.0.0.1", "127.0.0.1" },       { "::ffff:127.0.0.1", "127.0.0.1" }, { "::FFFF:7f00:1", "127.0.0.1" },
		{ "2001:DB8:0:0::1", "2001:db8::1" }, { "::1", "::1" },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address address;

		assert_ok(address_parse(slice_text(rows[i][0]), &address));
		assert_slice_equal(address_text(&a, &address), slice_text(rows[i][1]));
	}
	arena_free(&a);
}

static void sockets_of_both_families_give_their_address(void **state)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_addr = { htonl(0x7f000001) } };
	struct sockaddr_in6 mapped = { .sin6_family = AF_INET6 };
	struct address a, b;

	(void)state;
	assert_int_equal(inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr), 1);
	assert_true(address_of((const struct sockaddr *)&v4, &a));
	assert_true(address_of((const struct sockaddr *)&mapped, &b));
	assert_memory_equal(&a, &b, sizeof(a));
}

/* --- what a proxy says --- */

enum { FIELDS_MAX = 4 };

struct said {
	const char *name, *socket;
	bool socket_tls;
	struct http_header fields[FIELDS_MAX];
	const char *peer;
	bool tls;
};

#define FOR(list) { S("X-Forwarded-For"), S(list) }
#define PROTO(list) { S("x-forwarded-proto"), S(list) }

static const char trusted_list[] = "10.0.0.0/8, 2001:db8::/32";

static const struct said rows[] = {
	{ "no proxy", "192.0.2.1", false, { FOR("1.1.1.1"), PROTO("https") }, "192.0.2.1", false },
	{ "no proxy, TLS", "192.0.2.1", true, { FOR("1.1.1.1"), PROTO("http") }, "192.0.2.1", true },
	{ "a proxy that says nothing", "10.0.0.1", false, { { { NULL, 0 } } }, "10.0.0.1", false },
	{ "one client", "10.0.0.1", false, { FOR("1.1.1.1") }, "1.1.1.1", false },
	{ "what the client made up is left of its own address", "10.0.0.1", false, { FOR("6.6.6.6, 1.1.1.1") }, "1.1.1.1", false },
	{ "a chain of proxies", "10.0.0.1", false, { FOR("6.6.6.6, 1.1.1.1,10.0.0.3 , 10.0.0.2") }, "1.1.1.1", false },
	{ "two fields are one list", "10.0.0.1", false, { FOR("6.6.6.6, 1.1.1.1"), FOR("10.0.0.2") }, "1.1.1.1", false },
	{ "only proxies", "10.0.0.1", false, { FOR("10.0.0.3, 10.0.0.2") }, "10.0.0.3", false },
	{ "a word that is no address ends the search", "10.0.0.1", false, { FOR("1.1.1.1, unknown, 10.0.0.2") }, "10.0.0.2", false },
	{ "empty list", "10.0.0.1", false, { FOR("") }, "10.0.0.1", false },
	{ "empty last word", "10.0.0.1", false, { FOR("1.1.1.1,") }, "10.0.0.1", false },
	{ "IPv6 client", "10.0.0.1", false, { FOR("2001:db9::1") }, "2001:db9::1", false },
	{ "IPv6 proxy", "2001:db8::9", false, { FOR("1.1.1.1") }, "1.1.1.1", false },
	{ "mapped proxy", "::ffff:10.0.0.1", false, { FOR("::ffff:1.1.1.1") }, "1.1.1.1", false },
	{ "client with port", "10.0.0.1", false, { FOR("1.1.1.1:4711") }, "1.1.1.1", false },
	{ "IPv6 client with port", "10.0.0.1", false, { FOR("[2001:db9::1]:4711") }, "2001:db9::1", false },
	{ "IPv6 client in brackets", "10.0.0.1", false, { FOR("[2001:db9::1]") }, "2001:db9::1", false },
	{ "open bracket", "10.0.0.1", false, { FOR("[") }, "10.0.0.1", false },
	{ "https outside", "10.0.0.1", false, { PROTO("https") }, "10.0.0.1", true },
	{ "https outside, in capitals", "10.0.0.1", false, { PROTO("HTTPS") }, "10.0.0.1", true },
	{ "http outside, TLS inside", "10.0.0.1", true, { PROTO("http") }, "10.0.0.1", false },
	{ "silent proxy, TLS inside", "10.0.0.1", true, { FOR("1.1.1.1") }, "1.1.1.1", true },
	{ "the nearest proxy knows best", "10.0.0.1", false, { PROTO("https, http") }, "10.0.0.1", false },
	{ "also in two fields", "10.0.0.1", false, { PROTO("http"), PROTO("https") }, "10.0.0.1", true },
	{ "another scheme", "10.0.0.1", false, { PROTO("wss") }, "10.0.0.1", false },
};

static void ask(const struct said *said, struct http_request *req)
{
	struct networks trusted = parse(trusted_list);
	struct http_header fields[FIELDS_MAX];
	struct address socket;

	memcpy(fields, said->fields, sizeof(fields));
	req->headers = fields;
	while (req->header_count < FIELDS_MAX && fields[req->header_count].name.p)
		req->header_count++;
	assert_ok(address_parse(slice_text(said->socket), &socket));
	proxy_client(&trusted, &socket, said->socket_tls, req);
	networks_free(&trusted);
}

static void client_is_the_first_address_that_is_not_trusted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct http_request req = { .header_count = 0 };

		ask(&rows[i], &req);
		if (!slice_is(req.peer, rows[i].peer) || req.tls != rows[i].tls)
			fail_msg("%s: %.*s, tls %d", rows[i].name, FMT(req.peer), req.tls);
		arena_free(&req.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_hold_their_addresses_and_no_others),
		cmocka_unit_test(no_networks_hold_nothing),
		cmocka_unit_test(words_that_are_no_network_are_named),
		cmocka_unit_test(an_empty_word_is_refused),
		cmocka_unit_test(addresses_are_written_in_one_way),
		cmocka_unit_test(sockets_of_both_families_give_their_address),
		cmocka_unit_test(client_is_the_first_address_that_is_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
