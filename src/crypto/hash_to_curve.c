#include "crypto/hash_to_curve.h"

#include "crypto/hash.h"
#include "crypto/library.h"

enum { HASH_BLOCK_BYTES = 64 };

static const struct modulus *const prime = &p256_prime;

/* In Montgomery form: A and Z of the curve and its map (RFC 9380, 8.2: A = -3, Z = -10), and a square root of -Z. */
static const struct u256 a = { { 0xfffffffffffffffc, 0x00000003ffffffff, 0x0000000000000000, 0xfffffffc00000004 } };
static const struct u256 z = { { 0xfffffffffffffff5, 0x0000000affffffff, 0x0000000000000000, 0xfffffff50000000b } };
static const struct u256 root_minus_z = { { 0xa1fd38ee98a195fd, 0x78400ad7423dcf70, 0x6913c88f9ea8dfee, 0x9051d26e12a8f304 } };
/* (p - 3) / 4 */
static const struct u256 ratio_exponent = { { 0xffffffffffffffff, 0x000000003fffffff, 0x4000000000000000, 0x3fffffffc0000000 } };

static void first_block(const struct slice *parts, size_t n, struct slice tag, size_t out_n, uint8_t out[static SHA256_BYTES])
{
	static const uint8_t zeros[HASH_BLOCK_BYTES] = { 0 };
	const uint8_t length[3] = { (uint8_t)(out_n >> 8), (uint8_t)out_n, 0 }, tag_length = (uint8_t)tag.n;
	struct slice all[8];

	library_must(n <= 4, "message in more than four parts");
	all[0] = slice_of(zeros, sizeof(zeros));
	memcpy(all + 1, parts, n * sizeof(*parts));
	all[n + 1] = slice_of(length, sizeof(length));
	all[n + 2] = tag;
	all[n + 3] = slice_of(&tag_length, 1);
	sha256_parts(all, n + 4, out);
}

void expand_message(const struct slice *parts, size_t n, struct slice tag, uint8_t *out, size_t out_n)
{
	uint8_t first[SHA256_BYTES], block[SHA256_BYTES] = { 0 }, tag_length = (uint8_t)tag.n, counter = 1;

	library_must(out_n <= 255 * SHA256_BYTES && tag.n <= 255, "expand_message beyond RFC 9380");
	first_block(parts, n, tag, out_n, first);
	for (size_t done = 0; done < out_n; counter++) {
		size_t take = out_n - done < SHA256_BYTES ? out_n - done : SHA256_BYTES;

		for (size_t i = 0; i < SHA256_BYTES; i++)
			block[i] ^= first[i];
		sha256_parts(PARTS(slice_of(block, sizeof(block)), slice_of(&counter, 1), tag, slice_of(&tag_length, 1)), block);
		memcpy(out + done, block, take);
		done += take;
	}
	wipe(first, sizeof(first));
	wipe(block, sizeof(block));
}

static struct u256 plus(struct u256 x, struct u256 y)
{
	return mod_add(prime, x, y);
}

static struct u256 times(struct u256 x, struct u256 y)
{
	return mod_mul(prime, x, y);
}

static struct u256 negative(struct u256 x)
{
	return mod_sub(prime, (struct u256){ { 0 } }, x);
}

/* RFC 9380, F.2.1.2: the root of u/v if it has one, else of Z * u/v. */
static mask root_of_ratio(struct u256 u, struct u256 v, struct u256 *ret_root)
{
	struct u256 uv = times(u, v), root, other;
	mask square;

	root = times(mod_power(prime, times(times(v, v), uv), &ratio_exponent), uv);
	other = times(root, root_minus_z);
	square = u256_equal(times(times(root, root), v), u);
	*ret_root = u256_select(square, root, other);
	return square;
}

/* RFC 9380, F.2, the simplified map of Shallue, van de Woestijne and Ulas. x is left as a fraction, which is our Z. */
struct point map_to_curve(struct u256 u)
{
	struct u256 zuu = times(z, times(u, u)), t = plus(times(zuu, zuu), zuu);
	struct u256 top = times(p256_b, plus(t, prime->one));
	struct u256 bottom = times(a, u256_select(u256_is_zero(t), z, negative(t)));
	struct u256 bottom2 = times(bottom, bottom), bottom3 = times(bottom2, bottom);
	struct u256 g = plus(times(plus(times(top, top), times(a, bottom2)), top), times(p256_b, bottom3));
	struct u256 root, x, y;
	mask square = root_of_ratio(g, bottom3, &root), same_sign;

	x = u256_select(square, top, times(zuu, top));
	y = u256_select(square, root, times(times(zuu, u), root));
	same_sign = ((mod_leave(prime, u).limb[0] ^ mod_leave(prime, y).limb[0]) & 1) - 1;
	y = u256_select(same_sign, y, negative(y));
	return (struct point){ x, times(y, bottom), bottom };
}

struct point hash_to_curve(const struct slice *parts, size_t n, struct slice tag)
{
	uint8_t wide[2 * WIDE_BYTES]; /* for 128 bits of security a field element takes 48 bytes (RFC 9380, 5.1: L) */
	struct point one, two, sum;

	expand_message(parts, n, tag, wide, sizeof(wide));
	one = map_to_curve(mod_enter(prime, mod_wide(prime, wide)));
	two = map_to_curve(mod_enter(prime, mod_wide(prime, wide + WIDE_BYTES)));
	sum = point_add(&one, &two);
	wipe(wide, sizeof(wide));
	wipe(&one, sizeof(one));
	wipe(&two, sizeof(two));
	return sum;
}

struct u256 hash_to_scalar(const struct slice *parts, size_t n, struct slice tag)
{
	uint8_t wide[WIDE_BYTES];
	struct u256 scalar;

	expand_message(parts, n, tag, wide, sizeof(wide));
	scalar = mod_wide(&p256_order, wide);
	wipe(wide, sizeof(wide));
	return scalar;
}
