/*
 * A record of the log, and its one text. What is hashed as a leaf is the record as compact JSON, members in a fixed order; who has the
 * record from the API makes the leaf out of it without knowing its members:
 *
 *   leaf = the record without `proof`, and, when it has a `commitment`, without `ipAddress`, `personalData` and `salt` as well
 *   commitment = base64url(SHA-256(salt || {"ipAddress":…,"personalData":…}))   what is personal, as far as it is there
 *
 * This text never changes for a record that was written: a new member is for new types of records only.
 */
#ifndef AUDIT_RECORD_H
#define AUDIT_RECORD_H

#include "event/fact.h"

/* Whose log it is. */
struct audit_log {
	int64_t account;
	struct slice account_id, organisation_id; /* empty: the server's own log */
	bool sandbox;
	int64_t size; /* leaves whose hashes are stored */
	int64_t end;  /* records there are */
};

struct audit_record {
	int64_t sequence, at, expires;
	const struct fact_info *info;
	bool has_user;
	struct uuid user;
	struct slice reference, client_id, token_id, address, trace, data, box, commitment;
	struct slice salt, personal; /* when what is personal was opened: `personal` is a JSON object */
};

/* Columns in the order of record_from_row; what it reads lies in the arena. */
#define RECORD_COLUMNS "sequence, at, expires, type, user_id, reference, client_id, token_id, address, trace, data, personal, commitment"
/* E_STORAGE for a type that this program does not know. */
err record_from_row(const struct rows *r, struct arena *a, struct audit_record *ret_record);

/* The record as the API shows it, without the brace at its end, so that a proof can follow. */
void record_write(const struct audit_log *log, const struct audit_record *record, struct arena *a, struct buf *b);
void record_write_leaf(const struct audit_log *log, const struct audit_record *record, struct arena *a, struct buf *b);

/* One member as text; false when the record has none of that name. `data.NAME` is a member of the data. */
bool record_member(const struct audit_record *record, const struct audit_log *log, struct slice name, struct arena *a,
	struct slice *ret_text);

/* The members that every record may have, ended by NULL. */
extern const char *const record_members[];

#endif
