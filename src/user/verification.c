/* Identity verifications that a user has been through, as the service provider records them. */
#include "user/internal.h"

#define COLUMNS "id, user_id, provider, dossier_id, process_id, orchestration_id, created"

enum { VERIFICATIONS_MAX = 1000 }; /* of one user; a list that is not paged must end */

SQL(verification_insert, "INSERT INTO verifications (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)");
SQL(verification_by_id, "SELECT " COLUMNS " FROM verifications WHERE id = $1 AND user_id = $2");
SQL(verification_all, "SELECT " COLUMNS " FROM verifications WHERE user_id = $1 ORDER BY id DESC LIMIT $2");
SQL(verification_count, "SELECT count(*) FROM verifications WHERE user_id = $1");
SQL(verification_remove, "DELETE FROM verifications WHERE id = $1 AND user_id = $2");

static void fill(struct op *op, const struct rows *r, struct verification *ret)
{
	*ret = (struct verification){
		.verificationId = col_uuid(r, 0),
		.userId = col_uuid(r, 1),
		.provider = arena_copy(op->arena, col_text(r, 2)),
		.dossierId = arena_copy(op->arena, col_text(r, 3)),
		.processId = arena_copy(op->arena, col_text(r, 4)),
		.orchestrationId = arena_copy(op->arena, col_text(r, 5)),
		.created = col_int(r, 6),
	};
}

err verification_list_prepare(struct op *op)
{
	struct list *out = op->out = arena_new(op->arena, struct list);
	struct verification *items;
	struct tx *tx = op_reader(op);
	struct rows r;
	size_t n;

	TRY(user_exists(op, tx, &op->path_id[0]));
	TRY(sql_one(tx, &verification_count, ARGS(v_uuid(&op->path_id[0])), &r));
	n = (size_t)col_int(&r, 0);
	TRY(sql_close(&r));
	items = arena_array(op->arena, struct verification, n);
	*out = (struct list){ items, 0 };
	TRY(sql_open(tx, &verification_all, ARGS(v_uuid(&op->path_id[0]), v_int((int64_t)n)), &r));
	while (out->n < n && rows_next(&r))
		fill(op, &r, &items[out->n++]);
	return sql_close(&r);
}

err verification_get_prepare(struct op *op)
{
	struct verification *out = op->out = arena_new(op->arena, struct verification);
	struct tx *tx = op_reader(op);
	struct rows r;
	struct error e;

	TRY(user_exists(op, tx, &op->path_id[0]));
	e = sql_one(tx, &verification_by_id, ARGS(v_uuid(&op->path_id[1]), v_uuid(&op->path_id[0])), &r);
	ENSURE(!is_err(e, E_NO_ROW), VERIFICATION_UNKNOWN);
	TRY(e);
	fill(op, &r, out);
	return sql_close(&r);
}

err verification_add_prepare(struct op *op)
{
	const struct verification_new *in = op->in;
	struct verification *out = op->out = arena_new(op->arena, struct verification);

	if (HAS(in, verification_new, userId) && !uuid_eq(&in->userId, &op->path_id[0]))
		return op_invalid(op, "userId", "must be the same as in the path");
	*out = (struct verification){
		.verificationId = uuid_v7(op->app->env, op->now),
		.userId = op->path_id[0],
		.provider = in->provider,
		.dossierId = in->dossierId,
		.processId = in->processId,
		.created = op->now,
		.orchestrationId = in->orchestrationId,
	};
	op->location = arena_printf(op->arena, "%s/reuseid/core/users/%.*s/identity-verifications/%.*s", op->app->public_url,
		FMT(uuid_text(op->arena, &out->userId)), FMT(uuid_text(op->arena, &out->verificationId)));
	return OK;
}

static err room_for_one_more(struct tx *tx, const struct uuid *user)
{
	struct rows r;
	int64_t n;

	TRY(sql_one(tx, &verification_count, ARGS(v_uuid(user)), &r));
	n = col_int(&r, 0);
	TRY(sql_close(&r));
	ENSURE(n < VERIFICATIONS_MAX, VERIFICATIONS_FULL);
	return OK;
}

err user_verification_add(struct op *op, struct tx *tx, const struct user_verification *v)
{
	TRY(user_exists(op, tx, &v->user));
	TRY(room_for_one_more(tx, &v->user));
	TRY(sql_run(tx, &verification_insert,
		ARGS(v_uuid(&v->id), v_uuid(&v->user), v_text(v->provider), v_text(v->dossier), v_text(v->process),
			v_text(v->orchestration), v_int(op->now)),
		NULL));
	return fact(op, tx, &(struct fact){
		.kind = FACT_VERIFICATION_ADDED,
		.user = &v->user,
		.reference = uuid_text(op->arena, &v->id),
	});
}

err verification_add_apply(struct op *op, struct tx *tx)
{
	const struct verification *v = op->out;

	return user_verification_add(op, tx, &(struct user_verification){ v->verificationId, v->userId, v->provider, v->dossierId,
		v->processId, v->orchestrationId });
}

err verification_delete_apply(struct op *op, struct tx *tx)
{
	int64_t changes;

	TRY(user_exists(op, tx, &op->path_id[0]));
	TRY(sql_run(tx, &verification_remove, ARGS(v_uuid(&op->path_id[1]), v_uuid(&op->path_id[0])), &changes));
	ENSURE(changes == 1, VERIFICATION_UNKNOWN);
	return fact(op, tx, &(struct fact){
		.kind = FACT_VERIFICATION_DELETED,
		.user = &op->path_id[0],
		.reference = uuid_text(op->arena, &op->path_id[1]),
	});
}
