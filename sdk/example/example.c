/*
 * A device in three hundred lines: what an app has to do around libreuseid-device, with libcurl and files.
 *
 *     cc example.c $(pkg-config --cflags --libs reuseid-device libcurl) -o example
 *     ./example DIRECTORY CLOUD SERVER-URL APPLICATION-ID PUBLIC-KEY COMMAND, which is one of
 *         register CODE PIN
 *         approve PIN                         an authentication
 *         sign PIN                            a consent
 *         change PIN NEW-PIN RECOVERY-CODE    the PIN, and a recovery with the token that this brings
 *         recover RECOVERY-CODE PIN           on a new phone: another DIRECTORY, the same CLOUD
 *
 * To be read, not to be shipped: the key that seals the records lies in a file beside them, where a phone has a key store, and PINs come
 * from the command line, where a phone has a keypad.
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
	const char *directory, *cloud;
	rid_controller *controller;
	CURL *curl;
	unsigned char answer[ANSWER_BYTES];
	size_t answer_bytes;
};

/* ---- storage ---- */

/* Bytes read, or -1 when there is no such file. */
static long file_read(const char *directory, const char *name, const char *suffix, void *bytes, size_t max)
{
	char path[PATH_BYTES];
	FILE *file;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s%s", directory, name, suffix);
	file = fopen(path, "rb");
	if (!file)
		return -1;
	n = fread(bytes, 1, max, file);
	fclose(file);
	return (long)n;
}

/* All or nothing, and on disk: a new file takes the old one's place. (An app would sync the directory as well.) */
static int file_write(const char *directory, const char *name, const char *suffix, const void *bytes, size_t n)
{
	char path[PATH_BYTES], fresh[PATH_BYTES + 1];
	int fd, written;

	snprintf(path, sizeof(path), "%s/%s%s", directory, name, suffix);
	snprintf(fresh, sizeof(fresh), "%s~", path);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0)
		return 0;
	written = write(fd, bytes, n) == (ssize_t)n && fsync(fd) == 0;
	return close(fd) == 0 && written && rename(fresh, path) == 0;
}

static void file_remove(const char *directory, const char *name, const char *suffix)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/%s%s", directory, name, suffix);
	remove(path);
}

static uint64_t generation_of(const struct app *app, const char *name)
{
	uint64_t number = 0;

	return file_read(app->directory, name, ".generation", &number, sizeof(number)) == (long)sizeof(number) ? number : 0;
}

static const rid_step *load(void *world, rid_controller *c, const rid_step *s)
{
	const struct app *app = world;
	unsigned char bytes[RECORD_BYTES];
	long n = file_read(app->directory, s->record.name, ".record", bytes, sizeof(bytes));

	if (n < 0)
		return rid_loaded(c, RID_ABSENT, NULL, 0, generation_of(app, s->record.name));
	return rid_loaded(c, RID_LOADED, bytes, (size_t)n, generation_of(app, s->record.name));
}

/* First the record, then its number. */
static const rid_step *store(void *world, rid_controller *c, const rid_step *s)
{
	const struct app *app = world;
	const rid_record *r = &s->record;

	return rid_stored(c, file_write(app->directory, r->name, ".record", r->bytes, r->n) &&
		file_write(app->directory, r->name, ".generation", &r->generation, sizeof(r->generation)));
}

static const rid_step *erase(void *world, rid_controller *c, const rid_step *s)
{
	file_remove(((struct app *)world)->directory, s->record.name, ".record");
	return rid_stored(c, 1);
}

/* ---- the cloud: on a phone the system's own backup, iCloud's keychain or Google's ---- */

static const rid_step *back_up(void *world, rid_controller *c, const rid_step *s)
{
	return rid_stored(c, file_write(((struct app *)world)->cloud, s->record.name, "", s->record.bytes, s->record.n));
}

static const rid_step *load_backup(void *world, rid_controller *c, const rid_step *s)
{
	unsigned char bytes[RID_BACKUP_BYTES_MAX];
	long n = file_read(((struct app *)world)->cloud, s->record.name, "", bytes, sizeof(bytes));

	return n < 0 ? rid_backup_loaded(c, RID_ABSENT, NULL, 0) : rid_backup_loaded(c, RID_LOADED, bytes, (size_t)n);
}

