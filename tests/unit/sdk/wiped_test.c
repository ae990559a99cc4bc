/*
 * Nothing of a PIN or a recovery code stays in the process's memory, freed memory included: all of it that can be written is searched. Here
 * they are kept disguised, so that the search does not find itself. Dead stack is left out, as the page for app builders says.
 */
#include "tests/unit/common/test.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "sdk/internal.h"
#include "tests/unit/sdk/phone.h"

enum { DISGUISE = 0x5a, PART_BYTES = 1 << 16, REGION_BYTES_MAX = 256 << 20, DIGITS = 8 };

struct secret {
	uint8_t disguised[DIGITS];
};

/* Eight digits, which no test names and chance will not make. */
static struct secret secret_of(unsigned seed)
{
	struct secret s;

	for (int i = 0; i < DIGITS; i++) {
		seed = seed * 1103515245 + 12345;
		s.disguised[i] = (uint8_t)(('0' + (seed >> 16) % 10) ^ DISGUISE);
	}
	return s;
}

static char *typed(const struct secret *s, char *buffer)
{
	for (int i = 0; i < DIGITS; i++)
		buffer[i] = (char)(s->disguised[i] ^ DISGUISE);
	return buffer;
}

/* ---- the search ---- */

/* Eight bytes at a time, without a sanitizer looking at each: much is to be searched. */
__attribute__((no_sanitize("address", "undefined", "thread"))) static size_t count(const struct secret *s, const uint8_t *part, size_t n)
{
	uint64_t wanted, seen;
	size_t found = 0;

	memcpy(&wanted, s->disguised, DIGITS);
	for (size_t i = 0; i + DIGITS <= n; i++) {
		__builtin_memcpy(&seen, part + i, DIGITS);
		found += (seen ^ UINT64_C(0x0101010101010101) * DISGUISE) == wanted;
	}
	return found;
}

/* Through the kernel: parts that are not there are no fault. The part that was read is turned over, so that it is no find of its own. */
static size_t found_in(int memory, const struct secret *s, uintptr_t from, uintptr_t to)
{
	static uint8_t part[PART_BYTES];
	size_t found = 0;

	for (uintptr_t at = from; at < to; at += PART_BYTES - DIGITS) {
		ssize_t n = pread(memory, part, at + PART_BYTES < to ? PART_BYTES : to - at, (off_t)at);

		if ((uintptr_t)part < at + PART_BYTES && at < (uintptr_t)part + PART_BYTES)
			continue;
		found += n > 0 ? count(s, part, (size_t)n) : 0;
		memset(part, 0, sizeof(part));
	}
	return found;
}

static size_t found(const struct secret *s)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	uintptr_t from, to;
	char line[512], rights[8];
	size_t n = 0;

	assert_non_null(maps);
	assert_true(memory >= 0);
	while (fgets(line, sizeof(line), maps)) {
		bool whole = sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %7s", &from, &to, rights) == 3;

		if (whole && rights[1] == 'w' && to - from <= REGION_BYTES_MAX && !strstr(line, "[stack]"))
			n += found_in(memory, s, from, to);
	}
	fclose(maps);
	close(memory);
	return n;
}

/* The search finds what is there. */
static void what_lies_about_is_found(void **state)
{
	struct secret s = secret_of(1);
	char *copy = xalloc(DIGITS);

	(void)state;
	assert_int_equal(found(&s), 0);
	typed(&s, copy);
	assert_int_equal(found(&s), 1);
	wipe(copy, DIGITS);
	assert_int_equal(found(&s), 0);
	free(copy);
}

/* ---- the calls ---- */

/* A buffer on the heap, as an app has it: the library has to overwrite it. */
static const rid_step *registered(struct phone *p, const struct secret *pin)
{
	char *buffer = xalloc(DIGITS);
	const rid_step *s;

	assert_shown(activate_start(p, p->server.code));
	s = perform(p, rid_finish_activation(p->c, RID_METHOD_DEVICE_PIN, NULL, typed(pin, buffer), DIGITS));
	free(buffer);
	return s;
}

static void a_registration_and_an_approval(void **state)
{
	struct phone *p = phone_new();
	struct secret pin = secret_of(2);
	char *buffer = xalloc(DIGITS);

	(void)state;
	assert_done(registered(p, &pin));
	assert_int_equal(found(&pin), 0);
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	assert_int_equal(rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, typed(&pin, buffer), DIGITS)->kind, RID_SEND);
	assert_int_equal(found(&pin), 0); /* while the call is under way already */
	phone_free(p);
	free(buffer);
}

static void a_pin_change_and_a_recovery(void **state)
{
	struct phone *p = phone_new();
	struct secret pin = secret_of(3), fresh = secret_of(4), code = secret_of(5);
	char *one = xalloc(DIGITS), *two = xalloc(DIGITS);
	unsigned char token[RID_TOKEN_BYTES];
	const rid_step *s;

	(void)state;
	assert_done(registered(p, &pin));
	assert_shown(perform(p, rid_start_add_or_update(p->c, RID_METHOD_DEVICE_PIN)));
	rid_want_tokens(p->c, RID_TOKEN_ADD_OR_UPDATE_RECOVERY);
	s = rid_finish_add_or_update(p->c, RID_METHOD_DEVICE_PIN, typed(&pin, one), DIGITS, typed(&fresh, two), DIGITS);
	assert_int_equal(found(&pin) + found(&fresh), 0);
	s = perform(p, s);
	assert_done(s);
	memcpy(token, s->result.tokens[0].token, sizeof(token));
	assert_shown(perform(p, rid_start_add_or_update_recovery(p->c, RID_RECOVERY_CODE, token)));
	s = rid_finish_add_or_update_recovery(p->c, typed(&code, one), DIGITS);
	assert_int_equal(found(&code), 0);
	assert_done(perform(p, s));
	assert_done(perform(p, rid_deactivate(p->c, 1)));
	assert_shown(perform(p, rid_start_recovery(p->c)));
	s = rid_finish_recovery(p->c, typed(&code, one), DIGITS, RID_METHOD_DEVICE_PIN, NULL, typed(&pin, two), DIGITS);
	assert_int_equal(found(&code) + found(&pin), 0);
	assert_done(perform(p, s));
	phone_free(p);
	free(one);
	free(two);
}

/* A key that was made out of a PIN is not kept for the next try, which takes the PIN anew. */
static void the_key_of_a_pin_that_failed(void **state)
{
	struct phone *p = phone_registered();

	(void)state;
	assert_shown(authenticate_start(p));
	assert_failed(approve(p, RID_METHOD_DEVICE_PIN, "9999"), RID_ERROR_AUTHENTICATION_FAILED);
	assert_false(key_exists(&p->c->tries[TRY_PIN].key));
	assert_failed(change(p, RID_METHOD_DEVICE_PIN, "9999", RID_METHOD_DEVICE_PIN, "2468"), RID_ERROR_AUTHENTICATION_FAILED);
	assert_false(key_exists(&p->c->tries[TRY_PIN].key));
	phone_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_lies_about_is_found),
		cmocka_unit_test(a_registration_and_an_approval),
		cmocka_unit_test(a_pin_change_and_a_recovery),
		cmocka_unit_test(the_key_of_a_pin_that_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
