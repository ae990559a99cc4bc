/* How a message comes in and goes out: envelopes, repeats, times, signatures of devices. What the messages mean is in stand_in_rules.c. */
#include "tests/unit/sdk/stand_in_parts.h"

#include <stdio.h>
#include <stdlib.h>

enum { AHEAD_MS_MAX = 10 * 60 * 1000 };

static void demand(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "stand-in: %s\n", what);
	abort();
}

void stand_in_open(struct stand_in *s, const struct env *env)
{
	*s = (struct stand_in){ .env = env, .application = "3f0c1d52-7c1b-4f7e-9a40-5d7f0d8f1a11", .limit = 3, .pin_min = 4, .pin_max = 8,
		.salt_key = { 0x5a } };
	s->key = x25519_generate(env);
	x25519_public(s->key, s->public_key);
}

void stand_in_close(struct stand_in *s)
{
	x25519_free(s->key);
}

struct registration *stand_in_registration(struct stand_in *s, const struct uuid *id)
{
	for (size_t i = 0; i < s->registration_count; i++)
		if (uuid_eq(&s->registrations[i].id, id))
			return &s->registrations[i];
	return NULL;
}

/* ---- answers ---- */

static void begin(struct asked *q, bool ok, bool step)
{
	q->out = jw_new(&q->json);
	jw_open(&q->out, '{');
	jw_pair_bool(&q->out, "ok", ok);
	jw_pair_int(&q->out, "time", env_now_ms(q->s->env) + q->s->clock_ahead_ms);
	if (step)
		jw_pair_int(&q->out, "step", q->step_after);
	q->advance = step;
}

void answer_ok(struct asked *q, bool step)
{
	begin(q, true, step);
}

static void fault(struct asked *q, int number, bool recoverable, int remaining)
{
	jw_key(&q->out, "err");
	jw_open(&q->out, '{');
	jw_pair_int(&q->out, "code", number);
	jw_pair(&q->out, "name", device_error_title((enum device_error)number));
	jw_pair_bool(&q->out, "recoverable", recoverable);
	if (remaining >= 0)
		jw_pair_int(&q->out, "remaining", remaining);
	jw_close(&q->out, '}');
}

void answer_fault(struct asked *q, int number)
{
	begin(q, false, false);
	fault(q, number, number == DEVICE_SERVICE_UNAVAILABLE, -1);
}

void answer_try_again(struct asked *q, int remaining)
{
	begin(q, false, true);
	fault(q, DEVICE_AUTHENTICATION_FAILED, true, remaining);
	env_random(q->s->env, q->s->session.challenge, CHALLENGE_BYTES);
	answer_bytes(q, "challenge", q->s->session.challenge, CHALLENGE_BYTES);
}

void answer_bytes(struct asked *q, const char *name, const void *p, size_t n)
{
	jw_pair_text(&q->out, name, b64url(q->a, slice_of(p, n)));
}

/* ---- requests ---- */

void *asked_as(struct asked *q, const struct schema *schema)
{
	struct invalids bad = { .arena = q->a };
	void *object = arena_alloc(q->a, schema->size);

	schema_read(schema, q->root, q->a, &bad, object);
	for (size_t i = 0; i < bad.n; i++)
		fprintf(stderr, "stand-in: %.*s: %.*s\n", FMT(bad.list[i].name), FMT(bad.list[i].reason));
	demand(bad.n == 0, "the SDK sent members that are none");
	return object;
}

bool signed_by(const struct asked *q, enum signature_kind kind, const uint8_t *point)
{
	struct transcript th = q->inside ? q->s->session.th : transcript_start(slice_text(q->s->application));

	return !failed(transcript_verify(&th, kind, q->plaintext.json, slice_of(point, POINT_BYTES),
		plaintext_signature(&q->plaintext, kind)));
}

bool ts_is_new(struct asked *q, int64_t ts, int64_t *last_ts)
{
	int64_t now = env_now_ms(q->s->env) + q->s->clock_ahead_ms;

	if (ts <= *last_ts || ts > now + AHEAD_MS_MAX)
		return false;
	q->last_ts = last_ts;
	q->ts = ts;
	return true;
}

static struct slice answer_of(const struct remembered *r)
{
	return slice_of(r->json, r->n);
}

static bool repeated(const struct asked *q, const struct remembered *r)
{
	return r->set && memcmp(r->hash, q->hash, SHA256_BYTES) == 0;
}

static void remember(struct asked *q, struct remembered *r, struct slice json)
{
	demand(json.n <= ANSWER_BYTES_MAX, "answer too long");
	r->set = true;
	memcpy(r->hash, q->hash, SHA256_BYTES);
	memcpy(r->json, json.p, json.n);
	r->n = json.n;
}

static struct slice spliced(const struct asked *q, struct slice json)
{
	struct buf b = buf_arena(q->a, ANSWER_BYTES_MAX);
	size_t at = q->s->splice.at % (json.n + 1), cut = q->s->splice.cut % (json.n - at + 1);

	buf_add(&b, json.p, at);
	buf_add(&b, q->s->splice.with.p, q->s->splice.with.n);
	buf_add(&b, json.p + at + cut, json.n - at - cut);
	return buf_bytes(&b);
}

