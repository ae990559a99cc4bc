#include "codec/encode.h"
#include "crypto/sign.h"

enum { PEM_BYTES_MAX = 8192 };

err sign_key_from_pem(struct slice pem, struct arena *a, struct sign_key **ret_key)
{
	struct buf digits = buf_arena(a, PEM_BYTES_MAX);
	struct slice rest = slice_trim(pem), der;

	ENSURE(slice_starts(rest, S(SIGN_PEM_BEGIN)), PARSE);
	rest = slice_of(rest.p + sizeof(SIGN_PEM_BEGIN) - 1, rest.n - (sizeof(SIGN_PEM_BEGIN) - 1));
	while (rest.n && rest.p[0] != '-') {
		if (rest.p[0] != '\n' && rest.p[0] != '\r')
			buf_byte(&digits, rest.p[0]);
		rest = slice_of(rest.p + 1, rest.n - 1);
	}
	ENSURE(slice_starts(rest, S(SIGN_PEM_END)), PARSE);
	TRY(buf_ok(&digits));
	TRY(b64_read(a, buf_bytes(&digits), &der));
	return sign_key_from_private(der, ret_key);
}
