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

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define RID_API __attribute__((visibility("default")))
#else
#define RID_API
#endif

/* Of the library, as the server sees it in each message; the numbering continues that of the SDKs that apps may have had before. */
#define RID_VERSION "4.0.0"

enum {
	RID_STORAGE_KEY_BYTES = 32,
	RID_PUBLIC_KEY_BYTES = 33,   /* P-256 point, compressed */
	RID_SLOT_NAME_MAX = 64,
	RID_PIN_BYTES_MAX = 1024,
};

/* ---- configuration ---- */

/* What this phone has in the way of keys that never leave its hardware. */
typedef enum rid_hardware {
	RID_HARDWARE_NONE,           /* no such hardware */
	RID_HARDWARE_OS_TOO_OLD,     /* hardware perhaps, but the system offers no access */
	RID_HARDWARE_YES             /* the app makes and uses such keys when asked (RID_MAKE_KEY, RID_SIGN) */
} rid_hardware;

typedef struct rid_config {
	const char *server_url;      /* "https://host/encore/encap": the messages go to server_url + "/device/v1" */
	const char *application_id;  /* UUID */
	const char *public_key;      /* the application's E2E key: base64 of an X25519 SubjectPublicKeyInfo in DER */
	const char *os;              /* "Android", "iOS" or "Web" */
	const char *device_hash;     /* standard base64 of 32 bytes that name the physical device */
	const char *push_token;      /* or NULL */
	const unsigned char *storage_key; /* RID_STORAGE_KEY_BYTES out of the phone's key store: seals the records */
	rid_hardware hardware;
	int device_key_in_app;       /* the device key too is made and used by the app; 0: it lies in the sealed record */
	uint32_t timeout_ms;         /* for one exchange with the server; 0: 20 s */

	/* For tests. NULL: the system's clock and random numbers. */
	int64_t (*now_ms)(void *world);                             /* milliseconds since 1970, UTC */
	int64_t (*mono_ms)(void *world);                            /* never goes back */
	void (*random)(void *world, unsigned char *p, size_t n);    /* cryptographic */
	void *world;
} rid_config;

/* ---- errors ---- */

/* Numbers below 200 arise on the phone, from 200 on at the server. The server may send others; rid_error_title() knows these. */
enum rid_error {
	RID_OK = 0,
	RID_ERROR_OPERATION_IN_PROGRESS = 100,
	RID_ERROR_CONNECTION_FAILURE = 101,
	RID_ERROR_INVALID_RESPONSE = 102,
	RID_ERROR_INVALID_INPUT_FORMAT = 105,
	RID_ERROR_NOT_ACTIVATED = 106,
	RID_ERROR_UNEXPECTED = 109,
	RID_ERROR_WRONG_STATE = 110,
	RID_ERROR_CONFIGURATION = 111,
	RID_ERROR_CONNECTION_TIMEOUT = 120,
	RID_ERROR_NO_INTERNET = 121,
	RID_ERROR_SECURE_CONNECTION = 122,
	RID_ERROR_INVALID_AUTH_PARAMETERS = 127,
	RID_ERROR_METHOD_UNAVAILABLE = 128,
	RID_ERROR_METHOD_NOT_ALLOWED = 129,
	RID_ERROR_CLIENT_AUTHENTICATION_FAILED = 130,
	RID_ERROR_AUTHENTICATION_ABORTED = 131,
	RID_ERROR_AUTH_DATA_INVALIDATED = 132,
	RID_ERROR_DOWNGRADE_DETECTED = 133,
	RID_ERROR_REGISTRATION_DATA_INVALIDATED = 134,
	RID_ERROR_STORAGE = 172,
	RID_ERROR_STORAGE_UNAVAILABLE = 174,
	RID_ERROR_INCORRECT_ACTIVATION_CODE = 200,
	RID_ERROR_SERVER_UNEXPECTED = 201,
	RID_ERROR_NOT_REGISTERED = 202,
	RID_ERROR_NO_SESSION = 208,
	RID_ERROR_INCORRECT_PUSH = 210,
	RID_ERROR_CLIENT_ONLY_DISALLOWED = 211,
	RID_ERROR_AUTHENTICATION_FAILED = 214,
	RID_ERROR_SERVICE_UNAVAILABLE = 221,
	RID_ERROR_LOCKED_BY_ADMIN = 224,
	RID_ERROR_LOCKED = 226,
	RID_ERROR_NO_MATCHING_METHOD = 230,
	RID_ERROR_ILLEGAL_METHOD = 231,
	RID_ERROR_ILLEGAL_FACTOR = 232,
	RID_ERROR_AUTHENTICATION_REQUIRED = 233,
	RID_ERROR_MUST_BE_ACTIVATED_WITH_PIN = 234,
	RID_ERROR_NO_SESSION_FOR_PURPOSE = 236,
	RID_ERROR_APPLICATION_NOT_FOUND = 237,
	RID_ERROR_VERSION_TOO_OLD_FOR_SERVER = 238,
	RID_ERROR_VERSION_TOO_NEW_FOR_SERVER = 239,
	RID_ERROR_VERSION_TOO_OLD_FOR_APP = 240,
	RID_ERROR_VERSION_BLOCKED = 241,
	RID_ERROR_SERVER_TO_SERVICE_PROVIDER = 242,
	RID_ERROR_NOT_PARSABLE = 243,
	RID_ERROR_MISSING_PARAMETER = 244,
	RID_ERROR_MALFORMED_PARAMETER = 245,
	RID_ERROR_ACTIVATION_FAILED = 246,
	RID_ERROR_PUSH_TIMEOUT = 247,
	RID_ERROR_PUSH_NOT_ENABLED = 248,
	RID_ERROR_OUT_OF_SYNC = 249,
	RID_ERROR_UNKNOWN_DEVICE = 250,
	RID_ERROR_MISSING_METHOD = 251
};

