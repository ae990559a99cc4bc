/* The passkey part of the API, and what browsers ask for. */
#include "page/page.h"
#include "passkey/internal.h"

#define REGISTRATIONS "Passkey registrations"
#define AUTHENTICATIONS "Passkey authentications"
#define PASSKEYS "Passkeys"
#define BASE "/credentials/passkeys"

static const struct route rows[] = {
	{ HTTP_POST, BASE "/registrations", PASSKEY_WRITE, WRITES, IN(passkey_registration_new), OUT(passkey_operation),
		OP(.prepare = passkey_registration_start_prepare, .apply = passkey_registration_start_apply,
			.reply = passkey_started_reply),
		"Start passkey registration", .id = "startPasskeyRegistration", .tag = REGISTRATIONS, .flags = CREATES },
	{ HTTP_GET, BASE "/registrations/{transactionId}", PASSKEY_READ, READS, OUT(passkey_operation),
		OP(.prepare = passkey_registration_get_prepare), "Get passkey registration", .id = "getPasskeyRegistration", .tag = REGISTRATIONS },
	{ HTTP_DELETE, BASE "/registrations/{transactionId}", PASSKEY_WRITE, WRITES, OP(.apply = passkey_registration_cancel_apply),
		"Cancel passkey registration", .id = "cancelPasskeyRegistration", .tag = REGISTRATIONS },
	{ HTTP_POST, BASE "/authentications", PASSKEY_WRITE, WRITES, IN(passkey_authentication_new), OUT(passkey_operation),
		OP(.prepare = passkey_authentication_start_prepare, .apply = passkey_authentication_start_apply,
			.reply = passkey_started_reply),
		"Start passkey authentication", .id = "startPasskeyAuthentication", .tag = AUTHENTICATIONS, .flags = CREATES },
	{ HTTP_GET, BASE "/authentications/{transactionId}", PASSKEY_READ, READS, OUT(passkey_operation),
		OP(.prepare = passkey_authentication_get_prepare), "Get passkey authentication", .id = "getPasskeyAuthentication",
		.tag = AUTHENTICATIONS },
	{ HTTP_DELETE, BASE "/authentications/{transactionId}", PASSKEY_WRITE, WRITES, OP(.apply = passkey_authentication_cancel_apply),
		"Cancel passkey authentication", .id = "cancelPasskeyAuthentication", .tag = AUTHENTICATIONS },
	{ HTTP_GET, BASE "/export", PASSKEY_READ, READS, QUERY(export_query), OP(.prepare = passkeys_export_prepare),
		"Export passkeys as JSON lines", .flags = HIDDEN },
	{ HTTP_POST, BASE "/import", PASSKEY_WRITE, WRITES, OUT(passkey_import_result),
		OP(.prepare = passkeys_import_prepare, .apply = passkeys_import_apply), "Import passkeys from JSON lines",
		.flags = RAW_BODY | HIDDEN },
	{ HTTP_GET, BASE "/{passkeyId}", PASSKEY_READ, READS, QUERY(passkey_query), OUT(passkey_view), OP(.prepare = passkey_get_prepare),
		"Get passkey", .id = "getPasskey", .tag = PASSKEYS },
	{ HTTP_DELETE, BASE "/{passkeyId}", PASSKEY_DELETE, WRITES, QUERY(passkey_query),
		OP(.prepare = passkey_delete_prepare, .apply = passkey_delete_apply), "Delete passkey", .id = "deletePasskey", .tag = PASSKEYS },
	{ HTTP_GET, BASE "/{passkeyId}/transactions", PASSKEY_READ, READS, QUERY(passkey_list_query), OUT(passkey_transaction_page),
		OP(.prepare = passkey_transactions_prepare), "Get passkey transactions", .id = "getPasskeyTransactions", .tag = PASSKEYS },
};

static const struct tag tags[] = {
	{ REGISTRATIONS, "Make a passkey for a user" },
	{ AUTHENTICATIONS, "Authenticate a user with a passkey, who tells by it who it is" },
	{ PASSKEYS, "Passkeys of users" },
	{ NULL, NULL },
};

const struct route_table passkey_routes = {
	.base = "/reuseid/core",
	.title = "Passkeys",
	.tags = tags,
	.openapi_path = "/reuseid/core/openapi.json",
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};

#define BROWSER PAGE | NO_ACCOUNT

