#include <curl/curl.h> /* before base/err.h, which defines err */

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "outbound/internal.h"

enum {
	WAITING_MAX = 16384,
	IDLE_CONNECTIONS_MAX = 256,
	LOOK_MS = 60 * 1000, /* nothing depends on it: whoever has news wakes the loop */
};

struct client {
	struct outbound outbound; /* first: what others hold */
	struct outbound_config config;
	struct networks allowed;
	CURLM *multi;
	pthread_t thread;
	pthread_mutex_t lock;
	struct transfer *inbox_first, *inbox_last; /* under the lock */
	size_t waiting;                            /* under the lock: in the inbox and in line */
	bool stop;                                 /* under the lock */
	struct hosts *hosts;
	struct transfer *active;
};

static const struct reason_words {
	const char *word, *sentence;
} reasons[OUTBOUND_REASON_COUNT] = {
#define REASON(name, word, sentence) [OUTBOUND_##name] = { word, sentence },
#include "outbound/reasons.def"
#undef REASON
};

const char *outbound_word(enum outbound_reason reason)
{
	return reasons[reason].word;
}

const char *outbound_sentence(enum outbound_reason reason)
{
	return reasons[reason].sentence;
}

struct slice outbound_header(const struct outbound_answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->header_count; i++)
		if (slice_is(answer->headers[i].name, name))
			return answer->headers[i].value;
	return slice_of(NULL, 0);
}

/* --- under way --- */

static void active_add(struct client *c, struct transfer *t)
{
	t->prev = NULL;
	t->next = c->active;
	if (c->active)
		c->active->prev = t;
	c->active = t;
}

static void active_remove(struct client *c, struct transfer *t)
{
	if (t->prev)
		t->prev->next = t->next;
	else
		c->active = t->next;
	if (t->next)
		t->next->prev = t->prev;
}

static void waited(struct client *c)
{
	pthread_mutex_lock(&c->lock);
	c->waiting--;
	pthread_mutex_unlock(&c->lock);
}

/* `t` is counted as active by the hosts, but not in the list any more. */
static void end(struct client *c, struct transfer *t, enum outbound_reason reason)
{
	hosts_done(c->hosts, t);
	transfer_finish(t, reason, env_mono_ms(c->config.env));
}

static void start_one(struct client *c, struct transfer *t)
{
	t->started_ms = env_mono_ms(c->config.env);
	if (!transfer_prepare(t, &c->config) || curl_multi_add_handle(c->multi, t->easy) != CURLM_OK)
		end(c, t, OUTBOUND_REQUEST_INVALID);
	else
		active_add(c, t);
}

static void start_those_whose_turn_it_is(struct client *c)
{
	struct transfer *t;

	while ((t = hosts_next(c->hosts)) != NULL) {
		waited(c);
		start_one(c, t);
	}
}

static bool finish_those_that_ended(struct client *c)
{
	bool any = false;
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(c->multi, &left)) != NULL) {
		CURLcode code = message->data.result;
		struct transfer *t = NULL;

		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		curl_multi_remove_handle(c->multi, t->easy);
		active_remove(c, t);
		end(c, t, transfer_reason(t, (int)code));
		any = true;
	}
	return any;
}

/* --- the thread --- */

static struct transfer *empty_inbox(struct client *c, bool *ret_stop)
{
	struct transfer *list;

	pthread_mutex_lock(&c->lock);
	list = c->inbox_first;
	c->inbox_first = c->inbox_last = NULL;
	*ret_stop = c->stop;
	pthread_mutex_unlock(&c->lock);
	return list;
}

static void take_in(struct client *c, struct transfer *list)
{
	while (list) {
		struct transfer *t = list;

		list = t->next;
		if (!t->refused && !hosts_add(c->hosts, t)) {
			waited(c);
			t->refused = OUTBOUND_BUSY;
		}
		if (t->refused)
			transfer_finish(t, t->refused, 0);
	}
}

static void stop_all(struct client *c)
{
	struct transfer *t;

	while ((t = c->active) != NULL) {
		curl_multi_remove_handle(c->multi, t->easy);
		active_remove(c, t);
		end(c, t, OUTBOUND_STOPPED);
	}
	while ((t = hosts_drop(c->hosts)) != NULL)
		end(c, t, OUTBOUND_STOPPED);
}

static void *work(void *arg)
{
	struct client *c = arg;
	bool stop = false;
	int running;

	for (;;) {
		take_in(c, empty_inbox(c, &stop));
		if (stop)
			break;
		start_those_whose_turn_it_is(c);
		curl_multi_perform(c->multi, &running);
		if (!finish_those_that_ended(c))
			curl_multi_poll(c->multi, NULL, 0, LOOK_MS, NULL);
	}
	stop_all(c);
	return NULL;
}

/* --- the interface --- */

struct outbound_config outbound_config_of(const struct settings *settings, const struct env *env)
{
	return (struct outbound_config){ .env = env, .allowed_networks = settings->outbound_networks, .allow_http = settings->outbound_http,
		.ca_file = settings->outbound_ca_file };
}

static void client_send(struct outbound *outbound, const struct outbound_request *request)
{
	struct client *c = (struct client *)outbound;
	struct transfer *t = transfer_new(&c->config, &c->allowed, request);

	pthread_mutex_lock(&c->lock);
	if (!t->refused && c->waiting >= c->config.waiting_max)
		t->refused = OUTBOUND_BUSY;
	c->waiting += !t->refused;
	if (c->inbox_last)
		c->inbox_last->next = t;
	else
		c->inbox_first = t;
	c->inbox_last = t;
	pthread_mutex_unlock(&c->lock);
	curl_multi_wakeup(c->multi);
}

static err open_parts(struct client *c)
{
	struct slice word;

	ENSURE(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK, IO);
	TRY(networks_parse(c->config.allowed_networks, &c->allowed, &word));
	ENSURE(!c->config.ca_file || !*c->config.ca_file || access(c->config.ca_file, R_OK) == 0, CONFIG);
	c->hosts = hosts_new(c->config.calls_max, c->config.host_calls_max, c->config.waiting_max);
	c->multi = curl_multi_init();
	ENSURE(c->multi, IO);
	curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)IDLE_CONNECTIONS_MAX);
	return OK;
}

static void close_parts(struct client *c)
{
	curl_multi_cleanup(c->multi);
	if (c->hosts)
		hosts_free(c->hosts);
	networks_free(&c->allowed);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

err outbound_start(const struct outbound_config *config, struct outbound **ret_outbound)
{
	struct client *c = xalloc(sizeof(*c));
	struct error e;

	c->outbound.send = client_send;
	c->config = *config;
	if (!c->config.waiting_max)
		c->config.waiting_max = WAITING_MAX;
	pthread_mutex_init(&c->lock, NULL);
	e = open_parts(c);
	if (!failed(e) && pthread_create(&c->thread, NULL, work, c) != 0)
		e = FAIL(IO);
	if (failed(e)) {
		close_parts(c);
		return e;
	}
	*ret_outbound = &c->outbound;
	return OK;
}

void outbound_stop(struct outbound *o)
{
	struct client *c = (struct client *)o;

	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->stop = true;
	pthread_mutex_unlock(&c->lock);
	curl_multi_wakeup(c->multi);
	pthread_join(c->thread, NULL);
	close_parts(c);
}
