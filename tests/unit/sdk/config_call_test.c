#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

#include <stdio.h>

#include "codec/encode.h"

static int setup(void **state)
{
	*state = phone_new();
	return 0;
}

static int teardown(void **state)
{
	phone_free(*state);
	return 0;
}

static void forms_of_codes_and_pins(void **state)
{
	struct phone *p = *state;
	const rid_step *s = perform(p, rid_load_config(p->c));

	assert_done(s);
	assert_int_equal(s->result.activation_code.min, 6);
	assert_int_equal(s->result.activation_code.max, 6);
	assert_int_equal(s->result.activation_code.alphabet, RID_ALPHABET_NUMERIC);
	assert_int_equal(s->result.pin.min, 4);
	assert_int_equal(s->result.pin.max, 8);
	assert_string_equal(s->result.min_version, "3.0.0");
}

/* The server's key for planned changes, as it announces it before it goes over to it. */
static void announce(struct phone *p)
{
	uint8_t key[X25519_BYTES], spki[X25519_SPKI_BYTES];
	struct x25519_key *next = x25519_generate(&p->env);

	x25519_public(next, key);
	x25519_spki_write(key, spki);
	snprintf(p->other_key, sizeof(p->other_key), "%s", arena_cstr(&p->arena, b64(&p->arena, slice_of(spki, sizeof(spki)))));
	p->server.announced_key = p->other_key;
	assert_done(perform(p, rid_load_config(p->c)));
	x25519_free(p->server.key);
	p->server.key = next;
	memcpy(p->server.public_key, key, sizeof(key));
}

static void an_announced_key_is_used_when_the_old_one_is_gone(void **state)
{
	struct phone *p = *state;

	announce(p);
	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	assert_int_equal(p->server.activations, 1);
}

static void an_announced_key_is_remembered(void **state)
{
	struct phone *p = *state;

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	announce(p);
	assert_int_equal(phone_restart(p), 0);
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
}

static void an_announced_key_is_forgotten_when_another_one_is_configured(void **state)
{
	struct phone *p = *state;
	struct x25519_key *third = x25519_generate(&p->env);
	uint8_t key[X25519_BYTES], spki[X25519_SPKI_BYTES];

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	announce(p);
	x25519_public(third, key);
	x25519_spki_write(key, spki);
	p->config.public_key = arena_cstr(&p->arena, b64(&p->arena, slice_of(spki, sizeof(spki))));
	assert_int_equal(phone_restart(p), 0);
	assert_failed(authenticate_start(p), RID_ERROR_INVALID_RESPONSE);
	x25519_free(third);
}

static void keys_of_other_kinds_are_stepped_over(void **state)
{
	struct phone *p = *state;

	p->server.announced_key = "AAAA";
	assert_done(perform(p, rid_load_config(p->c)));
	assert_done(activate(p, RID_METHOD_DEVICE, NULL));
}

static void a_key_that_the_server_never_had(void **state)
{
	struct phone *p = *state;

	p->server.public_key[0] ^= 1;
	assert_failed(perform(p, rid_load_config(p->c)), RID_ERROR_INVALID_RESPONSE);
}

static void an_application_that_the_server_does_not_know(void **state)
{
	struct phone *p = *state;

	p->server.application = "00000000-0000-4000-8000-000000000001";
	assert_failed(perform(p, rid_load_config(p->c)), RID_ERROR_APPLICATION_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(forms_of_codes_and_pins, setup, teardown),
		cmocka_unit_test_setup_teardown(an_announced_key_is_used_when_the_old_one_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(an_announced_key_is_remembered, setup, teardown),
		cmocka_unit_test_setup_teardown(an_announced_key_is_forgotten_when_another_one_is_configured, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_of_other_kinds_are_stepped_over, setup, teardown),
		cmocka_unit_test_setup_teardown(a_key_that_the_server_never_had, setup, teardown),
		cmocka_unit_test_setup_teardown(an_application_that_the_server_does_not_know, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
