/*
 * Routes are rows of a table. A row says everything: method, path, permission, rate class, schemas, functions, one line of
 * documentation. Router, permission check, validation, OpenAPI and the matrix of tests derive from it.
 *
 * Paths: {userId} is a UUID, {clientId:text} any text. `also` lists further paths for the same thing, separated by spaces; they
 * and rows marked HIDDEN or PAGE stay out of the documents.
 */
#ifndef API_ROUTE_H
#define API_ROUTE_H

#include "api/op.h"

enum rate_class { NO_RATE, READS, WRITES, RATE_CLASSES };

enum route_flag {
	HIDDEN = 1,       /* not in the OpenAPI document */
	CREATES = 2,      /* answers created_status with a Location */
	FORM_BODY = 4,    /* application/x-www-form-urlencoded; the handler reads op->http->body itself */
	NO_ACCOUNT = 8,   /* has no use for an account (public ones, operator's ones) */
	REPLY_LIST = 16,  /* the reply is an array of the reply schema: op->out is a struct list * */
	RAW_BODY = 64,    /* any media type; the handler reads op->http->body itself */
	EMPTY_BODY_OK = 32, /* no body at all is the same as {} */
	PAGE = 256,       /* for browsers, not for programs: HTML, or what pages are made of; not in the OpenAPI document */
	BODY_FAULTS_422 = 128, /* what is wrong in a body that is JSON answers 422 instead of 400 */
};

struct op_functions {
	struct error (*prepare)(struct op *op);
	struct error (*apply)(struct op *op, struct tx *tx);
	struct error (*reply)(struct op *op);
};

struct route {
	enum http_method method;
	const char *path;
	enum permission permission;
	enum rate_class rate;
	const struct schema *query, *body, *reply;
	struct op_functions op;
	const char *doc;    /* what it does, in a line */
	const char *id;     /* operationId */
	const char *tag;
	const char *also;
	unsigned flags;
	size_t body_bytes_max; /* 0: as usual */
	const struct op_errors *errors; /* how errors look, when not as usual */
};

/* How the errors of a route are rendered; NULL in a route means the problem object. */
struct op_errors {
	void (*write)(struct op *op, struct error e);
};

struct tag {
	const char *name, *doc;
};

struct route_table {
	const char *base; /* in front of every path, "" or "/reuseid/core" */
	const char *title, *doc;
	const struct tag *tags; /* in the order of the document, ended by an empty one; may be NULL */
	const char *openapi_path; /* whole path of the document, also the `type` of errors; NULL: none */
	const struct route *routes;
	size_t n;
};

#define IN(s) .body = &s##_schema
#define OUT(s) .reply = &s##_schema
#define QUERY(s) .query = &s##_schema
#define OP(...) .op = { __VA_ARGS__ }

#endif
