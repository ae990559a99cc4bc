/* What the tests of waits share: routes that wait for a number and raise it, and threads that ask. */
#ifndef TEST_UNIT_API_WAITS_H
#define TEST_UNIT_API_WAITS_H

#include <pthread.h>

#include "tests/unit/common/fixture.h"

enum { LONG_MS = 20000, SOON_MS = 30, WAITERS = 4 };

struct place;
typedef void between_fn(struct place *p);

struct place {
	struct fixture *f;
	_Atomic(between_fn *) between; /* called once behind the next op_watch() */
	_Atomic int watching;
};

int setup_waits(void **state);
int free_waits(void **state);
#define WAIT_TEST(test) cmocka_unit_test_setup_teardown(test, setup_waits, free_waits)

#define TOPIC "00000000-0000-4000-8000-000000000001"
#define OTHER "00000000-0000-4000-8000-0000ff000002"
#define NEIGHBOUR "00000000-0000-4000-8000-000100000001" /* shares TOPIC's counters */

struct told {
	int status;
	char body[128];
};

/* /wait/TOPIC/ABOVE/MS, /raise/TOPIC, /break/TOPIC (raises, but fails), /end/TOPIC, /end-and-wait/TOPIC */
struct told ask(struct place *p, enum http_method method, const char *path);
void assert_told(struct told told, const char *end);
void raise_topic(struct place *p);
void raise_other(struct place *p);
void end_topic(struct place *p);

/* A thread that waits; its answer when it is joined. */
struct waiter {
	struct place *p;
	const char *path;
	pthread_t thread;
	struct told told;
};

/* Once it watches; whether it waits already is left open. */
void waiter_start(struct waiter *w, struct place *p, const char *path);
struct told waiter_end(struct waiter *w);

#endif
