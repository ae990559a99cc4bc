/* The operator's side: who proofs identities for an account, and the decisions that are his. */
#include "proofing/assure.h"

#define REVIEW_ITEM(F, T)                                                                              \
	F(T, UUID, processId, REQ, 0, 0, "Id of the process", "")                                      \
	F(T, UUID, dossierId, REQ, 0, 0, "Id of the dossier", "")                                      \
	F(T, STR, accountId, REQ, 0, 0, "Account of the dossier", "")                                  \
	F(T, STR, provider, REQ, 0, 0, "Who carried it out", "")                                       \
	F(T, ENUM(process_status), status, REQ, 0, 0, "How it stands", "")                             \
	F(T, TIME, created, REQ, 0, 0, "When it was created", "")                                      \
	F(T, TIME, expires, REQ, 0, 0, "Until when it can be decided", "")
SCHEMA_STRUCT(review_item, REVIEW_ITEM);
SCHEMA(review_item, REVIEW_ITEM, "A process that waits for a decision");

#define REVIEW_LIST(F, T) F(T, LIST(review_item), reviews, REQ, 0, 0, "Oldest first", "")
SCHEMA_STRUCT(review_list, REVIEW_LIST);
SCHEMA(review_list, REVIEW_LIST, "What waits for a decision");

#define DECISION(V, E)                                            \
	V(E, accepted, "It is the person; finalResult says who")  \
	V(E, rejected, "It is not")
ENUMERATION_TYPE(decision, DECISION);
ENUMERATION(decision, DECISION);

#define REVIEW_DECISION(F, T)                                                                          \
	F(T, ENUM(decision), decision, REQ, 0, 0, "What the operator saw", "\"rejected\"")             \
	F(T, OBJ(final_result), finalResult, OPT, 0, 0, "What the documents say; needed to accept what no machine has read", "")
SCHEMA_STRUCT(review_decision, REVIEW_DECISION);
SCHEMA(review_decision, REVIEW_DECISION, "A decision");

enum { REVIEWS_MAX = 200 };

SQL(config_of_account, "SELECT version FROM proofing_accounts WHERE account = $1");
SQL(config_put,
	"INSERT INTO proofing_accounts (account, version, wrapped_key, box) VALUES ($1, 1, $2, $3)"
	" ON CONFLICT (account) DO UPDATE SET version = proofing_accounts.version + 1, wrapped_key = $2, box = $3"
	" WHERE proofing_accounts.version = $4");
SQL(reviews_waiting,
	"SELECT p.id FROM proofing_processes p WHERE p.begun = 1 AND p.expires > $1"
	" AND (p.status = 7 OR (p.status = 2 AND p.engine = 2)) ORDER BY p.id LIMIT $2");
_Static_assert(process_status_inconclusive == 7 && process_status_processing == 2 && proofing_engine_manual == 2,
	"the literals in the statement above");

/* ---- configuration ---- */

struct configuring {
	struct proofing_config config;
	int64_t version;
	struct slice box;
	uint8_t wrapped[WRAPPED_KEY_BYTES];
};

static err read_version(struct op *op, int64_t *ret_version)
{
	struct rows r;
	struct error e = sql_one(op_reader(op), &config_of_account, ARGS(v_int(op->caller.account)), &r);

	*ret_version = 0;
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	*ret_version = col_int(&r, 0);
	return sql_close(&r);
}

/* Secrets are told by name only. */
static void hide_secrets(struct op *op, struct proofing_config *config)
{
	const struct proofing_secret *from = config->secrets.items;
	struct proofing_secret *names = arena_array(op->arena, struct proofing_secret, config->secrets.n);

	for (size_t i = 0; i < config->secrets.n; i++)
		names[i].name = from[i].name;
	if (config->secrets.n)
		config->secrets.items = names;
}

err proofing_config_get_prepare(struct op *op)
{
	struct proofing_config *config = op->out = arena_new(op->arena, struct proofing_config);

	TRY(accounts_act_for_id(op, op->path[0]));
	TRY(proofing_config_load(op, op_reader(op), config));
	hide_secrets(op, config);
	return OK;
}

static err check_mapping(struct op *op, json_t *mapping)
{
	const char *name;
	json_t *key;

	json_object_foreach(mapping, name, key) {
		if (!json_is_string(key) || json_string_length(key) == 0 || json_string_length(key) > ATTRIBUTE_KEY_POINTS_MAX)
			return op_invalid(op, "attributeMapping", "must name an attribute for each name of the result");
	}
	return OK;
}

static err check_providers(struct op *op, const struct proofing_config *config)
{
	const struct proofing_provider *list = config->providers.items;

	for (size_t i = 0; i < config->providers.n; i++) {
		const char *fault = engine_fault(op, &list[i], config);

		for (size_t j = 0; j < i && !fault; j++)
			if (slice_eq(list[i].name, list[j].name))
				fault = "must have different names";
		if (fault)
			return op_invalid(op, "providers", fault);
	}
	return OK;
}

/* A secret that is named without a value stays what it is. */
static err keep_secrets(struct op *op, struct proofing_config *config, const struct proofing_config *old)
{
	struct proofing_secret *list = config->secrets.items;

	for (size_t i = 0; i < config->secrets.n; i++) {
		if (list[i].value.n == 0)
			list[i].value = config_secret(old, list[i].name);
		if (list[i].value.n == 0)
			return op_invalid(op, "secrets", "must have values, unless they are kept already");
	}
	return OK;
}

