/*
 * Certificate chains up to a pinned root (RFC 5280), for attestations. The time is given, because what is verified may be evidence
 * whose leaf has expired since. No revocation lists, no host names, no system store: nothing is trusted but the given root.
 */
#ifndef CRYPTO_X509_H
#define CRYPTO_X509_H

#include "base/buf.h"

enum { X509_CHAIN_MAX = 8, X509_CERTIFICATE_BYTES_MAX = 16 * 1024 };

struct certificate; /* immutable; any thread */

/*
 * `chain` in DER, the leaf first, then its issuers; the root itself may be among them or not. E_PARSE for what is no certificate (one
 * with trailing bytes included), E_LIMIT for too many or too large ones. E_SIGNATURE when the chain does not lead to the root at that
 * time: a signature, the dates, an issuer that is no CA or exceeds its path length, a critical extension that nobody knows, or keys
 * and digests weaker than 112 bits.
 * The leaf is the caller's, to free.
 */
err x509_verify(const struct slice *chain, size_t n, struct slice root, int64_t at_ms, struct certificate **ret_leaf);
void certificate_free(struct certificate *c);

/* The value of an extension, as long as the certificate lives. E_CRYPTO when there is none, or more than one. */
err certificate_extension(const struct certificate *c, const char *oid, struct slice *ret_value);
/* The same where none may be there: `ret_there` tells. More than one: E_CRYPTO. */
err certificate_extension_opt(const struct certificate *c, const char *oid, struct slice *ret_value, bool *ret_there);
/* SubjectPublicKeyInfo, as sign_key_from_public() takes it. */
struct slice certificate_public(const struct certificate *c, struct arena *a);

/* One certificate by itself, trusted in nothing. E_PARSE, E_LIMIT. The caller frees it. */
err certificate_read(struct slice der, struct certificate **ret_certificate);

/* What attestations ask of a certificate. */
struct certificate_facts {
	int version;          /* 3 is the newest */
	bool is_ca;
	bool subject_empty;
	struct slice country, organisation, unit, name; /* of the subject; empty when missing or there more than once */
	int64_t from_ms, until_ms;
};
struct certificate_facts certificate_facts(const struct certificate *c, struct arena *a);
/* Does the extended key usage name it? */
bool certificate_for_use(const struct certificate *c, const char *oid);
/* An attribute of the directory name among the subject's alternative names; empty when missing or there more than once. */
struct slice certificate_alternative(const struct certificate *c, const char *oid, struct arena *a);

#endif
