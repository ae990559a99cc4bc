/* The generic HTTP engine: what is asked and what answers mean stands in the settings of the provider. */
#include "codec/encode.h"
#include "crypto/hash.h"
#include "proofing/calls.h"

enum { TIMEOUT_MS_MAX = 30 * 1000, BODY_BYTES_MAX_OUT = 256 * 1024, POLL_S_MAX = 3600 };

static const char *const method_words[] = { "GET", "POST", "PUT", "DELETE" };
static const enum http_method methods[] = { HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_DELETE };

static enum http_method method_of(struct slice word, enum http_method otherwise)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (slice_is(word, method_words[i]))
			return methods[i];
	return otherwise;
}

static void add_header(struct call_request *r, struct slice name, struct slice value)
{
	if (r->header_count < sizeof(r->headers) / sizeof(r->headers[0]))
		r->headers[r->header_count++] = (struct http_header){ name, value };
}

/* Every string of the template filled in. */
static json_t *fill_body(struct op *op, json_t *template, const struct process *p, const struct proofing_config *config)
{
	const char *name;
	json_t *value, *out;
	size_t i;

	if (json_is_string(template)) {
		struct slice text = template_fill(op, json_text(template), p, config, false);

		return json_stringn((const char *)text.p, text.n);
	}
	if (json_is_object(template)) {
		out = json_object();
		json_object_foreach(template, name, value)
			json_object_set_new(out, name, fill_body(op, value, p, config));
		return out;
	}
	if (json_is_array(template)) {
		out = json_array();
		json_array_foreach(template, i, value)
			json_array_append_new(out, fill_body(op, value, p, config));
		return out;
	}
	return json_deep_copy(template);
}

static struct slice body_of(struct op *op, json_t *template, const struct process *p, const struct proofing_config *config)
{
	struct buf b = buf_arena(op->arena, BODY_BYTES_MAX_OUT);
	json_t *filled;

	if (!template)
		return S("");
	filled = fill_body(op, template, p, config);
	json_write_value(&b, filled);
	json_decref(filled);
	return buf_bytes(&b);
}

static struct slice basic(struct op *op, struct slice user, struct slice secret)
{
	struct slice pair = arena_printf(op->arena, "%.*s:%.*s", FMT(user), FMT(secret));

	return arena_printf(op->arena, "Basic %.*s", FMT(b64(op->arena, pair)));
}

/* ---- authentication ---- */

static json_t *auth_of(json_t *settings)
{
	return json_object_get(json_object_get(settings, "start"), "auth");
}

static bool wants_token(json_t *auth)
{
	return slice_is(json_member(auth, "type"), "oauth2_cc");
}

static void ask_for_token(struct op *op, json_t *auth, const struct proofing_config *config, struct call_request *r)
{
	struct slice scope = json_member(auth, "scope");

	r->method = HTTP_POST;
	r->url = json_member(auth, "tokenUrl");
	r->body = scope.n ? arena_printf(op->arena, "grant_type=client_credentials&scope=%.*s", FMT(scope)) :
			    S("grant_type=client_credentials");
	add_header(r, S("Content-Type"), S("application/x-www-form-urlencoded"));
	add_header(r, S("Authorization"), basic(op, json_member(auth, "clientId"), config_secret(config, json_member(auth, "secretRef"))));
}

static void authenticate(struct op *op, json_t *auth, const struct proofing_config *config, const struct proofing_call *c,
	struct call_request *r)
{
	struct slice type = json_member(auth, "type"), secret = config_secret(config, json_member(auth, "secretRef"));

	if (slice_is(type, "basic"))
		add_header(r, S("Authorization"), basic(op, json_member(auth, "user"), secret));
	else if (slice_is(type, "bearer"))
		add_header(r, S("Authorization"), arena_printf(op->arena, "Bearer %.*s", FMT(secret)));
	else if (wants_token(auth))
		add_header(r, S("Authorization"), arena_printf(op->arena, "Bearer %.*s", FMT(c->token)));
}

/* ---- requests ---- */

static const char *const section_names[] = { [CALL_START] = "start", [CALL_POLL] = "poll", [CALL_CANCEL] = "cancel" };

static void fill_request(struct op *op, json_t *settings, const struct proofing_call *c, const struct process *p,
	const struct proofing_config *config, struct call_request *r)
{
	json_t *section = json_object_get(settings, section_names[c->kind]), *value;
	json_t *timeout = json_object_get(json_object_get(settings, "timeouts"), "requestMs");
	const char *name;

	r->method = method_of(json_member(section, "method"), c->kind == CALL_POLL ? HTTP_GET : c->kind == CALL_CANCEL ? HTTP_DELETE : HTTP_POST);
	r->url = template_fill(op, json_member(section, "url"), p, config, true);
	r->body = body_of(op, json_object_get(section, "bodyTemplate"), p, config);
	r->timeout_ms = json_is_integer(timeout) && json_integer_value(timeout) > 0 && json_integer_value(timeout) < TIMEOUT_MS_MAX ?
		json_integer_value(timeout) : 0;
	add_header(r, S("Accept"), S("application/json"));
	if (r->body.n)
		add_header(r, S("Content-Type"), S("application/json"));
	/* The same start twice, after a restart in the middle, is one to a provider who knows this header. */
	if (c->kind == CALL_START)
		add_header(r, S("Idempotency-Key"), uuid_text(op->arena, &p->id));
	authenticate(op, auth_of(settings), config, c, r);
	json_object_foreach(json_object_get(section, "headers"), name, value)
		if (json_is_string(value))
			add_header(r, slice_text(name), template_fill(op, json_text(value), p, config, false));
}

