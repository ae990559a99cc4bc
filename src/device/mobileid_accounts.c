/* The MobileID Admin API: accounts, whether MobileID is at work in them, and their figures (mobileid.md 3). */
#include "codec/encode.h"
#include "device/mobileid_schema.h"
#include "device/rest.h"

ENUMERATION(mobileid_state, MOBILEID_STATE);
SCHEMA(segment_count, SEGMENT_COUNT, "Figures of a segment");
SCHEMA(mobileid_statistics, MOBILEID_STATISTICS, "Figures of an account; not live to the second");
SCHEMA(mobileid_account_new, MOBILEID_ACCOUNT_NEW, "An account to add MobileID to");
SCHEMA(mobileid_account_query, MOBILEID_ACCOUNT_QUERY, "What is shown of accounts");
SCHEMA(mobileid_account_change, MOBILEID_ACCOUNT_CHANGE, "Whether MobileID is to be at work");
SCHEMA(mobileid_account_view, MOBILEID_ACCOUNT_VIEW, "MobileID of an account");
SCHEMA(mobileid_account_list, MOBILEID_ACCOUNT_LIST, "Accounts with MobileID");

enum { SEGMENTS_MAX = 1000, ACCOUNTS_MAX = 1000 };

SQL(state_set, "UPDATE applications SET state = $2 WHERE id = $1 AND state <> $2");
SQL(device_figures,
	"SELECT (SELECT count(*) FROM users WHERE account = $1),"
	" (SELECT count(*) FROM credentials WHERE account = $1 AND type = 1 AND state = 1),"
	" (SELECT count(*) FROM credentials WHERE account = $1 AND type = 1 AND state = 2),"
	" (SELECT count(*) FROM credentials WHERE account = $1 AND type = 1 AND state = 3),"
	" (SELECT count(DISTINCT hash_index) FROM devices WHERE account = $1 AND hash_index IS NOT NULL),"
	" (SELECT count(*) FROM (SELECT hash_index FROM devices WHERE account = $1 AND hash_index IS NOT NULL GROUP BY hash_index"
	" HAVING count(DISTINCT user_id) > $2))");
SQL(segment_figures,
	"SELECT u.segment, count(DISTINCT u.id), count(c.id) FROM users u LEFT JOIN credentials c ON c.user_id = u.id AND c.type = 1"
	" AND c.state <> 3 WHERE u.account = $1 GROUP BY u.segment ORDER BY u.segment LIMIT $2");

/* ---- figures ---- */

static err read_segments(struct op *op, int64_t account, struct list *ret_list)
{
	struct segment_count *list = arena_array(op->arena, struct segment_count, SEGMENTS_MAX);
	struct rows r;
	size_t n = 0;

	TRY(sql_open(op_reader(op), &segment_figures, ARGS(v_int(account), v_int(SEGMENTS_MAX)), &r));
	while (n < SEGMENTS_MAX && rows_next(&r)) {
		list[n].segment = col_is_null(&r, 0) ? slice_of(NULL, 0) : arena_copy(op->arena, col_text(&r, 0));
		list[n].users = col_int(&r, 1);
		list[n++].devices = col_int(&r, 2);
	}
	*ret_list = (struct list){ list, n };
	return sql_close(&r);
}

static err read_figures(struct op *op, const struct application *application, struct mobileid_statistics *out)
{
	struct rows r;

	TRY(sql_one(op_reader(op), &device_figures,
		ARGS(v_int(application->account), v_int(application->config.deviceHashAllowedUsers)), &r));
	out->users = col_int(&r, 0);
	out->activeDevices = col_int(&r, 1);
	out->lockedDevices = col_int(&r, 2);
	out->deletedDevices = col_int(&r, 3);
	out->deviceHashes = col_int(&r, 4);
	out->flaggedDeviceHashes = col_int(&r, 5);
	TRY(sql_close(&r));
	return read_segments(op, application->account, &out->segments);
}

err statistics_prepare(struct op *op)
{
	struct mobileid_statistics *out = op->out = arena_new(op->arena, struct mobileid_statistics);
	const struct application *application;

	TRY(mobileid_application(op, &application));
	return read_figures(op, application, out);
}

