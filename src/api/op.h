/*
 * One operation: a request on its way through prepare, apply and reply.
 *
 *   prepare  reads and cryptography; many run at once; changes nothing. On an HTTP thread, so it never waits for long.
 *   apply    the one transaction, on the writer. Checks again what it relies on, writes, records its facts. No cryptography,
 *            no I/O; may be run again from the start. FAIL(STALE) runs prepare and apply again.
 *   reply    renders what apply decided, after the commit. Without one, op->out is written by the route's reply schema.
 *
 * Everything lives in op->arena and ends with the request.
 */
#ifndef API_OP_H
#define API_OP_H

#include "api/app.h"
#include "api/permission.h"
#include "codec/json.h"
#include "codec/schema.h"
#include "http/http.h"

enum { PATH_PARAMS_MAX = 4 };

struct route;
struct route_table;
struct fact_personal;
struct api;
struct asked;

struct caller {
	int64_t account;         /* internal number; 0 when none */
	int64_t organisation;    /* internal number; 0 when none */
	struct slice account_id; /* "a-spge-…" */
	struct slice client_id;
	struct slice jti;        /* id of the access token */
	uint64_t permissions;
	bool sandbox;
	bool extended_events;    /* the account wants events that the hosted service does not have */
};

struct op {
	struct app *app;
	struct api *api;
	const struct route *route;       /* NULL until it is found, and so is its table */
	const struct route_table *table;
	size_t stats;                    /* index of the route among all */
	const struct settings *settings; /* one and the same for the whole request */
	struct http_request *http;
	struct arena *arena;
	int64_t now; /* ms since 1970, when the request arrived */
	struct caller caller;
	struct slice path[PATH_PARAMS_MAX];   /* path parameters, decoded, in the order of the route */
	struct uuid path_id[PATH_PARAMS_MAX]; /* the same as ids, where the route says so */
	void *query, *in, *out;               /* structs of the route's schemas; query and in are NULL without one */
	json_t *body;                         /* the parsed body */
	json_t *kept;                         /* array of what op_keep_json took over; NULL: nothing */
	struct slice location;                /* Location header of the answer */
	struct slice what;                    /* fills {what} in the error's detail */
	struct uuid user_id;                  /* fills {userId} when the user is not named in the path */
	struct invalids invalids;
	bool replied;                         /* a handler made the whole answer by itself */
	bool waiting;                         /* see op_wait */
	bool unchanged;                       /* prepare found nothing to change: apply is left out */

	void *own;                            /* see op_own */
	const struct fact_personal *person;   /* the caller is this user, and his address is sealed in it; NULL: a backend (event/fact.h) */

	/* api/wait.h */
	enum op_woken { NOT_WOKEN, WOKEN, TIMED_OUT, REPLACED } woken, answered_wake;
	struct uuid wait_topic;
	uint64_t wait_generation, wait_replaced;
	int64_t wait_until;
	struct op *wait_next;

	/* api/ask.h */
	struct asked *asked;
	bool asking;                          /* the wait is for an answer from outside */
	enum op_woken ask_woken;              /* how that wait ended; of others `woken` tells */

	struct tx *reader;
	struct store_job job;
	struct error result;
	int tries;
};

/*
 * An operation that nobody asked for: what a job found due, or a third party answered. It acts in no account until the caller sets
 * op->caller. `a` outlives it. op_alone_run() runs prepare and apply to their end on this thread, on the pattern of a request.
 */
struct op_functions;
struct op *op_alone(struct app *app, struct arena *a);
err op_alone_run(struct op *op, const struct op_functions *functions);

/* Scratch that the functions of one operation share: zeroed at the first call, the same one later. */
#define op_own(op, type) ((type *)op_own_bytes((op), sizeof(type)))
void *op_own_bytes(struct op *op, size_t n);

/* Takes over a parsed value that something points into; it lives as long as the request. */
void op_keep_json(struct op *op, json_t *value);

/*
 * What is read only to pick something out of it, for each of many: between begin and end the operation's memory is a scratch of its own,
 * which is wiped at the end. What was picked is copied into `arena` before.
 */
struct op_aside {
	struct arena *arena; /* the operation's */
	struct arena scratch;
	json_t *kept;
	struct slice what;
};
void op_aside_begin(struct op *op, struct op_aside *ret_aside);
void op_aside_end(struct op *op, struct op_aside *aside);

/* A consistent snapshot for reading, in prepare only; given back when prepare returns. */
struct tx *op_reader(struct op *op);

/* Failures with words: {what} of the error's detail. */
#define op_fail(op, name, ...) op_fail_with((op), E_##name, __VA_ARGS__)
err op_fail_with(struct op *op, enum err_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* A fault in one parameter; several may be added before returning E_INVALID_PARAM. */
err op_invalid(struct op *op, const char *name, const char *reason);

/* The detail of an error with its places filled in. */
struct slice op_detail(const struct op *op, struct error e);

/* For errors of another shape: the faults of the input as `invalidParams`, and the headers that go with the error. */
void problem_members(struct op *op, struct error e, struct jw *w);

/* The whole answer, when it is not JSON by schema. `body` lives in the arena or for ever. */
void op_answer(struct op *op, int status, const char *content_type, struct slice body);

static inline struct slice op_printf_location(struct op *op, const char *base, const struct uuid *id)
{
	return arena_printf(op->arena, "%s%s/%.*s", op->app->public_url, base, FMT(uuid_text(op->arena, id)));
}

#endif
