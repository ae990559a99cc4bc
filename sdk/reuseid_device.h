/*
 * reuseid-device: the device's side of the protocol rid-device/v1, for apps that register a phone, and approve authentications and
 * signatures with it. Plain C99, usable from C++; a static or a shared library, which needs libcrypto and libjansson.
 *
 * The library does no I/O. Each call returns the next step, the app performs it and hands back what came of it, and gets the next
 * one, until the step is one that the app was waiting for:
 *
 *     const rid_step *s = rid_start_authentication(c, NULL);
 *
 *     while (rid_step_is_work(s))     the app's own function for all of them, see example/example.c
 *             s = perform(c, s);
 *     if (s->kind == RID_SHOW)        show s->started to the person, ask for the PIN, then
 *             s = rid_finish_authentication(c, RID_METHOD_DEVICE_PIN, pin, pin_bytes);
 *
 * Lifetimes: a step, and all that it points to, is valid until the next call on its controller; what RID_SHOW gives stays valid as
 * long as its session. Arguments are copied. Secrets of the app (PIN, activation code) come in buffers that may be written to, and
 * are overwritten before the call returns, whatever it returns.
 * A controller belongs to one thread at a time; different controllers are independent. When the machine has no memory left, the
 * process is stopped: nothing that was acknowledged is lost.
 *
 * docs/APP-BUILDERS.md tells how to build an app on this, docs/DEVICE-PROTOCOL.md what goes over the wire.
 */
#ifndef SDK_REUSEID_DEVICE_H
#define SDK_REUSEID_DEVICE_H

#include "reuseid_device_types.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RID_API __attribute__((visibility("default")))
#else
#define RID_API
#endif

/* "AuthenticationFailed"; "Unexpected" for an unknown number. */
RID_API const char *rid_error_title(int number);

/* Is it work for the app, and not the end of a call or the person's turn? */
RID_API int rid_step_is_work(const rid_step *step);

/* ---- life ---- */

typedef struct rid_controller rid_controller;

/*
 * One controller for each registration; `slot` is the name under which the app keeps it: [A-Za-z0-9_-], at most RID_SLOT_NAME_MAX.
 * NULL and an error number when the configuration is of no use (RID_ERROR_CONFIGURATION).
 */
RID_API rid_controller *rid_open(const rid_config *config, const char *slot, int *ret_error);
/* Wipes what it knows. NULL is fine. */
RID_API void rid_close(rid_controller *c);

/* The first call on each controller: reads its records. */
RID_API const rid_step *rid_load(rid_controller *c);

/* ---- what the phone knows, without the network; after rid_load() ---- */

RID_API int rid_is_activated_locally(const rid_controller *c);
/* Is there a registration that ended without an answer? The next call that talks to the server finds out. */
RID_API int rid_is_unconfirmed(const rid_controller *c);
RID_API const char *rid_registration_id(const rid_controller *c);     /* NULL: not activated. The REST API's device id */
RID_API int rid_activated_auth_methods(const rid_controller *c);      /* rid_method bits */
RID_API const char *rid_unique_identifier(const rid_controller *c);   /* the device hash */
RID_API int rid_is_recovery_activated(const rid_controller *c);
RID_API int rid_activated_recovery_methods(const rid_controller *c);  /* rid_recovery_method bits */

/*
 * For the next finish. Sent are the names that the server asks for (rid_started.risk), and always, when the app gave them:
 * operatingSystemType, operatingSystemVersion, operatingSystemFingerprint, deviceManufacturer, deviceModel.
 * A value of NULL takes it back. Not 0: too long, or no UTF-8.
 */
RID_API int rid_set_risk_parameter(rid_controller *c, const char *name, const char *value);
/* From a push message: the operation that the next start is meant for. NULL forgets it. Not 0: too long. */
RID_API int rid_set_push_session_id(rid_controller *c, const char *id);
RID_API const char *rid_push_session_id(const rid_controller *c);

/* ---- for the next finish; each is used up by one that succeeds, and forgotten with the session ---- */

/* The number that the service provider shows (rid_started.match_digits), as the person typed it. Not 0: no digits, or too many. */
RID_API int rid_set_match_number(rid_controller *c, const char *digits);
/* What the scanner made: 1 to RID_FACE_SCAN_BYTES_MAX bytes, which are copied. NULL takes it back. Not 0: too long. */
RID_API int rid_set_face_scan(rid_controller *c, const unsigned char *scan, size_t n);
/* rid_token_purpose bits: which tokens the finish shall bring (rid_result.tokens). */
RID_API void rid_want_tokens(rid_controller *c, int purposes);

/* ---- calls; each returns the first step ---- */

/* Asks the server. DONE: it is; FAILED 106, 202, 214, 224, 226 … else. */
RID_API const rid_step *rid_is_activated(rid_controller *c);
/* What an activation code and a PIN look like, before anybody is asked for one. */
RID_API const rid_step *rid_load_config(rid_controller *c);

