#include "base/text.h"

/* Unicode 15, table 3-7. */
size_t text_sequence(struct slice text)
{
	const uint8_t *p = text.p;
	uint8_t low = 0x80, high = 0xbf;
	size_t need;

	if (text.n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		need = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		need = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		need = 4;
	else
		return 0;
	if (text.n < need)
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < need; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return need;
}

bool text_is_utf8(struct slice text)
{
	while (text.n) {
		size_t step = text_sequence(text);

		if (step == 0)
			return false;
		text = slice_of(text.p + step, text.n - step);
	}
	return true;
}

size_t text_points(struct slice text)
{
	size_t points = 0;

	for (size_t i = 0; i < text.n; i++)
		points += (text.p[i] & 0xc0) != 0x80;
	return points;
}

bool text_has_controls(struct slice text, bool lines)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c < 0x20 && !(lines && (c == '\t' || c == '\n' || c == '\r')))
			return true;
		if (c == 0x7f)
			return true;
		if (c == 0xc2 && i + 1 < text.n && text.p[i + 1] < 0xa0)
			return true;
	}
	return false;
}
