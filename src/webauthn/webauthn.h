/*
 * WebAuthn Level 3, the relying party's verification: registrations (7.1) and authentications (7.2). Pure functions of what the
 * browser sent, what the ceremony was started with and what is on record. Nothing is looked up and nothing is kept.
 *
 * Every refusal is E_SIGNATURE and names its reason in `ret_fault`. What a result points into is the input or the arena.
 */
#ifndef WEBAUTHN_WEBAUTHN_H
#define WEBAUTHN_WEBAUTHN_H

#include "base/uuid.h"
#include "crypto/public_key.h"

enum webauthn_fault {
	WEBAUTHN_OK,
#define WEBAUTHN_FAULT(name, section, text) WEBAUTHN_##name,
#include "webauthn/faults.def"
#undef WEBAUTHN_FAULT
	WEBAUTHN_FAULTS
};

const char *webauthn_fault_name(enum webauthn_fault fault); /* "ORIGIN"; "" for WEBAUTHN_OK */
const char *webauthn_fault_text(enum webauthn_fault fault); /* a sentence */

enum {
	WEBAUTHN_CREDENTIAL_ID_BYTES_MAX = 1023, /* 7.1 step 25 */
	WEBAUTHN_USER_HANDLE_BYTES_MAX = 64, /* 5.4.3 */
	WEBAUTHN_ATTESTATION_BYTES_MAX = 64 * 1024, /* eight certificates and some */
	WEBAUTHN_CLIENT_DATA_BYTES_MAX = 8 * 1024,
	WEBAUTHN_CHAIN_MAX = 8,
};

/* The algorithms that are offered, in the order of preference. */
extern const enum public_alg webauthn_algorithms[];
extern const size_t webauthn_algorithm_count;

/* What the ceremony was started with. */
struct webauthn_ceremony {
	struct slice challenge; /* as bytes */
	struct slice rp_id;
	const struct slice *origins; /* allowed; of web pages and apps */
	size_t origin_count;
	const struct slice *top_origins; /* of pages that may embed ours; none: it must not be embedded */
	size_t top_origin_count;
	bool user_verification; /* required */
};

struct metadata;

/* Which authenticators are welcome; all zero: all, and their attestation has only to be right in itself. */
struct webauthn_policy {
	const struct slice *roots; /* DER: the attestation has to lead to one of them, or to one that the metadata name */
	size_t root_count;
	bool trusted_only;         /* also when there are no roots but metadata */
	const struct uuid *aaguids; /* only these */
	size_t aaguid_count;
	const struct metadata *metadata; /* may be NULL */
	int64_t now;               /* for the dates of certificates */
	/* Rules that published vectors break; never off outside of tests. */
	struct webauthn_leniency {
		bool u2f_aaguid, tpm_vendor, android_lists;
	} lenient;
};

/* ---- registration (7.1) ---- */

struct webauthn_attested {
	struct slice id;         /* of the credential; empty: not told apart */
	struct slice client_data; /* JSON */
	struct slice object;     /* CBOR */
};

enum webauthn_format { FORMAT_NONE, FORMAT_PACKED, FORMAT_FIDO_U2F, FORMAT_TPM, FORMAT_ANDROID_KEY, FORMAT_APPLE, WEBAUTHN_FORMATS };

struct webauthn_credential {
	struct slice id;         /* credential id */
	struct slice cose_key;   /* as it came */
	struct public_key key;
	struct uuid aaguid;
	int64_t sign_count;
	bool user_verified, backup_eligible, backed_up;
	enum webauthn_format format;
	bool trusted;            /* its attestation leads to a trusted root */
};

err webauthn_register(const struct webauthn_ceremony *ceremony, const struct webauthn_policy *policy, const struct webauthn_attested *sent,
	struct arena *a, struct webauthn_credential *ret_credential, enum webauthn_fault *ret_fault);

/* ---- authentication (7.2) ---- */

struct webauthn_assertion {
	struct slice client_data, authenticator_data, signature;
	struct slice user_handle;
};

/* What is on record of the credential that the browser named. */
struct webauthn_known {
	struct slice cose_key;
	struct slice user_handle;
	int64_t sign_count;
	bool backup_eligible;
};

struct webauthn_proof {
	int64_t sign_count;
	bool user_verified, backed_up;
};

err webauthn_authenticate(const struct webauthn_ceremony *ceremony, const struct webauthn_known *known,
	const struct webauthn_assertion *sent, struct arena *a, struct webauthn_proof *ret_proof, enum webauthn_fault *ret_fault);

/* A COSE key of one of our algorithms (RFC 9052, section 7): E_SIGNATURE with ALGORITHM or KEY. */
err webauthn_key_read(struct slice cose, struct arena *a, struct public_key *ret_key, enum webauthn_fault *ret_fault);

/* ---- FIDO Metadata Service, version 3 (webauthn/metadata.c) ---- */

/*
 * The blob, a JWS whose certificates lead to `root` (DER) at that time. E_SIGNATURE when they do not, or the signature is wrong;
 * E_PARSE for what is no such blob. Lives until it is freed; immutable, any thread.
 */
err metadata_read(struct slice blob, struct slice root, int64_t now, struct metadata **ret_metadata);
void metadata_free(struct metadata *m);
size_t metadata_count(const struct metadata *m);

#endif
