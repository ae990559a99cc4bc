/* A request from its first to its last step. */
#include <stdlib.h>
#include <time.h>

#include "api/internal.h"

void *op_own_bytes(struct op *op, size_t n)
{
	if (!op->own)
		op->own = arena_alloc(op->arena, n);
	return op->own;
}

void op_keep_json(struct op *op, json_t *value)
{
	if (!op->kept)
		op->kept = json_array();
	json_array_append_new(op->kept, value);
}

void op_aside_begin(struct op *op, struct op_aside *aside)
{
	*aside = (struct op_aside){ .arena = op->arena, .kept = op->kept, .what = op->what };
	arena_init(&aside->scratch);
	op->arena = &aside->scratch;
	op->kept = NULL;
}

void op_aside_end(struct op *op, struct op_aside *aside)
{
	json_decref(op->kept);
	op->kept = aside->kept;
	op->arena = aside->arena;
	if (op->what.p != aside->what.p)
		op->what = arena_copy(op->arena, op->what); /* the words of a failure */
	arena_free_secret(&aside->scratch);
}

struct tx *op_reader(struct op *op)
{
	if (!op->reader)
		op->reader = store_read_begin(op->app->store);
	return op->reader;
}

err op_fail_with(struct op *op, enum err_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	op->what = arena_vprintf(op->arena, format, args);
	va_end(args);
	return (struct error){ code };
}

err op_invalid(struct op *op, const char *name, const char *reason)
{
	invalid_add(&op->invalids, slice_text(name), "%s %s", name, reason);
	return FAIL(INVALID_PARAM);
}

void op_answer(struct op *op, int status, const char *content_type, struct slice body)
{
	op->http->reply.status = status;
	op->http->reply.content_type = content_type;
	op->http->reply.body = body;
	op->replied = true;
}

static struct op *op_new(struct api *api, struct http_request *req)
{
	struct op *op = arena_new(&req->arena, struct op);

	op->app = api->config.app;
	op->api = api;
	op->settings = app_settings(op->app);
	op->http = req;
	op->arena = &req->arena;
	op->now = env_now_ms(op->app->env);
	op->invalids.arena = op->arena;
	req->owner = op;
	return op;
}

static void allow_header(struct op *op, unsigned allowed)
{
	struct buf b = buf_arena(op->arena, 128);

	for (unsigned m = 0; m < HTTP_METHOD_COUNT; m++)
		if (allowed >> m & 1)
			buf_printf(&b, "%s%s%s", b.n ? ", " : "", http_method_name(m), m == HTTP_GET ? ", HEAD" : "");
	http_add_header(op->http, "Allow", buf_bytes(&b));
}

static err find_route(struct op *op, struct match *match)
{
	router_find(op->api, op->http->method, op->http->path, match);
	ENSURE(match->path_known, NOT_FOUND);
	if (!match->pattern) {
		allow_header(op, match->allowed);
		return FAIL(METHOD);
	}
	op->route = match->pattern->route;
	op->table = match->pattern->table;
	op->stats = match->pattern->stats;
	return OK;
}

static err admit(struct op *op)
{
	struct match match;

	TRY(find_route(op, &match));
	TRY(gate_check(op));
	return input_read(op, &match);
}

static err prepare(struct op *op)
{
	struct error e = op->route->op.prepare ? op->route->op.prepare(op) : OK;

	if (op->reader)
		store_read_end(op->reader);
	op->reader = NULL;
	return e;
}

static void log_failure(struct op *op)
{
	if (err_info(op->result.code)->http >= 500)
		log_line(op->app->log, LOG_ERROR, "request failed", LOG_E(op->result), LOG_T("trace", op->http->trace),
			LOG_T("route", op->route ? op->route->path : ""));
}

static void forget_json(struct op *op)
{
	json_decref(op->body);
	json_decref(op->kept);
	op->body = op->kept = NULL;
}

/* A wait for an answer from outside is none of the handler's business: to him it is as if he had never waited. */
static void take_wake(struct op *op)
{
	if (!op->asking)
		return;
	op->ask_woken = op->woken;
	op->woken = op->answered_wake = NOT_WOKEN;
	op->asking = false;
}

static void finish(struct op *op)
{
	if (!failed(op->result) && op->route->op.reply && !op->replied)
		op->result = op->route->op.reply(op);
	if (failed(op->result)) {
		log_failure(op);
		problem_write(op, op->result);
	} else if (!op->replied) {
		output_write(op);
	}
	forget_json(op);
	asked_end(op);
}

/* Is there a transaction to run after a prepare that went well? */
static bool has_apply(const struct op *op)
{
	return !failed(op->result) && !op->replied && !op->unchanged && op->route->op.apply;
}

static struct error apply_job(struct store_job *job, struct tx *tx)
{
	struct op *op = (struct op *)((uint8_t *)job - offsetof(struct op, job));

	return op->route->op.apply(op, tx);
}

static void job_done(struct store_job *job, struct error result)
{
	struct op *op = (struct op *)((uint8_t *)job - offsetof(struct op, job));

	op->result = result;
	http_resume(op->http);
}

