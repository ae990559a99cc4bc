/* Flows in the database. What is known of the person is sealed under the user's key. */
#include "flow/internal.h"

#define COLUMNS                                                                                                 \
	"id, account, version, kind, state, user_id, device, operation, dossier, process, provider, created, expires," \
	" ended, error, verification, content"

enum { CONTENT_BYTES_MAX = 64 * 1024, CONTENT_DEPTH_MAX = 6, OF_USER_MAX = 500 };

SCHEMA(document_options, DOCUMENT_OPTIONS, "Which documents can be used. Neither docType nor docTypes: all of them");
SCHEMA(onboarding_input, ONBOARDING_INPUT, "What is asked for, as earlier versions of the API had it");
SCHEMA(onboarding_new, ONBOARDING_NEW, "An onboarding to start");
SCHEMA(stepup_input, STEPUP_INPUT, "What is asked for, as earlier versions of the API had it");
SCHEMA(stepup_new, STEPUP_NEW, "A step-up to start");
SCHEMA(user_data, USER_DATA, "What was found out about the user");
SCHEMA(flow_view, FLOW_VIEW, "An onboarding or a step-up");
SCHEMA(flow_answer, FLOW_ANSWER, "The answer");
SCHEMA(flow_content, FLOW_CONTENT, "What of a flow is sealed");
SCHEMA(signicat_operation, SIGNICAT_OPERATION, "What the app is told");

SQL(flow_add,
	"INSERT INTO flows (" COLUMNS ") VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, NULL, NULL, $13)");
SQL(flow_by_id, "SELECT " COLUMNS " FROM flows WHERE id = $1 AND account = $2");
SQL(flow_by_operation, "SELECT " COLUMNS " FROM flows WHERE operation = $1 AND state = 2");
SQL(flow_update,
	"UPDATE flows SET version = version + 1, state = $3, device = $4, expires = $5, ended = $6, error = $7, verification = $8,"
	" content = $9 WHERE id = $1 AND version = $2");
SQL(flows_of_user, "SELECT " COLUMNS " FROM flows WHERE user_id = $1 AND content IS NOT NULL ORDER BY id LIMIT $2");
_Static_assert(FLOW_WAIT_DEVICE == 2, "the literal in a statement above, and in an index");

err flow_insert(struct tx *tx, const struct flow *f)
{
	return sql_run(tx, &flow_add,
		ARGS(v_uuid(&f->id), v_int(f->account), v_int(f->kind), v_int(f->state), v_uuid(&f->user), v_uuid_opt(&f->device),
			v_uuid(&f->operation), v_uuid(&f->dossier), v_uuid(&f->process), v_text(f->provider), v_int(f->created),
			v_int(f->expires), v_bytes(f->content_box)),
		NULL);
}

static struct flow from_row(const struct rows *r, struct arena *a)
{
	return (struct flow){
		.id = col_uuid(r, 0),
		.account = col_int(r, 1),
		.version = col_int(r, 2),
		.kind = (enum flow_kind)col_int(r, 3),
		.state = (enum flow_state)col_int(r, 4),
		.user = col_uuid(r, 5),
		.device = col_uuid(r, 6),
		.operation = col_uuid(r, 7),
		.dossier = col_uuid(r, 8),
		.process = col_uuid(r, 9),
		.provider = arena_copy(a, col_text(r, 10)),
		.created = col_int(r, 11),
		.expires = col_int(r, 12),
		.ended = col_int(r, 13),
		.error = arena_copy(a, col_text(r, 14)),
		.verification = col_uuid(r, 15),
		.content_box = arena_copy(a, col_bytes(r, 16)),
	};
}

err flow_load(struct op *op, struct tx *tx, const struct uuid *id, struct flow *ret_flow)
{
	struct rows r;
	struct error e = sql_one(tx, &flow_by_id, ARGS(v_uuid(id), v_int(op->caller.account)), &r);

	ENSURE(!is_err(e, E_NO_ROW), TRANSACTION_UNKNOWN);
	TRY(e);
	*ret_flow = from_row(&r, op->arena);
	return sql_close(&r);
}

err flow_waiting(struct tx *tx, struct arena *a, const struct uuid *operation, struct flow *ret_flow)
{
	struct rows r;

	TRY(sql_one(tx, &flow_by_operation, ARGS(v_uuid(operation)), &r));
	*ret_flow = from_row(&r, a);
	return sql_close(&r);
}

