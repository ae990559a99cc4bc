#include <stdlib.h>

#include "setup.h"

static struct answer client_made(struct setup *s, const char *members)
{
	struct answer a = post(s->f, "/admin/clients", "{\"accountId\":\"%s\",\"name\":\"Shop\"%s}", s->first.account_id, members);

	assert_status(a, 200);
	return a;
}

static const char *first_client(struct setup *s)
{
	return PATH(s, "/admin/clients/%s", s->first.client_id);
}

static const struct client_info *info_of(const struct snapshot *snapshot, const char *id)
{
	const struct client_info *info = snapshot_client(snapshot, slice_text(id));

	assert_non_null(info);
	return info;
}

/* "sandbox-round-apple-123" */
static bool is_client_id(const char *id, const char *where)
{
	struct slice rest = slice_text(id), front = slice_cut(&rest, '-');
	struct slice adjective = slice_cut(&rest, '-'), noun = slice_cut(&rest, '-');
	uint64_t number;

	return slice_is(front, where) && adjective.n && noun.n && rest.n == 3 && !failed(slice_u64(rest, &number));
}

/* ---- create ---- */

static void id_tells_where_the_client_works(void **state)
{
	struct setup *s = *state;
	const char *production = account_made(s, "production");
	struct answer other = post(s->f, "/admin/clients", "{\"accountId\":\"%s\",\"name\":\"Shop\"}", production);
	struct answer everywhere = post(s->f, "/admin/clients", "{\"name\":\"Shop\"}");

	assert_true(is_client_id(text_of(client_made(s, ""), "id"), "sandbox"));
	assert_true(is_client_id(text_of(other, "id"), "prod"));
	assert_true(is_client_id(text_of(everywhere, "id"), "org"));
}

static void first_secret_is_shown_and_works(void **state)
{
	struct setup *s = *state;
	struct answer a = client_made(s, "");
	const char *secret = text_of(a, "secrets.0.secret");

	assert_int_equal(strlen(secret), 48);
	assert_int_equal(strspn(secret, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), 48);
	assert_true(secret_works(s, text_of(a, "id"), secret));
}

static void standards_of_a_new_client(void **state)
{
	struct setup *s = *state;
	struct answer a = client_made(s, "");

	assert_true(json_is_true(member(a, "enabled")));
	assert_int_equal(json_integer_value(member(a, "tokenLifetimeSeconds")), 600);
	assert_int_equal(json_array_size(member(a, "products")), 0);
	assert_string_equal(text_of(a, "accountId"), s->first.account_id);
	assert_string_equal(text_of(a, "created"), "2026-01-01T00:00:00.000Z");
}

static void client_of_an_account_is_bound_to_it(void **state)
{
	struct setup *s = *state;
	const char *id = text_of(client_made(s, ""), "id");
	const struct snapshot *snapshot = accounts_hold(&s->f->app);

	assert_non_null(info_of(snapshot, id)->account);
	assert_slice_equal(info_of(snapshot, id)->account->id, slice_text(s->first.account_id));
	accounts_release(snapshot);
}

static void client_without_an_account_is_the_organisation_s(void **state)
{
	struct setup *s = *state;
	struct answer a = post(s->f, "/admin/clients", "{\"name\":\"Shop\"}");
	const struct snapshot *snapshot = accounts_hold(&s->f->app);

	assert_null(member(a, "accountId"));
	assert_null(info_of(snapshot, text_of(a, "id"))->account);
	assert_int_equal(info_of(snapshot, text_of(a, "id"))->organisation, info_of(snapshot, s->first.client_id)->organisation);
	accounts_release(snapshot);
}

/* An empty variable in a script must not make a client that may do everything everywhere. */
static void empty_account_is_not_the_organisation(void **state)
{
	struct setup *s = *state;

	assert_invalid(post(s->f, "/admin/clients", "{\"name\":\"Shop\",\"accountId\":\"\"}"), "accountId");
	assert_invalid(post(s->f, "/admin/clients", "{\"name\":\"Shop\",\"accountId\":null}"), "accountId");
}

static void client_of_an_unknown_account_is_refused(void **state)
{
	struct setup *s = *state;

	assert_problem(post(s->f, "/admin/clients", "{\"name\":\"Shop\",\"accountId\":\"a-spge-x\"}"), 404, "account_does_not_exist");
}

