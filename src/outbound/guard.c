#include <curl/curl.h> /* before base/err.h, which defines err */

#include "outbound/internal.h"

/* Not public (IANA's special-purpose registries), in v4 and, behind it, what of the public v6 space leads elsewhere. */
static const struct range {
	uint8_t base[16];
	unsigned bits;
} closed[] = {
#define V4(a, b, c, d, n) { { [10] = 0xff, [11] = 0xff, [12] = a, [13] = b, [14] = c, [15] = d }, 96 + (n) }
	V4(0, 0, 0, 0, 8),       /* this network */
	V4(10, 0, 0, 0, 8),      /* private */
	V4(100, 64, 0, 0, 10),   /* shared by carriers (CGNAT) */
	V4(127, 0, 0, 0, 8),     /* loopback */
	V4(169, 254, 0, 0, 16),  /* link-local, metadata of clouds */
	V4(172, 16, 0, 0, 12),   /* private */
	V4(192, 0, 0, 0, 24),    /* protocol assignments */
	V4(192, 0, 2, 0, 24),    /* documentation */
	V4(192, 31, 196, 0, 24), /* AS112 */
	V4(192, 52, 193, 0, 24), /* AMT */
	V4(192, 88, 99, 0, 24),  /* 6to4 relays */
	V4(192, 168, 0, 0, 16),  /* private */
	V4(192, 175, 48, 0, 24), /* AS112 */
	V4(198, 18, 0, 0, 15),   /* benchmarks */
	V4(198, 51, 100, 0, 24), /* documentation */
	V4(203, 0, 113, 0, 24),  /* documentation */
	V4(224, 0, 0, 0, 4),     /* multicast */
	V4(240, 0, 0, 0, 4),     /* reserved, broadcast */
#undef V4
	{ { 0x20, 0x01 }, 23 },             /* protocol assignments: Teredo, ORCHID, benchmarks */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x20, 0x02 }, 16 },             /* 6to4: a v4 address inside */
	{ { 0x26, 0x20, 0x00, 0x4f, 0x80 }, 48 }, /* AS112 */
	{ { 0x3f, 0xff }, 20 },             /* documentation */
};

static const struct range v4_mapped = { { [10] = 0xff, [11] = 0xff }, 96 };
/* All other v6 addresses are loopback, mapped, translated (64:ff9b::), unique local, link-local, multicast or not given out. */
static const struct range v6_public = { { 0x20 }, 3 };

static bool in_range(const struct range *range, const struct address *address)
{
	unsigned whole = range->bits / 8, rest = range->bits % 8;
	uint8_t mask = (uint8_t)(0xff00 >> rest);

	if (memcmp(range->base, address->b, whole) != 0)
		return false;
	return rest == 0 || ((range->base[whole] ^ address->b[whole]) & mask) == 0;
}

bool address_may_be_called(const struct networks *allowed, const struct address *address)
{
	if (networks_hold(allowed, address))
		return true;
	if (!in_range(&v4_mapped, address) && !in_range(&v6_public, address))
		return false;
	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (in_range(&closed[i], address))
			return false;
	return true;
}

/* A name says nothing yet; an address written out does. */
static bool literal_may_be_called(const struct networks *allowed, struct slice host)
{
	struct address address;

	if (host.n > 2 && host.p[0] == '[')
		host = slice_of(host.p + 1, host.n - 2);
	return failed(address_parse(host, &address)) || address_may_be_called(allowed, &address);
}

static bool is_plain(struct slice url)
{
	for (size_t i = 0; i < url.n; i++)
		if (url.p[i] <= ' ' || url.p[i] >= 0x7f)
			return false;
	return url.n > 0 && url.n <= OUTBOUND_URL_BYTES_MAX;
}

/* libcurl forgives any number of slashes in front of the host; others that read the URL would not agree with it. */
static bool has_two_slashes(struct slice url)
{
	struct slice rest = url;

	slice_cut(&rest, ':');
	return slice_starts(rest, S("//")) && rest.n > 2 && rest.p[2] != '/' && rest.p[2] != '\\';
}

static struct slice lowered(struct arena *a, const char *text)
{
	char *copy = arena_cstr(a, slice_text(text));

	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + ('a' - 'A'));
	return slice_text(copy);
}

static struct slice part(CURLU *parsed, CURLUPart which, unsigned flags, struct arena *a)
{
	char *text = NULL;
	struct slice copy = { 0 };

	if (curl_url_get(parsed, which, &text, flags) == CURLUE_OK)
		copy = lowered(a, text);
	curl_free(text);
	return copy;
}

static err read_parts(const struct outbound_config *config, const struct networks *allowed, CURLU *parsed, struct arena *a,
	struct target *ret_target, const char **ret_why)
{
	struct slice scheme = part(parsed, CURLUPART_SCHEME, 0, a), host = part(parsed, CURLUPART_HOST, 0, a);
	struct slice port = part(parsed, CURLUPART_PORT, CURLU_DEFAULT_PORT, a);

	ret_target->https = slice_is(scheme, "https");
	*ret_why = config->allow_http ? "must be an http or https URL" : "must be an https URL";
	ENSURE(ret_target->https || (config->allow_http && slice_is(scheme, "http")), CONFIG);
	*ret_why = "must name a host";
	ENSURE(host.n && port.n && slice_find(host, '%') == host.n, CONFIG);
	*ret_why = "must not lead to a private or reserved address";
	ENSURE(literal_may_be_called(allowed, host), CONFIG);
	ret_target->origin = arena_printf(a, "%.*s://%.*s:%.*s", FMT(scheme), FMT(host), FMT(port));
	return OK;
}

err target_of(const struct outbound_config *config, const struct networks *allowed, struct slice url, struct arena *a,
	struct target *ret_target, const char **ret_why)
{
	CURLU *parsed;
	struct error e = FAIL(CONFIG);

	*ret_why = "must be a URL in plain characters, not too long";
	ENSURE(is_plain(url), CONFIG);
	parsed = curl_url();
	*ret_why = "must be an absolute URL without a user or password";
	if (parsed && has_two_slashes(url) && curl_url_set(parsed, CURLUPART_URL, arena_cstr(a, url), CURLU_DISALLOW_USER) == CURLUE_OK)
		e = read_parts(config, allowed, parsed, a, ret_target, ret_why);
	curl_url_cleanup(parsed);
	return e;
}

err outbound_url_check(const struct outbound_config *config, struct slice url, const char **ret_why)
{
	struct networks allowed;
	struct slice word;
	struct target target;
	struct arena a;
	struct error e;

	*ret_why = "cannot be checked: the networks allowed are unreadable";
	TRY(networks_parse(config->allowed_networks, &allowed, &word));
	arena_init(&a);
	e = target_of(config, &allowed, url, &a, &target, ret_why);
	arena_free(&a);
	networks_free(&allowed);
	return e;
}
