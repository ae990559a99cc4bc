/* An operation without a server: arena, settings and a process to work on. */
#ifndef TESTS_PROOFING_BENCH_H
#define TESTS_PROOFING_BENCH_H

#include "proofing/calls.h"

struct proofing_bench {
	struct arena arena;
	struct app app;
	struct op op;
	struct process process;
	struct proofing_config config;
};

void bench_open(struct proofing_bench *b);
void bench_close(struct proofing_bench *b);
/* Kept until the end. */
json_t *bench_json(struct proofing_bench *b, const char *text);
const char *bench_text(struct proofing_bench *b, struct slice text);

#endif
