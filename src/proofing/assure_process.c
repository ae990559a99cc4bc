/* Processes, as the Assure API has them. */
#include "proofing/assure.h"

enum { LISTED_DEFAULT = 100, DAY_MS = 24 * 3600 * 1000 };

SCHEMA(process_new, PROCESS_NEW, "A process to create");
SCHEMA(process_made, PROCESS_MADE, "A process that was created");
SCHEMA(process_view, PROCESS_VIEW, "A process, with its full set of data");
SCHEMA(capture_new, CAPTURE_NEW, "A page to make for the end-user");
SCHEMA(capture_made, CAPTURE_MADE, "The page");
SCHEMA(process_list_query, PROCESS_LIST_QUERY, "Which processes");

SQL(processes_listed,
	"SELECT id FROM proofing_processes WHERE account = $1 AND created >= $2 AND created <= $3 ORDER BY id DESC LIMIT $4 OFFSET $5");
SQL(kinds_kept, "SELECT DISTINCT kind FROM proofing_files WHERE process = $1 AND kind <> 'video' ORDER BY kind LIMIT 20");

err process_in_path(struct op *op, struct tx *tx, struct process *ret_process)
{
	TRY(dossier_exists(op, tx, &op->path_id[0]));
	TRY(process_load(op, tx, &op->path_id[1], ret_process));
	ENSURE(uuid_eq(&ret_process->dossier, &op->path_id[0]), PROCESS_UNKNOWN);
	return OK;
}

/* ---- create ---- */

struct creation {
	struct process_draft *draft;
	struct process_made made;
	struct capture_made page;
};

static err draft(struct op *op, struct process_wish *wish, const struct wish_names *names, struct creation *c, struct process_brief *ret)
{
	struct dossier *d = arena_new(op->arena, struct dossier);

	TRY(dossier_load(op, op_reader(op), &op->path_id[0], d));
	TRY(process_wish_check(op, wish, names));
	wish->external_ref = d->external_ref;
	wish->user = d->user;
	return process_draft_in(op, wish, d, false, &c->draft, ret);
}

err process_create_prepare(struct op *op)
{
	static const struct wish_names names = { "provider", "documentId", "documentId" };
	const struct process_new *in = op->in;
	struct creation *c = op_own(op, struct creation);
	struct process_wish wish = {
		.provider = in->provider,
		.process_type = in->processType,
		.document_type = in->documentType,
		.document_country = in->documentCountry,
		.event_tags = in->eventTags,
	};
	struct process_brief brief;

	TRY(draft(op, &wish, &names, c, &brief));
	c->made = (struct process_made){
		.dossierId = brief.dossier,
		.processId = brief.id,
		.provider = brief.provider,
		.processType = brief.process_type,
		.status = brief.status,
		.authorization = brief.authorization,
		.providerApiUrl = brief.provider_api_url,
		.createdAt = seconds_text(op, op->now),
		.updatedAt = seconds_text(op, op->now),
	};
	op->out = &c->made;
	return OK;
}

err process_create_apply(struct op *op, struct tx *tx)
{
	struct creation *c = op_own(op, struct creation);

	TRY(dossier_exists(op, tx, &op->path_id[0]));
	return process_draft_insert(op, tx, c->draft);
}

static bool is_web_address(struct slice url)
{
	static const char local[] = "http://localhost";

	if (slice_starts(url, S("https://")))
		return url.n > sizeof("https://") - 1;
	return slice_starts(url, slice_text(local)) && (url.n == sizeof(local) - 1 || strchr(":/?#", url.p[sizeof(local) - 1]));
}

err capture_create_prepare(struct op *op)
{
	static const struct wish_names names = { "provider", "allowedIdTypes", "defaultId" };
	const struct capture_new *in = op->in;
	struct creation *c = op_own(op, struct creation);
	struct process_wish wish = {
		.provider = in->provider,
		.process_type = in->processType,
		.doc_types = in->allowedIdTypes,
		.default_doc_type = in->defaultId,
		.redirect_url = in->redirectUrl,
		.event_tags = in->eventTags,
	};
	struct process_brief brief;
	struct slice handle;

	if (in->redirectUrl.n && !is_web_address(in->redirectUrl))
		return op_invalid(op, "redirectUrl", "must be an https address");
	wish.open = true;
	TRY(draft(op, &wish, &names, c, &brief));
	handle = slice_of(brief.capture_url.p + brief.capture_url.n - 43, 43);
	c->page.url = arena_printf(op->arena, "%s/assure/capture#/artifact=%.*s", op->app->public_url, FMT(handle));
	c->page.processId = brief.id;
	op->out = &c->page;
	return OK;
}

