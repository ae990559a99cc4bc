/* Applications and their keys: loaded into a set that never changes, replaced as a whole. */
#include <stdlib.h>

#include "codec/encode.h"
#include "crypto/pem.h"
#include "device/bells.h"
#include "device/faces.h"
#include "device/rest.h"
#include "device/trust.h"

SQL(application_all,
	"SELECT a.id, a.account, a.config, c.id, c.sandbox, c.extended_events, c.organisation, a.wrapped_key, a.secrets,"
	" a.state"
	" FROM applications a JOIN accounts c ON c.n = a.account ORDER BY a.account");
SQL(e2e_all, "SELECT id, application, wrapped_key, private_key, created FROM e2e_keys WHERE state = 1 AND algorithm = 1 ORDER BY created DESC, id DESC");
SQL(salt_all, "SELECT id, application, wrapped_key, secret, created FROM salt_keys ORDER BY created DESC, id DESC");
SQL(push_all, "SELECT application, service, wrapped_key, box FROM push_configurations");
SQL(row_counts,
	"SELECT (SELECT count(*) FROM applications), (SELECT count(*) FROM e2e_keys WHERE state = 1 AND algorithm = 1),"
	" (SELECT count(*) FROM salt_keys),"
	" (SELECT count(*) FROM push_configurations)");

struct slice application_secret_place(struct arena *a, const char *what, struct slice id)
{
	return arena_printf(a, "%s|%.*s", what, FMT(hex(a, id)));
}

/* A secret that lies wrapped and sealed beside its row. */
static err open_secret(const struct app *app, struct arena *a, struct slice place, const struct rows *r, int wrapped,
	struct slice *ret_secret)
{
	struct data_key key;
	struct error e;

	TRY(data_key_unwrap(app->keyring, place, col_bytes(r, wrapped), &key));
	e = unseal(&key, place, col_bytes(r, wrapped + 1), a, ret_secret);
	wipe(&key, sizeof(key));
	return e;
}

static struct account_info *account_of_row(struct arena *a, const struct rows *r)
{
	struct account_info *info = arena_new(a, struct account_info);

	info->n = col_int(r, 1);
	info->id = arena_copy(a, col_text(r, 3));
	info->sandbox = col_int(r, 4) != 0;
	info->extended_events = col_int(r, 5) != 0;
	info->organisation = col_int(r, 6);
	return info;
}

err application_secrets_open(const struct app *app, struct arena *a, const struct uuid *id, struct slice wrapped, struct slice box,
	struct slice *ret_json)
{
	struct slice place = application_secret_place(a, "application", uuid_bytes(id));
	struct data_key key;
	struct error e;

	TRY(data_key_unwrap(app->keyring, place, wrapped, &key));
	e = unseal(&key, place, box, a, ret_json);
	wipe(&key, sizeof(key));
	return e;
}

/* What is set openly and what lies sealed are one object to whoever reads it. */
static struct slice join(struct arena *a, struct slice plain, struct slice secrets)
{
	bool none = secrets.n <= 2, alone = plain.n <= 2;

	if (none)
		return plain;
	return alone ? secrets : arena_printf(a, "%.*s,%.*s", (int)plain.n - 1, (const char *)plain.p, (int)secrets.n - 1,
						(const char *)secrets.p + 1);
}

static err load_application(const struct app *app, struct application_set *set, const struct rows *r)
{
	struct application *at = &set->applications[set->application_count];
	struct slice secrets = S("");

	at->id = col_uuid(r, 0);
	uuid_format(&at->id, at->id_text);
	at->account = col_int(r, 1);
	at->state = (enum mobileid_state)col_int(r, 9);
	at->info = account_of_row(&set->arena, r);
	if (!col_is_null(r, 8))
		TRY(application_secrets_open(app, &set->arena, &at->id, col_bytes(r, 7), col_bytes(r, 8), &secrets));
	TRY(device_config_read(join(&set->arena, col_text(r, 2), secrets), &set->arena, &at->config));
	set->application_count++;
	return OK;
}

static err load_e2e(const struct app *app, struct application_set *set, const struct rows *r)
{
	struct e2e_key *at = &set->e2e_keys[set->e2e_count];
	struct slice secret;

	ENSURE(col_bytes(r, 0).n == KEY_ID_BYTES, STORAGE);
	memcpy(at->id, col_bytes(r, 0).p, KEY_ID_BYTES);
	at->application = col_uuid(r, 1);
	at->created = col_int(r, 4);
	TRY(open_secret(app, &set->arena, application_secret_place(&set->arena, "e2e_key", col_bytes(r, 0)), r, 2, &secret));
	ENSURE(secret.n == X25519_BYTES, STORAGE);
	at->key = x25519_new(secret.p);
	x25519_public(at->key, at->public_key);
	set->e2e_count++;
	return OK;
}

