/* cfg.get, ses.wait, reg.deactivate: messages outside a session. */
#include "api/wait.h"
#include "codec/encode.h"
#include "device/internal.h"
#include "device/legs.h"

static struct slice public_key_text(struct call *c, const struct e2e_key *key)
{
	uint8_t spki[X25519_SPKI_BYTES];

	x25519_spki_write(key->public_key, spki);
	return b64(c->op->arena, slice_of(spki, sizeof(spki)));
}

static struct list e2e_keys(struct call *c)
{
	struct slice *keys = arena_array(c->op->arena, struct slice, c->set->e2e_count + 1);
	size_t n = 0;

	for (size_t i = 0; i < c->set->e2e_count; i++)
		if (uuid_eq(&c->set->e2e_keys[i].application, &c->application->id))
			keys[n++] = public_key_text(c, &c->set->e2e_keys[i]);
	return (struct list){ keys, n };
}

static struct list blocked_versions(struct call *c)
{
	struct slice android = c->application->config.encapApiBlacklistAndroid, ios = c->application->config.encapApiBlacklistIos;
	struct slice *list = arena_array(c->op->arena, struct slice, android.n + ios.n + 2);
	size_t n = 0;

	while (android.n)
		list[n++] = slice_trim(slice_cut(&android, ','));
	while (ios.n)
		list[n++] = slice_trim(slice_cut(&ios, ','));
	return (struct list){ list, n };
}

err handle_cfg_get(struct call *c)
{
	struct cfg_get_ok *answer = arena_new(c->op->arena, struct cfg_get_ok);
	struct code_form *code = arena_new(c->op->arena, struct code_form);

	code->length = c->application->config.activationCodeLength;
	code->maxLength = code->length + 4;
	code->type = c->application->config.activationCodeType;
	answer->activationCode = code;
	answer->pin = policy_pin(c);
	answer->minSdk = S("1.0.0");
	answer->blocked = blocked_versions(c);
	answer->e2eKeys = e2e_keys(c);
	return call_ok(c, answer);
}

static err pending_list(struct call *c, struct ses_wait_ok *answer)
{
	struct pending_item *item = arena_new(c->op->arena, struct pending_item);
	struct operation pending;
	struct error e = device_pending(op_reader(c->op), c->device.account, &c->device.id, c->op->now, &pending);

	answer->pending = (struct list){ item, 0 };
	if (is_err(e, E_NO_ROW))
		return OK;
	TRY(e);
	item->op = pending.operation == operation_type_SIGNING ? device_operation_SIGNING : device_operation_AUTHENTICATION;
	item->pushSessionId = uuid_text(c->op->arena, &pending.id);
	item->expires = pending.expires;
	answer->pending.n = 1;
	return OK;
}

err handle_ses_wait(struct call *c)
{
	const struct ses_wait *in = c->in;
	struct ses_wait_ok *answer = arena_new(c->op->arena, struct ses_wait_ok);
	struct error e;

	c->reg = in->reg;
	answer->pending = (struct list){ arena_new(c->op->arena, struct pending_item), 0 };
	if (c->op->woken == REPLACED)
		return call_ok(c, answer);
	if (c->op->woken == NOT_WOKEN)
		op_watch(c->op, &c->reg);
	if (outside_checks(c, &e))
		return e;
	TRY(pending_list(c, answer));
	if (answer->pending.n == 0 && in->waitMs > 0 && c->op->woken == NOT_WOKEN) {
		op_wait(c->op, in->waitMs);
		return OK;
	}
	return call_ok(c, answer);
}

static err save_deactivate(struct call *c, struct tx *tx)
{
	struct fact_origin origin = fact_origin_of(c->op);

	return device_gone(&origin, tx, &c->device.id, OPERATION_CANCELLED_BY_DEVICE);
}

err handle_reg_deactivate(struct call *c)
{
	const struct plain_outside *in = c->in;
	struct error e;

	c->reg = in->reg;
	if (outside_checks(c, &e))
		return e;
	c->device.state = credential_state_DELETED;
	c->device_changed = c->write = true;
	c->device_fact = FACT_DEVICE_DEACTIVATED;
	c->save = save_deactivate;
	return call_ok(c, arena_new(c->op->arena, struct plain_ok));
}
