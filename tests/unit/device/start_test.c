/* Starting operations over REST (api.md 4.1, 4.3): what is taken, what is refused, and that what is refused starts nothing. */
#include "tests/unit/device/scene.h"

/* ---- bodies ---- */

static struct answer start_kind(struct scene *c, const char *kind, const char *more)
{
	bool registration = strcmp(kind, "registrations") == 0;
	const char *device = registration ? "" : TEXT(c->s->w, ",\"device\":{\"id\":\"%s\"}", c->device);

	return ask(c->s->w, HTTP_POST, TEXT(c->s->w, BASE_PATH "/%s", kind), TEXT(c->s->w, "{\"userId\":\"%s\"%s%s}", c->user, device, more));
}

static const char *properties(struct scene *c, const char *members)
{
	return TEXT(c->s->w, ",\"operationProperties\":{%s}", members);
}

/* `n` times the letter é, which is two bytes and one character. */
static const char *letters(struct scene *c, size_t n)
{
	struct buf b = buf_arena(&c->s->f->arena, 256 * 1024);

	for (size_t i = 0; i < n; i++)
		buf_text(&b, "\xc3\xa9");
	buf_byte(&b, 0);
	return (const char *)buf_bytes(&b).p;
}

static const char *items(struct scene *c, size_t n, const char *item)
{
	struct buf b = buf_arena(&c->s->f->arena, 256 * 1024);

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s\"%s\"", i ? "," : "", item);
	buf_byte(&b, 0);
	return (const char *)buf_bytes(&b).p;
}

static const char *context(struct scene *c, const char *name, size_t content)
{
	return properties(c, TEXT(c->s->w, "\"%s\":{\"content\":\"%s\",\"mimeType\":\"a/b\"}", name, letters(c, content)));
}

/* Everything that starts, with the member that a refusal names; NULL: it is taken. */
static void try_start(struct scene *c, const char *kind, const char *more, const char *invalid)
{
	int64_t before = number(c->s, "SELECT count(*) FROM transactions");
	struct answer answer = start_kind(c, kind, more);

	if (invalid)
		assert_invalid(answer, invalid);
	else
		assert_status(answer, 200);
	assert_int_equal(number(c->s, "SELECT count(*) FROM transactions") - before, invalid == NULL);
}

#define REGISTRATIONS "registrations"
#define AUTHENTICATIONS "authentications"
#define SIGNATURES "signatures"

static void try_everywhere(struct scene *c, const char *more, const char *invalid)
{
	try_start(c, REGISTRATIONS, more, invalid);
	try_start(c, AUTHENTICATIONS, more, invalid);
	try_start(c, SIGNATURES, more, invalid);
}

#define SESSION_TIMEOUT "operationProperties.sessionTimeout"

static void session_timeout_as_number_and_as_text(void **state)
{
	static const struct {
		const char *value;
		bool taken;
	} rows[] = {
		{ "1000", true }, { "\"1000\"", true }, { "86400000", true }, { "\"86400000\"", true }, { "999", false }, { "\"999\"", false },
		{ "86400001", false }, { "\"86400001\"", false }, { "0", false }, { "-1", false }, { "\"\"", false }, { "null", true },
		{ "1000.5", false }, { "\"1000ms\"", false }, { "\" 1000\"", false }, { "true", false }, { "[1000]", false },
		{ "99999999999999999999", false }, { "\"99999999999999999999\"", false },
	};
	struct scene *c = scene_new(*state);

	scene_registered(c);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *more = properties(c, TEXT(c->s->w, "\"sessionTimeout\":%s", rows[i].value));
		struct answer answer = start_kind(c, AUTHENTICATIONS, more);

		if (rows[i].taken != (answer.status == 200) || (!rows[i].taken && answer.status != 400))
			fail_msg("%s: %d %.*s", rows[i].value, answer.status, FMT(answer.text));
	}
	scene_free(c);
}

static void session_timeout_decides_the_expiry(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	struct answer answer;

	scene_registered(c);
	answer = start_kind(c, AUTHENTICATIONS, properties(c, "\"sessionTimeout\":\"90000\""));
	assert_string_equal(text_of(answer, "operationProperties.sessionExpiryTime"), "2026-01-01T00:01:30.000Z");
	site_configure(s, "{\"sessionTimeout\":60000}");
	answer = start_kind(c, AUTHENTICATIONS, "");
	assert_string_equal(text_of(answer, "operationProperties.sessionExpiryTime"), "2026-01-01T00:01:00.000Z");
	scene_free(c);
}