err flow_save(struct tx *tx, const struct flow *f)
{
	int64_t changes;

	TRY(sql_run(tx, &flow_update,
		ARGS(v_uuid(&f->id), v_int(f->version), v_int(f->state), v_uuid_opt(&f->device), v_int(f->expires), v_int(f->ended),
			v_text_opt(f->error), v_uuid_opt(&f->verification), v_bytes_opt(f->content_box)),
		&changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

/* ---- the sealed part ---- */

static struct slice place_of(struct op *op, const struct uuid *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, "flow.content|");
	buf_slice(&b, uuid_bytes(id));
	return buf_bytes(&b);
}

struct slice flow_content_seal(struct op *op, const struct user *owner, const struct uuid *flow, const struct flow_content *content)
{
	struct buf b = buf_arena(op->arena, CONTENT_BYTES_MAX);

	schema_write(&flow_content_schema, content, &b);
	return seal(&owner->key, op->app->env, place_of(op, flow), buf_bytes(&b), op->arena);
}

err flow_content_open(struct op *op, const struct user *owner, const struct flow *f, struct flow_content *ret_content)
{
	struct invalids bad = { .arena = op->arena };
	struct slice plain, why;
	json_t *json;

	*ret_content = (struct flow_content){ 0 };
	if (f->content_box.n == 0)
		return OK;
	TRY(unseal(&owner->key, place_of(op, &f->id), f->content_box, op->arena, &plain));
	TRY(json_read(plain, JSON_UNIQUE, CONTENT_DEPTH_MAX, op->arena, &json, &why));
	schema_read(&flow_content_schema, json, op->arena, &bad, ret_content);
	op_keep_json(op, json);
	ENSURE(bad.n == 0, STORAGE);
	return OK;
}

/* ---- the end ---- */

enum fact_kind flow_fact(enum flow_kind kind, enum flow_fact what)
{
	static const enum fact_kind facts[][2] = {
		[FLOW_FACT_STARTED] = { FACT_ONBOARDING_STARTED, FACT_STEPUP_STARTED },
		[FLOW_FACT_COMPLETED] = { FACT_ONBOARDING_COMPLETED, FACT_STEPUP_COMPLETED },
		[FLOW_FACT_FAILED] = { FACT_ONBOARDING_FAILED, FACT_STEPUP_FAILED },
	};

	return facts[what][kind == FLOW_STEPUP];
}

err flow_end(const struct fact_origin *origin, struct tx *tx, struct flow *f, enum flow_event event, struct slice error)
{
	enum flow_state next = flow_move(f->state, event);
	struct fact_origin here = *origin;
	char id[UUID_TEXT + 1];

	ENSURE(next != FLOW_NONE && flow_is_over(next), STALE);
	f->state = next;
	f->ended = origin->now;
	f->error = error;
	here.account = f->account;
	uuid_format(&f->id, id);
	TRY(flow_save(tx, f));
	return fact_from(&here, tx, &(struct fact){
		.kind = flow_fact(f->kind, next == FLOW_COMPLETED ? FLOW_FACT_COMPLETED : FLOW_FACT_FAILED),
		.user = &f->user,
		.reference = slice_of(id, UUID_TEXT),
		.transaction = &f->id,
	});
}

SQL(flows_listed, "SELECT " COLUMNS " FROM flows WHERE user_id = $1 AND account = $2 AND id > $3 ORDER BY id LIMIT $4");

err flows_of(struct op *op, struct tx *tx, const struct uuid *user, const struct uuid *after, struct list *ret_flows)
{
	struct flow *items = arena_array(op->arena, struct flow, FLOWS_AT_ONCE);
	struct rows r;
	size_t n = 0;

	TRY(sql_open(tx, &flows_listed, ARGS(v_uuid(user), v_int(op->caller.account), v_uuid(after), v_int(FLOWS_AT_ONCE)), &r));
	while (n < FLOWS_AT_ONCE && rows_next(&r))
		items[n++] = from_row(&r, op->arena);
	*ret_flows = (struct list){ items, n };
	return sql_close(&r);
}

SQL(flows_of_account, "DELETE FROM flows WHERE account = $1");

err flow_account_deleted(struct op *op, struct tx *tx, int64_t account)
{
	(void)op;
	return sql_run(tx, &flows_of_account, ARGS(v_int(account)), NULL);
}

static err forget_person(struct op *op, struct tx *tx, struct flow *f)
{
	struct fact_origin origin = fact_origin_of(op);

	f->content_box = S("");
	return flow_is_over(f->state) ? flow_save(tx, f) : flow_end(&origin, tx, f, GIVEN_UP, S("CANCELLED"));
}

/* What is sealed cannot be opened any more; what was under way is over. */
err flow_user_deleted(struct op *op, struct tx *tx, const struct uuid *user)
{
	struct flow *list = arena_array(op->arena, struct flow, OF_USER_MAX);
	size_t n;

	do {
		struct rows r;

		n = 0;
		TRY(sql_open(tx, &flows_of_user, ARGS(v_uuid(user), v_int(OF_USER_MAX)), &r));
		while (n < OF_USER_MAX && rows_next(&r))
			list[n++] = from_row(&r, op->arena);
		TRY(sql_close(&r));
		for (size_t i = 0; i < n; i++)
			TRY(forget_person(op, tx, &list[i]));
	} while (n == OF_USER_MAX);
	return OK;
}
