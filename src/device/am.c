/* Methods: added, replaced and removed by the phone itself (6.3). The finish stands in am_finish.c. */
#include "device/bells.h"
#include "device/faces.h"
#include "device/legs.h"
#include "device/trust.h"

void operation_begin_here(struct call *c, enum operation_type type, const struct uuid *credential)
{
	struct device_operation_row *row = &c->operation;

	*row = (struct device_operation_row){
		.application = c->application->id,
		.auth_level = auth_level_TWO_FACTOR,
		.timeout_ms = c->application->config.sessionTimeout,
		.by_device = true,
	};
	row->base = (struct operation){
		.id = uuid_v7(c->op->app->env, c->op->now),
		.account = c->application->account,
		.user = c->owner.id,
		.type = credential_type_DEVICE,
		.operation = type,
		.state = operation_state_PENDING,
		.credential = *credential,
		.created = c->op->now,
		.expires = c->op->now + row->timeout_ms,
	};
	c->operation_box = content_seal(c->op, &c->owner, &row->base.id, &row->content);
	c->operation_begins = c->has_operation = c->write = true;
}

static unsigned two_factor(unsigned methods)
{
	return methods & ~(1u << auth_method_DEVICE | 1u << auth_method_none);
}

/* Deactivation: neither DEVICE nor the last two-factor method can go. */
static enum device_error purpose_check(const struct call *c, const struct am_start *in)
{
	unsigned left = c->device.methods & ~(1u << in->m);

	bool allowed = device_config_methods(&c->application->config) >> in->m & 1;

	if (in->purpose == method_purpose_activate)
		return in->m != auth_method_DEVICE && allowed ? DEVICE_OK : DEVICE_ILLEGAL_METHOD;
	if (!(c->device.methods >> in->m & 1))
		return DEVICE_NO_MATCHING_METHOD;
	return in->m != auth_method_DEVICE && two_factor(left) ? DEVICE_OK : DEVICE_ILLEGAL_METHOD;
}

/* Those that may authorise it: one factor never a second one. */
static unsigned authorising(const struct call *c, enum method_purpose purpose)
{
	if (purpose == method_purpose_deactivate)
		return 1u << auth_method_DEVICE;
	return two_factor(c->device.methods & device_config_authorising(&c->application->config));
}

/* Shown: a face is none while its provider cannot be reached. */
static unsigned authorising_now(const struct call *c, enum method_purpose purpose)
{
	return authorising(c, purpose) & (face_offered(c) ? ~0u : ~(1u << auth_method_DEVICE_SERVER_SIDE_FACE));
}

static bool face_is_useful(const struct call *c, const struct am_start *in)
{
	return authorising(c, in->purpose) >> auth_method_DEVICE_SERVER_SIDE_FACE & 1 ||
	       (in->purpose == method_purpose_activate && in->m == auth_method_DEVICE_SERVER_SIDE_FACE);
}

enum device_error am_method_check(const struct call *c, enum auth_method m)
{
	if (c->session.secret.purpose == method_purpose_deactivate)
		return m == auth_method_DEVICE ? DEVICE_OK : DEVICE_ILLEGAL_METHOD;
	if (!(c->device.methods >> m & 1))
		return DEVICE_NO_MATCHING_METHOD;
	if (!(device_config_authorising(&c->application->config) >> m & 1))
		return DEVICE_ILLEGAL_METHOD;
	return auth_method_is_two_factor(m) ? DEVICE_OK : DEVICE_ILLEGAL_FACTOR;
}

static err save_deactivation(struct call *c, struct tx *tx)
{
	struct fact_origin origin = fact_origin_of(c->op);

	return device_requests_fail(&origin, tx, &c->device.id, NULL, OPERATION_CANCELLED_AUTH_METHOD_DEACTIVATED);
}

static void begin(struct call *c, const struct am_start *in)
{
	struct session_secret *secret = &c->session.secret;
	const struct salt_key *newest = salt_key_newest(c->set, &c->application->id);

	bool activates = in->purpose == method_purpose_activate;

	operation_begin_here(c, activates ? operation_type_AUTH_AND_ACTIVATE : operation_type_AUTH_AND_DEACTIVATE, &c->device.id);
	session_begin(c, FAMILY_AM, &c->device.id);
	ticket_keep(c, in->ticket);
	secret->purpose = (uint8_t)in->purpose;
	secret->method = (uint8_t)in->m;
	if (activates && in->m == auth_method_DEVICE_PIN) {
		env_random(c->op->app->env, secret->cid, sizeof(secret->cid));
		memcpy(secret->new_salt_key, newest->id, sizeof(newest->id));
	}
}

static err answer_start(struct call *c, const struct am_start *in)
{
	struct am_start_ok *answer = arena_new(c->op->arena, struct am_start_ok);
	struct session *s = &c->session;

	answer->sid = arena_copy(c->op->arena, slice_of(s->sid, sizeof(s->sid)));
	answer->challenge = arena_copy(c->op->arena, slice_of(s->secret.challenge, CHALLENGE_BYTES));
	answer->attempts = attempts_of(c);
	answer->addable = policies_methods(c, two_factor(device_config_methods(&c->application->config)));
	if (c->device.has_pin) {
		answer->cid = arena_copy(c->op->arena, slice_of(c->device.cid, sizeof(c->device.cid)));
		answer->saltKeyId = c->device.salt_key;
	}
	if (s->secret.new_salt_key[0]) {
		answer->newCid = arena_copy(c->op->arena, slice_of(s->secret.cid, sizeof(s->secret.cid)));
		answer->newSaltKeyId = arena_copy(c->op->arena, slice_text(s->secret.new_salt_key));
	}
	answer->pin = policy_pin(c);
	answer->methods = policies_methods(c, authorising_now(c, in->purpose));
	FILL_TRUST_POLICIES(c, answer);
	answer->risk = risk_asked_for(c);
	return call_ok(c, answer);
}

err handle_am_start(struct call *c)
{
	const struct am_start *in = c->in;
	enum device_error fault;
	struct error e;
	bool locked;

	if (start_checks(c, in->enc, &in->reg, &e))
		return e;
	if (!ticket_good(c, in->ticket))
		return ticket_refuse(c);
	fault = purpose_check(c, in);
	if (fault)
		return call_fault(c, fault);
	TRY(start_accepted(c, &locked));
	if (locked)
		return OK;
	begin(c, in);
	if (in->purpose == method_purpose_deactivate)
		c->save = save_deactivation;
	TRY(face_begin(c, face_is_useful(c, in)));
	if (c->op->waiting)
		return OK;
	TRY(trust_begin(c, S(""), &fault));
	return fault ? call_fault(c, fault) : answer_start(c, in);
}

err handle_am_pin(struct call *c)
{
	const struct pin_ask_for *in = c->in;
	const struct device_pin_ask ask = { in->b, in->skid };

	if (in->use == pin_use_authorise)
		return pin_authorise(c, &ask);
	if (in->use != pin_use_new)
		return session_broken(c, DEVICE_MALFORMED_PARAMETER);
	return c->session.secret.new_salt_key[0] ? pin_new(c, &ask, c->session.secret.new_salt_key) : call_fault(c, DEVICE_NO_SESSION);
}
