/* What a finish tells of the phone besides its keys: where it is, what its platform vouches for, which push reached it (6.6, 6.7, 8). */
#include <stdlib.h>

#include "base/text.h"
#include "codec/encode.h"
#include "sdk/internal.h"

enum { ATTEST_KEY_ID_MAX = 128, ATTEST_TOKEN_MAX = 64 * 1024, ATTEST_STATUS_MAX = 64, ATTEST_MESSAGE_MAX = 512 };

_Static_assert((int)RID_LOCATION_OK + 1 == geo_client_status_OK &&
		       (int)RID_LOCATION_GEOCODER_NO_RESULT_FOUND + 1 == geo_client_status_GEOCODER_NO_RESULT_FOUND, "places");

_Static_assert((int)RID_FACE_SCAN_BYTES_MAX == FACE_SCAN_BYTES_MAX, "sizes");

static const struct rid_step *gather_next(struct rid_controller *c);

static bool asked(enum policy_mode mode)
{
	return mode == policy_mode_OPTIONAL || mode == policy_mode_REQUIRED;
}

/* ---- attestation ---- */

/* 6.6: bound to this session and these keys. */
static void attest_hash(const struct rid_controller *c, uint8_t ret_hash[static RID_HASH_BYTES])
{
	static const uint8_t none[P256_POINT_BYTES];
	bool is_new = c->session.family == FAMILY_ACT || c->session.family == FAMILY_REC;
	const struct record *r = &c->records[is_new ? SLOT_BESIDE : SLOT_MAIN];
	const uint8_t *hk = key_exists(&r->hk) ? r->hk.public_key : none;

	sha256_parts(PARTS(S("rid-device/v1 attest\0"), slice_of(c->session.th1, SHA256_BYTES), slice_of(r->dk.public_key, P256_POINT_BYTES),
		slice_of(hk, P256_POINT_BYTES)), ret_hash);
}

static const struct rid_step *ask_attestation(struct rid_controller *c)
{
	struct rid_step *step = step_new(c, RID_ATTEST);
	const struct attest_policy *p = &c->session.attest;

	attest_hash(c, step->attest.hash);
	step->attest.type = (const char *)p->type.p;
	step->attest.nonce = (const char *)b64url(&c->op, slice_of(step->attest.hash, RID_HASH_BYTES)).p;
	step->attest.required = p->mode == policy_mode_REQUIRED;
	step->attest.timeout_ms = (uint32_t)p->timeoutMs;
	return step;
}

static bool type_known(struct slice type)
{
	return slice_is(type, "appAttest") || slice_is(type, "playIntegrity");
}

static bool is_apple(const struct rid_controller *c)
{
	return slice_is(c->session.attest.type, "appAttest");
}

static struct slice keep(struct rid_controller *c, const char *text)
{
	return text ? arena_copy(&c->session.arena, slice_text(text)) : slice_of(NULL, 0);
}

static bool line_fits(const char *text, size_t max)
{
	struct slice s = slice_text(text);

	return s.n <= max && text_is_utf8(s) && !text_has_controls(s, false);
}

static const struct rid_step *attest_done(struct rid_controller *c, const struct attest_report *report)
{
	c->session.gathered.has_attest = true;
	c->session.gathered.attest = *report;
	step_new(c, RID_DONE);
	return gather_next(c);
}

/*
 * Of App Attest the server would take anything else for a forgery, and lock the device; of Play Integrity it knows a token that is missing
 * for what it is.
 */
static bool can_be_sent(const struct rid_controller *c, const rid_attestation *a)
{
	if (!is_apple(c))
		return line_fits(a->token, ATTEST_TOKEN_MAX);
	return a->key_id && *a->key_id && line_fits(a->key_id, ATTEST_KEY_ID_MAX) &&
		a->object && a->object_bytes && a->object_bytes <= ATTEST_TOKEN_MAX;
}

