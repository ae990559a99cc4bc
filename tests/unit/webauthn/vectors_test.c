/* WebAuthn Level 3, section 16: what passes, what is refused and why, and that no byte can be another one. */
#include "tests/unit/webauthn/samples.h"

static int setup(void **state)
{
	*state = samples_load();
	return 0;
}

static int teardown(void **state)
{
	samples_free(*state);
	return 0;
}

static bool offered(const struct sample *sample)
{
	return strcmp(sample->id, "packed-es512") != 0 && strcmp(sample->id, "packed-ed448") != 0;
}

static void each_passes_under_its_policy(void **state)
{
	struct samples *s = *state;
	size_t passed = 0;

	for (size_t i = 0; i < sample_count(s); i++) {
		struct sample sample = sample_at(s, i);
		struct webauthn_policy policy = sample_policy(&sample);
		struct webauthn_credential credential;
		enum webauthn_fault fault = sample_register(s, &sample, &policy, &credential);

		if (!offered(&sample)) {
			assert_int_equal(fault, WEBAUTHN_ALGORITHM);
			continue;
		}
		if (fault)
			fail_msg("%s: %s", sample.id, webauthn_fault_name(fault));
		assert_slice_equal(credential.id, sample.made.id);
		fault = sample_authenticate(s, &sample, &credential);
		if (fault)
			fail_msg("%s, authentication: %s", sample.id, webauthn_fault_name(fault));
		passed++;
	}
	assert_int_equal(passed, 13);
}

static void three_want_a_policy_of_their_own(void **state)
{
	static const struct { const char *id; enum webauthn_fault fault; } rows[] = {
		{ "fido-u2f-es256", WEBAUTHN_ATTESTATION_AAGUID },
		{ "tpm-es256", WEBAUTHN_ATTESTATION_CERTIFICATE },
		{ "android-key-es256", WEBAUTHN_ATTESTATION_ANDROID },
	};
	const struct webauthn_policy usual = { .now = SAMPLES_NOW_MS };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sample sample = sample_named(*state, rows[i].id);

		assert_int_equal(sample_register(*state, &sample, &usual, NULL), rows[i].fault);
	}
}

static void all_with_certificates_lead_to_the_root(void **state)
{
	struct samples *s = *state;
	size_t trusted = 0, refused = 0;

	for (size_t i = 0; i < sample_count(s); i++) {
		struct sample sample = sample_at(s, i);
		struct webauthn_policy policy = sample_policy(&sample);
		struct webauthn_credential credential;
		enum webauthn_fault fault;

		if (!offered(&sample))
			continue;
		policy.roots = &s->root;
		policy.root_count = 1;
		fault = sample_register(s, &sample, &policy, &credential);
		if (!fault)
			assert_true(credential.trusted);
		else
			assert_int_equal(fault, WEBAUTHN_TRUST);
		trusted += !fault;
		refused += fault != 0;
	}
	assert_int_equal(trusted, 8);  /* packed with a certificate four times, tpm, android-key, apple, fido-u2f */
	assert_int_equal(refused, 5);  /* none four times, self */
}

static void of_other_roots_nothing_is_trusted(void **state)
{
	struct samples *s = *state;
	struct sample sample = sample_named(s, "packed-es256"), other = sample_named(s, "packed-eddsa");
	struct webauthn_policy policy = sample_policy(&sample);
	const uint8_t *cert = memmem(other.made.object.p, other.made.object.n, "x5c", 3);
	size_t skip = (size_t)(cert - other.made.object.p) + 4;
	struct slice wrong;

	/* 0x59 and two bytes of length stand in front of the certificate. */
	wrong = slice_of(other.made.object.p + skip + 3, (size_t)(other.made.object.p[skip + 1] << 8 | other.made.object.p[skip + 2]));
	policy.roots = &wrong;
	policy.root_count = 1;
	assert_int_equal(sample_register(s, &sample, &policy, NULL), WEBAUTHN_TRUST);
	policy.root_count = 0;
	policy.trusted_only = true;
	assert_int_equal(sample_register(s, &sample, &policy, NULL), WEBAUTHN_TRUST);
	policy.roots = &s->root;
	policy.root_count = 1;
	policy.now = INT64_C(946684800000); /* the year 2000: not valid yet */
	assert_int_equal(sample_register(s, &sample, &policy, NULL), WEBAUTHN_TRUST);
}

