/* The MobileID Admin API: what an application is configured with, changed while everything goes on (mobileid.md 2 and 3). */
#include "codec/encode.h"
#include "device/mobileid_schema.h"
#include "device/rest.h"

SCHEMA(application_view, APPLICATION_VIEW, "The configuration of an application");
SCHEMA(application_list, APPLICATION_LIST, "Configurations");
SCHEMA(hash_indicator, HASH_INDICATOR, "When a physical device is flagged");

enum { CONFIG_BYTES_MAX = 64 * 1024, CONFIG_DEPTH_MAX = 4 };

#define HIDDEN_VALUE "********"

SQL(config_of, "SELECT config, wrapped_key, secrets, version FROM applications WHERE id = $1");
SQL(config_set, "UPDATE applications SET config = $2, wrapped_key = $3, secrets = $4, version = version + 1 WHERE id = $1 AND version = $5");

err mobileid_account_named(struct op *op, struct slice id, int64_t *ret_account, struct slice *ret_name)
{
	const struct snapshot *snapshot = accounts_hold(op->app);
	const struct account_info *account = snapshot_account(snapshot, id);
	bool own = account && (op->caller.account ? account->n == op->caller.account : account->organisation == op->caller.organisation);

	if (own) {
		*ret_account = account->n;
		*ret_name = arena_copy(op->arena, account->name);
		op->caller.account = account->n;
		op->caller.account_id = arena_copy(op->arena, account->id);
	}
	accounts_release(snapshot);
	ENSURE(own, ACCOUNT_UNKNOWN);
	return OK;
}

err mobileid_account(struct op *op, int64_t *ret_account)
{
	struct slice name;

	return mobileid_account_named(op, op->path[0], ret_account, &name);
}

err mobileid_application(struct op *op, const struct application **ret_application)
{
	int64_t account;

	TRY(mobileid_account(op, &account));
	*ret_application = application_of_account(applications_now(op->app), account);
	ENSURE(*ret_application, NOT_ONBOARDED);
	return OK;
}

/* ---- what is set, as JSON; secrets lie sealed beside it ---- */

struct configuring {
	const struct application *application;
	json_t *set;      /* what is set, secrets too */
	int64_t version;
	struct slice plain, wrapped, box;
	struct application_view view;
};

static bool is_secret(const char *name)
{
	return strcmp(name, "attestationAndroidPlayIntegrityDecryptionKey") == 0 || strcmp(name, "faceProviderSecret") == 0;
}

static struct slice secrets_place(struct op *op, const struct application *application)
{
	return application_secret_place(op->arena, "application", uuid_bytes(&application->id));
}

static err read_object(struct op *op, struct slice text, json_t **ret_object)
{
	struct slice why;

	if (text.n == 0)
		text = S("{}");
	TRY(json_read(text, JSON_UNIQUE, CONFIG_DEPTH_MAX, op->arena, ret_object, &why));
	op_keep_json(op, *ret_object);
	return OK;
}

static err load(struct op *op, struct configuring *k)
{
	struct slice text, wrapped, box, plain = S("");
	json_t *secrets;
	struct rows r;

	TRY(mobileid_application(op, &k->application));
	TRY(sql_one(op_reader(op), &config_of, ARGS(v_uuid(&k->application->id)), &r));
	text = arena_copy(op->arena, col_text(&r, 0));
	wrapped = arena_copy(op->arena, col_bytes(&r, 1));
	box = arena_copy(op->arena, col_bytes(&r, 2));
	k->version = col_int(&r, 3);
	TRY(sql_close(&r));
	if (box.n)
		TRY(application_secrets_open(op->app, op->arena, &k->application->id, wrapped, box, &plain));
	TRY(read_object(op, text, &k->set));
	TRY(read_object(op, plain, &secrets));
	json_object_update(k->set, secrets);
	return OK;
}

/* Into the two places where they are kept. */
static err store_forms(struct op *op, struct configuring *k)
{
	struct buf plain = buf_arena(op->arena, CONFIG_BYTES_MAX), secret = buf_arena(op->arena, CONFIG_BYTES_MAX);
	struct jw open = jw_new(&plain), sealed = jw_new(&secret);
	uint8_t *wrapped = arena_alloc(op->arena, WRAPPED_KEY_BYTES);
	struct slice place = secrets_place(op, k->application);
	struct data_key key;
	const char *name;
	json_t *value;

	jw_open(&open, '{');
	jw_open(&sealed, '{');
	json_object_foreach(k->set, name, value) {
		struct jw *w = is_secret(name) ? &sealed : &open;

		jw_key(w, name);
		jw_raw(w, S(""));
		json_write_value(w->b, value);
	}
	jw_close(&open, '}');
	jw_close(&sealed, '}');
	TRY(buf_ok(&plain));
	TRY(buf_ok(&secret));
	data_key_new(op->app->keyring, op->app->env, place, &key, wrapped);
	k->plain = buf_bytes(&plain);
	k->wrapped = slice_of(wrapped, WRAPPED_KEY_BYTES);
	k->box = seal(&key, op->app->env, place, buf_bytes(&secret), op->arena);
	wipe(&key, sizeof(key));
	return OK;
}

