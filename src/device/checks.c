/* The checks between the proofs (section 7, rows 6 to 10), as a table in their order. */
#include "device/bells.h"

/* Row 10: the number that the service provider shows, typed by the person who looks at it. */
static err number_matching(struct call *c, const struct brought *b, struct verdict *v)
{
	struct slice wanted = c->operation.content.matchNumber;

	if (wanted.n == 0 || (b->match.n == wanted.n && slice_eq_secret(b->match, wanted)))
		return OK;
	*v = (struct verdict){ CHECK_FAILED, DEVICE_AUTHENTICATION_FAILED, OPERATION_CANCELLED_BY_DEVICE, lock_reason_none, true };
	return OK;
}

static const struct check checks[] = {
	{ check_hardware_key, true },
	{ check_attestation, true },
	{ check_push_nonce, true },
	{ check_place, true },
	{ number_matching, false },
};

/*
 * All of them, whatever the first one says, whose verdict it is: so that the work and what is reported do not tell which one failed, and
 * that an attestation, which is sent once in a session, was seen although the try failed for another reason.
 */
err checks_run(struct call *c, const struct brought *b, bool device, struct verdict *ret_verdict)
{
	*ret_verdict = (struct verdict){ .what = CHECK_PASSED };
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct verdict found = { .what = CHECK_PASSED };

		if (device || checks[i].new_devices)
			TRY(checks[i].run(c, b, &found));
		if (ret_verdict->what == CHECK_PASSED)
			*ret_verdict = found;
	}
	return OK;
}
