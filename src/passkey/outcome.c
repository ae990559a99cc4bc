/* What the authenticator made is verified, and what becomes of the operation is decided. */
#include "codec/encode.h"
#include "passkey/internal.h"

enum { TRANSPORTS_BYTES_MAX = 256 };

static err refuse(struct visit *v, enum operation_error error, const char *why)
{
	v->fails = error;
	v->why = slice_text(why);
	return OK;
}

static err refuse_fault(struct op *op, struct visit *v, enum webauthn_fault fault)
{
	struct buf b = buf_arena(op->arena, 256);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair(&w, "errorCode", "FAILED_VERIFICATION");
	jw_pair(&w, "reason", webauthn_fault_name(fault));
	jw_close(&w, '}');
	v->row.base.proof = buf_bytes(&b);
	return refuse(v, OPERATION_FAILED_VERIFICATION, webauthn_fault_text(fault));
}

/* The page's own origin first, then the further ones. */
static void fill_ceremony(struct op *op, const struct visit *v, struct webauthn_ceremony *c)
{
	struct slice *origins = arena_array(op->arena, struct slice, v->domain->origin_count + 1);

	origins[0] = domain_page_origin(op, v->domain);
	for (size_t i = 0; i < v->domain->origin_count; i++)
		origins[i + 1] = v->domain->origins[i];
	*c = (struct webauthn_ceremony){
		.challenge = v->row.challenge,
		.rp_id = v->domain->rp_id,
		.origins = origins,
		.origin_count = v->domain->origin_count + 1,
		.user_verification = v->row.verification == verification_wanted_required,
	};
}

/* The id is told twice, and once more inside a registration (5.1). */
static bool credential_named_well(struct op *op, const struct credential_sent *sent)
{
	return slice_is(sent->type, "public-key") && slice_eq(b64url(op->arena, sent->rawId), sent->id);
}

/* ---- registration ---- */

static bool is_transport(struct slice text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!((text.p[i] >= 'a' && text.p[i] <= 'z') || text.p[i] == '-'))
			return false;
	return text.n > 0 && text.n <= 16;
}

static struct slice join_transports(struct op *op, const struct list *list)
{
	struct buf b = buf_arena(op->arena, TRANSPORTS_BYTES_MAX);

	for (size_t i = 0; i < list->n; i++) {
		struct slice one = ((const struct slice *)list->items)[i];

		if (is_transport(one) && b.n + one.n + 1 < TRANSPORTS_BYTES_MAX)
			buf_printf(&b, "%s%.*s", b.n ? "," : "", FMT(one));
	}
	return buf_bytes(&b);
}

static struct webauthn_policy policy_of(const struct op *op, const struct passkey_domain *domain)
{
	const struct passkeys *p = op->app->passkeys;
	bool judged = domain->settings.trustedOnly;

	return (struct webauthn_policy){
		.roots = judged ? p->roots : NULL,
		.root_count = judged ? p->root_count : 0,
		.trusted_only = judged,
		.aaguids = domain->aaguids,
		.aaguid_count = domain->aaguid_count,
		.metadata = p->metadata,
		.now = op->now,
	};
}

static void fill_passkey(struct op *op, struct visit *v, const struct webauthn_credential *made, const struct list *transports)
{
	v->passkey = (struct passkey){
		.id = uuid_v7(op->app->env, op->now),
		.user = v->owner.id,
		.account = v->row.base.account,
		.created = op->now,
		.last_used = op->now,
		.sign_count = made->sign_count,
		.domain = v->row.domain,
		.name = v->row.content.name,
		.user_verified = made->user_verified,
		.backup_eligible = made->backup_eligible,
		.backed_up = made->backed_up,
		.credential_id = made->id,
		.cose_key = made->cose_key,
		.transports = join_transports(op, transports),
		.aaguid = made->aaguid,
		.format = made->format,
		.trusted = made->trusted,
	};
	v->box = passkey_seal(op, &v->owner, &v->passkey);
	v->name = credential_name_seal(op, &v->owner.key, &v->passkey.id, v->passkey.name);
}

static err complete(struct op *op, struct visit *v)
{
	struct slice json;

	TRY(passkey_view_completed(op, &v->row, &v->owner, &v->passkey, &json));
	v->result = passkey_result_seal(op, &v->owner, &v->row.base.id, json);
	v->completes = true;
	return OK;
}

/* 7.1 step 26: nobody has it yet. */
static err check_unused(struct op *op, struct visit *v, bool *ret_unused)
{
	struct passkey other;
	struct error e;

	v->index = credential_index(op, op->caller.account_id, v->passkey.credential_id);
	e = passkey_by_credential(op, op_reader(op), v->index, &other);
	*ret_unused = is_err(e, E_NO_ROW);
	return *ret_unused ? OK : e;
}

