/* What the files of this folder share. */
#ifndef API_INTERNAL_H
#define API_INTERNAL_H

#include <pthread.h>

#include "api/api.h"
#include "api/rate.h"

enum { SEGMENTS_MAX = 12, LATENCY_BUCKETS = 12 };

/* One path of one route, cut into segments. */
struct pattern {
	const struct route *route;
	const struct route_table *table;
	size_t stats; /* index of the route among all */
	size_t n;
	struct slice segment[SEGMENTS_MAX]; /* literal text, or the parameter's name */
	bool is_param[SEGMENTS_MAX], is_text[SEGMENTS_MAX];
};

/* What tells most paths apart at a glance, in as little memory as it takes: for each literal segment a mark, for a parameter 0. */
struct outline {
	uint16_t marks[SEGMENTS_MAX];
};

struct waits;

struct route_stats {
	_Atomic uint64_t buckets[LATENCY_BUCKETS + 1], sum_us, status[6];
};

struct api {
	struct api_config config;
	struct pattern *patterns;
	struct outline *outlines; /* of the patterns */
	size_t of_length[SEGMENTS_MAX + 2]; /* where the patterns of so many segments begin */
	size_t pattern_count, route_count;
	struct route_stats *stats;
	struct rate *rates[RATE_CLASSES]; /* by class, keyed by client */
	struct waits *waits;
};

struct match {
	const struct pattern *pattern; /* NULL: nothing at this path with this method */
	bool path_known;
	unsigned allowed; /* bit per enum http_method, when the path is known */
	struct slice params[PATH_PARAMS_MAX];
};

/* ask.c: the request lets go of what it asked */
void asked_end(struct op *op);

/* router.c */
void router_build(struct api *api);
void router_find(const struct api *api, int method, struct slice path, struct match *ret_match);

/* gate.c */
err gate_check(struct op *op);

/* input.c */
err input_read(struct op *op, const struct match *match);

/* problem.c */
void problem_write(struct op *op, struct error e);
/* Without an operation: requests that never got that far. */
void problem_plain(struct http_request *req, const char *type, enum err_code code, struct slice what);
const char *problem_type(const struct op *op);

/* output.c */
void output_write(struct op *op);

/* stats.c */
void stats_count(struct api *api, size_t route, int status, int64_t us);

/* wait.c */
struct waits *waits_new(const struct env *env);
void waits_end_all(struct waits *w);
void waits_free(struct waits *w);
bool waits_enter(struct op *op);

/* run.c */
extern const struct route no_route;

#endif
