/*
 * Each wrong in one thing, each refused for that reason. The groups are those of the FIDO Alliance's conformance tool for servers:
 * Attestation-n and Assertion-n are short for ServerAuthenticatorAttestationResponse-Resp-n and the like.
 */
#include "tests/unit/webauthn/samples.h"

enum part {
	CLIENT_DATA, /* text, `from` replaced by `to` */
	OBJECT,      /* bytes of the attestation object, in hex, or text behind a '\'' */
	FLAGS,       /* `to`, in hex, in place of the flags of the authenticator data */
	ASSERTED_FLAGS,
	ASSERTED_DATA, /* text of the assertion's client data */
	APPENDED,    /* hex in place of the assertion's counter and what is behind it */
	SIGNATURE,   /* hex in place of the signature */
	HANDLE,      /* text in place of the user handle */
	NAMED,       /* text in place of the credential id that is named beside the object */
};

struct wrong {
	const char *group, *what, *vector;
	enum part part;
	const char *from, *to;
	enum webauthn_fault fault;
};

#define NONE "none-es256"
#define SELF "packed-self-es256"
#define FULL "packed-es256"
#define TPM "tpm-es256"
#define ANDROID "android-key-es256"
#define APPLE "apple-es256"
#define U2F "fido-u2f-es256"

