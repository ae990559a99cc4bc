/* E2E keys of an application: added, listed, retired while apps go on (mobileid.md 3). */
#include "codec/encode.h"
#include "device/mobileid_schema.h"
#include "device/rest.h"

ENUMERATION(e2e_algorithm, E2E_ALGORITHM);
ENUMERATION(e2e_state, E2E_STATE);
SCHEMA(e2e_key_new, E2E_KEY_NEW, "An E2E key to be made");
SCHEMA(e2e_key_view, E2E_KEY_VIEW, "An E2E key; its private half never leaves the server");
SCHEMA(e2e_key_list, E2E_KEY_LIST, "E2E keys");

enum { KEYS_MAX = 16, LISTED_MAX = 256 }; /* KEYS_MAX of those that are in use */

SQL(keys_of, "SELECT id, state, created, algorithm, public_key FROM e2e_keys WHERE application = $1 ORDER BY created DESC, id DESC LIMIT $2");
SQL(key_add,
	"INSERT INTO e2e_keys (id, application, wrapped_key, private_key, state, created, algorithm, public_key)"
	" VALUES ($1, $2, $3, $4, 1, $5, $6, $7)");
/* 1 is ACTIVE, 2 is RETIRED */
SQL(key_retire, "UPDATE e2e_keys SET state = 2, wrapped_key = x'', private_key = x'' WHERE id = $1 AND state = 1"
		" AND (algorithm = 2 OR (SELECT count(*) FROM e2e_keys WHERE application = $2 AND state = 1 AND algorithm = 1) > 1)");

_Static_assert(e2e_algorithm_X25519 == 1 && e2e_algorithm_SECT233K1 == 2, "the literals in the statements above");

_Static_assert(e2e_state_ACTIVE == 1 && e2e_state_RETIRED == 2, "the literals in the statements above");

struct keying {
	const struct application *application;
	struct e2e_key_view view;
	struct e2e_key_list list;
	struct made_key made;
	size_t active;
	uint8_t id[KEY_ID_BYTES], ids[LISTED_MAX][KEY_ID_BYTES];
	struct slice spki; /* of a new SECT233K1 key */
};

static void view_key(struct op *op, const struct application *application, struct slice id, enum e2e_algorithm algorithm,
	struct slice public_key, struct e2e_key_view *ret)
{
	const struct e2e_key *key = e2e_key_find(applications_now(op->app), id);
	uint8_t spki[X25519_SPKI_BYTES];

	ret->keyId = hex(op->arena, id);
	ret->applicationId = application->id;
	ret->algorithm = algorithm;
	ret->supported = algorithm == e2e_algorithm_X25519;
	if (!ret->supported)
		ret->publicKey = b64(op->arena, arena_copy(op->arena, public_key));
	if (!key)
		return;
	x25519_spki_write(key->public_key, spki);
	ret->publicKey = b64(op->arena, slice_of(spki, sizeof(spki)));
}

static err read_list(struct op *op, struct keying *k)
{
	struct e2e_key_view *views = arena_array(op->arena, struct e2e_key_view, LISTED_MAX);
	struct rows r;
	size_t n = 0;

	TRY(mobileid_application(op, &k->application));
	TRY(sql_open(op_reader(op), &keys_of, ARGS(v_uuid(&k->application->id), v_int(LISTED_MAX)), &r));
	k->active = 0;
	while (n < LISTED_MAX && rows_next(&r)) {
		view_key(op, k->application, col_bytes(&r, 0), (enum e2e_algorithm)col_int(&r, 3),
			col_is_null(&r, 4) ? S("") : col_bytes(&r, 4), &views[n]);
		memcpy(k->ids[n], col_bytes(&r, 0).p, KEY_ID_BYTES);
		views[n].state = (enum e2e_state)col_int(&r, 1);
		views[n].created = col_int(&r, 2);
		k->active += views[n].state == e2e_state_ACTIVE;
		n++;
	}
	k->list.keys = (struct list){ views, n };
	return sql_close(&r);
}

err e2e_list_prepare(struct op *op)
{
	struct keying *k = op_own(op, struct keying);

	TRY(read_list(op, k));
	op->out = &k->list;
	return OK;
}

