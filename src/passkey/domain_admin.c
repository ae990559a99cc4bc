/* The operator's side: what a domain means for passkeys. */
#include "passkey/internal.h"

enum { SETTINGS_BYTES_MAX = 256 * 1024 };

SQL(domain_account, "SELECT account FROM domains WHERE name = $1");
/* What a change was laid over has to be what lies there still. */
SQL(domain_settings_put,
	"INSERT INTO passkey_domains (name, settings) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET settings = excluded.settings"
	" WHERE passkey_domains.settings = $3");

struct change {
	const struct passkey_domain *domain;
	struct domain_settings settings;
	struct slice json;
};

static err find(struct op *op, const struct passkey_domain **ret_domain)
{
	*ret_domain = domain_named(op->app, op->path[0]);
	ENSURE(*ret_domain, DOMAIN_UNKNOWN);
	return OK;
}

err domain_show_prepare(struct op *op)
{
	struct domain_settings *out = arena_new(op->arena, struct domain_settings);
	const struct passkey_domain *domain;

	TRY(find(op, &domain));
	*out = domain->settings;
	out->rpId = domain->rp_id;
	out->pageUrl = domain_page_url(op, domain);
	op->out = out;
	return OK;
}

/* What the request brings takes the place of what there was. */
static void merge(const struct domain_settings *in, struct domain_settings *s)
{
#define TAKE(T, TYPE, member, flags, min, max, doc, example)                             \
	if (HAS(in, T, member)) {                                                        \
		s->member = in->member;                                                  \
		s->set |= in->set & (uint64_t)1 << T##_##member;                         \
	}
	DOMAIN_SETTINGS(TAKE, domain_settings)
#undef TAKE
}

err domain_change_prepare(struct op *op)
{
	struct change *c = op_own(op, struct change);
	struct buf b = buf_arena(op->arena, SETTINGS_BYTES_MAX);

	TRY(find(op, &c->domain));
	c->settings = c->domain->settings;
	merge(op->in, &c->settings);
	TRY(domain_settings_check(op, &c->settings, c->domain->name));
	schema_write(&domain_settings_schema, &c->settings, &b);
	TRY(buf_ok(&b));
	c->json = buf_bytes(&b);
	op->out = &c->settings;
	return OK;
}

err domain_change_apply(struct op *op, struct tx *tx)
{
	struct change *c = op_own(op, struct change);
	struct rows r;
	struct error e = sql_one(tx, &domain_account, ARGS(v_text(c->domain->name)), &r);
	int64_t account, changes;

	ENSURE(!is_err(e, E_NO_ROW), STALE);
	TRY(e);
	account = col_int(&r, 0);
	TRY(sql_close(&r));
	ENSURE(account == c->domain->account.n, STALE);
	TRY(sql_run(tx, &domain_settings_put, ARGS(v_text(c->domain->name), v_text(c->json), v_text(c->domain->kept)), &changes));
	ENSURE(changes == 1, STALE);
	domains_changed(op, tx);
	return fact(op, tx, &(struct fact){ .kind = FACT_PASSKEY_DOMAIN_CHANGED, .account = account, .reference = c->domain->name });
}
