/* Row 7: what the phone's platform says of the app that speaks (6.6, 8). Verified once in a session; the result holds for later tries. */
#include "attest/evidence.h"
#include "attest/play_integrity.h"
#include "base/timestamp.h"
#include "codec/encode.h"
#include "device/trust.h"

enum { TIME_TOLERANCE_MS = 2 * 60 * 1000, KEY_ENTRY_BYTES_MAX = 512 };

#define APP_ATTEST "appAttest"
#define PLAY_INTEGRITY "playIntegrity"

static enum device_os os_of(const struct call *c)
{
	return (enum device_os)enum_find(&device_os_enum, json_text(json_object_get(c->json, "os")), false);
}

static enum policy_mode mode_of(const struct call *c)
{
	const struct device_config *config = &c->application->config;

	switch (os_of(c)) {
	case device_os_iOS:
		return config->attestationIosAppAttestMode;
	case device_os_Android:
		return config->attestationAndroidPlayIntegrityMode;
	default:
		return policy_mode_OFF;
	}
}

struct attest_policy *policy_attest(struct call *c)
{
	struct attest_policy *policy = arena_new(c->op->arena, struct attest_policy);

	policy->mode = mode_of(c);
	if (policy->mode == policy_mode_OFF)
		return policy;
	policy->type = os_of(c) == device_os_iOS ? S(APP_ATTEST) : S(PLAY_INTEGRITY);
	policy->timeoutMs = c->application->config.attestationTimeout;
	MARK(policy, attest_policy, timeoutMs);
	return policy;
}

static bool is_new_device(const struct call *c)
{
	return c->session.family == FAMILY_ACT || c->session.family == FAMILY_REC;
}

/* What the platform has to speak of: this session, this device key, this hardware-protected key. */
static void binding(const struct call *c, uint8_t out[static SHA256_BYTES])
{
	const uint8_t *dk = is_new_device(c) ? c->session.secret.dk : c->device.dk;
	const uint8_t *hk = c->device.has_hk ? c->device.hk : NULL;

	if (is_new_device(c)) {
		struct slice sent = ((const struct act_finish *)c->in)->hk;

		hk = sent.n ? sent.p : NULL;
	}
	attest_binding(c->session.secret.th_start, dk, hk, out);
}

/* ---- App Attest ---- */

SQL(attest_key_of, "SELECT box FROM app_attest_keys WHERE device = $1");
SQL(attest_key_put, "INSERT INTO app_attest_keys (device, user_id, box) VALUES ($1, $2, $3)"
		    " ON CONFLICT (device) DO UPDATE SET box = excluded.box");
SQL(attest_keys_delete, "DELETE FROM app_attest_keys WHERE user_id = $1");

/* What is kept of the app's key: id | counter | SubjectPublicKeyInfo. */
struct attest_key {
	struct slice id, public_key;
	uint32_t counter;
};

static struct slice place_of(struct call *c)
{
	struct buf b = buf_arena(c->op->arena, 64);

	buf_text(&b, "device.attest|");
	buf_slice(&b, uuid_bytes(&c->session.device));
	return buf_bytes(&b);
}

static void keep_key(struct call *c, const struct attest_key *key)
{
	struct buf b = buf_arena(c->op->arena, KEY_ENTRY_BYTES_MAX);

	buf_slice(&b, key->id);
	buf_u32(&b, key->counter);
	buf_slice(&b, key->public_key);
	c->attest_key = seal(&c->owner.key, c->op->app->env, place_of(c), buf_bytes(&b), c->op->arena);
}

static err load_key(struct call *c, struct attest_key *ret_key)
{
	struct slice box, plain;
	struct reader r;
	struct rows row;

	TRY(sql_one(op_reader(c->op), &attest_key_of, ARGS(v_uuid(&c->session.device)), &row));
	box = arena_copy(c->op->arena, col_bytes(&row, 0));
	TRY(sql_close(&row));
	TRY(unseal(&c->owner.key, place_of(c), box, c->op->arena, &plain));
	r.rest = plain;
	TRY(read_bytes(&r, APP_ATTEST_KEY_ID_BYTES, &ret_key->id));
	TRY(read_u32(&r, &ret_key->counter));
	ret_key->public_key = r.rest;
	return OK;
}

static struct app_attest_policy app_policy(const struct call *c)
{
	const struct device_config *config = &c->application->config;

	return (struct app_attest_policy){
		.root = c->op->app->devices->attest_root.n ? c->op->app->devices->attest_root : app_attest_apple_root(c->op->arena),
		.app_id = config->attestationIosAppAttestAppId,
		.place = config->attestationIosAppAttestEnvironment == appattest_environment_DEVELOPMENT ? APP_ATTEST_DEVELOPMENT :
												     APP_ATTEST_PRODUCTION,
	};
}

/* Apple writes it in base64. */
static err read_key_id(struct call *c, struct slice text, struct slice *ret_id)
{
	TRY(b64_read(c->op->arena, text, ret_id));
	ENSURE(ret_id->n == APP_ATTEST_KEY_ID_BYTES, PARSE);
	return OK;
}

