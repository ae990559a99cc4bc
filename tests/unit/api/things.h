/* A small API of things, with every kind of route, for the tests of this folder. */
#ifndef TEST_UNIT_API_THINGS_H
#define TEST_UNIT_API_THINGS_H

#include "api/page.h"
#include "tests/unit/common/fixture.h"

#define COLOUR(V, E) V(E, RED, "Red") V(E, GREEN, "Green")
ENUMERATION_TYPE(colour, COLOUR);
ENUMERATION(colour, COLOUR);

#define PART(F, T) F(T, STR, name, REQ, 1, 10, "Its name", "\"wheel\"")
SCHEMA_STRUCT(part, PART);
SCHEMA(part, PART, "A part of a thing");

#define THING(F, T)                                                                        \
	F(T, STR, name, REQ, 1, 10, "Its name", "\"lamp\"")                                \
	F(T, INT, size, OPT, 1, 100, "How large it is", "7")                               \
	F(T, ENUM(colour), colour, OPT, 0, 0, "Which colour it has", "\"RED\"")            \
	F(T, STR, note, NULLS, 0, 20, "A note", "")                                        \
	F(T, LIST(part), parts, OPT, 0, 5, "What it is made of", "")
SCHEMA_STRUCT(thing, THING);
SCHEMA(thing, THING, "A thing");

#define THING_QUERY(F, T)                                                                  \
	F(T, ENUM(colour), colour, REQ, 0, 0, "Only those of this colour", "\"RED\"")      \
	F(T, BOOL, all, OPT, 0, 0, "Also those that are gone", "")                         \
	PAGE_QUERY(F, T)
SCHEMA_STRUCT(thing_query, THING_QUERY);
SCHEMA(thing_query, THING_QUERY, "Which things");

static const struct tag things_tags[] = { { "Things", "What there is" }, { NULL, NULL } };

static inline int things_teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

/* Everybody may do everything. */
static inline struct error let_everybody_in(struct op *op, struct slice token, struct slice wanted)
{
	(void)token;
	(void)wanted;
	op->caller.account = 1;
	op->caller.account_id = S("a-spge-mine");
	op->caller.client_id = S("the-client");
	op->caller.permissions = ~UINT64_C(0);
	return OK;
}

#endif
