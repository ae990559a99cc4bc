/*
 * The page on which the end-user is proofed. It is opened by its handle and nothing else; each step is a plain form, so that it works
 * without script too. What was done so far is kept with the process, so that a page can be closed and opened again.
 */
#include "codec/form.h"
#include "codec/multipart.h"
#include "page/page.h"
#include "proofing/assure.h"
#include "proofing/capture.h"

enum { FIELDS_MAX_IN_FORM = 12 };

#define GO_ON "go=1" /* the page leads on as soon as it can */

static err open_page(struct op *op, struct capture *c)
{
	struct error e = process_by_handle(op, op_reader(op), op->path[0], &c->process);

	ENSURE(!is_err(e, E_PROCESS_UNKNOWN), CAPTURE_UNKNOWN);
	TRY(e);
	return proofing_config_load(op, op_reader(op), &c->config);
}

static bool takes_steps(const struct op *op, const struct process *p)
{
	return p->begun && !status_is_final(p->status) && p->status != process_status_processing && p->expires > op->now &&
	       !(p->content.steps & STEP_SHOWN);
}

static err leave_for(struct op *op, struct slice url)
{
	http_add_header(op->http, "Location", arena_copy(op->arena, url)); /* it may be part of parsed content */
	http_add_header(op->http, "Cache-Control", S("no-store"));
	http_add_header(op->http, "Referrer-Policy", S("no-referrer"));
	op_answer(op, 303, "text/plain", S(""));
	return OK;
}

static bool waits_outside(const struct op *op, const struct process *p)
{
	return takes_steps(op, p) && !capture_is_local(p);
}

err capture_show_prepare(struct op *op)
{
	struct capture *c = op_own(op, struct capture);

	TRY(open_page(op, c));
	if (slice_is(op->http->query, GO_ON) && waits_outside(op, &c->process) && capture_leads(op, &c->process))
		return leave_for(op, c->process.content.captureUrl);
	return capture_answer(op, c, 200, false);
}

/* ---- going on ---- */

struct form {
	struct part parts[FIELDS_MAX_IN_FORM];
	size_t n;
};

static err read_urlencoded(struct op *op, struct form *f)
{
	struct slice rest = op->http->body, name, value;
	struct error e;

	while (form_next(&rest, op->arena, &name, &value, &e)) {
		TRY(e);
		ENSURE(f->n < FIELDS_MAX_IN_FORM, LIMIT);
		f->parts[f->n++] = (struct part){ .name = name, .value = value };
	}
	return OK;
}

static err read_form(struct op *op, struct form *f)
{
	struct slice boundary = multipart_boundary(http_header(op->http, "Content-Type"));

	f->n = 0;
	if (boundary.n)
		return multipart_read(op->http->body, boundary, op->arena, f->parts, FIELDS_MAX_IN_FORM, &f->n);
	ENSURE(op->http->body.n <= FORM_BYTES_MAX, LIMIT);
	return read_urlencoded(op, f);
}

static const struct part *field(const struct form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (slice_is(f->parts[i].name, name))
			return &f->parts[i];
	return NULL;
}

static struct slice text_of(const struct form *f, const char *name)
{
	const struct part *p = field(f, name);

	return p ? p->value : S("");
}

static void mark_step(struct process_content *content, int64_t step)
{
	content->steps |= step;
	MARK(content, process_content, steps);
}

static const char *const persona_fields[] = { "firstName", "lastName", "dateOfBirth", "gender", "nationality" };

/* False: something in the form is not right. */
static bool prepare_persona(struct op *op, struct capture *c, const struct form *f)
{
	struct process_content *content = &c->process.content;
	struct final_result *persona = arena_new(op->arena, struct final_result);
	struct invalids bad = { .arena = op->arena };
	json_t *given = json_object();

	*persona = *content->persona;
	for (size_t i = 0; i < sizeof(persona_fields) / sizeof(persona_fields[0]); i++) {
		struct slice value = slice_trim(text_of(f, persona_fields[i]));

		if (field(f, persona_fields[i]))
			json_object_set_new(given, persona_fields[i], json_stringn((const char *)value.p, value.n));
	}
	schema_read(&final_result_schema, given, op->arena, &bad, persona);
	op_keep_json(op, given);
	if (bad.n || final_result_fault(persona))
		return false;
	content->persona = persona;
	content->outcome = text_of(f, "outcome").n ? text_of(f, "outcome") : S("accepted");
	return content->outcome.n <= 40 && content_is_sound(op, &c->process);
}