/* Sealed and counted as if it were the truth. */
static struct slice told(const struct asked *q, struct slice json)
{
	const char *text, *at;

	if (q->s->splice.answer == q->s->answers + 1)
		json = spliced(q, json);
	text = arena_cstr(q->a, json);
	at = q->s->lie_about ? strstr(text, q->s->lie_about) : NULL;

	if (!at)
		return json;
	return arena_printf(q->a, "%.*s%s%s", (int)(at - text), text, q->s->lie, at + strlen(q->s->lie_about));
}

static struct slice run(struct asked *q)
{
	struct slice json;

	if (q->remember && repeated(q, q->remember)) {
		q->s->repeats++;
		return answer_of(q->remember);
	}
	rules_run(q);
	jw_close(&q->out, '}');
	json = told(q, buf_bytes(&q->json));
	if (q->accepted && q->remember)
		remember(q, q->remember, json);
	if (q->accepted && q->last_ts)
		*q->last_ts = q->ts;
	return json;
}

static int outside_error(struct asked *q, const char *name, struct slice *ret_answer)
{
	*ret_answer = arena_printf(q->a, "{\"error\":\"%s\"}", name);
	return 400;
}

static void parse(struct asked *q, struct slice plaintext)
{
	struct slice why;
	const struct request_envelope *e;

	sha256(plaintext, q->hash);
	demand(!failed(plaintext_read(plaintext, &q->plaintext)), "the SDK's plaintext is none");
	demand(!failed(json_read(q->plaintext.json, JSON_UNIQUE, MESSAGE_DEPTH_MAX, q->a, &q->root, &why)), "the SDK's JSON is none");
	e = asked_as(q, &request_envelope_schema);
	q->message = message_find(e->t);
	demand(q->message && plaintext_kinds_fit(&q->plaintext, q->message), "kinds of signatures");
	demand((q->message->place == INSIDE) == q->inside, "suite");
	q->json = buf_arena(q->a, ANSWER_BYTES_MAX);
}

/* A start that was answered ok: the transcript begins, K is made. */
static void session_begin(struct asked *q, struct slice plaintext, struct slice json)
{
	struct live_session *l = &q->s->session;

	l->th = transcript_start(slice_text(q->s->application));
	transcript_advance(&l->th, plaintext, json);
	envelope_session_key(&q->exchange, l->th.th, l->k);
	l->step = 1;
	l->has_key = true;
}

static void session_advance(struct asked *q, struct slice plaintext, struct slice json)
{
	transcript_advance(&q->s->session.th, plaintext, json);
	q->s->session.step = q->step_after;
}

static int process(struct asked *q, struct slice plaintext, struct slice *ret_answer)
{
	uint8_t nonce[SALT_BYTES];
	struct slice json;
	int repeats = q->s->repeats;

	parse(q, plaintext);
	q->step_after = q->inside ? q->s->session.step + 1 : 1;
	q->remember = rules_memory(q);
	json = run(q);
	if (q->advance && repeats == q->s->repeats && q->inside)
		session_advance(q, plaintext, json);
	else if (q->advance && repeats == q->s->repeats)
		session_begin(q, plaintext, json);
	env_random(q->s->env, nonce, sizeof(nonce));
	*ret_answer = envelope_seal_answer(&q->exchange, nonce, json, q->a);
	json_decref(q->root);
	q->s->answers++;
	return 200;
}

static int open_start(struct asked *q, const struct envelope *e, struct slice *ret_plaintext, struct slice *ret_answer)
{
	uint8_t id[KEY_ID_BYTES];

	envelope_key_id(q->s->public_key, id);
	if (!slice_eq(e->key_id, slice_of(id, sizeof(id))))
		return outside_error(q, "unknown_key", ret_answer);
	if (!slice_is(e->application, q->s->application))
		return outside_error(q, "unknown_application", ret_answer);
	if (failed(envelope_open_start(e, q->s->key, q->a, ret_plaintext, &q->exchange)))
		return outside_error(q, "malformed", ret_answer);
	q->enc = e->salt;
	return 200;
}

static int open_suite_02(struct asked *q, const struct envelope *e, struct slice *ret_plaintext, struct slice *ret_answer)
{
	q->inside = true;
	if (!q->s->session.has_key || !slice_eq(e->sid, slice_of(q->s->session.sid, SESSION_ID_BYTES)) ||
		failed(envelope_open_session(e, q->s->session.k, q->a, ret_plaintext, &q->exchange)))
		return outside_error(q, "unknown_session", ret_answer);
	return 200;
}

int stand_in_post(struct stand_in *s, struct slice request, struct arena *a, struct slice *ret_answer)
{
	struct asked q = { .s = s, .a = a };
	struct slice plaintext;
	struct envelope e;
	int status;

	if (s->busy && s->busy--) {
		*ret_answer = S("");
		return 503;
	}
	if (failed(envelope_read(request, &e)))
		return outside_error(&q, "malformed", ret_answer);
	status = e.suite == SUITE_START ? open_start(&q, &e, &plaintext, ret_answer) : open_suite_02(&q, &e, &plaintext, ret_answer);
	return status == 200 ? process(&q, plaintext, ret_answer) : status;
}
