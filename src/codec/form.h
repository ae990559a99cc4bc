/* application/x-www-form-urlencoded pairs: query strings and token requests. */
#ifndef CODEC_FORM_H
#define CODEC_FORM_H

#include "base/arena.h"

/*
 * %XX and, when `plus`, + for a space. E_PARSE on a broken escape, a NUL, escaped or not, or a result that is not UTF-8.
 * What needs no decoding is not copied: the result may be `text` itself.
 */
err percent_decode(struct slice text, bool plus, struct arena *a, struct slice *ret_text);
/* Takes the next pair off the front; false at the end. `ret_error` tells a broken escape in this pair. */
bool form_next(struct slice *rest, struct arena *a, struct slice *ret_name, struct slice *ret_value, struct error *ret_error);

#endif