const rid_step *rid_attested(rid_controller *c, const rid_attestation *a)
{
	struct attest_report r = { .kind = S("playIntegrity"), .status = S("OK") };

	if (c->step.kind != RID_ATTEST)
		return refuse(c, DEVICE_WRONG_STATE, "this is not what was asked for");
	if (!can_be_sent(c, a))
		return rid_not_attested(c, is_apple(c) ? "FAILED_CLIENT_UNEXPECTED_ERROR" : "FAILED_CLIENT_API_FAILURE", "missing or too long");
	if (is_apple(c)) {
		r = (struct attest_report){ .kind = a->assertion ? S("assertion") : S("attestation"), .keyId = keep(c, a->key_id) };
		r.object = arena_copy(&c->session.arena, slice_of(a->object, a->object_bytes));
	} else {
		r.token = keep(c, a->token);
	}
	return attest_done(c, &r);
}

const rid_step *rid_not_attested(rid_controller *c, const char *status, const char *message)
{
	struct attest_report r = { 0 };

	if (c->step.kind != RID_ATTEST)
		return refuse(c, DEVICE_WRONG_STATE, "this is not what was asked for");
	if (!status || !line_fits(status, ATTEST_STATUS_MAX))
		return attest_done(c, &r); /* a report without a status would be taken for a forged one */
	r.kind = is_apple(c) ? S("appAttest") : S("playIntegrity");
	r.status = keep(c, status);
	if (line_fits(message, ATTEST_MESSAGE_MAX))
		r.message = keep(c, message);
	return attest_done(c, &r);
}

/* ---- place ---- */

static const struct rid_step *ask_place(struct rid_controller *c)
{
	struct rid_step *step = step_new(c, RID_LOCATE);
	const struct geo_policy *p = &c->session.geo;

	step->locate = (struct rid_locate){ p->mode == policy_mode_REQUIRED, (uint32_t)p->timeoutMs, (int)p->accuracy };
	return step;
}

static bool is_country(struct slice text)
{
	return text.n == 2 && text.p[0] >= 'A' && text.p[0] <= 'Z' && text.p[1] >= 'A' && text.p[1] <= 'Z';
}

const rid_step *rid_located(rid_controller *c, rid_location status, const char *country)
{
	struct geo_report *place = &c->session.gathered.place;

	if (c->step.kind != RID_LOCATE)
		return refuse(c, DEVICE_WRONG_STATE, "this is not what was asked for");
	if (status < RID_LOCATION_OK || status > RID_LOCATION_GEOCODER_NO_RESULT_FOUND)
		status = RID_LOCATION_GEOCODER_UNEXPECTED_ERROR;
	if (status == RID_LOCATION_OK && !is_country(slice_text(country)))
		status = RID_LOCATION_GEOCODER_NO_RESULT_FOUND;
	c->session.gathered.has_place = true;
	*place = (struct geo_report){ .clientStatus = (enum geo_client_status)(status + 1) };
	if (status == RID_LOCATION_OK)
		place->country = keep(c, country);
	step_new(c, RID_DONE);
	return gather_next(c);
}

/* ---- intermediate push ---- */

static const struct rid_step *ask_push(struct rid_controller *c)
{
	step_new(c, RID_AWAIT_PUSH)->wait_ms = (uint32_t)c->session.push.timeoutMs;
	c->session.gathered.asked_push = true;
	return &c->step;
}

const rid_step *rid_push_came(rid_controller *c, const char *nonce)
{
	struct gathered *g = &c->session.gathered;
	struct slice bytes;

	if (c->step.kind != RID_AWAIT_PUSH)
		return refuse(c, DEVICE_WRONG_STATE, "this is not what was asked for");
	if (nonce && !failed(b64url_read(&c->op, slice_text(nonce), &bytes)) && bytes.n == PUSH_NONCE_BYTES) {
		memcpy(g->nonce, bytes.p, PUSH_NONCE_BYTES);
		g->has_nonce = true;
	}
	step_new(c, RID_DONE);
	return gather_next(c);
}

/* ---- all of it ---- */

/* A phone without registration is sent no push (6.7). */
static bool push_asked(const struct rid_controller *c)
{
	return asked(c->session.push.mode) && !c->session.gathered.asked_push && c->session.family != FAMILY_REC;
}

