#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/encode.h"
#include "crypto/p256.h"

/* ---- the world ---- */

static void world_random(struct phone *p, void *out, size_t n)
{
	uint8_t *at = out;

	for (; n; n--) {
		uint64_t z = p->seed += 0x9e3779b97f4a7c15;

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
		z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
		*at++ = (uint8_t)(z >> 56);
	}
}

static struct phone *phone_of(const struct env *env)
{
	return (struct phone *)(uintptr_t)env;
}

static int64_t server_now(const struct env *env)
{
	return phone_of(env)->now_ms;
}

static int64_t server_mono(const struct env *env)
{
	return phone_of(env)->mono_ms;
}

static void server_random(const struct env *env, void *p, size_t n)
{
	world_random(phone_of(env), p, n);
}

static int64_t app_now(void *world)
{
	struct phone *p = world;

	return p->now_ms + p->clock_error_ms;
}

static int64_t app_mono(void *world)
{
	return ((struct phone *)world)->mono_ms;
}

static void app_random(void *world, unsigned char *out, size_t n)
{
	world_random(world, out, n);
}

/* ---- storage ---- */

struct phone_file *phone_file(struct phone *p, const char *name)
{
	for (size_t i = 0; i < p->file_count; i++)
		if (strcmp(p->files[i].name, name) == 0)
			return &p->files[i];
	assert_true(p->file_count < FILES_MAX);
	snprintf(p->files[p->file_count].name, sizeof(p->files[0].name), "%s", name);
	return &p->files[p->file_count++];
}

static const rid_step *do_load(struct phone *p, const rid_step *s)
{
	const struct phone_file *f = phone_file(p, s->record.name);

	if (p->mishaps.storage_unavailable)
		return rid_loaded(p->c, RID_UNAVAILABLE, NULL, 0, 0);
	return f->there ? rid_loaded(p->c, RID_LOADED, f->bytes, f->n, f->generation) :
			  rid_loaded(p->c, RID_ABSENT, NULL, 0, f->generation);
}

static const rid_step *do_store(struct phone *p, const rid_step *s)
{
	struct phone_file *f = phone_file(p, s->record.name);

	if (++p->stores == p->mishaps.fail_store)
		return rid_stored(p->c, 0);
	f->there = s->kind == RID_STORE;
	if (f->there) {
		assert_true(s->record.n <= FILE_BYTES_MAX && s->record.generation > f->generation);
		memcpy(f->bytes, s->record.bytes, s->record.n);
		f->n = s->record.n;
		f->generation = s->record.generation;
	}
	return rid_stored(p->c, 1);
}

/* ---- keys of the app ---- */

static struct app_key *app_key(struct phone *p, const char *handle)
{
	for (size_t i = 0; i < APP_KEYS_MAX; i++)
		if (p->keys[i].there && strcmp(p->keys[i].handle, handle) == 0)
			return &p->keys[i];
	return NULL;
}

static const rid_step *do_make_key(struct phone *p, const rid_step *s)
{
	struct app_key *k = p->keys;

	if (p->mishaps.no_hardware_keys && s->key.hardware)
		return rid_key_failed(p->c, RID_KEY_BROKEN);
	assert_null(app_key(p, s->key.handle));
	while (k->there)
		k++;
	k->method = s->key.method;
	snprintf(k->handle, sizeof(k->handle), "%s", s->key.handle);
	k->there = true;
	k->hardware = s->key.hardware;
	p256_generate(&p->env, k->private_key, k->public_key);
	return rid_key_made(p->c, k->public_key, sizeof(k->public_key));
}

static void make_high(uint8_t *s)
{
	static const uint8_t order[32] = { 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6,
		0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51 };
	int borrow = 0;

	for (int i = 31; i >= 0; i--) {
		int digit = order[i] - s[i] - borrow;

		borrow = digit < 0;
		s[i] = (uint8_t)(digit + 256 * borrow);
	}
}

static size_t der_integer(const uint8_t *number, uint8_t *out)
{
	size_t skip = 0, pad;

	while (skip < 31 && number[skip] == 0)
		skip++;
	pad = number[skip] >> 7;
	out[0] = 2;
	out[1] = (uint8_t)(32 - skip + pad);
	out[2] = 0;
	memcpy(out + 2 + pad, number + skip, 32 - skip);
	return 2 + pad + 32 - skip;
}

