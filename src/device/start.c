/* REST: start a registration, an authentication, a signature (api.md 4). */
#include "api/wait.h"
#include "base/text.h"
#include "device/bells.h"
#include "device/device_schema.h"
#include "device/legs.h"
#include "device/rest.h"

struct device_started {
	struct user owner;
	struct device device;
	struct device_operation_row row;
	struct slice content, json;
	bool has_device;
	struct bells *bells;
	struct uuid legs[LEGS_MAX]; /* of a broadcast */
	size_t leg_count;
};

static const char *const paths[operation_type_count] = {
	[operation_type_REGISTRATION] = "registrations",
	[operation_type_RE_REGISTRATION] = "registrations",
	[operation_type_AUTHENTICATION] = "authentications",
	[operation_type_SIGNING] = "signatures",
};

static err product(struct op *op, const struct application **ret_app)
{
	*ret_app = application_of_account(applications_now(op->app), op->caller.account);
	ENSURE(*ret_app, NOT_ONBOARDED);
	ENSURE((*ret_app)->state == mobileid_state_ACTIVE, MOBILEID_INACTIVE);
	return OK;
}

static err active_user(struct op *op, const struct uuid *id, struct user *ret_user)
{
	struct error e = user_load(op, op_reader(op), id, ret_user);

	if (is_err(e, E_USER_UNKNOWN)) {
		op->user_id = *id;
		return e;
	}
	TRY(e);
	ENSURE(ret_user->state == user_state_ACTIVE, USER_LOCKED);
	return OK;
}

static bool is_media_type(struct slice type)
{
	struct slice subtype = type, main = slice_cut(&subtype, '/');

	return main.n && subtype.n;
}

static err invalid_in(struct op *op, const char *context, const char *member, const char *reason)
{
	return op_invalid(op, (const char *)arena_printf(op->arena, "operationProperties.%s.%s", context, member).p, reason);
}

/* Content needs a media type; its bound is that of the operation. */
static err check_context(struct op *op, const char *name, const struct operation_context *context, size_t points_max)
{
	if (!context)
		return OK;
	if (context->content.n && !context->mimeType.n)
		return invalid_in(op, name, "mimeType", "cannot be null or empty beside content");
	if (context->mimeType.n && !is_media_type(context->mimeType))
		return invalid_in(op, name, "mimeType", "must have the form type/subtype");
	if (text_points(context->content) > points_max)
		return invalid_in(op, name, "content", (const char *)arena_printf(op->arena, "must be at most %zu characters long", points_max).p);
	return OK;
}

static void fill_row(struct op *op, struct device_started *s, const struct application *app, enum operation_type type,
	enum auth_level level, int64_t timeout_ms)
{
	struct device_operation_row *row = &s->row;

	row->application = app->id;
	row->auth_level = level ? level : auth_level_TWO_FACTOR;
	row->timeout_ms = timeout_ms ? timeout_ms : app->config.sessionTimeout;
	row->base = (struct operation){
		.mobileid = op->table == &older_device_routes,
		.id = uuid_v7(op->app->env, op->now),
		.account = op->caller.account,
		.user = s->owner.id,
		.type = credential_type_DEVICE,
		.operation = type,
		.state = operation_state_PENDING,
		.created = op->now,
		.expires = op->now + row->timeout_ms,
	};
	if (s->has_device)
		row->base.credential = s->device.id;
	op->location = arena_printf(op->arena, "%s%s/%s/%.*s", op->app->public_url,
		row->base.mobileid ? "/mobileid/core" : "/reuseid/core/credentials/devices", paths[type],
		FMT(uuid_text(op->arena, &row->base.id)));
}

static err seal_and_show(struct op *op, struct device_started *s, const struct application *app)
{
	s->content = content_seal(op, &s->owner, &s->row.base.id, &s->row.content);
	wipe(&s->owner.key, sizeof(s->owner.key));
	return view_pending(op, app, &s->owner, s->has_device ? &s->device : NULL, &s->row, &s->json);
}

