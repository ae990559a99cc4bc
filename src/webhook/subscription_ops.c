/* The operations on subscriptions. */
#include "base/text.h"
#include "webhook/internal.h"

/* --- what a caller may ask for --- */

static void check_url(struct op *op, struct slice url)
{
	struct outbound_config config = outbound_config_of(op->settings, op->app->env);
	const char *why;

	if (url.n && failed(outbound_url_check(&config, url, &why)))
		invalid_add(&op->invalids, S("url"), "url %s", why);
}

static void check_events(struct op *op, const struct list *events)
{
	const struct slice *patterns = events->items;

	for (size_t i = 0; i < events->n; i++)
		if (!pattern_fits_some_event(patterns[i]))
			invalid_add(&op->invalids, S("events"), "events holds \"%.*s\", which fits no event", FMT(patterns[i]));
}

static bool is_token(struct slice name)
{
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] <= ' ' || name.p[i] >= 0x7f || memchr("\"(),/:;<=>?@[\\]{}", name.p[i], 17))
			return false;
	return name.n > 0 && name.n <= 100;
}

static void check_header(struct op *op, struct slice name, const json_t *value)
{
	struct slice text = json_text(value);

	if (!is_token(name))
		invalid_add(&op->invalids, S("headers"), "headers holds a name that is none");
	else if (!webhook_header_is_free(name))
		invalid_add(&op->invalids, S("headers"), "headers cannot set %.*s", FMT(name));
	else if (!json_is_string(value) || text.n > SUBSCRIPTION_HEADER_BYTES_MAX || text_has_controls(text, false))
		invalid_add(&op->invalids, S("headers"), "headers.%.*s must be text of at most %d bytes without control characters", FMT(name),
			SUBSCRIPTION_HEADER_BYTES_MAX);
}

static void check_headers(struct op *op, json_t *headers)
{
	const char *name;
	json_t *value;

	if (json_object_size(headers) > SUBSCRIPTION_HEADERS_MAX)
		invalid_add(&op->invalids, S("headers"), "headers must be at most %d", SUBSCRIPTION_HEADERS_MAX);
	json_object_foreach(headers, name, value) {
		check_header(op, slice_text(name), value);
	}
}

static err check(struct op *op, const struct subscription_new *in)
{
	check_url(op, in->url);
	check_events(op, &in->events);
	check_headers(op, in->headers);
	return op->invalids.n ? FAIL(INVALID_PARAM) : OK;
}

/* --- from what was asked to what is kept --- */

static struct slice old_value(const struct subscription *old, struct slice name)
{
	for (size_t i = 0; old && i < old->header_count; i++)
		if (slice_ieq(old->headers[i].name, name))
			return old->headers[i].value;
	return S("");
}

/* A masked value is kept for the receiver that it was given for: whoever names another one may not know it. */
static err check_masks(struct op *op, const struct subscription_new *in, const struct subscription *old)
{
	const char *name;
	json_t *value;

	if (slice_eq(in->url, old->url))
		return OK;
	json_object_foreach(in->headers, name, value) {
		if (slice_is(json_text(value), HEADER_MASK))
			invalid_add(&op->invalids, S("headers"), "headers.%s must be given again, since the url is another one", name);
	}
	return op->invalids.n ? FAIL(INVALID_PARAM) : OK;
}

static void set_headers(struct op *op, json_t *headers, const struct subscription *old, struct subscription *s)
{
	const char *name;
	json_t *value;

	s->headers = arena_array(op->arena, struct http_header, json_object_size(headers));
	s->header_count = 0;
	json_object_foreach(headers, name, value) {
		struct http_header *header = &s->headers[s->header_count++];

		header->name = slice_text(name);
		header->value = json_text(value);
		if (slice_is(header->value, HEADER_MASK))
			header->value = old_value(old, header->name);
	}
}

static void set_all(struct op *op, const struct subscription_new *in, const struct subscription *old, struct subscription *s)
{
	s->name = in->name;
	s->enabled = !HAS(in, subscription_new, enabled) || in->enabled;
	s->disabled_why = S("");
	s->url = in->url;
	s->events = in->events;
	s->any = in->tagFilter ? in->tagFilter->any : (struct list){ 0 };
	s->all = in->tagFilter ? in->tagFilter->all : (struct list){ 0 };
	s->hmac = !in->signing || !HAS(in->signing, signing, hmac) || in->signing->hmac;
	s->hmac_form = in->signing && in->signing->hmacForm ? in->signing->hmacForm : hmac_form_TIMESTAMPED;
	s->jws = in->signing && in->signing->jws;
	s->ttl_s = HAS(in, subscription_new, timeToLiveSeconds) ? in->timeToLiveSeconds : TIME_TO_LIVE_S_DEFAULT;
	s->updated = op->now;
	set_headers(op, in->headers, old, s);
}

/* --- what is shown --- */

static struct list shown_texts(const struct list *texts)
{
	return (struct list){ texts->items ? texts->items : (void *)(uintptr_t) "", texts->n };
}

static struct slice masked_headers(const struct subscription *s, struct arena *a)
{
	struct buf b = buf_arena(a, 8 * 1024);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	for (size_t i = 0; i < s->header_count; i++) {
		jw_key_text(&w, s->headers[i].name);
		jw_cstr(&w, HEADER_MASK);
	}
	jw_close(&w, '}');
	return buf_bytes(&b);
}

static struct list shown_secrets(const struct subscription *s, struct arena *a)
{
	struct subscription_secret *list = arena_array(a, struct subscription_secret, s->secret_count);

