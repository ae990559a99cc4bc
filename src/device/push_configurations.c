/*
 * REST, MobileID Admin: how the push services of an account's application know us (mobileid.md 3). What is private is sealed, goes into
 * use with the commit, and is never answered.
 */
#include "codec/json.h"
#include "device/bells.h"
#include "device/device_schema.h"

enum { CONFIGURATION_BYTES_MAX = 32 * 1024 };

struct slice push_configuration_place(struct arena *a, const struct uuid *application, enum push_service service)
{
	struct slice id = uuid_text(a, application);

	return arena_printf(a, "push_configuration|%s|%.*s", enum_text(&push_service_enum, (int)service), FMT(id));
}

/* What is different between the services: the form, and where its private key stands. */
static const struct form {
	const struct schema *schema;
	size_t key_offset;  /* in the form, and in the account's copy of it */
	size_t kept_offset;
	const char *key_name;
} forms[push_service_count] = {
	[push_service_FCM] = { &push_fcm_schema, offsetof(struct push_fcm, private_key), offsetof(struct push_account, fcm), "private_key" },
	[push_service_APNS] = { &push_apns_schema, offsetof(struct push_apns, privateKey), offsetof(struct push_account, apns), "privateKey" },
	[push_service_WEBPUSH] = { &push_web_schema, offsetof(struct push_web, privateKey), offsetof(struct push_account, web), "privateKey" },
};

static struct slice *key_in(const struct form *form, void *filled)
{
	return (struct slice *)((uint8_t *)filled + form->key_offset);
}

/* The account in the path is the caller's own; another one is nobody's. */
static err own_application(struct op *op, const struct application **ret_app)
{
	ENSURE(slice_eq(op->path[0], op->caller.account_id), ACCOUNT_UNKNOWN);
	*ret_app = application_of_account(applications_now(op->app), op->caller.account);
	ENSURE(*ret_app, NOT_ONBOARDED);
	return OK;
}

/* Without the key: what is shown stands in front of it. */
static void *shown(struct op *op, const struct form *form, const struct push_account *account)
{
	void *copy = arena_alloc(op->arena, form->schema->size);
	struct push_web_shown *web = arena_new(op->arena, struct push_web_shown);

	if (account->service == push_service_WEBPUSH) {
		web->subject = account->web.subject;
		web->publicKey = account->vapid_key;
		return web;
	}
	memcpy(copy, (const uint8_t *)account + form->kept_offset, form->schema->size);
	return copy;
}

static err get(struct op *op, enum push_service service)
{
	const struct push_account *account;
	const struct application *app;

	TRY(own_application(op, &app));
	account = push_account_find(applications_now(op->app), &app->id, service);
	ENSURE(account, PUSH_CONFIGURATION_UNKNOWN);
	op->out = shown(op, &forms[service], account);
	return OK;
}

/* ---- put ---- */

SQL(push_configuration_put,
	"INSERT INTO push_configurations (application, service, wrapped_key, box, created, updated) VALUES ($1, $2, $3, $4, $5, $5)"
	" ON CONFLICT (application, service) DO UPDATE SET wrapped_key = excluded.wrapped_key, box = excluded.box, updated = excluded.updated");
SQL(push_configuration_delete, "DELETE FROM push_configurations WHERE application = $1 AND service = $2");

struct change {
	struct uuid application;
	enum push_service service;
	struct slice wrapped, box;
};

static bool same_address(struct slice given, struct slice kept)
{
	return given.n == 0 || slice_eq(given, kept);
}

/* What a key signs is shown to these, and good for the service whoever shows it. */
static bool same_addresses(const struct op *op, const struct push_account *kept)
{
	const struct push_fcm *fcm = op->in;
	const struct push_apns *apns = op->in;

	if (kept->service == push_service_FCM)
		return same_address(fcm->url, kept->fcm.url) && same_address(fcm->token_uri, kept->fcm.token_uri);
	return kept->service != push_service_APNS || same_address(apns->url, kept->apns.url);
}

/* A key that is left out stays, at the addresses that it was given for; one of Web Push is made here. */
static err complete_key(struct op *op, const struct application *app, enum push_service service, struct slice *key)
{
	const struct push_account *kept = push_account_find(applications_now(op->app), &app->id, service);
	const struct form *form = &forms[service];

	if (key->n)
		return OK;
	if (kept && !same_addresses(op, kept))
		return op_invalid(op, form->key_name, "is needed for another address");
	if (kept)
		*key = *key_in(form, (uint8_t *)(uintptr_t)kept + form->kept_offset);
	else if (service == push_service_WEBPUSH)
		TRY(push_key_new(op->arena, key));
	else
		return op_invalid(op, form->key_name, "is needed");
	return OK;
}

static err check_url(struct op *op, const char *name, struct slice url)
{
	struct outbound_config config = outbound_config_of(op->settings, op->app->env);
	const char *why;

	if (url.n && failed(outbound_url_check(&config, url, &why)))
		return op_invalid(op, name, why);
	return OK;
}