/* ---- showing ---- */

static void hide_secrets(struct device_config *config)
{
	if (config->attestationAndroidPlayIntegrityDecryptionKey.n)
		config->attestationAndroidPlayIntegrityDecryptionKey = S(HIDDEN_VALUE);
	if (config->faceProviderSecret.n)
		config->faceProviderSecret = S(HIDDEN_VALUE);
}

static struct list names_of(struct op *op, json_t *set)
{
	struct slice *names = arena_array(op->arena, struct slice, json_object_size(set) + 1);
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach(set, name, value)
		names[n++] = arena_copy(op->arena, slice_text(name));
	return (struct list){ names, n };
}

static err effective(struct op *op, json_t *set, struct device_config *ret_config)
{
	struct buf b = buf_arena(op->arena, CONFIG_BYTES_MAX);

	json_write_value(&b, set);
	TRY(buf_ok(&b));
	return device_config_read(buf_bytes(&b), op->arena, ret_config);
}

static err show(struct op *op, struct configuring *k, const struct device_config *config)
{
	struct buf b = buf_arena(op->arena, CONFIG_BYTES_MAX);
	struct device_config shown = *config;

	hide_secrets(&shown);
	shown.set = UINT64_MAX; /* numbers and switches too, though they may be defaults */
	schema_write(&device_config_schema, &shown, &b);
	TRY(buf_ok(&b));
	k->view = (struct application_view){ .applicationId = k->application->id, .accountId = op->caller.account_id,
		.properties = buf_bytes(&b), .changed = names_of(op, k->set), .warnings = device_config_warnings(config, op->arena) };
	op->out = &k->view;
	return OK;
}

static err known_application(struct op *op, const struct configuring *k)
{
	ENSURE(uuid_eq(&op->path_id[1], &k->application->id), APPLICATION_UNKNOWN);
	return OK;
}

static err config_get_prepare(struct op *op)
{
	struct configuring *k = op_own(op, struct configuring);
	struct device_config config;

	TRY(load(op, k));
	TRY(known_application(op, k));
	TRY(effective(op, k->set, &config));
	return show(op, k, &config);
}

static err config_list_prepare(struct op *op)
{
	struct configuring *k = op_own(op, struct configuring);
	struct application_list *list = arena_new(op->arena, struct application_list);
	struct device_config config;

	TRY(load(op, k));
	TRY(effective(op, k->set, &config));
	TRY(show(op, k, &config));
	list->applications = (struct list){ &k->view, 1 };
	op->out = list;
	return OK;
}

/* ---- changing: null takes a property back to its default ---- */

static struct slice text_of(const json_t *set, const char *name)
{
	const json_t *value = json_object_get(set, name);

	return json_is_string(value) ? json_text(value) : S("");
}

/* The secret was given for one provider: whoever names another does not get to see it there. */
static err check_secret(struct op *op, const struct configuring *k, struct slice url_before, const json_t *secret_before)
{
	struct slice url = text_of(k->set, "faceProviderUrl");
	bool kept = secret_before && json_object_get(k->set, "faceProviderSecret") == secret_before;

	if (kept && url.n && !slice_eq(url, url_before))
		return op_invalid(op, "faceProviderSecret", "has to be given again for another faceProviderUrl");
	return OK;
}

static err take_over(struct op *op, struct configuring *k)
{
	const json_t *secret = json_object_get(k->set, "faceProviderSecret");
	struct slice url = arena_copy(op->arena, text_of(k->set, "faceProviderUrl"));
	const char *name;
	json_t *value;

	json_object_foreach(op->body, name, value) {
		const struct field *f = device_config_property(slice_text(name));
		bool off = json_is_string(value) && slice_ieq(json_text(value), S("OFF"));

		if (!f)
			return op_invalid(op, name, "is not a property of applications");
		if (json_is_null(value))
			json_object_del(k->set, f->name);
		else if (off && f->of == &geo_mode_enum)
			json_object_set_new(k->set, f->name, json_string("DISABLED"));
		else if (!(is_secret(f->name) && slice_is(json_text(value), HIDDEN_VALUE)))
			json_object_set(k->set, f->name, value);
	}
	return check_secret(op, k, url, secret);
}

