/* Accounts at the services: read, checked, their keys made ready. */
#include "codec/encode.h"
#include "push/internal.h"

SCHEMA(push_fcm, PUSH_FCM, "Service account of Firebase Cloud Messaging");
SCHEMA(push_apns, PUSH_APNS, "Provider key of the Apple Push Notification service");
SCHEMA(push_web, PUSH_WEB, "Key of Web Push and UnifiedPush");
SCHEMA(push_fcm_shown, PUSH_FCM_SHOWN, "Service account of Firebase Cloud Messaging, without its key");
SCHEMA(push_apns_shown, PUSH_APNS_SHOWN, "Provider key of the Apple Push Notification service, without the key itself");
SCHEMA(push_web_shown, PUSH_WEB_SHOWN, "Key of Web Push and UnifiedPush, as the world knows it");
ENUMERATION(push_apns_place, PUSH_APNS_PLACE);

enum { ACCOUNT_DEPTH_MAX = 2 };

err push_key_new(struct arena *a, struct slice *ret_pem)
{
	struct sign_key *key;
	struct slice der; /* in base64 */

	TRY(sign_key_generate(SIGN_ES256, &key));
	der = b64(a, sign_key_private(key, a));
	*ret_pem = arena_printf(a, SIGN_PEM_BEGIN "\n%.*s\n" SIGN_PEM_END "\n", FMT(der));
	sign_key_free(key);
	return OK;
}

static err take_key(struct push_account *account, struct slice pem, enum sign_alg wanted, struct arena *a, const char **ret_why)
{
	*ret_why = wanted == SIGN_ES256 ? "must be a P-256 key, PEM" : "must be an RSA key of 2048 bits or more, PEM";
	ENSURE(!failed(sign_key_from_pem(pem, a, &account->key)), CONFIG);
	ENSURE(sign_key_alg(account->key) == wanted, CONFIG);
	return OK;
}

static err read_members(const struct schema *schema, struct slice json, struct arena *a, void *out, const char **ret_why)
{
	struct invalids bad = { .arena = a };
	struct slice why;
	json_t *object;

	*ret_why = "must be a JSON object with the members of the service";
	ENSURE(!failed(json_read(arena_copy(a, json), JSON_UNIQUE, ACCOUNT_DEPTH_MAX, a, &object, &why)), CONFIG);
	if (json_is_object(object))
		schema_read(schema, object, a, &bad, out);
	else
		bad.n = 1;
	/* What was read may point into the JSON; all members of these schemas that are not numbers are texts. */
	for (size_t i = 0; i < schema->n; i++) {
		struct slice *text = (struct slice *)((uint8_t *)out + schema->fields[i].offset);

		if (schema->fields[i].type == FIELD_STR || schema->fields[i].type == FIELD_TEXT)
			*text = text->p ? arena_copy(a, *text) : *text;
	}
	json_decref(object);
	ENSURE(bad.n == 0, CONFIG);
	return OK;
}

static struct slice or_standard(struct slice text, const char *standard)
{
	return text.n ? text : slice_text(standard);
}

static err read_fcm(struct slice json, struct arena *a, struct push_account *account, const char **ret_why)
{
	TRY(read_members(&push_fcm_schema, json, a, &account->fcm, ret_why));
	TRY(take_key(account, account->fcm.private_key, SIGN_RS256, a, ret_why));
	account->fcm.token_uri = or_standard(account->fcm.token_uri, "https://oauth2.googleapis.com/token");
	account->fcm.url = or_standard(account->fcm.url, "https://fcm.googleapis.com");
	return OK;
}

static err read_apns(struct slice json, struct arena *a, struct push_account *account, const char **ret_why)
{
	TRY(read_members(&push_apns_schema, json, a, &account->apns, ret_why));
	TRY(take_key(account, account->apns.privateKey, SIGN_ES256, a, ret_why));
	account->apns.url = or_standard(account->apns.url,
		account->apns.environment == push_apns_place_DEVELOPMENT ? "https://api.sandbox.push.apple.com" : "https://api.push.apple.com");
	return OK;
}

static struct slice long_key(const struct sign_key *key, struct arena *a)
{
	struct buf b = buf_arena(a, 65);
	struct slice x, y;

	sign_key_numbers(key, a, &x, &y);
	buf_byte(&b, 4);
	buf_slice(&b, x);
	buf_slice(&b, y);
	return b64url(a, buf_bytes(&b));
}

static err read_web(struct slice json, struct arena *a, struct push_account *account, const char **ret_why)
{
	TRY(read_members(&push_web_schema, json, a, &account->web, ret_why));
	*ret_why = "must be a mailto: or https: address";
	ENSURE(slice_starts(account->web.subject, S("mailto:")) || slice_starts(account->web.subject, S("https://")), CONFIG);
	TRY(take_key(account, account->web.privateKey, SIGN_ES256, a, ret_why));
	account->vapid_key = long_key(account->key, a);
	return OK;
}

err push_account_read(enum push_service service, struct slice json, struct arena *a, struct push_account *ret_account,
	const char **ret_why)
{
	struct error e;

	*ret_account = (struct push_account){ .service = service };
	sha256(json, ret_account->fingerprint);
	e = service == push_service_FCM ? read_fcm(json, a, ret_account, ret_why) :
	    service == push_service_APNS ? read_apns(json, a, ret_account, ret_why) : read_web(json, a, ret_account, ret_why);
	if (failed(e))
		push_account_clear(ret_account);
	return e;
}

void push_account_clear(struct push_account *account)
{
	sign_key_free(account->key);
	account->key = NULL;
}
