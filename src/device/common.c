/* What several messages need: reading them, the policy objects, the answer. */
#include "codec/encode.h"
#include "device/internal.h"
#include "protocol/version.h"

enum { RISK_VALUE_BYTES_MAX = 4096, RISK_BYTES_MAX = 32 * 1024 };

/* ---- reading ---- */

static enum device_error fault_of(const struct invalids *bad)
{
	for (size_t i = 0; i < bad->n; i++)
		if (!bad->list[i].missing)
			return DEVICE_MALFORMED_PARAMETER;
	return DEVICE_MISSING_PARAMETER;
}

static bool right_place(const struct call *c)
{
	return (c->message->place == INSIDE) == c->has_session;
}

/* The members that every request of that place has stand first in its struct; they are found by name. */
static int64_t number_member(const struct call *c, const char *name)
{
	return json_integer_value(json_object_get(c->json, name));
}

/* Texts by name, within the limits of section 1. */
static bool risk_fits(json_t *risk)
{
	const char *name;
	json_t *value;
	size_t bytes = 0;

	json_object_foreach(risk, name, value) {
		if (!json_is_string(value) || json_string_length(value) > RISK_VALUE_BYTES_MAX)
			return false;
		bytes += strlen(name) + json_string_length(value);
	}
	return bytes <= RISK_BYTES_MAX;
}

static bool has_member(const struct schema *schema, const char *name)
{
	for (size_t i = 0; i < schema->n; i++)
		if (strcmp(schema->fields[i].name, name) == 0)
			return true;
	return false;
}

/* A scan and the member that names its hash stand together (2). */
static enum device_error check_scan(const struct call *c)
{
	const json_t *face = has_member(c->message->request, "face") ? json_object_get(c->json, "face") : NULL;
	uint8_t hash[SHA256_BYTES];
	struct slice named;

	if (!face != !c->plaintext.scan.n)
		return DEVICE_NOT_PARSABLE;
	if (!face)
		return DEVICE_OK;
	sha256(c->plaintext.scan, hash);
	if (failed(b64url_read(c->op->arena, json_text(json_object_get(face, "hash")), &named)))
		return DEVICE_MALFORMED_PARAMETER;
	return slice_eq(named, slice_of(hash, sizeof(hash))) ? DEVICE_OK : DEVICE_MALFORMED_PARAMETER;
}

static enum device_error read_members(struct call *c)
{
	struct invalids bad = { .arena = c->op->arena };
	uint64_t version[3];

	c->in = arena_alloc(c->op->arena, c->message->request->size);
	schema_read(c->message->request, c->json, c->op->arena, &bad, c->in);
	if (bad.n)
		return fault_of(&bad);
	if (!version_read(json_text(json_object_get(c->json, "sdk")), version) || !risk_fits(json_object_get(c->json, "riskData")))
		return DEVICE_MALFORMED_PARAMETER;
	c->step = number_member(c, "step");
	c->ts = number_member(c, "ts");
	return check_scan(c);
}

enum device_error read_message(struct call *c)
{
	struct slice why;
	const json_t *type;

	if (failed(plaintext_read(c->plaintext_bytes, &c->plaintext)))
		return DEVICE_NOT_PARSABLE;
	if (failed(json_read(c->plaintext.json, JSON_UNIQUE, MESSAGE_DEPTH_MAX, c->op->arena, &c->json, &why)))
		return DEVICE_NOT_PARSABLE;
	op_keep_json(c->op, c->json);
	if (!json_is_object(c->json))
		return DEVICE_NOT_PARSABLE;
	type = json_object_get(c->json, "t");
	if (!json_is_string(type))
		return type ? DEVICE_MALFORMED_PARAMETER : DEVICE_MISSING_PARAMETER;
	c->message = message_find(json_text(type));
	if (!c->message || !right_place(c))
		return DEVICE_MALFORMED_PARAMETER;
	if (!plaintext_kinds_fit(&c->plaintext, c->message))
		return DEVICE_NOT_PARSABLE;
	return read_members(c);
}

/* ---- answers ---- */

err call_ok(struct call *c, void *answer)
{
	struct buf b = buf_arena(c->op->arena, MESSAGE_BYTES_MAX);
	struct plain_ok *common = answer; /* every answer begins with the common members */

	common->ok = true;
	common->time = c->op->now;
	if (c->session_change == SAVE_NEW_SESSION || (c->session_change == SAVE_SESSION && c->advance)) {
		common->step = c->session_change == SAVE_NEW_SESSION ? 1 : c->session.step + 1;
		common->set |= (uint64_t)1 << plain_ok_step;
	}
	schema_write(c->message->answer, answer, &b);
	TRY(buf_ok(&b));
	c->answer_json = buf_bytes(&b);
	return OK;
}

static err write_fault(struct call *c, struct answer_fault *answer, struct device_fault *fault)
{
	struct buf b = buf_arena(c->op->arena, 4096);

	fault->name = slice_text(device_error_title((enum device_error)fault->code));
	answer->time = c->op->now;
	schema_write(&answer_fault_schema, answer, &b);
	TRY(buf_ok(&b));
	c->answer_json = buf_bytes(&b);
	return OK;
}

