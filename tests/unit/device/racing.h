/*
 * Two who act on one operation at the same moment, on the real store and writer. Fifty rounds of each race; a thousand with LONG in
 * the environment.
 */
#ifndef TEST_UNIT_DEVICE_RACING_H
#define TEST_UNIT_DEVICE_RACING_H

#include <pthread.h>

#include "tests/unit/device/scene.h"

/* One of two: a phone with its next message, or a request over REST. */
struct actor {
	struct site *s;
	struct phone *p;
	enum twist twist;
	const char *pin;
	enum http_method verb;
	const char *path, *body, *token;
	void (*act)(struct actor *a);
	pthread_barrier_t *gate;
	unsigned delay;
	pthread_t thread;
	/* what came of it */
	struct reply reply;
	int status;
};

struct race {
	struct scene *c;
	struct actor left, right;
};

/* For each round: `make` brings a new scene to where two may act, `check` sees what came of it. */
void race(void **state, void (*make)(struct race *r), void (*check)(struct race *r));
#define RACE(name, check)                             \
	static void name##_race(void **state)         \
	{                                             \
		race(state, name, check);             \
	}

/* A copy of the scene's phone as it is now. */
struct actor phone_actor(struct scene *c, void (*act)(struct actor *a));
struct actor rest_actor(struct scene *c, enum http_method verb, const char *path, const char *body);
struct actor canceller(struct scene *c, const char *kind);
struct actor device_changer(struct scene *c, enum http_method verb, const char *body);
struct actor user_locker(struct scene *c);
struct actor starter(struct scene *c);

void act_finish_pin(struct actor *a);
void act_pin_asked(struct actor *a);
void act_new_pin_asked(struct actor *a);
void act_start_session(struct actor *a);
void act_cancel_session(struct actor *a);
void act_deactivate(struct actor *a);
void act_register(struct actor *a);
void act_begin_registration(struct actor *a);
void act_repeat(struct actor *a);
void act_rest(struct actor *a);
void act_expire(struct actor *a);

/* Of the scene's operation: final or not, and as often told as it is final. Answers the outcome. */
const char *check_end(struct scene *c);
bool is_completed(const char *outcome);
/* How many rows of a table are there with this id? `where` goes on behind it. */
int64_t rows_with(struct scene *c, const char *table, const char *column, const struct uuid *id, const char *where);
/* A number of the device's row. */
int64_t device_number(struct scene *c, const char *column);

#endif
