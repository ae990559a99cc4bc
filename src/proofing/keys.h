/* Published keys of providers who sign what they send, kept for a while. The writer of a callback does not wait for them on a thread. */
#ifndef PROOFING_KEYS_H
#define PROOFING_KEYS_H

#include "proofing/calls.h"

struct key_cache;

struct key_cache *key_cache_open(void);
void key_cache_close(struct key_cache *k);

/*
 * The claims of a token that one of the keys at this address signed, NULL when there is none. In prepare. `ret_wait`: the keys are being
 * fetched, and the request was set to wait for them; prepare has to return, and is run again.
 */
json_t *keys_verify(struct op *op, struct slice url, struct slice token, bool *ret_wait);

#endif
