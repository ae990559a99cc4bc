/* A process with everything that is kept of it, as a zip file; made with libzip, in memory. */
#include <zip.h> /* before base/err.h, which defines err */

#include "proofing/assure.h"

enum { ENTRIES_MAX = 20 };

SQL(files_to_pack, "SELECT id, kind FROM proofing_files WHERE process = $1 ORDER BY kind LIMIT $2");

static const struct {
	const char *type, *ending;
} endings[] = { { "image/jpeg", ".jpg" }, { "image/png", ".png" }, { "video/mp4", ".mp4" }, { "video/webm", ".webm" } };

static const char *ending_of(struct slice type)
{
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (slice_is(type, endings[i].type))
			return endings[i].ending;
	return ".bin";
}

/* What is packed lives until the zip file is closed. */
static bool pack(zip_t *zip, struct slice name, struct slice bytes, time_t at)
{
	zip_source_t *source = zip_source_buffer(zip, bytes.p, bytes.n, 0);
	zip_int64_t index = source ? zip_file_add(zip, (const char *)name.p, source, ZIP_FL_ENC_UTF_8) : -1;

	if (source && index < 0)
		zip_source_free(source);
	return index >= 0 && zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0 &&
	       zip_file_set_mtime(zip, (zip_uint64_t)index, at, 0) == 0;
}

struct packing {
	struct slice names[ENTRIES_MAX], bytes[ENTRIES_MAX];
	size_t n;
	time_t at;
};

static void put(struct packing *p, struct slice name, struct slice bytes)
{
	if (p->n < ENTRIES_MAX && bytes.n) {
		p->names[p->n] = name;
		p->bytes[p->n++] = bytes;
	}
}

static err read_back(zip_source_t *source, struct arena *a, struct slice *ret_bytes)
{
	zip_stat_t stat;
	uint8_t *out;
	bool good;

	ENSURE(zip_source_stat(source, &stat) == 0 && zip_source_open(source) == 0, INTERNAL);
	out = arena_alloc(a, (size_t)stat.size);
	good = zip_source_read(source, out, stat.size) == (zip_int64_t)stat.size;
	zip_source_close(source);
	ENSURE(good, INTERNAL);
	*ret_bytes = slice_of(out, (size_t)stat.size);
	return OK;
}

static err make(const struct packing *p, struct arena *a, struct slice *ret_bytes)
{
	zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, NULL);
	zip_t *zip = source ? zip_open_from_source(source, ZIP_TRUNCATE, NULL) : NULL;
	bool good = zip != NULL;
	struct error e;

	if (zip)
		zip_source_keep(source);
	for (size_t i = 0; i < p->n && good; i++)
		good = pack(zip, p->names[i], p->bytes[i], p->at);
	if (zip && (!good || zip_close(zip) != 0)) {
		zip_discard(zip);
		good = false;
	}
	e = good ? read_back(source, a, ret_bytes) : FAIL(INTERNAL);
	if (source)
		zip_source_free(source);
	return e;
}

static err put_files(struct op *op, const struct process *process, struct packing *p)
{
	struct uuid ids[ENTRIES_MAX];
	struct slice kinds[ENTRIES_MAX], type, bytes;
	struct rows r;
	size_t n = 0;

	TRY(sql_open(op_reader(op), &files_to_pack, ARGS(v_uuid(&process->id), v_int(ENTRIES_MAX)), &r));
	while (n < ENTRIES_MAX && rows_next(&r)) {
		ids[n] = col_uuid(&r, 0);
		kinds[n++] = arena_copy(op->arena, col_text(&r, 1));
	}
	TRY(sql_close(&r));
	for (size_t i = 0; i < n; i++) {
		TRY(file_open(op, &process->dossier, &ids[i], &type, &bytes));
		put(p, arena_printf(op->arena, "%.*s%s", FMT(kinds[i]), ending_of(type)), bytes);
	}
	return OK;
}

err download_prepare(struct op *op)
{
	struct packing *p = arena_new(op->arena, struct packing);
	struct buf json = buf_arena(op->arena, REPLY_BYTES_MAX);
	struct process process;
	struct process_view view;
	struct slice zip;

	TRY(process_in_path(op, op_reader(op), &process));
	TRY(process_show(op, &process, &view));
	schema_write(&process_view_schema, &view, &json);
	TRY(buf_ok(&json));
	p->at = (time_t)(process.updated / 1000);
	put(p, S("process.json"), buf_bytes(&json));
	put(p, S("raw.json"), process.result);
	TRY(put_files(op, &process, p));
	TRY(make(p, op->arena, &zip));
	http_add_header(op->http, "Content-Disposition", arena_printf(op->arena, "attachment; filename=\"%.*s.zip\"",
		FMT(uuid_text(op->arena, &process.id))));
	http_add_header(op->http, "Cache-Control", S("no-store"));
	op_answer(op, 200, "application/zip", zip);
	return OK;
}
