/*
 * Pages for people's browsers, and the files that pages are made of. Everything lies in web/ and is part of the program.
 *
 * A template is HTML with places:
 *   {{name}}        a value that the handler gives; always escaped, so that it stays text whatever it holds
 *   {{t.word}}      a word of words.def, in the reader's language
 *   {{asset.x.css}} the path of the file web/x.css
 *   {{lang}}        "en" or "nb"
 *   {{*name}}…{{/name}}   once for each value of that name; inside, other names take their value of the same turn
 *   {{?name}}…{{/name}} and {{!name}}…{{/name}}   only when the value is there, or is not
 * Words of errors and of states stand in the template too, hidden, so that scripts carry none. The build refuses a template with
 * script or style of its own, with a place where escaping would not help, and with an unknown word or file.
 *
 * A route that answers browsers has the flag PAGE and, unless its errors are for scripts, .errors = &page_errors: then what goes
 * wrong is told in a page as well. It stays out of the OpenAPI documents.
 *
 *   static const struct page_template capture_page = { "capture.html", .csp = "media-src blob:", .permissions = "camera=(self)" };
 *   return page_answer(op, 200, &capture_page, VALUES({ "title", title }, { "token", token }));
 */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "api/route.h"

struct page_template {
	const char *file;        /* template in web/ */
	const char *csp;         /* directives besides the usual ones, which forbid everything that is not the server's own; may be NULL */
	const char *permissions; /* Permissions-Policy: what of the browser's the page may use; NULL: nothing */
};

struct page_value {
	const char *name;
	struct slice text;
};

#define VALUES(...)                                  \
	(const struct page_value[]){ __VA_ARGS__ },   \
		sizeof((const struct page_value[]){ __VA_ARGS__ }) / sizeof(struct page_value)
#define NO_VALUES NULL, 0

/* The whole answer. `href` and `src` take values as they are: the handler vouches for their scheme. */
err page_answer(struct op *op, int status, const struct page_template *page, const struct page_value *values, size_t n);
/* What is wrong, in a page; for .errors of a route. */
extern const struct op_errors page_errors;

/* A file of web/ as the answer, with its ETag; 304 when the browser has it. Kept for good when the query names the content, as
 * {{asset…}} does. */
err page_file_answer(struct op *op, const char *name);

/* ---- the reader's language ---- */

enum page_language { LANGUAGE_EN, LANGUAGE_NB, LANGUAGES };

/* By ?lang= in the query, else by Accept-Language; English when neither is ours. */
enum page_language page_language(const struct op *op);

enum page_word {
#define WORD(name, en, nb) WORD_##name,
#include "page/words.def"
#undef WORD
	WORD_COUNT
};

const char *page_word(enum page_language language, enum page_word word);

/* ---- cookies ---- */

/* Empty when there is none; the first one, when a browser sends several of that name. */
struct slice page_cookie(const struct http_request *req, const char *name);
/* For the browser's session, HttpOnly and SameSite=Lax, for the whole host. The name starts with "__Host-" when it is `secure`. */
void page_cookie_set(struct op *op, const char *name, struct slice value, bool secure);

extern const struct route_table page_routes; /* GET /web/{file} */

#endif
