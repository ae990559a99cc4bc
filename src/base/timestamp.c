#include "base/timestamp.h"

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar. */
static int64_t days_from_civil(int64_t y, unsigned m, unsigned d)
{
	int64_t era;
	unsigned yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (unsigned)(y - era * 400);
	doy = (153 * (m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + (int64_t)doe - 719468;
}

static void civil_from_days(int64_t days, int *ret_y, unsigned *ret_m, unsigned *ret_d)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	unsigned doe = (unsigned)(z - era * 146097);
	unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*ret_d = doy - (153 * mp + 2) / 5 + 1;
	*ret_m = mp < 10 ? mp + 3 : mp - 9;
	*ret_y = (int)((int64_t)yoe + era * 400 + (*ret_m <= 2));
}

static char *digits(char *at, unsigned value, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		at[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return at + width;
}

void time_write(struct buf *b, int64_t ms, enum time_style style)
{
	int64_t days;
	unsigned rest, m, d;
	char text[32], *at = text;
	int y;

	ms = ms < TIME_MIN_MS ? TIME_MIN_MS : ms > TIME_MAX_MS ? TIME_MAX_MS : ms;
	days = ms >= 0 ? ms / 86400000 : (ms - 86399999) / 86400000;
	rest = (unsigned)(ms - days * 86400000);
	civil_from_days(days, &y, &m, &d);
	at = digits(at, (unsigned)y, 4);
	*at++ = '-';
	at = digits(at, m, 2);
	*at++ = '-';
	at = digits(at, d, 2);
	*at++ = 'T';
	at = digits(at, rest / 3600000, 2);
	*at++ = ':';
	at = digits(at, rest / 60000 % 60, 2);
	*at++ = ':';
	at = digits(at, rest / 1000 % 60, 2);
	*at++ = '.';
	at = digits(at, style == TIME_AS_MS ? rest % 1000 : 0, 3);
	buf_add(b, text, (size_t)(at - text));
	buf_text(b, style == TIME_AS_UTC ? "UTC" : "Z");
}

static err number(struct reader *r, size_t width, unsigned low, unsigned high, unsigned *ret_value)
{
	struct slice text;
	uint64_t value;

	TRY(read_bytes(r, width, &text));
	TRY(slice_u64(text, &value));
	ENSURE(value >= low && value <= high, PARSE);
	*ret_value = (unsigned)value;
	return OK;
}

static err expect(struct reader *r, uint8_t c)
{
	uint8_t got;

	TRY(read_u8(r, &got));
	ENSURE(got == c, PARSE);
	return OK;
}

static err fraction(struct reader *r, unsigned *ret_ms)
{
	unsigned ms = 0, scale = 100, count = 0;

	*ret_ms = 0;
	if (r->rest.n == 0 || r->rest.p[0] != '.')
		return OK;
	TRY(expect(r, '.'));
	while (r->rest.n && r->rest.p[0] >= '0' && r->rest.p[0] <= '9') {
		uint8_t c;

		TRY(read_u8(r, &c));
		ms += (unsigned)(c - '0') * scale;
		scale /= 10;
		count++;
	}
	ENSURE(count > 0 && count <= 9, PARSE);
	*ret_ms = ms;
	return OK;
}

static err zone(struct reader *r, int64_t *ret_offset_ms)
{
	unsigned hours, minutes;
	uint8_t sign;

	TRY(read_u8(r, &sign));
	*ret_offset_ms = 0;
	if (sign == 'Z')
		return OK;
	ENSURE(sign == '+' || sign == '-', PARSE);
	TRY(number(r, 2, 0, 23, &hours));
	TRY(expect(r, ':'));
	TRY(number(r, 2, 0, 59, &minutes));
	*ret_offset_ms = (int64_t)(hours * 60 + minutes) * 60000 * (sign == '+' ? 1 : -1);
	return OK;
}

err time_parse(struct slice text, int64_t *ret_ms)
{
	static const uint8_t lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	struct reader r = { text };
	unsigned y, mo, d, h, mi, s, ms;
	int64_t offset, all;
	bool leap;

	TRY(number(&r, 4, 0, 9999, &y));
	TRY(expect(&r, '-'));
	TRY(number(&r, 2, 1, 12, &mo));
	TRY(expect(&r, '-'));
	TRY(number(&r, 2, 1, 31, &d));
	leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	ENSURE(d <= lengths[mo - 1] + (unsigned)(mo == 2 && leap), PARSE);
	TRY(expect(&r, 'T'));
	TRY(number(&r, 2, 0, 23, &h));
	TRY(expect(&r, ':'));
	TRY(number(&r, 2, 0, 59, &mi));
	TRY(expect(&r, ':'));
	TRY(number(&r, 2, 0, 59, &s));
	TRY(fraction(&r, &ms));
	TRY(zone(&r, &offset));
	TRY(read_end(&r));
	all = days_from_civil(y, mo, d) * 86400000 + (int64_t)(h * 3600 + mi * 60 + s) * 1000 + ms - offset;
	ENSURE(all >= TIME_MIN_MS && all <= TIME_MAX_MS, PARSE);
	*ret_ms = all;
	return OK;
}
