#include "attest/evidence.h"

#include "attest/play_integrity.h"
#include "codec/encode.h"

enum { EVIDENCE_BYTES_MAX = 256 * 1024 };

SCHEMA(attest_evidence, ATTEST_EVIDENCE, "What proves an attestation that was verified");

void attest_binding(const uint8_t th_start[static SHA256_BYTES], const uint8_t *dk, const uint8_t *hk, uint8_t out[static SHA256_BYTES])
{
	static const uint8_t zeros[P256_POINT_BYTES];

	sha256_parts(PARTS(S("rid-device/v1 attest\0"), slice_of(th_start, SHA256_BYTES), slice_of(dk, P256_POINT_BYTES),
			     slice_of(hk ? hk : zeros, P256_POINT_BYTES)),
		out);
}

struct slice attest_evidence_write(const struct attest_evidence *evidence, struct arena *a)
{
	struct buf b = buf_arena(a, EVIDENCE_BYTES_MAX);

	schema_write(&attest_evidence_schema, evidence, &b);
	return buf_bytes(&b);
}

static err app_attest(const struct attest_evidence *e, const uint8_t *binding, struct slice root, struct arena *a)
{
	const struct app_attest_policy policy = {
		.root = root.n ? root : app_attest_apple_root(a),
		.app_id = e->appId,
		.place = e->development ? APP_ATTEST_DEVELOPMENT : APP_ATTEST_PRODUCTION,
	};
	struct slice key;
	uint32_t counter;

	if (slice_is(e->kind, ATTEST_ATTESTATION))
		return app_attest_attestation(&policy, e->keyId, e->object, binding, e->at, a, &key);
	ENSURE(e->counter >= 0 && e->counter <= UINT32_MAX, PARSE);
	return app_attest_assertion(&policy, e->key, (uint32_t)e->counter, e->object, binding, a, &counter);
}

static err play_integrity(const struct attest_evidence *e, const uint8_t *binding, struct arena *a)
{
	const struct play_integrity_policy policy = { .verification_key = e->key, .package = e->packageName };
	const struct play_integrity_expected expected = { b64url(a, slice_of(binding, SHA256_BYTES)), e->from, e->until };

	ENSURE(play_integrity_verify_opened(&policy, &expected, e->token, a) == play_integrity_status_VERIFIED, SIGNATURE);
	return OK;
}

err attest_evidence_verify(json_t *evidence, const uint8_t binding[static SHA256_BYTES], struct slice root, struct arena *a)
{
	struct invalids bad = { .arena = a };
	struct attest_evidence e = { 0 };

	schema_read(&attest_evidence_schema, evidence, a, &bad, &e);
	ENSURE(bad.n == 0, PARSE);
	if (slice_is(e.kind, ATTEST_PLAY_INTEGRITY))
		return play_integrity(&e, binding, a);
	ENSURE(slice_is(e.kind, ATTEST_ATTESTATION) || slice_is(e.kind, ATTEST_ASSERTION), PARSE);
	return app_attest(&e, binding, root, a);
}
