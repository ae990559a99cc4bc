/* What the files of this folder share: rows of the tables, ids and secrets, and the functions behind the routes. */
#ifndef ACCOUNT_INTERNAL_H
#define ACCOUNT_INTERNAL_H

#include "account/account.h"
#include "account/account_schema.h"
#include "event/fact.h"

enum { ACCOUNT_ID_BYTES_MAX = 63 };

/* ---- account_sql.c, client_sql.c: rows; what is read lies in the arena ---- */

struct account_row {
	int64_t n;
	struct account_view view;
};

struct client_row {
	int64_t n, account; /* account 0: the whole organisation */
	uint64_t products;
	struct client_view view; /* `products` and `secrets` are filled in by client_complete */
};

/* The one organisation that there is today, else E_ORGANISATION_UNKNOWN. */
err organisation_find(struct tx *tx, int64_t *ret_n);
err account_read(struct tx *tx, struct slice id, struct arena *a, struct account_row *ret_row); /* E_ACCOUNT_UNKNOWN */
err account_read_all(struct tx *tx, struct arena *a, struct list *ret_views);
err account_insert(struct tx *tx, int64_t organisation, const struct account_view *view, int64_t *ret_n);

err client_read(struct tx *tx, struct slice id, struct arena *a, struct client_row *ret_row); /* E_CLIENT_UNKNOWN */
err client_read_all(struct tx *tx, int64_t account, struct arena *a, struct list *ret_views); /* account 0: everybody's */
/* The labels of `products`, and the secrets without their texts. */
err client_complete(struct tx *tx, struct client_row *row, struct arena *a);
err client_insert(struct tx *tx, int64_t organisation, const struct client_row *row, int64_t *ret_n);

/* One item more at the end of a list that grows in the arena. */
void *list_add(struct arena *a, struct list *list, size_t size);

/* ---- names.c ---- */

/* `out` holds ACCOUNT_ID_BYTES_MAX + 1. */
void account_id_make(const struct env *env, bool sandbox, char *out);
void organisation_id_make(const struct env *env, char *out);
/* `where`: "sandbox", "prod" or "org"; `out` holds CLIENT_ID_BYTES_MAX + 1. A few million are possible, so one may be taken. */
void client_id_make(const struct env *env, const char *where, char *out);

/* ---- secret_ops.c ---- */

struct fresh_secret {
	struct secret_view view;
	char text[CLIENT_SECRET_TEXT + 1]; /* view.secret is this */
	uint8_t hash[SHA256_BYTES];
};

void secret_make(const struct env *env, int64_t now, struct slice name, struct fresh_secret *ret_secret);
err secret_insert(struct tx *tx, int64_t client, const struct fresh_secret *secret);
err secret_fact(struct op *op, struct tx *tx, enum fact_kind kind, const struct client_row *client, const struct uuid *secret);

/* ---- changes.c: the names of what a request really changed, for its record ---- */

struct changes {
	struct buf text;
	struct jw w;
	size_t n;
};

void changes_begin(struct changes *c, struct arena *a);
void changes_add(struct changes *c, const char *name);
struct slice changes_end(struct changes *c);

/* A row that could not be written because its made-up id is taken: with the next try comes another id. */
err retry_taken(struct error e);
/* Optional texts may be empty to the schema; a name may not. */
err name_check(struct op *op, bool given, struct slice name);

/* ---- domain_name.c ---- */

/* A host name in lower case; NULL, or what is wrong with it. */
const char *domain_name_fault(struct slice name, bool sandbox);

/* ---- the functions behind account_admin_routes ---- */

err account_list_prepare(struct op *op);
err account_get_prepare(struct op *op);
err account_create_prepare(struct op *op);
err account_create_apply(struct op *op, struct tx *tx);
err account_change_prepare(struct op *op);
err account_change_apply(struct op *op, struct tx *tx);
err account_delete_apply(struct op *op, struct tx *tx);

err client_list_prepare(struct op *op);
err client_get_prepare(struct op *op);
err client_create_prepare(struct op *op);
err client_create_apply(struct op *op, struct tx *tx);
err client_change_prepare(struct op *op);
err client_change_apply(struct op *op, struct tx *tx);
err client_delete_apply(struct op *op, struct tx *tx);

err secret_create_prepare(struct op *op);
err secret_create_apply(struct op *op, struct tx *tx);
err secret_delete_apply(struct op *op, struct tx *tx);

err domain_list_prepare(struct op *op);
err domain_add_prepare(struct op *op);
err domain_add_apply(struct op *op, struct tx *tx);
err domain_delete_apply(struct op *op, struct tx *tx);

/* In apply, whenever a domain was added or deleted: whoever keeps them in memory reads them again. */
void domains_written(struct op *op, struct tx *tx);

#endif
