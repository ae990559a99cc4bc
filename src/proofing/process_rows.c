/* Processes in the database. Content and result are sealed under the key of their dossier. */
#include "codec/encode.h"
#include "proofing/internal.h"

#define COLUMNS                                                                                                      \
	"id, dossier, flow, device, account, version, provider, type, engine, status, started, begun, created, updated," \
	" expires, due, next, content, result"

SCHEMA(process_content, PROCESS_CONTENT, "What of a process is sealed");

SQL(process_add,
	"INSERT INTO proofing_processes (id, dossier, flow, device, account, version, provider, type, engine, status, started, begun, created,"
	" updated, expires, due, next, content, result, handle_index)"
	" VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, 0, $10, $11, $11, $12, 0, $13, $14, NULL, $15)");
SQL(process_by_id, "SELECT " COLUMNS " FROM proofing_processes WHERE id = $1 AND account = $2");
SQL(process_by_id_any, "SELECT " COLUMNS " FROM proofing_processes WHERE id = $1");
SQL(process_by_handle_index, "SELECT " COLUMNS " FROM proofing_processes WHERE handle_index = $1");
SQL(processes_briefly,
	"SELECT id, provider, type, status, created, updated FROM proofing_processes WHERE dossier = $1 ORDER BY id LIMIT $2");
SQL(processes_counted, "SELECT count(*) FROM proofing_processes WHERE dossier = $1");
SQL(process_update,
	"UPDATE proofing_processes SET version = version + 1, status = $3, started = $4, begun = $5, updated = $6, expires = $7, due = $8,"
	" next = $9, content = $10 WHERE id = $1 AND version = $2");
SQL(process_end,
	"UPDATE proofing_processes SET version = version + 1, status = $3, updated = $4, result = $5, due = 0, next = $4, expires = $6"
	", content = COALESCE($7, content) WHERE id = $1 AND version = $2");
/* A start that is under way at the provider keeps its lease: a second one would begin a second process there. */
SQL(process_let_begin,
	"UPDATE proofing_processes SET version = version + 1, begun = 1, device = $2, updated = $3, expires = $4,"
	" next = CASE WHEN started = 0 AND next > $3 THEN next ELSE $3 END"
	" WHERE id = $1 AND status = 1 AND begun = 0");
SQL(process_cancel,
	"UPDATE proofing_processes SET version = version + 1, status = $2, updated = $3, due = 0, next = $3"
	" WHERE id = $1 AND (status < 3 OR status = 7)");
SQL(process_remove, "DELETE FROM proofing_processes WHERE id = $1");
SQL(process_remove_files, "DELETE FROM proofing_files WHERE process = $1");
_Static_assert(process_status_pending == 1 && process_status_processing == 2 && process_status_inconclusive == 7,
	"the literals in the statements above");

enum { OF_DOSSIER_MAX = 200 };

struct slice handle_index(struct op *op, struct slice handle)
{
	uint8_t *out = arena_alloc(op->arena, INDEX_BYTES);

	seal_index(op->app->keyring, S("proofing.handle"), S(""), handle, out);
	return slice_of(out, INDEX_BYTES);
}

struct slice content_box(struct op *op, const struct process *p)
{
	struct buf b = buf_arena(op->arena, SEALED_BYTES_MAX);

	schema_write(&process_content_schema, &p->content, &b);
	return seal(&p->key, op->app->env, proofing_place(op, "process.content|", &p->id), buf_bytes(&b), op->arena);
}

bool content_is_sound(struct op *op, const struct process *p)
{
	struct buf b = buf_arena(op->arena, SEALED_BYTES_MAX);
	struct invalids bad = { .arena = op->arena };
	struct process_content again = { 0 };
	struct slice why;
	json_t *json;

	schema_write(&process_content_schema, &p->content, &b);
	if (failed(buf_ok(&b)) || failed(json_read(buf_bytes(&b), JSON_UNIQUE, SEALED_DEPTH_MAX, op->arena, &json, &why)))
		return false;
	schema_read(&process_content_schema, json, op->arena, &bad, &again);
	json_decref(json);
	return bad.n == 0;
}

