#include "proofing/oidc.h"

static bool is_time(const json_t *claims, const char *name)
{
	const json_t *value = json_object_get(claims, name);

	return json_is_number(value) && json_number_value(value) > 0 && json_number_value(value) < 1e12;
}

static double seconds(const json_t *claims, const char *name)
{
	return json_number_value(json_object_get(claims, name));
}

/* Alone, or among others when azp says that it was issued to us; an azp that names another is a fault in either case. */
static bool audience_is(const json_t *claims, struct slice client)
{
	const json_t *aud = json_object_get(claims, "aud"), *azp = json_object_get(claims, "azp"), *one;
	bool among = json_is_string(aud) && slice_eq(json_text(aud), client);
	size_t i;

	json_array_foreach(aud, i, one)
		among |= json_is_string(one) && slice_eq(json_text(one), client);
	if (json_array_size(aud) > 1 && !azp)
		return false;
	return among && (!azp || (json_is_string(azp) && slice_eq(json_text(azp), client)));
}

const char *token_fault(const json_t *claims, struct slice issuer, struct slice audience, int64_t now_ms)
{
	double now = (double)(now_ms / 1000);

	if (!issuer.n || !slice_eq(json_member(claims, "iss"), issuer))
		return "id_token_issuer";
	if (!audience.n || !audience_is(claims, audience))
		return "id_token_audience";
	if (!is_time(claims, "exp") || seconds(claims, "exp") + CLOCK_SKEW_S <= now)
		return "id_token_expired";
	if (!is_time(claims, "iat") || seconds(claims, "iat") - CLOCK_SKEW_S > now)
		return "id_token_not_yet";
	if (json_object_get(claims, "nbf") && (!is_time(claims, "nbf") || seconds(claims, "nbf") - CLOCK_SKEW_S > now))
		return "id_token_not_yet";
	return NULL;
}

const char *id_token_fault(const json_t *claims, const struct id_token_rules *rules)
{
	const char *fault = token_fault(claims, rules->issuer, rules->client, rules->now_ms);

	if (fault)
		return fault;
	if (!rules->nonce.n || !slice_eq_secret(json_member(claims, "nonce"), rules->nonce))
		return "id_token_nonce";
	return json_member(claims, "sub").n ? NULL : "id_token_subject";
}

bool acr_suffices(const json_t *wanted, const json_t *claims)
{
	struct slice acr = json_member(claims, "acr");
	json_t *one;
	size_t i;

	if (json_is_string(wanted))
		return slice_eq(json_text(wanted), acr);
	json_array_foreach(wanted, i, one)
		if (json_is_string(one) && slice_eq(json_text(one), acr))
			return true;
	return !wanted;
}
