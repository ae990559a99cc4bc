#include "http/trace.h"

#include "codec/encode.h"

enum { ID_DIGITS = 32, PARENT_DIGITS = 16, FLAG_DIGITS = 2, TRACEPARENT_BYTES = 55 };

static bool is_lower_hex(struct slice s, bool zero_allowed)
{
	bool zero = true;

	for (size_t i = 0; i < s.n; i++) {
		if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(s.p[i] >= 'a' && s.p[i] <= 'f'))
			return false;
		zero = zero && s.p[i] == '0';
	}
	return zero_allowed || !zero;
}

/* W3C Trace Context, section 3.2: 00-traceid-parentid-flags. */
static bool parse(struct slice value, struct slice *ret_id)
{
	struct slice rest = value, version = slice_cut(&rest, '-'), id = slice_cut(&rest, '-'), parent = slice_cut(&rest, '-');

	if (value.n != TRACEPARENT_BYTES || !slice_is(version, "00"))
		return false;
	if (id.n != ID_DIGITS || parent.n != PARENT_DIGITS || rest.n != FLAG_DIGITS)
		return false;
	*ret_id = id;
	return is_lower_hex(id, false) && is_lower_hex(parent, false) && is_lower_hex(rest, true);
}

void trace_begin(struct http_request *req, const struct env *env)
{
	struct slice id;

	if (http_header_count(req, "traceparent") != 1 || !parse(http_header(req, "traceparent"), &id) ||
	    failed(hex_read(id, req->trace_id, sizeof(req->trace_id)))) {
		env_random(env, req->trace_id, sizeof(req->trace_id));
		id = hex(&req->arena, slice_of(req->trace_id, sizeof(req->trace_id)));
	}
	memcpy(req->trace, id.p, ID_DIGITS);
	req->trace[ID_DIGITS] = 0;
}
