#include "attest/play_integrity.h"

#include "codec/json.h"
#include "jose/decrypt.h"
#include "jose/jwt.h"

enum { PAYLOAD_DEPTH_MAX = 8 };

/* ---- the token: a JWS inside a JWE ---- */

err play_integrity_open(const struct play_integrity_policy *policy, struct slice token, struct arena *a, struct slice *ret_opened)
{
	ENSURE(token.n <= PLAY_INTEGRITY_TOKEN_BYTES_MAX, LIMIT);
	return jwe_open(token, policy->decryption_key, a, ret_opened);
}

static err verified_payload(const struct play_integrity_policy *policy, struct slice opened, struct arena *a, json_t **ret_payload)
{
	struct sign_key *key;
	struct slice why;
	struct error e;
	struct jws jws;

	TRY(jws_parse(opened, a, &jws));
	TRY(sign_key_from_public(policy->verification_key, &key));
	e = sign_key_alg(key) == SIGN_ES256 ? jws_check(&jws, key) : FAIL(SIGNATURE);
	sign_key_free(key);
	TRY(e);
	return json_read(jws.payload, JSON_UNIQUE, PAYLOAD_DEPTH_MAX, a, ret_payload, &why);
}

/* ---- what it says ---- */

static const json_t *member(const json_t *payload, const char *part, const char *name)
{
	return json_object_get(json_object_get(payload, part), name);
}

static struct slice text_at(const json_t *payload, const char *part, const char *name)
{
	const json_t *value = member(payload, part, name);

	return json_is_string(value) ? json_text(value) : S("");
}

/* A number, or the same as text. */
static bool in_time(const json_t *payload, const struct play_integrity_expected *expected)
{
	const json_t *value = member(payload, "requestDetails", "timestampMillis");
	int64_t at;

	if (json_is_integer(value))
		at = json_integer_value(value);
	else if (!json_is_string(value) || failed(slice_i64(json_text(value), &at)))
		return false;
	return at >= expected->from_ms && at <= expected->until_ms;
}

static bool right_package(const json_t *payload, struct slice package)
{
	struct slice seen = text_at(payload, "appIntegrity", "packageName");

	return slice_eq(text_at(payload, "requestDetails", "requestPackageName"), package) && (seen.n == 0 || slice_eq(seen, package));
}

static bool meets_device_integrity(const json_t *payload)
{
	const json_t *verdicts = member(payload, "deviceIntegrity", "deviceRecognitionVerdict"), *verdict;
	size_t i;

	json_array_foreach(verdicts, i, verdict)
		if (json_is_string(verdict) && slice_is(json_text(verdict), "MEETS_DEVICE_INTEGRITY"))
			return true;
	return false;
}

static enum play_integrity_status judge(const struct play_integrity_policy *policy, const struct play_integrity_expected *expected,
	const json_t *payload)
{
	if (!json_is_object(payload))
		return play_integrity_status_FAILED_INVALID_JWS;
	if (expected->nonce.n == 0 || !slice_eq(text_at(payload, "requestDetails", "nonce"), expected->nonce))
		return play_integrity_status_FAILED_INCORRECT_NONCE;
	if (!in_time(payload, expected))
		return play_integrity_status_FAILED_INVALID_TIMESTAMP;
	if (!right_package(payload, policy->package))
		return play_integrity_status_FAILED_INCORRECT_PACKAGE_NAME;
	if (!slice_is(text_at(payload, "appIntegrity", "appRecognitionVerdict"), "PLAY_RECOGNIZED"))
		return play_integrity_status_FAILED_UNRECOGNIZED_PLAY_APP;
	if (!slice_is(text_at(payload, "accountDetails", "appLicensingVerdict"), "LICENSED"))
		return play_integrity_status_FAILED_UNLICENSED_PLAY_APP;
	return meets_device_integrity(payload) ? play_integrity_status_VERIFIED : play_integrity_status_FAILED_INTEGRITY_CHECK;
}

enum play_integrity_status play_integrity_verify_opened(const struct play_integrity_policy *policy,
	const struct play_integrity_expected *expected, struct slice opened, struct arena *a)
{
	enum play_integrity_status status;
	json_t *payload;

	if (failed(verified_payload(policy, opened, a, &payload)))
		return play_integrity_status_FAILED_INVALID_JWS;
	status = judge(policy, expected, payload);
	json_decref(payload);
	return status;
}

enum play_integrity_status play_integrity_verify(const struct play_integrity_policy *policy,
	const struct play_integrity_expected *expected, struct slice token, struct arena *a)
{
	struct slice opened;

	if (token.n == 0)
		return play_integrity_status_FAILED_MISSING_JWS;
	if (failed(play_integrity_open(policy, token, a, &opened)))
		return play_integrity_status_FAILED_INVALID_JWS;
	return play_integrity_verify_opened(policy, expected, opened, a);
}
