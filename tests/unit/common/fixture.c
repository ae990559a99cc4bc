#include "tests/unit/common/fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "http/trace.h"

void must(struct error e)
{
	if (failed(e))
		fail_msg("%s", err_info(e.code)->name);
}

/* ---- the outside world ---- */

static int64_t fixture_now(const struct env *env)
{
	return atomic_load(&((const struct fixture_env *)env)->now_ms);
}

static int64_t fixture_mono(const struct env *env)
{
	return atomic_load(&((const struct fixture_env *)env)->mono_ms);
}

/* SplitMix64, each call of any thread with a number of its own. */
static void fixture_random(const struct env *env, void *p, size_t n)
{
	struct fixture_env *world = (struct fixture_env *)(uintptr_t)env;
	uint8_t *out = p;

	while (n) {
		uint64_t z = atomic_fetch_add(&world->seed, 0x9e3779b97f4a7c15) + 0x9e3779b97f4a7c15;
		size_t part = n < sizeof(z) ? n : sizeof(z);

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
		z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
		z ^= z >> 31;
		memcpy(out, &z, part);
		out += part;
		n -= part;
	}
}

void fixture_advance(struct fixture *f, int64_t ms)
{
	atomic_fetch_add(&f->env.now_ms, ms);
	atomic_fetch_add(&f->env.mono_ms, ms);
}

/* ---- life ---- */

static void apply_settings(struct fixture *f, const char *const *settings)
{
	settings_defaults(&f->settings);
	for (; *settings; settings++) {
		struct slice value = slice_text(*settings), name = slice_cut(&value, '='), why;
		const struct setting *setting = setting_find(name);

		assert_non_null(setting);
		must(settings_set(&f->settings, setting, value, &f->arena, &why));
	}
}

static void open_store(struct fixture *f)
{
	struct store_config config = {
		.env = f->app.env, .log = &f->log, .dir = f->dir, .readers_max = (int)f->settings.readers_max,
		.batch_jobs_max = 256 };

	must(store_open(&config, &f->app.store));
}