static err check_urls(struct op *op, enum push_service service)
{
	if (service == push_service_FCM) {
		const struct push_fcm *fcm = op->in;

		TRY(check_url(op, "url", fcm->url));
		return check_url(op, "token_uri", fcm->token_uri);
	}
	return service == push_service_APNS ? check_url(op, "url", ((const struct push_apns *)op->in)->url) : OK;
}

static void seal_change(struct op *op, struct change *change, struct slice json)
{
	struct slice place = push_configuration_place(op->arena, &change->application, change->service);
	uint8_t *wrapped = arena_alloc(op->arena, WRAPPED_KEY_BYTES);
	struct data_key key;

	data_key_new(op->app->keyring, op->app->env, place, &key, wrapped);
	change->wrapped = slice_of(wrapped, WRAPPED_KEY_BYTES);
	change->box = seal(&key, op->app->env, place, json, op->arena);
	wipe(&key, sizeof(key));
}

static err put(struct op *op, enum push_service service)
{
	const struct form *form = &forms[service];
	struct buf json = buf_arena(op->arena, CONFIGURATION_BYTES_MAX);
	struct change *change = op_own(op, struct change);
	const struct application *app;
	struct push_account account;
	const char *why;

	TRY(own_application(op, &app));
	TRY(check_urls(op, service));
	TRY(complete_key(op, app, service, key_in(form, op->in)));
	schema_write(form->schema, op->in, &json);
	TRY(buf_ok(&json));
	if (failed(push_account_read(service, buf_bytes(&json), op->arena, &account, &why)))
		return op_invalid(op, service == push_service_WEBPUSH && !account.key ? "privateKey or subject" : form->key_name, why);
	*change = (struct change){ .application = app->id, .service = service };
	seal_change(op, change, buf_bytes(&json));
	op->out = shown(op, form, &account);
	push_account_clear(&account);
	return OK;
}

static err record(struct op *op, struct tx *tx, enum fact_kind kind, enum push_service service)
{
	tx_after_commit(tx, &op->app->devices->hook);
	return fact(op, tx, &(struct fact){ .kind = kind, .reference = slice_text(enum_text(&push_service_enum, (int)service)) });
}

static err put_apply(struct op *op, struct tx *tx)
{
	const struct change *change = op_own(op, struct change);
	struct slice service = slice_text(enum_text(&push_service_enum, (int)change->service));

	TRY(sql_run(tx, &push_configuration_put,
		ARGS(v_uuid(&change->application), v_text(service), v_bytes(change->wrapped), v_bytes(change->box), v_int(op->now)), NULL));
	return record(op, tx, FACT_PUSH_CONFIGURED, change->service);
}

/* ---- delete ---- */

static err delete(struct op *op, struct tx *tx, enum push_service service)
{
	const struct application *app;
	int64_t changes;

	TRY(own_application(op, &app));
	TRY(sql_run(tx, &push_configuration_delete,
		ARGS(v_uuid(&app->id), v_text(slice_text(enum_text(&push_service_enum, (int)service)))), &changes));
	ENSURE(changes == 1, PUSH_CONFIGURATION_UNKNOWN);
	return record(op, tx, FACT_PUSH_UNCONFIGURED, service);
}

#define OF_SERVICE(name, service)                                                     \
	static err name##_get_prepare(struct op *op) { return get(op, service); }     \
	static err name##_put_prepare(struct op *op) { return put(op, service); }     \
	static err name##_delete_apply(struct op *op, struct tx *tx) { return delete(op, tx, service); }
OF_SERVICE(fcm, push_service_FCM)
OF_SERVICE(apns, push_service_APNS)
OF_SERVICE(web, push_service_WEBPUSH)

#define BASE "/accounts/{accountId:text}/push-configurations"
#define ROWS_OF(name, schema, service, words)                                                                                    \
	{ HTTP_GET, BASE "/" service, MOBILEID_ADMIN_READ, READS, .reply = &schema##_shown_schema,                               \
		OP(.prepare = name##_get_prepare), "Get the push configuration of " words,                                       \
		.id = "getPushConfiguration" service, .tag = "Push" },                                                           \
	{ HTTP_PUT, BASE "/" service, MOBILEID_ADMIN_WRITE, WRITES, .body = &schema##_schema, .reply = &schema##_shown_schema,   \
		OP(.prepare = name##_put_prepare, .apply = put_apply), "Set the push configuration of " words,                   \
		.id = "putPushConfiguration" service, .tag = "Push" },                                                           \
	{ HTTP_DELETE, BASE "/" service, MOBILEID_ADMIN_WRITE, WRITES, OP(.apply = name##_delete_apply),                         \
		"Delete the push configuration of " words, .id = "deletePushConfiguration" service, .tag = "Push" },

static const struct route rows[] = {
	ROWS_OF(fcm, push_fcm, "FCM", "Firebase Cloud Messaging")
	ROWS_OF(apns, push_apns, "APNS", "the Apple Push Notification service")
	ROWS_OF(web, push_web, "WEBPUSH", "Web Push and UnifiedPush")
};

const struct route_table push_configuration_routes = {
	.base = "/mobileid/admin", .title = "MobileID Admin: push", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]),
};