static void without_an_organisation_there_is_no_client(void **state)
{
	struct setup *s = *state;

	assert_problem(post(s->f, "/admin/clients", "{\"name\":\"Shop\"}"), 404, "organisation_does_not_exist");
}

static void name_is_needed(void **state)
{
	struct setup *s = *state;

	assert_invalid(post(s->f, "/admin/clients", "{}"), "name");
	assert_invalid(post(s->f, "/admin/clients", "{\"name\":\"\"}"), "name");
	assert_invalid(post(s->f, "/admin/clients", "{\"name\":\"%0101d\"}", 1), "name");
}

static void token_lifetime_has_bounds(void **state)
{
	struct setup *s = *state;

	assert_int_equal(json_integer_value(member(client_made(s, ",\"tokenLifetimeSeconds\":1"), "tokenLifetimeSeconds")), 1);
	assert_int_equal(json_integer_value(member(client_made(s, ",\"tokenLifetimeSeconds\":3600"), "tokenLifetimeSeconds")), 3600);
	assert_invalid(post(s->f, "/admin/clients", "{\"name\":\"x\",\"tokenLifetimeSeconds\":0}"), "tokenLifetimeSeconds");
	assert_invalid(post(s->f, "/admin/clients", "{\"name\":\"x\",\"tokenLifetimeSeconds\":3601}"), "tokenLifetimeSeconds");
}

static void products_are_told_in_the_order_of_the_list(void **state)
{
	struct setup *s = *state;
	struct answer a = client_made(s, ",\"products\":[\"audit api\",\"ReuseID Passkey API\",\"Audit API\"]");

	assert_int_equal(json_array_size(member(a, "products")), 2);
	assert_string_equal(text_of(a, "products.0"), "ReuseID Passkey API");
	assert_string_equal(text_of(a, "products.1"), "Audit API");
}

static void products_give_permissions(void **state)
{
	struct setup *s = *state;
	const char *id = text_of(client_made(s, ",\"products\":[\"Audit API\"]"), "id");
	const struct snapshot *snapshot = accounts_hold(&s->f->app);

	assert_int_equal(info_of(snapshot, id)->products, BIT(PRODUCT_AUDIT_API));
	assert_int_equal(info_of(snapshot, id)->permissions, BIT(AUDIT_READ));
	accounts_release(snapshot);
}

static void all_stands_for_every_product(void **state)
{
	struct setup *s = *state;

	assert_int_equal(json_array_size(member(client_made(s, ",\"products\":[\"all\"]"), "products")), PRODUCT_COUNT);
}

static void unknown_product_is_refused(void **state)
{
	struct setup *s = *state;

	assert_invalid(post(s->f, "/admin/clients", "{\"name\":\"x\",\"products\":[\"all\",\"Coffee API\"]}"), "products");
}

SQL(client_count, "SELECT count(*) FROM clients");
SQL(secret_fact_count, "SELECT count(*) FROM audit WHERE type = 'ADMIN_SECRET_CREATED'");

static void refused_client_leaves_nothing(void **state)
{
	struct setup *s = *state;
	int64_t facts = fixture_number(s->f, &fact_count);

	post(s->f, "/admin/clients", "{\"name\":\"Shop\",\"accountId\":\"a-spge-x\"}");
	assert_int_equal(fixture_number(s->f, &client_count), 1);
	assert_int_equal(fixture_number(s->f, &fact_count), facts);
}

static void creation_and_its_secret_are_recorded(void **state)
{
	struct setup *s = *state;
	int64_t facts = fixture_number(s->f, &fact_count), secrets = fixture_number(s->f, &secret_fact_count);

	client_made(s, "");
	assert_int_equal(fixture_number(s->f, &fact_count), facts + 2);
	assert_int_equal(fixture_number(s->f, &secret_fact_count), secrets + 1);
}

