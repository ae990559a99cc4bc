/* The one list of risk attributes (seed: "riskAttributes"). RISK(name, how it gets here). */
#ifndef DEVICE_RISK_H
#define DEVICE_RISK_H

#include "base/slice.h"

enum risk_source {
	RISK_ALWAYS,  /* of the phone, whether asked for or not */
	RISK_ASKED,   /* of the phone, when the application configuration asks for it */
	RISK_SERVER,  /* only the server knows */
};

#define RISK_ATTRIBUTES(RISK)                                                                                                       \
	RISK(operatingSystemFingerprint, RISK_ALWAYS) RISK(operatingSystemVersion, RISK_ALWAYS) RISK(operatingSystemType, RISK_ALWAYS) \
	RISK(deviceHash, RISK_ALWAYS) RISK(deviceManufacturer, RISK_ALWAYS) RISK(deviceModel, RISK_ALWAYS)                         \
	RISK(inputMethod, RISK_ASKED) RISK(isDebuggable, RISK_ASKED) RISK(isDebugEnabled, RISK_ASKED)                              \
	RISK(isDebuggerConnected, RISK_ASKED) RISK(isEmulator, RISK_ASKED) RISK(isRootAvailable, RISK_ASKED)                       \
	RISK(isSecureScreenLockEnabled, RISK_ASKED) RISK(serverClientIp, RISK_SERVER) RISK(signerHashes, RISK_ASKED)               \
	RISK(userAgent, RISK_SERVER) RISK(applicationHash, RISK_ASKED) RISK(clientSideIp, RISK_ASKED)                              \
	RISK(hwKeyClientStatus, RISK_SERVER) RISK(hwKeyServerResult, RISK_SERVER) RISK(batteryLevel, RISK_ASKED)                   \
	RISK(isPowerConnected, RISK_ASKED) RISK(timeZone, RISK_ASKED) RISK(locale, RISK_ASKED) RISK(isDeveloperMode, RISK_ASKED)   \
	RISK(isOverlayDetected, RISK_ASKED) RISK(magnetometer, RISK_ASKED) RISK(barometer, RISK_ASKED) RISK(gravity, RISK_ASKED)   \
	RISK(ssid, RISK_ASKED) RISK(bssid, RISK_ASKED) RISK(isVpnEnabled, RISK_ASKED) RISK(isProxyEnabled, RISK_ASKED)

struct risk_attribute_info {
	const char *name;
	enum risk_source source;
};

extern const struct risk_attribute_info risk_attributes[];
extern const size_t risk_attribute_count;

/* Is every name of the comma-separated list one of them? A name that is none would be asked for and never come. */
bool risk_attributes_fit(struct slice list);

#endif
