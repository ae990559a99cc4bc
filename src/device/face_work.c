/*
 * Periodic: tells providers to forget the faces that are gone here, or that never came to be kept. Until one has said that it did, it is
 * told again, ever more seldom.
 */
#include <stdlib.h>

#include "device/faces.h"

enum {
	AT_ONCE_MAX = 50,
	LEASE_MS = 5 * 60 * 1000,
	FIRST_PAUSE_MS = 60 * 1000,
	PAUSE_MS_MAX = 24 * 60 * 60 * 1000,
	TRIES_MAX = 60,
	FORGET_AFTER_MS = 60 * 1000, /* the end of the session in which a face was to be enrolled */
};

SQL(faces_due, "SELECT id, application, tries FROM face_deletions WHERE due <= $1 ORDER BY due LIMIT $2");
SQL(face_leased, "UPDATE face_deletions SET due = $2, tries = tries + 1 WHERE id = $1");
SQL(face_forgotten, "DELETE FROM face_deletions WHERE id = $1");

/* ---- before a provider is asked to remember one ---- */

SQL(face_promised, "INSERT INTO face_deletions (id, application, due, tries) VALUES ($1, $2, $3, 0) ON CONFLICT (id) DO NOTHING");

struct promise {
	struct store_job job; /* first */
	struct app *app;
	struct uuid face, application;
	int64_t due;
};

static struct error promise(struct store_job *job, struct tx *tx)
{
	const struct promise *p = (const struct promise *)job;

	return sql_run(tx, &face_promised, ARGS(v_uuid(&p->face), v_uuid(&p->application), v_int(p->due)), NULL);
}

static void promised(struct store_job *job, struct error result)
{
	struct promise *p = (struct promise *)job;

	if (failed(result))
		log_line(p->app->log, LOG_WARN, "a provider may come to keep a face that nobody has", LOG_E(result));
	free(p);
}

void face_promise(struct call *c, const struct uuid *face)
{
	struct promise *p = xalloc(sizeof(*p));

	*p = (struct promise){ .job = { .apply = promise, .done = promised }, .app = c->op->app, .face = *face,
		.application = c->application->id, .due = c->session.expires + FORGET_AFTER_MS };
	store_submit(p->app->store, &p->job);
}

struct deletion {
	struct store_job job; /* first */
	struct app *app;
	struct face_ask ask;
	struct uuid application;
	int64_t tries;
};

static int64_t pause_ms(int64_t tries)
{
	return tries > 10 ? PAUSE_MS_MAX : LEASE_MS + ((int64_t)FIRST_PAUSE_MS << tries);
}

/* ---- what the provider said ---- */

static struct error forget(struct store_job *job, struct tx *tx)
{
	const struct deletion *d = (const struct deletion *)job;

	return sql_run(tx, &face_forgotten, ARGS(v_uuid(&d->ask.face)), NULL);
}

static void forgotten(struct store_job *job, struct error result)
{
	struct deletion *d = (struct deletion *)job;

	if (failed(result))
		log_line(d->app->log, LOG_WARN, "a face that is gone will be reported again", LOG_E(result));
	free(d);
}

static void submit(struct deletion *d)
{
	d->job = (struct store_job){ .apply = forget, .done = forgotten };
	store_submit(d->app->store, &d->job);
}

static void answered(void *ctx, const struct outbound_answer *answer)
{
	struct deletion *d = ctx;
	struct face_setup setup = { .provider = face_provider_HTTP };
	struct face_verdict verdict;
	struct arena a;

	arena_init(&a);
	face_http.verdict(&setup, &d->ask, answer, &a, &verdict);
	arena_free(&a);
	if (verdict.good) {
		submit(d);
		return;
	}
	log_line(d->app->log, LOG_WARN, "provider has not forgotten a face", LOG_T("why", outbound_word(answer->reason)),
		LOG_I("status", answer->status), LOG_I("tries", d->tries));
	free(d);
}

/* ---- telling ---- */

/* True: it is on its way, and `d` with it. */
static bool tell(struct deletion *d)
{
	const struct application *application = application_by_id(applications_now(d->app), &d->application);
	struct face_setup setup = { .provider = face_provider_NONE };
	const struct face_functions *functions;
	struct outbound_request request;
	struct arena a;

	if (application)
		setup = face_setup_of(&application->config, application->info->sandbox);
	functions = face_functions(setup.provider);
	if (!functions || d->tries >= TRIES_MAX)
		return false;
	arena_init(&a);
	if (functions->request(&setup, &d->ask, &a, &request)) {
		request.done = answered;
		request.ctx = d;
		outbound_send(d->app->outbound, &request);
	} else {
		submit(d);
	}
	arena_free_secret(&a);
	return true;
}

static err read_due(struct app *app, struct deletion *list, size_t *ret_n)
{
	struct tx *tx = store_read_begin(app->store);
	struct rows r;
	struct error e = sql_open(tx, &faces_due, ARGS(v_int(env_now_ms(app->env)), v_int(AT_ONCE_MAX)), &r);

	*ret_n = 0;
	if (!failed(e)) {
		while (*ret_n < AT_ONCE_MAX && rows_next(&r))
			list[(*ret_n)++] = (struct deletion){ .app = app, .ask = { .task = FACE_DELETE, .face = col_uuid(&r, 0) },
				.application = col_uuid(&r, 1), .tries = col_int(&r, 2) };
		e = sql_close(&r);
	}
	store_read_end(tx);
	return e;
}

struct lease {
	const struct deletion *list;
	size_t n;
	int64_t now;
};

static struct error take(void *arg, struct tx *tx)
{
	const struct lease *lease = arg;

	for (size_t i = 0; i < lease->n; i++)
		TRY(sql_run(tx, &face_leased,
			ARGS(v_uuid(&lease->list[i].ask.face), v_int(lease->now + pause_ms(lease->list[i].tries))), NULL));
	return OK;
}

err devices_forget_faces(struct app *app)
{
	struct deletion list[AT_ONCE_MAX];
	struct lease lease = { .list = list, .now = env_now_ms(app->env) };

	if (!app->outbound)
		return OK;
	TRY(read_due(app, list, &lease.n));
	if (!lease.n)
		return OK;
	TRY(store_write(app->store, take, &lease));
	for (size_t i = 0; i < lease.n; i++) {
		struct deletion *d = xalloc(sizeof(*d));

		*d = list[i];
		if (!tell(d)) /* nobody is there any more who could be told */
			submit(d);
	}
	return OK;
}
