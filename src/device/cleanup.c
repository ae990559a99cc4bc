/* Periodic: devices that nobody has used for as long as their application says are deleted (mobileid.md 5.14). */
#include "device/internal.h"

enum { CLEANUP_MAX = 200, DAY_MS = 24 * 60 * 60 * 1000 };

SQL(unused_devices,
	"SELECT d.id, d.user_id FROM devices d JOIN credentials c ON c.id = d.id"
	" WHERE d.application = $1 AND c.state <> 3 AND c.last_used < $2 LIMIT $3");
SQL(unused_delete, "UPDATE credentials SET state = 3 WHERE id = $1 AND state <> 3 AND last_used < $2");
SQL(unused_outdate, "UPDATE devices SET version = version + 1 WHERE id = $1");

_Static_assert(credential_state_DELETED == 3, "the literals in the statements above");

struct unused {
	struct uuid id, user;
};

struct cleanup {
	struct app *app;
	const struct application *application;
	int64_t before;
	struct unused list[CLEANUP_MAX];
	size_t n;
};

/* Somebody may have used it since it was found. */
static err clean(struct cleanup *k, struct tx *tx, struct fact_origin *origin, const struct unused *d)
{
	char id[UUID_TEXT + 1], data[DEVICE_STATE_DATA_MAX];
	int64_t changes;
	bool older;

	TRY(sql_run(tx, &unused_delete, ARGS(v_uuid(&d->id), v_int(k->before)), &changes));
	if (changes == 0)
		return OK;
	TRY(sql_run(tx, &unused_outdate, ARGS(v_uuid(&d->id)), NULL));
	TRY(device_gone(origin, tx, &d->id, OPERATION_CANCELLED_BY_SP));
	uuid_format(&d->id, id);
	TRY(device_is_older(tx, &d->id, &older));
	return fact_from(origin, tx, &(struct fact){
		.kind = FACT_DEVICE_CLEANED_UP,
		.mobileid = older,
		.user = &d->user,
		.reference = slice_of(id, UUID_TEXT),
		.device = &d->id,
		.event_data = device_state_data(data, credential_state_DELETED, lock_reason_OPEN),
	});
}

static struct error clean_all(void *arg, struct tx *tx)
{
	struct cleanup *k = arg;
	struct fact_origin origin = fact_origin_here(k->app);

	origin.account = k->application->account;
	for (size_t i = 0; i < k->n; i++)
		TRY(clean(k, tx, &origin, &k->list[i]));
	return OK;
}

static err read_unused(struct cleanup *k)
{
	struct tx *tx = store_read_begin(k->app->store);
	struct rows r;
	struct error e = sql_open(tx, &unused_devices, ARGS(v_uuid(&k->application->id), v_int(k->before), v_int(CLEANUP_MAX)), &r);

	k->n = 0;
	if (!failed(e)) {
		while (k->n < CLEANUP_MAX && rows_next(&r))
			k->list[k->n++] = (struct unused){ col_uuid(&r, 0), col_uuid(&r, 1) };
		e = sql_close(&r);
	}
	store_read_end(tx);
	return e;
}

static err clean_application(struct app *app, const struct application *application)
{
	int64_t age = application->config.inactiveDeviceCleanupDays * DAY_MS;
	struct cleanup k = { .app = app, .application = application, .before = env_now_ms(app->env) - age };

	do {
		TRY(read_unused(&k));
		if (k.n)
			TRY(store_write(app->store, clean_all, &k));
	} while (k.n == CLEANUP_MAX);
	return OK;
}

err devices_clean_up(struct app *app)
{
	const struct application_set *set = applications_now(app);

	for (size_t i = 0; i < set->application_count; i++) {
		const struct application *at = &set->applications[i];

		/* While MobileID is not at work nobody could use them. */
		if (at->config.inactiveDeviceCleanupDays > 0 && at->state == mobileid_state_ACTIVE)
			TRY(clean_application(app, at));
	}
	return OK;
}
