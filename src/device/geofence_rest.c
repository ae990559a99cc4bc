/* REST: the region of one device, which takes the place of its application's (api.md 4.6). */
#include "device/device_schema.h"
#include "device/rest.h"
#include "device/trust.h"
#include "geo/geo.h"

enum { GEOFENCE_BYTES_MAX = 8 * 1024, GEOFENCE_DEPTH_MAX = 2 };

#define GEOFENCING(F, T)                                                                                                         \
	F(T, STR, mode, OPT, 0, 16, "DISABLED, OPTIONAL or REQUIRED; OFF is the same as DISABLED", "\"OPTIONAL\"")             \
	F(T, STR, allowedContinents, OPT, 0, 64, "Codes of continents, comma-separated", "\"EU\"")                             \
	F(T, STR, allowedCountries, OPT, 0, 1200, "Codes of countries, comma-separated", "\"NO, SE\"")                         \
	F(T, STR, deniedCountries, OPT, 0, 1200, "Codes of countries, comma-separated", "\"CT\"")
SCHEMA_STRUCT(geofencing, GEOFENCING);
SCHEMA(geofencing, GEOFENCING, "Where a device may be used: allowed continents and countries, without the denied ones");

SCHEMA(geofencing_query, GEOFENCING_QUERY, "Whose device");

struct geofence {
	struct user owner;
	struct device device;
	struct slice box;
	struct geofencing view;
};

static err read_kept(struct op *op, struct geofence *g)
{
	struct invalids bad = { .arena = op->arena };
	struct slice json, why;
	json_t *object;

	TRY(geofence_open(op, &g->owner, &g->device, &json));
	TRY(json_read(json, JSON_UNIQUE, GEOFENCE_DEPTH_MAX, op->arena, &object, &why));
	op_keep_json(op, object);
	schema_read(&geofencing_schema, object, op->arena, &bad, &g->view);
	return bad.n ? FAIL(STORAGE) : OK;
}

err geofencing_get_prepare(struct op *op)
{
	const struct geofencing_query *query = op->query;
	struct geofence *g = op_own(op, struct geofence);
	struct error e;

	TRY(device_of_user(op, &query->userId, &g->device, &g->owner));
	e = g->device.geofence.n ? read_kept(op, g) : FAIL(GEOFENCING_UNKNOWN);
	wipe(&g->owner.key, sizeof(g->owner.key));
	op->out = &g->view;
	return e;
}

/* Absent is nothing; a mode is one of three words. */
static err check(struct op *op, struct geofencing *in)
{
	int mode = slice_ieq(in->mode, S("OFF")) || !in->mode.n ? geo_mode_DISABLED : enum_find(&geo_mode_enum, in->mode, true);

	if (!mode)
		return op_invalid(op, "mode", "must be DISABLED, OPTIONAL or REQUIRED");
	if (!geo_continents_fit(in->allowedContinents))
		return op_invalid(op, "allowedContinents", "must be a comma-separated list of AF, AN, AS, EU, NA, OC and SA");
	if (!geo_countries_fit(in->allowedCountries))
		return op_invalid(op, "allowedCountries", "must be a comma-separated list of codes of two letters");
	if (!geo_countries_fit(in->deniedCountries))
		return op_invalid(op, "deniedCountries", "must be a comma-separated list of codes of two letters");
	in->mode = slice_text(enum_text(&geo_mode_enum, mode));
	return OK;
}

static struct slice or_empty(struct slice text)
{
	return text.p ? text : S("");
}

err geofencing_put_prepare(struct op *op)
{
	const struct geofencing_query *query = op->query;
	struct geofence *g = op_own(op, struct geofence);
	struct buf json = buf_arena(op->arena, GEOFENCE_BYTES_MAX);

	g->view = *(const struct geofencing *)op->in;
	TRY(check(op, &g->view));
	g->view.allowedContinents = or_empty(g->view.allowedContinents);
	g->view.allowedCountries = or_empty(g->view.allowedCountries);
	g->view.deniedCountries = or_empty(g->view.deniedCountries);
	TRY(device_of_user(op, &query->userId, &g->device, &g->owner));
	ENSURE(g->device.state != credential_state_DELETED, DEVICE_DELETED);
	schema_write(&geofencing_schema, &g->view, &json);
	g->box = geofence_seal(op, &g->owner, &g->device.id, buf_bytes(&json));
	wipe(&g->owner.key, sizeof(g->owner.key));
	op->out = &g->view;
	return buf_ok(&json);
}

SQL(geofence_set, "UPDATE devices SET geofence = $3, version = version + 1 WHERE id = $1 AND version = $2");

static err store(struct op *op, struct tx *tx, const struct geofence *g)
{
	int64_t changes;

	TRY(sql_run(tx, &geofence_set, ARGS(v_uuid(&g->device.id), v_int(g->device.version), v_bytes_opt(g->box)), &changes));
	ENSURE(changes == 1, STALE);
	return fact(op, tx, &(struct fact){
		.kind = FACT_DEVICE_UPDATED,
		.user = &g->device.user,
		.reference = uuid_text(op->arena, &g->device.id),
		.data = S("{\"changed\":[\"geofencing\"]}"),
	});
}

err geofencing_put_apply(struct op *op, struct tx *tx)
{
	return store(op, tx, op_own(op, struct geofence));
}

err geofencing_delete_prepare(struct op *op)
{
	const struct geofencing_query *query = op->query;
	struct geofence *g = op_own(op, struct geofence);

	TRY(device_of_user(op, &query->userId, &g->device, &g->owner));
	wipe(&g->owner.key, sizeof(g->owner.key));
	ENSURE(g->device.geofence.n, GEOFENCING_UNKNOWN);
	g->box = S("");
	return OK;
}

err geofencing_delete_apply(struct op *op, struct tx *tx)
{
	return store(op, tx, op_own(op, struct geofence));
}
