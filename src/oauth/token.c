/* POST /auth/open/connect/token (RFC 6749, 4.4). */
#include "codec/encode.h"
#include "codec/form.h"
#include "event/fact.h"
#include "jose/jwt.h"
#include "oauth/internal.h"

#define SCOPE "signicat-api"

struct token_own {
	struct token_client client;
	struct slice token;
	char jti[JTI_TEXT + 1];
};

struct form_row {
	const char *name;
	size_t offset;
};

static const struct form_row form_rows[] = {
	{ "grant_type", offsetof(struct token_form, grant_type) },
	{ "scope", offsetof(struct token_form, scope) },
	{ "client_id", offsetof(struct token_form, client_id) },
	{ "client_secret", offsetof(struct token_form, client_secret) },
};

static struct slice *place(struct token_form *form, struct slice name)
{
	for (size_t i = 0; i < sizeof(form_rows) / sizeof(form_rows[0]); i++)
		if (slice_is(name, form_rows[i].name))
			return (struct slice *)((uint8_t *)form + form_rows[i].offset);
	return NULL;
}

/* RFC 6749, 3.2: parameters must not be repeated; unknown ones are ignored. */
static err read_form(struct op *op, struct token_form *form)
{
	struct slice rest = op->http->body, name, value;
	struct error e;

	while (form_next(&rest, op->arena, &name, &value, &e)) {
		struct slice *at;

		if (failed(e))
			return op_fail(op, OAUTH_INVALID_REQUEST, "the form holds a broken escape");
		at = place(form, name);
		if (at && at->p)
			return op_fail(op, OAUTH_INVALID_REQUEST, "%.*s is given more than once", FMT(name));
		if (at)
			*at = value.p ? value : S("");
	}
	return OK;
}

static err check_request(struct op *op, const struct token_form *form)
{
	if (form->grant_type.n == 0)
		return op_fail(op, OAUTH_INVALID_REQUEST, "grant_type is missing");
	ENSURE(slice_is(form->grant_type, "client_credentials"), OAUTH_UNSUPPORTED_GRANT);
	ENSURE(form->scope.n == 0 || slice_is(slice_trim(form->scope), SCOPE), OAUTH_INVALID_SCOPE);
	return OK;
}

static struct slice audience(struct op *op)
{
	return slice_text(*op->settings->token_audience ? op->settings->token_audience : op->app->public_url);
}

/* The claims of platform access tokens; RFC 9068 with the service's own additions. */
static void write_claims(struct op *op, const struct token_own *own, struct buf *b)
{
	int64_t now_s = op->now / 1000;
	struct jw w = jw_new(b);

	jw_open(&w, '{');
	jw_pair_text(&w, "iss", oauth_issuer(op->app, op->arena));
	jw_pair_text(&w, "aud", audience(op));
	jw_pair_text(&w, "client_id", own->client.id);
	if (own->client.account_id.n)
		jw_pair_text(&w, "account_id", own->client.account_id);
	if (own->client.sandbox)
		jw_pair_bool(&w, "sandbox", true);
	jw_key(&w, "scope");
	jw_raw(&w, S("[\"" SCOPE "\"]"));
	jw_pair(&w, "jti", own->jti);
	jw_pair_int(&w, "nbf", now_s);
	jw_pair_int(&w, "iat", now_s);
	jw_pair_int(&w, "exp", now_s + own->client.lifetime_s);
	jw_close(&w, '}');
}

static void make_jti(struct op *op, char out[static JTI_TEXT + 1])
{
	static const char digits[] = "0123456789ABCDEF";
	uint8_t random[JTI_TEXT / 2];

	env_random(op->app->env, random, sizeof(random));
	for (size_t i = 0; i < JTI_TEXT; i++)
		out[i] = digits[i % 2 ? random[i / 2] & 15 : random[i / 2] >> 4];
	out[JTI_TEXT] = 0;
}

static err make_token(struct op *op, struct token_own *own)
{
	struct buf claims = buf_arena(op->arena, 8192);
	const struct sign_key *key;
	const char *kid;

	make_jti(op, own->jti);
	write_claims(op, own, &claims);
	TRY(buf_ok(&claims));
	oauth_signing_key(op->app, op->now, &key, &kid);
	return jwt_sign(key, kid, "at+jwt", buf_bytes(&claims), op->arena, &own->token);
}

static void no_store(struct op *op)
{
	http_add_header(op->http, "Cache-Control", S("no-store"));
	http_add_header(op->http, "Pragma", S("no-cache"));
}

err token_reply(struct op *op)
{
	struct token_own *own = op_own(op, struct token_own);
	struct buf b = buf_arena(op->arena, 8192);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_text(&w, "access_token", own->token);
	jw_pair_int(&w, "expires_in", own->client.lifetime_s);
	jw_pair(&w, "token_type", "Bearer");
	jw_pair(&w, "scope", SCOPE);
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	no_store(op);
	metric_add(op->app->metrics, METRIC_tokens_issued_total, 1);
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}

err token_prepare(struct op *op)
{
	struct token_own *own = op_own(op, struct token_own);
	struct token_form form = { 0 };

	TRY(read_form(op, &form));
	TRY(client_authenticate(op, &form, &own->client));
	TRY(check_request(op, &form));
	TRY(make_token(op, own));
	op->caller.client_id = own->client.id;
	op->caller.account = own->client.account;
	op->caller.jti = slice_text(own->jti);
	/* Nothing to write, hence no transaction, unless the operator wants a record of each token. */
	return op->settings->audit_token_issued ? OK : token_reply(op);
}

err token_apply(struct op *op, struct tx *tx)
{
	return fact(op, tx, &(struct fact){ .kind = FACT_TOKEN_ISSUED, .reference = op->caller.jti });
}

static int status_of(struct op *op, struct error e)
{
	struct token_own *own = op_own(op, struct token_own);

	if (!is_err(e, E_OAUTH_INVALID_CLIENT))
		return err_info(e.code)->http;
	return own->client.basic ? 401 : (int)op->settings->invalid_client_status;
}

/* RFC 6749, 5.2. */
static void write_error(struct op *op, struct error e)
{
	const struct err_info *info = err_info(e.code);
	bool own_code = e.code >= E_OAUTH_INVALID_REQUEST && e.code <= E_OAUTH_UNSUPPORTED_GRANT;
	struct buf b = buf_arena(op->arena, 4096);
	struct jw w = jw_new(&b);
	int status = status_of(op, e);

	jw_open(&w, '{');
	jw_pair(&w, "error", own_code || e.code == E_TOO_MANY ? info->code : info->http >= 500 ? "server_error" : "invalid_request");
	jw_pair_text(&w, "error_description", op_detail(op, e));
	jw_close(&w, '}');
	no_store(op);
	if (status == 401)
		http_add_header(op->http, "WWW-Authenticate", S("Basic realm=\"token\""));
	if (status == 429 || status == 503)
		http_add_header(op->http, "Retry-After", S("1"));
	metric_add(op->app->metrics, METRIC_tokens_refused_total, 1);
	op_answer(op, status, NULL, buf_bytes(&b));
}

const struct op_errors oauth_errors = { write_error };
