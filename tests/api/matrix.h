/*
 * The matrix: properties that hold for every route, every path parameter, every field of a query and every field of a body, derived
 * from the route tables. A row in a table is tested by being there; what cannot be derived stands in values.c, with its reason.
 *
 *   static void unknown_token(struct matrix *m, const struct spot *at) { … }
 *   static const struct property properties[] = { { "a token of somebody else", OF_ROUTE, wants_token, unknown_token } };
 *   int main(void) { return matrix_run(properties, COUNT(properties)); }
 */
#ifndef TEST_API_MATRIX_H
#define TEST_API_MATRIX_H

#include "server/boot.h"
#include "tests/api/values.h"

enum of { OF_ROUTE, OF_PATH, OF_PARAM, OF_QUERY, OF_BODY };

/* What a property is about. */
struct spot {
	const struct route_table *table;
	const struct route *route;
	const char *path;          /* the whole path with its parameters; with OF_PATH the further ones too */
	const char *where;         /* "METHOD /path" */
	const char *param;         /* OF_PARAM */
	const struct field *field; /* OF_QUERY, OF_BODY */
	const char *place;         /* OF_BODY: "device.id" */
	bool needed;               /* OF_BODY: the field and all that it lies in */
};

struct matrix {
	struct town *town;
	struct visit *visit;
	struct world *w;           /* the visit's */
	struct digest before;      /* of the visit, as it was when something was last accepted */
	bool used;                 /* what was accepted changed something: the next test gets another visit */
	unsigned counter;
};

struct property {
	const char *name;
	enum of of;
	bool (*concerns)(const struct spot *at); /* NULL: every one */
	void (*test)(struct matrix *m, const struct spot *at);
};

/* Runs each property on each spot that it concerns; what a test for cmocka's main answers. */
int matrix_run(const struct property *properties, size_t n);

/* ---- spots ---- */

bool wants_token(const struct spot *at);  /* neither public nor the operator's */
bool is_local(const struct spot *at);     /* the operator's */
/* Is there an id in the path? A cursor is a place in the caller's own log. */
bool names_something(const struct spot *at);
bool has_body(const struct spot *at);     /* described by a schema */
int body_fault_status(const struct spot *at); /* of a body that is JSON and yet no good: 400, or 422 on some routes */
bool changes(const struct spot *at);      /* has a transaction */
bool reads(const struct spot *at);        /* a GET */

/* ---- requests ---- */

/* A request is a good one, but for what is said here. */
struct how {
	const char *token;          /* NULL: the usual one; "": none */
	const char *param, *value;  /* this path parameter, or field of the query, is this */
	const char *without;        /* this field of the query is left out */
	const char *query;          /* and this is added to it, "a=b" */
	const json_t *body;         /* stays the caller's */
	struct slice raw;           /* when p is not NULL: this instead of a body */
	const char *type;           /* Content-Type; NULL: the right one */
	struct http_header header;  /* when its name is not empty */
	enum http_method method;    /* when has_method */
	bool has_method;
	bool from_outside;          /* an operator's route without the operator's socket */
};

struct answer matrix_send(struct matrix *m, const struct spot *at, const struct how *how);
/* Sends, and fails unless it is refused in this way and no table has changed. `code` NULL: any, or another shape. */
struct answer matrix_refused(struct matrix *m, const struct spot *at, const struct how *how, int status, const char *code);
/* Sends, and fails unless it goes well. */
struct answer matrix_accepted(struct matrix *m, const struct spot *at, const struct how *how);
/* ---- bodies ---- */

/* Every field that can be filled in, filled in well; the caller drops it. Only what is needed with `least`. */
json_t *matrix_body(struct matrix *m, const struct spot *at, bool least);
/* Puts a value (taken over) at a place; NULL takes away what is there. */
void body_put(json_t *body, const char *place, json_t *value);
/* n characters, none of them plain ASCII but a number in front that is another one each time. */
const char *fresh_text(struct matrix *m, size_t n);
/* printf into memory of the visit. */
#define WORDS(m, ...) TEXT((m)->w, __VA_ARGS__)

#endif
