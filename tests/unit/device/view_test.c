/* What polling answers (api.md 4.3 to 4.5), to the last member: pending, completed, failed; registration, authentication, signature. */
#include "tests/unit/device/scene.h"

/* FIXTURE_START_MS, and five minutes later */
#define NOW "\"2026-01-01T00:00:00.000Z\""
#define EXPIRY "\"2026-01-01T00:05:00.000Z\""

#define RISK "\"riskAttributes\":[{\"name\":\"device_hash\",\"value\":\"" DEVICE_HASH "\"}]" /* what every finish has */

/* A user with everything that a view shows. */
static struct scene *known_user(struct site *s)
{
	struct scene *c = scene_new(s);

	assert_status(ask(s->w, HTTP_PATCH, TEXT(s->w, "/reuseid/core/users/%s", c->user),
		"{\"externalRef\":\"Empl 7\",\"segment\":\"SE\",\"attributes\":{\"first\":\"Jane\",\"level\":3,\"vip\":true}}"), 200);
	return c;
}

static struct answer polled(struct scene *c, const char *kind)
{
	return ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/%s/%s", kind, c->operation), NULL);
}

static void assert_view(struct answer answer, const char *wanted)
{
	json_t *json = json_loads(wanted, JSON_REJECT_DUPLICATES, NULL);
	bool same;

	assert_non_null(json);
	assert_int_equal(answer.status, 200);
	same = json_equal(json, answer.body);
	json_decref(json);
	if (!same)
		fail_msg("%.*s\ninstead of\n%s", FMT(answer.text), wanted);
}

/* What every view begins with. */
static const char *head(struct scene *c, const char *state)
{
	return TEXT(c->s->w, "\"transactionId\":\"%s\",\"accountId\":\"%s\",\"state\":\"%s\",\"created\":" NOW, c->operation,
		c->s->w->first.account_id, state);
}

static const char *brief_user(struct scene *c)
{
	return TEXT(c->s->w, "\"user\":{\"id\":\"%s\",\"externalRef\":\"Empl 7\",\"segment\":\"SE\"}", c->user);
}

static const char *full_user(struct scene *c)
{
	return TEXT(c->s->w, "\"user\":{\"id\":\"%s\",\"externalRef\":\"Empl 7\",\"segment\":\"SE\",\"created\":" NOW ",\"lastUsed\":" NOW
		",\"state\":\"ACTIVE\"}", c->user);
}

static const char *full_device(struct scene *c, const char *last)
{
	return TEXT(c->s->w, "\"device\":{\"id\":\"%s\",\"name\":\"From the phone\",\"state\":\"ACTIVE\",\"lastOperationType\":\"%s\","
		"\"lastUsed\":" NOW ",\"created\":" NOW "}", c->device, last);
}

/* ---- registration ---- */

static struct answer begin_registration(struct scene *c, const char *more)
{
	struct answer started = start_registration(c->s, c->user, more);

	assert_status(started, 200);
	c->operation = text_of(started, "transactionId");
	c->code = text_of(started, "operationProperties.activationCode");
	return started;
}

static const char *pending_registration(struct scene *c, const char *device)
{
	return TEXT(c->s->w, "{%s,%s%s,\"operationProperties\":{\"activationCode\":\"%s\",\"authLevel\":\"TWO_FACTOR\","
		"\"sessionTimeout\":\"300000\",\"sessionExpiryTime\":" EXPIRY ",\"registrationMode\":\"REGISTRATION\"}}",
		head(c, "PENDING"), device, brief_user(c), c->code);
}

static void registration_pending(void **state)
{
	struct scene *c = known_user(*state);
	struct answer started = begin_registration(c, ",\"device\":{\"name\":\"My iPhone\"}");

	assert_view(started, pending_registration(c, "\"device\":{\"name\":\"My iPhone\"},"));
	assert_view(polled(c, "registrations"), pending_registration(c, "\"device\":{\"name\":\"My iPhone\"},"));
	scene_free(c);
}

static void registration_pending_with_the_least(void **state)
{
	struct scene *c = known_user(*state);
	struct answer started = begin_registration(c, "");

	assert_view(started, pending_registration(c, ""));
	scene_free(c);
}

/* The post context may be a secret. */
static void registration_pending_tells_nothing_of_what_follows(void **state)
{
	struct scene *c = known_user(*state);
	struct answer started = begin_registration(c, ",\"operationProperties\":{\"requestedUserAttributes\":[\"first\"],"
		"\"postOperationContext\":{\"title\":\"Secret\"}}");

	assert_view(started, pending_registration(c, ""));
	scene_free(c);
}

