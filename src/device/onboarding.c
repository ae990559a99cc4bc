/* Adds MobileID to an account: an application, its first E2E key and its first salt key. */
#include <stdio.h>

#include "codec/encode.h"
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

static void make_keys(struct onboarding *o, struct arena *a)
{
	struct x25519_key *key = x25519_generate(o->app->env);
	uint8_t private_key[X25519_BYTES], public_key[X25519_BYTES], salt[SALT_KEY_BYTES], id[8];

	x25519_private(key, private_key);
	x25519_public(key, public_key);
	envelope_key_id(public_key, o->e2e_id);
	seal_secret(o->app, a, application_secret_place(a, "e2e_key", slice_of(o->e2e_id, KEY_ID_BYTES)), slice_of(private_key, sizeof(private_key)),
		&o->e2e_wrapped, &o->e2e_box);
	env_random(o->app->env, salt, sizeof(salt));
	env_random(o->app->env, id, sizeof(id));
	o->salt_id = arena_printf(a, "s-%.*s", FMT(hex(a, slice_of(id, sizeof(id)))));
	seal_secret(o->app, a, application_secret_place(a, "salt_key", o->salt_id), slice_of(salt, sizeof(salt)), &o->salt_wrapped, &o->salt_box);
	wipe(private_key, sizeof(private_key));
	wipe(salt, sizeof(salt));
	x25519_free(key);
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