/* ---- showing ---- */

static struct mobileid_account_view view_of(const struct application *application)
{
	return (struct mobileid_account_view){ .accountId = application->info->id, .applicationId = application->id,
		.state = application->state };
}

static bool is_shown(const struct op *op, const struct application *application)
{
	return op->caller.account ? application->account == op->caller.account :
				    application->info->organisation == op->caller.organisation;
}

/* Those that the caller may act for: its own one, the one that it names, or all of its organisation. */
err mobileid_accounts_prepare(struct op *op)
{
	const struct mobileid_account_query *query = op->query;
	const struct application_set *set = applications_now(op->app);
	struct mobileid_account_view *views = arena_array(op->arena, struct mobileid_account_view, ACCOUNTS_MAX);
	struct mobileid_account_list *out = op->out = arena_new(op->arena, struct mobileid_account_list);
	size_t n = 0;

	for (size_t i = 0; i < set->application_count && n < ACCOUNTS_MAX; i++) {
		const struct application *application = &set->applications[i];

		if (!is_shown(op, application))
			continue;
		views[n] = view_of(application);
		if (!HAS(query, mobileid_account_query, statistics) || query->statistics) {
			views[n].statistics = arena_new(op->arena, struct mobileid_statistics);
			TRY(read_figures(op, application, views[n].statistics));
		}
		n++;
	}
	out->accounts = (struct list){ views, n };
	return OK;
}

/* ---- one more ---- */

struct addition {
	struct onboarding *onboarding;
	int64_t account;
};

err mobileid_account_add_prepare(struct op *op)
{
	const struct mobileid_account_new *in = op->in;
	struct addition *a = op_own(op, struct addition);
	struct slice name;

	TRY(mobileid_account_named(op, in->accountId, &a->account, &name));
	a->onboarding = onboarding_new(op->app, a->account, name, op->arena);
	ENSURE(a->onboarding, ALREADY_ONBOARDED);
	return OK;
}

err mobileid_account_add_apply(struct op *op, struct tx *tx)
{
	return onboarding_store(op_own(op, struct addition)->onboarding, fact_origin_of(op), tx);
}

err mobileid_account_add_reply(struct op *op)
{
	const struct application *application = application_of_account(applications_now(op->app), op_own(op, struct addition)->account);
	struct mobileid_account_view *view = op->out = arena_new(op->arena, struct mobileid_account_view);
	struct buf b = buf_arena(op->arena, 4096);

	ENSURE(application, STORAGE); /* it is there, but was not read again */
	*view = view_of(application);
	schema_write(&mobileid_account_view_schema, view, &b);
	TRY(buf_ok(&b));
	http_add_header(op->http, "Location", arena_printf(op->arena, "%s/mobileid/admin/accounts?signicat-accountId=%.*s",
		op->app->public_url, FMT(view->accountId)));
	op_answer(op, (int)op->settings->created_status, NULL, buf_bytes(&b));
	return OK;
}

/* ---- at work or not: what there is stays, and goes on when it is at work again ---- */

err mobileid_state_prepare(struct op *op)
{
	const struct mobileid_account_change *in = op->in;
	struct mobileid_account_view *view = op->out = op_own(op, struct mobileid_account_view);
	const struct application *application;

	TRY(mobileid_application(op, &application));
	op->unchanged = application->state == in->state;
	*view = view_of(application);
	view->state = in->state;
	return OK;
}

err mobileid_state_apply(struct op *op, struct tx *tx)
{
	const struct mobileid_account_view *view = op_own(op, struct mobileid_account_view);
	int64_t changes;

	TRY(sql_run(tx, &state_set, ARGS(v_uuid(&view->applicationId), v_int(view->state)), &changes));
	ENSURE(changes == 1, STALE);
	tx_after_commit(tx, &op->app->devices->hook);
	return fact(op, tx, &(struct fact){
		.kind = view->state == mobileid_state_ACTIVE ? FACT_MOBILEID_ACTIVATED : FACT_MOBILEID_INACTIVATED,
		.reference = uuid_text(op->arena, &view->applicationId),
	});
}
