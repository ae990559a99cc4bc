/* A backup on the operator's word. */
#include "server/boot.h"
#include "store/backup.h"
#include "tests/unit/common/fixture.h"

static int setup(void **state)
{
	static const struct route_table *const tables[] = { &backup_routes };
	struct fixture *f = fixture_new(NULL);

	fixture_serve(f, tables, COUNT(tables), NULL);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

static struct answer backup(struct fixture *f, const char *name)
{
	return post(f, "/admin/backup", "{\"path\":\"%s/%s\"}", f->dir, name);
}

SQL(backups, "SELECT count(*) FROM audit WHERE type = 'ADMIN_BACKUP_MADE'");

static void backup_is_whole(void **state)
{
	struct fixture *f = *state;
	char key_id[33];

	assert_status(backup(f, "copy"), 200);
	must(store_backup_check(&f->log, (const char *)arena_printf(&f->arena, "%s/copy", f->dir).p, key_id));
}

static void answer_names_the_key_that_it_needs(void **state)
{
	struct fixture *f = *state;
	struct answer answer = backup(f, "copy");

	assert_string_equal(text_of(answer, "masterKeyId"), keyring_id(f->app.keyring));
	assert_string_equal(text_of(answer, "path"), (const char *)arena_printf(&f->arena, "%s/copy", f->dir).p);
}

static void backup_is_recorded(void **state)
{
	struct fixture *f = *state;

	backup(f, "copy");
	assert_int_equal(fixture_number(f, &backups), 1);
}

static void file_that_is_there_is_kept(void **state)
{
	struct fixture *f = *state;

	assert_status(backup(f, "copy"), 200);
	assert_invalid(backup(f, "copy"), "path");
	assert_int_equal(fixture_number(f, &backups), 1);
}

static void paths_that_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_invalid(post(f, "/admin/backup", "{\"path\":\"copy\"}"), "path");
	assert_invalid(post(f, "/admin/backup", "{\"path\":\"./copy\"}"), "path");
	assert_invalid(post(f, "/admin/backup", "{\"path\":\"/nowhere/at/all\"}"), "path");
	assert_invalid(post(f, "/admin/backup", "{\"path\":\"%s\"}", f->dir), "path");
	assert_int_equal(fixture_number(f, &backups), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(backup_is_whole),
		TEST(answer_names_the_key_that_it_needs),
		TEST(backup_is_recorded),
		TEST(file_that_is_there_is_kept),
		TEST(paths_that_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
