/* The page: opened first, again, too late, or by another browser (platform.md 8.4). */
#include "page/page.h"
#include "passkey/internal.h"

static const struct page_template ceremony_page = { "passkey.html",
	.permissions = "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()" };

static err prepare(struct op *op, enum operation_type type)
{
	struct visit *v = op_own(op, struct visit);
	struct error e = visit_begin(op, v, type);

	if (!failed(e))
		e = visit_open(op, v);
	wipe(&v->owner.key, sizeof(v->owner.key));
	ENSURE(!is_err(e, E_TRANSACTION_UNKNOWN), NOT_FOUND);
	TRY(e);
	visit_recognise(op, v, S(""));
	op->unchanged = true;
	if (v->row.step == STEP_CREATED && v->row.base.state == operation_state_PENDING) {
		/* Whoever only looks at the head, such as a scanner of links, does not open it. */
		op->unchanged = op->http->method != HTTP_GET;
		if (!op->unchanged)
			visit_new_binder(op, v);
		return OK;
	}
	ENSURE(v->bound || v->row.bound.n == 0, WRONG_BROWSER);
	/* Loaded again in the middle: what was begun cannot be finished any more. */
	if (v->row.step == STEP_CHALLENGED && v->row.base.state == operation_state_PENDING && op->http->method == HTTP_GET) {
		v->fails = OPERATION_INVALID_SEQUENCE_PARAMETERS;
		op->unchanged = false;
	}
	return OK;
}

err page_registration_prepare(struct op *op)
{
	return prepare(op, operation_type_REGISTRATION);
}

err page_authentication_prepare(struct op *op)
{
	return prepare(op, operation_type_AUTHENTICATION);
}

err page_apply(struct op *op, struct tx *tx)
{
	struct visit *v = op_own(op, struct visit);

	if (v->fails)
		return visit_fail(op, tx, v, v->fails);
	return passkey_operation_move(tx, &v->row, STEP_OPENED, v->new_bound, S(""));
}

/* Everybody who may learn how it ended, with spaces between them: of a page that opened ours. */
static struct slice openers(struct op *op, const struct visit *v)
{
	struct buf b = buf_arena(op->arena, 8192);

	buf_slice(&b, domain_page_origin(op, v->domain));
	for (size_t i = 0; i < v->domain->origin_count; i++)
		if (slice_starts(v->domain->origins[i], S("http")))
			buf_printf(&b, " %.*s", FMT(v->domain->origins[i]));
	return buf_bytes(&b);
}

static struct slice state_now(const struct visit *v)
{
	if (v->fails)
		return S("FAILED");
	return slice_text(enum_text(&operation_state_enum, (int)v->row.base.state));
}

static struct slice error_now(const struct visit *v)
{
	enum operation_error e = v->fails ? v->fails : v->row.base.error;

	return slice_text(operation_error_name(e));
}

/* The redirect is for the browser whose operation it is. */
static struct slice redirect_now(struct op *op, const struct visit *v)
{
	return v->bound || v->new_bound.n ? visit_redirect(op, v) : S("");
}

err page_reply(struct op *op)
{
	struct visit *v = op_own(op, struct visit);
	const struct domain_settings *s = &v->domain->settings;
	bool registration = v->row.base.operation == operation_type_REGISTRATION;
	struct slice id = uuid_text(op->arena, &v->row.base.id);

	if (v->new_bound.n)
		page_cookie_set(op, "pk", v->binder, visit_secure(op, v));
	return page_answer(op, 200, &ceremony_page, VALUES(
		{ "title", s->title.n ? s->title : v->domain->account.name },
		{ "brand", arena_printf(op->arena, "/passkeys/v1/brand/%.*s", FMT(v->domain->name)) },
		{ "logo", s->logo },
		{ "registration", registration ? S("yes") : S("") },
		{ "path", arena_printf(op->arena, "/passkeys/%s/%.*s", registration ? "registrations" : "authentications", FMT(id)) },
		{ "id", id },
		{ "name", v->row.content.name },
		{ "state", state_now(v) },
		{ "error", error_now(v) },
		{ "redirect", redirect_now(op, v) },
		{ "rp", v->domain->rp_id },
		{ "openers", openers(op, v) }));
}
