/* The JSON Schema half of the OpenAPI document: what struct schema says, in its words. */
#include <stdio.h>

#include "api/openapi.h"

/* Every schema that a route uses, those inside others too. */
void openapi_collect(struct openapi_known *known, const struct schema *schema)
{
	for (size_t i = 0; i < known->n; i++)
		if (known->list[i] == schema)
			return;
	if (!schema || known->n == SCHEMAS_MAX)
		return;
	known->list[known->n++] = schema;
	for (size_t i = 0; i < schema->n; i++)
		if (schema->fields[i].type == FIELD_OBJ || schema->fields[i].type == FIELD_LIST)
			openapi_collect(known, schema->fields[i].of);
}

void openapi_ref(struct jw *w, const struct schema *schema)
{
	char ref[128];

	snprintf(ref, sizeof(ref), "#/components/schemas/%s", schema->name);
	jw_pair(w, "$ref", ref);
}

static const char *json_type_text(const struct field *f)
{
	return f->flags & ARRAY ? "\"array\"" : f->flags & SCALAR ? "[\"string\",\"number\"]" : "\"object\"";
}

static const char *type_text(const struct field *f)
{
	switch (f->type) {
	case FIELD_BOOL:
		return "\"boolean\"";
	case FIELD_INT:
		return "\"integer\"";
	case FIELD_INT_TEXT:
	case FIELD_INT_ANY:
		return "[\"integer\",\"string\"]";
	case FIELD_MAP:
		return "\"object\"";
	case FIELD_JSON:
		return json_type_text(f);
	case FIELD_LIST:
	case FIELD_STRS:
	case FIELD_INTS:
		return "\"array\"";
	default:
		return f->flags & NULLS ? "[\"string\",\"null\"]" : "\"string\"";
	}
}

static void write_format(struct jw *w, const struct field *f)
{
	if (f->type == FIELD_UUID)
		jw_pair(w, "format", "uuid");
	if (f->type == FIELD_TIME || f->type == FIELD_TIME_SECONDS)
		jw_pair(w, "format", "date-time");
}

static bool is_list(const struct field *f)
{
	return f->type == FIELD_LIST || f->type == FIELD_STRS || f->type == FIELD_INTS;
}

static void write_bounds(struct jw *w, const struct field *f)
{
	bool text = f->type == FIELD_STR || f->type == FIELD_TEXT, items = is_list(f);
	int64_t min = f->min ? f->min : text && (f->flags & REQ) ? 1 : 0;

	if (min && (text || items))
		jw_pair_int(w, text ? "minLength" : "minItems", min);
	if (f->max && (text || items || f->type == FIELD_MAP))
		jw_pair_int(w, text ? "maxLength" : items ? "maxItems" : "maxProperties", f->max);
	if ((f->min || f->max) && (f->type == FIELD_INT || f->type == FIELD_INT_ANY || f->type == FIELD_INT_TEXT)) {
		jw_pair_int(w, "minimum", f->min);
		jw_pair_int(w, "maximum", f->max);
	}
}

static void write_enum(struct jw *w, const struct enumeration *e)
{
	jw_key(w, "enum");
	jw_open(w, '[');
	for (size_t i = 1; i < e->n; i++)
		jw_cstr(w, e->values[i].name);
	jw_close(w, ']');
}

static void write_items(struct jw *w, const struct field *f)
{
	jw_key(w, "items");
	jw_open(w, '{');
	if (f->type == FIELD_LIST)
		openapi_ref(w, f->of);
	else
		jw_pair(w, "type", f->type == FIELD_INTS ? "integer" : "string");
	jw_close(w, '}');
}

/* The schema of one value, without its documentation. */
void openapi_type(struct jw *w, const struct field *f)
{
	if (f->type == FIELD_OBJ) {
		openapi_ref(w, f->of);
		return;
	}
	jw_key(w, "type");
	jw_raw(w, slice_text(type_text(f)));
	write_format(w, f);
	write_bounds(w, f);
	if (f->type == FIELD_ENUM && !(f->flags & NOCASE))
		write_enum(w, f->of);
	if (is_list(f))
		write_items(w, f);
	if (f->type == FIELD_MAP || (f->type == FIELD_JSON && !(f->flags & (ARRAY | SCALAR))))
		jw_pair_bool(w, "additionalProperties", true);
}

/* An example object from the examples of the fields. */
void openapi_example(struct jw *w, const struct schema *schema)
{
	jw_open(w, '{');
	for (size_t i = 0; i < schema->n; i++) {
		const struct field *f = &schema->fields[i];
		bool nested = f->type == FIELD_OBJ || f->type == FIELD_LIST;

		if (!nested && !*f->example)
			continue;
		jw_key(w, f->name);
		if (f->type == FIELD_LIST)
			jw_open(w, '[');
		if (nested)
			openapi_example(w, f->of);
		else
			jw_raw(w, slice_text(f->example));
		if (f->type == FIELD_LIST)
			jw_close(w, ']');
	}
	jw_close(w, '}');
}

static void write_required(struct jw *w, const struct schema *schema)
{
	bool any = false;

	for (size_t i = 0; i < schema->n; i++)
		any |= (schema->fields[i].flags & REQ) != 0;
	if (!any)
		return;
	jw_key(w, "required");
	jw_open(w, '[');
	for (size_t i = 0; i < schema->n; i++)
		if (schema->fields[i].flags & REQ)
			jw_cstr(w, schema->fields[i].name);
	jw_close(w, ']');
}

void openapi_schema(struct jw *w, const struct schema *schema)
{
	jw_key(w, schema->name);
	jw_open(w, '{');
	jw_pair(w, "type", "object");
	jw_pair(w, "description", schema->doc);
	write_required(w, schema);
	jw_key(w, "properties");
	jw_open(w, '{');
	for (size_t i = 0; i < schema->n; i++) {
		const struct field *f = &schema->fields[i];

		jw_key(w, f->name);
		jw_open(w, '{');
		openapi_type(w, f);
		jw_pair(w, "description", f->doc);
		if (*f->example) {
			jw_key(w, "examples");
			jw_open(w, '[');
			jw_raw(w, slice_text(f->example));
			jw_close(w, ']');
		}
		jw_close(w, '}');
	}
	jw_close(w, '}');
	jw_close(w, '}');
}

void openapi_problem_schema(struct jw *w)
{
	jw_key(w, "problem");
	jw_raw(w, S("{\"type\":\"object\",\"description\":\"What every error answer looks like\",\"required\":[\"title\",\"code\",\"status\",\"traceId\",\"detail\"],"
		    "\"properties\":{\"type\":{\"type\":\"string\",\"description\":\"Address of the document that describes the API\"},"
		    "\"title\":{\"type\":\"string\",\"description\":\"Constant for each kind of error\"},"
		    "\"code\":{\"type\":\"string\",\"description\":\"Machine-readable constant\"},"
		    "\"status\":{\"type\":\"integer\",\"description\":\"HTTP status\"},"
		    "\"traceId\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{32}$\",\"description\":\"The same as the header X-TRACE-ID\"},"
		    "\"detail\":{\"type\":\"string\",\"description\":\"What happened this time\"},"
		    "\"invalidParams\":{\"type\":\"array\",\"description\":\"Each parameter that failed validation\",\"items\":{\"type\":\"object\","
		    "\"required\":[\"name\",\"reason\"],\"properties\":{\"name\":{\"type\":\"string\"},\"reason\":{\"type\":\"string\"}}}}}}"));
}
