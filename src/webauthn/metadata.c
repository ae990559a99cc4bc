/*
 * The blob of FIDO's Metadata Service (Metadata Service, version 3.0, section 3.1): a JWS in compact form (RFC 7515) whose header
 * brings its certificates along, and a list of kinds of authenticators with their roots.
 */
#include <stdlib.h>

#include "codec/encode.h"
#include "codec/json.h"
#include "webauthn/internal.h"

enum { BLOB_DEPTH_MAX = 32 };

struct metadata {
	struct arena arena;
	struct metadata_entry *entries; /* by AAGUID */
	size_t n;
};

/* Reports after which an authenticator is not to be trusted (3.1.4). */
static const char *const revoking[] = {
	"REVOKED", "USER_VERIFICATION_BYPASS", "ATTESTATION_KEY_COMPROMISE", "USER_KEY_REMOTE_COMPROMISE", "USER_KEY_PHYSICAL_COMPROMISE",
};

static struct slice text_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? json_text(value) : S("");
}

/* ---- signature ---- */

struct parts {
	struct slice header, payload, signature, signed_text;
};

static err split(struct slice blob, struct arena *a, struct parts *ret)
{
	struct slice rest = slice_trim(blob), header, payload;

	while (rest.n && (rest.p[rest.n - 1] == '\n' || rest.p[rest.n - 1] == '\r'))
		rest.n--;
	ret->signed_text = rest;
	header = slice_cut(&rest, '.');
	payload = slice_cut(&rest, '.');
	ENSURE(header.n && payload.n && rest.n, PARSE);
	ret->signed_text.n = header.n + 1 + payload.n;
	TRY(b64url_read(a, header, &ret->header));
	TRY(b64url_read(a, payload, &ret->payload));
	return b64url_read(a, rest, &ret->signature);
}

/* ES256 in a JWS is r and s as they are (RFC 7518, 3.4); what verifies others' signatures wants DER. */
static struct slice der_of(struct slice raw, struct arena *a)
{
	struct buf b = buf_arena(a, 80), all = buf_arena(a, 80);

	if (raw.n != 64)
		return S("");
	for (int half = 0; half < 2; half++) {
		struct slice n = slice_of(raw.p + half * 32, 32);

		while (n.n > 1 && n.p[0] == 0)
			n = slice_of(n.p + 1, n.n - 1);
		buf_byte(&b, DER_INTEGER);
		buf_byte(&b, (uint8_t)(n.n + (n.p[0] >> 7)));
		if (n.p[0] >> 7)
			buf_byte(&b, 0);
		buf_slice(&b, n);
	}
	buf_byte(&all, 0x30);
	buf_byte(&all, (uint8_t)b.n);
	buf_slice(&all, buf_bytes(&b));
	return buf_bytes(&all);
}

static err check_signed(const struct parts *parts, const struct certificate *leaf, struct slice alg, struct arena *a)
{
	struct slice signature = parts->signature;
	struct public_key key;

	TRY(public_key_read(certificate_public(leaf, a), a, &key));
	ENSURE(slice_is(alg, key.alg == PUBLIC_ES256 ? "ES256" : "RS256") && (key.alg == PUBLIC_ES256 || key.alg == PUBLIC_RS256), SIGNATURE);
	if (key.alg == PUBLIC_ES256)
		signature = der_of(signature, a);
	return public_key_verify(&key, PARTS(parts->signed_text), signature);
}

static err check_header(const struct parts *parts, const json_t *header, struct slice root, int64_t now, struct arena *a)
{
	const json_t *x5c = json_object_get(header, "x5c");
	struct slice chain[WEBAUTHN_CHAIN_MAX];
	size_t n = json_array_size(x5c);
	struct certificate *leaf;
	struct error e;

	ENSURE(n > 0 && n <= WEBAUTHN_CHAIN_MAX, PARSE);
	for (size_t i = 0; i < n; i++) {
		const json_t *one = json_array_get(x5c, i);

		ENSURE(json_is_string(one), PARSE);
		TRY(b64_read(a, json_text(one), &chain[i]));
	}
	TRY(x509_verify(chain, n, root, now, &leaf));
	e = check_signed(parts, leaf, text_of(header, "alg"), a);
	certificate_free(leaf);
	return failed(e) ? FAIL(SIGNATURE) : OK;
}

