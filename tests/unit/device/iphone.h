/* An iPhone in a scene: a chain of certificates that ends at a root of our own, and the key that App Attest speaks of. */
#ifndef TEST_UNIT_DEVICE_IPHONE_H
#define TEST_UNIT_DEVICE_IPHONE_H

#include <openssl/evp.h>

#include "tests/unit/device/scene.h"

#define IPHONE_APP_ID "TEAM123456.com.example.app"

struct iphone_certificate {
	EVP_PKEY *key;
	X509 *cert;
};

struct iphone {
	struct scene *c;
	struct arena *a;
	struct iphone_certificate root, middle;
	EVP_PKEY *key;
	uint8_t key_id[SHA256_BYTES];
};

/* Of a scene whose phone is registered; from now on the site requires App Attest, up to this root. */
struct iphone iphone_new(struct scene *c);
void iphone_free(struct iphone *i);
/* Right behind the start (section 6.6). */
void iphone_binding(const struct iphone *i, uint8_t out[static SHA256_BYTES]);
struct slice iphone_attestation(struct iphone *i, const uint8_t *client_data_hash);
struct slice iphone_assertion(struct iphone *i, const uint8_t *client_data_hash, uint32_t counter);
/* For p->attest. */
const char *iphone_report(struct iphone *i, const char *kind, struct slice object);

#endif
