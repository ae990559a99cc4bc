/* Row 6: the hardware-protected key, by the strategy of the application (section 8). */
#include "device/trust.h"

/* Of a device that has such a key one is always verified, so that a missing signature costs the same as a wrong one. */
static bool signed_well(struct call *c)
{
	static const uint8_t none[P256_SIG_BYTES] = { [P256_SIG_BYTES / 2 - 1] = 1, [P256_SIG_BYTES - 1] = 1 };
	struct slice signature = plaintext_signature(&c->plaintext, SIG_HARDWARE);
	struct slice key = slice_of(c->device.hk, POINT_BYTES);
	struct transcript t;
	bool good;

	if (!c->device.has_hk)
		return false;
	memcpy(t.th, c->session.secret.th, sizeof(t.th));
	good = !failed(transcript_verify(&t, SIG_HARDWARE, c->plaintext.json, key, signature.n ? signature : slice_of(none, sizeof(none))));
	return good && signature.n;
}

static struct hw_key_verdict judge(struct call *c, const struct brought *b)
{
	enum hw_key_strategy strategy = c->application->config.hwKeyValidationStrategy;

	if (c->session.family == FAMILY_ACT || c->session.family == FAMILY_REC)
		return hw_key_judge_new(strategy, ((const struct act_finish *)c->in)->hk.n != 0, b->hw_status);
	return hw_key_judge(strategy, c->device.has_hk, plaintext_signature(&c->plaintext, SIG_HARDWARE).n != 0, signed_well(c));
}

static struct verdict verdict_of(enum hw_key_outcome outcome)
{
	switch (outcome) {
	case HW_KEY_COUNTS:
		return (struct verdict){ .what = CHECK_TRY_FAILED };
	case HW_KEY_LOCKS:
		return (struct verdict){ CHECK_FAILED, DEVICE_AUTHENTICATION_FAILED, OPERATION_LOCKED_HW_KEY_VERIFICATION_FAILED,
			lock_reason_HW_KEY_VERIFICATION_FAILED, false };
	case HW_KEY_FAILS:
		return (struct verdict){ CHECK_FAILED, DEVICE_AUTHENTICATION_FAILED, OPERATION_LOCKED_HW_KEY_VERIFICATION_FAILED,
			lock_reason_none, false };
	case HW_KEY_TOO_OLD:
		return (struct verdict){ CHECK_FAILED, DEVICE_VERSION_TOO_OLD_FOR_APP, OPERATION_CALLBACK_PROCESSING_ERROR,
			lock_reason_none, false };
	case HW_KEY_REFUSED:
		return (struct verdict){ CHECK_FAILED, DEVICE_ACTIVATION_FAILED, OPERATION_CALLBACK_PROCESSING_ERROR,
			lock_reason_none, false };
	default:
		return (struct verdict){ .what = CHECK_PASSED };
	}
}

err check_hardware_key(struct call *c, const struct brought *b, struct verdict *v)
{
	struct hw_key_verdict judged = judge(c, b);

	c->hw_result = judged.result ? enum_text(&hw_key_server_result_enum, (int)judged.result) : NULL;
	*v = verdict_of(judged.outcome);
	return OK;
}

bool trust_bars_start(struct call *c, enum operation_error *ret_error)
{
	if (c->application->config.hwKeyValidationStrategy != hw_key_strategy_REQUIRED || c->device.has_hk)
		return false;
	*ret_error = OPERATION_LOCKED_HW_KEY_VERIFICATION_FAILED;
	return true;
}