err proofing_config_put_prepare(struct op *op)
{
	struct configuring *c = op_own(op, struct configuring);
	struct proofing_config *shown = arena_new(op->arena, struct proofing_config), old;

	TRY(accounts_act_for_id(op, op->path[0]));
	c->config = *(const struct proofing_config *)op->in;
	TRY(proofing_config_load(op, op_reader(op), &old));
	TRY(read_version(op, &c->version));
	TRY(keep_secrets(op, &c->config, &old));
	if (c->config.attributeMapping)
		TRY(check_mapping(op, c->config.attributeMapping));
	TRY(check_providers(op, &c->config));
	c->box = config_seal(op, &c->config, c->wrapped);
	*shown = c->config;
	hide_secrets(op, shown);
	op->out = shown;
	return OK;
}

err proofing_config_put_apply(struct op *op, struct tx *tx)
{
	struct configuring *c = op_own(op, struct configuring);
	int64_t changes;

	TRY(sql_run(tx, &config_put,
		ARGS(v_int(op->caller.account), v_bytes(slice_of(c->wrapped, WRAPPED_KEY_BYTES)), v_bytes(c->box), v_int(c->version)),
		&changes));
	ENSURE(changes == 1, STALE);
	return fact(op, tx, &(struct fact){ .kind = FACT_PROOFING_CONFIGURED, .reference = op->caller.account_id,
		.account = op->caller.account });
}

/* ---- decisions ---- */

static err show_review(struct op *op, const struct uuid *id, struct review_item *ret, bool *ret_shown)
{
	struct process p;

	TRY(process_load_any(op, op_reader(op), id, &p));
	*ret_shown = true;
	*ret = (struct review_item){
		.processId = p.id,
		.dossierId = p.dossier,
		.accountId = op->caller.account_id,
		.provider = p.provider,
		.status = p.status,
		.created = p.created,
		.expires = p.expires,
	};
	return OK;
}

err review_list_prepare(struct op *op)
{
	struct review_list *out = op->out = arena_new(op->arena, struct review_list);
	struct review_item *items = arena_array(op->arena, struct review_item, REVIEWS_MAX);
	struct uuid *ids = arena_array(op->arena, struct uuid, REVIEWS_MAX);
	struct rows r;
	size_t n = 0;

	TRY(sql_open(op_reader(op), &reviews_waiting, ARGS(v_int(op->now), v_int(REVIEWS_MAX)), &r));
	while (n < REVIEWS_MAX && rows_next(&r))
		ids[n++] = col_uuid(&r, 0);
	TRY(sql_close(&r));
	out->reviews = (struct list){ items, 0 };
	for (size_t i = 0; i < n; i++) {
		bool shown = false;

		TRY(show_review(op, &ids[i], &items[out->reviews.n], &shown));
		out->reviews.n += shown;
	}
	return OK;
}

struct deciding {
	struct process process;
	struct settlement *settlement;
};

err review_decide_prepare(struct op *op)
{
	const struct review_decision *in = op->in;
	struct deciding *d = op_own(op, struct deciding);
	struct proofing_result result = { 0 }, before = { 0 };
	const char *fault;

	TRY(process_load_any(op, op_reader(op), &op->path_id[0], &d->process));
	ENSURE(d->process.status == process_status_inconclusive ||
		(d->process.status == process_status_processing && d->process.engine == proofing_engine_manual), PROCESS_NOT_REVIEWED);
	if (d->process.result.n)
		TRY(result_read(op, d->process.result, &before));
	result.status = in->decision == decision_accepted ? process_status_accepted : process_status_rejected;
	result.finalResult = in->finalResult;
	result.providerSpecific = before.providerSpecific;
	if (in->decision == decision_accepted) {
		static const struct final_result nobody;

		fault = final_result_fault(in->finalResult ? in->finalResult : &nobody);
		if (fault)
			return op_invalid(op, "finalResult", fault);
	}
	TRY(settle_prepare(op, &d->process, &result, &d->settlement));
	op->unchanged = d->settlement == NULL;
	return OK;
}

err review_decide_apply(struct op *op, struct tx *tx)
{
	struct deciding *d = op_own(op, struct deciding);

	return settle_apply(op, tx, d->settlement);
}

static const struct route rows[] = {
	{ HTTP_GET, "/proofing/{accountId:text}", LOCAL_ONLY, NO_RATE, OUT(proofing_config), OP(.prepare = proofing_config_get_prepare),
		"How an account has identities proofed", .flags = NO_ACCOUNT },
	{ HTTP_PUT, "/proofing/{accountId:text}", LOCAL_ONLY, NO_RATE, IN(proofing_config), OUT(proofing_config),
		OP(.prepare = proofing_config_put_prepare, .apply = proofing_config_put_apply), "Set how an account has identities proofed",
		.flags = NO_ACCOUNT },
	{ HTTP_GET, "/proofing-reviews", LOCAL_ONLY, NO_RATE, OUT(review_list), OP(.prepare = review_list_prepare),
		"What waits for a decision of the operator", .flags = NO_ACCOUNT },
	{ HTTP_POST, "/proofing-reviews/{processId}", LOCAL_ONLY, NO_RATE, IN(review_decision),
		OP(.prepare = review_decide_prepare, .apply = review_decide_apply), "Decide", .flags = NO_ACCOUNT },
};

const struct route_table proofing_admin_routes = {
	.base = "/admin", .title = "Identity proofing", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]),
};
