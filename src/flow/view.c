/* What a caller sees of a flow. */
#include "flow/internal.h"

/* Its time may be over before the sweeper wrote it. */
static bool is_expired(const struct op *op, const struct flow *f)
{
	return !flow_is_over(f->state) && f->expires <= op->now;
}

static struct slice or_absent(struct slice text)
{
	return text.n ? text : slice_of(NULL, 0);
}

void flow_show(struct op *op, const struct flow *f, const struct flow_content *content, struct flow_answer *ret_answer)
{
	struct flow_view *view = arena_new(op->arena, struct flow_view);
	bool expired = is_expired(op, f);

	*view = (struct flow_view){
		.transactionId = f->id,
		.userId = f->user,
		.activationCode = or_absent(content->activationCode),
		.deviceId = f->device,
		.proofingId = f->verification,
		.dossierId = f->dossier,
		.processId = f->process,
		.status = slice_text(flow_shown(expired ? FLOW_EXPIRED : f->state)),
		.userData = content->userData,
	};
	if (expired || (flow_is_over(f->state) && f->state != FLOW_COMPLETED)) {
		view->errorCode = expired ? S("EXPIRED") : f->error;
		view->errorDescription = slice_text(flow_error_description(view->errorCode));
	}
	ret_answer->data = view;
}

static err get(struct op *op, enum flow_kind kind)
{
	struct flow_answer *out = op->out = arena_new(op->arena, struct flow_answer);
	struct flow_content content = { 0 };
	struct tx *tx = op_reader(op);
	struct user user;
	struct flow f;
	struct error e;

	TRY(flow_load(op, tx, &op->path_id[0], &f));
	ENSURE(f.kind == kind, TRANSACTION_UNKNOWN);
	e = user_load(op, tx, &f.user, &user);
	if (!is_err(e, E_USER_UNKNOWN)) {
		TRY(e);
		e = flow_content_open(op, &user, &f, &content);
		wipe(&user.key, sizeof(user.key));
		TRY(e);
	}
	flow_show(op, &f, &content, out);
	return OK;
}

err flow_get_prepare(struct op *op)
{
	return get(op, FLOW_ONBOARDING);
}

err stepup_get_prepare(struct op *op)
{
	return get(op, FLOW_STEPUP);
}
