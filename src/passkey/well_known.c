/* What browsers and apps fetch of a domain by its host name (platform.md 8.7), its colours, and the script for other pages. */
#include "page/page.h"
#include "passkey/internal.h"

enum { FILE_BYTES_MAX = 64 * 1024 };

static err find(struct op *op, const struct passkey_domain **ret_domain)
{
	*ret_domain = domain_of_request(op);
	ENSURE(*ret_domain, NOT_FOUND);
	http_add_header(op->http, "Cache-Control", S("public, max-age=300"));
	return OK;
}

static err answer(struct op *op, const struct buf *b, const char *type)
{
	TRY(buf_ok(b));
	op_answer(op, 200, type, buf_bytes(b));
	return OK;
}

/* WebAuthn Level 3, 5.11: pages of these origins may use the passkeys of the domain that is asked. */
err related_origins_prepare(struct op *op)
{
	struct buf b = buf_arena(op->arena, FILE_BYTES_MAX);
	const struct passkey_domain *domain;
	struct jw w = jw_new(&b);

	TRY(find(op, &domain));
	jw_open(&w, '{');
	jw_key(&w, "origins");
	jw_open(&w, '[');
	jw_text(&w, domain_page_origin(op, domain));
	for (size_t i = 0; i < domain->origin_count; i++)
		if (slice_starts(domain->origins[i], S("https://")))
			jw_text(&w, domain->origins[i]);
	jw_close(&w, ']');
	jw_close(&w, '}');
	return answer(op, &b, NULL);
}

static void write_android_app(struct jw *w, struct slice app)
{
	struct slice fingerprint = app, package = slice_cut(&fingerprint, '=');

	jw_open(w, '{');
	jw_key(w, "relation");
	jw_raw(w, S("[\"delegate_permission/common.handle_all_urls\",\"delegate_permission/common.get_login_creds\"]"));
	jw_key(w, "target");
	jw_open(w, '{');
	jw_pair(w, "namespace", "android_app");
	jw_pair_text(w, "package_name", package);
	jw_key(w, "sha256_cert_fingerprints");
	jw_open(w, '[');
	jw_text(w, fingerprint);
	jw_close(w, ']');
	jw_close(w, '}');
	jw_close(w, '}');
}

err asset_links_prepare(struct op *op)
{
	struct buf b = buf_arena(op->arena, FILE_BYTES_MAX);
	const struct passkey_domain *domain;
	struct jw w = jw_new(&b);
	struct slice rest, app;

	TRY(find(op, &domain));
	rest = domain->settings.androidApps;
	jw_open(&w, '[');
	while ((app = next_word(&rest)).n)
		write_android_app(&w, app);
	jw_close(&w, ']');
	return answer(op, &b, NULL);
}

err apple_association_prepare(struct op *op)
{
	struct buf b = buf_arena(op->arena, FILE_BYTES_MAX);
	const struct passkey_domain *domain;
	struct jw w = jw_new(&b);
	struct slice rest, app;

	TRY(find(op, &domain));
	rest = domain->settings.appleApps;
	jw_open(&w, '{');
	jw_key(&w, "webcredentials");
	jw_open(&w, '{');
	jw_key(&w, "apps");
	jw_open(&w, '[');
	while ((app = next_word(&rest)).n)
		jw_text(&w, app);
	jw_close(&w, ']');
	jw_close(&w, '}');
	jw_close(&w, '}');
	return answer(op, &b, NULL);
}

/* ---- colours ---- */

static int hex_digit(uint8_t c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Black or white, whichever is easier to read on it: by its luma (ITU-R BT.601). */
static const char *readable_on(struct slice colour)
{
	int part[3];

	for (int i = 0; i < 3; i++)
		part[i] = hex_digit(colour.p[1 + 2 * i]) * 16 + hex_digit(colour.p[2 + 2 * i]);
	return part[0] * 299 + part[1] * 587 + part[2] * 114 > 140 * 1000 ? "#111418" : "#ffffff";
}

err brand_prepare(struct op *op)
{
	const struct passkey_domain *domain = domain_named(op->app, op->path[0]);
	struct buf b = buf_arena(op->arena, 1024);

	ENSURE(domain, NOT_FOUND);
	http_add_header(op->http, "Cache-Control", S("public, max-age=300"));
	http_add_header(op->http, "X-Content-Type-Options", S("nosniff"));
	buf_text(&b, "/* colours of the domain */\n");
	if (domain->settings.accent.n == 7)
		buf_printf(&b, ":root { --accent: %.*s; --on-accent: %s; }\n", FMT(domain->settings.accent), readable_on(domain->settings.accent));
	return answer(op, &b, "text/css; charset=utf-8");
}

err script_prepare(struct op *op)
{
	http_add_header(op->http, "Access-Control-Allow-Origin", S("*"));
	http_add_header(op->http, "Cross-Origin-Resource-Policy", S("cross-origin"));
	return page_file_answer(op, "passkeys.js");
}
