/* The reference pages in Markdown, written from the tables that the program itself works by. */
#include <stdio.h>

#include "event/event_type.h"
#include "event/fact.h"
#include "operation/operation.h"
#include "server/boot.h"

enum { PAGE_BYTES_MAX = 1024 * 1024, HTTP_ERROR_MIN = 400, HTTP_ERROR_MAX = 599 };

struct reference {
	const char *name, *title;
	void (*write)(struct buf *b);
};

/* ---- tables of Markdown ---- */

static void cell(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (*text == '|')
			buf_byte(b, '\\');
		buf_byte(b, (uint8_t)*text);
	}
}

static void code(struct buf *b, const char *text)
{
	if (*text) {
		buf_byte(b, '`');
		cell(b, text);
		buf_byte(b, '`');
	}
}

static void head(struct buf *b, const char *titles, int columns)
{
	buf_printf(b, "\n| %s |\n|", titles);
	for (int i = 0; i < columns; i++)
		buf_text(b, "---|");
	buf_byte(b, '\n');
}

static void next_cell(struct buf *b)
{
	buf_text(b, " | ");
}

static void row_begin(struct buf *b)
{
	buf_text(b, "| ");
}

static void row_end(struct buf *b)
{
	buf_text(b, " |\n");
}

/* ---- settings ---- */

static void setting_range(struct buf *b, const struct setting *s)
{
	if (s->type == SETTING_CHOICE) {
		struct slice rest = slice_text(s->words);

		while (rest.n) {
			struct slice word = slice_cut(&rest, '|');

			buf_printf(b, "`%.*s`%s", FMT(word), rest.n ? ", " : "");
		}
	} else if (s->type == SETTING_SWITCH) {
		buf_text(b, "`on`, `off`");
	} else if (s->type == SETTING_NUMBER) {
		buf_printf(b, "%lld to %lld", (long long)s->min, (long long)s->max);
	} else {
		buf_printf(b, "text, up to %lld bytes", (long long)s->max);
	}
}

static void setting_row(struct buf *b, const struct setting *s)
{
	bool on = s->type == SETTING_SWITCH && strcmp(s->standard, "1") == 0;

	row_begin(b);
	code(b, s->name);
	next_cell(b);
	code(b, s->type != SETTING_SWITCH ? s->standard : on ? "on" : "off");
	next_cell(b);
	setting_range(b, s);
	next_cell(b);
	buf_text(b, s->reload == SETTING_LIVE ? "SIGHUP" : "restart");
	next_cell(b);
	cell(b, s->help);
	row_end(b);
}

static void write_settings(struct buf *b)
{
	buf_text(b, "A setting stands in the file that `--config` names, on a line of its own (`name = value`), or on the command line of "
		    "`reuseid serve`, with dashes: `public_url` is `--public-url`. The command line wins over the file. "
		    "`reuseid check-config` tells what the settings amount to. A changed value counts after a SIGHUP or only after a restart, "
		    "as the fourth column says.\n");
	head(b, "Setting | Default | Values | Counts after | Meaning", 5);
	for (size_t i = 0; i < setting_count; i++)
		setting_row(b, &setting_list[i]);
}

/* ---- errors ---- */

/* How an error looks to its caller. Those of the device channel have no detail to tell. */
enum form { PROBLEM, OAUTH, CHANNEL };

static enum form form_of(enum err_code code)
{
	const struct err_info *info = err_info(code);

	if (slice_starts(slice_text(info->name), S("OAUTH_")))
		return OAUTH;
	return *info->detail ? PROBLEM : CHANNEL;
}

/* Several errors of the program are one to a caller. */
static bool told_before(enum err_code code)
{
	const struct err_info *info = err_info(code);

	for (int i = E_OK + 1; i < (int)code; i++) {
		const struct err_info *other = err_info((enum err_code)i);

		if (other->http == info->http && strcmp(other->code, info->code) == 0 && strcmp(other->detail, info->detail) == 0 &&
		    form_of((enum err_code)i) == form_of(code))
			return true;
	}
	return false;
}

static void error_row(struct buf *b, const struct err_info *info)
{
	row_begin(b);
	buf_printf(b, "%d", info->http);
	next_cell(b);
	code(b, info->code);
	next_cell(b);
	cell(b, info->title);
	next_cell(b);
	cell(b, info->detail);
	row_end(b);
}

/* By status, and in the order of the list within one. */
static void error_rows(struct buf *b, enum form form)
{
	head(b, "Status | Code | Title | Detail", 4);
	for (int http = HTTP_ERROR_MIN; http <= HTTP_ERROR_MAX; http++)
		for (int i = E_OK + 1; i < E_COUNT; i++) {
			enum err_code which = (enum err_code)i;

			if (err_info(which)->http == http && form_of(which) == form && !told_before(which))
				error_row(b, err_info(which));
		}
}

