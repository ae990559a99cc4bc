/*
 * What stands in for a phone's hardware and surroundings: keys in files of the store, sealed; the place, the platform's word and the push
 * message as options say; the cloud backup a directory. Enough to go through every case, and no more secure than files are.
 */
#include "authenticator/app.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "codec/encode.h"
#include "crypto/p256.h"
#include "crypto/seal.h"

enum { ANSWER_BYTES_MAX = 128 * 1024, PATH_BYTES_MAX = 4096, NONCE_BYTES_MAX = 128 };

/* ---- what kind of phone ---- */

static bool word_understood(struct slice word, rid_config *config)
{
	static const char *const systems[] = { "Android", "iOS", "Web" };
	int method;

	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		if (slice_is(word, systems[i])) {
			config->os = systems[i];
			return true;
		}
	if (slice_is(word, "hardware") || slice_is(word, "old-system")) {
		config->hardware = slice_is(word, "hardware") ? RID_HARDWARE_YES : RID_HARDWARE_OS_TOO_OLD;
		return true;
	}
	for (method = RID_METHOD_IOS_FACE_ID; method <= RID_METHOD_SERVER_SIDE_FACE; method <<= 1)
		if (slice_is(word, method_word(method))) {
			config->app_methods |= method;
			return true;
		}
	return false;
}

bool phone_understood(const char *words, rid_config *config)
{
	struct slice rest = slice_text(words);

	while (rest.n)
		if (!word_understood(slice_trim(slice_cut(&rest, ',')), config))
			return false;
	return true;
}

/* ---- keys ---- */

static bool fails_at(const struct app *app, const char *where)
{
	return given(app, OPT_FAULT) && strcmp(given(app, OPT_FAULT), where) == 0;
}

