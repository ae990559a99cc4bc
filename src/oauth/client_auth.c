/* Client authentication at the token endpoint: Basic, form fields, or Basic with an equal client_id (RFC 6749, 2.3.1). */
#include "codec/encode.h"
#include "codec/form.h"
#include "event/denials.h"
#include "oauth/internal.h"

struct credentials {
	struct slice id, secret;
	bool basic;
};

/* RFC 6749, 2.3.1: identifier and secret are form-encoded before they are joined. */
static err read_basic(struct op *op, struct slice value, struct credentials *c)
{
	struct slice pair, id;

	ENSURE(value.n > 6 && slice_ieq(slice_of(value.p, 6), S("Basic ")), OAUTH_INVALID_CLIENT);
	ENSURE(!failed(b64_read(op->arena, slice_trim(slice_of(value.p + 6, value.n - 6)), &pair)), OAUTH_INVALID_CLIENT);
	ENSURE(slice_find(pair, ':') < pair.n, OAUTH_INVALID_CLIENT);
	id = slice_cut(&pair, ':');
	ENSURE(!failed(percent_decode(id, true, op->arena, &c->id)), OAUTH_INVALID_CLIENT);
	ENSURE(!failed(percent_decode(pair, true, op->arena, &c->secret)), OAUTH_INVALID_CLIENT);
	return OK;
}

static err read_credentials(struct op *op, const struct token_form *form, struct credentials *c)
{
	size_t headers = http_header_count(op->http, "Authorization");

	c->basic = headers > 0;
	if (!c->basic) {
		c->id = form->client_id;
		c->secret = form->client_secret;
		return OK;
	}
	if (headers > 1 || form->client_secret.p)
		return op_fail(op, OAUTH_INVALID_REQUEST, "more than one way of client authentication is used");
	if (failed(read_basic(op, http_header(op->http, "Authorization"), c)))
		c->id = c->secret = S(""); /* refused, counted and recorded as an unknown client */
	if (c->id.n && form->client_id.p && !slice_eq(form->client_id, c->id))
		return op_fail(op, OAUTH_INVALID_REQUEST, "client_id differs from the one in the Authorization header");
	return OK;
}

static bool fits(const struct client_info *client, struct slice secret)
{
	static const struct client_info nobody;

	/* An unknown client costs the same hash. */
	return client_secret_fits(client ? client : &nobody, secret) && client && client->enabled;
}

static void fill(struct op *op, const struct client_info *client, struct token_client *ret)
{
	ret->id = arena_copy(op->arena, client->id);
	ret->lifetime_s = client->token_lifetime_s;
	ret->account_id = client->account ? arena_copy(op->arena, client->account->id) : S("");
	ret->account = client->account ? client->account->n : 0;
	ret->sandbox = client->account && client->account->sandbox;
}

static err check(struct op *op, const struct credentials *c, struct token_client *ret_client)
{
	const struct snapshot *snapshot = accounts_hold(op->app);
	const struct client_info *client = snapshot_client(snapshot, c->id);
	bool good = c->id.n && c->secret.n && fits(client, c->secret);

	if (good)
		fill(op, client, ret_client);
	else
		denials_note(op->app->denials, FACT_TOKEN_DENIED, client && client->account ? client->account->n : 0,
			client ? client->id : S(""), op->http->peer, client ? "wrong secret or disabled" : "unknown client");
	accounts_release(snapshot);
	ENSURE(good, OAUTH_INVALID_CLIENT);
	return OK;
}

err client_authenticate(struct op *op, const struct token_form *form, struct token_client *ret_client)
{
	struct credentials c = { 0 };
	struct error e = read_credentials(op, form, &c);
	struct slice key;
	int64_t limit = op->settings->rate_failed_auth;

	ret_client->basic = c.basic;
	TRY(e);
	key = arena_printf(op->arena, "%.*s %.*s", FMT(op->http->peer), FMT(c.id));
	if (!rate_left(op->app->oauth->failures, key, limit)) {
		metric_add(op->app->metrics, METRIC_rate_limited_total, 1);
		return FAIL(TOO_MANY);
	}
	e = check(op, &c, ret_client);
	if (failed(e))
		rate_take(op->app->oauth->failures, key, limit);
	return e;
}
