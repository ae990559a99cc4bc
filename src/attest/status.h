/* What attestations and hardware keys come to, as the API spells it. */
#ifndef ATTEST_STATUS_H
#define ATTEST_STATUS_H

#include "codec/schema.h"

/* Numbers stand in sealed answers only by name, so the order is free. */
#define APP_ATTEST_STATUS(V, E)                                                                              \
	V(E, VERIFIED, "Attestation verification was successful")                                            \
	V(E, FAILED_VALIDATION_EXCEPTION, "The attestation object is not valid")                             \
	V(E, FAILED_CLIENT_APPLE_SERVER_UNAVAILABLE, "Apple's server could not be reached by the app")       \
	V(E, FAILED_CLIENT_NOT_SUPPORTED, "The device does not support App Attest")                          \
	V(E, FAILED_CLIENT_UNEXPECTED_ERROR, "An unexpected error in the app")                               \
	V(E, FAILED_CLIENT_TIMEOUT, "The app had no answer in time")
ENUMERATION_TYPE(app_attest_status, APP_ATTEST_STATUS);

#define PLAY_INTEGRITY_STATUS(V, E)                                                                          \
	V(E, VERIFIED, "Attestation verification was successful")                                            \
	V(E, FAILED_INTEGRITY_CHECK, "The device does not meet device integrity")                            \
	V(E, FAILED_UNRECOGNIZED_PLAY_APP, "The app is not the one that the store has")                      \
	V(E, FAILED_UNLICENSED_PLAY_APP, "The app was not got from the store")                               \
	V(E, FAILED_INCORRECT_PACKAGE_NAME, "Another package asked for the token")                           \
	V(E, FAILED_INVALID_JWS, "The token cannot be opened or verified")                                   \
	V(E, FAILED_INCORRECT_NONCE, "The token belongs to something else")                                  \
	V(E, FAILED_MISSING_JWS, "There is no token")                                                        \
	V(E, FAILED_MISSING_STATUS, "The app sent no status")                                                \
	V(E, FAILED_INVALID_TIMESTAMP, "The token was not made during the session")                          \
	V(E, FAILED_CLIENT_API_FAILURE, "The store's interface failed in the app")                           \
	V(E, FAILED_CLIENT_TIMEOUT, "The app had no answer in time")                                         \
	V(E, FAILED_CLIENT_PLAY_SERVICES_OUT_OF_DATE, "The device's Play services are too old")
ENUMERATION_TYPE(play_integrity_status, PLAY_INTEGRITY_STATUS);

#define HW_KEY_SERVER_RESULT(V, E)                                                                           \
	V(E, SIGNATURE_VERIFICATION_SUCCESS, "The hardware-protected key signed")                            \
	V(E, SIGNATURE_VERIFICATION_FAILED, "Its signature is wrong or missing")                             \
	V(E, NOT_ACTIVATED_WITH_HW_KEY, "The device was registered without one")                             \
	V(E, NOT_PROVIDED_BY_CLIENT, "The app's SDK does not know of such keys")
ENUMERATION_TYPE(hw_key_server_result, HW_KEY_SERVER_RESULT);

/* Of a status that the app sent: what is reported. One that is not the client's to claim counts as none. */
enum app_attest_status app_attest_client_status(struct slice claimed);
enum play_integrity_status play_integrity_client_status(struct slice claimed);

#endif
