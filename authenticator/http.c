#include "authenticator/http.h"

#include <curl/curl.h>
#include <stdlib.h>

enum { ANSWER_BYTES_MAX = 512 * 1024 };

struct http {
	CURL *curl;
};

struct http *http_new(void)
{
	struct http *h = xalloc(sizeof(*h));

	curl_global_init(CURL_GLOBAL_DEFAULT);
	h->curl = curl_easy_init();
	return h;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->curl);
	curl_global_cleanup();
	free(h);
}

static size_t take(char *data, size_t size, size_t n, void *context)
{
	struct buf *b = context;

	buf_add(b, data, size * n);
	return failed(buf_ok(b)) ? 0 : size * n;
}

static int number_of(CURLcode code)
{
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return RID_ERROR_CONNECTION_TIMEOUT;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return RID_ERROR_NO_INTERNET;
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ISSUER_ERROR:
		return RID_ERROR_SECURE_CONNECTION;
	default:
		return RID_ERROR_CONNECTION_FAILURE;
	}
}

static struct curl_slist *headers_of(const rid_send *send, struct arena *a)
{
	struct curl_slist *list = NULL;

	list = curl_slist_append(list, (const char *)arena_printf(a, "Content-Type: %s", send->content_type).p);
	list = curl_slist_append(list, (const char *)arena_printf(a, "Accept: %s", send->accept).p);
	return curl_slist_append(list, "Expect:");
}

int http_post(struct http *h, const rid_send *send, struct arena *a, int *ret_status, struct slice *ret_answer)
{
	struct buf answer = buf_arena(a, ANSWER_BYTES_MAX);
	struct curl_slist *headers = headers_of(send, a);
	long status = 0;
	CURLcode code;

	curl_easy_reset(h->curl);
	curl_easy_setopt(h->curl, CURLOPT_URL, send->url);
	curl_easy_setopt(h->curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h->curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h->curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h->curl, CURLOPT_USERAGENT, "reuseid-authenticator/" VERSION);
	curl_easy_setopt(h->curl, CURLOPT_TIMEOUT_MS, (long)send->timeout_ms);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)send->body_bytes);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, send->body);
	curl_easy_setopt(h->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(h->curl, CURLOPT_WRITEDATA, &answer);
	code = curl_easy_perform(h->curl);
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	*ret_status = (int)status;
	*ret_answer = buf_bytes(&answer);
	return code == CURLE_OK ? RID_OK : number_of(code);
}
