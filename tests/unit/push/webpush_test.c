/* Web Push: the example of RFC 8291, and the call that is made of a bell. */
#include "codec/encode.h"
#include "tests/unit/push/accounts.h"

/* RFC 8291, section 5 and appendix A */
#define UA_PUBLIC "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define AUTH "BTBZMqHH6r4Tts7J_aSIgg"
#define AS_PRIVATE "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
#define SALT "DGv6ra1nlYgDCS1FRnbzlw"
#define PLAIN "When I grow up, I want to be a watermelon"
#define MESSAGE "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_" \
	"yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct slice decoded(const char *text)
{
	struct slice bytes;

	assert_ok(b64url_read(&arena, slice_text(text), &bytes));
	return bytes;
}

static struct push_target example_target(void)
{
	struct push_target t;
	struct slice json = S("{\"endpoint\":\"https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV\",\"expirationTime\":null,"
			      "\"keys\":{\"p256dh\":\"" UA_PUBLIC "\",\"auth\":\"" AUTH "\"}}");

	assert_ok(push_target_read(json, false, &arena, &t));
	return t;
}

static void example_of_the_rfc(void **state)
{
	struct push_target t = example_target();
	struct slice body;

	(void)state;
	assert_ok(webpush_encrypt(&t, decoded(AS_PRIVATE).p, decoded(SALT).p, S(PLAIN), &arena, &body));
	assert_slice_equal(body, decoded(MESSAGE));
}

static void key_that_is_no_point(void **state)
{
	struct push_target t = example_target();
	struct slice body;

	(void)state;
	t.p256dh[64] ^= 1;
	assert_err(webpush_encrypt(&t, decoded(AS_PRIVATE).p, decoded(SALT).p, S(PLAIN), &arena, &body), CRYPTO);
	t = example_target();
	t.p256dh[0] = 2;
	assert_err(webpush_encrypt(&t, decoded(AS_PRIVATE).p, decoded(SALT).p, S(PLAIN), &arena, &body), CRYPTO);
}

static void message_that_is_too_long(void **state)
{
	struct push_target t = example_target();
	struct slice body;

	(void)state;
	assert_ok(webpush_encrypt(&t, decoded(AS_PRIVATE).p, decoded(SALT).p, slice_of(arena_alloc(&arena, 3000), 3000), &arena, &body));
	assert_err(webpush_encrypt(&t, decoded(AS_PRIVATE).p, decoded(SALT).p, slice_of(arena_alloc(&arena, 3001), 3001), &arena, &body),
		LIMIT);
}

static struct slice header_of(const struct push_call *c, const char *name)
{
	for (size_t i = 0; i < c->header_count; i++)
		if (slice_is(c->headers[i].name, name))
			return c->headers[i].value;
	return S("");
}

static void call_says_who_we_are(void **state)
{
	struct push_account account = account_of(push_service_WEBPUSH, web_json(""));
	struct push_bell bell = { .operation = "AUTHENTICATION", .session = S("s"), .lifetime_s = 120 };
	struct push *p = push_new(&clock_env);
	struct push_target t = example_target();
	struct slice token, header, claims;
	struct push_call *c;

	(void)state;
	assert_ok(push_make(p, &account, &t, &bell, &arena, &c));
	assert_slice_equal(c->url, t.endpoint);
	token = header_of(c, "Authorization");
	assert_true(slice_starts(token, S("vapid t=")));
	token = slice_of(token.p + 8, token.n - 8);
	assert_slice_equal(slice_of(token.p + slice_find(token, ',') + 4, token.n - slice_find(token, ',') - 4), account.vapid_key);
	assert_jwt(slice_cut(&token, ','), account.key, &header, &claims);
	assert_slice_equal(text_in(header, "alg"), S("ES256"));
	assert_slice_equal(text_in(claims, "aud"), S("https://push.example.net"));
	assert_slice_equal(text_in(claims, "sub"), S("mailto:push@example.com"));
	assert_slice_equal(text_in(claims, "exp"), arena_printf(&arena, "%lld", (long long)(clock_ms / 1000 + 12 * 3600)));
	assert_slice_equal(header_of(c, "TTL"), S("120"));
	assert_slice_equal(header_of(c, "Content-Encoding"), S("aes128gcm"));
	assert_int_equal(decoded((const char *)arena_cstr(&arena, account.vapid_key)).n, 65);
	push_account_clear(&account);
	push_free(p);
}

/* The same bell twice: another key and another salt. */
static void no_message_is_like_another(void **state)
{
	struct push_account account = account_of(push_service_WEBPUSH, web_json(""));
	struct push_bell bell = { .operation = "SIGNING", .session = S("s"), .lifetime_s = 1 };
	struct push *p = push_new(&clock_env);
	struct push_target t = example_target();
	struct push_call *one, *two;

	(void)state;
	assert_ok(push_make(p, &account, &t, &bell, &arena, &one));
	assert_ok(push_make(p, &account, &t, &bell, &arena, &two));
	assert_int_equal(one->body.n, two->body.n);
	assert_memory_not_equal(one->body.p, two->body.p, 16);
	assert_memory_not_equal(one->body.p + 21, two->body.p + 21, 65);
	push_account_clear(&account);
	push_free(p);
}

static void what_answers_mean(void **state)
{
	static const struct {
		int status;
		enum push_outcome outcome;
	} rows[] = {
		{ 201, PUSH_TAKEN }, { 200, PUSH_TAKEN }, { 202, PUSH_TAKEN }, { 404, PUSH_GONE }, { 410, PUSH_GONE },
		{ 400, PUSH_REFUSED }, { 401, PUSH_REFUSED }, { 403, PUSH_REFUSED }, { 413, PUSH_REFUSED }, { 429, PUSH_FAILED },
		{ 408, PUSH_FAILED }, { 500, PUSH_FAILED }, { 503, PUSH_FAILED }, { 301, PUSH_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(webpush_outcome(rows[i].status), rows[i].outcome);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example_of_the_rfc),
		cmocka_unit_test(key_that_is_no_point),
		cmocka_unit_test(message_that_is_too_long),
		cmocka_unit_test(call_says_who_we_are),
		cmocka_unit_test(no_message_is_like_another),
		cmocka_unit_test(what_answers_mean),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
