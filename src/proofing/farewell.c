/*
 * A provider outside is told that a process was called off, or that he may forget what he has of it, again and again until he has heard.
 * What that takes, his own ids of it, lies apart from the process under a key of its own: the process and its person can be erased here at
 * once, and the row goes as soon as he was told.
 */
#include "proofing/calls.h"

/* The number stands in the database. */
enum farewell_kind { FAREWELL_CANCEL = 1, FAREWELL_PURGE = 2 };

enum {
	FAREWELLS_AT_ONCE = 100,
	TRIES_MAX = 40, /* with the waits below: more than a week */
	FIRST_WAIT_MS = 60 * 1000,
	WAIT_MS_MAX = 6 * 3600 * 1000,
};

#define COLUMNS "process, kind, dossier, account, provider, type, box, due, tries"

SQL(farewell_add,
	"INSERT INTO proofing_farewells (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)"
	" ON CONFLICT (process, kind) DO UPDATE SET box = excluded.box, due = excluded.due, tries = 0");
SQL(farewell_of_process, "UPDATE proofing_processes SET farewell = $2 WHERE id = $1");
#define TAKE(which)                                                                                            \
	"INSERT INTO proofing_farewells (" COLUMNS ") SELECT id, 2, dossier, account, provider, type, farewell, $2, 0" \
	" FROM proofing_processes WHERE " which " AND farewell IS NOT NULL"                                      \
	" ON CONFLICT (process, kind) DO UPDATE SET box = excluded.box, due = excluded.due, tries = 0"
_Static_assert(FAREWELL_PURGE == 2, "the literal in the statements");
SQL(farewells_take_process, TAKE("id = $1"));
SQL(farewells_take_dossier, TAKE("dossier = $1"));
SQL(farewells_take_free,
	TAKE("account = $1 AND NOT EXISTS (SELECT 1 FROM proofing_processes p WHERE p.dossier = proofing_processes.dossier"
	     " AND p.flow IS NOT NULL AND p.status < 3)"));
SQL(farewells_due, "SELECT process, kind FROM proofing_farewells WHERE due <= $1 ORDER BY due LIMIT $2");
SQL(farewell_one, "SELECT dossier, account, provider, type, box, tries FROM proofing_farewells WHERE process = $1 AND kind = $2");
SQL(farewell_later, "UPDATE proofing_farewells SET due = $3, tries = $4 WHERE process = $1 AND kind = $2");
SQL(farewell_done, "DELETE FROM proofing_farewells WHERE process = $1 AND kind = $2");

static enum farewell_kind kind_of(enum call_kind call)
{
	return call == CALL_CANCEL ? FAREWELL_CANCEL : FAREWELL_PURGE;
}

static struct data_key key_of(struct op *op, const struct uuid *process)
{
	struct data_key key;

	_Static_assert(INDEX_BYTES == DATA_KEY_BYTES, "a keyed hash is a key");
	seal_index(op->app->keyring, S("proofing.farewell.key"), S(""), uuid_bytes(process), key.b);
	return key;
}

/* ---- what is kept ---- */

struct slice farewell_box(struct op *op, const struct process *p)
{
	const struct process_content *from = &p->content;
	struct process_content content = { .externalId = from->externalId, .parentId = from->parentId, .userId = from->userId };
	struct buf b = buf_arena(op->arena, SEALED_BYTES_MAX);
	struct data_key key;
	struct slice box;

	if (p->engine != proofing_engine_http || (!content.externalId.n && !content.parentId.n))
		return S("");
	key = key_of(op, &p->id);
	schema_write(&process_content_schema, &content, &b);
	box = seal(&key, op->app->env, proofing_place(op, "proofing.farewell|", &p->id), buf_bytes(&b), op->arena);
	wipe(&key, sizeof(key));
	return box;
}

err farewell_keep(struct tx *tx, const struct uuid *process, struct slice box)
{
	return box.n ? sql_run(tx, &farewell_of_process, ARGS(v_uuid(process), v_bytes(box)), NULL) : OK;
}

err farewell_say(struct op *op, struct tx *tx, const struct process *p, enum call_kind call, struct slice box)
{
	if (!box.n)
		return OK;
	proofing_hurry_after_commit(op->app, tx);
	/* Who was told to forget is not told so again when the process is deleted. */
	if (call == CALL_PURGE)
		TRY(sql_run(tx, &farewell_of_process, ARGS(v_uuid(&p->id), v_null()), NULL));
	return sql_run(tx, &farewell_add,
		ARGS(v_uuid(&p->id), v_int(kind_of(call)), v_uuid(&p->dossier), v_int(p->account), v_text(p->provider),
			v_text(p->process_type), v_bytes(box), v_int(op->now)),
		NULL);
}

err farewells_of_process(struct op *op, struct tx *tx, const struct uuid *process)
{
	proofing_hurry_after_commit(op->app, tx);
	return sql_run(tx, &farewells_take_process, ARGS(v_uuid(process), v_int(op->now)), NULL);
}

err farewells_of_dossier(struct op *op, struct tx *tx, const struct uuid *dossier)
{
	proofing_hurry_after_commit(op->app, tx);
	return sql_run(tx, &farewells_take_dossier, ARGS(v_uuid(dossier), v_int(op->now)), NULL);
}