static void only_allowed_kinds_of_authenticators(void **state)
{
	struct samples *s = *state;
	struct sample sample = sample_named(s, "packed-es256");
	struct webauthn_policy policy = sample_policy(&sample);
	struct webauthn_credential credential;
	struct uuid allowed[2] = { { { 1 } } };

	assert_int_equal(sample_register(s, &sample, &policy, &credential), WEBAUTHN_OK);
	policy.aaguids = allowed;
	policy.aaguid_count = 1;
	assert_int_equal(sample_register(s, &sample, &policy, NULL), WEBAUTHN_AUTHENTICATOR);
	allowed[1] = credential.aaguid;
	policy.aaguid_count = 2;
	assert_int_equal(sample_register(s, &sample, &policy, NULL), WEBAUTHN_OK);
}

/* U2F signs neither flags nor counter nor, where one is let through at all, the AAGUID (8.6). */
static bool unprotected(const struct sample *sample, size_t i)
{
	const uint8_t *data = memmem(sample->made.object.p, sample->made.object.n, "authData", 8);
	size_t flags = (size_t)(data - sample->made.object.p) + 8 + 2 + 32;

	return strcmp(sample->id, "fido-u2f-es256") == 0 && i >= flags && i < flags + 1 + 4 + 16;
}

/* What is signed or compared cannot be altered; of formats without a signature that is everything but what nothing protects. */
static void no_altered_byte_of_an_attestation(void **state)
{
	static const char *const ids[] = { "packed-self-es256", "packed-es256", "tpm-es256", "android-key-es256", "apple-es256", "fido-u2f-es256" };
	struct samples *s = *state;

	for (size_t k = 0; k < COUNT(ids); k++) {
		struct sample sample = sample_named(s, ids[k]), altered = sample;
		struct webauthn_policy policy = sample_policy(&sample);
		uint8_t *bytes = (uint8_t *)(uintptr_t)arena_copy(&s->arena, sample.made.object).p;

		policy.roots = &s->root; /* a certificate may not be altered either */
		policy.root_count = strcmp(ids[k], "packed-self-es256") != 0;
		altered.made.object = slice_of(bytes, sample.made.object.n);
		for (size_t i = 0; i < sample.made.object.n; i++) {
			bytes[i] ^= 1;
			if (sample_register(s, &altered, &policy, NULL) == WEBAUTHN_OK && !unprotected(&sample, i))
				fail_msg("%s: byte %zu of %zu", ids[k], i, sample.made.object.n);
			bytes[i] ^= 1;
		}
	}
}

static void no_altered_byte_of_an_assertion(void **state)
{
	struct samples *s = *state;

	for (size_t k = 0; k < sample_count(s); k++) {
		struct sample sample = sample_at(s, k);
		struct webauthn_policy policy = sample_policy(&sample);
		struct slice *parts[] = { &sample.got.client_data, &sample.got.authenticator_data, &sample.got.signature };
		struct webauthn_credential credential;

		if (!offered(&sample))
			continue;
		assert_int_equal(sample_register(s, &sample, &policy, &credential), WEBAUTHN_OK);
		for (size_t part = 0; part < COUNT(parts); part++) {
			uint8_t *bytes = (uint8_t *)(uintptr_t)arena_copy(&s->arena, *parts[part]).p;

			parts[part]->p = bytes;
			for (size_t i = 0; i < parts[part]->n; i++) {
				bytes[i] ^= 1;
				if (sample_authenticate(s, &sample, &credential) == WEBAUTHN_OK)
					fail_msg("%s: byte %zu of part %zu", sample.id, i, part);
				bytes[i] ^= 1;
			}
		}
	}
}

static void no_cut_off_end(void **state)
{
	struct samples *s = *state;
	struct sample sample = sample_named(s, "none-es256"), shorter = sample;
	struct webauthn_policy policy = sample_policy(&sample);

	for (size_t n = 0; n < sample.made.object.n; n++) {
		struct slice box = boxed(slice_of(sample.made.object.p, n));

		shorter.made.object = box;
		assert_int_not_equal(sample_register(s, &shorter, &policy, NULL), WEBAUTHN_OK);
		unbox(box);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_passes_under_its_policy),
		cmocka_unit_test(three_want_a_policy_of_their_own),
		cmocka_unit_test(all_with_certificates_lead_to_the_root),
		cmocka_unit_test(of_other_roots_nothing_is_trusted),
		cmocka_unit_test(only_allowed_kinds_of_authenticators),
		cmocka_unit_test(no_altered_byte_of_an_attestation),
		cmocka_unit_test(no_altered_byte_of_an_assertion),
		cmocka_unit_test(no_cut_off_end),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