/* The fixture's randomness starts again, so that the same id comes twice. */
static void taken_id_gives_way_to_another(void **state)
{
	struct setup *s = *state;
	struct answer a, b;

	atomic_store(&s->f->env.seed, 7);
	a = post(s->f, "/admin/clients", "{\"name\":\"One\"}");
	atomic_store(&s->f->env.seed, 7);
	/* The trace id is drawn first, as it was before. */
	b = post(s->f, "/admin/clients", "{\"name\":\"Two\"}");
	assert_status(a, 200);
	assert_status(b, 200);
	assert_string_not_equal(text_of(a, "id"), text_of(b, "id"));
	assert_true(metric_get(&s->f->metrics, METRIC_operations_retried_total) > 0);
}

/* ---- read ---- */

static void secrets_are_never_shown_again(void **state)
{
	struct setup *s = *state;
	struct answer one = get(s->f, "%s", first_client(s)), all = get(s->f, "/admin/clients");

	assert_status(one, 200);
	assert_string_equal(text_of(one, "secrets.0.name"), "First secret");
	assert_null(member(one, "secrets.0.secret"));
	assert_null(member(all, "clients.0.secrets.0.secret"));
	assert_null(strstr((const char *)all.text.p, s->first.secret));
}

static void list_of_an_account(void **state)
{
	struct setup *s = *state;
	const char *other = account_made(s, "sandbox");

	post(s->f, "/admin/clients", "{\"name\":\"Everywhere\"}");
	post(s->f, "/admin/clients", "{\"name\":\"Other\",\"accountId\":\"%s\"}", other);
	assert_int_equal(json_array_size(member(get(s->f, "/admin/clients"), "clients")), 3);
	assert_int_equal(json_array_size(member(get(s->f, "/admin/clients?accountId=%s", other), "clients")), 1);
	assert_string_equal(text_of(get(s->f, "/admin/clients?accountId=%s", other), "clients.0.name"), "Other");
}

static void list_of_an_unknown_account(void **state)
{
	struct setup *s = *state;

	assert_problem(get(s->f, "/admin/clients?accountId=a-spge-x"), 404, "account_does_not_exist");
}

static void unknown_client(void **state)
{
	struct setup *s = *state;

	assert_problem(get(s->f, "/admin/clients/org-x"), 404, "api_client_does_not_exist");
	assert_problem(patch(s->f, "/admin/clients/org-x", "{\"name\":\"x\"}"), 404, "api_client_does_not_exist");
	assert_problem(del(s->f, "/admin/clients/org-x"), 404, "api_client_does_not_exist");
}

/* ---- change ---- */

static void change_tells_the_client_as_it_is_now(void **state)
{
	struct setup *s = *state;
	struct answer a = patch(s->f, first_client(s),
		"{\"name\":\"New\",\"enabled\":false,\"products\":[\"ReuseID\"],\"tokenLifetimeSeconds\":60}");

	assert_status(a, 200);
	assert_string_equal(text_of(a, "name"), "New");
	assert_true(json_is_false(member(a, "enabled")));
	assert_string_equal(text_of(a, "products.0"), "ReuseID");
	assert_int_equal(json_integer_value(member(a, "tokenLifetimeSeconds")), 60);
	assert_slice_equal(get(s->f, "%s", first_client(s)).text, a.text);
}

static void what_is_not_named_stays(void **state)
{
	struct setup *s = *state;
	struct answer before = get(s->f, "%s", first_client(s));

	patch(s->f, first_client(s), "{\"name\":\"First client\"}");
	assert_slice_equal(get(s->f, "%s", first_client(s)).text, before.text);
}

static void disabled_client_is_known_as_such_at_once(void **state)
{
	struct setup *s = *state;

	patch(s->f, first_client(s), "{\"enabled\":false}");
	assert_false(secret_works(s, s->first.client_id, s->first.secret));
	patch(s->f, first_client(s), "{\"enabled\":true}");
	assert_true(secret_works(s, s->first.client_id, s->first.secret));
}

static void removed_product_takes_its_permissions_along_at_once(void **state)
{
	struct setup *s = *state;
	const struct snapshot *snapshot;

	patch(s->f, first_client(s), "{\"products\":[\"ReuseID Passkey API\"]}");
	snapshot = accounts_hold(&s->f->app);
	assert_false(info_of(snapshot, s->first.client_id)->permissions & BIT(DEVICE_READ));
	assert_true(info_of(snapshot, s->first.client_id)->permissions & BIT(PASSKEY_READ));
	accounts_release(snapshot);
}

