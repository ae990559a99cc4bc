/*
 * Whose turn is it: each host has a queue of its own, and hosts that may start one stand in a line, so that neither a host with many
 * calls nor one that never answers holds up another.
 *
 * What they share, places for calls under way and places to wait in, is shared so that there is always some left for one who comes: a
 * host may have as many as are free at that moment. One takes at most half of them, nine at most a tenth each.
 */
#include <stdlib.h>

#include "outbound/internal.h"

enum {
	BUCKETS = 256,
	CALLS_MAX = 512,
	HOST_CALLS_MAX = 8,
	HTTP2_TIMES = 16, /* one connection carries them all */
};

struct host {
	struct host *next, *next_in_line;
	struct slice origin; /* heap */
	size_t bucket, active, waiting, limit;
	struct transfer *first, *last;
	bool in_line;
};

struct hosts {
	struct host *buckets[BUCKETS];
	struct host *line_first, *line_last;
	size_t calls_max, host_calls_max, waiting_max, active, waiting, in_line;
	bool closed; /* nobody is let start any more */
};

struct hosts *hosts_new(size_t calls_max, size_t host_calls_max, size_t waiting_max)
{
	struct hosts *h = xalloc(sizeof(*h));

	h->waiting_max = waiting_max;
	h->calls_max = calls_max ? calls_max : CALLS_MAX;
	h->host_calls_max = host_calls_max ? host_calls_max : HOST_CALLS_MAX;
	return h;
}

void hosts_free(struct hosts *h)
{
	free(h);
}

static size_t bucket_of(struct slice origin)
{
	uint32_t hash = 2166136261;

	for (size_t i = 0; i < origin.n; i++)
		hash = (hash ^ origin.p[i]) * 16777619;
	return hash % BUCKETS;
}

static struct host *host_of(struct hosts *h, const struct transfer *t)
{
	struct slice origin = t->target.origin;
	size_t bucket = bucket_of(origin);
	struct host *host = h->buckets[bucket];

	while (host && !slice_eq(host->origin, origin))
		host = host->next;
	if (!host) {
		host = xalloc(sizeof(*host));
		host->origin = slice_of(memcpy(xalloc(origin.n), origin.p, origin.n), origin.n);
		host->bucket = bucket;
		host->next = h->buckets[bucket];
		h->buckets[bucket] = host;
	}
	/* As the newest of its callers wants it. */
	host->limit = h->host_calls_max * (t->request.http2 ? HTTP2_TIMES : 1);
	return host;
}

static void forget(struct hosts *h, struct host *host)
{
	struct host **at = &h->buckets[host->bucket];

	while (*at != host)
		at = &(*at)->next;
	*at = host->next;
	free((void *)(uintptr_t)host->origin.p);
	free(host);
}

static void stand_in_line(struct hosts *h, struct host *host)
{
	if (h->closed || host->in_line || !host->first || host->active >= host->limit)
		return;
	host->in_line = true;
	host->next_in_line = NULL;
	if (h->line_last)
		h->line_last->next_in_line = host;
	else
		h->line_first = host;
	h->line_last = host;
	h->in_line++;
}

static struct host *leave_line(struct hosts *h)
{
	struct host *host = h->line_first;

	if (host) {
		h->in_line--;
		host->in_line = false;
		h->line_first = host->next_in_line;
		if (!h->line_first)
			h->line_last = NULL;
	}
	return host;
}

static struct transfer *take_first(struct hosts *h, struct host *host)
{
	struct transfer *t = host->first;

	host->first = t->next;
	if (!host->first)
		host->last = NULL;
	t->next = NULL;
	host->waiting--;
	h->waiting--;
	return t;
}

bool hosts_add(struct hosts *h, struct transfer *t)
{
	struct host *host = host_of(h, t);

	if (host->waiting >= h->waiting_max - h->waiting) {
		if (!host->active && !host->first)
			forget(h, host);
		return false;
	}
	t->host = host;
	t->next = NULL;
	if (host->last)
		host->last->next = t;
	else
		host->first = t;
	host->last = t;
	host->waiting++;
	h->waiting++;
	stand_in_line(h, host);
	return true;
}

static struct transfer *start(struct hosts *h, struct host *host)
{
	struct transfer *t = take_first(h, host);

	host->active++;
	h->active++;
	stand_in_line(h, host);
	return t;
}

struct transfer *hosts_next(struct hosts *h)
{
	for (size_t left = h->active < h->calls_max ? h->in_line : 0; left; left--) {
		struct host *host = leave_line(h);

		if (host->active < h->calls_max - h->active)
			return start(h, host);
		stand_in_line(h, host);
	}
	return NULL;
}

void hosts_done(struct hosts *h, struct transfer *t)
{
	struct host *host = t->host;

	host->active--;
	h->active--;
	stand_in_line(h, host);
	if (!host->active && !host->first)
		forget(h, host);
}

struct transfer *hosts_drop(struct hosts *h)
{
	h->closed = true;
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct host *host = h->buckets[i]; host; host = host->next)
			if (host->first)
				return start(h, host); /* counts as active, so that it ends like any other */
	return NULL;
}
