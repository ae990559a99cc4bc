/*
 * The program without its sockets, for tests: a store in a directory of its own, a clock that stands until it is moved, and
 * requests that run to their end where they are made. Whatever goes wrong in here fails the test.
 *
 *   static int setup(void **state)
 *   {
 *           struct fixture *f = fixture_new(NULL);
 *
 *           must(accounts_open(&f->app));            what the test needs between the store and the API
 *           fixture_serve(f, tables, COUNT(tables), NULL);
 *           *state = f;
 *           return 0;
 *   }
 *   static int teardown(void **state)
 *   {
 *           accounts_close(&f->app);
 *           fixture_free(f);
 *   }
 *   static void unknown_account(void **state)
 *   {
 *           assert_problem(get(*state, "/admin/accounts/a-spge-x"), 404, "account_does_not_exist");
 *   }
 */
#ifndef TEST_UNIT_COMMON_FIXTURE_H
#define TEST_UNIT_COMMON_FIXTURE_H

#include <stdatomic.h>

#include "api/api.h"
#include "tests/unit/common/test.h"

#define FIXTURE_START_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */

/* `env` comes first: the functions behind it find the rest of the struct from it. */
struct fixture_env {
	struct env env;
	_Atomic int64_t now_ms, mono_ms;
	_Atomic uint64_t seed; /* of numbers that look random and are the same in each run */
};

/* What a setup may want to be otherwise; all zero is the usual. */
struct fixture_options {
	bool system_env;         /* the real clock and randomness instead of fixture_env */
	const char *data;        /* an existing data directory, left alone at the end; NULL: a new one, removed at the end */
	const char *settings[8]; /* "name=value", NULL ends the list */
	uint64_t seed;           /* of the randomness; another one for each time that a directory is used. 0: 1 */
};

struct fixture {
	struct app app;          /* accounts, oauth and denials are for the test to open and close */
	struct fixture_env env;
	struct log log;          /* to /dev/null; to stderr with TEST_LOG in the environment */
	struct metrics metrics;
	struct settings settings;
	struct arena arena;      /* the test's own; answers live in it too, until the fixture is freed */
	struct api *api;
	char dir[96];
	bool own_dir;
	json_t **bodies;
	size_t body_count;
};

struct fixture *fixture_new(const struct fixture_options *options);
/* `authenticate` may be NULL when only the operator's routes are asked. May be called once. */
void fixture_serve(struct fixture *f, const struct route_table *const *tables, size_t table_count,
	struct error (*authenticate)(struct op *op, struct slice token, struct slice wanted));
void fixture_free(struct fixture *f);
void fixture_advance(struct fixture *f, int64_t ms);
/* Closes the store and opens it again on the same files. */
void fixture_reopen(struct fixture *f);

/* ---- requests ---- */

struct answer {
	struct fixture *fixture;
	int status;
	struct slice text; /* the body as it is */
	json_t *body;      /* parsed; NULL when it is no JSON. Belongs to the fixture */
	const struct http_header *headers;
	size_t header_count;
};

/* How a request comes in. */
struct from {
	bool local;         /* through the admin socket */
	const char *token;  /* bearer token; NULL: no Authorization header */
	const char *type;   /* Content-Type of the body; NULL: application/json; "": none */
	const char *peer;   /* address of the caller; NULL: "local" or 192.0.2.1 */
	const struct http_header *headers; /* further ones */
	size_t header_count;
};

/* `target` is path and query, `body` may be NULL. */
struct answer fixture_request(struct fixture *f, const struct from *from, enum http_method method, const char *target, const char *body);
/* The same for a body of any bytes. */
struct answer fixture_send(struct fixture *f, const struct from *from, enum http_method method, const char *target, struct slice body);

/* The operator's, through the admin socket. Targets and bodies are formats. */
struct answer get(struct fixture *f, const char *target, ...) __attribute__((format(printf, 2, 3)));
struct answer del(struct fixture *f, const char *target, ...) __attribute__((format(printf, 2, 3)));
struct answer post(struct fixture *f, const char *target, const char *body, ...) __attribute__((format(printf, 3, 4)));
struct answer patch(struct fixture *f, const char *target, const char *body, ...) __attribute__((format(printf, 3, 4)));

/* First header of the answer with that name, "" when there is none. */
const char *answer_header(const struct answer *answer, const char *name);
/* A member by its path, "secrets.0.id"; NULL when there is none. */
json_t *member(struct answer answer, const char *path);
/* The same as text; fails when it is no text. */
const char *text_of(struct answer answer, const char *path);

void must(struct error e);
void assert_status(struct answer answer, int status);
/* A problem object: status, code, the trace id. */
void assert_problem(struct answer answer, int status, const char *code);
/* 400 invalid_request_parameter that names this parameter. */
void assert_invalid(struct answer answer, const char *parameter);
/* The first column of the first row. */
int64_t fixture_number(struct fixture *f, const struct sql *sql);

#endif
