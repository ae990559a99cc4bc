/* The lists of a user's transactions and credentials: items, order, pages, links. */
#include "rows.h"

static struct answer transactions(struct users *u, const char *user, const char *query)
{
	return ask(u->w, HTTP_GET, TEXTU(u, USERS "/%s/transactions?%s", user, query), NULL);
}

static struct answer credentials(struct users *u, const char *user, const char *query)
{
	return ask(u->w, HTTP_GET, TEXTU(u, USERS "/%s/credentials?%s", user, query), NULL);
}

/* The numbers of the items, in their order. */
static const char *numbers(struct users *u, struct answer answer)
{
	json_t *list = member(answer, "transactions"), *item;
	const char *name = list ? "transactionId" : "id";
	struct buf b = buf_arena(&u->w->f->arena, 4096);
	size_t i;

	assert_status(answer, 200);
	json_array_foreach(list ? list : member(answer, "credentials"), i, item)
		buf_printf(&b, "%s%ld", i ? " " : "", strtol(json_string_value(json_object_get(item, name)) + 24, NULL, 10));
	buf_byte(&b, 0);
	return (const char *)b.p;
}

/* n transactions of a device, the last one newest, and as many credentials. */
static const char *user_with(struct users *u, int n)
{
	const char *user = made(u, "{}");

	for (int i = 1; i <= n; i++) {
		add_transaction(u, (struct transaction){ .n = i, .user = user, .created = i * 1000 });
		add_credential(u, (struct credential){ .n = i, .user = user, .last_used = i * 1000 });
	}
	return user;
}

/* ---- items ---- */

static void transaction_is_shaped_as_documented(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	add_transaction(u, (struct transaction){ .n = 1, .user = user, .credential = 9, .created = 1234 });
	assert_slice_equal(transactions(u, user, "credentialType=device").text, S("{\"limit\":10,\"transactions\":[{"
		"\"transactionId\":\"00000000-0000-7000-8000-000000000001\","
		"\"ref\":\"/credentials/devices/authentications/00000000-0000-7000-8000-000000000001\","
		"\"operationType\":\"AUTHENTICATION\",\"state\":\"COMPLETED\",\"created\":\"2026-01-01T00:00:01.000Z\","
		"\"expires\":\"2026-01-01T00:05:01.000Z\",\"credentialId\":\"00000000-0000-7000-8000-000000000009\","
		"\"credentialType\":\"DEVICE\"}]}"));
}

static void failed_transaction_tells_why(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");
	struct answer answer;

	add_transaction(u, (struct transaction){ .n = 1, .user = user, .state = operation_state_FAILED, .error = "CANCELLED_BY_SP" });
	answer = transactions(u, user, "credentialType=device");
	assert_string_equal(text_of(answer, "transactions.0.state"), "FAILED");
	assert_string_equal(text_of(answer, "transactions.0.errorCode"), "CANCELLED_BY_SP");
}

static void credential_is_absent_until_it_is_known(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	add_transaction(u, (struct transaction){ .n = 1, .user = user, .operation = operation_type_REGISTRATION });
	assert_null(member(transactions(u, user, "credentialType=device"), "transactions.0.credentialId"));
}

static void each_operation_has_its_ref(void **state)
{
	static const char *const refs[operation_type_count] = {
		[operation_type_REGISTRATION] = "/credentials/devices/registrations/00000000-0000-7000-8000-000000000001",
		[operation_type_RE_REGISTRATION] = "/credentials/devices/registrations/00000000-0000-7000-8000-000000000001",
		[operation_type_AUTHENTICATION] = "/credentials/devices/authentications/00000000-0000-7000-8000-000000000001",
		[operation_type_SIGNING] = "/credentials/devices/signatures/00000000-0000-7000-8000-000000000001",
		[operation_type_RECOVERY] = "/credentials/devices/recoveries/00000000-0000-7000-8000-000000000001",
		[operation_type_ADD_OR_UPDATE_RECOVERY] = "/credentials/devices/recoveries/00000000-0000-7000-8000-000000000001",
	};
	struct users *u = *state;

	for (int type = 1; type < operation_type_count; type++) {
		const char *user = made(u, "{}");
		const char *device = TEXTU(u, "/credentials/devices/00000000-0000-7000-8000-000000000009?userId=%s", user);

		add_transaction(u, (struct transaction){ .n = 1, .user = user, .operation = (enum operation_type)type, .credential = 9 });
		assert_string_equal(text_of(transactions(u, user, "credentialType=device"), "transactions.0.ref"),
			refs[type] ? refs[type] : device);
		database_run(u->db, "DELETE FROM transactions");
	}
}

