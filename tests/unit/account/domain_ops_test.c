#include <stdlib.h>

#include "setup.h"

static struct answer domain_added(struct setup *s, const char *account, const char *name)
{
	return post(s->f, "/admin/domains", "{\"accountId\":\"%s\",\"name\":\"%s\"}", account, name);
}

static void added_domain_is_told_in_lower_case(void **state)
{
	struct setup *s = *state;
	struct answer a = domain_added(s, s->first.account_id, "Login.EXAMPLE.com");

	assert_status(a, 200);
	assert_string_equal(text_of(a, "name"), "login.example.com");
	assert_string_equal(text_of(a, "accountId"), s->first.account_id);
	assert_string_equal(text_of(a, "created"), "2026-01-01T00:00:00.000Z");
}

static void localhost_in_a_sandbox_account(void **state)
{
	struct setup *s = *state;

	assert_status(domain_added(s, s->first.account_id, "localhost"), 200);
}

static void localhost_in_a_production_account_is_refused(void **state)
{
	struct setup *s = *state;

	assert_invalid(domain_added(s, account_made(s, "production"), "localhost"), "name");
}

static void what_is_no_host_name_is_refused(void **state)
{
	struct setup *s = *state;

	assert_invalid(domain_added(s, s->first.account_id, "https://example.com"), "name");
	assert_invalid(domain_added(s, s->first.account_id, ""), "name");
	assert_invalid(post(s->f, "/admin/domains", "{\"accountId\":\"%s\"}", s->first.account_id), "name");
}

static void account_must_be_there(void **state)
{
	struct setup *s = *state;

	assert_problem(domain_added(s, "a-spge-x", "example.com"), 404, "account_does_not_exist");
	assert_invalid(post(s->f, "/admin/domains", "{\"name\":\"example.com\"}"), "accountId");
}

static void domain_belongs_to_one_account(void **state)
{
	struct setup *s = *state;

	domain_added(s, s->first.account_id, "example.com");
	assert_problem(domain_added(s, account_made(s, "sandbox"), "example.com"), 409, "domain_already_exists");
	assert_problem(domain_added(s, s->first.account_id, "EXAMPLE.com"), 409, "domain_already_exists");
}

static void addition_is_recorded(void **state)
{
	struct setup *s = *state;

	domain_added(s, s->first.account_id, "example.com");
	assert_last_fact(s, number_of_account(s, s->first.account_id), "ADMIN_DOMAIN_ADDED", "example.com", "");
}

static void list_of_none(void **state)
{
	struct setup *s = *state;

	assert_slice_equal(get(s->f, "/admin/domains").text, S("{\"domains\":[]}"));
}

static void list_is_by_name(void **state)
{
	struct setup *s = *state;
	struct answer a;

	domain_added(s, s->first.account_id, "b.example.com");
	domain_added(s, account_made(s, "sandbox"), "a.example.com");
	a = get(s->f, "/admin/domains");
	assert_string_equal(text_of(a, "domains.0.name"), "a.example.com");
	assert_string_equal(text_of(a, "domains.1.name"), "b.example.com");
}

static void list_of_an_account(void **state)
{
	struct setup *s = *state;
	struct answer a;

	domain_added(s, s->first.account_id, "b.example.com");
	domain_added(s, account_made(s, "sandbox"), "a.example.com");
	a = get(s->f, "/admin/domains?accountId=%s", s->first.account_id);
	assert_int_equal(json_array_size(member(a, "domains")), 1);
	assert_string_equal(text_of(a, "domains.0.accountId"), s->first.account_id);
	assert_problem(get(s->f, "/admin/domains?accountId=a-spge-x"), 404, "account_does_not_exist");
}

static void deleted_domain_is_free_again(void **state)
{
	struct setup *s = *state;

	domain_added(s, s->first.account_id, "example.com");
	assert_status(del(s->f, "/admin/domains/Example.com"), 204);
	assert_status(domain_added(s, account_made(s, "sandbox"), "example.com"), 200);
}

static void unknown_domain(void **state)
{
	struct setup *s = *state;

	assert_problem(del(s->f, "/admin/domains/example.com"), 404, "domain_does_not_exist");
}

static void deletion_is_recorded(void **state)
{
	struct setup *s = *state;

	domain_added(s, s->first.account_id, "example.com");
	del(s->f, "/admin/domains/example.com");
	assert_last_fact(s, number_of_account(s, s->first.account_id), "ADMIN_DOMAIN_DELETED", "example.com", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		USUAL(added_domain_is_told_in_lower_case),
		USUAL(localhost_in_a_sandbox_account),
		USUAL(localhost_in_a_production_account_is_refused),
		USUAL(what_is_no_host_name_is_refused),
		USUAL(account_must_be_there),
		USUAL(domain_belongs_to_one_account),
		USUAL(addition_is_recorded),
		USUAL(list_of_none),
		USUAL(list_is_by_name),
		USUAL(list_of_an_account),
		USUAL(deleted_domain_is_free_again),
		USUAL(unknown_domain),
		USUAL(deletion_is_recorded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
