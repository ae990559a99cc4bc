/* REST: start a registration or an authentication (api.md 5.2 to 5.5). */
#include "passkey/internal.h"

struct started {
	struct user owner;
	bool has_owner;
	const struct passkey_domain *domain;
	struct passkey_operation_row row;
	struct slice content, json;
};

static err find_domain(struct op *op, const char *member, struct slice name, struct started *s)
{
	s->domain = domain_of(op->app, op->caller.account, name);
	return s->domain ? OK : op_invalid(op, member, "must be a domain of the account");
}

static err check_redirect(struct op *op, const struct started *s, struct slice uri)
{
	if (uri.n && !domain_allows_redirect(op, s->domain, uri))
		return op_invalid(op, "rpRedirectUri", "must be an https address in a domain of the account, or one that the domain allows");
	return OK;
}

/* api.md 5.4: an operation lives five minutes at least; what is asked for is how long the browser waits for the user. */
static err fill_row(struct op *op, struct started *s, enum operation_type type, int64_t timeout_ms, enum verification_wanted verification)
{
	struct passkey_operation_row *row = &s->row;

	row->timeout_ms = timeout_ms ? timeout_ms : CEREMONY_MS_DEFAULT;
	row->verification = verification ? verification : verification_wanted_preferred;
	row->domain = s->domain->name;
	row->base = (struct operation){
		.id = uuid_v7(op->app->env, op->now),
		.account = op->caller.account,
		.type = credential_type_PASSKEY,
		.operation = type,
		.state = operation_state_PENDING,
		.created = op->now,
		.expires = op->now + (row->timeout_ms > OPERATION_MS_MIN ? row->timeout_ms : OPERATION_MS_MIN),
	};
	if (s->has_owner)
		row->base.user = s->owner.id;
	op->location = arena_printf(op->arena, "%s/reuseid/core/credentials/passkeys/%s/%.*s", op->app->public_url,
		type == operation_type_REGISTRATION ? "registrations" : "authentications", FMT(uuid_text(op->arena, &row->base.id)));
	if (row->verification == verification_wanted_discouraged && row->timeout_ms > CEREMONY_MS_MAX_DISCOURAGED)
		return op_invalid(op, "operationProperties.sessionTimeout", "must be at most 180000 when user verification is discouraged");
	return OK;
}

static err seal_and_show(struct op *op, struct started *s)
{
	const struct user *owner = s->has_owner ? &s->owner : NULL;
	struct data_key key = content_key(op, &s->row, owner);

	s->content = passkey_content_seal(op, &key, &s->row.base.id, &s->row.content);
	wipe(&key, sizeof(key));
	wipe(&s->owner.key, sizeof(s->owner.key));
	return passkey_view_pending(op, s->domain, &s->row, owner, &s->json);
}

static err active_user(struct op *op, const struct uuid *id, struct started *s)
{
	op->user_id = *id;
	TRY(user_load(op, op_reader(op), id, &s->owner));
	s->has_owner = true;
	ENSURE(s->owner.state == user_state_ACTIVE, USER_LOCKED);
	return OK;
}

err passkey_registration_start_prepare(struct op *op)
{
	const struct passkey_registration_new *in = op->in;
	const struct ceremony_options *options =
		in->operationProperties ? in->operationProperties : arena_new(op->arena, struct ceremony_options);
	struct started *s = op_own(op, struct started);

	*s = (struct started){ .has_owner = false };
	TRY(find_domain(op, "passkey.domain", in->passkey->domain, s));
	TRY(check_redirect(op, s, in->rpRedirectUri));
	TRY(active_user(op, &in->userId, s));
	TRY(fill_row(op, s, operation_type_REGISTRATION, options->sessionTimeout, options->userVerification));
	s->row.content = (struct passkey_content){
		.name = in->passkey->name,
		.rpRedirectUri = in->rpRedirectUri,
		.requestedUserAttributes = options->requestedUserAttributes,
		.tags = in->tags,
	};
	return seal_and_show(op, s);
}

/* The user may have been locked or deleted since it was read. */
err passkey_registration_start_apply(struct op *op, struct tx *tx)
{
	struct started *s = op_own(op, struct started);
	struct fact_origin origin = fact_origin_of(op);

	TRY(passkey_owner_check(tx, &s->owner.id, true));
	TRY(operation_insert(&origin, tx, &s->row.base));
	return passkey_operation_insert(tx, &s->row, s->content);
}

err passkey_authentication_start_prepare(struct op *op)
{
	const struct passkey_authentication_new *in = op->in;
	const struct authentication_options *options = in->operationProperties;
	struct started *s = op_own(op, struct started);

	*s = (struct started){ .has_owner = false };
	TRY(find_domain(op, "operationProperties.domain", options->domain, s));
	TRY(check_redirect(op, s, in->rpRedirectUri));
	TRY(fill_row(op, s, operation_type_AUTHENTICATION, options->sessionTimeout, options->userVerification));
	s->row.content = (struct passkey_content){
		.rpRedirectUri = in->rpRedirectUri,
		.requestedUserAttributes = options->requestedUserAttributes,
		.tags = in->tags,
	};
	return seal_and_show(op, s);
}

err passkey_authentication_start_apply(struct op *op, struct tx *tx)
{
	struct started *s = op_own(op, struct started);
	struct fact_origin origin = fact_origin_of(op);

	TRY(operation_insert(&origin, tx, &s->row.base));
	return passkey_operation_insert(tx, &s->row, s->content);
}

err passkey_started_reply(struct op *op)
{
	struct started *s = op_own(op, struct started);

	http_add_header(op->http, "Location", op->location);
	op_answer(op, (int)op->settings->created_status, NULL, s->json);
	return OK;
}
