/* Cookies (RFC 6265). */
#include "page/page.h"

static bool find_in(struct slice header, const char *name, struct slice *ret_value)
{
	while (header.n) {
		struct slice value = slice_trim(slice_cut(&header, ';')), key = slice_cut(&value, '=');

		if (slice_is(key, name)) {
			*ret_value = value;
			return true;
		}
	}
	return false;
}

struct slice page_cookie(const struct http_request *req, const char *name)
{
	struct slice value = S("");

	for (size_t i = 0; i < req->header_count; i++)
		if (slice_ieq(req->headers[i].name, S("Cookie")) && find_in(req->headers[i].value, name, &value))
			return value;
	return value;
}

/* "__Host-" wants Secure, Path=/ and no Domain: no other host, not even a sub-domain, can set it in its place. */
void page_cookie_set(struct op *op, const char *name, struct slice value, bool secure)
{
	http_add_header(op->http, "Set-Cookie", arena_printf(op->arena, "%s%s=%.*s; Path=/; HttpOnly; SameSite=Lax%s", secure ? "__Host-" : "",
		name, FMT(value), secure ? "; Secure" : ""));
}
