#include "authenticator/keystore.h"

#include <stdio.h>

#include "codec/encode.h"

static err save(struct store *s)
{
	struct buf b = buf_arena(s->arena, STORE_FILE_BYTES_MAX);

	buf_text(&b, "key ");
	hex_write(&b, slice_of(s->key, sizeof(s->key)));
	buf_text(&b, "\ndevice ");
	hex_write(&b, slice_of(s->device, sizeof(s->device)));
	buf_text(&b, "\n");
	for (size_t i = 0; i < s->generation_count; i++)
		buf_printf(&b, "generation %s %llu\n", s->generations[i].name, (unsigned long long)s->generations[i].number);
	TRY(buf_ok(&b));
	return store_write(s, "keystore", "", "", buf_bytes(&b));
}

static err read_generation(struct store *s, struct slice rest)
{
	struct slice name = slice_cut(&rest, ' ');
	struct generation *g = &s->generations[s->generation_count];

	ENSURE(s->generation_count < STORE_NAMES_MAX && name.n < sizeof(g->name), PARSE);
	TRY(slice_u64(rest, &g->number));
	snprintf(g->name, sizeof(g->name), "%.*s", FMT(name));
	s->generation_count++;
	return OK;
}

static err read_line(struct store *s, struct slice line)
{
	struct slice rest = line, word = slice_cut(&rest, ' ');

	if (slice_is(word, "key"))
		return hex_read(rest, s->key, sizeof(s->key));
	if (slice_is(word, "device"))
		return hex_read(rest, s->device, sizeof(s->device));
	return slice_is(word, "generation") ? read_generation(s, rest) : FAIL(PARSE);
}

static err parse(struct store *s, struct slice text)
{
	while (text.n)
		if (failed(read_line(s, slice_cut(&text, '\n')))) {
			s->why = S("The file keystore in the store is damaged.");
			return FAIL(PARSE);
		}
	return OK;
}

err keystore_load(struct store *s)
{
	struct slice text;
	struct error e = store_read(s, "keystore", "", "", &text);

	if (!failed(e))
		return parse(s, text);
	if (!is_err(e, E_NO_ROW))
		return e;
	env_random(s->env, s->key, sizeof(s->key));
	env_random(s->env, s->device, sizeof(s->device));
	return save(s);
}

static struct generation *find(struct store *s, const char *name)
{
	for (size_t i = 0; i < s->generation_count; i++)
		if (strcmp(s->generations[i].name, name) == 0)
			return &s->generations[i];
	return NULL;
}

uint64_t store_generation(const struct store *s, const char *name)
{
	for (size_t i = 0; i < s->generation_count; i++)
		if (strcmp(s->generations[i].name, name) == 0)
			return s->generations[i].number;
	return 0;
}

err store_set_generation(struct store *s, const char *name, uint64_t number)
{
	struct generation *g = find(s, name);

	if (!g) {
		ENSURE(s->generation_count < STORE_NAMES_MAX, LIMIT);
		g = &s->generations[s->generation_count++];
		snprintf(g->name, sizeof(g->name), "%s", name);
	}
	g->number = number;
	return save(s);
}