static void transaction_of_a_passkey(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");
	struct answer answer;

	add_transaction(u, (struct transaction){ .n = 1, .user = user, .type = credential_type_PASSKEY, .credential = 9 });
	answer = transactions(u, user, "credentialType=passkey");
	assert_string_equal(text_of(answer, "transactions.0.ref"),
		TEXTU(u, "/credentials/passkeys/00000000-0000-7000-8000-000000000009?userId=%s", user));
	assert_string_equal(text_of(answer, "transactions.0.credentialType"), "PASSKEY");
	assert_null(member(answer, "transactions.0.expires"));
}

static void credential_is_shaped_as_documented(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	add_credential(u, (struct credential){ .n = 1, .user = user, .name = "My phone", .last_used = 1234 });
	assert_slice_equal(credentials(u, user, "credentialType=device").text, slice_text(TEXTU(u, "{\"credentials\":[{"
		"\"type\":\"DEVICE\",\"id\":\"00000000-0000-7000-8000-000000000001\",\"name\":\"My phone\",\"state\":\"ACTIVE\","
		"\"lastOperationType\":\"REGISTRATION\",\"lastUsed\":\"2026-01-01T00:00:01.234Z\","
		"\"ref\":\"/credentials/devices/00000000-0000-7000-8000-000000000001?userId=%s\"}]}", user)));
}

static void deleted_and_nameless_credentials_are_shown(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");
	struct answer answer;

	add_credential(u, (struct credential){ .n = 1, .user = user, .state = credential_state_DELETED });
	answer = credentials(u, user, "credentialType=device");
	assert_string_equal(text_of(answer, "credentials.0.state"), "DELETED");
	assert_string_equal(text_of(answer, "credentials.0.name"), "");
}

static void passkey(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");
	struct answer answer;

	add_credential(u, (struct credential){ .n = 1, .user = user, .type = credential_type_PASSKEY });
	answer = credentials(u, user, "credentialType=passkey");
	assert_string_equal(text_of(answer, "credentials.0.type"), "PASSKEY");
	assert_string_equal(text_of(answer, "credentials.0.ref"),
		TEXTU(u, "/credentials/passkeys/00000000-0000-7000-8000-000000000001?userId=%s", user));
}

/* ---- which ones ---- */

static void lists_of_nothing(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	assert_slice_equal(transactions(u, user, "credentialType=device").text, S("{\"limit\":10,\"transactions\":[]}"));
	assert_slice_equal(credentials(u, user, "credentialType=passkey").text, S("{\"credentials\":[]}"));
}

static void kinds_are_kept_apart(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	add_transaction(u, (struct transaction){ .n = 1, .user = user });
	add_transaction(u, (struct transaction){ .n = 2, .user = user, .type = credential_type_PASSKEY, .credential = 4 });
	add_credential(u, (struct credential){ .n = 3, .user = user });
	add_credential(u, (struct credential){ .n = 4, .user = user, .type = credential_type_PASSKEY });
	assert_string_equal(numbers(u, transactions(u, user, "credentialType=device")), "1");
	assert_string_equal(numbers(u, transactions(u, user, "credentialType=passkey")), "2");
	assert_string_equal(numbers(u, credentials(u, user, "credentialType=device")), "3");
	assert_string_equal(numbers(u, credentials(u, user, "credentialType=passkey")), "4");
}

static void users_are_kept_apart(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}"), *other = made(u, "{}");

	add_transaction(u, (struct transaction){ .n = 1, .user = other });
	add_credential(u, (struct credential){ .n = 1, .user = other });
	assert_string_equal(numbers(u, transactions(u, user, "credentialType=device")), "");
	assert_string_equal(numbers(u, credentials(u, user, "credentialType=device")), "");
}

static void kind_is_needed(void **state)
{
	struct users *u = *state;
	struct answer answer = transactions(u, made(u, "{}"), "limit=3");

	assert_problem(answer, 400, "invalid_request");
	assert_string_equal(text_of(answer, "detail"), "credentialType parameter is missing");
}

static void other_kinds_are_refused(void **state)
{
	static const char *const kinds[] = { "DEVICE", "devices", "PASSKEY", "device%20", "any" };
	struct users *u = *state;
	const char *user = made(u, "{}");

	for (size_t i = 0; i < COUNT(kinds); i++)
		assert_invalid(credentials(u, user, TEXTU(u, "credentialType=%s", kinds[i])), "credentialType");
}

static void newest_comes_first(void **state)
{
	struct users *u = *state;
	const char *user = user_with(u, 4);

	assert_string_equal(numbers(u, transactions(u, user, "credentialType=device")), "4 3 2 1");
	assert_string_equal(numbers(u, credentials(u, user, "credentialType=device")), "4 3 2 1");
}

