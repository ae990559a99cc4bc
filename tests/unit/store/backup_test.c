#include "tests/unit/store/fixture.h"

#include <sqlite3.h>

/* A second directory to restore into, and a file for the backup, beside the fixture's. */
struct place {
	struct fixture *from, *to;
	char file[128];
};

static int setup(void **state)
{
	struct place *p = xalloc(sizeof(*p));

	fixture_opened((void **)&p->from);
	fixture_new((void **)&p->to);
	snprintf(p->file, sizeof(p->file), "%s/backup.db", p->from->dir);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	fixture_free((void **)&p->from);
	fixture_free((void **)&p->to);
	free(p);
	return 0;
}

static void add(struct fixture *f, int64_t id)
{
	assert_ok(store_write(f->s, add_thing_at, &id));
}

static struct error restore(struct place *p, bool replace)
{
	char key_id[33];

	return store_restore(&p->to->log, p->file, p->to->dir, replace, key_id);
}

static int files_in(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int n = 0;

	while ((entry = readdir(d)))
		n += entry->d_name[0] != '.';
	closedir(d);
	return n;
}

static off_t size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_size;
}

/* ---- backup ---- */

static void backup_holds_what_was_committed(void **state)
{
	struct place *p = *state;

	for (int i = 0; i < 50; i++)
		add(p->from, i);
	assert_ok(store_backup(p->from->s, p->file));
	add(p->from, 50);
	assert_ok(restore(p, false));
	assert_ok(fixture_open(p->to));
	assert_int_equal(things(p->to), 50);
}

static void backup_is_for_us_alone_and_leaves_nothing_else(void **state)
{
	struct place *p = *state;
	int before = files_in(p->from->dir);
	mode_t mask = umask(0);
	struct stat st;

	assert_ok(store_backup(p->from->s, p->file));
	umask(mask);
	assert_int_equal(stat(p->file, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(files_in(p->from->dir), before + 1);
}

static void existing_file_is_not_overwritten(void **state)
{
	struct place *p = *state;
	int fd = open(p->file, O_WRONLY | O_CREAT, 0600);

	assert_int_equal(write(fd, "precious", 8), 8);
	close(fd);
	assert_err(store_backup(p->from->s, p->file), IO);
	assert_int_equal(size_of(p->file), 8);
}

static void backup_into_a_missing_directory_is_an_error(void **state)
{
	struct place *p = *state;

	assert_err(store_backup(p->from->s, "/nowhere/at/all/backup.db"), IO);
}

/* Things are added in pairs, each pair in one job. */
static struct error add_pair(void *arg, struct tx *tx)
{
	int64_t id = *(const int64_t *)arg;

	TRY(add_thing(tx, id));
	return add_thing(tx, id + 1);
}

struct pairs {
	struct fixture *f;
	atomic_bool stop;
	atomic_int made;
};

static void *pairs_main(void *arg)
{
	struct pairs *pairs = arg;

	for (int64_t id = 0; !atomic_load(&pairs->stop); id += 2)
		if (!failed(store_write(pairs->f->s, add_pair, &id)))
			atomic_fetch_add(&pairs->made, 1);
	return NULL;
}

static void backup_beside_a_writer_is_one_state(void **state)
{
	struct place *p = *state;
	struct pairs pairs = { .f = p->from };
	pthread_t thread;
	int64_t least, most, got;

	assert_int_equal(pthread_create(&thread, NULL, pairs_main, &pairs), 0);
	while (atomic_load(&pairs.made) < 100)
		usleep(1000);
	least = 2 * (int64_t)atomic_load(&pairs.made);
	assert_ok(store_backup(p->from->s, p->file));
	atomic_store(&pairs.stop, true);
	pthread_join(thread, NULL);
	most = 2 * (int64_t)atomic_load(&pairs.made);
	assert_ok(restore(p, false));
	assert_ok(fixture_open(p->to));
	got = things(p->to);
	assert_int_equal(got % 2, 0);
	assert_true(got >= least && got <= most);
}

/* ---- restore ---- */

static void restored_store_can_be_written(void **state)
{
	struct place *p = *state;

	add(p->from, 1);
	assert_ok(store_backup(p->from->s, p->file));
	assert_ok(restore(p, false));
	assert_ok(fixture_open(p->to));
	add(p->to, 2);
	fixture_reopen(p->to);
	assert_int_equal(things(p->to), 2);
}

static void restore_leaves_the_database_and_the_lock_only(void **state)
{
	struct place *p = *state;

	assert_ok(store_backup(p->from->s, p->file));
	assert_ok(restore(p, false));
	assert_int_equal(files_in(p->to->dir), 2);
}

static void existing_database_stays_unless_it_may_be_replaced(void **state)
{
	struct place *p = *state;

	assert_ok(store_backup(p->from->s, p->file));
	assert_ok(fixture_open(p->to));
	assert_ok(store_write(p->to->s, make_things, NULL));
	add(p->to, 7);
	fixture_close(p->to);
	assert_err(restore(p, false), TAKEN);
	assert_ok(fixture_open(p->to));
	assert_int_equal(things(p->to), 1);
}

static void existing_database_is_replaced_when_asked(void **state)
{
	struct place *p = *state;

	add(p->from, 1);
	add(p->from, 2);
	assert_ok(store_backup(p->from->s, p->file));
	assert_ok(fixture_open(p->to));
	assert_ok(store_write(p->to->s, make_things, NULL));
	add(p->to, 7);
	fixture_close(p->to);
	assert_ok(restore(p, true));
	assert_ok(fixture_open(p->to));
	assert_int_equal(things(p->to), 2);
}

static void log_of_a_killed_server_is_not_played_into_the_restored_database(void **state)
{
	struct place *p = *state;
	char wal[160];
	int status;
	pid_t child;

	add(p->from, 1);
	assert_ok(store_backup(p->from->s, p->file));
	fixture_close(p->from); /* no threads of ours while we fork */
	child = fork();
	if (child == 0) {
		if (failed(fixture_open(p->to)) || failed(store_write(p->to->s, make_things, NULL)))
			_exit(1);
		for (int64_t id = 100; id < 150; id++)
			IGNORE(store_write(p->to->s, add_thing_at, &id)); /* the parent looks at what is there */
		kill(getpid(), SIGKILL);
	}
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status));
	snprintf(wal, sizeof(wal), "%s-wal", p->to->path);
	assert_true(size_of(wal) > 0);
	assert_ok(restore(p, true));
	assert_ok(fixture_open(p->to));
	assert_int_equal(things(p->to), 1);
}

