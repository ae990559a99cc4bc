/*
 * Push: a bell without content that wakes an app; what is pending the app then asks for itself, and long polling works without any of it.
 *
 * Three services: Web Push (RFC 8030, encrypted by RFC 8291, VAPID by RFC 8292; UnifiedPush is the same), Firebase Cloud Messaging (HTTP
 * v1), Apple's APNs (HTTP/2, provider token). push_make() does the cryptography, on the thread of a request, before its transaction;
 * push_send() hands the made call to the guarded client after the commit and returns at once.
 */
#ifndef PUSH_PUSH_H
#define PUSH_PUSH_H

#include "codec/schema.h"
#include "crypto/hash.h"
#include "crypto/sign.h"
#include "outbound/outbound.h"

#define PUSH_SERVICE(V, E)                        \
	V(E, FCM, "Firebase Cloud Messaging")     \
	V(E, APNS, "Apple Push Notification service") \
	V(E, WEBPUSH, "Web Push and UnifiedPush")
ENUMERATION_TYPE(push_service, PUSH_SERVICE);

enum { PUSH_TOKEN_BYTES_MAX = 4096, PUSH_PAYLOAD_POINTS_MAX = 2000, PUSH_NONCE_TEXT_MAX = 32 };

/* ---- configuration of an application: what each service wants to know us by ---- */

/* Each as it is shown, and with the private key behind it. The first is the service account's file as Google hands it out. */
#define PUSH_FCM_SHOWN(F, T)                                                                                                     \
	F(T, STR, project_id, REQ, 1, 100, "Id of the project", "\"example-app\"")                                             \
	F(T, STR, client_email, REQ, 1, 300, "Name of the service account", "\"push@example-app.iam.gserviceaccount.com\"")     \
	F(T, STR, private_key_id, REQ, 1, 200, "Id of its key", "\"9d1b\"")                                                    \
	F(T, STR, token_uri, OPT, 0, 1000, "Where access tokens are asked for", "\"https://oauth2.googleapis.com/token\"")      \
	F(T, STR, url, OPT, 0, 1000, "Where the service is", "\"https://fcm.googleapis.com\"")
#define PUSH_FCM(F, T)                                                                                                           \
	PUSH_FCM_SHOWN(F, T)                                                                                                     \
	F(T, TEXT, private_key, OPT, 0, 8192, "Its private key, PEM; the one that is there stays when it is left out", "")
SCHEMA_STRUCT(push_fcm_shown, PUSH_FCM_SHOWN);
SCHEMA_STRUCT(push_fcm, PUSH_FCM);

#define PUSH_APNS_PLACE(V, E) V(E, PRODUCTION, "Apps from the store") V(E, DEVELOPMENT, "Apps under development")
ENUMERATION_TYPE(push_apns_place, PUSH_APNS_PLACE);

#define PUSH_APNS_SHOWN(F, T)                                                                                                    \
	F(T, STR, teamId, REQ, 1, 20, "Id of the team", "\"ABCDE12345\"")                                                      \
	F(T, STR, keyId, REQ, 1, 20, "Id of the key", "\"2X9R4HXF34\"")                                                        \
	F(T, STR, topic, REQ, 1, 200, "Bundle id of the app", "\"com.example.app\"")                                            \
	F(T, ENUM(push_apns_place), environment, OPT, 0, 0, "PRODUCTION unless told otherwise", "\"PRODUCTION\"")               \
	F(T, STR, url, OPT, 0, 1000, "Where the service is", "\"https://api.push.apple.com\"")
#define PUSH_APNS(F, T)                                                                                                          \
	PUSH_APNS_SHOWN(F, T)                                                                                                    \
	F(T, TEXT, privateKey, OPT, 0, 2000, "The key, PEM (.p8); the one that is there stays when it is left out", "")
SCHEMA_STRUCT(push_apns_shown, PUSH_APNS_SHOWN);
SCHEMA_STRUCT(push_apns, PUSH_APNS);

#define PUSH_WEB_SHOWN(F, T)                                                                                                     \
	F(T, STR, subject, REQ, 1, 300, "Who may be asked about pushes: a mailto: or https: address", "\"mailto:push@example.com\"") \
	F(T, STR, publicKey, REQ, 0, 0, "What apps subscribe with (applicationServerKey)", "")
#define PUSH_WEB(F, T)                                                                                                           \
	F(T, STR, subject, REQ, 1, 300, "Who may be asked about pushes: a mailto: or https: address", "\"mailto:push@example.com\"") \
	F(T, TEXT, privateKey, OPT, 0, 2000, "VAPID key, PEM; when it is left out, the one that is there, or one that is made here", "")
SCHEMA_STRUCT(push_web_shown, PUSH_WEB_SHOWN);
SCHEMA_STRUCT(push_web, PUSH_WEB);

/* One service of one application, ready for use. Immutable. */
struct push_account {
	enum push_service service;
	uint8_t fingerprint[SHA256_BYTES]; /* of the configuration: what is remembered about it ends with it */
	struct sign_key *key;
	struct push_fcm fcm;
	struct push_apns apns;
	struct push_web web;
	struct slice vapid_key;            /* base64url of the public key */
};

/*
 * From JSON as it is kept. Texts lie in the arena; the key is freed by push_account_clear(). E_CONFIG with a sentence in `ret_why` when
 * a member is missing, or the key is none that the service takes.
 */
err push_account_read(enum push_service service, struct slice json, struct arena *a, struct push_account *ret_account,
	const char **ret_why);
void push_account_clear(struct push_account *account);
/* A key for Web Push, PEM. */
err push_key_new(struct arena *a, struct slice *ret_pem);

/* ---- where an app hears ---- */

struct push_target {
	enum push_service service;
	struct slice token;          /* as the app sent it */
	struct slice endpoint;       /* Web Push: URL, key and secret of the subscription */
	uint8_t p256dh[65], auth[16];
};

/*
 * What an app calls its push token: a subscription as the W3C's Push API writes it in JSON; else, of an iPhone, APNs' token in hex; else
 * FCM's. E_PARSE when it is none. Texts lie in the arena.
 */
err push_target_read(struct slice token, bool apple, struct arena *a, struct push_target *ret_target);

/* ---- ringing ---- */

struct push_bell {
	const char *operation;  /* AUTHENTICATION, SIGNING; NULL in the middle of a session */
	struct slice session;   /* pushSessionId */
	struct slice payload;   /* what the service provider adds; empty: nothing */
	struct slice nonce;     /* of the intermediate push, base64url: then nothing else */
	int64_t lifetime_s;
};

struct push; /* remembers what services gave us: access tokens, and our own provider tokens */

struct push *push_new(const struct env *env);
/* After the client was stopped: nothing is under way any more. */
void push_free(struct push *p);

struct push_call;
/* E_CONFIG when the target's service is another one than the account's. The call lies in the arena. */
err push_make(struct push *p, const struct push_account *account, const struct push_target *target, const struct push_bell *bell,
	struct arena *a, struct push_call **ret_call);

enum push_outcome {
	PUSH_TAKEN,   /* the service has it */
	PUSH_GONE,    /* there is no such app any more: forget the token */
	PUSH_REFUSED, /* the service does not want it, or us */
	PUSH_FAILED,  /* no answer, or one that tells nothing */
};
/* Any thread; never blocks. The call is copied. `done` is called once, on the client's thread, and must be short. */
void push_send(struct push *p, struct outbound *outbound, const struct push_call *call,
	void (*done)(void *ctx, enum push_outcome outcome), void *ctx);

#endif