static const rid_step *do_sign(struct phone *p, const rid_step *s)
{
	struct app_key *k = app_key(p, s->key.handle);
	struct slice message = slice_of(s->key.message, s->key.message_bytes);
	uint8_t signature[64], der[80];
	size_t n;

	if (p->mishaps.key_refused)
		return rid_key_failed(p->c, RID_KEY_REFUSED);
	if (!k || p->mishaps.key_gone)
		return rid_key_failed(p->c, RID_KEY_GONE);
	assert_ok(p256_sign(k->private_key, &message, 1, signature));
	if (p->mishaps.key_broken)
		signature[10] ^= 1;
	if (p->mishaps.high_s)
		make_high(signature + 32);
	if (!p->mishaps.der)
		return rid_signed(p->c, signature, sizeof(signature));
	n = der_integer(signature, der + 2);
	n += der_integer(signature + 32, der + 2 + n);
	der[0] = 0x30;
	der[1] = (uint8_t)n;
	return rid_signed(p->c, der, n + 2);
}

static const rid_step *do_drop_key(struct phone *p, const rid_step *s)
{
	struct app_key *k = app_key(p, s->key.handle);

	assert_non_null(k);
	k->there = false;
	return rid_stored(p->c, 1);
}

/* ---- network ---- */

static void flip(struct slice bytes, size_t bit)
{
	if (bytes.n)
		((uint8_t *)(uintptr_t)bytes.p)[bit / 8 % bytes.n] ^= (uint8_t)(1 << bit % 8);
}

static const rid_step *do_send(struct phone *p, const rid_step *s)
{
	struct slice request = arena_copy(&p->arena, slice_of(s->send.body, s->send.body_bytes)), answer;
	const struct mishaps *m = &p->mishaps;
	int number = ++p->messages, status;

	assert_string_equal(s->send.url, "http://phone.test/encap/device/v1");
	p->last_request_n = request.n;
	memcpy(p->last_request, request.p, request.n);
	if (number == m->flip_request)
		flip(request, m->flip_bit);
	if (number == m->lose_request)
		return rid_not_sent(p->c, RID_ERROR_NO_INTERNET);
	status = stand_in_post(&p->server, request, &p->arena, &answer);
	p->now_ms += 20;
	p->mono_ms += 20;
	if (number == m->lose_answer)
		return rid_not_sent(p->c, RID_ERROR_CONNECTION_TIMEOUT);
	if (number == m->stray_answer)
		return rid_sent(p->c, m->stray_status, (const unsigned char *)"<html>", 6);
	answer = arena_copy(&p->arena, answer);
	if (number == m->flip_answer)
		flip(answer, m->flip_bit);
	return rid_sent(p->c, status, answer.p, answer.n);
}

static const rid_step *do_wait(struct phone *p, const rid_step *s)
{
	p->now_ms += s->wait_ms;
	p->mono_ms += s->wait_ms;
	return rid_waited(p->c);
}

/* ---- surroundings ---- */

static const rid_step *do_attest(struct phone *p, const rid_step *s)
{
	p->attested++;
	memcpy(p->attest_hash, s->attest.hash, RID_HASH_BYTES);
	if (p->attestation.key_id || p->attestation.token)
		return rid_attested(p->c, &p->attestation);
	return rid_not_attested(p->c, p->platform_silent ? NULL : "FAILED_CLIENT_TIMEOUT", "none came");
}

static const rid_step *do_load_backup(struct phone *p, const rid_step *s)
{
	const struct phone_file *f = phone_file(p, s->record.name);

	if (p->mishaps.cloud_unavailable)
		return rid_backup_loaded(p->c, RID_UNAVAILABLE, NULL, 0);
	return f->there ? rid_backup_loaded(p->c, RID_LOADED, f->bytes, f->n) : rid_backup_loaded(p->c, RID_ABSENT, NULL, 0);
}

static const rid_step *do_back_up(struct phone *p, const rid_step *s)
{
	struct phone_file *f = phone_file(p, s->record.name);

	if (s->kind == RID_BACK_UP) {
		assert_true(s->record.n <= RID_BACKUP_BYTES_MAX);
		memcpy(p->last_backup, s->record.bytes, s->record.n);
		p->last_backup_n = s->record.n;
	}
	if (++p->stores == p->mishaps.fail_store || p->mishaps.cloud_unavailable)
		return rid_stored(p->c, 0);
	f->there = s->kind == RID_BACK_UP;
	if (f->there) {
		memcpy(f->bytes, s->record.bytes, s->record.n);
		f->n = s->record.n;
	}
	return rid_stored(p->c, 1);
}

