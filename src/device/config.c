#include "device/config.h"

#include "codec/json.h"

SCHEMA(device_config, DEVICE_CONFIG, "How one mobile application behaves");

enum { CONFIG_DEPTH_MAX = 4 };

static const char *const colon_names[auth_method_count] = {
	[auth_method_none] = "",
	[auth_method_DEVICE] = "DEVICE",
	[auth_method_DEVICE_PIN] = "DEVICE:PIN",
	[auth_method_DEVICE_IOS_FACE_ID] = "DEVICE:IOS_FACE_ID",
	[auth_method_DEVICE_STRONG_TOUCH_ID] = "DEVICE:STRONG_TOUCH_ID",
	[auth_method_DEVICE_ANDROID_BIOMETRIC_PROMPT] = "DEVICE:ANDROID_BIOMETRIC_PROMPT",
	[auth_method_DEVICE_SERVER_SIDE_FACE] = "DEVICE:SERVER_SIDE_FACE",
};

const char *auth_method_colon(enum auth_method m)
{
	return m < auth_method_count ? colon_names[m] : "";
}

static err read_text(struct slice json, struct arena *a, struct device_config *ret_config)
{
	struct invalids bad = { .arena = a };
	struct slice why;
	json_t *object;
	bool is_object;

	*ret_config = (struct device_config){ 0 };
	ENSURE(!failed(json_read(json, JSON_UNIQUE, CONFIG_DEPTH_MAX, a, &object, &why)), CONFIG);
	is_object = json_is_object(object);
	if (is_object)
		schema_read(&device_config_schema, object, a, &bad, ret_config);
	/* What was read may point into the JSON. */
	ret_config->allowedAuthMethods = arena_copy(a, ret_config->allowedAuthMethods);
	ret_config->encapApiBlacklistAndroid = arena_copy(a, ret_config->encapApiBlacklistAndroid);
	ret_config->encapApiBlacklistIos = arena_copy(a, ret_config->encapApiBlacklistIos);
	json_decref(object);
	ENSURE(is_object && bad.n == 0, CONFIG);
	return OK;
}

/* The defaults are the examples of the list: one place for both. */
static err read_defaults(struct arena *a, struct device_config *ret_config)
{
	struct buf b = buf_arena(a, 4096);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	for (size_t i = 0; i < device_config_schema.n; i++) {
		jw_key(&w, device_config_schema.fields[i].name);
		jw_raw(&w, slice_text(device_config_schema.fields[i].example));
	}
	jw_close(&w, '}');
	return read_text(buf_bytes(&b), a, ret_config);
}

static size_t value_bytes(enum field_type type)
{
	return type == FIELD_STR ? sizeof(struct slice) : type == FIELD_ENUM ? sizeof(int) : sizeof(int64_t);
}

err device_config_read(struct slice json, struct arena *a, struct device_config *ret_config)
{
	struct device_config set;

	TRY(read_defaults(a, ret_config));
	if (json.n == 0)
		return OK;
	TRY(read_text(json, a, &set));
	for (size_t i = 0; i < device_config_schema.n; i++) {
		const struct field *f = &device_config_schema.fields[i];

		if (set.set >> i & 1)
			memcpy((uint8_t *)ret_config + f->offset, (const uint8_t *)&set + f->offset, value_bytes(f->type));
	}
	return OK;
}

unsigned device_config_methods(const struct device_config *config)
{
	struct slice rest = config->allowedAuthMethods;
	unsigned mask = 0;

	while (rest.n) {
		struct slice name = slice_trim(slice_cut(&rest, ','));

		for (int m = 1; m < auth_method_count; m++)
			if (slice_is(name, colon_names[m]))
				mask |= 1u << m;
	}
	return mask;
}

bool device_config_blocks(const struct device_config *config, enum device_os os, struct slice sdk)
{
	struct slice rest = os == device_os_iOS ? config->encapApiBlacklistIos :
			    os == device_os_Android ? config->encapApiBlacklistAndroid : S("");

	while (rest.n)
		if (slice_eq(slice_trim(slice_cut(&rest, ',')), sdk))
			return true;
	return false;
}
