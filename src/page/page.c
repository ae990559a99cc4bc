/* Templates, and the headers that keep a page to itself. */
#include "page/page.h"

#include <assert.h>

#include "page/file.h"

enum { PAGE_BYTES_MAX = 1024 * 1024 };

#define CSP                                                                                                          \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; " \
	"frame-ancestors 'none'; base-uri 'none'"

struct rendering {
	struct op *op;
	enum page_language language;
	const struct page_value *values;
	size_t n, turn; /* turn: of the block that is repeated */
	struct buf out;
};

static void escape(struct buf *b, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '&':
			buf_text(b, "&amp;");
			break;
		case '<':
			buf_text(b, "&lt;");
			break;
		case '>':
			buf_text(b, "&gt;");
			break;
		case '"':
			buf_text(b, "&quot;");
			break;
		case '\'':
			buf_text(b, "&#39;");
			break;
		default:
			buf_byte(b, text.p[i]);
		}
	}
}

static struct slice value_of(const struct rendering *r, struct slice name)
{
	if (slice_is(name, "lang"))
		return slice_text(r->language == LANGUAGE_NB ? "nb" : "en");
	for (size_t i = 0, turn = 0; i < r->n; i++)
		if (slice_is(name, r->values[i].name) && turn++ == r->turn)
			return r->values[i].text;
	for (size_t i = 0; r->turn && i < r->n; i++)
		if (slice_is(name, r->values[i].name))
			return r->values[i].text; /* one for every turn */
	return slice_of(NULL, 0);
}

static size_t count_of(const struct rendering *r, struct slice name)
{
	size_t count = 0;

	for (size_t i = 0; i < r->n; i++)
		count += slice_is(name, r->values[i].name);
	return count;
}

static const char *const word_names[WORD_COUNT] = {
#define WORD(name, en, nb) [WORD_##name] = #name,
#include "page/words.def"
#undef WORD
};

static struct slice word_of(const struct rendering *r, struct slice name)
{
	for (int i = 0; i < WORD_COUNT; i++)
		if (slice_is(name, word_names[i]))
			return slice_text(page_word(r->language, (enum page_word)i));
	return S("");
}

static struct slice path_of(struct rendering *r, struct slice name)
{
	const struct web_file *file = web_file_find(name);

	assert(file);
	return file ? arena_printf(r->op->arena, "/web/%s?v=%s", file->name, file->tag) : S("");
}

static struct slice after(struct slice text, size_t n)
{
	return slice_of(text.p + n, text.n - n);
}

static void fill(struct rendering *r, struct slice place)
{
	if (slice_starts(place, S("t.")))
		escape(&r->out, word_of(r, after(place, 2)));
	else if (slice_starts(place, S("asset.")))
		escape(&r->out, path_of(r, after(place, 6)));
	else
		escape(&r->out, value_of(r, place));
}

/* Where `mark` begins in `text`, or its end. */
static size_t find(struct slice text, struct slice mark)
{
	const uint8_t *at = memmem(text.p, text.n, mark.p, mark.n);

	return at ? (size_t)(at - text.p) : text.n;
}

/* The text up to the mark; `rest` becomes what follows it. */
static struct slice cut_at(struct slice *rest, struct slice mark)
{
	size_t at = find(*rest, mark);
	struct slice before = slice_of(rest->p, at);

	*rest = at < rest->n ? after(*rest, at + mark.n) : slice_of(rest->p + rest->n, 0);
	return before;
}

static void skip(struct rendering *r, struct slice name, struct slice *rest)
{
	cut_at(rest, arena_printf(r->op->arena, "{{/%.*s}}", FMT(name)));
}

static void render(struct rendering *r, struct slice rest);

static void repeat(struct rendering *r, struct slice name, struct slice *rest)
{
	struct slice block = cut_at(rest, arena_printf(r->op->arena, "{{/%.*s}}", FMT(name)));

	for (size_t n = count_of(r, name); r->turn < n; r->turn++)
		render(r, block);
	r->turn = 0;
}

static void render(struct rendering *r, struct slice rest)
{
	while (rest.n) {
		bool more;
		struct slice place, name;

		buf_slice(&r->out, cut_at(&rest, S("{{")));
		more = rest.n > 0;
		place = cut_at(&rest, S("}}"));
		if (!more || slice_starts(place, S("/")))
			continue;
		name = place.n ? after(place, 1) : place;
		if (slice_starts(place, S("?")) || slice_starts(place, S("!"))) {
			if ((place.p[0] == '?') != (value_of(r, name).n > 0))
				skip(r, name, &rest);
		} else if (slice_starts(place, S("*"))) {
			repeat(r, name, &rest);
		} else {
			fill(r, place);
		}
	}
}

static void add_headers(struct op *op, const struct page_template *page, enum page_language language)
{
	struct slice csp = page->csp ? arena_printf(op->arena, CSP "; %s", page->csp) : S(CSP);

	http_add_header(op->http, "Content-Security-Policy", csp);
	http_add_header(op->http, "Permissions-Policy", slice_text(page->permissions ? page->permissions : "camera=(), microphone=(), geolocation=()"));
	http_add_header(op->http, "Referrer-Policy", S("no-referrer"));
	http_add_header(op->http, "X-Content-Type-Options", S("nosniff"));
	http_add_header(op->http, "Cache-Control", S("no-store"));
	http_add_header(op->http, "Content-Language", language == LANGUAGE_NB ? S("nb") : S("en"));
}

err page_answer(struct op *op, int status, const struct page_template *page, const struct page_value *values, size_t n)
{
	const struct web_file *file = web_file_find(slice_text(page->file));
	struct rendering r = { op, page_language(op), values, n, 0, buf_arena(op->arena, PAGE_BYTES_MAX) };

	ENSURE(file, INTERNAL);
	render(&r, slice_of(file->bytes, file->n));
	TRY(buf_ok(&r.out));
	add_headers(op, page, r.language);
	op_answer(op, status, file->type, buf_bytes(&r.out));
	return OK;
}

/* ---- errors ---- */

static enum page_word error_word(int status)
{
	switch (status) {
	case 404:
		return WORD_error_not_found;
	case 403:
		return WORD_error_forbidden;
	default:
		return status >= 500 || status == 429 ? WORD_error_trouble : WORD_error_request;
	}
}

static void write_error(struct op *op, struct error e)
{
	static const struct page_template page = { .file = "error.html" };
	int status = err_info(e.code)->http;
	const char *text = page_word(page_language(op), error_word(status));

	IGNORE(page_answer(op, status, &page, VALUES({ "text", slice_text(text) }, { "trace", slice_text(op->http->trace) }))); /* rendered by tests */
}

const struct op_errors page_errors = { write_error };
