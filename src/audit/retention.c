/*
 * Records that have had their time go, oldest first and without a gap, once their hashes are stored. Each time a record says up to where,
 * so that who has an export knows that nobody else took away what is missing at its beginning.
 */
#include <stdio.h>

#include "audit/internal.h"

enum { FORGET_MAX = 2000, LOGS_MAX = 256 };

#define KEPT_ALL_MS (INT64_C(24) * 60 * 60 * 1000)
#define HOUR_MS "3600000"

SQL(logs_old,
	"SELECT account, size FROM audit_trees t WHERE account >= $2 AND EXISTS (SELECT 1 FROM audit a WHERE a.account = t.account"
	" AND a.sequence = (SELECT min(sequence) FROM audit WHERE account = t.account) AND a.sequence < t.size AND a.expires <= $1)"
	" ORDER BY account LIMIT $3");
SQL(oldest, "SELECT sequence, expires FROM audit WHERE account = $1 AND sequence < $2 ORDER BY sequence LIMIT $3");
SQL(forget_before, "DELETE FROM audit WHERE account = $1 AND sequence < $2");
SQL(thin_out,
	"DELETE FROM audit_checkpoints WHERE at < $1 AND EXISTS (SELECT 1 FROM audit_checkpoints l WHERE l.account ="
	" audit_checkpoints.account AND l.size > audit_checkpoints.size AND l.at / " HOUR_MS " = audit_checkpoints.at / " HOUR_MS ")");

struct forgetting {
	struct fact_origin origin;
	int64_t size; /* of the tree */
	bool full;    /* there may be more */
};

/* The first record that is kept. */
static err read_cut(struct tx *tx, struct forgetting *f, int64_t *ret_cut)
{
	struct rows r;
	size_t n = 0;

	*ret_cut = -1;
	TRY(sql_open(tx, &oldest, ARGS(v_int(f->origin.account), v_int(f->size), v_int(FORGET_MAX)), &r));
	while (rows_next(&r) && col_int(&r, 1) <= f->origin.now) {
		*ret_cut = col_int(&r, 0) + 1;
		n++;
	}
	f->full = n == FORGET_MAX;
	return sql_close(&r);
}

static struct error forget(void *arg, struct tx *tx)
{
	struct forgetting *f = arg;
	char data[64];
	int64_t cut;

	TRY(read_cut(tx, f, &cut));
	if (cut < 0)
		return OK;
	TRY(sql_run(tx, &forget_before, ARGS(v_int(f->origin.account), v_int(cut)), NULL));
	snprintf(data, sizeof(data), "{\"firstKept\":%lld}", (long long)cut);
	return fact_from(&f->origin, tx, &(struct fact){ .kind = FACT_AUDIT_FORGOTTEN, .data = slice_text(data) });
}

static err forget_log(struct app *app, int64_t account, int64_t size)
{
	struct forgetting f = { .origin = fact_origin_here(app), .size = size };

	f.origin.account = account;
	do {
		TRY(store_write(app->store, forget, &f));
	} while (f.full);
	return OK;
}

struct old_log {
	int64_t account, size;
};

static err read_old(struct app *app, int64_t from, struct old_log logs[static LOGS_MAX], size_t *ret_n)
{
	struct tx *tx = store_read_begin(app->store);
	struct rows r;
	struct error e = sql_open(tx, &logs_old, ARGS(v_int(env_now_ms(app->env)), v_int(from), v_int(LOGS_MAX)), &r);

	*ret_n = 0;
	if (!failed(e)) {
		while (*ret_n < LOGS_MAX && rows_next(&r))
			logs[(*ret_n)++] = (struct old_log){ col_int(&r, 0), col_int(&r, 1) };
		e = sql_close(&r);
	}
	store_read_end(tx);
	return e;
}

static struct error thin(void *arg, struct tx *tx)
{
	const int64_t *now = arg;

	return sql_run(tx, &thin_out, ARGS(v_int(*now - KEPT_ALL_MS)), NULL);
}

err audit_forget(struct app *app)
{
	struct old_log logs[LOGS_MAX];
	int64_t from = 0, now = env_now_ms(app->env);
	size_t n;

	do {
		TRY(read_old(app, from, logs, &n));
		for (size_t i = 0; i < n; i++)
			TRY(forget_log(app, logs[i].account, logs[i].size));
		if (n)
			from = logs[n - 1].account + 1;
	} while (n == LOGS_MAX);
	return store_write(app->store, thin, &now);
}
