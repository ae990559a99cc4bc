/*
 * Passkeys in and out, as JSON lines, so that nobody is locked in: what a relying party needs of a credential (WebAuthn Level 3, 4,
 * "credential record"), with its user. Elsewhere the user has another id: then the external reference tells who it is, and what the
 * authenticator calls him, which is fixed for ever, comes along as the user handle.
 */
#include "codec/encode.h"
#include "passkey/internal.h"

enum { EXPORT_MAX = 500, IMPORT_MAX = 500, LINES_BYTES_MAX = 8 * 1024 * 1024, LINE_DEPTH_MAX = 4 };

#define PASSKEY_RECORD(F, T)                                                                         \
	F(T, UUID, userId, OPT, 0, 0, "", "")                                                        \
	F(T, STR, externalRef, OPT, 0, 255, "", "")                                                  \
	F(T, BYTES, userHandle, OPT, 1, WEBAUTHN_USER_HANDLE_BYTES_MAX, "", "")                       \
	F(T, UUID, id, OPT, 0, 0, "", "")                                                            \
	F(T, STR, domain, REQ, 1, 253, "", "")                                                       \
	F(T, BYTES, credentialId, REQ, 1, 1023, "", "")                                              \
	F(T, BYTES, publicKey, REQ, 1, 4096, "", "")                                                 \
	F(T, INT, signCount, REQ, 0, 4294967295, "", "")                                             \
	F(T, UUID, aaGuid, OPT, 0, 0, "", "")                                                        \
	F(T, STR, name, OPT, 0, 128, "", "")                                                         \
	F(T, STR, transports, OPT, 0, 200, "", "")                                                   \
	F(T, BOOL, userVerified, OPT, 0, 0, "", "")                                                  \
	F(T, BOOL, backupEligible, REQ, 0, 0, "", "")                                                \
	F(T, BOOL, backedUp, OPT, 0, 0, "", "")                                                      \
	F(T, TIME, created, OPT, 0, 0, "", "")                                                       \
	F(T, TIME, lastUsed, OPT, 0, 0, "", "")
SCHEMA_STRUCT(passkey_record, PASSKEY_RECORD);
SCHEMA(passkey_record, PASSKEY_RECORD, "A passkey on its way in or out");

/* ---- out ---- */

SQL(passkeys_after, "SELECT id FROM passkeys WHERE account = $1 AND id > $2 ORDER BY id LIMIT $3");

static void fill(const struct passkey *p, const struct user *owner, struct passkey_record *out)
{
	*out = (struct passkey_record){
		.userId = p->user,
		.externalRef = owner->profile.reference.n ? owner->profile.reference : slice_of(NULL, 0),
		.userHandle = passkey_handle(p),
		.id = p->id,
		.domain = p->domain,
		.credentialId = p->credential_id,
		.publicKey = p->cose_key,
		.signCount = p->sign_count,
		.aaGuid = p->aaguid,
		.name = p->name.n ? p->name : slice_of(NULL, 0),
		.transports = p->transports.n ? p->transports : slice_of(NULL, 0),
		.userVerified = p->user_verified,
		.backupEligible = p->backup_eligible,
		.backedUp = p->backed_up,
		.created = p->created,
		.lastUsed = p->last_used,
	};
	MARK(out, passkey_record, userVerified);
	MARK(out, passkey_record, backedUp);
}

static err write_one(struct op *op, const struct uuid *id, struct buf *b)
{
	struct passkey_record record;
	struct user owner = { .account = 0 };
	struct passkey p;
	struct error e;

	TRY(passkey_load(op, op_reader(op), op->caller.account, id, &p));
	e = user_load(op, op_reader(op), &p.user, &owner);
	if (!failed(e))
		e = passkey_open(op, &owner, &p);
	wipe(&owner.key, sizeof(owner.key));
	TRY(e);
	fill(&p, &owner, &record);
	schema_write(&passkey_record_schema, &record, b);
	buf_byte(b, '\n');
	return buf_ok(b);
}

