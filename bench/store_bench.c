/*
 * How many durable writes and reads a second the store does, beside what the same disk does with bare synced writes.
 * store_bench [DIR] [SECONDS]: makes a store in a new directory under DIR (default: the current directory) and removes it again.
 *
 * A write is one job that inserts a row of about 250 bytes into a table with two indexes, like a small API operation. Submitters
 * are not threads: when a job is done it goes to one of two worker threads, which submits it again, as a server's threads would.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "store/store.h"

enum { SUBMITTERS_MAX = 256, WORKERS = 2, SAMPLES_MAX = 1 << 20 };

SQL(bench_table, "CREATE TABLE item (id blob PRIMARY KEY, owner blob NOT NULL, ref text, body blob NOT NULL)");
SQL(bench_index, "CREATE UNIQUE INDEX item_ref ON item (owner, ref)");
SQL(bench_insert, "INSERT INTO item (id, owner, ref, body) VALUES ($1, $2, $3, $4)");
SQL(bench_select, "SELECT owner, ref, body FROM item WHERE id = $1");

struct submitter {
	struct store_job job;
	struct submitter *next;
	struct bench *bench;
	int64_t submitted_ns;
};

struct bench {
	struct store *s;
	int64_t seconds;
	atomic_bool stop;
	atomic_int running;

	/* handed from the writer to the workers */
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct submitter *ready;
	bool finished;

	/* only the writer's thread counts */
	int64_t done, failed, samples;
	int32_t *latency_us;

	struct uuid *ids;
	size_t ids_count;
	atomic_bool stop_reads;
	atomic_size_t reads;
};

static int64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static double cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void must(struct error e)
{
	if (failed(e)) {
		fprintf(stderr, "store_bench: %s\n", err_info(e.code)->name);
		exit(1);
	}
}

/* ---- writes ---- */

static struct error insert(struct store_job *job, struct tx *tx)
{
	static const uint8_t body[160];
	struct uuid id = uuid_v7(&env_system, env_now_ms(&env_system)), owner = { { 1 } };
	char ref[UUID_TEXT + 1];

	(void)job;
	uuid_format(&id, ref);
	return sql_run(tx, &bench_insert,
		ARGS(v_uuid(&id), v_uuid(&owner), v_text(slice_text(ref)), v_bytes(slice_of(body, sizeof(body)))), NULL);
}

static void hand_on(struct store_job *job, struct error result)
{
	struct submitter *who = (struct submitter *)job;
	struct bench *b = who->bench;

	b->done++;
	b->failed += failed(result);
	if (b->samples < SAMPLES_MAX)
		b->latency_us[b->samples++] = (int32_t)((now_ns() - who->submitted_ns) / 1000);
	pthread_mutex_lock(&b->mutex);
	if (!b->ready)
		pthread_cond_signal(&b->wake);
	who->next = b->ready;
	b->ready = who;
	pthread_mutex_unlock(&b->mutex);
}

static void submit(struct submitter *who)
{
	who->submitted_ns = now_ns();
	store_submit(who->bench->s, &who->job);
}

/* Submits everything handed over; the last submitter to stop ends the workers. */
static void *worker(void *arg)
{
	struct bench *b = arg;

	pthread_mutex_lock(&b->mutex);
	while (!b->finished) {
		struct submitter *who = b->ready;

		if (!who) {
			pthread_cond_wait(&b->wake, &b->mutex);
			continue;
		}
		b->ready = who->next;
		if (b->ready)
			pthread_cond_signal(&b->wake);
		pthread_mutex_unlock(&b->mutex);
		if (!atomic_load(&b->stop))
			submit(who);
		else
			atomic_fetch_sub(&b->running, 1);
		pthread_mutex_lock(&b->mutex);
		if (atomic_load(&b->running) == 0) {
			b->finished = true;
			pthread_cond_broadcast(&b->wake);
		}
	}
	pthread_mutex_unlock(&b->mutex);
	return NULL;
}

