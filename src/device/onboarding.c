/* Adds MobileID to an account: an application, its first E2E key and its first salt key. */
#include <stdio.h>

#include "codec/encode.h"
#include "crypto/sect233k1.h"
#include "device/internal.h"

SQL(salt_insert, "INSERT INTO salt_keys (id, application, wrapped_key, secret, created) VALUES ($1, $2, $3, $4, $5)");
SQL(e2e_insert, "INSERT INTO e2e_keys (id, application, wrapped_key, private_key, state, created) VALUES ($1, $2, $3, $4, 1, $5)");
SQL(application_insert, "INSERT INTO applications (id, account, name, config, created) VALUES ($1, $2, $3, '', $4)");

struct onboarding {
	struct app *app;
	int64_t account, now;
	struct slice name;
	struct uuid application;
	uint8_t e2e_id[KEY_ID_BYTES];
	struct slice e2e_wrapped, e2e_box, salt_id, salt_wrapped, salt_box;
};

static void seal_secret(struct app *app, struct arena *a, struct slice place, struct slice secret, struct slice *ret_wrapped,
	struct slice *ret_box)
{
	uint8_t *wrapped = arena_alloc(a, WRAPPED_KEY_BYTES);
	struct data_key key;

	data_key_new(app->keyring, app->env, place, &key, wrapped);
	*ret_wrapped = slice_of(wrapped, WRAPPED_KEY_BYTES);
	*ret_box = seal(&key, app->env, place, secret, a);
	wipe(&key, sizeof(key));
}

void e2e_key_make(struct app *app, struct arena *a, struct made_key *ret_made)
{
	struct x25519_key *key = x25519_generate(app->env);
	uint8_t private_key[X25519_BYTES], public_key[X25519_BYTES], spki[X25519_SPKI_BYTES];
	struct slice id = slice_of(ret_made->id, KEY_ID_BYTES);

	x25519_private(key, private_key);
	x25519_public(key, public_key);
	x25519_spki_write(public_key, spki);
	envelope_key_id(public_key, ret_made->id);
	ret_made->public_key = b64(a, slice_of(spki, sizeof(spki)));
	seal_secret(app, a, application_secret_place(a, "e2e_key", id), slice_of(private_key, sizeof(private_key)), &ret_made->wrapped,
		&ret_made->box);
	wipe(private_key, sizeof(private_key));
	x25519_free(key);
}

err e2e_older_key_make(struct app *app, struct arena *a, struct made_key *ret_made, struct slice *ret_spki)
{
	struct slice private_key;
	uint8_t hash[SHA256_BYTES];

	TRY(sect233k1_generate(a, &private_key, ret_spki));
	sha256(*ret_spki, hash);
	memcpy(ret_made->id, hash, KEY_ID_BYTES);
	ret_made->public_key = b64(a, *ret_spki);
	seal_secret(app, a, application_secret_place(a, "e2e_key", slice_of(ret_made->id, KEY_ID_BYTES)), private_key, &ret_made->wrapped,
		&ret_made->box);
	wipe((uint8_t *)(uintptr_t)private_key.p, private_key.n);
	return OK;
}

struct new_salt {
	struct app *app;
	struct slice id, wrapped, box;
	struct uuid application;
	int64_t account, now;
};

static void salt_make(struct app *app, struct arena *a, struct new_salt *ret_salt)
{
	uint8_t salt[SALT_KEY_BYTES], id[8];

	env_random(app->env, salt, sizeof(salt));
	env_random(app->env, id, sizeof(id));
	ret_salt->id = arena_printf(a, "s-%.*s", FMT(hex(a, slice_of(id, sizeof(id)))));
	seal_secret(app, a, application_secret_place(a, "salt_key", ret_salt->id), slice_of(salt, sizeof(salt)), &ret_salt->wrapped,
		&ret_salt->box);
	wipe(salt, sizeof(salt));
}

static void make_keys(struct onboarding *o, struct arena *a)
{
	struct made_key key;
	struct new_salt salt;

	e2e_key_make(o->app, a, &key);
	memcpy(o->e2e_id, key.id, KEY_ID_BYTES);
	o->e2e_wrapped = key.wrapped;
	o->e2e_box = key.box;
	salt_make(o->app, a, &salt);
	o->salt_id = salt.id;
	o->salt_wrapped = salt.wrapped;
	o->salt_box = salt.box;
}

