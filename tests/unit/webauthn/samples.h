/* The registrations and authentications of WebAuthn Level 3, section 16, and what is changed in them. */
#ifndef TEST_UNIT_WEBAUTHN_SAMPLES_H
#define TEST_UNIT_WEBAUTHN_SAMPLES_H

#include "tests/unit/common/test.h"
#include "tests/unit/common/vectors.h"
#include "webauthn/webauthn.h"

#define SAMPLES_NOW_MS INT64_C(1767225600000)

struct samples {
	struct arena arena;
	json_t *file;
	struct slice rp_id, origin, top_origin, root;
};

struct sample {
	const char *id;
	struct slice challenge, get_challenge; /* of registration and authentication */
	struct webauthn_attested made;
	struct webauthn_assertion got;
};

struct samples *samples_load(void);
void samples_free(struct samples *s);
struct sample sample_named(struct samples *s, const char *id);
size_t sample_count(const struct samples *s);
struct sample sample_at(struct samples *s, size_t i);

/* With the sample's own policy where it needs one, else the usual. */
enum webauthn_fault sample_register(struct samples *s, const struct sample *sample, const struct webauthn_policy *policy,
	struct webauthn_credential *ret);
enum webauthn_fault sample_authenticate(struct samples *s, const struct sample *sample, const struct webauthn_credential *credential);
/* The policy under which the sample passes. */
struct webauthn_policy sample_policy(const struct sample *sample);

/* A copy with the first `from` replaced by `to`; fails when it is not there. */
struct slice replaced(struct samples *s, struct slice in, struct slice from, struct slice to);

#endif
