/* Who is let in: nobody without a good token, with or without the permission that the route names. */
#include "tests/api/matrix.h"

#include "codec/encode.h"
#include "jose/jwt.h"
#include "oauth/oauth.h"

static bool is_public(const struct spot *at)
{
	return at->route->permission == PUBLIC;
}

/* ---- none at all ---- */

static void no_token(struct matrix *m, const struct spot *at)
{
	struct answer answer = matrix_refused(m, at, &(struct how){ .token = "" }, 401, "invalid_token");

	assert_string_equal(answer_header(&answer, "WWW-Authenticate"), "Bearer");
}

static void operators_route_from_outside(struct matrix *m, const struct spot *at)
{
	struct how how = { .from_outside = true };
	struct answer answer = matrix_refused(m, at, &how, 404, "not_found");

	assert_string_equal(text_of(answer, "detail"), "There is nothing at this path");
}

static void public_route_without_a_token(struct matrix *m, const struct spot *at)
{
	struct answer answer = matrix_send(m, at, &(struct how){ .token = "" });

	assert_true(answer.status != 401 && answer.status != 403);
}

/* ---- bad ones ---- */

static void refuse(struct matrix *m, const struct spot *at, const char *token)
{
	matrix_refused(m, at, &(struct how){ .token = token }, 401, "invalid_token");
}

static void malformed_token(struct matrix *m, const struct spot *at)
{
	static const char *const tokens[] = { "x", ".", "..", "a.b.c", "e30.e30.e30", "null", "Bearer", "%00" };

	for (size_t i = 0; i < COUNT(tokens); i++)
		refuse(m, at, tokens[i]);
}

/* A byte in each part of it: header, dots, payload, signature, ends. */
static void altered_token(struct matrix *m, const struct spot *at)
{
	const char *first = strchr(m->w->token, '.'), *second = strchr(first + 1, '.'), *end = second + strlen(second);
	const char *const places[] = { m->w->token, first - 1, first, first + 1, second - 1, second, second + 1, end - 40, end - 1 };

	for (size_t i = 0; i < COUNT(places); i++) {
		char *token = arena_cstr(&m->w->f->arena, slice_text(m->w->token));

		token[places[i] - m->w->token] ^= 1;
		refuse(m, at, token);
	}
	refuse(m, at, WORDS(m, "%.*s", (int)(end - m->w->token - 1), m->w->token));
	refuse(m, at, WORDS(m, "%sA", m->w->token));
	refuse(m, at, WORDS(m, "%.*s", (int)(second - m->w->token), m->w->token));
}

static struct slice payload_of(struct matrix *m)
{
	struct slice rest = slice_text(m->w->token), payload;

	slice_cut(&rest, '.');
	must(b64url_read(&m->w->f->arena, slice_cut(&rest, '.'), &payload));
	return payload;
}

/* The usual claims, one of them otherwise; signed by the key that signs now. */
static const char *token_with(struct matrix *m, const char *typ, const char *claim, json_t *value)
{
	struct slice payload = payload_of(m), token;
	json_t *claims = json_loadb((const char *)payload.p, payload.n, 0, NULL);
	struct buf b = buf_arena(&m->w->f->arena, 8192);
	const struct sign_key *key;
	const char *kid;

	if (claim)
		json_object_set_new(claims, claim, value);
	json_write_value(&b, claims);
	json_decref(claims);
	oauth_signing_key(&m->w->f->app, env_now_ms(m->w->f->app.env), &key, &kid);
	must(jwt_sign(key, kid, typ, buf_bytes(&b), &m->w->f->arena, &token));
	return arena_cstr(&m->w->f->arena, token);
}

static int64_t now_s(struct matrix *m)
{
	return env_now_ms(m->w->f->app.env) / 1000;
}

static void expired_token(struct matrix *m, const struct spot *at)
{
	refuse(m, at, token_with(m, "at+jwt", "exp", json_integer(now_s(m))));
}

static void token_of_the_future(struct matrix *m, const struct spot *at)
{
	refuse(m, at, token_with(m, "at+jwt", "nbf", json_integer(now_s(m) + 60)));
}

static void token_of_another_kind(struct matrix *m, const struct spot *at)
{
	refuse(m, at, token_with(m, "JWT", NULL, NULL));
	refuse(m, at, token_with(m, "at+jwt", "iss", json_string("https://elsewhere.example")));
	refuse(m, at, token_with(m, "at+jwt", "aud", json_string("https://elsewhere.example")));
}