/* For whoever wants to check it once more: `key` as it was before. */
static void keep_object(struct call *c, const struct attest_report *sent, const struct app_attest_policy *policy,
	const struct attest_key *key)
{
	struct attest_evidence e = {
		.kind = sent->kind,
		.at = c->op->now,
		.keyId = key->id,
		.object = sent->object,
		.appId = policy->app_id,
		.development = policy->place == APP_ATTEST_DEVELOPMENT,
	};

	if (slice_is(sent->kind, ATTEST_ASSERTION)) {
		e.key = key->public_key;
		e.counter = key->counter;
		MARK(&e, attest_evidence, counter);
	}
	MARK(&e, attest_evidence, development);
	c->session.attestation = attest_evidence_write(&e, c->op->arena);
}

/* E_* when it is not valid, or cannot be: the caller tells what is ours to answer. */
static err verify_object(struct call *c, const struct attest_report *sent, const uint8_t hash[static SHA256_BYTES])
{
	const struct app_attest_policy policy = app_policy(c);
	struct attest_key key = { .counter = 0 }, before = key;
	struct slice id;

	TRY(read_key_id(c, sent->keyId, &id));
	if (slice_is(sent->kind, ATTEST_ATTESTATION)) {
		before.id = key.id = id;
		TRY(app_attest_attestation(&policy, id, sent->object, hash, c->op->now, c->op->arena, &key.public_key));
	} else {
		ENSURE(slice_is(sent->kind, ATTEST_ASSERTION) && !is_new_device(c), PARSE);
		TRY(load_key(c, &key));
		before = key;
		ENSURE(slice_eq(key.id, id), SIGNATURE);
		TRY(app_attest_assertion(&policy, key.public_key, key.counter, sent->object, hash, c->op->arena, &key.counter));
	}
	keep_key(c, &key);
	keep_object(c, sent, &policy, &before);
	return OK;
}

static enum app_attest_status app_attest(struct call *c, const struct attest_report *sent)
{
	uint8_t hash[SHA256_BYTES];

	if (sent->status.n)
		return app_attest_client_status(sent->status);
	binding(c, hash);
	return failed(verify_object(c, sent, hash)) ? app_attest_status_FAILED_VALIDATION_EXCEPTION : app_attest_status_VERIFIED;
}

/* ---- Play Integrity ---- */

static void keep_token(struct call *c, const struct play_integrity_policy *policy, const struct play_integrity_expected *expected,
	struct slice opened)
{
	struct attest_evidence e = {
		.kind = S(ATTEST_PLAY_INTEGRITY),
		.at = c->op->now,
		.key = policy->verification_key,
		.token = opened,
		.packageName = policy->package,
		.from = expected->from_ms,
		.until = expected->until_ms,
	};

	MARK(&e, attest_evidence, from);
	MARK(&e, attest_evidence, until);
	c->session.attestation = attest_evidence_write(&e, c->op->arena);
}

static enum play_integrity_status verify_token(struct call *c, struct slice token)
{
	const struct device_config *config = &c->application->config;
	struct play_integrity_policy policy = { .package = config->attestationAndroidPlayIntegrityPackageName };
	struct play_integrity_expected expected;
	enum play_integrity_status status;
	uint8_t hash[SHA256_BYTES];
	struct slice opened;

	if (failed(b64_read(c->op->arena, config->attestationAndroidPlayIntegrityDecryptionKey, &policy.decryption_key)) ||
		failed(b64_read(c->op->arena, config->attestationAndroidPlayIntegrityVerificationKey, &policy.verification_key)))
		return play_integrity_status_FAILED_INVALID_JWS;
	binding(c, hash);
	expected = (struct play_integrity_expected){ b64url(c->op->arena, slice_of(hash, sizeof(hash))),
		c->session.secret.began - TIME_TOLERANCE_MS, c->session.expires + TIME_TOLERANCE_MS };
	if (token.n == 0)
		return play_integrity_status_FAILED_MISSING_JWS;
	if (failed(play_integrity_open(&policy, token, c->op->arena, &opened)))
		return play_integrity_status_FAILED_INVALID_JWS;
	status = play_integrity_verify_opened(&policy, &expected, opened, c->op->arena);
	if (status == play_integrity_status_VERIFIED)
		keep_token(c, &policy, &expected, opened);
	return status;
}

static enum play_integrity_status play_integrity(struct call *c, const struct attest_report *sent)
{
	if (!sent->status.n)
		return play_integrity_status_FAILED_MISSING_STATUS;
	return slice_is(sent->status, "OK") ? verify_token(c, sent->token) : play_integrity_client_status(sent->status);
}

/* ---- the check ---- */

static void report(struct call *c, const char *name, int64_t at_ms, const char *status)
{
	struct buf b = buf_arena(c->op->arena, 256);
	struct buf time = buf_arena(c->op->arena, 64);
	struct jw w = jw_new(&b);

	time_write(&time, at_ms, TIME_AS_MS);
	jw_open(&w, '{');
	jw_key_text(&w, arena_printf(c->op->arena, "%sStatus", name));
	jw_cstr(&w, status);
	jw_key_text(&w, arena_printf(c->op->arena, "%sDate", name));
	jw_text(&w, buf_bytes(&time));
	jw_close(&w, '}');
	c->attestation = buf_bytes(&b);
}