struct slice result_box(struct op *op, const struct process *p, struct slice json)
{
	return seal(&p->key, op->app->env, proofing_place(op, "process.result|", &p->id), json, op->arena);
}

static err count_of_dossier(struct tx *tx, const struct uuid *dossier, int64_t *ret_count)
{
	struct rows r;

	TRY(sql_one(tx, &processes_counted, ARGS(v_uuid(dossier)), &r));
	*ret_count = col_int(&r, 0);
	return sql_close(&r);
}

static err room_for_one_more(struct tx *tx, const struct uuid *dossier)
{
	int64_t n;

	TRY(count_of_dossier(tx, dossier, &n));
	ENSURE(n < OF_DOSSIER_MAX, PROCESSES_FULL);
	return OK;
}

err process_insert(struct op *op, struct tx *tx, const struct process *p, struct slice box, struct slice index)
{
	(void)op;
	TRY(room_for_one_more(tx, &p->dossier));
	return sql_run(tx, &process_add,
		ARGS(v_uuid(&p->id), v_uuid(&p->dossier), v_uuid_opt(&p->flow), v_uuid_opt(&p->device), v_int(p->account),
			v_text(p->provider), v_text(p->process_type), v_int(p->engine), v_int(p->status), v_int(p->begun),
			v_int(p->created), v_int(p->expires), v_int(p->next), v_bytes(box), v_bytes(index)),
		NULL);
}

static err open_content(struct op *op, struct slice box, struct process *p)
{
	struct invalids bad = { .arena = op->arena };
	struct slice plain, why;
	json_t *json;

	TRY(unseal(&p->key, proofing_place(op, "process.content|", &p->id), box, op->arena, &plain));
	TRY(json_read(plain, JSON_UNIQUE, SEALED_DEPTH_MAX, op->arena, &json, &why));
	schema_read(&process_content_schema, json, op->arena, &bad, &p->content);
	op_keep_json(op, json);
	ENSURE(bad.n == 0, STORAGE);
	return OK;
}

static void from_row(struct op *op, const struct rows *r, struct process *p, struct slice *ret_content, struct slice *ret_result)
{
	*p = (struct process){
		.id = col_uuid(r, 0),
		.dossier = col_uuid(r, 1),
		.flow = col_uuid(r, 2),
		.device = col_uuid(r, 3),
		.account = col_int(r, 4),
		.version = col_int(r, 5),
		.provider = arena_copy(op->arena, col_text(r, 6)),
		.process_type = arena_copy(op->arena, col_text(r, 7)),
		.engine = (enum proofing_engine)col_int(r, 8),
		.status = (enum process_status)col_int(r, 9),
		.started = col_int(r, 10) != 0,
		.begun = col_int(r, 11) != 0,
		.created = col_int(r, 12),
		.updated = col_int(r, 13),
		.expires = col_int(r, 14),
		.due = col_int(r, 15),
		.next = col_int(r, 16),
	};
	*ret_content = arena_copy(op->arena, col_bytes(r, 17));
	*ret_result = arena_copy(op->arena, col_bytes(r, 18));
}

static err open_process(struct op *op, struct tx *tx, struct process *p, struct slice content, struct slice result)
{
	TRY(dossier_key(op, tx, &p->dossier, &p->key));
	if (result.n)
		TRY(unseal(&p->key, proofing_place(op, "process.result|", &p->id), result, op->arena, &p->result));
	return open_content(op, content, p);
}

static err load(struct op *op, struct tx *tx, const struct sql *sql, const struct val *args, size_t n, struct process *ret_process)
{
	struct slice content, result;
	struct rows r;
	struct error e = sql_one(tx, sql, args, n, &r);

	ENSURE(!is_err(e, E_NO_ROW), PROCESS_UNKNOWN);
	TRY(e);
	from_row(op, &r, ret_process, &content, &result);
	TRY(sql_close(&r));
	return open_process(op, tx, ret_process, content, result);
}