static void token_of_nobody(struct matrix *m, const struct spot *at)
{
	refuse(m, at, token_with(m, "at+jwt", "client_id", json_string("sandbox-no-body-000")));
	refuse(m, at, token_with(m, "at+jwt", "account_id", json_string(m->town->theirs.account)));
}

static void unsigned_token(struct matrix *m, const struct spot *at)
{
	struct arena *a = &m->w->f->arena;
	struct slice payload = b64url(a, payload_of(m));

	for (int i = 0; i < 3; i++) {
		static const char *const algorithms[] = { "none", "None", "HS256" };
		struct slice header = b64url(a, arena_printf(a, "{\"alg\":\"%s\",\"typ\":\"at+jwt\"}", algorithms[i]));

		refuse(m, at, WORDS(m, "%.*s.%.*s.", FMT(header), FMT(payload)));
		refuse(m, at, WORDS(m, "%.*s.%.*s.AAAA", FMT(header), FMT(payload)));
	}
}

static void token_of_a_foreign_key(struct matrix *m, const struct spot *at)
{
	struct sign_key *foreign;
	const struct sign_key *key;
	struct slice token;
	const char *kid;

	oauth_signing_key(&m->w->f->app, env_now_ms(m->w->f->app.env), &key, &kid);
	must(sign_key_generate(SIGN_ES256, &foreign));
	must(jwt_sign(foreign, kid, "at+jwt", payload_of(m), &m->w->f->arena, &token));
	refuse(m, at, arena_cstr(&m->w->f->arena, token));
	sign_key_free(foreign);
}

/* ---- permissions ---- */

static void every_permission_but_the_one_that_is_needed(struct matrix *m, const struct spot *at)
{
	const char *permission = permission_text(at->route->permission);
	struct how how = { .header = { S(WITHOUT_HEADER), slice_text(permission) } };
	struct answer answer = matrix_refused(m, at, &how, 403, "missing_permission");

	assert_string_equal(text_of(answer, "title"),
		"You do not have the required permission to perform this operation on the target resource");
	assert_string_equal(text_of(answer, "detail"),
		WORDS(m, "The subject with ID '%s' does not have the required permission '%s' on the target resource '%s'",
			m->town->first.client_id, permission, m->town->mine.account));
}

/* The permission is looked at before the request: who may not ask learns nothing by asking. */
static void permission_is_missing_and_the_request_is_bad(struct matrix *m, const struct spot *at)
{
	struct how how = { .header = { S(WITHOUT_HEADER), slice_text(permission_text(at->route->permission)) }, .raw = S("{") };

	matrix_refused(m, at, &how, 403, "missing_permission");
}

static void only_the_permission_that_is_needed(struct matrix *m, const struct spot *at)
{
	for (int p = 0; p < PERMISSION_COUNT; p++) {
		struct how how = { .header = { S(WITHOUT_HEADER), slice_text(permission_text((enum permission)p)) } };

		if (*permission_text((enum permission)p) && p != (int)at->route->permission) {
			struct answer answer = matrix_send(m, at, &how);

			if (answer.status == 403)
				fail_msg("%s is asked for too", permission_text((enum permission)p));
		}
	}
}

static const struct property properties[] = {
	{ "no token", OF_PATH, wants_token, no_token },
	{ "the operator's, from outside", OF_PATH, is_local, operators_route_from_outside },
	{ "public, without a token", OF_PATH, is_public, public_route_without_a_token },
	{ "a malformed token", OF_ROUTE, wants_token, malformed_token },
	{ "an altered token", OF_ROUTE, wants_token, altered_token },
	{ "an expired token", OF_ROUTE, wants_token, expired_token },
	{ "a token of the future", OF_ROUTE, wants_token, token_of_the_future },
	{ "a token of another kind, issuer or audience", OF_ROUTE, wants_token, token_of_another_kind },
	{ "a token of no client, or of another account", OF_ROUTE, wants_token, token_of_nobody },
	{ "a token that nobody signed", OF_ROUTE, wants_token, unsigned_token },
	{ "a token of a foreign key", OF_ROUTE, wants_token, token_of_a_foreign_key },
	{ "without the permission", OF_PATH, wants_token, every_permission_but_the_one_that_is_needed },
	{ "without the permission, and malformed", OF_ROUTE, wants_token, permission_is_missing_and_the_request_is_bad },
	{ "with no other permission", OF_ROUTE, wants_token, only_the_permission_that_is_needed },
};

int main(void)
{
	return matrix_run(properties, COUNT(properties));
}
