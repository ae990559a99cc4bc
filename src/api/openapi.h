/* Between the two files that write the OpenAPI document. */
#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include "api/internal.h"

enum { SCHEMAS_MAX = 128 };

struct openapi_known {
	const struct schema *list[SCHEMAS_MAX];
	size_t n;
};

/* Every schema that is used, those inside others too. NULL is nothing. */
void openapi_collect(struct openapi_known *known, const struct schema *schema);
/* "$ref" to a schema. */
void openapi_ref(struct jw *w, const struct schema *schema);
/* Members that describe the type of one field, without its documentation. */
void openapi_type(struct jw *w, const struct field *f);
/* An example object, put together from the examples of the fields. */
void openapi_example(struct jw *w, const struct schema *schema);
/* The named schema, as a member of components.schemas. */
void openapi_schema(struct jw *w, const struct schema *schema);
void openapi_problem_schema(struct jw *w);

#endif
