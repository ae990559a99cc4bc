/*
 * fact(): one call writes the audit record and, where the table says so, the event's row in the outbox, in the caller's own
 * transaction. What happened and its record stand or fall together.
 */
#ifndef EVENT_FACT_H
#define EVENT_FACT_H

#include "api/op.h"

enum fact_kind {
	FACT_NONE, /* no fact: cannot be recorded */
#define FACT(name, service, type, message, event) FACT_##name,
#include "event/facts.def"
#undef FACT
	FACT_COUNT
};

struct fact_info {
	const char *service, *type, *message;
	const char *event; /* "" none; without the sender */
	bool extended; /* only for accounts that want more than the hosted service sends */
	bool on_wish;  /* only when the fact says so */
};

const struct fact_info *fact_info(enum fact_kind kind);

/*
 * What of a record is personal: the address of the person's own phone or browser, and what was changed about him. It is sealed under
 * the user's key, and gone with it. `commitment` is SHA-256 of the salt and the text, and stays: the log can still be proved.
 */
struct fact_personal {
	struct uuid user;
	struct slice box;        /* salt | JSON object, sealed; see personal_open */
	struct slice commitment;
};

enum { PERSONAL_SALT_BYTES = 16 };

/* In prepare. `own_address`: the caller is this person, not a backend. `data` is a JSON object or empty. */
const struct fact_personal *personal_seal(const struct op *op, const struct data_key *key, const struct uuid *user, bool own_address,
	struct slice data);
/* E_CRYPTO. `ret_json` has ipAddress and personalData, as far as they are there. */
err personal_open(const struct data_key *key, const struct uuid *user, struct slice box, struct arena *a, struct slice *ret_salt,
	struct slice *ret_json);

struct fact {
	enum fact_kind kind;
	const struct uuid *user;  /* whom it is about; NULL: nobody */
	struct slice reference;   /* transaction id or object id, in text */
	struct slice data;        /* JSON object for the record: never values or secrets, nothing personal; empty: none */
	const struct fact_personal *personal; /* NULL: nothing but, perhaps, the caller's address */
	struct slice event_data;  /* JSON object of the event; of a transaction or a device: what is not to be read later, like its state */
	const struct uuid *transaction; /* the event tells what polling this transaction answers; NULL: see the others */
	const struct uuid *device;      /* the event tells the state of this device */
	bool mobileid;            /* the event is that of an operation started on the older paths: `mobileid` sends it */
	bool wished;              /* for kinds that send their event on wish */
	int64_t account;          /* 0: the caller's own; for operator's commands the account they act on */
};

/*
 * What an event of the outbox is about. It is read when the event is delivered, in prepare of an operation in the event's account:
 * app->event_data[] of the features in turn, until one does not say E_NO_ROW.
 */
struct event_about {
	struct slice sender, name;
	bool has_transaction, has_device;
	struct uuid transaction, device;
	struct slice data; /* what the fact gave, as it is */
};
struct event_content {
	struct slice json; /* eventData: what polling would answer */
	struct list tags;  /* of the request that started it: struct slice */
};

/* In apply only. Does no cryptography and no I/O. E_INTERNAL for FACT_NONE. */
err fact(struct op *op, struct tx *tx, const struct fact *f);

/* Who did it and whence: from a request, or made up by what happens outside of one (start-up, periodic jobs). */
struct fact_origin {
	const struct app *app;
	const struct settings *settings;
	const struct env *env;
	struct metrics *metrics;
	int64_t now;
	struct slice client_id, token_id, address, trace; /* trace: 16 bytes or empty */
	const struct fact_personal *person; /* the caller is this person, and `address` is not to be written; NULL: a backend */
	bool extended_events;
	int64_t account;
};

struct fact_origin fact_origin_of(const struct op *op);
/* For jobs. */
struct fact_origin fact_origin_here(const struct app *app);

err fact_from(const struct fact_origin *origin, struct tx *tx, const struct fact *f);

/* A new account, in the transaction that makes it: its log begins. Ids as they stand in the records. */
err facts_begin(struct tx *tx, int64_t account);

#endif
