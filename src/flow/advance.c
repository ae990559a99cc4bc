/* How a flow goes on: the device is done, the process is done. */
#include "flow/internal.h"

/* ---- the operation ---- */

static err begin_proofing(const struct fact_origin *origin, struct tx *tx, struct flow *f, const struct uuid *device)
{
	int64_t until = origin->now + PROOFING_MS;

	f->state = flow_move(f->state, DEVICE_DONE);
	ENSURE(f->state != FLOW_NONE, STALE);
	f->device = *device;
	f->expires = until < f->created + FLOW_MS ? until : f->created + FLOW_MS;
	TRY(process_begin(origin->app, tx, &f->process, device, origin->now, f->expires));
	return flow_save(tx, f);
}

static err give_up(const struct fact_origin *origin, struct tx *tx, struct flow *f, const struct operation *o)
{
	TRY(process_abandon(tx, &f->process, origin->now));
	return flow_end(origin, tx, f, DEVICE_FAILED, slice_text(operation_error_name(o->error)));
}

struct error flow_operation_ended(const struct fact_origin *origin, struct tx *tx, const struct operation *o)
{
	struct arena a;
	struct error e;
	struct flow f;

	arena_init(&a);
	e = flow_waiting(tx, &a, &o->id, &f);
	if (is_err(e, E_NO_ROW))
		e = OK;
	else if (!failed(e))
		e = o->state == operation_state_COMPLETED ? begin_proofing(origin, tx, &f, &o->credential) : give_up(origin, tx, &f, o);
	arena_free(&a);
	return e;
}

/* ---- what the app is told ---- */

static void fill_documents(const struct flow_content *content, struct signicat_operation *told)
{
	const int64_t *ids = content->docTypes.items;

	if (content->docTypes.n == 1) {
		told->docType = ids[0];
		MARK(told, signicat_operation, docType);
	}
	if (content->docTypes.n)
		told->docTypes = content->docTypes;
	if (HAS(content, flow_content, defaultId)) {
		told->defaultId = content->defaultId;
		MARK(told, signicat_operation, defaultId);
	}
}

static err tell(struct op *op, const struct flow *f, struct slice *ret_json)
{
	struct buf b = buf_arena(op->arena, 64 * 1024);
	struct flow_content content;
	struct process_brief p;
	struct signicat_operation told;
	struct user user;
	struct error e;

	TRY(user_load(op, op_reader(op), &f->user, &user));
	e = flow_content_open(op, &user, f, &content);
	wipe(&user.key, sizeof(user.key));
	TRY(e);
	TRY(process_brief_load(op, op_reader(op), &f->process, &p));
	told = (struct signicat_operation){
		.operation = f->kind == FLOW_ONBOARDING ? S("REUSEID_ONBOARDING") : S("REUSEID_STEPUP"),
		.transactionId = f->id,
		.provider = f->provider,
		.dossierId = f->dossier,
		.processId = f->process,
		.authorization = p.authorization,
		.providerApiUrl = p.provider_api_url,
		.captureUrl = p.capture_url,
	};
	fill_documents(&content, &told);
	schema_write(&signicat_operation_schema, &told, &b);
	*ret_json = buf_bytes(&b);
	return OK;
}

struct error flow_told(struct op *op, const struct uuid *operation, struct slice *ret_json)
{
	struct caller caller = op->caller;
	struct error e;
	struct flow f;

	*ret_json = S("");
	e = flow_waiting(op_reader(op), op->arena, operation, &f);
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	TRY(accounts_act_for(op, op_reader(op), f.account));
	e = tell(op, &f, ret_json);
	op->caller = caller;
	return e;
}

/* ---- the process ---- */

struct decision {
	struct flow flow;
	enum flow_event event;
	struct slice error;
	struct user_edit *edit;    /* of the attributes; NULL: they stay */
	struct user_verification verification;
	bool to_review;
};

static const struct {
	enum process_status status;
	enum flow_event event;
	const char *error;
} outcomes[] = {
	{ process_status_rejected, PROOF_REFUSED, "REJECTED" },
	{ process_status_inconclusive, PROOF_REFUSED, "INCONCLUSIVE" },
	{ process_status_failed, PROOF_REFUSED, "PROOFING_FAILED" },
	{ process_status_canceled, GIVEN_UP, "CANCELLED" },
};

SQL(device_is_active, "SELECT 1 FROM credentials WHERE id = $1 AND user_id = $2 AND state = $3");

