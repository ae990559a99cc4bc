#include "audit/record.h"

#include "base/timestamp.h"
#include "codec/encode.h"
#include "crypto/hash.h"

enum { DATA_DEPTH_MAX = 8 };

const char *const record_members[] = {
	"cursor", "timestamp", "serviceName", "message", "userId", "messageId", "referenceId", "traceId", "eventType", "clientId", "jwtId",
	"expiresAt", "ipAddress", NULL,
};

static const struct fact_info *info_of(struct slice type)
{
	for (int i = FACT_NONE + 1; i < FACT_COUNT; i++)
		if (slice_is(type, fact_info((enum fact_kind)i)->type))
			return fact_info((enum fact_kind)i);
	return NULL;
}

err record_from_row(const struct rows *r, struct arena *a, struct audit_record *ret)
{
	*ret = (struct audit_record){
		.sequence = col_int(r, 0),
		.at = col_int(r, 1),
		.expires = col_int(r, 2),
		.info = info_of(col_text(r, 3)),
		.has_user = !col_is_null(r, 4),
		.user = col_uuid(r, 4),
		.reference = arena_copy(a, col_text(r, 5)),
		.client_id = arena_copy(a, col_text(r, 6)),
		.token_id = arena_copy(a, col_text(r, 7)),
		.address = arena_copy(a, col_text(r, 8)),
		.trace = arena_copy(a, col_bytes(r, 9)),
		.data = arena_copy(a, col_text(r, 10)),
		.box = arena_copy(a, col_bytes(r, 11)),
		.commitment = arena_copy(a, col_bytes(r, 12)),
	};
	ENSURE(ret->info, STORAGE);
	return OK;
}

/* ---- members ---- */

/* Made from the record's place, so that it need not be kept: version 8 of RFC 9562. */
static struct uuid message_id(const struct audit_log *log, const struct audit_record *record)
{
	uint8_t hash[SHA256_BYTES], place[8];
	struct uuid id;

	for (int i = 0; i < 8; i++)
		place[i] = (uint8_t)((uint64_t)record->sequence >> (56 - 8 * i));
	sha256_parts(PARTS(S("audit record|"), log->account_id, S("|"), slice_of(place, sizeof(place))), hash);
	memcpy(id.b, hash, sizeof(id.b));
	id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x80);
	id.b[8] = (uint8_t)((id.b[8] & 0x3f) | 0x80);
	return id;
}

static void write_time(struct jw *w, const char *name, int64_t ms)
{
	jw_key(w, name);
	jw_raw(w, S("\""));
	time_write(w->b, ms, TIME_AS_MS);
	buf_byte(w->b, '"');
}

static void write_opt(struct jw *w, const char *name, struct slice text)
{
	if (text.n)
		jw_pair_text(w, name, text);
}

/* Texts and numbers of the data, each as text: what a search goes by. */
static void write_indexed(struct jw *w, struct slice data, struct arena *a)
{
	json_t *object = NULL, *value;
	struct slice why;
	const char *name;

	jw_key(w, "indexedData");
	jw_open(w, '{');
	if (data.n && !failed(json_read(data, JSON_LAST_WINS, DATA_DEPTH_MAX, a, &object, &why)))
		json_object_foreach(object, name, value) {
			if (json_is_string(value) || json_is_integer(value))
				jw_key_text(w, slice_text(name));
			if (json_is_string(value))
				jw_text(w, json_text(value));
			else if (json_is_integer(value))
				jw_text(w, arena_printf(a, "%lld", (long long)json_integer_value(value)));
		}
	jw_close(w, '}');
	json_decref(object);
}

static void write_who(struct jw *w, const struct audit_log *log, const struct audit_record *r, struct arena *a)
{
	struct uuid id = message_id(log, r);

	if (r->has_user)
		jw_pair_text(w, "userId", uuid_text(a, &r->user));
	jw_pair_text(w, "messageId", uuid_text(a, &id));
	write_opt(w, "referenceId", r->reference);
	if (r->trace.n)
		jw_pair_text(w, "traceId", hex(a, r->trace));
	jw_pair(w, "eventType", r->info->type);
	write_opt(w, "clientId", r->client_id);
	write_opt(w, "jwtId", r->token_id);
	write_time(w, "expiresAt", r->expires);
}

/* Everything but what is personal. */
static struct jw write_common(const struct audit_log *log, const struct audit_record *r, struct arena *a, struct buf *b)
{
	struct jw w = jw_new(b);

