/* One record against a checkpoint, and two checkpoints against each other. */
#include "audit/verify.h"

#include "codec/encode.h"

enum { CHECKED_DEPTH_MAX = 8, RECORD_BYTES_MAX = 1024 * 1024 };

bool is_canonical(struct slice text, json_t *value, struct arena *a)
{
	struct buf b = buf_arena(a, text.n + 64);

	json_write_value(&b, value);
	return !failed(buf_ok(&b)) && slice_eq(buf_bytes(&b), text);
}

static err hash_read(const json_t *text, struct arena *a, struct hash *ret_hash)
{
	struct slice bytes;

	ENSURE(json_is_string(text), SIGNATURE);
	ENSURE(!failed(b64url_read(a, json_text(text), &bytes)) && bytes.n == SHA256_BYTES, SIGNATURE);
	memcpy(ret_hash->b, bytes.p, SHA256_BYTES);
	return OK;
}

err proof_read(const json_t *list, struct arena *a, struct proof *ret_proof)
{
	ENSURE(json_is_array(list) && json_array_size(list) <= PROOF_HASHES_MAX, SIGNATURE);
	for (ret_proof->n = 0; ret_proof->n < json_array_size(list); ret_proof->n++)
		TRY(hash_read(json_array_get(list, ret_proof->n), a, &ret_proof->hashes[ret_proof->n]));
	return OK;
}

err claim_read(const struct jwks *keys, struct slice token, struct arena *a, struct claim *ret_claim)
{
	struct slice payload, why;
	json_t *claims = NULL;
	const json_t *account, *size;
	struct error e;

	TRY(jwks_open(keys, token, "audit-checkpoint+jwt", a, &payload));
	ENSURE(!failed(json_read(payload, JSON_UNIQUE, CHECKED_DEPTH_MAX, a, &claims, &why)), SIGNATURE);
	account = json_object_get(claims, "accountId");
	size = json_object_get(claims, "size");
	e = json_is_string(account) && json_is_integer(size) ? hash_read(json_object_get(claims, "rootHash"), a, &ret_claim->root) : FAIL(SIGNATURE);
	if (!failed(e)) {
		ret_claim->account = arena_copy(a, json_text(account));
		ret_claim->size = json_integer_value(size);
	}
	json_decref(claims);
	return e;
}

/* ---- what is personal ---- */

static void move(json_t *from, json_t *to, const char *name)
{
	json_t *value = json_object_get(from, name);

	if (value && to)
		json_object_set(to, name, value);
	json_object_del(from, name);
}

/* Takes what is personal out of the record, and checks it against the commitment, as long as it can still be read. */
static err personal_check(json_t *record, struct arena *a)
{
	json_t *personal = json_object();
	const json_t *salt = json_object_get(record, "salt");
	struct buf b = buf_arena(a, RECORD_BYTES_MAX);
	struct hash expected, made;
	struct slice salt_bytes = S("");
	struct error e = hash_read(json_object_get(record, "commitment"), a, &expected);
	bool there = salt != NULL;

	if (!failed(e) && there)
		e = json_is_string(salt) ? b64url_read(a, json_text(salt), &salt_bytes) : FAIL(SIGNATURE);
	move(record, personal, "ipAddress");
	move(record, personal, "personalData");
	json_object_del(record, "salt");
	buf_slice(&b, salt_bytes);
	json_write_value(&b, personal);
	sha256(buf_bytes(&b), made.b);
	if (!failed(e) && there && memcmp(made.b, expected.b, SHA256_BYTES) != 0)
		e = FAIL(SIGNATURE);
	if (!failed(e) && !there && json_object_size(personal))
		e = FAIL(SIGNATURE);
	json_decref(personal);
	return failed(e) ? FAIL(SIGNATURE) : OK;
}

err record_check(json_t *record, json_t *proof, const struct claim *claim, struct arena *a, int64_t *ret_index)
{
	const json_t *cursor = json_object_get(record, "cursor"), *account = json_object_get(record, "accountId");
	struct buf b = buf_arena(a, RECORD_BYTES_MAX);
	struct proof path;
	struct hash leaf;

	ENSURE(json_is_string(cursor) && !failed(slice_i64(json_text(cursor), ret_index)), SIGNATURE);
	ENSURE(slice_eq(account ? json_text(account) : S(""), claim->account), SIGNATURE);
	TRY(proof_read(proof, a, &path));
	if (json_object_get(record, "commitment"))
		TRY(personal_check(record, a));
	json_write_value(&b, record);
	TRY(buf_ok(&b));
	leaf = merkle_leaf(buf_bytes(&b));
	return merkle_inclusion_check(*ret_index, claim->size, &leaf, &path, &claim->root);
}

/* ---- for others ---- */

static struct slice why_not(struct error e, const char *what)
{
	return failed(e) ? slice_text(what) : S("");
}

static err consistency(const struct jwks *keys, struct slice earlier, json_t *list, const struct claim *claim, struct arena *a)
{
	struct claim before;
	struct hash empty = merkle_empty();
	struct proof proof;

	TRY(claim_read(keys, earlier, a, &before));
	ENSURE(slice_eq(before.account, claim->account), SIGNATURE);
	TRY(proof_read(list, a, &proof));
	if (before.size)
		return merkle_consistency_check(before.size, claim->size, &proof, &before.root, &claim->root);
	ENSURE(proof.n == 0 && memcmp(before.root.b, empty.b, SHA256_BYTES) == 0, SIGNATURE);
	return OK;
}

struct slice audit_proof_fault(const struct jwks *keys, const struct audit_proof *p, struct arena *a)
{
	struct claim claim;
	int64_t index;

	if (failed(claim_read(keys, p->checkpoint, a, &claim)))
		return S("the checkpoint is not signed by one of the keys");
	if (failed(consistency(keys, p->earlier, p->consistency, &claim, a)))
		return S("the checkpoint does not follow from the one of the moment of signing");
	return why_not(record_check(p->record, p->proof, &claim, a, &index), "the record does not stand in the log of the checkpoint");
}