static err check_device(struct tx *tx, const struct flow *f, bool *ret_active)
{
	struct rows r;
	struct error e = sql_one(tx, &device_is_active, ARGS(v_uuid(&f->device), v_uuid(&f->user), v_int(credential_state_ACTIVE)), &r);

	*ret_active = !is_err(e, E_NO_ROW);
	if (!*ret_active)
		return OK;
	TRY(e);
	return sql_close(&r);
}

static void block(struct decision *d)
{
	d->event = BLOCKED;
	d->error = S("LOCKED_BY_ADMIN");
}

static struct user_data *user_data_of(struct op *op, const struct final_result *r)
{
	struct user_data *data = arena_new(op->arena, struct user_data);

	*data = (struct user_data){
		.firstName = r->firstName,
		.lastName = r->lastName,
		.dateOfBirth = r->dateOfBirth,
		.gender = r->gender,
		.nationality = r->nationality,
	};
	return data;
}

static err enrich(struct op *op, struct tx *tx, const struct user *user, const struct final_result *r, struct decision *d)
{
	struct flow_content content;
	json_t *attributes;

	TRY(proofing_attributes(op, tx, r, &attributes));
	op_keep_json(op, attributes);
	TRY(user_attributes_edit(op, user, attributes, &d->edit));
	TRY(flow_content_open(op, user, &d->flow, &content));
	content.userData = user_data_of(op, r);
	d->flow.content_box = flow_content_seal(op, user, &d->flow.id, &content);
	d->flow.verification = uuid_v7(op->app->env, op->now);
	d->verification = (struct user_verification){
		.id = d->flow.verification,
		.user = user->id,
		.provider = d->flow.provider,
		.dossier = uuid_text(op->arena, &d->flow.dossier),
		.process = uuid_text(op->arena, &d->flow.process),
		.orchestration = uuid_text(op->arena, &d->flow.id),
	};
	d->event = PROOF_ACCEPTED;
	return OK;
}

/* User and device have to be who they were when they began. */
static err accept(struct op *op, struct tx *tx, const struct final_result *r, struct decision *d)
{
	struct user user;
	struct error e = user_load(op, tx, &d->flow.user, &user);
	bool active;

	if (is_err(e, E_USER_UNKNOWN)) {
		block(d);
		return OK;
	}
	TRY(e);
	TRY(check_device(tx, &d->flow, &active));
	if (!active || user.state != user_state_ACTIVE)
		block(d);
	else
		e = enrich(op, tx, &user, r, d);
	wipe(&user.key, sizeof(user.key));
	return e;
}

static struct error decide(struct op *op, struct tx *tx, const struct process *process, const struct proofing_result *result,
	void **ret_own)
{
	struct decision *d = *ret_own = arena_new(op->arena, struct decision);
	struct uuid id = process_id(process), flow = process_flow(process);
	struct error e = flow_load(op, tx, &flow, &d->flow);

	ENSURE(!is_err(e, E_TRANSACTION_UNKNOWN), PROCESS_CLOSED);
	TRY(e);
	ENSURE(uuid_eq(&d->flow.process, &id) && op->now < d->flow.expires, PROCESS_CLOSED);
	ENSURE(d->flow.state == FLOW_PROOFING || d->flow.state == FLOW_REVIEW, PROCESS_CLOSED);
	if (result->status == process_status_accepted)
		return accept(op, tx, result->finalResult, d);
	d->to_review = result->status == process_status_inconclusive && process_is_reviewed(process);
	d->event = PROOF_DOUBTFUL;
	for (size_t i = 0; !d->to_review && i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		if ((int64_t)outcomes[i].status == result->status) {
			d->event = outcomes[i].event;
			d->error = slice_text(outcomes[i].error);
		}
	}
	if (d->to_review)
		d->flow.expires = process_expires(process);
	ENSURE(flow_move(d->flow.state, d->event) != FLOW_NONE, PROCESS_CLOSED);
	return OK;
}

static err apply_accepted(struct op *op, struct tx *tx, struct decision *d)
{
	bool active;

	TRY(check_device(tx, &d->flow, &active));
	ENSURE(active, STALE);
	TRY(user_attributes_write(op, tx, d->edit)); /* the user's version says that it is the one that was looked at */
	return user_verification_add(op, tx, &d->verification);
}

static struct error apply(struct op *op, struct tx *tx, void *own)
{
	struct decision *d = own;
	struct fact_origin origin = fact_origin_of(op);
	struct flow flow = d->flow; /* it may be run again */

	if (d->to_review) {
		flow.state = flow_move(flow.state, d->event);
		return flow_save(tx, &flow);
	}
	if (d->event == PROOF_ACCEPTED)
		TRY(apply_accepted(op, tx, d));
	return flow_end(&origin, tx, &flow, d->event, d->error);
}

const struct process_listener flow_listener = { decide, apply };
