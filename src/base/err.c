#include "base/err.h"

static const struct err_info infos[E_COUNT] = {
	[E_OK] = { "OK", 200, "", "", "" },
#define E(name, http, code, title, detail) [E_##name] = { #name, http, code, title, detail },
#include "base/err.def"
#undef E
};

const struct err_info *err_info(enum err_code code)
{
	return code < E_COUNT ? &infos[code] : &infos[E_INTERNAL];
}
