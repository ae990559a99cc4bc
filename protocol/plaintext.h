/*
 * Request plaintext (section 2): u32 jlen | JSON | u8 nsig | nsig * (u8 kind | u16 len | signature) [ | u32 n | scan ], kinds ascending,
 * several of SIG_NEW_BIOMETRIC in the order of the message's methods. The scan of a face stands there when the JSON names its hash.
 */
#ifndef PROTOCOL_PLAINTEXT_H
#define PROTOCOL_PLAINTEXT_H

#include "base/buf.h"
#include "protocol/messages.h"

enum { SIGNATURES_MAX = 16 };

struct signature {
	uint8_t kind;
	struct slice bytes; /* 64, or what an attestation wants */
};

struct plaintext {
	struct slice json;
	struct signature signatures[SIGNATURES_MAX];
	size_t n;
	struct slice scan; /* empty: none */
};

/*
 * E_PARSE for a trailing byte, an empty or too large scan, an unknown kind, kinds out of order, a kind other than SIG_NEW_BIOMETRIC
 * twice, or a length that is not 64.
 */
err plaintext_read(struct slice bytes, struct plaintext *ret_plaintext);
void plaintext_write(struct buf *b, const struct plaintext *p);
/* The signature of that kind; empty when there is none. */
struct slice plaintext_signature(const struct plaintext *p, enum signature_kind kind);
/*
 * Are there exactly the kinds that the message must carry, and besides only such as it may? Which of the latter is for the message
 * to say.
 */
bool plaintext_kinds_fit(const struct plaintext *p, const struct message *m);

#endif
