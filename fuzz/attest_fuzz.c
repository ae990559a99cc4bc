/* What phones send as attestations: CBOR, App Attest objects, push tokens. Nothing may be read that is not there, and none is believed. */
#include <stdlib.h>

#include "attest/app_attest.h"
#include "codec/cbor.h"
#include "push/push.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void demand(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct slice input = slice_of(data, n), public_key;
	struct app_attest_policy policy = { .app_id = S("TEAM.app") };
	struct push_target target;
	uint8_t hash[SHA256_BYTES] = { 0 };
	struct cbor value;
	struct arena a;
	uint32_t counter;

	arena_init(&a);
	policy.root = app_attest_apple_root(&a);
	IGNORE(cbor_read(input, &a, &value)); /* only that it ends well */
	IGNORE(push_target_read(input, n & 1, &a, &target));
	demand(failed(app_attest_attestation(&policy, input, input, hash, 0, &a, &public_key)));
	demand(failed(app_attest_assertion(&policy, policy.root, 0, input, hash, &a, &counter)));
	arena_free(&a);
	return 0;
}
