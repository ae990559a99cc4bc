/* Subscriptions as they lie in the store. URL, headers and secrets are sealed under a key of the subscription's own. */
#include "crypto/seal.h"
#include "webhook/internal.h"

enum { SEALED_BYTES_MAX = 128 * 1024, STORED_DEPTH_MAX = 4 };

#define COLUMNS                                                                                                   \
	"s.id, s.account, s.version, s.name, s.enabled, s.disabled_why, s.events, s.filter, s.hmac, s.hmac_form, s.jws, s.ttl_s," \
	" s.wrapped_key, s.target, s.created, s.updated, a.id"
#define FROM " FROM subscriptions s JOIN accounts a ON a.n = s.account"
SQL(subscription_one, "SELECT " COLUMNS FROM " WHERE s.id = $1 AND s.account = $2");
SQL(subscriptions_of_account, "SELECT " COLUMNS FROM " WHERE s.account = $1 ORDER BY s.id DESC");
SQL(subscriptions_all, "SELECT " COLUMNS FROM " ORDER BY s.id DESC");
SQL(subscriptions_count, "SELECT count(*) FROM subscriptions WHERE account = $1");
SQL(subscription_secrets, "SELECT id, secret, created FROM subscription_secrets WHERE subscription = $1 ORDER BY created DESC, id DESC");
SQL(subscription_add,
	"INSERT INTO subscriptions (id, account, version, name, enabled, disabled_why, events, filter, hmac, hmac_form, jws, ttl_s,"
	" wrapped_key, target, created, updated) VALUES ($1, $2, 1, $3, $4, NULL, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)");
SQL(subscription_change,
	"UPDATE subscriptions SET version = version + 1, name = $4, enabled = $5, disabled_why = NULL, events = $6, filter = $7, hmac = $8,"
	" hmac_form = $9, jws = $10, ttl_s = $11, target = $12, updated = $13 WHERE id = $1 AND account = $2 AND version = $3");
SQL(subscription_remove, "DELETE FROM subscriptions WHERE id = $1 AND account = $2");
SQL(subscription_remove_secrets, "DELETE FROM subscription_secrets WHERE subscription = $1");
SQL(subscription_remove_deliveries, "DELETE FROM deliveries WHERE subscription = $1");
SQL(subscription_secret_add, "INSERT INTO subscription_secrets (id, subscription, secret, created) VALUES ($1, $2, $3, $4)");

static struct slice place_of(const struct subscription *s, const char *what, struct arena *a)
{
	return arena_printf(a, "%s|%.*s", what, FMT(uuid_text(a, &s->id)));
}

/* --- out of the store --- */

static struct list texts_of(const json_t *array, struct arena *a)
{
	struct list list = { .n = json_array_size(array) };
	struct slice *items = arena_array(a, struct slice, list.n);

	for (size_t i = 0; i < list.n; i++)
		items[i] = arena_copy(a, json_text(json_array_get(array, i)));
	list.items = items;
	return list;
}

static err read_rules(struct subscription *s, struct arena *a)
{
	json_t *events, *filter;
	struct slice why;

	TRY(json_read(s->events_json, JSON_UNIQUE, STORED_DEPTH_MAX, a, &events, &why));
	s->events = texts_of(events, a);
	json_decref(events);
	TRY(json_read(s->filter_json, JSON_UNIQUE, STORED_DEPTH_MAX, a, &filter, &why));
	s->any = texts_of(json_object_get(filter, "any"), a);
	s->all = texts_of(json_object_get(filter, "all"), a);
	json_decref(filter);
	return OK;
}

static void read_headers(struct subscription *s, json_t *headers, struct arena *a)
{
	const char *name;
	json_t *value;

	s->headers = arena_array(a, struct http_header, json_object_size(headers));
	json_object_foreach(headers, name, value) {
		s->headers[s->header_count++] =
			(struct http_header){ arena_copy(a, slice_text(name)), arena_copy(a, json_text(value)) };
	}
}

static err read_target(const struct app *app, struct subscription *s, struct arena *a)
{
	struct slice plain, why;
	json_t *target;

	TRY(data_key_unwrap(app->keyring, place_of(s, "subscription", a), s->wrapped_key, &s->key));
	TRY(unseal(&s->key, place_of(s, "subscription.target", a), s->target, a, &plain));
	TRY(json_read(plain, JSON_UNIQUE, STORED_DEPTH_MAX, a, &target, &why));
	s->url = arena_copy(a, json_text(json_object_get(target, "url")));
	read_headers(s, json_object_get(target, "headers"), a);
	json_decref(target);
	return OK;
}

