#include "tests/unit/device/racing.h"

#include <sched.h>
#include <stdlib.h>

#include "codec/encode.h"
#include "http/trace.h"
#include "tests/unit/common/parked.h"

enum { EXPIRY_MS = 300000 };

static void run_parked(struct api *api, struct http_request *req)
{
	parked_run(api_handler(api), req);
}

/* ---- acts ---- */

void act_finish_pin(struct actor *a)
{
	a->reply = phone_ses_finish(a->p, "DEVICE_PIN", a->twist);
}

void act_pin_asked(struct actor *a)
{
	a->reply = phone_ses_pin(a->p, a->pin, PROPER);
}

void act_new_pin_asked(struct actor *a)
{
	a->reply = phone_act_pin(a->p, a->pin, PROPER);
}

void act_start_session(struct actor *a)
{
	a->reply = phone_ses_start(a->p, a->twist);
}

void act_cancel_session(struct actor *a)
{
	a->reply = phone_ses_cancel(a->p, PROPER);
}

void act_deactivate(struct actor *a)
{
	a->reply = phone_deactivate(a->p, PROPER);
}

void act_register(struct actor *a)
{
	a->reply = phone_act_finish(a->p, PROPER);
}

void act_begin_registration(struct actor *a)
{
	a->reply = phone_act_start(a->p, a->pin, PROPER);
}

void act_repeat(struct actor *a)
{
	a->reply = phone_repeat(a->p);
}

void act_rest(struct actor *a)
{
	struct http_header headers[2] = { { S("Authorization"), slice_text(a->token) }, { S("Content-Type"), S("application/json") } };
	struct http_request req = { .method = (int)a->verb, .peer = S("192.0.2.1"), .headers = headers, .header_count = 2,
		.body = slice_text(a->body) };
	struct slice target = slice_text(a->path);

	arena_init(&req.arena);
	trace_begin(&req, a->s->f->app.env);
	req.path = slice_cut(&target, '?');
	req.query = target;
	run_parked(a->s->f->api, &req);
	a->status = req.reply.status;
	arena_free(&req.arena);
}

void act_expire(struct actor *a)
{
	fixture_advance(a->s->f, EXPIRY_MS);
	must(devices_sweep(&a->s->f->app));
}

/* ---- who acts ---- */

struct actor phone_actor(struct scene *c, void (*act)(struct actor *a))
{
	struct phone *copy = phone_copy(c->p);

	copy->run = run_parked;
	return (struct actor){ .s = c->s, .p = copy, .act = act, .pin = PIN };
}

struct actor rest_actor(struct scene *c, enum http_method verb, const char *path, const char *body)
{
	return (struct actor){ .s = c->s, .act = act_rest, .verb = verb, .path = path, .body = body,
		.token = TEXT(c->s->w, "Bearer %s", c->s->w->token) };
}

struct actor canceller(struct scene *c, const char *kind)
{
	return rest_actor(c, HTTP_DELETE, TEXT(c->s->w, BASE_PATH "/%s/%s", kind, c->operation), NULL);
}

struct actor device_changer(struct scene *c, enum http_method verb, const char *body)
{
	return rest_actor(c, verb, TEXT(c->s->w, BASE_PATH "/%s?userId=%s", c->device, c->user), body);
}

struct actor user_locker(struct scene *c)
{
	return rest_actor(c, HTTP_PATCH, TEXT(c->s->w, "/reuseid/core/users/%s", c->user), "{\"state\":\"LOCKED\"}");
}

struct actor starter(struct scene *c)
{
	return rest_actor(c, HTTP_POST, BASE_PATH "/authentications",
		TEXT(c->s->w, "{\"userId\":\"%s\",\"device\":{\"id\":\"%s\"}}", c->user, c->device));
}

/* ---- the gate ---- */

static void *run_actor(void *arg)
{
	struct actor *a = arg;

	pthread_barrier_wait(a->gate);
	for (unsigned i = 0; i < a->delay; i++)
		sched_yield();
	a->act(a);
	return NULL;
}

static void run_race(struct race *r, int round)
{
	struct actor *actors[] = { &r->left, &r->right };
	pthread_barrier_t gate;

	pthread_barrier_init(&gate, NULL, 2);
	for (int i = 0; i < 2; i++) {
		actors[i]->gate = &gate;
		actors[i]->delay = (unsigned)(i == round % 2 ? round * 7 % 40 : 0);
		assert_int_equal(pthread_create(&actors[i]->thread, NULL, run_actor, actors[i]), 0);
	}
	for (int i = 0; i < 2; i++)
		pthread_join(actors[i]->thread, NULL);
	pthread_barrier_destroy(&gate);
}

void race(void **state, void (*make)(struct race *r), void (*check)(struct race *r))
{
	int rounds = getenv("LONG") ? 1000 : 50;

	for (int i = 0; i < rounds; i++) {
		struct race r = { .c = scene_new(*state) };

		make(&r);
		run_race(&r, i);
		site_advance(r.c->s, 1);
		check(&r);
		if (r.left.p)
			phone_free(r.left.p);
		if (r.right.p)
			phone_free(r.right.p);
		scene_free(r.c);
	}
}

/* ---- looking ---- */

int64_t rows_with(struct scene *c, const char *table, const char *column, const struct uuid *id, const char *where)
{
	return number(c->s, "SELECT count(*) FROM %s WHERE %s = x'%.*s' %s", table, column, FMT(hex(&c->s->f->arena, uuid_bytes(id))), where);
}

int64_t device_number(struct scene *c, const char *column)
{
	return number(c->s, "SELECT %s FROM devices WHERE id = x'%.*s'", column, FMT(hex(&c->s->f->arena, uuid_bytes(&c->p->reg))));
}

bool is_completed(const char *outcome)
{
	return strcmp(outcome, "COMPLETED") == 0;
}

const char *check_end(struct scene *c)
{
	const char *outcome = scene_outcome(c);
	struct uuid id;
	int64_t facts, told, final = strcmp(outcome, "PENDING") != 0;

	must(uuid_parse(slice_text(c->operation), &id));
	facts = number(c->s, "SELECT count(*) FROM audit WHERE reference = '%s' AND type NOT LIKE '%%_STARTED'", c->operation);
	told = rows_with(c, "outbox", "transaction_id", &id, "");
	if (facts != final || told != final)
		fail_msg("%s: %lld facts, %lld events", outcome, (long long)facts, (long long)told);
	return outcome;
}