static bool handle_good(const char *handle)
{
	return strspn(handle, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == strlen(handle);
}

static struct slice place_of(struct app *app, const char *handle)
{
	return arena_printf(&app->arena, "key of the authenticator|%s", handle);
}

static bool key_store(struct app *app, const char *handle, const uint8_t *private_key)
{
	struct data_key key;
	struct slice box;

	memcpy(key.b, app->store.key, sizeof(key.b));
	box = seal(&key, app->env, place_of(app, handle), slice_of(private_key, P256_SCALAR_BYTES), &app->arena);
	wipe(&key, sizeof(key));
	return handle_good(handle) && !failed(store_write(&app->store, "key", handle, "", box));
}

static bool key_load(struct app *app, const char *handle, uint8_t *ret_private)
{
	struct slice box, plain = S("");
	struct data_key key;
	bool good;

	memcpy(key.b, app->store.key, sizeof(key.b));
	good = handle_good(handle) && !failed(store_read(&app->store, "key", handle, "", &box)) &&
	       !failed(unseal(&key, place_of(app, handle), box, &app->arena, &plain)) && plain.n == P256_SCALAR_BYTES;
	wipe(&key, sizeof(key));
	if (good)
		memcpy(ret_private, plain.p, P256_SCALAR_BYTES);
	return good;
}

/* The finger on the sensor. */
static bool unlocked(struct app *app, const rid_step *s)
{
	if (!s->key.method || given(app, OPT_YES))
		return true;
	return confirmed(app, (const char *)arena_printf(&app->arena, "Unlock the key of %s?", method_word(s->key.method)).p);
}

const rid_step *phone_make_key(struct app *app, const rid_step *s)
{
	uint8_t private_key[P256_SCALAR_BYTES], public_key[P256_POINT_BYTES];
	bool good;

	if (fails_at(app, "make"))
		return rid_key_failed(app->controller, RID_KEY_BROKEN);
	if (fails_at(app, "public"))
		return rid_key_failed(app->controller, RID_KEY_GONE);
	if (!unlocked(app, s))
		return rid_key_failed(app->controller, RID_KEY_REFUSED);
	p256_generate(app->env, private_key, public_key);
	good = key_store(app, s->key.handle, private_key);
	wipe(private_key, sizeof(private_key));
	return good ? rid_key_made(app->controller, public_key, sizeof(public_key)) : rid_key_failed(app->controller, RID_KEY_BROKEN);
}

const rid_step *phone_sign(struct app *app, const rid_step *s)
{
	uint8_t private_key[P256_SCALAR_BYTES], signature[P256_SIG_BYTES];
	struct slice message = slice_of(s->key.message, s->key.message_bytes);
	struct error e;

	if (fails_at(app, "sign"))
		return rid_key_failed(app->controller, RID_KEY_BROKEN);
	if (fails_at(app, "retrieve") || !key_load(app, s->key.handle, private_key))
		return rid_key_failed(app->controller, RID_KEY_GONE);
	if (!unlocked(app, s)) {
		wipe(private_key, sizeof(private_key));
		return rid_key_failed(app->controller, RID_KEY_REFUSED);
	}
	e = p256_sign(private_key, &message, 1, signature);
	wipe(private_key, sizeof(private_key));
	return failed(e) ? rid_key_failed(app->controller, RID_KEY_BROKEN) : rid_signed(app->controller, signature, sizeof(signature));
}

const rid_step *phone_drop_key(struct app *app, const rid_step *s)
{
	return rid_stored(app->controller, handle_good(s->key.handle) && !failed(store_remove(&app->store, "key", s->key.handle, "")));
}

/* ---- place ---- */

const rid_step *phone_locate(struct app *app)
{
	static const char *const troubles[] = { [RID_LOCATION_NOT_ENABLED] = "LOCATION_NOT_ENABLED",
		[RID_LOCATION_TIMEOUT] = "LOCATION_TIMEOUT", [RID_LOCATION_MOCKED] = "LOCATION_MOCKED",
		[RID_LOCATION_GEOCODER_NOT_SUPPORTED] = "GEOCODER_NOT_SUPPORTED",
		[RID_LOCATION_GEOCODER_NETWORK_ERROR] = "GEOCODER_NETWORK_ERROR",
		[RID_LOCATION_GEOCODER_UNEXPECTED_ERROR] = "GEOCODER_UNEXPECTED_ERROR",
		[RID_LOCATION_GEOCODER_TIMEOUT] = "GEOCODER_TIMEOUT",
		[RID_LOCATION_GEOCODER_NO_RESULT_FOUND] = "GEOCODER_NO_RESULT_FOUND" };
	const char *where = given(app, OPT_LOCATION);

	if (!where)
		return rid_located(app->controller, RID_LOCATION_NOT_ENABLED, NULL);
	for (size_t i = RID_LOCATION_NOT_ENABLED; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (strcmp(where, troubles[i]) == 0)
			return rid_located(app->controller, (rid_location)i, NULL);
	return rid_located(app->controller, RID_LOCATION_OK, where);
}

/* ---- the platform's word ---- */

static void run_program(const char *program, const rid_attest *attest, int out)
{
	dup2(out, STDOUT_FILENO);
	execlp(program, program, attest->type, attest->nonce, (char *)NULL);
	_exit(127);
}

/* What the program prints, without white space at its end; empty when it fails. */
static struct slice ask_program(struct app *app, const rid_attest *attest)
{
	struct buf b = buf_arena(&app->arena, ANSWER_BYTES_MAX);
	uint8_t part[4096];
	int ends[2], status = 1;
	ssize_t n;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return S("");
	child = fork();
	if (child == 0)
		run_program(given(app, OPT_ATTEST_WITH), attest, ends[1]);
	close(ends[1]);
	while (child > 0 && (n = read(ends[0], part, sizeof(part))) > 0)
		buf_add(&b, part, (size_t)n);
	close(ends[0]);
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	while (b.n && (b.p[b.n - 1] == '\n' || b.p[b.n - 1] == ' '))
		b.n--;
	return status == 0 && !failed(buf_ok(&b)) ? buf_bytes(&b) : S("");
}

/* "attestation KEY-ID OBJECT", or "assertion …"; the object in base64url. */
static const rid_step *apple_answer(struct app *app, struct slice said)
{
	rid_attestation a = { 0 };
	struct slice kind = slice_cut(&said, ' '), id = slice_cut(&said, ' '), object;

	if (failed(b64url_read(&app->arena, said, &object)))
		return rid_not_attested(app->controller, "FAILED_CLIENT_UNEXPECTED_ERROR", "no object");
	a.assertion = slice_is(kind, "assertion");
	a.key_id = arena_cstr(&app->arena, id);
	a.object = object.p;
	a.object_bytes = object.n;
	return rid_attested(app->controller, &a);
}

const rid_step *phone_attest(struct app *app, const rid_step *s)
{
	struct slice said = given(app, OPT_ATTEST_WITH) ? ask_program(app, &s->attest) : S("");
	const char *text = arena_cstr(&app->arena, said);

	if (said.n == 0)
		return rid_not_attested(app->controller, NULL, NULL);
	if (slice_starts(said, S("FAILED_")))
		return rid_not_attested(app->controller, text, NULL);
	if (strcmp(s->attest.type, "appAttest") == 0)
		return apple_answer(app, said);
	return rid_attested(app->controller, &(rid_attestation){ .token = text });
}

/* ---- push ---- */

/* Given beforehand, or a line of standard input, for whoever hears the message. */
const rid_step *phone_await_push(struct app *app, const rid_step *s)
{
	const char *nonce = given(app, OPT_PUSH_NONCE);
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	char line[NONCE_BYTES_MAX];
	ssize_t n;

	if (!nonce || strcmp(nonce, "-") != 0)
		return rid_push_came(app->controller, nonce);
	n = poll(&in, 1, (int)s->wait_ms) == 1 ? read(STDIN_FILENO, line, sizeof(line)) : 0;
	if (n <= 0)
		return rid_push_came(app->controller, NULL);
	return rid_push_came(app->controller, arena_cstr(&app->arena, slice_of(line, slice_find(slice_of(line, (size_t)n), '\n'))));
}

/* ---- the cloud ---- */

static bool cloud_path(const struct app *app, const char *name, const char *suffix, char *path)
{
	return handle_good(name) && snprintf(path, PATH_BYTES_MAX, "%s/%s%s", app->cloud, name, suffix) < PATH_BYTES_MAX;
}

const rid_step *phone_back_up(struct app *app, const rid_step *s)
{
	char path[PATH_BYTES_MAX], new_path[PATH_BYTES_MAX];
	bool good = cloud_path(app, s->record.name, "", path) && cloud_path(app, s->record.name, "~", new_path);
	int fd;

	if (mkdir(app->cloud, 0700) != 0 && errno != EEXIST)
		good = false;
	fd = good ? open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
	good = fd >= 0 && write(fd, s->record.bytes, s->record.n) == (ssize_t)s->record.n && fsync(fd) == 0;
	if (fd >= 0 && close(fd) != 0)
		good = false;
	return rid_stored(app->controller, good && rename(new_path, path) == 0);
}

const rid_step *phone_load_backup(struct app *app, const rid_step *s)
{
	char path[PATH_BYTES_MAX];
	uint8_t bytes[RID_BACKUP_BYTES_MAX];
	int fd = cloud_path(app, s->record.name, "", path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	ssize_t n;

	if (fd < 0)
		return rid_backup_loaded(app->controller, errno == ENOENT ? RID_ABSENT : RID_UNAVAILABLE, NULL, 0);
	n = read(fd, bytes, sizeof(bytes));
	close(fd);
	return n < 0 ? rid_backup_loaded(app->controller, RID_UNAVAILABLE, NULL, 0) :
		       rid_backup_loaded(app->controller, RID_LOADED, bytes, (size_t)n);
}

const rid_step *phone_forget_backup(struct app *app, const rid_step *s)
{
	char path[PATH_BYTES_MAX];

	return rid_stored(app->controller, cloud_path(app, s->record.name, "", path) && (unlink(path) == 0 || errno == ENOENT));
}

/* ---- what is said for a finish ---- */

static bool number_said(struct app *app, const rid_started *started)
{
	const char *number = given(app, OPT_MATCH);

	if (!started->match_digits)
		return true;
	if (!number)
		number = (const char *)line_read(app, (const char *)arena_printf(&app->arena, "The number of %d digits that is shown there: ",
			started->match_digits).p).p;
	if (number && strlen(number) == (size_t)started->match_digits && rid_set_match_number(app->controller, number) == RID_OK)
		return true;
	say_failed(app, "The service provider shows a number of %d digits, which has to be given with --match.", started->match_digits);
	return false;
}

static bool scan_said(struct app *app)
{
	struct slice scan;

	if (!given(app, OPT_FACE_SCAN))
		return true;
	if (!file_read(app, given(app, OPT_FACE_SCAN), RID_FACE_SCAN_BYTES_MAX, &scan))
		return false;
	if (rid_set_face_scan(app->controller, scan.n ? scan.p : NULL, scan.n) == RID_OK)
		return true;
	say_failed(app, "That is too large for a scan.");
	return false;
}

bool phone_prepares(struct app *app, const rid_started *started)
{
	rid_want_tokens(app->controller, RID_TOKEN_ADD_OR_UPDATE_RECOVERY | RID_TOKEN_DELETE_RECOVERY);
	return number_said(app, started) && scan_said(app);
}
