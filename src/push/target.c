/* What an app calls its push token. */
#include "codec/encode.h"
#include "push/internal.h"

enum { SUBSCRIPTION_DEPTH_MAX = 3, ENDPOINT_BYTES_MAX = 1024, APNS_HEX_MIN = 64, APNS_HEX_MAX = 200 };

static err key_member(const json_t *keys, const char *name, struct arena *a, uint8_t *out, size_t n)
{
	const json_t *value = json_object_get(keys, name);
	struct slice bytes;

	ENSURE(json_is_string(value), PARSE);
	TRY(b64url_read(a, json_text(value), &bytes));
	ENSURE(bytes.n == n, PARSE);
	memcpy(out, bytes.p, n);
	return OK;
}

static err read_subscription(const json_t *object, struct arena *a, struct push_target *target)
{
	const json_t *endpoint = json_object_get(object, "endpoint"), *keys = json_object_get(object, "keys");

	ENSURE(json_is_string(endpoint) && json_string_length(endpoint) <= ENDPOINT_BYTES_MAX, PARSE);
	target->endpoint = arena_copy(a, json_text(endpoint));
	TRY(key_member(keys, "p256dh", a, target->p256dh, sizeof(target->p256dh)));
	return key_member(keys, "auth", a, target->auth, sizeof(target->auth));
}

static err read_json(struct slice token, struct arena *a, struct push_target *target)
{
	struct slice why;
	struct error e;
	json_t *object;

	TRY(json_read(token, JSON_UNIQUE, SUBSCRIPTION_DEPTH_MAX, a, &object, &why));
	e = read_subscription(object, a, target);
	json_decref(object);
	return e;
}

static bool all_of(struct slice text, const char *others, bool hex_only)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		bool digit = c >= '0' && c <= '9', hex = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!digit && !hex && (hex_only || (!letter && !(c && strchr(others, c)))))
			return false;
	}
	return true;
}

static bool is_apns_token(struct slice token)
{
	return token.n >= APNS_HEX_MIN && token.n <= APNS_HEX_MAX && token.n % 2 == 0 && all_of(token, "", true);
}

err push_target_read(struct slice token, bool apple, struct arena *a, struct push_target *ret_target)
{
	*ret_target = (struct push_target){ .token = arena_copy(a, token) };
	ENSURE(token.n > 0 && token.n <= PUSH_TOKEN_BYTES_MAX, PARSE);
	if (token.p[0] == '{') {
		ret_target->service = push_service_WEBPUSH;
		return read_json(token, a, ret_target);
	}
	ENSURE(all_of(token, "-_:.", false), PARSE);
	ret_target->service = apple && is_apns_token(token) ? push_service_APNS : push_service_FCM;
	return OK;
}
