#include "proofing/keys.h"

#include <pthread.h>
#include <stdlib.h>

#include "api/wait.h"
#include "crypto/hash.h"
#include "jose/verify.h"

enum { PLACES = 16, KEYS_BYTES_MAX = 256 * 1024, FRESH_MS = 5 * 60 * 1000, AGAIN_MS = 10 * 1000, WAIT_MS = 8 * 1000 };

struct place {
	uint8_t id[SHA256_BYTES]; /* of the address */
	char *text;               /* the set; NULL: never had */
	size_t n;
	int64_t asked, had;       /* ms since 1970; 0: never */
	bool under_way;
};

struct key_cache {
	pthread_mutex_t lock;
	struct place places[PLACES];
};

struct fetch {
	struct app *app;
	struct api *api;
	struct uuid topic;
	uint8_t id[SHA256_BYTES];
};

struct key_cache *key_cache_open(void)
{
	struct key_cache *k = xalloc(sizeof(*k));

	pthread_mutex_init(&k->lock, NULL);
	return k;
}

void key_cache_close(struct key_cache *k)
{
	for (size_t i = 0; i < PLACES; i++)
		free(k->places[i].text);
	pthread_mutex_destroy(&k->lock);
	free(k);
}

/* The place of an address; the one that was asked for longest ago when it has none yet. Under the lock. */
static struct place *place_of(struct key_cache *k, const uint8_t id[static SHA256_BYTES])
{
	struct place *oldest = &k->places[0];

	for (size_t i = 0; i < PLACES; i++) {
		struct place *p = &k->places[i];

		if (p->asked && memcmp(p->id, id, SHA256_BYTES) == 0)
			return p;
		if (p->asked < oldest->asked)
			oldest = p;
	}
	free(oldest->text);
	*oldest = (struct place){ .text = NULL };
	memcpy(oldest->id, id, SHA256_BYTES);
	return oldest;
}

static void fetched(void *ctx, const struct outbound_answer *answer)
{
	struct fetch *f = ctx;
	struct key_cache *k = f->app->proofing->keys;
	struct place *p;

	pthread_mutex_lock(&k->lock);
	p = place_of(k, f->id);
	p->under_way = false;
	if (answer->reason == OUTBOUND_ANSWERED && answer->status == 200 && answer->body.n) {
		free(p->text);
		p->text = xalloc(answer->body.n);
		memcpy(p->text, answer->body.p, answer->body.n);
		p->n = answer->body.n;
		p->had = p->asked = env_now_ms(f->app->env);
	}
	pthread_mutex_unlock(&k->lock);
	api_wake(f->api, &f->topic);
	free(f);
}

static struct uuid topic_of(const uint8_t id[static SHA256_BYTES])
{
	struct uuid topic;

	memcpy(topic.b, id, sizeof(topic.b));
	return topic;
}

/* What is kept, copied; and whether it is to be fetched (again). However many ask, one call is made in ten seconds. */
static struct slice look(struct op *op, const uint8_t id[static SHA256_BYTES], bool *ret_fetch, bool *ret_fresh)
{
	struct key_cache *k = op->app->proofing->keys;
	struct slice text = S("");
	struct place *p;

	pthread_mutex_lock(&k->lock);
	p = place_of(k, id);
	if (p->text)
		text = arena_copy(op->arena, slice_of(p->text, p->n));
	*ret_fresh = p->had && op->now - p->had < FRESH_MS;
	*ret_fetch = !p->under_way && (!p->asked || op->now - p->asked > AGAIN_MS);
	pthread_mutex_unlock(&k->lock);
	return text;
}

static bool begin(struct op *op, const uint8_t id[static SHA256_BYTES])
{
	struct key_cache *k = op->app->proofing->keys;
	struct place *p;
	bool mine;

	pthread_mutex_lock(&k->lock);
	p = place_of(k, id);
	mine = !p->under_way;
	p->under_way = true;
	p->asked = op->now;
	pthread_mutex_unlock(&k->lock);
	return mine;
}

static void fetch(struct op *op, struct slice url, const uint8_t id[static SHA256_BYTES])
{
	struct fetch *f;

	if (!begin(op, id))
		return;
	f = xalloc(sizeof(*f));
	*f = (struct fetch){ .app = op->app, .api = op->api, .topic = topic_of(id) };
	memcpy(f->id, id, SHA256_BYTES);
	outbound_send(op->app->outbound, &(struct outbound_request){
		.method = HTTP_GET, .url = url, .answer_bytes_max = KEYS_BYTES_MAX, .done = fetched, .ctx = f });
}

static json_t *verified(struct op *op, struct slice text, struct slice token)
{
	struct slice payload, why;
	json_t *keys, *claims;

	if (!text.n || failed(json_read(text, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &keys, &why)))
		return NULL;
	op_keep_json(op, keys);
	if (failed(jws_verify(token, keys, op->arena, &payload)) ||
		failed(json_read(payload, JSON_UNIQUE, JSON_DEPTH_MAX, op->arena, &claims, &why)))
		return NULL;
	op_keep_json(op, claims);
	return json_is_object(claims) ? claims : NULL;
}

json_t *keys_verify(struct op *op, struct slice url, struct slice token, bool *ret_wait)
{
	uint8_t id[SHA256_BYTES];
	bool old, fresh, again = op->woken != NOT_WOKEN;
	struct uuid topic;
	json_t *claims;
	struct slice text;

	*ret_wait = false;
	sha256(url, id);
	topic = topic_of(id);
	if (!again)
		op_watch(op, &topic);
	text = look(op, id, &old, &fresh);
	claims = fresh || again ? verified(op, text, token) : NULL;
	if (claims || again || !op->app->outbound)
		return claims;
	/* None yet, too old, or the key is a new one. */
	if (old)
		fetch(op, url, id);
	*ret_wait = true;
	op_wait(op, WAIT_MS);
	return NULL;
}
