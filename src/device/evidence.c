/*
 * Evidence (11): what it takes to check later, without trusting the server, that this device's keys signed exactly what was shown.
 * Kept sealed under the user's key for each completed operation.
 */
#include "audit/audit.h"
#include "codec/encode.h"
#include "device/internal.h"

enum { EVIDENCE_BYTES_MAX = 1024 * 1024, EVIDENCE_DEPTH_MAX = 2, EVIDENCE_OPEN_DEPTH_MAX = 4 };

SQL(evidence_of, "SELECT box FROM evidence WHERE id = $1 AND account = $2 AND user_id = $3");
SQL(evidence_add, "INSERT INTO evidence (id, account, user_id, box) VALUES ($1, $2, $3, $4)");

static void bytes_pair(struct jw *w, const char *name, struct slice bytes)
{
	jw_key(w, name);
	jw_raw(w, S("\""));
	b64url_write(w->b, bytes);
	buf_byte(w->b, '"');
}

/* Of the start: its plaintext and answer, as they were. A JSON object, kept with the session. */
struct slice evidence_start(struct call *c, struct slice answer_json)
{
	struct buf b = buf_arena(c->op->arena, EVIDENCE_BYTES_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	bytes_pair(&w, "request", c->plaintext_bytes);
	bytes_pair(&w, "answer", answer_json);
	jw_close(&w, '}');
	return buf_bytes(&b);
}

static err read_pair(struct call *c, json_t *object, const char *name, struct slice *ret_bytes)
{
	const json_t *text = json_object_get(object, name);

	ENSURE(json_is_string(text), STORAGE);
	return b64url_read(c->op->arena, json_text(text), ret_bytes);
}

err evidence_start_open(struct call *c, struct slice *ret_request, struct slice *ret_answer)
{
	struct slice json, why;
	json_t *object;

	TRY(unseal(&c->owner.key, session_place(c->op, "session.start|", c->session.sid), c->session.start, c->op->arena, &json));
	TRY(json_read(json, JSON_UNIQUE, EVIDENCE_DEPTH_MAX, c->op->arena, &object, &why));
	op_keep_json(c->op, object);
	TRY(read_pair(c, object, "request", ret_request));
	return read_pair(c, object, "answer", ret_answer);
}

static void write_between(struct jw *w, const struct session_secret *s)
{
	jw_key(w, "between");
	jw_open(w, '[');
	for (size_t i = 0; i < s->pair_count; i++) {
		jw_open(w, '{');
		bytes_pair(w, "request", slice_of(s->pairs[i][0], SHA256_BYTES));
		bytes_pair(w, "answer", slice_of(s->pairs[i][1], SHA256_BYTES));
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

/* With what tests a PIN the phone and a salt key would be enough to find it, so that stays apart (11). */
static bool is_of_a_pin(enum signature_kind kind)
{
	return kind == SIG_PIN || kind == SIG_NEW_PIN;
}

static struct slice finish_without_pin(struct call *c, struct arena *a)
{
	struct plaintext open = { .json = c->plaintext.json };
	struct buf b = buf_arena(a, EVIDENCE_BYTES_MAX);

	for (size_t i = 0; i < c->plaintext.n; i++)
		if (!is_of_a_pin((enum signature_kind)c->plaintext.signatures[i].kind))
			open.signatures[open.n++] = c->plaintext.signatures[i];
	plaintext_write(&b, &open);
	return buf_bytes(&b);
}

static void write_keys(struct jw *w, const struct call *c)
{
	const struct device *d = &c->device;

	jw_key(w, "keys");
	jw_open(w, '{');
	bytes_pair(w, "dk", slice_of(d->dk, POINT_BYTES));
	if (d->has_hk)
		bytes_pair(w, "hk", slice_of(d->hk, POINT_BYTES));
	for (int m = 1; m < auth_method_count; m++)
		if (auth_method_is_biometric((enum auth_method)m) && d->methods >> m & 1)
			bytes_pair(w, enum_text(&auth_method_enum, m), slice_of(d->biometric[m], POINT_BYTES));
	jw_close(w, '}');
}

/* Of this try, or of an earlier one in the session: then it was kept there. */
static err write_attestation(struct call *c, struct jw *w)
{
	const struct session *s = &c->session;
	struct slice json = s->attestation;

	if (!json.n && s->attestation_box.n)
		TRY(unseal(&c->owner.key, session_place(c->op, "session.attestation|", s->sid), s->attestation_box, c->op->arena, &json));
	if (!json.n)
		return OK;
	jw_key(w, "attestation");
	jw_raw(w, json);
	return OK;
}

/* What may be shown: everything but what tests a PIN. */
static err write_open(struct call *c, struct jw *w)
{
	struct slice start = S("null"), checkpoint;

	/* The session was opened with the same key a moment ago; should its start be damaged, the rest is still worth keeping. */
	IGNORE(unseal(&c->owner.key, session_place(c->op, "session.start|", c->session.sid), c->session.start, c->op->arena, &start));
	jw_open(w, '{');
	jw_pair_int(w, "v", 1);
	jw_pair(w, "applicationId", c->application->id_text);
	jw_key(w, "start");
	jw_raw(w, start);
	write_between(w, &c->session.secret);
	bytes_pair(w, "finish", finish_without_pin(c, c->op->arena));
	write_keys(w, c);
	TRY(write_attestation(c, w));
	if (c->operation.base.operation == operation_type_SIGNING) {
		TRY(audit_checkpoint_newest(c->op, &checkpoint));
		jw_pair_text(w, "checkpoint", checkpoint);
	}
	return OK;
}

/* The record of the completion names what is kept, so that the log proves it. */
static struct slice proof_of(struct arena *a, struct slice evidence)
{
	struct buf b = buf_arena(a, 128);
	struct jw w = jw_new(&b);
	uint8_t hash[SHA256_BYTES];

	sha256(evidence, hash);
	jw_open(&w, '{');
	bytes_pair(&w, "evidence", slice_of(hash, sizeof(hash)));
	jw_close(&w, '}');
	return buf_bytes(&b);
}

static void write_pin(struct jw *w, const struct call *c)
{
	struct slice signature = plaintext_signature(&c->plaintext, SIG_PIN);

	if (!c->device.has_pin)
		return;
	jw_key(w, "pin");
	jw_open(w, '{');
	bytes_pair(w, "key", slice_of(c->device.pk_pin, POINT_BYTES));
	bytes_pair(w, "signature", signature.n ? signature : plaintext_signature(&c->plaintext, SIG_NEW_PIN));
	jw_close(w, '}');
}

static struct slice evidence_place(struct arena *a, const struct uuid *id)
{
	struct buf place = buf_arena(a, 64);

	buf_text(&place, "evidence|");
	buf_slice(&place, uuid_bytes(id));
	return buf_bytes(&place);
}

err evidence_seal(struct call *c, struct slice *ret_box)
{
	struct buf b = buf_arena(c->op->arena, EVIDENCE_BYTES_MAX);
	struct jw w = jw_new(&b);
	struct slice open;

	TRY(write_open(c, &w));
	open = arena_printf(c->op->arena, "%.*s}", FMT(buf_bytes(&b)));
	c->operation.base.proof = proof_of(c->op->arena, open);
	write_pin(&w, c);
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	*ret_box = seal(&c->owner.key, c->op->app->env, evidence_place(c->op->arena, &c->operation.base.id), buf_bytes(&b), c->op->arena);
	return OK;
}

err evidence_open(struct op *op, const struct user *owner, const struct uuid *id, json_t **ret_evidence)
{
	struct slice json, why;
	struct rows r;
	struct error e;

	TRY(sql_one(op_reader(op), &evidence_of, ARGS(v_uuid(id), v_int(owner->account), v_uuid(&owner->id)), &r));
	e = unseal(&owner->key, evidence_place(op->arena, id), col_bytes(&r, 0), op->arena, &json);
	TRY(sql_close(&r));
	TRY(e);
	TRY(json_read(json, JSON_UNIQUE, EVIDENCE_OPEN_DEPTH_MAX, op->arena, ret_evidence, &why));
	op_keep_json(op, *ret_evidence);
	return OK;
}

err evidence_insert(struct tx *tx, const struct uuid *id, const struct user *owner, struct slice box)
{
	return sql_run(tx, &evidence_add, ARGS(v_uuid(id), v_int(owner->account), v_uuid(&owner->id), v_bytes(box)), NULL);
}
