/* Export: records oldest first, each with its proof, or as a table for people. */
#include "audit/internal.h"
#include "base/timestamp.h"
#include "codec/encode.h"

enum { EXPORT_BYTES_MAX = 64 * 1024 * 1024, CELL_BYTES_MAX = 256 * 1024 };

struct exporting {
	struct buf out;
	struct tree tree;
	int64_t size;
};

/* A path to the root, from which the next record's path differs only below. */
static struct error export_json(struct scan *scan, const struct audit_record *record)
{
	struct exporting *x = scan->ctx;
	struct jw w = { &x->out, true };
	struct proof proof;

	TRY(merkle_inclusion(&x->tree.source, record->sequence, x->size, &proof));
	record_write(&scan->log, record, scan->op->arena, &x->out);
	hashes_write(&w, "proof", &proof);
	buf_text(&x->out, "}\n");
	return buf_ok(&x->out);
}

/* RFC 4180; a cell that a spreadsheet would take for a formula begins with an apostrophe. */
static void write_cell(struct buf *b, struct slice text)
{
	buf_byte(b, '"');
	if (text.n && strchr("=+-@\t\r", text.p[0]))
		buf_byte(b, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			buf_byte(b, '"');
		buf_byte(b, text.p[i]);
	}
	buf_byte(b, '"');
}

static struct error export_table(struct scan *scan, const struct audit_record *record)
{
	struct exporting *x = scan->ctx;

	for (size_t i = 0; record_members[i]; i++) {
		struct slice text;

		record_member(record, &scan->log, slice_text(record_members[i]), scan->op->arena, &text);
		write_cell(&x->out, text);
		buf_byte(&x->out, ',');
	}
	write_cell(&x->out, record->data);
	buf_text(&x->out, "\r\n");
	return buf_ok(&x->out);
}

static void write_titles(struct buf *b)
{
	for (size_t i = 0; record_members[i]; i++)
		buf_printf(b, "%s,", record_members[i]);
	buf_text(b, "data\r\n");
}

static void link_next(struct op *op, const struct audit_export *how, const struct exporting *x, int64_t next)
{
	const char *format = how->format == audit_format_csv ? "csv" : "jsonl";

	http_add_header(op->http, "Link", arena_printf(op->arena, "<%s/audit/export?format=%s&cursor=%lld&limit=%lld&size=%lld>; rel=\"next\"",
		op->app->public_url, format, (long long)next, (long long)(how->limit ? how->limit : RECORDS_MAX), (long long)x->size));
}

/* What came behind the checkpoint is not in it. */
static err begin(struct op *op, const struct audit_export *how, struct exporting *x, struct scan *scan)
{
	TRY(scan_begin(op, op->in, how->cursor, true, scan));
	TRY(tree_open(op_reader(op), op->arena, op->caller.account, &x->tree));
	TRY(size_check(op, "size", HAS(how, audit_export, size), how->size, &x->tree, &x->size));
	if (scan->end > x->size)
		scan->end = x->size;
	scan->limit = how->limit ? how->limit : RECORDS_MAX;
	scan->take = how->format == audit_format_csv ? export_table : export_json;
	scan->ctx = x;
	return OK;
}

err audit_export_prepare(struct op *op)
{
	const struct audit_export *how = op->query;
	bool csv = how->format == audit_format_csv;
	struct exporting x = { .out = buf_arena(op->arena, EXPORT_BYTES_MAX) };
	struct scan scan;

	TRY(begin(op, how, &x, &scan));
	if (csv && !how->cursor.n)
		write_titles(&x.out);
	if (scan.end > scan.at)
		TRY(scan_run(&scan));
	else
		scan.next = -1;
	if (scan.next >= 0)
		link_next(op, how, &x, scan.next);
	op_answer(op, 200, csv ? "text/csv; charset=utf-8" : "application/jsonl", buf_bytes(&x.out));
	return OK;
}
