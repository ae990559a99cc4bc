/* One call: what libcurl is told, and what it tells. */
#include <curl/curl.h> /* before base/err.h, which defines err */

#include <stdlib.h>
#include <sys/socket.h>

#include "outbound/internal.h"

enum { HEADERS_KEPT_MAX = 100 };

/* --- the request --- */

static bool is_token(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f || memchr("\"(),/:;<=>?@[\\]{}", name.p[i], 17))
			return false;
	return name.n > 0;
}

static bool is_value(struct slice value)
{
	for (size_t i = 0; i < value.n; i++)
		if ((value.p[i] < ' ' && value.p[i] != '\t') || value.p[i] == 0x7f)
			return false;
	return true;
}

static bool headers_are_fine(const struct outbound_request *request)
{
	for (size_t i = 0; i < request->header_count; i++)
		if (!is_token(request->headers[i].name) || !is_value(request->headers[i].value))
			return false;
	return request->method >= 0 && request->method < HTTP_METHOD_COUNT;
}

static void copy_tls(struct transfer *t, const struct outbound_tls *from)
{
	struct outbound_tls *tls = arena_new(&t->arena, struct outbound_tls);

	tls->certificate = arena_copy(&t->arena, from->certificate);
	tls->key = arena_copy(&t->arena, from->key);
	tls->authorities = arena_copy(&t->arena, from->authorities);
	t->request.tls = tls;
}

static void copy_request(struct transfer *t, const struct outbound_request *from)
{
	struct http_header *headers = arena_array(&t->arena, struct http_header, from->header_count);

	t->request = *from;
	t->request.url = arena_copy(&t->arena, from->url);
	t->request.body = arena_copy(&t->arena, from->body);
	for (size_t i = 0; i < from->header_count; i++)
		headers[i] = (struct http_header){ arena_copy(&t->arena, from->headers[i].name),
			arena_copy(&t->arena, from->headers[i].value) };
	t->request.headers = headers;
	if (from->tls)
		copy_tls(t, from->tls);
	if (!t->request.timeout_ms)
		t->request.timeout_ms = OUTBOUND_TIMEOUT_MS;
	if (!t->request.connect_timeout_ms)
		t->request.connect_timeout_ms = OUTBOUND_CONNECT_TIMEOUT_MS;
	if (!t->request.answer_bytes_max)
		t->request.answer_bytes_max = OUTBOUND_ANSWER_BYTES_MAX;
}

struct transfer *transfer_new(const struct outbound_config *config, const struct networks *allowed, const struct outbound_request *request)
{
	struct transfer *t = xalloc(sizeof(*t));
	const char *why;

	arena_init(&t->arena);
	copy_request(t, request);
	t->allowed = allowed;
	if (!headers_are_fine(&t->request))
		t->refused = OUTBOUND_REQUEST_INVALID;
	else if (failed(target_of(config, allowed, t->request.url, &t->arena, &t->target, &why)))
		t->refused = OUTBOUND_URL_REFUSED;
	return t;
}

/* --- what libcurl tells --- */

/* The only way to a socket: the address is the one that will be connected to. */
static curl_socket_t open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = ctx;
	struct address address;

	if (purpose != CURLSOCKTYPE_IPCXN || !address_of(&to->addr, &address) || !address_may_be_called(t->allowed, &address)) {
		t->address_refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t take_body(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	size_t room = t->request.answer_bytes_max - t->body.n;

	n *= size;
	if (n > room) {
		t->too_large = true;
		buf_add(&t->body, p, room);
		return 0;
	}
	buf_add(&t->body, p, n);
	return n;
}

static void keep_header(struct transfer *t, struct slice line)
{
	struct slice value = line, name = slice_cut(&value, ':');
	char *lower = arena_cstr(&t->arena, name);

	if (name.n == line.n || t->header_count == HEADERS_KEPT_MAX)
		return;
	for (char *c = lower; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + ('a' - 'A'));
	if (!t->headers)
		t->headers = arena_array(&t->arena, struct http_header, HEADERS_KEPT_MAX);
	t->headers[t->header_count++] = (struct http_header){ slice_text(lower), arena_copy(&t->arena, slice_trim(value)) };
}

static size_t take_header(char *p, size_t size, size_t n, void *ctx)
{
	struct transfer *t = ctx;
	struct slice line;

	n *= size;
	line = slice_of(p, n);
	t->header_bytes += n;
	if (t->header_bytes > OUTBOUND_HEADERS_BYTES_MAX) {
		t->too_large = true;
		return 0;
	}
	while (line.n && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == '\n'))
		line.n--;
	if (slice_starts(line, S("HTTP/"))) { /* of a further answer: 100 Continue came before it */
		t->header_count = 0;
		t->complete_head = false;
	} else if (!line.n) {
		long status = 0;

		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		t->complete_head = status >= 200;
	} else if (!t->complete_head) { /* what comes behind the body is not read */
		keep_header(t, line);
	}
	return n;
}

/* --- what libcurl is told --- */

#define SET(option, value) (code = code ? code : curl_easy_setopt(t->easy, option, value))

