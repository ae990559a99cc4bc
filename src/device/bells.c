/* Bells: made in prepare, rung behind the commit; a dead push service delays nothing (mobileid.md 5.11). */
#include "device/bells.h"

#include <stdlib.h>

#include "codec/encode.h"

enum { NONCE_BYTES = PUSH_NONCE_BYTES, LIFETIME_S_MAX = 24 * 60 * 60, NONCES_PER_MINUTE = 10, MINUTE_MS = 60 * 1000 };

struct bell {
	struct push_call *call;
	struct uuid device;
	int64_t updated; /* of the token, so that only that one is forgotten */
};

struct bells {
	struct app *app;
	struct store_hook hook;
	struct uuid operation;
	bool counts;     /* as a push since the last success */
	int64_t max;     /* of which a device gets so many; 0: no limit */
	struct bell *list;
	size_t n;
};

const struct push_account *push_account_find(const struct application_set *set, const struct uuid *application, enum push_service service)
{
	for (size_t i = 0; i < set->push_count; i++)
		if (uuid_eq(&set->pushes[i].application, application) && set->pushes[i].account.service == service)
			return &set->pushes[i].account;
	return NULL;
}

/* ---- what came of them ---- */

SQL(push_unsent, "UPDATE device_operations SET push = 2 WHERE id = $1 AND push = 1");
SQL(push_gone, "DELETE FROM push_tokens WHERE device = $1 AND updated = $2");

/* One that is under way, and then what it leaves to be written. */
struct rung {
	struct store_job job; /* first */
	struct app *app;
	struct uuid operation, device;
	int64_t updated;
	bool alone;           /* the only one of its operation */
	enum push_outcome outcome;
};

static struct error write_outcome(struct store_job *job, struct tx *tx)
{
	struct rung *r = (struct rung *)job;

	if (r->outcome == PUSH_GONE)
		TRY(sql_run(tx, &push_gone, ARGS(v_uuid(&r->device), v_int(r->updated)), NULL));
	return r->alone ? sql_run(tx, &push_unsent, ARGS(v_uuid(&r->operation)), NULL) : OK;
}

static void written(struct store_job *job, struct error result)
{
	struct rung *r = (struct rung *)job;

	if (failed(result))
		log_line(r->app->log, LOG_WARN, "outcome of a push not kept", LOG_E(result));
	free(r);
}

static void rung(void *ctx, enum push_outcome outcome)
{
	struct rung *r = ctx;

	r->outcome = outcome;
	if (outcome == PUSH_TAKEN) {
		metric_add(r->app->metrics, METRIC_pushes_taken_total, 1);
		free(r);
		return;
	}
	metric_add(r->app->metrics, METRIC_pushes_failed_total, 1);
	r->job = (struct store_job){ .apply = write_outcome, .done = written };
	store_submit(r->app->store, &r->job);
}

static void ring(void *ctx)
{
	struct bells *bells = ctx;

	for (size_t i = 0; i < bells->n; i++) {
		struct rung *r = xalloc(sizeof(*r));

		r->app = bells->app;
		r->operation = bells->operation;
		r->device = bells->list[i].device;
		r->updated = bells->list[i].updated;
		r->alone = bells->counts && bells->n == 1;
		push_send(bells->app->devices->push, bells->app->outbound, bells->list[i].call, rung, r);
	}
}

SQL(push_counted,
	"UPDATE devices SET pushes = pushes + 1, version = version + 1 WHERE id = $1 AND ($2 = 0 OR pushes < $2)");

err bells_ring(struct op *op, struct tx *tx, struct bells *bells)
{
	int64_t changes;

	(void)op;
	if (!bells)
		return OK;
	for (size_t i = 0; bells->counts && i < bells->n; i++) {
		TRY(sql_run(tx, &push_counted, ARGS(v_uuid(&bells->list[i].device), v_int(bells->max)), &changes));
		ENSURE(changes == 1, STALE); /* another one was the last that may ring */
	}
	tx_after_commit(tx, &bells->hook);
	return OK;
}