	for (size_t i = 0; i < s->secret_count; i++) {
		list[i].id = s->secrets[i].id;
		list[i].created = s->secrets[i].created;
	}
	return (struct list){ list, s->secret_count };
}

void subscription_show(const struct subscription *s, struct arena *a, struct subscription_view *ret_view)
{
	struct tag_filter *filter = arena_new(a, struct tag_filter);
	struct signing *signing = arena_new(a, struct signing);

	filter->any = shown_texts(&s->any);
	filter->all = shown_texts(&s->all);
	signing->hmac = s->hmac;
	signing->hmacForm = s->hmac_form;
	signing->jws = s->jws;
	MARK(signing, signing, hmac);
	MARK(signing, signing, jws);
	*ret_view = (struct subscription_view){ .id = s->id, .name = s->name, .enabled = s->enabled,
		.disabledReason = s->disabled_why.n ? s->disabled_why : slice_of(NULL, 0), .type = subscription_type_webhook, .url = s->url,
		.events = shown_texts(&s->events), .tagFilter = filter, .signing = signing, .headers = masked_headers(s, a),
		.timeToLiveSeconds = s->ttl_s, .secrets = shown_secrets(s, a), .created = s->created, .updated = s->updated };
}

/* --- read --- */

err subscription_list_prepare(struct op *op)
{
	struct list *out = arena_new(op->arena, struct list), all;
	struct subscription_view *views;

	TRY(subscriptions_load(op->app, op_reader(op), op->caller.account, op->arena, &all));
	views = arena_array(op->arena, struct subscription_view, all.n);
	for (size_t i = 0; i < all.n; i++)
		subscription_show(&((const struct subscription *)all.items)[i], op->arena, &views[i]);
	*out = (struct list){ views, all.n };
	op->out = out;
	return OK;
}

err subscription_get_prepare(struct op *op)
{
	struct subscription_view *view = arena_new(op->arena, struct subscription_view);
	struct subscription s;

	TRY(subscription_load(op->app, op_reader(op), op->caller.account, &op->path_id[0], op->arena, &s));
	subscription_show(&s, op->arena, view);
	op->out = view;
	return OK;
}

/* --- change --- */

struct edit {
	struct subscription subscription;
	struct secret secret;
	struct slice box; /* the sealed secret */
	struct subscription_view view;
};

err subscription_fact(struct op *op, struct tx *tx, enum fact_kind kind, const struct uuid *id, struct slice data)
{
	return fact(op, tx, &(struct fact){ .kind = kind, .reference = uuid_text(op->arena, id), .data = data });
}

err subscription_create_prepare(struct op *op)
{
	struct edit *edit = op_own(op, struct edit);
	struct subscription *s = &edit->subscription;

	TRY(check(op, op->in));
	*s = (struct subscription){ .id = uuid_v7(op->app->env, op->now), .account = op->caller.account, .created = op->now };
	set_all(op, op->in, NULL, s);
	subscription_new_key(op->app, s, op->arena);
	subscription_seal(op->app, s, op->arena);
	edit->secret = secret_new(op);
	edit->box = subscription_secret_seal(op->app, s, &edit->secret, op->arena);
	wipe(&s->key, sizeof(s->key));
	s->secrets = &edit->secret;
	s->secret_count = 1;
	subscription_show(s, op->arena, &edit->view);
	((struct subscription_secret *)edit->view.secrets.items)->secret = edit->secret.text;
	op->out = &edit->view;
	op->location = op_printf_location(op, "/events-management/subscriptions", &s->id);
	return OK;
}

err subscription_create_apply(struct op *op, struct tx *tx)
{
	const struct edit *edit = op_own(op, struct edit);

	TRY(subscription_insert(tx, &edit->subscription));
	TRY(subscription_secret_insert(tx, &edit->subscription, &edit->secret, edit->box));
	subscriptions_changed(op, tx);
	return subscription_fact(op, tx, FACT_SUBSCRIPTION_CREATED, &edit->subscription.id, S(""));
}

err subscription_replace_prepare(struct op *op)
{
	struct edit *edit = op_own(op, struct edit);
	struct subscription *s = &edit->subscription, old;

	TRY(check(op, op->in));
	TRY(subscription_load(op->app, op_reader(op), op->caller.account, &op->path_id[0], op->arena, &old));
	TRY(check_masks(op, op->in, &old));
	*s = old;
	set_all(op, op->in, &old, s);
	ENSURE(!s->hmac || s->secret_count, SUBSCRIPTION_NEEDS_SECRET);
	subscription_seal(op->app, s, op->arena);
	wipe(&s->key, sizeof(s->key));
	wipe(&old.key, sizeof(old.key));
	subscription_show(s, op->arena, &edit->view);
	op->out = &edit->view;
	return OK;
}

err subscription_replace_apply(struct op *op, struct tx *tx)
{
	const struct edit *edit = op_own(op, struct edit);

	TRY(subscription_update(tx, &edit->subscription));
	subscriptions_changed(op, tx);
	return subscription_fact(op, tx, FACT_SUBSCRIPTION_UPDATED, &edit->subscription.id, S(""));
}

err subscription_delete_apply(struct op *op, struct tx *tx)
{
	TRY(subscription_delete(tx, op->caller.account, &op->path_id[0]));
	subscriptions_changed(op, tx);
	return subscription_fact(op, tx, FACT_SUBSCRIPTION_DELETED, &op->path_id[0], S(""));
}
