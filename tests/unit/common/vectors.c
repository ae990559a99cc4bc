#include "tests/unit/common/vectors.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/encode.h"

static void demand(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "vectors: %s\n", what);
	abort();
}

json_t *vectors_load(const char *file)
{
	char path[256];
	json_t *root;

	snprintf(path, sizeof(path), "tests/vectors/%s", file);
	root = json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
	demand(root != NULL, path);
	return root;
}

json_t *vector_member(json_t *object, const char *name)
{
	json_t *member = json_object_get(object, name);

	demand(member != NULL, name);
	return member;
}

const char *vector_text(json_t *object, const char *name)
{
	const char *text = json_string_value(vector_member(object, name));

	demand(text != NULL, name);
	return text;
}

struct slice unhex(struct arena *a, const char *digits)
{
	size_t n = strlen(digits) / 2;
	uint8_t *bytes = arena_alloc(a, n + 1);

	demand(!failed(hex_read(slice_text(digits), bytes, n)), digits);
	return slice_of(bytes, n);
}

struct slice vector_bytes(struct arena *a, json_t *object, const char *name)
{
	return unhex(a, vector_text(object, name));
}
