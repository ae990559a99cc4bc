/* What an application is reached with: its id, its public key and the server's address; in the form of the dashboard's QR code. */
#include "authenticator/app.h"

#include "codec/encode.h"

enum { JSON_DEPTH = 4 };

static const char *member(struct arena *a, json_t *root, const char *name, const char *other)
{
	json_t *value = json_object_get(root, name);

	if (!value)
		value = json_object_get(root, other);
	return json_is_string(value) ? arena_cstr(a, json_text(value)) : NULL;
}

static err read_members(struct arena *a, json_t *root, struct configuration *c)
{
	const json_t *version = json_object_get(root, "v");

	c->name = member(a, root, "name", "id");
	c->application_id = member(a, root, "applicationId", "encapApplicationId");
	c->public_key = member(a, root, "publicKey", "encapPublicKey");
	c->server_url = member(a, root, "serverUrl", "encapServerUrl");
	c->phone = member(a, root, "phone", "phone");
	ENSURE(!version || json_integer_value(version) == 1, PARSE);
	ENSURE(c->application_id && c->public_key && c->server_url, PARSE);
	return OK;
}

err configuration_parse(struct arena *a, struct slice json, struct configuration *ret_configuration)
{
	struct slice why;
	struct error e;
	json_t *root;

	TRY(json_read(json, JSON_UNIQUE, JSON_DEPTH, a, &root, &why));
	e = read_members(a, root, ret_configuration);
	json_decref(root);
	return e;
}

bool configuration_understood(struct app *app, struct slice json, struct configuration *ret_configuration)
{
	if (!failed(configuration_parse(&app->arena, json, ret_configuration)))
		return true;
	say_failed(app, "This is no configuration: JSON with applicationId, publicKey and serverUrl is wanted, and \"v\": 1.");
	return false;
}

bool configuration_load(struct app *app, struct configuration *ret_configuration)
{
	struct slice json;
	struct error e = store_read(&app->store, "config", app->name, ".json", &json);

	if (is_err(e, E_NO_ROW))
		e = store_read(&app->store, "config", "default", ".json", &json);
	if (is_err(e, E_NO_ROW)) {
		say_failed(app, "Nothing is configured yet: `reuseid-authenticator configure --help` tells how.");
		return false;
	}
	if (failed(e)) {
		say_failed(app, "%.*s", FMT(app->store.why));
		return false;
	}
	return configuration_understood(app, json, ret_configuration);
}

bool configuration_save(struct app *app, const struct configuration *c)
{
	struct buf b = buf_arena(&app->arena, STORE_FILE_BYTES_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_int(&w, "v", 1);
	if (c->name)
		jw_pair(&w, "name", c->name);
	jw_pair(&w, "applicationId", c->application_id);
	jw_pair(&w, "publicKey", c->public_key);
	jw_pair(&w, "serverUrl", c->server_url);
	if (c->phone)
		jw_pair(&w, "phone", c->phone);
	jw_close(&w, '}');
	buf_byte(&b, '\n');
	if (!failed(buf_ok(&b)) && !failed(store_write(&app->store, "config", app->name, ".json", buf_bytes(&b))))
		return true;
	say_failed(app, "The configuration could not be stored. %.*s", FMT(app->store.why));
	return false;
}

bool controller_open(struct app *app, const struct configuration *c, bool load)
{
	rid_config config = { .server_url = c->server_url, .application_id = c->application_id, .public_key = c->public_key, .os = "Web",
		.device_hash = (const char *)b64(&app->arena, slice_of(app->store.device, sizeof(app->store.device))).p,
		.storage_key = app->store.key, .hardware = RID_HARDWARE_NONE };
	const rid_step *s;
	int error;

	if (!phone_understood(c->phone, &config)) {
		say_failed(app, "--phone wants words with commas: Android, iOS or Web; hardware or old-system; names of biometric methods.");
		return false;
	}
	app->controller = rid_open(&config, app->name, &error);
	if (!app->controller) {
		say_failed(app, "The configuration is of no use: the application id has to be a UUID, the public key an X25519 key in base64, "
				"the server's address one with http or https.");
		return false;
	}
	if (!load)
		return true;
	s = perform(app, rid_load(app->controller));
	if (s->kind == RID_FAILED)
		say_failure(app, &s->failure);
	return s->kind != RID_FAILED;
}

bool begin(struct app *app)
{
	struct configuration c;

	return configuration_load(app, &c) && controller_open(app, &c, true);
}