err judge_registration(struct op *op, struct visit *v, const struct credential_sent *sent)
{
	const struct credential_response *r = sent->response;
	struct webauthn_attested attested = { sent->rawId, r->clientDataJSON, r->attestationObject };
	struct webauthn_policy policy = policy_of(op, v->domain);
	struct webauthn_ceremony ceremony;
	struct webauthn_credential made;
	enum webauthn_fault fault;
	bool unused;

	if (!v->has_owner || v->owner.state != user_state_ACTIVE)
		return refuse(v, OPERATION_FAILED_VERIFICATION, "The user is locked or deleted");
	if (!credential_named_well(op, sent))
		return refuse_fault(op, v, WEBAUTHN_CREDENTIAL_ID);
	fill_ceremony(op, v, &ceremony);
	if (failed(webauthn_register(&ceremony, &policy, &attested, op->arena, &made, &fault)))
		return refuse_fault(op, v, fault);
	fill_passkey(op, v, &made, &r->transports);
	TRY(check_unused(op, v, &unused));
	if (!unused)
		return refuse(v, OPERATION_FAILED_VERIFICATION, "The passkey is registered already");
	return complete(op, v);
}

/* ---- authentication ---- */

/*
 * May the browser forget it (5.1.10.1)? To the browser it belongs to the relying party: not when the account knows it for another
 * domain, nor where another account has the same relying party, whose passkeys are not asked for.
 */
static bool may_be_forgotten(const struct op *op, const struct visit *v, bool known_elsewhere)
{
	return !known_elsewhere && !domain_shares_party(op, v->domain);
}

/* 7.2 step 6, and platform.md 8.5: unknown here, or of a user who is gone. */
static err find_passkey(struct op *op, struct visit *v, struct slice credential_id)
{
	struct slice index = credential_index(op, op->caller.account_id, credential_id);
	struct error e = passkey_by_credential(op, op_reader(op), index, &v->passkey);
	bool known = !failed(e), gone;

	if (known && slice_eq(v->passkey.domain, v->row.domain))
		return user_load(op, op_reader(op), &v->passkey.user, &v->owner);
	if (!known && !is_err(e, E_NO_ROW))
		return e;
	TRY(credential_gone(op, index, &gone));
	v->unknown_credential = may_be_forgotten(op, v, known);
	return refuse(v, gone ? OPERATION_PASSKEY_DOES_NOT_EXIST : OPERATION_MISSING_PASSKEY, "");
}

static err verify(struct op *op, struct visit *v, const struct credential_response *r, enum webauthn_fault *ret_fault)
{
	struct webauthn_known known = {
		.cose_key = v->passkey.cose_key,
		.user_handle = passkey_handle(&v->passkey),
		.sign_count = v->passkey.sign_count,
		.backup_eligible = v->passkey.backup_eligible,
	};
	struct webauthn_assertion sent = { r->clientDataJSON, r->authenticatorData, r->signature, r->userHandle };
	struct webauthn_ceremony ceremony;

	fill_ceremony(op, v, &ceremony);
	return webauthn_authenticate(&ceremony, &known, &sent, op->arena, &v->proof, ret_fault);
}

/* Whoever made a right signature holds the passkey: the record is about its user, and the address is his. */
static void name_owner(struct op *op, struct visit *v)
{
	v->row.base.user = v->owner.id;
	op->person = personal_seal(op, &v->owner.key, &v->owner.id, true, S(""));
}

err judge_authentication(struct op *op, struct visit *v, const struct credential_sent *sent)
{
	enum webauthn_fault fault;

	if (!credential_named_well(op, sent))
		return refuse_fault(op, v, WEBAUTHN_CREDENTIAL_ID);
	TRY(find_passkey(op, v, sent->rawId));
	if (v->fails)
		return OK;
	v->has_owner = true;
	TRY(passkey_open(op, &v->owner, &v->passkey));
	if (failed(verify(op, v, sent->response, &fault))) {
		if (fault == WEBAUTHN_SIGN_COUNT)
			name_owner(op, v);
		return refuse_fault(op, v, fault);
	}
	name_owner(op, v);
	/* Only whoever holds the passkey learns that its user is locked. */
	if (v->owner.state != user_state_ACTIVE)
		return refuse(v, OPERATION_FAILED_VERIFICATION, "The user is locked");
	v->row.base.user_found = true;
	v->passkey.user_verified = v->proof.user_verified;
	return complete(op, v);
}
