/* Create, update, delete. */
#include "user/internal.h"

SQL(account_present, "SELECT 1 FROM accounts WHERE n = $1");
SQL(user_insert,
	"INSERT INTO users (id, account, version, state, segment, created, last_used, reference_index, wrapped_key, profile)"
	" VALUES ($1, $2, 1, $3, $4, $5, 0, $6, $7, $8)");
#define UPDATE(more) \
	"UPDATE users SET version = version + 1, state = $4, segment = $5, profile = $6" more \
	" WHERE id = $1 AND account = $2 AND version = $3"
/* Naming the column of an index writes the index, even if the value stays: a second page in and out for each change. */
SQL(user_update, UPDATE(""));
SQL(user_update_reference, UPDATE(", reference_index = $7"));
SQL(user_delete_locked, "DELETE FROM users WHERE id = $1 AND account = $2 AND state = $3");
SQL(verifications_delete, "DELETE FROM verifications WHERE user_id = $1");
SQL(credentials_delete, "DELETE FROM credentials WHERE user_id = $1");

/* What a change writes, worked out before the transaction. */
struct user_edit {
	struct user user;
	struct slice index, profile;
	struct slice changed; /* JSON for the audit record: names of what changed */
	const struct fact_personal *personal; /* the same, sealed */
	bool fields_changed, reference_changed;
	enum user_state old_state;
	struct user_view view;
};

static struct slice event_data(struct op *op, const struct uuid *id, const char *state, struct slice segment)
{
	struct buf b = buf_arena(op->arena, 1024);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_text(&w, "id", uuid_text(op->arena, id));
	jw_pair(&w, "state", state);
	if (segment.n)
		jw_pair_text(&w, "segment", segment);
	jw_close(&w, '}');
	return buf_bytes(&b);
}

/* A unique rule can only be that of the external reference. */
static struct error taken_reference(struct error e)
{
	return is_err(e, E_TAKEN) ? FAIL(USER_EXISTS) : e;
}

static err user_fact(struct op *op, struct tx *tx, enum fact_kind kind, const struct user *user, const struct fact_personal *personal,
	const char *state)
{
	return fact(op, tx, &(struct fact){
		.kind = kind,
		.user = &user->id,
		.reference = uuid_text(op->arena, &user->id),
		.personal = personal,
		.event_data = event_data(op, &user->id, state, user->segment),
	});
}

static err draft(struct op *op, const struct user_new *in, struct user_edit *edit)
{
	struct user *user = &edit->user;

	user->id = uuid_v7(op->app->env, op->now);
	user->account = op->caller.account;
	user->state = user_state_ACTIVE;
	user->created = op->now;
	user->segment = in->segment;
	user->profile.reference = in->externalRef;
	if (in->attributes) {
		TRY(attributes_check(op, in->attributes));
		TRY(attributes_merge(op, S(""), in->attributes, NULL, &user->profile.attributes));
	}
	profile_new_key(op, user);
	edit->profile = profile_seal(op, user);
	edit->index = reference_index(op, op->caller.account_id, in->externalRef);
	return OK;
}

err user_create_prepare(struct op *op)
{
	struct user_edit *edit = op_own(op, struct user_edit);
	struct user *user = &edit->user;

	TRY(draft(op, op->in, edit));
	wipe(&user->key, sizeof(user->key));
	user_show(user, &edit->view);
	op->out = &edit->view;
	op->location = op_printf_location(op, "/reuseid/core/users", &user->id);
	return OK;
}

/* The account may have been deleted since the token was looked at. */
static err account_exists(struct op *op, struct tx *tx)
{
	struct rows r;
	struct error e = sql_one(tx, &account_present, ARGS(v_int(op->caller.account)), &r);

	ENSURE(!is_err(e, E_NO_ROW), TOKEN_INVALID);
	TRY(e);
	return sql_close(&r);
}

