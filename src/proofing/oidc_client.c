#include "codec/encode.h"
#include "codec/form.h"
#include "jose/jwt.h"
#include "proofing/oidc.h"

enum { ASSERTION_LIFETIME_S = 60 };

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

enum how { NOT_AT_ALL, BASIC, POST, PRIVATE_KEY, UNKNOWN };

static enum how how_of(const json_t *settings, struct slice secret)
{
	struct slice word = json_member(settings, "clientAuth");

	if (slice_is(word, "private_key_jwt"))
		return PRIVATE_KEY;
	if (slice_is(word, "none") || (!word.n && !secret.n))
		return NOT_AT_ALL;
	if (slice_is(word, "post"))
		return POST;
	return !word.n || slice_is(word, "basic") ? BASIC : UNKNOWN;
}

static struct slice secret_of(const json_t *settings, const struct proofing_config *config)
{
	return config_secret(config, json_member(settings, "secretRef"));
}

const char *oidc_client_fault(struct op *op, const json_t *settings, const struct proofing_config *config)
{
	struct slice secret = secret_of(settings, config);
	enum how how = how_of(settings, secret);
	struct sign_key *key;

	if (how == UNKNOWN)
		return "must have a clientAuth of basic, post, private_key_jwt or none";
	if (how != NOT_AT_ALL && !secret.n)
		return "must name with secretRef a secret that is there";
	if (how != PRIVATE_KEY)
		return NULL;
	if (failed(sign_key_from_pem(secret, op->arena, &key)))
		return "must name with secretRef a private key in PEM (PKCS#8, P-256 or RSA) for private_key_jwt";
	sign_key_free(key);
	return NULL;
}

static void add_basic(struct op *op, struct slice id, struct slice secret, struct call_request *r)
{
	struct buf user = buf_arena(op->arena, OIDC_FORM_BYTES_MAX);

	percent_write(&user, id);
	buf_byte(&user, ':');
	percent_write(&user, secret);
	r->headers[r->header_count++] = (struct http_header){ S("Authorization"),
		arena_printf(op->arena, "Basic %.*s", FMT(b64(op->arena, buf_bytes(&user)))) };
}

/* RFC 7523, section 3; the audience is the issuer and nobody else. */
static struct slice claims_of(struct op *op, const json_t *settings)
{
	struct slice id = json_member(settings, "clientId");
	struct buf b = buf_arena(op->arena, OIDC_FORM_BYTES_MAX);
	struct uuid jti = uuid_v7(op->app->env, op->now);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_text(&w, "iss", id);
	jw_pair_text(&w, "sub", id);
	jw_pair_text(&w, "aud", json_member(settings, "issuer"));
	jw_pair_text(&w, "jti", uuid_text(op->arena, &jti));
	jw_pair_int(&w, "iat", op->now / 1000);
	jw_pair_int(&w, "exp", op->now / 1000 + ASSERTION_LIFETIME_S);
	jw_close(&w, '}');
	return buf_bytes(&b);
}

static err add_assertion(struct op *op, const json_t *settings, struct slice pem, struct buf *form)
{
	struct slice kid = json_member(settings, "keyId"), token;
	struct sign_key *key;
	struct error e;

	TRY(sign_key_from_pem(pem, op->arena, &key));
	e = jwt_sign(key, arena_cstr(op->arena, kid), "JWT", claims_of(op, settings), op->arena, &token);
	sign_key_free(key);
	TRY(e);
	form_write(form, "client_assertion_type", S(ASSERTION_TYPE));
	form_write(form, "client_assertion", token);
	return OK;
}

err oidc_client_prove(struct op *op, const json_t *settings, const struct proofing_config *config, struct buf *form,
	struct call_request *r)
{
	struct slice id = json_member(settings, "clientId"), secret = secret_of(settings, config);
	enum how how = how_of(settings, secret);

	if (how == BASIC) {
		add_basic(op, id, secret, r);
		return OK;
	}
	form_write(form, "client_id", id);
	if (how == POST)
		form_write(form, "client_secret", secret);
	return how == PRIVATE_KEY ? add_assertion(op, settings, secret, form) : OK;
}
