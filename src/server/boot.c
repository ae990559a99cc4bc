#include "server/boot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account/account.h"
#include "audit/audit.h"
#include "device/device.h"
#include "event/denials.h"
#include "flow/flow.h"
#include "oauth/oauth.h"
#include "webhook/webhook.h"
#include "proofing/proofing.h"
#include "passkey/passkey.h"

struct slice path_in(struct arena *a, const char *dir, const char *name)
{
	return arena_printf(a, "%s/%s", dir, name);
}

enum log_level level_from(const struct settings *s)
{
	struct slice word = slice_text(s->log_level);

	return slice_is(word, "debug") ? LOG_DEBUG : slice_is(word, "warn") ? LOG_WARN : slice_is(word, "error") ? LOG_ERROR : LOG_INFO;
}

const char *public_url_of(struct boot *boot, const struct settings *settings, uint16_t port)
{
	if (*settings->public_url)
		return settings->public_url;
	return (const char *)arena_printf(&boot->arena, "%s://localhost:%u", *settings->tls_certificate ? "https" : "http", port).p;
}

static err open_dir(struct boot *boot, bool create)
{
	struct stat st;

	if (create && mkdir(boot->dir, 0700) != 0 && errno != EEXIST) {
		fprintf(stderr, "The data directory %s cannot be made: %s\n", boot->dir, strerror(errno));
		return FAIL(IO);
	}
	boot->fresh = stat((const char *)path_in(&boot->arena, boot->dir, STORE_FILE_NAME).p, &st) != 0;
	if (boot->fresh && !create) {
		fprintf(stderr, "There is no database in %s. Start the server once, or name another directory with --data.\n", boot->dir);
		return FAIL(CONFIG);
	}
	return OK;
}

static err open_store(struct boot *boot)
{
	const struct settings *s = app_settings(&boot->app);
	struct store_config config = {
		.env = &boot->env,
		.log = &boot->log,
		.dir = boot->dir,
		.readers_max = (int)s->readers_max,
		.batch_jobs_max = 1024,
	};
	struct error e = store_open(&config, &boot->app.store);

	if (failed(e) && !is_err(e, E_LOCKED_BY_PROCESS))
		fprintf(stderr, "The database in %s cannot be opened (%s); the log line above says why.\n", boot->dir,
			err_info(e.code)->name);
	return e;
}

static err open_features(struct boot *boot)
{
	struct error e = accounts_open(&boot->app);

	boot->app.denials = denials_new();
	if (!failed(e))
		e = oauth_open(&boot->app);
	audit_open(&boot->app);
	if (!failed(e))
		e = devices_open(&boot->app);
	if (!failed(e))
		e = webhooks_open(&boot->app);
	if (!failed(e))
		e = proofing_open(&boot->app);
	if (!failed(e))
		e = flows_open(&boot->app);
	if (!failed(e))
		e = passkeys_open(&boot->app);
	if (failed(e))
		fprintf(stderr, "Accounts or keys cannot be loaded from the database (%s).\n", err_info(e.code)->name);
	return e;
}

static err open_all(struct boot *boot, const struct command_line *line, bool create)
{
	struct settings *settings = arena_new(&boot->arena, struct settings);

	TRY(settings_load(line, &boot->arena, settings));
	atomic_store(&boot->app.settings, settings);
	boot->log = (struct log){ &boot->env, STDERR_FILENO, level_from(settings), slice_is(slice_text(settings->log_format), "json") };
	boot->app.public_url = public_url_of(boot, settings, (uint16_t)settings->port);
	TRY(open_dir(boot, create));
	TRY(master_key_open(boot, create));
	TRY(open_store(boot));
	TRY(master_key_check(boot));
	return open_features(boot);
}

err boot_open(struct boot *boot, const struct command_line *line, bool create)
{
	struct error e;

	*boot = (struct boot){ .env = env_system, .dir = line->data };
	boot->app.env = &boot->env;
	boot->app.log = &boot->log;
	boot->app.metrics = &boot->metrics;
	e = open_all(boot, line, create);
	if (failed(e))
		boot_close(boot);
	return e;
}

void boot_close(struct boot *boot)
{
	webhooks_close(&boot->app);
	proofing_close(&boot->app);
	passkeys_close(&boot->app);
	devices_close(&boot->app);
	oauth_close(&boot->app);
	accounts_close(&boot->app);
	denials_free(boot->app.denials);
	if (boot->app.store)
		store_close(boot->app.store);
	if (boot->app.keyring)
		keyring_free(boot->app.keyring);
	arena_free(&boot->arena);
	*boot = (struct boot){ 0 };
}
