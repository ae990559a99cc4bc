/* Faces matched by a provider (5.6): enrolled, matched, tried, forgotten; heard of like any other second factor. */
#include "tests/unit/device/scene.h"

#define FACE "DEVICE_SERVER_SIDE_FACE"
#define ANNA "live:anna"
#define BERTA "live:berta"
#define CONFIG                                                                                                   \
	"\"serverSideFaceEnabled\":true,\"faceProvider\":\"MOCK\",\"recoveryEnabled\":true,"                     \
	"\"allowedAuthMethods\":\"DEVICE, DEVICE:PIN, DEVICE:SERVER_SIDE_FACE\","                                \
	"\"allowedAuthMethodsForAuthAndActivate\":\"DEVICE:PIN, DEVICE:SERVER_SIDE_FACE\""

static struct scene *with_face(void **state)
{
	struct scene *c = scene_new(*state);

	site_configure(c->s, "{" CONFIG "}");
	c->p->scan = ANNA;
	scene_registered(c);
	return c;
}

static int64_t faces(struct scene *c)
{
	return number(c->s, "SELECT count(*) FROM faces");
}

static int64_t to_be_forgotten(struct scene *c)
{
	return number(c->s, "SELECT count(*) FROM face_deletions");
}

static void approve_begins(struct scene *c)
{
	site_advance(c->s, 1);
	scene_authentication(c, "");
	assert_ok_reply(phone_ses_start(c->p, PROPER));
}

static void face_is_activated_and_approves(void **state)
{
	struct scene *c = with_face(state);
	struct reply r;

	assert_int_equal(faces(c), 1);
	assert_int_equal(number(c->s, "SELECT count(*) FROM faces WHERE instr(box, 'anna') > 0"), 0);
	site_advance(c->s, 1);
	scene_authentication(c, "");
	r = phone_ses_start(c->p, PROPER);
	assert_ok_reply(r);
	assert_non_null(json_object_get(r.json, "face"));
	assert_ok_reply(phone_ses_finish(c->p, FACE, PROPER));
	assert_string_equal(text_of(poll_authentication(c->s, c->operation), "operationProperties.authMethod"), FACE);
	scene_free(c);
}

static void other_face_is_heard_of_like_a_wrong_pin(void **state)
{
	struct scene *c = with_face(state);
	struct reply wrong_pin, wrong_face;

	approve_begins(c);
	assert_ok_reply(phone_ses_pin(c->p, WRONG_PIN, PROPER));
	c->p->scan = NULL;
	wrong_pin = phone_ses_finish(c->p, "DEVICE_PIN", PROPER);
	assert_code(wrong_pin, 214);
	c->p->scan = BERTA;
	wrong_face = phone_ses_finish(c->p, FACE, PROPER);
	assert_code(wrong_face, 214);
	assert_true(wrong_face.recoverable);
	assert_int_equal(wrong_face.remaining, 1);
	assert_int_equal(wrong_face.text.n, wrong_pin.text.n);
	c->p->scan = "photo of anna";
	assert_code(phone_ses_finish(c->p, FACE, PROPER), 226);
	assert_string_equal(scene_device(c), "LOCKED PIN_VERIFICATION_FAILED");
	assert_string_equal(scene_outcome(c), "LOCKED_PIN_VERIFICATION_FAILED");
	scene_free(c);
}

static void bad_device_is_not_told_from_another_face(void **state)
{
	struct scene *c = with_face(state);
	struct reply device, face;

	approve_begins(c);
	device = phone_ses_finish(c->p, FACE, BAD_DK);
	c->p->scan = BERTA;
	face = phone_ses_finish(c->p, FACE, PROPER);
	assert_code(device, 214);
	assert_code(face, 214);
	assert_int_equal(device.text.n, face.text.n);
	assert_int_equal(number(c->s, "SELECT fail_device * 10 + fail_second FROM devices"), 11);
	scene_free(c);
}