static const struct wrong wrongs[] = {
	{ "Attestation-1", "the id that is named is another one", NONE, NAMED, "", "other", WEBAUTHN_CREDENTIAL_ID },

	{ "Attestation-2", "clientData is no JSON", NONE, CLIENT_DATA, "{", "[", WEBAUTHN_CLIENT_DATA },
	{ "Attestation-2", "clientData with a member twice", NONE, CLIENT_DATA, "{", "{\"type\":\"webauthn.create\",", WEBAUTHN_CLIENT_DATA },
	{ "Attestation-2", "type is missing", NONE, CLIENT_DATA, "\"type\"", "\"kind\"", WEBAUTHN_CLIENT_DATA },
	{ "Attestation-2", "type is no string", NONE, CLIENT_DATA, "\"webauthn.create\"", "1", WEBAUTHN_CLIENT_DATA },
	{ "Attestation-2", "type is empty", NONE, CLIENT_DATA, "webauthn.create", "", WEBAUTHN_TYPE },
	{ "Attestation-2", "type is webauthn.get", NONE, CLIENT_DATA, "webauthn.create", "webauthn.get", WEBAUTHN_TYPE },
	{ "Attestation-2", "challenge is missing", NONE, CLIENT_DATA, "\"challenge\"", "\"chalenge\"", WEBAUTHN_CLIENT_DATA },
	{ "Attestation-2", "challenge is empty", NONE, CLIENT_DATA, "AMMPt4UxxGTStncdq417YDwBFi8vpIa-pw8oOuVW4TA", "", WEBAUTHN_CHALLENGE },
	{ "Attestation-2", "challenge is no base64url", NONE, CLIENT_DATA, "AMMPt4UxxGTStncdq417", "AMMPt4UxxGTStncdq4+7", WEBAUTHN_CLIENT_DATA },
	{ "Attestation-2", "challenge is padded", NONE, CLIENT_DATA, "OuVW4TA", "OuVW4TA=", WEBAUTHN_CLIENT_DATA },
	{ "Attestation-2", "challenge is another one", NONE, CLIENT_DATA, "AMMPt4", "BMMPt4", WEBAUTHN_CHALLENGE },
	{ "Attestation-2", "origin is missing", NONE, CLIENT_DATA, "\"origin\"", "\"Origin\"", WEBAUTHN_CLIENT_DATA },
	{ "Attestation-2", "origin is empty", NONE, CLIENT_DATA, "https://example.org", "", WEBAUTHN_ORIGIN },
	{ "Attestation-2", "origin is another one", NONE, CLIENT_DATA, "https://example.org", "https://example.com", WEBAUTHN_ORIGIN },
	{ "Attestation-2", "origin is a sub-domain", NONE, CLIENT_DATA, "https://example.org", "https://a.example.org", WEBAUTHN_ORIGIN },
	{ "Attestation-2", "origin goes on behind ours", NONE, CLIENT_DATA, "https://example.org", "https://example.org.evil.com", WEBAUTHN_ORIGIN },
	{ "Attestation-2", "origin with a port", NONE, CLIENT_DATA, "https://example.org", "https://example.org:444", WEBAUTHN_ORIGIN },
	{ "Attestation-2", "origin is not encrypted", NONE, CLIENT_DATA, "https://", "http://", WEBAUTHN_ORIGIN },
	{ "Attestation-2", "crossOrigin is no boolean", NONE, CLIENT_DATA, "\"crossOrigin\":false", "\"crossOrigin\":\"false\"", WEBAUTHN_CLIENT_DATA },
	{ "Attestation-2", "topOrigin is another one", "none-es256-topOrigin", CLIENT_DATA, "https://example.com", "https://evil.com", WEBAUTHN_TOP_ORIGIN },
	{ "Attestation-2", "topOrigin without crossOrigin", "none-es256-topOrigin", CLIENT_DATA, "\"crossOrigin\":true", "\"crossOrigin\":false", WEBAUTHN_TOP_ORIGIN },
	{ "Attestation-2", "tokenBinding is no object", NONE, CLIENT_DATA, "{", "{\"tokenBinding\":\"a\",", WEBAUTHN_CLIENT_DATA },
	{ "Attestation-2", "tokenBinding of an unknown kind", NONE, CLIENT_DATA, "{", "{\"tokenBinding\":{\"status\":\"a\"},", WEBAUTHN_CLIENT_DATA },

	{ "Attestation-3", "object is no map", NONE, OBJECT, "a363666d74", "8363666d74", WEBAUTHN_ATTESTATION_OBJECT },
	{ "Attestation-3", "fmt is missing", NONE, OBJECT, "63666d74646e6f6e65", "63666d75646e6f6e65", WEBAUTHN_ATTESTATION_OBJECT },
	{ "Attestation-3", "fmt is no text", NONE, OBJECT, "63666d74646e6f6e65", "63666d74446e6f6e65", WEBAUTHN_ATTESTATION_OBJECT },
	{ "Attestation-3", "fmt is unknown", NONE, OBJECT, "63666d74646e6f6e65", "63666d74646e6f6e66", WEBAUTHN_FORMAT },
	{ "Attestation-3", "attStmt is missing", NONE, OBJECT, "6761747453746d74a0", "6761747453746d75a0", WEBAUTHN_ATTESTATION_OBJECT },
	{ "Attestation-3", "attStmt is no map", NONE, OBJECT, "6761747453746d74a0", "6761747453746d7480", WEBAUTHN_ATTESTATION_OBJECT },
	{ "Attestation-3", "authData is missing", NONE, OBJECT, "686175746844617461", "686175746844617462", WEBAUTHN_ATTESTATION_OBJECT },
	{ "Attestation-3", "authData is no byte string", NONE, OBJECT, "68617574684461746158", "68617574684461746178", WEBAUTHN_ATTESTATION_OBJECT },
	{ "Attestation-3", "authData is empty", NONE, OBJECT, "68617574684461746158a4", "686175746844617461404058a4", WEBAUTHN_ATTESTATION_OBJECT },
	{ "Attestation-3", "of another relying party", NONE, OBJECT, "bfabc37432958b06", "bfabc37432958b07", WEBAUTHN_RP_ID },
	{ "Attestation-3", "user not present", NONE, FLAGS, "", "40", WEBAUTHN_USER_PRESENCE },
	{ "Attestation-3", "no attested credential data, but bytes", NONE, FLAGS, "", "01", WEBAUTHN_AUTHENTICATOR_DATA },
	{ "Attestation-3", "extensions announced, but none", NONE, FLAGS, "", "c1", WEBAUTHN_AUTHENTICATOR_DATA },
	{ "Attestation-3", "backed up but not eligible", NONE, FLAGS, "", "51", WEBAUTHN_BACKUP },

	{ "Attestation-4", "algorithm not offered (-6)", NONE, OBJECT, "a5010203262001", "a5010203252001", WEBAUTHN_ALGORITHM },
	{ "Attestation-4", "algorithm not offered (ES512)", "packed-es512", NAMED, "", NULL, WEBAUTHN_ALGORITHM },
	{ "Attestation-4", "algorithm not offered (Ed448)", "packed-ed448", NAMED, "", NULL, WEBAUTHN_ALGORITHM },
	{ "Attestation-4", "key type of another algorithm", NONE, OBJECT, "a5010203262001", "a5010103262001", WEBAUTHN_KEY },
	{ "Attestation-4", "curve of another algorithm", NONE, OBJECT, "a5010203262001", "a5010203262002", WEBAUTHN_KEY },
	{ "Attestation-4", "point not on the curve", NONE, OBJECT, "5820930a56b8", "5820930a56b9", WEBAUTHN_KEY },

	{ "Attestation-5", "packed: signature is missing", FULL, OBJECT, "'csig", "'csih", WEBAUTHN_STATEMENT },
	{ "Attestation-5", "packed: signature is another one", FULL, OBJECT, "02203f19ec4b", "02203f19ec4c", WEBAUTHN_ATTESTATION_SIGNATURE },
	{ "Attestation-5", "packed: x5c is missing", FULL, OBJECT, "'cx5c", "'cx5d", WEBAUTHN_ATTESTATION_SIGNATURE },
	{ "Attestation-5", "packed: alg is missing", FULL, OBJECT, "'calg", "'calh", WEBAUTHN_STATEMENT },
	{ "Attestation-5", "packed: alg is of another key", FULL, OBJECT, "63616c6726", "63616c6727", WEBAUTHN_ATTESTATION_SIGNATURE },
	{ "Attestation-6", "self: alg is another one", SELF, OBJECT, "63616c6726", "63616c6727", WEBAUTHN_ATTESTATION_KEY },
	{ "Attestation-6", "self: ecdaaKeyId", SELF, OBJECT, "a263616c67", "a36a65636461614b65794964410063616c67", WEBAUTHN_STATEMENT },
	{ "Attestation-7", "none: a statement that is not empty", NONE, OBJECT, "6761747453746d74a0", "6761747453746d74a1616100", WEBAUTHN_STATEMENT },
	{ "Attestation-8", "fido-u2f: signature is missing", U2F, OBJECT, "'csig", "'csih", WEBAUTHN_STATEMENT },
	{ "Attestation-8", "fido-u2f: certificate is missing", U2F, OBJECT, "'cx5c", "'cx5d", WEBAUTHN_STATEMENT },
	{ "Attestation-9", "tpm: ver is another one", TPM, OBJECT, "'cver\143" "2.0", "'cver\143" "2.1", WEBAUTHN_STATEMENT },
	{ "Attestation-9", "tpm: ver is missing", TPM, OBJECT, "'cver", "'cves", WEBAUTHN_STATEMENT },
	{ "Attestation-9", "tpm: alg is not offered", TPM, OBJECT, "63616c6726", "63616c6727", WEBAUTHN_STATEMENT },
	{ "Attestation-9", "tpm: certInfo is missing", TPM, OBJECT, "'hcertInfo", "'hcertInfp", WEBAUTHN_STATEMENT },
	{ "Attestation-9", "tpm: magic", TPM, OBJECT, "ff5443478017", "ff5443488017", WEBAUTHN_ATTESTATION_TPM },
	{ "Attestation-9", "tpm: type is no certification", TPM, OBJECT, "ff5443478017", "ff5443478018", WEBAUTHN_ATTESTATION_TPM },
	{ "Attestation-9", "tpm: pubArea is missing", TPM, OBJECT, "'gpubArea", "'gpubAreb", WEBAUTHN_STATEMENT },
	{ "Attestation-A", "android-key: signature is missing", ANDROID, OBJECT, "'csig", "'csih", WEBAUTHN_STATEMENT },
	{ "Attestation-A", "android-key: certificate is missing", ANDROID, OBJECT, "'cx5c", "'cx5d", WEBAUTHN_STATEMENT },
	{ "Attestation-A", "android-key: challenge of another ceremony", ANDROID, OBJECT, "0420b435028d", "0420b435028e", WEBAUTHN_ATTESTATION_CHALLENGE },
	{ "Attestation-A", "android-key: not an extension of keys", ANDROID, OBJECT, "2b06010401d679020111", "2b06010401d679020112", WEBAUTHN_ATTESTATION_CERTIFICATE },
	{ "Attestation-B", "apple: certificate is missing", APPLE, OBJECT, "'cx5c", "'cx5d", WEBAUTHN_STATEMENT },

	{ "Assertion-1", "user handle is missing", NONE, HANDLE, "", "", WEBAUTHN_USER_HANDLE },
	{ "Assertion-1", "user handle of another user", NONE, HANDLE, "", "resu", WEBAUTHN_USER_HANDLE },
	{ "Assertion-2", "type is webauthn.create", NONE, ASSERTED_DATA, "webauthn.get", "webauthn.create", WEBAUTHN_TYPE },
	{ "Assertion-2", "challenge is another one", NONE, ASSERTED_DATA, "OcDnUhQX", "PcDnUhQX", WEBAUTHN_CHALLENGE },
	{ "Assertion-2", "origin is another one", NONE, ASSERTED_DATA, "https://example.org", "https://example.net", WEBAUTHN_ORIGIN },
	{ "Assertion-2", "a member more", NONE, ASSERTED_DATA, "{", "{\"a\":1,", WEBAUTHN_SIGNATURE },
	{ "Assertion-3", "bytes behind the authenticator data", NONE, APPENDED, "", "0000000000", WEBAUTHN_AUTHENTICATOR_DATA },
	{ "Assertion-3", "the counter is cut off", NONE, APPENDED, "", "000000", WEBAUTHN_AUTHENTICATOR_DATA },
	{ "Assertion-3", "user not present", NONE, ASSERTED_FLAGS, "", "18", WEBAUTHN_USER_PRESENCE },
	{ "Assertion-3", "backup eligibility has changed", NONE, ASSERTED_FLAGS, "", "01", WEBAUTHN_BACKUP },
	{ "Assertion-3", "backed up but not eligible", NONE, ASSERTED_FLAGS, "", "11", WEBAUTHN_BACKUP },
	{ "Assertion-3", "extensions announced, but none", NONE, ASSERTED_FLAGS, "", "99", WEBAUTHN_AUTHENTICATOR_DATA },
	{ "Assertion-3", "signature is empty", NONE, SIGNATURE, "", "", WEBAUTHN_SIGNATURE },
	{ "Assertion-3", "signature of zeros", NONE, SIGNATURE, "", "3006020100020100", WEBAUTHN_SIGNATURE },
	{ "Assertion-3", "flags are altered", NONE, ASSERTED_FLAGS, "", "1d", WEBAUTHN_SIGNATURE },
};

