/*
 * reuseid-device: what goes in and out of the calls of reuseid_device.h, which includes this file.
 *
 * Text is UTF-8 and ends with a zero byte; NULL: there is none. Bytes come with their number. Times are milliseconds since 1970, UTC.
 */
#ifndef SDK_REUSEID_DEVICE_TYPES_H
#define SDK_REUSEID_DEVICE_TYPES_H

#include <stddef.h>
#include <stdint.h>

/* Of the library, as the server sees it in each message; the numbering continues that of the SDKs that apps may have had before. */
#define RID_VERSION "4.0.0"

enum {
	RID_STORAGE_KEY_BYTES = 32,
	RID_PUBLIC_KEY_BYTES = 33,   /* P-256 point, compressed */
	RID_SLOT_NAME_MAX = 64,
	RID_PIN_BYTES_MAX = 1024,    /* a recovery code too */
	RID_HASH_BYTES = 32,
	RID_TOKEN_BYTES = 32,
	RID_MATCH_DIGITS_MAX = 16,
	RID_FACE_SCAN_BYTES_MAX = 3 * 1024 * 1024,
	RID_BACKUP_BYTES_MAX = 8192,
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
	int app_methods;             /* rid_method bits that it can do besides DEVICE and DEVICE_PIN: biometrics, a scanner for faces */
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

/* ---- words ---- */

/* Authentication methods, as bits. The three in the middle are biometric: each has a key of its own, which the app makes and unlocks. */
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
	RID_OPERATION_SIGNING,
	RID_OPERATION_ADD_OR_UPDATE,          /* of a method; the PIN change too */
	RID_OPERATION_DEACTIVATE_METHOD,
	RID_OPERATION_ADD_OR_UPDATE_RECOVERY,
	RID_OPERATION_DELETE_RECOVERY,
	RID_OPERATION_RECOVERY
} rid_operation;

/* How a recovery is locked, as bits. */
enum rid_recovery_method { RID_RECOVERY_CODE = 1, RID_RECOVERY_FACE = 2 };

/* What an authorisation token is for, as bits. */
enum rid_token_purpose { RID_TOKEN_ADD_OR_UPDATE_RECOVERY = 1, RID_TOKEN_DELETE_RECOVERY = 2 };

/* Of a finish that proved two factors, when rid_want_tokens() asked for it: good for one use, within ten minutes. Wipe it then. */
typedef struct rid_token {
	int purpose;                 /* one of rid_token_purpose */
	unsigned char token[RID_TOKEN_BYTES];
} rid_token;

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
	RID_WAIT,                    /* `wait_ms`: rid_waited() */
	RID_ATTEST,                  /* `attest`: rid_attested() or rid_not_attested() */
	RID_LOCATE,                  /* `locate`: rid_located() */
	RID_AWAIT_PUSH,              /* `wait_ms`: rid_push_came(): the bytes of a push message that the server has just sent */
	RID_BACK_UP,                 /* `record`, without generation: into the cloud backup. rid_stored() */
	RID_LOAD_BACKUP,             /* `record.name`: rid_backup_loaded() */
	RID_FORGET_BACKUP            /* `record.name`: rid_stored() */
} rid_step_kind;

/*
 * POST, without following redirects. The whole answer is handed back, whatever its status; more than 256 KiB of it are never needed.
 * The body has at most 256 KiB; with a scan of a face in it 4 MiB.
 */
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

/*
 * A P-256 key that the app keeps under the handle, for ECDSA with SHA-256 over `message`. A key with a method is bound to the person's
 * biometrics as they are enrolled now: it is unlocked by them for each signature, and gone when they are enrolled anew.
 */
typedef struct rid_key {
	const char *handle;          /* [A-Za-z0-9._-], at most 127 characters, chosen by the library */
	int hardware;                /* make it in secure hardware, or fail */
	int method;                  /* rid_method: the biometrics that unlock it; 0: none */
	const unsigned char *message;
	size_t message_bytes;
} rid_key;

/* The platform is to vouch for this app. */
typedef struct rid_attest {
	const char *type;            /* "appAttest" or "playIntegrity" */
	unsigned char hash[RID_HASH_BYTES]; /* App Attest: clientDataHash of an attestation, or an assertion with the key of before */
	const char *nonce;           /* Play Integrity, classic: the nonce, which is the same in base64url */
	int required;                /* without it nothing goes on */
	uint32_t timeout_ms;
} rid_attest;

/* What came of it. What the type does not have stays 0. */
typedef struct rid_attestation {
	const char *key_id;          /* App Attest: the key's id, as Apple hands it out */
	int assertion;               /* App Attest: `object` is an assertion, not an attestation */
	const unsigned char *object; /* App Attest: CBOR, at most 64 KiB */
	size_t object_bytes;
	const char *token;           /* Play Integrity: at most 65536 characters */
} rid_attestation;

/* The country where the phone is, found with the system's location and its geocoder. */
typedef struct rid_locate {
	int required;
	uint32_t timeout_ms;         /* for both together, from now on */
	int accuracy_m;
} rid_locate;

typedef enum rid_location {
	RID_LOCATION_OK,
	RID_LOCATION_NOT_ENABLED,    /* no permission, or switched off */
	RID_LOCATION_TIMEOUT,
	RID_LOCATION_MOCKED,
	RID_LOCATION_GEOCODER_NOT_SUPPORTED,
	RID_LOCATION_GEOCODER_NETWORK_ERROR,
	RID_LOCATION_GEOCODER_UNEXPECTED_ERROR,
	RID_LOCATION_GEOCODER_TIMEOUT,
	RID_LOCATION_GEOCODER_NO_RESULT_FOUND
} rid_location;

typedef struct rid_started {
	rid_operation operation;
	rid_context context;         /* shown before the approval */
	int methods;                 /* rid_method bits: allowed, activated and known here. ADD_OR_UPDATE: that may authorise it */
	int new_method;              /* ADD_OR_UPDATE: the one that is added, or gets a new key */
	int match_digits;            /* above 0: the person types the number that the service provider shows: rid_set_match_number() */
	int face;                    /* a scan can be used: rid_set_face_scan() */
	const unsigned char *face_init; /* for the scanner, from its provider */
	size_t face_init_bytes;
	int recovery_method;         /* ADD_OR_UPDATE_RECOVERY, RECOVERY: rid_recovery_method */
	rid_form recovery_code;      /* ADD_OR_UPDATE_RECOVERY */
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
	const rid_token *tokens;
	size_t token_count;
	rid_form activation_code, pin; /* rid_load_config() */
	const char *min_version;       /* rid_load_config(): oldest version that the server takes */
	int warning;                 /* RID_ERROR_STORAGE: it is done, but could not be recorded; free some space */
} rid_result;

typedef struct rid_failure {
	int number;                  /* enum rid_error */
	const char *title;           /* rid_error_title(number) */
	const char *description;     /* technical; not for the person */
	int recoverable;             /* the session lives: the same call may be made again, for instance with another PIN */
	int repeatable;              /* no answer of the server's: rid_repeat() asks for it again, without a second effect */
	int remaining;               /* attempts until the device is locked; -1: not known */
} rid_failure;

typedef struct rid_step {
	rid_step_kind kind;
	rid_send send;
	rid_record record;
	rid_key key;
	rid_attest attest;
	rid_locate locate;
	uint32_t wait_ms;
	rid_started started;
	rid_result result;
	rid_failure failure;
} rid_step;

#endif