static const struct rid_step *gather_next(struct rid_controller *c)
{
	const struct session *s = &c->session;

	if (asked(s->geo.mode) && !s->gathered.has_place)
		return ask_place(c);
	if (push_asked(c))
		return ask_push(c);
	if (asked(s->attest.mode) && type_known(s->attest.type) && !s->gathered.has_attest)
		return ask_attestation(c);
	return c->gather_then(c);
}

const struct rid_step *gather(struct rid_controller *c, stage then)
{
	c->gather_then = then;
	return gather_next(c);
}

static bool attest_missing(const struct gathered *g)
{
	if (g->attested)
		return false;
	return !g->has_attest || (g->attest.object.n == 0 && g->attest.token.n == 0);
}

bool gathered_too_little(const struct rid_controller *c)
{
	const struct session *s = &c->session;
	const struct gathered *g = &s->gathered;

	return (s->attest.mode == policy_mode_REQUIRED && attest_missing(g)) ||
	       (s->push.mode == policy_mode_REQUIRED && !g->has_nonce) ||
	       (s->geo.mode == policy_mode_REQUIRED && g->place.clientStatus != geo_client_status_OK);
}

void gathered_was_sent(struct rid_controller *c)
{
	c->session.gathered.attested = c->session.gathered.has_attest;
}

/* ---- as members ---- */

struct attest_report *report_attest(struct rid_controller *c)
{
	struct gathered *g = &c->session.gathered;

	return g->has_attest && !g->attested && g->attest.kind.n ? &g->attest : NULL;
}

struct geo_report *report_place(struct rid_controller *c)
{
	return c->session.gathered.has_place ? &c->session.gathered.place : NULL;
}

struct slice report_nonce(struct rid_controller *c)
{
	return c->session.gathered.has_nonce ? slice_of(c->session.gathered.nonce, PUSH_NONCE_BYTES) : slice_of(NULL, 0);
}

struct face_scan *report_face(struct rid_controller *c, bool wanted)
{
	struct face_scan *scan;
	uint8_t *hash;

	if (!wanted || !c->face.n)
		return NULL;
	scan = arena_new(&c->arena, struct face_scan);
	hash = arena_alloc(&c->arena, SHA256_BYTES);
	sha256(c->face, hash);
	scan->hash = slice_of(hash, SHA256_BYTES);
	c->draft.plaintext.scan = c->face;
	return scan;
}

struct list tokens_wanted(struct rid_controller *c)
{
	static const char *const names[] = { "addOrUpdateRecovery", "deleteRecovery" };
	struct slice *wanted = arena_array(&c->arena, struct slice, 2);
	size_t n = 0;

	for (size_t i = 0; i < 2; i++)
		if (c->token_purposes >> i & 1)
			wanted[n++] = slice_text(names[i]);
	return (struct list){ n ? wanted : NULL, n };
}

/* ---- what the app says beforehand ---- */

int rid_set_match_number(rid_controller *c, const char *digits)
{
	size_t n = digits ? strlen(digits) : 0;

	if (n > RID_MATCH_DIGITS_MAX || (n && strspn(digits, "0123456789") != n))
		return RID_ERROR_INVALID_INPUT_FORMAT;
	wipe(c->match, sizeof(c->match));
	if (n)
		memcpy(c->match, digits, n);
	return RID_OK;
}

static void face_forget(struct rid_controller *c)
{
	if (!c->face.p)
		return;
	wipe((uint8_t *)(uintptr_t)c->face.p, c->face.n);
	free((uint8_t *)(uintptr_t)c->face.p);
	c->face = slice_of(NULL, 0);
}

int rid_set_face_scan(rid_controller *c, const unsigned char *scan, size_t n)
{
	uint8_t *copy;

	if (scan && (n == 0 || n > RID_FACE_SCAN_BYTES_MAX))
		return RID_ERROR_INVALID_INPUT_FORMAT;
	face_forget(c);
	if (!scan)
		return RID_OK;
	copy = xalloc(n);
	memcpy(copy, scan, n);
	c->face = slice_of(copy, n);
	return RID_OK;
}

void rid_want_tokens(rid_controller *c, int purposes)
{
	c->token_purposes = purposes;
}

void said_forget(struct rid_controller *c)
{
	wipe(c->match, sizeof(c->match));
	face_forget(c);
}
