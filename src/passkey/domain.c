/* Domains with what they mean for passkeys: loaded into a set that never changes, replaced as a whole. */
#include <stdlib.h>

#include "passkey/internal.h"

enum { SETTINGS_DEPTH_MAX = 4 };

SQL(domain_count, "SELECT count(*) FROM domains");
SQL(domain_all,
	"SELECT d.name, a.n, a.id, a.name, a.sandbox, a.extended_events, a.organisation, p.settings FROM domains d"
	" JOIN accounts a ON a.n = d.account LEFT JOIN passkey_domains p ON p.name = d.name ORDER BY d.name");

struct slice next_word(struct slice *rest)
{
	struct slice word = S("");

	while (rest->n && word.n == 0)
		word = slice_cut(rest, ' ');
	return word;
}

static void split_words(struct arena *a, struct slice text, struct slice **ret_words, size_t *ret_n)
{
	struct slice rest = text, word;

	*ret_n = 0;
	while ((word = next_word(&rest)).n)
		++*ret_n;
	*ret_words = arena_array(a, struct slice, *ret_n);
	rest = text;
	for (size_t i = 0; i < *ret_n; i++)
		(*ret_words)[i] = next_word(&rest);
}

/* What was read points into the parsed JSON, so every text is copied. */
static void keep_texts(struct arena *a, struct domain_settings *s)
{
	struct slice *const texts[] = { &s->rpId, &s->pageUrl, &s->origins, &s->redirects, &s->title, &s->accent, &s->logo, &s->appleApps,
		&s->androidApps, &s->aaguids };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		*texts[i] = arena_copy(a, *texts[i]);
}

static err read_settings(struct slice json, struct arena *a, struct domain_settings *ret)
{
	struct invalids bad = { .arena = a };
	struct slice why;
	json_t *object;

	if (json.n == 0)
		return OK;
	TRY(json_read(json, JSON_UNIQUE, SETTINGS_DEPTH_MAX, a, &object, &why));
	schema_read(&domain_settings_schema, object, a, &bad, ret);
	keep_texts(a, ret);
	json_decref(object);
	ENSURE(bad.n == 0, STORAGE);
	return OK;
}

static void read_aaguids(struct arena *a, struct passkey_domain *d)
{
	struct slice *words;
	size_t n;

	split_words(a, d->settings.aaguids, &words, &n);
	d->aaguids = arena_array(a, struct uuid, n);
	for (size_t i = 0; i < n; i++)
		if (!failed(uuid_parse(words[i], &d->aaguids[d->aaguid_count])))
			d->aaguid_count++;
}

static err load_domain(struct domain_set *set, const struct keyring *keyring, const struct rows *r)
{
	struct passkey_domain *d = &set->domains[set->n];
	struct arena *a = &set->arena;

	d->name = arena_copy(a, col_text(r, 0));
	d->account = (struct account_info){
		.n = col_int(r, 1),
		.id = arena_copy(a, col_text(r, 2)),
		.name = arena_copy(a, col_text(r, 3)),
		.sandbox = col_int(r, 4) != 0,
		.extended_events = col_int(r, 5) != 0,
		.organisation = col_int(r, 6),
	};
	d->kept = arena_copy(a, col_text(r, 7));
	TRY(read_settings(d->kept, a, &d->settings));
	d->rp_id = d->settings.rpId.n ? d->settings.rpId : d->name;
	split_words(a, d->settings.origins, &d->origins, &d->origin_count);
	read_aaguids(a, d);
	content_key_derive(keyring, d->account.id, &d->content_key);
	set->n++;
	return OK;
}

static err load_all(struct tx *tx, const struct keyring *keyring, struct domain_set *set)
{
	struct error e = OK, end;
	struct rows r;
	int64_t n;

	TRY(sql_one(tx, &domain_count, NO_ARGS, &r));
	n = col_int(&r, 0);
	TRY(sql_close(&r));
	set->domains = arena_array(&set->arena, struct passkey_domain, (size_t)n);
	TRY(sql_open(tx, &domain_all, NO_ARGS, &r));
	while (!failed(e) && n-- > 0 && rows_next(&r))
		e = load_domain(set, keyring, &r);
	end = sql_close(&r);
	return failed(e) ? e : end;
}

static void free_set(struct domain_set *set)
{
	arena_free_secret(&set->arena);
	free(set);
}

static err reload(struct app *app)
{
	struct domain_set *set = xalloc(sizeof(*set));
	struct tx *tx = store_read_begin(app->store);
	struct error e = load_all(tx, app->keyring, set);

	store_read_end(tx);
	if (failed(e)) {
		free_set(set);
		return e;
	}
	set->older = atomic_load(&app->passkeys->set);
	atomic_store(&app->passkeys->set, set);
	return OK;
}

static void reload_hook(void *ctx)
{
	struct app *app = ctx;
	struct error e = reload(app);

	if (failed(e))
		log_line(app->log, LOG_ERROR, "domains not reloaded", LOG_E(e));
}

void domains_changed(struct op *op, struct tx *tx)
{
	tx_after_commit(tx, &op->app->passkeys->hook);
}

const struct passkey_domain *domain_named(const struct app *app, struct slice name)
{
	const struct domain_set *set = atomic_load(&app->passkeys->set);

	for (size_t i = 0; i < set->n; i++)
		if (slice_ieq(set->domains[i].name, name))
			return &set->domains[i];
	return NULL;
}

const struct passkey_domain *domain_of(const struct app *app, int64_t account, struct slice name)
{
	const struct passkey_domain *domain = domain_named(app, name);

	return domain && domain->account.n == account ? domain : NULL;
}

const struct passkey_domain *domain_of_request(const struct op *op)
{
	struct slice host = http_header(op->http, "Host");

	return domain_named(op->app, slice_cut(&host, ':'));
}

bool domain_shares_party(const struct op *op, const struct passkey_domain *domain)
{
	const struct domain_set *set = atomic_load(&op->app->passkeys->set);

	for (size_t i = 0; i < set->n; i++)
		if (set->domains[i].account.n != domain->account.n && slice_ieq(set->domains[i].rp_id, domain->rp_id))
			return true;
	return false;
}

/* ---- life ---- */

err passkeys_open(struct app *app)
{
	struct passkeys *p = app->passkeys = xalloc(sizeof(*p));

	p->hook = (struct store_hook){ .fn = reload_hook, .ctx = app };
	app->domains_changed = &p->hook;
	HOOK(app->user_deleted, passkeys_user_deleted);
	HOOK(app->user_exported, passkeys_export);
	HOOK(app->event_data, passkeys_event_data);
	TRY(trust_load(app, p));
	return reload(app);
}

void passkeys_close(struct app *app)
{
	struct passkeys *p = app->passkeys;
	struct domain_set *set = p ? atomic_load(&p->set) : NULL;

	while (set) {
		struct domain_set *older = set->older;

		free_set(set);
		set = older;
	}
	if (p) {
		metadata_free(p->metadata);
		arena_free(&p->arena);
	}
	free(p);
	app->passkeys = NULL;
	app->domains_changed = NULL;
}
