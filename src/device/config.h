/*
 * The application configuration: how one mobile application behaves. One list of properties; what is not set takes its default, which
 * is the example of its row. Lists are comma-separated text, as the service has them. Lengths are capped at 128, counts at 1000.
 */
#ifndef DEVICE_CONFIG_H
#define DEVICE_CONFIG_H

#include "attest/hw_key.h"
#include "face/face.h"
#include "protocol/messages.h"

#define GEO_MODE(V, E) V(E, DISABLED, "") V(E, OPTIONAL, "Reported") V(E, REQUIRED, "Fails the operation") V(E, OFF, "As DISABLED")
ENUMERATION_TYPE(geo_mode, GEO_MODE);

#define APPATTEST_ENVIRONMENT(V, E) V(E, DEVELOPMENT, "") V(E, PRODUCTION, "")
ENUMERATION_TYPE(appattest_environment, APPATTEST_ENVIRONMENT);

/* Account recovery, methods, codes, limits. */
#define CONFIG_METHODS(F, T)                                                                                                     \
	F(T, INT, activationCodeLength, OPT, 4, 128, "Characters of an activation code", "6")                                   \
	F(T, ENUM(code_type), activationCodeType, NOCASE, 0, 0, "Alphabet of activation codes", "\"NUMERIC\"")                  \
	F(T, STR, allowedAuthMethods, OPT, 0, 400, "Methods that devices may use, comma-separated",                             \
		"\"DEVICE, DEVICE:PIN, DEVICE:STRONG_TOUCH_ID, DEVICE:IOS_FACE_ID, DEVICE:ANDROID_BIOMETRIC_PROMPT\"")          \
	F(T, STR, allowedAuthMethodsForAuthAndActivate, OPT, 0, 400, "Methods that may authorise another one", "\"DEVICE:PIN\"") \
	F(T, INT, amountFailuresAllowed, OPT, 0, 1000, "Failed tries before a device is locked", "3")                           \
	F(T, STR, encapApiBlacklistAndroid, OPT, 0, 400, "Versions of the Android SDK that are refused", "\"\"")                \
	F(T, STR, encapApiBlacklistIos, OPT, 0, 400, "Versions of the iOS SDK that are refused", "\"\"")                        \
	F(T, BOOL, recoveryEnabled, OPT, 0, 0, "May a recovery be set up and used", "false")                                    \
	F(T, INT, recoveryCodeMinLength, OPT, 0, 128, "Least length of a recovery code; a hint to the app", "6")                \
	F(T, INT, recoveryCodeMaxLength, OPT, 0, 128, "Greatest length of a recovery code; a hint to the app", "50")            \
	F(T, ENUM(code_type), recoveryCodeFormat, NOCASE, 0, 0, "Alphabet of recovery codes; a hint to the app", "\"NUMERIC\"") \
	F(T, INT, recoveryCodeAmountFailuresAllowed, OPT, 0, 1000, "Failed recoveries before a recovery is locked", "3")        \
	F(T, BOOL, recoveryDeletesOldDevice, OPT, 0, 0, "Is the old device deleted by a recovery", "true")                      \
	F(T, INT, pinCodeLengthMin, OPT, 1, 128, "Least length of a PIN", "4")                                                  \
	F(T, INT, pinCodeLengthMax, OPT, 1, 128, "Greatest length of a PIN", "50")                                              \
	F(T, ENUM(code_type), pinCodeType, NOCASE, 0, 0, "Alphabet of PINs", "\"NUMERIC\"")                                     \
	F(T, INT, sessionTimeout, OPT, 1000, 86400000, "Lifetime of an operation in ms, unless told otherwise", "300000")       \
	F(T, BOOL, serverSideFaceEnabled, OPT, 0, 0, "May faces be matched by the server", "false")                             \
	F(T, ENUM(face_provider), faceProvider, NOCASE, 0, 0, "Who matches them; MOCK is for sandbox accounts", "\"NONE\"")     \
	F(T, STR, faceProviderUrl, OPT, 0, 1000, "Where the provider is, with faceProvider HTTP", "\"\"")                       \
	F(T, STR, faceProviderSecret, OPT, 0, 1000, "Bearer token that it knows us by", "\"\"")                                 \
	F(T, BOOL, faceProviderSessions, OPT, 0, 0, "Is it asked for what the app's scanner has to be handed", "false")         \
	F(T, INT, faceTimeout, OPT, 1000, 30000, "How long the server waits for it, in ms", "10000")                            \
	F(T, INT, faceScoreMin, OPT, 0, 1000, "Least score of a match; 0: the provider's word is enough", "0")                  \
	F(T, BOOL, clientOnlyAuthenticationAllowed, OPT, 0, 0, "May an app authenticate without being asked", "false")