static struct slice place_of_secret(const struct secret *secret, struct arena *a)
{
	return arena_printf(a, "subscription.secret|%.*s", FMT(uuid_text(a, &secret->id)));
}

static err read_secrets(struct tx *tx, struct subscription *s, struct arena *a)
{
	struct error e = OK, end;
	struct rows r;

	s->secrets = arena_array(a, struct secret, SUBSCRIPTION_SECRETS_MAX);
	TRY(sql_open(tx, &subscription_secrets, ARGS(v_uuid(&s->id)), &r));
	while (!failed(e) && s->secret_count < SUBSCRIPTION_SECRETS_MAX && rows_next(&r)) {
		struct secret *secret = &s->secrets[s->secret_count++];

		secret->id = col_uuid(&r, 0);
		secret->created = col_int(&r, 2);
		e = unseal(&s->key, place_of_secret(secret, a), col_bytes(&r, 1), a, &secret->text);
	}
	end = sql_close(&r);
	return failed(e) ? e : end;
}

static void from_row(const struct rows *r, struct arena *a, struct subscription *ret)
{
	*ret = (struct subscription){
		.id = col_uuid(r, 0),
		.account = col_int(r, 1),
		.version = col_int(r, 2),
		.name = arena_copy(a, col_text(r, 3)),
		.enabled = col_int(r, 4) != 0,
		.disabled_why = arena_copy(a, col_text(r, 5)),
		.events_json = arena_copy(a, col_text(r, 6)),
		.filter_json = arena_copy(a, col_text(r, 7)),
		.hmac = col_int(r, 8) != 0,
		.hmac_form = (enum hmac_form)col_int(r, 9),
		.jws = col_int(r, 10) != 0,
		.ttl_s = col_int(r, 11),
		.wrapped_key = arena_copy(a, col_bytes(r, 12)),
		.target = arena_copy(a, col_bytes(r, 13)),
		.created = col_int(r, 14),
		.updated = col_int(r, 15),
		.account_id = arena_copy(a, col_text(r, 16)),
	};
}

static err open_one(const struct app *app, struct tx *tx, struct subscription *s, struct arena *a)
{
	TRY(read_rules(s, a));
	TRY(read_target(app, s, a));
	return read_secrets(tx, s, a);
}

err subscription_load(const struct app *app, struct tx *tx, int64_t account, const struct uuid *id, struct arena *a,
	struct subscription *ret_subscription)
{
	struct rows r;
	struct error e = sql_one(tx, &subscription_one, ARGS(v_uuid(id), v_int(account)), &r);

	ENSURE(!is_err(e, E_NO_ROW), SUBSCRIPTION_UNKNOWN);
	TRY(e);
	from_row(&r, a, ret_subscription);
	TRY(sql_close(&r));
	return open_one(app, tx, ret_subscription, a);
}

/* Chained in the arena, because nobody knows how many there are before they were read. */
struct link {
	struct link *next;
	struct subscription subscription;
};

static err read_links(struct rows *r, struct arena *a, struct link **ret_first, size_t *ret_n)
{
	struct link **at = ret_first;

	*ret_n = 0;
	while (rows_next(r)) {
		*at = arena_new(a, struct link);
		from_row(r, a, &(*at)->subscription);
		at = &(*at)->next;
		(*ret_n)++;
	}
	*at = NULL;
	return sql_close(r);
}

/* One that was altered must not keep the others from being served. */
static void put_aside(const struct app *app, struct subscription *s)
{
	char id[UUID_TEXT + 1];

	uuid_format(&s->id, id);
	log_line(app->log, LOG_ERROR, "subscription cannot be opened, it gets nothing", LOG_T("subscription", id));
	s->enabled = false;
}

err subscriptions_load(const struct app *app, struct tx *tx, int64_t account, struct arena *a, struct list *ret_list)
{
	struct subscription *items;
	struct link *link;
	struct error e;
	struct rows r;
	size_t i = 0;

	if (account)
		TRY(sql_open(tx, &subscriptions_of_account, ARGS(v_int(account)), &r));
	else
		TRY(sql_open(tx, &subscriptions_all, NO_ARGS, &r));
	TRY(read_links(&r, a, &link, &ret_list->n));
	items = arena_array(a, struct subscription, ret_list->n);
	for (; link; link = link->next) {
		items[i] = link->subscription;
		e = open_one(app, tx, &items[i++], a);
		if (failed(e) && (account || !is_err(e, E_CRYPTO)))
			return e;
		if (failed(e))
			put_aside(app, &items[i - 1]);
	}
	ret_list->items = items;
	return OK;
}