static int setup(void **state)
{
	*state = samples_load();
	return 0;
}

static int teardown(void **state)
{
	samples_free(*state);
	return 0;
}

static struct slice bytes_of(struct samples *s, const char *text)
{
	struct buf b = buf_arena(&s->arena, 4096);

	if (*text == '\'')
		return slice_text(text + 1);
	for (const char *c = text; *c; c++)
		if (*c != ' ')
			buf_byte(&b, (uint8_t)*c);
	return unhex(&s->arena, arena_cstr(&s->arena, buf_bytes(&b)));
}

static struct slice with_byte(struct samples *s, struct slice in, size_t at, const char *hex)
{
	struct slice copy = arena_copy(&s->arena, in);

	assert_true(at < in.n);
	((uint8_t *)(uintptr_t)copy.p)[at] = bytes_of(s, hex).p[0];
	return copy;
}

static size_t flags_at(struct slice object)
{
	const uint8_t *data = memmem(object.p, object.n, "authData", 8);

	return (size_t)(data - object.p) + 8 + 2 + 32;
}

static void spoil(struct samples *s, struct sample *sample, const struct wrong *w)
{
	struct slice *data = &sample->got.authenticator_data;

	switch (w->part) {
	case CLIENT_DATA:
		sample->made.client_data = replaced(s, sample->made.client_data, slice_text(w->from), slice_text(w->to));
		break;
	case OBJECT:
		sample->made.object = replaced(s, sample->made.object, bytes_of(s, w->from), bytes_of(s, w->to));
		break;
	case FLAGS:
		sample->made.object = with_byte(s, sample->made.object, flags_at(sample->made.object), w->to);
		break;
	case ASSERTED_FLAGS:
		*data = with_byte(s, *data, 32, w->to);
		break;
	case ASSERTED_DATA:
		sample->got.client_data = replaced(s, sample->got.client_data, slice_text(w->from), slice_text(w->to));
		break;
	case APPENDED:
		*data = replaced(s, *data, slice_of(data->p + 33, 4), bytes_of(s, w->to));
		break;
	case SIGNATURE:
		sample->got.signature = bytes_of(s, w->to);
		break;
	case HANDLE:
		sample->got.user_handle = slice_text(w->to);
		break;
	case NAMED:
		if (w->to)
			sample->made.id = slice_text(w->to);
		break;
	}
}

