/* The OpenSSL calls on EC_KEY are the only ones that take a bare point; OpenSSL 3 warns unless told which interface is meant. */
#define OPENSSL_API_COMPAT 0x10101000L

#include "crypto/p256.h"

#include <openssl/ec.h>
#include <openssl/err.h>

#include <stdlib.h>

#include "base/arena.h"
#include "crypto/library.h"
#include "crypto/modular.h"
#include "crypto/p256_point.h"
#include "crypto/pool.h"

/* n / 2, rounded down: the largest s that counts as low */
static const struct u256 half_order = { { 0x79dce5617e3192a8, 0xde737d56d38bcf42, 0x7fffffffffffffff, 0x7fffffff80000000 } };

/* What one operation needs, made once and kept for the next. Nothing secret stays in one that lies in the pool. */
struct work {
	BN_CTX *bn;
	BIGNUM *scalar, *x, *y;
	EC_POINT *point, *result;
	EC_KEY *key;
};

static struct pool works = POOL_INITIALIZER;

static struct work *work_new(void)
{
	const EC_GROUP *group = library()->p256;
	struct work *w = xalloc(sizeof(*w));

	w->bn = library_have(BN_CTX_new(), "BN_CTX");
	w->scalar = library_have(BN_new(), "BIGNUM");
	w->x = library_have(BN_new(), "BIGNUM");
	w->y = library_have(BN_new(), "BIGNUM");
	w->point = library_have(EC_POINT_new(group), "EC_POINT");
	w->result = library_have(EC_POINT_new(group), "EC_POINT");
	w->key = library_have(EC_KEY_new(), "EC_KEY");
	library_must(EC_KEY_set_group(w->key, group) == 1, "EC_KEY");
	return w;
}

static struct work *work_take(void)
{
	struct work *w = pool_take(&works);

	return w ? w : work_new();
}

static void work_put(struct work *w)
{
	BN_clear(w->scalar);
	if (pool_put(&works, w))
		return;
	EC_KEY_free(w->key);
	EC_POINT_free(w->result);
	EC_POINT_free(w->point);
	BN_free(w->y);
	BN_free(w->x);
	BN_clear_free(w->scalar);
	BN_CTX_free(w->bn);
	free(w);
}

static void set_number(BIGNUM *number, const uint8_t bytes[static U256_BYTES])
{
	library_must(BN_bin2bn(bytes, U256_BYTES, number) != NULL, "BIGNUM");
}

static err set_point(struct work *w, struct slice bytes)
{
	uint8_t x[U256_BYTES], y[U256_BYTES];
	struct point p;

	TRY(point_decode(bytes, &p));
	u256_write(mod_leave(&p256_prime, p.x), x);
	u256_write(mod_leave(&p256_prime, p.y), y);
	set_number(w->x, x);
	set_number(w->y, y);
	library_must(EC_POINT_set_affine_coordinates(library()->p256, w->point, w->x, w->y, w->bn) == 1, "EC_POINT");
	return OK;
}

static bool scalar_good(const uint8_t scalar[static P256_SCALAR_BYTES])
{
	struct u256 number = u256_read(scalar);

	return (u256_below(number, p256_order.m) & ~u256_is_zero(number)) != 0;
}

/* The product of a good scalar and a point is never infinity, as n is prime. */
static void write_result(const struct work *w, uint8_t out[static P256_POINT_BYTES])
{
	size_t n = EC_POINT_point2oct(library()->p256, w->result, POINT_CONVERSION_COMPRESSED, out, P256_POINT_BYTES, w->bn);

	library_must(n == P256_POINT_BYTES, "EC_POINT");
}

err p256_check(struct slice point)
{
	struct point p;

	return point_decode(point, &p);
}

err p256_public(const uint8_t scalar[static P256_SCALAR_BYTES], uint8_t ret_point[static P256_POINT_BYTES])
{
	struct work *w;

	ENSURE(scalar_good(scalar), CRYPTO);
	w = work_take();
	set_number(w->scalar, scalar);
	library_must(EC_POINT_mul(library()->p256, w->result, w->scalar, NULL, NULL, w->bn) == 1, "EC_POINT_mul");
	write_result(w, ret_point);
	work_put(w);
	return OK;
}

err p256_multiply(const uint8_t scalar[static P256_SCALAR_BYTES], struct slice point, uint8_t ret_point[static P256_POINT_BYTES])
{
	struct work *w = work_take();
	struct error e = scalar_good(scalar) ? set_point(w, point) : FAIL(CRYPTO);

	if (!failed(e)) {
		set_number(w->scalar, scalar);
		library_must(EC_POINT_mul(library()->p256, w->result, NULL, w->point, w->scalar, w->bn) == 1, "EC_POINT_mul");
		write_result(w, ret_point);
	}
	work_put(w);
	return e;
}

