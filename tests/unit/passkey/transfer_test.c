/* Passkeys in and out: what comes back, whose it is, what is refused; and the sealed box that they lie in. */
#include "tests/unit/passkey/shop.h"

static const char *new_user(struct world *w, const char *body)
{
	return text_of(ask(w, HTTP_POST, "/reuseid/core/users", body), "id");
}

/* `more`: further members. */
static struct answer import(struct world *w, const char *user, const char *credential, const char *more)
{
	return ask(w, HTTP_POST, PASSKEYS "/import", TEXT(w, "{\"userId\":\"%s\",\"domain\":\"shop.example\",\"credentialId\":\"%s\",\"publicKey\":\"" PASSKEY_KEY
		"\",\"signCount\":7,\"backupEligible\":true%s}", user, credential, more));
}

static struct slice exported(struct world *w, const char *query)
{
	struct answer answer = ask(w, HTTP_GET, TEXT(w, PASSKEYS "/export%s", query), NULL);

	assert_status(answer, 200);
	return answer.text;
}

static void all_members_come_back(void **state)
{
	struct world *w = *state;
	const char *user = new_user(w, "{\"externalRef\":\"jane\"}");
	struct answer line;

	assert_status(import(w, user, "AAECAw", ",\"userHandle\":\"AQI\",\"name\":\"N\",\"transports\":\"usb,nfc\",\"backedUp\":true,\"userVerified\":true,"
		"\"aaGuid\":\"0a0b0c0d-0000-4000-8000-000000000001\",\"created\":\"2020-01-01T00:00:00.000Z\",\"lastUsed\":\"2021-01-01T00:00:00.000Z\""), 200);
	line = ask(w, HTTP_GET, PASSKEYS "/export", NULL);
	assert_string_equal(text_of(line, "userId"), user);
	assert_string_equal(text_of(line, "externalRef"), "jane");
	assert_string_equal(text_of(line, "userHandle"), "AQI");
	assert_string_equal(text_of(line, "credentialId"), "AAECAw");
	assert_string_equal(text_of(line, "publicKey"), PASSKEY_KEY);
	assert_int_equal(json_integer_value(member(line, "signCount")), 7);
	assert_string_equal(text_of(line, "name"), "N");
	assert_string_equal(text_of(line, "transports"), "usb,nfc");
	assert_string_equal(text_of(line, "aaGuid"), "0a0b0c0d-0000-4000-8000-000000000001");
	assert_string_equal(text_of(line, "created"), "2020-01-01T00:00:00.000Z");
	assert_string_equal(text_of(line, "lastUsed"), "2021-01-01T00:00:00.000Z");
	assert_true(json_is_true(member(line, "backedUp")) && json_is_true(member(line, "userVerified")));
}

/* A user whom only the instance knows that the line comes from, by the reference; the handle stays that of the other id. */
static void user_with_another_id(void **state)
{
	static const char other[] = "11111111-2222-4333-8444-555555555555";
	struct world *w = *state;
	const char *user = new_user(w, "{\"externalRef\":\"jane\"}");
	struct answer line;

	assert_problem(import(w, other, "AAE", ",\"externalRef\":\"joe\""), 400, "invalid_request");
	assert_problem(import(w, other, "AAE", ""), 400, "invalid_request");
	assert_status(import(w, other, "AAE", ",\"externalRef\":\"jane\""), 200);
	line = ask(w, HTTP_GET, PASSKEYS "/export", NULL);
	assert_string_equal(text_of(line, "userId"), user);
	assert_string_equal(text_of(line, "userHandle"), "ERERESIiQzOERFVVVVVVVQ");
}

static void page_by_page(void **state)
{
	struct world *w = *state;
	const char *user = new_user(w, "{}");
	struct slice rest;
	const char *id;

	assert_status(import(w, user, "AAE", ""), 200);
	id = text_of(ask(w, HTTP_GET, PASSKEYS "/export", NULL), "id");
	fixture_advance(w->f, 5);
	assert_status(import(w, user, "AAI", ""), 200);
	rest = exported(w, TEXT(w, "?after=%s", id));
	assert_true(slice_find(rest, '\n') + 1 == rest.n);
	assert_status(ask(w, HTTP_DELETE, TEXT(w, PASSKEYS "/%s?userId=%s", id, user), NULL), 204);
	assert_slice_equal(exported(w, ""), rest);
	assert_int_equal(ask(w, HTTP_GET, TEXT(w, PASSKEYS "/export?after=%s", id), NULL).status, 400);
}