/* CEREMONY("registrations", registration) gives the page and what its script asks for. */
#define CEREMONY(path, kind)                                                                                                     \
	{ HTTP_GET, "/passkeys/" path "/{transactionId}", PUBLIC, NO_RATE,                                                       \
		OP(.prepare = page_##kind##_prepare, .apply = page_apply, .reply = page_reply), "The page of a ceremony",         \
		.flags = BROWSER, .errors = &page_errors },                                                                      \
	{ HTTP_POST, "/passkeys/" path "/{transactionId}/options", PUBLIC, NO_RATE, IN(ceremony_call),                            \
		OP(.prepare = options_##kind##_prepare, .apply = options_apply, .reply = options_reply), "What the browser is asked", \
		.flags = BROWSER | EMPTY_BODY_OK },                                                                              \
	{ HTTP_POST, "/passkeys/" path "/{transactionId}/result", PUBLIC, NO_RATE, IN(credential_sent),                           \
		OP(.prepare = result_##kind##_prepare, .apply = result_apply, .reply = result_reply), "What the authenticator made", \
		.flags = BROWSER, .body_bytes_max = 256 * 1024 },                                                                \
	{ HTTP_POST, "/passkeys/" path "/{transactionId}/cancel", PUBLIC, NO_RATE, IN(ceremony_call),                             \
		OP(.prepare = give_up_##kind##_prepare, .apply = give_up_apply, .reply = result_reply), "The user gives up",      \
		.flags = BROWSER | EMPTY_BODY_OK },                                                                              \
	{ HTTP_OPTIONS, "/passkeys/" path "/{transactionId}/options", PUBLIC, NO_RATE, OP(.prepare = preflight_prepare),          \
		"May a page of another origin ask", .also = "/passkeys/" path "/{transactionId}/result"                          \
		" /passkeys/" path "/{transactionId}/cancel", .flags = BROWSER },

static const struct route page_rows[] = {
	CEREMONY("registrations", registration)
	CEREMONY("authentications", authentication)
	{ HTTP_GET, "/passkeys/v1/passkeys.js", PUBLIC, NO_RATE, OP(.prepare = script_prepare), "Script for pages of service providers",
		.flags = BROWSER },
	{ HTTP_GET, "/passkeys/v1/brand/{domain:text}", PUBLIC, NO_RATE, OP(.prepare = brand_prepare), "Colours of a domain", .flags = BROWSER },
	{ HTTP_GET, "/.well-known/webauthn", PUBLIC, NO_RATE, OP(.prepare = related_origins_prepare),
		"Origins that may use the domain's passkeys", .flags = BROWSER },
	{ HTTP_GET, "/.well-known/assetlinks.json", PUBLIC, NO_RATE, OP(.prepare = asset_links_prepare),
		"Android apps that may use the domain's passkeys", .flags = BROWSER },
	{ HTTP_GET, "/.well-known/apple-app-site-association", PUBLIC, NO_RATE, OP(.prepare = apple_association_prepare),
		"Apple apps that may use the domain's passkeys", .flags = BROWSER },
};

const struct route_table passkey_page_routes = {
	.base = "", .title = "Pages of passkeys", .routes = page_rows, .n = sizeof(page_rows) / sizeof(page_rows[0]),
};

static const struct route admin_rows[] = {
	{ HTTP_GET, "/passkeys/domains/{domain:text}", LOCAL_ONLY, NO_RATE, OUT(domain_settings), OP(.prepare = domain_show_prepare),
		"What a domain means for passkeys", .flags = NO_ACCOUNT },
	{ HTTP_PATCH, "/passkeys/domains/{domain:text}", LOCAL_ONLY, NO_RATE, IN(domain_settings), OUT(domain_settings),
		OP(.prepare = domain_change_prepare, .apply = domain_change_apply), "Change what a domain means for passkeys", .flags = NO_ACCOUNT },
	{ HTTP_GET, "/passkeys/accounts/{accountId:text}/export", LOCAL_ONLY, NO_RATE, QUERY(export_query),
		OP(.prepare = passkeys_admin_export_prepare), "Export passkeys as JSON lines", .flags = NO_ACCOUNT },
	{ HTTP_POST, "/passkeys/accounts/{accountId:text}/import", LOCAL_ONLY, NO_RATE, OUT(passkey_import_result),
		OP(.prepare = passkeys_admin_import_prepare, .apply = passkeys_import_apply), "Import passkeys from JSON lines",
		.flags = NO_ACCOUNT | RAW_BODY },
};

const struct route_table passkey_admin_routes = {
	.base = "/admin", .title = "Passkeys", .routes = admin_rows, .n = sizeof(admin_rows) / sizeof(admin_rows[0]),
};
