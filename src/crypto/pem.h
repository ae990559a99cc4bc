/* Certificates from PEM, in texts and in files that the operator names (RFC 7468). */
#ifndef CRYPTO_PEM_H
#define CRYPTO_PEM_H

#include "base/buf.h"

/* The whole file. E_IO when it cannot be read, or is too large. */
err file_read(struct arena *a, const char *path, struct slice *ret_bytes);
/* The certificates of a text in their order, in DER; what stands between them is passed over. E_CONFIG: one without an end, or too many. */
err pem_certificates(struct arena *a, struct slice text, struct slice *list, size_t max, size_t *ret_n);

#endif
