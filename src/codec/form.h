/* application/x-www-form-urlencoded pairs: query strings and token requests. */
#ifndef CODEC_FORM_H
#define CODEC_FORM_H

#include "base/buf.h"

/*
 * %XX and, when `plus`, + for a space. E_PARSE on a broken escape, a NUL, escaped or not, or a result that is not UTF-8.
 * What needs no decoding is not copied: the result may be `text` itself.
 */
err percent_decode(struct slice text, bool plus, struct arena *a, struct slice *ret_text);
/* Takes the next pair off the front; false at the end. `ret_error` tells a broken escape in this pair. */
bool form_next(struct slice *rest, struct arena *a, struct slice *ret_name, struct slice *ret_value, struct error *ret_error);
/* RFC 3986, 2.3: everything but the unreserved characters as %XX. */
void percent_write(struct buf *b, struct slice text);
/* Adds name=value, with an '&' between it and what stands there already; nothing for an empty value. */
void form_write(struct buf *b, const char *name, struct slice value);

#endif
