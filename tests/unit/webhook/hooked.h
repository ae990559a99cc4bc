/* A world whose events go to a fake outside: the test turns the wheel, moves the clock and answers for the receivers. */
#ifndef TEST_UNIT_WEBHOOK_HOOKED_H
#define TEST_UNIT_WEBHOOK_HOOKED_H

#include "tests/unit/common/database.h"
#include "tests/unit/common/outbound_fake.h"
#include "tests/unit/common/world.h"
#include "webhook/webhook.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

struct hooked {
	struct world *w;
	struct outbound_fake *fake;
	struct database *db;
};

int hooked_new(void **state);
int hooked_free(void **state);

/* A subscription of every event to https://NAME.example.com/; its id. `more`: further members, with a comma in front. */
const char *subscribe(struct hooked *h, const char *name, const char *more);
/* One event. */
void happen(struct hooked *h);
/* Turns until there is nothing to do now. */
void settle(struct hooked *h);
void advance(struct hooked *h, int64_t ms);
/* Calls so far to NAME. */
size_t calls_to(struct hooked *h, const char *name);
/* Of the calls to NAME, how many were answered with 2xx by the fake on its own are those behind `since`. */
int64_t deliveries(struct hooked *h, int status);
int64_t facts(struct hooked *h, const char *type);
/* The calls that wait for an answer get this one. */
void answer_all(struct hooked *h, int status);
/* The feature ends and begins anew, as in another process; calls without an answer are forgotten. */
void start_again(struct hooked *h);

#endif