/* --- into the store --- */

void subscription_new_key(const struct app *app, struct subscription *s, struct arena *a)
{
	uint8_t *wrapped = arena_alloc(a, WRAPPED_KEY_BYTES);

	data_key_new(app->keyring, app->env, place_of(s, "subscription", a), &s->key, wrapped);
	s->wrapped_key = slice_of(wrapped, WRAPPED_KEY_BYTES);
}

static void write_texts(struct jw *w, const struct list *texts)
{
	jw_open(w, '[');
	for (size_t i = 0; i < texts->n; i++)
		jw_text(w, ((const struct slice *)texts->items)[i]);
	jw_close(w, ']');
}

static struct slice filter_text(const struct subscription *s, struct arena *a)
{
	struct buf b = buf_arena(a, SEALED_BYTES_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_key(&w, "any");
	write_texts(&w, &s->any);
	jw_key(&w, "all");
	write_texts(&w, &s->all);
	jw_close(&w, '}');
	return buf_bytes(&b);
}

static struct slice target_text(const struct subscription *s, struct arena *a)
{
	struct buf b = buf_arena(a, SEALED_BYTES_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_text(&w, "url", s->url);
	jw_key(&w, "headers");
	jw_open(&w, '{');
	for (size_t i = 0; i < s->header_count; i++) {
		jw_key_text(&w, s->headers[i].name);
		jw_text(&w, s->headers[i].value);
	}
	jw_close(&w, '}');
	jw_close(&w, '}');
	return buf_bytes(&b);
}

void subscription_seal(const struct app *app, struct subscription *s, struct arena *a)
{
	struct buf b = buf_arena(a, SEALED_BYTES_MAX);
	struct jw w = jw_new(&b);

	write_texts(&w, &s->events);
	s->events_json = buf_bytes(&b);
	s->filter_json = filter_text(s, a);
	s->target = seal(&s->key, app->env, place_of(s, "subscription.target", a), target_text(s, a), a);
}

struct slice subscription_secret_seal(const struct app *app, const struct subscription *s, const struct secret *secret, struct arena *a)
{
	return seal(&s->key, app->env, place_of_secret(secret, a), secret->text, a);
}

err subscription_insert(struct tx *tx, const struct subscription *s)
{
	struct rows r;
	int64_t count;

	TRY(sql_one(tx, &subscriptions_count, ARGS(v_int(s->account)), &r));
	count = col_int(&r, 0);
	TRY(sql_close(&r));
	ENSURE(count < SUBSCRIPTIONS_MAX, SUBSCRIPTIONS_FULL);
	return sql_run(tx, &subscription_add,
		ARGS(v_uuid(&s->id), v_int(s->account), v_text(s->name), v_int(s->enabled), v_text(s->events_json), v_text(s->filter_json),
			v_int(s->hmac), v_int(s->hmac_form), v_int(s->jws), v_int(s->ttl_s), v_bytes(s->wrapped_key), v_bytes(s->target),
			v_int(s->created)),
		NULL);
}

err subscription_update(struct tx *tx, const struct subscription *s)
{
	int64_t changes;

	TRY(sql_run(tx, &subscription_change,
		ARGS(v_uuid(&s->id), v_int(s->account), v_int(s->version), v_text(s->name), v_int(s->enabled), v_text(s->events_json),
			v_text(s->filter_json), v_int(s->hmac), v_int(s->hmac_form), v_int(s->jws), v_int(s->ttl_s), v_bytes(s->target),
			v_int(s->updated)),
		&changes));
	ENSURE(changes == 1, STALE);
	return OK;
}

err subscription_delete(struct tx *tx, int64_t account, const struct uuid *id)
{
	int64_t changes;

	TRY(sql_run(tx, &subscription_remove, ARGS(v_uuid(id), v_int(account)), &changes));
	ENSURE(changes == 1, SUBSCRIPTION_UNKNOWN);
	TRY(sql_run(tx, &subscription_remove_secrets, ARGS(v_uuid(id)), NULL));
	return sql_run(tx, &subscription_remove_deliveries, ARGS(v_uuid(id)), NULL);
}

err subscription_secret_insert(struct tx *tx, const struct subscription *s, const struct secret *secret, struct slice box)
{
	return sql_run(tx, &subscription_secret_add,
		ARGS(v_uuid(&secret->id), v_uuid(&s->id), v_bytes(box), v_int(secret->created)), NULL);
}
