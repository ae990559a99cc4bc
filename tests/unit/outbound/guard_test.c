/* Which addresses and which URLs may be called. */
#include "outbound/internal.h"
#include "tests/unit/common/test.h"

static bool callable(const char *networks, const char *text)
{
	struct networks allowed;
	struct address address;
	struct slice word;
	bool may;

	assert_ok(networks_parse(networks, &allowed, &word));
	assert_ok(address_parse(slice_text(text), &address));
	may = address_may_be_called(&allowed, &address);
	networks_free(&allowed);
	return may;
}

static void public_addresses(void **state)
{
	static const char *const open[] = { "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
		"128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255",
		"192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.114.0", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450::1",
		"2001:200::1", "2001:db9::1", "2003::1", "3ffe::1", "::ffff:8.8.8.8" };

	(void)state;
	for (size_t i = 0; i < COUNT(open); i++)
		if (!callable("", open[i]))
			fail_msg("%s is refused", open[i]);
}

/* Each range at both ends. */
static void all_others(void **state)
{
	static const char *const closed[] = { "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
		"127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0",
		"192.0.0.255", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7",
		"203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1",
		"::ffff:10.1.2.3", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::a00:1",
		"100::1", "2001::1", "2001:0:53aa:64c::1", "2001:1ff::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1",
		"3fff::1", "3fff:fff::1", "4000::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "febf::1", "fec0::1", "ff02::1", "ff0e::1" };

	(void)state;
	for (size_t i = 0; i < COUNT(closed); i++)
		if (callable("", closed[i]))
			fail_msg("%s may be called", closed[i]);
}

static void what_the_operator_names(void **state)
{
	(void)state;
	assert_true(callable("10.1.0.0/16", "10.1.2.3"));
	assert_true(callable("10.1.0.0/16", "::ffff:10.1.2.3"));
	assert_false(callable("10.1.0.0/16", "10.2.0.0"));
	assert_true(callable("fd00:1::/32, 127.0.0.1", "fd00:1::9"));
	assert_false(callable("fd00:1::/32, 127.0.0.1", "fd00:2::9"));
	/* Networks of one family say nothing of the other. */
	assert_false(callable("::/0", "127.0.0.1"));
	assert_false(callable("0.0.0.0/0", "::1"));
}

static const char *why_not(const char *networks, bool allow_http, const char *url)
{
	struct outbound_config config = { .allowed_networks = networks, .allow_http = allow_http };
	const char *why = NULL;

	return failed(outbound_url_check(&config, slice_text(url), &why)) ? why : "";
}

static void urls(void **state)
{
	static const char *const bad[] = { "", "example.com", "//example.com", "http://example.com/", "ftp://example.com/", "https://", "https:///x",
		"https://a@example.com/", "https://a:b@example.com/", "https://exa mple.com/", "https://example.com/\n", "https://example.com/\xc3\xa9",
		"https://example.com:99999/", "https://127.0.0.1/", "https://127.1/", "https://0x7f.1/", "https://2130706433/", "https://[::1]/",
		"https://[fe80::1%25eth0]/", "https://[::ffff:10.0.0.1]/", "https://10.0.0.1:8443/hook", "javascript:alert(1)", "https:example.com" };
	char longest[OUTBOUND_URL_BYTES_MAX + 2] = "https://example.com/";

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (!*why_not("", false, bad[i]))
			fail_msg("%s is accepted", bad[i]);
	assert_string_equal(why_not("", false, "https://example.com/hook?a=b#c"), "");
	assert_string_equal(why_not("", false, "https://EXAMPLE.com:8443"), "");
	assert_string_equal(why_not("", false, "https://8.8.8.8/"), "");
	assert_string_equal(why_not("", true, "http://example.com/"), "");
	assert_string_equal(why_not("10.0.0.0/8", false, "https://10.0.0.1:8443/hook"), "");
	memset(longest + 20, 'a', OUTBOUND_URL_BYTES_MAX - 20);
	assert_string_equal(why_not("", false, longest), "");
	longest[OUTBOUND_URL_BYTES_MAX] = 'a';
	assert_string_not_equal(why_not("", false, longest), "");
}

static void origin_is_one_however_written(void **state)
{
	static const char *const same[] = { "https://example.com", "HTTPS://EXAMPLE.COM:443/x", "https://Example.com/?y" };
	struct outbound_config config = { .allowed_networks = "" };
	struct networks none = { 0 };
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < COUNT(same); i++) {
		struct target target;
		const char *why;

		assert_ok(target_of(&config, &none, slice_text(same[i]), &a, &target, &why));
		assert_slice_equal(target.origin, S("https://example.com:443"));
	}
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_addresses),
		cmocka_unit_test(all_others),
		cmocka_unit_test(what_the_operator_names),
		cmocka_unit_test(urls),
		cmocka_unit_test(origin_is_one_however_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