err started_reply(struct op *op)
{
	struct device_started *s = op_own(op, struct device_started);

	http_add_header(op->http, "Location", op->location);
	op_answer(op, (int)op->settings->created_status, NULL, s->json);
	return OK;
}

/* ---- registration ---- */

static const struct registration_options *options_of(struct op *op, const struct registration_options *given)
{
	return given ? given : arena_new(op->arena, struct registration_options);
}

/* The device that is registered again; it keeps its id, so the call names it (api.md 4.1). */
static err known_device(struct op *op, const struct registration_new *in, struct device_started *s, struct uuid *ret_id)
{
	struct device device;
	struct error e;

	if (!in->device || !HAS(in->device, registration_device, id))
		return op_invalid(op, "device.id", "cannot be null or empty for a RE_REGISTRATION");
	e = device_load(op, op_reader(op), &in->device->id, &device, &s->owner);
	ENSURE(!is_err(e, E_NO_ROW), DEVICE_UNKNOWN);
	TRY(e);
	ENSURE(uuid_eq(&device.user, &in->userId), DEVICE_UNKNOWN);
	ENSURE(device.state == credential_state_ACTIVE, DEVICE_NOT_ACTIVE);
	*ret_id = device.id;
	return OK;
}

err registration_start_prepare(struct op *op)
{
	const struct registration_new *in = op->in;
	const struct registration_options *options = options_of(op, in->operationProperties);
	struct device_started *s = op_own(op, struct device_started);
	enum operation_type type = operation_type_REGISTRATION;
	const struct application *app;
	struct uuid again = { { 0 } };

	*s = (struct device_started){ .has_device = false };
	TRY(product(op, &app));
	TRY(active_user(op, &in->userId, &s->owner));
	TRY(check_context(op, "postOperationContext", options->postOperationContext, POST_CONTENT_MAX));
	if (options->registrationMode == registration_mode_RE_REGISTRATION) {
		TRY(known_device(op, in, s, &again));
		type = operation_type_RE_REGISTRATION;
	}
	fill_row(op, s, app, type, options->authLevel, options->sessionTimeout);
	s->row.content = (struct operation_content){
		.deviceName = in->device ? in->device->name : S(""),
		.deviceId = again,
		.activationCode = code_make(op, app),
		.post = options->postOperationContext,
		.requestedUserAttributes = options->requestedUserAttributes,
		.tags = in->tags,
	};
	s->row.code_index = code_index(op, app, s->row.content.activationCode);
	return seal_and_show(op, s, app);
}

SQL(user_active, "SELECT 1 FROM users WHERE id = $1 AND state = $2");
SQL(both_active,
	"SELECT 1 FROM users u JOIN credentials c ON c.user_id = u.id WHERE u.id = $1 AND u.state = $2 AND c.id = $3 AND c.state = $4");

/* User and device may have been locked or deleted since they were read. */
static err check_again(struct tx *tx, const struct device_started *s)
{
	const struct val args[] = {
		v_uuid(&s->owner.id), v_int(user_state_ACTIVE), v_uuid(&s->device.id), v_int(credential_state_ACTIVE),
	};
	struct rows r;
	struct error e = s->has_device ? sql_one(tx, &both_active, args, 4, &r) : sql_one(tx, &user_active, args, 2, &r);

	ENSURE(!is_err(e, E_NO_ROW), STALE);
	TRY(e);
	return sql_close(&r);
}

static err registration_insert(struct op *op, struct tx *tx, const struct device_started *s)
{
	struct fact_origin origin = fact_origin_of(op);
	struct error e;

	TRY(check_again(tx, s));
	/* A new registration for the user ends the older one. */
	TRY(operation_fail_registrations(&origin, tx, &s->owner.id, NULL, OPERATION_CANCELLED_NEW_ACTIVATION));
	TRY(operation_insert(&origin, tx, &s->row.base));
	e = device_operation_insert(tx, &s->row, s->content);
	return is_err(e, E_TAKEN) ? FAIL(STALE) : e; /* the code is somebody else's: another one */
}

err registration_start_apply(struct op *op, struct tx *tx)
{
	return registration_insert(op, tx, op_own(op, struct device_started));
}