/* ---- making ---- */

static struct bells *bells_new(struct op *op, const struct uuid *operation, size_t n_max)
{
	struct bells *bells = arena_new(op->arena, struct bells);

	bells->app = op->app;
	bells->operation = *operation;
	bells->hook = (struct store_hook){ .fn = ring, .ctx = bells };
	bells->list = arena_array(op->arena, struct bell, n_max);
	return bells;
}

static int64_t lifetime_s(int64_t expires, int64_t now)
{
	int64_t s = (expires - now) / 1000;

	return s < 1 ? 1 : s > LIFETIME_S_MAX ? LIFETIME_S_MAX : s;
}

/* False when the service cannot be reached with that: no account, or a token that is no good. */
static bool add_bell(struct op *op, struct bells *bells, const struct uuid *application, const struct push_target *target,
	const struct push_bell *what, const struct uuid *device, int64_t updated)
{
	const struct push_account *account = push_account_find(applications_now(op->app), application, target->service);
	struct bell *bell = &bells->list[bells->n];

	if (!account || failed(push_make(op->app->devices->push, account, target, what, op->arena, &bell->call)))
		return false;
	bell->device = *device;
	bell->updated = updated;
	bells->n++;
	return true;
}

SQL(pushes_of, "SELECT pushes FROM devices WHERE id = $1");

/* Against approving by reflex: so many since the last success, and no more. */
static err may_ring(struct op *op, const struct device_config *config, const struct uuid *device, bool *ret_may)
{
	struct rows r;

	*ret_may = true;
	if (!config->pushesSinceSuccessMax)
		return OK;
	TRY(sql_one(op_reader(op), &pushes_of, ARGS(v_uuid(device)), &r));
	*ret_may = col_int(&r, 0) < config->pushesSinceSuccessMax;
	return sql_close(&r);
}

static err add_device(struct op *op, struct bells *bells, const struct application *app, const struct user *owner,
	const struct uuid *device, const struct push_bell *what)
{
	struct push_target target;
	int64_t updated;
	struct error e;
	bool may;

	TRY(may_ring(op, &app->config, device, &may));
	if (!may)
		return OK;
	e = push_token_load(op, owner, device, &target, &updated);
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	add_bell(op, bells, &app->id, &target, what, device, updated);
	return OK;
}

err bells_of_operation(struct op *op, const struct user *owner, const struct uuid *devices, size_t n, struct slice payload,
	struct device_operation_row *row, struct bells **ret_bells)
{
	const struct application *app = application_by_id(applications_now(op->app), &row->application);
	const struct push_bell what = {
		.operation = row->base.operation == operation_type_SIGNING ? "SIGNING" : "AUTHENTICATION",
		.session = uuid_text(op->arena, &row->base.id),
		.payload = payload,
		.lifetime_s = lifetime_s(row->base.expires, op->now),
	};
	struct bells *bells;

	*ret_bells = NULL;
	if (!row->content.sendPush || !app || !app->config.pushEnabled || !op->app->outbound)
		return OK;
	bells = bells_new(op, &row->base.id, n);
	bells->counts = true;
	bells->max = app->config.pushesSinceSuccessMax;
	for (size_t i = 0; i < n; i++)
		TRY(add_device(op, bells, app, owner, &devices[i], &what));
	row->push = bells->n != 0;
	*ret_bells = bells->n ? bells : NULL;
	return OK;
}

/* ---- the nonce in the midst (6.7) ---- */

static enum policy_mode nonce_mode(const struct call *c)
{
	return c->application->config.pushEnabled && c->op->app->outbound ? c->application->config.intermediatePushMode : policy_mode_OFF;
}

struct push_policy *policy_push(struct call *c)
{
	struct push_policy *policy = arena_new(c->op->arena, struct push_policy);

	policy->mode = nonce_mode(c);
	if (policy->mode == policy_mode_OFF)
		return policy;
	policy->timeoutMs = c->application->config.intermediatePushTimeout;
	MARK(policy, push_policy, timeoutMs);
	return policy;
}

