/* The call with which automatic tests end a simulated process, without a page or a person. */
#include "proofing/assure_schema.h"
#include "proofing/internal.h"

SCHEMA(complete_new, COMPLETE_NEW, "How a simulated process ends");

struct completion {
	struct process process;
	struct settlement *settlement;
};

/* What the test does not say is what the simulator would find. */
static err found(struct op *op, const struct complete_new *in, const struct process *p, struct final_result **ret)
{
	struct final_result *r = arena_new(op->arena, struct final_result);
	struct invalids none = { .arena = op->arena };
	const char *fault;

	*r = *p->content.persona;
	if (in->finalResult)
		schema_read(&final_result_schema, json_object_get(op->body, "finalResult"), op->arena, &none, r);
	fault = final_result_fault(r);
	if (fault)
		return op_invalid(op, "finalResult", fault);
	*ret = r;
	return OK;
}

err simulator_complete_prepare(struct op *op)
{
	struct completion *c = op_own(op, struct completion);
	const struct complete_new *in = op->in;
	struct proofing_result result = { .status = in->status };
	struct proofing_config config;

	if (in->status == process_status_pending)
		return op_invalid(op, "status", "must be one that a process can be brought to");
	TRY(process_load(op, op_reader(op), &op->path_id[0], &c->process));
	ENSURE(c->process.engine == proofing_engine_simulator, PROCESS_NOT_SIMULATED);
	TRY(proofing_config_load(op, op_reader(op), &config));
	TRY(simulator_refuse_in_production(op, &config, c->process.engine));
	if (in->status == process_status_accepted)
		TRY(found(op, in, &c->process, &result.finalResult));
	result.failReason = in->failReason;
	if (in->status == process_status_failed && !in->failReason) {
		result.failReason = arena_new(op->arena, struct fail_reason);
		result.failReason->type = S("system_requirements");
	}
	simulator_specific(op, &c->process, &result);
	TRY(settle_prepare(op, &c->process, &result, &c->settlement));
	op->unchanged = c->settlement == NULL;
	return OK;
}

err simulator_complete_apply(struct op *op, struct tx *tx)
{
	struct completion *c = op_own(op, struct completion);

	return settle_apply(op, tx, c->settlement);
}
