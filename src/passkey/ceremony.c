/* What the browser's script asks for: options, then the result, or that it gives up (platform.md 8.4). */
#include "passkey/internal.h"

/* A registration of a user who is gone fails when it ends; here it is as if it were unknown. */
static err begin(struct op *op, struct visit *v, enum operation_type type, struct slice token)
{
	TRY(visit_begin(op, v, type));
	TRY(visit_cors(op, v));
	visit_recognise(op, v, token);
	return OK;
}

static void end_prepare(struct visit *v)
{
	wipe(&v->owner.key, sizeof(v->owner.key));
}

/* Of the browser whose operation it is, and only while it can still be carried out. */
static err check_mine(const struct visit *v)
{
	ENSURE(v->bound, WRONG_BROWSER);
	ENSURE(v->row.base.state == operation_state_PENDING && v->row.step != STEP_OVER, NOT_PENDING);
	return OK;
}

/* ---- options ---- */

static err write_options(struct op *op, struct visit *v)
{
	uint8_t *challenge = arena_alloc(op->arena, CHALLENGE_BYTES);

	env_random(op->app->env, challenge, CHALLENGE_BYTES);
	v->challenge = slice_of(challenge, CHALLENGE_BYTES);
	if (v->row.base.operation == operation_type_REGISTRATION)
		return creation_options(op, v, &v->options);
	return request_options(op, v, &v->options);
}

/* A page of ours was opened before; a page of the service provider's own comes here first and gets a token. */
static err decide_options(struct op *op, struct visit *v)
{
	if (v->row.step == STEP_CREATED && v->row.base.state == operation_state_PENDING) {
		v->by_token = true;
		visit_new_binder(op, v);
		return write_options(op, v);
	}
	TRY(check_mine(v));
	if (v->row.step == STEP_OPENED)
		return write_options(op, v);
	v->fails = OPERATION_INVALID_SEQUENCE_PARAMETERS;
	return visit_open(op, v);
}

static err options_prepare(struct op *op, enum operation_type type)
{
	const struct ceremony_call *in = op->in;
	struct visit *v = op_own(op, struct visit);
	struct error e = begin(op, v, type, in->token);

	if (!failed(e))
		e = decide_options(op, v);
	end_prepare(v);
	return e;
}

err options_registration_prepare(struct op *op)
{
	return options_prepare(op, operation_type_REGISTRATION);
}

err options_authentication_prepare(struct op *op)
{
	return options_prepare(op, operation_type_AUTHENTICATION);
}

err options_apply(struct op *op, struct tx *tx)
{
	struct visit *v = op_own(op, struct visit);

	if (v->fails)
		return visit_fail(op, tx, v, v->fails);
	return passkey_operation_move(tx, &v->row, STEP_CHALLENGED, v->new_bound, v->challenge);
}

err options_reply(struct op *op)
{
	struct visit *v = op_own(op, struct visit);
	struct buf b = buf_arena(op->arena, 256 * 1024);
	struct jw w = jw_new(&b);

	if (v->fails)
		return visit_outcome(op, v);
	jw_open(&w, '{');
	jw_key(&w, "publicKey");
	jw_raw(&w, v->options);
	if (v->by_token)
		jw_pair_text(&w, "token", v->binder);
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}

/* ---- result ---- */

static err decide_result(struct op *op, struct visit *v, const struct credential_sent *sent)
{
	TRY(check_mine(v));
	TRY(visit_open(op, v));
	if (v->row.step != STEP_CHALLENGED) {
		v->fails = OPERATION_INVALID_SEQUENCE_PARAMETERS;
		return OK;
	}
	return v->row.base.operation == operation_type_REGISTRATION ? judge_registration(op, v, sent) : judge_authentication(op, v, sent);
}

static err result_prepare(struct op *op, enum operation_type type)
{
	const struct credential_sent *in = op->in;
	struct visit *v = op_own(op, struct visit);
	struct error e = begin(op, v, type, in->token);

	if (!failed(e))
		e = decide_result(op, v, in);
	end_prepare(v);
	return e;
}

