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

void open_session(struct asked *q, enum message_family family);
void policies(struct asked *q, const char *methods);
void attempts(struct asked *q, const struct registration *r);
void evaluate(struct asked *q, const struct uuid *reg, const uint8_t *cid, struct slice b, struct slice skid, int remaining);
void new_ticket(struct asked *q, struct registration *r);
void keep_report(struct asked *q);
/* The authorisation token, if the finish asks for one. */
void answer_tokens(struct asked *q, struct list purposes);
bool read_methods(struct asked *q, const struct act_finish *m, struct registration *r);
bool ticket_good(struct registration *r, struct slice shown);
void ticket_shown(struct asked *q, struct slice ticket);
bool try_good(struct asked *q, struct registration *r, enum auth_method m, struct slice chal);
void try_answered(struct asked *q, struct registration *r);

/* stand_in_methods.c */
void rules_am_start(struct asked *q);
void rules_am_pin(struct asked *q);
void rules_am_finish(struct asked *q);
/* Names of the methods that a registration has, as JSON. */
const char *methods_of(struct asked *q, const struct registration *r, bool one_factor);

/* stand_in_recovery.c */
void answer_recovery(struct asked *q, const char *name); /* the id of the one that holds; nothing when there is none */
void rules_rec_add_start(struct asked *q);
void rules_rec_add_pin(struct asked *q);
void rules_rec_add_finish(struct asked *q);
void rules_rec_delete(struct asked *q);
void rules_rec_start(struct asked *q);
void rules_rec_pin(struct asked *q);
void rules_rec_finish(struct asked *q);

/* stand_in_push.c */
void rules_push_update(struct asked *q);
void rules_push_ack(struct asked *q);

#endif
