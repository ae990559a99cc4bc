/*
 * Merkle trees as RFC 9162 has them (section 2.1): hashes, inclusion and consistency proofs, made and checked. Pure: where the hashes
 * lie is the caller's business.
 */
#ifndef AUDIT_MERKLE_H
#define AUDIT_MERKLE_H

#include "base/buf.h"
#include "crypto/hash.h"

enum { PROOF_HASHES_MAX = 128 }; /* both kinds, of trees of up to 2^62 leaves */

struct hash {
	uint8_t b[SHA256_BYTES];
};

struct proof {
	size_t n;
	struct hash hashes[PROOF_HASHES_MAX];
};

/* HASH(0x00 || leaf), HASH(0x01 || left || right), and HASH() of nothing for the empty tree. */
struct hash merkle_leaf(struct slice leaf);
struct hash merkle_node(const struct hash *left, const struct hash *right);
struct hash merkle_empty(void);

/* Where the hashes come from: the root of the complete subtree over the leaves index * 2^level up to (index + 1) * 2^level. */
struct merkle_source {
	struct error (*subtree)(void *ctx, int level, int64_t index, struct hash *ret_hash);
	void *ctx;
};

/* `size` leaves; 0 is the empty tree. */
err merkle_root(const struct merkle_source *s, int64_t size, struct hash *ret_root);
/* 0 <= index < size, a bug otherwise. */
err merkle_inclusion(const struct merkle_source *s, int64_t index, int64_t size, struct proof *ret_proof);
/* 0 < first <= second, a bug otherwise. */
err merkle_consistency(const struct merkle_source *s, int64_t first, int64_t second, struct proof *ret_proof);

/* 2.1.3.2. E_SIGNATURE when it does not prove it, whatever is wrong. */
err merkle_inclusion_check(int64_t index, int64_t size, const struct hash *leaf, const struct proof *proof, const struct hash *root);
/* 2.1.4.2. */
err merkle_consistency_check(int64_t first, int64_t second, const struct proof *proof, const struct hash *first_root,
	const struct hash *second_root);

#endif
