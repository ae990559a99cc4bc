/* The program opened on a data directory of its own, without serving. */
#ifndef TEST_UNIT_SERVER_BOOTED_H
#define TEST_UNIT_SERVER_BOOTED_H

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "capture.h"
#include "server/boot.h"

struct booted {
	struct arena a;
	struct command_line line;
	struct command_option options[8];
	struct boot boot;
	bool open;
	char dir[96];
	struct capture said;
};

/* A directory that is not there yet, in one of its own. */
static inline int booted_setup(void **state)
{
	struct booted *b = xalloc(sizeof(*b));
	char parent[64] = "/tmp/booted-XXXXXX";

	assert_non_null(mkdtemp(parent));
	snprintf(b->dir, sizeof(b->dir), "%s/data", parent);
	b->line = (struct command_line){ .arena = &b->a, .data = b->dir, .options = b->options };
	b->options[b->line.option_count++] = (struct command_option){ "log-level", "error" };
	*state = b;
	return 0;
}

static inline void remove_all(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

static inline void booted_close(struct booted *b)
{
	if (b->open)
		boot_close(&b->boot);
	b->open = false;
}

static inline int booted_teardown(void **state)
{
	struct booted *b = *state;

	booted_close(b);
	remove_all(b->dir);
	b->dir[strlen(b->dir) - strlen("/data")] = 0;
	remove_all(b->dir);
	arena_free(&b->a);
	free(b);
	return 0;
}

/* What was said on stderr is in b->said.text. */
static inline struct error booted_open(struct booted *b, bool create)
{
	struct error e;

	capture_begin(&b->said, STDERR_FILENO);
	e = boot_open(&b->boot, &b->line, create);
	capture_end(&b->said);
	b->open = !failed(e);
	return e;
}

static inline void booted_open_well(struct booted *b)
{
	struct error e = booted_open(b, true);

	if (failed(e))
		fail_msg("%s", b->said.text);
}

static inline void assert_said(struct booted *b, const char *what)
{
	if (!strstr(b->said.text, what))
		fail_msg("no \"%s\" in: %s", what, b->said.text);
}

#define PATH_IN(b, name) (const char *)path_in(&(b)->a, (b)->dir, name).p
#define BOOTED(test) cmocka_unit_test_setup_teardown(test, booted_setup, booted_teardown)

#endif