static void provider_that_is_away_charges_nothing(void **state)
{
	struct scene *c = with_face(state);
	struct reply r;

	approve_begins(c);
	c->p->scan = "silent:";
	r = phone_ses_finish(c->p, FACE, PROPER);
	assert_code(r, 221);
	assert_true(r.recoverable);
	assert_int_equal(number(c->s, "SELECT fail_device + fail_second FROM devices"), 0);
	/* Whatever else is wrong is answered first. */
	assert_code(phone_ses_finish(c->p, FACE, BAD_DK), 214);
	c->p->scan = ANNA;
	assert_ok_reply(phone_ses_finish(c->p, FACE, PROPER));
	scene_free(c);
}

static void bad_scan_at_registration_may_be_tried_again(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	site_configure(c->s, "{" CONFIG "}");
	scene_act_evaluated(c);
	c->p->scan = "blurred";
	r = phone_act_finish(c->p, PROPER);
	assert_code(r, 232);
	assert_true(r.recoverable);
	assert_string_equal(newest_outcome(c->s), "PENDING");
	c->p->scan = "silent:";
	assert_code(phone_act_finish(c->p, PROPER), 221);
	assert_int_equal(faces(c), 0);
	c->p->scan = ANNA;
	assert_ok_reply(phone_act_finish(c->p, PROPER));
	assert_int_equal(faces(c), 1);
	scene_free(c);
}

static void scan_and_its_member_belong_together(void **state)
{
	struct scene *c = with_face(state);
	struct draft d;

	approve_begins(c);
	c->p->scan = NULL;
	draft_inside(c->p, &d, "ses.cancel", "%s", "");
	d.plaintext.scan = S("scan");
	assert_code(draft_send(c->p, &d), 243);
	assert_string_equal(scene_outcome(c), "CALLBACK_PROCESSING_ERROR");
	approve_begins(c);
	assert_code(phone_ses_finish(c->p, FACE, PROPER), 244); /* no scan at all */
	approve_begins(c);
	c->p->scan = ANNA;
	assert_ok_reply(phone_ses_pin(c->p, PIN, PROPER));
	assert_code(phone_ses_finish(c->p, "DEVICE_PIN", PROPER), 243); /* nobody asked for it */
	approve_begins(c);
	draft_inside(c->p, &d, "ses.finish", ",\"m\":\"" FACE "\",\"chal\":\"%s\"%s", c->p->challenge, face_member(c->p));
	d.plaintext.scan = S(BERTA);
	draft_sign(c->p, &d, SIG_DEVICE, c->p->dk);
	assert_code(draft_send(c->p, &d), 245);
	scene_free(c);
}

static void face_is_added_replaced_and_removed(void **state)
{
	struct scene *c = scene_new(*state);

	site_configure(c->s, "{" CONFIG "}");
	scene_registered(c);
	site_advance(c->s, 1);
	c->p->scan = ANNA;
	assert_ok_reply(phone_am_start(c->p, "activate", FACE, PROPER));
	assert_ok_reply(phone_am_pin(c->p, "authorise", PIN, PROPER));
	assert_ok_reply(phone_am_finish(c->p, "DEVICE_PIN", FACE, PROPER));
	assert_int_equal(faces(c), 1);
	/* The face itself authorises its successor, who has to be the same person. */
	assert_ok_reply(phone_am_start(c->p, "activate", FACE, PROPER));
	c->p->scan = BERTA;
	assert_code(phone_am_finish(c->p, FACE, FACE, PROPER), 214);
	c->p->scan = ANNA;
	assert_ok_reply(phone_am_finish(c->p, FACE, FACE, PROPER));
	assert_int_equal(faces(c), 1);
	assert_int_equal(to_be_forgotten(c), 1);
	c->p->scan = NULL;
	assert_ok_reply(phone_am_start(c->p, "deactivate", FACE, PROPER));
	assert_ok_reply(phone_am_finish(c->p, "DEVICE", NULL, PROPER));
	assert_int_equal(faces(c), 0);
	assert_int_equal(to_be_forgotten(c), 2);
	approve_begins(c);
	c->p->scan = ANNA;
	assert_code(phone_ses_finish(c->p, FACE, PROPER), 230);
	scene_free(c);
}

