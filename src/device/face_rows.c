/* Faces in the store, and those that the provider has yet to forget. */
#include "device/faces.h"

SQL(face_add, "INSERT INTO faces (id, user_id, application, box, created) VALUES ($1, $2, $3, $4, $5)"
	      " ON CONFLICT (id) DO UPDATE SET box = excluded.box");
SQL(face_stays, "DELETE FROM face_deletions WHERE id = $1");
SQL(face_of, "SELECT box FROM faces WHERE id = $1 AND user_id = $2");

/* 3 is DELETED */
#define UNUSED                                                                                                  \
	" FROM faces WHERE user_id = (SELECT user_id FROM devices WHERE id = $1)"                               \
	" AND NOT EXISTS (SELECT 1 FROM devices d JOIN credentials c ON c.id = d.id WHERE d.user_id = faces.user_id AND d.face = faces.id" \
	" AND c.state <> 3)"                                                                                    \
	" AND NOT EXISTS (SELECT 1 FROM recoveries r WHERE r.user_id = faces.user_id AND r.face = faces.id AND r.gone = 0)"
SQL(faces_queue_unused, "INSERT INTO face_deletions (id, application, due, tries) SELECT id, application, 0, 0" UNUSED);
SQL(faces_delete_unused, "DELETE" UNUSED);
SQL(faces_queue_user, "INSERT INTO face_deletions (id, application, due, tries) SELECT id, application, 0, 0 FROM faces WHERE user_id = $1");
SQL(faces_delete_user, "DELETE FROM faces WHERE user_id = $1");

_Static_assert(credential_state_DELETED == 3, "the literal in the statements above");

static struct slice place_of(struct op *op, const struct uuid *id)
{
	struct buf b = buf_arena(op->arena, 64);

	buf_text(&b, "face|");
	buf_slice(&b, uuid_bytes(id));
	return buf_bytes(&b);
}

struct slice face_seal(struct op *op, const struct user *owner, const struct uuid *id, struct slice template)
{
	return seal(&owner->key, op->app->env, place_of(op, id), template, op->arena);
}

err face_load(struct op *op, const struct user *owner, const struct uuid *id, struct slice *ret_template)
{
	struct slice box;
	struct rows r;

	TRY(sql_one(op_reader(op), &face_of, ARGS(v_uuid(id), v_uuid(&owner->id)), &r));
	box = arena_copy(op->arena, col_bytes(&r, 0));
	TRY(sql_close(&r));
	return unseal(&owner->key, place_of(op, id), box, op->arena, ret_template);
}

err face_save(struct call *c, struct tx *tx)
{
	if (!c->face_box.n)
		return OK;
	TRY(sql_run(tx, &face_stays, ARGS(v_uuid(&c->device.face)), NULL));
	return sql_run(tx, &face_add,
		ARGS(v_uuid(&c->device.face), v_uuid(&c->owner.id), v_uuid(&c->application->id), v_bytes(c->face_box), v_int(c->op->now)),
		NULL);
}

err faces_drop_unused(struct tx *tx, const struct uuid *device)
{
	TRY(sql_run(tx, &faces_queue_unused, ARGS(v_uuid(device)), NULL));
	return sql_run(tx, &faces_delete_unused, ARGS(v_uuid(device)), NULL);
}

err faces_user_deleted(struct tx *tx, const struct uuid *user)
{
	TRY(sql_run(tx, &faces_queue_user, ARGS(v_uuid(user)), NULL));
	return sql_run(tx, &faces_delete_user, ARGS(v_uuid(user)), NULL);
}