static bool choose(struct op *op, struct capture *c, const struct form *f)
{
	struct list types = doc_types_allowed(&c->config, &c->process.content, op->arena);
	const struct document_type *type;
	int64_t id;

	if (failed(slice_i64(text_of(f, "docType"), &id)) || !(type = doc_type_find(&types, id)))
		return false;
	c->process.content.chosen = id;
	MARK(&c->process.content, process_content, chosen);
	if (c->process.content.persona) {
		c->process.content.persona->documentType = type->type;
		c->process.content.persona->issuingCountry = type->country;
	}
	return true;
}

static bool is_picture(struct slice b)
{
	return slice_starts(b, slice_of("\xff\xd8\xff", 3)) || slice_starts(b, slice_of("\x89PNG\r\n\x1a\n", 8));
}

/* What is kept, if anything is. False: it is no picture. */
static err take_picture(struct op *op, struct capture *c, const struct form *f, struct slice kind, bool *ret_good)
{
	const struct part *p = field(f, "image");

	bool none = !p || p->value.n == 0, needed = c->process.engine == proofing_engine_manual && !slice_is(kind, "back");

	*ret_good = !(none && needed); /* somebody is to look at it; a passport has no back */
	if (!capture_keeps(c) || none)
		return OK;
	*ret_good = is_picture(p->value);
	if (!*ret_good)
		return OK;
	c->file = (struct evidence_file){
		.id = uuid_v7(op->app->env, op->now),
		.dossier = c->process.dossier,
		.process = c->process.id,
		.kind = kind,
		.media_type = p->value.p[0] == 0xff ? S("image/jpeg") : S("image/png"),
		.bytes = p->value,
		.created = op->now,
	};
	TRY(file_expiry(op, op_reader(op), &c->file.expires));
	c->file_box = file_seal(op, &c->process.key, &c->file);
	c->has_file = true;
	return OK;
}

static err settle(struct op *op, struct capture *c, struct proofing_result *result)
{
	struct error e = settle_prepare(op, &c->process, result, &c->settlement);

	/* It ended meanwhile: the page tells how. */
	op->unchanged = is_err(e, E_PROCESS_CLOSED) || !c->settlement;
	return is_err(e, E_PROCESS_CLOSED) ? OK : e;
}

/* Everything was shown: the operator decides, or the simulator. */
static err finish(struct op *op, struct capture *c)
{
	struct process *p = &c->process;
	struct proofing_result result = { .status = process_status_processing };
	int64_t due = 0;

	mark_step(&p->content, STEP_SHOWN);
	if (p->engine == proofing_engine_manual)
		return settle(op, c, &result);
	if (simulator_decides(op, p, p->content.outcome, &result, &due))
		return settle(op, c, &result);
	if (due) {
		p->status = process_status_processing;
		p->due = p->next = due;
	}
	return OK;
}

static err cancel(struct op *op, struct capture *c)
{
	struct proofing_result result = { .status = process_status_canceled };

	return settle(op, c, &result);
}

static err step_local(struct op *op, struct capture *c, const struct form *f, struct slice step, bool *ret_good)
{
	struct process_content *content = &c->process.content;

	*ret_good = true;
	if (slice_is(step, "prepare") && !(content->steps & STEP_PREPARED)) {
		*ret_good = c->process.engine != proofing_engine_simulator || prepare_persona(op, c, f);
		mark_step(content, STEP_PREPARED);
	} else if (slice_is(step, "document") && (content->steps & STEP_PREPARED)) {
		*ret_good = choose(op, c, f);
	} else if ((slice_is(step, "front") || slice_is(step, "back")) && content->chosen) {
		TRY(take_picture(op, c, f, step, ret_good));
		if (*ret_good)
			mark_step(content, slice_is(step, "front") ? STEP_FRONT : STEP_BACK);
	} else if (slice_is(step, "selfie") && (content->steps & STEP_BACK)) {
		TRY(take_picture(op, c, f, step, ret_good));
		return *ret_good ? finish(op, c) : OK;
	} else {
		op->unchanged = true; /* a form of a page that has gone on since */
	}
	return OK;
}

