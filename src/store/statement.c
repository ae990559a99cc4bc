/* The statements of a connection: each prepared once, found by the address of its declaration. */
#include <stdlib.h>

#include "store/sqlite.h"

/* Where the statement is, or would go. */
static size_t slot_of(struct statement *const *slots, size_t count, const struct sql *sql)
{
	size_t at = (size_t)(((uintptr_t)sql >> 3) * 0x9e3779b97f4a7c15u >> 32) & (count - 1);

	while (slots[at] && slots[at]->sql != sql)
		at = (at + 1) & (count - 1);
	return at;
}

static void grow(struct tx *tx)
{
	size_t count = tx->slots_count ? tx->slots_count * 2 : 32;
	struct statement **slots = xalloc(count * sizeof(struct statement *));

	for (size_t i = 0; i < tx->slots_count; i++)
		if (tx->slots[i])
			slots[slot_of(slots, count, tx->slots[i]->sql)] = tx->slots[i];
	free(tx->slots);
	tx->slots = slots;
	tx->slots_count = count;
}

void statements_free(struct tx *tx)
{
	for (size_t i = 0; i < tx->slots_count; i++) {
		if (tx->slots[i]) {
			sqlite3_finalize(tx->slots[i]->stmt);
			free(tx->slots[i]);
		}
	}
	free(tx->slots);
	tx->slots = NULL;
	tx->slots_count = tx->slots_used = 0;
}

err sql_mistake(struct tx *tx, const struct sql *sql, const char *what)
{
	log_line(tx->log, LOG_ERROR, "sql", LOG_T("statement", sql->name), LOG_T("message", what));
	return FAIL(INTERNAL);
}

/* $1, $2, … are names to SQLite, numbered by first appearance. */
static err map_params(struct statement *st)
{
	int places = sqlite3_bind_parameter_count(st->stmt);

	ENSURE(places <= SQL_ARGS_MAX, INTERNAL);
	for (int i = 0; i < places; i++) {
		const char *name = sqlite3_bind_parameter_name(st->stmt, i + 1);
		uint64_t number;

		ENSURE(name && name[0] == '$', INTERNAL);
		TRY(slice_u64(slice_text(name + 1), &number));
		ENSURE(number >= 1 && number <= SQL_ARGS_MAX, INTERNAL);
		st->arg_of[i] = (uint8_t)(number - 1);
		if (number > st->params)
			st->params = (uint8_t)number;
	}
	st->places = (uint8_t)places;
	return OK;
}

static err compile(struct tx *tx, const struct sql *sql, struct statement *st)
{
	const char *rest = "";

	st->sql = sql;
	TRY(tx_error(tx, sqlite3_prepare_v3(tx->db, sql->text, -1, SQLITE_PREPARE_PERSISTENT, &st->stmt, &rest), sql->name));
	if (!st->stmt || *rest)
		return sql_mistake(tx, sql, "not one statement");
	if (failed(map_params(st)))
		return sql_mistake(tx, sql, "parameters other than $1, $2, ...");
	st->writes = !sqlite3_stmt_readonly(st->stmt);
	return OK;
}

static err prepare(struct tx *tx, const struct sql *sql, struct statement *ret_st)
{
	struct error e = compile(tx, sql, ret_st);

	if (failed(e))
		sqlite3_finalize(ret_st->stmt);
	return e;
}

static err add(struct tx *tx, const struct sql *sql, struct statement **ret_st)
{
	struct statement *st = xalloc(sizeof(*st));
	struct error e = prepare(tx, sql, st);

	if (failed(e)) {
		free(st);
		return e;
	}
	if (tx->slots_used * 2 >= tx->slots_count)
		grow(tx);
	tx->slots[slot_of(tx->slots, tx->slots_count, sql)] = st;
	tx->slots_used++;
	*ret_st = st;
	return OK;
}

err statement_of(struct tx *tx, const struct sql *sql, struct statement **ret_st)
{
	ENSURE(tx->db, STORAGE);
	*ret_st = tx->slots_count ? tx->slots[slot_of(tx->slots, tx->slots_count, sql)] : NULL;
	return *ret_st ? OK : add(tx, sql, ret_st);
}

err sql_prepares(struct tx *tx, const struct sql *sql)
{
	struct statement st = { 0 };

	ENSURE(tx->db, STORAGE);
	TRY(prepare(tx, sql, &st));
	sqlite3_finalize(st.stmt);
	return OK;
}
