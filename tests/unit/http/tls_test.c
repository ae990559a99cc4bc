#include "tests/unit/http/fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#pragma push_macro("err") /* a parameter name there */
#undef err
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#pragma pop_macro("err")

static char dir[32], cert_path[64], key_path[64];

/* --- certificates --- */

static void must(int rc)
{
	if (rc < 0)
		fail_msg("%s", gnutls_strerror(rc));
}

static void write_file(const char *path, const void *p, size_t n)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(p, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

static void sign(gnutls_x509_crt_t cert, gnutls_x509_privkey_t key, const char *name)
{
	time_t now = time(NULL);

	must(gnutls_x509_crt_set_version(cert, 3));
	must(gnutls_x509_crt_set_serial(cert, "\x01", 1));
	must(gnutls_x509_crt_set_activation_time(cert, now - 60));
	must(gnutls_x509_crt_set_expiration_time(cert, now + 3600));
	must(gnutls_x509_crt_set_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0, name, (unsigned)strlen(name)));
	must(gnutls_x509_crt_set_key(cert, key));
	must(gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0));
}

/* A self-signed certificate and its key; a NULL path leaves that file as it is. */
static void make_pair(const char *name, const char *to_cert, const char *to_key)
{
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
	gnutls_datum_t pem;

	must(gnutls_x509_privkey_init(&key));
	must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
	must(gnutls_x509_crt_init(&cert));
	sign(cert, key, name);
	must(gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &pem));
	if (to_cert)
		write_file(to_cert, pem.data, pem.size);
	gnutls_free(pem.data);
	must(gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem));
	if (to_key)
		write_file(to_key, pem.data, pem.size);
	gnutls_free(pem.data);
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_privkey_deinit(key);
}

/* --- client --- */

struct tls_client {
	struct client plain;
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
};

static bool dial_tls(const struct site *site, const char *priorities, struct tls_client *to)
{
	int rc;

	dial(site, &to->plain);
	must(gnutls_certificate_allocate_credentials(&to->credentials));
	must(gnutls_init(&to->session, GNUTLS_CLIENT));
	must(gnutls_priority_set_direct(to->session, priorities, NULL));
	must(gnutls_credentials_set(to->session, GNUTLS_CRD_CERTIFICATE, to->credentials));
	gnutls_transport_set_int(to->session, to->plain.fd);
	gnutls_handshake_set_timeout(to->session, 20000);
	gnutls_record_set_timeout(to->session, 20000);
	do
		rc = gnutls_handshake(to->session);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	return rc == GNUTLS_E_SUCCESS;
}

static void hang_up_tls(struct tls_client *to)
{
	gnutls_deinit(to->session);
	gnutls_certificate_free_credentials(to->credentials);
	hang_up(&to->plain);
}

/* Sends, and waits for an answer that holds `word`. */
static void ask(struct tls_client *to, struct slice request, const char *word)
{
	static char answer[128 * 1024];
	size_t n = 0;

	must((int)gnutls_record_send(to->session, request.p, request.n));
	while (!memmem(answer, n, word, strlen(word))) {
		ssize_t got = gnutls_record_recv(to->session, answer + n, sizeof(answer) - n);

		if (got <= 0)
			fail_msg("no answer with %s: %s", word, gnutls_strerror((int)got));
		n += (size_t)got;
	}
}

static void assert_certificate(struct tls_client *to, const char *name)
{
	unsigned count;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(to->session, &count);
	gnutls_x509_crt_t cert;
	char cn[64];
	size_t n = sizeof(cn);

	assert_non_null(chain);
	must(gnutls_x509_crt_init(&cert));
	must(gnutls_x509_crt_import(cert, &chain[0], GNUTLS_X509_FMT_DER));
	must(gnutls_x509_crt_get_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0, 0, cn, &n));
	gnutls_x509_crt_deinit(cert);
	assert_string_equal(cn, name);
}

/* --- fixture --- */

