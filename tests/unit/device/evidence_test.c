/* Evidence (11): from the stored box alone, opened with the user's key, anyone can check what this device's keys signed. */
#include "codec/encode.h"
#include "tests/unit/device/scene.h"

SQL(evidence_of, "SELECT box FROM evidence WHERE id = $1");

/* The box of c->operation, opened. */
static json_t *open_evidence(struct scene *c)
{
	struct op op = { .app = &c->s->f->app, .arena = &c->s->f->arena, .caller = { .account = c->s->account } };
	struct buf place = buf_arena(op.arena, 64);
	struct uuid id, user;
	struct user owner;
	struct slice json;
	struct rows r;

	must(uuid_parse(slice_text(c->operation), &id));
	must(uuid_parse(slice_text(c->user), &user));
	must(user_load(&op, op_reader(&op), &user, &owner));
	must(sql_one(op.reader, &evidence_of, ARGS(v_uuid(&id)), &r));
	buf_text(&place, "evidence|");
	buf_slice(&place, uuid_bytes(&id));
	must(unseal(&owner.key, buf_bytes(&place), col_bytes(&r, 0), op.arena, &json));
	must(sql_close(&r));
	store_read_end(op.reader);
	json_array_append_new(c->p->kept, json_loadb((const char *)json.p, json.n, JSON_REJECT_DUPLICATES, NULL));
	return json_array_get(c->p->kept, json_array_size(c->p->kept) - 1);
}

static struct slice bytes_at(struct scene *c, const json_t *object, const char *name)
{
	struct slice bytes;

	must(b64url_read(&c->s->f->arena, slice_text(json_string_value(json_object_get(object, name))), &bytes));
	return bytes;
}

static bool is_signed(const struct transcript *t, enum signature_kind kind, struct slice plaintext, struct slice key)
{
	struct plaintext p;

	must(plaintext_read(plaintext, &p));
	return !failed(transcript_verify(t, kind, p.json, key, plaintext_signature(&p, kind)));
}

/* What tests a PIN stands apart, and not among the signatures of the finish. */
static bool is_signed_by_pin(struct scene *c, const struct transcript *t, enum signature_kind kind, struct slice finish, const json_t *pin)
{
	struct plaintext p;

	must(plaintext_read(finish, &p));
	assert_int_equal(plaintext_signature(&p, SIG_PIN).n + plaintext_signature(&p, SIG_NEW_PIN).n, 0);
	return !failed(transcript_verify(t, kind, p.json, bytes_at(c, pin, "key"), bytes_at(c, pin, "signature")));
}

/* What a checker does who has nothing but the evidence. */
struct checked {
	bool start, finish, second;
	size_t between;
};

static struct checked check(struct scene *c, const json_t *e, enum signature_kind device, enum signature_kind second)
{
	struct transcript t = transcript_start(slice_text(json_string_value(json_object_get(e, "applicationId"))));
	const json_t *start = json_object_get(e, "start"), *between = json_object_get(e, "between"), *keys = json_object_get(e, "keys");
	const json_t *pin = json_object_get(e, "pin");
	struct slice dk = bytes_at(c, keys, "dk"), finish = bytes_at(c, e, "finish");
	struct checked checked = { .start = is_signed(&t, device, bytes_at(c, start, "request"), dk), .between = json_array_size(between) };

	transcript_advance(&t, bytes_at(c, start, "request"), bytes_at(c, start, "answer"));
	for (size_t i = 0; i < checked.between; i++)
		transcript_advance_hashed(&t, bytes_at(c, json_array_get(between, i), "request").p,
			bytes_at(c, json_array_get(between, i), "answer").p);
	checked.finish = is_signed(&t, device, finish, dk);
	checked.second = pin && is_signed_by_pin(c, &t, second, finish, pin);
	return checked;
}

static void assert_proves(struct scene *c, enum signature_kind device, enum signature_kind second, size_t between)
{
	struct checked checked = check(c, open_evidence(c), device, second);

	assert_true(checked.start);
	assert_true(checked.finish);
	assert_int_equal(checked.second, second != 0);
	assert_int_equal(checked.between, between);
}

