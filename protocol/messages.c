#include "protocol/messages.h"

#undef err /* the member of that name */

ENUMERATION(device_os, DEVICE_OS);
ENUMERATION(auth_method, AUTH_METHOD);
ENUMERATION(auth_level, AUTH_LEVEL);
ENUMERATION(session_purpose, SESSION_PURPOSE);
ENUMERATION(device_operation, DEVICE_OPERATION);
ENUMERATION(registration_mode, REGISTRATION_MODE);
ENUMERATION(code_type, CODE_TYPE);
ENUMERATION(policy_mode, POLICY_MODE);
ENUMERATION(hw_key_client_status, HW_KEY_CLIENT_STATUS);

SCHEMA(request_envelope, REQUEST_ENVELOPE, "What every request carries");
SCHEMA(device_fault, DEVICE_FAULT, "What went wrong");
SCHEMA(answer_fault, ANSWER_FAULT, "A refusal");
SCHEMA(shown_context, SHOWN_CONTEXT, "What is shown to the person");
SCHEMA(pin_form, PIN_FORM, "What a PIN looks like");
SCHEMA(code_form, CODE_FORM, "What an activation code looks like");
SCHEMA(attempts, ATTEMPTS, "Tries that are left");
SCHEMA(hw_policy, HW_POLICY, "Hardware-protected keys");
SCHEMA(attest_policy, ATTEST_POLICY, "Attestation");
SCHEMA(geo_policy, GEO_POLICY, "Geofencing");
SCHEMA(push_policy, PUSH_POLICY, "Intermediate push");
SCHEMA(method_key, METHOD_KEY, "A method with its public key");
SCHEMA(authorisation_token, AUTHORISATION_TOKEN, "A token for a later change");
SCHEMA(cfg_get, CFG_GET, "Asks for the configuration");
SCHEMA(cfg_get_ok, CFG_GET_OK, "The configuration");
SCHEMA(ses_wait, SES_WAIT, "Asks what is pending");
SCHEMA(pending_item, PENDING_ITEM, "A pending operation, without content");
SCHEMA(ses_wait_ok, SES_WAIT_OK, "What is pending");
SCHEMA(act_start, ACT_START, "Begins a registration");
SCHEMA(act_start_ok, ACT_START_OK, "A registration has begun");
SCHEMA(pin_ask, PIN_ASK, "A blinded element");
SCHEMA(pin_ask_ok, PIN_ASK_OK, "Its evaluation");
SCHEMA(act_finish, ACT_FINISH, "Ends a registration");
SCHEMA(finish_ok, FINISH_OK, "It is done");
SCHEMA(ses_start, SES_START, "Begins an authentication or a signature");
SCHEMA(ses_start_ok, SES_START_OK, "What is to be approved");
SCHEMA(ses_finish, SES_FINISH, "Approves");
SCHEMA(plain_inside, PLAIN_INSIDE, "A request without members of its own, in a session");
SCHEMA(plain_outside, PLAIN_OUTSIDE, "A request without members of its own, outside a session");
SCHEMA(plain_ok, PLAIN_OK, "It is done");

const struct message device_messages[MESSAGE_COUNT] = {
#define MESSAGE(id, name, place, family, request, answer, must, may) \
	[MESSAGE_##id] = { name, place, family, &request##_schema, &answer##_schema, must, may },
	DEVICE_MESSAGES(MESSAGE)
#undef MESSAGE
};

const struct message *message_find(struct slice name)
{
	for (size_t i = 0; i < MESSAGE_COUNT; i++)
		if (slice_is(name, device_messages[i].name))
			return &device_messages[i];
	return NULL;
}

const char *device_error_title(enum device_error e)
{
	switch (e) {
#define DEVICE_ERROR(name, number, title) \
	case DEVICE_##name:                   \
		return title;
#include "protocol/errors.def"
#undef DEVICE_ERROR
	default:
		return "Unexpected";
	}
}
