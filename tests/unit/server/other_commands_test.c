/* Commands that need no running server. */
#include "booted.h"
#include "store/backup.h"

typedef int command(const struct command_line *line);

/* Its exit status; what it said on stdout and stderr. */
struct outcome {
	int status;
	struct capture out, said;
};

static struct outcome *run(struct booted *b, command *fn, const struct command_line *line)
{
	struct outcome *o = arena_new(&b->a, struct outcome);

	capture_begin(&o->out, STDOUT_FILENO);
	capture_begin(&o->said, STDERR_FILENO);
	o->status = fn(line);
	capture_end(&o->said);
	capture_end(&o->out);
	return o;
}

static void assert_failed(const struct outcome *o, const char *what)
{
	assert_int_equal(o->status, 1);
	if (!strstr(o->said.text, what))
		fail_msg("no \"%s\" in: %s", what, o->said.text);
}

static void assert_went_well(const struct outcome *o, const char *what)
{
	if (o->status != 0 || *o->said.text || !strstr(o->out.text, what))
		fail_msg("%d: %s%s", o->status, o->said.text, o->out.text);
}

/* ---- version, check-config ---- */

static void version(void **state)
{
	struct booted *b = *state;

	assert_string_equal(run(b, command_version, &b->line)->out.text, "reuseid " VERSION "\n");
	b->line.json = true;
	assert_string_equal(run(b, command_version, &b->line)->out.text, "{\"version\":\"" VERSION "\"}\n");
}

static void config_is_shown_with_what_is_not_the_default(void **state)
{
	struct booted *b = *state;

	assert_went_well(run(b, command_check_config, &b->line), "log_level                   = error   (not the default)\n");
	assert_went_well(run(b, command_check_config, &b->line), "port                        = 8080\n");
}

static void config_as_json(void **state)
{
	struct booted *b = *state;
	json_t *config;

	b->line.json = true;
	config = json_loads(run(b, command_check_config, &b->line)->out.text, JSON_REJECT_DUPLICATES, NULL);
	assert_int_equal(json_object_size(config), setting_count);
	assert_int_equal(json_integer_value(json_object_get(config, "port")), 8080);
	assert_string_equal(json_string_value(json_object_get(config, "log_level")), "error");
	assert_true(json_is_false(json_object_get(config, "log_requests")));
	json_decref(config);
}

static void bad_config_fails(void **state)
{
	struct booted *b = *state;

	b->options[b->line.option_count++] = (struct command_option){ "http-threads", "0" };
	assert_failed(run(b, command_check_config, &b->line), "http_threads must be a number from 1 to 64");
}

/* ---- openapi ---- */

static void documents_are_listed_once(void **state)
{
	struct booted *b = *state;
	const char *list = run(b, command_openapi, &b->line)->out.text, *first = strstr(list, "/reuseid/core/openapi.json\n");

	assert_non_null(first);
	assert_null(strstr(first + 1, "/reuseid/core/openapi.json\n"));
}

static void document_is_printed(void **state)
{
	struct booted *b = *state;
	const char *path = "/reuseid/core/openapi.json";
	json_t *document;

	b->line.arguments = &path;
	b->line.argument_count = 1;
	b->options[b->line.option_count++] = (struct command_option){ "public-url", "https://id.example.com" };
	capture_begin(&b->said, STDOUT_FILENO);
	assert_int_equal(command_openapi(&b->line), 0);
	fflush(stdout);
	rewind(b->said.file);
	document = json_loadf(b->said.file, JSON_REJECT_DUPLICATES, NULL);
	capture_end(&b->said);
	assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(document, "servers"), 0), "url")),
		"https://id.example.com/reuseid/core");
	json_decref(document);
}

static void document_that_is_not_there(void **state)
{
	struct booted *b = *state;
	const char *path = "/other.json";

	b->line.arguments = &path;
	b->line.argument_count = 1;
	assert_failed(run(b, command_openapi, &b->line), "There is no document /other.json");
}

/* ---- restore ---- */

/* A backup of a database, which is then gone; its key stays. */
static const char *backed_up(struct booted *b)
{
	const char *path = (const char *)arena_printf(&b->a, "%s.backup", b->dir).p;

	booted_open_well(b);
	assert_ok(store_backup(b->boot.app.store, path));
	booted_close(b);
	unlink(PATH_IN(b, "reuseid.db"));
	return path;
}

