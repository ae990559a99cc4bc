/* The catalogue of documents. */
#include "proofing/internal.h"

struct row {
	int64_t id;
	const char *country, *country_name, *type, *name, *icao, *source;
};

static const struct row rows[] = {
#define DOCUMENT(id, country, country_name, type, name, icao, source) { id, country, country_name, type, name, icao, source },
#include "proofing/doctypes.def"
#undef DOCUMENT
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

static struct slice or_absent(const char *text)
{
	return *text ? slice_text(text) : slice_of(NULL, 0);
}

static struct document_type type_of(const struct row *row)
{
	struct document_type t = {
		.id = row->id,
		.country = slice_text(row->country),
		.countryName = slice_text(row->country_name),
		.type = slice_text(row->type),
		.name = slice_text(row->name),
		.icao = or_absent(row->icao),
		.source = or_absent(row->source),
	};

	MARK(&t, document_type, id);
	return t;
}

struct list doc_types_of(const struct proofing_config *config, struct arena *a)
{
	struct document_type *items;

	if (config->documentTypes.n)
		return config->documentTypes;
	items = arena_array(a, struct document_type, ROWS);
	for (size_t i = 0; i < ROWS; i++)
		items[i] = type_of(&rows[i]);
	return (struct list){ items, ROWS };
}

const struct document_type *doc_type_find(const struct list *types, int64_t id)
{
	const struct document_type *items = types->items;

	for (size_t i = 0; i < types->n; i++)
		if (items[i].id == id)
			return &items[i];
	return NULL;
}

static bool is_wanted(const struct process_content *content, int64_t id)
{
	const int64_t *ids = content->docTypes.items;

	for (size_t i = 0; i < content->docTypes.n; i++)
		if (ids[i] == id)
			return true;
	return content->docTypes.n == 0;
}

struct list doc_types_allowed(const struct proofing_config *config, const struct process_content *content, struct arena *a)
{
	struct list all = doc_types_of(config, a);
	const struct document_type *from = all.items;
	struct document_type *items = arena_array(a, struct document_type, all.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < all.n; i++)
		if (from[i].id == content->defaultId && is_wanted(content, from[i].id))
			items[n++] = from[i];
	for (size_t i = 0; i < all.n; i++)
		if (from[i].id != content->defaultId && is_wanted(content, from[i].id))
			items[n++] = from[i];
	return (struct list){ items, n };
}