static err nonce_target(struct call *c, struct slice token, struct push_target *ret_target, int64_t *ret_updated)
{
	if (token.n)
		return push_target_read(token, slice_is(json_text(json_object_get(c->json, "os")), "iOS"), c->op->arena, ret_target);
	return push_token_load(c->op, &c->owner, &c->session.device, ret_target, ret_updated);
}

static bool send_nonce(struct call *c, const struct push_target *target, int64_t updated)
{
	uint8_t *nonce = c->session.secret.push_nonce;
	struct bells *bells = bells_new(c->op, &c->operation.base.id, 1);
	struct push_bell what = { .lifetime_s = lifetime_s(c->op->now + c->application->config.intermediatePushTimeout, c->op->now) };

	env_random(c->op->app->env, nonce, NONCE_BYTES);
	what.nonce = b64url(c->op->arena, slice_of(nonce, NONCE_BYTES));
	if (!add_bell(c->op, bells, &c->application->id, target, &what, &c->session.device, updated))
		return false;
	c->session.secret.has_push_nonce = 1;
	c->bells = bells;
	return true;
}

/* The phone says where we call: one that starts again and again must not have us call as often. STALE is no further start. */
static err take_turn(struct call *c)
{
	if (c->op->tries)
		return OK;
	ENSURE(rate_take_in(c->op->app->devices->nonces, session_counted(c), NONCES_PER_MINUTE, MINUTE_MS), TOO_MANY);
	return OK;
}

static err nonce_begin(struct call *c, struct slice token, enum device_error *ret_fault)
{
	enum policy_mode mode = nonce_mode(c);
	struct push_target target;
	int64_t updated = 0;
	struct error e;

	*ret_fault = DEVICE_OK;
	if (mode == policy_mode_OFF)
		return OK;
	TRY(take_turn(c));
	e = nonce_target(c, token, &target, &updated);
	if (failed(e) && !is_err(e, E_NO_ROW) && !is_err(e, E_PARSE))
		return e;
	if (!failed(e) && send_nonce(c, &target, updated))
		return OK;
	*ret_fault = mode == policy_mode_REQUIRED ? DEVICE_PUSH_NOT_ENABLED : DEVICE_OK;
	return OK;
}

err trust_begin(struct call *c, struct slice token, enum device_error *ret_fault)
{
	bool new_device = c->session.family == FAMILY_ACT || c->session.family == FAMILY_REC;

	if (!new_device && trust_bars_start(c, &c->operation_error)) {
		*ret_fault = DEVICE_AUTHENTICATION_FAILED;
	} else {
		TRY(nonce_begin(c, token, ret_fault));
		if (*ret_fault)
			c->operation_error = OPERATION_CANCELLED_INTERMEDIATE_PUSH_REQUIRED;
	}
	if (*ret_fault) {
		c->session_change = SAVE_NOTHING;
		c->save = NULL;
		c->write = true;
	}
	return OK;
}

/* Row 8. */
err check_push_nonce(struct call *c, const struct brought *b, struct verdict *v)
{
	const struct session_secret *s = &c->session.secret;

	/* None was sent, or none came back. Where one is required, that is no way around it. */
	if (!s->has_push_nonce || !b->push_nonce.n) {
		if (nonce_mode(c) == policy_mode_REQUIRED)
			*v = (struct verdict){ CHECK_FAILED, DEVICE_PUSH_TIMEOUT, OPERATION_CANCELLED_INTERMEDIATE_PUSH_REQUIRED,
				lock_reason_none, false };
		return OK;
	}
	if (!slice_eq_secret(b->push_nonce, slice_of(s->push_nonce, NONCE_BYTES)))
		*v = (struct verdict){ CHECK_FAILED, DEVICE_INCORRECT_PUSH, OPERATION_LOCKED_INTERMEDIATE_PUSH_VERIFICATION_FAILED,
			lock_reason_DEVICE_VERIFICATION_FAILED, false };
	return OK;
}