static struct verdict lock_with(enum operation_error error, enum lock_reason reason)
{
	return (struct verdict){ CHECK_FAILED, DEVICE_AUTHENTICATION_FAILED, error, reason, false };
}

static struct verdict app_attest_verdict(enum app_attest_status status)
{
	if (status == app_attest_status_VERIFIED)
		return (struct verdict){ .what = CHECK_PASSED };
	if (status == app_attest_status_FAILED_VALIDATION_EXCEPTION)
		return lock_with(OPERATION_LOCKED_APPATTEST_VERIFICATION_FAILED, lock_reason_APPATTEST_VERIFICATION_FAILED);
	return lock_with(OPERATION_CANCELLED_APPATTEST_REQUIRED, lock_reason_none);
}

static struct verdict play_integrity_verdict(enum play_integrity_status status)
{
	switch (status) {
	case play_integrity_status_VERIFIED:
		return (struct verdict){ .what = CHECK_PASSED };
	case play_integrity_status_FAILED_MISSING_JWS:
	case play_integrity_status_FAILED_MISSING_STATUS:
	case play_integrity_status_FAILED_CLIENT_API_FAILURE:
	case play_integrity_status_FAILED_CLIENT_TIMEOUT:
	case play_integrity_status_FAILED_CLIENT_PLAY_SERVICES_OUT_OF_DATE:
		return lock_with(OPERATION_CALLBACK_PROCESSING_ERROR, lock_reason_none);
	default:
		return lock_with(OPERATION_LOCKED_PLAYINTEGRITY_VERIFICATION_FAILED, lock_reason_PLAYINTEGRITY_VERIFICATION_FAILED);
	}
}

static void remember(struct call *c, int status)
{
	c->session.secret.attest_status = (uint8_t)status;
	c->session.secret.attest_at = c->op->now;
}

static struct verdict check_apple(struct call *c, const struct attest_report *sent)
{
	struct session_secret *s = &c->session.secret;

	if (sent && !s->attest_status)
		remember(c, (int)app_attest(c, sent));
	if (!s->attest_status)
		return lock_with(OPERATION_CANCELLED_APPATTEST_REQUIRED, lock_reason_none);
	report(c, APP_ATTEST, s->attest_at, enum_text(&app_attest_status_enum, s->attest_status));
	return app_attest_verdict((enum app_attest_status)s->attest_status);
}

/* Nothing sent is a status of its own here. */
static struct verdict check_google(struct call *c, const struct attest_report *sent)
{
	struct session_secret *s = &c->session.secret;

	if (sent && !s->attest_status)
		remember(c, (int)play_integrity(c, sent));
	if (!s->attest_status) {
		report(c, PLAY_INTEGRITY, c->op->now, "FAILED_MISSING_STATUS");
		return lock_with(OPERATION_CALLBACK_PROCESSING_ERROR, lock_reason_none);
	}
	report(c, PLAY_INTEGRITY, s->attest_at, enum_text(&play_integrity_status_enum, s->attest_status));
	return play_integrity_verdict((enum play_integrity_status)s->attest_status);
}

/* A browser has no platform that would speak for it: where that is required, it is not served, or else everyone could call himself one. */
static struct verdict check_others(const struct call *c)
{
	const struct device_config *config = &c->application->config;

	if (config->attestationIosAppAttestMode == policy_mode_REQUIRED)
		return lock_with(OPERATION_CANCELLED_APPATTEST_REQUIRED, lock_reason_none);
	if (config->attestationAndroidPlayIntegrityMode == policy_mode_REQUIRED)
		return lock_with(OPERATION_CALLBACK_PROCESSING_ERROR, lock_reason_none);
	return (struct verdict){ .what = CHECK_PASSED };
}

err check_attestation(struct call *c, const struct brought *b, struct verdict *v)
{
	enum device_os os = os_of(c);
	struct verdict found;

	if (os != device_os_iOS && os != device_os_Android) {
		*v = check_others(c);
		return OK;
	}
	if (mode_of(c) == policy_mode_OFF)
		return OK;
	found = os == device_os_iOS ? check_apple(c, b->attest) : check_google(c, b->attest);
	if (mode_of(c) == policy_mode_REQUIRED)
		*v = found;
	return OK;
}

/* The counter moves whatever became of the try; a registration that failed leaves no device whose key it would be. */
err trust_save(struct call *c, struct tx *tx)
{
	if (!c->attest_key.n || (is_new_device(c) && c->operation_error))
		return OK;
	return sql_run(tx, &attest_key_put, ARGS(v_uuid(&c->session.device), v_uuid(&c->owner.id), v_bytes(c->attest_key)), NULL);
}

err trust_user_deleted(struct tx *tx, const struct uuid *user)
{
	return sql_run(tx, &attest_keys_delete, ARGS(v_uuid(user)), NULL);
}
