/* From a method and a path to a route. Literal segments win over parameters. */
#include <assert.h>
#include <stdlib.h>

#include "api/internal.h"
#include "codec/encode.h"

static void cut_segment(struct pattern *p, struct slice text)
{
	assert(p->n < SEGMENTS_MAX);
	p->is_param[p->n] = text.n > 2 && text.p[0] == '{';
	if (p->is_param[p->n]) {
		struct slice inside = slice_of(text.p + 1, text.n - 2), name = slice_cut(&inside, ':');

		p->is_text[p->n] = inside.n > 0;
		text = name;
	}
	p->segment[p->n++] = text;
}

static void cut_path(struct pattern *p, struct slice path)
{
	assert(path.n == 0 || path.p[0] == '/');
	slice_cut(&path, '/');
	while (path.n)
		cut_segment(p, slice_cut(&path, '/'));
}

static void add_pattern(struct api *api, const struct route_table *table, const struct route *route, size_t stats, struct slice path)
{
	struct pattern *p;

	api->patterns = xrealloc(api->patterns, (api->pattern_count + 1) * sizeof(*api->patterns));
	p = &api->patterns[api->pattern_count++];
	*p = (struct pattern){ .route = route, .table = table, .stats = stats };
	cut_path(p, slice_text(table->base));
	cut_path(p, path);
}

/* Of its length and its first and last letters; never 0. */
static uint16_t mark_of(struct slice segment)
{
	unsigned mark = 1;

	if (segment.n)
		mark |= (unsigned)segment.n << 9 ^ (unsigned)segment.p[0] << 5 ^ (unsigned)segment.p[segment.n - 1] << 1;
	return (uint16_t)mark;
}

static void draw_outlines(struct api *api)
{
	api->outlines = xalloc(api->pattern_count * sizeof(*api->outlines));
	for (size_t i = 0; i < api->pattern_count; i++)
		for (size_t k = 0; k < api->patterns[i].n; k++)
			if (!api->patterns[i].is_param[k])
				api->outlines[i].marks[k] = mark_of(api->patterns[i].segment[k]);
}

/* Those with as many segments stand together, otherwise in the order they came: a path has to be compared with them only. */
static void sort_by_length(struct api *api)
{
	struct pattern *sorted = xalloc(api->pattern_count * sizeof(*sorted));
	size_t at = 0;

	for (size_t n = 0; n <= SEGMENTS_MAX; n++) {
		api->of_length[n] = at;
		for (size_t i = 0; i < api->pattern_count; i++)
			if (api->patterns[i].n == n)
				sorted[at++] = api->patterns[i];
	}
	api->of_length[SEGMENTS_MAX + 1] = at;
	free(api->patterns);
	api->patterns = sorted;
	draw_outlines(api);
}

void router_build(struct api *api)
{
	for (size_t t = 0; t < api->config.table_count; t++) {
		const struct route_table *table = api->config.tables[t];

		for (size_t i = 0; i < table->n; i++) {
			const struct route *route = &table->routes[i];
			struct slice also = slice_text(route->also);

			add_pattern(api, table, route, api->route_count, slice_text(route->path));
			while (also.n)
				add_pattern(api, table, route, api->route_count, slice_cut(&also, ' '));
			api->route_count++;
		}
	}
	sort_by_length(api);
}

/* With letters escaped, which is the same (RFC 3986, section 6.2.2.2). */
static bool literal_is(struct slice literal, struct slice sent)
{
	size_t at = 0;

	for (size_t i = 0; i < literal.n; i++) {
		uint8_t c;

		if (at == sent.n)
			return false;
		c = sent.p[at++];
		if (c == '%') {
			if (sent.n - at < 2 || failed(hex_read(slice_of(sent.p + at, 2), &c, 1)))
				return false;
			at += 2;
		}
		if (c != literal.p[i])
			return false;
	}
	return at == sent.n;
}

/* Number of literal segments that matched, or -1 when the path is another one. `escaped`: some of its letters may be. */
static int fits(const struct pattern *p, const struct slice *segment, bool escaped)
{
	int literals = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (p->is_param[i])
			continue;
		if (!slice_eq(p->segment[i], segment[i]) && !(escaped && literal_is(p->segment[i], segment[i])))
			return -1;
		literals++;
	}
	return literals;
}

static bool resembles(const struct outline *outline, const uint16_t *marks, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (outline->marks[i] && outline->marks[i] != marks[i])
			return false;
	return true;
}

static bool split(struct slice path, struct slice *segment, size_t *ret_n)
{
	size_t n = 0;

	slice_cut(&path, '/');
	while (path.n) {
		bool slash = slice_find(path, '/') < path.n;

		if (n == SEGMENTS_MAX)
			return false;
		segment[n] = slice_cut(&path, '/');
		if (segment[n].n == 0 || (slash && path.n == 0))
			return false; /* "//" and a slash at the end are other paths */
		n++;
	}
	*ret_n = n;
	return true;
}

static bool answers(const struct route *route, int method)
{
	return (int)route->method == method || (method == HTTP_HEAD && route->method == HTTP_GET);
}

void router_find(const struct api *api, int method, struct slice path, struct match *ret_match)
{
	struct slice segment[SEGMENTS_MAX];
	uint16_t marks[SEGMENTS_MAX];
	bool escaped = slice_find(path, '%') < path.n;
	int best = -1;
	size_t n, params = 0;

	*ret_match = (struct match){ 0 };
	if (!split(path, segment, &n))
		return;
	for (size_t i = 0; i < n; i++)
		marks[i] = mark_of(segment[i]);
	for (size_t i = api->of_length[n]; i < api->of_length[n + 1]; i++) {
		const struct pattern *p = &api->patterns[i];
		int literals = escaped || resembles(&api->outlines[i], marks, n) ? fits(p, segment, escaped) : -1;

		if (literals < 0)
			continue;
		ret_match->path_known = true;
		ret_match->allowed |= 1u << p->route->method;
		if (answers(p->route, method) && literals > best) {
			best = literals;
			ret_match->pattern = p;
		}
	}
	for (size_t i = 0; ret_match->pattern && i < n; i++)
		if (ret_match->pattern->is_param[i] && params < PATH_PARAMS_MAX)
			ret_match->params[params++] = segment[i];
}
