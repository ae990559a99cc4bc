/* Reading: JSON objects and form pairs into structs, with every fault collected. */
#include "base/limits.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "codec/encode.h"
#include "codec/form.h"
#include "codec/json.h"
#include "codec/schema.h"

struct reading {
	struct arena *a;
	struct invalids *bad;
	struct slice path; /* "operationProperties." in front of the names of nested fields */
};

void invalid_add(struct invalids *bad, struct slice name, const char *format, ...)
{
	va_list args;

	if (bad->n == 0)
		bad->list = arena_array(bad->arena, struct invalid, INVALIDS_MAX);
	if (bad->n < INVALIDS_MAX) {
		va_start(args, format);
		bad->list[bad->n] = (struct invalid){ name, arena_vprintf(bad->arena, format, args), false };
		va_end(args);
		bad->n++;
	}
}

/* Adds "NAME what", NAME being the place of the field in the whole request. */
static void __attribute__((format(printf, 3, 4))) fault(struct reading *r, const struct field *f, const char *format, ...)
{
	struct slice name, what;
	va_list args;

	if (r->bad->n == INVALIDS_MAX)
		return;
	va_start(args, format);
	what = arena_vprintf(r->bad->arena, format, args);
	va_end(args);
	name = arena_printf(r->bad->arena, "%.*s%s", FMT(r->path), f->name);
	invalid_add(r->bad, name, "%.*s %.*s", FMT(name), FMT(what));
}

static void empty_fault(struct reading *r, const struct field *f)
{
	size_t at = r->bad->n;

	fault(r, f, "cannot be null or empty");
	if (at < r->bad->n)
		r->bad->list[at].missing = true;
}

static void range_fault(struct reading *r, const struct field *f, const char *unit)
{
	fault(r, f, "must be between %lld and %lld%s", (long long)f->min, (long long)f->max, unit);
}

static bool bounded(const struct field *f)
{
	return f->min != 0 || f->max != 0;
}

static bool may_be_empty(const struct field *f)
{
	return !(f->flags & REQ) || (f->flags & EMPTY);
}

/* May a text, a list or a map have this size? The one that need not be there may always be empty. */
static bool size_fits(struct reading *r, const struct field *f, size_t size, const char *unit)
{
	if (size == 0) {
		if (!may_be_empty(f))
			empty_fault(r, f);
		return may_be_empty(f);
	}
	if (bounded(f) && (size < (size_t)f->min || size > (size_t)f->max)) {
		range_fault(r, f, unit);
		return false;
	}
	return true;
}

static void put_text(struct reading *r, const struct field *f, struct slice text, void *at)
{
	if (text_has_controls(text, f->type == FIELD_TEXT))
		fault(r, f, "must not contain control characters");
	else if (size_fits(r, f, text_points(text), " characters long"))
		*(struct slice *)at = text;
}

static void put_int(struct reading *r, const struct field *f, int64_t value, void *at)
{
	if (bounded(f) && (value < f->min || value > f->max))
		range_fault(r, f, "");
	else
		*(int64_t *)at = value;
}

static void put_bytes(struct reading *r, const struct field *f, struct slice text, void *at)
{
	struct slice bytes;

	if (failed(b64url_read(r->a, text, &bytes)))
		fault(r, f, "must be base64url without padding");
	else if (bounded(f) && (bytes.n < (size_t)f->min || bytes.n > (size_t)f->max))
		range_fault(r, f, " bytes long");
	else
		*(struct slice *)at = bytes;
}

static void enum_fault(struct reading *r, const struct field *f)
{
	const struct enumeration *e = f->of;
	struct buf list = buf_arena(r->bad->arena, 4096);

	for (size_t i = 1; i < e->n; i++)
		buf_printf(&list, "%s%s", i > 1 ? ", " : "", e->values[i].name);
	fault(r, f, "must be one of %.*s", FMT(buf_bytes(&list)));
}

static void put_int_text(struct reading *r, const struct field *f, struct slice text, void *at)
{
	int64_t number;

	if (failed(slice_i64(text, &number)))
		fault(r, f, "must be a number");
	else
		put_int(r, f, number, at);
}