static void write_errors(struct buf *b)
{
	buf_text(b, "An error is a JSON object with `type`, `title`, `code`, `status`, `traceId` and `detail`; when parameters failed "
		    "validation, also `invalidParams`, a list of `name` and `reason`. Decide by status and `code`: the detail is for people. "
		    "Names in braces are filled in. The trace id is that of the header `X-TRACE-ID`, and of the log.\n");
	error_rows(b, PROBLEM);
	buf_text(b, "\n## Token endpoint\n\nThe token endpoint answers as RFC 6749 section 5.2 says: the code in `error`, the detail in "
		    "`error_description`. What goes wrong with the request as such (413, 415, 429, 503 above) has that form there too.\n");
	error_rows(b, OAUTH);
	buf_text(b, "\n## Device channel\n\nWhat cannot be answered inside an envelope is answered as `{\"error\": code}`. What can be is told in "
		    "[DEVICE-PROTOCOL.md](../DEVICE-PROTOCOL.md).\n");
	error_rows(b, CHANNEL);
	buf_text(b, "\n## Operations\n\nA transaction that failed says why in `errorCode` and `errorDescription`.\n");
	head(b, "errorCode | errorDescription", 2);
	for (int i = OPERATION_OK + 1; i < OPERATION_ERROR_COUNT; i++) {
		row_begin(b);
		code(b, operation_error_name((enum operation_error)i));
		next_cell(b);
		cell(b, operation_error_description((enum operation_error)i));
		row_end(b);
	}
}

/* ---- permissions ---- */

static void permission_list(struct buf *b, uint64_t set)
{
	bool first = true;

	for (int i = LOCAL_ONLY + 1; i < PERMISSION_COUNT; i++) {
		if (!(set & BIT(i)))
			continue;
		buf_text(b, first ? "" : ", ");
		code(b, permission_text((enum permission)i));
		first = false;
	}
}

static void write_permissions(struct buf *b)
{
	buf_text(b, "An API client is given products; a product is a list of permissions; a route asks for one permission. What a client "
		    "may do is looked up at every request, so a change counts at once, for tokens that exist too.\n");
	head(b, "Product | For | Permissions", 3);
	for (int i = 0; i < PRODUCT_COUNT; i++) {
		row_begin(b);
		cell(b, product_label((enum product)i));
		next_cell(b);
		cell(b, product_help((enum product)i));
		next_cell(b);
		permission_list(b, products_permissions((uint64_t)1 << i));
		row_end(b);
	}
}

/* ---- events ---- */

static void fact_row(struct buf *b, const struct fact_info *info)
{
	row_begin(b);
	code(b, info->type);
	next_cell(b);
	cell(b, info->service);
	next_cell(b);
	cell(b, info->message);
	next_cell(b);
	code(b, info->event);
	next_cell(b);
	buf_text(b, !*info->event ? "" : info->extended ? "extended events only" : info->on_wish ? "when the request asks for it" : "always");
	row_end(b);
}

static void event_row(struct buf *b, const struct event_type *type)
{
	const char *older = event_name_of_mobileid(type->name);

	row_begin(b);
	buf_printf(b, "`%s:%s`", type->sender, type->name);
	next_cell(b);
	if (older)
		buf_printf(b, "`mobileid:%s`", older);
	next_cell(b);
	cell(b, type->doc);
	row_end(b);
}

static void write_event_types(struct buf *b)
{
	buf_text(b, "\nThe events. Those of an operation that was started below `/mobileid/core` have the older name, and so has what a phone "
		    "does by itself that was registered there; nothing is told by both.\n");
	head(b, "Event | Of an operation on the older paths | What it tells", 3);
	for (size_t i = 0; i < event_type_count; i++)
		if (strcmp(event_types[i].sender, "reuseid") == 0)
			event_row(b, &event_types[i]);
	buf_text(b, "\nEvents of the hosted service that are not sent here:\n");
	head(b, "Event | Why", 2);
	for (size_t i = 0; i < event_not_sent_count; i++) {
		row_begin(b);
		buf_printf(b, "`%s:%s`", events_not_sent[i].sender, events_not_sent[i].name);
		next_cell(b);
		cell(b, events_not_sent[i].why);
		row_end(b);
	}
}

static void write_events(struct buf *b)
{
	buf_text(b, "Everything that happens is a fact: one audit record, and for some an event too. Both are written in the transaction of the "
		    "change itself. An event of the extended kind is one that the hosted service does not have; it is sent to accounts that were "
		    "given `--extended-events on`.\n");
	head(b, "Audit type | Service | Message | Event | Sent", 5);
	for (int i = FACT_NONE + 1; i < FACT_COUNT; i++)
		fact_row(b, fact_info((enum fact_kind)i));
	write_event_types(b);
}

/* ---- metrics ---- */

static void metric_row(struct buf *b, const char *name, const char *kind, const char *help)
{
	row_begin(b);
	code(b, name);
	next_cell(b);
	buf_text(b, kind);
	next_cell(b);
	cell(b, help);
	row_end(b);
}