/* A link that had its time is asked for again, and the page goes on by itself. */
static err lead_outside(struct op *op, struct capture *c, bool wanted)
{
	struct process *p = &c->process;

	op->unchanged = true;
	if (!wanted || !p->content.captureUrl.n)
		return OK;
	if (capture_leads(op, p))
		return leave_for(op, p->content.captureUrl);
	op->unchanged = false;
	c->renewed = true;
	p->content.captureUrl = slice_of(NULL, 0);
	p->started = false;
	p->next = op->now;
	c->box = content_box(op, p);
	return OK;
}

err capture_step_prepare(struct op *op)
{
	struct capture *c = op_own(op, struct capture);
	struct form f;
	bool good = true;

	op->unchanged = false;
	*c = (struct capture){ .has_file = false };
	TRY(open_page(op, c));
	TRY(read_form(op, &f));
	if (!takes_steps(op, &c->process)) {
		op->unchanged = true;
		return OK;
	}
	if (slice_is(text_of(&f, "step"), "cancel"))
		return cancel(op, c);
	if (!capture_is_local(&c->process))
		return lead_outside(op, c, slice_is(text_of(&f, "step"), "outside"));
	TRY(step_local(op, c, &f, text_of(&f, "step"), &good));
	if (!good) {
		TRY(open_page(op, c));
		return capture_answer(op, c, 422, true);
	}
	if (!op->unchanged && !c->settlement)
		c->box = content_box(op, &c->process);
	return OK;
}

err capture_step_apply(struct op *op, struct tx *tx)
{
	struct capture *c = op_own(op, struct capture);

	if (c->has_file)
		TRY(file_insert(op, tx, &c->file, c->file_box));
	if (c->renewed)
		proofing_hurry_after_commit(op->app, tx);
	return c->settlement ? settle_apply(op, tx, c->settlement) : process_save(tx, &c->process, c->box);
}

err capture_step_reply(struct op *op)
{
	const struct capture *c = op_own(op, struct capture);
	struct slice query = c->renewed ? S(GO_ON) : op->http->query;

	return leave_for(op, arena_printf(op->arena, "%s/proofing/%.*s%s%.*s", op->app->public_url, FMT(op->path[0]), query.n ? "?" : "",
		FMT(query)));
}

err artifact_prepare(struct op *op)
{
	static const struct page_template page = { "artifact.html" };

	return page_answer(op, 200, &page, NO_VALUES);
}

static const struct route rows[] = {
	{ HTTP_GET, "/proofing/{handle:text}", PUBLIC, NO_RATE, OP(.prepare = capture_show_prepare), "The page of an identity proofing",
		.flags = NO_ACCOUNT | PAGE, .errors = &page_errors },
	{ HTTP_POST, "/proofing/{handle:text}", PUBLIC, NO_RATE,
		OP(.prepare = capture_step_prepare, .apply = capture_step_apply, .reply = capture_step_reply), "A step of an identity proofing",
		.flags = NO_ACCOUNT | PAGE | RAW_BODY, .body_bytes_max = FILE_BYTES_MAX, .errors = &page_errors },
	{ HTTP_GET, "/proofing/oidc/callback", PUBLIC, NO_RATE, QUERY(oidc_query),
		OP(.prepare = oidc_return_prepare, .apply = oidc_return_apply, .reply = oidc_return_reply), "From an OIDC issuer back to the page",
		.flags = NO_ACCOUNT | PAGE, .errors = &page_errors },
	{ HTTP_GET, "/assure/capture", PUBLIC, NO_RATE, OP(.prepare = artifact_prepare), "From the link of a capture to its page",
		.flags = NO_ACCOUNT | PAGE, .errors = &page_errors },
};

const struct route_table capture_routes = { .base = "", .title = "Identity proofing", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]) };
