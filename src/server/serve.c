/* Start, reload, drain, stop. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "device/device.h"
#include "oauth/oauth.h"
#include "outbound/outbound.h"
#include "server/boot.h"
#include "server/bootstrap.h"
#include "webhook/webhook.h"

struct serving {
	const struct command_line *line;
	struct boot boot;
	struct running running;
	struct api *public_api, *admin_api;
	struct http_server *public_http, *admin_http;
	struct jobs *jobs;
};

static void port_known(void *ctx, uint16_t port)
{
	struct serving *s = ctx;

	s->boot.app.public_url = public_url_of(&s->boot, app_settings(&s->boot.app), port);
}

static struct http_config http_config_of(struct serving *s)
{
	const struct settings *settings = app_settings(&s->boot.app);

	return (struct http_config){
		.env = &s->boot.env,
		.log = &s->boot.log,
		.listen = settings->listen,
		.port = (uint16_t)settings->port,
		.tls_cert = *settings->tls_certificate ? settings->tls_certificate : NULL,
		.tls_key = *settings->tls_key ? settings->tls_key : NULL,
		.trusted_proxies = settings->trusted_proxies,
		.bound = port_known,
		.bound_ctx = s,
		.threads = (int)settings->http_threads,
		.connections_max = (int)settings->connections_max,
		.idle_timeout_ms = settings->idle_timeout_ms,
		.request_timeout_ms = settings->request_timeout_ms,
	};
}

static err start_admin(struct serving *s)
{
	struct http_config config = http_config_of(s);
	struct http_handler handler = api_handler(s->admin_api);

	config.unix_path = (const char *)path_in(&s->boot.arena, s->boot.dir, ADMIN_SOCKET).p;
	config.tls_cert = config.tls_key = NULL;
	config.bound = NULL;
	config.threads = 1;
	config.connections_max = 16;
	return http_start(&config, &handler, &s->admin_http);
}

static err start_outbound(struct serving *s)
{
	struct outbound_config config = outbound_config_of(app_settings(&s->boot.app), &s->boot.env);
	struct error e = outbound_start(&config, &s->boot.app.outbound);

	if (failed(e))
		fprintf(stderr, "outbound_networks must be a list of addresses and networks, and outbound_ca_file a file that can be read.\n");
	return e;
}

static err start(struct serving *s)
{
	struct app *app = &s->boot.app;
	struct http_config config = http_config_of(s);
	struct http_handler handler;

	s->jobs = jobs_new(app);
	TRY(start_outbound(s));
	app->running = &s->running;
	s->public_api = api_new(&(struct api_config){ .app = app, .tables = public_tables, .table_count = public_table_count,
		.authenticate = oauth_authenticate, .answered = request_answered });
	s->admin_api = api_new(&(struct api_config){ .app = app, .tables = admin_tables, .table_count = admin_table_count,
		.answered = request_answered });
	s->running.api = s->public_api;
	handler = api_handler(s->public_api);
	TRY(http_start(&config, &handler, &s->public_http));
	s->running.http = s->public_http;
	TRY(start_admin(s));
	TRY(webhooks_start(app));
	jobs_start(s->jobs);
	return OK;
}

static void stop(struct serving *s)
{
	if (s->jobs)
		jobs_stop(s->jobs);
	if (s->admin_http)
		http_stop(s->admin_http);
	s->running.http = NULL;
	if (s->public_http)
		http_stop(s->public_http);
	webhooks_stop(&s->boot.app);
	outbound_stop(s->boot.app.outbound);
	s->boot.app.outbound = NULL;
	api_free(s->admin_api);
	api_free(s->public_api);
	boot_close(&s->boot);
	if (s->jobs)
		jobs_free(s->jobs);
}

static void drain(struct serving *s)
{
	int64_t timeout_ms = app_settings(&s->boot.app)->drain_timeout_ms;

	log_note(&s->boot.log, LOG_INFO, "draining");
	s->running.ready = false;
	api_end_waits(s->public_api);
	http_drain(s->public_http, timeout_ms);
	http_drain(s->admin_http, timeout_ms);
}

/* Settings that need a restart keep their value, and the log says so. */
static void keep_start_settings(struct serving *s, const struct settings *old, struct settings *fresh)
{
	for (size_t i = 0; i < setting_count; i++) {
		const struct setting *which = &setting_list[i];
		struct slice was = settings_text(old, which, &s->boot.arena);
		struct slice why;

		if (which->reload == SETTING_LIVE || slice_eq(was, settings_text(fresh, which, &s->boot.arena)))
			continue;
		log_line(&s->boot.log, LOG_WARN, "setting needs a restart", LOG_T("setting", which->name));
		IGNORE(settings_set(fresh, which, was, &s->boot.arena, &why)); /* it was accepted at the start */
	}
}

static void reload(struct serving *s)
{
	struct settings *fresh = arena_new(&s->boot.arena, struct settings);

	if (failed(settings_load(s->line, &s->boot.arena, fresh))) {
		log_note(&s->boot.log, LOG_ERROR, "settings not reloaded, the old ones stay");
	} else {
		keep_start_settings(s, app_settings(&s->boot.app), fresh);
		atomic_store(&s->boot.app.settings, fresh);
		s->boot.log.level = level_from(fresh);
		log_note(&s->boot.log, LOG_INFO, "settings reloaded");
	}
	if (*app_settings(&s->boot.app)->tls_certificate && failed(http_reload_tls(s->public_http)))
		log_note(&s->boot.log, LOG_ERROR, "certificate not reloaded, the old one stays");
}

static void wait_for_signals(struct serving *s, const sigset_t *set)
{
	int signal;

	while (sigwait(set, &signal) == 0) {
		if (signal != SIGHUP)
			return;
		reload(s);
	}
}

static sigset_t block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGPIPE, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL);
	return set;
}

/* The first account has every product. */
static err add_mobileid(struct serving *s, const struct bootstrap *made)
{
	const struct snapshot *snapshot = accounts_hold(&s->boot.app);
	const struct account_info *account = snapshot_account(snapshot, slice_text(made->account_id));
	int64_t n = account ? account->n : 0;

	accounts_release(snapshot);
	return n ? devices_add_mobileid(&s->boot.app, n, "Sandbox") : OK;
}

static err run(struct serving *s)
{
	struct bootstrap made;
	bool first;
	struct error e = accounts_bootstrap(&s->boot.app, &(struct bootstrap_keeper){ bootstrap_keep, &s->boot }, &first, &made);

	TRY(e);
	first = first || bootstrap_is_untold(&s->boot, &made);
	if (first)
		TRY(add_mobileid(s, &made));
	TRY(start(s));
	TRY(bootstrap_tell(&s->boot, first ? &made : NULL));
	s->running.ready = true;
	wipe(&made, sizeof(made));
	return OK;
}

int command_serve(const struct command_line *line)
{
	struct serving *s = xalloc(sizeof(*s));
	sigset_t set = block_signals();
	struct error e = boot_open(&s->boot, line, true);

	s->line = line;
	if (is_err(e, E_LOCKED_BY_PROCESS))
		fprintf(stderr, "Another server runs on the data directory %s already.\n", line->data);
	if (failed(e)) {
		free(s);
		return 1;
	}
	e = run(s);
	if (failed(e)) {
		fprintf(stderr, "The server cannot start (%s).\n", err_info(e.code)->name);
	} else {
		wait_for_signals(s, &set);
		drain(s);
	}
	stop(s);
	free(s);
	return failed(e);
}