static void equal_times_are_ordered_by_id(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	for (int i = 1; i <= 5; i++) {
		add_transaction(u, (struct transaction){ .n = i, .user = user });
		add_credential(u, (struct credential){ .n = i, .user = user });
	}
	assert_string_equal(numbers(u, transactions(u, user, "credentialType=device")), "5 4 3 2 1");
	assert_string_equal(numbers(u, transactions(u, user, TEXTU(u, "credentialType=device&limit=2&offset=%s", numbered(u, 3)))), "3 2");
	assert_string_equal(numbers(u, credentials(u, user, TEXTU(u, "credentialType=device&limit=2&offset=%s", numbered(u, 3)))), "3 2");
}

/* ---- pages ---- */

static void ten_items_unless_told_otherwise(void **state)
{
	struct users *u = *state;
	const char *user = user_with(u, 12);

	assert_string_equal(numbers(u, transactions(u, user, "credentialType=device")), "12 11 10 9 8 7 6 5 4 3");
	assert_string_equal(numbers(u, credentials(u, user, "credentialType=device")), "12 11 10 9 8 7 6 5 4 3");
}

static void limit_is_told_for_transactions_only(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	assert_int_equal(json_integer_value(member(transactions(u, user, "credentialType=device&limit=7"), "limit")), 7);
	assert_null(member(credentials(u, user, "credentialType=device&limit=7"), "limit"));
}

static void limits_that_are_refused(void **state)
{
	static const char *const limits[] = { "0", "101", "-1", "1.5", "x", "1x", "99999999999999999999", "%201" };
	struct users *u = *state;
	const char *user = made(u, "{}");

	for (size_t i = 0; i < COUNT(limits); i++)
		assert_invalid(transactions(u, user, TEXTU(u, "credentialType=device&limit=%s", limits[i])), "limit");
	assert_status(transactions(u, user, "credentialType=device&limit=1"), 200);
	assert_status(transactions(u, user, "credentialType=device&limit=100"), 200);
}

static void links_have_their_parameters_in_this_order(void **state)
{
	struct users *u = *state;
	const char *user = user_with(u, 5);
	struct answer t = transactions(u, user, TEXTU(u, "offset=%s&limit=2&credentialType=device", numbered(u, 3)));
	struct answer c = credentials(u, user, TEXTU(u, "offset=%s&limit=2&credentialType=device", numbered(u, 3)));

	assert_string_equal(text_of(t, "next"), TEXTU(u, "/users/%s/transactions?limit=2&offset=%s&credentialType=device", user, numbered(u, 1)));
	assert_string_equal(text_of(t, "previous"),
		TEXTU(u, "/users/%s/transactions?limit=2&offset=%s&credentialType=device", user, numbered(u, 5)));
	assert_string_equal(text_of(c, "next"), TEXTU(u, "/users/%s/credentials?credentialType=device&limit=2&offset=%s", user, numbered(u, 1)));
	assert_string_equal(text_of(c, "previous"),
		TEXTU(u, "/users/%s/credentials?credentialType=device&limit=2&offset=%s", user, numbered(u, 5)));
}

static void links_come_before_the_items(void **state)
{
	struct users *u = *state;
	struct answer answer = transactions(u, user_with(u, 3), TEXTU(u, "credentialType=device&limit=1&offset=%s", numbered(u, 2)));

	assert_ptr_equal(memmem(answer.text.p, answer.text.n, "{\"previous\":", 12), answer.text.p);
}

/* Follows the links from `start`, and tells all numbers with "|" between pages. */
static const char *walked(struct users *u, struct answer answer, const char *link)
{
	struct buf b = buf_arena(&u->w->f->arena, 4096);
	int pages = 0;

	buf_text(&b, numbers(u, answer));
	while (member(answer, link) && pages++ < 20) {
		answer = ask(u->w, HTTP_GET, TEXTU(u, "/reuseid/core%s", text_of(answer, link)), NULL);
		buf_printf(&b, " | %s", numbers(u, answer));
	}
	buf_byte(&b, 0);
	return (const char *)b.p;
}

static void forwards(void **state)
{
	struct users *u = *state;
	const char *user = user_with(u, 7);

	assert_string_equal(walked(u, transactions(u, user, "credentialType=device&limit=3"), "next"), "7 6 5 | 4 3 2 | 1");
	assert_string_equal(walked(u, credentials(u, user, "credentialType=device&limit=3"), "next"), "7 6 5 | 4 3 2 | 1");
}

static void backwards(void **state)
{
	struct users *u = *state;
	const char *user = user_with(u, 7), *last = TEXTU(u, "credentialType=device&limit=3&offset=%s", numbered(u, 1));

	assert_string_equal(walked(u, transactions(u, user, last), "previous"), "1 | 4 3 2 | 7 6 5");
	assert_string_equal(walked(u, credentials(u, user, last), "previous"), "1 | 4 3 2 | 7 6 5");
}

