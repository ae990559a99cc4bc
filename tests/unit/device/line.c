/* The phone's line to the server: drafts, envelopes, answers, transcript. */
#include "codec/encode.h"
#include "http/trace.h"
#include "tests/unit/device/phone.h"

enum { BODY_MAX = 512 * 1024 };

static const struct env *env_of(const struct phone *p)
{
	return p->f->app.env;
}

/* ---- drafts ---- */

static bool opens_session(const char *type)
{
	return strstr(type, ".start") != NULL;
}

static bool is_known(const struct uuid *id)
{
	static const struct uuid none;

	return !uuid_eq(id, &none);
}

static int64_t next_ts(struct phone *p)
{
	int64_t now = env_now_ms(env_of(p));

	p->ts = now > p->ts ? now : p->ts + 1;
	return p->ts;
}

static void common_members(struct phone *p, struct buf *b, const char *type)
{
	buf_printf(b, "{\"t\":\"%s\",\"v\":1,\"sdk\":\"%s\",\"os\":\"%s\"", type, p->sdk, p->os);
}

void draft_outside(struct phone *p, struct draft *d, const char *type, const char *members, ...)
{
	struct buf b = buf_arena(&p->arena, BODY_MAX);
	va_list args;

	*d = (struct draft){ .inside = false };
	must(envelope_sender_new(env_of(p), p->server_key, slice_text(p->application), &p->arena, &d->sender));
	common_members(p, &b, type);
	buf_printf(&b, ",\"ts\":%lld", (long long)next_ts(p));
	if (is_known(&p->reg))
		buf_printf(&b, ",\"reg\":\"%.*s\"", FMT(uuid_text(&p->arena, &p->reg)));
	if (opens_session(type))
		buf_printf(&b, ",\"enc\":\"%.*s\"", FMT(b64url(&p->arena, slice_of(d->sender.enc, ENC_BYTES))));
	va_start(args, members);
	buf_slice(&b, arena_vprintf(&p->arena, members, args));
	va_end(args);
	buf_byte(&b, '}');
	d->json = d->plaintext.json = buf_bytes(&b);
}

const char *face_member(struct phone *p)
{
	uint8_t hash[SHA256_BYTES];

	if (!p->scan)
		return "";
	sha256(slice_text(p->scan), hash);
	return (const char *)arena_printf(&p->arena, ",\"face\":{\"hash\":\"%.*s\"}", FMT(b64url(&p->arena, slice_of(hash, sizeof(hash))))).p;
}

void draft_inside(struct phone *p, struct draft *d, const char *type, const char *members, ...)
{
	struct buf b = buf_arena(&p->arena, BODY_MAX);
	va_list args;

	*d = (struct draft){ .inside = true };
	common_members(p, &b, type);
	buf_printf(&b, ",\"step\":%lld", (long long)p->step);
	va_start(args, members);
	buf_slice(&b, arena_vprintf(&p->arena, members, args));
	va_end(args);
	buf_byte(&b, '}');
	d->json = d->plaintext.json = buf_bytes(&b);
	if (p->scan && strstr(arena_cstr(&p->arena, d->json), face_member(p)))
		d->plaintext.scan = slice_text(p->scan);
}

/* Kinds ascend in a message, in whatever order they are signed. */
void draft_sign(struct phone *p, struct draft *d, enum signature_kind kind, const uint8_t *private_key)
{
	struct transcript start = transcript_start(slice_text(p->application));
	uint8_t *bytes = d->signatures[d->plaintext.n];
	size_t at = d->plaintext.n++;

	must(transcript_sign(d->inside ? &p->th : &start, kind, d->json, private_key, bytes));
	while (at > 0 && d->plaintext.signatures[at - 1].kind > kind) {
		d->plaintext.signatures[at] = d->plaintext.signatures[at - 1];
		at--;
	}
	d->plaintext.signatures[at] = (struct signature){ (uint8_t)kind, slice_of(bytes, P256_SIG_BYTES) };
}

/* ---- sending ---- */

