/* The backup of a recovery: a blob for the person's cloud, of no use without the code or face, and the server (section 6.4). */
#include <stdio.h>

#include "codec/encode.h"
#include "crypto/aead.h"
#include "sdk/internal.h"

enum { BACKUP_VERSION = 1, BACKUP_DEPTH_MAX = 3 };

#define BACKUP(F, T)                                                            \
	F(T, INT, v, REQ, 1, 1, "", "")                                         \
	F(T, INT, number, OPT, 0, INT64_MAX, "", "")                            \
	F(T, UUID, applicationId, REQ, 0, 0, "", "")                            \
	F(T, STR, serverUrl, REQ, 1, 2048, "", "")                              \
	F(T, BYTES, recoveryId, REQ, RECOVERY_ID_BYTES, RECOVERY_ID_BYTES, "", "") \
	F(T, BYTES, ds_rec, REQ, DEVICE_SECRET_BYTES, DEVICE_SECRET_BYTES, "", "") \
	F(T, STR, saltKeyId, REQ, 1, SALT_KEY_ID_POINTS_MAX, "", "")            \
	F(T, ENUM(recovery_method), method, REQ, 0, 0, "", "")                  \
	F(T, BYTES, wrapped, REQ, WRAPPED_BYTES, WRAPPED_BYTES, "", "")
SCHEMA_STRUCT(device_backup, BACKUP);
SCHEMA(device_backup, BACKUP, "A recovery in the person's cloud");

const char *backup_name(const struct rid_controller *c, int64_t number)
{
	return c->backup_names[number & 1];
}

struct slice backup_write(struct rid_controller *c, const struct recovery_blob *blob)
{
	struct slice url = slice_text(c->url);
	struct device_backup m = { .v = BACKUP_VERSION, .number = blob->number, .serverUrl = slice_of(url.p, url.n - strlen(DEVICE_PATH)),
		.recoveryId = slice_of(blob->id, RECOVERY_ID_BYTES), .ds_rec = slice_of(blob->ds, DEVICE_SECRET_BYTES),
		.saltKeyId = slice_text(blob->salt_key_id), .method = (enum recovery_method)blob->method,
		.wrapped = slice_of(blob->wrapped, WRAPPED_BYTES) };
	struct buf b = buf_arena(&c->op, RID_BACKUP_BYTES_MAX);

	MARK(&m, device_backup, number);
	IGNORE(uuid_parse(c->application, &m.applicationId)); /* it was one at rid_open() */
	schema_write(&device_backup_schema, &m, &b);
	return buf_bytes(&b);
}

static err take(struct rid_controller *c, const struct device_backup *m, struct recovery_blob *blob)
{
	struct uuid application;

	TRY(uuid_parse(c->application, &application));
	ENSURE(uuid_eq(&application, &m->applicationId) && m->saltKeyId.n <= SALT_KEY_ID_BYTES, CRYPTO);
	*blob = (struct recovery_blob){ .method = m->method };
	if (m->number < INT32_MAX) /* it only says which is newer; whoever has the cloud may have written any */
		blob->number = m->number;
	memcpy(blob->id, m->recoveryId.p, RECOVERY_ID_BYTES);
	memcpy(blob->ds, m->ds_rec.p, DEVICE_SECRET_BYTES);
	memcpy(blob->wrapped, m->wrapped.p, WRAPPED_BYTES);
	memcpy(blob->salt_key_id, m->saltKeyId.p, m->saltKeyId.n);
	return OK;
}

err backup_read(struct rid_controller *c, struct slice bytes, struct recovery_blob *ret_blob)
{
	struct device_backup *m = arena_new(&c->op, struct device_backup);
	struct invalids bad = { .arena = &c->op };
	struct slice why;
	struct error e;
	json_t *root;

	ENSURE(bytes.n <= RID_BACKUP_BYTES_MAX, PARSE);
	TRY(json_read(bytes, JSON_UNIQUE, BACKUP_DEPTH_MAX, &c->op, &root, &why));
	schema_read(&device_backup_schema, root, &c->op, &bad, m);
	e = bad.n ? FAIL(PARSE) : take(c, m, ret_blob);
	json_wipe(root);
	return e;
}

/* Each recovery uses its W for one key alone, so that a nonce of zeros is safe. */
static const uint8_t no_nonce[AEAD_NONCE_BYTES];

void recovery_lock(const struct recovery_blob *blob, struct slice secret, const struct key *rk, uint8_t ret_wrapped[static WRAPPED_BYTES])
{
	uint8_t w[WRAP_KEY_BYTES];

	recovery_wrap_key(blob->id, secret, w);
	aead_seal(w, no_nonce, slice_of(blob->id, RECOVERY_ID_BYTES), slice_of(rk->private_key, P256_SCALAR_BYTES), ret_wrapped);
	wipe(w, sizeof(w));
}

err recovery_unlock(const struct recovery_blob *blob, struct slice secret, struct key *ret_rk)
{
	uint8_t w[WRAP_KEY_BYTES];
	struct error e;

	recovery_wrap_key(blob->id, secret, w);
	e = aead_open(w, no_nonce, slice_of(blob->id, RECOVERY_ID_BYTES), slice_of(blob->wrapped, WRAPPED_BYTES), ret_rk->private_key);
	wipe(w, sizeof(w));
	if (!failed(e))
		e = p256_public(ret_rk->private_key, ret_rk->public_key);
	if (failed(e))
		wipe(ret_rk, sizeof(*ret_rk));
	return e;
}
