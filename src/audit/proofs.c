/* Proofs by API, and those that ride along with other things. */
#include "audit/internal.h"
#include "codec/encode.h"

SQL(record_wanted,
	"SELECT " RECORD_COLUMNS " FROM audit WHERE account = $1 AND at = $2 AND type = $3 AND reference = $4 AND sequence >= $5"
	" AND sequence < $6 LIMIT 1");

static struct slice hash_text(struct arena *a, const struct hash *hash)
{
	return b64url(a, slice_of(hash->b, SHA256_BYTES));
}

struct list hashes_text(struct arena *a, const struct proof *proof)
{
	struct slice *items = arena_array(a, struct slice, proof->n + 1);

	for (size_t i = 0; i < proof->n; i++)
		items[i] = hash_text(a, &proof->hashes[i]);
	return (struct list){ items, proof->n };
}

void hashes_write(struct jw *w, const char *name, const struct proof *proof)
{
	jw_key(w, name);
	jw_open(w, '[');
	for (size_t i = 0; i < proof->n; i++) {
		jw_raw(w, S("\""));
		b64url_write(w->b, slice_of(proof->hashes[i].b, SHA256_BYTES));
		buf_byte(w->b, '"');
	}
	jw_close(w, ']');
}

err size_check(struct op *op, const char *name, bool asked, int64_t wanted, const struct tree *tree, int64_t *ret_size)
{
	*ret_size = asked ? wanted : tree->log.end;
	if (asked && wanted < 1)
		return op_invalid(op, name, "must be 1 or more");
	return *ret_size <= tree->log.end ? OK : op_invalid(op, name, "is more than there are records");
}

err audit_inclusion_prepare(struct op *op)
{
	const struct audit_inclusion_of *query = op->query;
	struct audit_inclusion *out = op->out = arena_new(op->arena, struct audit_inclusion);
	struct hash leaf, root;
	struct proof proof;
	struct tree tree;

	TRY(cursor_read(op, query->cursor, &out->index));
	TRY(tree_open(op_reader(op), op->arena, op->caller.account, &tree));
	TRY(size_check(op, "size", HAS(query, audit_inclusion_of, size), query->size, &tree, &out->size));
	ENSURE(out->index < out->size, RECORD_UNKNOWN);
	TRY(tree_leaf(&tree, out->index, &leaf));
	TRY(merkle_root(&tree.source, out->size, &root));
	TRY(merkle_inclusion(&tree.source, out->index, out->size, &proof));
	out->leafHash = hash_text(op->arena, &leaf);
	out->rootHash = hash_text(op->arena, &root);
	out->proof = hashes_text(op->arena, &proof);
	return OK;
}

err audit_consistency_prepare(struct op *op)
{
	const struct audit_consistency_of *query = op->query;
	struct audit_consistency *out = op->out = arena_new(op->arena, struct audit_consistency);
	struct hash first, second;
	struct proof proof;
	struct tree tree;

	TRY(tree_open(op_reader(op), op->arena, op->caller.account, &tree));
	TRY(size_check(op, "second", HAS(query, audit_consistency_of, second), query->second, &tree, &out->second));
	TRY(size_check(op, "first", true, query->first, &tree, &out->first));
	if (out->first > out->second)
		return op_invalid(op, "first", "is more than the second size");
	TRY(merkle_root(&tree.source, out->first, &first));
	TRY(merkle_root(&tree.source, out->second, &second));
	TRY(merkle_consistency(&tree.source, out->first, out->second, &proof));
	out->firstRootHash = hash_text(op->arena, &first);
	out->secondRootHash = hash_text(op->arena, &second);
	out->proof = hashes_text(op->arena, &proof);
	return OK;
}

/* ---- the proof of one record ---- */

static err find_record(struct op *op, const struct audit_record_wanted *wanted, struct scan *near, struct audit_record *ret_record)
{
	const struct audit_query query = { .from = wanted->at, .to = wanted->at + 1 };
	struct rows r;
	struct error e;

	TRY(scan_begin(op, &query, S(""), true, near));
	TRY(sql_one(op_reader(op), &record_wanted,
		ARGS(v_int(op->caller.account), v_int(wanted->at), v_text(slice_text(fact_info(wanted->kind)->type)),
			v_text(wanted->reference), v_int(near->at), v_int(near->end)), &r));
	e = record_from_row(&r, op->arena, ret_record);
	TRY(sql_close(&r));
	return e;
}

static err write_record(struct op *op, const struct scan *near, struct audit_record *record, struct jw *w)
{
	struct opener opener = { .op = op, .tx = op_reader(op) };
	struct error e = opener_open(&opener, record);

	opener_end(&opener);
	TRY(e);
	jw_key(w, "record");
	jw_raw(w, S(""));
	record_write(&near->log, record, op->arena, w->b);
	buf_byte(w->b, '}');
	return OK;
}

err audit_write_proof(struct op *op, const struct audit_record_wanted *wanted, struct slice earlier, struct jw *w)
{
	struct audit_checkpoint before;
	struct audit_record record;
	struct proof proof;
	struct slice token;
	struct scan near;
	struct tree tree;
	struct hash root;

	TRY(find_record(op, wanted, &near, &record));
	TRY(write_record(op, &near, &record, w));
	TRY(tree_open(op_reader(op), op->arena, op->caller.account, &tree));
	TRY(merkle_inclusion(&tree.source, record.sequence, tree.log.end, &proof));
	hashes_write(w, "proof", &proof);
	TRY(merkle_root(&tree.source, tree.log.end, &root));
	TRY(checkpoint_sign(op->app, &tree.log, tree.log.end, &root, op->now, op->arena, &token));
	jw_pair_text(w, "checkpoint", token);
	TRY(checkpoint_read(earlier, op->arena, &before));
	ENSURE(before.size >= 0 && before.size <= tree.log.end, STORAGE);
	proof.n = 0;
	if (before.size)
		TRY(merkle_consistency(&tree.source, before.size, tree.log.end, &proof));
	hashes_write(w, "consistency", &proof);
	return OK;
}
