/* Shared inside this folder. */
#ifndef PUSH_INTERNAL_H
#define PUSH_INTERNAL_H

#include "codec/json.h"
#include "push/push.h"

enum { PUSH_HEADERS_MAX = 10, PUSH_BODY_BYTES_MAX = 4096, BEARER_BYTES_MAX = 4096 };

struct push_call {
	enum push_service service;
	struct slice url, body;
	struct http_header headers[PUSH_HEADERS_MAX];
	size_t header_count;
	/* FCM: what an access token is asked for with, when there is none; empty: there was one. */
	uint8_t fingerprint[SHA256_BYTES];
	struct slice token_url, assertion;
};

static inline void call_header(struct push_call *c, const char *name, struct slice value)
{
	c->headers[c->header_count++] = (struct http_header){ slice_text(name), value };
}

/* The bell as JSON members, in an object that is open: all texts, as FCM wants them. */
void bell_write(struct jw *w, const struct push_bell *bell);

/* webpush.c */
/* RFC 8291: the message encrypted for the subscription, with a key and a salt that are used once. E_CRYPTO for a bad p256dh. */
err webpush_encrypt(const struct push_target *target, const uint8_t private_key[static 32], const uint8_t salt[static 16],
	struct slice plain, struct arena *a, struct slice *ret_body);
err webpush_make(struct push *p, const struct push_account *account, const struct push_target *target, const struct push_bell *bell,
	struct arena *a, struct push_call *ret_call);
enum push_outcome webpush_outcome(int status);

/* fcm.c */
err fcm_make(struct push *p, const struct push_account *account, const struct push_target *target, const struct push_bell *bell,
	struct arena *a, struct push_call *ret_call);
enum push_outcome fcm_outcome(int status);

/* apns.c */
err apns_make(struct push *p, const struct push_account *account, const struct push_target *target, const struct push_bell *bell,
	struct arena *a, struct push_call *ret_call);
enum push_outcome apns_outcome(const struct outbound_answer *answer);

/* tokens.c: what is remembered for each account, by its fingerprint */
struct push_tokens;
struct push_tokens *push_tokens_new(void);
void push_tokens_free(struct push_tokens *t);
/* True when there is one that lasts beyond `until`; copied into the arena. */
bool push_tokens_find(struct push_tokens *t, const uint8_t *fingerprint, int64_t until, struct arena *a, struct slice *ret_token);
void push_tokens_keep(struct push_tokens *t, const uint8_t *fingerprint, struct slice token, int64_t expires);
void push_tokens_forget(struct push_tokens *t, const uint8_t *fingerprint);

const struct env *push_env(const struct push *p);
struct push_tokens *push_tokens_of(struct push *p);

#endif
