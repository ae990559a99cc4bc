/* Risk attributes, and with them the report that a finish leaves behind. */
#include "device/risk.h"

#include "base/text.h"
#include "device/approve.h"
#include "device/device_schema.h"

#define DEVICE_HASH_NAME "deviceHash"

enum { REPORT_BYTES_MAX = 512 * 1024, HEADER_BYTES_SHOWN_MAX = 1024, SNAKE_BYTES_MAX = 96 };

#define RISK(name, source) { #name, source },
const struct risk_attribute_info risk_attributes[] = { RISK_ATTRIBUTES(RISK) };
#undef RISK
const size_t risk_attribute_count = sizeof(risk_attributes) / sizeof(risk_attributes[0]);

static bool is_listed(struct slice list, const char *name)
{
	while (list.n)
		if (slice_is(slice_trim(slice_cut(&list, ',')), name))
			return true;
	return false;
}

static bool is_known(struct slice name)
{
	for (size_t i = 0; i < risk_attribute_count; i++)
		if (slice_is(name, risk_attributes[i].name))
			return true;
	return false;
}

bool risk_attributes_fit(struct slice list)
{
	while (list.n)
		if (!is_known(slice_trim(slice_cut(&list, ','))))
			return false;
	return true;
}

static bool is_collected(const struct call *c, const struct risk_attribute_info *a)
{
	return a->source == RISK_ALWAYS || is_listed(c->application->config.riskAttributes, a->name);
}

struct list risk_asked_for(struct call *c)
{
	struct slice *names = arena_array(c->op->arena, struct slice, risk_attribute_count);
	size_t n = 0;

	for (size_t i = 0; i < risk_attribute_count; i++)
		if (risk_attributes[i].source == RISK_ASKED && is_collected(c, &risk_attributes[i]))
			names[n++] = slice_text(risk_attributes[i].name);
	return (struct list){ names, n };
}

/* isDebuggable: is_debuggable */
static struct slice snake(struct arena *a, const char *name)
{
	struct buf b = buf_arena(a, SNAKE_BYTES_MAX);

	for (; *name; name++) {
		if (*name >= 'A' && *name <= 'Z')
			buf_byte(&b, '_');
		buf_byte(&b, (uint8_t)(*name >= 'A' && *name <= 'Z' ? *name | 0x20 : *name));
	}
	return buf_bytes(&b);
}

/* Headers are bytes of a stranger's: shown only when they are text. */
static struct slice header_shown(const struct call *c, const char *name)
{
	struct slice value = http_header(c->op->http, name);

	if (value.n > HEADER_BYTES_SHOWN_MAX)
		value.n = HEADER_BYTES_SHOWN_MAX;
	return text_is_utf8(value) && !text_has_controls(value, false) ? value : S("");
}

/* What the server knows by itself; it overrules what the phone says. */
static struct slice known_here(const struct call *c, const struct brought *b, const char *name)
{
	if (strcmp(name, "serverClientIp") == 0) {
		struct slice forwarded = header_shown(c, "X-Forwarded-For");

		return forwarded.n ? forwarded : c->op->http->peer;
	}
	if (strcmp(name, "userAgent") == 0)
		return header_shown(c, "User-Agent");
	if (strcmp(name, "hwKeyClientStatus") == 0)
		return slice_text(enum_text(&hw_key_client_status_enum, (int)b->hw_status));
	return slice_text(c->hw_result);
}

static const json_t *said(const struct brought *b, const char *name)
{
	return b->risk ? json_object_get(b->risk, name) : NULL;
}

/* The device hash of a phone that does not say it again: a registration has it from its start, the others from theirs. */
static err known_hash(struct call *c, const struct brought *b, struct slice *ret_hash)
{
	*ret_hash = slice_text(c->session.secret.device_hash);
	return ret_hash->n || said(b, DEVICE_HASH_NAME) ? OK : hash_of_device(c->op, &c->owner, &c->device, ret_hash);
}

static struct slice value_of(const struct call *c, const struct brought *b, struct slice hash, const struct risk_attribute_info *a)
{
	const json_t *value = said(b, a->name);

	if (a->source == RISK_SERVER)
		return known_here(c, b, a->name);
	if (!value && strcmp(a->name, DEVICE_HASH_NAME) == 0)
		return hash;
	return value ? json_text(value) : S("");
}

static void write_risk(struct call *c, const struct brought *b, struct slice hash, struct jw *w)
{
	jw_open(w, '[');
	for (size_t i = 0; i < risk_attribute_count; i++) {
		struct slice value = is_collected(c, &risk_attributes[i]) ? value_of(c, b, hash, &risk_attributes[i]) : S("");

		if (!value.n)
			continue;
		jw_open(w, '{');
		jw_pair_text(w, "name", snake(c->op->arena, risk_attributes[i].name));
		jw_pair_text(w, "value", value);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

err report_write(struct call *c, const struct brought *b, struct slice *ret_json)
{
	struct buf out = buf_arena(c->op->arena, REPORT_BYTES_MAX);
	struct jw w = jw_new(&out);
	struct slice hash;

	TRY(known_hash(c, b, &hash));
	jw_open(&w, '{');
	jw_key(&w, "riskAttributes");
	write_risk(c, b, hash, &w);
	if (c->attestation.n) {
		jw_key(&w, "attestation");
		jw_raw(&w, c->attestation);
	}
	if (c->geofencing.n) {
		jw_key(&w, "geofencing");
		jw_raw(&w, c->geofencing);
	}
	jw_close(&w, '}');
	TRY(buf_ok(&out));
	*ret_json = buf_bytes(&out);
	return OK;
}
