#include "audit/tree.h"

#include <assert.h>

enum { LEAF_BYTES_MAX = 256 * 1024 };

SQL(log_by_account,
	"SELECT account_id, organisation_id, sandbox, size, coalesce((SELECT max(sequence) + 1 FROM audit WHERE account = $1), size)"
	" FROM audit_trees WHERE account = $1");
SQL(records_from, "SELECT " RECORD_COLUMNS " FROM audit WHERE account = $1 AND sequence >= $2 ORDER BY sequence LIMIT $3");
SQL(tile_read, "SELECT hashes FROM audit_tiles WHERE account = $1 AND level = $2 AND position = $3");
SQL(tile_write,
	"INSERT INTO audit_tiles (account, level, position, hashes) VALUES ($1, $2, $3, $4)"
	" ON CONFLICT (account, level, position) DO UPDATE SET hashes = $4");
SQL(tree_grown, "UPDATE audit_trees SET size = $3 WHERE account = $1 AND size = $2");

err log_load(struct tx *tx, struct arena *a, int64_t account, struct audit_log *ret_log)
{
	struct rows r;

	TRY(sql_one(tx, &log_by_account, ARGS(v_int(account)), &r));
	*ret_log = (struct audit_log){
		.account = account,
		.account_id = arena_copy(a, col_text(&r, 0)),
		.organisation_id = arena_copy(a, col_text(&r, 1)),
		.sandbox = col_int(&r, 2) != 0,
		.size = col_int(&r, 3),
		.end = col_int(&r, 4),
	};
	return sql_close(&r);
}

/* ---- leaves out of records ---- */

static err leaf_of(const struct audit_log *log, const struct rows *r, struct hash *ret_hash)
{
	struct audit_record record;
	struct arena scratch;
	struct buf b;
	struct error e;

	arena_init(&scratch);
	b = buf_arena(&scratch, LEAF_BYTES_MAX);
	e = record_from_row(r, &scratch, &record);
	if (!failed(e)) {
		record_write_leaf(log, &record, &scratch, &b);
		e = buf_ok(&b);
		*ret_hash = merkle_leaf(buf_bytes(&b));
	}
	arena_free(&scratch);
	return e;
}

/* The records from `from` on, without a gap, at most n: E_STORAGE when one is missing. */
static err hash_records(struct tx *tx, const struct audit_log *log, int64_t from, int64_t n, struct hash *ret_hashes)
{
	struct error e = OK, end;
	struct rows r;
	int64_t i = 0;

	TRY(sql_open(tx, &records_from, ARGS(v_int(log->account), v_int(from), v_int(n)), &r));
	while (!failed(e) && rows_next(&r)) {
		e = col_int(&r, 0) == from + i ? leaf_of(log, &r, &ret_hashes[i]) : FAIL(STORAGE);
		i++;
	}
	end = sql_close(&r);
	TRY(e);
	TRY(end);
	ENSURE(i == n, STORAGE);
	return OK;
}

/* ---- tiles ---- */

static err read_tile(struct tx *tx, int64_t account, struct tile *tile)
{
	struct rows r;
	struct slice bytes;

	TRY(sql_one(tx, &tile_read, ARGS(v_int(account), v_int(tile->level), v_int(tile->position)), &r));
	bytes = col_bytes(&r, 0);
	ENSURE(bytes.n % SHA256_BYTES == 0 && bytes.n <= TILE_HASHES * SHA256_BYTES, STORAGE);
	tile->n = bytes.n / SHA256_BYTES;
	memcpy(tile->hashes, bytes.p, bytes.n);
	return sql_close(&r);
}

/* Where the nodes of a level begin that stands so high above the hashes: 0, 256, 384, … */
static size_t inner_start(int level)
{
	return (size_t)(2 * TILE_HASHES - (2 * TILE_HASHES >> level));
}

/* Every node above complete pairs, once, because neighbours ask for the same ones. */
static void fill_inner(struct tile *tile)
{
	for (int level = 1; level < TILE_BITS; level++)
		for (size_t i = 0; (i + 1) << level <= tile->n; i++) {
			const struct hash *below = &tile->hashes[inner_start(level - 1) + 2 * i];

			tile->hashes[inner_start(level) + i] = merkle_node(&below[0], &below[1]);
		}
}

static err find_tile(struct tree *t, int level, int64_t position, const struct tile **ret_tile)
{
	struct tile *tile;

	for (size_t i = 0; i < sizeof(t->cache) / sizeof(t->cache[0]); i++)
		if (t->cache[i].n && t->cache[i].level == level && t->cache[i].position == position) {
			*ret_tile = &t->cache[i];
			return OK;
		}
	tile = &t->cache[t->next++ % (sizeof(t->cache) / sizeof(t->cache[0]))];
	if (!tile->hashes)
		tile->hashes = arena_array(t->arena, struct hash, 2 * TILE_HASHES);
	tile->n = 0;
	tile->level = level;
	tile->position = position;
	TRY(read_tile(t->tx, t->log.account, tile));
	fill_inner(tile);
	*ret_tile = tile;
	return OK;
}

static err subtree_stored(struct tree *t, int level, int64_t index, struct hash *ret_hash)
{
	int64_t width = INT64_C(1) << level % TILE_BITS, first = index * width, place = first % TILE_HASHES;
	const struct tile *tile;

	ENSURE(level / TILE_BITS < TILE_LEVELS, STORAGE);
	TRY(find_tile(t, level / TILE_BITS, first / TILE_HASHES, &tile));
	ENSURE((size_t)(place + width) <= tile->n, STORAGE);
	*ret_hash = tile->hashes[inner_start(level % TILE_BITS) + (size_t)(place / width)];
	return OK;
}

