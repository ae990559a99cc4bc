/* What a session is made of, its end, and the risk data that goes into its finish. */
#include "sdk/internal.h"

enum { RISK_NAME_BYTES_MAX = 64, RISK_VALUE_BYTES_MAX = 4096, RISK_BYTES_MAX = 32 * 1024 };

void session_end(struct rid_controller *c)
{
	arena_free_secret(&c->session.arena);
	wipe(&c->session, sizeof(c->session));
	wipe(&c->try, sizeof(c->try));
}

int method_bits(const struct list *methods)
{
	const struct slice *names = methods->items;
	int bits = 0;

	for (size_t i = 0; i < methods->n; i++) {
		int method = enum_find(&auth_method_enum, names[i], false);

		if (method)
			bits |= 1 << (method - 1);
	}
	return bits;
}

static void copy_risk(struct session *s, const struct list *risk)
{
	const struct slice *names = risk->items;
	const char **copies = arena_array(&s->arena, const char *, risk->n);

	for (size_t i = 0; i < risk->n; i++)
		copies[i] = arena_cstr(&s->arena, names[i]);
	s->started.risk = copies;
	s->started.risk_count = risk->n;
}

void session_policies(struct rid_controller *c, const struct list *methods, const struct pin_form *pin, const struct hw_policy *hw,
	const struct list *risk)
{
	struct session *s = &c->session;

	s->started.methods = method_bits(methods);
	s->started.pin = form_of(pin);
	s->hardware_wanted = hw->wanted;
	copy_risk(s, risk);
}

/* ---- risk data ---- */

static size_t risk_bytes(const struct rid_controller *c)
{
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach(c->risk, name, value)
		n += strlen(name) + json_string_length(value);
	return n;
}

int rid_set_risk_parameter(rid_controller *c, const char *name, const char *value)
{
	size_t name_n = strlen(name), value_n = value ? strlen(value) : 0;

	if (name_n == 0 || name_n > RISK_NAME_BYTES_MAX || value_n > RISK_VALUE_BYTES_MAX)
		return RID_ERROR_INVALID_INPUT_FORMAT;
	json_object_del(c->risk, name);
	if (!value)
		return RID_OK;
	if (risk_bytes(c) + name_n + value_n > RISK_BYTES_MAX || json_object_set_new(c->risk, name, json_stringn(value, value_n)) != 0)
		return RID_ERROR_INVALID_INPUT_FORMAT;
	return RID_OK;
}

static void risk_add(const struct rid_controller *c, json_t *risk, const char *name)
{
	json_t *value = json_object_get(c->risk, name);

	if (value)
		json_object_set(risk, name, value);
}

json_t *risk_asked(const struct rid_controller *c)
{
	static const char *const always[] = { "operatingSystemFingerprint", "operatingSystemVersion", "operatingSystemType",
		"deviceManufacturer", "deviceModel" };
	const struct rid_started *started = &c->session.started;
	json_t *risk = json_object();

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		risk_add(c, risk, always[i]);
	for (size_t i = 0; i < started->risk_count; i++)
		risk_add(c, risk, started->risk[i]);
	return risk;
}
