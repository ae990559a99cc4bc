/*
 * Going through the records of a log, in either direction, so many at once that nobody waits for long. Those of one user, or of one
 * transaction or object, are found by an index; everything else is looked for place by place.
 */
#include "audit/internal.h"
#include "user/user.h"

enum {
	SCAN_MAX = 20000,                     /* places, or records found by an index, looked at for one page */
	DAYS_SEARCHED = 30,                   /* unless told otherwise */
	DISORDER_MS = 10 * 60 * 1000,         /* a record carries the time of its request, and is numbered by its commit */
};

#define SCAN(more)                                                                                                             \
	"SELECT " RECORD_COLUMNS " FROM audit WHERE account = $1 AND sequence >= $2 AND sequence < $3 AND at >= $4 AND at < $5"  \
	" AND (CAST($6 AS text) IS NULL OR type = $6) AND (CAST($7 AS text) IS NULL OR client_id = $7)" more " ORDER BY sequence"
SQL(scan_up, SCAN("") " ASC");
SQL(scan_down, SCAN("") " DESC");
SQL(scan_user_up, SCAN(" AND user_id = $8") " ASC");
SQL(scan_user_down, SCAN(" AND user_id = $8") " DESC");
SQL(scan_reference_up, SCAN(" AND reference = $8") " ASC");
SQL(scan_reference_down, SCAN(" AND reference = $8") " DESC");
SQL(time_of, "SELECT at FROM audit WHERE account = $1 AND sequence >= $2 ORDER BY sequence LIMIT 1");
SQL(first_kept, "SELECT min(sequence) FROM audit WHERE account = $1");

/* ---- what is personal ---- */

err opener_open(struct opener *o, struct audit_record *record)
{
	struct error e;

	if (!record->box.n || !record->has_user)
		return OK;
	if (!o->known || !uuid_eq(&o->user, &record->user)) {
		e = user_key(o->op, o->tx, &record->user, &o->key);
		if (failed(e) && !is_err(e, E_USER_UNKNOWN))
			return e;
		o->known = true;
		o->has_key = !failed(e);
		o->user = record->user;
	}
	return o->has_key ? personal_open(&o->key, &record->user, record->box, o->op->arena, &record->salt, &record->personal) : OK;
}

void opener_end(struct opener *o)
{
	wipe(&o->key, sizeof(o->key));
}

/* ---- where to look ---- */

err cursor_read(struct op *op, struct slice cursor, int64_t *ret_sequence)
{
	if (failed(slice_i64(cursor, ret_sequence)) || *ret_sequence < 0)
		return op_invalid(op, "cursor", "is not one that was given");
	return OK;
}

static err number(struct tx *tx, const struct sql *sql, const struct val *args, size_t n, int64_t none, int64_t *ret)
{
	struct rows r;
	struct error e = sql_one(tx, sql, args, n, &r);

	*ret = none;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	if (!col_is_null(&r, 0))
		*ret = col_int(&r, 0);
	return sql_close(&r);
}

