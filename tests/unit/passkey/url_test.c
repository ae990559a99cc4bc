/* Where browsers are sent, who may use a domain's passkeys, and what an operator may set. */
#include "tests/unit/passkey/shop.h"

static void origins_of_addresses(void **state)
{
	static const struct { const char *url, *origin; } rows[] = {
		{ "https://a.example", "https://a.example" }, { "https://a.example/", "https://a.example" },
		{ "https://a.example:8443/x", "https://a.example:8443" }, { "http://a.example?b", "http://a.example" },
		{ "https://a.example#b", "https://a.example" }, { "https://", "" }, { "https:///x", "" }, { "ftp://a.example", "" },
		{ "javascript:alert(1)", "" }, { "//a.example", "" }, { "HTTPS://a.example", "" }, { "https://b@a.example", "" },
		{ "https://a.example\\@b", "" }, { "https://a.exa mple", "" }, { "https://a.example/\n", "" }, { "https://a%2eexample/", "" },
		{ "https://a.example/\"", "" }, { "https://a.example/<", "" }, { "https://\xc3\xa5.example/", "" }, { "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_slice_equal(url_origin(slice_text(rows[i].url)), slice_text(rows[i].origin));
	assert_slice_equal(url_host(S("https://a.example:8443/x")), S("a.example"));
	assert_slice_equal(url_host(S("https://b@a.example")), S(""));
}

static void addresses_to_go_to(void **state)
{
	static const struct { const char *uri; bool allowed; } rows[] = {
		{ "https://shop.example/done?a=b#c", true }, { "https://www.shop.example", true }, { "https://SHOP.example/", true },
		{ "https://shop.example:444/", true }, { "http://shop.example/", false }, { "https://notshop.example/", false },
		{ "https://shop.example.evil.example/", false }, { "https://example/", false }, { "https://.shop.example/", true },
		{ "https://partner.example/back", true }, { "https://partner.example/back/x", true }, { "https://partner.example/", false },
		{ "https://partner.example/back/../x", false }, { "https://partner.example/back/%2e%2E/x", false },
		{ "https://partner.example/back/..%2fx", true }, { "https://partner.example/back/...", true },
		{ "https://partner.example.evil.example/back", false }, { "http://partner.example/back", false }, { "http://localhost/", false },
		{ "", false }, { "/done", false },
	};
	struct world *w = *state;
	struct op *op = shop_op(w);

	assert_status(shop_set(w, "\"redirects\":\"https://partner.example/back https://third.example\""), 200);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (domain_allows_redirect(op, shop_domain(w), slice_text(rows[i].uri)) != rows[i].allowed)
			fail_msg("%s", rows[i].uri);
}

/* Of another account's domain nothing follows. */
static void domains_of_other_accounts(void **state)
{
	struct world *w = *state;
	struct op *op = shop_op(w);

	assert_status(post(w->f, "/admin/domains", "{\"accountId\":\"%s\",\"name\":\"other.example\"}", world_account(w, "sandbox")), 200);
	assert_non_null(domain_named(&w->f->app, S("other.example")));
	assert_null(domain_of(&w->f->app, op->caller.account, S("other.example")));
	assert_non_null(domain_of(&w->f->app, op->caller.account, S("Shop.Example")));
	assert_false(domain_allows_redirect(op, shop_domain(w), S("https://other.example/")));
	assert_status(post(w->f, "/admin/domains", "{\"accountId\":\"%s\",\"name\":\"second.example\"}", w->first.account_id), 200);
	assert_true(domain_allows_redirect(op, shop_domain(w), S("https://second.example/")));
}

static void origins_that_may(void **state)
{
	struct world *w = *state;
	struct op *op = shop_op(w);

	assert_status(shop_set(w, "\"origins\":\"https://www.shop.example android:apk-key-hash:abc\""), 200);
	assert_true(domain_allows_origin(op, shop_domain(w), S("https://shop.example")));
	assert_true(domain_allows_origin(op, shop_domain(w), S("https://www.shop.example")));
	assert_true(domain_allows_origin(op, shop_domain(w), S("android:apk-key-hash:abc")));
	assert_false(domain_allows_origin(op, shop_domain(w), S("https://www.shop.example/")));
	assert_false(domain_allows_origin(op, shop_domain(w), S("https://WWW.shop.example")));
	assert_false(domain_allows_origin(op, shop_domain(w), S("http://www.shop.example")));
	assert_false(domain_allows_origin(op, shop_domain(w), S("null")));
	assert_false(domain_allows_origin(op, shop_domain(w), S("")));
}

static void what_an_operator_may_set(void **state)
{
	static const struct { const char *members, *fault; } rows[] = {
		{ "\"rpId\":\"other.example\"", "rpId" }, { "\"rpId\":\"hop.example\"", "rpId" }, { "\"rpId\":\"www.shop.example\"", "rpId" },
		{ "\"pageUrl\":\"https://login.other.example\"", "pageUrl" }, { "\"pageUrl\":\"https://login.shop.example/\"", "pageUrl" },
		{ "\"pageUrl\":\"http://login.shop.example\"", "pageUrl" }, { "\"origins\":\"https://www.shop.example/x\"", "origins" },
		{ "\"origins\":\"http://www.shop.example\"", "origins" }, { "\"origins\":\"*\"", "origins" }, { "\"redirects\":\"partner.example\"", "redirects" },
		{ "\"redirects\":\"http://partner.example\"", "redirects" }, { "\"accent\":\"red\"", "accent" }, { "\"accent\":\"#12345g\"", "accent" },
		{ "\"logo\":\"https://evil.example/a.png\"", "logo" }, { "\"logo\":\"data:text/html;base64,AA\"", "logo" },
		{ "\"androidApps\":\"com.acme=AB\"", "androidApps" }, { "\"aaguids\":\"x\"", "aaguids" },
	};
	struct world *w = *state;

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_invalid(shop_set(w, rows[i].members), rows[i].fault);
	assert_slice_equal(shop_domain(w)->rp_id, S("shop.example"));
	assert_int_equal(shop_domain(w)->origin_count, 0);
	assert_status(shop_set(w, "\"pageUrl\":\"https://login.shop.example\",\"accent\":\"#1D4ed8\",\"logo\":\"data:image/png;base64,AA\""), 200);
	assert_slice_equal(domain_page_origin(shop_op(w), shop_domain(w)), S("https://login.shop.example"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(origins_of_addresses),
		SHOP_TEST(addresses_to_go_to),
		SHOP_TEST(domains_of_other_accounts),
		SHOP_TEST(origins_that_may),
		SHOP_TEST(what_an_operator_may_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
