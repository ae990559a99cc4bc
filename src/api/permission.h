/* Permissions and the products that bundle them, from permission.def. A set of permissions is a 64-bit mask; of products too. */
#ifndef API_PERMISSION_H
#define API_PERMISSION_H

#include "base/slice.h"

enum permission {
	PERMISSION_MISSING, /* a route that names none answers nobody */
	PUBLIC,     /* no token is asked for: must be written out in the route */
	LOCAL_ONLY, /* only through the admin socket of the operator */
#define PERMISSION(name, text) name,
#include "api/permission.def"
#undef PERMISSION
	PERMISSION_COUNT
};

enum product {
#define PRODUCT(name, label, permissions, help) PRODUCT_##name,
#include "api/permission.def"
#undef PRODUCT
	PRODUCT_COUNT
};

#define BIT(name) ((uint64_t)1 << (name))
#define PRODUCTS_ALL (((uint64_t)1 << PRODUCT_COUNT) - 1)

const char *permission_text(enum permission p); /* "" for what is above the list */
const char *product_label(enum product p);
const char *product_help(enum product p);
/* By label, in any case; -1 when there is none. */
int product_find(struct slice label);
/* The permissions that a set of products gives. */
uint64_t products_permissions(uint64_t products);

#endif
