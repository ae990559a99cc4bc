/*
 * fact(): one call writes the audit record and, where the table says so, the event's row in the outbox, in the caller's own
 * transaction. What happened and its record stand or fall together.
 */
#ifndef EVENT_FACT_H
#define EVENT_FACT_H

#include "api/op.h"

enum fact_kind {
#define FACT(name, service, type, message, event) FACT_##name,
#include "event/facts.def"
#undef FACT
	FACT_COUNT
};

struct fact_info {
	const char *service, *type, *message;
	const char *event; /* "" none; without the sender */
	bool extended;
};

const struct fact_info *fact_info(enum fact_kind kind);

struct fact {
	enum fact_kind kind;
	const struct uuid *user;  /* whom it is about; NULL: nobody */
	struct slice reference;   /* transaction id or object id, in text */
	struct slice data;        /* JSON object for the record: names of what changed, never values or secrets; empty: none */
	struct slice event_data;  /* JSON object of the event; needed when the kind has one */
	struct slice tags;        /* JSON array of strings for the event; empty: none */
	int64_t account;          /* 0: the caller's own; for operator's commands the account they act on */
};

/* In apply only. Does no cryptography and no I/O. */
err fact(struct op *op, struct tx *tx, const struct fact *f);

/* For what happens outside a request (start-up, periodic jobs). */
struct fact_origin {
	const struct settings *settings;
	const struct env *env;
	int64_t now;
	struct slice client_id, token_id, address, trace; /* trace: 16 bytes or empty */
	bool extended_events;
	int64_t account;
};

err fact_from(const struct fact_origin *origin, struct tx *tx, const struct fact *f);

#endif
