/* Valid values for whatever a route asks for: known ids, what a schema gives as an example, or what follows from its bounds. */
#ifndef TEST_API_VALUES_H
#define TEST_API_VALUES_H

#include "tests/api/town.h"

/*
 * A value that has to fit what is in the town, NULL when any will do. `where` is "METHOD /path" of the route, `name` a path parameter,
 * a field of the query, or the place of a field in the body ("device.id"). A %u is a number that changes with each call.
 */
const char *known_value(const struct town *town, const char *where, const char *name);

/* An id of the right shape that nothing has. */
const char *unknown_value(const char *where, const char *name);
/* The code of the 404 for a path parameter that names nothing; NULL when it names no entity. */
const char *unknown_code(const char *where, const char *name);

/* Fields with a rule of their own beyond what their schema says; each has tests elsewhere. */
bool has_own_rule(const char *schema, const char *place);
/* Optional fields that refuse "" or null all the same. */
bool may_not_be_empty(const char *schema, const char *place);
/* Optional fields that have to be there all the same. */
bool is_needed_all_the_same(const char *schema, const char *place);

#endif
