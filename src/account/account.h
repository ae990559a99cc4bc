/*
 * Organisations, accounts and API clients. Every request needs them, so they are kept in memory as a snapshot that never changes:
 * a change writes the store, and after its commit, before it is answered, a new snapshot takes the old one's place. So a removed
 * permission or secret counts from the very next request.
 */
#ifndef ACCOUNT_ACCOUNT_H
#define ACCOUNT_ACCOUNT_H

#include "api/app.h"
#include "api/route.h"
#include "crypto/hash.h"

enum {
	ACCOUNT_ID_RANDOM = 20,  /* characters behind "a-spge-" */
	CLIENT_SECRET_TEXT = 48, /* characters of [A-Za-z0-9]: 285 bits, so SHA-256 is enough to keep it */
	CLIENT_ID_BYTES_MAX = 64,
};

struct account_info {
	int64_t n, organisation;
	struct slice id, name; /* "a-spge-…" sandbox, "a-ppge-…" production */
	bool sandbox, extended_events;
};

struct client_info {
	int64_t n, organisation;
	const struct account_info *account; /* NULL: a client of the whole organisation */
	struct slice id;
	bool enabled;
	uint64_t products, permissions;
	int64_t token_lifetime_s;
	const uint8_t (*secrets)[SHA256_BYTES];
	size_t secret_count;
};

struct snapshot;

/* Loads the first snapshot into app->accounts. */
err accounts_open(struct app *app);
void accounts_close(struct app *app);

/* What is borrowed lives until it is released; release on every way out. May read the store: hold no reader meanwhile. */
const struct snapshot *accounts_hold(struct app *app);
void accounts_release(const struct snapshot *snapshot);
/* NULL when there is none. */
const struct client_info *snapshot_client(const struct snapshot *snapshot, struct slice id);
const struct account_info *snapshot_account(const struct snapshot *snapshot, struct slice id);
/* Constant time in the secret: compares with every secret of the client. */
bool client_secret_fits(const struct client_info *client, struct slice secret);

/* Fills in op->caller for an account, for an operation that nobody asked for. E_ACCOUNT_UNKNOWN. */
err accounts_act_for(struct op *op, struct tx *tx, int64_t account);
/* The same for the account of this id, in prepare: for an operator who names it. */
err accounts_act_for_id(struct op *op, struct slice id);

/* In apply, whenever a row that the snapshot is made of was written. */
void accounts_changed(struct op *op, struct tx *tx);

/*
 * The first start: an organisation, a sandbox account and a client with every product. `ret_made` is false when there is an
 * organisation already, even one whose accounts were all deleted.
 */
struct bootstrap {
	char account_id[64], client_id[CLIENT_ID_BYTES_MAX + 1], secret[CLIENT_SECRET_TEXT + 1];
};
/*
 * Puts down what is about to be made where the operator finds it. It comes before the commit, because behind it nobody could learn
 * the secret any more; after a start that ended in between, the next one makes new ones.
 */
struct bootstrap_keeper {
	struct error (*keep)(void *ctx, const struct bootstrap *made);
	void *ctx;
};
/* `keeper` may be NULL. */
err accounts_bootstrap(struct app *app, const struct bootstrap_keeper *keeper, bool *ret_made, struct bootstrap *ret_bootstrap);

/* The operator's routes (base /admin): accounts, clients, secrets, domains. */
extern const struct route_table account_admin_routes;

#endif
