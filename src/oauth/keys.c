/* The service's signing keys: loaded from the store into a set that never changes, replaced as a whole. */
#include <stdlib.h>

#include "codec/encode.h"
#include "oauth/internal.h"

SQL(key_all, "SELECT kid, alg, wrapped_key, private_key, public_key, created, active_from FROM signing_keys"
	     " ORDER BY active_from DESC, created DESC");
SQL(key_insert, "INSERT INTO signing_keys (kid, alg, wrapped_key, private_key, public_key, created, active_from)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7)");

static struct slice place_of(const char *kid, struct arena *a)
{
	return arena_printf(a, "signing_key|%s", kid);
}

enum sign_alg keys_alg(const struct app *app)
{
	enum sign_alg alg = SIGN_ES256;

	IGNORE(sign_alg_parse(slice_text(app_settings(app)->signing_alg), &alg)); /* the settings list allows no other word */
	return alg;
}

err key_make(struct app *app, enum sign_alg alg, int64_t active_from, struct arena *a, struct key_row *ret_row)
{
	struct sign_key *key;
	struct data_key data_key;
	uint8_t wrapped[WRAPPED_KEY_BYTES], random[16];
	const char *kid;
	struct slice box;

	env_random(app->env, random, sizeof(random));
	kid = (const char *)arena_printf(a, "signing-key-%.*s", FMT(hex(a, slice_of(random, sizeof(random))))).p;
	TRY(sign_key_generate(alg, &key));
	data_key_new(app->keyring, app->env, place_of(kid, a), &data_key, wrapped);
	box = seal(&data_key, app->env, place_of(kid, a), sign_key_private(key, a), a);
	ret_row->values[0] = v_text(slice_text(kid));
	ret_row->values[1] = v_text(slice_text(sign_alg_name(alg)));
	ret_row->values[2] = v_bytes(arena_copy(a, slice_of(wrapped, sizeof(wrapped))));
	ret_row->values[3] = v_bytes(box);
	ret_row->values[4] = v_bytes(sign_key_public(key, a));
	ret_row->values[5] = v_int(env_now_ms(app->env));
	ret_row->values[6] = v_int(active_from);
	wipe(&data_key, sizeof(data_key));
	sign_key_free(key);
	return OK;
}

static err load_row(const struct app *app, const struct rows *r, struct arena *a, struct service_key *ret_key)
{
	struct slice kid = col_text(r, 0), private_key;
	struct data_key data_key;
	struct error e;

	ENSURE(kid.n < KID_TEXT_MAX, STORAGE);
	memcpy(ret_key->kid, kid.p, kid.n);
	ret_key->kid[kid.n] = 0;
	ret_key->created = col_int(r, 5);
	ret_key->active_from = col_int(r, 6);
	TRY(data_key_unwrap(app->keyring, place_of(ret_key->kid, a), col_bytes(r, 2), &data_key));
	e = unseal(&data_key, place_of(ret_key->kid, a), col_bytes(r, 3), a, &private_key);
	wipe(&data_key, sizeof(data_key));
	TRY(e);
	return sign_key_from_private(private_key, &ret_key->key);
}

static err load_rows(const struct app *app, struct tx *tx, struct arena *a, struct key_set *set)
{
	struct rows r;

	TRY(sql_open(tx, &key_all, NO_ARGS, &r));
	while (rows_next(&r) && set->n < KEYS_MAX) {
		struct error e = load_row(app, &r, a, &set->keys[set->n]);

		if (failed(e)) {
			IGNORE(sql_close(&r)); /* the first failure is the one to tell */
			return e;
		}
		set->n++;
	}
	return sql_close(&r);
}

static void free_set(struct key_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		sign_key_free(set->keys[i].key);
	free(set);
}

err keys_load(struct app *app)
{
	struct key_set *set = xalloc(sizeof(*set));
	struct tx *tx = store_read_begin(app->store);
	struct arena a;
	struct error e;

	arena_init(&a);
	e = load_rows(app, tx, &a, set);
	store_read_end(tx);
	arena_free_secret(&a);
	if (failed(e)) {
		free_set(set);
		return e;
	}
	set->older = atomic_load(&app->oauth->keys);
	atomic_store(&app->oauth->keys, set);
	return OK;
}

const struct service_key *key_active(const struct key_set *set, enum sign_alg alg, int64_t now)
{
	const struct service_key *next = NULL;

	for (size_t i = 0; i < set->n; i++) {
		const struct service_key *k = &set->keys[i];

		if (sign_key_alg(k->key) != alg)
			continue;
		if (k->active_from <= now)
			return k;
		next = k; /* the clock went back: the earliest of those to come will do */
	}
	return next;
}

const struct service_key *key_named(const struct key_set *set, struct slice kid)
{
	for (size_t i = 0; i < set->n; i++)
		if (slice_is(kid, set->keys[i].kid))
			return &set->keys[i];
	return NULL;
}

void oauth_signing_key(const struct app *app, int64_t now, const struct sign_key **ret_key, const char **ret_kid)
{
	const struct service_key *k = key_active(atomic_load(&app->oauth->keys), keys_alg(app), now);

	*ret_key = k->key;
	*ret_kid = k->kid;
}

err key_store(struct tx *tx, const struct key_row *row)
{
	return sql_run(tx, &key_insert, row->values, sizeof(row->values) / sizeof(row->values[0]), NULL);
}

static struct error store_first(void *arg, struct tx *tx)
{
	return key_store(tx, arg);
}

static err make_first(struct app *app)
{
	struct key_row first;
	struct arena a;
	struct error e;

	arena_init(&a);
	e = key_make(app, keys_alg(app), env_now_ms(app->env), &a, &first);
	if (!failed(e))
		e = store_write(app->store, store_first, &first);
	arena_free_secret(&a);
	TRY(e);
	return keys_load(app);
}

static void reload(void *ctx)
{
	struct app *app = ctx;
	struct error e = keys_load(app);

	if (failed(e))
		log_line(app->log, LOG_ERROR, "signing keys not reloaded", LOG_E(e));
}

err oauth_open(struct app *app)
{
	const struct settings *settings = app_settings(app);

	app->oauth = xalloc(sizeof(*app->oauth));
	app->oauth->keys_hook = (struct store_hook){ .fn = reload, .ctx = app };
	app->oauth->cache = token_cache_new(settings->token_cache);
	app->oauth->failures = rate_new(app->env);
	TRY(keys_load(app));
	if (!key_active(atomic_load(&app->oauth->keys), keys_alg(app), env_now_ms(app->env)))
		TRY(make_first(app));
	return OK;
}

void oauth_close(struct app *app)
{
	struct key_set *set;

	if (!app->oauth)
		return;
	set = atomic_load(&app->oauth->keys);
	while (set) {
		struct key_set *older = set->older;

		free_set(set);
		set = older;
	}
	token_cache_free(app->oauth->cache);
	rate_free(app->oauth->failures);
	free(app->oauth);
	app->oauth = NULL;
}
