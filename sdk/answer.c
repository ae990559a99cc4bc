/* What came back: from an error outside the envelope to the answer that moves the transcript on. */
#include "sdk/internal.h"

enum { OUTSIDE_ERROR_BYTES_MAX = 4096, TS_AHEAD_MS_MAX = 10 * 60 * 1000 };

/* ---- errors outside the envelope (section 2) ---- */

/* The server may have gone over to a key that was announced before. */
static const struct rid_step *key_unknown(struct rid_controller *c)
{
	if (device_messages[c->draft.id].place == INSIDE || c->draft.server_key == c->learned_count)
		return fail_with(c, DEVICE_INVALID_RESPONSE, "the server does not know the public key");
	c->draft.server_key++;
	return exchange(c);
}

static const struct rid_step *session_unknown(struct rid_controller *c)
{
	session_end(c);
	return fail_with(c, DEVICE_NO_SESSION, "the server does not know the session");
}

/* {"error": "…"}; empty when it is something else. */
static struct slice outside_error(struct rid_controller *c, struct slice body)
{
	struct slice why, name = S("");
	json_t *root;

	if (body.n > OUTSIDE_ERROR_BYTES_MAX || failed(json_read(body, JSON_UNIQUE, MESSAGE_DEPTH_MAX, &c->op, &root, &why)))
		return name;
	if (json_is_string(json_object_get(root, "error")))
		name = arena_copy(&c->op, json_text(json_object_get(root, "error")));
	json_decref(root);
	return name;
}

/* A portal, a proxy, a server that is being replaced: the request may have arrived all the same, so its answer can still be asked for. */
static const struct rid_step *not_the_server(struct rid_controller *c, int status)
{
	return fail_repeatable(c, status >= 500 ? DEVICE_CONNECTION_FAILURE : DEVICE_INVALID_RESPONSE, "this is no answer of the server");
}

static const struct rid_step *refused(struct rid_controller *c, const char *description)
{
	return fail_with(c, DEVICE_INVALID_RESPONSE, description);
}

static const struct rid_step *bad_request(struct rid_controller *c, struct slice body)
{
	struct slice name = outside_error(c, body);

	c->draft.outstanding = false;
	if (slice_is(name, "unknown_key"))
		return key_unknown(c);
	if (slice_is(name, "unknown_session"))
		return session_unknown(c);
	if (slice_is(name, "unknown_application"))
		return fail_with(c, DEVICE_APPLICATION_NOT_FOUND, "the server does not know the application");
	if (slice_is(name, "malformed"))
		return refused(c, "the server could not read the request");
	c->draft.outstanding = true;
	return not_the_server(c, 400);
}

static const struct rid_step *not_answered(struct rid_controller *c, int status, struct slice body)
{
	if (status == 400)
		return bad_request(c, body);
	if (status == 429 || status == 503)
		return fail_repeatable(c, DEVICE_SERVICE_UNAVAILABLE, "the server is busy");
	if (status != 413)
		return not_the_server(c, status);
	c->draft.outstanding = false;
	return refused(c, "the request is too large for the server");
}

/* ---- the answer ---- */

/* The parser's own copies of tickets and evaluations. */
static void wipe_texts(json_t *value)
{
	const char *name;
	json_t *member;
	size_t i;

	if (json_is_string(value))
		wipe((char *)(uintptr_t)json_string_value(value), json_string_length(value));
	json_array_foreach(value, i, member)
		wipe_texts(member);
	json_object_foreach(value, name, member)
		wipe_texts(member);
}

void json_wipe(json_t *root)
{
	wipe_texts(root);
	json_decref(root);
}

void answer_forget(struct rid_controller *c)
{
	json_wipe(c->answer);
	c->answer = NULL;
}