/* Another request changed what this one had read: read again, unless it has lost too often. */
static bool again(struct op *op)
{
	if (!is_err(op->result, E_STALE) || ++op->tries >= STALE_TRIES_MAX)
		return false;
	metric_add(op->app->metrics, METRIC_operations_retried_total, 1);
	return true;
}

/* Parks a request that waits; when it need not wait after all, it goes on as if woken. */
static void park_waiting(struct op *op)
{
	http_park(op->http);
	if (!waits_enter(op)) {
		op->waiting = false;
		http_resume(op->http);
	}
}

static void step(struct op *op)
{
	op->result = prepare(op);
	if (!failed(op->result) && op->waiting) {
		park_waiting(op);
		return;
	}
	if (!has_apply(op)) {
		finish(op);
		return;
	}
	op->job = (struct store_job){ .apply = apply_job, .done = job_done, .lost = op->tries };
	http_park(op->http);
	store_submit(op->app->store, &op->job);
}

static void handle(void *ctx, struct http_request *req)
{
	struct op *op = op_new(ctx, req);

	op->result = admit(op);
	if (failed(op->result))
		finish(op);
	else
		step(op);
}

static void resumed(void *ctx, struct http_request *req)
{
	struct op *op = req->owner;

	(void)ctx;
	if (op->woken != op->answered_wake) {
		op->answered_wake = op->woken;
		op->now = env_now_ms(op->app->env);
		take_wake(op);
		step(op);
	} else if (again(op)) {
		step(op);
	} else {
		finish(op);
	}
}

static struct error apply_now(void *arg, struct tx *tx)
{
	struct op *op = arg;

	return op->route->op.apply(op, tx);
}

static void run_here(struct op *op)
{
	do {
		op->result = prepare(op);
		while (!failed(op->result) && op->waiting) {
			/* Nobody waits here: its time is over at once. */
			op->waiting = false;
			op->woken = TIMED_OUT;
			take_wake(op);
			op->result = prepare(op);
		}
		if (has_apply(op))
			op->result = store_write_again(op->app->store, op->tries, apply_now, op);
	} while (again(op));
}

void api_run(struct api *api, struct http_request *req)
{
	struct op *op = op_new(api, req);

	op->result = admit(op);
	if (!failed(op->result))
		run_here(op);
	finish(op);
}

struct op *op_alone(struct app *app, struct arena *a)
{
	struct op *op = arena_new(a, struct op);

	op->app = app;
	op->settings = app_settings(app);
	op->http = arena_new(a, struct http_request);
	op->http->peer = S("local");
	env_random(app->env, op->http->trace_id, sizeof(op->http->trace_id));
	op->arena = a;
	op->now = env_now_ms(app->env);
	op->invalids.arena = a;
	return op;
}

err op_alone_run(struct op *op, const struct op_functions *functions)
{
	struct route route = { .op = *functions };

	op->route = &route;
	run_here(op);
	op->route = NULL;
	forget_json(op);
	asked_end(op);
	return op->result;
}

static bool head(void *ctx, struct http_request *req, size_t *ret_body_max)
{
	struct api *api = ctx;
	struct match match;

	router_find(api, req->method, req->path, &match);
	*ret_body_max = match.pattern && match.pattern->route->body_bytes_max ? match.pattern->route->body_bytes_max : BODY_BYTES_MAX;
	return true;
}

static void refuse(void *ctx, struct http_request *req, enum err_code code, struct slice what)
{
	struct api *api = ctx;
	struct op op = { .app = api->config.app, .api = api, .arena = &req->arena };

	problem_plain(req, problem_type(&op), code, what);
}

static void finished(void *ctx, struct http_request *req, bool sent)
{
	struct api *api = ctx;
	struct op *op = req->owner;
	struct timespec t;
	int64_t us;

	(void)sent;
	clock_gettime(CLOCK_MONOTONIC, &t);
	us = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 - req->started_us;
	if (op) {
		forget_json(op);
		asked_end(op);
	}
	if (op && op->route)
		stats_count(api, op->stats, req->reply.status, us);
	if (api->config.answered)
		api->config.answered(api->config.app, req, op);
}

struct http_handler api_handler(struct api *api)
{
	return (struct http_handler){ api, head, handle, resumed, refuse, finished };
}

struct api *api_new(const struct api_config *config)
{
	struct api *api = xalloc(sizeof(*api));

	api->config = *config;
	router_build(api);
	api->stats = xalloc(api->route_count * sizeof(*api->stats));
	for (size_t i = READS; i < RATE_CLASSES; i++)
		api->rates[i] = rate_new(config->app->env);
	api->waits = waits_new(config->app->env);
	return api;
}

void api_free(struct api *api)
{
	if (!api)
		return;
	free(api->patterns);
	free(api->outlines);
	free(api->stats);
	for (size_t i = 0; i < RATE_CLASSES; i++)
		rate_free(api->rates[i]);
	waits_free(api->waits);
	free(api);
}

void api_end_waits(struct api *api)
{
	waits_end_all(api->waits);
}

const struct route_table *api_table(const struct api *api, size_t i)
{
	return i < api->config.table_count ? api->config.tables[i] : NULL;
}