static err load_salt(const struct app *app, struct application_set *set, const struct rows *r)
{
	struct salt_key *at = &set->salt_keys[set->salt_count];
	struct slice id = col_text(r, 0), secret;

	ENSURE(id.n < sizeof(at->id), STORAGE);
	memcpy(at->id, id.p, id.n);
	at->application = col_uuid(r, 1);
	at->created = col_int(r, 4);
	TRY(open_secret(app, &set->arena, application_secret_place(&set->arena, "salt_key", id), r, 2, &secret));
	ENSURE(secret.n == SALT_KEY_BYTES, STORAGE);
	memcpy(at->secret, secret.p, SALT_KEY_BYTES);
	set->salt_count++;
	return OK;
}

static err load_push(const struct app *app, struct application_set *set, const struct rows *r)
{
	struct push_of_application *at = &set->pushes[set->push_count];
	struct arena *a = &set->arena;
	struct uuid application = col_uuid(r, 0);
	int service = enum_find(&push_service_enum, col_text(r, 1), false);
	struct slice json;
	const char *why;

	ENSURE(service, STORAGE);
	TRY(open_secret(app, a, push_configuration_place(a, &application, (enum push_service)service), r, 2, &json));
	TRY(push_account_read((enum push_service)service, json, a, &at->account, &why));
	at->application = application;
	set->push_count++;
	return OK;
}

static err load_rows(const struct app *app, struct tx *tx, const struct sql *sql, struct application_set *set, int64_t n,
	struct error (*load)(const struct app *app, struct application_set *set, const struct rows *r))
{
	struct error e = OK, end;
	struct rows r;

	TRY(sql_open(tx, sql, NO_ARGS, &r));
	while (!failed(e) && n-- > 0 && rows_next(&r))
		e = load(app, set, &r);
	end = sql_close(&r);
	return failed(e) ? e : end;
}

static err load_all(const struct app *app, struct tx *tx, struct application_set *set)
{
	int64_t n[4];
	struct rows r;

	TRY(sql_one(tx, &row_counts, NO_ARGS, &r));
	for (int i = 0; i < 4; i++)
		n[i] = col_int(&r, i);
	TRY(sql_close(&r));
	set->applications = arena_array(&set->arena, struct application, (size_t)n[0]);
	set->e2e_keys = arena_array(&set->arena, struct e2e_key, (size_t)n[1]);
	set->salt_keys = arena_array(&set->arena, struct salt_key, (size_t)n[2]);
	set->pushes = arena_array(&set->arena, struct push_of_application, (size_t)n[3]);
	TRY(load_rows(app, tx, &application_all, set, n[0], load_application));
	TRY(load_rows(app, tx, &e2e_all, set, n[1], load_e2e));
	TRY(load_rows(app, tx, &salt_all, set, n[2], load_salt));
	return load_rows(app, tx, &push_all, set, n[3], load_push);
}

static void free_set(struct application_set *set)
{
	for (size_t i = 0; i < set->e2e_count; i++)
		x25519_free(set->e2e_keys[i].key);
	for (size_t i = 0; i < set->push_count; i++)
		push_account_clear(&set->pushes[i].account);
	arena_free_secret(&set->arena);
	free(set);
}

static err reload(struct app *app)
{
	struct application_set *set = xalloc(sizeof(*set));
	struct tx *tx = store_read_begin(app->store);
	struct error e = load_all(app, tx, set);

	store_read_end(tx);
	if (failed(e)) {
		free_set(set);
		return e;
	}
	set->older = atomic_load(&app->devices->set);
	atomic_store(&app->devices->set, set);
	return OK;
}

static void reload_hook(void *ctx)
{
	struct app *app = ctx;
	struct error e = reload(app);

	if (failed(e))
		log_line(app->log, LOG_ERROR, "applications not reloaded", LOG_E(e));
}

SQL(devices_delete, "DELETE FROM devices WHERE user_id = $1");
SQL(sessions_delete, "DELETE FROM device_sessions WHERE user_id = $1");
SQL(tokens_delete, "DELETE FROM authorisation_tokens WHERE user_id = $1");
SQL(evidence_delete, "DELETE FROM evidence WHERE user_id = $1");

/* What is sealed under the user's key is unreadable without it already; it does not stay behind either. */
static struct error user_deleted(struct op *op, struct tx *tx, const struct uuid *user)
{
	(void)op;
	TRY(trust_user_deleted(tx, user));
	TRY(push_user_deleted(tx, user));
	TRY(faces_user_deleted(tx, user));
	TRY(sql_run(tx, &devices_delete, ARGS(v_uuid(user)), NULL));
	TRY(sql_run(tx, &sessions_delete, ARGS(v_uuid(user)), NULL));
	TRY(sql_run(tx, &tokens_delete, ARGS(v_uuid(user)), NULL));
	TRY(recoveries_of_user_erase(tx, user));
	return sql_run(tx, &evidence_delete, ARGS(v_uuid(user)), NULL);
}