/* th advances exactly on answers that carry `step`, one more each time (section 3). */
static void advance(struct rid_controller *c, int64_t step, struct slice json)
{
	uint8_t answer_hash[SHA256_BYTES];

	if (device_messages[c->draft.id].place == STARTS)
		c->session.th = transcript_start(c->application);
	sha256(json, answer_hash);
	transcript_advance_hashed(&c->session.th, c->draft.plaintext_hash, answer_hash);
	c->session.step = step;
	if (device_messages[c->draft.id].place == STARTS)
		envelope_session_key(&c->draft.exchange, c->session.th.th, c->session.k);
}

/* Which step an answer has to carry: every ok answer of a session does, a refusal may only in the midst of one. */
static bool step_fits(const struct rid_controller *c, const struct plain_ok *common)
{
	enum message_place place = device_messages[c->draft.id].place;

	if (!HAS(common, plain_ok, step))
		return place == OUTSIDE || !common->ok;
	if (place == STARTS)
		return common->ok && common->step == 1;
	return place == INSIDE && common->step == c->session.step + 1;
}

/* Reads the answer by a schema; NULL when it does not fit. */
static void *read_as(struct rid_controller *c, const struct schema *schema)
{
	struct invalids bad = { .arena = &c->arena };
	void *object = arena_alloc(&c->arena, schema->size);

	schema_read(schema, c->answer, &c->arena, &bad, object);
	return bad.n ? NULL : object;
}

/* It cannot be told what the server did: a session is lost, and what is unconfirmed stays so. */
static const struct rid_step *nonsense(struct rid_controller *c)
{
	c->draft.outstanding = false;
	if (device_messages[c->draft.id].place == INSIDE)
		session_end(c);
	return fail_with(c, DEVICE_INVALID_RESPONSE, "the server's answer makes no sense");
}

/*
 * A clock that is off is set right from the answer, once (section 4). A time that the server may have accepted before still counts
 * as the last one; one that it cannot have accepted, being too far ahead, does not.
 */
static const struct rid_step *correct_clock(struct rid_controller *c, int64_t server_ms)
{
	c->clock_offset_ms = server_ms - env_now_ms(&c->world.env);
	if (c->last_ts > server_ms + TS_AHEAD_MS_MAX)
		c->last_ts = 0;
	c->draft.corrected = true;
	return exchange(c);
}

static const struct rid_step *faulty(struct rid_controller *c, const struct plain_ok *common)
{
	struct fault f;

	if (!fault_read(c->answer, &c->arena, &f))
		return nonsense(c);
	if (f.number == DEVICE_OUT_OF_SYNC && !c->draft.corrected && device_messages[c->draft.id].place != INSIDE)
		return correct_clock(c, common->time);
	return c->draft.on_fault ? c->draft.on_fault(c, &f) : fail_server(c, &f);
}

static const struct rid_step *answered(struct rid_controller *c, struct slice json)
{
	const struct message *m = &device_messages[c->draft.id];
	const struct plain_ok *common;
	const void *answer;
	struct slice why;

	if (failed(json_read(json, JSON_UNIQUE, MESSAGE_DEPTH_MAX, &c->arena, &c->answer, &why)))
		return nonsense(c);
	common = read_as(c, &plain_ok_schema);
	if (!common || !step_fits(c, common))
		return nonsense(c);
	answer = common->ok ? read_as(c, m->answer) : NULL;
	if (common->ok && !answer)
		return nonsense(c);
	c->draft.outstanding = false;
	if (HAS(common, plain_ok, step))
		advance(c, common->step, json);
	return common->ok ? c->draft.after(c, answer) : faulty(c, common);
}

const struct rid_step *exchange_answered(struct rid_controller *c, int status, struct slice answer)
{
	struct slice json;

	step_new(c, RID_DONE);
	if (status != 200)
		return not_answered(c, status, answer);
	if (answer.n > MESSAGE_BYTES_MAX || failed(envelope_open_answer(&c->draft.exchange, answer, &c->arena, &json)))
		return fail_repeatable(c, DEVICE_INVALID_RESPONSE, "the answer does not open");
	return answered(c, json);
}