/* Scalars come as text (query, or a JSON string) in the same way. */
static void put_from_text(struct reading *r, const struct field *f, struct slice text, void *at)
{
	if (text.n == 0 && !may_be_empty(f)) {
		empty_fault(r, f);
		return;
	}
	switch (f->type) {
	case FIELD_STR:
	case FIELD_TEXT:
		put_text(r, f, text, at);
		break;
	case FIELD_BYTES:
		put_bytes(r, f, text, at);
		break;
	case FIELD_UUID:
		if (failed(uuid_parse(text, at)))
			fault(r, f, "must be a valid UUID");
		break;
	case FIELD_TIME:
	case FIELD_TIME_SECONDS:
	case FIELD_TIME_UTC:
		if (failed(time_parse(text, at)))
			fault(r, f, "must be a time in ISO 8601 form");
		break;
	case FIELD_ENUM:
		*(int *)at = enum_find(f->of, text, f->flags & NOCASE);
		if (*(int *)at == 0)
			enum_fault(r, f);
		break;
	case FIELD_INT:
	case FIELD_INT_TEXT:
	case FIELD_INT_ANY:
		put_int_text(r, f, text, at);
		break;
	default:
		fault(r, f, "cannot be given here"); /* only a form can come here: it has no objects and no lists */
	}
}

static void read_object(struct reading *r, const struct schema *schema, json_t *object, void *out);

static bool right_type(const struct field *f, const json_t *value)
{
	switch (f->type) {
	case FIELD_BOOL:
		return json_is_boolean(value);
	case FIELD_INT:
		return json_is_integer(value);
	case FIELD_INT_TEXT:
	case FIELD_INT_ANY:
		return json_is_integer(value) || json_is_string(value);
	case FIELD_MAP:
	case FIELD_OBJ:
		return json_is_object(value);
	case FIELD_LIST:
	case FIELD_STRS:
	case FIELD_INTS:
		return json_is_array(value);
	case FIELD_JSON:
		return true;
	default:
		return json_is_string(value);
	}
}

static const char *type_words(const struct field *f)
{
	switch (f->type) {
	case FIELD_BOOL:
		return "must be true or false";
	case FIELD_INT:
		return "must be an integer";
	case FIELD_INT_TEXT:
	case FIELD_INT_ANY:
		return "must be an integer, as a number or a string";
	case FIELD_MAP:
	case FIELD_OBJ:
		return "must be an object";
	case FIELD_LIST:
	case FIELD_STRS:
	case FIELD_INTS:
		return "must be an array";
	default:
		return "must be a string";
	}
}

static bool is_name(const json_t *item)
{
	struct slice text = json_text(item);

	return json_is_string(item) && text.n && !text_has_controls(text, false) && text_points(text) <= LIST_STRING_POINTS_MAX;
}

static void put_strings(struct reading *r, const struct field *f, json_t *array, struct list *out)
{
	size_t n = json_array_size(array), i;
	struct slice *items;
	json_t *item;

	if (!size_fits(r, f, n, " items long"))
		return;
	items = arena_array(r->a, struct slice, n);
	json_array_foreach(array, i, item) {
		if (!is_name(item)) {
			fault(r, f, "must hold strings of 1 to %d characters without control characters", LIST_STRING_POINTS_MAX);
			return;
		}
		items[i] = json_text(item);
	}
	*out = (struct list){ items, n };
}

static void put_ints(struct reading *r, const struct field *f, json_t *array, struct list *out)
{
	size_t n = json_array_size(array), i;
	int64_t *items;
	json_t *item;

	if (!size_fits(r, f, n, " items long"))
		return;
	items = arena_array(r->a, int64_t, n);
	json_array_foreach(array, i, item) {
		if (!json_is_integer(item) || json_integer_value(item) < 0) {
			fault(r, f, "must hold integers from 0 on");
			return;
		}
		items[i] = json_integer_value(item);
	}
	*out = (struct list){ items, n };
}

static void put_objects(struct reading *r, const struct field *f, json_t *array, struct list *out)
{
	const struct schema *schema = f->of;
	size_t n = json_array_size(array), i;
	uint8_t *items;
	json_t *item;

	if (!size_fits(r, f, n, " items long"))
		return;
	items = arena_alloc_array(r->a, schema->size, n);
	json_array_foreach(array, i, item) {
		struct reading inner = { r->a, r->bad, arena_printf(r->a, "%.*s%s[%zu].", FMT(r->path), f->name, i) };

		if (json_is_object(item))
			read_object(&inner, schema, item, items + i * schema->size);
		else
			fault(r, f, "must hold objects");
	}
	*out = (struct list){ items, n };
}

