#include "crypto/pem.h"

#include <stdio.h>

#include "codec/encode.h"

enum { FILE_BYTES_MAX = 64 * 1024 * 1024 };

err file_read(struct arena *a, const char *path, struct slice *ret_bytes)
{
	FILE *f = fopen(path, "rbe");
	struct buf b = buf_arena(a, FILE_BYTES_MAX);
	uint8_t bytes[16 * 1024];
	size_t n;
	bool good;

	ENSURE(f, IO);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(&b, bytes, n);
	good = !ferror(f);
	fclose(f);
	ENSURE(good && !failed(buf_ok(&b)), IO);
	*ret_bytes = buf_bytes(&b);
	return OK;
}

/* What stands between two lines of PEM, without its white space. */
static err read_body(struct arena *a, struct slice body, struct slice *ret_der)
{
	struct buf b = buf_arena(a, body.n + 1);

	for (size_t i = 0; i < body.n; i++)
		if (body.p[i] > ' ')
			buf_byte(&b, body.p[i]);
	return b64_read(a, buf_bytes(&b), ret_der);
}

err pem_certificates(struct arena *a, struct slice text, struct slice *list, size_t max, size_t *ret_n)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";

	*ret_n = 0;
	for (;;) {
		const uint8_t *from = memmem(text.p, text.n, begin, sizeof(begin) - 1), *to;

		if (!from)
			return OK;
		from += sizeof(begin) - 1;
		to = memmem(from, (size_t)(text.p + text.n - from), end, sizeof(end) - 1);
		ENSURE(to && *ret_n < max, CONFIG);
		TRY(read_body(a, slice_of(from, (size_t)(to - from)), &list[(*ret_n)++]));
		text = slice_of(to, (size_t)(text.p + text.n - to));
	}
}
