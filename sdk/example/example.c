/*
 * A device in two hundred lines: what an app has to do around libreuseid-device, with libcurl and files.
 *
 *     cc example.c $(pkg-config --cflags --libs reuseid-device libcurl) -o example
 *     ./example DIRECTORY SERVER-URL APPLICATION-ID PUBLIC-KEY register CODE PIN
 *     ./example DIRECTORY SERVER-URL APPLICATION-ID PUBLIC-KEY approve PIN
 *
 * To be read, not to be shipped: the key that seals the records lies in a file beside them, where a phone has a key store, and the PIN
 * comes from the command line, where a phone has a keypad.
 */
#include <curl/curl.h>
#include <fcntl.h>
#include <reuseid_device.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { PATH_BYTES = 1024, ANSWER_BYTES = 512 * 1024, RECORD_BYTES = 8192 };

struct app {
	const char *directory;
	rid_controller *controller;
	CURL *curl;
	unsigned char answer[ANSWER_BYTES];
	size_t answer_bytes;
};

/* ---- storage ---- */

/* Bytes read, or -1 when there is no such file. */
static long file_read(const struct app *app, const char *name, const char *suffix, void *bytes, size_t max)
{
	char path[PATH_BYTES];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s%s", app->directory, name, suffix);
	file = fopen(path, "rb");
	if (!file)
		return -1;
	n = fread(bytes, 1, max, file);
	fclose(file);
	return (long)n;
}

/* All or nothing, and on disk: a new file takes the old one's place. (An app would sync the directory as well.) */
static int file_write(const struct app *app, const char *name, const char *suffix, const void *bytes, size_t n)
{
	char path[PATH_BYTES], fresh[PATH_BYTES + 1];
	int fd, written;

	snprintf(path, sizeof(path), "%s/%s%s", app->directory, name, suffix);
	snprintf(fresh, sizeof(fresh), "%s~", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return 0;
	written = write(fd, bytes, n) == (ssize_t)n && fsync(fd) == 0;
	return close(fd) == 0 && written && rename(fresh, path) == 0;
}

static uint64_t generation_of(const struct app *app, const char *name)
{
	uint64_t number = 0;

	return file_read(app, name, ".generation", &number, sizeof(number)) == (long)sizeof(number) ? number : 0;
}

static const rid_step *load(struct app *app, const rid_step *s)
{
	unsigned char bytes[RECORD_BYTES];
	long n = file_read(app, s->record.name, ".record", bytes, sizeof(bytes));

	if (n < 0)
		return rid_loaded(app->controller, RID_ABSENT, NULL, 0, generation_of(app, s->record.name));
	return rid_loaded(app->controller, RID_LOADED, bytes, (size_t)n, generation_of(app, s->record.name));
}

/* First the record, then its number. */
static const rid_step *store(struct app *app, const rid_step *s)
{
	int worked = file_write(app, s->record.name, ".record", s->record.bytes, s->record.n) &&
		file_write(app, s->record.name, ".generation", &s->record.generation, sizeof(s->record.generation));

	return rid_stored(app->controller, worked);
}

static const rid_step *erase(struct app *app, const rid_step *s)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s.record", app->directory, s->record.name);
	remove(path);
	return rid_stored(app->controller, 1);
}

/* ---- network ---- */

static size_t take(char *data, size_t size, size_t n, void *context)
{
	struct app *app = context;

	if (size * n > sizeof(app->answer) - app->answer_bytes)
		return 0;
	memcpy(app->answer + app->answer_bytes, data, size * n);
	app->answer_bytes += size * n;
	return size * n;
}

