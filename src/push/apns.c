/* Apple Push Notification service: HTTP/2, provider token. */
#include "jose/jwt.h"
#include "push/internal.h"

/* Apple refuses a provider token older than an hour, and one that changes more often than every 20 minutes. */
enum { PROVIDER_TOKEN_MS = 40 * 60 * 1000, REASON_DEPTH_MAX = 2 };

static err provider_token(struct push *p, const struct push_account *account, struct arena *a, struct slice *ret_token)
{
	int64_t now = env_now_ms(push_env(p));
	struct buf claims = buf_arena(a, 512);
	struct jw w = jw_new(&claims);

	if (push_tokens_find(push_tokens_of(p), account->fingerprint, now, a, ret_token))
		return OK;
	jw_open(&w, '{');
	jw_pair_text(&w, "iss", account->apns.teamId);
	jw_pair_int(&w, "iat", now / 1000);
	jw_close(&w, '}');
	TRY(buf_ok(&claims));
	TRY(jwt_sign(account->key, arena_cstr(a, account->apns.keyId), "JWT", buf_bytes(&claims), a, ret_token));
	push_tokens_keep(push_tokens_of(p), account->fingerprint, *ret_token, now + PROVIDER_TOKEN_MS);
	return OK;
}

/* What the user reads is the app's: keys into its own texts. In the middle of a session nothing is to be read. */
static void write_aps(struct jw *w, const struct push_bell *bell)
{
	jw_key(w, "aps");
	jw_open(w, '{');
	if (bell->nonce.n) {
		jw_pair_int(w, "content-available", 1);
	} else {
		jw_key(w, "alert");
		jw_open(w, '{');
		jw_pair(w, "title-loc-key", "REUSEID_PENDING_TITLE");
		jw_pair(w, "loc-key", "REUSEID_PENDING");
		jw_close(w, '}');
		jw_pair(w, "sound", "default");
	}
	jw_close(w, '}');
}

static err message(const struct push_bell *bell, struct arena *a, struct slice *ret_body)
{
	struct buf b = buf_arena(a, 4 * PUSH_BODY_BYTES_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	write_aps(&w, bell);
	bell_write(&w, bell);
	jw_close(&w, '}');
	*ret_body = buf_bytes(&b);
	return buf_ok(&b);
}

err apns_make(struct push *p, const struct push_account *account, const struct push_target *target, const struct push_bell *bell,
	struct arena *a, struct push_call *ret_call)
{
	int64_t expires_s = env_now_ms(push_env(p)) / 1000 + bell->lifetime_s;
	struct slice token;

	TRY(provider_token(p, account, a, &token));
	TRY(message(bell, a, &ret_call->body));
	ret_call->url = arena_printf(a, "%.*s/3/device/%.*s", FMT(account->apns.url), FMT(target->token));
	call_header(ret_call, "Authorization", arena_printf(a, "bearer %.*s", FMT(token)));
	call_header(ret_call, "Content-Type", S("application/json"));
	call_header(ret_call, "apns-topic", account->apns.topic);
	call_header(ret_call, "apns-push-type", bell->nonce.n ? S("background") : S("alert"));
	call_header(ret_call, "apns-priority", bell->nonce.n ? S("5") : S("10"));
	call_header(ret_call, "apns-expiration", arena_printf(a, "%lld", (long long)expires_s));
	if (bell->session.n)
		call_header(ret_call, "apns-collapse-id", bell->session);
	return OK;
}

/* {"reason": "BadDeviceToken"} */
static bool tells(const struct outbound_answer *answer, const char *reason)
{
	struct slice why;
	struct arena a;
	json_t *object;
	bool same = false;

	arena_init(&a);
	if (!failed(json_read(answer->body, JSON_LAST_WINS, REASON_DEPTH_MAX, &a, &object, &why))) {
		const json_t *told = json_object_get(object, "reason");

		same = json_is_string(told) && slice_is(json_text(told), reason);
		json_decref(object);
	}
	arena_free(&a);
	return same;
}

enum push_outcome apns_outcome(const struct outbound_answer *answer)
{
	if (answer->status == 200)
		return PUSH_TAKEN;
	if (answer->status == 410 || (answer->status == 400 && tells(answer, "BadDeviceToken")))
		return PUSH_GONE;
	return answer->status >= 400 && answer->status < 500 && answer->status != 429 ? PUSH_REFUSED : PUSH_FAILED;
}
