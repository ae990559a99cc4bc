/*
 * Every call in every state: it goes on, or is refused with the number that the header names. One row for each state, one column for each
 * call; '.' goes on, 'B' OperationInProgress, 'W' WrongState, 'N' NotActivated, 'P' InvalidAuthParameters, 'A' AuthenticationRequired.
 */
#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

static unsigned char token[RID_TOKEN_BYTES];

/* ---- calls ---- */

typedef const rid_step *(*call)(struct phone *p);

static const rid_step *load(struct phone *p)
{
	return rid_load(p->c);
}

static const rid_step *load_config(struct phone *p)
{
	return rid_load_config(p->c);
}

static const rid_step *is_activated(struct phone *p)
{
	return rid_is_activated(p->c);
}

static const rid_step *pending(struct phone *p)
{
	return rid_pending(p->c);
}

static const rid_step *start_activation(struct phone *p)
{
	return rid_start_activation(p->c, (char[]){ "123456" }, 6);
}

static const rid_step *finish_activation(struct phone *p)
{
	return rid_finish_activation(p->c, RID_METHOD_DEVICE_PIN, NULL, (char[]){ "1357" }, 4);
}

static const rid_step *start_authentication(struct phone *p)
{
	return rid_start_authentication(p->c, NULL);
}

static const rid_step *finish_authentication(struct phone *p)
{
	return rid_finish_authentication(p->c, RID_METHOD_DEVICE_PIN, (char[]){ "1357" }, 4);
}

static const rid_step *start_signing(struct phone *p)
{
	return rid_start_signing(p->c, NULL);
}

static const rid_step *finish_signing(struct phone *p)
{
	return rid_finish_signing(p->c, RID_METHOD_DEVICE_PIN, (char[]){ "1357" }, 4);
}

static const rid_step *start_any(struct phone *p)
{
	return rid_start_authentication_or_signing(p->c, NULL);
}

static const rid_step *finish_any(struct phone *p)
{
	return rid_finish_authentication_or_signing(p->c, RID_METHOD_DEVICE, NULL, 0);
}

static const rid_step *start_change(struct phone *p)
{
	return rid_start_add_or_update(p->c, RID_METHOD_DEVICE_PIN);
}

static const rid_step *finish_change(struct phone *p)
{
	return rid_finish_add_or_update(p->c, RID_METHOD_DEVICE_PIN, (char[]){ "1357" }, 4, (char[]){ "2468" }, 4);
}

static const rid_step *deactivate_method(struct phone *p)
{
	return rid_deactivate_auth_method(p->c, RID_METHOD_DEVICE_PIN);
}

static const rid_step *start_recovery_change(struct phone *p)
{
	return rid_start_add_or_update_recovery(p->c, RID_RECOVERY_CODE, token);
}

static const rid_step *finish_recovery_change(struct phone *p)
{
	return rid_finish_add_or_update_recovery(p->c, (char[]){ "190837" }, 6);
}

static const rid_step *delete_recovery(struct phone *p)
{
	return rid_delete_recovery(p->c, token);
}

static const rid_step *start_recovery(struct phone *p)
{
	return rid_start_recovery(p->c);
}

static const rid_step *finish_recovery(struct phone *p)
{
	return rid_finish_recovery(p->c, (char[]){ "190837" }, 6, RID_METHOD_DEVICE_PIN, NULL, (char[]){ "1357" }, 4);
}

static const rid_step *cancel(struct phone *p)
{
	return rid_cancel_session(p->c);
}

static const rid_step *push_token(struct phone *p)
{
	return rid_push_token(p->c, "token");
}

static const rid_step *push_heard(struct phone *p)
{
	return rid_push_heard(p->c, "push-1");
}

static const rid_step *deactivate(struct phone *p)
{
	return rid_deactivate(p->c, 0);
}

static const rid_step *deactivate_here(struct phone *p)
{
	return rid_deactivate(p->c, 1);
}

static const rid_step *repeat(struct phone *p)
{
	return rid_repeat(p->c);
}

static const rid_step *type_pin(struct phone *p)
{
	return rid_pin(p->c, (char[]){ "1357" }, 4);
}

static const call calls[] = { load, load_config, is_activated, pending, start_activation, finish_activation, start_authentication,
	finish_authentication, start_signing, finish_signing, start_any, finish_any, start_change, finish_change, deactivate_method,
	start_recovery_change, finish_recovery_change, delete_recovery, start_recovery, finish_recovery, cancel, push_token, push_heard,
	deactivate, deactivate_here, repeat, type_pin };

/* ---- states ---- */

static struct phone *unloaded(void)
{
	struct phone *p = phone_new();
	int error;

	rid_close(p->c);
	p->c = rid_open(&p->config, "default", &error);
	return p;
}

static struct phone *in_registration(void)
{
	struct phone *p = phone_new();

	assert_shown(activate_start(p, "123456"));
	return p;
}

static struct phone *in_authentication(void)
{
	struct phone *p = phone_registered();

	assert_shown(authenticate_start(p));
	return p;
}

static struct phone *in_signature(void)
{
	struct phone *p = phone_registered();

	p->server.pending = device_operation_SIGNING;
	assert_shown(perform(p, rid_start_signing(p->c, NULL)));
	return p;
}

