/* What the files of this folder share. */
#ifndef WEBAUTHN_INTERNAL_H
#define WEBAUTHN_INTERNAL_H

#include "codec/cbor.h"
#include "crypto/hash.h"
#include "crypto/x509.h"
#include "webauthn/webauthn.h"

/* Refuses with a reason. */
#define DEMAND(c, condition, name)                       \
	do {                                             \
		if (!(condition)) {                      \
			(c)->fault = WEBAUTHN_##name;    \
			return FAIL(SIGNATURE);          \
		}                                        \
	} while (0)
/* The same for a call that may fail. */
#define DEMAND_OK(c, call, name) DEMAND(c, !failed(call), name)

struct checking {
	const struct webauthn_ceremony *ceremony;
	struct arena *a;
	enum webauthn_fault fault;
};

/* client_data.c: 7.1 steps 5 to 12, 7.2 steps 8 to 14 */
err client_data_check(struct checking *c, struct slice json, const char *type);

/* authenticator_data.c: 6.1 */
struct authenticator_data {
	struct slice rp_id_hash, all;
	bool user_present, user_verified, backup_eligible, backed_up, has_credential;
	int64_t sign_count;
	struct uuid aaguid;
	struct slice id, cose_key;
};
err authenticator_data_read(struct checking *c, struct slice bytes, struct authenticator_data *ret);
/* 7.1 steps 14 to 17, 7.2 steps 15 to 18 */
err authenticator_data_check(struct checking *c, const struct authenticator_data *data);

/* key.c */
err key_read(struct checking *c, struct slice cose, struct public_key *ret_key);
err key_from_cbor(struct checking *c, const struct cbor *map, struct public_key *ret_key);

/* attestation.c: 7.1 steps 21 to 24 */
struct attestation {
	struct checking *c;
	const struct webauthn_policy *policy;
	const struct cbor *statement;
	struct authenticator_data data;
	struct public_key key; /* the credential's */
	uint8_t client_data_hash[SHA256_BYTES];
	enum webauthn_format format;
	struct slice chain[WEBAUTHN_CHAIN_MAX]; /* x5c */
	size_t chain_n;
	bool self; /* signed by the credential itself */
	struct certificate *leaf; /* freed by whoever called attestation_check */
};
err attestation_check(struct attestation *at, struct slice format, bool *ret_trusted);

/* What the statements share: "alg" and "sig"; "x5c", which leaves the leaf parsed. */
err statement_signature(struct attestation *at, int64_t *ret_alg, struct slice *ret_signature);
err statement_chain(struct attestation *at);
/* The leaf's key. */
err leaf_key(struct attestation *at, struct public_key *ret_key);
/* A signature of the leaf by the algorithm `alg`. */
err leaf_signed(struct attestation *at, int64_t alg, const struct slice *parts, size_t n, struct slice signature);
/* Extension id-fido-gen-ce-aaguid, where it is, says the same (8.2.1). */
err leaf_aaguid(struct attestation *at);

err packed_check(struct attestation *at);      /* packed.c: 8.2 */
err fido_u2f_check(struct attestation *at);    /* fido_u2f.c: 8.6 */
err tpm_check(struct attestation *at);         /* tpm.c: 8.3 */
err android_key_check(struct attestation *at); /* android_key.c: 8.4 */
err apple_check(struct attestation *at);       /* apple.c: 8.8 */

/* der.c: ITU-T X.690, as far as extensions need it */
enum der_class { DER_UNIVERSAL, DER_APPLICATION, DER_CONTEXT, DER_PRIVATE };
enum { DER_INTEGER = 2, DER_OCTETS = 4, DER_ENUMERATED = 10, DER_SEQUENCE = 16, DER_SET = 17 };
struct der {
	enum der_class class;
	bool constructed;
	uint32_t tag;
	struct slice content;
};
err der_next(struct reader *r, struct der *ret); /* E_PARSE */
/* The next one, which has to be of this universal type. */
err der_expect(struct reader *r, uint32_t tag, struct slice *ret_content);

/* metadata.c */
struct metadata_entry {
	struct uuid aaguid;
	const struct slice *roots; /* DER */
	size_t root_count;
	bool revoked; /* a status report says that it is not to be trusted any more */
};
/* NULL when there is none. */
const struct metadata_entry *metadata_find(const struct metadata *m, const struct uuid *aaguid);

#endif
