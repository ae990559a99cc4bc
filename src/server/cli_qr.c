/* A QR code in the terminal: two rows of modules a line, as half blocks, dark on light whatever the terminal's colours are. */
#include <qrencode.h>

#include "server/cli.h"

enum { QUIET = 2 }; /* modules of white around it; readers do with less than the standard's four */

static bool dark(const QRcode *qr, int x, int y)
{
	if (x < 0 || y < 0 || x >= qr->width || y >= qr->width)
		return false;
	return qr->data[y * qr->width + x] & 1;
}

/* Light modules are drawn: most terminals are dark, and readers take either. */
static const char *half_block(bool upper, bool lower)
{
	if (!upper && !lower)
		return "\xe2\x96\x88"; /* full block */
	if (!upper)
		return "\xe2\x96\x80"; /* upper half */
	return lower ? " " : "\xe2\x96\x84"; /* lower half */
}

void qr_write(struct buf *b, const char *text)
{
	QRcode *qr = QRcode_encodeString(text, 0, QR_ECLEVEL_L, QR_MODE_8, 1);

	if (!qr)
		return;
	for (int y = -QUIET; y < qr->width + QUIET; y += 2) {
		for (int x = -QUIET; x < qr->width + QUIET; x++)
			buf_text(b, half_block(dark(qr, x, y), dark(qr, x, y + 1)));
		buf_byte(b, '\n');
	}
	QRcode_free(qr);
}
