/* The operator's view of the signing keys: list, rotate with overlap, delete. */
#include "event/fact.h"
#include "oauth/internal.h"

#define KEY_STATE(V, E)                                              \
	V(E, NEXT, "Published, not used yet")                        \
	V(E, ACTIVE, "Signs now")                                    \
	V(E, RETIRED, "Published so that old signatures verify")
ENUMERATION_TYPE(key_state, KEY_STATE);
ENUMERATION(key_state, KEY_STATE);

#define KEY_ITEM(F, T)                                                                       \
	F(T, STR, keyId, REQ, 0, 0, "Id (kid)", "")                                          \
	F(T, STR, algorithm, REQ, 0, 0, "ES256 or RS256", "")                                \
	F(T, ENUM(key_state), state, REQ, 0, 0, "What it is used for", "")                   \
	F(T, TIME, created, REQ, 0, 0, "When it was made", "")                               \
	F(T, TIME, activeFrom, REQ, 0, 0, "When it signs for the first time", "")
SCHEMA_STRUCT(key_item, KEY_ITEM);
SCHEMA(key_item, KEY_ITEM, "A signing key of the service");

#define KEY_LIST(F, T) F(T, LIST(key_item), keys, REQ, 0, 0, "All published keys, newest first", "")
SCHEMA_STRUCT(key_list, KEY_LIST);
SCHEMA(key_list, KEY_LIST, "Signing keys");

#define KEY_ROTATE(F, T) \
	F(T, BOOL, immediately, OPT, 0, 0, "Use the new key at once instead of after key_overlap_s", "")
SCHEMA_STRUCT(key_rotate, KEY_ROTATE);
SCHEMA(key_rotate, KEY_ROTATE, "How to rotate");

SQL(key_delete, "DELETE FROM signing_keys WHERE kid = $1");

struct rotation {
	struct key_row row;
	struct key_item item;
};

static enum key_state state_of(const struct service_key *k, const struct service_key *active, int64_t now)
{
	if (k == active)
		return key_state_ACTIVE;
	return k->active_from > now ? key_state_NEXT : key_state_RETIRED;
}

static err list_prepare(struct op *op)
{
	const struct key_set *set = atomic_load(&op->app->oauth->keys);
	const struct service_key *active = key_active(set, keys_alg(op->app), op->now);
	struct key_item *items = arena_array(op->arena, struct key_item, set->n);
	struct key_list *out = arena_new(op->arena, struct key_list);

	for (size_t i = 0; i < set->n; i++)
		items[i] = (struct key_item){
			.keyId = slice_text(set->keys[i].kid),
			.algorithm = slice_text(sign_alg_name(sign_key_alg(set->keys[i].key))),
			.state = state_of(&set->keys[i], active, op->now),
			.created = set->keys[i].created,
			.activeFrom = set->keys[i].active_from,
		};
	out->keys = (struct list){ items, set->n };
	op->out = out;
	return OK;
}

static err rotate_prepare(struct op *op)
{
	const struct key_rotate *in = op->in;
	struct rotation *own = op_own(op, struct rotation);
	int64_t active_from = op->now + (in->immediately ? 0 : op->settings->key_overlap_s * 1000);
	const struct key_set *set = atomic_load(&op->app->oauth->keys);

	ENSURE(set->n < KEYS_MAX, KEYS_FULL);
	TRY(key_make(op->app, keys_alg(op->app), active_from, op->arena, &own->row));
	own->item = (struct key_item){
		.keyId = own->row.values[0].s,
		.algorithm = own->row.values[1].s,
		.state = in->immediately ? key_state_ACTIVE : key_state_NEXT,
		.created = op->now,
		.activeFrom = active_from,
	};
	op->out = &own->item;
	return OK;
}

static err rotate_apply(struct op *op, struct tx *tx)
{
	struct rotation *own = op_own(op, struct rotation);

	TRY(key_store(tx, &own->row));
	tx_after_commit(tx, &op->app->oauth->keys_hook);
	return fact(op, tx, &(struct fact){ .kind = FACT_KEY_ROTATED, .reference = own->item.keyId });
}

static err delete_apply(struct op *op, struct tx *tx)
{
	const struct key_set *set = atomic_load(&op->app->oauth->keys);
	const struct service_key *key = key_named(set, op->path[0]);
	int64_t changes;

	ENSURE(key, KEY_UNKNOWN);
	ENSURE(key != key_active(set, keys_alg(op->app), op->now), KEY_IN_USE);
	TRY(sql_run(tx, &key_delete, ARGS(v_text(op->path[0])), &changes));
	ENSURE(changes == 1, KEY_UNKNOWN); /* deleted by another request of this very transaction */
	tx_after_commit(tx, &op->app->oauth->keys_hook);
	return fact(op, tx, &(struct fact){ .kind = FACT_KEY_DELETED, .reference = op->path[0] });
}

static const struct route admin_rows[] = {
	{ HTTP_GET, "/keys", LOCAL_ONLY, NO_RATE, OUT(key_list), OP(.prepare = list_prepare), "List signing keys" },
	{ HTTP_POST, "/keys/rotate", LOCAL_ONLY, NO_RATE, IN(key_rotate), OUT(key_item),
		OP(.prepare = rotate_prepare, .apply = rotate_apply), "Make a new signing key", .flags = EMPTY_BODY_OK },
	{ HTTP_DELETE, "/keys/{keyId:text}", LOCAL_ONLY, NO_RATE, OP(.apply = delete_apply), "Delete a signing key that signs no more" },
};

const struct route_table oauth_admin_routes = {
	.base = "/admin", .title = "Keys", .routes = admin_rows, .n = sizeof(admin_rows) / sizeof(admin_rows[0]),
};
