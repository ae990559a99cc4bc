/* Reading a refusal. Apart, because its member is called err. */
#include "sdk/internal.h"

#undef err

bool fault_read(json_t *answer, struct arena *a, struct fault *ret_fault)
{
	struct invalids bad = { .arena = a };
	struct answer_fault *f = arena_new(a, struct answer_fault);

	schema_read(&answer_fault_schema, answer, a, &bad, f);
	if (bad.n || !f->err)
		return false;
	*ret_fault = (struct fault){ .number = f->err->code, .recoverable = f->err->recoverable, .challenge = f->challenge,
		.remaining = HAS(f->err, device_fault, remaining) ? f->err->remaining : -1 };
	return true;
}
