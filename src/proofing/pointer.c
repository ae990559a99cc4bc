/* What settings of engines are written in: JSON pointers with filters, and templates. */
#include "codec/form.h"
#include "proofing/calls.h"

enum { TEXT_BYTES_MAX = 64 * 1024 };

/* One step of a pointer, with ~1 and ~0 resolved. */
static struct slice unescape(struct op *op, struct slice token)
{
	struct buf b = buf_arena(op->arena, TEXT_BYTES_MAX);

	for (size_t i = 0; i < token.n; i++) {
		bool tilde = token.p[i] == '~' && i + 1 < token.n && (token.p[i + 1] == '0' || token.p[i + 1] == '1');

		buf_byte(&b, tilde ? (token.p[i + 1] == '1' ? '/' : '~') : token.p[i]);
		i += tilde;
	}
	return buf_bytes(&b);
}

static json_t *member_at(struct op *op, json_t *value, struct slice token)
{
	uint64_t index;

	if (json_is_object(value)) {
		struct slice key = unescape(op, token);

		return json_object_getn(value, (const char *)key.p, key.n);
	}
	if (json_is_array(value) && !failed(slice_u64(token, &index)))
		return json_array_get(value, (size_t)index);
	return NULL;
}

static json_t *at(struct op *op, json_t *root, struct slice pointer)
{
	if (pointer.n && pointer.p[0] != '/')
		return NULL;
	slice_cut(&pointer, '/');
	while (root && pointer.n)
		root = member_at(op, root, slice_cut(&pointer, '/'));
	return root;
}

json_t *json_at_in(struct op *op, json_t *root, struct slice pointer)
{
	return at(op, root, pointer);
}

static struct slice text_of(struct op *op, const json_t *value)
{
	if (json_is_string(value))
		return json_text(value);
	if (json_is_integer(value))
		return arena_printf(op->arena, "%lld", (long long)json_integer_value(value));
	if (json_is_boolean(value))
		return json_is_true(value) ? S("true") : S("false");
	return S("");
}

/* ---- filters ---- */

static struct slice upper(struct op *op, struct slice text)
{
	struct buf b = buf_arena(op->arena, TEXT_BYTES_MAX);

	for (size_t i = 0; i < text.n; i++)
		buf_byte(&b, text.p[i] >= 'a' && text.p[i] <= 'z' ? (uint8_t)(text.p[i] - 32) : text.p[i]);
	return buf_bytes(&b);
}

/* A pattern such as DD.MM.YYYY becomes YYYY-MM-DD. */
static struct slice date(struct op *op, struct slice text, struct slice pattern)
{
	char out[] = "0000-00-00";
	size_t year = 0, month = 5, day = 8;

	if (text.n != pattern.n)
		return S("");
	for (size_t i = 0; i < text.n; i++) {
		char c = (char)text.p[i];

		if (pattern.p[i] == 'Y' && year < 4)
			out[year++] = c;
		else if (pattern.p[i] == 'M' && month < 7)
			out[month++] = c;
		else if (pattern.p[i] == 'D' && day < 10)
			out[day++] = c;
		else if (pattern.p[i] != text.p[i])
			return S("");
	}
	return arena_copy(op->arena, slice_text(out));
}

static struct slice gender(struct slice text)
{
	if (slice_ieq(text, S("male")) || slice_ieq(text, S("m")))
		return S("M");
	return slice_ieq(text, S("female")) || slice_ieq(text, S("f")) ? S("F") : S("");
}

/* The inside of "name(…)", when the rule is that. */
static bool inside(struct slice rule, struct slice name, struct slice *ret_inside)
{
	if (!slice_starts(rule, name) || rule.n < name.n + 2 || rule.p[name.n] != '(' || rule.p[rule.n - 1] != ')')
		return false;
	*ret_inside = slice_of(rule.p + name.n + 1, rule.n - name.n - 2);
	return true;
}

static struct slice filtered(struct op *op, struct slice text, struct slice filter)
{
	struct slice argument;

	if (slice_is(filter, "upper"))
		return upper(op, text);
	if (slice_is(filter, "iso3166a2toa3"))
		return text.n == 2 ? country_alpha3(upper(op, text)) : upper(op, text);
	if (slice_is(filter, "gender"))
		return gender(text);
	return inside(filter, S("date"), &argument) ? date(op, text, argument) : S("");
}

struct slice mapped_value(struct op *op, json_t *root, struct slice rule)
{
	struct slice rest = rule, head = slice_cut(&rest, '|'), text;

	if (!inside(head, S("const"), &text))
		text = text_of(op, at(op, root, head));
	while (rest.n && text.n)
		text = filtered(op, text, slice_cut(&rest, '|'));
	return text;
}

