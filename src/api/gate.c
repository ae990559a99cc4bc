/* Who calls, may he, and not too often. */
#include "api/internal.h"
#include "codec/form.h"

enum { ACCOUNT_NAME_MAX = 128 };

/* The account named in the query, in any spelling of the name; empty when none is. */
static struct slice wanted_account(struct op *op)
{
	struct slice rest = op->http->query, name, value;
	struct error e;

	while (form_next(&rest, op->arena, &name, &value, &e))
		if (!failed(e) && slice_ieq(name, S("signicat-accountId")))
			return slice_of(value.p, value.n < ACCOUNT_NAME_MAX ? value.n : ACCOUNT_NAME_MAX);
	return S("");
}

static err bearer(struct op *op, struct slice *ret_token)
{
	struct slice value = http_header(op->http, "Authorization");

	ENSURE(http_header_count(op->http, "Authorization") == 1, TOKEN_INVALID);
	ENSURE(value.n > 7 && slice_ieq(slice_of(value.p, 7), S("Bearer ")), TOKEN_INVALID);
	*ret_token = slice_trim(slice_of(value.p + 7, value.n - 7));
	ENSURE(ret_token->n > 0 && ret_token->n <= TOKEN_BYTES_MAX, TOKEN_INVALID);
	return OK;
}

static err rate_check(struct op *op)
{
	int64_t limit = op->route->rate == READS ? op->settings->rate_reads :
			op->route->rate == WRITES ? op->settings->rate_writes : 0;

	if (limit == 0)
		return OK;
	if (!rate_take(op->api->rates[op->route->rate], op->caller.client_id, limit)) {
		metric_add(op->app->metrics, METRIC_rate_limited_total, 1);
		return FAIL(TOO_MANY);
	}
	return OK;
}

err gate_check(struct op *op)
{
	enum permission needed = op->route->permission;
	struct slice token, wanted;

	if (needed == PUBLIC)
		return OK;
	ENSURE(needed != PERMISSION_MISSING, NOT_FOUND);
	if (needed == LOCAL_ONLY) {
		ENSURE(op->http->local, NOT_FOUND);
		return OK;
	}
	TRY(bearer(op, &token));
	wanted = op->http->query.n ? wanted_account(op) : S("");
	TRY(op->api->config.authenticate(op, token, wanted));
	ENSURE(op->caller.permissions & BIT(needed), PERMISSION);
	/* A client of the whole organisation has to say which account it means. */
	if (!op->caller.account && !(op->route->flags & NO_ACCOUNT)) {
		op->what = S("signicat-accountId");
		return FAIL(PARAM_MISSING);
	}
	return rate_check(op);
}
