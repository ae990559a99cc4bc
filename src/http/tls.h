/*
 * Certificate and key. The current pair can be swapped at any time; each connection keeps the pair that it was opened with until
 * it is closed.
 */
#ifndef HTTP_TLS_H
#define HTTP_TLS_H

#include "base/log.h"
#include "http/library.h"

struct tls;
struct tls_keys;

/* TLS 1.2 and 1.3 with forward secrecy and AEAD only. */
#define TLS_PRIORITIES                                                                                                     \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD" \
	":%SERVER_PRECEDENCE"

/* E_CONFIG, with a log line in words, when the files cannot be used. */
err tls_open(const struct log *log, const char *cert_path, const char *key_path, struct tls **ret_tls);
void tls_close(struct tls *tls); /* NULL-safe */
/* Reads the files again; on failure (E_CONFIG, logged) the old pair stays. */
err tls_reload(struct tls *tls);

/* The current pair, to be given back. */
struct tls_keys *tls_take(struct tls *tls);
void tls_give_back(struct tls *tls, struct tls_keys *keys);
gnutls_certificate_credentials_t tls_credentials(const struct tls_keys *keys);
const char *tls_cert_pem(const struct tls_keys *keys);
const char *tls_key_pem(const struct tls_keys *keys);

#endif
