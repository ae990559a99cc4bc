#include "device/config.h"

#include "attest/play_integrity.h"
#include "codec/encode.h"
#include "codec/json.h"
#include "crypto/sign.h"
#include "device/risk.h"
#include "geo/geo.h"
#include "protocol/version.h"

ENUMERATION(geo_mode, GEO_MODE);
ENUMERATION(appattest_environment, APPATTEST_ENVIRONMENT);
SCHEMA(device_config, DEVICE_CONFIG, "How one mobile application behaves");

enum { CONFIG_DEPTH_MAX = 4, CONFIG_BYTES_MAX = 16384 };

static const char *const colon_names[auth_method_count] = {
	[auth_method_none] = "",
	[auth_method_DEVICE] = "DEVICE",
	[auth_method_DEVICE_PIN] = "DEVICE:PIN",
	[auth_method_DEVICE_IOS_FACE_ID] = "DEVICE:IOS_FACE_ID",
	[auth_method_DEVICE_STRONG_TOUCH_ID] = "DEVICE:STRONG_TOUCH_ID",
	[auth_method_DEVICE_ANDROID_BIOMETRIC_PROMPT] = "DEVICE:ANDROID_BIOMETRIC_PROMPT",
	[auth_method_DEVICE_SERVER_SIDE_FACE] = "DEVICE:SERVER_SIDE_FACE",
};

const char *auth_method_colon(enum auth_method m)
{
	return m < auth_method_count ? colon_names[m] : "";
}

/* ---- reading ---- */

/* What was read may point into the JSON. */
static void keep_texts(struct device_config *config, struct arena *a)
{
	for (size_t i = 0; i < device_config_schema.n; i++) {
		struct slice *at = (struct slice *)((uint8_t *)config + device_config_schema.fields[i].offset);

		if (device_config_schema.fields[i].type == FIELD_STR)
			*at = arena_copy(a, *at);
	}
}

static err read_text(struct slice json, struct arena *a, struct device_config *ret_config)
{
	struct invalids bad = { .arena = a };
	struct slice why;
	json_t *object;
	bool is_object;

	*ret_config = (struct device_config){ 0 };
	ENSURE(!failed(json_read(json, JSON_UNIQUE, CONFIG_DEPTH_MAX, a, &object, &why)), CONFIG);
	is_object = json_is_object(object);
	if (is_object)
		schema_read(&device_config_schema, object, a, &bad, ret_config);
	keep_texts(ret_config, a);
	json_decref(object);
	ENSURE(is_object && bad.n == 0, CONFIG);
	return OK;
}

/* The defaults are the examples of the list: one place for both. */
static err read_defaults(struct arena *a, struct device_config *ret_config)
{
	struct buf b = buf_arena(a, CONFIG_BYTES_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	for (size_t i = 0; i < device_config_schema.n; i++) {
		jw_key(&w, device_config_schema.fields[i].name);
		jw_raw(&w, slice_text(device_config_schema.fields[i].example));
	}
	jw_close(&w, '}');
	return read_text(buf_bytes(&b), a, ret_config);
}

static size_t value_bytes(enum field_type type)
{
	switch (type) {
	case FIELD_STR:
		return sizeof(struct slice);
	case FIELD_ENUM:
		return sizeof(int);
	case FIELD_BOOL:
		return sizeof(bool);
	default:
		return sizeof(int64_t);
	}
}

err device_config_read(struct slice json, struct arena *a, struct device_config *ret_config)
{
	struct device_config set;

	TRY(read_defaults(a, ret_config));
	if (json.n == 0)
		return OK;
	TRY(read_text(json, a, &set));
	for (size_t i = 0; i < device_config_schema.n; i++) {
		const struct field *f = &device_config_schema.fields[i];

		if (set.set >> i & 1)
			memcpy((uint8_t *)ret_config + f->offset, (const uint8_t *)&set + f->offset, value_bytes(f->type));
	}
	return OK;
}

/* Letters and digits alone, in capitals: both spellings of a name come to the same. */
static bool same_name(struct slice given, const char *name)
{
	size_t at = 0;

	if (slice_is(given, name))
		return true;
	for (size_t i = 0; i < given.n; i++) {
		uint8_t c = given.p[i];

		if (c == '_')
			continue;
		if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) || !name[at] || (name[at] & ~0x20) != (c & ~0x20))
			return false;
		at++;
	}
	return name[at] == 0;
}

