#include "tests/unit/device/site.h"

#include <stdio.h>
#include <stdlib.h>

#include "audit/audit.h"

struct site *site_new(const struct fixture_options *options)
{
	static const struct route_table *const tables[] = { &device_routes, &channel_routes, &device_admin_routes, &mobileid_admin_routes,
		&user_routes, &audit_routes };
	struct site *s = xalloc(sizeof(*s));

	s->w = world_new(options, tables, COUNT(tables));
	s->f = s->w->f;
	must(devices_open(&s->f->app));
	s->account = world_account_number(s->w, s->w->first.account_id);
	must(devices_add_mobileid(&s->f->app, s->account, "Test"));
	must(devices_configuration(&s->f->app, s->account, &s->configuration));
	s->db = database_open(s->f->dir);
	s->user = site_user(s);
	return s;
}

void site_free(struct site *s)
{
	database_close(s->db);
	devices_close(&s->f->app);
	world_free(s->w);
	free(s);
}

void site_configure(struct site *s, const char *config)
{
	database_run(s->db, TEXT(s->w, "UPDATE applications SET config = '%s'", config));
	devices_close(&s->f->app);
	must(devices_open(&s->f->app));
}

void site_advance(struct site *s, int64_t ms)
{
	fixture_advance(s->f, ms);
	s->w->token = world_token(s->w, world_first_client(s->w));
}

const char *site_user(struct site *s)
{
	struct answer answer = ask(s->w, HTTP_POST, "/reuseid/core/users", "{}");

	assert_status(answer, 200);
	return text_of(answer, "id");
}

struct answer start_registration(struct site *s, const char *user, const char *more)
{
	return ask(s->w, HTTP_POST, BASE_PATH "/registrations", TEXT(s->w, "{\"userId\":\"%s\"%s}", user, more));
}

static struct answer start(struct site *s, const char *what, const char *user, const char *device, const char *more)
{
	return ask(s->w, HTTP_POST, TEXT(s->w, BASE_PATH "/%s", what),
		TEXT(s->w, "{\"userId\":\"%s\",\"device\":{\"id\":\"%s\"}%s}", user, device, more));
}

struct answer start_authentication(struct site *s, const char *user, const char *device, const char *more)
{
	return start(s, "authentications", user, device, more);
}

struct answer start_signature(struct site *s, const char *user, const char *device, const char *more)
{
	return start(s, "signatures", user, device, more);
}

struct answer poll_authentication(struct site *s, const char *id)
{
	return ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/authentications/%s", id), NULL);
}

struct answer poll_registration(struct site *s, const char *id)
{
	return ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/registrations/%s", id), NULL);
}

const char *newest_outcome(struct site *s)
{
	return database_text(s->db, "SELECT CASE state WHEN 1 THEN 'PENDING' WHEN 2 THEN 'COMPLETED' ELSE error END FROM transactions t"
				    " JOIN device_operations o ON o.id = t.id ORDER BY t.created DESC, o.rowid DESC LIMIT 1");
}

int64_t number(struct site *s, const char *format, ...)
{
	char sql[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sql, sizeof(sql), format, args);
	va_end(args);
	return database_number(s->db, sql);
}

int64_t facts_of(struct site *s, const char *type)
{
	return number(s, "SELECT count(*) FROM audit WHERE type = '%s'", type);
}

int64_t events(struct site *s)
{
	return number(s, "SELECT count(*) FROM outbox");
}

int setup_site(void **state)
{
	*state = site_new(NULL);
	return 0;
}

int free_site(void **state)
{
	site_free(*state);
	return 0;
}
