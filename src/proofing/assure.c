/* Dossiers, as the Assure API has them. */
#include "proofing/assure.h"

enum { USER_DATA_MAX = 32 * 1024, DOSSIERS_LISTED_DEFAULT = 100 };

SCHEMA(dossier_new, DOSSIER_NEW, "A dossier to make");
SCHEMA(process_slim, PROCESS_SLIM, "A process, in short");
SCHEMA(dossier_view, DOSSIER_VIEW, "A dossier: everything about one end-user");
SCHEMA(dossier_list_query, DOSSIER_LIST_QUERY, "Which dossiers");

SQL(dossiers_listed, "SELECT id FROM dossiers WHERE account = $1 ORDER BY id DESC LIMIT $2 OFFSET $3");
SQL(dossier_used,
	"SELECT 1 FROM proofing_processes WHERE dossier = $1 AND flow IS NOT NULL AND status < 3 LIMIT 1");
#define FREE_DOSSIERS                                                                                      \
	"SELECT d.id FROM dossiers d WHERE d.account = $1 AND NOT EXISTS (SELECT 1 FROM proofing_processes p" \
	" WHERE p.dossier = d.id AND p.flow IS NOT NULL AND p.status < 3)"
SQL(all_files, "DELETE FROM proofing_files WHERE dossier IN (" FREE_DOSSIERS ")");
SQL(all_dossiers, "DELETE FROM dossiers WHERE id IN (" FREE_DOSSIERS ")");
SQL(all_processes,
	"DELETE FROM proofing_processes WHERE account = $1 AND NOT EXISTS (SELECT 1 FROM dossiers d WHERE d.id = proofing_processes.dossier)");

struct slice seconds_text(struct op *op, int64_t ms)
{
	struct buf b = buf_arena(op->arena, 40);

	time_write(&b, ms, TIME_AS_SECONDS);
	/* …27.000Z: this API leaves the fraction out */
	b.n -= 5;
	buf_byte(&b, 'Z');
	return buf_bytes(&b);
}

static void show_slim(struct op *op, const struct process_row *p, struct process_slim *ret)
{
	*ret = (struct process_slim){
		.processId = p->id,
		.provider = p->provider,
		.processType = p->process_type,
		.status = p->status,
		.createdAt = seconds_text(op, p->created),
		.updatedAt = seconds_text(op, p->updated),
	};
}

static void show(struct op *op, const struct dossier *d, struct dossier_view *ret)
{
	*ret = (struct dossier_view){
		.dossierId = d->id,
		.externalReference = d->external_ref.n ? d->external_ref : slice_of(NULL, 0),
		.createdAt = seconds_text(op, d->created),
		.updatedAt = seconds_text(op, d->updated),
	};
}

/* Without what it holds besides, which may be much where there are many. */
static err load_briefly(struct op *op, struct tx *tx, const struct uuid *id, struct dossier *ret)
{
	struct op_aside aside;
	struct dossier d;
	struct error e;

	op_aside_begin(op, &aside);
	e = dossier_load(op, tx, id, &d);
	if (!failed(e))
		*ret = (struct dossier){ .id = d.id, .created = d.created, .updated = d.updated,
			.external_ref = arena_copy(aside.arena, d.external_ref) };
	wipe(&d.key, sizeof(d.key));
	op_aside_end(op, &aside);
	return e;
}

static err show_whole(struct op *op, struct tx *tx, const struct uuid *id, struct dossier_view *ret)
{
	struct process_slim *items;
	struct dossier d;
	struct list list;

	TRY(load_briefly(op, tx, id, &d));
	show(op, &d, ret);
	TRY(processes_of_dossier(op, tx, id, &list));
	items = arena_array(op->arena, struct process_slim, list.n);
	for (size_t i = 0; i < list.n; i++)
		show_slim(op, &((const struct process_row *)list.items)[i], &items[i]);
	ret->processes = (struct list){ items, list.n };
	return OK;
}

err answer_created(struct op *op)
{
	struct buf b = buf_arena(op->arena, REPLY_BYTES_MAX);

	schema_write(op->route->reply, op->out, &b);
	TRY(buf_ok(&b));
	op_answer(op, 201, NULL, buf_bytes(&b));
	return OK;
}

/* ---- dossiers ---- */

struct making {
	struct dossier *dossier;
	struct slice box;
	struct dossier_view view;
};

err dossier_create_prepare(struct op *op)
{
	static const struct uuid nobody;
	const struct dossier_new *in = op->in;
	struct making *m = op_own(op, struct making);

	m->dossier = dossier_draft(op, &nobody, in->externalReference);
	m->box = dossier_seal(op, m->dossier);
	show(op, m->dossier, &m->view);
	op->out = &m->view;
	return OK;
}

err dossier_create_apply(struct op *op, struct tx *tx)
{
	struct making *m = op_own(op, struct making);

	TRY(dossier_insert(tx, m->dossier, m->box));
	return fact(op, tx, &(struct fact){ .kind = FACT_DOSSIER_CREATED, .reference = uuid_text(op->arena, &m->dossier->id) });
}

