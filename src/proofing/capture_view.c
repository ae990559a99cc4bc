/* What the capture page shows, by how far the process has come. */
#include "page/page.h"
#include "proofing/capture.h"

enum { DOCS_SHOWN_MAX = 400 };

static const struct page_template capture_page = { "capture.html", .permissions = "camera=(self)" };

bool capture_is_local(const struct process *p)
{
	return p->engine == proofing_engine_simulator || p->engine == proofing_engine_manual;
}

bool capture_keeps(const struct capture *c)
{
	return c->config.storeEvidence || c->process.engine == proofing_engine_manual;
}

bool capture_leads(const struct op *op, const struct process *p)
{
	return p->content.captureUrl.n && (!HAS(&p->content, process_content, linkUntil) || p->content.linkUntil > op->now);
}

struct showing {
	struct page_value *values;
	size_t n, max;
};

static void put(struct showing *s, const char *name, struct slice text)
{
	if (s->n < s->max)
		s->values[s->n++] = (struct page_value){ name, text };
}

static void put_documents(struct op *op, const struct capture *c, struct showing *s)
{
	struct list types = doc_types_allowed(&c->config, &c->process.content, op->arena);
	const struct document_type *items = types.items;

	for (size_t i = 0; i < types.n && i < DOCS_SHOWN_MAX; i++) {
		put(s, "doc", arena_printf(op->arena, "%lld", (long long)items[i].id));
		put(s, "docName", items[i].name.n ? items[i].name : items[i].type);
		put(s, "docCountry", items[i].countryName.n ? items[i].countryName : items[i].country);
	}
}

static void put_persona(const struct capture *c, struct showing *s)
{
	const struct final_result *f = c->process.content.persona;

	if (c->process.engine != proofing_engine_simulator || !f)
		return;
	put(s, "firstName", f->firstName);
	put(s, "lastName", f->lastName);
	put(s, "dateOfBirth", f->dateOfBirth);
	put(s, "gender", f->gender);
	put(s, "nationality", f->nationality);
}

static void put_local_step(struct op *op, const struct capture *c, struct showing *s)
{
	const struct process_content *content = &c->process.content;

	put(s, "open", S("1"));
	if (!(content->steps & STEP_PREPARED)) {
		put(s, "prepare", S("1"));
		put(s, "step", S("1"));
		put_persona(c, s);
	} else if (!content->chosen) {
		put(s, "choose", S("1"));
		put(s, "step", S("2"));
		put_documents(op, c, s);
	} else if (!(content->steps & STEP_BACK)) {
		bool front = !(content->steps & STEP_FRONT);

		put(s, "picture", S("1"));
		put(s, front ? "front" : "back", S("1"));
		put(s, "kind", front ? S("front") : S("back"));
		put(s, "step", front ? S("3") : S("4"));
	} else {
		put(s, "selfie", S("1"));
		put(s, "step", S("5"));
	}
}

static void put_done(const struct capture *c, struct showing *s)
{
	const struct process *p = &c->process;

	put(s, "done", S("1"));
	put(s, p->status == process_status_accepted ? "accepted" : p->status == process_status_canceled ? "canceled" : "refused", S("1"));
	if (p->content.redirectUrl.n)
		put(s, "redirect", p->content.redirectUrl);
}

static void put_step(struct op *op, const struct capture *c, struct showing *s)
{
	const struct process *p = &c->process;

	if (status_is_final(p->status) || p->expires <= op->now) {
		put_done(c, s);
	} else if (!p->begun) {
		put(s, "waiting", S("1"));
		put(s, "refresh", S("1"));
	} else if (p->status == process_status_processing || (p->content.steps & STEP_SHOWN)) {
		put(s, "checking", S("1"));
		put(s, "refresh", S("1"));
	} else if (capture_is_local(p)) {
		put_local_step(op, c, s);
	} else if (!p->content.captureUrl.n) {
		put(s, "partner", S("1"));
		put(s, "refresh", S("1"));
	} else {
		put(s, "outside", S("1"));
		put(s, "open", S("1"));
	}
}

err capture_answer(struct op *op, const struct capture *c, int status, bool fault)
{
	struct showing s = { .max = 3 * DOCS_SHOWN_MAX + 32 };

	s.values = arena_array(op->arena, struct page_value, s.max);
	put(&s, "action", arena_printf(op->arena, "/proofing/%.*s", FMT(op->path[0])));
	put(&s, "encoding", capture_keeps(c) ? S("multipart/form-data") : S("application/x-www-form-urlencoded"));
	if (capture_keeps(c))
		put(&s, "keep", S("1"));
	if (c->process.engine == proofing_engine_simulator)
		put(&s, "simulated", S("1"));
	if (fault)
		put(&s, "fault", S("1"));
	put_step(op, c, &s);
	return page_answer(op, status, &capture_page, s.values, s.n);
}
