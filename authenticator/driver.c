/* The loop around the SDK: its steps, done with files and libcurl. */
#include "authenticator/app.h"

#include <time.h>

enum { TRIES = 4, FIRST_PAUSE_MS = 500 };

static void sleep_ms(uint32_t ms)
{
	struct timespec left = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&left, NULL);
}

static const rid_step *send_request(struct app *app, const rid_step *s)
{
	struct arena a = { 0 };
	struct slice answer;
	int status, error = http_post(app->http, &s->send, &a, &status, &answer);
	const rid_step *next = error ? rid_not_sent(app->controller, error) : rid_sent(app->controller, status, answer.p, answer.n);

	arena_free(&a);
	return next;
}

static const rid_step *load(struct app *app, const rid_step *s)
{
	uint64_t generation = store_generation(&app->store, s->record.name);
	struct slice bytes;
	struct error e = store_read(&app->store, "record", s->record.name, "", &bytes);

	if (is_err(e, E_NO_ROW))
		return rid_loaded(app->controller, RID_ABSENT, NULL, 0, generation);
	if (failed(e))
		return rid_loaded(app->controller, RID_UNAVAILABLE, NULL, 0, generation);
	return rid_loaded(app->controller, RID_LOADED, bytes.p, bytes.n, generation);
}

/* First the record, then its number: if the process ends between them, the record is newer than the number says, which is fine. */
static const rid_step *store(struct app *app, const rid_step *s)
{
	struct error e = store_write(&app->store, "record", s->record.name, "", slice_of(s->record.bytes, s->record.n));

	if (!failed(e))
		e = store_set_generation(&app->store, s->record.name, s->record.generation);
	return rid_stored(app->controller, !failed(e));
}

static const rid_step *with_key_or_backup(struct app *app, const rid_step *s)
{
	switch (s->kind) {
	case RID_MAKE_KEY:
		return phone_make_key(app, s);
	case RID_SIGN:
		return phone_sign(app, s);
	case RID_DROP_KEY:
		return phone_drop_key(app, s);
	case RID_BACK_UP:
		return phone_back_up(app, s);
	case RID_LOAD_BACKUP:
		return phone_load_backup(app, s);
	default:
		return phone_forget_backup(app, s);
	}
}

static const rid_step *perform_one(struct app *app, const rid_step *s)
{
	switch (s->kind) {
	case RID_SEND:
		return send_request(app, s);
	case RID_LOAD:
		return load(app, s);
	case RID_STORE:
		return store(app, s);
	case RID_ERASE:
		return rid_stored(app->controller, !failed(store_remove(&app->store, "record", s->record.name, "")));
	case RID_WAIT:
		sleep_ms(s->wait_ms);
		return rid_waited(app->controller);
	case RID_AWAIT_PUSH:
		return phone_await_push(app, s);
	case RID_LOCATE:
		return phone_locate(app);
	case RID_ATTEST:
		return phone_attest(app, s);
	default:
		return with_key_or_backup(app, s);
	}
}

static const rid_step *perform_once(struct app *app, const rid_step *s)
{
	while (rid_step_is_work(s))
		s = perform_one(app, s);
	return s;
}

const rid_step *perform(struct app *app, const rid_step *step)
{
	uint32_t pause_ms = FIRST_PAUSE_MS;

	step = perform_once(app, step);
	for (int tries = 1; tries < TRIES && step->kind == RID_FAILED && step->failure.repeatable; tries++) {
		sleep_ms(pause_ms);
		pause_ms *= 2;
		step = perform_once(app, rid_repeat(app->controller));
	}
	return step;
}
