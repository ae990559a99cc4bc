/* Registration over the device channel. */
#include "test/unit/device/phone.h"

static void registers_and_approves(void **state)
{
	struct site *s = *state;
	struct phone *p = phone_new(s);
	const char *device;

	phone_register(p, s, s->user, "2580");
	assert_string_equal(newest_outcome(s), "COMPLETED");
	device = TEXT(s->w, "%.*s", FMT(uuid_text(&p->arena, &p->reg)));
	assert_status(start_authentication(s, s->user, device, ""), 200);
	assert_ok_reply(phone_approve(p, "2580"));
	assert_string_equal(newest_outcome(s), "COMPLETED");
	phone_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(registers_and_approves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