#undef err /* the member of that name */
static void put_fault(struct answer_fault *answer, struct device_fault *fault)
{
	answer->err = fault;
}
#define err __attribute__((warn_unused_result)) struct error

err call_fault(struct call *c, enum device_error code)
{
	struct device_fault fault = { .code = code };
	struct answer_fault answer = { .ok = false };

	put_fault(&answer, &fault);
	return write_fault(c, &answer, &fault);
}

err call_fault_again(struct call *c, enum device_error code, int64_t remaining)
{
	struct device_fault fault = { .code = code, .recoverable = true };
	struct answer_fault answer = { .ok = false };

	fault.remaining = remaining;
	if (remaining >= 0)
		MARK(&fault, device_fault, remaining);
	put_fault(&answer, &fault);
	return write_fault(c, &answer, &fault);
}

err call_try_again(struct call *c)
{
	struct device_fault fault = { .code = DEVICE_AUTHENTICATION_FAILED, .recoverable = true };
	struct answer_fault answer = { .ok = false };

	env_random(c->op->app->env, c->session.secret.challenge, CHALLENGE_BYTES);
	fault.remaining = failures_remaining(&c->device, &c->application->config);
	MARK(&fault, device_fault, remaining);
	answer.challenge = slice_of(c->session.secret.challenge, CHALLENGE_BYTES);
	answer.step = c->session.step + 1;
	MARK(&answer, answer_fault, step);
	put_fault(&answer, &fault);
	c->session_change = SAVE_SESSION;
	c->advance = c->write = true;
	return write_fault(c, &answer, &fault);
}

/* ---- proofs of new keys (7, row 4a) ---- */

bool proves_new(struct call *c, enum signature_kind kind, size_t nth, struct slice key)
{
	struct transcript t;

	memcpy(t.th, c->session.secret.th, sizeof(t.th));
	for (size_t i = 0; i < c->plaintext.n; i++)
		if (c->plaintext.signatures[i].kind == kind && nth-- == 0)
			return key.n && !failed(transcript_verify(&t, kind, c->plaintext.json, key, c->plaintext.signatures[i].bytes));
	return false;
}

bool proves_old(struct call *c, enum signature_kind kind, const uint8_t *key)
{
	struct transcript t;

	memcpy(t.th, c->session.secret.th, sizeof(t.th));
	return !failed(transcript_verify(&t, kind, c->plaintext.json, slice_of(key, POINT_BYTES),
		plaintext_signature(&c->plaintext, kind)));
}

bool device_hash_fits(struct call *c, struct slice text)
{
	struct slice hash;

	return !failed(b64_read(c->op->arena, text, &hash)) && hash.n == SHA256_BYTES;
}

/* ---- parts of start answers ---- */

struct list policies_methods(struct call *c, unsigned usable)
{
	struct slice *names = arena_array(c->op->arena, struct slice, auth_method_count);
	size_t n = 0;

	for (int m = 1; m < auth_method_count; m++)
		if (usable >> m & 1)
			names[n++] = slice_text(enum_text(&auth_method_enum, m));
	return (struct list){ names, n };
}

struct pin_form *policy_pin(struct call *c)
{
	struct pin_form *pin = arena_new(c->op->arena, struct pin_form);

	pin->min = c->application->config.pinCodeLengthMin;
	pin->max = c->application->config.pinCodeLengthMax;
	pin->type = c->application->config.pinCodeType;
	return pin;
}

struct hw_policy *policy_hw(struct call *c)
{
	struct hw_policy *policy = arena_new(c->op->arena, struct hw_policy);

	policy->wanted = !slice_is(json_text(json_object_get(c->json, "os")), "Web");
	return policy;
}

struct shown_context *context_of(struct call *c, const struct operation_context *context)
{
	struct shown_context *shown;

	if (!context)
		return NULL;
	shown = arena_new(c->op->arena, struct shown_context);
	shown->title = context->title;
	shown->mime = context->mimeType;
	shown->b64 = context->content;
	return shown;
}

err post_context(struct call *c, struct shown_context **ret_shown)
{
	const struct app *app = c->op->app;
	struct operation_context told = { .mimeType = S("application/json") };

	*ret_shown = context_of(c, c->operation.content.post);
	if (!c->operation.content.toldLater || !app->operation_told)
		return OK;
	TRY(app->operation_told(c->op, &c->operation.base.id, &told.content));
	if (told.content.n)
		*ret_shown = context_of(c, &told);
	return OK;
}

void session_begin(struct call *c, enum message_family family, const struct uuid *device)
{
	struct session *s = &c->session;

	*s = (struct session){
		.user = c->owner.id,
		.device = *device,
		.operation = c->operation.base.id,
		.application = c->application->id,
		.family = family,
		.expires = c->operation.base.expires,
	};
	env_random(c->op->app->env, s->sid, sizeof(s->sid));
	env_random(c->op->app->env, s->secret.challenge, sizeof(s->secret.challenge));
	c->session_change = SAVE_NEW_SESSION;
	c->write = true;
}

struct slice session_counted(const struct call *c)
{
	const struct session *s = &c->session;

	if (s->family == FAMILY_REC)
		return hex(c->op->arena, slice_of(s->secret.recovery, RECOVERY_ID_BYTES));
	return uuid_text(c->op->arena, s->family == FAMILY_ACT ? &s->operation : &s->device);
}