/* ---- authentication and signature ---- */

static err active_device(struct op *op, const struct uuid *id, const struct uuid *user, struct device_started *s)
{
	struct error e = device_load(op, op_reader(op), id, &s->device, &s->owner);

	ENSURE(!is_err(e, E_NO_ROW), DEVICE_UNKNOWN);
	TRY(e);
	ENSURE(uuid_eq(&s->device.user, user), DEVICE_UNKNOWN);
	ENSURE(s->device.state == credential_state_ACTIVE, DEVICE_NOT_ACTIVE);
	s->has_device = true;
	return OK;
}

static err check_options(struct op *op, const struct operation_options *options, enum operation_type type)
{
	size_t pre_max = type == operation_type_SIGNING ? 20000 : PRE_CONTENT_AUTH_MAX;

	TRY(check_context(op, "preOperationContext", options->preOperationContext, pre_max));
	TRY(check_context(op, "postOperationContext", options->postOperationContext, POST_CONTENT_MAX));
	if (options->signedJwtCertificateOption.n && !slice_is(options->signedJwtCertificateOption, "NONE"))
		return op_invalid(op, "operationProperties.signedJwtCertificateOption", "can only be NONE");
	return OK;
}

/* Every active device of the user (api.md 4.1): then none may be named. */
static err take_all_devices(struct op *op, const struct operation_new *in, struct device_started *s)
{
	if (in->device && HAS(in->device, operation_device, id))
		return op_invalid(op, "device.id", "must be absent when broadcast is true");
	TRY(devices_active(op_reader(op), &in->userId, s->legs, &s->leg_count));
	ENSURE(s->leg_count, NO_ACTIVE_DEVICE);
	s->row.content.broadcast = true;
	MARK(&s->row.content, operation_content, broadcast);
	return OK;
}

static bool wants_number(const struct application *app, const struct operation_options *options)
{
	enum policy_mode mode = app->config.numberMatchingMode;

	return mode == policy_mode_REQUIRED || (mode == policy_mode_OPTIONAL && options->numberMatching);
}

static struct slice number_make(struct op *op, const struct application *app)
{
	size_t n = (size_t)app->config.numberMatchingDigits;
	uint8_t *digits = arena_alloc(op->arena, n);

	for (size_t i = 0; i < n; i++)
		digits[i] = (uint8_t)('0' + env_random_below(op->app->env, 10));
	return slice_of(digits, n);
}

static err operation_start(struct op *op, enum operation_type type)
{
	const struct operation_new *in = op->in;
	const struct operation_options *options =
		in->operationProperties ? in->operationProperties : arena_new(op->arena, struct operation_options);
	struct device_started *s = op_own(op, struct device_started);
	const struct application *app;

	*s = (struct device_started){ .has_device = false };
	TRY(product(op, &app));
	TRY(check_options(op, options, type));
	if (!options->broadcast && (!in->device || !HAS(in->device, operation_device, id)))
		return op_invalid(op, "device.id", "cannot be null or empty");
	TRY(active_user(op, &in->userId, &s->owner));
	s->row.content = (struct operation_content){
		.pre = options->preOperationContext,
		.post = options->postOperationContext,
		.requestedUserAttributes = options->requestedUserAttributes,
		.tags = in->tags,
		.sendPush = options->sendPush,
		.matchNumber = wants_number(app, options) ? number_make(op, app) : S(""),
	};
	TRY(options->broadcast ? take_all_devices(op, in, s) : active_device(op, &in->device->id, &in->userId, s));
	fill_row(op, s, app, type, options->authLevel, options->sessionTimeout);
	if (options->sendPush)
		MARK(&s->row.content, operation_content, sendPush);
	TRY(bells_of_operation(op, &s->owner, s->has_device ? &s->device.id : s->legs, s->has_device ? 1 : s->leg_count,
		options->pushPayload, &s->row, &s->bells));
	return seal_and_show(op, s, app);
}

err authentication_start_prepare(struct op *op)
{
	return operation_start(op, operation_type_AUTHENTICATION);
}

