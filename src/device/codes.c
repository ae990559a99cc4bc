/* Activation codes, and what guards them against guessing (10). */
#include <pthread.h>
#include <stdlib.h>

#include "base/text.h"
#include "device/internal.h"

enum {
	WRONG_PER_MINUTE = 10,                    /* from one address, then 429 for it */
	WRONG_PER_HOUR = 100,                     /* on one application, then codes get longer */
	LONGER_BY = 4,
	LONGER_MS = 24 * 60 * 60 * 1000,
	HOUR_MS = 60 * 60 * 1000,
	MINUTE_MS = 60 * 1000,
	DENSITY = 10000,                          /* pending codes fill at most one ten-thousandth of the code space */
	GUARDED_MAX = 1024,                       /* applications under attack at once; further ones share the last place */
};

struct guarded {
	struct uuid application;
	int64_t wrong_at[WRONG_PER_HOUR]; /* a ring of the last ones */
	size_t next;
	int64_t longer_until;
};

struct code_guard {
	pthread_mutex_t lock;
	struct guarded list[GUARDED_MAX];
	size_t n;
};

/* Those of registrations that are over are good for nothing but a repeat. */
SQL(codes_pending,
	"SELECT count(*) FROM device_operations o WHERE application = $1 AND code_index IS NOT NULL"
	" AND NOT EXISTS (SELECT 1 FROM transactions t WHERE t.id = o.id AND t.state <> 1)");

struct code_guard *code_guard_new(void)
{
	struct code_guard *g = xalloc(sizeof(*g));

	pthread_mutex_init(&g->lock, NULL);
	return g;
}

void code_guard_free(struct code_guard *g)
{
	if (g)
		pthread_mutex_destroy(&g->lock);
	free(g);
}

static struct guarded *guarded_of(struct code_guard *g, const struct uuid *application, bool make)
{
	for (size_t i = 0; i < g->n; i++)
		if (uuid_eq(&g->list[i].application, application))
			return &g->list[i];
	if (!make)
		return NULL;
	if (g->n < GUARDED_MAX)
		g->n++;
	g->list[g->n - 1] = (struct guarded){ .application = *application };
	return &g->list[g->n - 1];
}

static bool is_guarded(struct op *op, const struct application *app)
{
	struct code_guard *g = op->app->devices->codes;
	const struct guarded *at;
	bool guarded;

	pthread_mutex_lock(&g->lock);
	at = guarded_of(g, &app->id, false);
	guarded = at && at->longer_until > op->now;
	pthread_mutex_unlock(&g->lock);
	return guarded;
}

static void count_wrong(struct op *op, const struct application *app)
{
	struct code_guard *g = op->app->devices->codes;
	struct guarded *at;

	pthread_mutex_lock(&g->lock);
	at = guarded_of(g, &app->id, true);
	at->wrong_at[at->next] = op->now;
	at->next = (at->next + 1) % WRONG_PER_HOUR;
	if (at->wrong_at[at->next] && op->now - at->wrong_at[at->next] < HOUR_MS)
		at->longer_until = op->now + LONGER_MS;
	pthread_mutex_unlock(&g->lock);
}

static const char *alphabet(enum code_type type)
{
	switch (type) {
	case code_type_NUMERIC:
		return "0123456789";
	case code_type_ALPHA:
		return "ABCDEFGHJKLMNPQRSTUVWXYZ"; /* without those that look like another */
	default:
		return "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
	}
}

/* Would one more pending code of the base length crowd the space? */
static bool is_crowded(struct op *op, const struct application *app)
{
	double space = 1;
	int64_t pending;
	struct rows r;

	if (failed(sql_one(op_reader(op), &codes_pending, ARGS(v_uuid(&app->id)), &r)))
		return true;
	pending = col_int(&r, 0);
	if (failed(sql_close(&r)))
		return true;
	for (int64_t i = 0; i < app->config.activationCodeLength; i++)
		space *= (double)strlen(alphabet(app->config.activationCodeType));
	return (double)pending >= space / DENSITY;
}

struct slice code_make(struct op *op, const struct application *app)
{
	const char *from = alphabet(app->config.activationCodeType);
	size_t n = (size_t)app->config.activationCodeLength + (is_guarded(op, app) || is_crowded(op, app) ? LONGER_BY : 0);
	uint8_t *code = arena_alloc(op->arena, n + 1);

	for (size_t i = 0; i < n; i++)
		code[i] = (uint8_t)from[env_random_below(op->app->env, (uint32_t)strlen(from))];
	return slice_of(code, n);
}

bool code_allowed(struct call *c, struct slice code)
{
	if (!rate_left_in(c->op->app->devices->wrong_codes, c->op->http->peer, WRONG_PER_MINUTE, MINUTE_MS))
		return false;
	return !(is_guarded(c->op, c->application) && text_points(code) <= (size_t)c->application->config.activationCodeLength);
}

void code_wrong(struct call *c)
{
	rate_take_in(c->op->app->devices->wrong_codes, c->op->http->peer, WRONG_PER_MINUTE, MINUTE_MS);
	count_wrong(c->op, c->application);
}