static void tags_have_limits(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	try_everywhere(c, TEXT(c->s->w, ",\"tags\":[%s]", items(c, 20, letters(c, 64))), NULL);
	try_everywhere(c, TEXT(c->s->w, ",\"tags\":[%s]", items(c, 21, "t")), "tags");
	try_everywhere(c, TEXT(c->s->w, ",\"tags\":[%s]", items(c, 1, letters(c, 65))), "tags");
	try_everywhere(c, ",\"tags\":[\"\"]", "tags");
	try_everywhere(c, ",\"tags\":[1]", "tags");
	try_everywhere(c, ",\"tags\":\"t\"", "tags");
	try_everywhere(c, ",\"tags\":[]", NULL);
	scene_free(c);
}

static void contexts_have_limits_of_their_operation(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	try_start(c, AUTHENTICATIONS, context(c, "preOperationContext", 5000), NULL);
	try_start(c, AUTHENTICATIONS, context(c, "preOperationContext", 5001), "operationProperties.preOperationContext.content");
	try_start(c, SIGNATURES, context(c, "preOperationContext", 20000), NULL);
	try_start(c, SIGNATURES, context(c, "preOperationContext", 20001), "operationProperties.preOperationContext.content");
	try_everywhere(c, context(c, "postOperationContext", 5000), NULL);
	try_everywhere(c, context(c, "postOperationContext", 5001), "operationProperties.postOperationContext.content");
	try_everywhere(c, properties(c, TEXT(c->s->w, "\"postOperationContext\":{\"title\":\"%s\"}", letters(c, 255))), NULL);
	try_everywhere(c, properties(c, TEXT(c->s->w, "\"postOperationContext\":{\"title\":\"%s\"}", letters(c, 256))),
		"operationProperties.postOperationContext.title");
	scene_free(c);
}

static void content_needs_a_media_type(void **state)
{
	static const struct {
		const char *context;
		const char *fault; /* member; NULL: taken */
	} rows[] = {
		{ "{}", NULL }, { "{\"title\":\"t\"}", NULL }, { "{\"title\":\"t\",\"content\":\"c\",\"mimeType\":\"text/plain\"}", NULL },
		{ "{\"content\":\"c\",\"mimeType\":\"x/y\"}", NULL }, { "{\"mimeType\":\"text/plain\"}", NULL },
		{ "{\"content\":\"c\",\"mimeType\":\"text/plain; charset=utf-8\"}", NULL }, { "{\"content\":\"a\\n\\tb\",\"mimeType\":\"a/b\"}", NULL },
		{ "{\"content\":\"c\"}", "mimeType" }, { "{\"content\":\"c\",\"mimeType\":\"\"}", "mimeType" },
		{ "{\"content\":\"c\",\"mimeType\":null}", "mimeType" }, { "{\"mimeType\":\"text\"}", "mimeType" },
		{ "{\"mimeType\":\"/\"}", "mimeType" }, { "{\"mimeType\":\"text/\"}", "mimeType" }, { "{\"mimeType\":\"/plain\"}", "mimeType" },
		{ "{\"title\":1}", "title" }, { "{\"title\":\"a\\u0000b\"}", "title" },
	};
	struct scene *c = scene_new(*state);

	scene_registered(c);
	for (size_t i = 0; i < COUNT(rows); i++)
		try_start(c, SIGNATURES, properties(c, TEXT(c->s->w, "\"preOperationContext\":%s", rows[i].context)),
			rows[i].fault ? TEXT(c->s->w, "operationProperties.preOperationContext.%s", rows[i].fault) : NULL);
	scene_free(c);
}

