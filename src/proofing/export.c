/* What is held about a user's identity proofing, for the export of everything about him; and what an account leaves behind. */
#include "codec/encode.h"
#include "proofing/assure.h"
#include "user/user.h"

enum { PICTURES_BYTES_MAX = 32 * 1024 * 1024 }; /* of all files that an export holds; of the others it says where they are */

SQL(dossiers_held, "SELECT id FROM dossiers WHERE user_id = $1 AND account = $2 ORDER BY id");
SQL(files_held, "SELECT id, process, kind, name, media_type, bytes, created, box FROM proofing_files WHERE dossier = $1 ORDER BY id");
SQL(account_config_delete, "DELETE FROM proofing_accounts WHERE account = $1");
SQL(account_files_delete, "DELETE FROM proofing_files WHERE account = $1");
SQL(account_processes_delete, "DELETE FROM proofing_processes WHERE account = $1");
SQL(account_farewells_delete, "DELETE FROM proofing_farewells WHERE account = $1");
SQL(account_dossiers_delete, "DELETE FROM dossiers WHERE account = $1");

struct exporting {
	struct op *op;
	struct jw *w;
	struct dossier dossier;
	size_t pictures;
};

static void pair_raw(struct jw *w, const char *name, struct slice json)
{
	jw_key(w, name);
	jw_raw(w, json.n ? json : S("null"));
}

/* What opens the capture page or talks to a provider is no data about the person. */
static struct process_content about_person(const struct process_content *c)
{
	return (struct process_content){
		.docTypes = c->docTypes,
		.externalRef = c->externalRef,
		.userId = c->userId,
		.redirectUrl = c->redirectUrl,
		.documentType = c->documentType,
		.documentCountry = c->documentCountry,
		.eventTags = c->eventTags,
		.externalId = c->externalId,
		.persona = c->persona,
	};
}

static err write_process(struct exporting *x, const struct uuid *id)
{
	struct buf b = buf_arena(x->op->arena, SEALED_BYTES_MAX);
	struct process_content content;
	struct process p;

	TRY(process_load(x->op, op_reader(x->op), id, &p));
	wipe(&p.key, sizeof(p.key));
	content = about_person(&p.content);
	schema_write(&process_content_schema, &content, &b);
	TRY(buf_ok(&b));
	jw_open(x->w, '{');
	jw_pair_text(x->w, "processId", uuid_text(x->op->arena, id));
	jw_pair_text(x->w, "provider", p.provider);
	jw_pair(x->w, "status", enum_text(&process_status_enum, (int)p.status));
	pair_raw(x->w, "content", buf_bytes(&b));
	pair_raw(x->w, "result", p.result);
	jw_close(x->w, '}');
	return OK;
}

static err write_processes(struct exporting *x)
{
	struct list list;

	TRY(processes_of_dossier(x->op, op_reader(x->op), &x->dossier.id, &list));
	jw_key(x->w, "processes");
	jw_open(x->w, '[');
	for (size_t i = 0; i < list.n; i++)
		TRY(write_process(x, &((const struct process_row *)list.items)[i].id));
	jw_close(x->w, ']');
	return OK;
}

static err write_picture(struct exporting *x, const struct uuid *id, struct slice box)
{
	struct slice bytes;

	TRY(unseal(&x->dossier.key, proofing_place(x->op, "dossier.file|", id), box, x->op->arena, &bytes));
	jw_pair_text(x->w, "content", b64(x->op->arena, bytes));
	return OK;
}

static err write_file(struct exporting *x, const struct rows *r)
{
	struct uuid id = col_uuid(r, 0), process = col_uuid(r, 1);
	size_t bytes = (size_t)col_int(r, 5);
	struct slice name;

	TRY(file_name_open(x->op, &x->dossier.key, &id, col_text(r, 3), &name));
	jw_open(x->w, '{');
	jw_pair_text(x->w, "fileId", uuid_text(x->op->arena, &id));
	if (!col_is_null(r, 1))
		jw_pair_text(x->w, "processId", uuid_text(x->op->arena, &process));
	jw_pair_text(x->w, "kind", col_text(r, 2));
	if (name.n)
		jw_pair_text(x->w, "name", name);
	jw_pair_text(x->w, "mediaType", col_text(r, 4));
	jw_pair_text(x->w, "createdAt", seconds_text(x->op, col_int(r, 6)));
	jw_pair_text(x->w, "href", arena_printf(x->op->arena, "%s/assure/dossiers/%.*s/files/%.*s", x->op->app->public_url,
		FMT(uuid_text(x->op->arena, &x->dossier.id)), FMT(uuid_text(x->op->arena, &id))));
	if (x->pictures + bytes <= PICTURES_BYTES_MAX) {
		x->pictures += bytes;
		TRY(write_picture(x, &id, col_bytes(r, 7)));
	}
	jw_close(x->w, '}');
	return OK;
}

static err write_files(struct exporting *x)
{
	struct error e = OK, end;
	struct rows r;

	jw_key(x->w, "files");
	jw_open(x->w, '[');
	TRY(sql_open(op_reader(x->op), &files_held, ARGS(v_uuid(&x->dossier.id)), &r));
	while (!failed(e) && rows_next(&r))
		e = write_file(x, &r);
	end = sql_close(&r);
	jw_close(x->w, ']');
	return failed(e) ? e : end;
}

static err write_parts(struct exporting *x)
{
	const struct dossier *d = &x->dossier;

	jw_open(x->w, '{');
	jw_pair_text(x->w, "dossierId", uuid_text(x->op->arena, &d->id));
	if (d->external_ref.n)
		jw_pair_text(x->w, "externalRef", d->external_ref);
	pair_raw(x->w, "userData", d->user_data);
	TRY(write_processes(x));
	TRY(write_files(x));
	jw_close(x->w, '}');
	return OK;
}

static err write_dossier(struct exporting *x, const struct uuid *id)
{
	struct error e;

	TRY(dossier_load(x->op, op_reader(x->op), id, &x->dossier));
	e = write_parts(x);
	wipe(&x->dossier.key, sizeof(x->dossier.key));
	return e;
}

struct error proofing_export(struct op *op, const struct user *user, struct jw *w)
{
	struct exporting x = { .op = op, .w = w };
	struct error e = OK, end;
	struct rows r;

	jw_key(w, "dossiers");
	jw_open(w, '[');
	TRY(sql_open(op_reader(op), &dossiers_held, ARGS(v_uuid(&user->id), v_int(user->account)), &r));
	while (!failed(e) && rows_next(&r)) {
		struct uuid id = col_uuid(&r, 0);

		e = write_dossier(&x, &id);
	}
	end = sql_close(&r);
	jw_close(w, ']');
	return failed(e) ? e : end;
}

struct error proofing_account_deleted(struct op *op, struct tx *tx, int64_t account)
{
	(void)op;
	TRY(sql_run(tx, &account_files_delete, ARGS(v_int(account)), NULL));
	TRY(sql_run(tx, &account_processes_delete, ARGS(v_int(account)), NULL));
	TRY(sql_run(tx, &account_dossiers_delete, ARGS(v_int(account)), NULL));
	/* With the account goes what the providers know it by. */
	TRY(sql_run(tx, &account_farewells_delete, ARGS(v_int(account)), NULL));
	return sql_run(tx, &account_config_delete, ARGS(v_int(account)), NULL);
}
