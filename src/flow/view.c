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

/* Without what is sealed, when the user is gone. */
static err open_and_show(struct op *op, const struct flow *f, struct flow_answer *ret_answer)
{
	struct flow_content content = { 0 };
	struct user user;
	struct error e = user_load(op, op_reader(op), &f->user, &user);

	if (!is_err(e, E_USER_UNKNOWN)) {
		TRY(e);
		e = flow_content_open(op, &user, f, &content);
		wipe(&user.key, sizeof(user.key));
		TRY(e);
	}
	flow_show(op, f, &content, ret_answer);
	return OK;
}

static err get(struct op *op, enum flow_kind kind)
{
	struct flow_answer *out = op->out = arena_new(op->arena, struct flow_answer);
	struct flow f;

	TRY(flow_load(op, op_reader(op), &op->path_id[0], &f));
	ENSURE(f.kind == kind, TRANSACTION_UNKNOWN);
	return open_and_show(op, &f, out);
}

err flow_get_prepare(struct op *op)
{
	return get(op, FLOW_ONBOARDING);
}

err stepup_get_prepare(struct op *op)
{
	return get(op, FLOW_STEPUP);
}

/* ---- for others ---- */

enum { SHOWN_BYTES_MAX = 64 * 1024 };

struct error flow_event_data(struct op *op, const struct event_about *about, struct event_content *ret_content)
{
	struct buf b = buf_arena(op->arena, SHOWN_BYTES_MAX);
	struct flow_answer answer;
	struct error e;
	struct flow f;

	ENSURE(about->has_transaction, NO_ROW);
	e = flow_load(op, op_reader(op), &about->transaction, &f);
	ENSURE(!is_err(e, E_TRANSACTION_UNKNOWN), NO_ROW);
	TRY(e);
	TRY(open_and_show(op, &f, &answer));
	schema_write(&flow_answer_schema, &answer, &b);
	ret_content->json = buf_bytes(&b);
	return buf_ok(&b);
}

/* The code of an onboarding under way is for the phone alone. */
static err export_one(struct op *op, const struct user *user, const struct flow *f, struct jw *w)
{
	struct flow_content content;
	struct flow_answer answer;

	TRY(flow_content_open(op, user, f, &content));
	content.activationCode = slice_of(NULL, 0);
	flow_show(op, f, &content, &answer);
	jw_raw(w, S(""));
	schema_write(&flow_view_schema, answer.data, w->b);
	return OK;
}

struct error flow_export(struct op *op, const struct user *user, struct jw *w)
{
	struct uuid after = { { 0 } };
	struct list list;

	jw_key(w, "flows");
	jw_open(w, '[');
	do {
		TRY(flows_of(op, op_reader(op), &user->id, &after, &list));
		for (size_t i = 0; i < list.n; i++) {
			const struct flow *f = &((const struct flow *)list.items)[i];

			TRY(export_one(op, user, f, w));
			after = f->id;
		}
	} while (list.n == FLOWS_AT_ONCE);
	jw_close(w, ']');
	return OK;
}
