/*
 * Authorisation tokens (6.4): who holds one has proven two factors a moment ago. Shown once, kept as a hash, bound to the registration
 * and to what it is for, used once.
 */
#include "device/internal.h"

enum { TOKEN_MS = 10 * 60 * 1000 };

SQL(token_add, "INSERT INTO authorisation_tokens (hash, device, user_id, purpose, proven) VALUES ($1, $2, $3, $4, $5)");
SQL(token_find, "SELECT proven FROM authorisation_tokens WHERE hash = $1 AND device = $2 AND purpose = $3 AND proven > $4");
SQL(token_use, "DELETE FROM authorisation_tokens WHERE hash = $1");
SQL(tokens_forget, "DELETE FROM authorisation_tokens WHERE proven <= $1");
SQL(tokens_any, "SELECT EXISTS (SELECT 1 FROM authorisation_tokens WHERE proven <= $1)");

static const char *const purposes[] = { "addOrUpdateRecovery", "deleteRecovery" };

const char *token_purpose(enum token_purpose purpose)
{
	return purposes[purpose];
}

static void issue(struct call *c, const char *purpose, int64_t proven, struct authorisation_token *ret_token)
{
	uint8_t *token = arena_alloc(c->op->arena, TOKEN_BYTES);
	struct new_token *row = &c->tokens[c->token_count++];

	env_random(c->op->app->env, token, TOKEN_BYTES);
	row->purpose = purpose;
	row->proven = proven;
	sha256(slice_of(token, TOKEN_BYTES), row->hash);
	*ret_token = (struct authorisation_token){ .purpose = slice_text(purpose), .token = slice_of(token, TOKEN_BYTES) };
}

struct list tokens_issue(struct call *c, struct list wanted, int64_t proven)
{
	struct authorisation_token *list = arena_array(c->op->arena, struct authorisation_token, NEW_TOKENS_MAX);
	size_t n = 0;

	c->token_count = 0;
	if (!proven || !c->application->config.recoveryEnabled)
		return (struct list){ list, 0 };
	for (size_t p = 0; p < sizeof(purposes) / sizeof(purposes[0]); p++)
		for (size_t i = 0; i < wanted.n; i++)
			if (slice_is(((const struct slice *)wanted.items)[i], purposes[p])) {
				issue(c, purposes[p], proven, &list[n++]);
				break;
			}
	return (struct list){ list, n };
}

err tokens_save(struct call *c, struct tx *tx)
{
	for (size_t i = 0; i < c->token_count; i++) {
		const struct new_token *t = &c->tokens[i];

		TRY(sql_run(tx, &token_add,
			ARGS(v_bytes(slice_of(t->hash, sizeof(t->hash))), v_uuid(&c->device.id), v_uuid(&c->owner.id),
				v_text(slice_text(t->purpose)), v_int(t->proven)),
			NULL));
	}
	return OK;
}

err token_check(struct call *c, struct slice token, enum token_purpose purpose, int64_t *ret_proven)
{
	uint8_t hash[SHA256_BYTES];
	struct rows r;

	sha256(token, hash);
	TRY(sql_one(op_reader(c->op), &token_find,
		ARGS(v_bytes(slice_of(hash, sizeof(hash))), v_uuid(&c->device.id), v_text(slice_text(purposes[purpose])),
			v_int(c->op->now - TOKEN_MS)),
		&r));
	*ret_proven = col_int(&r, 0);
	return sql_close(&r);
}

err token_consume(struct tx *tx, struct slice token)
{
	uint8_t hash[SHA256_BYTES];
	int64_t changes;

	sha256(token, hash);
	TRY(sql_run(tx, &token_use, ARGS(v_bytes(slice_of(hash, sizeof(hash)))), &changes));
	ENSURE(changes == 1, STALE); /* somebody else used it in between */
	return OK;
}

err tokens_sweep(struct tx *tx, int64_t now)
{
	return sql_run(tx, &tokens_forget, ARGS(v_int(now - TOKEN_MS)), NULL);
}

err tokens_to_sweep(struct tx *tx, int64_t now, bool *ret_any)
{
	struct rows r;

	TRY(sql_one(tx, &tokens_any, ARGS(v_int(now - TOKEN_MS)), &r));
	*ret_any = col_int(&r, 0) != 0;
	return sql_close(&r);
}
