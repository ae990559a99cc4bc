/* What is secret lies sealed: nothing readable in the files, and no box opens in another row's place. */
#include "codec/encode.h"
#include "tests/unit/device/scene.h"

/* ---- planted values ---- */

#define PLANTED "xyzzy-planted-"

static void assert_nowhere(struct site *s, const char *what, const void *bytes, size_t n)
{
	struct arena *a = &s->f->arena;
	const struct slice raw = slice_of(bytes, n), forms[] = { raw, b64url(a, raw), hex(a, raw) };

	for (size_t i = 0; i < COUNT(forms); i++)
		if (directory_holds(s->f->dir, forms[i]))
			fail_msg("%s can be read", what);
}

static void nothing_planted_can_be_read(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);
	uint8_t dk_public[POINT_BYTES], pin_public[POINT_BYTES], old_k[SESSION_KEY_BYTES];
	struct answer user = ask(s->w, HTTP_POST, "/reuseid/core/users", "{\"externalRef\":\"" PLANTED "reference\",\"segment\":\"shown-segment\","
		"\"attributes\":{\"a\":\"" PLANTED "attribute\"}}");
	struct slice ticket;

	c->user = text_of(user, "id");
	scene_registered(c);
	assert_status(scene_patch(c, "{\"name\":\"" PLANTED "device\"}"), 200);
	scene_authentication(c, ",\"tags\":[\"" PLANTED "tag\"],\"operationProperties\":{\"requestedUserAttributes\":[\"a\"],"
		"\"preOperationContext\":{\"title\":\"" PLANTED "title\",\"content\":\"" PLANTED "content\",\"mimeType\":\"text/plain\"},"
		"\"postOperationContext\":{\"title\":\"" PLANTED "post\"}}");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	memcpy(old_k, c->p->k, sizeof(old_k));
	assert_nowhere(s, "session key while it lives", old_k, sizeof(old_k));
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_nowhere(s, "transcript", c->p->th.th, SHA256_BYTES);
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	memcpy(dk_public, c->p->dk_public, sizeof(dk_public));
	must(p256_public(c->p->pin_key, pin_public));
	must(b64url_read(&s->f->arena, slice_text(c->p->ticket), &ticket));
	assert_nowhere(s, "a planted value", PLANTED, strlen(PLANTED));
	assert_nowhere(s, "activation code", c->code, strlen(c->code));
	assert_nowhere(s, "device key", dk_public, sizeof(dk_public));
	assert_nowhere(s, "PIN key", pin_public, sizeof(pin_public));
	assert_nowhere(s, "session key", old_k, sizeof(old_k));
	assert_nowhere(s, "ticket", ticket.p, ticket.n);
	assert_nowhere(s, "model of the phone", "Nexus S", 7);
	/* The search finds what is there. */
	assert_true(directory_holds(s->f->dir, S("shown-segment")));
	scene_free(c);
}

static void server_keys_cannot_be_read(void **state)
{
	struct site *s = *state;
	const struct application_set *set = applications_now(&s->f->app);
	uint8_t private_key[X25519_BYTES];

	x25519_private(set->e2e_keys[0].key, private_key);
	assert_nowhere(s, "E2E key", private_key, sizeof(private_key));
	assert_nowhere(s, "salt key", set->salt_keys[0].secret, SALT_KEY_BYTES);
}

/* ---- boxes that were moved to another row of the same user ---- */

static void move_box(struct scene *from, struct scene *to, const char *table, const char *column, const char *key, struct slice from_id,
	struct slice to_id)
{
	struct arena *a = &from->s->f->arena;

	database_run(to->s->db, TEXT(to->s->w, "UPDATE %s SET %s = (SELECT %s FROM %s WHERE %s = x'%.*s') WHERE %s = x'%.*s'", table, column,
		column, table, key, FMT(hex(a, from_id)), key, FMT(hex(a, to_id))));
}

static void move_device_box(struct scene *from, struct scene *to, const char *table, const char *column)
{
	move_box(from, to, table, column, "id", uuid_bytes(&from->p->reg), uuid_bytes(&to->p->reg));
}

static void move_operation_box(struct scene *from, struct scene *to, const char *column)
{
	struct uuid a, b;

	must(uuid_parse(slice_text(from->operation), &a));
	must(uuid_parse(slice_text(to->operation), &b));
	move_box(from, to, "device_operations", column, "id", uuid_bytes(&a), uuid_bytes(&b));
}

/* Two phones of one user. */
static void two_phones(struct site *s, struct scene **ret_a, struct scene **ret_b)
{
	*ret_a = scene_new(s);
	*ret_b = scene_new(s);
	(*ret_b)->user = (*ret_a)->user;
	scene_registered(*ret_a);
	scene_registered(*ret_b);
}

static struct answer detailed(struct scene *c)
{
	return ask(c->s->w, HTTP_GET, TEXT(c->s->w, BASE_PATH "/%s?userId=%s&detailed=true", c->device, c->user), NULL);
}

