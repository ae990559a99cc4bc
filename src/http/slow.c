#include "http/slow.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/arena.h"
#include "base/limits.h"

enum {
	TICK_MS_MIN = 10,
	TICK_MS_MAX = 1000,
	DRAIN_TICK_MS = 20,
	DRAIN_IDLE_MS = 250, /* long enough for a busy client to hear `Connection: close` instead */
};

struct slow {
	const struct env *env;
	struct slow_times times;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	struct slow_entry *first;
	size_t count;
	bool draining, stopping;
};

static bool is_late(const struct slow *slow, const struct slow_entry *entry, int64_t now_ms)
{
	int64_t idle_since_ms = entry->idle_since_ms;

	if (entry->deadline_ms <= now_ms)
		return true;
	return slow->draining && idle_since_ms && idle_since_ms + DRAIN_IDLE_MS <= now_ms;
}

static void cut_late(struct slow *slow)
{
	int64_t now_ms = env_mono_ms(slow->env);

	for (struct slow_entry *entry = slow->first; entry; entry = entry->next) {
		if (!is_late(slow, entry, now_ms))
			continue;
		entry->deadline_ms = INT64_MAX;
		shutdown(entry->fd, SHUT_RDWR);
	}
}

static void wait_ms(struct slow *slow, int64_t ms)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	pthread_cond_timedwait(&slow->changed, &slow->lock, &until);
}

static int64_t tick_ms(const struct slow *slow)
{
	int64_t ms = (slow->times.request_ms < slow->times.idle_ms ? slow->times.request_ms : slow->times.idle_ms) / 4;

	if (slow->draining)
		return DRAIN_TICK_MS;
	if (ms < TICK_MS_MIN)
		return TICK_MS_MIN;
	return ms > TICK_MS_MAX ? TICK_MS_MAX : ms;
}

static void *watch(void *arg)
{
	struct slow *slow = arg;

	pthread_mutex_lock(&slow->lock);
	while (!slow->stopping) {
		cut_late(slow);
		wait_ms(slow, tick_ms(slow));
	}
	pthread_mutex_unlock(&slow->lock);
	return NULL;
}

err slow_start(const struct env *env, struct slow_times times, struct slow **ret_slow)
{
	struct slow *slow = xalloc(sizeof(*slow));
	pthread_condattr_t attributes;

	slow->env = env;
	slow->times = times;
	pthread_mutex_init(&slow->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&slow->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	if (pthread_create(&slow->thread, NULL, watch, slow) != 0) {
		free(slow);
		return FAIL(IO);
	}
	*ret_slow = slow;
	return OK;
}

void slow_stop(struct slow *slow)
{
	if (!slow)
		return;
	pthread_mutex_lock(&slow->lock);
	slow->stopping = true;
	pthread_cond_broadcast(&slow->changed);
	pthread_mutex_unlock(&slow->lock);
	pthread_join(slow->thread, NULL);
	pthread_cond_destroy(&slow->changed);
	pthread_mutex_destroy(&slow->lock);
	free(slow);
}

void slow_add(struct slow *slow, struct slow_entry *entry, int fd)
{
	int64_t now_ms = env_mono_ms(slow->env);

	entry->fd = fd;
	entry->deadline_ms = now_ms + slow->times.request_ms;
	entry->idle_since_ms = now_ms;
	pthread_mutex_lock(&slow->lock);
	entry->next = slow->first;
	if (slow->first)
		slow->first->previous = entry;
	slow->first = entry;
	slow->count++;
	pthread_mutex_unlock(&slow->lock);
}

void slow_remove(struct slow *slow, struct slow_entry *entry)
{
	pthread_mutex_lock(&slow->lock);
	if (entry->next)
		entry->next->previous = entry->previous;
	if (entry->previous)
		entry->previous->next = entry->next;
	else
		slow->first = entry->next;
	slow->count--;
	if (slow->draining)
		pthread_cond_broadcast(&slow->changed);
	pthread_mutex_unlock(&slow->lock);
}

size_t slow_count(struct slow *slow)
{
	size_t count;

	pthread_mutex_lock(&slow->lock);
	count = slow->count;
	pthread_mutex_unlock(&slow->lock);
	return count;
}

void slow_receiving(struct slow *slow, struct slow_entry *entry)
{
	int64_t deadline_ms = env_mono_ms(slow->env) + slow->times.request_ms;

	if (deadline_ms < entry->deadline_ms)
		entry->deadline_ms = deadline_ms;
	entry->idle_since_ms = 0;
}

void slow_handling(struct slow_entry *entry)
{
	entry->deadline_ms = INT64_MAX;
}

void slow_sending(struct slow *slow, struct slow_entry *entry, size_t reply_bytes)
{
	int64_t transfer_ms = (int64_t)(reply_bytes / REPLY_BYTES_PER_MS_MIN);

	entry->deadline_ms = env_mono_ms(slow->env) + slow->times.request_ms + transfer_ms;
}

/*
 * Nobody tells us of the first byte of a request, only of its first line. So a kept connection may be silent for idle_ms and then
 * use request_ms, and whoever trickles in a request line is cut when both are over.
 */
void slow_idle(struct slow *slow, struct slow_entry *entry)
{
	int64_t now_ms = env_mono_ms(slow->env);

	entry->deadline_ms = now_ms + slow->times.idle_ms + slow->times.request_ms;
	entry->idle_since_ms = now_ms;
}

void slow_drain(struct slow *slow, int64_t timeout_ms)
{
	int64_t end_ms = env_mono_ms(slow->env) + timeout_ms, left_ms;

	pthread_mutex_lock(&slow->lock);
	slow->draining = true;
	pthread_cond_broadcast(&slow->changed);
	while (slow->count > 0 && (left_ms = end_ms - env_mono_ms(slow->env)) > 0)
		wait_ms(slow, left_ms < DRAIN_TICK_MS ? left_ms : DRAIN_TICK_MS);
	pthread_mutex_unlock(&slow->lock);
}
