#include "operation/operation.h"

ENUMERATION(credential_type, CREDENTIAL_TYPE);
ENUMERATION(operation_type, OPERATION_TYPE);
ENUMERATION(operation_state, OPERATION_STATE);

struct error_row {
	const char *name, *description;
};

static const struct error_row error_rows[OPERATION_ERROR_COUNT] = {
	[OPERATION_OK] = { "", "" },
#define OPERATION_ERROR(name, description) [OPERATION_##name] = { #name, description },
#include "operation/errors.def"
#undef OPERATION_ERROR
};

const char *operation_error_name(enum operation_error e)
{
	return e < OPERATION_ERROR_COUNT ? error_rows[e].name : "";
}

const char *operation_error_description(enum operation_error e)
{
	return e < OPERATION_ERROR_COUNT ? error_rows[e].description : "";
}

enum operation_error operation_error_find(struct slice name)
{
	for (int i = 1; i < OPERATION_ERROR_COUNT; i++)
		if (slice_is(name, error_rows[i].name))
			return (enum operation_error)i;
	return OPERATION_OK;
}
