/* The generic HTTP engine: what is asked and what answers mean stands in the settings of the provider. */
#include "base/text.h"
#include "proofing/calls.h"

enum { POLL_S_MAX = 3600 };

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
	out->again_ms = p->begun ? 1 : 0; /* as when the person was slower than the provider */
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

/* Has it been asked for as long as the settings say? */
static bool waited_enough(const struct op *op, json_t *settings, const struct process *p)
{
	int64_t s = json_integer_value(json_object_get(json_object_get(settings, "poll"), "maxSec"));

	return s > 0 && s < PROOFING_LIFETIME_MS / 1000 && op->now > p->expires - PROOFING_LIFETIME_MS + s * 1000;
}

static enum call_step polled(struct op *op, json_t *settings, json_t *answer, const struct process *p, struct call_outcome *out)
{
	out->again_ms = poll_ms(settings);
	if (!http_result(op, json_object_get(settings, "poll"), answer, &out->result)) {
		out->has_result = waited_enough(op, settings, p);
		out->result = (struct proofing_result){ .status = process_status_failed,
			.failReason = arena_new(op->arena, struct fail_reason) };
		out->result.failReason->type = S("timed_out");
		return CALL_DONE;
	}
	out->has_result = !(out->result.status == process_status_processing && p->status == process_status_processing);
	return CALL_DONE;
}

/* One of those calls before the start that others are made below: the applicant, the dossier. */
static enum call_step prepared(struct op *op, json_t *settings, json_t *answer, struct proofing_call *c, struct process *p,
	const struct proofing_config *config, struct call_request *r, struct call_outcome *out)
{
	p->content.parentId = pointed(op, answer, json_object_get(settings, "prepare"), "idPointer");
	if (!p->content.parentId.n)
		return CALL_BROKEN;
	c->kind = CALL_START;
	out->keep = true; /* it is not made twice */
	http_fill_request(op, settings, c, p, config, r);
	return CALL_SEND;
}

static bool is_passing(const struct proofing_call *c)
{
	return c->reason != OUTBOUND_ANSWERED || c->status >= 500 || c->status == 429;
}

/* Also when they know nothing of it (any more). Whoever does not know us may be told the right secret later. */
static bool was_heard(const struct proofing_call *c)
{
	return !is_passing(c) && c->status != 401 && c->status != 403 && c->status != 408;
}

static bool is_media_type(struct slice type)
{
	return type.n && type.n <= 100 && slice_find(type, '/') < type.n && text_is_utf8(type) && !text_has_controls(type, false);
}

/* A picture or a film comes as it is. What cannot be had is not waited for. */
static err fetched(struct op *op, const struct proofing_call *c, struct process *p, struct call_outcome *out)
{
	struct evidence_file *f;

	if (c->reason == OUTBOUND_ANSWERED && c->status == 200 && c->body.n) {
		f = out->file = arena_new(op->arena, struct evidence_file);
		*f = (struct evidence_file){
			.id = uuid_v7(op->app->env, op->now),
			.dossier = p->dossier,
			.process = p->id,
			.kind = slice_text(evidence_kind(p->content.evidence)),
			.media_type = is_media_type(c->media_type) ? c->media_type : S("application/octet-stream"),
			.bytes = c->body,
			.created = op->now,
		};
		TRY(file_expiry(op, op_reader(op), &f->expires));
	}
	p->content.evidence++;
	MARK(&p->content, process_content, evidence);
	out->again_ms = 1;
	return OK;
}

static enum call_step take_answer(struct op *op, json_t *settings, struct proofing_call *c, struct process *p,
	const struct proofing_config *config, struct call_request *r, struct call_outcome *out)
{
	json_t *answer;

	if (c->kind == CALL_CANCEL || c->kind == CALL_PURGE)
		return was_heard(c) ? CALL_DONE : CALL_BROKEN;
	if (c->kind == CALL_EVIDENCE)
		return is_passing(c) || failed(fetched(op, c, p, out)) ? CALL_BROKEN : CALL_DONE;
	answer = read_answer(op, c);
	if (!answer)
		return CALL_BROKEN;
	if (c->kind == CALL_PREPARE)
		return prepared(op, settings, answer, c, p, config, r, out);
	return c->kind == CALL_START ? started(op, settings, answer, p, out) : polled(op, settings, answer, p, out);
}

/* Nothing is written of it in the settings: then it is done already. */
static enum call_step leave_out(const struct proofing_call *c, struct process *p, struct call_outcome *out)
{
	p->started |= c->kind == CALL_START;
	if (c->kind != CALL_EVIDENCE)
		return CALL_DONE;
	p->content.evidence++;
	MARK(&p->content, process_content, evidence);
	out->again_ms = 1;
	return CALL_DONE;
}

/* An address that ends where an id is missing may be that of all they have. */
static bool is_aimed(const struct proofing_call *c, const struct process *p, struct slice url)
{
	if (c->kind != CALL_CANCEL && c->kind != CALL_PURGE)
		return true;
	return (p->content.externalId.n || !memmem(url.p, url.n, "${externalId}", 13)) &&
	       (p->content.parentId.n || !memmem(url.p, url.n, "${parentId}", 11));
}

enum call_step http_step(struct op *op, struct proofing_call *c, struct process *p, const struct proofing_config *config,
	struct call_request *r, struct call_outcome *out)
{
	json_t *settings = engine_settings(op, config, p->provider), *answer;
	struct slice url;

	if (settings && c->kind == CALL_START && !p->content.parentId.n && json_object_get(settings, "prepare"))
		c->kind = CALL_PREPARE;
	url = json_member(http_section(settings, c, p), "url");
	if (!settings || !url.n || !is_aimed(c, p, url) || (c->kind == CALL_EVIDENCE && !config->storeEvidence))
		return leave_out(c, p, out);
	if (c->status == 0 && c->reason == OUTBOUND_ANSWERED) {
		c->token_asked = http_wants_token(settings);
		if (c->token_asked)
			http_ask_for_token(op, settings, config, r);
		else
			http_fill_request(op, settings, c, p, config, r);
		return CALL_SEND;
	}
	if (!c->token_asked)
		return take_answer(op, settings, c, p, config, r, out);
	answer = read_answer(op, c);
	c->token = arena_copy(&c->arena, json_member(answer, "access_token"));
	c->token_asked = false;
	if (!c->token.n)
		return CALL_BROKEN;
	http_fill_request(op, settings, c, p, config, r);
	return CALL_SEND;
}