/* What depends on the account and the server. */
static void check_provider(struct op *op, const struct application *application, const struct device_config *config)
{
	struct outbound_config outbound = outbound_config_of(op->settings, op->app->env);
	const char *why;

	if (config->faceProvider == face_provider_MOCK && !application->info->sandbox)
		invalid_add(&op->invalids, S("faceProvider"), "can be MOCK only in sandbox accounts");
	if (config->faceProviderUrl.n && failed(outbound_url_check(&outbound, config->faceProviderUrl, &why)))
		invalid_add(&op->invalids, S("faceProviderUrl"), "%s", why);
}

/* The same reading that the server itself does, with the faults named. */
static err check(struct op *op, const struct application *application, json_t *set, struct device_config *ret_config)
{
	struct device_config one = { .set = 0 };

	schema_read(&device_config_schema, set, op->arena, &op->invalids, &one);
	ENSURE(op->invalids.n == 0, INVALID_PARAM);
	TRY(effective(op, set, ret_config));
	device_config_check(ret_config, &op->invalids);
	check_provider(op, application, ret_config);
	ENSURE(op->invalids.n == 0, INVALID_PARAM);
	return OK;
}

static err change(struct op *op, struct configuring *k)
{
	struct device_config config;

	TRY(check(op, k->application, k->set, &config));
	TRY(store_forms(op, k));
	return show(op, k, &config);
}

static err config_change_prepare(struct op *op)
{
	struct configuring *k = op_own(op, struct configuring);

	op->invalids.arena = op->arena;
	TRY(load(op, k));
	TRY(known_application(op, k));
	TRY(take_over(op, k));
	return change(op, k);
}

static err config_change_apply(struct op *op, struct tx *tx)
{
	const struct configuring *k = op_own(op, struct configuring);
	int64_t changes;

	TRY(sql_run(tx, &config_set,
		ARGS(v_uuid(&k->application->id), v_text(k->plain), v_bytes(k->wrapped), v_bytes(k->box), v_int(k->version)), &changes));
	ENSURE(changes == 1, STALE);
	tx_after_commit(tx, &op->app->devices->hook);
	return fact(op, tx, &(struct fact){ .kind = FACT_MOBILEID_CONFIGURED, .reference = uuid_text(op->arena, &k->application->id) });
}

/* ---- when a physical device is flagged ---- */

static struct hash_indicator *indicator(struct op *op, int64_t allowed)
{
	struct hash_indicator *out = arena_new(op->arena, struct hash_indicator);

	out->allowedUsers = allowed;
	return out;
}

static err indicator_get_prepare(struct op *op)
{
	const struct application *application;

	TRY(mobileid_application(op, &application));
	op->out = indicator(op, application->config.deviceHashAllowedUsers);
	return OK;
}

static err indicator_change_prepare(struct op *op)
{
	const struct hash_indicator *in = op->in;
	struct configuring *k = op_own(op, struct configuring);

	op->invalids.arena = op->arena;
	TRY(load(op, k));
	json_object_set_new(k->set, "deviceHashAllowedUsers", json_integer(in->allowedUsers));
	TRY(change(op, k));
	op->out = indicator(op, in->allowedUsers);
	return OK;
}

#define ACCOUNTS "Accounts"
#define CONFIGURATIONS "Application configurations"
#define RISK "Risk indicators"
#define ACCOUNT_PATH "/accounts/{accountId:text}"