/* ---- answers ---- */

static json_t *read_answer(struct op *op, const struct proofing_call *c)
{
	struct slice why;
	json_t *json;

	if (c->reason != OUTBOUND_ANSWERED || c->status < 200 || c->status > 299 || c->body.n == 0)
		return NULL;
	if (failed(json_read(c->body, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &json, &why)))
		return NULL;
	op_keep_json(op, json);
	return json;
}

static struct slice pointed(struct op *op, json_t *root, const json_t *section, const char *name)
{
	struct slice pointer = json_member(section, name);

	return pointer.n ? mapped_value(op, root, pointer) : S("");
}

static int64_t poll_ms(json_t *settings)
{
	int64_t s = json_integer_value(json_object_get(json_object_get(settings, "poll"), "intervalSec"));

	return s > 0 && s <= POLL_S_MAX ? s * 1000 : POLL_MS_DEFAULT;
}

static bool is_https(struct slice url)
{
	return slice_starts(url, S("https://")) || slice_starts(url, S("http://"));
}

static enum call_step started(struct op *op, json_t *settings, json_t *answer, struct process *p, struct call_outcome *out)
{
	json_t *start = json_object_get(settings, "start");
	struct slice id = pointed(op, answer, start, "idPointer"), url = pointed(op, answer, start, "urlPointer");

	if (id.n == 0 && json_member(start, "idPointer").n)
		return CALL_BROKEN;
	p->started = true;
	p->content.externalId = id;
	p->content.captureUrl = is_https(url) ? url : S("");
	p->content.authorization = pointed(op, answer, start, "authorizationPointer");
	p->content.providerApiUrl = pointed(op, answer, start, "providerApiUrlPointer");
	out->again_ms = p->begun ? poll_ms(settings) : 0;
	return CALL_DONE;
}

bool http_result(struct op *op, const json_t *section, json_t *answer, struct proofing_result *ret_result)
{
	struct slice word = pointed(op, answer, section, "statusPointer"), own;
	struct buf b = buf_arena(op->arena, RESULT_JSON_MAX);
	enum process_status status;

	own = json_member(json_object_get(section, "statusMap"), arena_cstr(op->arena, word));
	status = (enum process_status)enum_find(&process_status_enum, own.n ? own : word, false);
	if (status <= process_status_pending)
		return false;
	*ret_result = (struct proofing_result){ .status = status };
	if (status == process_status_accepted) {
		ret_result->finalResult = arena_new(op->arena, struct final_result);
		mapped_result(op, answer, json_object_get(section, "resultMap"), ret_result->finalResult);
	}
	json_write_value(&b, answer);
	if (!failed(buf_ok(&b)))
		ret_result->providerSpecific = buf_bytes(&b);
	return true;
}

static enum call_step polled(struct op *op, json_t *settings, json_t *answer, const struct process *p, struct call_outcome *out)
{
	out->again_ms = poll_ms(settings);
	if (!http_result(op, json_object_get(settings, "poll"), answer, &out->result))
		return CALL_DONE;
	out->has_result = !(out->result.status == process_status_processing && p->status == process_status_processing);
	return CALL_DONE;
}

static enum call_step take_answer(struct op *op, json_t *settings, struct proofing_call *c, struct process *p, struct call_outcome *out)
{
	json_t *answer;

	if (c->kind == CALL_CANCEL)
		return CALL_DONE; /* told; whether they listen is theirs */
	answer = read_answer(op, c);
	if (!answer)
		return CALL_BROKEN;
	return c->kind == CALL_START ? started(op, settings, answer, p, out) : polled(op, settings, answer, p, out);
}

enum call_step http_step(struct op *op, struct proofing_call *c, struct process *p, const struct proofing_config *config,
	struct call_request *r, struct call_outcome *out)
{
	json_t *settings = engine_settings(op, config, p->provider), *auth = settings ? auth_of(settings) : NULL, *answer;

	if (!settings || !json_member(json_object_get(settings, section_names[c->kind]), "url").n) {
		p->started |= c->kind == CALL_START;
		return CALL_DONE;
	}
	if (c->status == 0 && c->reason == OUTBOUND_ANSWERED) {
		if (wants_token(auth)) {
			c->token_asked = true;
			ask_for_token(op, auth, config, r);
		} else {
			fill_request(op, settings, c, p, config, r);
		}
		return CALL_SEND;
	}
	if (!c->token_asked)
		return take_answer(op, settings, c, p, out);
	answer = read_answer(op, c);
	c->token = arena_copy(&c->arena, json_member(answer, "access_token"));
	c->token_asked = false;
	if (!c->token.n)
		return CALL_BROKEN;
	fill_request(op, settings, c, p, config, r);
	return CALL_SEND;
}

const char *http_settings_fault(struct op *op, const struct proofing_provider *provider, const struct proofing_config *config)
{
	json_t *settings = engine_settings(op, config, provider->name);
	struct slice algo;

	if (!settings)
		return "must have settings for the engine http";
	algo = json_member(json_object_get(json_object_get(settings, "callback"), "hmac"), "algo");
	if (algo.n && !slice_is(algo, "sha256"))
		return "can only have callbacks signed with sha256";
	if (!is_https(json_member(json_object_get(settings, "start"), "url")))
		return "must have start.url, an https address";
	return is_https(json_member(json_object_get(settings, "poll"), "url")) || json_object_get(settings, "callback") ? NULL :
		"must have poll.url or callback";
}