static const rid_step *forget_backup(void *world, rid_controller *c, const rid_step *s)
{
	file_remove(((struct app *)world)->cloud, s->record.name, "");
	return rid_stored(c, 1);
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

static const rid_step *post(void *world, rid_controller *c, const rid_step *s)
{
	struct app *app = world;
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
		return rid_not_sent(c, RID_ERROR_CONNECTION_FAILURE);
	return rid_sent(c, (int)status, app->answer, app->answer_bytes);
}

/* ---- the loop ---- */

static const rid_step *wait_a_while(void *world, rid_controller *c, const rid_step *s)
{
	(void)world;
	sleep(s->wait_ms / 1000);
	return rid_waited(c);
}

/* This one has no secure hardware, no place and nothing that vouches for it; what is not in the table is said to be missing. */
static const rid_step *perform(struct app *app, const rid_step *s)
{
	static const rid_hands hands = { .send = post, .load = load, .store = store, .erase = erase, .wait = wait_a_while,
		.back_up = back_up, .load_backup = load_backup, .forget_backup = forget_backup };

	return rid_perform(app->controller, s, &hands, app);
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

static int told_id(const struct app *app)
{
	printf("Device %s\n", rid_registration_id(app->controller));
	return 0;
}

static int do_register(struct app *app, char *code, char *pin)
{
	const rid_step *s = perform(app, rid_start_activation(app->controller, code, strlen(code)));

	if (s->kind == RID_SHOW)
		s = perform(app, rid_finish_activation(app->controller, RID_METHOD_DEVICE_PIN, "Example", pin, strlen(pin)));
	return ended(s, "Registered.") || told_id(app);
}

static void show(const rid_context *context)
{
	printf("%s\n%s\n", context->title ? context->title : "", context->content ? (const char *)context->content : "");
}

static int do_approve(struct app *app, char *pin)
{
	const rid_step *s = perform(app, rid_start_authentication(app->controller, NULL));

	if (s->kind == RID_SHOW) {
		show(&s->started.context);
		s = perform(app, rid_finish_authentication(app->controller, RID_METHOD_DEVICE_PIN, pin, strlen(pin)));
	}
	return ended(s, "Approved.");
}

static int do_sign(struct app *app, char *pin)
{
	const rid_step *s = perform(app, rid_start_signing(app->controller, NULL));

	if (s->kind == RID_SHOW) {
		show(&s->started.context);
		s = perform(app, rid_finish_signing(app->controller, RID_METHOD_DEVICE_PIN, pin, strlen(pin)));
	}
	return ended(s, "Signed.");
}

/* The token is what the PIN has just proven; it is good for one use. */
static int add_recovery(struct app *app, const rid_result *result, char *code)
{
	unsigned char token[RID_TOKEN_BYTES];
	const rid_step *s;

	if (result->token_count == 0) {
		puts("The application has no recovery.");
		return 1;
	}
	memcpy(token, result->tokens[0].token, sizeof(token));
	s = perform(app, rid_start_add_or_update_recovery(app->controller, RID_RECOVERY_CODE, token));
	rid_wipe(token, sizeof(token));
	if (s->kind == RID_SHOW)
		s = perform(app, rid_finish_add_or_update_recovery(app->controller, code, strlen(code)));
	return ended(s, "A recovery is set up.");
}

static int do_change(struct app *app, char *pin, char *new_pin, char *code)
{
	const rid_step *s = perform(app, rid_start_add_or_update(app->controller, RID_METHOD_DEVICE_PIN));

	if (s->kind == RID_SHOW) {
		rid_want_tokens(app->controller, RID_TOKEN_ADD_OR_UPDATE_RECOVERY);
		s = perform(app, rid_finish_add_or_update(app->controller, RID_METHOD_DEVICE_PIN, pin, strlen(pin), new_pin,
			strlen(new_pin)));
	}
	if (ended(s, "The PIN is changed.") != 0)
		return 1;
	return add_recovery(app, &s->result, code);
}

static int do_recover(struct app *app, char *code, char *pin)
{
	const rid_step *s = perform(app, rid_start_recovery(app->controller));

	if (s->kind == RID_SHOW)
		s = perform(app, rid_finish_recovery(app->controller, code, strlen(code), RID_METHOD_DEVICE_PIN, "Example", pin, strlen(pin)));
	return ended(s, "Recovered.") || told_id(app);
}

static int usage(void)
{
	fputs("example DIRECTORY CLOUD SERVER-URL APPLICATION-ID PUBLIC-KEY register CODE PIN | approve PIN | sign PIN |\n"
	      "        change PIN NEW-PIN RECOVERY-CODE | recover RECOVERY-CODE PIN\n", stderr);
	return 2;
}

static int run(struct app *app, int argc, char **argv)
{
	const rid_step *s = perform(app, rid_load(app->controller));
	const char *command = argv[6];

	if (s->kind == RID_FAILED)
		return ended(s, "");
	if (argc == 9 && strcmp(command, "register") == 0)
		return do_register(app, argv[7], argv[8]);
	if (argc == 8 && strcmp(command, "approve") == 0)
		return do_approve(app, argv[7]);
	if (argc == 8 && strcmp(command, "sign") == 0)
		return do_sign(app, argv[7]);
	if (argc == 10 && strcmp(command, "change") == 0)
		return do_change(app, argv[7], argv[8], argv[9]);
	return argc == 9 && strcmp(command, "recover") == 0 ? do_recover(app, argv[7], argv[8]) : usage();
}

int main(int argc, char **argv)
{
	unsigned char storage_key[RID_STORAGE_KEY_BYTES];
	struct app *app = calloc(1, sizeof(*app));
	rid_config config = { 0 };
	int error = RID_ERROR_CONFIGURATION, code = 2;

	if (!app || argc < 7)
		return usage();
	app->directory = argv[1];
	app->cloud = argv[2];
	if (file_read(app->directory, "key", "", storage_key, sizeof(storage_key)) != (long)sizeof(storage_key) &&
		(getrandom(storage_key, sizeof(storage_key), 0) != (ssize_t)sizeof(storage_key) ||
			!file_write(app->directory, "key", "", storage_key, sizeof(storage_key))))
		return 1;
	config.server_url = argv[3];
	config.application_id = argv[4];
	config.public_key = argv[5];
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
