/* Who speaks, outside a session (4): known, signed, in order, in a state to be heard, with an SDK that is served. */
#include "api/wait.h"
#include "device/internal.h"
#include "protocol/version.h"

#define SDK_LEAST "1.0.0"

enum { WRONG_SIGNATURES_PER_MINUTE = 10, MINUTE_MS = 60 * 1000 };

static bool signed_by(struct call *c, enum signature_kind kind, const uint8_t *key)
{
	struct transcript t = transcript_start(slice_text(c->application->id_text));
	struct slice signature = plaintext_signature(&c->plaintext, kind);

	return !failed(transcript_verify(&t, kind, c->plaintext.json, slice_of(key, POINT_BYTES), signature));
}

/* Where a message outside a session may carry 02, a missing or bad one counts as a bad 01 (2). */
static bool hardware_vouches(struct call *c)
{
	bool sent = plaintext_signature(&c->plaintext, SIG_HARDWARE).n != 0;

	if (!(c->message->may & SIG_BIT(SIG_HARDWARE)) || c->application->config.hwKeyValidationStrategy == hw_key_strategy_RISK_PARAMS)
		return true;
	return c->device.has_hk ? signed_by(c, SIG_HARDWARE, c->device.hk) : !sent;
}

/* Somebody unknown costs the same cryptography: a key that signs nothing stands in for his. */
static const uint8_t nobody[POINT_BYTES] = {
	0x03, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
	0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96,
};

static enum device_error state_check(const struct call *c)
{
	if (c->device.state == credential_state_DELETED)
		return DEVICE_NOT_REGISTERED;
	if (c->owner.state == user_state_LOCKED || c->device.lock_reason == lock_reason_LOCKED_BY_ADMIN)
		return DEVICE_LOCKED_BY_ADMIN;
	return c->device.state == credential_state_LOCKED ? DEVICE_LOCKED : DEVICE_OK;
}

/* Is the registration known, and of this application? */
static struct error find_device(struct call *c)
{
	struct error e = device_load(c->op, op_reader(c->op), &c->reg, &c->device, &c->owner);

	if (is_err(e, E_NO_ROW) || is_err(e, E_USER_UNKNOWN))
		return OK;
	TRY(e);
	c->has_device = c->has_owner = uuid_eq(&c->device.application, &c->application->id);
	return OK;
}

static struct slice address_and_registration(struct call *c, const struct uuid *registration)
{
	return arena_printf(c->op->arena, "%.*s %.*s", FMT(c->op->http->peer), FMT(uuid_text(c->op->arena, registration)));
}

err signature_allowed(struct call *c, const struct uuid *registration)
{
	struct slice who = address_and_registration(c, registration);

	ENSURE(rate_left_in(c->op->app->devices->wrong_signatures, who, WRONG_SIGNATURES_PER_MINUTE, MINUTE_MS), TOO_MANY);
	return OK;
}

void signature_wrong(struct call *c, const struct uuid *registration)
{
	struct slice who = address_and_registration(c, registration);

	rate_take_in(c->op->app->devices->wrong_signatures, who, WRONG_SIGNATURES_PER_MINUTE, MINUTE_MS);
}

err start_repeat(struct call *c, const uint8_t sid[static SESSION_ID_BYTES], struct error found, bool *ret_repeat)
{
	struct slice request, answer;

	*ret_repeat = false;
	if (is_err(found, E_NO_ROW))
		return OK;
	TRY(found);
	TRY(session_load(c->op, op_reader(c->op), slice_of(sid, SESSION_ID_BYTES), &c->session, &c->owner));
	TRY(evidence_start_open(c, &request, &answer));
	*ret_repeat = slice_eq(request, c->plaintext_bytes);
	if (*ret_repeat)
		c->answer_json = answer;
	return OK;
}

/* An identical repeat was signed by the device as well: its bytes are the same. */
static struct error authenticate(struct call *c, bool *ret_answered)
{
	bool good;

	*ret_answered = true;
	if (c->has_device) {
		TRY(device_repeat(c, ret_answered));
		if (*ret_answered)
			return OK;
	}
	TRY(signature_allowed(c, &c->reg));
	good = signed_by(c, SIG_DEVICE, c->has_device ? c->device.dk : nobody) && c->has_device && hardware_vouches(c);
	if (!good) {
		signature_wrong(c, &c->reg);
		*ret_answered = true;
		return call_fault(c, DEVICE_AUTHENTICATION_FAILED);
	}
	*ret_answered = false;
	return OK;
}

static bool ts_fits(const struct call *c)
{
	return c->ts > c->device.last_ts && c->ts <= c->op->now + TS_AHEAD_MS_MAX;
}

bool outside_checks(struct call *c, struct error *ret_error)
{
	enum device_error fault;
	bool answered;

	*ret_error = find_device(c);
	if (failed(*ret_error))
		return true;
	*ret_error = authenticate(c, &answered);
	if (failed(*ret_error) || answered)
		return true;
	/* Of one that waited it was checked when it came. */
	if (c->op->woken == NOT_WOKEN && !ts_fits(c)) {
		*ret_error = call_fault(c, DEVICE_OUT_OF_SYNC);
		return true;
	}
	fault = state_check(c);
	if (fault)
		*ret_error = call_fault(c, fault);
	/* A newer message of the registration ends a wait of it; when this is the one that waits, it is none. */
	if (c->op->woken == NOT_WOKEN)
		op_end_waits(c->op, &c->reg);
	return fault != DEVICE_OK;
}

/* ---- versions (7, row 4) ---- */

enum device_error sdk_check(const struct call *c)
{
	struct slice sdk = json_text(json_object_get(c->json, "sdk"));
	enum device_os os = (enum device_os)enum_find(&device_os_enum, json_text(json_object_get(c->json, "os")), false);
	uint64_t is[3], least[3];

	if (!version_read(sdk, is) || !version_read(S(SDK_LEAST), least))
		return DEVICE_MALFORMED_PARAMETER;
	if (version_below(is, least))
		return DEVICE_VERSION_TOO_OLD_FOR_SERVER;
	return device_config_blocks(&c->application->config, os, sdk) ? DEVICE_VERSION_BLOCKED : DEVICE_OK;
}

bool start_checks(struct call *c, struct slice enc, const struct uuid *reg, struct error *ret_error)
{
	enum device_error fault;

	*ret_error = FAIL(DEVICE_MALFORMED);
	if (!slice_eq(enc, c->envelope.salt))
		return true;
	c->reg = *reg;
	if (outside_checks(c, ret_error))
		return true;
	fault = sdk_check(c);
	if (fault)
		*ret_error = call_fault(c, fault);
	return fault != DEVICE_OK;
}