static int site_with_pair(void **state)
{
	struct site *site;

	site_new(state);
	site = *state;
	strcpy(dir, "/tmp/http-test-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(cert_path, sizeof(cert_path), "%s/cert.pem", dir);
	snprintf(key_path, sizeof(key_path), "%s/key.pem", dir);
	make_pair("first", cert_path, key_path);
	site->config.tls_cert = cert_path;
	site->config.tls_key = key_path;
	return 0;
}

static int site_with_tls(void **state)
{
	site_with_pair(state);
	site_start(*state);
	return 0;
}

static int remove_site(void **state)
{
	site_free(state);
	unlink(cert_path);
	unlink(key_path);
	rmdir(dir);
	return 0;
}

static struct tls_client c, other;

static void request_over_tls_says_so(void **state)
{
	assert_true(dial_tls(*state, "NORMAL", &c));
	ask(&c, S(GET("/about")), " tls=1 ");
	hang_up_tls(&c);
}

static void both_versions_are_spoken(void **state)
{
	assert_true(dial_tls(*state, "NORMAL:-VERS-ALL:+VERS-TLS1.2", &c));
	ask(&c, S(GET("/about")), " tls=1 ");
	hang_up_tls(&c);
	assert_true(dial_tls(*state, "NORMAL:-VERS-ALL:+VERS-TLS1.3", &c));
	ask(&c, S(GET("/about")), " tls=1 ");
	hang_up_tls(&c);
}

static void old_versions_and_ciphers_are_refused(void **state)
{
	static const char *const rows[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", "NORMAL:-VERS-ALL:+VERS-TLS1.0:%COMPAT",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:-KX-ALL:+RSA", "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-CBC",
		"NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+NULL:-MAC-ALL:+SHA256" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (dial_tls(*state, rows[i], &c))
			fail_msg("accepted: %s", rows[i]);
		hang_up_tls(&c);
	}
}

static void plain_request_is_not_answered(void **state)
{
	struct client plain;

	dial(*state, &plain);
	say(&plain, GET("/about"));
	await_close(&plain);
	assert_null(memmem(plain.bytes, plain.n, "HTTP/", 5));
	hang_up(&plain);
}

static void parking_and_bodies_work_over_tls(void **state)
{
	static char body[SITE_BODY_MAX];

	memset(body, 'x', sizeof(body));
	body[sizeof(body) - 1] = 'y';
	assert_true(dial_tls(*state, "NORMAL", &c));
	ask(&c, S(GET("/park") GET("/twice") GET("/early") GET("/about?last")), "query=last");
	ask(&c, S("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"), "");
	ask(&c, slice_of(body, sizeof(body)), "xxxy");
	hang_up_tls(&c);
}

static void reload_swaps_for_new_connections_and_leaves_the_old(void **state)
{
	struct site *site = *state;

	assert_true(dial_tls(site, "NORMAL", &c));
	make_pair("second", cert_path, key_path);
	assert_ok(http_reload_tls(site->server));
	assert_true(dial_tls(site, "NORMAL", &other));
	assert_certificate(&c, "first");
	assert_certificate(&other, "second");
	ask(&c, S(GET("/about")), " tls=1 ");
	ask(&other, S(GET("/about")), " tls=1 ");
	hang_up_tls(&c);
	hang_up_tls(&other);
}

static void assert_first_stays(struct site *site)
{
	assert_err(http_reload_tls(site->server), CONFIG);
	assert_true(dial_tls(site, "NORMAL", &c));
	assert_certificate(&c, "first");
	hang_up_tls(&c);
}

static void failed_reload_leaves_the_old_pair(void **state)
{
	struct site *site = *state;

	make_pair("second", cert_path, NULL);
	assert_first_stays(site);
	write_file(cert_path, "no certificate", 14);
	assert_first_stays(site);
	assert_int_equal(unlink(cert_path), 0);
	assert_first_stays(site);
}

static void *reload_often(void *arg)
{
	struct site *site = arg;

	for (int i = 0; i < 200; i++) {
		assert_ok(http_reload_tls(site->server));
		usleep(200);
	}
	return NULL;
}

static void reloads_and_handshakes_do_not_disturb_each_other(void **state)
{
	pthread_t reloader;

	assert_int_equal(pthread_create(&reloader, NULL, reload_often, *state), 0);
	for (int i = 0; i < 30; i++) {
		assert_true(dial_tls(*state, "NORMAL", &c));
		ask(&c, S(GET("/park")), " tls=1 ");
		hang_up_tls(&c);
	}
	pthread_join(reloader, NULL);
}

static void assert_no_start(struct site *site)
{
	static const struct http_handler handler;
	struct http_server *server;

	assert_err(http_start(&site->config, &handler, &server), CONFIG);
}

static void bad_files_at_start_are_refused(void **state)
{
	struct site *site = *state;

	make_pair("other", NULL, key_path);
	assert_no_start(site);
	make_pair("other", cert_path, key_path);
	site->config.tls_cert = key_path;
	assert_no_start(site);
	site->config.tls_cert = "/nonexistent";
	assert_no_start(site);
	site->config.tls_cert = NULL;
	assert_no_start(site);
	site->config.tls_cert = cert_path;
	site->config.tls_key = NULL;
	assert_no_start(site);
}

static void plain_server_has_nothing_to_reload(void **state)
{
	struct site *site = *state;

	assert_err(http_reload_tls(site->server), CONFIG);
}

int main(void)
{
#define WITH_TLS(test) cmocka_unit_test_setup_teardown(test, site_with_tls, remove_site)
	const struct CMUnitTest tests[] = {
		WITH_TLS(request_over_tls_says_so),
		WITH_TLS(both_versions_are_spoken),
		WITH_TLS(old_versions_and_ciphers_are_refused),
		WITH_TLS(plain_request_is_not_answered),
		WITH_TLS(parking_and_bodies_work_over_tls),
		WITH_TLS(reload_swaps_for_new_connections_and_leaves_the_old),
		WITH_TLS(failed_reload_leaves_the_old_pair),
		WITH_TLS(reloads_and_handshakes_do_not_disturb_each_other),
		cmocka_unit_test_setup_teardown(bad_files_at_start_are_refused, site_with_pair, remove_site),
		cmocka_unit_test_setup_teardown(plain_server_has_nothing_to_reload, site_started, site_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
