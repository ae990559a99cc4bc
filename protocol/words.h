/* Words of the device protocol rid-device/v1 that stand in several messages. Spelled as the API spells them. */
#ifndef PROTOCOL_WORDS_H
#define PROTOCOL_WORDS_H

#include "codec/schema.h"

#define DEVICE_OS(V, E) V(E, Android, "") V(E, iOS, "") V(E, Web, "")
ENUMERATION_TYPE(device_os, DEVICE_OS);

/* Numbers stand in the database: only ever grow at the end. */
#define AUTH_METHOD(V, E)                                      \
	V(E, DEVICE, "Possession of the device")               \
	V(E, DEVICE_PIN, "Possession and a PIN")               \
	V(E, DEVICE_IOS_FACE_ID, "Possession and Face ID")     \
	V(E, DEVICE_STRONG_TOUCH_ID, "Possession and Touch ID") \
	V(E, DEVICE_ANDROID_BIOMETRIC_PROMPT, "Possession and Android biometrics") \
	V(E, DEVICE_SERVER_SIDE_FACE, "Possession and a face, matched by the server")
ENUMERATION_TYPE(auth_method, AUTH_METHOD);

#define AUTH_LEVEL(V, E) V(E, ONE_FACTOR, "One factor") V(E, TWO_FACTOR, "Two factors")
ENUMERATION_TYPE(auth_level, AUTH_LEVEL);

#define SESSION_PURPOSE(V, E) V(E, auth, "An authentication") V(E, sign, "A signature") V(E, any, "Whichever is pending")
ENUMERATION_TYPE(session_purpose, SESSION_PURPOSE);

#define DEVICE_OPERATION(V, E) V(E, AUTHENTICATION, "") V(E, SIGNING, "")
ENUMERATION_TYPE(device_operation, DEVICE_OPERATION);

#define REGISTRATION_MODE(V, E)                          \
	V(E, REGISTRATION, "A new device")               \
	V(E, RE_REGISTRATION, "New credentials for the same device id")
ENUMERATION_TYPE(registration_mode, REGISTRATION_MODE);

#define CODE_TYPE(V, E) V(E, ANY, "") V(E, NUMERIC, "") V(E, ALPHA, "") V(E, ALPHANUMERIC, "")
ENUMERATION_TYPE(code_type, CODE_TYPE);

#define POLICY_MODE(V, E) V(E, OFF, "") V(E, OPTIONAL, "") V(E, REQUIRED, "")
ENUMERATION_TYPE(policy_mode, POLICY_MODE);

#define HW_KEY_CLIENT_STATUS(V, E)                                                      \
	V(E, OK_KEY_PROVIDED, "") V(E, OK_SIGNED_SUCCESS, "")                           \
	V(E, INFO_NO_HARDWARE_SUPPORT, "") V(E, INFO_NO_OPERATING_SYSTEM_SUPPORT, "")   \
	V(E, INFO_NOT_ACTIVATED_WITH_HW_KEY, "") V(E, ERR_KEY_GENERATION_FAILED, "")    \
	V(E, ERR_RETRIEVE_PUBLIC_KEY_FAILED, "") V(E, ERR_RETRIEVE_PRIVATE_KEY_REF_FAILED, "") \
	V(E, ERR_SIGN_OPERATION_FAILED, "")
ENUMERATION_TYPE(hw_key_client_status, HW_KEY_CLIENT_STATUS);

/* What a person's place came to, as the app found out. */
#define GEO_CLIENT_STATUS(V, E)                                                         \
	V(E, OK, "") V(E, LOCATION_NOT_ENABLED, "") V(E, LOCATION_TIMEOUT, "")          \
	V(E, LOCATION_MOCKED, "") V(E, GEOCODER_NOT_SUPPORTED, "")                      \
	V(E, GEOCODER_NETWORK_ERROR, "") V(E, GEOCODER_UNEXPECTED_ERROR, "")            \
	V(E, GEOCODER_TIMEOUT, "") V(E, GEOCODER_NO_RESULT_FOUND, "")
ENUMERATION_TYPE(geo_client_status, GEO_CLIENT_STATUS);

#define METHOD_PURPOSE(V, E) V(E, activate, "Adds a method or replaces its key") V(E, deactivate, "Removes a method")
ENUMERATION_TYPE(method_purpose, METHOD_PURPOSE);

/* Which key a blinded element is evaluated with: that of the PIN in use, of the new PIN, of the recovery code. */
#define PIN_USE(V, E) V(E, authorise, "") V(E, new, "") V(E, recovery, "")
ENUMERATION_TYPE(pin_use, PIN_USE);

#define RECOVERY_METHOD(V, E)                                                                            \
	V(E, CLOUD_BACKUP_RECOVERY_CODE, "Cloud backup, and a recovery key locked with a code")          \
	V(E, CLOUD_BACKUP_SERVER_SIDE_FACE, "Cloud backup, and a recovery key locked with the person's face")
ENUMERATION_TYPE(recovery_method, RECOVERY_METHOD);

/* Is it a second factor beside possession (PSD2: knowledge or inherence)? */
static inline bool auth_method_is_two_factor(enum auth_method m)
{
	return m > auth_method_DEVICE;
}

/* Has it a key of its own on the phone, which the phone's biometrics unlock? */
static inline bool auth_method_is_biometric(enum auth_method m)
{
	return m > auth_method_DEVICE_PIN && m != auth_method_DEVICE_SERVER_SIDE_FACE;
}

#endif