/* What is known of phones and where they are. */
#define CONFIG_RISK(F, T)                                                                                                        \
	F(T, ENUM(policy_mode), attestationAndroidPlayIntegrityMode, NOCASE, 0, 0, "Play Integrity", "\"OFF\"")                 \
	F(T, STR, attestationAndroidPlayIntegrityDecryptionKey, OPT, 0, 400, "Key of the Play Console, base64", "\"\"")         \
	F(T, STR, attestationAndroidPlayIntegrityVerificationKey, OPT, 0, 1000, "Key of the Play Console, base64 of a SubjectPublicKeyInfo", "\"\"") \
	F(T, STR, attestationAndroidPlayIntegrityPackageName, OPT, 0, 255, "Package name of the app", "\"\"")                   \
	F(T, ENUM(policy_mode), attestationIosAppAttestMode, NOCASE, 0, 0, "App Attest", "\"OFF\"")                             \
	F(T, ENUM(appattest_environment), attestationIosAppAttestEnvironment, NOCASE, 0, 0, "Environment of App Attest", "\"PRODUCTION\"") \
	F(T, STR, attestationIosAppAttestAppId, OPT, 0, 255, "TeamID.bundle id of the app", "\"\"")                             \
	F(T, INT, attestationTimeout, OPT, 0, 600000, "How long an app waits for an attestation, in ms", "10000")               \
	F(T, ENUM(hw_key_strategy), hwKeyValidationStrategy, NOCASE, 0, 0, "What a hardware-protected key decides", "\"SUPPORTED\"") \
	F(T, ENUM(geo_mode), geofencingActivationMode, NOCASE, 0, 0, "Geofencing of registrations and recoveries", "\"DISABLED\"") \
	F(T, ENUM(geo_mode), geofencingAuthenticationMode, NOCASE, 0, 0, "Geofencing of everything else", "\"DISABLED\"")       \
	F(T, STR, geofencingAllowedContinents, OPT, 0, 64, "Codes of continents, comma-separated", "\"\"")                      \
	F(T, STR, geofencingAllowedCountries, OPT, 0, 1200, "Codes of countries, comma-separated", "\"\"")                      \
	F(T, STR, geofencingDeniedCountries, OPT, 0, 1200, "Codes of countries, comma-separated", "\"\"")                       \
	F(T, INT, geofencingTimeout, OPT, 0, 600000, "How long an app looks for its place, in ms", "15000")                     \
	F(T, INT, locationAccuracy, OPT, 0, 1000000, "How exact the place is to be, in metres", "100")                          \
	F(T, STR, riskAttributes, OPT, 0, 2000, "Risk attributes that are collected besides those that always are", "\"\"")     \
	F(T, INT, deviceHashAllowedUsers, OPT, 1, 1000, "Users of one physical device before it is flagged", "2")               \
	F(T, INT, inactiveDeviceCleanupDays, OPT, 0, 36500, "Devices unused for so long are deleted; 0: never", "0")            \
	F(T, BOOL, pushEnabled, OPT, 0, 0, "Are push messages sent", "false")                                                   \
	F(T, INT, pushesSinceSuccessMax, OPT, 0, 1000, "Push messages to a device since its last success; 0: no limit", "0")    \
	F(T, ENUM(policy_mode), intermediatePushMode, NOCASE, 0, 0, "Proof of the push address in the midst of an operation", "\"OFF\"") \
	F(T, INT, intermediatePushTimeout, OPT, 0, 600000, "How long an app waits for it, in ms", "20000")                      \
	F(T, ENUM(policy_mode), numberMatchingMode, NOCASE, 0, 0, "Number matching: never, when a request asks, always", "\"OPTIONAL\"") \
	F(T, INT, numberMatchingDigits, OPT, 1, 8, "Digits of the number", "2")

#define DEVICE_CONFIG(F, T) CONFIG_METHODS(F, T) CONFIG_RISK(F, T)
SCHEMA_STRUCT(device_config, DEVICE_CONFIG);

/* From JSON text with the properties that are set, "" being none. E_CONFIG when it is not valid. */
err device_config_read(struct slice json, struct arena *a, struct device_config *ret_config);
/* "ACTIVATION_CODE_LENGTH" is "activationCodeLength". NULL: there is no such property. */
const struct field *device_config_property(struct slice name);
/* What one property alone cannot tell; every fault of `config` is added. */
void device_config_check(const struct device_config *config, struct invalids *bad);
/* Sentences for the administrator: allowed, but unwise. */
struct list device_config_warnings(const struct device_config *config, struct arena *a);

/* Masks of 1 << enum auth_method. */
unsigned device_config_methods(const struct device_config *config);
unsigned device_config_authorising(const struct device_config *config); /* allowedAuthMethodsForAuthAndActivate */
bool device_config_blocks(const struct device_config *config, enum device_os os, struct slice sdk);
/* A geofencing mode as the device protocol names modes. */
enum policy_mode geo_mode_policy(enum geo_mode mode);

/* "DEVICE:PIN" as configuration and results spell it. */
const char *auth_method_colon(enum auth_method m);

#endif
