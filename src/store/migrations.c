#include "store/migrate.h"

const struct migration migrations[] = {
	{ "meta",
		"CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL)" },
};

const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);
