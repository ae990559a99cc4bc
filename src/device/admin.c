/* The operator's side of MobileID: add it to an account, and what an app is configured with. */
#include "device/device_schema.h"
#include "device/keys.h"
#include "event/fact.h"

#define MOBILEID_NEW(F, T) F(T, STR, accountId, REQ, 1, 100, "Account to add MobileID to", "")
SCHEMA_STRUCT(mobileid_new, MOBILEID_NEW);
SCHEMA(mobileid_new, MOBILEID_NEW, "MobileID to add");

/* The quick configuration of platform.md 7.2: the members and the order that apps scan. */
#define QUICK_CONFIG(F, T)                                                                         \
	F(T, INT, v, REQ, 0, 0, "Version of this form", "1")                                       \
	F(T, STR, name, REQ, 0, 0, "Name of the account", "")                                      \
	F(T, STR, applicationId, REQ, 0, 0, "Application id", "")                                  \
	F(T, STR, publicKey, REQ, 0, 0, "E2E key, base64 of its SubjectPublicKeyInfo", "")         \
	F(T, STR, serverUrl, REQ, 0, 0, "Where the app reaches the server", "")
SCHEMA_STRUCT(quick_config, QUICK_CONFIG);
SCHEMA(quick_config, QUICK_CONFIG, "What an app is configured with");

static err find_account(struct op *op, struct slice id, int64_t *ret_account, struct slice *ret_name)
{
	const struct snapshot *snapshot = accounts_hold(op->app);
	const struct account_info *account = snapshot_account(snapshot, id);

	if (account) {
		*ret_account = account->n;
		*ret_name = arena_copy(op->arena, account->name);
		op->caller.account_id = arena_copy(op->arena, account->id);
	}
	accounts_release(snapshot);
	ENSURE(account, ACCOUNT_UNKNOWN);
	return OK;
}

static err show(struct op *op, int64_t account, struct slice name)
{
	struct quick_config *out = op->out = arena_new(op->arena, struct quick_config);
	struct device_configuration c;

	TRY(devices_configuration(op->app, account, &c));
	out->v = 1;
	out->name = name;
	out->applicationId = arena_copy(op->arena, slice_text(c.application_id));
	out->publicKey = arena_copy(op->arena, slice_text(c.public_key));
	out->serverUrl = arena_printf(op->arena, "%s" DEVICE_SERVER_PATH, op->app->public_url);
	return OK;
}

static err show_prepare(struct op *op)
{
	struct slice name;
	int64_t account;

	TRY(find_account(op, op->path[0], &account, &name));
	return show(op, account, name);
}

struct addition {
	struct onboarding *onboarding;
	int64_t account;
	struct slice name;
};

static err add_prepare(struct op *op)
{
	const struct mobileid_new *in = op->in;
	struct addition *a = op_own(op, struct addition);

	TRY(find_account(op, in->accountId, &a->account, &a->name));
	a->onboarding = onboarding_new(op->app, a->account, a->name, op->arena);
	op->unchanged = a->onboarding == NULL;
	return OK;
}

static err add_apply(struct op *op, struct tx *tx)
{
	struct addition *a = op_own(op, struct addition);

	return onboarding_store(a->onboarding, fact_origin_of(op), tx);
}

static err add_reply(struct op *op)
{
	struct addition *a = op_own(op, struct addition);
	struct buf b = buf_arena(op->arena, 4096);

	TRY(show(op, a->account, a->name));
	schema_write(&quick_config_schema, op->out, &b);
	op_answer(op, 200, NULL, buf_bytes(&b));
	return OK;
}

/* ---- another salt key ---- */

static err salt_prepare(struct op *op)
{
	struct new_salt **salt = op_own(op, struct new_salt *);
	struct slice name;
	int64_t account;

	TRY(find_account(op, op->path[0], &account, &name));
	return salt_key_new(op->app, account, op->arena, salt);
}

static err salt_apply(struct op *op, struct tx *tx)
{
	return salt_key_store(*op_own(op, struct new_salt *), fact_origin_of(op), tx);
}

static const struct route rows[] = {
	{ HTTP_POST, "/mobileid", LOCAL_ONLY, NO_RATE, IN(mobileid_new), OUT(quick_config),
		OP(.prepare = add_prepare, .apply = add_apply, .reply = add_reply), "Add MobileID to an account" },
	{ HTTP_GET, "/mobileid/{accountId:text}", LOCAL_ONLY, NO_RATE, OUT(quick_config), OP(.prepare = show_prepare),
		"What an app is configured with" },
	{ HTTP_POST, "/mobileid/{accountId:text}/salt-keys", LOCAL_ONLY, NO_RATE, OP(.prepare = salt_prepare, .apply = salt_apply),
		"Add a salt key, to which PINs move", .flags = EMPTY_BODY_OK },
};

const struct route_table device_admin_routes = {
	.base = "/admin", .title = "MobileID", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]),
};
