/* The end of a registration: act.finish (6.1, 7). */
#include "device/legs.h"
#include "device/new_device.h"

struct finish_own {
	struct new_device made; /* first */
	const struct uuid *prev;
};

static err save_finish(struct call *c, struct tx *tx)
{
	const struct finish_own *own = c->own;

	TRY(new_device_save(c, tx, &own->made));
	if (!own->prev || uuid_eq(own->prev, &c->device.id))
		return OK;
	return device_retire(c, tx, own->prev, OPERATION_CANCELLED_NEW_ACTIVATION, FACT_DEVICE_REPLACED);
}

/* The device that is registered again; it may have been locked since the start (section 9: it has to be ACTIVE). */
static err load_known(struct call *c, struct device *ret_known, enum device_error *ret_fault)
{
	TRY(device_load(c->op, op_reader(c->op), &c->session.device, ret_known, &c->owner));
	*ret_fault = ret_known->state == credential_state_ACTIVE ? DEVICE_OK :
		     ret_known->state == credential_state_DELETED ? DEVICE_NOT_REGISTERED :
		     ret_known->lock_reason == lock_reason_LOCKED_BY_ADMIN ? DEVICE_LOCKED_BY_ADMIN : DEVICE_LOCKED;
	return OK;
}

static err register_device(struct call *c, const struct act_finish *in)
{
	struct finish_own *own = arena_new(c->op->arena, struct finish_own);
	struct device *known = arena_new(c->op->arena, struct device);
	enum device_error fault;

	own->made.save = save_finish;
	own->prev = previous_of(c);
	if (c->operation.base.operation == operation_type_RE_REGISTRATION) {
		TRY(load_known(c, known, &fault));
		if (fault)
			return call_fault(c, fault);
		own->made.known = known;
	}
	return new_device_finish(c, in, &own->made);
}

err handle_act_finish(struct call *c)
{
	const struct act_finish *in = c->in;
	enum device_error fault = new_device_form(c, in);

	if (fault)
		return session_broken(c, fault);
	fault = sdk_check(c);
	if (c->owner.state == user_state_LOCKED)
		return call_fault(c, DEVICE_LOCKED_BY_ADMIN);
	if (fault)
		return call_fault(c, fault);
	if (!new_device_proves(c, in))
		return fail_registration(c, DEVICE_ACTIVATION_FAILED, OPERATION_CALLBACK_PROCESSING_ERROR);
	fault = new_device_methods(c, in, c->operation.auth_level);
	return fault ? call_fault(c, fault) : register_device(c, in);
}
