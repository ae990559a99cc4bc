#include "codec/multipart.h"

enum { BOUNDARY_BYTES_MAX = 70 }; /* RFC 2046, 5.1.1 */

static struct slice unquote(struct slice s)
{
	return s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"' ? slice_of(s.p + 1, s.n - 2) : s;
}

struct slice multipart_boundary(struct slice content_type)
{
	struct slice rest = content_type, media = slice_trim(slice_cut(&rest, ';'));

	if (!slice_ieq(media, S("multipart/form-data")))
		return S("");
	while (rest.n) {
		struct slice value = slice_cut(&rest, ';'), name = slice_trim(slice_cut(&value, '='));
		struct slice boundary = unquote(slice_trim(value));

		if (slice_ieq(name, S("boundary")) && boundary.n <= BOUNDARY_BYTES_MAX)
			return boundary;
	}
	return S("");
}

static size_t find(struct slice text, struct slice mark)
{
	const uint8_t *at = text.p ? memmem(text.p, text.n, mark.p, mark.n) : NULL;

	return at ? (size_t)(at - text.p) : text.n;
}

static err take(struct slice *rest, struct slice mark)
{
	ENSURE(slice_starts(*rest, mark), PARSE);
	*rest = slice_of(rest->p + mark.n, rest->n - mark.n);
	return OK;
}

/* name="…"; filename="…" */
static void read_disposition(struct slice rest, struct part *part)
{
	while (rest.n) {
		struct slice value = slice_cut(&rest, ';'), name = slice_trim(slice_cut(&value, '='));

		if (slice_ieq(name, S("name")))
			part->name = unquote(slice_trim(value));
		else if (slice_ieq(name, S("filename")))
			part->file_name = unquote(slice_trim(value));
	}
}

static void read_header(struct slice line, struct part *part)
{
	struct slice value = line, name = slice_cut(&value, ':');

	if (slice_ieq(name, S("Content-Disposition")))
		read_disposition(value, part);
	else if (slice_ieq(name, S("Content-Type")))
		part->media_type = slice_trim(value);
}

static err read_part(struct slice *rest, struct slice mark, struct part *part)
{
	size_t end;

	*part = (struct part){ .name = S("") };
	for (;;) {
		struct slice line;

		end = find(*rest, S("\r\n"));
		ENSURE(end < rest->n, PARSE);
		line = slice_of(rest->p, end);
		*rest = slice_of(rest->p + end + 2, rest->n - end - 2);
		if (line.n == 0)
			break;
		read_header(line, part);
	}
	end = find(*rest, mark);
	ENSURE(end < rest->n && part->name.n, PARSE);
	part->value = slice_of(rest->p, end);
	*rest = slice_of(rest->p + end + mark.n, rest->n - end - mark.n);
	return OK;
}

err multipart_read(struct slice body, struct slice boundary, struct arena *a, struct part *parts, size_t max, size_t *ret_n)
{
	struct slice mark = arena_printf(a, "\r\n--%.*s", FMT(boundary)), rest = body;

	*ret_n = 0;
	ENSURE(boundary.n, PARSE);
	TRY(take(&rest, slice_of(mark.p + 2, mark.n - 2)));
	while (!slice_starts(rest, S("--"))) {
		ENSURE(*ret_n < max, LIMIT);
		TRY(take(&rest, S("\r\n")));
		TRY(read_part(&rest, mark, &parts[(*ret_n)++]));
	}
	return OK;
}
