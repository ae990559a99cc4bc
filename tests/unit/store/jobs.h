/* Jobs for the writer's tests, and a gate that keeps the writer busy so that what is submitted meanwhile becomes one batch. */
#ifndef TEST_STORE_JOBS_H
#define TEST_STORE_JOBS_H

#include "tests/unit/store/fixture.h"

struct plan {
	atomic_int told;  /* jobs told so far */
	sem_t all_told;
	int expected;
};

struct job {
	struct store_job job;
	struct error (*body)(struct job *job, struct tx *tx);
	struct plan *plan;
	int64_t id;
	struct error result;
	int told_as;      /* 0: first, … */
	int applied;      /* times */
};

static inline struct error job_apply(struct store_job *store_job, struct tx *tx)
{
	struct job *job = (struct job *)store_job;

	job->applied++;
	return job->body(job, tx);
}

static inline void job_done(struct store_job *store_job, struct error result)
{
	struct job *job = (struct job *)store_job;
	struct plan *plan = job->plan;

	job->result = result;
	job->told_as = atomic_fetch_add(&plan->told, 1);
	if (job->told_as + 1 == plan->expected)
		sem_post(&plan->all_told);
}

static inline struct job job_of(struct plan *plan, struct error (*body)(struct job *, struct tx *), int64_t id)
{
	return (struct job){ .job = { .apply = job_apply, .done = job_done }, .body = body, .plan = plan, .id = id };
}

static inline struct error job_adds(struct job *job, struct tx *tx)
{
	return add_thing(tx, job->id);
}

static inline struct error job_adds_and_fails(struct job *job, struct tx *tx)
{
	TRY(add_thing(tx, job->id));
	return FAIL(USER_LOCKED);
}

static inline struct error job_fails_at_once(struct job *job, struct tx *tx)
{
	(void)job;
	(void)tx;
	return FAIL(USER_LOCKED);
}

struct gate {
	struct store_job job;
	sem_t reached, open, told;
};

static inline struct error gate_apply(struct store_job *job, struct tx *tx)
{
	struct gate *gate = (struct gate *)job;

	(void)tx;
	sem_post(&gate->reached);
	sem_wait(&gate->open);
	return OK;
}

static inline void gate_done(struct store_job *job, struct error result)
{
	struct gate *gate = (struct gate *)job;

	IGNORE(result); /* a test may close the store behind it */
	sem_post(&gate->told);
}

/* The writer stands inside a batch of one until gate_open. */
static inline void gate_shut(struct gate *gate, struct store *s)
{
	*gate = (struct gate){ .job = { .apply = gate_apply, .done = gate_done } };
	sem_init(&gate->reached, 0, 0);
	sem_init(&gate->open, 0, 0);
	sem_init(&gate->told, 0, 0);
	store_submit(s, &gate->job);
	sem_wait(&gate->reached);
}

static inline void gate_open(struct gate *gate)
{
	sem_post(&gate->open);
	sem_wait(&gate->told);
}

/* Runs the jobs as one batch (as far as batch_jobs_max allows) and waits until all are told. */
static inline void run_as_batch(struct store *s, struct plan *plan, struct job *jobs, int n)
{
	struct gate gate;

	plan->expected = n;
	sem_init(&plan->all_told, 0, 0);
	gate_shut(&gate, s);
	for (int i = 0; i < n; i++)
		store_submit(s, &jobs[i].job);
	gate_open(&gate);
	sem_wait(&plan->all_told);
}

#endif