static void all_products_can_be_taken_away(void **state)
{
	struct setup *s = *state;

	assert_int_equal(json_array_size(member(patch(s->f, first_client(s), "{\"products\":[]}"), "products")), 0);
}

static void record_of_a_change_names_what_changed(void **state)
{
	struct setup *s = *state;
	int64_t account = number_of_account(s, s->first.account_id);

	patch(s->f, first_client(s), "{\"name\":\"First client\",\"enabled\":false,\"products\":[],\"tokenLifetimeSeconds\":600}");
	assert_last_fact(s, account, "ADMIN_API_CLIENT_UPDATED", s->first.client_id, "{\"changed\":[\"enabled\",\"products\"]}");
}

static void change_of_nothing_is_not_recorded(void **state)
{
	struct setup *s = *state;
	int64_t facts = fixture_number(s->f, &fact_count);

	assert_status(patch(s->f, first_client(s), "{\"enabled\":true,\"products\":[\"all\"]}"), 200);
	assert_int_equal(fixture_number(s->f, &fact_count), facts);
}

static void wrong_changes_are_refused(void **state)
{
	struct setup *s = *state;

	assert_invalid(patch(s->f, first_client(s), "{\"name\":\"\"}"), "name");
	assert_invalid(patch(s->f, first_client(s), "{\"enabled\":\"yes\"}"), "enabled");
	assert_invalid(patch(s->f, first_client(s), "{\"products\":[\"x\"]}"), "products");
	assert_invalid(patch(s->f, first_client(s), "{\"products\":\"all\"}"), "products");
	assert_invalid(patch(s->f, first_client(s), "{\"tokenLifetimeSeconds\":0}"), "tokenLifetimeSeconds");
	assert_invalid(patch(s->f, first_client(s), "{\"tokenLifetimeSeconds\":3601}"), "tokenLifetimeSeconds");
}

/* ---- delete ---- */

SQL(secret_count, "SELECT count(*) FROM client_secrets");

static void deleted_client_is_gone_with_its_secrets(void **state)
{
	struct setup *s = *state;

	assert_status(del(s->f, "%s", first_client(s)), 204);
	assert_problem(get(s->f, "%s", first_client(s)), 404, "api_client_does_not_exist");
	assert_int_equal(fixture_number(s->f, &secret_count), 0);
	assert_false(secret_works(s, s->first.client_id, s->first.secret));
}

static void delete_is_recorded(void **state)
{
	struct setup *s = *state;
	int64_t account = number_of_account(s, s->first.account_id);

	del(s->f, "%s", first_client(s));
	assert_last_fact(s, account, "ADMIN_API_CLIENT_DELETED", s->first.client_id, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		USUAL(id_tells_where_the_client_works),
		USUAL(first_secret_is_shown_and_works),
		USUAL(standards_of_a_new_client),
		USUAL(client_of_an_account_is_bound_to_it),
		USUAL(client_without_an_account_is_the_organisation_s),
		USUAL(empty_account_is_not_the_organisation),
		USUAL(client_of_an_unknown_account_is_refused),
		EMPTY(without_an_organisation_there_is_no_client),
		USUAL(name_is_needed),
		USUAL(token_lifetime_has_bounds),
		USUAL(products_are_told_in_the_order_of_the_list),
		USUAL(products_give_permissions),
		USUAL(all_stands_for_every_product),
		USUAL(unknown_product_is_refused),
		USUAL(refused_client_leaves_nothing),
		USUAL(creation_and_its_secret_are_recorded),
		USUAL(taken_id_gives_way_to_another),
		USUAL(secrets_are_never_shown_again),
		USUAL(list_of_an_account),
		USUAL(list_of_an_unknown_account),
		USUAL(unknown_client),
		USUAL(change_tells_the_client_as_it_is_now),
		USUAL(what_is_not_named_stays),
		USUAL(disabled_client_is_known_as_such_at_once),
		USUAL(removed_product_takes_its_permissions_along_at_once),
		USUAL(all_products_can_be_taken_away),
		USUAL(record_of_a_change_names_what_changed),
		USUAL(change_of_nothing_is_not_recorded),
		USUAL(wrong_changes_are_refused),
		USUAL(deleted_client_is_gone_with_its_secrets),
		USUAL(delete_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
