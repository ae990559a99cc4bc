/* The signed consent: a JWT of what was approved, meant for keeping (no exp). The key stands in the published set for good. */
#include "base/timestamp.h"
#include "device/device_schema.h"
#include "jose/jwt.h"
#include "oauth/oauth.h"

enum { CLAIMS_BYTES_MAX = 256 * 1024 };

static void write_ids(struct op *op, struct jw *w, const struct user *owner, const struct device_operation_row *row, int64_t completed)
{
	jw_pair(w, "iss", op->app->public_url);
	jw_pair_text(w, "sub", uuid_text(op->arena, &owner->id));
	jw_pair_text(w, "aud", op->caller.account_id);
	jw_pair_int(w, "iat", completed / 1000);
	jw_pair_text(w, "jti", uuid_text(op->arena, &row->base.id));
	jw_pair_text(w, "transactionId", uuid_text(op->arena, &row->base.id));
	jw_pair_text(w, "accountId", op->caller.account_id);
	jw_pair(w, "type", "SIGNATURE");
	jw_pair(w, "state", "COMPLETED");
}

static void write_time(struct jw *w, const char *name, int64_t ms)
{
	jw_key(w, name);
	jw_raw(w, S("\""));
	time_write(w->b, ms, TIME_AS_MS);
	buf_byte(w->b, '"');
}

static void write_parties(struct op *op, struct jw *w, const struct user *owner, const struct device *device)
{
	jw_key(w, "user");
	jw_open(w, '{');
	jw_pair_text(w, "id", uuid_text(op->arena, &owner->id));
	if (owner->profile.reference.n)
		jw_pair_text(w, "externalRef", owner->profile.reference);
	jw_close(w, '}');
	jw_key(w, "device");
	jw_open(w, '{');
	jw_pair_text(w, "id", uuid_text(op->arena, &device->id));
	jw_pair_text(w, "name", device->name);
	jw_close(w, '}');
}

err consent_sign(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	enum auth_method method, int64_t completed, struct slice *ret_jwt)
{
	struct buf b = buf_arena(op->arena, CLAIMS_BYTES_MAX);
	struct jw w = jw_new(&b);
	const struct sign_key *key;
	const char *kid;

	jw_open(&w, '{');
	write_ids(op, &w, owner, row, completed);
	write_time(&w, "created", row->base.created);
	write_time(&w, "completed", completed);
	write_parties(op, &w, owner, device);
	jw_pair(&w, "authLevel", auth_method_is_two_factor(method) ? "TWO_FACTOR" : "ONE_FACTOR");
	jw_pair(&w, "authMethod", enum_text(&auth_method_enum, (int)method));
	if (row->content.pre) {
		jw_key(&w, "preOperationContext");
		jw_raw(&w, S(""));
		schema_write(&operation_context_schema, row->content.pre, &b);
	}
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	oauth_signing_key(op->app, op->now, &key, &kid);
	return jwt_sign(key, kid, "JWT", buf_bytes(&b), op->arena, ret_jwt);
}