static bool of_assertion(const struct wrong *w)
{
	return w->part == ASSERTED_FLAGS || w->part == ASSERTED_DATA || w->part == APPENDED || w->part == SIGNATURE || w->part == HANDLE;
}

static enum webauthn_fault outcome(struct samples *s, const struct wrong *w)
{
	struct sample sample = sample_named(s, w->vector);
	struct webauthn_policy policy = sample_policy(&sample);
	struct webauthn_credential credential;

	if (!of_assertion(w)) {
		spoil(s, &sample, w);
		return sample_register(s, &sample, &policy, NULL);
	}
	assert_int_equal(sample_register(s, &sample, &policy, &credential), WEBAUTHN_OK);
	spoil(s, &sample, w);
	return sample_authenticate(s, &sample, &credential);
}

static void each_for_its_reason(void **state)
{
	for (size_t i = 0; i < COUNT(wrongs); i++) {
		enum webauthn_fault fault = outcome(*state, &wrongs[i]);

		assert_int_not_equal(wrongs[i].fault, WEBAUTHN_OK);
		if (fault != wrongs[i].fault)
			fail_msg("%s: %s: %s in place of %s", wrongs[i].group, wrongs[i].what, webauthn_fault_name(fault),
				webauthn_fault_name(wrongs[i].fault));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(each_for_its_reason) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
