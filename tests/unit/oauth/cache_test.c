/* The memory of verified tokens. */
#include "oauth/internal.h"
#include "tests/unit/common/test.h"

struct sample {
	uint8_t hash[SHA256_BYTES];
	struct claims claims;
};

/* Samples with the same `set` fall into the same place of a cache with one set. */
static struct sample sample_of(uint8_t n, int64_t expires_ms)
{
	struct sample s = { .claims = { .expires_ms = expires_ms } };

	memset(s.hash, n, sizeof(s.hash));
	s.claims.jti[0] = (char)('a' + n);
	return s;
}

static bool knows(struct token_cache *c, const struct sample *s)
{
	struct claims claims;

	return token_cache_get(c, s->hash, &claims) && strcmp(claims.jti, s->claims.jti) == 0;
}

static void put(struct token_cache *c, const struct sample *s)
{
	token_cache_put(c, s->hash, &s->claims);
}

static void nothing_is_known_at_first(void **state)
{
	struct token_cache *c = token_cache_new(4);
	struct sample s = sample_of(1, 1000);

	(void)state;
	assert_false(knows(c, &s));
	token_cache_free(c);
}

static void what_was_put_is_known(void **state)
{
	struct token_cache *c = token_cache_new(4);
	struct sample s = sample_of(1, 1000);

	(void)state;
	put(c, &s);
	assert_true(knows(c, &s));
	token_cache_free(c);
}

static void another_hash_is_not_known(void **state)
{
	struct token_cache *c = token_cache_new(4);
	struct sample s = sample_of(1, 1000);

	(void)state;
	put(c, &s);
	s.hash[SHA256_BYTES - 1] ^= 1;
	assert_false(knows(c, &s));
	token_cache_free(c);
}

static void four_fit_where_four_were_asked_for(void **state)
{
	struct token_cache *c = token_cache_new(4);
	struct sample s[4];

	(void)state;
	for (uint8_t i = 0; i < 4; i++) {
		s[i] = sample_of((uint8_t)(i + 1), 1000);
		put(c, &s[i]);
	}
	for (uint8_t i = 0; i < 4; i++)
		assert_true(knows(c, &s[i]));
	token_cache_free(c);
}

static void the_one_that_expires_first_gives_way(void **state)
{
	struct token_cache *c = token_cache_new(4);
	struct sample s[5];

	(void)state;
	for (uint8_t i = 0; i < 5; i++) {
		s[i] = sample_of((uint8_t)(i + 1), i == 2 ? 500 : 1000 + i);
		put(c, &s[i]);
	}
	for (uint8_t i = 0; i < 5; i++)
		assert_int_equal(knows(c, &s[i]), i != 2);
	token_cache_free(c);
}

static void putting_again_takes_the_same_place(void **state)
{
	struct token_cache *c = token_cache_new(4);
	struct sample one = sample_of(1, 1000), others[3];

	(void)state;
	put(c, &one);
	for (uint8_t i = 0; i < 3; i++) {
		others[i] = sample_of((uint8_t)(i + 2), 500);
		put(c, &others[i]);
	}
	strcpy(one.claims.jti, "again");
	put(c, &one);
	assert_true(knows(c, &one));
	for (uint8_t i = 0; i < 3; i++)
		assert_true(knows(c, &others[i]));
	token_cache_free(c);
}

static void no_cache_knows_nothing(void **state)
{
	struct token_cache *c = token_cache_new(0);
	struct sample s = sample_of(1, 1000);

	(void)state;
	assert_null(c);
	put(c, &s);
	assert_false(knows(c, &s));
	token_cache_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_at_first),
		cmocka_unit_test(what_was_put_is_known),
		cmocka_unit_test(another_hash_is_not_known),
		cmocka_unit_test(four_fit_where_four_were_asked_for),
		cmocka_unit_test(the_one_that_expires_first_gives_way),
		cmocka_unit_test(putting_again_takes_the_same_place),
		cmocka_unit_test(no_cache_knows_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