/* ---- read ---- */

static err kept_kinds(struct op *op, struct tx *tx, const struct uuid *process, struct list *ret_kinds)
{
	struct slice *items = arena_array(op->arena, struct slice, 20);
	struct rows r;
	size_t n = 0;

	TRY(sql_open(tx, &kinds_kept, ARGS(v_uuid(process)), &r));
	while (n < 20 && rows_next(&r))
		items[n++] = arena_copy(op->arena, col_text(&r, 0));
	TRY(sql_close(&r));
	*ret_kinds = (struct list){ items, n };
	return OK;
}

static void fill_view(struct op *op, const struct process *p, struct process_view *v)
{
	*v = (struct process_view){
		.dossierId = p->dossier,
		.processId = p->id,
		.provider = p->provider,
		.processType = p->process_type,
		.status = p->status,
		.createdAt = seconds_text(op, p->created),
		.updatedAt = seconds_text(op, p->updated),
	};
	if (p->content.eventTags.n)
		v->eventTags = p->content.eventTags;
}

err process_show(struct op *op, const struct process *p, struct process_view *ret)
{
	struct proofing_result result;

	fill_view(op, p, ret);
	TRY(kept_kinds(op, op_reader(op), &p->id, &ret->depictions));
	if (p->result.n == 0)
		return OK;
	TRY(result_read(op, p->result, &result));
	ret->failReason = result.failReason;
	ret->finalResult = p->status == process_status_accepted ? result.finalResult : NULL;
	ret->providerSpecific = result.providerSpecific;
	return OK;
}

err process_get_prepare(struct op *op)
{
	struct process p;

	op->out = arena_new(op->arena, struct process_view);
	TRY(process_in_path(op, op_reader(op), &p));
	return process_show(op, &p, op->out);
}

err process_raw_prepare(struct op *op)
{
	struct process p;

	TRY(process_in_path(op, op_reader(op), &p));
	op_answer(op, 200, NULL, p.result.n ? p.result : S("{}"));
	return OK;
}

err process_external_id_prepare(struct op *op)
{
	struct buf b = buf_arena(op->arena, 4096);
	struct jw w = jw_new(&b);
	struct process p;

	TRY(process_in_path(op, op_reader(op), &p));
	jw_open(&w, '{');
	if (p.content.externalId.n)
		jw_pair_text(&w, "externalId", p.content.externalId);
	jw_close(&w, '}');
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}

static struct list copy_tags(struct arena *a, const struct list *tags)
{
	struct slice *items = arena_array(a, struct slice, tags->n);

	for (size_t i = 0; i < tags->n; i++)
		items[i] = arena_copy(a, ((const struct slice *)tags->items)[i]);
	return (struct list){ items, tags->n };
}

/* Its tags lie sealed with much that is not shown here. */
static err view_briefly(struct op *op, const struct uuid *id, struct process_view *ret)
{
	struct op_aside aside;
	struct process p, shown;
	struct error e;

	op_aside_begin(op, &aside);
	e = process_load(op, op_reader(op), id, &p);
	if (!failed(e))
		shown = (struct process){ .id = p.id, .dossier = p.dossier, .status = p.status, .created = p.created, .updated = p.updated,
			.provider = arena_copy(aside.arena, p.provider), .process_type = arena_copy(aside.arena, p.process_type),
			.content = { .eventTags = copy_tags(aside.arena, &p.content.eventTags) } };
	wipe(&p.key, sizeof(p.key));
	op_aside_end(op, &aside);
	TRY(e);
	fill_view(op, &shown, ret);
	return OK;
}

err process_list_prepare(struct op *op)
{
	const struct process_list_query *q = op->query;
	int64_t limit = q->limit ? q->limit : LISTED_DEFAULT, oldest = op->now - 30 * (int64_t)DAY_MS;
	struct process_view *items = arena_array(op->arena, struct process_view, (size_t)limit);
	struct uuid *ids = arena_array(op->arena, struct uuid, (size_t)limit);
	struct list *out = op->out = arena_new(op->arena, struct list);
	struct rows r;
	size_t n = 0;

	TRY(sql_open(op_reader(op), &processes_listed,
		ARGS(v_int(op->caller.account), v_int(q->startCreationDate > oldest ? q->startCreationDate : oldest),
			v_int(q->endCreationDate ? q->endCreationDate : op->now), v_int(limit), v_int(q->offset)),
		&r));
	while (n < (size_t)limit && rows_next(&r))
		ids[n++] = col_uuid(&r, 0);
	TRY(sql_close(&r));
	for (size_t i = 0; i < n; i++)
		TRY(view_briefly(op, &ids[i], &items[i]));
	*out = (struct list){ items, n };
	return OK;
}

