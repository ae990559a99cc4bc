/* What events tell of operations and devices: what polling would answer. */
#include <stdio.h>

#include "device/device_schema.h"
#include "device/rest.h"

enum { EVENT_BYTES_MAX = 16 * 1024 };

struct slice device_state_data(char out[static DEVICE_STATE_DATA_MAX], enum credential_state state, enum lock_reason reason)
{
	int n;

	if (state == credential_state_LOCKED)
		n = snprintf(out, DEVICE_STATE_DATA_MAX, "{\"state\":\"LOCKED\",\"lockReason\":\"%s\"}", enum_text(&lock_reason_enum, (int)reason));
	else
		n = snprintf(out, DEVICE_STATE_DATA_MAX, "{\"state\":\"%s\"}", enum_text(&credential_state_enum, (int)state));
	return slice_of(out, (size_t)n);
}

/* The state is the one it came into then; the rest is how it is now, as far as it still is. */
static err device_data(struct op *op, const struct event_about *about, struct slice *ret_json)
{
	struct device_event_view view = { .id = about->device };
	struct buf b = buf_arena(op->arena, EVENT_BYTES_MAX);
	struct device_view then;
	struct device device;
	struct user owner = { .account = 0 };
	json_t *data = NULL;
	struct slice why;
	struct error e = device_load(op, op_reader(op), &about->device, &device, &owner);

	wipe(&owner.key, sizeof(owner.key));
	if (!failed(e)) {
		view_device(&device, &then);
		view.name = then.name;
		view.state = then.state;
		view.lastOperationType = then.lastOperationType;
		view.created = then.created;
		view.lastUsed = then.lastUsed;
		view.userId = device.user;
	} else if (!is_err(e, E_NO_ROW) && !is_err(e, E_USER_UNKNOWN)) {
		return e;
	}
	if (about->data.n)
		TRY(json_read(about->data, JSON_UNIQUE, 2, op->arena, &data, &why));
	if (data) {
		op_keep_json(op, data);
		view.state = (enum credential_state)enum_find(&credential_state_enum, json_text(json_object_get(data, "state")), false);
		view.lockReason = (enum lock_reason)enum_find(&lock_reason_enum, json_text(json_object_get(data, "lockReason")), false);
	}
	schema_write(&device_event_view_schema, &view, &b);
	TRY(buf_ok(&b));
	*ret_json = buf_bytes(&b);
	return OK;
}

err devices_event_data(struct op *op, const struct event_about *about, struct event_content *ret_content)
{
	if (about->has_transaction)
		return operation_event_data(op, &about->transaction, ret_content);
	ENSURE(about->has_device, NO_ROW);
	return device_data(op, about, &ret_content->json);
}