err signature_start_prepare(struct op *op)
{
	return operation_start(op, operation_type_SIGNING);
}

/* A device that was locked since it was read gets no leg; one that came since is not among them. */
static err legs_begin(struct op *op, struct tx *tx, const struct device_started *s)
{
	struct uuid now[LEGS_MAX];
	size_t n;

	if (!s->leg_count)
		return OK;
	TRY(devices_active(tx, &s->owner.id, now, &n));
	ENSURE(n == s->leg_count && memcmp(now, s->legs, n * sizeof(now[0])) == 0, STALE);
	for (size_t i = 0; i < n; i++) {
		TRY(leg_insert(tx, &s->row.base.id, &now[i]));
		op_wake_after_commit(op, tx, &now[i]);
	}
	return OK;
}

static err operation_begin(struct op *op, struct tx *tx, const struct device_started *s)
{
	struct fact_origin origin = fact_origin_of(op);

	TRY(check_again(tx, s));
	/* One pending operation a device: a new start ends the older one. */
	if (s->has_device)
		TRY(device_requests_fail(&origin, tx, &s->device.id, NULL, OPERATION_CANCELLED_BY_SP));
	for (size_t i = 0; i < s->leg_count; i++)
		TRY(device_requests_fail(&origin, tx, &s->legs[i], NULL, OPERATION_CANCELLED_BY_SP));
	TRY(operation_insert(&origin, tx, &s->row.base));
	TRY(device_operation_insert(tx, &s->row, s->content));
	TRY(bells_ring(op, tx, s->bells));
	if (s->has_device)
		op_wake_after_commit(op, tx, &s->device.id);
	return legs_begin(op, tx, s);
}

err operation_start_apply(struct op *op, struct tx *tx)
{
	return operation_begin(op, tx, op_own(op, struct device_started));
}

/* ---- for a feature that has a device act as one of its steps ---- */

err device_registration_draft(struct op *op, const struct user *owner, struct device_started **ret_started, struct device_step *ret_step)
{
	struct device_started *s = arena_new(op->arena, struct device_started);
	const struct application *app;

	TRY(product(op, &app));
	s->owner = *owner;
	fill_row(op, s, app, operation_type_REGISTRATION, auth_level_none, 0);
	s->row.content = (struct operation_content){ .activationCode = code_make(op, app), .toldLater = true };
	MARK(&s->row.content, operation_content, toldLater);
	s->row.code_index = code_index(op, app, s->row.content.activationCode);
	TRY(seal_and_show(op, s, app));
	*ret_started = s;
	*ret_step = (struct device_step){ s->row.base.id, s->row.content.activationCode, s->row.base.expires };
	return OK;
}

err device_authentication_draft(struct op *op, const struct user *owner, const struct uuid *device, struct slice pre_json,
	struct device_started **ret_started, struct device_step *ret_step)
{
	struct device_started *s = arena_new(op->arena, struct device_started);
	struct operation_context *pre = arena_new(op->arena, struct operation_context);
	const struct application *app;

	TRY(product(op, &app));
	TRY(active_device(op, device, &owner->id, s));
	s->owner = *owner;
	*pre = (struct operation_context){ .title = slice_of(NULL, 0), .content = pre_json, .mimeType = S("application/json") };
	fill_row(op, s, app, operation_type_AUTHENTICATION, auth_level_none, 0);
	/* Nobody says whether the phone is to be rung: it is, where it can be. */
	s->row.content = (struct operation_content){ .pre = pre, .toldLater = true, .sendPush = app->config.pushEnabled };
	MARK(&s->row.content, operation_content, toldLater);
	TRY(bells_of_operation(op, &s->owner, device, 1, S(""), &s->row, &s->bells));
	TRY(seal_and_show(op, s, app));
	*ret_started = s;
	*ret_step = (struct device_step){ s->row.base.id, S(""), s->row.base.expires };
	return OK;
}

err device_draft_insert(struct op *op, struct tx *tx, const struct device_started *s)
{
	return s->has_device ? operation_begin(op, tx, s) : registration_insert(op, tx, s);
}