static void device_boxes_open_in_their_own_row_alone(void **state)
{
	static const struct {
		const char *table, *column;
	} boxes[] = { { "devices", "keys" }, { "devices", "details" }, { "credentials", "name" } };

	for (size_t i = 0; i < COUNT(boxes); i++) {
		struct scene *a, *b;

		two_phones(*state, &a, &b);
		assert_status(scene_patch(a, "{\"name\":\"Of a\"}"), 200);
		assert_status(scene_patch(b, "{\"name\":\"Of b\"}"), 200);
		move_device_box(a, b, boxes[i].table, boxes[i].column);
		assert_problem(detailed(b), 500, "internal_error");
		assert_status(detailed(a), 200);
		scene_free(b);
		scene_free(a);
	}
}

static void foreign_device_keys_let_nobody_in(void **state)
{
	struct scene *a, *b;

	two_phones(*state, &a, &b);
	scene_authentication(b, "");
	move_device_box(a, b, "devices", "keys");
	assert_code(phone_ses_start(b->p, PROPER), 221);
	memcpy(b->p->dk, a->p->dk, sizeof(b->p->dk)); /* with the key that lies in the box */
	assert_code(phone_ses_start(b->p, PROPER), 221);
	scene_free(b);
	scene_free(a);
}

static void content_of_another_operation_is_not_shown(void **state)
{
	struct scene *a, *b;

	two_phones(*state, &a, &b);
	scene_authentication(a, ",\"operationProperties\":{\"preOperationContext\":{\"title\":\"Pay 1\"}}");
	scene_authentication(b, ",\"operationProperties\":{\"preOperationContext\":{\"title\":\"Pay 100000\"}}");
	move_operation_box(a, b, "content");
	assert_problem(poll_authentication(b->s, b->operation), 500, "internal_error");
	assert_code(phone_ses_start(b->p, PROPER), 221);
	scene_free(b);
	scene_free(a);
}

static void result_of_another_operation_is_not_answered(void **state)
{
	struct scene *a, *b;

	two_phones(*state, &a, &b);
	scene_authentication(a, "");
	assert_ok_reply(phone_approve(a->p, PIN));
	scene_authentication(b, "");
	assert_ok_reply(phone_approve(b->p, PIN));
	move_operation_box(a, b, "result");
	assert_problem(poll_authentication(b->s, b->operation), 500, "internal_error");
	scene_free(b);
	scene_free(a);
}

static void session_boxes_open_in_their_own_row_alone(void **state)
{
	/* Without the session's secret nothing can be sealed for the phone. */
	static const char *const columns[] = { "secret", "answer" };
	static const int status[] = { 503, 200 };

	for (size_t i = 0; i < COUNT(columns); i++) {
		struct scene *a, *b;
		struct reply r;

		two_phones(*state, &a, &b);
		scene_started(a);
		scene_started(b);
		assert_ok_reply(phone_ses_pin(b->p, PIN, PROPER));
		move_box(a, b, "device_sessions", columns[i], "sid", slice_of(a->p->sid, SESSION_ID_BYTES), slice_of(b->p->sid, SESSION_ID_BYTES));
		r = phone_repeat(b->p);
		assert_int_equal(r.http, status[i]);
		if (r.http == 200)
			assert_code(r, 221);
		scene_free(b);
		scene_free(a);
	}
}

static void stored_answer_of_another_device_is_not_repeated(void **state)
{
	struct scene *a, *b;

	two_phones(*state, &a, &b);
	scene_started(a);
	scene_started(b);
	move_device_box(a, b, "devices", "answer");
	assert_code(phone_repeat(b->p), 221);
	scene_free(b);
	scene_free(a);
}

static void altered_box_is_an_error_and_not_a_crash(void **state)
{
	static const char *const alterations[] = { "x''", "x'00'", "substr(keys, 1, 20)", "keys || x'00'" };

	for (size_t i = 0; i < COUNT(alterations); i++) {
		struct scene *c = scene_new(*state);

		scene_authentication(c, "");
		database_run(c->s->db, TEXT(c->s->w, "UPDATE devices SET keys = %s", alterations[i]));
		assert_code(phone_ses_start(c->p, PROPER), 221);
		assert_problem(detailed(c), 500, "internal_error");
		scene_free(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(nothing_planted_can_be_read),
		SITE_TEST(server_keys_cannot_be_read),
		SITE_TEST(device_boxes_open_in_their_own_row_alone),
		SITE_TEST(foreign_device_keys_let_nobody_in),
		SITE_TEST(content_of_another_operation_is_not_shown),
		SITE_TEST(result_of_another_operation_is_not_answered),
		SITE_TEST(session_boxes_open_in_their_own_row_alone),
		SITE_TEST(stored_answer_of_another_device_is_not_repeated),
		SITE_TEST(altered_box_is_an_error_and_not_a_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
