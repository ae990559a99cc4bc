/*
 * Takes deleted users out of the files of the spool. A line stays where it is, and as long as it is, so that programs which read on from
 * where they were are not disturbed; but it tells no more than what it was about. What is still to be done stands in the database, so a
 * crash only means to begin again.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/timestamp.h"
#include "codec/encode.h"
#include "webhook/internal.h"

enum { WINDOW_BYTES = 4 * 1024 * 1024, LINE_DEPTH_MAX = 16, IDS_AT_ONCE = 256, ID_QUOTED = UUID_TEXT + 2 };

SQL(erasure_add, "INSERT INTO spool_erasures (account_id, user_id) VALUES ($1, $2)");
SQL(erasure_next, "SELECT n, account_id, user_id FROM spool_erasures ORDER BY n LIMIT 1");
SQL(erasure_done, "DELETE FROM spool_erasures WHERE n = $1");
SQL(ids_of_user, "SELECT id FROM transactions WHERE user_id = $1");

struct error webhooks_user_deleted(struct op *op, struct tx *tx, const struct uuid *user)
{
	if (!*app_settings(op->app)->event_spool)
		return OK;
	if (op->app->event_written)
		tx_after_commit(tx, op->app->event_written);
	return sql_run(tx, &erasure_add, ARGS(v_text(op->caller.account_id), v_uuid(user)), NULL);
}

/* ---- whose lines ---- */

struct erasing {
	int64_t n;
	struct slice account_id;
	struct uuid user;
	struct uuid *ids; /* sorted: the user's own, and those of his transactions */
	size_t count, room;
};

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, UUID_BYTES);
}

static void add_id(struct erasing *e, const struct uuid *id, struct arena *a)
{
	if (e->count == e->room) {
		struct uuid *more = arena_array(a, struct uuid, e->room ? 2 * e->room : IDS_AT_ONCE);

		if (e->count)
			memcpy(more, e->ids, e->count * sizeof(*more));
		e->room = e->room ? 2 * e->room : IDS_AT_ONCE;
		e->ids = more;
	}
	e->ids[e->count++] = *id;
}

static err read_ids(struct tx *tx, struct erasing *e, struct arena *a)
{
	struct rows r;

	add_id(e, &e->user, a);
	TRY(sql_open(tx, &ids_of_user, ARGS(v_uuid(&e->user)), &r));
	while (rows_next(&r)) {
		struct uuid id = col_uuid(&r, 0);

		add_id(e, &id, a);
	}
	TRY(sql_close(&r));
	qsort(e->ids, e->count, sizeof(*e->ids), by_bytes);
	return OK;
}

/* E_NO_ROW when there is nobody. */
static err read_next(struct webhooks *w, struct erasing *e, struct arena *a)
{
	struct tx *tx = store_read_begin(w->app->store);
	struct rows r;
	struct error error = sql_one(tx, &erasure_next, NO_ARGS, &r);

	if (!failed(error)) {
		*e = (struct erasing){ .n = col_int(&r, 0), .account_id = arena_copy(a, col_text(&r, 1)), .user = col_uuid(&r, 2) };
		error = sql_close(&r);
	}
	if (!failed(error))
		error = read_ids(tx, e, a);
	store_read_end(tx);
	return error;
}

static bool is_his(const struct erasing *e, struct slice line)
{
	const uint8_t *at = line.p, *end = line.p + line.n;

	while ((at = memchr(at, '"', (size_t)(end - at))) != NULL && end - at >= ID_QUOTED) {
		struct uuid id;

		if (at[ID_QUOTED - 1] == '"' && !failed(uuid_parse(slice_of(at + 1, UUID_TEXT), &id)) &&
			bsearch(&id, e->ids, e->count, sizeof(id), by_bytes))
			return true;
		at++;
	}
	return false;
}

/* ---- lines ---- */

