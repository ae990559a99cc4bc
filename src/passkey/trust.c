/* Roots and metadata that attestations are held against: from files, read when the server starts. */
#include <stdio.h>

#include "codec/encode.h"
#include "passkey/internal.h"

enum { FILE_BYTES_MAX = 64 * 1024 * 1024, ROOTS_MAX = 256 };

static err read_file(struct arena *a, const char *path, struct slice *ret)
{
	FILE *f = fopen(path, "rbe");
	struct buf b = buf_arena(a, FILE_BYTES_MAX);
	uint8_t bytes[16 * 1024];
	size_t n;
	bool good;

	ENSURE(f, IO);
	while ((n = fread(bytes, 1, sizeof(bytes), f)) > 0)
		buf_add(&b, bytes, n);
	good = !ferror(f);
	fclose(f);
	ENSURE(good && !failed(buf_ok(&b)), IO);
	*ret = buf_bytes(&b);
	return OK;
}

/* What stands between two lines of PEM, without its white space. */
static err read_pem(struct arena *a, struct slice body, struct slice *ret_der)
{
	struct buf b = buf_arena(a, body.n + 1);

	for (size_t i = 0; i < body.n; i++)
		if (body.p[i] > ' ')
			buf_byte(&b, body.p[i]);
	return b64_read(a, buf_bytes(&b), ret_der);
}

static err read_roots(struct passkeys *p, struct slice text)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----", end[] = "-----END CERTIFICATE-----";

	p->roots = arena_array(&p->arena, struct slice, ROOTS_MAX);
	for (;;) {
		const uint8_t *from = memmem(text.p, text.n, begin, sizeof(begin) - 1), *to;

		if (!from)
			return OK;
		from += sizeof(begin) - 1;
		to = memmem(from, (size_t)(text.p + text.n - from), end, sizeof(end) - 1);
		ENSURE(to && p->root_count < ROOTS_MAX, CONFIG);
		TRY(read_pem(&p->arena, slice_of(from, (size_t)(to - from)), &p->roots[p->root_count++]));
		text = slice_of(to, (size_t)(text.p + text.n - to));
	}
}

static err load_metadata(struct app *app, struct passkeys *p, const struct settings *s)
{
	struct passkeys roots = { .root_count = 0 };
	struct slice blob, pem;
	struct error e;

	TRY(read_file(&p->arena, s->passkey_metadata, &blob));
	TRY(read_file(&p->arena, s->passkey_metadata_root, &pem));
	e = read_roots(&roots, pem);
	if (!failed(e) && roots.root_count != 1)
		e = FAIL(CONFIG);
	if (!failed(e))
		e = metadata_read(blob, roots.roots[0], env_now_ms(app->env), &p->metadata);
	arena_free(&roots.arena);
	return e;
}

err trust_load(struct app *app, struct passkeys *p)
{
	const struct settings *s = app_settings(app);
	struct error e = OK;
	struct slice text;

	if (*s->passkey_roots) {
		e = read_file(&p->arena, s->passkey_roots, &text);
		if (!failed(e))
			e = read_roots(p, text);
	}
	if (!failed(e) && *s->passkey_metadata)
		e = load_metadata(app, p, s);
	if (failed(e))
		log_line(app->log, LOG_ERROR, "roots or metadata of authenticators cannot be read", LOG_E(e));
	else if (p->metadata)
		log_line(app->log, LOG_INFO, "metadata of authenticators", LOG_I("kinds", (int64_t)metadata_count(p->metadata)));
	return e;
}
