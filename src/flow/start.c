/* Starting a flow: forms of every age are brought into one, then user, process, operation and flow are written together. */
#include "base/text.h"
#include "flow/internal.h"

enum { SIMULATE_BYTES_MAX = 1000 };

struct begun {
	struct flow flow;
	struct flow_content content;
	struct user *owner;
	struct user known;              /* of a step-up */
	struct user_edit *new_user;     /* of an onboarding */
	struct process_draft *process;
	struct device_started *operation;
	struct flow_answer answer;
};

/* Where what was asked for stood, to name it in faults. */
struct asked {
	struct process_wish wish;
	struct wish_names names;
};

static const char *named(struct op *op, const char *where, const char *name)
{
	return (const char *)arena_printf(op->arena, "%s%s", where, name).p;
}

/* One of the places in which options may stand. */
static void take_options(struct op *op, const char *where, const struct document_options *o, struct asked *a)
{
	bool one = HAS(o, document_options, docType);
	int64_t *only = arena_new(op->arena, int64_t);

	a->names.doc_types = named(op, where, one ? "docType" : "docTypes");
	a->names.default_id = named(op, where, "defaultId");
	if (one && o->docTypes.n)
		IGNORE(op_invalid(op, a->names.doc_types, "cannot be given beside docTypes")); /* told with all other faults */
	*only = o->docType;
	a->wish.doc_types = one ? (struct list){ only, 1 } : o->docTypes;
	a->wish.default_doc_type = HAS(o, document_options, defaultId) ? o->defaultId : 0;
}

static void take_provider(struct asked *a, struct slice top, struct slice inner)
{
	a->wish.provider = top.n ? top : inner;
	a->names.provider = top.n || !inner.n ? "provider" : "input.provider";
}

/*
 * The top level wins over `input`, the newer name over the older, and all of them over bare fields. Both inputs have the same members
 * in the same order behind their own, so a macro reads either.
 */