/* RID_SHOW tells what to ask for. An existing registration of this slot is replaced when the new one succeeds. */
RID_API const rid_step *rid_start_activation(rid_controller *c, char *code, size_t code_bytes);
/*
 * `methods`: rid_method bits; DEVICE comes along by itself. `device_name` may be NULL, and has at most 128 characters. A PIN of NULL:
 * RID_ASK_PIN if one is needed.
 */
RID_API const rid_step *rid_finish_activation(rid_controller *c, int methods, const char *device_name, char *pin, size_t pin_bytes);

typedef struct rid_start_options {
	const char *client_data;     /* text for the service provider, at most 4096 characters, or NULL */
	int client_only;             /* an authentication that nobody asked for at the server */
} rid_start_options;

/* `options` may be NULL. The operation is the one of rid_set_push_session_id(), else the one that is pending. */
RID_API const rid_step *rid_start_authentication(rid_controller *c, const rid_start_options *options);
RID_API const rid_step *rid_start_signing(rid_controller *c, const rid_start_options *options);
RID_API const rid_step *rid_start_authentication_or_signing(rid_controller *c, const rid_start_options *options);

/*
 * Approves with one method. Only DEVICE_PIN wants a PIN, SERVER_SIDE_FACE a scan; a biometric method is unlocked at RID_SIGN. After
 * FAILED with `recoverable` call it again; `remaining` counts down to the lock. The PIN is UTF-8 in normalization form C.
 */
RID_API const rid_step *rid_finish_authentication(rid_controller *c, int method, char *pin, size_t pin_bytes);
RID_API const rid_step *rid_finish_signing(rid_controller *c, int method, char *pin, size_t pin_bytes);
RID_API const rid_step *rid_finish_authentication_or_signing(rid_controller *c, int method, char *pin, size_t pin_bytes);

/*
 * Adds a method, or replaces its key; with DEVICE_PIN it is the PIN change. RID_SHOW: rid_started.methods may authorise it. The second
 * pair has the same meaning under the name that apps know it by when the method is not there yet: an active one is refused (129).
 */
RID_API const rid_step *rid_start_add_or_update(rid_controller *c, int method);
RID_API const rid_step *rid_start_authentication_and_activation(rid_controller *c, int method);
/*
 * `method` authorises, with `pin` if it is DEVICE_PIN; `new_pin` is for a new PIN. A scan of a face serves the one that needs it. After
 * FAILED with `recoverable` a `new_pin` of NULL is the one of before.
 */
RID_API const rid_step *rid_finish_add_or_update(rid_controller *c, int method, char *pin, size_t pin_bytes, char *new_pin,
	size_t new_pin_bytes);
RID_API const rid_step *rid_finish_authentication_and_activation(rid_controller *c, int method, char *pin, size_t pin_bytes, char *new_pin,
	size_t new_pin_bytes);
/* Neither DEVICE nor the last method beside it can go (231). What was pending for this device ends. */
RID_API const rid_step *rid_deactivate_auth_method(rid_controller *c, int method);

/*
 * Recovery: a backup in the person's cloud, of no use without the code (or face) and the server, makes a new phone the old one's
 * successor. Setting it up, changing and deleting it take a token; without a good one: 233. RID_SHOW tells the code's form.
 */
RID_API const rid_step *rid_start_add_or_update_recovery(rid_controller *c, int recovery_method,
	const unsigned char token[RID_TOKEN_BYTES]);
/* The code is UTF-8 in normalization form C, and is overwritten; NULL with RID_RECOVERY_FACE, which wants a scan. */
RID_API const rid_step *rid_finish_add_or_update_recovery(rid_controller *c, char *code, size_t code_bytes);
RID_API const rid_step *rid_delete_recovery(rid_controller *c, const unsigned char token[RID_TOKEN_BYTES]);
/* On the new phone, in a slot without registration (else 110). Looks into the cloud backup first; nothing there: 202. */
RID_API const rid_step *rid_start_recovery(rid_controller *c);
/*
 * The code, and what rid_finish_activation() takes. A wrong code is 130 and recoverable, but each is counted; at the limit 226, and the
 * recovery is locked.
 */
RID_API const rid_step *rid_finish_recovery(rid_controller *c, char *code, size_t code_bytes, int methods, const char *device_name,
	char *pin, size_t pin_bytes);

/* The person refuses. In an activation it only forgets the session. */
RID_API const rid_step *rid_cancel_session(rid_controller *c);

/* What is pending, now, or as soon as something is, within wait_ms (the call is repeated inside as often as needed). */
RID_API const rid_step *rid_pending(rid_controller *c);
RID_API const rid_step *rid_wait(rid_controller *c, uint32_t wait_ms);

/*
 * Tells the server where the app hears from now on: a subscription of Web Push or UnifiedPush as JSON, APNs' device token in hexadecimal,
 * or FCM's registration token. NULL: nowhere. And that a push was heard; the id is that of the push message.
 */
