/* What the tests of this folder share: the token endpoint asked in every way, and tokens taken apart and made. */
#ifndef TEST_UNIT_OAUTH_TOKENS_H
#define TEST_UNIT_OAUTH_TOKENS_H

#include "codec/encode.h"
#include "event/denials.h"
#include "jose/jwt.h"
#include "oauth/internal.h"
#include "tests/unit/common/database.h"
#include "tests/unit/common/world.h"
#include "user/user.h"

#define FORM_TYPE "application/x-www-form-urlencoded"
#define GRANT "grant_type=client_credentials"

static inline int setup_with(void **state, const struct fixture_options *options)
{
	static const struct route_table *const tables[] = { &user_routes, &user_admin_routes };

	*state = world_new(options, tables, COUNT(tables));
	return 0;
}

static inline int setup(void **state)
{
	return setup_with(state, NULL);
}

static inline int teardown(void **state)
{
	world_free(*state);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_WITH(name, setup) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* A token request; `authorization` is the value of that header, NULL: none. */
static inline struct answer token_request(struct world *w, const char *authorization, const char *form)
{
	struct http_header header = { S("Authorization"), slice_text(authorization) };
	const struct from from = { .type = FORM_TYPE, .headers = &header, .header_count = authorization ? 1 : 0 };

	return fixture_request(w->f, &from, HTTP_POST, "/auth/open/connect/token", form);
}

static inline const char *basic(struct world *w, const char *id, const char *secret)
{
	return TEXT(w, "Basic %.*s", FMT(b64(&w->f->arena, arena_printf(&w->f->arena, "%s:%s", id, secret))));
}

static inline const char *basic_first(struct world *w)
{
	return basic(w, w->first.client_id, w->first.secret);
}

/* grant, client_id and client_secret as form fields, and `more` behind. */
static inline const char *form_of(struct world *w, const char *id, const char *secret, const char *more)
{
	return TEXT(w, GRANT "&client_id=%s&client_secret=%s%s", id, secret, more);
}

static inline void assert_oauth_error(struct answer answer, int status, const char *error)
{
	assert_status(answer, status);
	assert_string_equal(text_of(answer, "error"), error);
	assert_string_equal(answer_header(&answer, "Cache-Control"), "no-store");
}

/* Header (0) or payload (1) of a token, parsed; the caller drops it. */
static inline json_t *token_part(struct world *w, const char *token, int part)
{
	struct slice rest = slice_text(token), text = slice_cut(&rest, '.'), bytes;
	json_t *parsed;

	if (part == 1)
		text = slice_cut(&rest, '.');
	must(b64url_read(&w->f->arena, text, &bytes));
	parsed = json_loadb((const char *)bytes.p, bytes.n, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(parsed);
	return parsed;
}

/* A token with this payload, signed by the key that signs now. */
static inline const char *token_signed(struct world *w, const char *typ, const char *payload)
{
	const struct sign_key *key;
	const char *kid;
	struct slice token;

	oauth_signing_key(&w->f->app, env_now_ms(w->f->app.env), &key, &kid);
	must(jwt_sign(key, kid, typ, slice_text(payload), &w->f->arena, &token));
	return arena_cstr(&w->f->arena, token);
}

/* The usual claims of the first client, with `name` set to `value` (JSON; NULL: left out); name NULL: as they are. */
static inline const char *claims_with(struct world *w, const char *name, const char *value)
{
	json_t *claims = token_part(w, w->token, 1);
	struct buf b = buf_arena(&w->f->arena, 8192);

	if (name && value)
		assert_int_equal(json_object_set_new(claims, name, json_loads(value, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL)), 0);
	else if (name)
		json_object_del(claims, name);
	json_write_value(&b, claims);
	buf_byte(&b, 0);
	json_decref(claims);
	return (const char *)b.p;
}

#define RESOLVE "/reuseid/core/users/resolve"

/* What any route says to this token: 404 (the user is not known) means that it was let in. */
static inline struct answer ask_with(struct world *w, const char *token)
{
	return fixture_request(w->f, &(struct from){ .token = token }, HTTP_POST, RESOLVE, "{\"externalRef\":\"nobody\"}");
}

#define assert_let_in(w, token) assert_problem(ask_with(w, token), 404, "user_entity_does_not_exist")
#define assert_not_let_in(w, token) assert_problem(ask_with(w, token), 401, "invalid_token")

#endif
