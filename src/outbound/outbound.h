/*
 * HTTP calls to the outside: webhooks, push services, providers of identity proofing.
 *
 * Asynchronous: `send` copies the request and returns at once; `done` is called exactly once for each, on the client's own thread,
 * so it must be short and hand the work on (store_submit, or a queue of the feature). It may send again. There is no call that waits.
 *
 * Guarded. Only https, unless the operator allows http. No address that is not public (loopback, private, link-local, shared, multicast,
 * mapped, translated, reserved) unless the operator names its network; checked on the very address that is connected to, after the name
 * was resolved. Redirects are answers, not followed. No proxy, cookie or password from the environment. Every call has limits of time
 * and size. Each host has its own queue, its own limit, and no more of all places than are free, so that a slow one holds up only its
 * own calls.
 *
 * `struct outbound` is an interface like `struct env`: a test brings its own (tests/unit/common/outbound_fake.h).
 */
#ifndef OUTBOUND_OUTBOUND_H
#define OUTBOUND_OUTBOUND_H

#include "base/settings.h"
#include "http/http.h"

enum outbound_reason {
#define REASON(name, word, sentence) OUTBOUND_##name,
#include "outbound/reasons.def"
#undef REASON
	OUTBOUND_REASON_COUNT
};

const char *outbound_word(enum outbound_reason reason);     /* "timed_out" */
const char *outbound_sentence(enum outbound_reason reason); /* one sentence without a full stop */

enum {
	OUTBOUND_TIMEOUT_MS = 10 * 1000,
	OUTBOUND_CONNECT_TIMEOUT_MS = 5 * 1000,
	OUTBOUND_ANSWER_BYTES_MAX = 64 * 1024,
	OUTBOUND_HEADERS_BYTES_MAX = 64 * 1024, /* of the answer */
	OUTBOUND_URL_BYTES_MAX = 2048,
};

/* PEM texts; an empty one is not used. */
struct outbound_tls {
	struct slice certificate, key; /* who we are, for those who want to know (mutual TLS) */
	struct slice authorities;      /* the only ones whom the other side's certificate may come from */
};

struct outbound_answer {
	enum outbound_reason reason;
	int status;                  /* 0 unless ANSWERED */
	const struct http_header *headers; /* names in lower case */
	size_t header_count;
	struct slice body;
	int64_t took_ms;             /* from the start of the call, without the time it waited for its turn */
};

/* What is zero has its standard value. */
struct outbound_request {
	enum http_method method;
	struct slice url;
	const struct http_header *headers;
	size_t header_count;
	struct slice body;
	int64_t connect_timeout_ms, timeout_ms;
	size_t answer_bytes_max;
	bool status_matters;         /* and nothing else: a body that is too large, stalls or breaks off is cut instead of an error */
	bool http2;                  /* HTTP/2 when the other side speaks it, with many calls on one connection */
	const struct outbound_tls *tls; /* NULL: the authorities of the system and of `outbound_ca_file` */
	/* The answer lives until it returns. */
	void (*done)(void *ctx, const struct outbound_answer *answer);
	void *ctx;
};

struct outbound {
	void (*send)(struct outbound *self, const struct outbound_request *request);
};

static inline void outbound_send(struct outbound *o, const struct outbound_request *request)
{
	o->send(o, request);
}

/* First header of the answer with that name (lower case), empty when there is none. */
struct slice outbound_header(const struct outbound_answer *answer, const char *name);

/* The strings and the env outlive the client. */
struct outbound_config {
	const struct env *env;
	const char *allowed_networks; /* comma list of networks that may be called although they are not public */
	bool allow_http;
	const char *ca_file;          /* PEM file with authorities besides the system's; "" none */
	size_t calls_max;             /* at once; 0: 512 */
	size_t host_calls_max;        /* at once to one host; 0: 8, sixteen times as many over HTTP/2 */
	size_t waiting_max;           /* calls waiting for their turn; 0: 16384. One too many, of all or of its host, ends as BUSY */
};

struct outbound_config outbound_config_of(const struct settings *settings, const struct env *env);

/*
 * May this URL be called at all? For telling a mistake when it is made; the address is checked again when it is called. E_CONFIG with a
 * sentence in `ret_why`.
 */
err outbound_url_check(const struct outbound_config *config, struct slice url, const char **ret_why);

/* E_CONFIG when the networks or the file cannot be read. */
err outbound_start(const struct outbound_config *config, struct outbound **ret_outbound);
/* Ends every call as STOPPED, still on the client's thread, then frees. Nobody may send any more. NULL is fine. */
void outbound_stop(struct outbound *o);

#endif
