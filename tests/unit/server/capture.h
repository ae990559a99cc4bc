/* What a function says on stdout or stderr, which are the test's own report otherwise. */
#ifndef TEST_UNIT_SERVER_CAPTURE_H
#define TEST_UNIT_SERVER_CAPTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/common/test.h"

struct capture {
	int fd, saved;
	FILE *file;
	char text[64 * 1024];
};

/* `fd` is STDOUT_FILENO or STDERR_FILENO. */
static inline void capture_begin(struct capture *c, int fd)
{
	fflush(stdout);
	fflush(stderr);
	c->fd = fd;
	c->file = tmpfile();
	assert_non_null(c->file);
	c->saved = dup(fd);
	dup2(fileno(c->file), fd);
}

static inline const char *capture_end(struct capture *c)
{
	size_t n;

	fflush(stdout);
	fflush(stderr);
	dup2(c->saved, c->fd);
	close(c->saved);
	rewind(c->file);
	n = fread(c->text, 1, sizeof(c->text) - 1, c->file);
	c->text[n] = 0;
	fclose(c->file);
	return c->text;
}

#endif
