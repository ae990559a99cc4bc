/*
 * Evidence (11): what it takes to check later, without trusting the server, that this device's keys signed exactly what was shown.
 * Kept sealed under the user's key for each completed operation.
 */
#include "codec/encode.h"
#include "device/internal.h"

enum { EVIDENCE_BYTES_MAX = 1024 * 1024, EVIDENCE_DEPTH_MAX = 2 };

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

struct slice evidence_seal(struct call *c)
{
	struct buf b = buf_arena(c->op->arena, EVIDENCE_BYTES_MAX), place = buf_arena(c->op->arena, 64);
	struct jw w = jw_new(&b);
	struct slice start = S("null");

	/* The session was opened with the same key a moment ago; should its start be damaged, the rest is still worth keeping. */
	IGNORE(unseal(&c->owner.key, session_place(c->op, "session.start|", c->session.sid), c->session.start, c->op->arena, &start));
	jw_open(&w, '{');
	jw_pair_int(&w, "v", 1);
	jw_pair(&w, "applicationId", c->application->id_text);
	jw_key(&w, "start");
	jw_raw(&w, start);
	write_between(&w, &c->session.secret);
	bytes_pair(&w, "finish", c->plaintext_bytes);
	jw_key(&w, "keys");
	jw_open(&w, '{');
	bytes_pair(&w, "dk", slice_of(c->device.dk, POINT_BYTES));
	if (c->device.has_pin)
		bytes_pair(&w, "pkPin", slice_of(c->device.pk_pin, POINT_BYTES));
	jw_close(&w, '}');
	jw_close(&w, '}');
	buf_text(&place, "evidence|");
	buf_slice(&place, uuid_bytes(&c->operation.base.id));
	return seal(&c->owner.key, c->op->app->env, buf_bytes(&place), buf_bytes(&b), c->op->arena);
}

err evidence_insert(struct tx *tx, const struct uuid *id, const struct user *owner, struct slice box)
{
	return sql_run(tx, &evidence_add, ARGS(v_uuid(id), v_int(owner->account), v_uuid(&owner->id), v_bytes(box)), NULL);
}