void p256_generate(const struct env *env, uint8_t ret_private[static P256_SCALAR_BYTES], uint8_t ret_public[static P256_POINT_BYTES])
{
	do
		env_random(env, ret_private, P256_SCALAR_BYTES);
	while (failed(p256_public(ret_private, ret_public)));
}

void p256_private_from_wide(const uint8_t wide[static P256_WIDE_BYTES], uint8_t ret_private[static P256_SCALAR_BYTES])
{
	struct u256 order_less_one = p256_order.m, number;

	order_less_one.limb[0]--;
	number = u256_reduce(slice_of(wide, P256_WIDE_BYTES), order_less_one);
	for (size_t i = 0, carry = 1; i < 4; i++) {
		number.limb[i] += carry;
		carry = carry & (number.limb[i] == 0);
	}
	u256_write(number, ret_private);
	wipe(&number, sizeof(number));
}

static bool check_signature(struct work *w, const uint8_t digest[static SHA256_BYTES], const uint8_t raw[static P256_SIG_BYTES])
{
	ECDSA_SIG *signature = library_have(ECDSA_SIG_new(), "ECDSA_SIG");
	BIGNUM *r = library_have(BN_bin2bn(raw, U256_BYTES, NULL), "BIGNUM");
	BIGNUM *s = library_have(BN_bin2bn(raw + U256_BYTES, U256_BYTES, NULL), "BIGNUM");
	bool good;

	library_must(ECDSA_SIG_set0(signature, r, s) == 1, "ECDSA_SIG");
	library_must(EC_KEY_set_public_key(w->key, w->point) == 1, "EC_KEY");
	good = ECDSA_do_verify(digest, SHA256_BYTES, signature, w->key) == 1;
	ECDSA_SIG_free(signature);
	if (!good)
		ERR_clear_error();
	return good;
}

err p256_verify(struct slice point, const struct slice *parts, size_t n, struct slice signature)
{
	uint8_t digest[SHA256_BYTES];
	struct error e;
	struct work *w;

	ENSURE(signature.n == P256_SIG_BYTES, SIGNATURE);
	ENSURE(!u256_below(half_order, u256_read(signature.p + U256_BYTES)), SIGNATURE);
	sha256_parts(parts, n, digest);
	w = work_take();
	e = set_point(w, point);
	if (!failed(e) && !check_signature(w, digest, signature.p))
		e = FAIL(SIGNATURE);
	work_put(w);
	return e;
}

/* E_CRYPTO unless the point is on the curve, which OpenSSL looks at itself. */
static err set_affine(struct work *w, struct slice x, struct slice y)
{
	ENSURE(x.n == U256_BYTES && y.n == U256_BYTES, CRYPTO);
	set_number(w->x, x.p);
	set_number(w->y, y.p);
	if (EC_POINT_set_affine_coordinates(library()->p256, w->point, w->x, w->y, w->bn) == 1)
		return OK;
	ERR_clear_error();
	return FAIL(CRYPTO);
}

/* NULL when it is not the one DER of two numbers. */
static ECDSA_SIG *signature_read(struct slice der)
{
	uint8_t again[80], *to = again;
	const uint8_t *at = der.p;
	ECDSA_SIG *signature = der.n <= sizeof(again) - 8 ? d2i_ECDSA_SIG(NULL, &at, (long)der.n) : NULL;
	int n = signature ? i2d_ECDSA_SIG(signature, NULL) : -1;

	if (n == (int)der.n && i2d_ECDSA_SIG(signature, &to) == n && memcmp(again, der.p, der.n) == 0)
		return signature;
	ECDSA_SIG_free(signature);
	ERR_clear_error();
	return NULL;
}

static err check_der(struct work *w, const uint8_t digest[static SHA256_BYTES], struct slice der)
{
	ECDSA_SIG *signature = signature_read(der);
	bool good;

	ENSURE(signature, SIGNATURE);
	library_must(EC_KEY_set_public_key(w->key, w->point) == 1, "EC_KEY");
	good = ECDSA_do_verify(digest, SHA256_BYTES, signature, w->key) == 1;
	ECDSA_SIG_free(signature);
	if (!good)
		ERR_clear_error();
	ENSURE(good, SIGNATURE);
	return OK;
}

err p256_verify_der(struct slice x, struct slice y, const struct slice *parts, size_t n, struct slice signature)
{
	uint8_t digest[SHA256_BYTES];
	struct work *w = work_take();
	struct error e = set_affine(w, x, y);

	sha256_parts(parts, n, digest);
	if (!failed(e))
		e = check_der(w, digest, signature);
	work_put(w);
	return e;
}