/* "AuthenticationFailed"; "Unexpected" for an unknown number. */
RID_API const char *rid_error_title(int number);

/* ---- words ---- */

/* Authentication methods, as bits. This version makes and uses DEVICE and DEVICE_PIN. */
enum rid_method {
	RID_METHOD_DEVICE = 1,
	RID_METHOD_DEVICE_PIN = 2,
	RID_METHOD_IOS_FACE_ID = 4,
	RID_METHOD_STRONG_TOUCH_ID = 8,
	RID_METHOD_ANDROID_BIOMETRIC_PROMPT = 16,
	RID_METHOD_SERVER_SIDE_FACE = 32
};

typedef enum rid_operation {
	RID_OPERATION_NONE,
	RID_OPERATION_ACTIVATION,
	RID_OPERATION_AUTHENTICATION,
	RID_OPERATION_SIGNING
} rid_operation;

typedef enum rid_alphabet { RID_ALPHABET_ANY = 1, RID_ALPHABET_NUMERIC, RID_ALPHABET_ALPHA, RID_ALPHABET_ALPHANUMERIC } rid_alphabet;

/* What a PIN or a code looks like; lengths in characters. */
typedef struct rid_form {
	int min, max;
	rid_alphabet alphabet;
} rid_form;

/* Shown to the person as it is. Never interpret a type that the app does not know: offer to save it, or refuse. */
typedef struct rid_context {
	const char *title;           /* UTF-8; NULL: none */
	const char *mime;            /* NULL: none */
	const unsigned char *content; /* a zero byte follows it */
	size_t content_bytes;
} rid_context;

/* ---- steps ---- */

typedef enum rid_step_kind {
	/* the end of a call */
	RID_DONE,                    /* `result` */
	RID_FAILED,                  /* `failure`; when it is recoverable, `started` too */
	/* it is the person's turn */
	RID_SHOW,                    /* `started`: then rid_finish_…() or rid_cancel_session() */
	RID_ASK_PIN,                 /* `started.pin`: rid_pin() or rid_cancel_session() */
	/* work for the app */
	RID_SEND,                    /* `send`: rid_sent() or rid_not_sent() */
	RID_LOAD,                    /* `record.name`: rid_loaded() */
	RID_STORE,                   /* `record`: rid_stored() */
	RID_ERASE,                   /* `record.name`: rid_stored() */
	RID_MAKE_KEY,                /* `key`: rid_key_made() or rid_key_failed() */
	RID_SIGN,                    /* `key`: rid_signed() or rid_key_failed() */
	RID_DROP_KEY,                /* `key.handle`: rid_stored() */
	RID_WAIT                     /* `wait_ms`: rid_waited() */
} rid_step_kind;

/* POST, without following redirects. The whole answer is handed back, whatever its status; more than 256 KiB of it are never needed. */
typedef struct rid_send {
	const char *url, *content_type, *accept;
	const unsigned char *body;
	size_t body_bytes;
	uint32_t timeout_ms;
} rid_send;

/*
 * One record: opaque bytes under a name of [A-Za-z0-9._-]. RID_STORE replaces it atomically and durably (all or nothing, even when the
 * phone loses power), outside of any backup; and when that is done, the number `generation` goes into the phone's key store under the
 * same name. RID_ERASE removes the record and leaves the number. rid_loaded() hands back both: records that were copied back from an
 * older state of the phone are recognised by it.
 */
