/* Failures in plain words, as a person would want to hear them. */
#include "authenticator/app.h"

struct wording {
	int number;
	const char *words;
};

/* The SDK's description is for those who build; this is for those who use. Factors are never told apart. */
static const struct wording wordings[] = {
	{ RID_ERROR_CONNECTION_FAILURE, "The server cannot be reached. Nothing is lost: try again later." },
	{ RID_ERROR_CONNECTION_TIMEOUT, "The server did not answer in time. Nothing is lost: try again later." },
	{ RID_ERROR_NO_INTERNET, "The server's name cannot be found. Is there a connection to the internet?" },
	{ RID_ERROR_SECURE_CONNECTION, "The connection to the server is not safe: its certificate cannot be trusted." },
	{ RID_ERROR_INVALID_RESPONSE, "The server's answer cannot be read. Are the server's address and its public key right?" },
	{ RID_ERROR_INVALID_INPUT_FORMAT, "That is not of the form that is asked for." },
	{ RID_ERROR_NOT_ACTIVATED, "There is no registration here. Register first." },
	{ RID_ERROR_CONFIGURATION, "The configuration is of no use. Configure again." },
	{ RID_ERROR_INVALID_AUTH_PARAMETERS, "Something that this needs was not given: a PIN, a number, a recovery code or a scan." },
	{ RID_ERROR_METHOD_UNAVAILABLE, "This phone cannot do that method. `configure --phone` says what it can." },
	{ RID_ERROR_METHOD_NOT_ALLOWED, "That method cannot be used for this." },
	{ RID_ERROR_CLIENT_AUTHENTICATION_FAILED, "That was not accepted: a wrong recovery code, or a key that does not sign." },
	{ RID_ERROR_AUTHENTICATION_ABORTED, "Given up: the key was not unlocked." },
	{ RID_ERROR_AUTH_DATA_INVALIDATED, "That method's key is gone, or was set anew elsewhere. Add the method again, or register again." },
	{ RID_ERROR_DOWNGRADE_DETECTED, "The registration in the store is an older copy of itself. It cannot be used; register again." },
	{ RID_ERROR_REGISTRATION_DATA_INVALIDATED, "The registration in the store cannot be read. Remove it (deactivate --only-locally) and register again." },
	{ RID_ERROR_STORAGE, "It could not be stored. Is there room on the disk?" },
	{ RID_ERROR_STORAGE_UNAVAILABLE, "The store cannot be read." },
	{ RID_ERROR_INCORRECT_ACTIVATION_CODE, "The activation code is wrong, or it is no longer valid." },
	{ RID_ERROR_SERVER_UNEXPECTED, "Something went wrong at the server." },
	{ RID_ERROR_NOT_REGISTERED, "The server does not know this device any more. Register again." },
	{ RID_ERROR_NO_SESSION, "There is nothing to approve, or its time is over." },
	{ RID_ERROR_INCORRECT_PUSH, "There is no such pending operation." },
	{ RID_ERROR_CLIENT_ONLY_DISALLOWED, "The application does not allow authentications that nobody asked for." },
	{ RID_ERROR_AUTHENTICATION_FAILED, "That was not accepted." },
	{ RID_ERROR_SERVICE_UNAVAILABLE, "The server is busy. Try again in a moment." },
	{ RID_ERROR_LOCKED_BY_ADMIN, "This device has been locked. Ask those who gave you the activation code." },
	{ RID_ERROR_LOCKED, "This device is locked, after too many failed attempts. Ask those who gave you the activation code." },
	{ RID_ERROR_NO_MATCHING_METHOD, "None of this device's methods can be used for this." },
	{ RID_ERROR_ILLEGAL_METHOD, "That method cannot be used for this." },
	{ RID_ERROR_ILLEGAL_FACTOR, "This needs two factors, like the PIN; or the scan of the face was not taken." },
	{ RID_ERROR_AUTHENTICATION_REQUIRED,
		"This has to be authorised first: approve something with the PIN, or change the PIN, then do this within ten minutes." },
	{ RID_ERROR_PUSH_TIMEOUT, "The push message that belongs to this did not arrive. Give what it says with --push-nonce." },
	{ RID_ERROR_PUSH_NOT_ENABLED, "This needs a push address: say with `push-token` where push messages go." },
	{ RID_ERROR_MISSING_METHOD, "A recovery by face needs the face to be an active method: `add-method DEVICE_SERVER_SIDE_FACE`." },
	{ RID_ERROR_MUST_BE_ACTIVATED_WITH_PIN, "A PIN is needed for this registration." },
	{ RID_ERROR_NO_SESSION_FOR_PURPOSE, "What is pending is of the other kind: use `sign` for a signature, `approve` for an authentication." },
	{ RID_ERROR_APPLICATION_NOT_FOUND, "The server does not know this application. Is the application id right?" },
	{ RID_ERROR_VERSION_TOO_OLD_FOR_SERVER, "This app is too old for the server. Update it." },
	{ RID_ERROR_VERSION_TOO_NEW_FOR_SERVER, "This app is too new for the server." },
	{ RID_ERROR_VERSION_TOO_OLD_FOR_APP, "This app is too old, or lacks what the application demands. Update it." },
	{ RID_ERROR_VERSION_BLOCKED, "This version of the app is no longer allowed. Update it." },
	{ RID_ERROR_ACTIVATION_FAILED, "The registration failed. Ask for a new activation code." },
	{ RID_ERROR_OUT_OF_SYNC, "The clock of this computer is wrong, or the server's is." },
	{ RID_ERROR_UNKNOWN_DEVICE, "This code is for the device that was registered before, and this is another one." },
};

static const char *words_of(int number)
{
	for (size_t i = 0; i < sizeof(wordings) / sizeof(wordings[0]); i++)
		if (wordings[i].number == number)
			return wordings[i].words;
	return NULL;
}

struct slice failure_words(const rid_failure *failure, struct arena *a)
{
	struct buf b = buf_arena(a, 1024);
	const char *words = words_of(failure->number);

	if (words)
		buf_text(&b, words);
	else
		buf_printf(&b, "It failed: error %d, %s (%s).", failure->number, failure->title, failure->description);
	if (failure->remaining > 0)
		buf_printf(&b, " %d more %s until the device is locked.", failure->remaining, failure->remaining == 1 ? "attempt" : "attempts");
	return buf_bytes(&b);
}
