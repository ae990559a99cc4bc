#include "tests/unit/common/outbound_fake.h"

static void copy(struct outbound_fake *fake, const struct outbound_request *from, struct outbound_request *to)
{
	struct http_header *headers = arena_array(&fake->arena, struct http_header, from->header_count);

	*to = *from;
	to->url = arena_copy(&fake->arena, from->url);
	to->body = arena_copy(&fake->arena, from->body);
	to->tls = NULL;
	for (size_t i = 0; i < from->header_count; i++)
		headers[i] = (struct http_header){ arena_copy(&fake->arena, from->headers[i].name),
			arena_copy(&fake->arena, from->headers[i].value) };
	to->headers = headers;
}

static void end(struct outbound_fake *fake, size_t call, const struct outbound_answer *answer)
{
	assert_true(call < fake->count);
	assert_false(fake->answered[call]);
	fake->answered[call] = true;
	fake->calls[call].done(fake->calls[call].ctx, answer);
}

static void fake_send(struct outbound *outbound, const struct outbound_request *request)
{
	struct outbound_fake *fake = (struct outbound_fake *)outbound;

	size_t at = fake->count;

	assert_true(at < OUTBOUND_FAKE_CALLS_MAX);
	copy(fake, request, &fake->calls[at]);
	fake->count = at + 1;
	if (fake->status)
		outbound_fake_answer(fake, at, fake->status, "");
}

struct outbound_fake *outbound_fake_new(void)
{
	struct outbound_fake *fake = xalloc(sizeof(*fake));

	fake->outbound.send = fake_send;
	arena_init(&fake->arena);
	return fake;
}

void outbound_fake_free(struct outbound_fake *fake)
{
	for (size_t i = 0; i < fake->count; i++)
		if (!fake->answered[i])
			outbound_fake_fail(fake, i, OUTBOUND_STOPPED);
	arena_free(&fake->arena);
	free(fake);
}

void outbound_fake_answer(struct outbound_fake *fake, size_t call, int status, const char *body)
{
	end(fake, call, &(struct outbound_answer){ .reason = OUTBOUND_ANSWERED, .status = status, .body = slice_text(body) });
}

void outbound_fake_fail(struct outbound_fake *fake, size_t call, enum outbound_reason reason)
{
	end(fake, call, &(struct outbound_answer){ .reason = reason });
}

const char *outbound_fake_header(struct outbound_fake *fake, size_t call, const char *name)
{
	const struct outbound_request *sent = &fake->calls[call];

	for (size_t i = 0; i < sent->header_count; i++)
		if (slice_ieq(sent->headers[i].name, slice_text(name)))
			return arena_cstr(&fake->arena, sent->headers[i].value);
	return "";
}
