/* Ringing: what each service is sent, access tokens asked for once, and what answers mean. */
#include "codec/encode.h"
#include "tests/unit/common/outbound_fake.h"
#include "tests/unit/push/accounts.h"

struct world {
	struct outbound_fake *fake;
	struct push *push;
	int taken, gone, refused, failed;
};

static int setup(void **state)
{
	struct world *w = xalloc(sizeof(*w));

	w->fake = outbound_fake_new();
	w->push = push_new(&clock_env);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	outbound_fake_free(w->fake);
	push_free(w->push);
	arena_free(&arena);
	free(w);
	return 0;
}

static void count(void *ctx, enum push_outcome outcome)
{
	struct world *w = ctx;

	w->taken += outcome == PUSH_TAKEN;
	w->gone += outcome == PUSH_GONE;
	w->refused += outcome == PUSH_REFUSED;
	w->failed += outcome == PUSH_FAILED;
}

static void ring(struct world *w, const struct push_account *account, const char *token, const struct push_bell *bell)
{
	struct push_target target;
	struct push_call *call;

	assert_ok(push_target_read(slice_text(token), account->service == push_service_APNS, &arena, &target));
	assert_ok(push_make(w->push, account, &target, bell, &arena, &call));
	push_send(w->push, &w->fake->outbound, call, count, w);
}

#define APNS_TOKEN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct push_bell bell = { .operation = "AUTHENTICATION", .session = { (const uint8_t *)"id-1", 4 }, .lifetime_s = 90 };

static void fcm_asks_for_a_token_first(void **state)
{
	struct world *w = *state;
	struct push_account account = account_of(push_service_FCM, fcm_json(""));
	struct slice form, header, claims;

	ring(w, &account, "phone-1", &bell);
	assert_int_equal(w->fake->count, 1);
	assert_slice_equal(w->fake->calls[0].url, S("https://oauth2.googleapis.com/token"));
	assert_string_equal(outbound_fake_header(w->fake, 0, "content-type"), "application/x-www-form-urlencoded");
	form = w->fake->calls[0].body;
	assert_true(slice_starts(form, S("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=")));
	slice_cut(&form, '=');
	slice_cut(&form, '=');
	assert_jwt(form, account.key, &header, &claims);
	assert_slice_equal(text_in(header, "alg"), S("RS256"));
	assert_slice_equal(text_in(header, "kid"), S("k1"));
	assert_slice_equal(text_in(claims, "iss"), S("p@app-1.example"));
	assert_slice_equal(text_in(claims, "aud"), S("https://oauth2.googleapis.com/token"));
	assert_slice_equal(text_in(claims, "scope"), S("https://www.googleapis.com/auth/firebase.messaging"));
	assert_slice_equal(text_in(claims, "exp"), arena_printf(&arena, "%lld", (long long)(clock_ms / 1000 + 3600)));
	outbound_fake_answer(w->fake, 0, 200, "{\"access_token\":\"ya29.x\",\"expires_in\":3599,\"token_type\":\"Bearer\"}");
	assert_int_equal(w->fake->count, 2);
	assert_slice_equal(w->fake->calls[1].url, S("https://fcm.googleapis.com/v1/projects/app-1/messages:send"));
	assert_string_equal(outbound_fake_header(w->fake, 1, "authorization"), "Bearer ya29.x");
	assert_slice_equal(w->fake->calls[1].body, S("{\"message\":{\"token\":\"phone-1\",\"data\":{\"op\":\"AUTHENTICATION\",\"pushSessionId\":\"id-1\"},"
						     "\"android\":{\"priority\":\"HIGH\",\"ttl\":\"90s\"}}}"));
	outbound_fake_answer(w->fake, 1, 200, "{\"name\":\"projects/app-1/messages/1\"}");
	assert_int_equal(w->taken, 1);
	push_account_clear(&account);
}

static void one_token_for_all_that_wait(void **state)
{
	struct world *w = *state;
	struct push_account account = account_of(push_service_FCM, fcm_json("")), other = account_of(push_service_FCM, fcm_json(""));

	for (int i = 0; i < 5; i++)
		ring(w, &account, "phone", &bell);
	ring(w, &other, "phone", &bell);
	assert_int_equal(w->fake->count, 2); /* one request for each account */
	outbound_fake_answer(w->fake, 0, 200, "{\"access_token\":\"one\",\"expires_in\":3599}");
	assert_int_equal(w->fake->count, 7);
	for (size_t i = 2; i < 7; i++)
		assert_string_equal(outbound_fake_header(w->fake, i, "authorization"), "Bearer one");
	ring(w, &account, "phone", &bell);
	assert_int_equal(w->fake->count, 8);
	assert_string_equal(outbound_fake_header(w->fake, 7, "authorization"), "Bearer one");
	push_account_clear(&account);
	push_account_clear(&other);
}

