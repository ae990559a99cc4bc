/* A browser comes to an operation: which one, from where, and is it the one that came first? */
#include "page/page.h"
#include "passkey/internal.h"

#include "codec/encode.h"

#define COOKIE "pk"

static err load_owner(struct op *op, struct visit *v)
{
	struct error e;

	if (uuid_is_nil(&v->row.base.user))
		return OK;
	e = user_load(op, op_reader(op), &v->row.base.user, &v->owner);
	if (is_err(e, E_USER_UNKNOWN))
		return OK;
	v->has_owner = !failed(e);
	return e;
}

/* What is done here is done in the name of the domain's account. */
static void take_account(struct op *op, const struct account_info *account)
{
	op->caller.account = account->n;
	op->caller.account_id = account->id;
	op->caller.organisation = account->organisation;
	op->caller.sandbox = account->sandbox;
	op->caller.extended_events = account->extended_events;
}

err visit_begin(struct op *op, struct visit *v, enum operation_type type)
{
	*v = (struct visit){ .fails = OPERATION_OK };
	TRY(passkey_operation_find(op, op_reader(op), &op->path_id[0], &v->row));
	ENSURE(v->row.base.operation == type, TRANSACTION_UNKNOWN);
	v->domain = domain_of(op->app, v->row.base.account, v->row.domain);
	ENSURE(v->domain, TRANSACTION_UNKNOWN);
	take_account(op, &v->domain->account);
	TRY(load_owner(op, v));
	if (v->has_owner)
		op->person = personal_seal(op, &v->owner.key, &v->owner.id, true, S(""));
	return OK;
}

err visit_open(struct op *op, struct visit *v)
{
	return passkey_operation_open(op, v->has_owner ? &v->owner : NULL, &v->row);
}

err visit_cors(struct op *op, const struct visit *v)
{
	struct slice origin = http_header(op->http, "Origin");

	http_add_header(op->http, "Cache-Control", S("no-store"));
	ENSURE(domain_allows_origin(op, v->domain, origin), WRONG_BROWSER);
	http_add_header(op->http, "Access-Control-Allow-Origin", origin);
	http_add_header(op->http, "Vary", S("Origin"));
	return OK;
}

bool visit_secure(const struct op *op, const struct visit *v)
{
	return slice_starts(domain_page_url(op, v->domain), S("https://"));
}

/* What is kept of a cookie or token: a hash, with the operation it is for. */
static struct slice binder_hash(struct op *op, const struct visit *v, const char *kind, struct slice binder)
{
	uint8_t *hash = arena_alloc(op->arena, SHA256_BYTES);

	sha256_parts(PARTS(slice_text(kind), uuid_bytes(&v->row.base.id), binder), hash);
	return slice_of(hash, SHA256_BYTES);
}

void visit_recognise(struct op *op, struct visit *v, struct slice token)
{
	const char *kind = token.n ? "token" : "cookie";
	struct slice binder = token.n ? token : page_cookie(op->http, visit_secure(op, v) ? "__Host-" COOKIE : COOKIE);

	v->by_token = token.n > 0;
	if (v->row.bound.n == 0 || binder.n == 0)
		return;
	v->bound = slice_eq_secret(binder_hash(op, v, kind, binder), v->row.bound);
	v->binder = binder;
}

/* A browser keeps its one cookie, so that two tabs work; one that a page of ours did not make is not taken over. */
void visit_new_binder(struct op *op, struct visit *v)
{
	uint8_t bytes[BINDER_BYTES];
	struct slice binder, known;

	known = v->by_token ? S("") : page_cookie(op->http, visit_secure(op, v) ? "__Host-" COOKIE : COOKIE);
	if (known.n == (BINDER_BYTES * 8 + 5) / 6 && !failed(b64url_read(op->arena, known, &binder))) {
		v->binder = known;
	} else {
		env_random(op->app->env, bytes, sizeof(bytes));
		v->binder = b64url(op->arena, slice_of(bytes, sizeof(bytes)));
	}
	v->new_bound = binder_hash(op, v, v->by_token ? "token" : "cookie", v->binder);
}

/* platform.md 8.3: with the transaction, and without a status or a secret. */
struct slice visit_redirect(struct op *op, const struct visit *v)
{
	struct slice uri = v->row.content.rpRedirectUri, fragment = uri, before = slice_cut(&fragment, '#');
	bool has_query = slice_find(before, '?') < before.n;

	if (uri.n == 0)
		return slice_of(NULL, 0);
	return arena_printf(op->arena, "%.*s%stransactionId=%.*s%s%.*s", FMT(before), has_query ? "&" : "?",
		FMT(uuid_text(op->arena, &v->row.base.id)), fragment.n ? "#" : "", FMT(fragment));
}

err visit_fail(struct op *op, struct tx *tx, struct visit *v, enum operation_error error)
{
	struct fact_origin origin = fact_origin_of(op);

	TRY(passkey_operation_end(tx, &v->row, S(""), v->why));
	return operation_fail(&origin, tx, &v->row.base, error);
}

err visit_outcome(struct op *op, struct visit *v)
{
	struct ceremony_outcome out = { .state = v->fails ? operation_state_FAILED : operation_state_COMPLETED };
	struct buf b = buf_arena(op->arena, 16 * 1024);

	if (v->fails)
		out.errorCode = slice_text(operation_error_name(v->fails));
	out.redirect = visit_redirect(op, v);
	if (v->unknown_credential) {
		out.unknownCredential = true;
		MARK(&out, ceremony_outcome, unknownCredential);
	}
	schema_write(&ceremony_outcome_schema, &out, &b);
	TRY(buf_ok(&b));
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}
