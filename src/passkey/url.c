/* Addresses: of our pages, of those who may use a domain's passkeys, and where browsers are sent. */
#include "passkey/internal.h"

static bool takes_scheme(struct slice *rest, struct slice scheme)
{
	if (!slice_starts(*rest, scheme))
		return false;
	*rest = slice_of(rest->p + scheme.n, rest->n - scheme.n);
	return true;
}

/* Scheme and authority of an http(s) URL. Nothing that two parsers could read differently: no user, no backslash, no control. */
struct slice url_origin(struct slice url)
{
	struct slice rest = url;
	size_t n = 0;

	if (!takes_scheme(&rest, S("https://")) && !takes_scheme(&rest, S("http://")))
		return S("");
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] >= 0x7f || url.p[i] == '\\' || url.p[i] == '"' || url.p[i] == '<')
			return S("");
	while (n < rest.n && rest.p[n] != '/' && rest.p[n] != '?' && rest.p[n] != '#') {
		if (rest.p[n] == '@' || rest.p[n] == '%')
			return S("");
		n++;
	}
	return n ? slice_of(url.p, url.n - rest.n + n) : S("");
}

struct slice url_host(struct slice url)
{
	struct slice origin = url_origin(url);

	if (!takes_scheme(&origin, S("https://")))
		takes_scheme(&origin, S("http://"));
	return slice_cut(&origin, ':');
}

static bool is_localhost(struct slice host)
{
	return slice_ieq(host, S("localhost"));
}

/* RFC 6761: a browser never asks the network for localhost, so it need not be encrypted. */
static bool is_secure(struct slice url)
{
	return slice_starts(url, S("https://")) || is_localhost(url_host(url));
}

struct slice domain_page_url(const struct op *op, const struct passkey_domain *domain)
{
	struct slice ours = slice_text(op->app->public_url);

	if (domain->settings.pageUrl.n)
		return domain->settings.pageUrl;
	if (slice_ieq(url_host(ours), domain->name))
		return ours;
	if (is_localhost(domain->name)) {
		/* The server by its address, and the domain of developers: the same port. */
		struct slice origin = url_origin(ours), host = url_host(ours);
		const uint8_t *port = origin.n && host.n ? host.p + host.n : NULL;

		return port ? arena_printf(op->arena, "http://localhost%.*s", (int)(origin.p + origin.n - port), (const char *)port) : ours;
	}
	return arena_printf(op->arena, "https://%.*s", FMT(domain->name));
}

struct slice domain_page_origin(const struct op *op, const struct passkey_domain *domain)
{
	return url_origin(domain_page_url(op, domain));
}

bool domain_allows_origin(const struct op *op, const struct passkey_domain *domain, struct slice origin)
{
	for (size_t i = 0; i < domain->origin_count; i++)
		if (slice_eq(domain->origins[i], origin))
			return true;
	return origin.n && slice_eq(origin, domain_page_origin(op, domain));
}

static bool is_within(struct slice host, struct slice domain)
{
	struct slice tail = host.n > domain.n ? slice_of(host.p + host.n - domain.n, domain.n) : host;

	return slice_ieq(tail, domain) && (host.n == domain.n || host.p[host.n - domain.n - 1] == '.');
}

/* What a browser takes for "..": with a dot written as %2e too (WHATWG URL, 4.1). */
static bool is_upwards(struct slice segment)
{
	int dots = 0;

	while (segment.n) {
		bool escaped = segment.n >= 3 && slice_ieq(slice_of(segment.p, 3), S("%2e"));

		if (!escaped && segment.p[0] != '.')
			return false;
		segment = slice_of(segment.p + (escaped ? 3 : 1), segment.n - (escaped ? 3 : 1));
		dots++;
	}
	return dots == 2;
}

/* Does its path lead out of where it seems to begin? */
static bool climbs(struct slice uri)
{
	struct slice rest = uri, path;

	rest = slice_cut(&rest, '#');
	path = slice_cut(&rest, '?');
	while (path.n)
		if (is_upwards(slice_cut(&path, '/')))
			return true;
	return false;
}

static bool has_prefix(const struct passkey_domain *domain, struct slice uri)
{
	struct slice rest = domain->settings.redirects, prefix;

	if (climbs(uri))
		return false;
	while ((prefix = next_word(&rest)).n)
		/* A prefix without a path ends where the host ends: https://a.com is no prefix of https://a.com.evil */
		if (slice_starts(uri, prefix) && slice_eq(url_origin(uri), url_origin(prefix)))
			return true;
	return false;
}

