/* Authentication and signature over the device channel (6.2): which operation a start is about, what it is told, tickets (5.4). */
#include "codec/encode.h"
#include "tests/unit/device/scene.h"

static struct reply start_with(struct scene *c, const char *members)
{
	struct draft d;

	draft_outside(c->p, &d, "ses.start", "%s", members);
	draft_sign(c->p, &d, SIG_DEVICE, c->p->dk);
	return draft_send(c->p, &d);
}

static const char *with_ticket(struct scene *c, const char *members)
{
	return TEXT(c->s->w, "%s,\"ticket\":\"%s\"", members, c->p->ticket);
}

/* ---- which operation ---- */

static void purpose_must_fit(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);

	scene_authentication(c, "");
	assert_code(start_with(c, with_ticket(c, ",\"purpose\":\"sign\"")), 236);
	assert_ok_reply(start_with(c, with_ticket(c, ",\"purpose\":\"auth\"")));
	assert_ok_reply(start_with(c, with_ticket(c, ",\"purpose\":\"any\"")));
	assert_status(start_signature(s, c->user, c->device, ""), 200);
	assert_code(start_with(c, with_ticket(c, ",\"purpose\":\"auth\"")), 236);
	assert_ok_reply(start_with(c, with_ticket(c, ",\"purpose\":\"sign\"")));
	scene_free(c);
}

static void push_session_id_names_it(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s), *other = scene_new(s);

	scene_authentication(other, "");
	scene_registered(c);
	assert_code(start_with(c, with_ticket(c, TEXT(s->w, ",\"purpose\":\"any\",\"push\":\"%s\"", other->operation))), 210);
	scene_authentication(c, "");
	assert_code(start_with(c, with_ticket(c, TEXT(s->w, ",\"purpose\":\"any\",\"push\":\"%s\"", other->operation))), 210);
	assert_code(start_with(c, with_ticket(c, ",\"purpose\":\"any\",\"push\":\"x\"")), 210);
	assert_ok_reply(start_with(c, with_ticket(c, TEXT(s->w, ",\"purpose\":\"any\",\"push\":\"%s\"", c->operation))));
	scene_free(other);
	scene_free(c);
}

static void client_only_is_not_offered(void **state)
{
	struct scene *c = scene_new(*state);

	scene_authentication(c, "");
	assert_code(start_with(c, with_ticket(c, ",\"purpose\":\"any\",\"clientOnly\":true")), 211);
	scene_free(c);
}

static void encapsulated_key_must_be_that_of_the_envelope(void **state)
{
	struct scene *c = scene_new(*state);
	struct draft d;
	struct slice json;
	uint8_t *enc;

	scene_authentication(c, "");
	draft_outside(c->p, &d, "ses.start", ",\"purpose\":\"any\"");
	json = arena_copy(&c->p->arena, d.json);
	enc = (uint8_t *)(uintptr_t)memmem(json.p, json.n, "\"enc\":\"", 7) + 7;
	*enc = *enc == 'A' ? 'B' : 'A';
	d.json = d.plaintext.json = json;
	draft_sign(c->p, &d, SIG_DEVICE, c->p->dk);
	assert_int_equal(draft_send(c->p, &d).http, 400);
	scene_free(c);
}

static void key_of_another_application_is_unknown(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	struct device_configuration other;
	int64_t account = world_account_number(s->w, world_account(s->w, "sandbox"));
	struct slice der;
	struct reply r;

	scene_authentication(c, "");
	must(devices_add_mobileid(&s->f->app, account, "Other"));
	must(devices_configuration(&s->f->app, account, &other));
	must(b64_read(&c->p->arena, slice_text(other.public_key), &der));
	must(x25519_spki_read(der, c->p->server_key));
	r = phone_ses_start(c->p, PROPER);
	assert_int_equal(r.http, 400);
	assert_slice_equal(r.text, S("{\"error\":\"unknown_key\"}"));
	scene_free(c);
}

static void newer_operation_takes_the_place_of_the_older(void **state)
{
	struct scene *c = scene_new(*state);
	const char *older;

	scene_evaluated(c);
	older = c->operation;
	scene_authentication(c, "");
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", PROPER), 208);
	assert_ok_reply(phone_approve(c->p, PIN));
	assert_string_equal(scene_outcome(c), "COMPLETED");
	c->operation = older;
	assert_string_equal(scene_outcome(c), "CANCELLED_BY_SP");
	scene_free(c);
}

/* ---- what is told ---- */

