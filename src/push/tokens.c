/* What is remembered for each account: Google's access token, our own provider token for Apple. */
#include <pthread.h>
#include <stdlib.h>

#include "push/internal.h"

/* Accounts at services; one that is forgotten only has to ask again. */
enum { ACCOUNTS_MAX = 1024 };

struct token {
	uint8_t fingerprint[SHA256_BYTES];
	uint8_t *text;
	size_t n;
	int64_t expires;
};

struct push_tokens {
	pthread_mutex_t lock;
	struct token list[ACCOUNTS_MAX];
	size_t n, next; /* next: the one whose place a further account takes */
};

struct push_tokens *push_tokens_new(void)
{
	struct push_tokens *t = xalloc(sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	return t;
}

static void drop(struct token *token)
{
	if (token->text)
		wipe(token->text, token->n);
	free(token->text);
	*token = (struct token){ .n = 0 };
}

void push_tokens_free(struct push_tokens *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n; i++)
		drop(&t->list[i]);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static struct token *find(struct push_tokens *t, const uint8_t *fingerprint)
{
	for (size_t i = 0; i < t->n; i++)
		if (memcmp(t->list[i].fingerprint, fingerprint, SHA256_BYTES) == 0)
			return &t->list[i];
	return NULL;
}

bool push_tokens_find(struct push_tokens *t, const uint8_t *fingerprint, int64_t until, struct arena *a, struct slice *ret_token)
{
	const struct token *token;
	bool found;

	pthread_mutex_lock(&t->lock);
	token = find(t, fingerprint);
	found = token && token->text && token->expires > until;
	if (found)
		*ret_token = arena_copy(a, slice_of(token->text, token->n));
	pthread_mutex_unlock(&t->lock);
	return found;
}

static struct token *place_for(struct push_tokens *t, const uint8_t *fingerprint)
{
	struct token *token = find(t, fingerprint);

	if (!token && t->n < ACCOUNTS_MAX)
		token = &t->list[t->n++];
	if (!token) {
		token = &t->list[t->next];
		t->next = (t->next + 1) % ACCOUNTS_MAX;
	}
	drop(token);
	memcpy(token->fingerprint, fingerprint, SHA256_BYTES);
	return token;
}

void push_tokens_keep(struct push_tokens *t, const uint8_t *fingerprint, struct slice text, int64_t expires)
{
	struct token *token;

	pthread_mutex_lock(&t->lock);
	token = place_for(t, fingerprint);
	token->text = xalloc(text.n + 1);
	memcpy(token->text, text.p, text.n);
	token->n = text.n;
	token->expires = expires;
	pthread_mutex_unlock(&t->lock);
}

void push_tokens_forget(struct push_tokens *t, const uint8_t *fingerprint)
{
	struct token *token;

	pthread_mutex_lock(&t->lock);
	token = find(t, fingerprint);
	if (token)
		token->expires = 0;
	pthread_mutex_unlock(&t->lock);
}