static void put_json(struct reading *r, const struct field *f, json_t *value, void *at)
{
	struct buf text = buf_arena(r->a, BODY_BYTES_MAX);

	json_write_value(&text, value);
	if (failed(buf_ok(&text)) || (bounded(f) && text.n > (size_t)f->max))
		fault(r, f, "is too large");
	else
		*(struct slice *)at = buf_bytes(&text);
}

static void put_object(struct reading *r, const struct field *f, json_t *value, void **at)
{
	const struct schema *schema = f->of;
	struct reading inner = { r->a, r->bad, arena_printf(r->a, "%.*s%s.", FMT(r->path), f->name) };

	*at = arena_alloc(r->a, schema->size);
	read_object(&inner, schema, value, *at);
}

static void put_value(struct reading *r, const struct field *f, json_t *value, void *at)
{
	if (!right_type(f, value)) {
		fault(r, f, "%s", type_words(f));
		return;
	}
	switch (f->type) {
	case FIELD_BOOL:
		*(bool *)at = json_is_true(value);
		break;
	case FIELD_MAP:
		if (size_fits(r, f, json_object_size(value), " entries"))
			*(json_t **)at = value;
		break;
	case FIELD_JSON:
		put_json(r, f, value, at);
		break;
	case FIELD_OBJ:
		put_object(r, f, value, at);
		break;
	case FIELD_LIST:
		put_objects(r, f, value, at);
		break;
	case FIELD_STRS:
		put_strings(r, f, value, at);
		break;
	case FIELD_INTS:
		put_ints(r, f, value, at);
		break;
	default:
		if (json_is_integer(value))
			put_int(r, f, json_integer_value(value), at);
		else
			put_from_text(r, f, json_text(value), at);
	}
}

static void mark(void *out, const struct schema *schema, const struct field *f, bool null)
{
	uint64_t *bits = out; /* every schema struct begins with `set, nulls` */
	uint64_t bit = (uint64_t)1 << (f - schema->fields);

	bits[0] |= bit;
	if (null)
		bits[1] |= bit;
}

static void read_object(struct reading *r, const struct schema *schema, json_t *object, void *out)
{
	for (size_t i = 0; i < schema->n; i++) {
		const struct field *f = &schema->fields[i];
		json_t *value = json_object_get(object, f->name);

		if (!value || json_is_null(value)) {
			if (f->flags & REQ)
				empty_fault(r, f);
			else if (value && (f->flags & NULLS))
				mark(out, schema, f, true);
			continue;
		}
		mark(out, schema, f, false);
		put_value(r, f, value, (uint8_t *)out + f->offset);
	}
}

void schema_read(const struct schema *schema, json_t *object, struct arena *a, struct invalids *bad, void *out)
{
	struct reading r = { a, bad, S("") };

	read_object(&r, schema, object, out);
}

static const struct field *field_named(const struct schema *schema, struct slice name)
{
	for (size_t i = 0; i < schema->n; i++)
		if (slice_is(name, schema->fields[i].name))
			return &schema->fields[i];
	return NULL;
}

static void put_form_value(struct reading *r, const struct field *f, struct slice text, void *at)
{
	if (f->type == FIELD_BOOL)
		*(bool *)at = slice_is(text, "true");
	else
		put_from_text(r, f, text, at);
}

err schema_read_form(const struct schema *schema, struct slice form, struct arena *a, struct invalids *bad, void *out,
	struct slice *ret_missing)
{
	struct reading r = { a, bad, S("") };
	uint64_t seen = 0, filled = 0;
	struct slice name, value;
	struct error e;

	while (form_next(&form, a, &name, &value, &e)) {
		const struct field *f = failed(e) ? NULL : field_named(schema, name);
		uint64_t bit = f ? (uint64_t)1 << (f - schema->fields) : 0;

		if (failed(e)) {
			invalid_add(bad, S("query"), "query holds a broken escape");
		} else if (seen & bit) {
			fault(&r, f, "is given more than once");
		} else if (f && value.n) {
			filled |= bit;
			mark(out, schema, f, false);
			put_form_value(&r, f, value, (uint8_t *)out + f->offset);
		}
		seen |= bit;
	}
	for (size_t i = 0; i < schema->n; i++) {
		const struct field *f = &schema->fields[i];

		if ((f->flags & REQ) && !(filled >> i & 1)) {
			*ret_missing = slice_text(f->name);
			return FAIL(PARAM_MISSING);
		}
	}
	return OK;
}