static struct error subtree(void *ctx, int level, int64_t index, struct hash *ret_hash)
{
	struct tree *t = ctx;
	struct hash left, right;

	if ((index + 1) << level <= t->log.size)
		return subtree_stored(t, level, index, ret_hash);
	if (level == 0) {
		ENSURE(index < t->log.end, STORAGE);
		*ret_hash = t->tail[index - t->log.size];
		return OK;
	}
	TRY(subtree(t, level - 1, 2 * index, &left));
	TRY(subtree(t, level - 1, 2 * index + 1, &right));
	*ret_hash = merkle_node(&left, &right);
	return OK;
}

err tree_open(struct tx *tx, struct arena *a, int64_t account, struct tree *tree)
{
	int64_t n;

	*tree = (struct tree){ .tx = tx, .arena = a };
	tree->source = (struct merkle_source){ subtree, tree };
	TRY(log_load(tx, a, account, &tree->log));
	n = tree->log.end - tree->log.size;
	tree->tail = arena_array(a, struct hash, (size_t)n + 1);
	return n ? hash_records(tx, &tree->log, tree->log.size, n, tree->tail) : OK;
}

err tree_leaf(struct tree *tree, int64_t index, struct hash *ret_hash)
{
	return subtree(tree, 0, index, ret_hash);
}

/* ---- growing ---- */

enum { TILES_CHANGED_MAX = TREE_GROW_MAX / TILE_HASHES + 2 + 2 * TILE_LEVELS };

struct growth {
	struct arena arena;
	struct tx *tx;
	struct audit_log log;
	int64_t n;
	struct tile changed[TILES_CHANGED_MAX];
	size_t changed_count;
	struct tile *last[TILE_LEVELS]; /* the one that is being filled */
};

/* n is a power of two. */
static struct hash combined(const struct hash *hashes, size_t n)
{
	struct hash left, right;

	if (n == 1)
		return *hashes;
	left = combined(hashes, n / 2);
	right = combined(hashes + n / 2, n / 2);
	return merkle_node(&left, &right);
}

static err tile_for(struct growth *g, int level, int64_t position, struct tile **ret_tile)
{
	struct tile *tile = g->last[level];
	struct error e;

	if (!tile || tile->position != position) {
		assert(g->changed_count < TILES_CHANGED_MAX);
		tile = g->last[level] = &g->changed[g->changed_count++];
		*tile = (struct tile){ .level = level, .position = position, .hashes = arena_array(&g->arena, struct hash, TILE_HASHES) };
		e = read_tile(g->tx, g->log.account, tile);
		if (failed(e) && !is_err(e, E_NO_ROW))
			return e;
	}
	*ret_tile = tile;
	return OK;
}

/* `index` counts the hashes of that level. A tile that is full makes a hash of the level above. */
static err append(struct growth *g, int level, int64_t index, const struct hash *hash)
{
	struct tile *tile;
	struct hash root;

	ENSURE(level < TILE_LEVELS, STORAGE);
	TRY(tile_for(g, level, index / TILE_HASHES, &tile));
	ENSURE(tile->n == (size_t)(index % TILE_HASHES), STORAGE);
	tile->hashes[tile->n++] = *hash;
	if (tile->n < TILE_HASHES)
		return OK;
	root = combined(tile->hashes, TILE_HASHES);
	return append(g, level + 1, index / TILE_HASHES, &root);
}

static struct error write_growth(void *arg, struct tx *tx)
{
	struct growth *g = arg;
	int64_t changes;

	TRY(sql_run(tx, &tree_grown, ARGS(v_int(g->log.account), v_int(g->log.size), v_int(g->log.size + g->n)), &changes));
	ENSURE(changes == 1, STALE);
	for (size_t i = 0; i < g->changed_count; i++) {
		const struct tile *tile = &g->changed[i];

		TRY(sql_run(tx, &tile_write, ARGS(v_int(g->log.account), v_int(tile->level), v_int(tile->position),
			v_bytes(slice_of(tile->hashes, tile->n * SHA256_BYTES))), NULL));
	}
	return OK;
}

static err grow(struct growth *g, int64_t account)
{
	struct hash *leaves;

	TRY(log_load(g->tx, &g->arena, account, &g->log));
	g->n = g->log.end - g->log.size < TREE_GROW_MAX ? g->log.end - g->log.size : TREE_GROW_MAX;
	leaves = arena_array(&g->arena, struct hash, (size_t)g->n + 1);
	if (g->n)
		TRY(hash_records(g->tx, &g->log, g->log.size, g->n, leaves));
	for (int64_t i = 0; i < g->n; i++)
		TRY(append(g, 0, g->log.size + i, &leaves[i]));
	return OK;
}

err tree_grow(struct app *app, int64_t account, bool *ret_more)
{
	struct growth g = { .n = 0 };
	struct error e;

	arena_init(&g.arena);
	g.tx = store_read_begin(app->store);
	e = grow(&g, account);
	store_read_end(g.tx);
	*ret_more = !failed(e) && g.log.size + g.n < g.log.end;
	if (!failed(e) && g.n)
		e = store_write(app->store, write_growth, &g);
	arena_free(&g.arena);
	return e;
}
