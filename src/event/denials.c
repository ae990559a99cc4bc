#include "event/denials.h"

#include <pthread.h>
#include <stdlib.h>

#include "codec/json.h"

enum { DENIALS_MAX = 512, WORD_BYTES = 64 };

struct denial {
	enum fact_kind kind;
	int64_t account, count;
	const char *reason;
	char client[WORD_BYTES], address[WORD_BYTES]; /* the address is that of the first one */
};

struct denials {
	pthread_mutex_t lock;
	struct denial list[DENIALS_MAX];
	size_t n;
	int64_t lost; /* beyond the table; counted, not told apart */
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

static struct denial *find(struct denials *d, enum fact_kind kind, int64_t account, const char *client, const char *reason)
{
	for (size_t i = 0; i < d->n; i++) {
		struct denial *at = &d->list[i];

		if (at->kind == kind && at->account == account && at->reason == reason && strcmp(at->client, client) == 0)
			return at;
	}
	return NULL;
}

void denials_note(struct denials *d, enum fact_kind kind, int64_t account, struct slice client_id, struct slice address, const char *reason)
{
	char client[WORD_BYTES];
	struct denial *at;

	keep(client, client_id);
	pthread_mutex_lock(&d->lock);
	at = find(d, kind, account, client, reason);
	if (!at && d->n < DENIALS_MAX) {
		at = &d->list[d->n++];
		*at = (struct denial){ .kind = kind, .account = account, .reason = reason };
		keep(at->client, client_id);
		keep(at->address, address);
	}
	if (at)
		at->count++;
	else
		d->lost++;
	pthread_mutex_unlock(&d->lock);
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
	free(f.copy);
	arena_free(&f.arena);
	return e;
}
