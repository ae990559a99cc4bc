#include "account/snapshot.h"

#include <stdlib.h>

/* ---- holding ---- */

static void let_go(struct snapshot *s)
{
	if (atomic_fetch_sub_explicit(&s->holders, 1, memory_order_acq_rel) == 1)
		snapshot_free(s);
}

static void put(struct accounts *accounts, struct snapshot *s)
{
	struct snapshot *old;

	pthread_mutex_lock(&accounts->lock);
	old = accounts->current;
	accounts->current = s;
	pthread_mutex_unlock(&accounts->lock);
	if (old)
		let_go(old);
}

/* With `loading` held. Without a snapshot as new as the store nobody is known: a removed secret must not count again. */
static err load(struct accounts *accounts)
{
	struct tx *tx = store_read_begin(accounts->app->store);
	struct snapshot *s;
	struct error e = snapshot_load(tx, &s);

	store_read_end(tx);
	if (failed(e) && !atomic_load(&accounts->stale))
		log_line(accounts->app->log, LOG_ERROR, "accounts cannot be read", LOG_E(e));
	put(accounts, failed(e) ? snapshot_empty() : s);
	atomic_store(&accounts->stale, failed(e));
	return e;
}

static void reload(void *ctx)
{
	struct accounts *accounts = ctx;

	pthread_mutex_lock(&accounts->loading);
	IGNORE(load(accounts)); /* logged; tried again by whoever needs it next */
	pthread_mutex_unlock(&accounts->loading);
}

static void try_again(struct accounts *accounts)
{
	if (pthread_mutex_trylock(&accounts->loading) != 0)
		return;
	if (atomic_load(&accounts->stale))
		IGNORE(load(accounts)); /* logged before */
	pthread_mutex_unlock(&accounts->loading);
}

const struct snapshot *accounts_hold(struct app *app)
{
	struct accounts *accounts = app->accounts;
	struct snapshot *s;

	if (atomic_load_explicit(&accounts->stale, memory_order_relaxed))
		try_again(accounts);
	pthread_mutex_lock(&accounts->lock);
	s = accounts->current;
	atomic_fetch_add_explicit(&s->holders, 1, memory_order_relaxed);
	pthread_mutex_unlock(&accounts->lock);
	return s;
}

void accounts_release(const struct snapshot *snapshot)
{
	let_go((struct snapshot *)(uintptr_t)snapshot);
}

void accounts_changed(struct op *op, struct tx *tx)
{
	tx_after_commit(tx, &op->app->accounts->changed);
}

/* ---- looking up ---- */

const struct client_info *snapshot_client(const struct snapshot *snapshot, struct slice id)
{
	return index_find(&snapshot->clients, id);
}

const struct account_info *snapshot_account(const struct snapshot *snapshot, struct slice id)
{
	return index_find(&snapshot->accounts, id);
}

bool client_secret_fits(const struct client_info *client, struct slice secret)
{
	uint8_t hash[SHA256_BYTES];
	unsigned fits = 0;

	sha256(secret, hash);
	for (size_t i = 0; i < client->secret_count; i++)
		fits |= slice_eq_secret(slice_of(hash, SHA256_BYTES), slice_of(client->secrets[i], SHA256_BYTES));
	return fits != 0;
}

/* ---- life ---- */

err accounts_open(struct app *app)
{
	struct accounts *accounts = xalloc(sizeof(*accounts));
	struct error e;

	accounts->app = app;
	accounts->changed = (struct store_hook){ .fn = reload, .ctx = accounts };
	pthread_mutex_init(&accounts->lock, NULL);
	pthread_mutex_init(&accounts->loading, NULL);
	app->accounts = accounts;
	pthread_mutex_lock(&accounts->loading);
	e = load(accounts);
	pthread_mutex_unlock(&accounts->loading);
	if (failed(e))
		accounts_close(app);
	return e;
}

void accounts_close(struct app *app)
{
	struct accounts *accounts = app->accounts;

	if (!accounts)
		return;
	let_go(accounts->current);
	pthread_mutex_destroy(&accounts->lock);
	pthread_mutex_destroy(&accounts->loading);
	free(accounts);
	app->accounts = NULL;
}