#define METRIC_WORD_COUNTER "counter"
#define METRIC_WORD_GAUGE "gauge"

static void write_metrics(struct buf *b)
{
	buf_text(b, "`GET /metrics`, in the Prometheus text format, from loopback and from what the setting `metrics_allow` names.\n");
	head(b, "Metric | Kind | Meaning", 3);
#define METRIC(KIND, name, help) metric_row(b, #name, METRIC_WORD_##KIND, help);
#include "base/metrics.def"
#undef METRIC
	metric_row(b, "http_request_seconds", "histogram", "Time from the first byte of a request to its answer, by `method` and `route`");
	metric_row(b, "http_requests_total", "counter", "Requests by `method`, `route` and class of `status`, such as 2xx");
}

/* ---- routes ---- */

static void permission_cell(struct buf *b, enum permission p)
{
	buf_text(b, p == PUBLIC ? "none" : p == LOCAL_ONLY ? "operator" : "");
	code(b, permission_text(p));
}

static void route_path(struct buf *b, const char *base, struct slice path)
{
	struct slice rest = path;

	buf_printf(b, "`%s", base);
	while (rest.n) {
		struct slice segment = slice_cut(&rest, '/'), name = slice_cut(&segment, ':');

		if (name.n == 0)
			continue;
		buf_printf(b, "/%.*s%s", FMT(name), name.p[0] == '{' && name.p[name.n - 1] != '}' ? "}" : "");
	}
	buf_byte(b, '`');
}

static void route_row(struct buf *b, const char *base, const struct route *route)
{
	row_begin(b);
	buf_text(b, http_method_name(route->method));
	next_cell(b);
	route_path(b, base, slice_text(route->path));
	next_cell(b);
	permission_cell(b, route->permission);
	next_cell(b);
	cell(b, route->doc ? route->doc : "");
	row_end(b);
}

/* Rows with one path follow each other; each path is told once. */
static void other_paths(struct buf *b, const struct route_table *table)
{
	const char *told = NULL;

	for (size_t i = 0; i < table->n; i++) {
		struct slice also = slice_text(table->routes[i].also);

		if (also.n == 0 || (told && slice_is(also, told)))
			continue;
		buf_text(b, told ? ", " : "\nAnswered too, for callers that know them by another name: ");
		told = table->routes[i].also;
		while (also.n) {
			route_path(b, table->base, slice_cut(&also, ' '));
			buf_text(b, also.n ? ", " : "");
		}
	}
	buf_text(b, told ? ".\n" : "");
}

static void route_tables(struct buf *b, const struct route_table *const *tables, size_t n)
{
	for (size_t t = 0; t < n; t++) {
		buf_printf(b, "\n### %s\n", tables[t]->title);
		if (tables[t]->openapi_path)
			buf_printf(b, "\nIn full: `GET %s`.\n", tables[t]->openapi_path);
		head(b, "Method | Path | Permission | What it does", 4);
		for (size_t i = 0; i < tables[t]->n; i++)
			route_row(b, tables[t]->base, &tables[t]->routes[i]);
		other_paths(b, tables[t]);
	}
}

static void write_routes(struct buf *b)
{
	buf_text(b, "Where the permission is \"none\", no token is asked for. A HEAD is answered wherever a GET is.\n\n## For callers\n");
	route_tables(b, public_tables, public_table_count);
	buf_text(b, "\n## For the operator\n\nThrough the socket `admin.sock` in the data directory only, which is what the managing commands "
		    "use; elsewhere these paths do not exist.\n");
	route_tables(b, admin_tables, admin_table_count);
}

/* ---- the list of pages ---- */

static const struct reference references[] = {
	{ "settings", "Settings", write_settings },
	{ "errors", "Errors", write_errors },
	{ "permissions", "Permissions", write_permissions },
	{ "events", "Audit records and events", write_events },
	{ "metrics", "Metrics", write_metrics },
	{ "routes", "Routes", write_routes },
};

static void write_page(const struct reference *page, struct buf *b)
{
	buf_printf(b, "<!-- Written by `reuseid reference %s`: change the tables of the program instead, then run scripts/references. -->\n",
		page->name);
	buf_printf(b, "# %s\n\n", page->title);
	page->write(b);
}

int command_reference(const struct command_line *line)
{
	const char *wanted = line->argument_count ? line->arguments[0] : NULL;
	struct buf b = buf_arena(line->arena, PAGE_BYTES_MAX);

	for (size_t i = 0; i < sizeof(references) / sizeof(references[0]); i++) {
		if (!wanted)
			buf_printf(&b, "%s\n", references[i].name);
		else if (strcmp(wanted, references[i].name) == 0)
			write_page(&references[i], &b);
	}
	if (b.n == 0 || failed(buf_ok(&b))) {
		fprintf(stderr, "There is no reference page \"%s\"; `reuseid reference` lists them.\n", wanted);
		return 1;
	}
	printf("%.*s", FMT(buf_bytes(&b)));
	return 0;
}
