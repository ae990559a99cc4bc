#include <stdlib.h>

#include "setup.h"

static const char *secrets_of(struct setup *s, const char *client)
{
	return PATH(s, "/admin/clients/%s/secrets", client);
}

/* A moment later than the first one: those of one millisecond come in no order. */
static struct answer secret_added(struct setup *s)
{
	struct answer a;

	fixture_advance(s->f, 1);
	a = post(s->f, secrets_of(s, s->first.client_id), "{\"name\":\"Oslo\"}");

	assert_status(a, 200);
	return a;
}

/* ---- add ---- */

static void added_secret_is_shown_once(void **state)
{
	struct setup *s = *state;
	struct answer a = secret_added(s), client = get(s->f, "/admin/clients/%s", s->first.client_id);

	assert_string_equal(text_of(a, "name"), "Oslo");
	assert_int_equal(strlen(text_of(a, "secret")), 48);
	assert_string_equal(text_of(client, "secrets.1.id"), text_of(a, "id"));
	assert_null(member(client, "secrets.1.secret"));
}

static void both_secrets_work(void **state)
{
	struct setup *s = *state;
	struct answer a = secret_added(s);

	assert_true(secret_works(s, s->first.client_id, text_of(a, "secret")));
	assert_true(secret_works(s, s->first.client_id, s->first.secret));
}

SQL(hash_of_last, "SELECT hash FROM client_secrets ORDER BY id DESC LIMIT 1");

static void store_holds_the_hash_alone(void **state)
{
	struct setup *s = *state;
	struct answer a = secret_added(s);
	uint8_t hash[SHA256_BYTES];
	struct tx *tx = store_read_begin(s->f->app.store);
	struct rows r;

	sha256(slice_text(text_of(a, "secret")), hash);
	must(sql_one(tx, &hash_of_last, NO_ARGS, &r));
	assert_slice_equal(col_bytes(&r, 0), slice_of(hash, sizeof(hash)));
	must(sql_close(&r));
	store_read_end(tx);
}

static void secret_fits_its_own_client_only(void **state)
{
	struct setup *s = *state;
	struct answer other = post(s->f, "/admin/clients", "{\"name\":\"Other\"}");

	assert_false(secret_works(s, text_of(other, "id"), s->first.secret));
	assert_false(secret_works(s, s->first.client_id, text_of(other, "secrets.0.secret")));
}

static void nearly_the_secret_is_not_enough(void **state)
{
	struct setup *s = *state;

	s->first.secret[47] = s->first.secret[47] == 'a' ? 'b' : 'a';
	assert_false(secret_works(s, s->first.client_id, s->first.secret));
	assert_false(secret_works(s, s->first.client_id, ""));
}

static void name_is_needed(void **state)
{
	struct setup *s = *state;

	assert_invalid(post(s->f, secrets_of(s, s->first.client_id), "{}"), "name");
	assert_invalid(post(s->f, secrets_of(s, s->first.client_id), "{\"name\":\"%0101d\"}", 1), "name");
}

static void secret_of_an_unknown_client_is_refused(void **state)
{
	struct setup *s = *state;

	assert_problem(post(s->f, secrets_of(s, "org-x"), "{\"name\":\"x\"}"), 404, "api_client_does_not_exist");
}

static void adding_is_recorded(void **state)
{
	struct setup *s = *state;
	struct answer a = secret_added(s);

	assert_last_fact(s, number_of_account(s, s->first.account_id), "ADMIN_SECRET_CREATED", text_of(a, "id"),
		PATH(s, "{\"clientId\":\"%s\"}", s->first.client_id));
}

/* ---- remove ---- */

static void other_secret_goes_on_working(void **state)
{
	struct setup *s = *state;
	struct answer a = secret_added(s), client = get(s->f, "/admin/clients/%s", s->first.client_id);

	assert_status(del(s->f, "%s/%s", secrets_of(s, s->first.client_id), text_of(client, "secrets.0.id")), 204);
	assert_false(secret_works(s, s->first.client_id, s->first.secret));
	assert_true(secret_works(s, s->first.client_id, text_of(a, "secret")));
}

static void last_secret_can_be_removed(void **state)
{
	struct setup *s = *state;
	struct answer client = get(s->f, "/admin/clients/%s", s->first.client_id);

	assert_status(del(s->f, "%s/%s", secrets_of(s, s->first.client_id), text_of(client, "secrets.0.id")), 204);
	assert_false(secret_works(s, s->first.client_id, s->first.secret));
	assert_int_equal(json_array_size(member(get(s->f, "/admin/clients/%s", s->first.client_id), "secrets")), 0);
}

static void secret_of_another_client_is_not_removed(void **state)
{
	struct setup *s = *state;
	struct answer other = post(s->f, "/admin/clients", "{\"name\":\"Other\"}");

	assert_problem(del(s->f, "%s/%s", secrets_of(s, s->first.client_id), text_of(other, "secrets.0.id")), 404, "secret_does_not_exist");
	assert_true(secret_works(s, text_of(other, "id"), text_of(other, "secrets.0.secret")));
}

static void unknown_secret(void **state)
{
	struct setup *s = *state;
	const char *id = "00000000-0000-7000-8000-000000000000";

	assert_problem(del(s->f, "%s/%s", secrets_of(s, s->first.client_id), id), 404, "secret_does_not_exist");
	assert_problem(del(s->f, "%s/%s", secrets_of(s, "org-x"), id), 404, "api_client_does_not_exist");
	assert_invalid(del(s->f, "%s/none", secrets_of(s, s->first.client_id)), "secretId");
}

static void removal_is_recorded(void **state)
{
	struct setup *s = *state;
	const char *id = text_of(get(s->f, "/admin/clients/%s", s->first.client_id), "secrets.0.id");

	del(s->f, "%s/%s", secrets_of(s, s->first.client_id), id);
	assert_last_fact(s, number_of_account(s, s->first.account_id), "ADMIN_SECRET_DELETED", id,
		PATH(s, "{\"clientId\":\"%s\"}", s->first.client_id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		USUAL(added_secret_is_shown_once),
		USUAL(both_secrets_work),
		USUAL(store_holds_the_hash_alone),
		USUAL(secret_fits_its_own_client_only),
		USUAL(nearly_the_secret_is_not_enough),
		USUAL(name_is_needed),
		USUAL(secret_of_an_unknown_client_is_refused),
		USUAL(adding_is_recorded),
		USUAL(other_secret_goes_on_working),
		USUAL(last_secret_can_be_removed),
		USUAL(secret_of_another_client_is_not_removed),
		USUAL(unknown_secret),
		USUAL(removal_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
