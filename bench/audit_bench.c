/*
 * What the audit log costs: records appended a second and the CPU of one, forty in a commit as a busy server has them; what sealing of
 * what is personal takes; and how fast records come into the tree.
 * audit_bench [DIR] [RECORDS]: makes a store in a new directory under DIR (default: the current directory) and removes it again.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "audit/tree.h"
#include "event/fact.h"

enum { IN_A_COMMIT = 40, ACCOUNT = 1, SEALS = 100000, USERS = 40000 };

struct bench {
	struct app app;
	struct settings settings;
	struct metrics metrics;
	struct env env;
	struct log log;
	struct fact_origin origin;
	const struct fact_personal *personal;
	struct uuid *users;
	int64_t n;
};

static double wall(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void must(struct error e)
{
	if (failed(e)) {
		fprintf(stderr, "audit_bench: %s\n", err_info(e.code)->name);
		exit(1);
	}
}

SQL(bench_begin, "INSERT INTO audit_trees (account, account_id, organisation_id, sandbox, size, checkpointed) VALUES ($1, 'a', 'o', 1, 0, 0)");

static struct error begin(void *arg, struct tx *tx)
{
	(void)arg;
	return sql_run(tx, &bench_begin, ARGS(v_int(ACCOUNT)), NULL);
}

/* Two of each authentication; users come in no order. */
static struct error append(void *arg, struct tx *tx)
{
	struct bench *b = arg;
	char reference[UUID_TEXT + 1];
	struct uuid id;

	for (int i = 0; i < IN_A_COMMIT; i++, b->n++) {
		if (i % 2 == 0) {
			id = uuid_v7(&b->env, env_now_ms(&b->env));
			uuid_format(&id, reference);
		}
		TRY(fact_from(&b->origin, tx, &(struct fact){
			.kind = i % 2 ? FACT_AUTHENTICATION_COMPLETED : FACT_AUTHENTICATION_STARTED,
			.user = &b->users[b->n / 2 * 7919 % USERS],
			.reference = slice_of(reference, UUID_TEXT),
			.data = i % 2 ? S("{\"evidence\":\"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU\"}") : S(""),
			.personal = i % 2 ? b->personal : NULL,
		}));
	}
	return OK;
}

/* Commits that write nothing but one row, to see what a commit takes by itself. */
SQL(bench_touch, "UPDATE audit_trees SET checkpointed = checkpointed + 1 WHERE account = $1");

static struct error touch(void *arg, struct tx *tx)
{
	(void)arg;
	return sql_run(tx, &bench_touch, ARGS(v_int(ACCOUNT)), NULL);
}

static void measure_appends(struct bench *b, int64_t records)
{
	int64_t commits = records / IN_A_COMMIT;
	double w0 = wall(), c0 = cpu(), w1, c1, w2, c2;

	for (int64_t i = 0; i < commits; i++)
		must(store_write(b->app.store, append, b));
	w1 = wall();
	c1 = cpu();
	for (int64_t i = 0; i < commits; i++)
		must(store_write(b->app.store, touch, b));
	w2 = wall();
	c2 = cpu();
	printf("appends a second, %d in a commit   %10.0f\n", IN_A_COMMIT, (double)records / (w1 - w0));
	printf("CPU of one, without the commit     %10.2f us\n", ((c1 - c0) - (c2 - c1)) / (double)records * 1e6);
	printf("an empty commit                    %10.2f us of CPU, %.2f us\n", (c2 - c1) / (double)commits * 1e6,
		(w2 - w1) / (double)commits * 1e6);
}

static void measure_growth(struct bench *b, int64_t records)
{
	double w0 = wall(), c0 = cpu();
	bool more = true;

	while (more)
		must(tree_grow(&b->app, ACCOUNT, &more));
	printf("into the tree, records a second    %10.0f\n", (double)records / (wall() - w0));
	printf("CPU of one                         %10.2f us\n", (cpu() - c0) / (double)records * 1e6);
}

static void measure_seal(struct bench *b)
{
	static const struct data_key key = { { 1 } };
	struct http_request http = { .peer = S("203.0.113.77") };
	struct arena a;
	double c0 = cpu();

	for (int i = 0; i < SEALS; i++) {
		struct op op = { .app = &b->app, .arena = &a, .settings = &b->settings, .http = &http };

		arena_init(&a);
		personal_seal(&op, &key, &b->users[0], true, S(""));
		arena_free(&a);
	}
	printf("sealing what is personal           %10.2f us\n", (cpu() - c0) / SEALS * 1e6);
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
	int64_t records = argc > 2 ? atoll(argv[2]) : 200000;
	struct bench b = { .env = env_system };
	struct http_request http = { .peer = S("203.0.113.77") };
	static const struct data_key key = { { 1 } };
	struct arena arena;
	struct op op;
	char dir[512];

	snprintf(dir, sizeof(dir), "%s/audit-bench-XXXXXX", argc > 1 ? argv[1] : ".");
	if (!mkdtemp(dir))
		return 1;
	b.log = (struct log){ &b.env, STDERR_FILENO, LOG_ERROR, false };
	b.settings.audit_retention_days = 365;
	b.app.env = &b.env;
	b.app.log = &b.log;
	must(store_open(&(struct store_config){ .env = &b.env, .log = &b.log, .dir = dir, .readers_max = 2, .batch_jobs_max = 1024 },
		&b.app.store));
	must(store_write(b.app.store, begin, NULL));
	arena_init(&arena);
	b.users = arena_array(&arena, struct uuid, USERS);
	for (int i = 0; i < USERS; i++)
		b.users[i] = uuid_v7(&b.env, env_now_ms(&b.env));
	op = (struct op){ .app = &b.app, .arena = &arena, .settings = &b.settings, .http = &http };
	b.personal = personal_seal(&op, &key, &b.users[0], true, S(""));
	b.origin = (struct fact_origin){ .app = &b.app, .settings = &b.settings, .env = &b.env, .metrics = &b.metrics,
		.now = env_now_ms(&b.env), .client_id = S("sandbox-round-apple-123"), .token_id = S("A3BB1E48D99C7ECC681C66F9A5C91935"),
		.address = S("192.0.2.1"), .trace = S("0123456789abcdef"), .account = ACCOUNT };
	measure_appends(&b, records);
	measure_growth(&b, records);
	measure_seal(&b);
	store_close(b.app.store);
	arena_free(&arena);
	remove_all(dir);
	return 0;
}
