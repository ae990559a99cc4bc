/* base64url without padding (RFC 4648 section 5), standard base64, hex. Decoders are strict: no white space, spare bits zero. */
#ifndef CODEC_ENCODE_H
#define CODEC_ENCODE_H

#include "base/buf.h"

void b64url_write(struct buf *b, struct slice bytes);
struct slice b64url(struct arena *a, struct slice bytes);
/* E_PARSE unless canonical; the result lies in the arena. */
err b64url_read(struct arena *a, struct slice text, struct slice *ret_bytes);

struct slice b64(struct arena *a, struct slice bytes); /* with padding */
err b64_read(struct arena *a, struct slice text, struct slice *ret_bytes); /* wants padding */

void hex_write(struct buf *b, struct slice bytes); /* lower case */
struct slice hex(struct arena *a, struct slice bytes);
err hex_read(struct slice text, uint8_t *out, size_t n); /* exactly 2n digits of either case */

#endif