static void forgotten_pin_is_replaced_by_face(void **state)
{
	struct scene *c = with_face(state);

	site_advance(c->s, 1);
	assert_ok_reply(phone_am_start(c->p, "activate", "DEVICE_PIN", PROPER));
	assert_ok_reply(phone_am_pin(c->p, "new", "975310", PROPER));
	assert_ok_reply(phone_am_finish(c->p, FACE, "DEVICE_PIN", PROPER));
	approve_begins(c);
	c->p->scan = NULL;
	assert_ok_reply(phone_ses_pin(c->p, "975310", PROPER));
	assert_ok_reply(phone_ses_finish(c->p, "DEVICE_PIN", PROPER));
	scene_free(c);
}

static void without_being_allowed_it_is_nothing(void **state)
{
	struct scene *c = with_face(state);
	struct reply r;

	site_configure(c->s, "{}");
	site_advance(c->s, 1);
	scene_authentication(c, "");
	r = phone_ses_start(c->p, PROPER);
	assert_null(json_object_get(r.json, "face"));
	assert_code(phone_ses_finish(c->p, FACE, PROPER), 230);
	scene_free(c);
}

static void goes_with_the_device_and_with_the_user(void **state)
{
	struct scene *c = with_face(state), *other = scene_new(*state);

	assert_ok_reply(phone_deactivate(c->p, PROPER));
	assert_int_equal(faces(c), 0);
	assert_int_equal(to_be_forgotten(c), 1);
	other->p->scan = BERTA;
	scene_registered(other);
	assert_int_equal(faces(c), 1);
	assert_status(ask(c->s->w, HTTP_PATCH, TEXT(c->s->w, "/reuseid/core/users/%s", other->user), "{\"state\":\"LOCKED\"}"), 200);
	assert_status(ask(c->s->w, HTTP_DELETE, TEXT(c->s->w, "/reuseid/core/users/%s", other->user), NULL), 204);
	assert_int_equal(faces(c), 0);
	assert_int_equal(to_be_forgotten(c), 2);
	scene_free(other);
	scene_free(c);
}

static void scans_are_limited(void **state)
{
	struct scene *c = with_face(state);
	struct reply r;

	site_advance(c->s, 60000);
	approve_begins(c);
	c->p->scan = "silent:";
	for (int i = 0; i < 10; i++)
		assert_code(phone_ses_finish(c->p, FACE, PROPER), 221);
	r = phone_ses_finish(c->p, FACE, PROPER);
	assert_int_equal(r.http, 429);
	scene_free(c);
}

static void large_messages_only_with_a_face(void **state)
{
	struct scene *c = with_face(state);
	char *large = xalloc(300 * 1024);
	struct reply r;

	memset(large, 'x', 300 * 1024 - 1);
	approve_begins(c);
	c->p->scan = large;
	assert_code(phone_ses_finish(c->p, FACE, PROPER), 214); /* read, and nobody's face */
	site_configure(c->s, "{}");
	c->p->scan = NULL;
	approve_begins(c);
	c->p->scan = large;
	r = phone_ses_finish(c->p, FACE, PROPER);
	assert_int_equal(r.http, 413);
	free(large);
	scene_free(c);
}

/* ---- recovery ---- */

static void set_up(struct scene *c)
{
	struct reply r;

	approve_begins(c);
	c->p->purposes = "[\"addOrUpdateRecovery\"]";
	r = phone_ses_finish(c->p, FACE, PROPER);
	assert_ok_reply(r);
	c->p->purposes = NULL;
	c->p->by_face = true;
	assert_ok_reply(phone_rec_add_start(c->p, reply_token(&r, "addOrUpdateRecovery"), PROPER));
}

