/* Whole calls, as an app makes them. */
#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

#include <stdio.h>

const rid_step *activate_start(struct phone *p, const char *code)
{
	char typed[80];

	snprintf(typed, sizeof(typed), "%s", code);
	return perform_patiently(p, rid_start_activation(p->c, typed, strlen(typed)));
}

static const rid_step *finish_activation(struct phone *p, int methods, const char *pin)
{
	char typed[80];

	snprintf(typed, sizeof(typed), "%s", pin ? pin : "");
	return perform_patiently(p, rid_finish_activation(p->c, methods, "My phone", pin ? typed : NULL, strlen(typed)));
}

const rid_step *activate(struct phone *p, int methods, const char *pin)
{
	const rid_step *s = activate_start(p, p->server.code);

	return s && s->kind == RID_SHOW ? finish_activation(p, methods, pin) : s;
}

const rid_step *authenticate_start(struct phone *p)
{
	return perform_patiently(p, rid_start_authentication(p->c, NULL));
}

const rid_step *approve(struct phone *p, int method, const char *pin)
{
	char typed[80];

	snprintf(typed, sizeof(typed), "%s", pin ? pin : "");
	return perform_patiently(p, rid_finish_authentication_or_signing(p->c, method, pin ? typed : NULL, strlen(typed)));
}

static char *typed(char *buffer, const char *text)
{
	snprintf(buffer, 80, "%s", text ? text : "");
	return text ? buffer : NULL;
}

const rid_step *change(struct phone *p, int method, const char *pin, int authorising, const char *new_pin)
{
	const rid_step *s = perform_patiently(p, rid_start_add_or_update(p->c, method));
	char old[80], fresh[80];

	if (!s || s->kind != RID_SHOW)
		return s;
	return perform_patiently(p, rid_finish_add_or_update(p->c, authorising, typed(old, pin), pin ? strlen(pin) : 0,
		typed(fresh, new_pin), new_pin ? strlen(new_pin) : 0));
}

void assert_approves(struct phone *p, int method, const char *pin)
{
	p->server.pending = device_operation_AUTHENTICATION;
	assert_shown(authenticate_start(p));
	assert_done(approve(p, method, pin));
}

void get_token(struct phone *p, unsigned char ret_token[static RID_TOKEN_BYTES])
{
	char old[] = "1357", fresh[] = "1357";
	const rid_step *s;

	assert_shown(perform(p, rid_start_add_or_update(p->c, RID_METHOD_DEVICE_PIN)));
	rid_want_tokens(p->c, RID_TOKEN_ADD_OR_UPDATE_RECOVERY);
	s = perform(p, rid_finish_add_or_update(p->c, RID_METHOD_DEVICE_PIN, old, 4, fresh, 4));
	assert_done(s);
	assert_int_equal(s->result.token_count, 1);
	assert_int_equal(s->result.tokens[0].purpose, RID_TOKEN_ADD_OR_UPDATE_RECOVERY);
	memcpy(ret_token, s->result.tokens[0].token, RID_TOKEN_BYTES);
}

void lose(struct phone *p)
{
	for (size_t i = 0; i < p->file_count; i++)
		if (!strstr(p->files[i].name, "backup"))
			p->files[i] = (struct phone_file){ .name = "gone" };
	assert_int_equal(phone_restart(p), 0);
}

const rid_step *add_recovery(struct phone *p, const unsigned char *token, const char *code)
{
	const rid_step *s = perform_patiently(p, rid_start_add_or_update_recovery(p->c, RID_RECOVERY_CODE, token));
	char text[80];

	if (!s || s->kind != RID_SHOW)
		return s;
	return perform_patiently(p, rid_finish_add_or_update_recovery(p->c, typed(text, code), strlen(code)));
}

const rid_step *recover(struct phone *p, const char *code, const char *pin)
{
	const rid_step *s = perform_patiently(p, rid_start_recovery(p->c));
	char text[80], fresh[80];

	if (!s || s->kind != RID_SHOW)
		return s;
	return perform_patiently(p, rid_finish_recovery(p->c, typed(text, code), strlen(code), RID_METHOD_DEVICE_PIN, "New phone",
		typed(fresh, pin), strlen(pin)));
}

int app_keys(const struct phone *p)
{
	int n = 0;

	for (size_t i = 0; i < APP_KEYS_MAX; i++)
		n += p->keys[i].there;
	return n;
}

struct phone *phone_registered(void)
{
	struct phone *p = phone_new();

	assert_done(activate(p, RID_METHOD_DEVICE_PIN, "1357"));
	p->server.pending = device_operation_AUTHENTICATION;
	p->messages = p->stores = p->steps = 0;
	return p;
}
