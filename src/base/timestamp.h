/* Times: milliseconds since 1970 UTC inside, ISO 8601 outside. */
#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H

#include "base/buf.h"

enum time_style {
	TIME_MS,      /* 2021-01-21T22:47:27.123Z, the usual form */
	TIME_SECONDS, /* 2021-01-21T22:47:27.000Z, transaction lists */
	TIME_UTC,     /* 2021-01-21T22:47:27.000UTC, recovery answers and attestation dates */
};

void time_write(struct buf *b, int64_t ms, enum time_style style);
/* yyyy-mm-ddThh:mm:ss[.fraction](Z|±hh:mm), else E_PARSE. Fractions below a millisecond are dropped. */
err time_parse(struct slice text, int64_t *ret_ms);

#endif
