/*
 * The application configuration: how one mobile application behaves. One list of properties; what is not set takes its default.
 * Lists are comma-separated text, as the service has them.
 */
#ifndef DEVICE_CONFIG_H
#define DEVICE_CONFIG_H

#include "protocol/messages.h"

#define DEVICE_CONFIG(F, T)                                                                                                      \
	F(T, INT, activationCodeLength, OPT, 4, 128, "Characters of an activation code", "6")                                   \
	F(T, ENUM(code_type), activationCodeType, OPT, 0, 0, "Alphabet of activation codes", "\"NUMERIC\"")                     \
	F(T, STR, allowedAuthMethods, OPT, 0, 400, "Methods that devices may use, comma-separated", "\"DEVICE, DEVICE:PIN\"")   \
	F(T, INT, amountFailuresAllowed, OPT, 0, 128, "Failed tries before a device is locked", "3")                            \
	F(T, STR, encapApiBlacklistAndroid, OPT, 0, 400, "Versions of the Android SDK that are refused", "\"\"")                \
	F(T, STR, encapApiBlacklistIos, OPT, 0, 400, "Versions of the iOS SDK that are refused", "\"\"")                        \
	F(T, INT, pinCodeLengthMin, OPT, 1, 128, "Least length of a PIN", "4")                                                  \
	F(T, INT, pinCodeLengthMax, OPT, 1, 128, "Greatest length of a PIN", "50")                                              \
	F(T, ENUM(code_type), pinCodeType, OPT, 0, 0, "Alphabet of PINs", "\"NUMERIC\"")                                        \
	F(T, INT, sessionTimeout, OPT, 1000, 86400000, "Lifetime of an operation in ms, unless told otherwise", "300000")
SCHEMA_STRUCT(device_config, DEVICE_CONFIG);

/* From JSON text with the properties that are set, "" being none. E_CONFIG when it is not valid. */
err device_config_read(struct slice json, struct arena *a, struct device_config *ret_config);
/* Mask of 1 << enum auth_method. */
unsigned device_config_methods(const struct device_config *config);
bool device_config_blocks(const struct device_config *config, enum device_os os, struct slice sdk);

/* "DEVICE:PIN" as configuration and results spell it. */
const char *auth_method_colon(enum auth_method m);

#endif