err onboarding_store(const struct onboarding *o, struct fact_origin origin, struct tx *tx)
{
	struct error e;

	origin.account = o->account;
	e = sql_run(tx, &application_insert, ARGS(v_uuid(&o->application), v_int(o->account), v_text(o->name), v_int(o->now)), NULL);
	ENSURE(!is_err(e, E_TAKEN), STALE);
	TRY(e);
	TRY(sql_run(tx,
		&e2e_insert,
		ARGS(v_bytes(slice_of(o->e2e_id, KEY_ID_BYTES)), v_uuid(&o->application), v_bytes(o->e2e_wrapped),
			v_bytes(o->e2e_box), v_int(o->now)),
		NULL));
	TRY(sql_run(tx, &salt_insert,
		ARGS(v_text(o->salt_id), v_uuid(&o->application), v_bytes(o->salt_wrapped), v_bytes(o->salt_box), v_int(o->now)), NULL));
	tx_after_commit(tx, &o->app->devices->hook);
	return fact_from(&origin, tx, &(struct fact){ .kind = FACT_MOBILEID_ADDED });
}

/* ---- another salt key: new credentials use it, and PINs move to it (5.2) ---- */

err salt_key_new(struct app *app, int64_t account, struct arena *a, struct new_salt **ret_salt)
{
	const struct application *application = application_of_account(applications_now(app), account);

	ENSURE(application, NOT_ONBOARDED);
	*ret_salt = arena_new(a, struct new_salt);
	**ret_salt = (struct new_salt){ .app = app, .account = account, .now = env_now_ms(app->env), .application = application->id };
	salt_make(app, a, *ret_salt);
	return OK;
}

err salt_key_store(const struct new_salt *new, struct fact_origin origin, struct tx *tx)
{
	origin.account = new->account;
	TRY(sql_run(tx, &salt_insert,
		ARGS(v_text(new->id), v_uuid(&new->application), v_bytes(new->wrapped), v_bytes(new->box), v_int(new->now)), NULL));
	tx_after_commit(tx, &new->app->devices->hook);
	return fact_from(&origin, tx, &(struct fact){ .kind = FACT_SALT_KEY_ADDED, .reference = new->id });
}

static struct error store_salt(void *arg, struct tx *tx)
{
	const struct new_salt *new = arg;

	return salt_key_store(new, fact_origin_here(new->app), tx);
}

err devices_add_salt_key(struct app *app, int64_t account)
{
	struct new_salt *new;
	struct arena a;
	struct error e;

	arena_init(&a);
	e = salt_key_new(app, account, &a, &new);
	if (!failed(e))
		e = store_write(app->store, store_salt, new);
	arena_free(&a);
	return e;
}

struct onboarding *onboarding_new(struct app *app, int64_t account, struct slice name, struct arena *a)
{
	struct onboarding *o;

	if (application_of_account(applications_now(app), account))
		return NULL;
	o = arena_new(a, struct onboarding);
	*o = (struct onboarding){ .app = app, .account = account, .now = env_now_ms(app->env), .name = name };
	o->application = uuid_v4(app->env);
	make_keys(o, a);
	return o;
}

static struct error store_onboarding(void *arg, struct tx *tx)
{
	struct onboarding *o = arg;

	return onboarding_store(o, fact_origin_here(o->app), tx);
}

err devices_add_mobileid(struct app *app, int64_t account, const char *name)
{
	struct onboarding *o;
	struct arena a;
	struct error e = OK;

	arena_init(&a);
	o = onboarding_new(app, account, slice_text(name), &a);
	if (o)
		e = store_write(app->store, store_onboarding, o);
	arena_free(&a);
	return is_err(e, E_STALE) ? OK : e; /* somebody else added it */
}

err devices_configuration(struct app *app, int64_t account, struct device_configuration *ret_configuration)
{
	const struct application_set *set = applications_now(app);
	const struct application *application = application_of_account(set, account);
	const struct e2e_key *key = application ? e2e_key_newest(set, &application->id) : NULL;
	uint8_t spki[X25519_SPKI_BYTES];
	struct arena a;

	ENSURE(key, NOT_ONBOARDED);
	x25519_spki_write(key->public_key, spki);
	arena_init(&a);
	memcpy(ret_configuration->application_id, application->id_text, sizeof(application->id_text));
	snprintf(ret_configuration->public_key, sizeof(ret_configuration->public_key), "%.*s", FMT(b64(&a, slice_of(spki, sizeof(spki)))));
	arena_free(&a);
	return OK;
}