/* From an offset that is no multiple of the limit, the first page is an overlapping one. */
static void backwards_to_a_first_page_that_is_short(void **state)
{
	struct users *u = *state;
	const char *user = user_with(u, 5);
	struct answer answer = transactions(u, user, TEXTU(u, "credentialType=device&limit=3&offset=%s", numbered(u, 4)));

	assert_string_equal(walked(u, answer, "previous"), "4 3 2 | 5 4 3");
}

static void full_last_page_has_no_next(void **state)
{
	struct users *u = *state;
	struct answer answer = transactions(u, user_with(u, 3), "credentialType=device&limit=3");

	assert_null(member(answer, "next"));
	assert_null(member(answer, "previous"));
}

static void newest_as_offset_has_no_previous(void **state)
{
	struct users *u = *state;
	struct answer answer = transactions(u, user_with(u, 3), TEXTU(u, "credentialType=device&offset=%s", numbered(u, 3)));

	assert_string_equal(numbers(u, answer), "3 2 1");
	assert_null(member(answer, "previous"));
}

static void offset_may_be_in_upper_case(void **state)
{
	struct users *u = *state;
	const char *user = made(u, "{}");

	database_run(u->db, TEXTU(u, "INSERT INTO credentials (id, account, user_id, type, state, name, last_operation, created, last_used)"
		" SELECT x'abcdefabcdef7000800000000000000a', account, id, 1, 1, x'', 1, 1, 1 FROM users WHERE id = x'%s'", hex_of(u, user)));
	assert_status(credentials(u, user, "credentialType=device&offset=ABCDEFAB-CDEF-7000-8000-00000000000A"), 200);
}

static void assert_unknown_offset(struct answer answer)
{
	assert_problem(answer, 400, "invalid_request");
	assert_string_equal(text_of(answer, "detail"), "offset does not name an item of this list");
}

static void unknown_offset(void **state)
{
	struct users *u = *state;
	const char *user = user_with(u, 3);

	assert_unknown_offset(transactions(u, user, TEXTU(u, "credentialType=device&offset=%s", numbered(u, 4))));
	assert_unknown_offset(credentials(u, user, TEXTU(u, "credentialType=device&offset=%s", numbered(u, 4))));
}

static void offset_of_another_user_or_kind_is_unknown(void **state)
{
	struct users *u = *state;
	const char *user = user_with(u, 3), *other = made(u, "{}");

	assert_unknown_offset(transactions(u, other, TEXTU(u, "credentialType=device&offset=%s", numbered(u, 3))));
	assert_unknown_offset(credentials(u, other, TEXTU(u, "credentialType=device&offset=%s", numbered(u, 3))));
	assert_unknown_offset(transactions(u, user, TEXTU(u, "credentialType=passkey&offset=%s", numbered(u, 3))));
}

static void malformed_offset(void **state)
{
	struct users *u = *state;

	assert_invalid(transactions(u, made(u, "{}"), "credentialType=device&offset=3"), "offset");
}

static void parameter_given_twice(void **state)
{
	struct users *u = *state;

	assert_invalid(transactions(u, made(u, "{}"), "credentialType=device&limit=1&limit=2"), "limit");
}

static void unknown_user(void **state)
{
	assert_problem(transactions(*state, NOBODY, "credentialType=device"), 404, "user_entity_does_not_exist");
	assert_problem(credentials(*state, NOBODY, "credentialType=device"), 404, "user_entity_does_not_exist");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(transaction_is_shaped_as_documented),
		TEST(failed_transaction_tells_why),
		TEST(credential_is_absent_until_it_is_known),
		TEST(each_operation_has_its_ref),
		TEST(transaction_of_a_passkey),
		TEST(credential_is_shaped_as_documented),
		TEST(deleted_and_nameless_credentials_are_shown),
		TEST(passkey),
		TEST(lists_of_nothing),
		TEST(kinds_are_kept_apart),
		TEST(users_are_kept_apart),
		TEST(kind_is_needed),
		TEST(other_kinds_are_refused),
		TEST(newest_comes_first),
		TEST(equal_times_are_ordered_by_id),
		TEST(ten_items_unless_told_otherwise),
		TEST(limit_is_told_for_transactions_only),
		TEST(limits_that_are_refused),
		TEST(links_have_their_parameters_in_this_order),
		TEST(links_come_before_the_items),
		TEST(forwards),
		TEST(backwards),
		TEST(backwards_to_a_first_page_that_is_short),
		TEST(full_last_page_has_no_next),
		TEST(newest_as_offset_has_no_previous),
		TEST(offset_may_be_in_upper_case),
		TEST(unknown_offset),
		TEST(offset_of_another_user_or_kind_is_unknown),
		TEST(malformed_offset),
		TEST(parameter_given_twice),
		TEST(unknown_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
