/* The requests of the HTTP engine, as the settings write them; and what can be wrong with settings. */
#include "codec/encode.h"
#include "codec/form.h"
#include "proofing/calls.h"

enum { TIMEOUT_MS_MAX = 30 * 1000, BODY_BYTES_MAX_OUT = 256 * 1024 };

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

	if (json_is_string(template) && slice_is(json_text(template), "${docTypes}")) {
		out = json_array();
		for (i = 0; i < p->content.docTypes.n; i++)
			json_array_append_new(out, json_integer(((const int64_t *)p->content.docTypes.items)[i]));
		return out;
	}
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

static json_t *auth_of(const json_t *settings)
{
	return json_object_get(json_object_get(settings, "start"), "auth");
}

bool http_wants_token(const json_t *settings)
{
	return slice_is(json_member(auth_of(settings), "type"), "oauth2_cc");
}

static struct slice text_secret(const json_t *section, const char *name, const struct proofing_config *config)
{
	return config_secret(config, json_member(section, name));
}

/* Authorities as text, since they are no secret; who we are as text, its key by name. */
static void take_tls(const json_t *settings, const struct proofing_config *config, struct call_request *r)
{
	const json_t *tls = json_object_get(settings, "tls");

	r->tls = (struct outbound_tls){
		.certificate = json_member(tls, "clientCert"),
		.key = text_secret(tls, "clientKeyRef", config),
		.authorities = json_member(tls, "ca"),
	};
}

void http_ask_for_token(struct op *op, const json_t *settings, const struct proofing_config *config, struct call_request *r)
{
	const json_t *auth = auth_of(settings);
	struct buf form = buf_arena(op->arena, BODY_BYTES_MAX_OUT);

	form_write(&form, "grant_type", S("client_credentials"));
	form_write(&form, "scope", json_member(auth, "scope"));
	r->method = HTTP_POST;
	r->url = json_member(auth, "tokenUrl");
	r->body = buf_bytes(&form);
	take_tls(settings, config, r);
	add_header(r, S("Content-Type"), S("application/x-www-form-urlencoded"));
	add_header(r, S("Authorization"), basic(op, json_member(auth, "clientId"), text_secret(auth, "secretRef", config)));
}

static void authenticate(struct op *op, const json_t *settings, const struct proofing_config *config, const struct proofing_call *c,
	struct call_request *r)
{
	const json_t *auth = auth_of(settings);
	struct slice type = json_member(auth, "type"), secret = text_secret(auth, "secretRef", config);

	if (slice_is(type, "basic"))
		add_header(r, S("Authorization"), basic(op, json_member(auth, "user"), secret));
	else if (slice_is(type, "bearer"))
		add_header(r, S("Authorization"), arena_printf(op->arena, "Bearer %.*s", FMT(secret)));
	else if (http_wants_token(settings))
		add_header(r, S("Authorization"), arena_printf(op->arena, "Bearer %.*s", FMT(c->token)));
}

/* ---- requests ---- */

static const char *const kinds[] = { "front", "back", "selfie", "portrait", "video" };

const char *evidence_kind(int64_t n)
{
	return n >= 0 && n < (int64_t)(sizeof(kinds) / sizeof(kinds[0])) ? kinds[n] : NULL;
}

static const struct {
	const char *name;
	enum http_method method;
} sections[] = {
	[CALL_START] = { "start", HTTP_POST },
	[CALL_PREPARE] = { "prepare", HTTP_POST },
	[CALL_POLL] = { "poll", HTTP_GET },
	[CALL_CANCEL] = { "cancel", HTTP_DELETE },
	[CALL_EVIDENCE] = { "evidence", HTTP_GET },
	[CALL_PURGE] = { "purge", HTTP_DELETE },
};

json_t *http_section(const json_t *settings, const struct proofing_call *c, const struct process *p)
{
	json_t *section = json_object_get(settings, sections[c->kind].name);
	const char *kind = c->kind == CALL_EVIDENCE ? evidence_kind(p->content.evidence) : NULL;

	return kind ? json_object_get(section, kind) : section;
}

static int64_t timeout_of(const json_t *settings)
{
	int64_t ms = json_integer_value(json_object_get(json_object_get(settings, "timeouts"), "requestMs"));

	return ms > 0 && ms < TIMEOUT_MS_MAX ? ms : 0;
}

