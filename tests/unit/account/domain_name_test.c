#include "account/internal.h"
#include "tests/unit/common/test.h"

#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"

static void host_names(void **state)
{
	static const char *const names[] = {
		"example.com", "login.example.com", "a.b", "1and1.com", "xn--bcher-kva.example", "a-b.c-d.ef", LABEL_63 ".com",
		LABEL_63 "." LABEL_63 "." LABEL_63 ".a234567890123456789012345678901234567890123456789012345678901",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		assert_null(domain_name_fault(slice_text(names[i]), false));
}

static void others(void **state)
{
	static const char *const names[] = {
		"", ".", "com", "example", "example.com.", ".example.com", "a..b", "-a.com", "a-.com", "a_b.com", "*.example.com",
		"http://example.com", "example.com:443", "example.com/", "example.com/x", "user@example.com", "exa mple.com",
		"192.0.2.1", "1.2", "0x7f.1", "[::1]", "::1", "b\xc3\xbc" "cher.example", "EXAMPLE.com", "a" LABEL_63 ".com",
		LABEL_63 "." LABEL_63 "." LABEL_63 ".a2345678901234567890123456789012345678901234567890123456789012",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		if (!domain_name_fault(slice_text(names[i]), true))
			fail_msg("%s is no domain", names[i]);
}

static void zero_byte_inside(void **state)
{
	(void)state;
	assert_non_null(domain_name_fault(S("exam\0ple.com"), true));
}

static void localhost_is_for_sandbox_accounts(void **state)
{
	(void)state;
	assert_null(domain_name_fault(S("localhost"), true));
	assert_null(domain_name_fault(S("app.localhost"), true));
	assert_non_null(domain_name_fault(S("localhost"), false));
	assert_non_null(domain_name_fault(S("app.localhost"), false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_names),
		cmocka_unit_test(others),
		cmocka_unit_test(zero_byte_inside),
		cmocka_unit_test(localhost_is_for_sandbox_accounts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
