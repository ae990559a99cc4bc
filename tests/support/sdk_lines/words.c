/* Between JSON and the types of the SDK. */
#include "lines.h"

#include <openssl/crypto.h>
#include <string.h>

/* ---- in ---- */

const char *lines_text(const json_t *in, const char *name)
{
	return json_string_value(json_object_get(in, name));
}

int lines_number(const json_t *in, const char *name)
{
	return (int)json_integer_value(json_object_get(in, name));
}

struct lines_bytes lines_bytes(const json_t *in, const char *name)
{
	struct lines_bytes bytes = { 0 };
	const char *hex = lines_text(in, name);
	long n = 0;

	if (!hex)
		return bytes;
	bytes.p = OPENSSL_hexstr2buf(*hex ? hex : "00", &n);
	bytes.n = *hex ? (size_t)n : 0;
	return bytes;
}

void lines_free(struct lines_bytes bytes)
{
	OPENSSL_free(bytes.p);
}

/* ---- out ---- */

static json_t *hex(const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *text = OPENSSL_malloc(2 * n + 1);
	json_t *out;

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[p[i] >> 4];
		text[2 * i + 1] = digits[p[i] & 15];
	}
	out = json_stringn(text, 2 * n);
	OPENSSL_free(text);
	return out;
}

static const char *kind_name(rid_step_kind kind)
{
	static const char *const names[] = { [RID_DONE] = "DONE", [RID_FAILED] = "FAILED", [RID_SHOW] = "SHOW", [RID_ASK_PIN] = "ASK_PIN",
		[RID_SEND] = "SEND", [RID_LOAD] = "LOAD", [RID_STORE] = "STORE", [RID_ERASE] = "ERASE", [RID_MAKE_KEY] = "MAKE_KEY",
		[RID_SIGN] = "SIGN", [RID_DROP_KEY] = "DROP_KEY", [RID_WAIT] = "WAIT", [RID_ATTEST] = "ATTEST", [RID_LOCATE] = "LOCATE",
		[RID_AWAIT_PUSH] = "AWAIT_PUSH", [RID_BACK_UP] = "BACK_UP", [RID_LOAD_BACKUP] = "LOAD_BACKUP",
		[RID_FORGET_BACKUP] = "FORGET_BACKUP" };

	return names[kind];
}

static json_t *started_told(const rid_started *s)
{
	json_t *risk = json_array();

	for (size_t i = 0; i < s->risk_count; i++)
		json_array_append_new(risk, json_string(s->risk[i]));
	return json_pack("{si si si si si si so}", "operation", (int)s->operation, "methods", s->methods, "twoFactor", s->two_factor,
		"reRegistration", s->re_registration, "attemptsRemaining", s->attempts_remaining, "face", s->face, "risk", risk);
}

static json_t *result_told(const rid_result *r)
{
	json_t *tokens = json_array();

	for (size_t i = 0; i < r->token_count; i++)
		json_array_append_new(tokens, json_pack("{si so}", "purpose", r->tokens[i].purpose, "token",
			hex(r->tokens[i].token, RID_TOKEN_BYTES)));
	return json_pack("{si si si so}", "operation", (int)r->operation, "pending", (int)r->pending_count, "warning", r->warning, "tokens",
		tokens);
}

static json_t *failure_told(const rid_step *s)
{
	const rid_failure *f = &s->failure;

	return json_pack("{si ss ss sb sb si}", "number", f->number, "title", f->title, "description", f->description, "recoverable",
		f->recoverable, "repeatable", f->repeatable, "remaining", f->remaining);
}

static json_t *key_told(const rid_key *k)
{
	return json_pack("{ss sb si so}", "handle", k->handle, "hardware", k->hardware, "method", k->method, "message",
		hex(k->message, k->message_bytes));
}

static json_t *record_told(const rid_record *r)
{
	return json_pack("{ss so sI}", "name", r->name, "bytes", hex(r->bytes, r->n), "generation", (json_int_t)r->generation);
}

static json_t *send_told(const rid_send *s)
{
	return json_pack("{ss ss ss so}", "url", s->url, "contentType", s->content_type, "accept", s->accept, "body",
		hex(s->body, s->body_bytes));
}

static json_t *attest_told(const rid_attest *a)
{
	return json_pack("{ss so ss sb}", "type", a->type, "hash", hex(a->hash, RID_HASH_BYTES), "nonce", a->nonce, "required", a->required);
}

static json_t *told(const rid_step *s)
{
	switch (s->kind) {
	case RID_DONE:
		return result_told(&s->result);
	case RID_FAILED:
		return failure_told(s);
	case RID_SHOW:
	case RID_ASK_PIN:
		return started_told(&s->started);
	case RID_SEND:
		return send_told(&s->send);
	case RID_MAKE_KEY:
	case RID_SIGN:
	case RID_DROP_KEY:
		return key_told(&s->key);
	case RID_ATTEST:
		return attest_told(&s->attest);
	case RID_LOCATE:
		return json_pack("{sb}", "required", s->locate.required);
	case RID_WAIT:
	case RID_AWAIT_PUSH:
		return json_pack("{sI}", "waitMs", (json_int_t)s->wait_ms);
	default:
		return record_told(&s->record);
	}
}

json_t *lines_step(const rid_step *step)
{
	json_t *out = told(step);

	json_object_set_new(out, "kind", json_string(kind_name(step->kind)));
	return out;
}