RID_API const rid_step *rid_push_token(rid_controller *c, const char *token);
RID_API const rid_step *rid_push_heard(rid_controller *c, const char *push_session_id);

/* Removes the registration; `only_locally`: from this phone alone, without asking the server, whatever state the records are in. */
RID_API const rid_step *rid_deactivate(rid_controller *c, int only_locally);

/* After FAILED with `repeatable`: sends the very same bytes again. */
RID_API const rid_step *rid_repeat(rid_controller *c);

/* ---- what the app hands back; each returns the next step ---- */

RID_API const rid_step *rid_sent(rid_controller *c, int http_status, const unsigned char *answer, size_t answer_bytes);
/* RID_ERROR_CONNECTION_FAILURE, _CONNECTION_TIMEOUT, _NO_INTERNET or _SECURE_CONNECTION. */
RID_API const rid_step *rid_not_sent(rid_controller *c, int error);

typedef enum rid_loading { RID_LOADED, RID_ABSENT, RID_UNAVAILABLE /* the storage cannot be read now */ } rid_loading;
/* `generation`: the key store's number for that name, 0 when there is none; also with RID_ABSENT. */
RID_API const rid_step *rid_loaded(rid_controller *c, rid_loading what, const unsigned char *bytes, size_t n, uint64_t generation);
/* After RID_STORE, RID_ERASE (also when there was nothing) and RID_DROP_KEY: did it work? */
RID_API const rid_step *rid_stored(rid_controller *c, int worked);

/* 33 bytes compressed, or 65 uncompressed. */
RID_API const rid_step *rid_key_made(rid_controller *c, const unsigned char *public_key, size_t n);
/* r and s, 64 bytes, or DER as key stores give it. */
RID_API const rid_step *rid_signed(rid_controller *c, const unsigned char *signature, size_t n);
typedef enum rid_key_trouble {
	RID_KEY_REFUSED,             /* the person did not unlock it */
	RID_KEY_GONE,                /* there is no such key any more; at RID_MAKE_KEY: it was made, but its public half cannot be had */
	RID_KEY_BROKEN               /* anything else */
} rid_key_trouble;
RID_API const rid_step *rid_key_failed(rid_controller *c, rid_key_trouble why);

RID_API const rid_step *rid_pin(rid_controller *c, char *pin, size_t pin_bytes);
RID_API const rid_step *rid_waited(rid_controller *c);

/* What is too long, or lacks the key's id or the object of App Attest, is told as FAILED_CLIENT_UNEXPECTED_ERROR or …_API_FAILURE. */
RID_API const rid_step *rid_attested(rid_controller *c, const rid_attestation *attestation);
/*
 * `status` for App Attest: FAILED_CLIENT_APPLE_SERVER_UNAVAILABLE, …_NOT_SUPPORTED, …_UNEXPECTED_ERROR, …_TIMEOUT; for Play Integrity:
 * FAILED_CLIENT_API_FAILURE, …_TIMEOUT, …_PLAY_SERVICES_OUT_OF_DATE. NULL: nothing is sent. `message` is technical; NULL: none.
 */
RID_API const rid_step *rid_not_attested(rid_controller *c, const char *status, const char *message);
/* `country`: two letters of ISO 3166-1 with RID_LOCATION_OK; NULL: none. */
RID_API const rid_step *rid_located(rid_controller *c, rid_location status, const char *country);
/* `nonce`: the text pushNonce of the message; NULL: none came in time. */
RID_API const rid_step *rid_push_came(rid_controller *c, const char *nonce);
RID_API const rid_step *rid_backup_loaded(rid_controller *c, rid_loading what, const unsigned char *bytes, size_t n);

/*
 * The loop around the steps, for apps that would rather fill in a table: each function performs its step, calls what hands it back, and
 * returns what that returned. NULL: this app cannot do that, which is handed back. The first four are needed, and `wait` for rid_wait().
 * Ends with a step that is no work, or NULL when a function returned NULL (to end the loop; the step stays the controller's).
 */
typedef const rid_step *(*rid_hand)(void *app, rid_controller *c, const rid_step *step);
typedef struct rid_hands {
	rid_hand send, load, store, erase;
	rid_hand make_key, sign, drop_key, wait, attest, locate, await_push, back_up, load_backup, forget_backup;
} rid_hands;
RID_API const rid_step *rid_perform(rid_controller *c, const rid_step *step, const rid_hands *hands, void *app);

/* ---- helps ---- */

/* 0 when a PIN of that form is taken, RID_ERROR_INVALID_INPUT_FORMAT else. The library asks this itself when a PIN is enrolled. */
RID_API int rid_pin_check(const rid_form *form, const char *pin, size_t pin_bytes);
/* Is it one that everybody tries first (1111, 1234, 1212, 2580, a year …)? For the app to advise against. */
RID_API int rid_pin_is_weak(const char *pin, size_t pin_bytes);
/* Overwrites memory so that the compiler cannot leave it out. */
RID_API void rid_wipe(void *p, size_t n);

#ifdef __cplusplus
}
#endif

#endif