err result_registration_prepare(struct op *op)
{
	return result_prepare(op, operation_type_REGISTRATION);
}

err result_authentication_prepare(struct op *op)
{
	return result_prepare(op, operation_type_AUTHENTICATION);
}

static err save_registration(struct op *op, struct tx *tx, struct visit *v)
{
	struct error e;

	TRY(passkey_owner_check(tx, &v->owner.id, true));
	e = passkey_insert(tx, &v->passkey, v->index, v->box, v->name);
	ENSURE(!is_err(e, E_TAKEN), STALE); /* meanwhile somebody's: then it is refused */
	TRY(e);
	return fact(op, tx, &(struct fact){
		.kind = FACT_PASSKEY_ADDED,
		.user = &v->passkey.user,
		.reference = uuid_text(op->arena, &v->passkey.id),
		.event_data = passkey_state_data(op, &v->passkey, "ACTIVE"),
	});
}

err result_apply(struct op *op, struct tx *tx)
{
	struct visit *v = op_own(op, struct visit);
	struct fact_origin origin = fact_origin_of(op);

	if (v->fails)
		return visit_fail(op, tx, v, v->fails);
	TRY(passkey_operation_end(tx, &v->row, v->result, S("")));
	if (v->row.base.operation == operation_type_REGISTRATION)
		TRY(save_registration(op, tx, v));
	else
		TRY(passkey_used(tx, &v->passkey, v->proof.sign_count, v->proof.user_verified, v->proof.backed_up, op->now));
	return operation_complete(&origin, tx, &v->row.base, &v->passkey.id);
}

err result_reply(struct op *op)
{
	return visit_outcome(op, op_own(op, struct visit));
}

/* ---- giving up ---- */

/* What the browser throws when the user says no, or says nothing until the time is over (WebAuthn Level 3, 5.1.3 and 5.1.4). */
static bool is_users_own(struct slice error)
{
	return error.n == 0 || slice_is(error, "NotAllowedError") || slice_is(error, "AbortError") || slice_is(error, "InvalidStateError");
}

static err give_up_prepare(struct op *op, enum operation_type type)
{
	const struct ceremony_call *in = op->in;
	struct visit *v = op_own(op, struct visit);
	struct error e = begin(op, v, type, in->token);

	if (!failed(e))
		e = check_mine(v);
	if (!failed(e))
		e = visit_open(op, v);
	end_prepare(v);
	TRY(e);
	v->fails = is_users_own(in->error) ? OPERATION_CANCELLED_BY_USER : OPERATION_FAILED_VERIFICATION;
	return OK;
}

err give_up_registration_prepare(struct op *op)
{
	return give_up_prepare(op, operation_type_REGISTRATION);
}

err give_up_authentication_prepare(struct op *op)
{
	return give_up_prepare(op, operation_type_AUTHENTICATION);
}

err give_up_apply(struct op *op, struct tx *tx)
{
	struct visit *v = op_own(op, struct visit);

	return visit_fail(op, tx, v, v->fails);
}

/* ---- may this origin's script ask at all (Fetch, 3.2.2)? ---- */

err preflight_prepare(struct op *op)
{
	struct slice origin = http_header(op->http, "Origin");
	struct visit *v = op_own(op, struct visit);
	struct slice path = op->http->path;
	bool registration = memmem(path.p, path.n, "/registrations/", 15) != NULL;
	struct error e = visit_begin(op, v, registration ? operation_type_REGISTRATION : operation_type_AUTHENTICATION);

	end_prepare(v);
	TRY(e);
	ENSURE(domain_allows_origin(op, v->domain, origin), WRONG_BROWSER);
	http_add_header(op->http, "Access-Control-Allow-Origin", origin);
	http_add_header(op->http, "Access-Control-Allow-Methods", S("POST"));
	http_add_header(op->http, "Access-Control-Allow-Headers", S("content-type"));
	http_add_header(op->http, "Access-Control-Max-Age", S("600"));
	http_add_header(op->http, "Vary", S("Origin"));
	op_answer(op, 204, NULL, S(""));
	return OK;
}