/* The first place whose record is of that time or later, give or take the disorder. */
static err place_of_time(struct tx *tx, const struct audit_log *log, int64_t ms, int64_t *ret_place)
{
	int64_t low, high = log->end, at;

	TRY(number(tx, &first_kept, ARGS(v_int(log->account)), log->end, &low));
	while (low < high) {
		int64_t middle = low + (high - low) / 2;

		TRY(number(tx, &time_of, ARGS(v_int(log->account), v_int(middle)), INT64_MAX, &at));
		if (at < ms)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_place = low;
	return OK;
}

static err window(struct scan *s)
{
	struct tx *tx = op_reader(s->op);

	TRY(place_of_time(tx, &s->log, s->from - DISORDER_MS, &s->at));
	s->end = s->log.end;
	return s->to < s->op->now ? place_of_time(tx, &s->log, s->to + DISORDER_MS, &s->end) : OK;
}

err scan_begin(struct op *op, const struct audit_query *query, struct slice cursor, bool ascending, struct scan *ret_scan)
{
	struct scan *s = ret_scan;
	int64_t place;

	*s = (struct scan){ .op = op, .query = query, .ascending = ascending, .limit = RECORDS_MAX, .from = INT64_MIN, .to = INT64_MAX };
	if (query) {
		TRY(filter_check(op, query));
		s->to = query->to ? query->to : op->now + 1;
		s->from = query->from ? query->from : s->to - DAYS_SEARCHED * INT64_C(86400000);
	}
	TRY(log_load(op_reader(op), op->arena, op->caller.account, &s->log));
	s->end = s->log.end;
	if (query)
		TRY(window(s));
	if (!cursor.n)
		return OK;
	TRY(cursor_read(op, cursor, &place));
	if (ascending && place > s->at)
		s->at = place;
	if (!ascending && place + 1 < s->end)
		s->end = place + 1;
	return OK;
}

/* ---- looking ---- */

enum scan_by { BY_PLACE, BY_USER, BY_REFERENCE };

/* What is no id is nobody's: then the filter lets nothing pass. */
static enum scan_by scan_by(struct scan *s, struct slice *ret_reference)
{
	struct slice user = filter_equal(s->query, "userId");

	s->user = (struct uuid){ { 0 } };
	*ret_reference = filter_equal(s->query, "referenceId");
	if (ret_reference->n)
		return BY_REFERENCE;
	if (!user.n)
		return BY_PLACE;
	IGNORE(uuid_parse(user, &s->user));
	return BY_USER;
}

static err open_scan(struct scan *s, int64_t low, int64_t high, struct rows *ret_rows)
{
	static const struct sql *const up[] = { &scan_up, &scan_user_up, &scan_reference_up };
	static const struct sql *const down[] = { &scan_down, &scan_user_down, &scan_reference_down };
	struct slice reference;
	enum scan_by by = scan_by(s, &reference);
	const struct val args[] = { v_int(s->log.account), v_int(low), v_int(high), v_int(s->from), v_int(s->to),
		v_text_opt(filter_equal(s->query, "eventType")), v_text_opt(filter_equal(s->query, "clientId")),
		by == BY_USER ? v_uuid(&s->user) : v_text(reference) };
	size_t n = sizeof(args) / sizeof(args[0]);

	return sql_open(op_reader(s->op), s->ascending ? up[by] : down[by], args, by == BY_PLACE ? n - 1 : n, ret_rows);
}

static err take_rows(struct scan *s, struct rows *r, struct opener *opener)
{
	int64_t looked = 0;

	while (rows_next(r)) {
		struct audit_record record;

		TRY(record_from_row(r, s->op->arena, &record));
		if (s->taken == s->limit || looked++ == SCAN_MAX) {
			s->next = record.sequence;
			return OK;
		}
		TRY(opener_open(opener, &record));
		if (!filter_fits(s->query, &s->log, &record, s->op->arena))
			continue;
		TRY(s->take(s, &record));
		s->taken++;
	}
	return OK;
}

err scan_run(struct scan *s)
{
	struct opener opener = { .op = s->op, .tx = op_reader(s->op) };
	int64_t low = s->at, high = s->end;
	struct slice reference;
	bool by_place = scan_by(s, &reference) == BY_PLACE;
	struct error e, end;
	struct rows r;

	if (by_place && high - low > SCAN_MAX && s->ascending)
		high = low + SCAN_MAX;
	else if (by_place && high - low > SCAN_MAX)
		low = high - SCAN_MAX;
	s->next = s->ascending ? (high < s->end ? high : -1) : low > s->at ? low - 1 : -1;
	TRY(open_scan(s, low, high, &r));
	e = take_rows(s, &r, &opener);
	end = sql_close(&r);
	opener_end(&opener);
	return failed(e) ? e : end;
}