/* Ids, times, states and codes: what polling answers of an erased user too. */
static json_t *what_remains(const json_t *told)
{
	static const char *const names[] = { "transactionId", "id", "accountId", "userId", "deviceId", "proofingId", "dossierId", "processId",
		"type", "state", "status", "errorCode", "lockReason", "recoveryMethod", "recoveryStatus", "created", "completed" };
	json_t *rest = json_object();

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_t *value = json_object_get(told, names[i]);

		if (json_is_string(value))
			json_object_set(rest, names[i], value);
	}
	return rest;
}

/* The envelope, and in it what remains. A flow tells inside `data`. */
static void without_person(struct slice line, struct arena *a, struct buf *b)
{
	const json_t *told, *data;
	json_t *event = NULL, *rest;
	struct slice why;

	if (!failed(json_read(line, JSON_LAST_WINS, LINE_DEPTH_MAX, a, &event, &why)) && json_is_object(event)) {
		told = json_object_get(event, "eventData");
		data = json_object_get(told, "data");
		rest = what_remains(told);
		if (data)
			json_object_set_new(rest, "data", what_remains(data));
		json_object_set_new(event, "eventData", rest);
		json_object_set_new(event, "tags", json_array());
		json_write_value(b, event);
	}
	json_decref(event);
}

/* As long as it was; one that cannot be read leaves nothing but its length. */
static struct slice line_erased(struct slice line, struct arena *a)
{
	uint8_t *out = arena_alloc(a, line.n);
	struct buf b = buf_arena(a, line.n);

	without_person(line, a, &b);
	memset(out, ' ', line.n);
	if (!failed(buf_ok(&b)) && b.n <= line.n && b.n)
		memcpy(out, b.p, b.n);
	return slice_of(out, line.n);
}

static err write_at(int fd, struct slice bytes, int64_t at)
{
	while (bytes.n) {
		ssize_t n = pwrite(fd, bytes.p, bytes.n, at);

		if (n < 0 && errno == EINTR)
			continue;
		ENSURE(n > 0, IO);
		at += n;
		bytes = slice_of(bytes.p + n, bytes.n - (size_t)n);
	}
	return OK;
}

static err erase_lines(int fd, const struct erasing *e, struct slice window, int64_t at, struct arena *a, bool *ret_changed)
{
	while (window.n) {
		const uint8_t *end = memchr(window.p, '\n', window.n);
		struct slice line = slice_of(window.p, end ? (size_t)(end - window.p) : window.n);
		size_t step = line.n + (end ? 1 : 0);

		if (is_his(e, line)) {
			TRY(write_at(fd, line_erased(line, a), at));
			*ret_changed = true;
		}
		at += (int64_t)step;
		window = slice_of(window.p + step, window.n - step);
	}
	return OK;
}

/* ---- files ---- */

/* Up to the last whole line, unless there is no more. A line is never longer than an envelope, hence never than the window. */
static err read_window(int fd, int64_t at, struct arena *a, struct slice *ret_window)
{
	uint8_t *bytes = arena_alloc(a, WINDOW_BYTES);
	ssize_t n = pread(fd, bytes, WINDOW_BYTES, at);
	const uint8_t *last;

	ENSURE(n >= 0, IO);
	*ret_window = slice_of(bytes, (size_t)n);
	last = n == WINDOW_BYTES ? memrchr(bytes, '\n', WINDOW_BYTES) : NULL;
	if (last)
		ret_window->n = (size_t)(last - bytes) + 1;
	return OK;
}

static err erase_window(int fd, const struct erasing *e, struct webhooks *w, struct arena *a, bool *ret_end)
{
	struct slice window;
	bool changed = false;

	TRY(read_window(fd, w->spool.erase_at, a, &window));
	TRY(erase_lines(fd, e, window, w->spool.erase_at, a, &changed));
	if (changed)
		ENSURE(fdatasync(fd) == 0, IO);
	w->spool.erase_at += (int64_t)window.n;
	*ret_end = window.n == 0;
	return OK;
}

static bool is_spool_file(const char *name)
{
	return strlen(name) == SPOOL_NAME_BYTES && strcmp(name + SPOOL_DATE_BYTES, ".jsonl") == 0;
}