err doc_types_prepare(struct op *op)
{
	struct list *out = op->out = arena_new(op->arena, struct list);
	const struct proofing_provider *provider;
	struct proofing_config config;

	TRY(proofing_config_load(op, op_reader(op), &config));
	provider = provider_find(op, &config, op->path[0]);
	ENSURE(provider, NOT_FOUND);
	*out = doc_types_of(&config, op->arena);
	if (!config.documentTypes.n && (provider->engine == proofing_engine_http || provider->engine == proofing_engine_oidc))
		op_answer(op, 204, NULL, S(""));
	return OK;
}

/* ---- begin, fail, delete ---- */

static err refuse_flow(const struct process *p)
{
	ENSURE(uuid_is_nil(&p->flow) || status_is_final(p->status), DOSSIER_IN_FLOW);
	return OK;
}

err process_begin_prepare(struct op *op)
{
	struct creation *c = op_own(op, struct creation);
	struct process p;

	TRY(process_in_path(op, op_reader(op), &p));
	TRY(refuse_flow(&p));
	ENSURE(p.status == process_status_pending, PROCESS_CLOSED);
	c->made = (struct process_made){
		.dossierId = p.dossier,
		.processId = p.id,
		.provider = p.provider,
		.processType = p.process_type,
		.status = p.status,
		.authorization = p.content.authorization.n ? p.content.authorization : p.content.handle,
		.createdAt = seconds_text(op, p.created),
		.updatedAt = seconds_text(op, p.updated),
	};
	op->out = &c->made;
	op->unchanged = p.begun;
	return OK;
}

err process_begin_apply(struct op *op, struct tx *tx)
{
	static const struct uuid none;

	TRY(process_begin(op->app, tx, &op->path_id[1], &none, op->now, op->now + PROOFING_LIFETIME_MS));
	return fact(op, tx, &(struct fact){ .kind = FACT_PROOFING_STARTED, .reference = uuid_text(op->arena, &op->path_id[1]) });
}

struct failing {
	struct process process;
	struct slice box;
};

err process_fail_prepare(struct op *op)
{
	struct failing *f = op_own(op, struct failing);
	struct fail_reason reason = { .type = S("failed_by_client"), .message = S("The caller ended it") };
	struct proofing_result result = { .status = process_status_failed, .failReason = &reason };
	struct buf b = buf_arena(op->arena, 1024);

	TRY(process_in_path(op, op_reader(op), &f->process));
	TRY(refuse_flow(&f->process));
	ENSURE(!status_is_final(f->process.status), PROCESS_CLOSED);
	schema_write(&proofing_result_schema, &result, &b);
	f->box = result_box(op, &f->process, buf_bytes(&b));
	return buf_ok(&b);
}

err process_fail_apply(struct op *op, struct tx *tx)
{
	struct failing *f = op_own(op, struct failing);

	TRY(process_save_result(tx, &f->process, process_status_failed, f->box, S(""), op->now));
	return fact(op, tx, &(struct fact){ .kind = FACT_PROOFING_FAILED, .reference = uuid_text(op->arena, &f->process.id) });
}

SQL(process_deletable, "SELECT 1 FROM proofing_processes WHERE id = $1 AND dossier = $2 AND account = $3");
SQL(process_in_flow, "SELECT 1 FROM proofing_processes WHERE id = $1 AND flow IS NOT NULL AND status < 3");

static err has_row(struct tx *tx, const struct sql *sql, const struct val *args, size_t n, bool *ret_has)
{
	struct rows r;
	struct error e = sql_one(tx, sql, args, n, &r);

	*ret_has = !is_err(e, E_NO_ROW);
	if (!*ret_has)
		return OK;
	TRY(e);
	return sql_close(&r);
}

err process_delete_apply(struct op *op, struct tx *tx)
{
	bool there, used;

	TRY(dossier_exists(op, tx, &op->path_id[0]));
	TRY(has_row(tx, &process_deletable, ARGS(v_uuid(&op->path_id[1]), v_uuid(&op->path_id[0]), v_int(op->caller.account)), &there));
	ENSURE(there, PROCESS_UNKNOWN);
	TRY(has_row(tx, &process_in_flow, ARGS(v_uuid(&op->path_id[1])), &used));
	ENSURE(!used, DOSSIER_IN_FLOW);
	TRY(process_delete(op, tx, &op->path_id[1]));
	return fact(op, tx, &(struct fact){ .kind = FACT_PROOFING_DELETED, .reference = uuid_text(op->arena, &op->path_id[1]) });
}
