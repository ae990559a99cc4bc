#include "device/faces.h"

#include "api/ask.h"
#include "codec/encode.h"

enum { SCANS_PER_MINUTE = 10, STARTS_PER_MINUTE = 10, MINUTE_MS = 60 * 1000 };

/* ---- asking ---- */

/* The mock believes whatever it is told, so it is no good to anybody but sandboxes. */
struct face_setup face_setup_of(const struct device_config *config, bool sandbox)
{
	enum face_provider provider = config->serverSideFaceEnabled ? config->faceProvider : face_provider_NONE;

	return (struct face_setup){
		.provider = provider == face_provider_MOCK && !sandbox ? face_provider_NONE : provider,
		.url = config->faceProviderUrl,
		.secret = config->faceProviderSecret,
		.timeout_ms = config->faceTimeout,
		.score_least = config->faceScoreMin,
	};
}

static struct face_setup setup_of(const struct call *c)
{
	return face_setup_of(&c->application->config, c->op->caller.sandbox);
}

static err ask(struct call *c, const struct face_ask *what, struct face_verdict *ret_verdict)
{
	struct face_setup setup = setup_of(c);
	const struct face_functions *functions = face_functions(setup.provider);
	const struct outbound_answer *answer = NULL;
	struct outbound_request request;

	*ret_verdict = (struct face_verdict){ .heard = false };
	if (!functions)
		return OK;
	if (functions->request(&setup, what, c->op->arena, &request)) {
		if (what->task == FACE_ENROL)
			face_promise(c, &what->face);
		answer = op_ask(c->op, &request);
		if (!answer)
			return OK;
	}
	functions->verdict(&setup, what, answer, c->op->arena, ret_verdict);
	metric_add(c->op->app->metrics, ret_verdict->heard ? METRIC_faces_asked_total : METRIC_faces_unheard_total, 1);
	return OK;
}

/* A provider costs money by the scan, and a scan time: so many for each registration. Asking again after a wait is none. */
static err take_turn(struct call *c)
{
	if (c->op->tries || op_asked(c->op))
		return OK;
	ENSURE(rate_take_in(c->op->app->devices->scans, session_counted(c), SCANS_PER_MINUTE, MINUTE_MS), TOO_MANY);
	return OK;
}

/* ---- at a start ---- */

/* A phone that starts again and again does not have the provider asked as often: beyond this its starts offer no face. */
static bool may_begin(struct call *c)
{
	struct slice key = arena_printf(c->op->arena, "start %.*s", FMT(session_counted(c)));

	return c->op->tries || op_asked(c->op) || rate_take_in(c->op->app->devices->scans, key, STARTS_PER_MINUTE, MINUTE_MS);
}

err face_begin(struct call *c, bool useful)
{
	const struct face_ask what = { .task = FACE_INIT };
	struct face_verdict verdict = { .heard = true };

	c->face_policy = NULL;
	if (!useful || setup_of(c).provider == face_provider_NONE)
		return OK;
	if (c->application->config.faceProviderSessions && !may_begin(c))
		return OK;
	if (c->application->config.faceProviderSessions)
		TRY(ask(c, &what, &verdict));
	if (c->op->waiting || !verdict.heard || verdict.init.n > FACE_INIT_BYTES_MAX)
		return OK;
	c->face_policy = arena_new(c->op->arena, struct face_policy);
	c->face_policy->init = verdict.init;
	c->session.secret.face_offered = 1;
	return OK;
}

/* ---- in a finish ---- */

err face_match(struct call *c, const struct uuid *face, struct face_verdict *ret_verdict)
{
	struct face_ask what = { .task = FACE_MATCH, .face = *face, .scan = c->plaintext.scan };

	TRY(take_turn(c));
	TRY(face_load(c->op, &c->owner, face, &what.template));
	return ask(c, &what, ret_verdict);
}

/*
 * Of a session there is one face at most: whatever is tried again has the same id, so that a provider who keeps faces never keeps more of
 * them than there are.
 */
static struct uuid face_id(const struct call *c)
{
	uint8_t hash[SHA256_BYTES];
	struct uuid id;

	sha256_parts(PARTS(S("rid-device/v1 face"), slice_of(c->session.sid, SESSION_ID_BYTES)), hash);
	memcpy(id.b, hash, UUID_BYTES);
	id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x80); /* version 8: of one's own making (RFC 9562) */
	id.b[8] = (uint8_t)((id.b[8] & 0x3f) | 0x80);
	return id;
}

err face_enrol(struct call *c, struct face_verdict *ret_verdict)
{
	struct face_ask what = { .task = FACE_ENROL, .face = face_id(c), .scan = c->plaintext.scan };

	TRY(take_turn(c));
	TRY(ask(c, &what, ret_verdict));
	if (c->op->waiting || !ret_verdict->heard || !ret_verdict->good)
		return OK;
	c->device.face = what.face;
	c->face_box = face_seal(c->op, &c->owner, &what.face, ret_verdict->template);
	return OK;
}

enum device_error face_enrol_fault(const struct face_verdict *verdict)
{
	if (!verdict->heard)
		return DEVICE_SERVICE_UNAVAILABLE;
	return verdict->good ? DEVICE_OK : DEVICE_ILLEGAL_FACTOR;
}
