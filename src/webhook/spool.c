/*
 * The spool: every event as a line of JSON in DIR/ACCOUNT/YYYY-MM-DD.jsonl, for programs on the same machine that cannot take webhooks.
 * Lines are on the disk before it is written down how far the spool is, so after a crash some may stand there twice, none is missing.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "webhook/internal.h"

enum { AT_ONCE = 256, LINES_BYTES = 4 * 1024 * 1024, LINES_BYTES_MAX = 2 * LINES_BYTES, AFTER_FAILURE_MS = 5000 };

#define READER "spool"
SQL(spool_cursor, "SELECT n FROM event_cursors WHERE reader = '" READER "'");
SQL(spool_newest, "SELECT COALESCE(max(n), 0) FROM outbox");
SQL(spool_rows, "SELECT " OUTBOX_COLUMNS " FROM outbox o WHERE o.n > $1 ORDER BY o.n LIMIT $2");
SQL(spool_move,
	"INSERT INTO event_cursors (reader, n) VALUES ('" READER "', $1) ON CONFLICT (reader) DO UPDATE SET n = excluded.n");

static err number(struct tx *tx, const struct sql *sql, int64_t *ret)
{
	struct rows r;

	TRY(sql_one(tx, sql, NO_ARGS, &r));
	*ret = col_int(&r, 0);
	return sql_close(&r);
}

static struct error move(void *arg, struct tx *tx)
{
	return sql_run(tx, &spool_move, ARGS(v_int(*(const int64_t *)arg)), NULL);
}

/* A spool that was never there begins with what happens from now on. */
static err find_cursor(struct webhooks *w)
{
	struct tx *tx = store_read_begin(w->app->store);
	struct error e = number(tx, &spool_cursor, &w->spool.cursor);
	bool first = is_err(e, E_NO_ROW);

	if (first)
		e = number(tx, &spool_newest, &w->spool.cursor);
	store_read_end(tx);
	TRY(e);
	if (first)
		TRY(store_write(w->app->store, move, &w->spool.cursor));
	w->spool.has_cursor = true;
	return OK;
}

static err read_rows(struct webhooks *w, struct arena *a, struct outbox_row *list, size_t *ret_n)
{
	struct tx *tx = store_read_begin(w->app->store);
	struct rows r;
	struct error e = sql_open(tx, &spool_rows, ARGS(v_int(w->spool.cursor), v_int(AT_ONCE)), &r);

	*ret_n = 0;
	if (!failed(e)) {
		while (*ret_n < AT_ONCE && rows_next(&r))
			list[(*ret_n)++] = outbox_from_row(&r, a);
		e = sql_close(&r);
	}
	store_read_end(tx);
	return e;
}

/* --- files --- */

static err sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0;

	if (fd >= 0)
		close(fd);
	ENSURE(synced, IO);
	return OK;
}

static err make_dir(struct arena *a, const char *spool, struct slice account, const char **ret_path)
{
	*ret_path = (const char *)arena_printf(a, "%s/%.*s", spool, FMT(account)).p;
	if (mkdir(*ret_path, 0700) == 0)
		return sync_dir(spool);
	ENSURE(errno == EEXIST, IO);
	return OK;
}

static err write_all(int fd, struct slice bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		ENSURE(n > 0, IO);
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
	return OK;
}

/* A line that was cut off by a crash is ended, so that it spoils itself only. */
static err end_cut_line(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	char last = '\n';

	ENSURE(end >= 0, IO);
	if (end > 0)
		ENSURE(pread(fd, &last, 1, end - 1) == 1, IO);
	return last == '\n' ? OK : write_all(fd, S("\n"));
}

static err append_to(int fd, struct slice lines)
{
	TRY(end_cut_line(fd));
	TRY(write_all(fd, lines));
	ENSURE(fdatasync(fd) == 0, IO);
	return OK;
}

static err append(struct arena *a, const char *dir, struct slice date, struct slice lines)
{
	const char *path = (const char *)arena_printf(a, "%s/%.*s.jsonl", dir, FMT(date)).p;
	int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	bool made = fd < 0 && errno == ENOENT;
	struct error e;

	if (made)
		fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ENSURE(fd >= 0, IO);
	e = append_to(fd, lines);
	close(fd);
	TRY(e);
	return made ? sync_dir(dir) : OK;
}

/* --- lines --- */

struct slice spool_date(int64_t at, struct arena *a)
{
	struct buf b = buf_arena(a, 64);

	time_write(&b, at, TIME_AS_MS);
	return slice_of(b.p, SPOOL_DATE_BYTES);
}

struct sheet {
	struct slice account_id, date;
	struct buf lines;
};

static err flush(struct webhooks *w, struct arena *a, struct sheet *sheet)
{
	const char *dir;

	if (!sheet->lines.n)
		return OK;
	TRY(buf_ok(&sheet->lines));
	TRY(make_dir(a, app_settings(w->app)->event_spool, sheet->account_id, &dir));
	TRY(append(a, dir, sheet->date, buf_bytes(&sheet->lines)));
	sheet->lines.n = 0;
	return OK;
}

static err add_line(struct webhooks *w, struct arena *a, const struct outbox_row *row, struct sheet *sheet)
{
	struct slice date = spool_date(row->at, a);
	struct envelope envelope;
	struct error e = envelope_fetch(w->app, row, a, &envelope);

	if (is_err(e, E_ACCOUNT_UNKNOWN))
		return OK; /* nobody is left who could want it */
	TRY(e);
	if (!slice_eq(date, sheet->date) || !slice_eq(envelope.account_id, sheet->account_id))
		TRY(flush(w, a, sheet));
	sheet->date = date;
	sheet->account_id = envelope.account_id;
	buf_slice(&sheet->lines, envelope_json(row, &envelope, row->expires, a));
	buf_byte(&sheet->lines, '\n');
	return sheet->lines.n < LINES_BYTES ? OK : flush(w, a, sheet);
}

static err spool_some(struct webhooks *w, struct arena *a, bool *ret_more)
{
	struct outbox_row *rows = arena_array(a, struct outbox_row, AT_ONCE);
	struct sheet sheet = { .lines = buf_arena(a, LINES_BYTES_MAX) };
	int64_t cursor;
	size_t n;

	if (!w->spool.has_cursor)
		TRY(find_cursor(w));
	TRY(read_rows(w, a, rows, &n));
	for (size_t i = 0; i < n; i++)
		TRY(add_line(w, a, &rows[i], &sheet));
	TRY(flush(w, a, &sheet));
	if (n == 0)
		return OK;
	cursor = rows[n - 1].n;
	TRY(store_write(w->app->store, move, &cursor));
	w->spool.cursor = cursor;
	*ret_more = n == AT_ONCE;
	return OK;
}

void turn_spool(struct turn *t)
{
	struct webhooks *w = t->webhooks;
	struct error e;
	bool more = false, erasures = false;

	if (!*app_settings(w->app)->event_spool || w->spool.again_ms > t->now)
		return;
	e = spool_some(w, &t->arena, &more);
	/* Behind what was read before a user was deleted, and is written only now. */
	if (!failed(e) && !more)
		e = spool_erase_some(w, &t->arena, &erasures);
	w->spool.again_ms = 0;
	if (failed(e)) {
		w->spool.again_ms = t->now + AFTER_FAILURE_MS;
		log_line(w->app->log, LOG_WARN, "events not spooled, tried again soon", LOG_E(e));
	}
	t->more = t->more || (!failed(e) && (more || erasures));
}
