/* Checks of the log without a server. Inside this folder; what others need stands in audit.h. */
#ifndef AUDIT_VERIFY_H
#define AUDIT_VERIFY_H

#include "audit/audit.h"
#include "audit/merkle.h"

struct claim {
	struct slice account;
	int64_t size;
	struct hash root;
};

/* A checkpoint that one of the keys signed; E_SIGNATURE. */
err claim_read(const struct jwks *keys, struct slice token, struct arena *a, struct claim *ret_claim);

/* The same text, whoever writes it: one byte off and it is not what the log wrote. */
bool is_canonical(struct slice text, json_t *value, struct arena *a);

/* A parsed record with its proof, which is taken out of it. E_SIGNATURE unless it stands in that tree. */
err record_check(json_t *record, json_t *proof, const struct claim *claim, struct arena *a, int64_t *ret_index);
err proof_read(const json_t *list, struct arena *a, struct proof *ret_proof);

#endif
