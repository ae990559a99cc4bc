#include "base/uuid.h"

static void stamp(struct uuid *id, uint8_t version)
{
	id->b[6] = (uint8_t)((id->b[6] & 0x0f) | version << 4);
	id->b[8] = (uint8_t)((id->b[8] & 0x3f) | 0x80);
}

struct uuid uuid_v7(const struct env *env, int64_t now_ms)
{
	struct uuid id;

	env_random(env, id.b + 6, UUID_BYTES - 6);
	for (int i = 0; i < 6; i++)
		id.b[i] = (uint8_t)((uint64_t)now_ms >> (40 - 8 * i));
	stamp(&id, 7);
	return id;
}

struct uuid uuid_v4(const struct env *env)
{
	struct uuid id;

	env_random(env, id.b, UUID_BYTES);
	stamp(&id, 4);
	return id;
}

static int nibble(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

err uuid_parse(struct slice text, struct uuid *ret_id)
{
	struct uuid id;
	size_t at = 0;

	ENSURE(text.n == UUID_TEXT, PARSE);
	for (size_t i = 0; i < UUID_BYTES; i++) {
		int high, low;

		if (i == 4 || i == 6 || i == 8 || i == 10)
			ENSURE(text.p[at++] == '-', PARSE);
		high = nibble(text.p[at]);
		low = nibble(text.p[at + 1]);
		ENSURE(high >= 0 && low >= 0, PARSE);
		id.b[i] = (uint8_t)(high << 4 | low);
		at += 2;
	}
	*ret_id = id;
	return OK;
}

void uuid_format(const struct uuid *id, char out[static UUID_TEXT + 1])
{
	static const char hex[] = "0123456789abcdef";
	size_t at = 0;

	for (size_t i = 0; i < UUID_BYTES; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[at++] = '-';
		out[at++] = hex[id->b[i] >> 4];
		out[at++] = hex[id->b[i] & 15];
	}
	out[at] = 0;
}

struct slice uuid_text(struct arena *a, const struct uuid *id)
{
	char *p = arena_alloc(a, UUID_TEXT + 1);

	uuid_format(id, p);
	return slice_of(p, UUID_TEXT);
}