static int by_value(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void report(struct bench *b, int submitters, double seconds, double cpu, int64_t commits)
{
	qsort(b->latency_us, (size_t)b->samples, sizeof(int32_t), by_value);
	printf("writes, %3d submitters: %7.0f/s  %6.1f a commit  latency median %5.2f ms, 99%% %6.2f ms  CPU %4.1f us each%s\n",
		submitters, (double)b->done / seconds, (double)b->done / (double)commits,
		b->latency_us[b->samples / 2] / 1e3, b->latency_us[b->samples * 99 / 100] / 1e3,
		cpu / (double)b->done * 1e6, b->failed ? "  SOME FAILED" : "");
}

static void bench_writes(struct bench *b, int submitters)
{
	static struct submitter all[SUBMITTERS_MAX];
	pthread_t threads[WORKERS];
	int64_t commits = store_counts(b->s).commits, start = now_ns();
	double cpu = cpu_seconds();

	b->done = b->failed = b->samples = 0;
	b->ready = NULL;
	b->finished = false;
	atomic_store(&b->stop, false);
	atomic_store(&b->running, submitters);
	for (int i = 0; i < WORKERS; i++)
		pthread_create(&threads[i], NULL, worker, b);
	for (int i = 0; i < submitters; i++) {
		all[i] = (struct submitter){ .job = { .apply = insert, .done = hand_on }, .bench = b };
		submit(&all[i]);
	}
	sleep((unsigned)b->seconds);
	atomic_store(&b->stop, true);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	report(b, submitters, (double)(now_ns() - start) / 1e9, cpu_seconds() - cpu, store_counts(b->s).commits - commits);
}

/* ---- reads ---- */

static void *reader(void *arg)
{
	struct bench *b = arg;
	size_t at = (size_t)now_ns(), n = 0;

	for (; !atomic_load(&b->stop_reads); n++) {
		struct tx *tx = store_read_begin(b->s);
		struct rows r;

		at = at * 6364136223846793005u + 1442695040888963407u;
		must(sql_one(tx, &bench_select, ARGS(v_uuid(&b->ids[(at >> 33) % b->ids_count])), &r));
		must(sql_close(&r));
		store_read_end(tx);
	}
	atomic_fetch_add(&b->reads, n);
	return NULL;
}

/* `submitters` 0: nobody writes meanwhile. */
static void bench_reads(struct bench *b, int threads, int submitters)
{
	pthread_t all[8];
	int64_t start = now_ns();
	double cpu = cpu_seconds(), seconds;

	atomic_store(&b->stop_reads, false);
	atomic_store(&b->reads, 0);
	for (int i = 0; i < threads; i++)
		pthread_create(&all[i], NULL, reader, b);
	if (submitters)
		bench_writes(b, submitters);
	else
		sleep((unsigned)b->seconds);
	atomic_store(&b->stop_reads, true);
	for (int i = 0; i < threads; i++)
		pthread_join(all[i], NULL);
	seconds = (double)(now_ns() - start) / 1e9;
	if (submitters)
		printf("  and at the same time reads, %d threads: %7.0f/s\n", threads, (double)b->reads / seconds);
	else
		printf("reads, %d threads:        %8.0f/s  CPU %4.1f us each\n", threads, (double)b->reads / seconds,
			(cpu_seconds() - cpu) / (double)b->reads * 1e6);
}

SQL(bench_ids, "SELECT id FROM item ORDER BY id LIMIT 100000");

static void gather_ids(struct bench *b)
{
	struct tx *tx = store_read_begin(b->s);
	struct rows r;

	b->ids = xalloc(100000 * sizeof(struct uuid));
	must(sql_open(tx, &bench_ids, NO_ARGS, &r));
	while (rows_next(&r))
		b->ids[b->ids_count++] = col_uuid(&r, 0);
	must(sql_close(&r));
	store_read_end(tx);
}

/* ---- the disk ---- */

static void bench_disk(const char *dir, size_t bytes)
{
	char path[4200];
	uint8_t *block = xalloc(bytes);
	int64_t start, n = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/bare", dir);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	for (start = now_ns(); now_ns() - start < 1000000000; n++)
		if (pwrite(fd, block, bytes, (off_t)((size_t)n * bytes % (4u << 20))) < 0 || fdatasync(fd) < 0)
			exit(1);
	printf("bare disk, %3zu KiB and fdatasync: %6.0f/s, %5.0f us each\n", bytes / 1024, (double)n, 1e6 / (double)n);
	close(fd);
	unlink(path);
	free(block);
}

static struct error make_tables(void *arg, struct tx *tx)
{
	(void)arg;
	TRY(sql_run(tx, &bench_table, NO_ARGS, NULL));
	return sql_run(tx, &bench_index, NO_ARGS, NULL);
}

static void print_memory(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages = 0;

	if (f && fscanf(f, "%*d %ld", &pages) == 1)
		printf("resident: %ld KiB\n", pages * sysconf(_SC_PAGESIZE) / 1024);
	if (f)
		fclose(f);
}

static void remove_all(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
	rmdir(dir);
}

int main(int argc, char **argv)
{
	static struct bench b = { .mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER };
	const struct log log = { .env = &env_system, .fd = 2, .level = LOG_INFO };
	char dir[4100];

	snprintf(dir, sizeof(dir), "%s/store-bench-XXXXXX", argc > 1 ? argv[1] : ".");
	if (!mkdtemp(dir)) {
		perror(dir);
		return 1;
	}
	b.seconds = argc > 2 ? atoi(argv[2]) : 3;
	b.latency_us = xalloc(SAMPLES_MAX * sizeof(int32_t));
	bench_disk(dir, 4096);
	bench_disk(dir, 64 * 1024);
	must(store_open(&(struct store_config){
		.env = &env_system, .log = &log, .dir = dir, .readers_max = 8, .batch_jobs_max = 256 }, &b.s));
	must(store_write(b.s, make_tables, NULL));
	print_memory();
	bench_writes(&b, 1);
	bench_writes(&b, 16);
	bench_writes(&b, 256);
	gather_ids(&b);
	bench_reads(&b, 1, 0);
	bench_reads(&b, 2, 0);
	bench_reads(&b, 1, 16);
	bench_reads(&b, 1, 256);
	print_memory();
	bench_disk(dir, 4096);
	store_close(b.s);
	remove_all(dir);
	free(b.ids);
	free(b.latency_us);
	return 0;
}
