/* Search: pages of records, newest first, one record, and what helps to build a search. */
#include "audit/internal.h"
#include "user/user.h"

enum { PAGE_BYTES_MAX = 32 * 1024 * 1024, USER_RECORDS_MAX = 20000 };

SQL(record_at, "SELECT " RECORD_COLUMNS " FROM audit WHERE account = $1 AND sequence = $2");

static struct error write_one(struct scan *scan, const struct audit_record *record)
{
	struct jw *w = scan->ctx;

	jw_raw(w, S(""));
	record_write(&scan->log, record, scan->op->arena, w->b);
	buf_byte(w->b, '}');
	return OK;
}

err audit_query_prepare(struct op *op)
{
	const struct audit_page *page = op->query;
	struct buf b = buf_arena(op->arena, PAGE_BYTES_MAX);
	struct jw w = jw_new(&b);
	struct scan scan;

	TRY(scan_begin(op, op->in, page->cursor, false, &scan));
	scan.limit = page->limit ? page->limit : RECORDS_MAX;
	scan.take = write_one;
	scan.ctx = &w;
	jw_open(&w, '{');
	jw_key(&w, "data");
	jw_open(&w, '[');
	TRY(scan_run(&scan));
	jw_close(&w, ']');
	if (scan.next >= 0)
		jw_pair_text(&w, "next", arena_printf(op->arena, "%s/audit/query?cursor=%lld&limit=%lld", op->app->public_url,
			(long long)scan.next, (long long)scan.limit));
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}

err audit_record_prepare(struct op *op)
{
	struct opener opener = { .op = op, .tx = op_reader(op) };
	struct buf b = buf_arena(op->arena, PAGE_BYTES_MAX);
	struct audit_record record;
	struct audit_log log;
	int64_t sequence;
	struct rows r;
	struct error e;

	ENSURE(!failed(slice_i64(op->path[0], &sequence)), RECORD_UNKNOWN);
	TRY(log_load(op_reader(op), op->arena, op->caller.account, &log));
	e = sql_one(op_reader(op), &record_at, ARGS(v_int(op->caller.account), v_int(sequence)), &r);
	ENSURE(!is_err(e, E_NO_ROW), RECORD_UNKNOWN);
	TRY(e);
	TRY(record_from_row(&r, op->arena, &record));
	TRY(sql_close(&r));
	e = opener_open(&opener, &record);
	opener_end(&opener);
	TRY(e);
	record_write(&log, &record, op->arena, &b);
	buf_byte(&b, '}');
	TRY(buf_ok(&b));
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}

/* ---- what helps ---- */

static bool listed(const struct slice *items, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is(items[i], text))
			return true;
	return false;
}

static struct list every(struct arena *a, bool types)
{
	struct slice *items = arena_array(a, struct slice, FACT_COUNT);
	size_t n = 0;

	for (int i = FACT_NONE + 1; i < FACT_COUNT; i++) {
		const struct fact_info *info = fact_info((enum fact_kind)i);
		const char *text = types ? info->type : info->service;

		if (!listed(items, n, text))
			items[n++] = slice_text(text);
	}
	return (struct list){ items, n };
}

static struct list words(struct arena *a, const char *const *texts)
{
	struct list list = { NULL, 0 };
	size_t n = 0;

	while (texts[n])
		n++;
	list.items = arena_array(a, struct slice, n + 1);
	for (; list.n < n; list.n++)
		((struct slice *)list.items)[list.n] = slice_text(texts[list.n]);
	return list;
}

err audit_metadata_prepare(struct op *op)
{
	static const char *const targets[] = { "audit", NULL };
	struct audit_metadata *out = op->out = arena_new(op->arena, struct audit_metadata);
	struct slice *operators = arena_array(op->arena, struct slice, audit_operator_count);

	for (int i = 1; i < audit_operator_count; i++)
		operators[i - 1] = slice_text(enum_text(&audit_operator_enum, i));
	out->extended = true;
	out->targets = words(op->arena, targets);
	out->serviceNames = every(op->arena, false);
	out->eventTypes = every(op->arena, true);
	out->operators = (struct list){ operators, audit_operator_count - 1 };
	return OK;
}

err audit_properties_prepare(struct op *op)
{
	struct audit_properties *out = op->out = arena_new(op->arena, struct audit_properties);

	out->properties = words(op->arena, record_members);
	return OK;
}

/* ---- of one user ---- */

static err write_user(struct op *op, const struct uuid *user, int64_t since, struct jw *w)
{
	struct audit_condition condition = { .field = S("userId"), .operator = audit_operator_eq, .value = uuid_text(op->arena, user) };
	struct audit_query query = { .and = { &condition, 1 }, .from = since, .to = op->now + 1 };
	struct scan scan;

	TRY(scan_begin(op, &query, S(""), true, &scan));
	scan.limit = USER_RECORDS_MAX;
	scan.take = write_one;
	scan.ctx = w;
	jw_key(w, "auditRecords");
	jw_open(w, '[');
	TRY(scan_run(&scan));
	jw_close(w, ']');
	if (scan.next >= 0)
		jw_pair_text(w, "auditNext", arena_printf(op->arena, "%lld", (long long)scan.next));
	return OK;
}

static struct error export_user(struct op *op, const struct user *user, struct jw *w)
{
	return write_user(op, &user->id, user->created, w);
}

void audit_open(struct app *app)
{
	HOOK(app->user_exported, export_user);
}
