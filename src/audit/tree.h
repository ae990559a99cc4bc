/*
 * The tree of an account's log, as it is stored: tiles of 256 hashes. A tile of level 0 holds hashes of leaves; each hash of a tile of
 * level n + 1 is the root of a full tile of level n. They stay when the records are deleted.
 *
 * Records come into the tiles some time after their commit, by a job; the number that a record was committed with is its place. What
 * is not in the tiles yet is hashed when it is asked for, so a proof shows everything that was acknowledged.
 */
#ifndef AUDIT_TREE_H
#define AUDIT_TREE_H

#include "audit/merkle.h"
#include "audit/record.h"

enum { TILE_HASHES = 256, TILE_BITS = 8, TILE_LEVELS = 5, TREE_GROW_MAX = 4096 };

struct tile {
	int level;
	int64_t position;
	size_t n;
	struct hash *hashes; /* room for TILE_HASHES; in a tree's cache for the nodes above them too */
};

struct tree {
	struct tx *tx;
	struct arena *arena;
	struct audit_log log;
	struct hash *tail; /* of the records from log.size up to log.end */
	struct tile cache[TILE_LEVELS * 2];
	size_t next;       /* place of the cache to be used next */
	struct merkle_source source;
};

/* E_NO_ROW when there is no such log. */
err log_load(struct tx *tx, struct arena *a, int64_t account, struct audit_log *ret_log);
/* Hashes what is not in the tiles yet. `tree` stays where it is; it reads through `tx` until its end. */
err tree_open(struct tx *tx, struct arena *a, int64_t account, struct tree *tree);
err tree_leaf(struct tree *tree, int64_t index, struct hash *ret_hash);

/* Takes up to TREE_GROW_MAX records into the tiles; E_STALE when somebody else did. */
err tree_grow(struct app *app, int64_t account, bool *ret_more);

#endif
