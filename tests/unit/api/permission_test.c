/* Permissions, and the products that bundle them. */
#include "api/permission.h"
#include "tests/unit/common/test.h"

static void texts_are_those_of_the_reference(void **state)
{
	(void)state;
	assert_string_equal(permission_text(USER_READ), "reuseid:user:read");
	assert_string_equal(permission_text(USER_WRITE), "reuseid:user:write");
	assert_string_equal(permission_text(USER_DELETE), "reuseid:user:delete");
	assert_string_equal(permission_text(DEVICE_DELETE), "reuseid:device:delete");
	assert_string_equal(permission_text(PASSKEY_WRITE), "reuseid:passkey:write");
	assert_string_equal(permission_text(ONBOARDING_READ), "reuseid:onboarding:read");
	assert_string_equal(permission_text(AUDIT_READ), "audit:log:read");
}

static void what_is_no_permission_has_no_text(void **state)
{
	(void)state;
	assert_string_equal(permission_text(PUBLIC), "");
	assert_string_equal(permission_text(LOCAL_ONLY), "");
	assert_string_equal(permission_text(PERMISSION_COUNT), "");
}

static void each_permission_stands_once(void **state)
{
	(void)state;
	for (int i = 0; i < PERMISSION_COUNT; i++)
		for (int k = 0; k < i; k++)
			if (*permission_text((enum permission)i))
				assert_string_not_equal(permission_text((enum permission)i), permission_text((enum permission)k));
}

/* "service:resource:action" */
static void texts_have_three_parts(void **state)
{
	(void)state;
	for (int i = 0; i < PERMISSION_COUNT; i++) {
		struct slice text = slice_text(permission_text((enum permission)i)), rest = text;

		if (text.n == 0)
			continue;
		assert_true(slice_cut(&rest, ':').n > 0);
		assert_true(slice_cut(&rest, ':').n > 0);
		assert_true(rest.n > 0 && slice_find(rest, ':') == rest.n);
	}
}

/* The dashboard's boxes, by name. */
static uint64_t box(const char *label)
{
	int product = product_find(slice_text(label));

	assert_true(product >= 0);
	return products_permissions(BIT(product));
}

#define ALL_OF(what) (BIT(what##_READ) | BIT(what##_WRITE) | BIT(what##_DELETE))

static void boxes_give_what_the_reference_says(void **state)
{
	(void)state;
	assert_true(box("ReuseID MobileID Device API") == (ALL_OF(USER) | ALL_OF(DEVICE)));
	assert_true(box("ReuseID Passkey API") == (ALL_OF(USER) | ALL_OF(PASSKEY)));
	assert_true(box("ReuseID Onboarding API") == (BIT(ONBOARDING_READ) | BIT(ONBOARDING_WRITE)));
	assert_true(box("ReuseID") == (ALL_OF(USER) | ALL_OF(DEVICE) | ALL_OF(PASSKEY) | BIT(ONBOARDING_READ) | BIT(ONBOARDING_WRITE)));
	assert_true(box("Audit API") == BIT(AUDIT_READ));
}

static void labels_are_found_in_any_case(void **state)
{
	(void)state;
	assert_int_equal(product_find(S("reuseid passkey api")), PRODUCT_PASSKEY_API);
	assert_int_equal(product_find(S("ReuseID ")), -1);
	assert_int_equal(product_find(S("")), -1);
}

static void boxes_add_up(void **state)
{
	(void)state;
	assert_true(products_permissions(0) == 0);
	assert_true(products_permissions(BIT(PRODUCT_AUDIT_API) | BIT(PRODUCT_ONBOARDING_API)) ==
		    (BIT(AUDIT_READ) | BIT(ONBOARDING_READ) | BIT(ONBOARDING_WRITE)));
}

static void all_boxes_give_every_permission(void **state)
{
	uint64_t all = products_permissions(PRODUCTS_ALL);

	(void)state;
	for (int i = 0; i < PERMISSION_COUNT; i++)
		assert_int_equal(all >> i & 1, *permission_text((enum permission)i) != 0);
}

static void unknown_bits_give_nothing(void **state)
{
	(void)state;
	assert_true(products_permissions(~PRODUCTS_ALL) == 0);
}

static void each_box_has_words(void **state)
{
	(void)state;
	for (int i = 0; i < PRODUCT_COUNT; i++) {
		assert_true(*product_label((enum product)i));
		assert_true(*product_help((enum product)i));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_those_of_the_reference),
		cmocka_unit_test(what_is_no_permission_has_no_text),
		cmocka_unit_test(each_permission_stands_once),
		cmocka_unit_test(texts_have_three_parts),
		cmocka_unit_test(boxes_give_what_the_reference_says),
		cmocka_unit_test(labels_are_found_in_any_case),
		cmocka_unit_test(boxes_add_up),
		cmocka_unit_test(all_boxes_give_every_permission),
		cmocka_unit_test(unknown_bits_give_nothing),
		cmocka_unit_test(each_box_has_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
