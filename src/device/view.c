/* What polling an operation answers: while it is pending, when it failed, and, fixed for ever, when it is completed. */
#include "device/device_schema.h"
#include "device/rest.h"

enum { VIEW_BYTES_MAX = 1024 * 1024 };

static bool is_registration(const struct operation *o)
{
	return o->operation == operation_type_REGISTRATION || o->operation == operation_type_RE_REGISTRATION;
}

static struct slice or_absent(struct slice text)
{
	return text.n ? text : slice_of(NULL, 0);
}

static void fill_common(struct op *op, const struct device_operation_row *row, struct operation_view *view)
{
	*view = (struct operation_view){
		.transactionId = row->base.id,
		.accountId = op->caller.account_id,
		.state = row->base.state,
		.created = row->base.created,
		.operationProperties = arena_new(op->arena, struct properties_view),
	};
	if (row->content.tags.n)
		view->tags = row->content.tags;
}

static void fill_properties(const struct device_operation_row *row, struct properties_view *p)
{
	p->sessionExpiryTime = row->base.expires;
	p->preOperationContext = row->content.pre;
	if (is_registration(&row->base)) {
		p->authLevel = row->auth_level;
		p->sessionTimeout = row->timeout_ms;
		MARK(p, properties_view, sessionTimeout);
		p->registrationMode = row->base.operation == operation_type_RE_REGISTRATION ? registration_mode_RE_REGISTRATION :
											      registration_mode_REGISTRATION;
		return;
	}
	p->pushSent = row->push == 1;
	MARK(p, properties_view, pushSent);
	if (row->base.operation == operation_type_SIGNING) {
		p->sendPush = row->content.sendPush;
		MARK(p, properties_view, sendPush);
	}
}

static struct operation_user *brief_user(struct op *op, const struct user *owner)
{
	struct operation_user *user = arena_new(op->arena, struct operation_user);

	user->id = owner->id;
	user->externalRef = or_absent(owner->profile.reference);
	user->segment = or_absent(owner->segment);
	return user;
}

static struct operation_user *full_user(struct op *op, const struct user *owner)
{
	struct operation_user *user = brief_user(op, owner);

	user->created = owner->created;
	user->lastUsed = owner->last_used;
	user->state = owner->state;
	return user;
}

/* A registration knows only the name it was given; the others know their device. */
static struct device_view *brief_device(struct op *op, const struct device *device, const struct device_operation_row *row)
{
	struct device_view *view = arena_new(op->arena, struct device_view);

	if (device) {
		view->id = device->id;
		view->name = device->name.p ? device->name : S("");
	} else {
		view->name = or_absent(row->content.deviceName);
		view->id = row->content.deviceId;
		if (uuid_is_nil(&view->id) && !view->name.p)
			return NULL;
	}
	return view;
}

static err write_view(struct op *op, const struct operation_view *view, struct slice *ret_json)
{
	struct buf b = buf_arena(op->arena, VIEW_BYTES_MAX);

	schema_write(&operation_view_schema, view, &b);
	TRY(buf_ok(&b));
	*ret_json = buf_bytes(&b);
	return OK;
}

/* The report that a finish left (risk.c), into the members of the answer. */
err view_report(struct op *op, struct slice json, struct operation_view *view)
{
	struct invalids bad = { .arena = op->arena };
	struct operation_view reported = { .set = 0 };
	struct slice why;
	json_t *object;

	if (!json.n)
		return OK;
	TRY(json_read(json, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &object, &why));
	op_keep_json(op, object);
	schema_read(&operation_view_schema, object, op->arena, &bad, &reported);
	if (reported.riskAttributes.n)
		view->riskAttributes = reported.riskAttributes;
	view->attestation = reported.attestation;
	view->geofencing = reported.geofencing;
	return OK;
}

err view_pending(struct op *op, const struct application *app, const struct user *owner, const struct device *device,
	const struct device_operation_row *row, struct slice *ret_json)
{
	struct operation_view view;

	(void)app;
	fill_common(op, row, &view);
	fill_properties(row, view.operationProperties);
	view.operationProperties->activationCode = or_absent(row->content.activationCode);
	view.operationProperties->matchNumber = or_absent(row->content.matchNumber);
	view.device = brief_device(op, device, row);
	view.user = brief_user(op, owner);
	return write_view(op, &view, ret_json);
}

err view_failed(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	struct slice *ret_json)
{
	struct operation_view view;

	fill_common(op, row, &view);
	if (row->base.error) {
		view.errorCode = slice_text(operation_error_name(row->base.error));
		view.errorDescription = slice_text(operation_error_description(row->base.error));
	}
	view.completed = row->base.completed;
	if (owner) {
		fill_properties(row, view.operationProperties);
		view.device = brief_device(op, device, row);
		view.user = brief_user(op, owner);
		TRY(view_report(op, row->report, &view));
	}
	return write_view(op, &view, ret_json);
}

struct list methods_with_colon(struct op *op, unsigned methods)
{
	struct slice *names = arena_array(op->arena, struct slice, auth_method_count);
	size_t n = 0;

	for (int m = 1; m < auth_method_count; m++)
		if (methods >> m & 1)
			names[n++] = slice_text(auth_method_colon((enum auth_method)m));
	return (struct list){ names, n };
}

static enum operation_kind kind_of(const struct operation *o)
{
	switch (o->operation) {
	case operation_type_REGISTRATION:
		return operation_kind_REGISTRATION;
	case operation_type_RE_REGISTRATION:
		return operation_kind_RE_REGISTRATION;
	case operation_type_SIGNING:
		return operation_kind_SIGNATURE;
	default:
		return operation_kind_AUTHENTICATION;
	}
}

void view_device(const struct device *d, struct device_view *ret_view)
{
	*ret_view = (struct device_view){
		.id = d->id,
		.name = d->name.p ? d->name : S(""),
		.state = d->state,
		.lastOperationType = d->last_operation,
		.lastUsed = d->last_used,
		.created = d->created,
	};
}

err view_completed(struct op *op, const struct user *owner, const struct device *device, const struct device_operation_row *row,
	const struct completion *how, struct slice *ret_json)
{
	struct operation_view view;
	struct properties_view *p;

	if (row->base.operation == operation_type_RECOVERY)
		return view_recovered(op, owner, device, row, how, ret_json);
	fill_common(op, row, &view);
	p = view.operationProperties;
	fill_properties(row, p);
	view.type = kind_of(&row->base);
	view.state = operation_state_COMPLETED;
	view.completed = op->now;
	view.device = arena_new(op->arena, struct device_view);
	view_device(device, view.device);
	view.user = full_user(op, owner);
	view.clientData = or_absent(how->client_data);
	view.signature = or_absent(how->signature);
	TRY(view_report(op, how->report, &view));
	p->authMethod = how->method;
	p->authLevel = how->method == auth_method_none ? row->auth_level :
		       auth_method_is_two_factor(how->method) ? auth_level_TWO_FACTOR : auth_level_ONE_FACTOR;
	if (is_registration(&row->base))
		p->activatedAuthenticationMethods = methods_with_colon(op, device->methods);
	TRY(user_attributes_requested(op, owner, &row->content.requestedUserAttributes, &p->requestedUserAttributes));
	return write_view(op, &view, ret_json);
}
