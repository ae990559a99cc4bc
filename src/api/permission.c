#include "api/permission.h"

static const char *const texts[PERMISSION_COUNT] = {
	[PERMISSION_MISSING] = "",
	[PUBLIC] = "",
	[LOCAL_ONLY] = "",
#define PERMISSION(name, text) [name] = text,
#include "api/permission.def"
#undef PERMISSION
};

_Static_assert(PERMISSION_COUNT <= 64, "permissions are bits of a 64-bit mask");
_Static_assert(PRODUCT_COUNT < 63, "products are bits of a 64-bit mask");

struct product_row {
	const char *label, *help;
	uint64_t permissions;
};

static const struct product_row products[PRODUCT_COUNT] = {
#define PRODUCT(name, label, permissions, help) [PRODUCT_##name] = { label, help, permissions },
#include "api/permission.def"
#undef PRODUCT
};

const char *permission_text(enum permission p)
{
	return p < PERMISSION_COUNT ? texts[p] : "";
}

const char *product_label(enum product p)
{
	return products[p].label;
}

const char *product_help(enum product p)
{
	return products[p].help;
}

int product_find(struct slice label)
{
	for (int i = 0; i < PRODUCT_COUNT; i++)
		if (slice_ieq(label, slice_text(products[i].label)))
			return i;
	return -1;
}

uint64_t products_permissions(uint64_t set)
{
	uint64_t permissions = 0;

	for (int i = 0; i < PRODUCT_COUNT; i++)
		if (set >> i & 1)
			permissions |= products[i].permissions;
	return permissions;
}
