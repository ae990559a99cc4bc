/* A store in a directory of its own, and the few statements that the tests of this folder need. */
#ifndef TEST_STORE_FIXTURE_H
#define TEST_STORE_FIXTURE_H

#include "tests/unit/common/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/backup.h"
#include "store/store.h"

struct fixture {
	char dir[64];
	char path[128];
	struct log log;
	struct store_config config;
	struct store *s;
};

static inline err fixture_open(struct fixture *f)
{
	return store_open(&f->config, &f->s);
}

SQL(thing_table, "CREATE TABLE IF NOT EXISTS thing (id bigint PRIMARY KEY, name text UNIQUE, note blob)");
SQL(thing_add, "INSERT INTO thing (id, name) VALUES ($1, $2)");
SQL(thing_count, "SELECT count(*) FROM thing");

static inline err make_things(void *arg, struct tx *tx)
{
	(void)arg;
	return sql_run(tx, &thing_table, NO_ARGS, NULL);
}

static inline err add_thing(struct tx *tx, int64_t id)
{
	char name[32];

	snprintf(name, sizeof(name), "thing %lld", (long long)id);
	return sql_run(tx, &thing_add, ARGS(v_int(id), v_text(slice_text(name))), NULL);
}

static inline err add_thing_at(void *arg, struct tx *tx)
{
	return add_thing(tx, *(const int64_t *)arg);
}

static inline int64_t count_in(struct tx *tx)
{
	struct rows r;
	int64_t n;

	assert_ok(sql_one(tx, &thing_count, NO_ARGS, &r));
	n = col_int(&r, 0);
	assert_ok(sql_close(&r));
	return n;
}

static inline int64_t things(struct fixture *f)
{
	struct tx *tx = store_read_begin(f->s);
	int64_t n = count_in(tx);

	store_read_end(tx);
	return n;
}

/* A directory, not yet a store. */
static inline int fixture_new(void **state)
{
	struct fixture *f = xalloc(sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/store-test-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/reuseid.db", f->dir);
	f->log = (struct log){ .env = &env_system, .fd = getenv("STORE_TEST_LOG") ? 2 : open("/dev/null", O_WRONLY | O_CLOEXEC) };
	f->config = (struct store_config){
		.env = &env_system, .log = &f->log, .dir = f->dir, .readers_max = 4, .batch_jobs_max = 256 };
	*state = f;
	return 0;
}

static inline int fixture_free(void **state)
{
	struct fixture *f = *state;
	DIR *d;
	struct dirent *entry;

	if (f->s)
		store_close(f->s);
	d = opendir(f->dir);
	while ((entry = readdir(d)))
		unlinkat(dirfd(d), entry->d_name, 0);
	closedir(d);
	rmdir(f->dir);
	if (f->log.fd > 2)
		close(f->log.fd);
	free(f);
	return 0;
}

static inline int fixture_opened(void **state)
{
	fixture_new(state);
	assert_ok(fixture_open(*state));
	assert_ok(store_write(((struct fixture *)*state)->s, make_things, NULL));
	return 0;
}

static inline void fixture_close(struct fixture *f)
{
	store_close(f->s);
	f->s = NULL;
}

static inline void fixture_reopen(struct fixture *f)
{
	fixture_close(f);
	assert_ok(fixture_open(f));
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, fixture_new, fixture_free)
#define IN_STORE(test) cmocka_unit_test_setup_teardown(test, fixture_opened, fixture_free)

#endif
