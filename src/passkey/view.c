/* What polling an operation answers: while it is pending, when it failed, and, fixed for ever, when it is completed. */
#include "codec/encode.h"
#include "passkey/internal.h"

enum { VIEW_BYTES_MAX = 1024 * 1024 };

static struct slice or_absent(struct slice text)
{
	return text.n ? text : slice_of(NULL, 0);
}

static bool is_registration(const struct operation *o)
{
	return o->operation == operation_type_REGISTRATION;
}

static struct passkey_user *brief_user(struct op *op, const struct user *owner)
{
	struct passkey_user *user = arena_new(op->arena, struct passkey_user);

	user->id = owner->id;
	user->externalRef = or_absent(owner->profile.reference);
	return user;
}

static void fill(struct op *op, const struct passkey_operation_row *row, const struct user *owner, struct passkey_operation *view)
{
	struct ceremony_view *p = arena_new(op->arena, struct ceremony_view);

	*view = (struct passkey_operation){
		.transactionId = row->base.id,
		.accountId = op->caller.account_id,
		.state = row->base.state,
		.created = row->base.created,
		.operationProperties = p,
	};
	p->sessionTimeout = row->timeout_ms;
	p->sessionExpiryTime = row->base.expires;
	p->userVerification = row->verification;
	if (is_registration(&row->base)) {
		view->passkey = arena_new(op->arena, struct passkey_brief);
		view->passkey->name = or_absent(row->content.name);
		view->passkey->domain = row->domain;
	} else {
		p->domain = row->domain;
	}
	if (owner)
		view->user = brief_user(op, owner);
	if (row->content.tags.n)
		view->tags = row->content.tags;
}

static err write_view(struct op *op, const struct passkey_operation *view, struct slice *ret_json)
{
	struct buf b = buf_arena(op->arena, VIEW_BYTES_MAX);

	schema_write(&passkey_operation_schema, view, &b);
	TRY(buf_ok(&b));
	*ret_json = buf_bytes(&b);
	return OK;
}

/* Without its domain, which may have been taken away, it has no page. */
err passkey_view_pending(struct op *op, const struct passkey_domain *domain, const struct passkey_operation_row *row,
	const struct user *owner, struct slice *ret_json)
{
	const char *kind = is_registration(&row->base) ? "registrations" : "authentications";
	struct passkey_operation view;

	fill(op, row, owner, &view);
	if (domain)
		view.operationUrl = arena_printf(op->arena, "%.*s/passkeys/%s/%.*s", FMT(domain_page_url(op, domain)), kind,
			FMT(uuid_text(op->arena, &row->base.id)));
	return write_view(op, &view, ret_json);
}

err passkey_view_failed(struct op *op, const struct passkey_operation_row *row, const struct user *owner, struct slice *ret_json)
{
	struct passkey_operation view;

	fill(op, row, owner, &view);
	view.completed = row->base.completed;
	if (row->base.error) {
		view.errorCode = slice_text(operation_error_name(row->base.error));
		view.errorDescription = row->why.n ? row->why : slice_text(operation_error_description(row->base.error));
	}
	return write_view(op, &view, ret_json);
}

err passkey_view_completed(struct op *op, const struct passkey_operation_row *row, const struct user *owner, const struct passkey *passkey,
	struct slice *ret_json)
{
	struct passkey_operation view;

	fill(op, row, owner, &view);
	view.state = operation_state_COMPLETED;
	view.completed = op->now;
	view.passkey = arena_new(op->arena, struct passkey_brief);
	*view.passkey = (struct passkey_brief){ .id = passkey->id, .name = or_absent(passkey->name), .domain = passkey->domain };
	TRY(user_attributes_requested(op, owner, &row->content.requestedUserAttributes,
		&view.operationProperties->requestedUserAttributes));
	return write_view(op, &view, ret_json);
}

/* ---- passkeys ---- */

/* api.md 5.8: the sample of the documentation shows the text of the credential id encoded once more. */
static struct slice key_id(struct arena *a, const struct passkey *passkey)
{
	return b64url(a, b64url(a, passkey->credential_id));
}

void passkey_show(struct op *op, const struct passkey *p, struct passkey_view *ret_view)
{
	*ret_view = (struct passkey_view){
		.id = p->id,
		.keyId = key_id(op->arena, p),
		.accountId = op->caller.account_id,
		.name = or_absent(p->name),
		.publicKey = b64(op->arena, p->cose_key),
		.domain = p->domain,
		.created = p->created,
		.lastUsed = p->last_used,
		.aaGuid = p->aaguid,
		.userVerification = p->user_verified,
		.userPresence = true, /* without it none is accepted */
	};
}

struct slice passkey_state_data(struct op *op, const struct passkey *p, const char *state)
{
	struct buf b = buf_arena(op->arena, 1024);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_text(&w, "id", uuid_text(op->arena, &p->id));
	jw_pair_text(&w, "accountId", op->caller.account_id);
	jw_pair_text(&w, "userId", uuid_text(op->arena, &p->user));
	jw_pair_text(&w, "domain", p->domain);
	jw_pair(&w, "state", state);
	jw_close(&w, '}');
	return buf_bytes(&b);
}
