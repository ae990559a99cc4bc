/* Metadata (RFC 8414, OpenID Connect Discovery 1.0) and the key set (RFC 7517). */
#include "jose/jwt.h"
#include "oauth/internal.h"

struct slice oauth_issuer(const struct app *app, struct arena *a)
{
	const struct settings *settings = app_settings(app);

	return *settings->token_issuer ? slice_text(settings->token_issuer) : arena_printf(a, "%s/auth/open", app->public_url);
}

static void words(struct jw *w, const char *name, const char *const *list)
{
	jw_key(w, name);
	jw_open(w, '[');
	for (; *list; list++)
		jw_cstr(w, *list);
	jw_close(w, ']');
}

#define WORDS(...) (const char *const[]){ __VA_ARGS__, NULL }

static void endpoint(struct op *op, struct jw *w, const char *name, const char *path)
{
	jw_pair_text(w, name, arena_printf(op->arena, "%s/auth/open%s", op->app->public_url, path));
}

err discovery_prepare(struct op *op)
{
	struct buf b = buf_arena(op->arena, 8192);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_text(&w, "issuer", oauth_issuer(op->app, op->arena));
	endpoint(op, &w, "token_endpoint", "/connect/token");
	endpoint(op, &w, "jwks_uri", "/.well-known/openid-configuration/jwks");
	words(&w, "scopes_supported", WORDS("signicat-api"));
	words(&w, "grant_types_supported", WORDS("client_credentials"));
	words(&w, "response_types_supported", WORDS("none"));
	words(&w, "subject_types_supported", WORDS("public"));
	words(&w, "id_token_signing_alg_values_supported", WORDS(op->settings->signing_alg));
	words(&w, "token_endpoint_auth_methods_supported", WORDS("client_secret_basic", "client_secret_post"));
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}

err jwks_prepare(struct op *op)
{
	const struct key_set *set = atomic_load(&op->app->oauth->keys);
	struct buf b = buf_arena(op->arena, 1 << 20);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_key(&w, "keys");
	jw_open(&w, '[');
	for (size_t i = 0; i < set->n; i++)
		jwk_write(&w, set->keys[i].key, set->keys[i].kid, op->arena);
	jw_close(&w, ']');
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	http_add_header(op->http, "Cache-Control", S("public, max-age=300"));
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}
