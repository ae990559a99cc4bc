#include "audit/merkle.h"

#include <assert.h>

struct hash merkle_leaf(struct slice leaf)
{
	struct hash h;

	sha256_parts(PARTS(slice_of("\0", 1), leaf), h.b);
	return h;
}

struct hash merkle_node(const struct hash *left, const struct hash *right)
{
	struct hash h;

	sha256_parts(PARTS(slice_of("\1", 1), slice_of(left->b, SHA256_BYTES), slice_of(right->b, SHA256_BYTES)), h.b);
	return h;
}

struct hash merkle_empty(void)
{
	struct hash h;

	sha256(slice_of("", 0), h.b);
	return h;
}

/* ---- making: the recursive definitions of 2.1.1, 2.1.3.1 and 2.1.4.1 ---- */

/* "the largest power of two smaller than n" */
static int64_t split_of(int64_t n)
{
	return INT64_C(1) << (63 - __builtin_clzll((unsigned long long)(n - 1)));
}

/* MTH(D[from:from + n]), n > 0. All that is asked of it begins at a multiple of the power of two it needs. */
static err range(const struct merkle_source *s, int64_t from, int64_t n, struct hash *ret_hash)
{
	struct hash left, right;
	int64_t k;

	if ((n & (n - 1)) == 0)
		return s->subtree(s->ctx, __builtin_ctzll((unsigned long long)n), from / n, ret_hash);
	k = split_of(n);
	TRY(range(s, from, k, &left));
	TRY(range(s, from + k, n - k, &right));
	*ret_hash = merkle_node(&left, &right);
	return OK;
}

err merkle_root(const struct merkle_source *s, int64_t size, struct hash *ret_root)
{
	*ret_root = merkle_empty();
	return size ? range(s, 0, size, ret_root) : OK;
}

static err add_range(const struct merkle_source *s, int64_t from, int64_t n, struct proof *proof)
{
	assert(proof->n < PROOF_HASHES_MAX);
	return range(s, from, n, &proof->hashes[proof->n++]);
}

/* PATH(m, D[from:from + n]) */
static err path(const struct merkle_source *s, int64_t m, int64_t from, int64_t n, struct proof *proof)
{
	int64_t k;

	if (n == 1)
		return OK;
	k = split_of(n);
	if (m < k) {
		TRY(path(s, m, from, k, proof));
		return add_range(s, from + k, n - k, proof);
	}
	TRY(path(s, m - k, from + k, n - k, proof));
	return add_range(s, from, k, proof);
}

err merkle_inclusion(const struct merkle_source *s, int64_t index, int64_t size, struct proof *ret_proof)
{
	assert(index >= 0 && index < size);
	ret_proof->n = 0;
	return path(s, index, 0, size, ret_proof);
}

/* SUBPROOF(m, D[from:from + n], known) */
static err subproof(const struct merkle_source *s, int64_t m, int64_t from, int64_t n, bool known, struct proof *proof)
{
	int64_t k;

	if (m == n)
		return known ? OK : add_range(s, from, n, proof);
	k = split_of(n);
	if (m <= k) {
		TRY(subproof(s, m, from, k, known, proof));
		return add_range(s, from + k, n - k, proof);
	}
	TRY(subproof(s, m - k, from + k, n - k, false, proof));
	return add_range(s, from, k, proof);
}

err merkle_consistency(const struct merkle_source *s, int64_t first, int64_t second, struct proof *ret_proof)
{
	assert(first > 0 && first <= second);
	ret_proof->n = 0;
	return subproof(s, first, 0, second, true, ret_proof);
}

/* ---- checking: the algorithms of 2.1.3.2 and 2.1.4.2, step by step ---- */

static bool same(const struct hash *a, const struct hash *b)
{
	return memcmp(a->b, b->b, SHA256_BYTES) == 0;
}

static void halve_to_odd(int64_t *fn, int64_t *sn)
{
	while (!(*fn & 1) && *fn != 0) {
		*fn >>= 1;
		*sn >>= 1;
	}
}

err merkle_inclusion_check(int64_t index, int64_t size, const struct hash *leaf, const struct proof *proof, const struct hash *root)
{
	int64_t fn = index, sn = size - 1;
	struct hash r = *leaf;

	ENSURE(index >= 0 && index < size, SIGNATURE);
	for (size_t i = 0; i < proof->n; i++) {
		const struct hash *p = &proof->hashes[i];

		ENSURE(sn != 0, SIGNATURE);
		if ((fn & 1) || fn == sn) {
			r = merkle_node(p, &r);
			if (!(fn & 1))
				halve_to_odd(&fn, &sn);
		} else {
			r = merkle_node(&r, p);
		}
		fn >>= 1;
		sn >>= 1;
	}
	ENSURE(sn == 0 && same(&r, root), SIGNATURE);
	return OK;
}

static err consistency_steps(int64_t fn, int64_t sn, const struct hash *hashes, size_t n, const struct hash *first_root,
	const struct hash *second_root)
{
	struct hash fr = hashes[0], sr = hashes[0];

	for (size_t i = 1; i < n; i++) {
		ENSURE(sn != 0, SIGNATURE);
		if ((fn & 1) || fn == sn) {
			fr = merkle_node(&hashes[i], &fr);
			sr = merkle_node(&hashes[i], &sr);
			if (!(fn & 1))
				halve_to_odd(&fn, &sn);
		} else {
			sr = merkle_node(&sr, &hashes[i]);
		}
		fn >>= 1;
		sn >>= 1;
	}
	ENSURE(sn == 0 && same(&fr, first_root) && same(&sr, second_root), SIGNATURE);
	return OK;
}

err merkle_consistency_check(int64_t first, int64_t second, const struct proof *proof, const struct hash *first_root,
	const struct hash *second_root)
{
	int64_t fn = first - 1, sn = second - 1;
	struct hash hashes[PROOF_HASHES_MAX + 1];
	size_t n = 0;

	ENSURE(first > 0 && first <= second, SIGNATURE);
	if (first == second) {
		ENSURE(proof->n == 0 && same(first_root, second_root), SIGNATURE);
		return OK;
	}
	ENSURE(proof->n > 0, SIGNATURE);
	/* "If first is an exact power of 2, then prepend first_hash to the consistency_path array." */
	if ((first & (first - 1)) == 0)
		hashes[n++] = *first_root;
	for (size_t i = 0; i < proof->n; i++)
		hashes[n++] = proof->hashes[i];
	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	return consistency_steps(fn, sn, hashes, n, first_root, second_root);
}
