/* The headers of a delivery: how the receiver knows that it is us (platform.md 5.4). */
#include "codec/encode.h"
#include "crypto/hash.h"
#include "jose/jwt.h"
#include "oauth/oauth.h"
#include "webhook/internal.h"

/* Of a receiver's own headers; ours and those of HTTP itself are not his to set. */
bool webhook_header_is_free(struct slice name)
{
	static const char *const taken[] = { "host", "content-length", "content-type", "transfer-encoding", "connection", "keep-alive", "upgrade",
		"te", "trailer", "expect", "proxy-authorization", "proxy-connection", "user-agent", "cookie2" };

	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (slice_ieq(name, slice_text(taken[i])))
			return false;
	return name.n < 11 || !slice_ieq(slice_of(name.p, 11), S("x-signicat-"));
}

static void write_mac(struct buf *b, const struct subscription *s, const struct secret *secret, struct slice timestamp, struct slice body)
{
	uint8_t mac[SHA256_BYTES];

	if (s->hmac_form == hmac_form_BODY) {
		hmac_sha256(secret->text, PARTS(body), mac);
	} else {
		hmac_sha256(secret->text, PARTS(timestamp, S("."), body), mac);
		buf_text(b, "sha256=");
	}
	hex_write(b, slice_of(mac, sizeof(mac)));
}

/* One for each live secret, the newest first, so that secrets can be changed without a gap. */
static struct slice macs(const struct subscription *s, struct slice timestamp, struct slice body, struct arena *a)
{
	struct buf b = buf_arena(a, 1024);

	for (size_t i = 0; i < s->secret_count; i++) {
		if (i)
			buf_byte(&b, ',');
		write_mac(&b, s, &s->secrets[i], timestamp, body);
	}
	return buf_bytes(&b);
}

/* RFC 7515, Appendix F: the payload left out between the dots. */
static err detached_jws(const struct app *app, struct slice body, int64_t now, struct arena *a, struct slice *ret_jws)
{
	const struct sign_key *key;
	const char *kid;
	struct slice token, header;

	oauth_signing_key(app, now, &key, &kid);
	TRY(jwt_sign(key, kid, "JOSE", body, a, &token));
	header = slice_cut(&token, '.');
	slice_cut(&token, '.');
	*ret_jws = arena_printf(a, "%.*s..%.*s", FMT(header), FMT(token));
	return OK;
}

err webhook_headers(const struct app *app, const struct subscription *s, struct slice body, int64_t now, struct arena *a,
	struct http_header *out, size_t *ret_n)
{
	struct slice timestamp = arena_printf(a, "%lld", (long long)(now / 1000)), jws;
	size_t n = 0;

	out[n++] = (struct http_header){ S("Content-Type"), S("application/json") };
	out[n++] = (struct http_header){ S("User-Agent"), S("reuseid/" VERSION) };
	if (s->hmac) {
		out[n++] = (struct http_header){ S("X-Signicat-Timestamp"), timestamp };
		out[n++] = (struct http_header){ S("X-Signicat-Signature"), macs(s, timestamp, body, a) };
	}
	if (s->jws) {
		TRY(detached_jws(app, body, now, a, &jws));
		out[n++] = (struct http_header){ S("X-Signicat-Jws"), jws };
	}
	for (size_t i = 0; i < s->header_count && n < WEBHOOK_HEADERS_MAX; i++)
		out[n++] = s->headers[i];
	*ret_n = n;
	return OK;
}