static void broken_database_can_be_replaced(void **state)
{
	struct place *p = *state;
	int fd;

	add(p->from, 1);
	assert_ok(store_backup(p->from->s, p->file));
	fd = open(p->to->path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, "rubble", 6), 6);
	close(fd);
	assert_ok(restore(p, true));
	assert_ok(fixture_open(p->to));
	assert_int_equal(things(p->to), 1);
}

static void directory_in_use_is_refused(void **state)
{
	struct place *p = *state;

	assert_ok(store_backup(p->from->s, p->file));
	assert_ok(fixture_open(p->to));
	assert_err(restore(p, true), LOCKED_BY_PROCESS);
}

/* ---- files that are no backup ---- */

/* After a refusal the directory holds the lock file and nothing else. */
static void refuse(struct place *p)
{
	assert_err(restore(p, true), CONFIG);
	assert_int_equal(files_in(p->to->dir), 1);
}

static void garbage_is_refused(void **state)
{
	struct place *p = *state;
	char junk[20000];
	int fd = open(p->file, O_WRONLY | O_CREAT, 0600);

	memset(junk, 'x', sizeof(junk));
	assert_int_equal(write(fd, junk, sizeof(junk)), sizeof(junk));
	close(fd);
	refuse(p);
}

static void empty_file_is_refused(void **state)
{
	struct place *p = *state;

	close(open(p->file, O_WRONLY | O_CREAT, 0600));
	refuse(p);
}

static void large_backup(struct place *p)
{
	for (int i = 0; i < 500; i++)
		add(p->from, i);
	assert_ok(store_backup(p->from->s, p->file));
	assert_true(size_of(p->file) > 5 * 4096);
}

static void truncated_backup_is_refused(void **state)
{
	struct place *p = *state;
	off_t cuts[] = { 1, 100, 4095, 4096, 2 * 4096 };

	large_backup(p);
	for (size_t i = 0; i < COUNT(cuts); i++) {
		assert_int_equal(truncate(p->file, size_of(p->file) - cuts[i]), 0);
		refuse(p);
	}
	assert_int_equal(truncate(p->file, 50), 0);
	refuse(p);
}

