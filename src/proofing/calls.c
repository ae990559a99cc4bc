#include "proofing/calls.h"
#include "proofing/internal.h"

void call_begin(struct app *app, const struct uuid *process, enum call_kind kind)
{
	(void)app;
	(void)process;
	(void)kind;
}

const char *engine_fault(struct op *op, const struct proofing_provider *provider, const struct proofing_config *config)
{
	(void)op;
	(void)config;
	return provider->engine == proofing_engine_http || provider->engine == proofing_engine_oidc ? "cannot be reached yet" : NULL;
}

err calls_answered(struct app *app)
{
	(void)app;
	return OK;
}