static const struct route rows[] = {
	{ HTTP_GET, "/accounts", MOBILEID_ADMIN_READ, READS, QUERY(mobileid_account_query), OUT(mobileid_account_list),
		OP(.prepare = mobileid_accounts_prepare), "List accounts with MobileID", .id = "listAccounts", .tag = ACCOUNTS,
		.flags = NO_ACCOUNT },
	{ HTTP_POST, "/accounts", MOBILEID_ADMIN_WRITE, WRITES, IN(mobileid_account_new), OUT(mobileid_account_view),
		OP(.prepare = mobileid_account_add_prepare, .apply = mobileid_account_add_apply, .reply = mobileid_account_add_reply),
		"Add MobileID to an account", .id = "addAccount", .tag = ACCOUNTS, .flags = NO_ACCOUNT | CREATES },
	{ HTTP_PUT, ACCOUNT_PATH "/state", MOBILEID_ADMIN_WRITE, WRITES, IN(mobileid_account_change), OUT(mobileid_account_view),
		OP(.prepare = mobileid_state_prepare, .apply = mobileid_state_apply), "Change the state of MobileID of an account",
		.id = "changeAccountState", .tag = ACCOUNTS, .flags = NO_ACCOUNT },
	{ HTTP_GET, ACCOUNT_PATH "/application-configurations", MOBILEID_ADMIN_READ, READS, OUT(application_list),
		OP(.prepare = config_list_prepare), "List application configurations", .id = "listApplicationConfigurations",
		.tag = CONFIGURATIONS, .flags = NO_ACCOUNT },
	{ HTTP_GET, ACCOUNT_PATH "/application-configurations/{applicationId}", MOBILEID_ADMIN_READ, READS, OUT(application_view),
		OP(.prepare = config_get_prepare), "Get application configuration", .id = "getApplicationConfiguration",
		.tag = CONFIGURATIONS, .flags = NO_ACCOUNT },
	{ HTTP_PATCH, ACCOUNT_PATH "/application-configurations/{applicationId}", MOBILEID_ADMIN_WRITE, WRITES, IN(device_config),
		OUT(application_view), OP(.prepare = config_change_prepare, .apply = config_change_apply),
		"Update properties of an application configuration", .id = "updateApplicationConfiguration", .tag = CONFIGURATIONS,
		.flags = NO_ACCOUNT },
	{ HTTP_GET, ACCOUNT_PATH "/e2e-keys", MOBILEID_ADMIN_READ, READS, OUT(e2e_key_list), OP(.prepare = e2e_list_prepare),
		"List E2E keys", .id = "listEndToEndKeys", .tag = E2E_TAG, .flags = NO_ACCOUNT },
	{ HTTP_POST, ACCOUNT_PATH "/e2e-keys", MOBILEID_ADMIN_WRITE, WRITES, IN(e2e_key_new), OUT(e2e_key_view),
		OP(.prepare = e2e_add_prepare, .apply = e2e_add_apply, .reply = e2e_add_reply), "Add an E2E key", .id = "addEndToEndKey",
		.tag = E2E_TAG, .flags = NO_ACCOUNT | CREATES | EMPTY_BODY_OK },
	{ HTTP_GET, ACCOUNT_PATH "/e2e-keys/{keyId:text}", MOBILEID_ADMIN_READ, READS, OUT(e2e_key_view), OP(.prepare = e2e_get_prepare),
		"Get an E2E key", .id = "getEndToEndKey", .tag = E2E_TAG, .flags = NO_ACCOUNT },
	{ HTTP_DELETE, ACCOUNT_PATH "/e2e-keys/{keyId:text}", MOBILEID_ADMIN_WRITE, WRITES,
		OP(.prepare = e2e_retire_prepare, .apply = e2e_retire_apply), "Retire an E2E key", .id = "retireEndToEndKey", .tag = E2E_TAG,
		.flags = NO_ACCOUNT },
	{ HTTP_GET, ACCOUNT_PATH "/risk-indicators/device-hash", MOBILEID_ADMIN_READ, READS, OUT(hash_indicator),
		OP(.prepare = indicator_get_prepare), "Get the device hash indicator", .id = "getDeviceHashIndicator", .tag = RISK,
		.flags = NO_ACCOUNT },
	{ HTTP_PATCH, ACCOUNT_PATH "/risk-indicators/device-hash", MOBILEID_ADMIN_WRITE, WRITES, IN(hash_indicator), OUT(hash_indicator),
		OP(.prepare = indicator_change_prepare, .apply = config_change_apply), "Update the device hash indicator",
		.id = "updateDeviceHashIndicator", .tag = RISK, .flags = NO_ACCOUNT },
	{ HTTP_GET, ACCOUNT_PATH "/statistics/device-hashes", MOBILEID_ADMIN_READ, READS, OUT(hash_flagged_list),
		OP(.prepare = flagged_hashes_prepare), "Physical devices that are flagged", .id = "listFlaggedDeviceHashes", .tag = RISK,
		.flags = NO_ACCOUNT },
	{ HTTP_GET, ACCOUNT_PATH "/statistics", MOBILEID_ADMIN_READ, READS, OUT(mobileid_statistics), OP(.prepare = statistics_prepare),
		"Statistics, by segment", .id = "getMobileidStatistics", .tag = RISK, .flags = NO_ACCOUNT },
};

static const struct tag tags[] = {
	{ ACCOUNTS, "Which have MobileID, and whether it is at work" },
	{ CONFIGURATIONS, "How an application behaves; changed at run time" },
	{ E2E_TAG, "Keys that apps encrypt to" },
	{ RISK, "Physical devices with several users, and figures" },
	{ NULL, NULL },
};

const struct route_table mobileid_admin_routes = {
	.base = "/mobileid/admin",
	.title = "MobileID Admin API",
	.tags = tags,
	.openapi_path = "/mobileid/admin/openapi.json",
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