static void token_that_ends_is_asked_for_again(void **state)
{
	struct world *w = *state;
	struct push_account account = account_of(push_service_FCM, fcm_json(""));

	ring(w, &account, "phone", &bell);
	outbound_fake_answer(w->fake, 0, 200, "{\"access_token\":\"one\",\"expires_in\":3599}");
	clock_ms += 3590 * 1000;
	ring(w, &account, "phone", &bell);
	assert_int_equal(w->fake->count, 3);
	assert_slice_equal(w->fake->calls[2].url, S("https://oauth2.googleapis.com/token"));
	push_account_clear(&account);
}

static void token_that_is_not_believed_is_dropped(void **state)
{
	struct world *w = *state;
	struct push_account account = account_of(push_service_FCM, fcm_json(""));

	ring(w, &account, "phone", &bell);
	outbound_fake_answer(w->fake, 0, 200, "{\"access_token\":\"one\",\"expires_in\":3599}");
	outbound_fake_answer(w->fake, 1, 401, "{}");
	assert_int_equal(w->refused, 1);
	ring(w, &account, "phone", &bell);
	assert_slice_equal(w->fake->calls[2].url, S("https://oauth2.googleapis.com/token"));
	push_account_clear(&account);
}

static void answers_that_hold_no_token(void **state)
{
	static const char *const bodies[] = {
		"", "{}", "[]", "{\"access_token\":\"x\"}", "{\"expires_in\":10}", "{\"access_token\":\"\",\"expires_in\":10}",
		"{\"access_token\":1,\"expires_in\":10}", "{\"access_token\":\"x\",\"expires_in\":-1}",
		"{\"access_token\":\"x\\r\\ny: z\",\"expires_in\":10}", "{\"access_token\":\"x y\",\"expires_in\":10}",
	};
	struct world *w = *state;
	struct push_account account = account_of(push_service_FCM, fcm_json(""));

	for (size_t i = 0; i < COUNT(bodies); i++) {
		ring(w, &account, "phone", &bell);
		assert_int_equal(w->fake->count, i + 1);
		outbound_fake_answer(w->fake, i, 200, bodies[i]);
		assert_int_equal(w->failed, i + 1);
	}
	ring(w, &account, "phone", &bell);
	outbound_fake_answer(w->fake, COUNT(bodies), 400, "{\"access_token\":\"x\",\"expires_in\":10}");
	ring(w, &account, "phone", &bell);
	outbound_fake_fail(w->fake, COUNT(bodies) + 1, OUTBOUND_TIMED_OUT);
	assert_int_equal(w->failed, COUNT(bodies) + 2);
	push_account_clear(&account);
}

static void what_fcm_answers(void **state)
{
	struct world *w = *state;
	struct push_account account = account_of(push_service_FCM, fcm_json(""));

	ring(w, &account, "phone", &bell);
	outbound_fake_answer(w->fake, 0, 200, "{\"access_token\":\"one\",\"expires_in\":3599}");
	outbound_fake_answer(w->fake, 1, 404, "{\"error\":{\"status\":\"NOT_FOUND\"}}");
	assert_int_equal(w->gone, 1);
	ring(w, &account, "phone", &bell);
	outbound_fake_answer(w->fake, 2, 400, "{}");
	assert_int_equal(w->refused, 1);
	ring(w, &account, "phone", &bell);
	outbound_fake_answer(w->fake, 3, 503, "{}");
	ring(w, &account, "phone", &bell);
	outbound_fake_fail(w->fake, 4, OUTBOUND_TIMED_OUT);
	assert_int_equal(w->failed, 2);
	push_account_clear(&account);
}

static void apns_is_told_who_we_are(void **state)
{
	struct world *w = *state;
	struct push_account account = account_of(push_service_APNS, apns_json(""));
	struct slice token, header, claims;

	ring(w, &account, APNS_TOKEN, &bell);
	assert_slice_equal(w->fake->calls[0].url, S("https://api.push.apple.com/3/device/" APNS_TOKEN));
	assert_true(w->fake->calls[0].http2);
	token = slice_text(outbound_fake_header(w->fake, 0, "authorization"));
	assert_true(slice_starts(token, S("bearer ")));
	assert_jwt(slice_of(token.p + 7, token.n - 7), account.key, &header, &claims);
	assert_slice_equal(text_in(header, "kid"), S("KEY1234567"));
	assert_slice_equal(text_in(claims, "iss"), S("TEAM123456"));
	assert_slice_equal(text_in(claims, "iat"), arena_printf(&arena, "%lld", (long long)(clock_ms / 1000)));
	assert_string_equal(outbound_fake_header(w->fake, 0, "apns-topic"), "com.example.app");
	assert_string_equal(outbound_fake_header(w->fake, 0, "apns-push-type"), "alert");
	assert_string_equal(outbound_fake_header(w->fake, 0, "apns-priority"), "10");
	assert_string_equal(outbound_fake_header(w->fake, 0, "apns-collapse-id"), "id-1");
	assert_slice_equal(slice_text(outbound_fake_header(w->fake, 0, "apns-expiration")),
		arena_printf(&arena, "%lld", (long long)(clock_ms / 1000 + 90)));
	assert_slice_equal(w->fake->calls[0].body, S("{\"aps\":{\"alert\":{\"title-loc-key\":\"REUSEID_PENDING_TITLE\",\"loc-key\":\"REUSEID_PENDING\"},"
						     "\"sound\":\"default\"},\"op\":\"AUTHENTICATION\",\"pushSessionId\":\"id-1\"}"));
	push_account_clear(&account);
}