err process_load(struct op *op, struct tx *tx, const struct uuid *id, struct process *ret_process)
{
	return load(op, tx, &process_by_id, ARGS(v_uuid(id), v_int(op->caller.account)), ret_process);
}

err process_load_any(struct op *op, struct tx *tx, const struct uuid *id, struct process *ret_process)
{
	TRY(load(op, tx, &process_by_id_any, ARGS(v_uuid(id)), ret_process));
	return accounts_act_for(op, tx, ret_process->account);
}

err process_by_handle(struct op *op, struct tx *tx, struct slice handle, struct process *ret_process)
{
	TRY(load(op, tx, &process_by_handle_index, ARGS(v_bytes(handle_index(op, handle))), ret_process));
	return accounts_act_for(op, tx, ret_process->account);
}

static struct process_row brief_row(const struct rows *r, struct arena *a)
{
	return (struct process_row){
		.id = col_uuid(r, 0),
		.provider = arena_copy(a, col_text(r, 1)),
		.process_type = arena_copy(a, col_text(r, 2)),
		.status = (enum process_status)col_int(r, 3),
		.created = col_int(r, 4),
		.updated = col_int(r, 5),
	};
}

/* A long list of dossiers asks this of each: what lies sealed in a row stays there, and there is room for as many as there are. */
err processes_of_dossier(struct op *op, struct tx *tx, const struct uuid *dossier, struct list *ret_rows)
{
	struct process_row *items;
	struct rows r;
	int64_t count;
	size_t n = 0;

	TRY(count_of_dossier(tx, dossier, &count));
	items = arena_array(op->arena, struct process_row, (size_t)count);
	TRY(sql_open(tx, &processes_briefly, ARGS(v_uuid(dossier), v_int(count)), &r));
	while (n < (size_t)count && rows_next(&r))
		items[n++] = brief_row(&r, op->arena);
	*ret_rows = (struct list){ items, n };
	return sql_close(&r);
}

err process_save(struct tx *tx, const struct process *p, struct slice content)
{
	int64_t changes;

	TRY(sql_run(tx, &process_update,
		ARGS(v_uuid(&p->id), v_int(p->version), v_int(p->status), v_int(p->started), v_int(p->begun), v_int(p->updated),
			v_int(p->expires), v_int(p->due), v_int(p->next), v_bytes(content)),
		&changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

err process_save_result(struct tx *tx, const struct process *p, enum process_status status, struct slice result, struct slice content,
	int64_t now)
{
	int64_t changes;

	TRY(sql_run(tx, &process_end,
		ARGS(v_uuid(&p->id), v_int(p->version), v_int(status), v_int(now), v_bytes_opt(result), v_int(p->expires),
			v_bytes_opt(content)),
		&changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

err process_begin(const struct app *app, struct tx *tx, const struct uuid *id, const struct uuid *device, int64_t now, int64_t expires)
{
	proofing_hurry_after_commit(app, tx);
	return sql_run(tx, &process_let_begin, ARGS(v_uuid(id), v_uuid_opt(device), v_int(now), v_int(expires)), NULL);
}

err process_abandon(struct tx *tx, const struct uuid *id, int64_t now)
{
	return sql_run(tx, &process_cancel, ARGS(v_uuid(id), v_int(process_status_canceled), v_int(now)), NULL);
}

err process_delete(struct op *op, struct tx *tx, const struct uuid *id)
{
	TRY(farewells_of_process(op, tx, id));
	TRY(sql_run(tx, &process_remove_files, ARGS(v_uuid(id)), NULL));
	return sql_run(tx, &process_remove, ARGS(v_uuid(id)), NULL);
}

struct slice capture_url(const struct op *op, const struct process *p)
{
	return arena_printf(op->arena, "%s/proofing/%.*s", op->app->public_url, FMT(p->content.handle));
}

struct uuid process_id(const struct process *process)
{
	return process->id;
}

bool process_is_reviewed(const struct process *process)
{
	return process->reviewed;
}

int64_t process_expires(const struct process *process)
{
	return process->expires;
}

struct uuid process_flow(const struct process *process)
{
	return process->flow;
}