static err list_ids(struct op *op, const struct uuid *after, struct uuid *ids, size_t *ret_n)
{
	struct rows r;

	*ret_n = 0;
	TRY(sql_open(op_reader(op), &passkeys_after, ARGS(v_int(op->caller.account), v_uuid(after), v_int(EXPORT_MAX)), &r));
	while (*ret_n < EXPORT_MAX && rows_next(&r))
		ids[(*ret_n)++] = col_uuid(&r, 0);
	return sql_close(&r);
}

/* As many as fit; the id of the last is what the next call names as `after`. */
err passkeys_export_prepare(struct op *op)
{
	const struct export_query *query = op->query;
	struct passkey last;
	struct uuid *ids = arena_array(op->arena, struct uuid, EXPORT_MAX);
	struct buf b = buf_arena(op->arena, LINES_BYTES_MAX);
	size_t n;

	if (HAS(query, export_query, after)) {
		struct error e = passkey_load(op, op_reader(op), op->caller.account, &query->after, &last);

		ENSURE(!is_err(e, E_NO_ROW), OFFSET_UNKNOWN);
		TRY(e);
	}
	TRY(list_ids(op, &query->after, ids, &n));
	for (size_t i = 0; i < n; i++)
		TRY(write_one(op, &ids[i], &b));
	http_add_header(op->http, "Cache-Control", S("no-store"));
	op_answer(op, 200, "application/x-ndjson", buf_bytes(&b));
	return OK;
}

err passkeys_admin_export_prepare(struct op *op)
{
	TRY(accounts_act_for_id(op, op->path[0]));
	return passkeys_export_prepare(op);
}

/* ---- in ---- */

struct arrival {
	struct passkey passkey;
	struct slice index, box, name;
};

struct import {
	struct arrival *list;
	size_t n;
	int64_t line;
	struct passkey_import_result result;
};

static err wrong(struct op *op, const struct import *import, const char *what)
{
	return op_fail(op, INVALID_REQUEST, "line %lld: %s", (long long)import->line, what);
}

static err read_line(struct op *op, struct import *import, struct slice line, struct passkey_record *ret)
{
	struct invalids bad = { .arena = op->arena };
	struct slice why;
	json_t *object;

	*ret = (struct passkey_record){ 0 };
	if (failed(json_read(line, JSON_UNIQUE, LINE_DEPTH_MAX, op->arena, &object, &why)))
		return wrong(op, import, "is not valid JSON");
	op_keep_json(op, object);
	if (!json_is_object(object))
		return wrong(op, import, "is no object");
	schema_read(&passkey_record_schema, object, op->arena, &bad, ret);
	if (bad.n)
		return wrong(op, import, (const char *)arena_printf(op->arena, "%.*s", FMT(bad.list[0].reason)).p);
	return OK;
}

static void fill_arrival(struct op *op, const struct passkey_record *in, const struct passkey_domain *domain, const struct user *owner,
	struct arrival *a)
{
	struct slice handle = in->userHandle.n ? in->userHandle : uuid_bytes(&in->userId);

	a->passkey = (struct passkey){
		.id = uuid_v7(op->app->env, op->now),
		.user = owner->id,
		.account = op->caller.account,
		.created = in->created ? in->created : op->now,
		.last_used = in->lastUsed ? in->lastUsed : op->now,
		.sign_count = in->signCount,
		.domain = domain->name,
		.name = in->name,
		.user_verified = in->userVerified,
		.backup_eligible = in->backupEligible,
		.backed_up = in->backedUp,
		.credential_id = in->credentialId,
		.cose_key = in->publicKey,
		.transports = in->transports,
		.aaguid = in->aaGuid,
	};
	if (!slice_eq(handle, uuid_bytes(&owner->id)))
		a->passkey.handle = handle;
	a->index = credential_index(op, op->caller.account_id, in->credentialId);
	a->box = passkey_seal(op, owner, &a->passkey);
	a->name = credential_name_seal(op, &owner->key, &a->passkey.id, in->name);
}