static void registration(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	assert_proves(c, SIG_NEW_DEVICE, SIG_NEW_PIN, 1);
	scene_free(c);
}

static void authentication(void **state)
{
	struct scene *c = scene_new(*state);

	scene_authentication(c, "");
	assert_ok_reply(phone_approve(c->p, PIN));
	assert_proves(c, SIG_DEVICE, SIG_PIN, 1);
	scene_free(c);
}

static void authentication_by_one_factor(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered_without_pin(c);
	scene_authentication(c, ",\"operationProperties\":{\"authLevel\":\"ONE_FACTOR\"}");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE", PROPER));
	assert_proves(c, SIG_DEVICE, 0, 0);
	scene_free(c);
}

static void failed_tries_in_between(void **state)
{
	struct scene *c = scene_new(*state);

	scene_failed_once(c);
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", BAD_DK), 214);
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	assert_proves(c, SIG_DEVICE, SIG_PIN, 4);
	scene_free(c);
}

/* With the greatest limit there is: 127 failed tries, then a good one. */
static void as_many_tries_as_can_be(void **state)
{
	struct site *s = *state;
	struct scene *c = scene_new(s);

	site_configure(s, "{\"amountFailuresAllowed\":128}");
	scene_started(c);
	for (int i = 0; i < 127; i++) {
		assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
		assert_code(phone_ses_finish(c->p, "DEVICE_PIN", BAD_SECOND), 214);
	}
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	assert_proves(c, SIG_DEVICE, SIG_PIN, 255);
	scene_free(c);
}

static void shows_what_was_shown(void **state)
{
	struct scene *c = scene_new(*state);
	struct slice answer;

	scene_authentication(c, ",\"operationProperties\":{\"preOperationContext\":{\"title\":\"Pay 100 to Acme\"}}");
	assert_ok_reply(phone_approve(c->p, PIN));
	answer = bytes_at(c, json_object_get(open_evidence(c), "start"), "answer");
	assert_non_null(memmem(answer.p, answer.n, "Pay 100 to Acme", 15));
	scene_free(c);
}

/* ---- and nothing else than what was signed ---- */

static void alter(struct scene *c, json_t *object, const char *name)
{
	struct slice bytes = bytes_at(c, object, name);
	uint8_t *altered = (uint8_t *)(uintptr_t)bytes.p;

	altered[bytes.n / 2] ^= 1;
	json_object_set_new(object, name, json_string(arena_cstr(&c->s->f->arena, b64url(&c->s->f->arena, bytes))));
}

static void any_alteration_shows(void **state)
{
	static const char *const places[] = { "start.request", "start.answer", "between.request", "between.answer" };
	struct scene *c = scene_new(*state);

	scene_authentication(c, "");
	assert_ok_reply(phone_approve(c->p, PIN));
	for (size_t i = 0; i < COUNT(places); i++) {
		json_t *e = open_evidence(c);
		struct slice name = slice_text(places[i]), part = slice_cut(&name, '.');
		json_t *object = json_object_getn(e, (const char *)part.p, part.n);
		struct checked checked;

		alter(c, json_is_array(object) ? json_array_get(object, 0) : object, (const char *)name.p);
		checked = check(c, e, SIG_DEVICE, SIG_PIN);
		assert_false(checked.finish);
		assert_false(checked.second);
	}
	scene_free(c);
}

static void no_evidence_of_what_failed(void **state)
{
	struct scene *c = scene_new(*state);

	scene_registered(c);
	database_run(c->s->db, "DELETE FROM evidence");
	scene_failed_once(c);
	assert_ok_reply(phone_ses_cancel(c->p, PROPER));
	assert_int_equal(number(c->s, "SELECT count(*) FROM evidence"), 0);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(registration),
		SITE_TEST(authentication),
		SITE_TEST(authentication_by_one_factor),
		SITE_TEST(failed_tries_in_between),
		SITE_TEST(as_many_tries_as_can_be),
		SITE_TEST(shows_what_was_shown),
		SITE_TEST(any_alteration_shows),
		SITE_TEST(no_evidence_of_what_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