static void methods_are_those_that_can_finish(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	scene_authentication(c, "");
	r = phone_ses_start(c->p, PROPER);
	assert_int_equal(json_array_size(json_object_get(r.json, "methods")), 1);
	assert_string_equal(json_string_value(json_array_get(json_object_get(r.json, "methods"), 0)), "DEVICE_PIN");
	scene_authentication(c, ",\"operationProperties\":{\"authLevel\":\"ONE_FACTOR\"}");
	r = phone_ses_start(c->p, PROPER);
	assert_int_equal(json_array_size(json_object_get(r.json, "methods")), 2);
	scene_free(c);
}

#define CONTEXTS                                                                                                               \
	",\"operationProperties\":{\"preOperationContext\":{\"title\":\"Pay\",\"content\":\"100 to Acme\",\"mimeType\":\"text/plain\"}," \
	"\"postOperationContext\":{\"title\":\"Paid\",\"content\":\"thank you\",\"mimeType\":\"text/plain\"}}"

static void assert_context(const struct reply *r, const char *title, const char *base64url)
{
	const json_t *context = json_object_get(r->json, "ctx");

	assert_string_equal(json_string_value(json_object_get(context, "title")), title);
	assert_string_equal(json_string_value(json_object_get(context, "mime")), "text/plain");
	assert_string_equal(json_string_value(json_object_get(context, "b64")), base64url);
}

static void context_before_and_behind(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	scene_authentication(c, CONTEXTS);
	r = phone_ses_start(c->p, PROPER);
	assert_context(&r, "Pay", "MTAwIHRvIEFjbWU");
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	r = phone_ses_finish(c->p, "DEVICE_PIN", BAD_SECOND);
	assert_null(json_object_get(r.json, "ctx"));
	r = phone_ses_finish(c->p, "DEVICE_PIN", PROPER);
	assert_context(&r, "Paid", "dGhhbmsgeW91");
	scene_free(c);
}

static const char *told_client_data(struct scene *c)
{
	struct answer polled = poll_authentication(c->s, c->operation);

	return member(polled, "clientData") ? text_of(polled, "clientData") : "none";
}

static void client_data_of_the_approved_start(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);

	scene_authentication(c, "");
	assert_ok_reply(start_with(c, with_ticket(c, ",\"purpose\":\"any\",\"clientData\":\"of another start\"")));
	assert_ok_reply(start_with(c, with_ticket(c, ",\"purpose\":\"any\",\"clientData\":\"line one\\nline \\u00e9\"")));
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	assert_string_equal(told_client_data(c), "line one\nline \xc3\xa9");
	scene_free(c);
}

static void client_data_of_a_start_that_was_given_up_is_not_told(void **state)
{
	struct scene *c = scene_new(*state);

	scene_authentication(c, "");
	assert_ok_reply(start_with(c, with_ticket(c, ",\"purpose\":\"any\",\"clientData\":\"of another start\"")));
	assert_ok_reply(phone_approve(c->p, PIN));
	assert_string_equal(told_client_data(c), "none");
	scene_free(c);
}

/* ---- times and signatures ---- */

static void times_go_up(void **state)
{
	struct scene *c = scene_new(*state);
	int64_t now;

	scene_started(c);
	now = env_now_ms(c->s->f->app.env);
	c->p->ts = 0;
	assert_code(phone_ses_start(c->p, PROPER), 249);
	c->p->ts = now + 10 * 60 * 1000;
	assert_code(phone_ses_start(c->p, PROPER), 249);
	c->p->ts = now + 10 * 60 * 1000 - 1;
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	scene_free(c);
}

/* Nobody may lock phones by knowing an id. */
static void wrong_signatures_count_nothing_and_close_their_address(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	struct digest before, after;

	scene_authentication(c, "");
	c->p->peer = "198.51.100.1";
	database_digest(s->db, &before);
	for (int i = 0; i < 10; i++)
		assert_code(phone_ses_start(c->p, BAD_DK), 214);
	assert_int_equal(phone_ses_start(c->p, PROPER).http, 429);
	database_digest(s->db, &after);
	assert_nothing_changed(&before, &after);
	c->p->peer = "192.0.2.7";
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	scene_free(c);
}

/* ---- tickets ---- */

static void approve_anew(struct scene *c)
{
	scene_authentication(c, "");
	assert_ok_reply(phone_approve(c->p, PIN));
}

static struct reply start_showing(struct scene *c, const char *ticket)
{
	c->p->ticket = ticket;
	return phone_ses_start(c->p, PROPER);
}

