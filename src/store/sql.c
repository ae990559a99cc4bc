#include "store/sqlite.h"

/* The linker gathers what SQL() declares; both ends are NULL in a program without any. */
extern const struct sql *const __start_sql_list[] __attribute__((weak, visibility("hidden")));
extern const struct sql *const __stop_sql_list[] __attribute__((weak, visibility("hidden")));

void sql_each_declared(void (*fn)(void *ctx, const struct sql *sql), void *ctx)
{
	for (const struct sql *const *at = __start_sql_list; at < __stop_sql_list; at++)
		fn(ctx, *at);
}

/* ---- running ---- */

/* Never copied: arguments live as long as the call, and each use binds every place anew. A NULL pointer would bind NULL. */
static int bind_place(sqlite3_stmt *stmt, int place, const struct val *v)
{
	const char *p = v->s.p ? (const char *)v->s.p : "";

	switch (v->type) {
	case VAL_INT:
		return sqlite3_bind_int64(stmt, place, v->i);
	case VAL_TEXT:
		return sqlite3_bind_text64(stmt, place, p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
	case VAL_BYTES:
		return sqlite3_bind_blob64(stmt, place, p, v->s.n, SQLITE_STATIC);
	case VAL_NULL:
		break;
	}
	return sqlite3_bind_null(stmt, place);
}

static err bind(struct tx *tx, struct statement *st, const struct val *args, size_t n)
{
	if (n != st->params)
		return sql_mistake(tx, st->sql, "wrong number of arguments");
	if (sqlite3_stmt_busy(st->stmt))
		return sql_mistake(tx, st->sql, "still being read");
	for (int i = 0; i < st->places; i++)
		TRY(tx_error(tx, bind_place(st->stmt, i + 1, &args[st->arg_of[i]]), st->sql->name));
	return OK;
}

/* A write that failed undid itself only when a constraint refused it; on some errors SQLite gives up the transaction. */
static err step_error(struct tx *tx, const struct statement *st, int code)
{
	struct error e = tx_error(tx, code, st->sql->name);

	if (tx->pool || (st->writes && (code & 0xff) != SQLITE_CONSTRAINT) || sqlite3_get_autocommit(tx->db))
		tx->broken = e;
	return e;
}

static err begin(struct tx *tx, const struct sql *sql, const struct val *args, size_t n, struct statement **ret_st)
{
	TRY(tx_snapshot(tx));
	TRY(statement_of(tx, sql, ret_st));
	return bind(tx, *ret_st, args, n);
}

err sql_run(struct tx *tx, const struct sql *sql, const struct val *args, size_t n, int64_t *ret_changes)
{
	struct statement *st;
	struct error e = OK;
	int code;

	TRY(begin(tx, sql, args, n, &st));
	do
		code = sqlite3_step(st->stmt);
	while (code == SQLITE_ROW);
	if (code != SQLITE_DONE)
		e = step_error(tx, st, code);
	else if (ret_changes)
		*ret_changes = st->writes ? sqlite3_changes64(tx->db) : 0;
	sqlite3_reset(st->stmt);
	return e;
}

err sql_open(struct tx *tx, const struct sql *sql, const struct val *args, size_t n, struct rows *ret_rows)
{
	struct statement *st;

	*ret_rows = (struct rows){ .tx = tx };
	ret_rows->error = begin(tx, sql, args, n, &st);
	TRY(ret_rows->error);
	ret_rows->stmt = st;
	tx->open_rows++;
	return OK;
}

static void end(struct rows *r)
{
	struct statement *st = r->stmt;

	sqlite3_reset(st->stmt);
	r->stmt = NULL;
	r->tx->open_rows--;
}

bool rows_next(struct rows *r)
{
	struct statement *st = r->stmt;
	int code;

	if (!st)
		return false;
	code = sqlite3_step(st->stmt);
	if (code == SQLITE_ROW)
		return true;
	if (code != SQLITE_DONE)
		r->error = step_error(r->tx, st, code);
	end(r);
	return false;
}

err sql_close(struct rows *r)
{
	if (r->stmt)
		end(r);
	return r->error;
}

err sql_one(struct tx *tx, const struct sql *sql, const struct val *args, size_t n, struct rows *ret_row)
{
	TRY(sql_open(tx, sql, args, n, ret_row));
	if (rows_next(ret_row))
		return OK;
	TRY(sql_close(ret_row));
	return FAIL(NO_ROW);
}

/* ---- columns ---- */

static sqlite3_stmt *row_of(const struct rows *r)
{
	const struct statement *st = r->stmt;

	return st->stmt;
}

int64_t col_int(const struct rows *r, int column)
{
	return sqlite3_column_int64(row_of(r), column);
}

struct slice col_text(const struct rows *r, int column)
{
	const unsigned char *p = sqlite3_column_text(row_of(r), column);

	return slice_of(p, (size_t)sqlite3_column_bytes(row_of(r), column));
}

struct slice col_bytes(const struct rows *r, int column)
{
	const void *p = sqlite3_column_blob(row_of(r), column);

	return slice_of(p, (size_t)sqlite3_column_bytes(row_of(r), column));
}

bool col_is_null(const struct rows *r, int column)
{
	return sqlite3_column_type(row_of(r), column) == SQLITE_NULL;
}

struct uuid col_uuid(const struct rows *r, int column)
{
	struct slice bytes = col_bytes(r, column);
	struct uuid id = { 0 };

	if (bytes.n == UUID_BYTES)
		memcpy(id.b, bytes.p, UUID_BYTES);
	return id;
}