/* By the id, which only the instance knows that made it; else by the external reference. */
static err find_owner(struct op *op, const struct import *import, const struct passkey_record *in, struct user *ret_owner)
{
	struct error e = FAIL(USER_UNKNOWN);
	struct uuid id;

	if (!HAS(in, passkey_record, userId) && !in->userHandle.n)
		return wrong(op, import, "userHandle is needed where there is no userId");
	if (HAS(in, passkey_record, userId))
		e = user_load(op, op_reader(op), &in->userId, ret_owner);
	if (is_err(e, E_USER_UNKNOWN) && in->externalRef.n) {
		e = user_find(op, op_reader(op), in->externalRef, &id);
		if (!failed(e))
			e = user_load(op, op_reader(op), &id, ret_owner);
	}
	if (is_err(e, E_USER_UNKNOWN) || is_err(e, E_USER_REF_UNKNOWN))
		return wrong(op, import, "userId or externalRef must be those of a user of the account");
	return e;
}

static err take_line(struct op *op, struct import *import, struct slice line)
{
	const struct passkey_domain *domain;
	struct passkey_record in;
	struct public_key key;
	enum webauthn_fault fault;
	struct user owner;

	TRY(read_line(op, import, line, &in));
	domain = domain_of(op->app, op->caller.account, in.domain);
	if (!domain)
		return wrong(op, import, "domain must be a domain of the account");
	if (failed(webauthn_key_read(in.publicKey, op->arena, &key, &fault)))
		return wrong(op, import, "publicKey must be a COSE key of ES256, ES384, EdDSA or RS256");
	if (in.backedUp && !in.backupEligible)
		return wrong(op, import, "a passkey that is backed up must be eligible for it");
	TRY(find_owner(op, import, &in, &owner));
	fill_arrival(op, &in, domain, &owner, &import->list[import->n++]);
	wipe(&owner.key, sizeof(owner.key));
	return OK;
}

/* All of them or none. */
err passkeys_import_prepare(struct op *op)
{
	struct import *import = op_own(op, struct import);
	struct slice rest = op->http->body;

	*import = (struct import){ .list = arena_array(op->arena, struct arrival, IMPORT_MAX) };
	while (rest.n) {
		struct slice line = slice_trim(slice_cut(&rest, '\n'));

		import->line++;
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n == 0)
			continue;
		if (import->n == IMPORT_MAX)
			return wrong(op, import, "there are more than 500 passkeys in one request");
		TRY(take_line(op, import, line));
	}
	import->result.imported = (int64_t)import->n;
	op->unchanged = import->n == 0;
	op->out = &import->result;
	return OK;
}

err passkeys_admin_import_prepare(struct op *op)
{
	TRY(accounts_act_for_id(op, op->path[0]));
	return passkeys_import_prepare(op);
}

err passkeys_import_apply(struct op *op, struct tx *tx)
{
	struct import *import = op_own(op, struct import);

	for (size_t i = 0; i < import->n; i++) {
		const struct arrival *a = &import->list[i];
		struct error e;

		TRY(passkey_owner_check(tx, &a->passkey.user, false));
		e = passkey_insert(tx, &a->passkey, a->index, a->box, a->name);

		if (is_err(e, E_TAKEN))
			return op_fail(op, PASSKEY_TAKEN, "%.*s", FMT(b64url(op->arena, a->passkey.credential_id)));
		TRY(e);
		TRY(fact(op, tx, &(struct fact){
			.kind = FACT_PASSKEY_IMPORTED,
			.user = &a->passkey.user,
			.reference = uuid_text(op->arena, &a->passkey.id),
			.event_data = passkey_state_data(op, &a->passkey, "ACTIVE"),
		}));
	}
	return OK;
}
