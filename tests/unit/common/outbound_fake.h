/*
 * The outside without a network: keeps what was sent and answers what the test says, when it says so.
 *
 *   struct outbound_fake *fake = outbound_fake_new();
 *
 *   f->app.outbound = &fake->outbound;
 *   ... the feature sends ...
 *   assert_slice_equal(fake->calls[0].body, S("{}"));
 *   outbound_fake_answer(fake, 0, 200, "{\"ok\":true}");
 *
 * One thread at a time sends and answers. With `status` set every call is answered at once, from within send.
 */
#ifndef TEST_UNIT_COMMON_OUTBOUND_FAKE_H
#define TEST_UNIT_COMMON_OUTBOUND_FAKE_H

#include "outbound/outbound.h"
#include "tests/unit/common/test.h"

enum { OUTBOUND_FAKE_CALLS_MAX = 4096 };

struct outbound_fake {
	struct outbound outbound; /* first */
	struct arena arena;
	struct outbound_request calls[OUTBOUND_FAKE_CALLS_MAX]; /* copies */
	bool answered[OUTBOUND_FAKE_CALLS_MAX];
	_Atomic size_t count; /* a test may look while another thread sends */
	int status; /* of every further call; 0: they wait for the test */
};

struct outbound_fake *outbound_fake_new(void);
/* Calls without an answer end as STOPPED. */
void outbound_fake_free(struct outbound_fake *fake);

void outbound_fake_answer(struct outbound_fake *fake, size_t call, int status, const char *body);
void outbound_fake_fail(struct outbound_fake *fake, size_t call, enum outbound_reason reason);
/* Header of a call as it was sent, "" when there is none. */
const char *outbound_fake_header(struct outbound_fake *fake, size_t call, const char *name);

#endif