/* The first file of that name or a later one; empty when there is none, which is also so when there is no such directory. */
static err find_file(const char *dir, const char *from, char ret_name[static SPOOL_NAME_BYTES + 1])
{
	const struct dirent *entry;
	DIR *d = opendir(dir);

	*ret_name = 0;
	if (!d && errno == ENOENT)
		return OK;
	ENSURE(d, IO);
	while ((entry = readdir(d)) != NULL)
		if (is_spool_file(entry->d_name) && strcmp(entry->d_name, from) >= 0 &&
			(!*ret_name || strcmp(entry->d_name, ret_name) < 0))
			memcpy(ret_name, entry->d_name, SPOOL_NAME_BYTES + 1);
	closedir(d);
	return OK;
}

static err erase_in(const char *dir, const char *name, const struct erasing *e, struct webhooks *w, struct arena *a)
{
	const char *path = (const char *)arena_printf(a, "%s/%s", dir, name).p;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct error error;
	bool end = false;

	if (fd < 0 && errno == ENOENT)
		end = true; /* its reader has done with it */
	else
		ENSURE(fd >= 0, IO);
	error = end ? OK : erase_window(fd, e, w, a, &end);
	if (fd >= 0)
		close(fd);
	TRY(error);
	memcpy(w->spool.erase_file, name, SPOOL_NAME_BYTES + 1);
	if (end) {
		w->spool.erase_file[SPOOL_NAME_BYTES - 1]++; /* whatever comes behind this name */
		w->spool.erase_at = 0;
	}
	return OK;
}

static struct error done(void *arg, struct tx *tx)
{
	return sql_run(tx, &erasure_done, ARGS(v_int(*(const int64_t *)arg)), NULL);
}

err spool_erase_some(struct webhooks *w, struct arena *a, bool *ret_more)
{
	char name[SPOOL_NAME_BYTES + 1];
	struct erasing e;
	const char *dir;
	struct error error = read_next(w, &e, a);

	*ret_more = !is_err(error, E_NO_ROW);
	if (!*ret_more)
		return OK;
	TRY(error);
	if (w->spool.erasing != e.n) {
		w->spool.erasing = e.n;
		w->spool.erase_at = 0;
		*w->spool.erase_file = 0;
	}
	dir = (const char *)arena_printf(a, "%s/%.*s", app_settings(w->app)->event_spool, FMT(e.account_id)).p;
	TRY(find_file(dir, w->spool.erase_file, name));
	if (!*name)
		return store_write(w->app->store, done, &e.n);
	if (strcmp(name, w->spool.erase_file) != 0)
		w->spool.erase_at = 0;
	return erase_in(dir, name, &e, w, a);
}

/* ---- old files ---- */

static err forget_in(const char *dir, const char *before, struct arena *a)
{
	char name[SPOOL_NAME_BYTES + 1];

	for (;;) {
		TRY(find_file(dir, "", name));
		if (!*name || strcmp(name, before) >= 0)
			return OK;
		ENSURE(unlink((const char *)arena_printf(a, "%s/%s", dir, name).p) == 0, IO);
	}
}

err spool_forget(struct app *app, struct arena *a)
{
	int64_t oldest = env_now_ms(app->env) - app_settings(app)->transaction_retention_days * INT64_C(86400000);
	const char *spool = app_settings(app)->event_spool, *before;
	const struct dirent *entry;
	struct error e = OK;
	DIR *d;

	if (!*spool)
		return OK;
	before = (const char *)arena_printf(a, "%.*s.jsonl", FMT(spool_date(oldest, a))).p;
	d = opendir(spool);
	ENSURE(d, IO);
	while (!failed(e) && (entry = readdir(d)) != NULL)
		if (slice_starts(slice_text(entry->d_name), S("a-")))
			e = forget_in((const char *)arena_printf(a, "%s/%s", spool, entry->d_name).p, before, a);
	closedir(d);
	return e;
}
