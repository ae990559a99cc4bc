/* Shared inside this folder. */
#ifndef OUTBOUND_INTERNAL_H
#define OUTBOUND_INTERNAL_H

#include "base/buf.h"
#include "http/proxy.h"
#include "outbound/outbound.h"

/* ---- guard.c ---- */

struct target {
	struct slice origin; /* "https://example.com:443", in lower case */
	bool https;
};

/* E_CONFIG with a sentence. */
err target_of(const struct outbound_config *config, const struct networks *allowed, struct slice url, struct arena *a,
	struct target *ret_target, const char **ret_why);
bool address_may_be_called(const struct networks *allowed, const struct address *address);

/* ---- transfer.c: one call ---- */

struct transfer {
	struct transfer *next, *prev;
	struct arena arena; /* copies of everything; wiped at the end, for there may be keys in it */
	struct outbound_request request;
	struct target target;
	enum outbound_reason refused; /* ANSWERED: nothing wrong so far */
	bool address_refused, too_large, complete_head;
	const struct networks *allowed;
	void *easy, *header_list, *host;
	struct buf body;
	struct http_header *headers;
	size_t header_count, header_room, header_bytes;
	int64_t started_ms;
};

struct transfer *transfer_new(const struct outbound_config *config, const struct networks *allowed, const struct outbound_request *request);
/* Makes the handle; false when it cannot be sent. */
bool transfer_prepare(struct transfer *t, const struct outbound_config *config);
/* `code` is libcurl's. */
enum outbound_reason transfer_reason(const struct transfer *t, int code);
/* Calls `done` and frees. */
void transfer_finish(struct transfer *t, enum outbound_reason reason, int64_t now_ms);

/* ---- hosts.c: whose turn is it ---- */

struct hosts;

struct hosts *hosts_new(size_t calls_max, size_t host_calls_max, size_t waiting_max);
void hosts_free(struct hosts *h); /* every transfer was taken out before */
/* False: there is no room for it; its host has its share already. */
bool hosts_add(struct hosts *h, struct transfer *t);
/* The next one that may start, hosts in turn; it counts as active. NULL: none may. */
struct transfer *hosts_next(struct hosts *h);
/* An active one is over. */
void hosts_done(struct hosts *h, struct transfer *t);
/* Any that waits, whether it may start or not; for the end. */
struct transfer *hosts_drop(struct hosts *h);

#endif
