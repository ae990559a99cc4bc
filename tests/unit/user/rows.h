/* Credentials and transactions put straight into the database: the features that make them stand above this layer. */
#ifndef TEST_UNIT_USER_ROWS_H
#define TEST_UNIT_USER_ROWS_H

#include "codec/encode.h"
#include "operation/operation.h"
#include "users.h"

/* Id number n: 00000000-0000-7000-8000-00000000000n. */
static inline const char *numbered(struct users *u, int n)
{
	return TEXTU(u, "00000000-0000-7000-8000-%012d", n);
}

static inline const char *hex_of(struct users *u, const char *id)
{
	struct uuid parsed;

	must(uuid_parse(slice_text(id), &parsed));
	return TEXTU(u, "%.*s", FMT(hex(&u->w->f->arena, uuid_bytes(&parsed))));
}

struct transaction {
	int n;
	const char *user;
	enum credential_type type;      /* 0: DEVICE */
	enum operation_type operation;  /* 0: AUTHENTICATION */
	enum operation_state state;     /* 0: COMPLETED */
	const char *error;
	int credential;                 /* 0: none */
	int64_t created;                /* ms behind the start of the fixture */
};

static inline void add_transaction(struct users *u, struct transaction t)
{
	database_run(u->db, TEXTU(u, "INSERT INTO transactions (id, account, user_id, type, operation, state, error, credential_id,"
		" created, expires, completed) SELECT x'%s', account, id, %d, %d, %d, %s, %s, %lld, %lld, 0 FROM users WHERE id = x'%s'",
		hex_of(u, numbered(u, t.n)), t.type ? t.type : credential_type_DEVICE,
		t.operation ? t.operation : operation_type_AUTHENTICATION, t.state ? t.state : operation_state_COMPLETED,
		t.error ? TEXTU(u, "'%s'", t.error) : "NULL", t.credential ? TEXTU(u, "x'%s'", hex_of(u, numbered(u, t.credential))) : "NULL",
		(long long)(FIXTURE_START_MS + t.created), (long long)(FIXTURE_START_MS + t.created + 300000), hex_of(u, t.user)));
}

struct credential {
	int n;
	const char *user;
	enum credential_type type;      /* 0: DEVICE */
	enum credential_state state;    /* 0: ACTIVE */
	enum operation_type last;       /* 0: REGISTRATION */
	const char *name;               /* NULL: none */
	int64_t last_used;              /* ms behind the start of the fixture */
};

/* The name, sealed under the key of the user, in hexadecimal. */
static inline const char *sealed_name(struct users *u, const struct credential *c)
{
	struct op op = { .app = &u->w->f->app, .arena = &u->w->f->arena };
	struct tx *tx = store_read_begin(u->w->f->app.store);
	struct uuid user_id, id;
	struct user user;
	struct slice box;

	must(uuid_parse(slice_text(c->user), &user_id));
	must(uuid_parse(slice_text(numbered(u, c->n)), &id));
	must(user_load_any(&op, tx, &user_id, &user));
	store_read_end(tx);
	box = credential_name_seal(&op, &user.key, &id, slice_text(c->name));
	return TEXTU(u, "%.*s", FMT(hex(op.arena, box)));
}

static inline void add_credential(struct users *u, struct credential c)
{
	database_run(u->db, TEXTU(u, "INSERT INTO credentials (id, account, user_id, type, state, name, last_operation, created, last_used)"
		" SELECT x'%s', account, id, %d, %d, x'%s', %d, %lld, %lld FROM users WHERE id = x'%s'",
		hex_of(u, numbered(u, c.n)), c.type ? c.type : credential_type_DEVICE, c.state ? c.state : credential_state_ACTIVE,
		sealed_name(u, &c), c.last ? c.last : operation_type_REGISTRATION, (long long)FIXTURE_START_MS,
		(long long)(FIXTURE_START_MS + c.last_used), hex_of(u, c.user)));
}

#endif