static err insert(struct op *op, struct tx *tx, const struct user_edit *edit)
{
	const struct user *user = &edit->user;
	struct error e;

	TRY(account_exists(op, tx));
	e = sql_run(tx, &user_insert,
		ARGS(v_uuid(&user->id), v_int(op->caller.account), v_int(user->state), v_text_opt(user->segment), v_int(user->created),
			v_bytes_opt(edit->index), v_bytes(user->wrapped_key), v_bytes(edit->profile)),
		NULL);

	TRY(taken_reference(e));
	return user_fact(op, tx, FACT_USER_CREATED, user, NULL, "ACTIVE");
}

err user_create_apply(struct op *op, struct tx *tx)
{
	return insert(op, tx, op_own(op, struct user_edit));
}

static void name_change(struct jw *w, struct user_edit *edit, const char *name)
{
	jw_cstr(w, name);
	edit->fields_changed = true;
}

static void change_text(struct jw *w, struct user_edit *edit, const char *name, struct slice wanted, struct slice *at)
{
	if (slice_eq(wanted, *at))
		return;
	*at = wanted;
	name_change(w, edit, name);
}

static err change_attributes(struct op *op, struct jw *w, struct user_edit *edit, const json_t *changes)
{
	struct slice merged, *at = &edit->user.profile.attributes;

	TRY(attributes_check(op, changes));
	TRY(attributes_merge(op, *at, changes, w, &merged));
	if (slice_eq(merged, *at))
		return OK;
	*at = merged;
	edit->fields_changed = true;
	return OK;
}

static err change_fields(struct op *op, struct user_edit *edit)
{
	const struct user_change *in = op->in;
	struct buf b = buf_arena(op->arena, 64 * 1024);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_key(&w, "changed");
	jw_open(&w, '[');
	if (HAS(in, user_change, externalRef))
		change_text(&w, edit, "externalRef", in->externalRef, &edit->user.profile.reference);
	if (HAS(in, user_change, segment))
		change_text(&w, edit, "segment", in->segment, &edit->user.segment);
	if (in->attributes)
		TRY(change_attributes(op, &w, edit, in->attributes));
	jw_close(&w, ']');
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	edit->changed = buf_bytes(&b);
	return OK;
}

err user_update_prepare(struct op *op)
{
	const struct user_change *in = op->in;
	struct user_edit *edit = op_own(op, struct user_edit);
	struct slice reference;

	*edit = (struct user_edit){ 0 };
	TRY(user_load(op, op_reader(op), &op->path_id[0], &edit->user));
	edit->old_state = edit->user.state;
	reference = edit->user.profile.reference;
	TRY(change_fields(op, edit));
	edit->reference_changed = !slice_eq(edit->user.profile.reference, reference);
	if (in->state)
		edit->user.state = in->state;
	op->unchanged = !edit->fields_changed && edit->user.state == edit->old_state;
	if (!op->unchanged)
		edit->profile = profile_seal(op, &edit->user);
	if (edit->fields_changed)
		edit->personal = personal_seal(op, &edit->user.key, &edit->user.id, false, edit->changed);
	if (edit->reference_changed)
		edit->index = reference_index(op, op->caller.account_id, edit->user.profile.reference);
	wipe(&edit->user.key, sizeof(edit->user.key));
	user_show(&edit->user, &edit->view);
	op->out = &edit->view;
	return OK;
}

static err write_change(struct op *op, struct tx *tx, const struct user_edit *edit, int64_t *ret_changes)
{
	const struct user *user = &edit->user;
	const struct val args[] = {
		v_uuid(&user->id), v_int(op->caller.account), v_int(user->version), v_int(user->state), v_text_opt(user->segment),
		v_bytes(edit->profile), v_bytes_opt(edit->index),
	};
	size_t n = sizeof(args) / sizeof(args[0]);

	if (edit->reference_changed)
		return taken_reference(sql_run(tx, &user_update_reference, args, n, ret_changes));
	return sql_run(tx, &user_update, args, n - 1, ret_changes);
}

