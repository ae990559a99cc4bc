/* Evidence and other files of a dossier: sealed under its key, deleted after the retention. */
#include "codec/encode.h"
#include "proofing/assure.h"

enum { FILES_OF_DOSSIER_MAX = 100, RETENTION_DAYS_DEFAULT = 30 };

SCHEMA(file_view, FILE_VIEW, "A file that is kept");
SCHEMA(file_query, FILE_QUERY, "What a file is");

#define COLUMNS "id, dossier, process, kind, name, media_type, bytes, created"
SQL(file_add,
	"INSERT INTO proofing_files (id, dossier, process, account, kind, name, media_type, bytes, box, created, expires)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
SQL(files_counted, "SELECT count(*) FROM proofing_files WHERE dossier = $1");
SQL(files_of_dossier, "SELECT " COLUMNS " FROM proofing_files WHERE dossier = $1 ORDER BY id LIMIT $2");
SQL(files_of_process, "SELECT " COLUMNS " FROM proofing_files WHERE process = $1 AND kind <> 'video' ORDER BY id LIMIT $2");
SQL(video_of_process, "SELECT id FROM proofing_files WHERE process = $1 AND kind = 'video'");
SQL(file_by_id, "SELECT media_type, box FROM proofing_files WHERE id = $1 AND dossier = $2");
SQL(file_remove, "DELETE FROM proofing_files WHERE id = $1 AND dossier = $2");
SQL(file_replace, "DELETE FROM proofing_files WHERE process = $1 AND kind = $2");

struct slice file_seal(struct op *op, const struct data_key *key, const struct evidence_file *f)
{
	return seal(key, op->app->env, proofing_place(op, "dossier.file|", &f->id), f->bytes, op->arena);
}

/* A name may say whose it is. As text, since that is what its column holds; empty stays empty. */
static struct slice name_seal(struct op *op, const struct data_key *key, const struct uuid *id, struct slice name)
{
	return name.n ? b64url(op->arena, seal(key, op->app->env, proofing_place(op, "dossier.filename|", id), name, op->arena)) : name;
}

err file_name_open(struct op *op, const struct data_key *key, const struct uuid *id, struct slice text, struct slice *ret_name)
{
	struct slice box;

	*ret_name = slice_of(NULL, 0);
	if (!text.n)
		return OK;
	TRY(b64url_read(op->arena, text, &box));
	return unseal(key, proofing_place(op, "dossier.filename|", id), box, op->arena, ret_name);
}

static err room_for_one_more(struct tx *tx, const struct uuid *dossier)
{
	struct rows r;
	int64_t n;

	TRY(sql_one(tx, &files_counted, ARGS(v_uuid(dossier)), &r));
	n = col_int(&r, 0);
	TRY(sql_close(&r));
	ENSURE(n < FILES_OF_DOSSIER_MAX, FILES_FULL);
	return OK;
}

err file_insert(struct op *op, struct tx *tx, const struct evidence_file *f, struct slice box)
{
	/* A picture that is taken again takes the place of the one before. */
	if (!uuid_is_nil(&f->process))
		TRY(sql_run(tx, &file_replace, ARGS(v_uuid(&f->process), v_text(f->kind)), NULL));
	TRY(room_for_one_more(tx, &f->dossier));
	return sql_run(tx, &file_add,
		ARGS(v_uuid(&f->id), v_uuid(&f->dossier), v_uuid_opt(&f->process),
			v_int(op->caller.account), v_text(f->kind), v_text_opt(f->name), v_text(f->media_type),
			v_int((int64_t)f->bytes.n), v_bytes(box), v_int(f->created),
			v_int(f->expires)),
		NULL);
}

err file_expiry(struct op *op, struct tx *tx, int64_t *ret_expires)
{
	struct proofing_config config;

	TRY(proofing_config_load(op, tx, &config));
	*ret_expires = op->now + (config.evidenceRetentionDays ? config.evidenceRetentionDays : RETENTION_DAYS_DEFAULT) * 86400000;
	return OK;
}

/* ---- list ---- */

static err show_row(struct op *op, const struct rows *r, const struct data_key *key, struct file_view *v)
{
	struct uuid id = col_uuid(r, 0);

	*v = (struct file_view){
		.fileId = id,
		.processId = col_uuid(r, 2),
		.kind = arena_copy(op->arena, col_text(r, 3)),
		.mediaType = arena_copy(op->arena, col_text(r, 5)),
		.bytes = col_int(r, 6),
		.createdAt = seconds_text(op, col_int(r, 7)),
	};
	return file_name_open(op, key, &id, col_text(r, 4), &v->name);
}

static err list_files(struct op *op, const struct sql *sql, const struct uuid *id, const struct data_key *key)
{
	struct error e = OK, end;
	struct file_view *items = arena_array(op->arena, struct file_view, FILES_OF_DOSSIER_MAX);
	struct list *out = op->out = arena_new(op->arena, struct list);
	struct rows r;
	size_t n = 0;

	TRY(sql_open(op_reader(op), sql, ARGS(v_uuid(id), v_int(FILES_OF_DOSSIER_MAX)), &r));
	while (!failed(e) && n < FILES_OF_DOSSIER_MAX && rows_next(&r))
		e = show_row(op, &r, key, &items[n++]);
	*out = (struct list){ items, n };
	end = sql_close(&r);
	return failed(e) ? e : end;
}

err file_list_prepare(struct op *op)
{
	struct data_key key;
	struct error e;

	TRY(dossier_exists(op, op_reader(op), &op->path_id[0]));
	TRY(dossier_key(op, op_reader(op), &op->path_id[0], &key));
	e = list_files(op, &files_of_dossier, &op->path_id[0], &key);
	wipe(&key, sizeof(key));
	return e;
}

err image_list_prepare(struct op *op)
{
	struct process p;
	struct error e;

	TRY(process_in_path(op, op_reader(op), &p));
	e = list_files(op, &files_of_process, &p.id, &p.key);
	wipe(&p.key, sizeof(p.key));
	return e;
}

/* ---- add ---- */

struct adding {
	struct evidence_file file;
	const struct uuid *replaces; /* NULL: none */
	struct slice box;
	struct file_view view;
};

static bool is_kind(struct slice kind)
{
	return slice_is(kind, "front") || slice_is(kind, "back") || slice_is(kind, "selfie") || slice_is(kind, "portrait") ||
	       slice_is(kind, "video");
}

static struct slice media_type_of(struct op *op)
{
	struct slice type = slice_trim(http_header(op->http, "Content-Type"));

	return type.n && type.n <= 100 ? type : S("application/octet-stream");
}

static err add_file(struct op *op, const struct uuid *process, struct slice kind)
{
	const struct file_query *q = op->query;
	struct adding *a = op_own(op, struct adding);
	struct data_key key;

	if (op->http->body.n == 0)
		return op_invalid(op, "body", "cannot be empty");
	a->file = (struct evidence_file){
		.id = a->replaces ? *a->replaces : uuid_v7(op->app->env, op->now),
		.dossier = op->path_id[0],
		.kind = kind,
		.media_type = media_type_of(op),
		.bytes = op->http->body,
		.created = op->now,
	};
	if (process)
		a->file.process = *process;
	TRY(file_expiry(op, op_reader(op), &a->file.expires));
	TRY(dossier_key(op, op_reader(op), &op->path_id[0], &key));
	a->box = file_seal(op, &key, &a->file);
	a->file.name = name_seal(op, &key, &a->file.id, q->name);
	wipe(&key, sizeof(key));
	a->view = (struct file_view){ .fileId = a->file.id, .processId = a->file.process, .kind = kind, .mediaType = a->file.media_type,
		.name = q->name.n ? q->name : slice_of(NULL, 0), .bytes = (int64_t)a->file.bytes.n,
		.createdAt = seconds_text(op, op->now) };
	op->out = &a->view;
	return OK;
}

err file_add_prepare(struct op *op)
{
	TRY(dossier_exists(op, op_reader(op), &op->path_id[0]));
	return add_file(op, NULL, S("file"));
}

err image_add_prepare(struct op *op)
{
	const struct file_query *q = op->query;
	struct process p;

	TRY(process_in_path(op, op_reader(op), &p));
	if (q->kind.n && !is_kind(q->kind))
		return op_invalid(op, "kind", "must be front, back, selfie, portrait or video");
	return add_file(op, &p.id, q->kind.n ? q->kind : S("front"));
}

/* A picture of a process is not replaced by a file of another kind. */
SQL(file_is_plain, "SELECT 1 FROM proofing_files WHERE id = $1 AND dossier = $2 AND kind = 'file'");

static err remove_file(struct tx *tx, const struct uuid *dossier, const struct uuid *id)
{
	struct rows r;
	struct error e = sql_one(tx, &file_is_plain, ARGS(v_uuid(id), v_uuid(dossier)), &r);

	ENSURE(!is_err(e, E_NO_ROW), FILE_UNKNOWN);
	TRY(e);
	TRY(sql_close(&r));
	return sql_run(tx, &file_remove, ARGS(v_uuid(id), v_uuid(dossier)), NULL);
}

err file_add_apply(struct op *op, struct tx *tx)
{
	struct adding *a = op_own(op, struct adding);

	TRY(dossier_exists(op, tx, &op->path_id[0]));
	if (a->replaces)
		TRY(remove_file(tx, &op->path_id[0], a->replaces));
	TRY(file_insert(op, tx, &a->file, a->box));
	return fact(op, tx, &(struct fact){ .kind = FACT_DOSSIER_CHANGED, .reference = uuid_text(op->arena, &op->path_id[0]) });
}

/* ---- one of them ---- */

err file_open(struct op *op, const struct uuid *dossier, const struct uuid *id, struct slice *ret_type, struct slice *ret_bytes)
{
	struct data_key key;
	struct slice box;
	struct rows r;
	struct error e = sql_one(op_reader(op), &file_by_id, ARGS(v_uuid(id), v_uuid(dossier)), &r);

	ENSURE(!is_err(e, E_NO_ROW), FILE_UNKNOWN);
	TRY(e);
	*ret_type = arena_copy(op->arena, col_text(&r, 0));
	box = arena_copy(op->arena, col_bytes(&r, 1));
	TRY(sql_close(&r));
	TRY(dossier_key(op, op_reader(op), dossier, &key));
	e = unseal(&key, proofing_place(op, "dossier.file|", id), box, op->arena, ret_bytes);
	wipe(&key, sizeof(key));
	return e;
}

/* It came from a stranger: nothing in it shall run. */
static err hand_out(struct op *op, const struct uuid *id)
{
	struct slice type, bytes;

	TRY(file_open(op, &op->path_id[0], id, &type, &bytes));
	http_add_header(op->http, "X-Content-Type-Options", S("nosniff"));
	http_add_header(op->http, "Content-Disposition", S("attachment"));
	http_add_header(op->http, "Cache-Control", S("no-store"));
	op_answer(op, 200, arena_cstr(op->arena, type), bytes);
	return OK;
}

err file_get_prepare(struct op *op)
{
	TRY(dossier_exists(op, op_reader(op), &op->path_id[0]));
	return hand_out(op, &op->path_id[1]);
}

err video_get_prepare(struct op *op)
{
	struct process p;
	struct uuid id;
	struct rows r;
	struct error e;

	TRY(process_in_path(op, op_reader(op), &p));
	e = sql_one(op_reader(op), &video_of_process, ARGS(v_uuid(&p.id)), &r);
	ENSURE(!is_err(e, E_NO_ROW), FILE_UNKNOWN);
	TRY(e);
	id = col_uuid(&r, 0);
	TRY(sql_close(&r));
	return hand_out(op, &id);
}

err file_put_prepare(struct op *op)
{
	struct adding *a = op_own(op, struct adding);
	struct slice type, bytes;

	TRY(dossier_exists(op, op_reader(op), &op->path_id[0]));
	TRY(file_open(op, &op->path_id[0], &op->path_id[1], &type, &bytes));
	a->replaces = &op->path_id[1];
	return add_file(op, NULL, S("file"));
}

err file_delete_apply(struct op *op, struct tx *tx)
{
	int64_t changes;

	TRY(dossier_exists(op, tx, &op->path_id[0]));
	TRY(sql_run(tx, &file_remove, ARGS(v_uuid(&op->path_id[1]), v_uuid(&op->path_id[0])), &changes));
	ENSURE(changes == 1, FILE_UNKNOWN);
	return fact(op, tx, &(struct fact){ .kind = FACT_DOSSIER_CHANGED, .reference = uuid_text(op->arena, &op->path_id[0]) });
}
