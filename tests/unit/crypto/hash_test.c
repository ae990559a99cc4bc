#include "tests/unit/common/test.h"

#include "crypto/hash.h"
#include "tests/unit/common/vectors.h"

static struct arena a;

static int teardown(void **state)
{
	(void)state;
	arena_free(&a);
	return 0;
}

/* NIST, SHA-2 examples (FIPS 180-4) */
static void sha256_of_nist(void **state)
{
	static const struct {
		const char *message, *digest;
	} known[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
	};
	uint8_t out[SHA256_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		sha256(slice_text(known[i].message), out);
		assert_slice_equal(slice_of(out, sizeof(out)), unhex(&a, known[i].digest));
	}
}

static void sha256_of_a_million_letters(void **state)
{
	uint8_t *text = arena_alloc(&a, 1000000), out[SHA256_BYTES];

	(void)state;
	memset(text, 'a', 1000000);
	sha256(slice_of(text, 1000000), out);
	assert_slice_equal(slice_of(out, sizeof(out)), unhex(&a, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

static void parts_hash_as_their_whole(void **state)
{
	uint8_t whole[SHA256_BYTES], parts[SHA256_BYTES];

	(void)state;
	sha256(S("one two three"), whole);
	sha256_parts(PARTS(S("one "), S(""), slice_of(NULL, 0), S("two"), S(" three")), parts);
	assert_memory_equal(whole, parts, SHA256_BYTES);
	hmac_sha256(S("key"), PARTS(S("one two three")), whole);
	hmac_sha256(S("key"), PARTS(S("one "), S("two three")), parts);
	assert_memory_equal(whole, parts, SHA256_BYTES);
}

/* RFC 4231, cases 1 to 4, 6 and 7 */
static void hmac_of_the_rfc(void **state)
{
	static const struct {
		size_t key_n;
		int key_byte;
		const char *key, *data, *mac;
	} known[] = {
		{ 20, 0x0b, NULL, "4869205468657265", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ 0, 0, "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ 20, 0xaa, NULL,
			"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd",
			"773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
		{ 0, 0, "0102030405060708090a0b0c0d0e0f10111213141516171819",
			"cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
			"82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
		{ 131, 0xaa, NULL,
			"54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
			"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ 131, 0xaa, NULL,
			"5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e6420"
			"61206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173"
			"686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
			"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
	};
	uint8_t repeated[131], out[SHA256_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct slice key = known[i].key ? unhex(&a, known[i].key) : slice_of(repeated, known[i].key_n);

		memset(repeated, known[i].key_byte, sizeof(repeated));
		hmac_sha256(key, PARTS(unhex(&a, known[i].data)), out);
		assert_slice_equal(slice_of(out, sizeof(out)), unhex(&a, known[i].mac));
	}
}

/* A key of exactly one block is used as it is, a longer one is hashed first. */
static void hmac_key_of_one_block(void **state)
{
	uint8_t key[65], digest[SHA256_BYTES], one[SHA256_BYTES], two[SHA256_BYTES];

	(void)state;
	memset(key, 7, sizeof(key));
	sha256(slice_of(key, 65), digest);
	hmac_sha256(slice_of(key, 65), PARTS(S("x")), one);
	hmac_sha256(slice_of(digest, sizeof(digest)), PARTS(S("x")), two);
	assert_memory_equal(one, two, SHA256_BYTES);
	sha256(slice_of(key, 64), digest);
	hmac_sha256(slice_of(key, 64), PARTS(S("x")), one);
	hmac_sha256(slice_of(digest, sizeof(digest)), PARTS(S("x")), two);
	assert_memory_not_equal(one, two, SHA256_BYTES);
}

static void hkdf_of_wycheproof(void **state)
{
	json_t *root = vectors_load("wycheproof-hkdf-sha256.json"), *group, *test;
	size_t i, j, done = 0;

	(void)state;
	json_array_foreach(vector_member(root, "testGroups"), i, group) {
		json_array_foreach(vector_member(group, "tests"), j, test) {
			size_t n = (size_t)json_integer_value(vector_member(test, "size"));
			uint8_t *out = arena_alloc(&a, n);

			if (n > 255 * SHA256_BYTES)
				continue; /* a bug of the caller, which stops the process */
			hkdf(vector_bytes(&a, test, "salt"), vector_bytes(&a, test, "ikm"), vector_bytes(&a, test, "info"), out, n);
			assert_slice_equal(slice_of(out, n), vector_bytes(&a, test, "okm"));
			done++;
		}
	}
	assert_int_equal(done, 83);
	json_decref(root);
}

/* RFC 5869, A.1 */
static void extract_and_expand_apart(void **state)
{
	uint8_t prk[SHA256_BYTES], okm[42];

	(void)state;
	hkdf_extract(unhex(&a, "000102030405060708090a0b0c"), unhex(&a, "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), prk);
	assert_slice_equal(slice_of(prk, 32), unhex(&a, "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"));
	hkdf_expand(prk, unhex(&a, "f0f1f2f3f4f5f6f7f8f9"), okm, sizeof(okm));
	assert_slice_equal(slice_of(okm, 42),
		unhex(&a, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_of_nist),
		cmocka_unit_test(sha256_of_a_million_letters),
		cmocka_unit_test(parts_hash_as_their_whole),
		cmocka_unit_test(hmac_of_the_rfc),
		cmocka_unit_test(hmac_key_of_one_block),
		cmocka_unit_test(hkdf_of_wycheproof),
		cmocka_unit_test(extract_and_expand_apart),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
