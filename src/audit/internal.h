/* What the files of this folder share. */
#ifndef AUDIT_INTERNAL_H
#define AUDIT_INTERNAL_H

#include "audit/audit.h"
#include "audit/audit_schema.h"
#include "audit/tree.h"

/* ---- pages of records (scan.c) ---- */

/* Opens what is personal, one user's key after the other. */
struct opener {
	struct op *op;
	struct tx *tx;
	bool known, has_key;
	struct uuid user;
	struct data_key key;
};
err opener_open(struct opener *o, struct audit_record *record);
void opener_end(struct opener *o);

/* Conditions, times and the direction of a search. */
struct scan {
	struct op *op;
	struct audit_log log;
	const struct audit_query *query; /* NULL: everything */
	int64_t from, to;                /* times; to is exclusive */
	bool ascending;
	int64_t at, end;                 /* the first place to look at, and behind the last one */
	int64_t limit;
	int64_t next;                    /* afterwards: where to go on; -1: that was all */
	struct error (*take)(struct scan *scan, const struct audit_record *record);
	void *ctx;
	int64_t taken;
	struct uuid user;                /* that the query asks for; bound while rows are read */
};
/* Reads log and query; E_INVALID_PARAM. */
err scan_begin(struct op *op, const struct audit_query *query, struct slice cursor, bool ascending, struct scan *ret_scan);
err scan_run(struct scan *scan);
/* `cursor` is a number of a record; E_INVALID_PARAM. */
err cursor_read(struct op *op, struct slice cursor, int64_t *ret_sequence);

/* ---- filter.c ---- */

err filter_check(struct op *op, const struct audit_query *query);
bool filter_fits(const struct audit_query *query, const struct audit_log *log, const struct audit_record *record, struct arena *a);
/* The value that this member has to equal, as far as the query says so; empty: it does not. */
struct slice filter_equal(const struct audit_query *query, const char *field);

/* ---- checkpoint.c ---- */

/* Signs the tree of the first `size` records. */
err checkpoint_sign(struct app *app, const struct audit_log *log, int64_t size, const struct hash *root, int64_t now, struct arena *a,
	struct slice *ret_token);
/* What a checkpoint of our own says; E_STORAGE. */
err checkpoint_read(struct slice token, struct arena *a, struct audit_checkpoint *ret_checkpoint);

/* ---- proofs.c ---- */

struct list hashes_text(struct arena *a, const struct proof *proof);
void hashes_write(struct jw *w, const char *name, const struct proof *proof);
/* A size that was asked for, or all there are. E_INVALID_PARAM when there are not so many records, or when it is none. */
err size_check(struct op *op, const char *name, bool asked, int64_t wanted, const struct tree *tree, int64_t *ret_size);

/* ---- operations ---- */

err audit_query_prepare(struct op *op);
err audit_record_prepare(struct op *op);
err audit_metadata_prepare(struct op *op);
err audit_properties_prepare(struct op *op);
err audit_export_prepare(struct op *op);
err audit_checkpoints_prepare(struct op *op);
err audit_inclusion_prepare(struct op *op);
err audit_consistency_prepare(struct op *op);

#endif