static const rid_step *post(struct app *app, const rid_step *s)
{
	char type[128];
	struct curl_slist *headers = NULL;
	long status = 0;
	CURLcode code;

	snprintf(type, sizeof(type), "Content-Type: %s", s->send.content_type);
	headers = curl_slist_append(headers, type);
	app->answer_bytes = 0;
	curl_easy_setopt(app->curl, CURLOPT_URL, s->send.url);
	curl_easy_setopt(app->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(app->curl, CURLOPT_POSTFIELDS, s->send.body);
	curl_easy_setopt(app->curl, CURLOPT_POSTFIELDSIZE, (long)s->send.body_bytes);
	curl_easy_setopt(app->curl, CURLOPT_TIMEOUT_MS, (long)s->send.timeout_ms);
	curl_easy_setopt(app->curl, CURLOPT_WRITEFUNCTION, take);
	curl_easy_setopt(app->curl, CURLOPT_WRITEDATA, app);
	code = curl_easy_perform(app->curl);
	curl_easy_getinfo(app->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		return rid_not_sent(app->controller, RID_ERROR_CONNECTION_FAILURE);
	return rid_sent(app->controller, (int)status, app->answer, app->answer_bytes);
}

/* ---- the loop ---- */

static const rid_step *perform(struct app *app, const rid_step *s)
{
	while (rid_step_is_work(s))
		switch (s->kind) {
		case RID_SEND:
			s = post(app, s);
			break;
		case RID_LOAD:
			s = load(app, s);
			break;
		case RID_STORE:
			s = store(app, s);
			break;
		case RID_ERASE:
			s = erase(app, s);
			break;
		case RID_WAIT:
			sleep(s->wait_ms / 1000);
			s = rid_waited(app->controller);
			break;
		default: /* RID_MAKE_KEY, RID_SIGN, RID_DROP_KEY: for apps with secure hardware */
			s = rid_key_failed(app->controller, RID_KEY_BROKEN);
		}
	return s;
}

/* 0, or 1 after saying why. What got lost could be repeated with rid_repeat(). */
static int ended(const rid_step *s, const char *done)
{
	if (s->kind == RID_DONE) {
		puts(done);
		return 0;
	}
	fprintf(stderr, "%d %s: %s\n", s->failure.number, s->failure.title, s->failure.description);
	return 1;
}

/* ---- what it can do ---- */

static int do_register(struct app *app, char *code, char *pin)
{
	const rid_step *s = perform(app, rid_start_activation(app->controller, code, strlen(code)));

	if (s->kind == RID_SHOW)
		s = perform(app, rid_finish_activation(app->controller, RID_METHOD_DEVICE_PIN, "Example", pin, strlen(pin)));
	return ended(s, "Registered.");
}

static int do_approve(struct app *app, char *pin)
{
	const rid_step *s = perform(app, rid_start_authentication(app->controller, NULL));

	if (s->kind == RID_SHOW) {
		printf("%s\n%s\n", s->started.context.title ? s->started.context.title : "",
			s->started.context.content ? (const char *)s->started.context.content : "");
		s = perform(app, rid_finish_authentication(app->controller, RID_METHOD_DEVICE_PIN, pin, strlen(pin)));
	}
	return ended(s, "Approved.");
}

static int usage(void)
{
	fputs("example DIRECTORY SERVER-URL APPLICATION-ID PUBLIC-KEY register CODE PIN | approve PIN\n", stderr);
	return 2;
}

static int run(struct app *app, int argc, char **argv)
{
	const rid_step *s = perform(app, rid_load(app->controller));

	if (s->kind == RID_FAILED)
		return ended(s, "");
	if (argc == 8 && strcmp(argv[5], "register") == 0)
		return do_register(app, argv[6], argv[7]);
	return argc == 7 && strcmp(argv[5], "approve") == 0 ? do_approve(app, argv[6]) : usage();
}

int main(int argc, char **argv)
{
	unsigned char storage_key[RID_STORAGE_KEY_BYTES];
	struct app *app = calloc(1, sizeof(*app));
	rid_config config = { 0 };
	int error = RID_ERROR_CONFIGURATION, code = 2;

	if (!app || argc < 6)
		return usage();
	app->directory = argv[1];
	if (file_read(app, "key", "", storage_key, sizeof(storage_key)) != (long)sizeof(storage_key) &&
		(getrandom(storage_key, sizeof(storage_key), 0) != (ssize_t)sizeof(storage_key) ||
			!file_write(app, "key", "", storage_key, sizeof(storage_key))))
		return 1;
	config.server_url = argv[2];
	config.application_id = argv[3];
	config.public_key = argv[4];
	config.os = "Web";
	config.device_hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="; /* an app: SHA-256 of the phone's own id */
	config.storage_key = storage_key;
	app->controller = rid_open(&config, "default", &error);
	app->curl = curl_easy_init();
	if (app->controller && app->curl)
		code = run(app, argc, argv);
	else
		fprintf(stderr, "%d %s\n", error, rid_error_title(error));
	rid_close(app->controller);
	curl_easy_cleanup(app->curl);
	rid_wipe(storage_key, sizeof(storage_key));
	free(app);
	return code;
}