bool domain_allows_redirect(const struct op *op, const struct passkey_domain *domain, struct slice uri)
{
	const struct domain_set *set = atomic_load(&op->app->passkeys->set);
	struct slice host = url_host(uri);

	if (host.n == 0 || !is_secure(uri))
		return false;
	if (has_prefix(domain, uri))
		return true;
	for (size_t i = 0; i < set->n; i++)
		if (set->domains[i].account.n == domain->account.n && is_within(host, set->domains[i].name))
			return true;
	return false;
}

/* ---- what an operator may set ---- */

static bool is_app_origin(struct slice origin)
{
	return slice_starts(origin, S("android:apk-key-hash:"));
}

static bool words_are(struct slice words, bool (*good)(struct slice word))
{
	struct slice word;

	while ((word = next_word(&words)).n)
		if (!good(word))
			return false;
	return true;
}

static bool good_origin(struct slice word)
{
	return is_app_origin(word) || (slice_eq(url_origin(word), word) && is_secure(word));
}

static bool good_redirect(struct slice word)
{
	return url_origin(word).n && is_secure(word);
}

static bool good_aaguid(struct slice word)
{
	struct uuid id;

	return !failed(uuid_parse(word, &id));
}

static bool good_android(struct slice word)
{
	struct slice print = word, package = slice_cut(&print, '=');

	for (size_t i = 0; i < package.n; i++)
		if (package.p[i] == '"' || package.p[i] == '\\')
			return false;
	for (size_t i = 0; i < print.n; i++)
		if (i % 3 == 2 ? print.p[i] != ':' : !memchr("0123456789ABCDEF", print.p[i], 16))
			return false;
	return package.n && print.n == 32 * 3 - 1;
}

static bool good_colour(struct slice text)
{
	if (text.n == 0)
		return true;
	for (size_t i = 1; i < text.n; i++)
		if (!memchr("0123456789abcdefABCDEF", text.p[i], 22))
			return false;
	return text.n == 7 && text.p[0] == '#';
}

/* Only pictures, and nothing that could end the attribute it stands in. */
static bool good_logo(struct slice text)
{
	static const char *const kinds[] = { "data:image/png;base64,", "data:image/jpeg;base64,", "data:image/svg+xml;base64,", "data:image/webp;base64," };
	bool known = text.n == 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		known |= slice_starts(text, slice_text(kinds[i]));
	return known;
}

err domain_settings_check(struct op *op, const struct domain_settings *s, struct slice name)
{
	struct slice page_host = s->pageUrl.n ? url_host(s->pageUrl) : name;

	if (s->rpId.n && !is_within(page_host, s->rpId))
		IGNORE(op_invalid(op, "rpId", "must be the host of the page, or a domain that it lies in"));
	if (!s->rpId.n && s->pageUrl.n && !is_within(page_host, name))
		IGNORE(op_invalid(op, "pageUrl", "must lie in the domain"));
	if (s->pageUrl.n && (!is_secure(s->pageUrl) || s->pageUrl.p[s->pageUrl.n - 1] == '/'))
		IGNORE(op_invalid(op, "pageUrl", "must be an https URL without a slash at the end"));
	if (!words_are(s->origins, good_origin))
		IGNORE(op_invalid(op, "origins", "must be https origins such as https://acme.com, or android:apk-key-hash:…"));
	if (!words_are(s->redirects, good_redirect))
		IGNORE(op_invalid(op, "redirects", "must be https addresses"));
	if (!words_are(s->aaguids, good_aaguid))
		IGNORE(op_invalid(op, "aaguids", "must be UUIDs"));
	if (!words_are(s->androidApps, good_android))
		IGNORE(op_invalid(op, "androidApps", "must be of the form PACKAGE=AA:BB:… with 32 bytes"));
	if (!good_colour(s->accent))
		IGNORE(op_invalid(op, "accent", "must be a colour such as #1d4ed8"));
	if (!good_logo(s->logo))
		IGNORE(op_invalid(op, "logo", "must be a data: URL of a PNG, JPEG, SVG or WebP, in base64"));
	ENSURE(op->invalids.n == 0, INVALID_PARAM);
	return OK;
}
