/*
 * Evidence as a file: a bundle of a consent signature, and an export of the audit log with its checkpoint. Any byte that is changed, and
 * any that is missing, is found.
 */
#include "audit/audit.h"
#include "tests/unit/device/scene.h"

#define JWKS "/auth/open/.well-known/openid-configuration/jwks"
#define CONTEXT ",\"operationProperties\":{\"preOperationContext\":{\"title\":\"T\",\"content\":\"Pay 1\",\"mimeType\":\"text/plain\"}}"

struct kept {
	struct scene *c;
	struct jwks *keys;
	struct slice bundle;
	struct arena a; /* of the checks */
};

static struct kept *kept_new(struct site *s)
{
	struct kept *k = xalloc(sizeof(*k));
	struct answer answer;

	k->c = scene_new(s);
	arena_init(&k->a);
	scene_registered(k->c);
	answer = start_signature(s, k->c->user, k->c->device, CONTEXT);
	k->c->operation = text_of(answer, "transactionId");
	assert_ok_reply(phone_approve(k->c->p, PIN));
	answer = ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/signatures/%s/evidence", k->c->operation), NULL);
	assert_status(answer, 200);
	k->bundle = answer.text;
	must(jwks_read(ask(s->w, HTTP_GET, JWKS, NULL).text, &s->f->arena, &k->keys));
	return k;
}

static void kept_free(struct kept *k)
{
	jwks_free(k->keys);
	arena_free(&k->a);
	scene_free(k->c);
	free(k);
}

static bool consent_holds(struct kept *k, struct slice bundle)
{
	struct consent_verdict verdict;
	struct arena a;
	bool good;

	arena_init(&a);
	consent_verify(k->keys, bundle, &a, &verdict);
	good = !verdict.fault.n;
	arena_free(&a);
	return good;
}

static bool export_holds(struct kept *k, struct slice export, struct slice checkpoint)
{
	struct audit_verdict verdict;
	struct arena a;
	bool good;

	arena_init(&a);
	audit_export_verify(k->keys, export, checkpoint, &a, &verdict);
	good = !verdict.fault.n;
	arena_free(&a);
	return good;
}

static uint8_t *copy_of(struct slice text)
{
	uint8_t *copy = malloc(text.n + 1);

	memcpy(copy, text.p, text.n);
	return copy;
}

static void bundle_holds(void **state)
{
	struct kept *k = kept_new(*state);

	assert_true(consent_holds(k, k->bundle));
	kept_free(k);
}

/* Each byte turned by one bit, which bit depending on the place, so that all of them have their turn. */
static void any_byte_of_a_bundle(void **state)
{
	struct kept *k = kept_new(*state);
	uint8_t *copy = copy_of(k->bundle);

	for (size_t i = 0; i < k->bundle.n; i++) {
		copy[i] ^= (uint8_t)(1u << (i + i / 7) % 8);
		if (consent_holds(k, slice_of(copy, k->bundle.n)))
			fail_msg("byte %zu of %zu: %.20s", i, k->bundle.n, (const char *)k->bundle.p + i);
		copy[i] = k->bundle.p[i];
	}
	assert_true(consent_holds(k, slice_of(copy, k->bundle.n)));
	free(copy);
	kept_free(k);
}

static void a_byte_less_or_more(void **state)
{
	struct kept *k = kept_new(*state);
	uint8_t *copy = copy_of(k->bundle);

	for (size_t i = 0; i < k->bundle.n; i += 5) {
		memcpy(copy, k->bundle.p, i);
		memcpy(copy + i, k->bundle.p + i + 1, k->bundle.n - i - 1);
		assert_false(consent_holds(k, slice_of(copy, k->bundle.n - 1)));
		memcpy(copy + i + 1, k->bundle.p + i, k->bundle.n - i);
		copy[i] = ' ';
		assert_false(consent_holds(k, slice_of(copy, k->bundle.n + 1)));
	}
	free(copy);
	kept_free(k);
}