static void damaged_backup_is_refused(void **state)
{
	struct place *p = *state;
	int fd;

	large_backup(p);
	fd = open(p->file, O_WRONLY);
	for (off_t page = 2; page < 6; page++)
		assert_int_equal(pwrite(fd, "damage damage damage", 20, page * 4096), 20);
	close(fd);
	refuse(p);
}

static void run_on(const char *path, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void foreign_database_is_refused(void **state)
{
	struct place *p = *state;

	run_on(p->file, "CREATE TABLE theirs (x)");
	refuse(p);
}

static void backup_of_a_newer_program_is_refused(void **state)
{
	struct place *p = *state;

	assert_ok(store_backup(p->from->s, p->file));
	run_on(p->file, "INSERT INTO migration (position, name) VALUES (999999, 'from the future')");
	refuse(p);
}

/* Copied file by file from a running server: a part of the content lies in the log. */
static void file_with_a_log_beside_it_is_refused(void **state)
{
	struct place *p = *state;
	char wal[160];

	assert_ok(store_backup(p->from->s, p->file));
	snprintf(wal, sizeof(wal), "%s-wal", p->file);
	close(open(wal, O_WRONLY | O_CREAT, 0600));
	refuse(p);
}

static void missing_file_is_an_error(void **state)
{
	struct place *p = *state;

	assert_err(restore(p, true), IO);
	assert_int_equal(files_in(p->to->dir), 1);
}

static void refusal_leaves_the_existing_database(void **state)
{
	struct place *p = *state;

	large_backup(p);
	assert_int_equal(truncate(p->file, 4096 * 3), 0);
	assert_ok(fixture_open(p->to));
	assert_ok(store_write(p->to->s, make_things, NULL));
	add(p->to, 7);
	fixture_close(p->to);
	assert_err(restore(p, true), CONFIG);
	assert_ok(fixture_open(p->to));
	assert_int_equal(things(p->to), 1);
}

/* ---- the master key's id ---- */

SQL(set_key_id, "INSERT INTO meta (key, value) VALUES ('master_key_id', $1)");

static struct error name_key(void *arg, struct tx *tx)
{
	return sql_run(tx, &set_key_id, ARGS(v_text(slice_text(arg))), NULL);
}

static void needed_master_key_is_told(void **state)
{
	struct place *p = *state;
	char id[] = "0123456789abcdef", key_id[33];

	assert_ok(store_write(p->from->s, name_key, id));
	assert_ok(store_backup(p->from->s, p->file));
	assert_ok(store_restore(&p->to->log, p->file, p->to->dir, false, key_id));
	assert_string_equal(key_id, id);
}

static void no_master_key_is_told_as_nothing(void **state)
{
	struct place *p = *state;
	char key_id[33] = "x";

	assert_ok(store_backup(p->from->s, p->file));
	assert_ok(store_restore(&p->to->log, p->file, p->to->dir, false, key_id));
	assert_string_equal(key_id, "");
}

static void long_key_id_is_cut(void **state)
{
	struct place *p = *state;
	char id[] = "0123456789abcdef0123456789abcdef0123456789abcdef", key_id[33];

	assert_ok(store_write(p->from->s, name_key, id));
	assert_ok(store_backup(p->from->s, p->file));
	assert_ok(store_restore(&p->to->log, p->file, p->to->dir, false, key_id));
	assert_string_equal(key_id, "0123456789abcdef0123456789abcdef");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(backup_holds_what_was_committed), TEST(backup_is_for_us_alone_and_leaves_nothing_else),
		TEST(existing_file_is_not_overwritten), TEST(backup_into_a_missing_directory_is_an_error),
		TEST(backup_beside_a_writer_is_one_state), TEST(restored_store_can_be_written),
		TEST(restore_leaves_the_database_and_the_lock_only), TEST(existing_database_stays_unless_it_may_be_replaced),
		TEST(existing_database_is_replaced_when_asked),
		TEST(log_of_a_killed_server_is_not_played_into_the_restored_database), TEST(broken_database_can_be_replaced),
		TEST(directory_in_use_is_refused), TEST(garbage_is_refused), TEST(empty_file_is_refused),
		TEST(truncated_backup_is_refused), TEST(damaged_backup_is_refused), TEST(foreign_database_is_refused),
		TEST(backup_of_a_newer_program_is_refused), TEST(file_with_a_log_beside_it_is_refused),
		TEST(missing_file_is_an_error), TEST(refusal_leaves_the_existing_database), TEST(needed_master_key_is_told),
		TEST(no_master_key_is_told_as_nothing), TEST(long_key_id_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
