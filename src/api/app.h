/*
 * What the running program consists of. It is made once, by the server (or by a test), and passed down inside every operation;
 * features find their own long-lived state here under a pointer that only they look into.
 */
#ifndef API_APP_H
#define API_APP_H

#include <stdlib.h>

#include "base/log.h"
#include "base/metrics.h"
#include "base/settings.h"
#include "crypto/seal.h"
#include "store/store.h"

struct accounts;  /* account/: API clients, secrets and accounts, as a snapshot in memory */
struct oauth;     /* oauth/: signing keys, cache of verified tokens */
struct denials;   /* event/: refusals counted for the audit log */
struct outbound;  /* outbound/: calls to the outside */
struct webhooks;  /* webhook/: who is told of events */
struct passkeys;  /* passkey/: domains, and the roots of authenticators */
struct devices;   /* device/: applications and their keys */
struct proofing;  /* proofing/: who listens, and calls under way */
struct running;   /* server/: the server that answers, for its health */
struct jobs;      /* server/: what is done again and again */

struct op;
struct user;
struct jw;
struct fact_origin;
struct operation;
struct event_about;
struct event_content;

enum { HOOKS_MAX = 8 };

struct app {
	const struct env *env;
	const struct log *log;
	struct store *store;
	struct keyring *keyring;
	struct metrics *metrics;
	_Atomic(const struct settings *) settings; /* old ones stay until the end, so a borrower never has to give back */
	const char *public_url; /* without a slash at the end; issuer and links come from it */
	/*
	 * Lists to which features HOOK() themselves when they are opened. Each deletes what it keeps of a user or an account, in the
	 * transaction that deletes it; writes what it keeps of a user as members of `w`, in prepare; says what an event tells of
	 * something of its own (event/fact.h), E_NO_ROW when it is not.
	 */
	struct error (*user_deleted[HOOKS_MAX])(struct op *op, struct tx *tx, const struct uuid *user);
	struct error (*user_exported[HOOKS_MAX])(struct op *op, const struct user *user, struct jw *w);
	struct error (*account_deleted[HOOKS_MAX])(struct op *op, struct tx *tx, int64_t account);
	struct error (*event_data[HOOKS_MAX])(struct op *op, const struct event_about *about, struct event_content *ret_content);
	/*
	 * For the feature that builds on operations: it hears of each end in the transaction that ends it, without cryptography or I/O; and
	 * says what the app is told after success, in prepare, of an operation started with `told_later`.
	 */
	struct error (*operation_ended)(const struct fact_origin *origin, struct tx *tx, const struct operation *operation);
	struct error (*operation_told)(struct op *op, const struct uuid *operation, struct slice *ret_json);
	struct store_hook *event_written; /* runs after each commit that wrote events; NULL when nobody delivers them */
	struct accounts *accounts;
	struct oauth *oauth;
	struct denials *denials;
	struct devices *devices;
	struct webhooks *webhooks;
	struct proofing *proofing;
	struct passkeys *passkeys;
	struct store_hook *domains_changed; /* runs after each commit that wrote domains; NULL when nobody keeps them */
	struct outbound *outbound; /* NULL when nothing is served */
	struct running *running; /* NULL when nothing is served */
	/* Makes the periodic job of that name due at once; from any thread. NULL when none runs. */
	void (*hurry)(struct jobs *jobs, const char *job);
	struct jobs *jobs;
};

static inline const struct settings *app_settings(const struct app *app)
{
	return atomic_load_explicit(&app->settings, memory_order_acquire);
}

/*
 * Adds a function to one of these lists, once. A list without room stops the program as it starts: a feature that is not called when a
 * user is deleted would keep him.
 */
#define HOOK(list, fn)                                                         \
	do {                                                                   \
		size_t hook_at = 0;                                            \
		while (hook_at < HOOKS_MAX && (list)[hook_at] && (list)[hook_at] != (fn)) \
			hook_at++;                                             \
		if (hook_at == HOOKS_MAX)                                      \
			abort();                                               \
		(list)[hook_at] = (fn);                                        \
	} while (0)

#endif