const struct field *device_config_property(struct slice name)
{
	for (size_t i = 0; i < device_config_schema.n; i++)
		if (same_name(name, device_config_schema.fields[i].name))
			return &device_config_schema.fields[i];
	return NULL;
}

/* ---- lists ---- */

/* false when a name is none of a method. */
static bool read_methods(struct slice list, unsigned *ret_mask)
{
	bool known = true;

	*ret_mask = 0;
	while (list.n) {
		struct slice name = slice_trim(slice_cut(&list, ','));
		int m = 1;

		while (m < auth_method_count && !slice_is(name, colon_names[m]))
			m++;
		if (m < auth_method_count)
			*ret_mask |= 1u << m;
		known &= m < auth_method_count;
	}
	return known;
}

unsigned device_config_methods(const struct device_config *config)
{
	unsigned mask;

	(void)read_methods(config->allowedAuthMethods, &mask);
	return config->serverSideFaceEnabled ? mask : mask & ~(1u << auth_method_DEVICE_SERVER_SIDE_FACE);
}

unsigned device_config_authorising(const struct device_config *config)
{
	unsigned mask;

	(void)read_methods(config->allowedAuthMethodsForAuthAndActivate, &mask);
	return mask & device_config_methods(config);
}

bool device_config_blocks(const struct device_config *config, enum device_os os, struct slice sdk)
{
	struct slice rest = os == device_os_iOS ? config->encapApiBlacklistIos :
			    os == device_os_Android ? config->encapApiBlacklistAndroid : S("");

	while (rest.n)
		if (slice_eq(slice_trim(slice_cut(&rest, ',')), sdk))
			return true;
	return false;
}

enum policy_mode geo_mode_policy(enum geo_mode mode)
{
	return mode == geo_mode_REQUIRED ? policy_mode_REQUIRED : mode == geo_mode_OPTIONAL ? policy_mode_OPTIONAL : policy_mode_OFF;
}

/* ---- rules over several properties ---- */

#define FAULT(bad, property, ...) invalid_add(bad, S(#property), __VA_ARGS__)

static void check_versions(struct slice list, struct slice name, struct invalids *bad)
{
	uint64_t version[3];

	while (list.n)
		if (!version_read(slice_trim(slice_cut(&list, ',')), version)) {
			invalid_add(bad, name, "must be a comma-separated list of semantic versions");
			return;
		}
}

static void check_methods(const struct device_config *c, struct invalids *bad)
{
	unsigned allowed, authorising;

	if (!read_methods(c->allowedAuthMethods, &allowed))
		FAULT(bad, allowedAuthMethods, "names a method that does not exist");
	if (!(allowed >> auth_method_DEVICE & 1))
		FAULT(bad, allowedAuthMethods, "must contain DEVICE");
	if (!read_methods(c->allowedAuthMethodsForAuthAndActivate, &authorising))
		FAULT(bad, allowedAuthMethodsForAuthAndActivate, "names a method that does not exist");
	if (authorising & ~allowed)
		FAULT(bad, allowedAuthMethodsForAuthAndActivate, "must be among allowedAuthMethods");
}

static void check_lengths(const struct device_config *c, struct invalids *bad)
{
	if (c->pinCodeLengthMin > c->pinCodeLengthMax)
		FAULT(bad, pinCodeLengthMin, "must not be greater than pinCodeLengthMax");
	if (c->recoveryCodeMinLength > c->recoveryCodeMaxLength)
		FAULT(bad, recoveryCodeMinLength, "must not be greater than recoveryCodeMaxLength");
}

static bool is_decryption_key(struct slice text, struct arena *a)
{
	struct slice bytes;

	return !failed(b64_read(a, text, &bytes)) && bytes.n == PLAY_INTEGRITY_KEY_BYTES;
}

static bool is_verification_key(struct slice text, struct arena *a)
{
	struct sign_key *key;
	struct slice der;
	bool good;

	if (failed(b64_read(a, text, &der)) || failed(sign_key_from_public(der, &key)))
		return false;
	good = sign_key_alg(key) == SIGN_ES256;
	sign_key_free(key);
	return good;
}

