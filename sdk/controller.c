/* The life of a controller, what it was configured with, and what can be asked of it without the network. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "codec/encode.h"
#include "sdk/internal.h"

enum { TIMEOUT_MS_DEFAULT = 20000, URL_BYTES_MAX = 2048, PUSH_TOKEN_BYTES_MAX = 4096, DEVICE_HASH_BYTES = 32 };
enum {
	APP_METHODS = RID_METHOD_IOS_FACE_ID | RID_METHOD_STRONG_TOUCH_ID | RID_METHOD_ANDROID_BIOMETRIC_PROMPT |
		      RID_METHOD_SERVER_SIDE_FACE
};

/* ---- the app's world ---- */

static int64_t app_now_ms(const struct env *env)
{
	const struct world *w = (const struct world *)env;

	return w->now_ms(w->world);
}

static int64_t app_mono_ms(const struct env *env)
{
	const struct world *w = (const struct world *)env;

	return w->mono_ms(w->world);
}

static void app_random(const struct env *env, void *p, size_t n)
{
	const struct world *w = (const struct world *)env;

	w->random(w->world, p, n);
}

static struct world world_of(const struct rid_config *config)
{
	struct world w = { env_system, config->now_ms, config->mono_ms, config->random, config->world };

	if (w.now_ms)
		w.env.now_ms = app_now_ms;
	if (w.mono_ms)
		w.env.mono_ms = app_mono_ms;
	if (w.random)
		w.env.random = app_random;
	return w;
}

/* ---- configuration ---- */

static bool slot_name_good(const char *name)
{
	size_t n = name ? strlen(name) : 0;

	return n > 0 && n <= RID_SLOT_NAME_MAX && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == n;
}

static err read_url(struct rid_controller *c, struct slice url)
{
	ENSURE(slice_starts(url, S("https://")) || slice_starts(url, S("http://")), CONFIG);
	ENSURE(url.n <= URL_BYTES_MAX && text_is_utf8(url) && !text_has_controls(url, false), CONFIG);
	while (url.n && url.p[url.n - 1] == '/')
		url.n--;
	c->url = (const char *)arena_printf(&c->config, "%.*s" DEVICE_PATH, FMT(url)).p;
	return OK;
}

/* In the form in which the server knows it: it is hashed and compared as text. */
static err read_application(struct rid_controller *c, struct slice id)
{
	struct uuid uuid;

	TRY(uuid_parse(id, &uuid));
	c->application = uuid_text(&c->config, &uuid);
	return OK;
}

static err read_public_key(struct rid_controller *c, struct slice text)
{
	struct slice der;

	TRY(b64_read(&c->config, text, &der));
	return x25519_spki_read(der, c->server_key);
}

static err read_device_hash(struct rid_controller *c, struct slice text)
{
	struct slice bytes;

	TRY(b64_read(&c->config, text, &bytes));
	ENSURE(bytes.n == DEVICE_HASH_BYTES, CONFIG);
	c->device_hash = arena_copy(&c->config, text);
	return OK;
}

static err read_push_token(struct rid_controller *c, struct slice token)
{
	ENSURE(token.n <= PUSH_TOKEN_BYTES_MAX && text_is_utf8(token) && !text_has_controls(token, false), CONFIG);
	if (token.n)
		c->push_token = arena_copy(&c->config, token);
	return OK;
}

static err configure(struct rid_controller *c, const struct rid_config *config, const char *slot)
{
	ENSURE(slot_name_good(slot) && config->storage_key, CONFIG);
	TRY(read_url(c, slice_text(config->server_url)));
	TRY(read_application(c, slice_text(config->application_id)));
	TRY(read_public_key(c, slice_text(config->public_key)));
	TRY(read_device_hash(c, slice_text(config->device_hash)));
	TRY(read_push_token(c, slice_text(config->push_token)));
	c->os = (enum device_os)enum_find(&device_os_enum, slice_text(config->os), false);
	ENSURE((config->app_methods & ~APP_METHODS) == 0, CONFIG);
	c->app_methods = config->app_methods;
	ENSURE(c->os != device_os_none && config->hardware >= RID_HARDWARE_NONE && config->hardware <= RID_HARDWARE_YES, CONFIG);
	c->hardware = config->hardware;
	c->device_key_in_app = config->device_key_in_app;
	c->timeout_ms = config->timeout_ms ? config->timeout_ms : TIMEOUT_MS_DEFAULT;
	memcpy(c->storage_key.b, config->storage_key, RID_STORAGE_KEY_BYTES);
	snprintf(c->slot_names[SLOT_MAIN], sizeof(c->slot_names[SLOT_MAIN]), "%s", slot);
	snprintf(c->slot_names[SLOT_BESIDE], sizeof(c->slot_names[SLOT_BESIDE]), "%s.new", slot);
	for (int i = 0; i < 2; i++)
		snprintf(c->backup_names[i], sizeof(c->backup_names[i]), "%s.backup.%d", slot, i);
	return OK;
}

/* ---- life ---- */

rid_controller *rid_open(const rid_config *config, const char *slot, int *ret_error)
{
	struct rid_controller *c = xalloc(sizeof(*c));

	c->world = world_of(config);
	c->risk = json_object();
	step_new(c, RID_DONE);
	*ret_error = RID_OK;
	if (!failed(configure(c, config, slot)))
		return c;
	*ret_error = RID_ERROR_CONFIGURATION;
	rid_close(c);
	return NULL;
}

void rid_close(rid_controller *c)
{
	if (!c)
		return;
	session_end(c);
	arena_free_secret(&c->op);
	arena_free_secret(&c->arena);
	arena_free(&c->config);
	answer_forget(c);
	json_decref(c->risk);
	said_forget(c);
	wipe(c, sizeof(*c));
	free(c);
}

/* ---- questions ---- */

int rid_is_activated_locally(const rid_controller *c)
{
	return is_activated(c);
}

int rid_is_unconfirmed(const rid_controller *c)
{
	return c->records[SLOT_BESIDE].phase == RECORD_UNCONFIRMED && !c->session.live;
}

const char *rid_registration_id(const rid_controller *c)
{
	return is_activated(c) ? c->registration_id : NULL;
}

int rid_activated_auth_methods(const rid_controller *c)
{
	return is_activated(c) ? (int)c->records[SLOT_MAIN].methods : 0;
}

int rid_activated_recovery_methods(const rid_controller *c)
{
	return is_activated(c) ? (int)c->records[SLOT_MAIN].recovery_method : 0;
}

int rid_is_recovery_activated(const rid_controller *c)
{
	return rid_activated_recovery_methods(c) != 0;
}

const char *rid_unique_identifier(const rid_controller *c)
{
	return (const char *)c->device_hash.p;
}

int rid_set_push_session_id(rid_controller *c, const char *id)
{
	struct slice text = slice_text(id);

	if (!text_is_utf8(text) || text_has_controls(text, false) || text.n >= sizeof(c->push_session_id))
		return RID_ERROR_INVALID_INPUT_FORMAT;
	snprintf(c->push_session_id, sizeof(c->push_session_id), "%.*s", FMT(text));
	return RID_OK;
}

const char *rid_push_session_id(const rid_controller *c)
{
	return c->push_session_id[0] ? c->push_session_id : NULL;
}
