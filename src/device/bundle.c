/*
 * What proves a consent signature to anyone (11): the service's JWT, the evidence that the device's keys signed what was shown, and that
 * both stand in the audit log. Each part hangs on the next, so a changed byte anywhere is found.
 */
#include "audit/audit.h"
#include "codec/encode.h"
#include "device/device_schema.h"
#include "device/rest.h"

enum { BUNDLE_BYTES_MAX = 4 * 1024 * 1024, RESULT_DEPTH_MAX = 16 };

static err read_signature(struct op *op, const struct device_operation_row *row, struct slice *ret_jwt)
{
	json_t *result = NULL;
	const json_t *jwt;
	struct slice why;

	TRY(json_read(row->result, JSON_UNIQUE, RESULT_DEPTH_MAX, op->arena, &result, &why));
	op_keep_json(op, result);
	jwt = json_object_get(result, "signature");
	ENSURE(json_is_string(jwt), NO_EVIDENCE);
	*ret_jwt = json_text(jwt);
	return OK;
}

/* A replaced PIN key stands in what the device signed, so it cannot be taken out. */
static err hold_back(struct op *op, json_t *evidence)
{
	const json_t *finish = json_object_get(evidence, "finish");
	struct slice bytes;
	struct plaintext plaintext;
	json_t *json = NULL;
	struct slice why;

	if (op->settings->evidence_with_pin)
		return OK;
	json_object_del(evidence, "pin");
	ENSURE(json_is_string(finish), STORAGE);
	TRY(b64url_read(op->arena, json_text(finish), &bytes));
	TRY(plaintext_read(bytes, &plaintext));
	TRY(json_read(plaintext.json, JSON_UNIQUE, RESULT_DEPTH_MAX, op->arena, &json, &why));
	op_keep_json(op, json);
	ENSURE(!json_object_get(json, "rot"), EVIDENCE_WITHHELD);
	return OK;
}

static err write_bundle(struct op *op, const struct operation *base, struct slice jwt, json_t *evidence, struct buf *b)
{
	const struct audit_record_wanted wanted = {
		.kind = FACT_SIGNATURE_COMPLETED,
		.reference = uuid_text(op->arena, &base->id),
		.at = base->completed,
	};
	const json_t *earlier = json_object_get(evidence, "checkpoint");
	struct jw w = jw_new(b);
	struct error e;

	ENSURE(json_is_string(earlier), NO_EVIDENCE);
	jw_open(&w, '{');
	jw_pair_int(&w, "v", 1);
	jw_pair_text(&w, "signature", jwt);
	jw_key(&w, "evidence");
	jw_raw(&w, S(""));
	json_write_value(b, evidence);
	e = audit_write_proof(op, &wanted, json_text(earlier), &w);
	ENSURE(!is_err(e, E_NO_ROW), NO_EVIDENCE);
	TRY(e);
	jw_close(&w, '}');
	return buf_ok(b);
}

static err open_all(struct op *op, struct user *owner, struct operation *base, struct slice *ret_jwt, json_t **ret_evidence)
{
	struct device_operation_row row = { .base = *base };
	struct error e = user_load(op, op_reader(op), &base->user, owner);

	ENSURE(!is_err(e, E_USER_UNKNOWN), NO_EVIDENCE);
	TRY(e);
	TRY(device_operation_load(op, op_reader(op), base, owner, &row));
	TRY(read_signature(op, &row, ret_jwt));
	e = evidence_open(op, owner, &base->id, ret_evidence);
	ENSURE(!is_err(e, E_NO_ROW), NO_EVIDENCE);
	return e;
}

err signature_evidence_prepare(struct op *op)
{
	struct buf b = buf_arena(op->arena, BUNDLE_BYTES_MAX);
	struct operation base;
	struct user owner = { .version = 0 };
	struct slice jwt;
	json_t *evidence;
	struct error e;

	TRY(operation_load(op_reader(op), op->caller.account, &op->path_id[0], op->now, &base));
	ENSURE(base.type == credential_type_DEVICE && base.operation == operation_type_SIGNING, TRANSACTION_UNKNOWN);
	ENSURE(base.state == operation_state_COMPLETED, NO_EVIDENCE);
	e = open_all(op, &owner, &base, &jwt, &evidence);
	wipe(&owner.key, sizeof(owner.key));
	TRY(e);
	TRY(hold_back(op, evidence));
	TRY(write_bundle(op, &base, jwt, evidence, &b));
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}
