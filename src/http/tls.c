#include "http/tls.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/arena.h"

struct tls_keys {
	gnutls_certificate_credentials_t credentials;
	gnutls_datum_t cert, key; /* as read; the library wants them at start */
	size_t users;             /* under the lock of struct tls */
};

struct tls {
	const struct log *log;
	char *cert_path, *key_path;
	pthread_mutex_t lock;
	struct tls_keys *current;
};

static void release(gnutls_datum_t *pem)
{
	if (pem->data)
		wipe(pem->data, pem->size);
	gnutls_free(pem->data);
}

static void keys_free(struct tls_keys *keys)
{
	if (keys->credentials)
		gnutls_certificate_free_credentials(keys->credentials);
	release(&keys->cert);
	release(&keys->key);
	free(keys);
}

static bool works(const struct tls *tls, int rc, const char *what, const char *path)
{
	if (rc >= 0)
		return true;
	log_line(tls->log, LOG_ERROR, what, LOG_T("file", path), LOG_T("reason", gnutls_strerror(rc)));
	return false;
}

static bool keys_fill(const struct tls *tls, struct tls_keys *keys)
{
	int rc;

	if (!works(tls, gnutls_certificate_allocate_credentials(&keys->credentials), "no memory for TLS", ""))
		return false;
	if (!works(tls, gnutls_load_file(tls->cert_path, &keys->cert), "cannot read the TLS certificate", tls->cert_path))
		return false;
	if (!works(tls, gnutls_load_file(tls->key_path, &keys->key), "cannot read the TLS key", tls->key_path))
		return false;
	rc = gnutls_certificate_set_x509_key_mem2(keys->credentials, &keys->cert, &keys->key, GNUTLS_X509_FMT_PEM, NULL, 0);
	return works(tls, rc, "cannot use the TLS certificate with its key", tls->cert_path);
}

static err keys_load(const struct tls *tls, struct tls_keys **ret_keys)
{
	struct tls_keys *keys = xalloc(sizeof(*keys));

	if (!keys_fill(tls, keys)) {
		keys_free(keys);
		return FAIL(CONFIG);
	}
	keys->users = 1;
	*ret_keys = keys;
	return OK;
}

err tls_open(const struct log *log, const char *cert_path, const char *key_path, struct tls **ret_tls)
{
	struct tls *tls = xalloc(sizeof(*tls));
	struct error e;

	tls->log = log;
	tls->cert_path = xstrdup(cert_path);
	tls->key_path = xstrdup(key_path);
	pthread_mutex_init(&tls->lock, NULL);
	e = keys_load(tls, &tls->current);
	if (failed(e)) {
		tls_close(tls);
		return e;
	}
	*ret_tls = tls;
	return OK;
}

void tls_close(struct tls *tls)
{
	if (!tls)
		return;
	if (tls->current)
		tls_give_back(tls, tls->current);
	pthread_mutex_destroy(&tls->lock);
	free(tls->cert_path);
	free(tls->key_path);
	free(tls);
}

err tls_reload(struct tls *tls)
{
	struct tls_keys *keys, *old;

	TRY(keys_load(tls, &keys));
	pthread_mutex_lock(&tls->lock);
	old = tls->current;
	tls->current = keys;
	pthread_mutex_unlock(&tls->lock);
	tls_give_back(tls, old);
	return OK;
}

struct tls_keys *tls_take(struct tls *tls)
{
	struct tls_keys *keys;

	pthread_mutex_lock(&tls->lock);
	keys = tls->current;
	keys->users++;
	pthread_mutex_unlock(&tls->lock);
	return keys;
}

void tls_give_back(struct tls *tls, struct tls_keys *keys)
{
	bool last;

	pthread_mutex_lock(&tls->lock);
	last = --keys->users == 0;
	pthread_mutex_unlock(&tls->lock);
	if (last)
		keys_free(keys);
}

gnutls_certificate_credentials_t tls_credentials(const struct tls_keys *keys)
{
	return keys->credentials;
}

const char *tls_cert_pem(const struct tls_keys *keys)
{
	return (const char *)keys->cert.data;
}

const char *tls_key_pem(const struct tls_keys *keys)
{
	return (const char *)keys->key.data;
}