/* Apple wants one to be used for 20 minutes at least and an hour at most. */
static void provider_token_is_used_again(void **state)
{
	struct world *w = *state;
	struct push_account account = account_of(push_service_APNS, apns_json(""));
	const char *first;

	ring(w, &account, APNS_TOKEN, &bell);
	first = outbound_fake_header(w->fake, 0, "authorization");
	clock_ms += 25 * 60 * 1000;
	ring(w, &account, APNS_TOKEN, &bell);
	assert_string_equal(outbound_fake_header(w->fake, 1, "authorization"), first);
	clock_ms += 30 * 60 * 1000;
	ring(w, &account, APNS_TOKEN, &bell);
	assert_string_not_equal(outbound_fake_header(w->fake, 2, "authorization"), first);
	push_account_clear(&account);
}

static void what_apns_answers(void **state)
{
	static const struct {
		int status;
		const char *body;
		int taken, gone, refused, failed;
	} rows[] = {
		{ 200, "", 1, 0, 0, 0 }, { 410, "{\"reason\":\"Unregistered\"}", 0, 1, 0, 0 }, { 400, "{\"reason\":\"BadDeviceToken\"}", 0, 1, 0, 0 },
		{ 400, "{\"reason\":\"BadTopic\"}", 0, 0, 1, 0 }, { 400, "no json", 0, 0, 1, 0 }, { 403, "{\"reason\":\"ExpiredProviderToken\"}", 0, 0, 1, 0 },
		{ 429, "{}", 0, 0, 0, 1 }, { 503, "", 0, 0, 0, 1 },
	};
	struct world *w = *state;
	struct push_account account = account_of(push_service_APNS, apns_json(""));

	for (size_t i = 0; i < COUNT(rows); i++) {
		w->taken = w->gone = w->refused = w->failed = 0;
		ring(w, &account, APNS_TOKEN, &bell);
		outbound_fake_answer(w->fake, i, rows[i].status, rows[i].body);
		assert_int_equal(w->taken, rows[i].taken);
		assert_int_equal(w->gone, rows[i].gone);
		assert_int_equal(w->refused, rows[i].refused);
		assert_int_equal(w->failed, rows[i].failed);
	}
	push_account_clear(&account);
}

/* In the middle of a session the nonce comes, quietly, and nothing besides. */
static void nonce_comes_alone(void **state)
{
	const struct push_bell quiet = { .operation = "SIGNING", .session = S("id-1"), .payload = S("p"), .nonce = S("bm9uY2U"), .lifetime_s = 20 };
	struct world *w = *state;
	struct push_account account = account_of(push_service_APNS, apns_json(""));

	ring(w, &account, APNS_TOKEN, &quiet);
	assert_string_equal(outbound_fake_header(w->fake, 0, "apns-push-type"), "background");
	assert_string_equal(outbound_fake_header(w->fake, 0, "apns-priority"), "5");
	assert_slice_equal(w->fake->calls[0].body, S("{\"aps\":{\"content-available\":1},\"pushNonce\":\"bm9uY2U\"}"));
	push_account_clear(&account);
}

static void what_the_service_provider_adds(void **state)
{
	const struct push_bell more = { .operation = "SIGNING", .session = S("i"), .payload = S("say \"hi\""), .lifetime_s = 20 };
	struct world *w = *state;
	struct push_account account = account_of(push_service_APNS, apns_json(""));

	ring(w, &account, APNS_TOKEN, &more);
	assert_slice_equal(text_in(w->fake->calls[0].body, "payload"), S("say \"hi\""));
	push_account_clear(&account);
}

static void target_of_another_service(void **state)
{
	struct world *w = *state;
	struct push_account account = account_of(push_service_APNS, apns_json(""));
	struct push_target target;
	struct push_call *call;

	assert_ok(push_target_read(S("phone"), false, &arena, &target));
	assert_err(push_make(w->push, &account, &target, &bell, &arena, &call), CONFIG);
	push_account_clear(&account);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fcm_asks_for_a_token_first),
		TEST(one_token_for_all_that_wait),
		TEST(token_that_ends_is_asked_for_again),
		TEST(token_that_is_not_believed_is_dropped),
		TEST(answers_that_hold_no_token),
		TEST(what_fcm_answers),
		TEST(apns_is_told_who_we_are),
		TEST(provider_token_is_used_again),
		TEST(what_apns_answers),
		TEST(nonce_comes_alone),
		TEST(what_the_service_provider_adds),
		TEST(target_of_another_service),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