static void other_members(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	try_everywhere(c, ",\"somethingNew\":1", NULL);
	try_everywhere(c, properties(c, "\"pushPayload\":\"p\",\"somethingNew\":{}"), NULL);
	try_everywhere(c, properties(c, "\"authLevel\":\"THREE_FACTOR\""), "operationProperties.authLevel");
	try_everywhere(c, ",\"operationProperties\":\"x\"", "operationProperties");
	try_everywhere(c, properties(c, TEXT(c->s->w, "\"requestedUserAttributes\":[%s]", items(c, 101, "a"))),
		"operationProperties.requestedUserAttributes");
	try_start(c, REGISTRATIONS, properties(c, "\"preOperationContext\":{\"content\":\"no type\"}"), NULL); /* not for registrations */
	try_start(c, REGISTRATIONS, properties(c, "\"registrationMode\":\"OTHER\""), "operationProperties.registrationMode");
	try_start(c, REGISTRATIONS, TEXT(c->s->w, ",\"device\":{\"name\":\"%s\"}", letters(c, 128)), NULL);
	try_start(c, REGISTRATIONS, TEXT(c->s->w, ",\"device\":{\"name\":\"%s\"}", letters(c, 129)), "device.name");
	try_start(c, REGISTRATIONS, ",\"device\":{\"name\":\"a\\nb\"}", "device.name");
	try_start(c, SIGNATURES, properties(c, "\"signedJwtCertificateOption\":\"NONE\""), NULL);
	try_start(c, SIGNATURES, properties(c, "\"signedJwtCertificateOption\":\"CHAIN\""), "operationProperties.signedJwtCertificateOption");
	scene_free(c);
}

/* ---- whom ---- */

static void device_must_be_named(void **state)
{
	static const char *const devices[] = { "", ",\"device\":{}", ",\"device\":null", ",\"device\":{\"id\":null}", ",\"device\":{\"id\":\"\"}",
		",\"operationProperties\":{\"broadcast\":false}" };
	struct scene *c = scene_new(*state);

	for (size_t i = 0; i < COUNT(devices); i++)
		assert_invalid(ask(c->s->w, HTTP_POST, BASE_PATH "/authentications", TEXT(c->s->w, "{\"userId\":\"%s\"%s}", c->user, devices[i])),
			"device.id");
	scene_free(c);
}

static struct answer start_for(struct site *s, const char *kind, const char *user, const char *device)
{
	return ask(s->w, HTTP_POST, TEXT(s->w, BASE_PATH "/%s", kind), TEXT(s->w, "{\"userId\":\"%s\",\"device\":{\"id\":\"%s\"}}", user, device));
}

#define NOBODY "00000000-0000-4000-8000-000000000000"

static void unknown_ones(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s), *other = scene_new(s);

	scene_registered(c);
	scene_registered(other);
	assert_problem(start_registration(s, NOBODY, ""), 404, "user_entity_does_not_exist");
	assert_problem(start_for(s, AUTHENTICATIONS, NOBODY, c->device), 404, "user_entity_does_not_exist");
	assert_problem(start_for(s, AUTHENTICATIONS, c->user, NOBODY), 404, "device_entity_does_not_exist");
	assert_problem(start_for(s, SIGNATURES, c->user, other->device), 404, "device_entity_does_not_exist");
	assert_invalid(start_for(s, SIGNATURES, "x", c->device), "userId");
	assert_invalid(start_for(s, SIGNATURES, c->user, "x"), "device.id");
	scene_free(other);
	scene_free(c);
}

/* An id of another account answers exactly as an unknown one. */
static void other_accounts(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	const char *account = world_account(s->w, "sandbox"), *own = s->w->token;

	scene_registered(c);
	must(devices_add_mobileid(&s->f->app, world_account_number(s->w, account), "Other"));
	s->w->token = world_token(s->w, world_client(s->w, account, "[\"ReuseID MobileID Device API\"]"));
	assert_problem(start_registration(s, c->user, ""), 404, "user_entity_does_not_exist");
	assert_problem(start_for(s, AUTHENTICATIONS, c->user, c->device), 404, "user_entity_does_not_exist");
	s->w->token = own;
	scene_free(c);
}

static void account_without_mobileid(void **state)
{
	struct site *s = *state;
	const char *account = world_account(s->w, "sandbox");

	s->w->token = world_token(s->w, world_client(s->w, account, "[\"ReuseID MobileID Device API\"]"));
	assert_problem(start_registration(s, NOBODY, ""), 403, "account_not_onboarded");
	assert_problem(start_for(s, AUTHENTICATIONS, NOBODY, NOBODY), 403, "account_not_onboarded");
}

