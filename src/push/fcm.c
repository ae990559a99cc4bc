/* Firebase Cloud Messaging, HTTP v1, with an access token that a service account asks for (RFC 7523). */
#include "codec/encode.h"
#include "jose/jwt.h"
#include "push/internal.h"

enum { ASSERTION_LIFETIME_S = 3600, TOKEN_LEFT_MS = 120 * 1000 };

#define SCOPE "https://www.googleapis.com/auth/firebase.messaging"
#define GRANT "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="

static err assertion(const struct push_account *account, int64_t now_ms, struct arena *a, struct slice *ret_form)
{
	struct buf claims = buf_arena(a, 4096);
	struct jw w = jw_new(&claims);
	struct slice token;

	jw_open(&w, '{');
	jw_pair_text(&w, "iss", account->fcm.client_email);
	jw_pair(&w, "scope", SCOPE);
	jw_pair_text(&w, "aud", account->fcm.token_uri);
	jw_pair_int(&w, "iat", now_ms / 1000);
	jw_pair_int(&w, "exp", now_ms / 1000 + ASSERTION_LIFETIME_S);
	jw_close(&w, '}');
	TRY(buf_ok(&claims));
	TRY(jwt_sign(account->key, arena_cstr(a, account->fcm.private_key_id), "JWT", buf_bytes(&claims), a, &token));
	*ret_form = arena_printf(a, "%s%.*s", GRANT, FMT(token));
	return OK;
}

static err message(const struct push_target *target, const struct push_bell *bell, struct arena *a, struct slice *ret_body)
{
	struct buf b = buf_arena(a, 2 * PUSH_BODY_BYTES_MAX + PUSH_TOKEN_BYTES_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_key(&w, "message");
	jw_open(&w, '{');
	jw_pair_text(&w, "token", target->token);
	jw_key(&w, "data");
	jw_open(&w, '{');
	bell_write(&w, bell);
	jw_close(&w, '}');
	jw_key(&w, "android");
	jw_open(&w, '{');
	jw_pair(&w, "priority", "HIGH");
	jw_pair_text(&w, "ttl", arena_printf(a, "%llds", (long long)bell->lifetime_s));
	jw_close(&w, '}');
	jw_close(&w, '}');
	jw_close(&w, '}');
	*ret_body = buf_bytes(&b);
	return buf_ok(&b);
}

err fcm_make(struct push *p, const struct push_account *account, const struct push_target *target, const struct push_bell *bell,
	struct arena *a, struct push_call *ret_call)
{
	int64_t now = env_now_ms(push_env(p));
	struct slice token;

	TRY(message(target, bell, a, &ret_call->body));
	ret_call->url = arena_printf(a, "%.*s/v1/projects/%.*s/messages:send", FMT(account->fcm.url), FMT(account->fcm.project_id));
	ret_call->token_url = account->fcm.token_uri;
	call_header(ret_call, "Content-Type", S("application/json"));
	if (push_tokens_find(push_tokens_of(p), account->fingerprint, now + TOKEN_LEFT_MS, a, &token))
		return OK;
	return assertion(account, now, a, &ret_call->assertion);
}

enum push_outcome fcm_outcome(int status)
{
	if (status == 200)
		return PUSH_TAKEN;
	if (status == 404)
		return PUSH_GONE;
	return status >= 400 && status < 500 && status != 429 ? PUSH_REFUSED : PUSH_FAILED;
}
