/* Points in the long form (p256.h). */
#include "crypto/p256.h"
#include "crypto/p256_point.h"

static err second_coordinate(struct slice point, uint8_t ret_y[static U256_BYTES])
{
	struct point p;

	TRY(point_decode(point, &p));
	u256_write(mod_leave(&p256_prime, p.y), ret_y);
	return OK;
}

err p256_from_long(struct slice bytes, uint8_t ret_point[static P256_POINT_BYTES])
{
	uint8_t y[U256_BYTES];

	ENSURE(bytes.n == P256_LONG_BYTES && bytes.p[0] == 4, CRYPTO);
	ret_point[0] = (uint8_t)(2 + (bytes.p[P256_LONG_BYTES - 1] & 1));
	memcpy(ret_point + 1, bytes.p + 1, U256_BYTES);
	TRY(second_coordinate(slice_of(ret_point, P256_POINT_BYTES), y));
	ENSURE(memcmp(y, bytes.p + 1 + U256_BYTES, U256_BYTES) == 0, CRYPTO);
	return OK;
}

err p256_to_long(struct slice point, uint8_t ret_bytes[static P256_LONG_BYTES])
{
	TRY(second_coordinate(point, ret_bytes + 1 + U256_BYTES));
	ret_bytes[0] = 4;
	memcpy(ret_bytes + 1, point.p + 1, U256_BYTES);
	return OK;
}