err dossier_list_prepare(struct op *op)
{
	const struct dossier_list_query *q = op->query;
	int64_t limit = q->limit ? q->limit : DOSSIERS_LISTED_DEFAULT;
	struct dossier_view *items = arena_array(op->arena, struct dossier_view, (size_t)limit);
	struct uuid *ids = arena_array(op->arena, struct uuid, (size_t)limit);
	struct list *out = op->out = arena_new(op->arena, struct list);
	struct rows r;
	size_t n = 0;

	TRY(sql_open(op_reader(op), &dossiers_listed, ARGS(v_int(op->caller.account), v_int(limit), v_int(q->offset)), &r));
	while (n < (size_t)limit && rows_next(&r))
		ids[n++] = col_uuid(&r, 0);
	TRY(sql_close(&r));
	for (size_t i = 0; i < n; i++)
		TRY(show_whole(op, op_reader(op), &ids[i], &items[i]));
	*out = (struct list){ items, n };
	return OK;
}

err dossier_get_prepare(struct op *op)
{
	op->out = arena_new(op->arena, struct dossier_view);
	return show_whole(op, op_reader(op), &op->path_id[0], op->out);
}

err dossier_refuse_used(struct tx *tx, const struct uuid *dossier)
{
	struct rows r;
	struct error e = sql_one(tx, &dossier_used, ARGS(v_uuid(dossier)), &r);

	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	TRY(sql_close(&r));
	return FAIL(DOSSIER_IN_FLOW);
}

err dossier_delete_apply(struct op *op, struct tx *tx)
{
	TRY(dossier_exists(op, tx, &op->path_id[0]));
	TRY(dossier_refuse_used(tx, &op->path_id[0]));
	TRY(dossier_delete(op, tx, &op->path_id[0]));
	return fact(op, tx, &(struct fact){ .kind = FACT_DOSSIER_DELETED, .reference = uuid_text(op->arena, &op->path_id[0]) });
}

/* All but those that a flow needs which is under way. */
err dossier_delete_all_apply(struct op *op, struct tx *tx)
{
	struct val account = v_int(op->caller.account);

	TRY(farewells_of_free_dossiers(op, tx));
	TRY(sql_run(tx, &all_files, &account, 1, NULL));
	TRY(sql_run(tx, &all_dossiers, &account, 1, NULL));
	TRY(sql_run(tx, &all_processes, &account, 1, NULL));
	return fact(op, tx, &(struct fact){ .kind = FACT_DOSSIER_DELETED, .reference = S("all") });
}

/* ---- stored data ---- */

static err answer_user_data(struct op *op, const struct dossier *d)
{
	ENSURE(d->user_data.n, USER_DATA_UNKNOWN);
	op_answer(op, 200, NULL, d->user_data);
	return OK;
}

err user_data_get_prepare(struct op *op)
{
	struct dossier d;

	TRY(dossier_load(op, op_reader(op), &op->path_id[0], &d));
	wipe(&d.key, sizeof(d.key));
	return answer_user_data(op, &d);
}

static err put_user_data(struct op *op, struct slice json)
{
	struct making *m = op_own(op, struct making);

	m->dossier = arena_new(op->arena, struct dossier);
	TRY(dossier_load(op, op_reader(op), &op->path_id[0], m->dossier));
	m->dossier->user_data = json;
	m->dossier->updated = op->now;
	m->box = dossier_seal(op, m->dossier);
	show(op, m->dossier, &m->view);
	op->out = &m->view;
	return OK;
}

err user_data_put_prepare(struct op *op)
{
	struct buf b = buf_arena(op->arena, USER_DATA_MAX);
	struct slice why;
	json_t *json;

	if (failed(json_read(op->http->body, JSON_UNIQUE, SEALED_DEPTH_MAX, op->arena, &json, &why)))
		return op_fail(op, INVALID_JSON, "%.*s", FMT(why));
	op_keep_json(op, json);
	ENSURE(json_is_object(json), BODY_NOT_OBJECT);
	json_write_value(&b, json);
	if (failed(buf_ok(&b)))
		return op_invalid(op, "body", "is too large");
	return put_user_data(op, buf_bytes(&b));
}

err user_data_delete_prepare(struct op *op)
{
	return put_user_data(op, S(""));
}

err user_data_put_apply(struct op *op, struct tx *tx)
{
	struct making *m = op_own(op, struct making);

	TRY(dossier_save(tx, m->dossier, m->box));
	return fact(op, tx, &(struct fact){ .kind = FACT_DOSSIER_CHANGED, .reference = uuid_text(op->arena, &m->dossier->id) });
}

/* ---- errors: another shape than elsewhere, with our code and names besides ---- */

static void write_error(struct op *op, struct error e)
{
	const struct err_info *info = err_info(e.code);
	struct buf b = buf_arena(op->arena, 1 << 18);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair(&w, "type", info->http < 500 ? "base:client-problem" : "base:server-problem");
	jw_pair(&w, "title", info->title);
	jw_pair_int(&w, "status", info->http);
	jw_pair_text(&w, "detail", op_detail(op, e));
	jw_pair_text(&w, "instance", op->http->path);
	jw_pair(&w, "method", op->http->method < HTTP_METHOD_COUNT ? http_method_name((enum http_method)op->http->method) : "");
	jw_pair_text(&w, "timestamp", seconds_text(op, op->now));
	jw_pair(&w, "traceId", op->http->trace);
	jw_pair(&w, "code", info->code);
	problem_members(op, e, &w);
	jw_close(&w, '}');
	op_answer(op, info->http, NULL, buf_bytes(&b));
}

const struct op_errors assure_errors = { write_error };