void mapped_result(struct op *op, json_t *root, json_t *map, struct final_result *ret_result)
{
	struct invalids bad = { .arena = op->arena };
	json_t *found = json_object(), *rule;
	const char *name;

	json_object_foreach(map, name, rule) {
		struct slice value = json_is_string(rule) ? mapped_value(op, root, json_text(rule)) : S("");

		if (!value.n)
			continue;
		if (strcmp(name, "livenessDetected") == 0)
			json_object_set_new(found, name, json_boolean(slice_is(value, "true")));
		else
			json_object_set_new(found, name, json_stringn((const char *)value.p, value.n));
	}
	schema_read(&final_result_schema, found, op->arena, &bad, ret_result);
	op_keep_json(op, found);
	if (bad.n)
		*ret_result = (struct final_result){ 0 }; /* what breaks the rules is no result */
}

/* ---- templates ---- */

static struct slice int_text(struct op *op, int64_t value)
{
	return arena_printf(op->arena, "%lld", (long long)value);
}

static struct slice id_or_nothing(struct op *op, const struct uuid *id)
{
	return !uuid_is_nil(id) ? uuid_text(op->arena, id) : S("");
}

static struct slice ids_text(struct op *op, const struct process *p)
{
	struct buf b = buf_arena(op->arena, TEXT_BYTES_MAX);

	for (size_t i = 0; i < p->content.docTypes.n; i++)
		buf_printf(&b, "%s%lld", i ? "," : "", (long long)((const int64_t *)p->content.docTypes.items)[i]);
	return buf_bytes(&b);
}

static struct slice time_text(struct op *op, int64_t ms)
{
	struct buf b = buf_arena(op->arena, 40);

	time_write(&b, ms, TIME_AS_SECONDS);
	return buf_bytes(&b);
}

static struct slice place(struct op *op, struct slice name, const struct process *p, const struct proofing_config *config)
{
	if (slice_starts(name, S("secret:")))
		return config_secret(config, slice_of(name.p + 7, name.n - 7));
	if (slice_is(name, "dossierId"))
		return uuid_text(op->arena, &p->dossier);
	if (slice_is(name, "processId"))
		return uuid_text(op->arena, &p->id);
	if (slice_is(name, "accountId"))
		return op->caller.account_id;
	if (slice_is(name, "externalId"))
		return p->content.externalId;
	if (slice_is(name, "parentId"))
		return p->content.parentId;
	if (slice_is(name, "userId"))
		return id_or_nothing(op, &p->content.userId);
	if (slice_is(name, "deviceId"))
		return id_or_nothing(op, &p->device);
	if (slice_is(name, "docTypes"))
		return ids_text(op, p);
	if (slice_is(name, "defaultDocType"))
		return int_text(op, p->content.defaultId);
	if (slice_is(name, "language"))
		return S("en");
	if (slice_is(name, "expiresAt"))
		return time_text(op, p->expires);
	if (slice_is(name, "externalRef"))
		return p->content.externalRef;
	if (slice_is(name, "processType"))
		return p->process_type;
	if (slice_is(name, "provider"))
		return p->provider;
	if (slice_is(name, "docType"))
		return int_text(op, p->content.docTypes.n ? ((int64_t *)p->content.docTypes.items)[0] : p->content.defaultId);
	if (slice_is(name, "callbackUrl"))
		return arena_printf(op->arena, "%s/proofing/callbacks/%.*s", op->app->public_url, FMT(uuid_text(op->arena, &p->id)));
	return slice_is(name, "redirectUrl") ? capture_url(op, p) : S("");
}

struct slice template_fill(struct op *op, struct slice text, const struct process *p, const struct proofing_config *config, bool escaped)
{
	struct buf b = buf_arena(op->arena, TEXT_BYTES_MAX);

	while (text.n) {
		const uint8_t *start = memmem(text.p, text.n, "${", 2);
		size_t before = start ? (size_t)(start - text.p) : text.n;
		struct slice name, value;

		buf_slice(&b, slice_of(text.p, before));
		text = slice_of(text.p + before, text.n - before);
		if (!start)
			break;
		text = slice_of(text.p + 2, text.n - 2);
		name = slice_cut(&text, '}');
		value = place(op, name, p, config);
		if (escaped)
			percent_write(&b, value);
		else
			buf_slice(&b, value);
	}
	return buf_bytes(&b);
}

json_t *engine_settings(struct op *op, const struct proofing_config *config, struct slice provider)
{
	const struct proofing_provider *list = config->providers.items;
	struct slice why;
	json_t *settings;

	for (size_t i = 0; i < config->providers.n; i++) {
		if (!slice_eq(list[i].name, provider) || !list[i].settings.n)
			continue;
		if (failed(json_read(list[i].settings, JSON_UNIQUE, JSON_DEPTH_MAX, op->arena, &settings, &why)))
			return NULL;
		settings = preset_apply(op, settings);
		if (settings)
			op_keep_json(op, settings);
		return settings;
	}
	return NULL;
}
