#include "event/denials.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "codec/json.h"

enum {
	DENIALS_MAX = 512,
	REST_KINDS = 2, /* beyond the table, one more for the rest of each kind */
	WORD_BYTES = 64,
};

struct denial {
	enum fact_kind kind;
	int64_t account, count;
	const char *reason;
	char client[WORD_BYTES], address[WORD_BYTES]; /* the address is that of the first one */
};

struct denials {
	pthread_mutex_t lock;
	struct denial list[DENIALS_MAX + REST_KINDS];
	size_t n;
};

struct denials *denials_new(void)
{
	struct denials *d = xalloc(sizeof(*d));

	pthread_mutex_init(&d->lock, NULL);
	return d;
}

void denials_free(struct denials *d)
{
	if (d)
		pthread_mutex_destroy(&d->lock);
	free(d);
}

static void keep(char out[static WORD_BYTES], struct slice text)
{
	size_t n = text.n < WORD_BYTES - 1 ? text.n : WORD_BYTES - 1;

	if (n)
		memcpy(out, text.p, n);
	out[n] = 0;
}

static struct denial *find(struct denials *d, const struct denial *one)
{
	for (size_t i = 0; i < d->n; i++) {
		struct denial *at = &d->list[i];

		if (at->kind == one->kind && at->account == one->account && strcmp(at->reason, one->reason) == 0 &&
		    strcmp(at->client, one->client) == 0)
			return at;
	}
	return NULL;
}

static struct denial *place(struct denials *d, const struct denial *one)
{
	const struct denial rest = { .kind = one->kind, .reason = "others" };
	struct denial *at = find(d, one);

	if (!at && d->n >= DENIALS_MAX) {
		one = &rest;
		at = find(d, one);
	}
	if (!at) {
		assert(d->n < DENIALS_MAX + REST_KINDS);
		at = &d->list[d->n++];
		*at = *one;
		at->count = 0;
	}
	return at;
}

static void count(struct denials *d, const struct denial *list, size_t n)
{
	pthread_mutex_lock(&d->lock);
	for (size_t i = 0; i < n; i++)
		place(d, &list[i])->count += list[i].count;
	pthread_mutex_unlock(&d->lock);
}

void denials_note(struct denials *d, enum fact_kind kind, int64_t account, struct slice client_id, struct slice address,
	const char *reason)
{
	struct denial one = { .kind = kind, .account = account, .reason = reason, .count = 1 };

	keep(one.client, client_id);
	keep(one.address, address);
	count(d, &one, 1);
}

struct flush {
	struct app *app;
	struct denials *copy;
	struct arena arena;
};

static err write_one(struct flush *f, struct tx *tx, const struct denial *d)
{
	struct buf b = buf_arena(&f->arena, 1024);
	struct jw w = jw_new(&b);
	struct fact_origin origin = fact_origin_here(f->app);

	origin.client_id = slice_text(d->client);
	origin.address = slice_text(d->address);
	origin.account = d->account;
	jw_open(&w, '{');
	jw_pair(&w, "reason", d->reason);
	jw_pair_int(&w, "count", d->count);
	jw_close(&w, '}');
	return fact_from(&origin, tx, &(struct fact){ .kind = d->kind, .data = buf_bytes(&b) });
}

static struct error write_all(void *arg, struct tx *tx)
{
	struct flush *f = arg;

	for (size_t i = 0; i < f->copy->n; i++)
		TRY(write_one(f, tx, &f->copy->list[i]));
	return OK;
}

err denials_flush(struct denials *d, struct app *app)
{
	struct flush f = { .app = app };
	struct error e = OK;

	arena_init(&f.arena);
	f.copy = xalloc(sizeof(*f.copy));
	pthread_mutex_lock(&d->lock);
	memcpy(f.copy->list, d->list, d->n * sizeof(d->list[0]));
	f.copy->n = d->n;
	d->n = 0;
	pthread_mutex_unlock(&d->lock);
	if (f.copy->n)
		e = store_write(app->store, write_all, &f);
	if (failed(e))
		count(d, f.copy->list, f.copy->n);
	free(f.copy);
	arena_free(&f.arena);
	return e;
}
