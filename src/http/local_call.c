#include <curl/curl.h> /* before base/err.h, which defines err */

#include "http/local_call.h"

#include "base/buf.h"

enum { CONNECT_TIMEOUT_MS = 5000 };

static size_t collect(char *p, size_t size, size_t n, void *ctx)
{
	struct buf *body = ctx;

	buf_add(body, p, size * n);
	return failed(buf_ok(body)) ? 0 : size * n;
}

static void set_request(CURL *curl, const char *socket, enum http_method method, const char *url, struct slice body)
{
	curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, socket);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(curl, CURLOPT_PROXY, ""); /* whatever the environment says */
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
	curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, http_method_name(method));
	if (body.n) {
		curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.n);
		curl_easy_setopt(curl, CURLOPT_POSTFIELDS, (const char *)body.p);
	}
}

static err perform(CURL *curl, bool with_body, struct arena *a, struct local_answer *ret_answer, const char **ret_why)
{
	struct curl_slist *headers = with_body ? curl_slist_append(NULL, "Content-Type: application/json") : NULL;
	struct buf body = buf_arena(a, REPLY_BYTES_MAX);
	long status = 0;
	CURLcode code;

	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
	code = curl_easy_perform(curl);
	curl_slist_free_all(headers);
	/* The latter: a path too long for a socket. */
	ENSURE(code != CURLE_COULDNT_CONNECT && code != CURLE_COULDNT_RESOLVE_HOST, UNAVAILABLE);
	*ret_why = curl_easy_strerror(code);
	ENSURE(code == CURLE_OK, IO);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	*ret_answer = (struct local_answer){ (int)status, buf_bytes(&body) };
	return OK;
}

err http_local_call(const char *socket, enum http_method method, const char *target, struct slice body, struct arena *a,
	struct local_answer *ret_answer, const char **ret_why)
{
	CURL *curl = curl_easy_init();
	struct error e;

	*ret_why = "out of memory";
	ENSURE(curl, IO);
	set_request(curl, socket, method, (const char *)arena_printf(a, "http://localhost%s", target).p, body);
	e = perform(curl, body.n > 0, a, ret_answer, ret_why);
	curl_easy_cleanup(curl);
	return e;
}
