/* What the browser says of the ceremony (5.8.1). */
#include "codec/encode.h"
#include "codec/json.h"
#include "webauthn/internal.h"

enum { CLIENT_DATA_DEPTH_MAX = 8 };

static bool is_one_of(struct slice text, const struct slice *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq(text, list[i]))
			return true;
	return false;
}

static err member_text(struct checking *c, const json_t *object, const char *name, struct slice *ret_text)
{
	const json_t *value = json_object_get(object, name);

	DEMAND(c, json_is_string(value), CLIENT_DATA);
	*ret_text = json_text(value);
	return OK;
}

/* 7.1 steps 10 and 11, 7.2 steps 13 and 14: only a page of an allowed origin may have ours inside. */
static err check_embedding(struct checking *c, const json_t *object)
{
	const json_t *cross = json_object_get(object, "crossOrigin"), *top = json_object_get(object, "topOrigin");

	DEMAND(c, !cross || json_is_boolean(cross), CLIENT_DATA);
	DEMAND(c, !top || json_is_string(top), CLIENT_DATA);
	DEMAND(c, !json_is_true(cross) || c->ceremony->top_origin_count > 0, CROSS_ORIGIN);
	DEMAND(c, !top || json_is_true(cross), TOP_ORIGIN);
	if (top)
		DEMAND(c, is_one_of(json_text(top), c->ceremony->top_origins, c->ceremony->top_origin_count), TOP_ORIGIN);
	return OK;
}

/* Of Level 1 and 2, ignored by Level 3; one that cannot be read is refused all the same. */
static err check_token_binding(struct checking *c, const json_t *object)
{
	const json_t *binding = json_object_get(object, "tokenBinding");

	if (!binding)
		return OK;
	DEMAND(c, json_is_string(json_object_get(binding, "status")), CLIENT_DATA);
	DEMAND(c, is_one_of(json_text(json_object_get(binding, "status")),
		(const struct slice[]){ S("present"), S("supported"), S("not-supported") }, 3), CLIENT_DATA);
	return OK;
}

static err check(struct checking *c, const json_t *object, const char *type)
{
	const struct webauthn_ceremony *ceremony = c->ceremony;
	struct slice text, challenge;

	TRY(member_text(c, object, "type", &text));
	DEMAND(c, slice_is(text, type), TYPE);
	TRY(member_text(c, object, "challenge", &text));
	DEMAND_OK(c, b64url_read(c->a, text, &challenge), CLIENT_DATA);
	DEMAND(c, slice_eq_secret(challenge, ceremony->challenge), CHALLENGE);
	TRY(member_text(c, object, "origin", &text));
	DEMAND(c, is_one_of(text, ceremony->origins, ceremony->origin_count), ORIGIN);
	TRY(check_embedding(c, object));
	return check_token_binding(c, object);
}

err client_data_check(struct checking *c, struct slice json, const char *type)
{
	json_t *object = NULL;
	struct error e;
	struct slice why;

	DEMAND(c, json.n > 0 && json.n <= WEBAUTHN_CLIENT_DATA_BYTES_MAX, CLIENT_DATA);
	DEMAND_OK(c, json_read(json, JSON_UNIQUE, CLIENT_DATA_DEPTH_MAX, c->a, &object, &why), CLIENT_DATA);
	e = check(c, object, type);
	json_decref(object);
	return e;
}