static struct slice checkpoint_of(struct kept *k, int64_t *ret_size)
{
	struct answer answer = ask(k->c->s->w, HTTP_GET, "/audit/checkpoints?limit=1", NULL);

	assert_status(answer, 200);
	*ret_size = json_integer_value(member(answer, "data.0.size"));
	return slice_text(text_of(answer, "data.0.checkpoint"));
}

static void any_byte_of_an_export_and_of_its_checkpoint(void **state)
{
	struct kept *k = kept_new(*state);
	int64_t size;
	struct slice checkpoint = checkpoint_of(k, &size);
	struct slice export = ask(k->c->s->w, HTTP_GET, TEXT(k->c->s->w, "/audit/export?size=%lld", (long long)size), NULL).text;
	uint8_t *copy = copy_of(export), *token = copy_of(checkpoint);

	assert_true(export_holds(k, export, checkpoint));
	for (size_t i = 0; i < export.n; i++) {
		copy[i] ^= (uint8_t)(1u << (i + i / 7) % 8);
		if (export_holds(k, slice_of(copy, export.n), checkpoint))
			fail_msg("byte %zu of %zu: %.20s", i, export.n, (const char *)export.p + i);
		copy[i] = export.p[i];
	}
	for (size_t i = 0; i < checkpoint.n; i++) {
		token[i] ^= (uint8_t)(1u << (i + i / 7) % 8);
		assert_false(export_holds(k, export, slice_of(token, checkpoint.n)));
		token[i] = checkpoint.p[i];
	}
	free(copy);
	free(token);
	kept_free(k);
}

/* With the setting, the PIN's part rides along, and is checked too. */
static void with_the_pin(void **state)
{
	struct site *s = *state;
	struct kept *k = kept_new(s);
	struct slice bundle;

	assert_null(memmem(k->bundle.p, k->bundle.n, "\"pin\":{", 7));
	s->f->settings.evidence_with_pin = true;
	bundle = ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/signatures/%s/evidence", k->c->operation), NULL).text;
	s->f->settings.evidence_with_pin = false;
	assert_non_null(memmem(bundle.p, bundle.n, "\"pin\":{", 7));
	assert_true(consent_holds(k, bundle));
	kept_free(k);
}

/* Keys of another service prove nothing. */
static void other_keys(void **state)
{
	struct kept *k = kept_new(*state);
	struct fixture_options options = { .seed = 4711 };
	struct world *w = world_new(&options, NULL, 0);
	struct jwks *own = k->keys;

	must(jwks_read(ask(w, HTTP_GET, JWKS, NULL).text, &w->f->arena, &k->keys));
	assert_false(consent_holds(k, k->bundle));
	jwks_free(k->keys);
	k->keys = own;
	world_free(w);
	kept_free(k);
}

static void gone_with_the_user(void **state)
{
	struct site *s = *state;
	struct kept *k = kept_new(s);

	assert_status(ask(s->w, HTTP_PATCH, TEXT(s->w, "/reuseid/core/users/%s", k->c->user), "{\"state\":\"LOCKED\"}"), 200);
	assert_status(ask(s->w, HTTP_DELETE, TEXT(s->w, "/reuseid/core/users/%s", k->c->user), NULL), 204);
	assert_problem(ask(s->w, HTTP_GET, TEXT(s->w, BASE_PATH "/signatures/%s/evidence", k->c->operation), NULL), 404, "evidence_does_not_exist");
	assert_true(consent_holds(k, k->bundle)); /* the one that was exported is the customer's */
	kept_free(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(bundle_holds),
		SITE_TEST(any_byte_of_a_bundle),
		SITE_TEST(a_byte_less_or_more),
		SITE_TEST(any_byte_of_an_export_and_of_its_checkpoint),
		SITE_TEST(with_the_pin),
		SITE_TEST(other_keys),
		SITE_TEST(gone_with_the_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