static void each_success_issues_another_one(void **state)
{
	struct scene *c = scene_new(*state);
	const char *first;

	scene_registered(c);
	first = c->p->ticket;
	approve_anew(c);
	assert_string_not_equal(first, c->p->ticket);
	scene_free(c);
}

/* The answer of the finish may have been lost: what the session was started with is good too, until the newest was shown. */
static void older_one_is_good_until_the_newest_was_shown(void **state)
{
	struct scene *c = scene_new(*state);
	const char *first, *second;

	scene_registered(c);
	first = c->p->ticket;
	approve_anew(c);
	second = c->p->ticket;
	scene_authentication(c, "");
	assert_ok_reply(start_showing(c, first));
	assert_ok_reply(start_showing(c, first));
	assert_ok_reply(start_showing(c, second));
	assert_code(start_showing(c, first), 214);
	assert_ok_reply(start_showing(c, second));
	scene_free(c);
}

static void none_is_good_until_the_first_was_shown(void **state)
{
	struct scene *c = scene_new(*state);
	const char *first;

	scene_authentication(c, "");
	first = c->p->ticket;
	assert_ok_reply(start_showing(c, NULL));
	assert_ok_reply(start_showing(c, first));
	assert_code(start_showing(c, NULL), 214);
	scene_free(c);
}

static void two_generations_ago_is_stale(void **state)
{
	struct scene *c = scene_new(*state);
	const char *first;

	scene_registered(c);
	first = c->p->ticket;
	approve_anew(c);
	approve_anew(c);
	scene_authentication(c, "");
	assert_code(start_showing(c, first), 214);
	scene_free(c);
}

/* A start that is refused for its time or its state has shown nothing. */
static void refused_start_drops_no_ticket(void **state)
{
	struct scene *c = scene_new(*state);
	const char *first, *second;

	scene_registered(c);
	first = c->p->ticket;
	approve_anew(c);
	second = c->p->ticket;
	assert_code(start_showing(c, second), 208);
	scene_authentication(c, "");
	assert_ok_reply(start_showing(c, first));
	scene_free(c);
}

/* A copy of the phone's storage beside the original ends in a lock (5.4). */
static void copy_beside_the_original_ends_in_a_lock(void **state)
{
	struct scene *c = scene_new(*state);
	const char *copied;

	scene_registered(c);
	copied = c->p->ticket;
	approve_anew(c);
	approve_anew(c);
	scene_authentication(c, "");
	for (int i = 0; i < 3; i++)
		assert_code(start_showing(c, copied), 214);
	assert_code(start_showing(c, copied), 226);
	assert_string_equal(scene_device(c), "LOCKED DEVICE_VERIFICATION_FAILED");
	scene_free(c);
}

static void unlock_leaves_tickets_alone(void **state)
{
	struct scene *c = scene_new(*state);
	const char *first, *second;

	scene_registered(c);
	first = c->p->ticket;
	approve_anew(c);
	approve_anew(c);
	second = c->p->ticket;
	assert_status(scene_patch(c, "{\"state\":\"LOCKED\"}"), 200);
	assert_status(scene_patch(c, "{\"state\":\"ACTIVE\"}"), 200);
	scene_authentication(c, "");
	assert_code(start_showing(c, first), 214);
	assert_ok_reply(start_showing(c, second));
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(purpose_must_fit),
		SITE_TEST(push_session_id_names_it),
		SITE_TEST(client_only_is_not_offered),
		SITE_TEST(encapsulated_key_must_be_that_of_the_envelope),
		SITE_TEST(key_of_another_application_is_unknown),
		SITE_TEST(newer_operation_takes_the_place_of_the_older),
		SITE_TEST(methods_are_those_that_can_finish),
		SITE_TEST(context_before_and_behind),
		SITE_TEST(client_data_of_the_approved_start),
		SITE_TEST(client_data_of_a_start_that_was_given_up_is_not_told),
		SITE_TEST(times_go_up),
		SITE_TEST(wrong_signatures_count_nothing_and_close_their_address),
		SITE_TEST(each_success_issues_another_one),
		SITE_TEST(older_one_is_good_until_the_newest_was_shown),
		SITE_TEST(none_is_good_until_the_first_was_shown),
		SITE_TEST(two_generations_ago_is_stale),
		SITE_TEST(refused_start_drops_no_ticket),
		SITE_TEST(copy_beside_the_original_ends_in_a_lock),
		SITE_TEST(unlock_leaves_tickets_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