static const rid_step *perform_around(struct phone *p, const rid_step *s)
{
	switch (s->kind) {
	case RID_ATTEST:
		return do_attest(p, s);
	case RID_LOCATE:
		p->located++;
		return rid_located(p->c, p->country ? RID_LOCATION_OK : RID_LOCATION_TIMEOUT, p->country);
	case RID_AWAIT_PUSH:
		p->pushes_awaited++;
		return rid_push_came(p->c, p->push_nonce);
	case RID_LOAD_BACKUP:
		return do_load_backup(p, s);
	default:
		return do_back_up(p, s);
	}
}

/* ---- all of it ---- */

static const rid_step *perform_one(struct phone *p, const rid_step *s)
{
	switch (s->kind) {
	case RID_SEND:
		return do_send(p, s);
	case RID_LOAD:
		return do_load(p, s);
	case RID_STORE:
	case RID_ERASE:
		return do_store(p, s);
	case RID_MAKE_KEY:
		return do_make_key(p, s);
	case RID_SIGN:
		return do_sign(p, s);
	case RID_DROP_KEY:
		return do_drop_key(p, s);
	case RID_WAIT:
		return do_wait(p, s);
	default:
		return perform_around(p, s);
	}
}

const rid_step *perform(struct phone *p, const rid_step *s)
{
	while (s && rid_step_is_work(s)) {
		if (++p->steps == p->mishaps.die_at) {
			p->dead = true;
			return NULL;
		}
		s = perform_one(p, s);
	}
	return s;
}

const rid_step *perform_patiently(struct phone *p, const rid_step *s)
{
	s = perform(p, s);
	for (int tries = 0; tries < 3 && s && s->kind == RID_FAILED && s->failure.repeatable; tries++)
		s = perform(p, rid_repeat(p->c));
	return s;
}

int phone_restart(struct phone *p)
{
	const rid_step *s;
	int error;

	rid_close(p->c);
	p->c = rid_open(&p->config, "default", &error);
	assert_non_null(p->c);
	s = perform(p, rid_load(p->c));
	return s && s->kind == RID_FAILED ? s->failure.number : 0;
}

static void public_key_text(const uint8_t *key, char *out)
{
	struct arena a = { 0 };
	uint8_t spki[X25519_SPKI_BYTES];

	x25519_spki_write(key, spki);
	memcpy(out, arena_cstr(&a, b64(&a, slice_of(spki, sizeof(spki)))), 61);
	arena_free(&a);
}

struct phone *phone_new(void)
{
	static const unsigned char storage_key[RID_STORAGE_KEY_BYTES] = "a key out of the key store";
	struct phone *p = xalloc(sizeof(*p));

	p->env = (struct env){ server_now, server_mono, server_random };
	p->now_ms = PHONE_START_MS;
	p->seed = 1;
	stand_in_open(&p->server, &p->env);
	public_key_text(p->server.public_key, p->public_key);
	p->server.code = "123456";
	p->config = (struct rid_config){ .server_url = "http://phone.test/encap/", .application_id = p->server.application,
		.public_key = p->public_key, .os = "Android", .device_hash = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
		.storage_key = storage_key, .now_ms = app_now, .mono_ms = app_mono, .random = app_random, .world = p };
	assert_int_equal(phone_restart(p), 0);
	return p;
}

void phone_free(struct phone *p)
{
	rid_close(p->c);
	stand_in_close(&p->server);
	arena_free(&p->arena);
	free(p);
}

/* ---- what is expected ---- */

static void assert_kind(const rid_step *step, enum rid_step_kind kind)
{
	assert_non_null(step);
	if (step->kind == RID_FAILED && kind != RID_FAILED)
		fail_msg("failed: %d %s (%s)", step->failure.number, step->failure.title, step->failure.description);
	assert_int_equal(step->kind, kind);
}

void assert_done(const rid_step *step)
{
	assert_kind(step, RID_DONE);
}

void assert_shown(const rid_step *step)
{
	assert_kind(step, RID_SHOW);
}

void assert_failed(const rid_step *step, int number)
{
	assert_kind(step, RID_FAILED);
	assert_int_equal(step->failure.number, number);
	assert_string_equal(step->failure.title, rid_error_title(number));
}