static struct outcome *restore(struct booted *b, const char *from)
{
	const char **argument = arena_new(&b->a, const char *);

	*argument = from;
	b->line.arguments = argument;
	b->line.argument_count = 1;
	return run(b, command_restore, &b->line);
}

static void backup_is_put_into_place(void **state)
{
	struct booted *b = *state;

	assert_went_well(restore(b, backed_up(b)), "Restored ");
	booted_open_well(b);
	assert_false(b->boot.fresh);
}

static void database_that_is_there_is_kept(void **state)
{
	struct booted *b = *state;
	const char *backup = backed_up(b);

	booted_open_well(b);
	booted_close(b);
	assert_failed(restore(b, backup), "holds a database already; --replace puts the backup in its place. Nothing was changed.");
}

static void database_is_replaced_on_demand(void **state)
{
	struct booted *b = *state;
	const char *backup = backed_up(b);

	booted_open_well(b);
	booted_close(b);
	b->options[b->line.option_count++] = (struct command_option){ "replace", "" };
	assert_went_well(restore(b, backup), "Restored ");
	booted_open_well(b);
}

static void server_that_runs_is_let_be(void **state)
{
	struct booted *b = *state;
	const char *backup = backed_up(b);

	booted_open_well(b);
	b->options[b->line.option_count++] = (struct command_option){ "replace", "" };
	assert_failed(restore(b, backup), "A server runs on ");
}

static void missing_key_is_told_before_anything_is_done(void **state)
{
	struct booted *b = *state;
	const char *backup = backed_up(b);
	struct stat st;

	unlink(PATH_IN(b, "master.key"));
	assert_failed(restore(b, backup), "is missing or cannot be read. The backup needs key ");
	assert_int_equal(stat(PATH_IN(b, "reuseid.db"), &st), -1);
}

static void key_of_another_database_is_refused(void **state)
{
	struct booted *b = *state;
	const char *backup = backed_up(b), *path = PATH_IN(b, "master.key");
	uint8_t other[MASTER_KEY_BYTES];
	struct stat st;

	unlink(path);
	assert_ok(master_key_create(&env_system, path, other));
	assert_failed(restore(b, backup), "; the backup needs key ");
	assert_int_equal(stat(PATH_IN(b, "reuseid.db"), &st), -1);
}

static void key_elsewhere_by_option(void **state)
{
	struct booted *b = *state;
	const char *backup = backed_up(b), *elsewhere = (const char *)arena_printf(&b->a, "%s.key", b->dir).p;

	assert_int_equal(rename(PATH_IN(b, "master.key"), elsewhere), 0);
	b->options[b->line.option_count++] = (struct command_option){ "master-key", elsewhere };
	assert_went_well(restore(b, backup), elsewhere);
}

static void file_that_is_no_backup(void **state)
{
	struct booted *b = *state;
	const char *path = (const char *)arena_printf(&b->a, "%s.text", b->dir).p;
	FILE *file;

	backed_up(b);
	file = fopen(path, "we");
	fputs("no database at all, but long enough to be looked at as if it were one, header and all", file);
	fclose(file);
	assert_failed(restore(b, path), "is not a whole backup that this version can read. Nothing was changed.");
}

static void file_that_is_not_there(void **state)
{
	struct booted *b = *state;

	backed_up(b);
	assert_failed(restore(b, "/nowhere/backup"), "No such file or directory. Nothing was changed.");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOOTED(version),
		BOOTED(config_is_shown_with_what_is_not_the_default),
		BOOTED(config_as_json),
		BOOTED(bad_config_fails),
		BOOTED(documents_are_listed_once),
		BOOTED(document_is_printed),
		BOOTED(document_that_is_not_there),
		BOOTED(backup_is_put_into_place),
		BOOTED(database_that_is_there_is_kept),
		BOOTED(database_is_replaced_on_demand),
		BOOTED(server_that_runs_is_let_be),
		BOOTED(missing_key_is_told_before_anything_is_done),
		BOOTED(key_of_another_database_is_refused),
		BOOTED(key_elsewhere_by_option),
		BOOTED(file_that_is_no_backup),
		BOOTED(file_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
