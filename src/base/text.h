/* Text rules that more than one layer needs. Lengths of text count Unicode code points. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/slice.h"

/* Bytes of the code point at the front; 0 when it is not well-formed, or there is none. */
size_t text_sequence(struct slice text);
/* Well-formed UTF-8 (no surrogates, no overlong forms, up to U+10FFFF)? */
bool text_is_utf8(struct slice text);
/* Code points in well-formed UTF-8. */
size_t text_points(struct slice text);
/* Does it hold a control character (U+0000..U+001F, U+007F..U+009F)? `lines` lets tab, LF and CR pass. */
bool text_has_controls(struct slice text, bool lines);

#endif