static void lost_phone_is_recovered_by_face(void **state)
{
	struct scene *c = with_face(state);
	struct phone *p = phone_new(c->s);
	struct reply added, shown;

	set_up(c);
	c->p->scan = BERTA;
	assert_code(phone_rec_add_finish(c->p, PROPER), 214);
	c->p->scan = ANNA;
	added = phone_rec_add_finish(c->p, PROPER);
	assert_ok_reply(added);
	phone_take_backup(p, c->p);
	assert_ok_reply(phone_rec_start(p, PROPER));
	assert_code(phone_rec_pin(p, "recovery", "123456", PROPER), 208);
	assert_ok_reply(phone_rec_pin(p, "new", "864209", PROPER));
	assert_code(phone_rec_finish(p, PROPER), 208);
	p->scan = BERTA;
	shown = phone_rec_face(p, PROPER);
	assert_code(shown, 214);
	assert_int_equal(shown.remaining, 2);
	p->scan = "silent:";
	assert_code(phone_rec_face(p, PROPER), 221);
	p->scan = ANNA;
	shown = phone_rec_face(p, PROPER);
	assert_ok_reply(shown);
	assert_string_equal(reply_text(&shown, "wrapShare"), reply_text(&added, "wrapShare"));
	assert_ok_reply(phone_rec_finish(p, PROPER));
	assert_string_equal(newest_outcome(c->s), "COMPLETED");
	/* It stays, with its face, for the new device. */
	assert_int_equal(faces(c), 1);
	assert_int_equal(number(c->s, "SELECT count(*) FROM recoveries WHERE gone = 0 AND status = 3 AND fails = 0"), 1);
	phone_free(p);
	scene_free(c);
}

static void strangers_face_locks_the_recovery(void **state)
{
	struct scene *c = with_face(state);
	struct phone *p = phone_new(c->s);

	set_up(c);
	assert_ok_reply(phone_rec_add_finish(c->p, PROPER));
	phone_take_backup(p, c->p);
	p->scan = BERTA;
	site_advance(c->s, 1);
	assert_ok_reply(phone_rec_start(p, PROPER));
	assert_code(phone_rec_face(p, PROPER), 214);
	assert_int_equal(phone_rec_face(p, PROPER).remaining, 2); /* the same again is the same answer */
	p->scan = "live:cora";
	assert_int_equal(phone_rec_face(p, PROPER).remaining, 1);
	p->scan = "live:dora";
	assert_code(phone_rec_face(p, PROPER), 226);
	assert_string_equal(newest_outcome(c->s), "LOCKED_PERFORM_RECOVERY_FAILED");
	p->scan = ANNA;
	site_advance(c->s, 1000);
	assert_code(phone_rec_start(p, PROPER), 226);
	phone_free(p);
	scene_free(c);
}

static void recovery_by_face_wants_the_method(void **state)
{
	struct scene *c = scene_new(*state);
	struct reply r;

	site_configure(c->s, "{" CONFIG "}");
	scene_evaluated(c);
	c->p->purposes = "[\"addOrUpdateRecovery\"]";
	r = phone_ses_finish(c->p, "DEVICE_PIN", PROPER);
	c->p->purposes = NULL;
	c->p->by_face = true;
	assert_code(phone_rec_add_start(c->p, reply_token(&r, "addOrUpdateRecovery"), PROPER), 251);
	scene_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(face_is_activated_and_approves),
		SITE_TEST(other_face_is_heard_of_like_a_wrong_pin),
		SITE_TEST(bad_device_is_not_told_from_another_face),
		SITE_TEST(provider_that_is_away_charges_nothing),
		SITE_TEST(bad_scan_at_registration_may_be_tried_again),
		SITE_TEST(scan_and_its_member_belong_together),
		SITE_TEST(face_is_added_replaced_and_removed),
		SITE_TEST(forgotten_pin_is_replaced_by_face),
		SITE_TEST(without_being_allowed_it_is_nothing),
		SITE_TEST(goes_with_the_device_and_with_the_user),
		SITE_TEST(scans_are_limited),
		SITE_TEST(large_messages_only_with_a_face),
		SITE_TEST(lost_phone_is_recovered_by_face),
		SITE_TEST(strangers_face_locks_the_recovery),
		SITE_TEST(recovery_by_face_wants_the_method),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
