/* A phone in each situation that the device channel knows; every other test of the channel begins in one of them. */
#ifndef TEST_UNIT_DEVICE_SCENE_H
#define TEST_UNIT_DEVICE_SCENE_H

#include "tests/unit/device/phone.h"

#define PIN "2580"
#define WRONG_PIN "0000"

struct scene {
	struct site *s;
	struct phone *p;
	const char *user, *device, *code, *operation;
};

/* A new user, and a phone that is nobody's yet. */
struct scene *scene_new(struct site *s);
void scene_free(struct scene *c);

/* ---- from nothing ---- */
void scene_act_started(struct scene *c);
void scene_act_evaluated(struct scene *c);
void scene_registered(struct scene *c);
/* The same, but asks for one factor only. */
void scene_registered_without_pin(struct scene *c);

/* ---- with a registered phone; each makes what comes before by itself ---- */
void scene_authentication(struct scene *c, const char *more); /* pending */
void scene_started(struct scene *c);
void scene_evaluated(struct scene *c);
void scene_failed_once(struct scene *c);

/* Of c->operation: "PENDING", "COMPLETED" or the error's code. */
const char *scene_outcome(struct scene *c);
/* "ACTIVE OPEN", "LOCKED PIN_VERIFICATION_FAILED" and so on, as REST tells. */
const char *scene_device(struct scene *c);
struct answer scene_patch(struct scene *c, const char *body);

#endif