static void lines_that_are_refused(void **state)
{
	static const char *const more[] = { ",\"signCount\":-1", ",\"domain\":\"other.example\"", ",\"publicKey\":\"oA\"", ",\"credentialId\":\"AA=\"",
		",\"userHandle\":\"\"", ",\"backupEligible\":false,\"backedUp\":true", ",\"aaGuid\":\"x\"" };
	struct world *w = *state;
	const char *user = new_user(w, "{}");

	/* A member that stands twice is refused as well, so each of these is a line of its own kind. */
	for (size_t i = 0; i < COUNT(more); i++)
		assert_problem(import(w, user, "AAE", more[i]), 400, "invalid_request");
	assert_status(import(w, user, "AAE", ""), 200);
	assert_problem(import(w, user, "AAE", ""), 409, "passkey_entity_already_exists");
	/* All or none. */
	assert_problem(ask(w, HTTP_POST, PASSKEYS "/import", TEXT(w, "{\"userId\":\"%s\",\"domain\":\"shop.example\",\"credentialId\":\"AAM\",\"publicKey\":\""
		PASSKEY_KEY "\",\"signCount\":0,\"backupEligible\":false}\n{}\n", user)), 400, "invalid_request");
	assert_int_equal(json_array_size(member(ask(w, HTTP_GET, TEXT(w, "/reuseid/core/users/%s/credentials?credentialType=passkey", user), NULL),
		"credentials")), 1);
}

static void accounts_are_apart(void **state)
{
	struct world *w = *state;
	const char *account = world_account(w, "sandbox"), *user = new_user(w, "{}");

	assert_status(import(w, user, "AAE", ""), 200);
	assert_int_equal(get(w->f, "/admin/passkeys/accounts/%s/export", account).text.n, 0);
	assert_true(get(w->f, "/admin/passkeys/accounts/%s/export", w->first.account_id).text.n > 0);
	assert_problem(get(w->f, "/admin/passkeys/accounts/a-spge-x/export"), 404, "account_does_not_exist");
	assert_problem(post(w->f, "/admin/passkeys/accounts/a-spge-x/import", "{}"), 404, "account_does_not_exist");
	assert_problem(post(w->f, TEXT(w, "/admin/passkeys/accounts/%s/import", account), "{\"userId\":\"%s\",\"domain\":\"shop.example\","
		"\"credentialId\":\"AAQ\",\"publicKey\":\"" PASSKEY_KEY "\",\"signCount\":0,\"backupEligible\":false}", user), 400, "invalid_request");
	w->token = world_token(w, world_client(w, account, "[\"all\"]"));
	assert_int_equal(exported(w, "").n, 0);
}

static struct passkey sample(const struct user *owner)
{
	return (struct passkey){
		.id = { { 1 } }, .user = owner->id, .credential_id = S("credential"), .cose_key = S("key"), .transports = S("usb"), .format = 3, .trusted = true,
	};
}

static void box_with_and_without_a_handle(void **state)
{
	struct op *op = shop_op(*state);
	struct user owner = { .id = { { 9 } } };
	struct passkey p = sample(&owner), read = { .id = p.id, .user = owner.id };
	size_t n;

	read.box = passkey_seal(op, &owner, &p);
	n = read.box.n;
	assert_ok(passkey_open(op, &owner, &read));
	assert_slice_equal(read.credential_id, p.credential_id);
	assert_slice_equal(read.cose_key, p.cose_key);
	assert_slice_equal(read.transports, p.transports);
	assert_int_equal(read.format, 3);
	assert_true(read.trusted);
	assert_slice_equal(passkey_handle(&read), uuid_bytes(&owner.id));
	p.handle = S("of another service");
	read.box = passkey_seal(op, &owner, &p);
	assert_int_equal(read.box.n, n + 2 + p.handle.n);
	assert_ok(passkey_open(op, &owner, &read));
	assert_slice_equal(passkey_handle(&read), p.handle);
}

/* Of another passkey, or another user. */
static void box_elsewhere(void **state)
{
	struct op *op = shop_op(*state);
	struct user owner = { .id = { { 9 } } }, other = { .id = { { 9 } }, .key = { { 1 } } };
	struct passkey p = sample(&owner), moved = { .id = { { 2 } }, .user = owner.id };

	p.box = moved.box = passkey_seal(op, &owner, &p);
	assert_err(passkey_open(op, &owner, &moved), CRYPTO);
	assert_err(passkey_open(op, &other, &p), CRYPTO);
	p.box.n--;
	assert_err(passkey_open(op, &owner, &p), CRYPTO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SHOP_TEST(all_members_come_back),
		SHOP_TEST(user_with_another_id),
		SHOP_TEST(page_by_page),
		SHOP_TEST(lines_that_are_refused),
		SHOP_TEST(accounts_are_apart),
		SHOP_TEST(box_with_and_without_a_handle),
		SHOP_TEST(box_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
