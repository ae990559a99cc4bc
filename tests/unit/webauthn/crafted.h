/* Registrations with attestations of our own making, spoiled in one thing: for what the published vectors do not have. */
#ifndef TEST_UNIT_WEBAUTHN_CRAFTED_H
#define TEST_UNIT_WEBAUTHN_CRAFTED_H

#include "tests/unit/common/test.h"
#include "webauthn/webauthn.h"

enum spoil {
	NOTHING,
	/* the certificate */
	VERSION_1, IS_CA, NO_COUNTRY, TWO_COUNTRIES, NO_ORGANISATION, OTHER_UNIT, TWO_UNITS, NO_NAME, OTHER_AAGUID, AAGUID_NO_OCTETS,
	P384_LEAF,
	/* the statement */
	OTHER_SIGNER, EMPTY_CHAIN, CHAIN_NO_BYTES, CHAIN_NO_CERTIFICATE, TWO_CERTIFICATES, NINE_CERTIFICATES, EMPTY_SIGNATURE, OTHER_DATA,
	U2F_AAGUID,
	TPM_SUBJECT, TPM_VENDOR, TPM_NO_MODEL, TPM_NO_VERSION, TPM_NO_USE, TPM_OTHER_KEY, TPM_CURVE, TPM_EXTRA, TPM_NAME, TPM_NAME_ALG,
	TPM_LONG_AREA, TPM_LONG_INFO, TPM_CIPHER,
	ANDROID_OTHER_KEY, ANDROID_CHALLENGE, ANDROID_ALL_SOFTWARE, ANDROID_ALL_HARDWARE, ANDROID_DECRYPTS, ANDROID_TWO_PURPOSES,
	ANDROID_NO_PURPOSE, ANDROID_IMPORTED, ANDROID_NO_ORIGIN, ANDROID_NO_DESCRIPTION,
	APPLE_OTHER_KEY, APPLE_NONCE, APPLE_NO_NONCE, APPLE_NONCE_TAG,
};

#define CRAFTED_RP_ID S("example.org")
#define CRAFTED_ORIGIN S("https://example.org")
#define CRAFTED_CHALLENGE S("a challenge of thirty-two bytes.")

struct crafted {
	struct arena arena;
	struct webauthn_attested sent;
	struct slice leaf; /* DER */
};

/* `format` as in the object; everything lives in the arena until crafted_free. */
void crafted_make(struct crafted *c, const char *format, enum spoil spoil);
void crafted_free(struct crafted *c);

#endif