	jw_open(&w, '{');
	jw_pair_text(&w, "cursor", arena_printf(a, "%lld", (long long)r->sequence));
	write_opt(&w, "accountId", log->account_id);
	write_opt(&w, "organizationId", log->organisation_id);
	write_time(&w, "timestamp", r->at);
	jw_pair(&w, "serviceName", r->info->service);
	jw_pair(&w, "message", r->info->message);
	jw_pair_bool(&w, "sandbox", log->sandbox);
	write_who(&w, log, r, a);
	jw_key(&w, "data");
	jw_raw(&w, r->data.n ? r->data : S("null"));
	write_indexed(&w, r->data, a);
	if (r->commitment.n)
		jw_pair_text(&w, "commitment", b64url(a, r->commitment));
	else
		write_opt(&w, "ipAddress", r->address);
	return w;
}

void record_write_leaf(const struct audit_log *log, const struct audit_record *record, struct arena *a, struct buf *b)
{
	struct jw w = write_common(log, record, a, b);

	jw_close(&w, '}');
}

void record_write(const struct audit_log *log, const struct audit_record *record, struct arena *a, struct buf *b)
{
	struct jw w = write_common(log, record, a, b);

	if (!record->salt.n)
		return;
	if (record->personal.n > 2) {
		buf_byte(b, ',');
		buf_slice(b, slice_of(record->personal.p + 1, record->personal.n - 2));
	}
	jw_pair_text(&w, "salt", b64url(a, record->salt));
}

/* ---- search ---- */

static bool scalar_text(const json_t *value, struct arena *a, struct slice *ret_text)
{
	if (json_is_string(value))
		*ret_text = arena_copy(a, json_text(value));
	else if (json_is_integer(value))
		*ret_text = arena_printf(a, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		*ret_text = json_is_true(value) ? S("true") : S("false");
	else
		return false;
	return true;
}

static bool member_of(struct slice json, struct slice name, struct arena *a, struct slice *ret_text)
{
	json_t *object = NULL;
	struct slice why;
	bool found;

	if (json.n == 0 || failed(json_read(json, JSON_LAST_WINS, DATA_DEPTH_MAX, a, &object, &why)))
		return false;
	found = scalar_text(json_object_get(object, arena_cstr(a, name)), a, ret_text);
	json_decref(object);
	return found;
}

static struct slice time_text(struct arena *a, int64_t ms)
{
	struct buf b = buf_arena(a, 64);

	time_write(&b, ms, TIME_AS_MS);
	return buf_bytes(&b);
}

static struct slice user_text(const struct audit_record *r, struct arena *a)
{
	return r->has_user ? uuid_text(a, &r->user) : S("");
}

static struct slice address_text(const struct audit_record *r, struct arena *a)
{
	struct slice text = r->address;

	if (r->commitment.n && !member_of(r->personal, S("ipAddress"), a, &text))
		return S("");
	return text;
}

bool record_member(const struct audit_record *record, const struct audit_log *log, struct slice name, struct arena *a,
	struct slice *ret_text)
{
	const struct {
		const char *name;
		struct slice text;
	} plain[] = {
		{ "serviceName", slice_text(record->info->service) },
		{ "message", slice_text(record->info->message) },
		{ "eventType", slice_text(record->info->type) },
		{ "referenceId", record->reference },
		{ "clientId", record->client_id },
		{ "jwtId", record->token_id },
	};
	struct slice rest = name, front = slice_cut(&rest, '.');
	struct uuid id = message_id(log, record);

	*ret_text = S("");
	if (rest.n && (slice_is(front, "data") || slice_is(front, "indexedData")))
		return member_of(record->data, rest, a, ret_text);
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (slice_is(name, plain[i].name))
			*ret_text = plain[i].text;
	if (slice_is(name, "userId"))
		*ret_text = user_text(record, a);
	else if (slice_is(name, "timestamp") || slice_is(name, "expiresAt"))
		*ret_text = time_text(a, slice_is(name, "timestamp") ? record->at : record->expires);
	else if (slice_is(name, "traceId"))
		*ret_text = hex(a, record->trace);
	else if (slice_is(name, "ipAddress"))
		*ret_text = address_text(record, a);
	else if (slice_is(name, "cursor"))
		*ret_text = arena_printf(a, "%lld", (long long)record->sequence);
	else if (slice_is(name, "messageId"))
		*ret_text = uuid_text(a, &id);
	return ret_text->n != 0;
}