SQL(account_e2e_keys_delete, "DELETE FROM e2e_keys WHERE application IN (SELECT id FROM applications WHERE account = $1)");
SQL(account_salt_keys_delete, "DELETE FROM salt_keys WHERE application IN (SELECT id FROM applications WHERE account = $1)");
SQL(account_push_delete, "DELETE FROM push_configurations WHERE application IN (SELECT id FROM applications WHERE account = $1)");
SQL(account_applications_delete, "DELETE FROM applications WHERE account = $1");

/* Nobody can use them any more, and keys that are kept without need can only leak. */
static struct error account_deleted(struct op *op, struct tx *tx, int64_t account)
{
	TRY(sql_run(tx, &account_e2e_keys_delete, ARGS(v_int(account)), NULL));
	TRY(sql_run(tx, &account_salt_keys_delete, ARGS(v_int(account)), NULL));
	TRY(sql_run(tx, &account_push_delete, ARGS(v_int(account)), NULL));
	TRY(sql_run(tx, &account_applications_delete, ARGS(v_int(account)), NULL));
	tx_after_commit(tx, &op->app->devices->hook);
	return OK;
}

/* An unreadable file stops the server: to believe Apple's root instead would be another thing than what was asked for. */
static err load_attest_root(struct app *app, struct devices *d)
{
	const char *path = app_settings(app)->app_attest_root;
	struct slice text;
	size_t n;

	if (!*path)
		return OK;
	TRY(file_read(&d->arena, path, &text));
	TRY(pem_certificates(&d->arena, text, &d->attest_root, 1, &n));
	ENSURE(n == 1, CONFIG);
	return OK;
}

err devices_open(struct app *app)
{
	struct devices *d = app->devices = xalloc(sizeof(*d));

	d->hook = (struct store_hook){ .fn = reload_hook, .ctx = app };
	d->wrong_signatures = rate_new(app->env);
	d->scans = rate_new(app->env);
	d->nonces = rate_new(app->env);
	d->wrong_codes = rate_new(app->env);
	d->recoveries = rate_new(app->env);
	d->codes = code_guard_new();
	d->push = push_new(app->env);
	TRY(load_attest_root(app, d));
	HOOK(app->user_deleted, user_deleted);
	HOOK(app->account_deleted, account_deleted);
	HOOK(app->user_exported, device_export);
	HOOK(app->event_data, devices_event_data);
	return reload(app);
}

void devices_close(struct app *app)
{
	struct application_set *set;

	if (!app->devices)
		return;
	set = atomic_load(&app->devices->set);
	while (set) {
		struct application_set *older = set->older;

		free_set(set);
		set = older;
	}
	rate_free(app->devices->wrong_signatures);
	rate_free(app->devices->scans);
	rate_free(app->devices->nonces);
	rate_free(app->devices->wrong_codes);
	rate_free(app->devices->recoveries);
	code_guard_free(app->devices->codes);
	push_free(app->devices->push);
	arena_free(&app->devices->arena);
	free(app->devices);
	app->devices = NULL;
}

const struct application_set *applications_now(const struct app *app)
{
	return atomic_load(&app->devices->set);
}

const struct application *application_by_id(const struct application_set *set, const struct uuid *id)
{
	for (size_t i = 0; i < set->application_count; i++)
		if (uuid_eq(&set->applications[i].id, id))
			return &set->applications[i];
	return NULL;
}

const struct application *application_by_text(const struct application_set *set, struct slice text)
{
	for (size_t i = 0; i < set->application_count; i++)
		if (slice_is(text, set->applications[i].id_text))
			return &set->applications[i];
	return NULL;
}

const struct application *application_of_account(const struct application_set *set, int64_t account)
{
	for (size_t i = 0; i < set->application_count; i++)
		if (set->applications[i].account == account)
			return &set->applications[i];
	return NULL;
}

const struct e2e_key *e2e_key_find(const struct application_set *set, struct slice key_id)
{
	for (size_t i = 0; i < set->e2e_count; i++)
		if (slice_eq(slice_of(set->e2e_keys[i].id, KEY_ID_BYTES), key_id))
			return &set->e2e_keys[i];
	return NULL;
}

const struct e2e_key *e2e_key_newest(const struct application_set *set, const struct uuid *application)
{
	for (size_t i = 0; i < set->e2e_count; i++)
		if (uuid_eq(&set->e2e_keys[i].application, application))
			return &set->e2e_keys[i];
	return NULL;
}

const struct salt_key *salt_key_find(const struct application_set *set, const struct uuid *application, struct slice id)
{
	for (size_t i = 0; i < set->salt_count; i++)
		if (uuid_eq(&set->salt_keys[i].application, application) && slice_is(id, set->salt_keys[i].id))
			return &set->salt_keys[i];
	return NULL;
}

const struct salt_key *salt_key_newest(const struct application_set *set, const struct uuid *application)
{
	for (size_t i = 0; i < set->salt_count; i++)
		if (uuid_eq(&set->salt_keys[i].application, application))
			return &set->salt_keys[i];
	return NULL;
}