/* ---- entries ---- */

static bool is_revoking(const json_t *report)
{
	for (size_t i = 0; i < sizeof(revoking) / sizeof(revoking[0]); i++)
		if (slice_is(text_of(report, "status"), revoking[i]))
			return true;
	return false;
}

static err read_roots(const json_t *statement, struct arena *a, struct metadata_entry *entry)
{
	const json_t *list = json_object_get(statement, "attestationRootCertificates");
	struct slice *roots = arena_array(a, struct slice, json_array_size(list));

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);

		ENSURE(json_is_string(one), PARSE);
		TRY(b64_read(a, slice_trim(json_text(one)), &roots[i]));
	}
	entry->roots = roots;
	entry->root_count = json_array_size(list);
	return OK;
}

/* Entries of U2F and UAF have no AAGUID. */
static err read_entry(struct metadata *m, const json_t *from)
{
	struct metadata_entry entry = { .revoked = false };
	const json_t *reports = json_object_get(from, "statusReports");
	struct slice aaguid = text_of(from, "aaguid");

	if (aaguid.n == 0)
		return OK;
	TRY(uuid_parse(aaguid, &entry.aaguid));
	TRY(read_roots(json_object_get(from, "metadataStatement"), &m->arena, &entry));
	for (size_t i = 0; i < json_array_size(reports); i++)
		entry.revoked |= is_revoking(json_array_get(reports, i));
	m->entries[m->n++] = entry;
	return OK;
}

static int by_aaguid(const void *a, const void *b)
{
	return memcmp(((const struct metadata_entry *)a)->aaguid.b, ((const struct metadata_entry *)b)->aaguid.b, UUID_BYTES);
}

static err read_entries(struct metadata *m, struct slice payload)
{
	const json_t *list;
	struct error e = OK;
	struct slice why;
	json_t *root;

	TRY(json_read(payload, JSON_UNIQUE, BLOB_DEPTH_MAX, &m->arena, &root, &why));
	list = json_object_get(root, "entries");
	m->entries = arena_array(&m->arena, struct metadata_entry, json_array_size(list));
	if (!json_is_array(list))
		e = FAIL(PARSE);
	for (size_t i = 0; !failed(e) && i < json_array_size(list); i++)
		e = read_entry(m, json_array_get(list, i));
	json_decref(root);
	if (m->n)
		qsort(m->entries, m->n, sizeof(*m->entries), by_aaguid);
	return e;
}

static err read_all(struct metadata *m, struct slice blob, struct slice root, int64_t now)
{
	struct parts parts;
	struct error e;
	struct slice why;
	json_t *header;

	TRY(split(blob, &m->arena, &parts));
	TRY(json_read(parts.header, JSON_UNIQUE, BLOB_DEPTH_MAX, &m->arena, &header, &why));
	e = check_header(&parts, header, root, now, &m->arena);
	json_decref(header);
	TRY(e);
	return read_entries(m, parts.payload);
}

err metadata_read(struct slice blob, struct slice root, int64_t now, struct metadata **ret_metadata)
{
	struct metadata *m = xalloc(sizeof(*m));
	struct error e = read_all(m, blob, root, now);

	if (failed(e))
		metadata_free(m);
	else
		*ret_metadata = m;
	return e;
}

void metadata_free(struct metadata *m)
{
	if (!m)
		return;
	arena_free(&m->arena);
	free(m);
}

size_t metadata_count(const struct metadata *m)
{
	return m->n;
}

const struct metadata_entry *metadata_find(const struct metadata *m, const struct uuid *aaguid)
{
	const struct metadata_entry wanted = { .aaguid = *aaguid };

	return m->n ? bsearch(&wanted, m->entries, m->n, sizeof(*m->entries), by_aaguid) : NULL;
}