static err find(struct op *op, struct keying *k, const struct e2e_key_view **ret_view)
{
	const struct e2e_key_view *views;

	TRY(read_list(op, k));
	views = k->list.keys.items;
	for (size_t i = 0; i < k->list.keys.n; i++)
		if (slice_ieq(op->path[1], views[i].keyId)) {
			*ret_view = &views[i];
			return OK;
		}
	return FAIL(E2E_KEY_UNKNOWN);
}

err e2e_get_prepare(struct op *op)
{
	struct keying *k = op_own(op, struct keying);
	const struct e2e_key_view *view;

	TRY(find(op, k, &view));
	k->view = *view;
	op->out = &k->view;
	return OK;
}

/* ---- one more ---- */

err e2e_add_prepare(struct op *op)
{
	const struct e2e_key_new *in = op->in;
	struct keying *k = op_own(op, struct keying);
	bool older = in->algorithm == e2e_algorithm_SECT233K1;

	TRY(read_list(op, k));
	ENSURE(k->active < KEYS_MAX && k->list.keys.n < LISTED_MAX, E2E_KEYS_FULL);
	k->spki = S("");
	if (older)
		TRY(e2e_older_key_make(op->app, op->arena, &k->made, &k->spki));
	else
		e2e_key_make(op->app, op->arena, &k->made);
	k->view = (struct e2e_key_view){ .keyId = hex(op->arena, slice_of(k->made.id, KEY_ID_BYTES)),
		.applicationId = k->application->id, .algorithm = older ? e2e_algorithm_SECT233K1 : e2e_algorithm_X25519,
		.supported = !older, .publicKey = k->made.public_key, .created = op->now,
		.state = e2e_state_ACTIVE };
	op->out = &k->view;
	return OK;
}

err e2e_add_apply(struct op *op, struct tx *tx)
{
	const struct keying *k = op_own(op, struct keying);

	TRY(sql_run(tx, &key_add,
		ARGS(v_bytes(slice_of(k->made.id, KEY_ID_BYTES)), v_uuid(&k->application->id), v_bytes(k->made.wrapped),
			v_bytes(k->made.box), v_int(op->now), v_int(k->view.algorithm), v_bytes_opt(k->spki)),
		NULL));
	tx_after_commit(tx, &op->app->devices->hook);
	return fact(op, tx, &(struct fact){ .kind = FACT_E2E_KEY_ADDED, .reference = k->view.keyId });
}

err e2e_add_reply(struct op *op)
{
	struct keying *k = op_own(op, struct keying);
	struct buf b = buf_arena(op->arena, 4096);

	schema_write(&e2e_key_view_schema, &k->view, &b);
	TRY(buf_ok(&b));
	http_add_header(op->http, "Location", arena_printf(op->arena, "%s/mobileid/admin/accounts/%.*s/e2e-keys/%.*s", op->app->public_url,
		FMT(op->caller.account_id), FMT(k->view.keyId)));
	op_answer(op, (int)op->settings->created_status, NULL, buf_bytes(&b));
	return OK;
}

/* ---- one less: its private half is gone for good; the last one stays ---- */

err e2e_retire_prepare(struct op *op)
{
	struct keying *k = op_own(op, struct keying);
	const struct e2e_key_view *view;

	TRY(find(op, k, &view));
	op->unchanged = view->state == e2e_state_RETIRED;
	k->view = *view;
	memcpy(k->id, k->ids[view - (const struct e2e_key_view *)k->list.keys.items], KEY_ID_BYTES);
	return OK;
}

err e2e_retire_apply(struct op *op, struct tx *tx)
{
	const struct keying *k = op_own(op, struct keying);
	int64_t changes;

	TRY(sql_run(tx, &key_retire, ARGS(v_bytes(slice_of(k->id, KEY_ID_BYTES)), v_uuid(&k->application->id)), &changes));
	ENSURE(changes == 1, E2E_KEY_LAST);
	tx_after_commit(tx, &op->app->devices->hook);
	return fact(op, tx, &(struct fact){ .kind = FACT_E2E_KEY_RETIRED, .reference = k->view.keyId });
}