void http_fill_request(struct op *op, json_t *settings, const struct proofing_call *c, const struct process *p,
	const struct proofing_config *config, struct call_request *r)
{
	json_t *section = http_section(settings, c, p), *headers = json_object_get(section, "headers"), *value;
	const char *name;

	r->header_count = 0;
	r->method = method_of(json_member(section, "method"), sections[c->kind].method);
	r->url = template_fill(op, json_member(section, "url"), p, config, true);
	r->body = body_of(op, json_object_get(section, "bodyTemplate"), p, config);
	r->timeout_ms = timeout_of(settings);
	r->answer_bytes_max = c->kind == CALL_EVIDENCE ? FILE_BYTES_MAX : 0;
	take_tls(settings, config, r);
	add_header(r, S("Accept"), c->kind == CALL_EVIDENCE ? S("*/*") : S("application/json"));
	if (r->body.n)
		add_header(r, S("Content-Type"), S("application/json"));
	/* The same start twice, after a restart in the middle, is one to a provider who knows this header. */
	if (c->kind == CALL_START || c->kind == CALL_PREPARE)
		add_header(r, S("Idempotency-Key"), uuid_text(op->arena, &p->id));
	authenticate(op, settings, config, c, r);
	json_object_foreach(headers, name, value)
		if (json_is_string(value))
			add_header(r, slice_text(name), template_fill(op, json_text(value), p, config, false));
}

/* ---- what is wrong with settings ---- */

static bool is_name_of_result(const char *name)
{
	for (size_t i = 0; i < final_result_schema.n; i++)
		if (strcmp(final_result_schema.fields[i].name, name) == 0)
			return true;
	return false;
}

static const char *map_fault(const json_t *section)
{
	json_t *statuses = json_object_get(section, "statusMap"), *results = json_object_get(section, "resultMap"), *value;
	const char *name;

	json_object_foreach(statuses, name, value)
		if (!json_is_string(value) || enum_find(&process_status_enum, json_text(value), false) <= 0)
			return "must have statusMap with the words of a status only";
	json_object_foreach(results, name, value)
		if (!json_is_string(value) || !is_name_of_result(name))
			return "must have resultMap with names of the result and pointers only";
	return NULL;
}

static const char *callback_fault(const json_t *callback, const struct proofing_config *config)
{
	const json_t *hmac = json_object_get(callback, "hmac"), *basic_auth = json_object_get(callback, "basic");
	const json_t *jwt = json_object_get(callback, "jwt");
	struct slice algo = json_member(hmac, "algo");

	if (!callback)
		return NULL;
	if (!hmac && !basic_auth && !jwt)
		return "must have callbacks with hmac, jwt or basic";
	if (algo.n && !slice_is(algo, "sha256"))
		return "can only have callbacks signed with sha256";
	if (!jwt && !text_secret(hmac ? hmac : basic_auth, "secretRef", config).n)
		return "must name with secretRef a secret that is there";
	if (jwt && (!json_member(jwt, "jwksUrl").n || !json_member(jwt, "iss").n || !json_member(jwt, "aud").n))
		return "must have jwksUrl, iss and aud for callbacks that are signed tokens";
	/* Else what is said of one process could be sent again for another. */
	if (!json_is_true(json_object_get(callback, "thenPoll")) && !json_member(callback, "idPointer").n)
		return "must have callback.idPointer, or callback.thenPoll";
	return map_fault(callback);
}

static bool is_web(struct slice url)
{
	return slice_starts(url, S("https://")) || slice_starts(url, S("http://"));
}

const char *http_settings_fault(struct op *op, const struct proofing_provider *provider, const struct proofing_config *config)
{
	json_t *settings = engine_settings(op, config, provider->name), *callback = json_object_get(settings, "callback");
	const json_t *poll = json_object_get(settings, "poll"), *tls = json_object_get(settings, "tls");
	const char *fault;

	if (!settings)
		return "must have settings for the engine http, and a preset that there is";
	if (!is_web(json_member(json_object_get(settings, "start"), "url")))
		return "must have start.url, an https address";
	if (!is_web(json_member(poll, "url")) && (!callback || json_is_true(json_object_get(callback, "thenPoll"))))
		return "must have poll.url or callback";
	if (json_member(tls, "clientCert").n && !text_secret(tls, "clientKeyRef", config).n)
		return "must name with tls.clientKeyRef a secret that is there";
	fault = map_fault(poll);
	return fault ? fault : callback_fault(callback, config);
}