static void locked_and_deleted_ones(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);

	scene_registered(c);
	assert_status(scene_patch(c, "{\"state\":\"LOCKED\"}"), 200);
	assert_problem(start_for(s, AUTHENTICATIONS, c->user, c->device), 400, "invalid_operation");
	assert_status(scene_patch(c, "{\"state\":\"ACTIVE\"}"), 200);
	assert_status(ask(s->w, HTTP_PATCH, TEXT(s->w, "/reuseid/core/users/%s", c->user), "{\"state\":\"LOCKED\"}"), 200);
	assert_problem(start_for(s, AUTHENTICATIONS, c->user, c->device), 400, "invalid_operation");
	assert_problem(start_registration(s, c->user, ""), 400, "invalid_operation");
	assert_status(ask(s->w, HTTP_PATCH, TEXT(s->w, "/reuseid/core/users/%s", c->user), "{\"state\":\"ACTIVE\"}"), 200);
	assert_status(start_for(s, AUTHENTICATIONS, c->user, c->device), 200);
	assert_status(ask(s->w, HTTP_DELETE, TEXT(s->w, BASE_PATH "/%s?userId=%s", c->device, c->user), NULL), 204);
	assert_problem(start_for(s, SIGNATURES, c->user, c->device), 400, "invalid_operation");
	scene_free(c);
}

/* ---- what a start does to others ---- */

static void new_registration_ends_the_older_one_of_its_user_alone(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s), *other = scene_new(s);

	c->operation = text_of(start_registration(s, c->user, ""), "transactionId");
	other->operation = text_of(start_registration(s, other->user, ""), "transactionId");
	assert_status(start_registration(s, c->user, ""), 200);
	assert_string_equal(scene_outcome(c), "CANCELLED_NEW_ACTIVATION");
	assert_string_equal(scene_outcome(other), "PENDING");
	scene_free(other);
	scene_free(c);
}

static void new_registration_leaves_authentications_alone(void **state)
{
	struct scene *c = scene_new(*state);

	scene_authentication(c, "");
	assert_status(start_registration(c->s, c->user, ""), 200);
	assert_string_equal(scene_outcome(c), "PENDING");
	scene_free(c);
}

static void new_operation_ends_the_older_one_of_its_device_alone(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s), *other = scene_new(s);

	other->user = c->user;
	scene_authentication(c, "");
	scene_authentication(other, "");
	assert_status(start_for(s, SIGNATURES, c->user, c->device), 200);
	assert_string_equal(scene_outcome(c), "CANCELLED_BY_SP");
	assert_string_equal(scene_outcome(other), "PENDING");
	scene_free(other);
	scene_free(c);
}

static void what_had_expired_stays_expired(void **state)
{
	struct scene *c = scene_new(*state);

	scene_authentication(c, "");
	site_advance(c->s, 300000);
	assert_status(start_for(c->s, AUTHENTICATIONS, c->user, c->device), 200);
	assert_string_equal(scene_outcome(c), "EXPIRED");
	scene_free(c);
}

static void location_and_status(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	struct answer answer = start_registration(s, c->user, "");

	assert_string_equal(answer_header(&answer, "Location"),
		TEXT(s->w, "http://localhost:8080" BASE_PATH "/registrations/%s", text_of(answer, "transactionId")));
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(session_timeout_as_number_and_as_text),
		SITE_TEST(session_timeout_decides_the_expiry),
		SITE_TEST(tags_have_limits),
		SITE_TEST(contexts_have_limits_of_their_operation),
		SITE_TEST(content_needs_a_media_type),
		SITE_TEST(other_members),
		SITE_TEST(device_must_be_named),
		SITE_TEST(unknown_ones),
		SITE_TEST(other_accounts),
		SITE_TEST(account_without_mobileid),
		SITE_TEST(locked_and_deleted_ones),
		SITE_TEST(new_registration_ends_the_older_one_of_its_user_alone),
		SITE_TEST(new_registration_leaves_authentications_alone),
		SITE_TEST(new_operation_ends_the_older_one_of_its_device_alone),
		SITE_TEST(what_had_expired_stays_expired),
		SITE_TEST(location_and_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