static void choose_directory(struct fixture *f, const char *data)
{
	f->own_dir = !data;
	if (data)
		snprintf(f->dir, sizeof(f->dir), "%s", data);
	else
		/* In memory where that is possible: what these tests are about is not the disk. */
		snprintf(f->dir, sizeof(f->dir), "%s/fixture-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	assert_true(data || mkdtemp(f->dir));
}

struct fixture *fixture_new(const struct fixture_options *options)
{
	static const struct fixture_options usual;
	static const uint8_t master[MASTER_KEY_BYTES] = "a master key that guards nothing";
	struct fixture *f = xalloc(sizeof(*f));

	if (!options)
		options = &usual;
	f->env = (struct fixture_env){ { fixture_now, fixture_mono, fixture_random }, FIXTURE_START_MS, 1000,
		options->seed ? options->seed : 1 };
	f->app.env = options->system_env ? &env_system : &f->env.env;
	f->log = (struct log){ .env = f->app.env, .fd = getenv("TEST_LOG") ? 2 : open("/dev/null", O_WRONLY | O_CLOEXEC) };
	apply_settings(f, options->settings);
	f->app.settings = &f->settings;
	f->app.log = &f->log;
	f->app.metrics = &f->metrics;
	f->app.public_url = "http://localhost:8080";
	f->app.keyring = keyring_new(master);
	choose_directory(f, options->data);
	open_store(f);
	return f;
}

void fixture_serve(struct fixture *f, const struct route_table *const *tables, size_t table_count,
	struct error (*authenticate)(struct op *op, struct slice token, struct slice wanted))
{
	assert_null(f->api);
	f->api = api_new(&(struct api_config){
		.app = &f->app, .tables = tables, .table_count = table_count, .authenticate = authenticate });
}

void fixture_reopen(struct fixture *f)
{
	store_close(f->app.store);
	open_store(f);
}

static void remove_directory(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

void fixture_free(struct fixture *f)
{
	store_close(f->app.store);
	api_free(f->api);
	keyring_free(f->app.keyring);
	for (size_t i = 0; i < f->body_count; i++)
		json_decref(f->bodies[i]);
	free(f->bodies);
	arena_free(&f->arena);
	if (f->own_dir)
		remove_directory(f->dir);
	if (f->log.fd > 2)
		close(f->log.fd);
	free(f);
}

/* ---- requests ---- */

static void add_header(struct http_request *req, const char *name, struct slice value)
{
	req->headers[req->header_count++] = (struct http_header){ slice_text(name), value };
}

static void fill_headers(struct http_request *req, const struct from *from)
{
	req->headers = arena_array(&req->arena, struct http_header, from->header_count + 2);
	for (size_t i = 0; i < from->header_count; i++)
		req->headers[req->header_count++] = from->headers[i];
	if (from->token)
		add_header(req, "Authorization", arena_printf(&req->arena, "Bearer %s", from->token));
	if (req->body.n && !(from->type && !*from->type))
		add_header(req, "Content-Type", slice_text(from->type ? from->type : "application/json"));
}

/* The body of the answer, parsed; NULL when it is none. */
static json_t *keep_body(struct fixture *f, struct slice text)
{
	json_t *body = json_loadb((const char *)text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);

	f->bodies = xrealloc(f->bodies, (f->body_count + 1) * sizeof(json_t *));
	f->bodies[f->body_count++] = body;
	return body;
}

static struct answer keep_answer(struct fixture *f, const struct http_request *req)
{
	const struct http_reply *reply = &req->reply;
	struct http_header *headers = arena_array(&f->arena, struct http_header, reply->header_count);
	struct answer answer = { .fixture = f, .status = reply->status, .headers = headers, .header_count = reply->header_count };

	for (size_t i = 0; i < reply->header_count; i++)
		headers[i] = (struct http_header){
			arena_copy(&f->arena, reply->headers[i].name), arena_copy(&f->arena, reply->headers[i].value) };
	answer.text = arena_copy(&f->arena, reply->body);
	answer.body = answer.text.n ? keep_body(f, answer.text) : NULL;
	return answer;
}

struct answer fixture_send(struct fixture *f, const struct from *from, enum http_method method, const char *target, struct slice body)
{
	const char *peer = from->peer ? from->peer : from->local ? "local" : "192.0.2.1";
	struct http_request req = { .method = (int)method, .local = from->local, .peer = slice_text(peer), .body = body };
	struct slice rest = slice_text(target);
	struct answer answer;

	arena_init(&req.arena);
	req.path = slice_cut(&rest, '?');
	req.query = rest;
	fill_headers(&req, from);
	trace_begin(&req, f->app.env);
	api_run(f->api, &req);
	answer = keep_answer(f, &req);
	arena_free_secret(&req.arena);
	return answer;
}

struct answer fixture_request(struct fixture *f, const struct from *from, enum http_method method, const char *target, const char *body)
{
	return fixture_send(f, from, method, target, slice_text(body));
}

/* printf into the fixture's arena, with the arguments behind `last`. */
#define FORMATTED(f, format, last, ret_text)                                     \
	do {                                                                     \
		va_list args_;                                                   \
		va_start(args_, last);                                           \
		(ret_text) = (const char *)arena_vprintf(&(f)->arena, format, args_).p; \
		va_end(args_);                                                   \
	} while (0)

static const struct from operator = { .local = true };

struct answer get(struct fixture *f, const char *target, ...)
{
	const char *text;

	FORMATTED(f, target, target, text);
	return fixture_request(f, &operator, HTTP_GET, text, NULL);
}

struct answer del(struct fixture *f, const char *target, ...)
{
	const char *text;

	FORMATTED(f, target, target, text);
	return fixture_request(f, &operator, HTTP_DELETE, text, NULL);
}

struct answer post(struct fixture *f, const char *target, const char *body, ...)
{
	const char *text;

	FORMATTED(f, body, body, text);
	return fixture_request(f, &operator, HTTP_POST, target, text);
}

struct answer patch(struct fixture *f, const char *target, const char *body, ...)
{
	const char *text;

	FORMATTED(f, body, body, text);
	return fixture_request(f, &operator, HTTP_PATCH, target, text);
}

/* ---- answers ---- */

const char *answer_header(const struct answer *answer, const char *name)
{
	for (size_t i = 0; i < answer->header_count; i++)
		if (slice_ieq(answer->headers[i].name, slice_text(name)))
			return (const char *)answer->headers[i].value.p;
	return "";
}

json_t *member(struct answer answer, const char *path)
{
	struct slice rest = slice_text(path);
	json_t *at = answer.body;

	while (at && rest.n) {
		struct slice part = slice_cut(&rest, '.');
		uint64_t index;

		if (json_is_array(at) && !failed(slice_u64(part, &index)))
			at = json_array_get(at, (size_t)index);
		else
			at = json_object_get(at, arena_cstr(&answer.fixture->arena, part));
	}
	return at;
}

const char *text_of(struct answer answer, const char *path)
{
	json_t *value = member(answer, path);

	if (!json_is_string(value))
		fail_msg("no text %s in: %.*s", path, FMT(answer.text));
	return json_string_value(value);
}

void assert_status(struct answer answer, int status)
{
	if (answer.status != status)
		fail_msg("%d, not %d: %.*s", answer.status, status, FMT(answer.text));
}

void assert_problem(struct answer answer, int status, const char *code)
{
	assert_status(answer, status);
	assert_string_equal(text_of(answer, "code"), code);
	assert_int_equal(json_integer_value(member(answer, "status")), status);
	assert_int_equal(strlen(text_of(answer, "traceId")), 32);
}

void assert_invalid(struct answer answer, const char *parameter)
{
	json_t *entry;
	size_t i;

	assert_problem(answer, answer.status == 422 ? 422 : 400, "invalid_request_parameter");
	json_array_foreach(member(answer, "invalidParams"), i, entry)
		if (strcmp(json_string_value(json_object_get(entry, "name")), parameter) == 0)
			return;
	fail_msg("%s is not among the faults: %.*s", parameter, FMT(answer.text));
}

int64_t fixture_number(struct fixture *f, const struct sql *sql)
{
	struct tx *tx = store_read_begin(f->app.store);
	struct rows r;
	int64_t value;

	must(sql_one(tx, sql, NO_ARGS, &r));
	value = col_int(&r, 0);
	must(sql_close(&r));
	store_read_end(tx);
	return value;
}
