#include "codec/form.h"

#include "base/text.h"
#include "codec/encode.h"

static err check(struct slice text)
{
	ENSURE(slice_find(text, 0) == text.n, PARSE);
	ENSURE(text_is_utf8(text), PARSE);
	return OK;
}

err percent_decode(struct slice text, bool plus, struct arena *a, struct slice *ret_text)
{
	uint8_t *out;
	size_t n = 0;

	if (slice_find(text, '%') == text.n && !(plus && slice_find(text, '+') < text.n)) {
		TRY(check(text));
		*ret_text = text;
		return OK;
	}
	out = arena_alloc(a, text.n + 1);
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c == '%') {
			ENSURE(text.n - i > 2, PARSE);
			TRY(hex_read(slice_of(text.p + i + 1, 2), &c, 1));
			i += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		out[n++] = c;
	}
	TRY(check(slice_of(out, n)));
	*ret_text = slice_of(out, n);
	return OK;
}

static err decode_pair(struct slice name, struct slice value, struct arena *a, struct slice *ret_name, struct slice *ret_value)
{
	TRY(percent_decode(name, true, a, ret_name));
	return percent_decode(value, true, a, ret_value);
}

bool form_next(struct slice *rest, struct arena *a, struct slice *ret_name, struct slice *ret_value, struct error *ret_error)
{
	struct slice pair = { NULL, 0 }, name;

	while (rest->n && pair.n == 0)
		pair = slice_cut(rest, '&');
	if (pair.n == 0)
		return false;
	name = slice_cut(&pair, '=');
	*ret_name = *ret_value = S("");
	*ret_error = decode_pair(name, pair, a, ret_name, ret_value);
	return true;
}

void percent_write(struct buf *b, struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];
		bool plain = ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9') || memchr("-._~", c, 4);

		if (plain)
			buf_byte(b, c);
		else
			buf_printf(b, "%%%02X", c);
	}
}

void form_write(struct buf *b, const char *name, struct slice value)
{
	if (value.n == 0)
		return;
	if (b->n && b->p[b->n - 1] != '?' && b->p[b->n - 1] != '&')
		buf_byte(b, '&');
	buf_text(b, name);
	buf_byte(b, '=');
	percent_write(b, value);
}
