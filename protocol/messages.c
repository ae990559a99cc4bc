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
ENUMERATION(geo_client_status, GEO_CLIENT_STATUS);
ENUMERATION(method_purpose, METHOD_PURPOSE);
ENUMERATION(pin_use, PIN_USE);
ENUMERATION(recovery_method, RECOVERY_METHOD);

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
SCHEMA(face_policy, FACE_POLICY, "What the app's face scanner is given");
SCHEMA(face_scan, FACE_SCAN, "What it made of it");
SCHEMA(match_policy, MATCH_POLICY, "Number matching");
SCHEMA(geo_report, GEO_REPORT, "Where the phone is");
SCHEMA(attest_report, ATTEST_REPORT, "An attestation of the app");
SCHEMA(pin_rotation, PIN_ROTATION, "The PIN's key under the newest salt key");
SCHEMA(recovery_code_form, RECOVERY_CODE_FORM, "What a recovery code looks like");
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
SCHEMA(am_start, AM_START, "Begins a change of methods");
SCHEMA(am_start_ok, AM_START_OK, "A change of methods has begun");
SCHEMA(pin_ask_for, PIN_ASK_FOR, "A blinded element, and which key it is for");
SCHEMA(am_finish, AM_FINISH, "Changes methods");
SCHEMA(rec_add_start, REC_ADD_START, "Begins to set up a recovery");
SCHEMA(rec_add_start_ok, REC_ADD_START_OK, "A recovery is being set up");
SCHEMA(rec_add_finish, REC_ADD_FINISH, "Sets up a recovery");
SCHEMA(rec_add_finish_ok, REC_ADD_FINISH_OK, "A recovery is set up");
SCHEMA(rec_delete, REC_DELETE, "Gives a recovery up");
SCHEMA(rec_delete_ok, REC_DELETE_OK, "It is given up");
SCHEMA(rec_start, REC_START, "Begins a recovery");
SCHEMA(rec_start_ok, REC_START_OK, "A recovery has begun");
SCHEMA(rec_face, REC_FACE, "A face for a recovery");
SCHEMA(rec_face_ok, REC_FACE_OK, "It is the person's");
SCHEMA(push_update, PUSH_UPDATE, "Where push messages go from now on");
SCHEMA(push_ack, PUSH_ACK, "A push message arrived");
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
