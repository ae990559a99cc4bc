#include "crypto/p256_point.h"

static const struct modulus *const prime = &p256_prime;

const struct u256 p256_b = { { 0xd89cdf6229c4bddf, 0xacf005cd78843090, 0xe5a220abf7212ed6, 0xdc30061d04874834 } };

/* (p + 1) / 4: a square root, where there is one, since p = 3 modulo 4 */
static const struct u256 root_exponent = { { 0x0000000000000000, 0x0000000040000000, 0x4000000000000000, 0x3fffffffc0000000 } };

static struct u256 plus(struct u256 a, struct u256 b)
{
	return mod_add(prime, a, b);
}

static struct u256 minus(struct u256 a, struct u256 b)
{
	return mod_sub(prime, a, b);
}

static struct u256 times(struct u256 a, struct u256 b)
{
	return mod_mul(prime, a, b);
}

static struct u256 thrice(struct u256 a)
{
	return plus(plus(a, a), a);
}

/* The complete addition of Renes, Costello and Batina (2015), algorithm 4, for curves with a = -3; terms gathered. */
struct point point_add(const struct point *a, const struct point *b)
{
	struct u256 xx = times(a->x, b->x), yy = times(a->y, b->y), zz = times(a->z, b->z);
	struct u256 xy = minus(times(plus(a->x, a->y), plus(b->x, b->y)), plus(xx, yy));
	struct u256 yz = minus(times(plus(a->y, a->z), plus(b->y, b->z)), plus(yy, zz));
	struct u256 xz = minus(times(plus(a->x, a->z), plus(b->x, b->z)), plus(xx, zz));
	struct u256 u = thrice(minus(xz, times(p256_b, zz)));
	struct u256 zzz = thrice(zz);
	struct u256 v = thrice(minus(times(p256_b, xz), plus(zzz, xx)));
	struct u256 w = minus(thrice(xx), zzz);
	struct u256 low = minus(yy, u), high = plus(yy, u);

	return (struct point){
		.x = minus(times(xy, high), times(yz, v)),
		.y = plus(times(high, low), times(w, v)),
		.z = plus(times(yz, low), times(xy, w)),
	};
}

/* Double and always add: 512 additions, whatever the scalar. */
struct point point_multiply(struct u256 scalar, const struct point *a)
{
	struct point sum = { .y = p256_prime.one };

	for (size_t i = 256; i-- > 0;) {
		mask bit = 0 - (scalar.limb[i / 64] >> (i % 64) & 1);
		struct point more;

		sum = point_add(&sum, &sum);
		more = point_add(&sum, a);
		sum.x = u256_select(bit, more.x, sum.x);
		sum.y = u256_select(bit, more.y, sum.y);
		sum.z = u256_select(bit, more.z, sum.z);
	}
	wipe(&scalar, sizeof(scalar));
	return sum;
}

/* y^2 = x^3 - 3x + b */
static struct u256 curve(struct u256 x)
{
	return plus(minus(times(times(x, x), x), thrice(x)), p256_b);
}

err point_decode(struct slice bytes, struct point *ret_point)
{
	struct u256 x, y, square, odd;
	mask flip;

	ENSURE(bytes.n == P256_POINT_BYTES && (bytes.p[0] == 2 || bytes.p[0] == 3), CRYPTO);
	x = u256_read(bytes.p + 1);
	ENSURE(u256_below(x, prime->m), CRYPTO);
	x = mod_enter(prime, x);
	square = curve(x);
	y = mod_power(prime, square, &root_exponent);
	ENSURE(u256_equal(times(y, y), square), CRYPTO);
	odd = mod_leave(prime, y);
	flip = 0 - ((odd.limb[0] ^ bytes.p[0]) & 1);
	*ret_point = (struct point){ x, u256_select(flip, minus((struct u256){ { 0 } }, y), y), prime->one };
	return OK;
}

err point_encode(const struct point *a, uint8_t out[static P256_POINT_BYTES])
{
	struct u256 inverse = mod_inverse(prime, a->z);
	struct u256 y = mod_leave(prime, times(a->y, inverse));

	ENSURE(!u256_is_zero(a->z), CRYPTO);
	u256_write(mod_leave(prime, times(a->x, inverse)), out + 1);
	out[0] = (uint8_t)(2 + (y.limb[0] & 1));
	return OK;
}
