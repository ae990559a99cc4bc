/* Between stand_in.c and stand_in_rules.c: a message under way. */
#ifndef TEST_UNIT_SDK_STAND_IN_PARTS_H
#define TEST_UNIT_SDK_STAND_IN_PARTS_H

#include "codec/encode.h"
#include "codec/json.h"
#include "tests/unit/sdk/stand_in.h"

struct asked {
	struct stand_in *s;
	struct arena *a;
	bool inside;
	struct slice enc;
	struct exchange exchange;
	struct plaintext plaintext;
	uint8_t hash[SHA256_BYTES];
	json_t *root;
	const struct message *message;
	struct buf json;             /* of the answer */
	struct jw out;
	int64_t step_after, ts, *last_ts;
	struct remembered *remember; /* where an accepted answer is kept, and a repeat finds it */
	bool advance, accepted;
};

/* The answer begins; members are added to q->out. */
void answer_ok(struct asked *q, bool step);
void answer_fault(struct asked *q, int number);
void answer_try_again(struct asked *q, int remaining);
void answer_bytes(struct asked *q, const char *name, const void *p, size_t n);

void *asked_as(struct asked *q, const struct schema *schema);
bool signed_by(const struct asked *q, enum signature_kind kind, const uint8_t *point);
bool ts_is_new(struct asked *q, int64_t ts, int64_t *last_ts);

/* stand_in_rules.c */
struct remembered *rules_memory(struct asked *q);
void rules_run(struct asked *q);
/* Who signed it; NULL when he is refused, which is answered then. */
struct registration *authenticate(struct asked *q);

/* stand_in_push.c */
void rules_push_update(struct asked *q);
void rules_push_ack(struct asked *q);

#endif