/* Mandatory once the mode is on; what is given has to be of use in any case. */
static void check_attestation(const struct device_config *c, struct invalids *bad)
{
	bool play = c->attestationAndroidPlayIntegrityMode != policy_mode_OFF;
	struct slice decryption = c->attestationAndroidPlayIntegrityDecryptionKey;
	struct slice verification = c->attestationAndroidPlayIntegrityVerificationKey;

	if (play && !decryption.n)
		FAULT(bad, attestationAndroidPlayIntegrityDecryptionKey, "is needed for this attestationAndroidPlayIntegrityMode");
	if (play && !verification.n)
		FAULT(bad, attestationAndroidPlayIntegrityVerificationKey, "is needed for this attestationAndroidPlayIntegrityMode");
	if (play && !c->attestationAndroidPlayIntegrityPackageName.n)
		FAULT(bad, attestationAndroidPlayIntegrityPackageName, "is needed for this attestationAndroidPlayIntegrityMode");
	if (decryption.n && !is_decryption_key(decryption, bad->arena))
		FAULT(bad, attestationAndroidPlayIntegrityDecryptionKey, "must be 32 bytes in base64");
	if (verification.n && !is_verification_key(verification, bad->arena))
		FAULT(bad, attestationAndroidPlayIntegrityVerificationKey, "must be a P-256 SubjectPublicKeyInfo in base64");
	if (c->attestationIosAppAttestMode != policy_mode_OFF && !c->attestationIosAppAttestAppId.n)
		FAULT(bad, attestationIosAppAttestAppId, "is needed for this attestationIosAppAttestMode");
}

static void check_faces(const struct device_config *c, struct invalids *bad)
{
	if (c->serverSideFaceEnabled && c->faceProvider == face_provider_NONE)
		FAULT(bad, faceProvider, "is needed for serverSideFaceEnabled");
	if (c->faceProvider == face_provider_HTTP && !c->faceProviderUrl.n)
		FAULT(bad, faceProviderUrl, "is needed for this faceProvider");
}

void device_config_check(const struct device_config *c, struct invalids *bad)
{
	check_faces(c, bad);
	check_methods(c, bad);
	check_lengths(c, bad);
	check_attestation(c, bad);
	check_versions(c->encapApiBlacklistAndroid, S("encapApiBlacklistAndroid"), bad);
	check_versions(c->encapApiBlacklistIos, S("encapApiBlacklistIos"), bad);
	if (!risk_attributes_fit(c->riskAttributes))
		FAULT(bad, riskAttributes, "must be a comma-separated list of risk attributes");
	if (!geo_continents_fit(c->geofencingAllowedContinents))
		FAULT(bad, geofencingAllowedContinents, "must be a comma-separated list of AF, AN, AS, EU, NA, OC and SA");
	if (!geo_countries_fit(c->geofencingAllowedCountries))
		FAULT(bad, geofencingAllowedCountries, "must be a comma-separated list of codes of two letters");
	if (!geo_countries_fit(c->geofencingDeniedCountries))
		FAULT(bad, geofencingDeniedCountries, "must be a comma-separated list of codes of two letters");
}

static bool one_platform_is_free(const struct device_config *c)
{
	return (c->attestationIosAppAttestMode == policy_mode_REQUIRED) != (c->attestationAndroidPlayIntegrityMode == policy_mode_REQUIRED);
}

struct list device_config_warnings(const struct device_config *c, struct arena *a)
{
	const struct {
		bool unwise;
		const char *why;
	} rows[] = {
		{ c->amountFailuresAllowed > 5, "amountFailuresAllowed is greater than 5, which is as many as PSD2 allows (RTS, article 4(3)(b))" },
		{ one_platform_is_free(c), "attestation is REQUIRED on one platform alone: what calls itself an app of the other one needs none" },
		{ c->intermediatePushMode != policy_mode_OFF && !c->pushEnabled, "intermediatePushMode has no effect without pushEnabled" },
	};
	struct slice *list = arena_array(a, struct slice, sizeof(rows) / sizeof(rows[0]));
	size_t n = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].unwise)
			list[n++] = slice_text(rows[i].why);
	return (struct list){ n ? list : NULL, n };
}
