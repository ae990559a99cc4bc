/*
 * Attestations of our own making, each wrong in one thing that the published vectors cannot be spoiled in, because it is signed: each
 * refused for that reason. The groups are those of the FIDO Alliance's conformance tool, as in negative_test.c.
 */
#include "tests/unit/webauthn/crafted.h"

#include <time.h>

struct wrong {
	const char *group, *what, *format;
	enum spoil spoil;
	enum webauthn_fault fault;
};

#define PACKED "packed"
#define U2F "fido-u2f"
#define TPM "tpm"
#define ANDROID "android-key"
#define APPLE "apple"

static const struct wrong wrongs[] = {
	{ "Attestation-5", "certificate of version 1", PACKED, VERSION_1, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-5", "certificate of an authority", PACKED, IS_CA, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-5", "no country", PACKED, NO_COUNTRY, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-5", "two countries", PACKED, TWO_COUNTRIES, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-5", "no organisation", PACKED, NO_ORGANISATION, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-5", "another unit", PACKED, OTHER_UNIT, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-5", "two units", PACKED, TWO_UNITS, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-5", "no common name", PACKED, NO_NAME, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-5", "certificate of another kind of authenticator", PACKED, OTHER_AAGUID, WEBAUTHN_ATTESTATION_AAGUID },
	{ "Attestation-5", "extension of the kind is no byte string", PACKED, AAGUID_NO_OCTETS, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-5", "certificate of another algorithm", PACKED, P384_LEAF, WEBAUTHN_ATTESTATION_SIGNATURE },
	{ "Attestation-5", "signed by somebody else", PACKED, OTHER_SIGNER, WEBAUTHN_ATTESTATION_SIGNATURE },
	{ "Attestation-5", "signed something else", PACKED, OTHER_DATA, WEBAUTHN_ATTESTATION_SIGNATURE },
	{ "Attestation-5", "signature is empty", PACKED, EMPTY_SIGNATURE, WEBAUTHN_STATEMENT },
	{ "Attestation-5", "no certificate in the chain", PACKED, EMPTY_CHAIN, WEBAUTHN_STATEMENT },
	{ "Attestation-5", "chain of text", PACKED, CHAIN_NO_BYTES, WEBAUTHN_STATEMENT },
	{ "Attestation-5", "chain too long", PACKED, NINE_CERTIFICATES, WEBAUTHN_STATEMENT },
	{ "Attestation-5", "certificate cannot be read", PACKED, CHAIN_NO_CERTIFICATE, WEBAUTHN_ATTESTATION_CERTIFICATE },

	{ "Attestation-8", "kind of authenticator is named", U2F, U2F_AAGUID, WEBAUTHN_ATTESTATION_AAGUID },
	{ "Attestation-8", "two certificates", U2F, TWO_CERTIFICATES, WEBAUTHN_STATEMENT },
	{ "Attestation-8", "no certificate in the chain", U2F, EMPTY_CHAIN, WEBAUTHN_STATEMENT },
	{ "Attestation-8", "certificate of another curve", U2F, P384_LEAF, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-8", "signed by somebody else", U2F, OTHER_SIGNER, WEBAUTHN_ATTESTATION_SIGNATURE },
	{ "Attestation-8", "signed something else", U2F, OTHER_DATA, WEBAUTHN_ATTESTATION_SIGNATURE },

	{ "Attestation-9", "certificate of version 1", TPM, VERSION_1, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-9", "certificate of an authority", TPM, IS_CA, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-9", "certificate with a subject", TPM, TPM_SUBJECT, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-9", "vendor is not in the registry", TPM, TPM_VENDOR, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-9", "no model", TPM, TPM_NO_MODEL, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-9", "no version", TPM, TPM_NO_VERSION, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-9", "certificate not for attesting", TPM, TPM_NO_USE, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-9", "certificate of another kind of authenticator", TPM, OTHER_AAGUID, WEBAUTHN_ATTESTATION_AAGUID },
	{ "Attestation-9", "pubArea of another key", TPM, TPM_OTHER_KEY, WEBAUTHN_ATTESTATION_KEY },
	{ "Attestation-9", "pubArea of another curve", TPM, TPM_CURVE, WEBAUTHN_ATTESTATION_KEY },
	{ "Attestation-9", "pubArea with more behind it", TPM, TPM_LONG_AREA, WEBAUTHN_STATEMENT },
	{ "Attestation-9", "pubArea of a key that encrypts", TPM, TPM_CIPHER, WEBAUTHN_STATEMENT },
	{ "Attestation-9", "extraData of another ceremony", TPM, TPM_EXTRA, WEBAUTHN_ATTESTATION_CHALLENGE },
	{ "Attestation-9", "certifies another key", TPM, TPM_NAME, WEBAUTHN_ATTESTATION_TPM },
	{ "Attestation-9", "name by another digest", TPM, TPM_NAME_ALG, WEBAUTHN_ATTESTATION_TPM },
	{ "Attestation-9", "certInfo with more behind it", TPM, TPM_LONG_INFO, WEBAUTHN_STATEMENT },
	{ "Attestation-9", "signed by somebody else", TPM, OTHER_SIGNER, WEBAUTHN_ATTESTATION_SIGNATURE },
	{ "Attestation-9", "no certificate in the chain", TPM, EMPTY_CHAIN, WEBAUTHN_STATEMENT },

	{ "Attestation-A", "certificate of another key", ANDROID, ANDROID_OTHER_KEY, WEBAUTHN_ATTESTATION_KEY },
	{ "Attestation-A", "challenge of another ceremony", ANDROID, ANDROID_CHALLENGE, WEBAUTHN_ATTESTATION_CHALLENGE },
	{ "Attestation-A", "for all applications, says the software", ANDROID, ANDROID_ALL_SOFTWARE, WEBAUTHN_ATTESTATION_ANDROID },
	{ "Attestation-A", "for all applications, says the hardware", ANDROID, ANDROID_ALL_HARDWARE, WEBAUTHN_ATTESTATION_ANDROID },
	{ "Attestation-A", "a key that decrypts", ANDROID, ANDROID_DECRYPTS, WEBAUTHN_ATTESTATION_ANDROID },
	{ "Attestation-A", "a key that signs and more", ANDROID, ANDROID_TWO_PURPOSES, WEBAUTHN_ATTESTATION_ANDROID },
	{ "Attestation-A", "no purpose", ANDROID, ANDROID_NO_PURPOSE, WEBAUTHN_ATTESTATION_ANDROID },
	{ "Attestation-A", "a key that was imported", ANDROID, ANDROID_IMPORTED, WEBAUTHN_ATTESTATION_ANDROID },
	{ "Attestation-A", "no origin", ANDROID, ANDROID_NO_ORIGIN, WEBAUTHN_ATTESTATION_ANDROID },
	{ "Attestation-A", "no description of the key", ANDROID, ANDROID_NO_DESCRIPTION, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-A", "signed by somebody else", ANDROID, OTHER_SIGNER, WEBAUTHN_ATTESTATION_SIGNATURE },
	{ "Attestation-A", "signed something else", ANDROID, OTHER_DATA, WEBAUTHN_ATTESTATION_SIGNATURE },

	{ "Attestation-B", "certificate of another key", APPLE, APPLE_OTHER_KEY, WEBAUTHN_ATTESTATION_KEY },
	{ "Attestation-B", "nonce of another ceremony", APPLE, APPLE_NONCE, WEBAUTHN_ATTESTATION_CHALLENGE },
	{ "Attestation-B", "no nonce", APPLE, APPLE_NO_NONCE, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-B", "nonce under another tag", APPLE, APPLE_NONCE_TAG, WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-B", "no certificate in the chain", APPLE, EMPTY_CHAIN, WEBAUTHN_STATEMENT },
};

/* `roots`: NULL, or one that has to be led to. */
static enum webauthn_fault outcome(const char *format, enum spoil spoil, bool rooted)
{
	struct slice origin = CRAFTED_ORIGIN;
	struct webauthn_ceremony ceremony = {
		.challenge = CRAFTED_CHALLENGE, .rp_id = CRAFTED_RP_ID, .origins = &origin, .origin_count = 1,
	};
	struct webauthn_policy policy = { .now = (int64_t)time(NULL) * 1000 };
	struct webauthn_credential credential;
	enum webauthn_fault fault;
	struct crafted c;
	struct error e;

	crafted_make(&c, format, spoil);
	if (rooted) {
		policy.roots = &c.leaf;
		policy.root_count = 1;
		policy.trusted_only = true;
	}
	e = webauthn_register(&ceremony, &policy, &c.sent, &c.arena, &credential, &fault);
	assert_int_equal(failed(e), fault != WEBAUTHN_OK);
	if (!fault)
		assert_int_equal(credential.trusted, rooted);
	crafted_free(&c);
	return fault;
}

/* Else what is refused below might be refused for something else. */
static void each_format_passes_as_it_is(void **state)
{
	static const char *const formats[] = { PACKED, U2F, TPM, ANDROID, APPLE };

	(void)state;
	for (size_t i = 0; i < COUNT(formats); i++) {
		enum webauthn_fault fault = outcome(formats[i], NOTHING, false);

		if (fault)
			fail_msg("%s: %s", formats[i], webauthn_fault_name(fault));
		assert_int_equal(outcome(formats[i], NOTHING, true), WEBAUTHN_OK);
	}
}

static void each_wrong_thing_for_its_reason(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(wrongs); i++) {
		const struct wrong *w = &wrongs[i];
		enum webauthn_fault fault = outcome(w->format, w->spoil, false);

		if (fault != w->fault)
			fail_msg("%s: %s, %s: %s in place of %s", w->group, w->format, w->what, webauthn_fault_name(fault), webauthn_fault_name(w->fault));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_format_passes_as_it_is),
		cmocka_unit_test(each_wrong_thing_for_its_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