static void deliver(struct phone *p, struct slice body, struct http_request *req)
{
	static struct http_header type = { { (const uint8_t *)"Content-Type", 12 }, { (const uint8_t *)REQUEST_TYPE, sizeof(REQUEST_TYPE) - 1 } };

	*req = (struct http_request){ .method = HTTP_POST, .path = S(DEVICE_SERVER_PATH "/device/v1"), .body = body,
		.peer = slice_text(p->peer), .headers = &type, .header_count = 1 };
	arena_init(&req->arena);
	trace_begin(req, env_of(p));
	p->run(p->f->api, req);
}

static int64_t number_or(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return value ? json_integer_value(value) : -1;
}

static struct reply read_reply(struct phone *p, int http, struct slice text)
{
	struct reply r = { .http = http, .text = text, .remaining = -1, .step = -1 };
	const json_t *fault;

	r.json = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
	if (!r.json)
		return r;
	json_array_append_new(p->kept, r.json);
	fault = json_object_get(r.json, "err");
	r.ok = json_is_true(json_object_get(r.json, "ok"));
	r.code = (int)json_integer_value(json_object_get(fault, "code"));
	r.recoverable = json_is_true(json_object_get(fault, "recoverable"));
	r.remaining = number_or(fault ? fault : r.json, "remaining");
	r.step = number_or(r.json, "step");
	return r;
}

static struct reply exchange(struct phone *p, struct slice body, const struct exchange *x)
{
	struct http_request req;
	struct slice text;
	int status;

	deliver(p, body, &req);
	status = req.reply.status;
	text = arena_copy(&p->arena, req.reply.body);
	if (status == 200 && x) {
		assert_string_equal(req.reply.content_type, ANSWER_TYPE);
		must(envelope_open_answer(x, arena_copy(&p->arena, req.reply.body), &p->arena, &text));
	}
	arena_free_secret(&req.arena);
	return read_reply(p, status, text);
}

const char *reply_text(const struct reply *r, const char *name)
{
	const json_t *value = json_object_get(r->json, name);

	if (!json_is_string(value))
		fail_msg("no %s in %.*s", name, FMT(r->text));
	return json_string_value(value);
}

void reply_bytes(struct phone *p, const struct reply *r, const char *name, uint8_t *out, size_t n)
{
	struct slice bytes;

	must(b64url_read(&p->arena, slice_text(reply_text(r, name)), &bytes));
	assert_int_equal(bytes.n, n);
	memcpy(out, bytes.p, n);
}

/* Whatever carries `step` is part of the transcript. */
static void follow(struct phone *p, const struct draft *d, struct slice plaintext, const struct reply *r)
{
	if (r->http != 200 || r->step < 0)
		return;
	if (!d->inside) {
		p->th = transcript_start(slice_text(p->application));
		reply_bytes(p, r, "sid", p->sid, sizeof(p->sid));
	}
	transcript_advance(&p->th, plaintext, r->text);
	if (!d->inside)
		envelope_session_key(&p->last_exchange, p->th.th, p->k);
	p->step = r->step;
	if (json_object_get(r->json, "challenge"))
		p->challenge = reply_text(r, "challenge");
}

struct reply draft_send(struct phone *p, struct draft *d)
{
	struct buf b = buf_arena(&p->arena, BODY_MAX);
	uint8_t rnd[SALT_BYTES];
	struct reply r;

	plaintext_write(&b, &d->plaintext);
	env_random(env_of(p), rnd, sizeof(rnd));
	p->last = d->inside ? envelope_seal_session(p->k, p->sid, rnd, buf_bytes(&b), &p->arena, &p->last_exchange) :
			      envelope_seal_start(&d->sender, buf_bytes(&b), &p->arena, &p->last_exchange);
	r = exchange(p, p->last, &p->last_exchange);
	follow(p, d, buf_bytes(&b), &r);
	return r;
}

struct reply phone_repeat(struct phone *p)
{
	return exchange(p, p->last, &p->last_exchange);
}

struct reply phone_post(struct phone *p, struct slice body)
{
	return exchange(p, body, NULL);
}
