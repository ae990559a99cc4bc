/* Row 9: the place of the phone, by the region of the application or of the device itself (mobileid.md 5.7). */
#include "device/trust.h"
#include "geo/geo.h"

enum { GEOFENCE_DEPTH_MAX = 2 };

static struct slice place_of(struct op *op, const struct uuid *device)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, "device.geofence|");
	buf_slice(&b, uuid_bytes(device));
	return buf_bytes(&b);
}

struct slice geofence_seal(struct op *op, const struct user *owner, const struct uuid *device, struct slice json)
{
	return seal(&owner->key, op->app->env, place_of(op, device), json, op->arena);
}

err geofence_open(struct op *op, const struct user *owner, const struct device *d, struct slice *ret_json)
{
	return unseal(&owner->key, place_of(op, &d->id), d->geofence, op->arena, ret_json);
}

/* ---- which rules hold ---- */

struct rules {
	enum policy_mode mode;
	struct geo_region region;
};

static struct slice text_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? json_text(value) : S("");
}

static err rules_of_device(struct call *c, struct rules *ret_rules)
{
	struct slice json, why;
	json_t *object;

	TRY(geofence_open(c->op, &c->owner, &c->device, &json));
	TRY(json_read(json, JSON_UNIQUE, GEOFENCE_DEPTH_MAX, c->op->arena, &object, &why));
	op_keep_json(c->op, object);
	*ret_rules = (struct rules){
		.mode = geo_mode_policy((enum geo_mode)enum_find(&geo_mode_enum, text_of(object, "mode"), false)),
		.region = { text_of(object, "allowedContinents"), text_of(object, "allowedCountries"), text_of(object, "deniedCountries") },
	};
	return OK;
}

/* A device's own rules hold for all but activation and recovery. */
static err rules_of(struct call *c, struct rules *ret_rules)
{
	const struct device_config *config = &c->application->config;
	bool new_device = c->session.family == FAMILY_ACT || c->session.family == FAMILY_REC;

	if (!new_device && c->device.geofence.n)
		return rules_of_device(c, ret_rules);
	*ret_rules = (struct rules){
		.mode = geo_mode_policy(new_device ? config->geofencingActivationMode : config->geofencingAuthenticationMode),
		.region = { config->geofencingAllowedContinents, config->geofencingAllowedCountries, config->geofencingDeniedCountries },
	};
	return OK;
}

struct geo_policy *policy_geo(struct call *c)
{
	struct geo_policy *policy = arena_new(c->op->arena, struct geo_policy);
	struct rules rules;

	if (failed(rules_of(c, &rules)))
		rules.mode = policy_mode_REQUIRED; /* what cannot be read bars; the finish tells why */
	policy->mode = rules.mode;
	if (policy->mode == policy_mode_OFF)
		return policy;
	policy->timeoutMs = c->application->config.geofencingTimeout;
	policy->accuracy = c->application->config.locationAccuracy;
	MARK(policy, geo_policy, timeoutMs);
	MARK(policy, geo_policy, accuracy);
	return policy;
}

/* ---- the check ---- */

/* Recovery reports nothing when the place is optional. */
static void report(struct call *c, const struct geo_report *geo, const char *boundary)
{
	struct buf b = buf_arena(c->op->arena, 256);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair(&w, "clientStatus", enum_text(&geo_client_status_enum, (int)geo->clientStatus));
	if (geo->country.n)
		jw_pair_text(&w, "countryCode", geo->country);
	if (boundary)
		jw_pair(&w, "serverBoundaryValidation", boundary);
	jw_close(&w, '}');
	c->geofencing = buf_bytes(&b);
}

err check_place(struct call *c, const struct brought *b, struct verdict *v)
{
	const struct geo_report *geo = b->geo;
	const char *boundary = NULL;
	struct rules rules;
	bool good = false;

	TRY(rules_of(c, &rules));
	if (rules.mode == policy_mode_OFF)
		return OK;
	if (geo && geo->country.n)
		boundary = geo_region_holds(&rules.region, geo->country) ? "SUCCESS" : "FAILURE";
	if (geo && (rules.mode == policy_mode_REQUIRED || c->session.family != FAMILY_REC))
		report(c, geo, boundary);
	good = geo && geo->clientStatus == geo_client_status_OK && boundary && strcmp(boundary, "SUCCESS") == 0;
	if (rules.mode == policy_mode_REQUIRED && !good)
		*v = (struct verdict){ CHECK_FAILED, DEVICE_AUTHENTICATION_FAILED, OPERATION_GEOFENCING_FAILED, lock_reason_none, true };
	return OK;
}