err user_update_apply(struct op *op, struct tx *tx)
{
	struct user_edit *edit = op_own(op, struct user_edit);
	struct user *user = &edit->user;
	int64_t changes;

	TRY(write_change(op, tx, edit, &changes));
	ENSURE(changes == 1, STALE);
	if (edit->fields_changed)
		TRY(user_fact(op, tx, FACT_USER_UPDATED, user, edit->personal, ""));
	if (user->state != edit->old_state) {
		bool locked = user->state == user_state_LOCKED;
		struct fact_origin origin = fact_origin_of(op);

		if (locked)
			TRY(operation_fail_all(&origin, tx, OPERATIONS_OF_USER, &user->id, NULL, OPERATION_LOCKED_BY_ADMIN));
		TRY(user_fact(op, tx, locked ? FACT_USER_LOCKED : FACT_USER_UNLOCKED, user, NULL, locked ? "LOCKED" : "ACTIVE"));
	}
	return OK;
}

/* What the user had goes with it; its transactions stay, without content, until the retention erases them. */
static err delete_belongings(struct op *op, struct tx *tx, const struct uuid *id)
{
	struct fact_origin origin = fact_origin_of(op);

	TRY(operation_fail_all(&origin, tx, OPERATIONS_OF_USER, id, NULL, OPERATION_CANCELLED_BY_SP));
	TRY(sql_run(tx, &verifications_delete, ARGS(v_uuid(id)), NULL));
	TRY(sql_run(tx, &credentials_delete, ARGS(v_uuid(id)), NULL));
	for (size_t i = 0; i < HOOKS_MAX && op->app->user_deleted[i]; i++)
		TRY(op->app->user_deleted[i](op, tx, id));
	return OK;
}

err user_delete_apply(struct op *op, struct tx *tx)
{
	struct user user = { .id = op->path_id[0] };
	int64_t changes;

	TRY(sql_run(tx, &user_delete_locked, ARGS(v_uuid(&user.id), v_int(op->caller.account), v_int(user_state_LOCKED)), &changes));
	if (changes == 0) {
		TRY(user_exists(op, tx, &user.id));
		return FAIL(USER_NOT_LOCKED);
	}
	TRY(delete_belongings(op, tx, &user.id));
	return user_fact(op, tx, FACT_USER_DELETED, &user, NULL, "DELETED");
}

/* ---- for other features ---- */

err user_draft_new(struct op *op, struct slice reference, struct user_edit **ret_edit, struct user **ret_user)
{
	struct user_edit *edit = arena_new(op->arena, struct user_edit);

	TRY(draft(op, &(struct user_new){ .externalRef = reference }, edit));
	*ret_edit = edit;
	*ret_user = &edit->user;
	return OK;
}

err user_draft_insert(struct op *op, struct tx *tx, const struct user_edit *edit)
{
	return insert(op, tx, edit);
}

err user_attributes_edit(struct op *op, const struct user *user, const json_t *changes, struct user_edit **ret_edit)
{
	struct user_edit *edit = arena_new(op->arena, struct user_edit);
	struct buf b = buf_arena(op->arena, 64 * 1024);
	struct jw w = jw_new(&b);

	edit->user = *user;
	edit->old_state = user->state;
	jw_open(&w, '{');
	jw_key(&w, "changed");
	jw_open(&w, '[');
	TRY(change_attributes(op, &w, edit, changes));
	jw_close(&w, ']');
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	edit->changed = buf_bytes(&b);
	edit->profile = profile_seal(op, &edit->user);
	edit->personal = personal_seal(op, &edit->user.key, &edit->user.id, false, edit->changed);
	*ret_edit = edit;
	return OK;
}

err user_attributes_write(struct op *op, struct tx *tx, const struct user_edit *edit)
{
	int64_t changes;

	TRY(write_change(op, tx, edit, &changes));
	ENSURE(changes == 1, STALE);
	return edit->fields_changed ? user_fact(op, tx, FACT_USER_UPDATED, &edit->user, edit->personal, "") : OK;
}