typedef struct rid_record {
	const char *name;
	const unsigned char *bytes;
	size_t n;
	uint64_t generation;
} rid_record;

/* A P-256 key that the app keeps under the handle, for ECDSA with SHA-256 over `message`. */
typedef struct rid_key {
	const char *handle;          /* [A-Za-z0-9._-], chosen by the library */
	int hardware;                /* make it in secure hardware, or fail */
	const unsigned char *message;
	size_t message_bytes;
} rid_key;

typedef struct rid_started {
	rid_operation operation;
	rid_context context;         /* shown before the approval */
	int methods;                 /* rid_method bits: allowed, activated and known here */
	rid_form pin;
	int two_factor;              /* activation: a second factor has to be among the methods */
	int re_registration;         /* activation: the device keeps its id */
	int attempts_total, attempts_remaining; /* until the device is locked */
	int64_t last_attempt_ms;     /* 0: none */
	const char *const *risk;     /* names of risk parameters that the server asks for */
	size_t risk_count;
	const char *push_session_id; /* the operation's, when the app gave one at the start; or NULL */
} rid_started;

typedef struct rid_pending_item {
	rid_operation operation;
	const char *push_session_id; /* for rid_start_options */
	int64_t expires_ms;
} rid_pending_item;

typedef struct rid_result {
	rid_operation operation;     /* what was completed */
	rid_context context;         /* shown after the approval */
	const rid_pending_item *pending; /* rid_pending(), rid_wait() */
	size_t pending_count;
	rid_form activation_code, pin; /* rid_load_config() */
	const char *min_version;       /* rid_load_config(): oldest version that the server takes */
	int warning;                 /* RID_ERROR_STORAGE: it is done, but could not be recorded; free some space */
} rid_result;

typedef struct rid_failure {
	int number;                  /* enum rid_error */
	const char *title;           /* rid_error_title(number) */
	const char *description;     /* technical; not for the person */
	int recoverable;             /* the session lives: the same call may be made again, for instance with another PIN */
	int repeatable;              /* the answer got lost: rid_repeat() asks for it again, without a second effect */
	int remaining;               /* attempts until the device is locked; -1: not known */
} rid_failure;

typedef struct rid_step {
	rid_step_kind kind;
	rid_send send;
	rid_record record;
	rid_key key;
	uint32_t wait_ms;
	rid_started started;
	rid_result result;
	rid_failure failure;
} rid_step;

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

/*
 * For the next finish. Sent are the names that the server asks for (rid_started.risk), and always, when the app gave them:
 * operatingSystemType, operatingSystemVersion, operatingSystemFingerprint, deviceManufacturer, deviceModel.
 * A value of NULL takes it back. Not 0: too long, or no UTF-8.
 */
RID_API int rid_set_risk_parameter(rid_controller *c, const char *name, const char *value);
/* From a push message: the operation that the next start is meant for. NULL forgets it. Not 0: too long. */
RID_API int rid_set_push_session_id(rid_controller *c, const char *id);
RID_API const char *rid_push_session_id(const rid_controller *c);

/* ---- calls; each returns the first step ---- */

/* Asks the server. DONE: it is; FAILED 106, 202, 214, 224, 226 … else. */
RID_API const rid_step *rid_is_activated(rid_controller *c);
/* What an activation code and a PIN look like, before anybody is asked for one. */
RID_API const rid_step *rid_load_config(rid_controller *c);

/* RID_SHOW tells what to ask for. An existing registration of this slot is replaced when the new one succeeds. */
RID_API const rid_step *rid_start_activation(rid_controller *c, char *code, size_t code_bytes);
/* `methods`: rid_method bits; DEVICE comes along by itself. `device_name` may be NULL. A PIN of NULL: RID_ASK_PIN if one is needed. */
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
 * Approves with one method. DEVICE wants no PIN. After FAILED with `recoverable` call it again; `remaining` counts down to the lock.
 * The PIN is UTF-8 in normalization form C.
 */
RID_API const rid_step *rid_finish_authentication(rid_controller *c, int method, char *pin, size_t pin_bytes);
RID_API const rid_step *rid_finish_signing(rid_controller *c, int method, char *pin, size_t pin_bytes);
RID_API const rid_step *rid_finish_authentication_or_signing(rid_controller *c, int method, char *pin, size_t pin_bytes);

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
	RID_KEY_GONE,                /* there is no such key any more */
	RID_KEY_BROKEN               /* anything else */
} rid_key_trouble;
RID_API const rid_step *rid_key_failed(rid_controller *c, rid_key_trouble why);

RID_API const rid_step *rid_pin(rid_controller *c, char *pin, size_t pin_bytes);
RID_API const rid_step *rid_waited(rid_controller *c);

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
