/* Writing: structs into JSON. And the enumerations, which both directions share. */
#include "base/timestamp.h"
#include "codec/encode.h"
#include "codec/json.h"
#include "codec/schema.h"

const char *enum_text(const struct enumeration *e, int value)
{
	return value > 0 && (size_t)value < e->n ? e->values[value].name : "";
}

int enum_find(const struct enumeration *e, struct slice text, bool any_case)
{
	for (size_t i = 1; i < e->n; i++) {
		struct slice name = slice_text(e->values[i].name);

		if (any_case ? slice_ieq(name, text) : slice_eq(name, text))
			return (int)i;
	}
	return 0;
}

static bool absent(const struct schema *schema, const struct field *f, const void *object)
{
	const uint64_t *set = object;
	const void *at = (const uint8_t *)object + f->offset;

	switch (f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
	case FIELD_BYTES:
		return ((const struct slice *)at)->p == NULL;
	case FIELD_JSON:
		return ((const struct slice *)at)->n == 0;
	case FIELD_UUID:
		return uuid_is_nil(at);
	case FIELD_TIME:
	case FIELD_TIME_SECONDS:
	case FIELD_TIME_UTC:
		return *(const int64_t *)at == 0;
	case FIELD_ENUM:
		return *(const int *)at == 0;
	case FIELD_MAP:
	case FIELD_OBJ:
		return *(void *const *)at == NULL;
	case FIELD_LIST:
	case FIELD_STRS:
	case FIELD_INTS:
		return ((const struct list *)at)->items == NULL && !(f->flags & REQ);
	default:
		return !(f->flags & REQ) && !(*set >> (f - schema->fields) & 1);
	}
}

static void write_object(struct jw *w, const struct schema *schema, const void *object);

static void write_time(struct jw *w, int64_t ms, enum time_style style)
{
	jw_raw(w, S("\""));
	time_write(w->b, ms, style);
	buf_byte(w->b, '"');
}

static void write_uuid(struct jw *w, const struct uuid *id)
{
	char text[1 + UUID_TEXT + 1];

	text[0] = '"';
	uuid_format(id, text + 1);
	text[1 + UUID_TEXT] = '"';
	jw_raw(w, slice_of(text, sizeof(text)));
}

static void write_bytes(struct jw *w, struct slice bytes)
{
	jw_raw(w, S("\""));
	b64url_write(w->b, bytes);
	buf_byte(w->b, '"');
}

static void write_list(struct jw *w, const struct field *f, const struct list *list)
{
	const struct schema *schema = f->of;

	jw_open(w, '[');
	for (size_t i = 0; i < list->n; i++) {
		if (f->type == FIELD_STRS)
			jw_text(w, ((const struct slice *)list->items)[i]);
		else if (f->type == FIELD_INTS)
			jw_int(w, ((const int64_t *)list->items)[i]);
		else
			write_object(w, schema, (const uint8_t *)list->items + i * schema->size);
	}
	jw_close(w, ']');
}

static void write_map(struct jw *w, json_t *map)
{
	jw_raw(w, S(""));
	json_write_value(w->b, map);
}

static void write_value(struct jw *w, const struct field *f, const void *at)
{
	switch (f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
		jw_text(w, *(const struct slice *)at);
		break;
	case FIELD_JSON:
		jw_raw(w, *(const struct slice *)at);
		break;
	case FIELD_BYTES:
		write_bytes(w, *(const struct slice *)at);
		break;
	case FIELD_UUID:
		write_uuid(w, at);
		break;
	case FIELD_TIME:
		write_time(w, *(const int64_t *)at, TIME_AS_MS);
		break;
	case FIELD_TIME_SECONDS:
		write_time(w, *(const int64_t *)at, TIME_AS_SECONDS);
		break;
	case FIELD_TIME_UTC:
		write_time(w, *(const int64_t *)at, TIME_AS_UTC);
		break;
	case FIELD_BOOL:
		jw_bool(w, *(const bool *)at);
		break;
	case FIELD_INT:
	case FIELD_INT_ANY:
		jw_int(w, *(const int64_t *)at);
		break;
	case FIELD_INT_TEXT:
		jw_raw(w, S("\""));
		buf_i64_text(w->b, *(const int64_t *)at);
		buf_byte(w->b, '"');
		break;
	case FIELD_ENUM:
		jw_cstr(w, enum_text(f->of, *(const int *)at));
		break;
	case FIELD_MAP:
		write_map(w, *(json_t *const *)at);
		break;
	case FIELD_OBJ:
		write_object(w, f->of, *(void *const *)at);
		break;
	case FIELD_LIST:
	case FIELD_STRS:
	case FIELD_INTS:
		write_list(w, f, at);
		break;
	}
}

static void write_object(struct jw *w, const struct schema *schema, const void *object)
{
	const uint64_t *bits = object; /* every schema struct begins with `set, nulls` */

	jw_open(w, '{');
	for (size_t i = 0; i < schema->n; i++) {
		const struct field *f = &schema->fields[i];

		if (bits[1] >> i & 1) {
			jw_key(w, f->name);
			jw_raw(w, S("null"));
		} else if (!absent(schema, f, object)) {
			jw_key(w, f->name);
			write_value(w, f, (const uint8_t *)object + f->offset);
		}
	}
	jw_close(w, '}');
}

void schema_write(const struct schema *schema, const void *object, struct buf *b)
{
	struct jw w = jw_new(b);

	write_object(&w, schema, object);
}
