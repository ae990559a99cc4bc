/* What a session is made of, its end, and the risk data that goes into its finish. */
#include "sdk/internal.h"

enum { RISK_NAME_BYTES_MAX = 64, RISK_VALUE_BYTES_MAX = 4096, RISK_BYTES_MAX = 32 * 1024 };

void session_end(struct rid_controller *c)
{
	arena_free_secret(&c->session.arena);
	wipe(&c->session, sizeof(c->session));
	tries_forget(c);
	said_forget(c);
}

void session_begin(struct rid_controller *c, enum message_family family, enum rid_operation operation, struct slice sid,
	struct slice challenge)
{
	struct session *s = &c->session;

	s->live = true;
	s->family = family;
	s->started.operation = operation;
	memcpy(s->th1, s->th.th, SHA256_BYTES);
	memcpy(s->sid, sid.p, SESSION_ID_BYTES);
	memcpy(s->challenge, challenge.p, CHALLENGE_BYTES);
}

/* ---- methods ---- */

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

enum auth_method method_of_bit(int bit)
{
	for (int method = auth_method_DEVICE; method < auth_method_count; method++)
		if (bit == 1 << (method - 1))
			return (enum auth_method)method;
	return auth_method_none;
}

int biometric_index(int bit)
{
	enum auth_method method = method_of_bit(bit);

	return auth_method_is_biometric(method) ? (int)method - auth_method_DEVICE_IOS_FACE_ID : -1;
}

_Static_assert(auth_method_DEVICE_ANDROID_BIOMETRIC_PROMPT - auth_method_DEVICE_IOS_FACE_ID + 1 == BIOMETRICS, "biometric methods");

int methods_possible(const struct rid_controller *c)
{
	return RID_METHOD_DEVICE | RID_METHOD_DEVICE_PIN | c->app_methods;
}

/* ---- policies ---- */

static void copy_risk(struct session *s, const struct list *risk)
{
	const struct slice *names = risk->items;
	const char **copies = arena_array(&s->arena, const char *, risk->n);

	for (size_t i = 0; i < risk->n; i++)
		copies[i] = arena_cstr(&s->arena, names[i]);
	s->started.risk = copies;
	s->started.risk_count = risk->n;
}

void session_face(struct rid_controller *c, const struct face_policy *face)
{
	struct session *s = &c->session;

	if (!face)
		return;
	s->face_offered = true;
	s->started.face = 1;
	s->started.face_init_bytes = face->init.n;
	s->started.face_init = face->init.n ? arena_copy(&s->arena, face->init).p : NULL;
}

void session_policies(struct rid_controller *c, const struct policies *p)
{
	struct session *s = &c->session;

	s->allowed = method_bits(p->methods);
	s->started.methods = s->allowed & methods_possible(c);
	s->started.pin = form_of(p->pin);
	s->hardware_wanted = p->hw->wanted;
	copy_risk(s, p->risk);
	session_face(c, p->face);
	if (!s->face_offered) /* its provider is away, or has nothing to do here */
		s->started.methods &= ~RID_METHOD_SERVER_SIDE_FACE;
	if (p->attest) {
		s->attest = *p->attest;
		s->attest.type = arena_copy(&s->arena, p->attest->type);
	}
	if (p->geo)
		s->geo = *p->geo;
	if (p->push)
		s->push = *p->push;
}

/* ---- risk data ---- */

/* Without the one that is about to be replaced. */
static size_t risk_bytes(const struct rid_controller *c, const char *replaced)
{
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach(c->risk, name, value)
		if (strcmp(name, replaced) != 0)
			n += strlen(name) + json_string_length(value);
	return n;
}

int rid_set_risk_parameter(rid_controller *c, const char *name, const char *value)
{
	size_t name_n = strlen(name), value_n = value ? strlen(value) : 0;

	if (name_n == 0 || name_n > RISK_NAME_BYTES_MAX || value_n > RISK_VALUE_BYTES_MAX)
		return RID_ERROR_INVALID_INPUT_FORMAT;
	if (value && (risk_bytes(c, name) + name_n + value_n > RISK_BYTES_MAX ||
			     json_object_set_new(c->risk, name, json_stringn(value, value_n)) != 0))
		return RID_ERROR_INVALID_INPUT_FORMAT;
	if (!value)
		json_object_del(c->risk, name);
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
