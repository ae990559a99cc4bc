/* What a browser is told of a passkey that is not for this domain, or of nobody any more; and what becomes of one whose user is erased. */
#include "tests/unit/passkey/shop.h"

#define ORIGIN "https://shop.example"

static const char *new_user(struct world *w)
{
	return text_of(ask(w, HTTP_POST, "/reuseid/core/users", "{}"), "id");
}

static void import(struct world *w, const char *user, const char *domain, const char *credential)
{
	assert_status(ask(w, HTTP_POST, PASSKEYS "/import", TEXT(w, "{\"userId\":\"%s\",\"domain\":\"%s\",\"credentialId\":\"%s\",\"publicKey\":\""
		PASSKEY_KEY "\",\"signCount\":0,\"backupEligible\":true}", user, domain, credential)), 200);
}

static void erase(struct world *w, const char *user)
{
	assert_status(ask(w, HTTP_PATCH, TEXT(w, "/reuseid/core/users/%s", user), "{\"state\":\"LOCKED\"}"), 200);
	assert_status(ask(w, HTTP_DELETE, TEXT(w, "/reuseid/core/users/%s", user), NULL), 204);
}

static struct answer from_browser(struct world *w, const char *transaction, const char *what, const char *body)
{
	const struct http_header headers[] = { { S("Origin"), S(ORIGIN) } };
	const struct from from = { .headers = headers, .header_count = COUNT(headers) };

	return fixture_request(w->f, &from, HTTP_POST, TEXT(w, "/passkeys/authentications/%s/%s", transaction, what), body);
}

/* An authentication at `domain` in which the browser brings this credential. */
static struct answer brought(struct world *w, const char *domain, const char *credential)
{
	const char *id = text_of(ask(w, HTTP_POST, PASSKEYS "/authentications", TEXT(w, "{\"operationProperties\":{\"domain\":\"%s\"}}", domain)),
		"transactionId");
	const char *token = text_of(from_browser(w, id, "options", "{}"), "token");

	return from_browser(w, id, "result", TEXT(w, "{\"token\":\"%s\",\"id\":\"%s\",\"rawId\":\"%s\",\"type\":\"public-key\",\"response\":{"
		"\"clientDataJSON\":\"e30\",\"authenticatorData\":\"AA\",\"signature\":\"AA\",\"userHandle\":\"AA\"}}", token, credential, credential));
}

/* A domain of `account` whose passkeys are those of shop.example too. */
static void neighbour(struct world *w, const char *account, const char *name)
{
	assert_status(post(w->f, "/admin/domains", "{\"accountId\":\"%s\",\"name\":\"%s\"}", account, name), 200);
	assert_status(patch(w->f, TEXT(w, "/admin/passkeys/domains/%s", name), "{\"rpId\":\"shop.example\",\"origins\":\"" ORIGIN "\"}"), 200);
}

static void unknown_ones_are_forgotten(void **state)
{
	struct world *w = *state;
	const char *user = new_user(w);
	struct answer answer = brought(w, "shop.example", "AAE");

	assert_string_equal(text_of(answer, "errorCode"), "MISSING_PASSKEY");
	assert_true(json_is_true(member(answer, "unknownCredential")));
	import(w, user, "shop.example", "AAI");
	erase(w, user);
	answer = brought(w, "shop.example", "AAI");
	assert_string_equal(text_of(answer, "errorCode"), "PASSKEY_DOES_NOT_EXIST");
	assert_true(json_is_true(member(answer, "unknownCredential")));
}

/* The browser knows one relying party where there are two domains: what it forgot for the one would be lost to the other. */
static void those_of_a_neighbour_are_kept(void **state)
{
	struct world *w = *state;
	const char *user = new_user(w);
	struct answer answer;

	neighbour(w, w->first.account_id, "login.shop.example");
	import(w, user, "shop.example", "AAE");
	answer = brought(w, "login.shop.example", "AAE");
	assert_string_equal(text_of(answer, "errorCode"), "MISSING_PASSKEY");
	assert_null(member(answer, "unknownCredential"));
	answer = brought(w, "login.shop.example", "AAI");
	assert_true(json_is_true(member(answer, "unknownCredential")));
}

/* What is unknown here may be known to another account, whose passkeys the browser cannot tell from these. */
static void those_of_another_account_are_kept(void **state)
{
	struct world *w = *state;
	struct answer answer;

	neighbour(w, world_account(w, "sandbox"), "other.shop.example");
	answer = brought(w, "shop.example", "AAE");
	assert_string_equal(text_of(answer, "errorCode"), "MISSING_PASSKEY");
	assert_null(member(answer, "unknownCredential"));
}

/* The same credential again, by import or by an authenticator that draws no ids: its next user can be erased as well. */
static void erased_twice(void **state)
{
	struct world *w = *state;
	const char *first = new_user(w), *second = new_user(w);

	import(w, first, "shop.example", "AAE");
	erase(w, first);
	import(w, second, "shop.example", "AAE");
	erase(w, second);
	assert_string_equal(text_of(brought(w, "shop.example", "AAE"), "errorCode"), "PASSKEY_DOES_NOT_EXIST");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(unknown_ones_are_forgotten),
		SHOP_TEST(those_of_a_neighbour_are_kept),
		SHOP_TEST(those_of_another_account_are_kept),
		SHOP_TEST(erased_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
