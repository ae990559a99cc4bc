#include "tests/unit/common/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "authenticator/store.h"

struct place {
	char path[64];
	struct arena a;
	struct store s;
};

static int setup(void **state)
{
	struct place *p = xalloc(sizeof(*p));

	snprintf(p->path, sizeof(p->path), "/tmp/store-XXXXXX");
	assert_non_null(mkdtemp(p->path));
	assert_ok(store_open(&p->s, &env_system, &p->a, p->path, true));
	*state = p;
	return 0;
}

static void remove_file(const struct place *p, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	unlink(path);
}

static int teardown(void **state)
{
	struct place *p = *state;

	store_close(&p->s);
	remove_file(p, "lock");
	remove_file(p, "keystore");
	remove_file(p, "record.default");
	remove_file(p, "config.default.json");
	assert_int_equal(rmdir(p->path), 0);
	arena_free(&p->a);
	free(p);
	return 0;
}

static void reopen(struct place *p)
{
	store_close(&p->s);
	assert_ok(store_open(&p->s, &env_system, &p->a, p->path, true));
}

static mode_t mode_of(const struct place *p, const char *name)
{
	struct stat st;
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", p->path, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void written_and_read(void **state)
{
	struct place *p = *state;
	struct slice bytes;

	assert_err(store_read(&p->s, "record", "default", "", &bytes), NO_ROW);
	assert_ok(store_write(&p->s, "record", "default", "", S("one")));
	assert_ok(store_write(&p->s, "record", "default", "", S("two")));
	assert_ok(store_read(&p->s, "record", "default", "", &bytes));
	assert_slice_equal(bytes, S("two"));
	assert_int_equal(mode_of(p, "record.default"), 0600);
}

static void removed(void **state)
{
	struct place *p = *state;
	struct slice bytes;

	assert_ok(store_write(&p->s, "config", "default", ".json", S("{}")));
	assert_ok(store_remove(&p->s, "config", "default", ".json"));
	assert_ok(store_remove(&p->s, "config", "default", ".json"));
	assert_err(store_read(&p->s, "config", "default", ".json", &bytes), NO_ROW);
}

static void keys_and_numbers_stay(void **state)
{
	struct place *p = *state;
	uint8_t key[STORE_SECRET_BYTES], device[STORE_SECRET_BYTES];

	memcpy(key, p->s.key, sizeof(key));
	memcpy(device, p->s.device, sizeof(device));
	assert_memory_not_equal(key, device, sizeof(key));
	assert_int_equal(store_generation(&p->s, "default"), 0);
	assert_ok(store_set_generation(&p->s, "default", 7));
	assert_ok(store_set_generation(&p->s, "default.new", UINT64_MAX));
	assert_ok(store_set_generation(&p->s, "default", 8));
	reopen(p);
	assert_memory_equal(p->s.key, key, sizeof(key));
	assert_memory_equal(p->s.device, device, sizeof(device));
	assert_int_equal(store_generation(&p->s, "default"), 8);
	assert_true(store_generation(&p->s, "default.new") == UINT64_MAX);
	assert_int_equal(mode_of(p, "keystore"), 0600);
}

static void a_damaged_key_store(void **state)
{
	static const char *const bad[] = { "key 12\n", "key zz\n", "colour red\n", "generation x y\n", "generation x\n", "\n" };
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_ok(store_write(&p->s, "keystore", "", "", slice_text(bad[i])));
		store_close(&p->s);
		assert_true(failed(store_open(&p->s, &env_system, &p->a, p->path, true)));
		assert_true(p->s.why.n > 0);
	}
}

static void a_directory_that_is_open_to_others(void **state)
{
	struct place *p = *state;

	store_close(&p->s);
	assert_int_equal(chmod(p->path, 0750), 0);
	assert_err(store_open(&p->s, &env_system, &p->a, p->path, true), CONFIG);
	assert_int_equal(chmod(p->path, 0700), 0);
}

static void a_directory_that_cannot_be_made(void **state)
{
	struct place *p = *state;

	store_close(&p->s);
	assert_err(store_open(&p->s, &env_system, &p->a, "/nowhere/store", true), IO);
	assert_err(store_open(&p->s, &env_system, &p->a, "/dev/null", true), IO);
}

/* A second process waits until the first one lets go. */
static void one_process_at_a_time(void **state)
{
	struct place *p = *state;
	int status, from_child[2];
	char said;
	pid_t child;

	assert_int_equal(pipe(from_child), 0);
	child = fork();
	if (child == 0) {
		struct store s;
		struct arena a = { 0 };
		bool good;

		close(p->s.lock_fd);
		good = !failed(store_open(&s, &env_system, &a, p->path, true)) && store_generation(&s, "default") == 5 &&
			write(from_child[1], "x", 1) == 1;
		_exit(good ? 0 : 1);
	}
	usleep(50000);
	assert_int_equal(waitpid(child, &status, WNOHANG), 0);
	assert_ok(store_set_generation(&p->s, "default", 5));
	store_unlock(&p->s);
	assert_int_equal(read(from_child[0], &said, 1), 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	close(from_child[0]);
	close(from_child[1]);
}

static void names(void **state)
{
	char longer[66];

	(void)state;
	memset(longer, 'x', sizeof(longer));
	longer[65] = 0;
	assert_true(store_name_good("default"));
	assert_true(store_name_good("Work_1-a"));
	assert_false(store_name_good(""));
	assert_false(store_name_good("../x"));
	assert_false(store_name_good("a.b"));
	assert_false(store_name_good(longer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(written_and_read, setup, teardown),
		cmocka_unit_test_setup_teardown(removed, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_and_numbers_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(a_damaged_key_store, setup, teardown),
		cmocka_unit_test_setup_teardown(a_directory_that_is_open_to_others, setup, teardown),
		cmocka_unit_test_setup_teardown(a_directory_that_cannot_be_made, setup, teardown),
		cmocka_unit_test_setup_teardown(one_process_at_a_time, setup, teardown),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
