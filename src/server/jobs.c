/* What has to be done again and again. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "audit/audit.h"
#include "device/device.h"
#include "event/denials.h"
#include "event/retention.h"
#include "flow/flow.h"
#include "proofing/proofing.h"
#include "passkey/passkey.h"
#include "server/boot.h"
#include "webhook/webhook.h"

struct job_row {
	const char *name;
	int64_t every_ms;
	struct error (*run)(struct app *app);
};

static struct error flush_denials(struct app *app)
{
	return denials_flush(app->denials, app);
}

static const struct job_row rows[] = {
	{ "denials", 60 * 1000, flush_denials },
	{ "devices", 1000, devices_sweep },
	{ "faces", 10 * 1000, devices_forget_faces },
	{ "transactions", 3600 * 1000, devices_forget },
	{ "inactive devices", 3600 * 1000, devices_clean_up },
	{ "proofing", 1000, proofing_work },
	{ "flows", 1000, flows_sweep },
	{ "old flows", 3600 * 1000, flows_forget },
	{ "proofing evidence", 3600 * 1000, proofing_forget },
	{ "passkeys", 3600 * 1000, passkeys_forget },
	{ "facts", 3600 * 1000, facts_forget },
	{ "deliveries", 3600 * 1000, webhooks_forget },
	{ "audit trees", 1000, audit_grow },
	{ "audit records", 3600 * 1000, audit_forget },
};

enum { JOBS = sizeof(rows) / sizeof(rows[0]) };

struct jobs {
	struct app *app;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool started, stop;
	bool hurried[JOBS]; /* due at once, however often somebody asked */
	int64_t next_ms[JOBS];
};

static void run_one(struct jobs *jobs, size_t i)
{
	struct error e = rows[i].run(jobs->app);

	if (failed(e))
		log_line(jobs->app->log, LOG_WARN, "periodic job failed", LOG_T("job", rows[i].name), LOG_E(e));
}

static bool take_hurried(struct jobs *jobs, size_t i)
{
	bool hurried;

	pthread_mutex_lock(&jobs->lock);
	hurried = jobs->hurried[i];
	jobs->hurried[i] = false;
	pthread_mutex_unlock(&jobs->lock);
	return hurried;
}

static int64_t run_due(struct jobs *jobs)
{
	int64_t soonest = INT64_MAX;

	for (size_t i = 0; i < JOBS; i++) {
		int64_t now = env_mono_ms(jobs->app->env);

		if (take_hurried(jobs, i) || jobs->next_ms[i] <= now) {
			run_one(jobs, i);
			jobs->next_ms[i] = now + rows[i].every_ms;
		}
		if (jobs->next_ms[i] < soonest)
			soonest = jobs->next_ms[i];
	}
	return soonest;
}

static bool any_hurried(const struct jobs *jobs)
{
	for (size_t i = 0; i < JOBS; i++)
		if (jobs->hurried[i])
			return true;
	return false;
}

static void hurry(struct jobs *jobs, const char *job)
{
	pthread_mutex_lock(&jobs->lock);
	for (size_t i = 0; i < JOBS; i++)
		jobs->hurried[i] |= strcmp(rows[i].name, job) == 0;
	pthread_cond_signal(&jobs->wake);
	pthread_mutex_unlock(&jobs->lock);
}

static void *work(void *arg)
{
	struct jobs *jobs = arg;

	pthread_mutex_lock(&jobs->lock);
	while (!jobs->stop) {
		int64_t until;
		struct timespec t;

		pthread_mutex_unlock(&jobs->lock);
		until = run_due(jobs);
		pthread_mutex_lock(&jobs->lock);
		t = (struct timespec){ until / 1000, until % 1000 * 1000000 };
		if (!jobs->stop && !any_hurried(jobs))
			pthread_cond_timedwait(&jobs->wake, &jobs->lock, &t);
	}
	pthread_mutex_unlock(&jobs->lock);
	return NULL;
}

struct jobs *jobs_new(struct app *app)
{
	struct jobs *jobs = xalloc(sizeof(*jobs));
	pthread_condattr_t monotonic;

	jobs->app = app;
	pthread_mutex_init(&jobs->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&jobs->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	for (size_t i = 0; i < JOBS; i++)
		jobs->next_ms[i] = env_mono_ms(app->env) + rows[i].every_ms;
	app->jobs = jobs;
	app->hurry = hurry;
	return jobs;
}

void jobs_start(struct jobs *jobs)
{
	if (pthread_create(&jobs->thread, NULL, work, jobs) != 0)
		abort();
	jobs->started = true;
}

void jobs_stop(struct jobs *jobs)
{
	if (!jobs->started)
		return;
	pthread_mutex_lock(&jobs->lock);
	jobs->stop = true;
	pthread_cond_signal(&jobs->wake);
	pthread_mutex_unlock(&jobs->lock);
	pthread_join(jobs->thread, NULL);
	/* Once more, so that the stop loses nothing. */
	for (size_t i = 0; i < JOBS; i++)
		run_one(jobs, i);
}

void jobs_free(struct jobs *jobs)
{
	jobs->app->hurry = NULL;
	jobs->app->jobs = NULL;
	pthread_cond_destroy(&jobs->wake);
	pthread_mutex_destroy(&jobs->lock);
	free(jobs);
}
