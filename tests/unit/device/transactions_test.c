/* The transactions of a device (api.md 4.6): items, pages, links. */
#include "tests/unit/device/scene.h"

static struct answer list_of(struct scene *c, const char *more)
{
	return ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/%s/transactions?userId=%s%s", c->device, c->user, more), NULL);
}

/* The registration, then `n` cancelled authentications, a second apart. */
static void with_some(struct scene *c, int n)
{
	scene_registered(c);
	for (int i = 0; i < n; i++) {
		site_advance(c->s, 1000);
		scene_authentication(c, "");
		assert_status(ask(c->s->w, HTTP_DELETE, TEXT(c->s->w, BASE_PATH "/authentications/%s", c->operation), NULL), 204);
	}
}

static void items_to_the_last_member(void **state)
{
	struct scene *c = scene_new(*state);
	const char *registration, *wanted;
	struct answer answer;
	json_t *json;

	scene_registered(c);
	registration = c->operation;
	site_advance(c->s, 1234);
	scene_authentication(c, "");
	assert_status(ask(c->s->w, HTTP_DELETE, TEXT(c->s->w, BASE_PATH "/authentications/%s", c->operation), NULL), 204);
	answer = list_of(c, "");
	wanted = TEXT(c->s->w, "{\"limit\":10,\"transactions\":[{\"transactionId\":\"%s\",\"ref\":\"/credentials/devices/authentications/%s\","
		"\"operationType\":\"AUTHENTICATION\",\"state\":\"FAILED\",\"errorCode\":\"CANCELLED_BY_SP\",\"created\":\"2026-01-01T00:00:01.000Z\","
		"\"expires\":\"2026-01-01T00:05:01.000Z\",\"deviceId\":\"%s\",\"credentialId\":\"%s\",\"credentialType\":\"DEVICE\"},"
		"{\"transactionId\":\"%s\",\"ref\":\"/credentials/devices/registrations/%s\",\"operationType\":\"REGISTRATION\","
		"\"state\":\"COMPLETED\",\"created\":\"2026-01-01T00:00:00.000Z\",\"expires\":\"2026-01-01T00:05:00.000Z\",\"deviceId\":\"%s\","
		"\"credentialId\":\"%s\",\"credentialType\":\"DEVICE\"}]}", c->operation, c->operation, c->device, c->device, registration,
		registration, c->device, c->device);
	json = json_loads(wanted, 0, NULL);
	if (!json_equal(json, answer.body))
		fail_msg("%.*s\ninstead of\n%s", FMT(answer.text), wanted);
	json_decref(json);
	scene_free(c);
}

static void refs_by_type(void **state)
{
	struct scene *c = scene_new(*state);
	const char *id;

	scene_registered(c);
	site_advance(c->s, 1);
	id = text_of(start_signature(c->s, c->user, c->device, ""), "transactionId");
	assert_string_equal(text_of(list_of(c, ""), "transactions.0.ref"), TEXT(c->s->w, "/credentials/devices/signatures/%s", id));
	assert_string_equal(text_of(list_of(c, ""), "transactions.0.operationType"), "SIGNING");
	scene_free(c);
}

static void expired_is_told_before_the_sweeper_comes(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	site_advance(c->s, 1);
	scene_authentication(c, "");
	assert_string_equal(text_of(list_of(c, ""), "transactions.0.state"), "PENDING");
	site_advance(c->s, 300000);
	assert_string_equal(text_of(list_of(c, ""), "transactions.0.state"), "FAILED");
	assert_string_equal(text_of(list_of(c, ""), "transactions.0.errorCode"), "EXPIRED");
	scene_free(c);
}

/* ---- pages ---- */

static void links_lead_through_all_pages_and_back(void **state)
{
	struct scene *c = scene_new(*state);
	struct answer page;
	const char *first;

	with_some(c, 4);
	page = list_of(c, "&limit=2");
	assert_int_equal(json_array_size(member(page, "transactions")), 2);
	assert_null(member(page, "previous"));
	first = text_of(page, "transactions.0.transactionId");
	page = ask(c->s->w, HTTP_GET, TEXT(c->s->w, "/reuseid/core%s", text_of(page, "next")), NULL);
	assert_int_equal(json_array_size(member(page, "transactions")), 2);
	page = ask(c->s->w, HTTP_GET, TEXT(c->s->w, "/reuseid/core%s", text_of(page, "next")), NULL);
	assert_int_equal(json_array_size(member(page, "transactions")), 1);
	assert_string_equal(text_of(page, "transactions.0.operationType"), "REGISTRATION");
	assert_null(member(page, "next"));
	for (int i = 0; i < 2; i++)
		page = ask(c->s->w, HTTP_GET, TEXT(c->s->w, "/reuseid/core%s", text_of(page, "previous")), NULL);
	assert_string_equal(text_of(page, "transactions.0.transactionId"), first);
	scene_free(c);
}

static void link_has_the_order_of_the_service(void **state)
{
	struct scene *c = scene_new(*state);
	struct answer page;

	with_some(c, 2);
	page = list_of(c, "&limit=1");
	assert_string_equal(text_of(page, "next"), TEXT(c->s->w, "/credentials/devices/%s/transactions?limit=1&offset=%s&userId=%s", c->device,
		text_of(list_of(c, ""), "transactions.1.transactionId"), c->user));
	scene_free(c);
}

static void limits_of_pages(void **state)
{
	static const char *const bad[] = { "0", "101", "-1", "x", "1.5" };
	struct scene *c = scene_new(*state);

	with_some(c, 1);
	assert_int_equal(json_integer_value(member(list_of(c, "&limit=100"), "limit")), 100);
	assert_int_equal(json_integer_value(member(list_of(c, ""), "limit")), 10);
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_invalid(list_of(c, TEXT(c->s->w, "&limit=%s", bad[i])), "limit");
	scene_free(c);
}

static void offset_must_be_of_this_device(void **state)
{
	struct scene *c = scene_new(*state), *other = scene_new(*state);

	with_some(c, 1);
	with_some(other, 1);
	assert_problem(list_of(c, TEXT(c->s->w, "&offset=%s", other->operation)), 400, "invalid_request");
	assert_problem(list_of(c, "&offset=00000000-0000-4000-8000-000000000000"), 400, "invalid_request");
	assert_status(list_of(c, TEXT(c->s->w, "&offset=%s", c->operation)), 200);
	scene_free(other);
	scene_free(c);
}

/* ---- whose ---- */

static void other_users_see_nothing(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s), *other = scene_new(s);

	with_some(c, 1);
	assert_problem(ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/%s/transactions?userId=%s", c->device, other->user), NULL), 404,
		"device_entity_does_not_exist");
	assert_problem(ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/%s/transactions", c->device), NULL), 400, "invalid_request");
	scene_free(other);
	scene_free(c);
}

static void deleted_device_keeps_its_list(void **state)
{
	struct scene *c = scene_new(*state);

	with_some(c, 1);
	assert_ok_reply(phone_deactivate(c->p, PROPER));
	assert_int_equal(json_array_size(member(list_of(c, ""), "transactions")), 2);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(items_to_the_last_member),
		SITE_TEST(refs_by_type),
		SITE_TEST(expired_is_told_before_the_sweeper_comes),
		SITE_TEST(links_lead_through_all_pages_and_back),
		SITE_TEST(link_has_the_order_of_the_service),
		SITE_TEST(limits_of_pages),
		SITE_TEST(offset_must_be_of_this_device),
		SITE_TEST(other_users_see_nothing),
		SITE_TEST(deleted_device_keeps_its_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
