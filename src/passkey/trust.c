/* Roots and metadata that attestations are held against: from files, read when the server starts. */
#include "crypto/pem.h"
#include "passkey/internal.h"

enum { ROOTS_MAX = 256 };

static err read_roots(struct passkeys *p, struct slice text)
{
	p->roots = arena_array(&p->arena, struct slice, ROOTS_MAX);
	return pem_certificates(&p->arena, text, p->roots, ROOTS_MAX, &p->root_count);
}

static err load_metadata(struct app *app, struct passkeys *p, const struct settings *s)
{
	struct passkeys roots = { .root_count = 0 };
	struct slice blob, pem;
	struct error e;

	TRY(file_read(&p->arena, s->passkey_metadata, &blob));
	TRY(file_read(&p->arena, s->passkey_metadata_root, &pem));
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
		e = file_read(&p->arena, s->passkey_roots, &text);
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
