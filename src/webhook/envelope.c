/* An event as it is sent: the nine fields (platform.md 5.2), and in them what polling answers. */
#include "base/timestamp.h"
#include "account/account.h"
#include "codec/encode.h"
#include "webhook/internal.h"

enum { ENVELOPE_BYTES_MAX = 2 * 1024 * 1024 };

SQL(account_names, "SELECT a.id, o.id FROM accounts a LEFT JOIN organisations o ON o.n = a.organisation WHERE a.n = $1");

struct outbox_row outbox_from_row(const struct rows *r, struct arena *a)
{
	return (struct outbox_row){
		.n = col_int(r, 0),
		.id = col_uuid(r, 1),
		.account = col_int(r, 2),
		.at = col_int(r, 3),
		.expires = col_int(r, 4),
		.about = {
			.sender = arena_copy(a, col_text(r, 5)),
			.name = arena_copy(a, col_text(r, 6)),
			.has_transaction = !col_is_null(r, 7),
			.has_device = !col_is_null(r, 8),
			.transaction = col_uuid(r, 7),
			.device = col_uuid(r, 8),
			.data = arena_copy(a, col_text(r, 9)),
		},
	};
}

struct slice outbox_name(const struct outbox_row *row, struct arena *a)
{
	return arena_printf(a, "%.*s:%.*s", FMT(row->about.sender), FMT(row->about.name));
}

struct slice event_id_text(const struct uuid *id, struct arena *a)
{
	return hex(a, uuid_bytes(id));
}

/* --- reading --- */

struct reading {
	const struct outbox_row *row;
	struct envelope *envelope;
};

static err read_names(struct op *op, int64_t account, struct envelope *envelope)
{
	struct rows r;
	struct error e = sql_one(op_reader(op), &account_names, ARGS(v_int(account)), &r);

	ENSURE(!is_err(e, E_NO_ROW), ACCOUNT_UNKNOWN);
	TRY(e);
	envelope->account_id = arena_copy(op->arena, col_text(&r, 0));
	envelope->organisation_id = arena_copy(op->arena, col_text(&r, 1));
	return sql_close(&r);
}

/* What nobody knows any more is told as far as the outbox itself knows it. */
static struct slice what_is_left(struct op *op, const struct event_about *about)
{
	if (about->data.n)
		return about->data;
	if (about->has_transaction)
		return arena_printf(op->arena, "{\"transactionId\":\"%.*s\"}", FMT(uuid_text(op->arena, &about->transaction)));
	return S("{}");
}

/* What passes by itself is tried again; what does not must not keep other events from being sent. */
static bool passes(struct error e)
{
	return is_err(e, E_STORAGE) || is_err(e, E_STORAGE_FULL) || is_err(e, E_UNAVAILABLE);
}

static void log_unreadable(const struct op *op, const struct uuid *id, struct error e)
{
	char text[UUID_TEXT + 1];

	uuid_format(id, text);
	log_line(op->app->log, LOG_ERROR, "event cannot be read, it tells only what it is about", LOG_T("event", text), LOG_E(e));
}

static struct error read_prepare(struct op *op)
{
	struct reading *reading = op_own(op, struct reading);
	const struct event_about *about = &reading->row->about;
	struct event_content *content = &reading->envelope->content;
	struct error e = FAIL(NO_ROW);

	TRY(read_names(op, reading->row->account, reading->envelope));
	TRY(accounts_act_for(op, op_reader(op), reading->row->account));
	for (size_t i = 0; i < HOOKS_MAX && op->app->event_data[i] && is_err(e, E_NO_ROW); i++) {
		*content = (struct event_content){ .json = S("") };
		e = op->app->event_data[i](op, about, content);
	}
	if (failed(e) && !is_err(e, E_NO_ROW) && !passes(e)) {
		log_unreadable(op, &reading->row->id, e);
		e = FAIL(NO_ROW);
	}
	if (is_err(e, E_NO_ROW)) {
		*content = (struct event_content){ .json = what_is_left(op, about) };
		e = OK;
	}
	/* It may point into what the operation lets go of. */
	content->json = arena_copy(op->arena, content->json);
	return e;
}

static void keep_tags(struct list *tags, struct arena *a)
{
	struct slice *copies = arena_array(a, struct slice, tags->n);

	for (size_t i = 0; i < tags->n; i++)
		copies[i] = arena_copy(a, ((const struct slice *)tags->items)[i]);
	tags->items = copies;
}

static struct error read_and_keep(struct op *op)
{
	TRY(read_prepare(op));
	keep_tags(&op_own(op, struct reading)->envelope->content.tags, op->arena);
	return OK;
}

err envelope_fill(struct app *app, struct tx *reader, const struct outbox_row *row, struct arena *a, struct envelope *ret_envelope)
{
	struct op *op = op_alone(app, a);
	struct error e;

	*op_own(op, struct reading) = (struct reading){ row, ret_envelope };
	op->reader = reader;
	e = read_and_keep(op);
	op->reader = NULL; /* the lender's */
	json_decref(op->kept);
	op->kept = NULL;
	return e;
}

err envelope_fetch(struct app *app, const struct outbox_row *row, struct arena *a, struct envelope *ret_envelope)
{
	struct tx *reader = store_read_begin(app->store);
	struct error e = envelope_fill(app, reader, row, a, ret_envelope);

	store_read_end(reader);
	return e;
}

/* --- writing --- */

/* With seven digits of the second, as receivers of the service know it. */
static void write_time(struct jw *w, const char *name, int64_t ms)
{
	jw_key(w, name);
	jw_raw(w, S("\""));
	time_write(w->b, ms, TIME_AS_MS);
	w->b->n--; /* the Z */
	buf_text(w->b, "0000Z\"");
}

struct slice envelope_json(const struct outbox_row *row, const struct envelope *envelope, int64_t expires, struct arena *a)
{
	struct buf b = buf_arena(a, ENVELOPE_BYTES_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_text(&w, "id", event_id_text(&row->id, a));
	write_time(&w, "timestamp", row->at);
	jw_pair_text(&w, "sender", row->about.sender);
	jw_pair_text(&w, "eventName", row->about.name);
	jw_key(&w, "eventData");
	jw_raw(&w, envelope->content.json);
	jw_pair_text(&w, "accountId", envelope->account_id);
	jw_key(&w, "organizationId");
	if (envelope->organisation_id.n)
		jw_text(&w, envelope->organisation_id);
	else
		jw_null(&w);
	write_time(&w, "expiresAt", expires);
	jw_key(&w, "tags");
	jw_open(&w, '[');
	for (size_t i = 0; i < envelope->content.tags.n; i++)
		jw_text(&w, ((const struct slice *)envelope->content.tags.items)[i]);
	jw_close(&w, ']');
	jw_close(&w, '}');
	return buf_bytes(&b);
}