err farewells_of_free_dossiers(struct op *op, struct tx *tx)
{
	proofing_hurry_after_commit(op->app, tx);
	return sql_run(tx, &farewells_take_free, ARGS(v_int(op->caller.account), v_int(op->now)), NULL);
}

/* ---- saying it ---- */

static err open_box(struct op *op, struct slice box, struct process *p)
{
	struct invalids bad = { .arena = op->arena };
	struct data_key key = key_of(op, &p->id);
	struct slice plain, why;
	json_t *json;
	struct error e = unseal(&key, proofing_place(op, "proofing.farewell|", &p->id), box, op->arena, &plain);

	wipe(&key, sizeof(key));
	TRY(e);
	TRY(json_read(plain, JSON_UNIQUE, SEALED_DEPTH_MAX, op->arena, &json, &why));
	schema_read(&process_content_schema, json, op->arena, &bad, &p->content);
	op_keep_json(op, json);
	ENSURE(bad.n == 0, STORAGE);
	return OK;
}

/* A process as far as it is needed for this; the real one may be gone. */
static err load(struct op *op, const struct proofing_call *c, struct process *p, int64_t *ret_tries)
{
	struct slice box;
	struct rows r;

	TRY(sql_one(op_reader(op), &farewell_one, ARGS(v_uuid(&c->process), v_int(kind_of(c->kind))), &r));
	*p = (struct process){
		.id = c->process,
		.dossier = col_uuid(&r, 0),
		.account = col_int(&r, 1),
		.provider = arena_copy(op->arena, col_text(&r, 2)),
		.process_type = arena_copy(op->arena, col_text(&r, 3)),
		.engine = proofing_engine_http,
	};
	box = arena_copy(op->arena, col_bytes(&r, 4));
	*ret_tries = col_int(&r, 5);
	TRY(sql_close(&r));
	TRY(accounts_act_for(op, op_reader(op), p->account));
	return open_box(op, box, p);
}

static int64_t wait_ms(int64_t tries)
{
	int64_t ms = FIRST_WAIT_MS;

	while (tries-- > 0 && ms < WAIT_MS_MAX)
		ms *= 2;
	return ms < WAIT_MS_MAX ? ms : WAIT_MS_MAX;
}

static void log_given_up(struct op *op, const struct uuid *process)
{
	char text[UUID_TEXT + 1];

	uuid_format(process, text);
	log_line(op->app->log, LOG_WARN, "a provider could not be told to let go of an identity proofing", LOG_T("process", text));
}

err farewell_prepare(struct op *op)
{
	struct stepping *s = op->own;
	struct error e = load(op, s->call, &s->process, &s->tries);

	op->unchanged = true;
	s->step = CALL_DONE;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	TRY(proofing_config_load(op, op_reader(op), &s->config));
	s->request = (struct call_request){ .method = HTTP_GET };
	s->outcome = (struct call_outcome){ .has_result = false };
	s->step = http_step(op, s->call, &s->process, &s->config, &s->request, &s->outcome);
	op->unchanged = false;
	if (s->step == CALL_SEND)
		call_request_keep(op->arena, &s->request);
	else if (s->step == CALL_BROKEN && ++s->tries >= TRIES_MAX)
		log_given_up(op, &s->process.id);
	return OK;
}

err farewell_apply(struct op *op, struct tx *tx)
{
	const struct stepping *s = op->own;
	struct val id = v_uuid(&s->process.id), kind = v_int(kind_of(s->call->kind));

	if (s->step == CALL_SEND)
		return sql_run(tx, &farewell_later, ARGS(id, kind, v_int(op->now + LEASE_MS), v_int(s->tries)), NULL);
	if (s->step == CALL_BROKEN && s->tries < TRIES_MAX)
		return sql_run(tx, &farewell_later, ARGS(id, kind, v_int(op->now + wait_ms(s->tries - 1)), v_int(s->tries)), NULL);
	return sql_run(tx, &farewell_done, ARGS(id, kind), NULL);
}

struct due {
	struct uuid process;
	enum farewell_kind kind;
};

static err read_due(struct app *app, struct due *list, size_t *ret_n)
{
	struct tx *tx = store_read_begin(app->store);
	struct rows r;
	struct error e = sql_open(tx, &farewells_due, ARGS(v_int(env_now_ms(app->env)), v_int(FAREWELLS_AT_ONCE)), &r);

	*ret_n = 0;
	if (!failed(e)) {
		while (*ret_n < FAREWELLS_AT_ONCE && rows_next(&r))
			list[(*ret_n)++] = (struct due){ col_uuid(&r, 0), (enum farewell_kind)col_int(&r, 1) };
		e = sql_close(&r);
	}
	store_read_end(tx);
	return e;
}

err farewells_work(struct app *app)
{
	struct due list[FAREWELLS_AT_ONCE];
	size_t n;

	TRY(read_due(app, list, &n));
	for (size_t i = 0; i < n; i++)
		call_begin(app, &list[i].process, list[i].kind == FAREWELL_CANCEL ? CALL_CANCEL : CALL_PURGE, S(""));
	return OK;
}