static void registration_completed(void **state)
{
	struct scene *c = known_user(*state);

	begin_registration(c, ",\"tags\":[\"a\",\"b\"],\"operationProperties\":{\"requestedUserAttributes\":[\"first\",\"none\",\"first\"]}");
	assert_ok_reply(phone_act_start(c->p, c->code, PROPER));
	c->device = TEXT(c->s->w, "%.*s", FMT(uuid_text(&c->p->arena, &c->p->reg)));
	assert_ok_reply(phone_act_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_act_finish(c->p, PROPER));
	assert_view(polled(c, "registrations"), TEXT(c->s->w, "{%s,\"type\":\"REGISTRATION\",\"completed\":" NOW ",%s,%s,"
		"\"tags\":[\"a\",\"b\"],\"riskAttributes\":[{\"name\":\"device_hash\",\"value\":\"" DEVICE_HASH "\"},"
		"{\"name\":\"device_model\",\"value\":\"Nexus S\"}],\"operationProperties\":{\"authLevel\":\"TWO_FACTOR\","
		"\"sessionTimeout\":\"300000\",\"sessionExpiryTime\":" EXPIRY ",\"registrationMode\":\"REGISTRATION\","
		"\"requestedUserAttributes\":{\"first\":\"Jane\"},"
		"\"activatedAuthenticationMethods\":[\"DEVICE\",\"DEVICE:PIN\"]}}", head(c, "COMPLETED"), full_device(c, "REGISTRATION"),
		full_user(c)));
	scene_free(c);
}

static void registration_cancelled(void **state)
{
	struct scene *c = known_user(*state);

	begin_registration(c, "");
	assert_status(ask(c->s->w, HTTP_DELETE, TEXT(c->s->w, BASE_PATH "/registrations/%s", c->operation), NULL), 204);
	assert_view(polled(c, "registrations"), TEXT(c->s->w, "{%s,\"completed\":" NOW ",%s,\"errorCode\":\"CANCELLED_BY_SP\","
		"\"errorDescription\":\"The session was cancelled by the service provider.\",\"operationProperties\":{"
		"\"authLevel\":\"TWO_FACTOR\",\"sessionTimeout\":\"300000\",\"sessionExpiryTime\":" EXPIRY ","
		"\"registrationMode\":\"REGISTRATION\"}}", head(c, "FAILED"), brief_user(c)));
	scene_free(c);
}

/* ---- authentication and signature ---- */

#define PRE "\"preOperationContext\":{\"title\":\"Pay\",\"content\":\"100\\n\",\"mimeType\":\"text/plain\"}"

static struct answer begin_operation(struct scene *c, const char *kind, const char *more)
{
	struct answer started;

	scene_registered(c);
	started = ask(c->s->w, HTTP_POST, TEXT(c->s->w, BASE_PATH "/%s", kind),
		TEXT(c->s->w, "{\"userId\":\"%s\",\"device\":{\"id\":\"%s\"}%s}", c->user, c->device, more));
	assert_status(started, 200);
	c->operation = text_of(started, "transactionId");
	return started;
}

static const char *brief_device(struct scene *c)
{
	return TEXT(c->s->w, "\"device\":{\"id\":\"%s\",\"name\":\"From the phone\"}", c->device);
}

static void authentication_pending(void **state)
{
	struct scene *c = known_user(*state);
	struct answer started = begin_operation(c, "authentications", ",\"tags\":[\"t\"],\"operationProperties\":{" PRE
		",\"postOperationContext\":{\"title\":\"Secret\"},\"requestedUserAttributes\":[\"first\"],\"sendPush\":true}");
	const char *wanted = TEXT(c->s->w, "{%s,%s,%s,\"tags\":[\"t\"],\"operationProperties\":{" PRE ",\"pushSent\":false,"
		"\"sessionExpiryTime\":" EXPIRY "}}", head(c, "PENDING"), brief_device(c), brief_user(c));

	assert_view(started, wanted);
	assert_view(polled(c, "authentications"), wanted);
	scene_free(c);
}

static void authentication_completed(void **state)
{
	struct scene *c = known_user(*state);

	begin_operation(c, "authentications", ",\"operationProperties\":{" PRE
		",\"requestedUserAttributes\":[\"level\",\"vip\",\"none\"]}");
	assert_ok_reply(phone_approve(c->p, PIN));
	assert_view(polled(c, "authentications"), TEXT(c->s->w, "{%s,\"type\":\"AUTHENTICATION\",\"completed\":" NOW ",%s,%s," RISK
		",\"operationProperties\":{\"authLevel\":\"TWO_FACTOR\",\"authMethod\":\"DEVICE_PIN\"," PRE ",\"pushSent\":false,"
		"\"sessionExpiryTime\":" EXPIRY ",\"requestedUserAttributes\":{\"level\":3,\"vip\":true}}}", head(c, "COMPLETED"),
		full_device(c, "AUTHENTICATION"), full_user(c)));
	scene_free(c);
}

