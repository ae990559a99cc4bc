/* How an account has identities proofed: kept sealed, secrets and all. */
#include "proofing/internal.h"

SCHEMA(proofing_provider, PROOFING_PROVIDER, "A name that callers use, and who stands behind it");
SCHEMA(document_type, DOCUMENT_TYPE, "A document that can be presented");
SCHEMA(proofing_secret, PROOFING_SECRET, "A secret of a provider");
SCHEMA(proofing_config, PROOFING_CONFIG, "How an account has identities proofed");
ENUMERATION(proofing_engine, PROOFING_ENGINE);
ENUMERATION(process_status, PROCESS_STATUS);

SQL(config_by_account, "SELECT wrapped_key, box FROM proofing_accounts WHERE account = $1");

static const struct proofing_provider built_in[] = {
	{ .name = { (const uint8_t *)"signicatvideoid", 15 }, .engine = proofing_engine_simulator },
	{ .name = { (const uint8_t *)"readid", 6 }, .engine = proofing_engine_simulator },
};

static struct slice place_of(struct op *op, const char *what)
{
	return arena_printf(op->arena, "%s%.*s", what, FMT(op->caller.account_id));
}

static err open_config(struct op *op, struct slice wrapped, struct slice box, struct proofing_config *ret_config)
{
	struct invalids bad = { .arena = op->arena };
	struct slice plain, why;
	struct data_key key;
	struct error e;
	json_t *json;

	TRY(data_key_unwrap(op->app->keyring, place_of(op, "proofing.key|"), wrapped, &key));
	e = unseal(&key, place_of(op, "proofing.config|"), box, op->arena, &plain);
	wipe(&key, sizeof(key));
	TRY(e);
	TRY(json_read(plain, JSON_UNIQUE, JSON_DEPTH_MAX, op->arena, &json, &why));
	schema_read(&proofing_config_schema, json, op->arena, &bad, ret_config);
	op_keep_json(op, json);
	ENSURE(bad.n == 0, STORAGE);
	return OK;
}

err proofing_config_load(struct op *op, struct tx *tx, struct proofing_config *ret_config)
{
	struct slice wrapped, box;
	struct rows r;
	struct error e = sql_one(tx, &config_by_account, ARGS(v_int(op->caller.account)), &r);

	*ret_config = (struct proofing_config){ 0 };
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	wrapped = arena_copy(op->arena, col_bytes(&r, 0));
	box = arena_copy(op->arena, col_bytes(&r, 1));
	TRY(sql_close(&r));
	return open_config(op, wrapped, box, ret_config);
}

struct slice config_seal(struct op *op, const struct proofing_config *config, uint8_t wrapped[static WRAPPED_KEY_BYTES])
{
	struct buf b = buf_arena(op->arena, SEALED_BYTES_MAX);
	struct data_key key;
	struct slice box;

	schema_write(&proofing_config_schema, config, &b);
	data_key_new(op->app->keyring, op->app->env, place_of(op, "proofing.key|"), &key, wrapped);
	box = seal(&key, op->app->env, place_of(op, "proofing.config|"), buf_bytes(&b), op->arena);
	wipe(&key, sizeof(key));
	return box;
}

struct slice provider_canonical(struct slice name)
{
	if (name.n == 0 || slice_is(name, "videoid"))
		return S("signicatvideoid");
	return name;
}

const struct proofing_provider *provider_find(const struct op *op, const struct proofing_config *config, struct slice given)
{
	const struct proofing_provider *list = config->providers.items, *found = NULL;
	struct slice name = provider_canonical(given);

	for (size_t i = 0; i < config->providers.n && !found; i++)
		if (slice_eq(list[i].name, name))
			found = &list[i];
	for (size_t i = 0; i < sizeof(built_in) / sizeof(built_in[0]) && !found; i++)
		if (slice_eq(built_in[i].name, name))
			found = &built_in[i];
	return found && !failed(simulator_refuse_in_production(op, config, found->engine)) ? found : NULL;
}

err simulator_refuse_in_production(const struct op *op, const struct proofing_config *config, enum proofing_engine engine)
{
	bool allowed = op->caller.sandbox || config->allowSimulatorInProduction;

	ENSURE(engine != proofing_engine_simulator || allowed, PROCESS_NOT_SIMULATED);
	return OK;
}

struct slice config_secret(const struct proofing_config *config, struct slice name)
{
	const struct proofing_secret *list = config->secrets.items;

	for (size_t i = 0; i < config->secrets.n; i++)
		if (slice_eq(list[i].name, name))
			return list[i].value;
	return S("");
}

/* ---- attributes ---- */

static const char *const user_data_names[] = { "firstName", "lastName", "dateOfBirth", "gender", "nationality" };

static bool is_user_data(const char *name)
{
	for (size_t i = 0; i < sizeof(user_data_names) / sizeof(user_data_names[0]); i++)
		if (strcmp(name, user_data_names[i]) == 0)
			return true;
	return false;
}

/* Without a mapping, the five of the answer under their own names. */
static const char *attribute_key(const struct proofing_config *config, const char *name)
{
	const json_t *mapped = config->attributeMapping ? json_object_get(config->attributeMapping, name) : NULL;

	if (config->attributeMapping)
		return json_is_string(mapped) ? json_string_value(mapped) : NULL;
	return is_user_data(name) ? name : NULL;
}

err proofing_attributes(struct op *op, struct tx *tx, const struct final_result *result, json_t **ret_attributes)
{
	struct proofing_config config;
	struct buf b = buf_arena(op->arena, SEALED_BYTES_MAX);
	struct slice why;
	const char *name;
	json_t *all, *value;

	TRY(proofing_config_load(op, tx, &config));
	schema_write(&final_result_schema, result, &b);
	TRY(json_read(buf_bytes(&b), JSON_UNIQUE, SEALED_DEPTH_MAX, op->arena, &all, &why));
	*ret_attributes = json_object();
	json_object_foreach(all, name, value) {
		const char *key = attribute_key(&config, name);

		/* What was not found deletes nothing. */
		if (key && !(json_is_string(value) && json_string_length(value) == 0))
			json_object_set(*ret_attributes, key, value);
	}
	json_decref(all);
	return OK;
}
