/* What the tests of this folder begin with: a world with the routes of users, and the database from outside. */
#ifndef TEST_UNIT_USER_USERS_H
#define TEST_UNIT_USER_USERS_H

#include <stdlib.h>

#include "tests/unit/common/database.h"
#include "tests/unit/common/world.h"
#include "user/internal.h"

#define USERS "/reuseid/core/users"
#define NOBODY "0e99b25c-abde-4553-973b-8d94d49cd87e"

struct users {
	struct world *w;
	struct database *db;
};

static inline int setup_with(void **state, const struct fixture_options *options)
{
	static const struct route_table *const tables[] = { &user_routes, &user_admin_routes };
	struct users *u = xalloc(sizeof(*u));

	u->w = world_new(options, tables, COUNT(tables));
	u->db = database_open(u->w->f->dir);
	*state = u;
	return 0;
}

static inline int setup(void **state)
{
	return setup_with(state, NULL);
}

/* The account asked for events that the hosted service does not have. */
static inline int setup_extended(void **state)
{
	struct users *u;

	setup(state);
	u = *state;
	assert_status(patch(u->w->f, TEXT(u->w, "/admin/accounts/%s", u->w->first.account_id), "{\"extendedEvents\":true}"), 200);
	return 0;
}

static inline int teardown(void **state)
{
	struct users *u = *state;

	database_close(u->db);
	world_free(u->w);
	free(u);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define TEST_WITH(name, setup) cmocka_unit_test_setup_teardown(name, setup, teardown)

#define TEXTU(u, ...) TEXT((u)->w, __VA_ARGS__)

static inline struct answer create(struct users *u, const char *body)
{
	return ask(u->w, HTTP_POST, USERS, body);
}

/* The id of a user made from this body. */
static inline const char *made(struct users *u, const char *body)
{
	struct answer answer = create(u, body);

	assert_status(answer, 200);
	return text_of(answer, "id");
}

static inline struct answer user_get(struct users *u, const char *id)
{
	return ask(u->w, HTTP_GET, TEXTU(u, USERS "/%s", id), NULL);
}

static inline struct answer update(struct users *u, const char *id, const char *body)
{
	return ask(u->w, HTTP_PATCH, TEXTU(u, USERS "/%s", id), body);
}

static inline struct answer erase(struct users *u, const char *id)
{
	return ask(u->w, HTTP_DELETE, TEXTU(u, USERS "/%s", id), NULL);
}

static inline struct answer resolve(struct users *u, const char *body)
{
	return ask(u->w, HTTP_POST, USERS "/resolve", body);
}

/* A body with one member of n characters, each of them `c` (UTF-8). */
static inline const char *body_of(struct users *u, const char *name, size_t n, const char *c)
{
	struct buf b = buf_arena(&u->w->f->arena, 64 * 1024);

	buf_printf(&b, "{\"%s\":\"", name);
	for (size_t i = 0; i < n; i++)
		buf_text(&b, c);
	buf_text(&b, "\"}");
	buf_byte(&b, 0);
	return (const char *)b.p;
}

/* Attributes as compact text; "" when there are none. */
static inline const char *attributes_of(struct users *u, struct answer answer)
{
	json_t *attributes = member(answer, "attributes");
	char *text = attributes ? json_dumps(attributes, JSON_COMPACT) : NULL;
	const char *kept = TEXTU(u, "%s", text ? text : "");

	free(text);
	return kept;
}

/* The types of all audit records of users, in their order, separated by spaces. */
static inline const char *records(struct users *u)
{
	return TEXTU(u, "%s", database_text(u->db, "SELECT group_concat(type, ' ') FROM"
		" (SELECT type FROM audit WHERE type LIKE 'API_USER_%' OR type LIKE 'API_VERIFICATION_%' ORDER BY n)"));
}

#endif
