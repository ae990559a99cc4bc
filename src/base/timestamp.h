/* Times: milliseconds since 1970 UTC inside, ISO 8601 outside. */
#ifndef BASE_TIMESTAMP_H
#define BASE_TIMESTAMP_H

#include "base/buf.h"

/* Not TIME_UTC and the like: <time.h> has a macro of that name. */
enum time_style {
	TIME_AS_MS,      /* 2021-01-21T22:47:27.123Z, the usual form */
	TIME_AS_SECONDS, /* 2021-01-21T22:47:27.000Z, transaction lists */
	TIME_AS_UTC,     /* 2021-01-21T22:47:27.000UTC, recovery answers and attestation dates */
};

/* The years 0000 to 9999, which is what four digits can say. */
#define TIME_MIN_MS INT64_C(-62167219200000)
#define TIME_MAX_MS INT64_C(253402300799999)

/* A time outside these years is written as the nearest one inside. */
void time_write(struct buf *b, int64_t ms, enum time_style style);
/*
 * yyyy-mm-ddThh:mm:ss[.fraction](Z|±hh:mm), fraction of one to nine digits, else E_PARSE; so is what the offset moves out of the
 * years above. Parts of a millisecond are dropped. Leap seconds and 24:00 are refused.
 */
err time_parse(struct slice text, int64_t *ret_ms);

#endif
