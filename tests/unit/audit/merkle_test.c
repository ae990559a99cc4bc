/*
 * The tree of RFC 9162, against the definitions of its section 2.1, worked out here over all leaves at once.
 */
#include "audit/merkle.h"

#include "codec/encode.h"
#include "tests/unit/common/test.h"

enum { LEAVES = 70 };

struct grove {
	struct hash leaves[LEAVES];
};

static struct hash plain_root(const struct hash *leaves, int64_t n)
{
	struct hash left, right;
	int64_t k = 1;

	if (n == 1)
		return leaves[0];
	while (2 * k < n)
		k *= 2;
	left = plain_root(leaves, k);
	right = plain_root(leaves + k, n - k);
	return merkle_node(&left, &right);
}

static struct error subtree(void *ctx, int level, int64_t index, struct hash *ret_hash)
{
	struct grove *g = ctx;
	int64_t width = INT64_C(1) << level;

	assert_true((index + 1) * width <= LEAVES);
	*ret_hash = plain_root(g->leaves + index * width, width);
	return OK;
}

static struct grove grove;
static const struct merkle_source source = { subtree, &grove };

static int setup(void **state)
{
	(void)state;
	for (int i = 0; i < LEAVES; i++)
		grove.leaves[i] = merkle_leaf(slice_of(&i, sizeof(i)));
	return 0;
}

static struct hash root_of(int64_t size)
{
	struct hash root;

	assert_ok(merkle_root(&source, size, &root));
	return root;
}

static void assert_hash(const struct hash *hash, const char *expected)
{
	uint8_t bytes[SHA256_BYTES];

	assert_ok(hex_read(slice_text(expected), bytes, sizeof(bytes)));
	assert_memory_equal(hash->b, bytes, sizeof(bytes));
}

static void hashes_are_those_of_the_rfc(void **state)
{
	struct hash empty = merkle_empty(), leaf = merkle_leaf(S("")), node = merkle_node(&leaf, &leaf), other;
	uint8_t bytes[1 + 2 * SHA256_BYTES] = { 1 };

	(void)state;
	assert_hash(&empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	assert_hash(&leaf, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
	memcpy(bytes + 1, leaf.b, SHA256_BYTES);
	memcpy(bytes + 1 + SHA256_BYTES, leaf.b, SHA256_BYTES);
	sha256(slice_of(bytes, sizeof(bytes)), other.b);
	assert_memory_equal(node.b, other.b, SHA256_BYTES);
}

static void roots_are_those_of_the_definition(void **state)
{
	struct hash root = root_of(0), empty = merkle_empty();

	(void)state;
	assert_memory_equal(root.b, empty.b, SHA256_BYTES);
	for (int64_t n = 1; n <= LEAVES; n++) {
		struct hash expected = plain_root(grove.leaves, n);

		root = root_of(n);
		assert_memory_equal(root.b, expected.b, SHA256_BYTES);
	}
}

static void every_leaf_of_every_size_is_proved(void **state)
{
	(void)state;
	for (int64_t size = 1; size <= LEAVES; size++)
		for (int64_t i = 0; i < size; i++) {
			struct hash root = root_of(size);
			struct proof proof;

			assert_ok(merkle_inclusion(&source, i, size, &proof));
			assert_ok(merkle_inclusion_check(i, size, &grove.leaves[i], &proof, &root));
		}
}

static void every_pair_of_sizes_is_proved(void **state)
{
	(void)state;
	for (int64_t second = 1; second <= LEAVES; second++)
		for (int64_t first = 1; first <= second; first++) {
			struct hash older = root_of(first), newer = root_of(second);
			struct proof proof;

			assert_ok(merkle_consistency(&source, first, second, &proof));
			assert_ok(merkle_consistency_check(first, second, &proof, &older, &newer));
		}
}

static void turn_bit(struct proof *proof, size_t hash, size_t byte)
{
	proof->hashes[hash].b[byte] ^= (uint8_t)(1u << (byte + hash) % 8);
}

/* Another place, another size, another leaf, a hash too many or too few, any byte of one changed. */
static void what_proves_one_thing_proves_no_other(void **state)
{
	(void)state;
	for (int64_t size = 1; size <= 20; size++)
		for (int64_t i = 0; i < size; i++) {
			struct hash root = root_of(size), *leaf = &grove.leaves[i];
			struct proof proof, other;

			assert_ok(merkle_inclusion(&source, i, size, &proof));
			for (int64_t k = -1; k <= size; k++)
				if (k != i)
					assert_err(merkle_inclusion_check(k, size, leaf, &proof, &root), SIGNATURE);
			assert_err(merkle_inclusion_check(i, size, &grove.leaves[LEAVES - 1], &proof, &root), SIGNATURE);
			other = proof;
			other.hashes[other.n++] = *leaf;
			assert_err(merkle_inclusion_check(i, size, leaf, &other, &root), SIGNATURE);
			for (size_t n = 0; n < proof.n; n++) {
				for (size_t byte = 0; byte < SHA256_BYTES; byte++) {
					other = proof;
					turn_bit(&other, n, byte);
					assert_err(merkle_inclusion_check(i, size, leaf, &other, &root), SIGNATURE);
				}
				other = proof;
				other.n = n;
				assert_err(merkle_inclusion_check(i, size, leaf, &other, &root), SIGNATURE);
			}
		}
}

static void other_histories_are_not_consistent(void **state)
{
	struct hash nothing = { { 0 } };

	(void)state;
	for (int64_t second = 2; second <= 20; second++)
		for (int64_t first = 1; first < second; first++) {
			struct hash older = root_of(first), newer = root_of(second), forged = older;
			struct proof proof, other;

			forged.b[3] ^= 4;
			assert_ok(merkle_consistency(&source, first, second, &proof));
			assert_err(merkle_consistency_check(first, second, &proof, &forged, &newer), SIGNATURE);
			assert_err(merkle_consistency_check(first, second, &proof, &older, &nothing), SIGNATURE);
			assert_err(merkle_consistency_check(second, first, &proof, &newer, &older), SIGNATURE);
			assert_err(merkle_consistency_check(0, second, &proof, &older, &newer), SIGNATURE);
			for (size_t n = 0; n < proof.n; n++) {
				for (size_t byte = 0; byte < SHA256_BYTES; byte++) {
					other = proof;
					turn_bit(&other, n, byte);
					assert_err(merkle_consistency_check(first, second, &other, &older, &newer), SIGNATURE);
				}
				other = proof;
				other.n = n;
				assert_err(merkle_consistency_check(first, second, &other, &older, &newer), SIGNATURE);
			}
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_the_rfc),
		cmocka_unit_test(roots_are_those_of_the_definition),
		cmocka_unit_test(every_leaf_of_every_size_is_proved),
		cmocka_unit_test(every_pair_of_sizes_is_proved),
		cmocka_unit_test(what_proves_one_thing_proves_no_other),
		cmocka_unit_test(other_histories_are_not_consistent),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
