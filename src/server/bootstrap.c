#include "server/bootstrap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "device/device.h"
#include "store/files.h"

enum { FILE_BYTES_MAX = 64 * 1024 };

static err write_all(int fd, struct slice text)
{
	while (text.n) {
		ssize_t n = write(fd, text.p, text.n);

		if (n < 0 && errno == EINTR)
			continue;
		ENSURE(n > 0, IO);
		text = slice_of(text.p + n, text.n - (size_t)n);
	}
	ENSURE(fsync(fd) == 0, IO);
	return OK;
}

/* Beside it, then over it: a reader sees the old file or the new one, never half of one. */
static err replace_file(struct boot *boot, const char *path, struct slice text)
{
	const char *fresh = (const char *)arena_printf(&boot->arena, "%s.new", path).p;
	int fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct error e;

	ENSURE(fd >= 0, IO);
	e = write_all(fd, text);
	close(fd);
	TRY(e);
	ENSURE(rename(fresh, path) == 0, IO);
	return file_sync_parent(path);
}

static json_t *read_existing(const char *path)
{
	json_error_t why;
	json_t *file = json_load_file(path, 0, &why);

	if (file && !json_is_object(file)) {
		json_decref(file);
		file = NULL;
	}
	return file;
}

static json_t *first_content(const struct bootstrap *made)
{
	return json_pack("{ss,ss,ss,ss}", "baseUrl", "", "accountId", made->account_id, "clientId", made->client_id, "clientSecret",
		made->secret);
}

/* What an authenticator app needs. */
static void add_configuration(struct boot *boot, json_t *content)
{
	const char *account = json_string_value(json_object_get(content, "accountId"));
	const struct snapshot *snapshot = accounts_hold(&boot->app);
	const struct account_info *info = snapshot_account(snapshot, slice_text(account));
	struct device_configuration c;

	if (info && !failed(devices_configuration(&boot->app, info->n, &c))) {
		struct slice url = arena_printf(&boot->arena, "%s%s", boot->app.public_url, DEVICE_SERVER_PATH);

		json_object_set_new(content, "applicationId", json_string(c.application_id));
		json_object_set_new(content, "publicKey", json_string(c.public_key));
		json_object_set_new(content, "serverUrl", json_stringn((const char *)url.p, url.n));
	}
	accounts_release(snapshot);
}

static const char *file_path(struct boot *boot)
{
	return (const char *)path_in(&boot->arena, boot->dir, BOOTSTRAP_FILE).p;
}

/* Takes `content`. */
static err write_file(struct boot *boot, json_t *content)
{
	struct buf b = buf_arena(&boot->arena, FILE_BYTES_MAX);
	struct error e;

	json_write_value(&b, content);
	buf_byte(&b, '\n');
	json_decref(content);
	e = replace_file(boot, file_path(boot), buf_bytes(&b));
	wipe(b.p, b.n);
	if (failed(e))
		fprintf(stderr, "%s cannot be written: %s\n", file_path(boot), strerror(errno));
	return e;
}

struct error bootstrap_keep(void *ctx, const struct bootstrap *made)
{
	return write_file(ctx, first_content(made));
}

static void copy_member(const json_t *file, const char *name, char *ret_text, size_t bytes)
{
	const char *text = json_string_value(json_object_get(file, name));

	snprintf(ret_text, bytes, "%s", text ? text : "");
}

bool bootstrap_is_untold(struct boot *boot, struct bootstrap *ret_made)
{
	json_t *file = read_existing(file_path(boot));
	const char *url = json_string_value(json_object_get(file, "baseUrl"));
	bool untold = url && !*url;

	if (untold) {
		copy_member(file, "accountId", ret_made->account_id, sizeof(ret_made->account_id));
		copy_member(file, "clientId", ret_made->client_id, sizeof(ret_made->client_id));
		copy_member(file, "clientSecret", ret_made->secret, sizeof(ret_made->secret));
	}
	json_decref(file);
	return untold;
}

static err update_file(struct boot *boot)
{
	json_t *content = read_existing(file_path(boot));

	if (!content)
		return OK;
	json_object_set_new(content, "baseUrl", json_string(boot->app.public_url));
	add_configuration(boot, content);
	return write_file(boot, content);
}

static void print_first(struct boot *boot, const struct bootstrap *made)
{
	const char *url = boot->app.public_url, *key = master_key_path(boot);

	printf("This is the first start, so an account and an API client were made:\n\n"
	       "  account        %s (sandbox)\n"
	       "  client id      %s\n"
	       "  client secret  %s   (shown only now; also in %s/%s)\n\n",
		made->account_id, made->client_id, made->secret, boot->dir, BOOTSTRAP_FILE);
	printf("Try next:\n\n"
	       "  curl -s -u %s:SECRET -d 'grant_type=client_credentials&scope=signicat-api' %s/auth/open/connect/token\n"
	       "  curl -s -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' \\\n"
	       "       -d '{\"externalRef\":\"customer-1\",\"attributes\":{\"firstname\":\"Jane\"}}' %s/reuseid/core/users\n\n"
	       "  API document   %s/reuseid/core/openapi.json\n"
	       "  Master key     %s   (keep a copy elsewhere: nothing can be read without it)\n\n",
		made->client_id, url, url, url, key);
}

err bootstrap_tell(struct boot *boot, const struct bootstrap *made)
{
	TRY(update_file(boot));
	if (made)
		print_first(boot, made);
	printf("Listening on %s (data in %s). Stop with Ctrl-C.\n", boot->app.public_url, boot->dir);
	fflush(stdout);
	return OK;
}