static struct phone *in_change(void)
{
	struct phone *p = phone_registered();

	assert_shown(perform(p, start_change(p)));
	return p;
}

static struct phone *with_token(void)
{
	struct phone *p = in_change();
	const rid_step *s;

	rid_want_tokens(p->c, RID_TOKEN_ADD_OR_UPDATE_RECOVERY);
	s = perform(p, rid_finish_add_or_update(p->c, RID_METHOD_DEVICE_PIN, (char[]){ "1357" }, 4, (char[]){ "1357" }, 4));
	assert_done(s);
	memcpy(token, s->result.tokens[0].token, sizeof(token));
	return p;
}

static struct phone *in_recovery_change(void)
{
	struct phone *p = with_token();

	assert_shown(perform(p, start_recovery_change(p)));
	return p;
}

static struct phone *in_recovery(void)
{
	struct phone *p = in_recovery_change();

	assert_done(perform(p, finish_recovery_change(p)));
	assert_done(perform(p, rid_deactivate(p->c, 1)));
	assert_shown(perform(p, start_recovery(p)));
	return p;
}

static struct phone *busy(void)
{
	struct phone *p = phone_registered();

	assert_int_equal(rid_start_authentication(p->c, NULL)->kind, RID_SEND);
	return p;
}

static struct phone *asking_for_the_pin(void)
{
	struct phone *p = in_authentication();

	assert_int_equal(approve(p, RID_METHOD_DEVICE_PIN, NULL)->kind, RID_ASK_PIN);
	return p;
}

/* The evaluation is on its way; then the approval. */
static struct phone *without_answer(int nth)
{
	struct phone *p = in_authentication();

	p->mishaps.lose_answer = p->messages + nth;
	assert_failed(perform(p, finish_authentication(p)), RID_ERROR_CONNECTION_TIMEOUT);
	p->mishaps.lose_answer = 0;
	return p;
}

static struct phone *without_evaluation(void)
{
	return without_answer(1);
}

static struct phone *without_approval(void)
{
	return without_answer(2);
}

/*
 * load, load_config, is_activated, pending | activation | authentication | signing | either | change, deactivate_method | recovery's
 * change, delete | recovery | cancel, push | deactivate, here | repeat, pin
 */
static const struct {
	const char *name;
	struct phone *(*make)(void);
	const char *expected;
} states[] = {
	{ "not loaded", unloaded, ".WWWWWWWWWWWWWWWWWWWWWWW.WW" },
	{ "not registered", phone_new, "W.NN.WNWNWNWNWNNWN.WWNNN.WW" },
	{ "registered", phone_registered, "W....W.W.W.W.W..W.WWW....WW" },
	{ "in a registration", in_registration, "W.NN..NWNWNWNWNNWN.W.NNN.WW" },
	{ "in an authentication", in_authentication, "W....W...W...W..W.WW.....WW" },
	{ "in a signature", in_signature, "W....W.W.....W..W.WW.....WW" },
	{ "in a change of methods", in_change, "W....W.W.W.W....W.WW.....WW" },
	{ "in the setting up of a recovery", in_recovery_change, "W....W.W.W.W.W....WW.....WW" },
	{ "in a recovery", in_recovery, "W.NN.WNWNWNWNWNNWN...NNN.WW" },
	{ "busy", busy, "BBBBBBBBBBBBBBBBBBBBBBBBBBW" },
	{ "asking for the PIN", asking_for_the_pin, "BBBBBBBBBBBBBBBBBBBB.BBBBB." },
	{ "without the evaluation's answer", without_evaluation, "W....W.W.W.W.W..W.WW......W" },
	{ "without the approval's answer", without_approval, "W....W.W.W.W.W..W.WWW.....W" },
};

static char mark_of(const rid_step *s)
{
	if (s->kind != RID_FAILED)
		return '.';
	switch (s->failure.number) {
	case RID_ERROR_OPERATION_IN_PROGRESS:
		return 'B';
	case RID_ERROR_WRONG_STATE:
		return 'W';
	case RID_ERROR_NOT_ACTIVATED:
		return 'N';
	case RID_ERROR_INVALID_AUTH_PARAMETERS:
		return 'P';
	case RID_ERROR_AUTHENTICATION_REQUIRED:
		return 'A';
	default:
		return '?';
	}
}

static void every_call_in_every_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(states); i++) {
		char marks[COUNT(calls) + 1] = "";

		for (size_t n = 0; n < COUNT(calls); n++) {
			struct phone *p = states[i].make();

			marks[n] = mark_of(calls[n](p));
			phone_free(p);
		}
		if (strcmp(marks, states[i].expected) != 0)
			fail_msg("%s: %s, not %s", states[i].name, marks, states[i].expected);
	}
}

/* What a call that was refused leaves behind: the session goes on as if nothing had been. */
static void a_refused_call_changes_nothing(void **state)
{
	(void)state;
	for (size_t n = 0; n < COUNT(calls); n++) {
		struct phone *p = in_authentication();
		const rid_step *s = calls[n](p);

		if (s->kind == RID_FAILED)
			assert_done(approve(p, RID_METHOD_DEVICE_PIN, "1357"));
		phone_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_in_every_state),
		cmocka_unit_test(a_refused_call_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
