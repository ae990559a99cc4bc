#include "tests/unit/webhook/hooked.h"

#include <stdio.h>

#include "user/user.h"

#define SUBSCRIPTIONS "/events-management/subscriptions"

int hooked_new(void **state)
{
	static const struct route_table *const tables[] = { &user_routes, &webhook_routes };
	/* One reader for all: nobody may hold it while he waits for a second. */
	static const struct fixture_options options = { .settings = { "readers_max=1" } };
	struct hooked *h = xalloc(sizeof(*h));

	h->w = world_new(&options, tables, COUNT(tables));
	must(webhooks_open(&h->w->f->app));
	h->fake = outbound_fake_new();
	h->w->f->app.outbound = &h->fake->outbound;
	h->db = database_open(h->w->f->dir);
	assert_status(patch(h->w->f, TEXT(h->w, "/admin/accounts/%s", h->w->first.account_id), "{\"extendedEvents\":true}"), 200);
	*state = h;
	return 0;
}

int hooked_free(void **state)
{
	struct hooked *h = *state;

	outbound_fake_free(h->fake);
	webhooks_close(&h->w->f->app);
	database_close(h->db);
	world_free(h->w);
	free(h);
	return 0;
}

const char *subscribe(struct hooked *h, const char *name, const char *more)
{
	struct answer answer = ask(h->w, HTTP_POST, SUBSCRIPTIONS,
		TEXT(h->w, "{\"name\":\"%s\",\"url\":\"https://%s.example.com/\",\"events\":[\"*\"]%s}", name, name, more));

	assert_status(answer, 200);
	return text_of(answer, "id");
}

void happen(struct hooked *h)
{
	assert_status(ask(h->w, HTTP_POST, "/reuseid/core/users", "{}"), 200);
}

void settle(struct hooked *h)
{
	int64_t idle = 0;
	size_t calls;

	do {
		calls = h->fake->count;
		must(webhooks_turn(&h->w->f->app, &idle));
	} while (idle == 0 || h->fake->count != calls);
}

void advance(struct hooked *h, int64_t ms)
{
	fixture_advance(h->w->f, ms);
	h->w->token = world_token(h->w, world_first_client(h->w));
	settle(h);
}

static bool goes_to(struct hooked *h, size_t call, const char *name)
{
	return slice_is(h->fake->calls[call].url, TEXT(h->w, "https://%s.example.com/", name));
}

size_t calls_to(struct hooked *h, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < h->fake->count; i++)
		n += goes_to(h, i, name);
	return n;
}

int64_t deliveries(struct hooked *h, int status)
{
	return database_number(h->db, TEXT(h->w, "SELECT count(*) FROM deliveries WHERE state = %d", status));
}

int64_t facts(struct hooked *h, const char *type)
{
	return database_number(h->db, TEXT(h->w, "SELECT count(*) FROM audit WHERE type = '%s'", type));
}

void answer_all(struct hooked *h, int status)
{
	for (size_t i = 0; i < h->fake->count; i++)
		if (!h->fake->answered[i])
			outbound_fake_answer(h->fake, i, status, "");
	settle(h);
}

void start_again(struct hooked *h)
{
	outbound_fake_free(h->fake);
	webhooks_close(&h->w->f->app);
	h->fake = outbound_fake_new();
	h->w->f->app.outbound = &h->fake->outbound;
	must(webhooks_open(&h->w->f->app));
	settle(h);
}
