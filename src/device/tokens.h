/* Authorisation tokens (6.4): who holds one has proven two factors a moment ago. */
#ifndef DEVICE_TOKENS_H
#define DEVICE_TOKENS_H

#include "codec/schema.h"
#include "store/store.h"

struct call;

enum token_purpose { TOKEN_ADD_OR_UPDATE_RECOVERY, TOKEN_DELETE_RECOVERY };
const char *token_purpose(enum token_purpose purpose);
/* For an answer; none unless `proven` tells when two factors were proven. Saved with what the answer tells of. */
struct list tokens_issue(struct call *c, struct list purposes, int64_t proven);
err tokens_save(struct call *c, struct tx *tx);
/* E_NO_ROW: unknown, used, expired, of another device or for something else. */
err token_check(struct call *c, struct slice token, enum token_purpose purpose, int64_t *ret_proven);
err token_consume(struct tx *tx, struct slice token);
err tokens_sweep(struct tx *tx, int64_t now);
err tokens_to_sweep(struct tx *tx, int64_t now, bool *ret_any);

#endif