#define TAKE(op, in, T, a) \
	do { \
		const struct T##_new *top_ = (in); \
		const struct T##_input *low_ = top_->input; \
		struct document_options *bare_ = arena_new((op)->arena, struct document_options); \
	\
		take_provider((a), top_->provider, low_ ? low_->provider : S("")); \
		if (low_) { \
			*bare_ = (struct document_options){ .docType = low_->docType, .docTypes = low_->docTypes, \
				.defaultId = low_->defaultId }; \
			if (HAS(low_, T##_input, docType)) \
				MARK(bare_, document_options, docType); \
			if (HAS(low_, T##_input, defaultId)) \
				MARK(bare_, document_options, defaultId); \
		} \
		if (top_->videoidProviderOptions) \
			take_options((op), "videoidProviderOptions.", top_->videoidProviderOptions, (a)); \
		else if (top_->eidProviderOptions) \
			take_options((op), "eidProviderOptions.", top_->eidProviderOptions, (a)); \
		else if (low_ && low_->videoidProviderOptions) \
			take_options((op), "input.videoidProviderOptions.", low_->videoidProviderOptions, (a)); \
		else if (low_ && low_->eidProviderOptions) \
			take_options((op), "input.eidProviderOptions.", low_->eidProviderOptions, (a)); \
		else \
			take_options((op), "input.", bare_, (a)); \
	} while (0)

/* Tests say how the simulator shall end it; nobody else is listened to. */
static struct slice simulate_header(const struct op *op)
{
	struct slice script = http_header(op->http, "X-Proofing-Simulate");

	return op->caller.sandbox && script.n <= SIMULATE_BYTES_MAX && text_is_utf8(script) && !text_has_controls(script, false) ? script : S("");
}

/* ---- what both have in common ---- */

static void fill_flow(struct op *op, struct begun *b, enum flow_kind kind, const struct asked *a)
{
	b->flow = (struct flow){
		.id = uuid_v7(op->app->env, op->now),
		.account = op->caller.account,
		.kind = kind,
		.state = flow_move(FLOW_CREATED, STARTED),
		.created = op->now,
		.expires = op->now + FLOW_MS,
	};
	b->content = (struct flow_content){ .docTypes = a->wish.doc_types, .defaultId = a->wish.default_doc_type };
	if (a->wish.default_doc_type)
		MARK(&b->content, flow_content, defaultId);
}

static err draft_process(struct op *op, struct begun *b, struct asked *a, struct process_brief *ret_brief)
{
	a->wish.user = b->owner->id;
	a->wish.flow = b->flow.id;
	a->wish.external_ref = b->owner->profile.reference;
	a->wish.simulate = simulate_header(op);
	TRY(process_draft_new(op, &a->wish, &b->process, ret_brief));
	b->flow.user = b->owner->id;
	b->flow.process = ret_brief->id;
	b->flow.dossier = ret_brief->dossier;
	b->flow.provider = ret_brief->provider;
	return OK;
}

static err finish_draft(struct op *op, struct begun *b, const struct device_step *step, const char *path)
{
	b->flow.operation = step->operation;
	b->content.activationCode = step->code.n ? step->code : slice_of(NULL, 0);
	b->flow.content_box = flow_content_seal(op, b->owner, &b->flow.id, &b->content);
	wipe(&b->owner->key, sizeof(b->owner->key));
	flow_show(op, &b->flow, &b->content, &b->answer);
	op->out = &b->answer;
	op->location = op_printf_location(op, path, &b->flow.id);
	return OK;
}

static err insert(struct op *op, struct tx *tx, struct begun *b)
{
	TRY(process_draft_insert(op, tx, b->process));
	TRY(device_draft_insert(op, tx, b->operation));
	TRY(flow_insert(tx, &b->flow));
	return fact(op, tx, &(struct fact){
		.kind = flow_fact(b->flow.kind, FLOW_FACT_STARTED),
		.user = &b->flow.user,
		.reference = uuid_text(op->arena, &b->flow.id),
	});
}

/* ---- onboarding ---- */

/* Text or a number, kept as text. */
static struct slice reference_of(struct op *op, const json_t *value, const char *name)
{
	struct buf b = buf_arena(op->arena, 64);
	struct slice text = json_is_string(value) ? json_text(value) : S("");

	if (json_is_number(value)) {
		json_write_value(&b, (json_t *)(uintptr_t)value);
		return buf_bytes(&b);
	}
	if (value && !json_is_null(value) && !json_is_string(value))
		IGNORE(op_invalid(op, name, "must be a string or a number")); /* told with all other faults */
	else if (text_has_controls(text, false))
		IGNORE(op_invalid(op, name, "must not contain control characters")); /* told with all other faults */
	else if (text_points(text) > EXTERNAL_REF_POINTS_MAX)
		IGNORE(op_invalid(op, name, "must be at most 255 characters long")); /* told with all other faults */
	return text;
}

static struct slice read_reference(struct op *op)
{
	const json_t *top = json_object_get(op->body, "externalRef");
	const json_t *input = json_object_get(op->body, "input");

	if (top && !json_is_null(top))
		return reference_of(op, top, "externalRef");
	return reference_of(op, json_object_get(input, "externalRef"), "input.externalRef");
}

err onboarding_prepare(struct op *op)
{
	struct begun *b = op_own(op, struct begun);
	struct asked a = { .names = { .provider = "provider" } };
	struct process_brief brief;
	struct device_step step;
	struct slice reference;

	TAKE(op, op->in, onboarding, &a);
	reference = read_reference(op);
	TRY(process_wish_check(op, &a.wish, &a.names));
	fill_flow(op, b, FLOW_ONBOARDING, &a);
	TRY(user_draft_new(op, reference, &b->new_user, &b->owner));
	TRY(draft_process(op, b, &a, &brief));
	TRY(device_registration_draft(op, b->owner, &b->operation, &step));
	return finish_draft(op, b, &step, "/reuseid/id-onboardings");
}

err onboarding_apply(struct op *op, struct tx *tx)
{
	struct begun *b = op_own(op, struct begun);
	struct error e = user_draft_insert(op, tx, b->new_user);

	if (is_err(e, E_USER_EXISTS)) {
		op->invalids.n = 0; /* of a run before */
		return op_invalid(op, "externalRef", "is that of another user");
	}
	TRY(e);
	return insert(op, tx, b);
}

/* ---- step-up ---- */

static err check_ids(struct op *op, const struct uuid *user, const struct uuid *device)
{
	if (uuid_is_nil(user))
		IGNORE(op_invalid(op, "userId", "cannot be null or empty")); /* told with all other faults */
	if (uuid_is_nil(device))
		IGNORE(op_invalid(op, "deviceId", "cannot be null or empty")); /* told with all other faults */
	return op->invalids.n ? FAIL(INVALID_PARAM) : OK;
}

static err find_user(struct op *op, const struct uuid *id, struct begun *b)
{
	struct error e = user_load(op, op_reader(op), id, &b->known);

	if (is_err(e, E_USER_UNKNOWN))
		return op_invalid(op, "userId", "is not the id of a user");
	TRY(e);
	b->owner = &b->known;
	return b->known.state == user_state_ACTIVE ? OK : op_invalid(op, "userId", "is the id of a user who is not active");
}

/* A device that is not there, or another user's, is one fault, whichever. */
static struct error device_fault(struct op *op, struct error e)
{
	if (is_err(e, E_DEVICE_UNKNOWN))
		return op_invalid(op, "deviceId", "is not the id of a device of this user");
	return is_err(e, E_DEVICE_NOT_ACTIVE) ? op_invalid(op, "deviceId", "is the id of a device that is not active") : e;
}

static struct slice pre_context(struct op *op, const struct flow *f)
{
	struct signicat_operation told = { .operation = S("REUSEID_STEPUP"), .transactionId = f->id, .provider = f->provider };
	struct buf b = buf_arena(op->arena, 4096);

	schema_write(&signicat_operation_schema, &told, &b);
	return buf_bytes(&b);
}

err stepup_prepare(struct op *op)
{
	const struct stepup_new *in = op->in;
	const struct uuid *user = HAS(in, stepup_new, userId) || !in->input ? &in->userId : &in->input->userId;
	const struct uuid *device = HAS(in, stepup_new, deviceId) || !in->input ? &in->deviceId : &in->input->deviceId;
	struct begun *b = op_own(op, struct begun);
	struct asked a = { .names = { .provider = "provider" } };
	struct process_brief brief;
	struct device_step step;

	TAKE(op, in, stepup, &a);
	TRY(check_ids(op, user, device));
	TRY(process_wish_check(op, &a.wish, &a.names));
	TRY(find_user(op, user, b));
	fill_flow(op, b, FLOW_STEPUP, &a);
	a.wish.device = b->flow.device = *device;
	TRY(draft_process(op, b, &a, &brief));
	TRY(device_fault(op, device_authentication_draft(op, b->owner, device, pre_context(op, &b->flow), &b->operation, &step)));
	return finish_draft(op, b, &step, "/reuseid/id-stepups");
}

err stepup_apply(struct op *op, struct tx *tx)
{
	return insert(op, tx, op_own(op, struct begun));
}