static void authentication_expired(void **state)
{
	struct scene *c = known_user(*state);
	const char *wanted;

	begin_operation(c, "authentications", "");
	wanted = TEXT(c->s->w, "{%s,\"completed\":" EXPIRY ",%s,%s,\"errorCode\":\"EXPIRED\",\"errorDescription\":\"The session has expired.\","
		"\"operationProperties\":{\"pushSent\":false,\"sessionExpiryTime\":" EXPIRY "}}", head(c, "FAILED"), brief_device(c), brief_user(c));
	site_advance(c->s, 300000 - 1);
	assert_string_equal(text_of(polled(c, "authentications"), "state"), "PENDING");
	site_advance(c->s, 1);
	assert_view(polled(c, "authentications"), wanted);
	site_advance(c->s, 5000);
	must(devices_sweep(&c->s->f->app));
	assert_view(polled(c, "authentications"), wanted);
	scene_free(c);
}

static void signature_pending(void **state)
{
	struct scene *c = known_user(*state);
	struct answer started = begin_operation(c, "signatures", ",\"operationProperties\":{" PRE ",\"sendPush\":true}");

	assert_view(started, TEXT(c->s->w, "{%s,%s,%s,\"operationProperties\":{" PRE ",\"pushSent\":false,\"sendPush\":true,"
		"\"sessionExpiryTime\":" EXPIRY "}}", head(c, "PENDING"), brief_device(c), brief_user(c)));
	scene_free(c);
}

static void signature_completed(void **state)
{
	struct scene *c = known_user(*state);
	struct answer answer;

	begin_operation(c, "signatures", "");
	assert_ok_reply(phone_approve(c->p, PIN));
	answer = polled(c, "signatures");
	assert_view(answer, TEXT(c->s->w, "{%s,\"type\":\"SIGNATURE\",\"completed\":" NOW ",%s,%s,\"signature\":\"%s\"," RISK ","
		"\"operationProperties\":{\"authLevel\":\"TWO_FACTOR\",\"authMethod\":\"DEVICE_PIN\",\"pushSent\":false,\"sendPush\":false,"
		"\"sessionExpiryTime\":" EXPIRY "}}", head(c, "COMPLETED"), full_device(c, "SIGNING"), full_user(c),
		text_of(answer, "signature")));
	scene_free(c);
}

/* ---- what was told once stays ---- */

static void completed_view_never_changes(void **state)
{
	struct scene *c = known_user(*state);
	struct answer before;

	begin_operation(c, "authentications", ",\"operationProperties\":{\"requestedUserAttributes\":[\"first\"]}");
	assert_ok_reply(phone_approve(c->p, PIN));
	before = polled(c, "authentications");
	assert_status(scene_patch(c, "{\"name\":\"Renamed\",\"state\":\"LOCKED\"}"), 200);
	assert_status(ask(c->s->w, HTTP_PATCH, TEXT(c->s->w, "/reuseid/core/users/%s", c->user), "{\"attributes\":{\"first\":\"John\"}}"), 200);
	assert_slice_equal(polled(c, "authentications").text, before.text);
	scene_free(c);
}

/* A deleted user's operations keep ids, times, state and code. */
static void what_is_left_of_a_deleted_user(void **state)
{
	struct site *s = *state;
	struct scene *c = known_user(s);
	const char *completed;

	begin_operation(c, "authentications", "");
	assert_ok_reply(phone_approve(c->p, PIN));
	completed = c->operation;
	scene_authentication(c, "");
	assert_status(ask(s->w, HTTP_PATCH, TEXT(s->w, "/reuseid/core/users/%s", c->user), "{\"state\":\"LOCKED\"}"), 200);
	assert_status(ask(s->w, HTTP_DELETE, TEXT(s->w, "/reuseid/core/users/%s", c->user), NULL), 204);
	assert_view(polled(c, "authentications"), TEXT(s->w, "{%s,\"completed\":" NOW ",\"errorCode\":\"LOCKED_BY_ADMIN\","
		"\"errorDescription\":\"The device or the user is locked by an administrator.\",\"operationProperties\":{}}", head(c, "FAILED")));
	c->operation = completed;
	assert_view(polled(c, "authentications"), TEXT(s->w, "{%s,\"completed\":" NOW ",\"operationProperties\":{}}", head(c, "COMPLETED")));
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(registration_pending),
		SITE_TEST(registration_pending_with_the_least),
		SITE_TEST(registration_pending_tells_nothing_of_what_follows),
		SITE_TEST(registration_completed),
		SITE_TEST(registration_cancelled),
		SITE_TEST(authentication_pending),
		SITE_TEST(authentication_completed),
		SITE_TEST(authentication_expired),
		SITE_TEST(signature_pending),
		SITE_TEST(signature_completed),
		SITE_TEST(completed_view_never_changes),
		SITE_TEST(what_is_left_of_a_deleted_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
