/*
 * A fixture with accounts, API clients and tokens, for tests of routes that want a token:
 *
 *   struct world *w = world_new(NULL, tables, COUNT(tables));
 *   assert_status(ask(w, HTTP_GET, TEXT(w, "/reuseid/core/users/%s", id), NULL), 200);
 *
 * The operator's routes and the token service are served beside the tables that are asked for.
 */
#ifndef TEST_UNIT_COMMON_WORLD_H
#define TEST_UNIT_COMMON_WORLD_H

#include "account/account.h"
#include "tests/unit/common/fixture.h"

struct world {
	struct fixture *f;
	struct bootstrap first;  /* a sandbox account, and a client of it that may do everything */
	const char *token;       /* that client's; a test may put another one in its place */
	const struct route_table **tables;
};

struct world *world_new(const struct fixture_options *options, const struct route_table *const *tables, size_t table_count);
/* On the data directory of a world that was, with its first client. */
struct world *world_again(const struct fixture_options *options, const struct route_table *const *tables, size_t table_count,
	const struct bootstrap *first);
void world_free(struct world *w);

/* With w->token. Body as in fixture_request. */
struct answer ask(struct world *w, enum http_method method, const char *target, const char *body);
/* printf into memory of the fixture. */
#define TEXT(w, ...) (const char *)arena_printf(&(w)->f->arena, __VA_ARGS__).p

/* A request that names a permission in this header does without it. */
#define WITHOUT_HEADER "X-Without-Permission"

/* "sandbox" or "production"; answers the id. */
const char *world_account(struct world *w, const char *type);
/* The internal number of an account. */
int64_t world_account_number(struct world *w, const char *id);

struct credentials {
	const char *id, *secret;
};

/* `account` NULL: of the whole organisation. `products` is a JSON array. */
struct credentials world_client(struct world *w, const char *account, const char *products);
const char *world_token(struct world *w, struct credentials client);
struct credentials world_first_client(struct world *w);

#endif
