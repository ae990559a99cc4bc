/* Commands that need no running server: check-config, openapi, restore, version. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "codec/json.h"
#include "server/boot.h"
#include "store/backup.h"

enum { DOCUMENT_BYTES_MAX = 4 * 1024 * 1024 };

static struct slice config_as_json(const struct settings *s, struct arena *a)
{
	struct buf b = buf_arena(a, 64 * 1024);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	for (size_t i = 0; i < setting_count; i++) {
		struct slice text = settings_text(s, &setting_list[i], a);

		jw_key(&w, setting_list[i].name);
		if (setting_list[i].type == SETTING_NUMBER)
			jw_raw(&w, text);
		else if (setting_list[i].type == SETTING_SWITCH)
			jw_bool(&w, slice_is(text, "1"));
		else
			jw_text(&w, text);
	}
	jw_close(&w, '}');
	return buf_bytes(&b);
}

int command_check_config(const struct command_line *line)
{
	struct settings settings;

	if (failed(settings_load(line, line->arena, &settings)))
		return 1;
	if (line->json) {
		printf("%.*s\n", FMT(config_as_json(&settings, line->arena)));
		return 0;
	}
	for (size_t i = 0; i < setting_count; i++) {
		struct slice text = settings_text(&settings, &setting_list[i], line->arena);
		bool standard = slice_is(text, setting_list[i].standard);

		printf("%-27s = %.*s%s\n", setting_list[i].name, FMT(text), standard ? "" : "   (not the default)");
	}
	return 0;
}

/* Each document once, though several tables may make it up. */
static void list_documents(void)
{
	for (size_t i = 0; i < public_table_count; i++) {
		const char *path = public_tables[i]->openapi_path;
		bool seen = !path;

		for (size_t k = 0; !seen && k < i; k++)
			seen = public_tables[k]->openapi_path && strcmp(public_tables[k]->openapi_path, path) == 0;
		if (!seen)
			printf("%s\n", path);
	}
}

int command_openapi(const struct command_line *line)
{
	const char *url = command_option(line, "public-url");
	struct buf b = buf_arena(line->arena, DOCUMENT_BYTES_MAX);

	if (!line->argument_count) {
		list_documents();
		return 0;
	}
	openapi_write(public_tables, public_table_count, line->arguments[0], url ? url : "http://localhost:8080", &b);
	if (b.n)
		printf("%.*s\n", FMT(buf_bytes(&b)));
	else
		fprintf(stderr, "There is no document %s; `reuseid openapi` lists them.\n", line->arguments[0]);
	return b.n == 0;
}

static void tell_restore(struct error e, const char *from, const char *dir)
{
	if (is_err(e, E_LOCKED_BY_PROCESS))
		fprintf(stderr, "A server runs on %s: stop it first. Nothing was changed.\n", dir);
	else if (is_err(e, E_TAKEN))
		fprintf(stderr, "%s holds a database already; --replace puts the backup in its place. Nothing was changed.\n", dir);
	else if (is_err(e, E_CONFIG))
		fprintf(stderr, "%s is not a whole backup that this version can read. Nothing was changed.\n", from);
	else
		fprintf(stderr, "%s cannot be restored to %s: %s. Nothing was changed.\n", from, dir, strerror(errno));
}

/* The key must be there and the right one before anything is put into place. */
static err check_key(const struct command_line *line, const char *path, const char *from)
{
	uint8_t master[MASTER_KEY_BYTES];
	char needed[33];
	struct keyring *keyring;
	struct log log = { .env = &env_system, .fd = STDERR_FILENO, .level = LOG_WARN };
	struct error e = store_backup_check(&log, from, needed);
	bool right;

	if (failed(e)) {
		tell_restore(e, from, line->data);
		return e;
	}
	e = master_key_read(path, master);
	if (failed(e)) {
		fprintf(stderr, "The master key %s is missing or cannot be read. The backup needs key %s: put the file there, or name it with "
				"--master-key FILE. Nothing was changed.\n", path, needed);
		return e;
	}
	keyring = keyring_new(master);
	wipe(master, sizeof(master));
	right = strcmp(keyring_id(keyring), needed) == 0;
	if (!right)
		fprintf(stderr, "The master key %s is key %s; the backup needs key %s. Nothing was changed.\n", path, keyring_id(keyring), needed);
	keyring_free(keyring);
	ENSURE(right, WRONG_KEY);
	return OK;
}

int command_restore(const struct command_line *line)
{
	const char *from = line->arguments[0], *key = command_option(line, "master-key");
	const char *path = key ? key : (const char *)path_in(line->arena, line->data, MASTER_KEY_FILE).p;
	struct log log = { .env = &env_system, .fd = STDERR_FILENO, .level = LOG_WARN };
	char needed[33];
	struct error e;

	if (failed(check_key(line, path, from)))
		return 1;
	e = store_restore(&log, from, line->data, command_option(line, "replace") != NULL, needed);
	if (failed(e)) {
		tell_restore(e, from, line->data);
		return 1;
	}
	printf("Restored %s to %s. It needs the master key %s, which is %s.\n", from, line->data, needed, path);
	return 0;
}

int command_version(const struct command_line *line)
{
	puts(line->json ? "{\"version\":\"" VERSION "\"}" : "reuseid " VERSION);
	return 0;
}