static CURLcode set_limits(struct transfer *t)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L); /* or a name server that does not answer would hold up the whole client */
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)t->request.connect_timeout_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)t->request.timeout_ms);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROTOCOLS_STR, "http,https"); /* which of them: target_of() */
	SET(CURLOPT_PROXY, "");                   /* whatever the environment says */
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(CURLOPT_OPENSOCKETDATA, t);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_PRIVATE, t);
	return code;
}

/* The bytes stay in the arena for as long as the handle. */
static struct curl_blob blob_of(struct slice pem)
{
	return (struct curl_blob){ .data = (void *)(uintptr_t)pem.p, .len = pem.n, .flags = CURL_BLOB_NOCOPY };
}

static CURLcode set_identity(struct transfer *t, const struct outbound_tls *tls)
{
	struct curl_blob certificate = blob_of(tls->certificate), key = blob_of(tls->key), authorities = blob_of(tls->authorities);
	CURLcode code = CURLE_OK;

	if (tls->certificate.n)
		SET(CURLOPT_SSLCERT_BLOB, &certificate);
	if (tls->key.n)
		SET(CURLOPT_SSLKEY_BLOB, &key);
	if (tls->authorities.n) {
		SET(CURLOPT_CAPATH, NULL);
		SET(CURLOPT_CAINFO, NULL);
		SET(CURLOPT_CAINFO_BLOB, &authorities);
	}
	return code;
}

static CURLcode set_tls(struct transfer *t, const struct outbound_config *config)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (config->ca_file && *config->ca_file)
		SET(CURLOPT_CAINFO, config->ca_file);
	if (t->request.tls && !code)
		code = set_identity(t, t->request.tls);
	SET(CURLOPT_HTTP_VERSION, (long)(t->request.http2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1));
	SET(CURLOPT_PIPEWAIT, t->request.http2 ? 1L : 0L);
	return code;
}

static bool add_line(struct transfer *t, const char *line)
{
	struct curl_slist *more = curl_slist_append(t->header_list, line);

	if (more)
		t->header_list = more;
	return more != NULL;
}

static bool make_headers(struct transfer *t)
{
	bool made = add_line(t, "Expect:"); /* no waiting for 100 Continue */

	for (size_t i = 0; made && i < t->request.header_count; i++) {
		const struct http_header *header = &t->request.headers[i];
		struct slice line = header->value.n ? arena_printf(&t->arena, "%.*s: %.*s", FMT(header->name), FMT(header->value))
						    : arena_printf(&t->arena, "%.*s;", FMT(header->name));

		made = add_line(t, (const char *)line.p);
	}
	return made;
}

static CURLcode set_request(struct transfer *t)
{
	CURLcode code = CURLE_OK;

	SET(CURLOPT_URL, arena_cstr(&t->arena, t->request.url));
	if (t->request.body.n || t->request.method == HTTP_POST || t->request.method == HTTP_PUT || t->request.method == HTTP_PATCH) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->request.body.n);
		SET(CURLOPT_POSTFIELDS, (const char *)t->request.body.p);
	}
	if (t->request.method == HTTP_HEAD)
		SET(CURLOPT_NOBODY, 1L);
	SET(CURLOPT_CUSTOMREQUEST, http_method_name(t->request.method));
	SET(CURLOPT_HTTPHEADER, t->header_list);
	return code;
}

bool transfer_prepare(struct transfer *t, const struct outbound_config *config)
{
	t->body = buf_arena(&t->arena, t->request.answer_bytes_max);
	t->easy = curl_easy_init();
	return t->easy && make_headers(t) && set_limits(t) == CURLE_OK && set_tls(t, config) == CURLE_OK && set_request(t) == CURLE_OK;
}

/* --- the end --- */

enum outbound_reason transfer_reason(const struct transfer *t, int code)
{
	if (code == CURLE_OK || (t->request.status_matters && t->complete_head))
		return OUTBOUND_ANSWERED;
	if (t->too_large)
		return OUTBOUND_TOO_LARGE;
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return OUTBOUND_NAME_UNKNOWN;
	case CURLE_COULDNT_CONNECT:
		return t->address_refused ? OUTBOUND_ADDRESS_REFUSED : OUTBOUND_NOT_CONNECTED;
	case CURLE_OPERATION_TIMEDOUT:
		return OUTBOUND_TIMED_OUT;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_CACERT_BADFILE:
		return OUTBOUND_TLS_FAILED;
	default:
		return OUTBOUND_BROKEN;
	}
}

void transfer_finish(struct transfer *t, enum outbound_reason reason, int64_t now_ms)
{
	struct outbound_answer answer = { .reason = reason, .took_ms = t->started_ms ? now_ms - t->started_ms : 0 };
	long status = 0;

	if (reason == OUTBOUND_ANSWERED) {
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
		answer.status = (int)status;
		answer.headers = t->headers;
		answer.header_count = t->header_count;
		answer.body = buf_bytes(&t->body);
	}
	t->request.done(t->request.ctx, &answer);
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->header_list);
	arena_free_secret(&t->arena);
	free(t);
}
