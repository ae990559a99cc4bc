/* What operators may do to accounts, API clients and domains: through the admin socket only. */
#include "account/internal.h"

static const struct tag tags[] = {
	{ "accounts", "Accounts" },
	{ "clients", "API clients and their secrets" },
	{ "domains", "Domains of accounts" },
	{ 0 },
};

static const struct route rows[] = {
	{ HTTP_GET, "/accounts", LOCAL_ONLY, NO_RATE, OUT(account_list), OP(.prepare = account_list_prepare),
		"List accounts", "listAccounts", "accounts", .flags = NO_ACCOUNT },
	{ HTTP_POST, "/accounts", LOCAL_ONLY, NO_RATE, IN(account_new), OUT(account_view),
		OP(.prepare = account_create_prepare, .apply = account_create_apply),
		"Create an account", "createAccount", "accounts", .flags = NO_ACCOUNT | CREATES },
	{ HTTP_GET, "/accounts/{accountId:text}", LOCAL_ONLY, NO_RATE, OUT(account_view), OP(.prepare = account_get_prepare),
		"Get an account", "getAccount", "accounts", .flags = NO_ACCOUNT },
	{ HTTP_PATCH, "/accounts/{accountId:text}", LOCAL_ONLY, NO_RATE, IN(account_change), OUT(account_view),
		OP(.prepare = account_change_prepare, .apply = account_change_apply),
		"Change an account", "changeAccount", "accounts", .flags = NO_ACCOUNT },
	{ HTTP_DELETE, "/accounts/{accountId:text}", LOCAL_ONLY, NO_RATE, OP(.apply = account_delete_apply),
		"Delete an account that has no users, with its API clients and domains", "deleteAccount", "accounts",
		.flags = NO_ACCOUNT },

	{ HTTP_GET, "/clients", LOCAL_ONLY, NO_RATE, QUERY(account_filter), OUT(client_list), OP(.prepare = client_list_prepare),
		"List API clients", "listClients", "clients", .flags = NO_ACCOUNT },
	{ HTTP_POST, "/clients", LOCAL_ONLY, NO_RATE, IN(client_new), OUT(client_view),
		OP(.prepare = client_create_prepare, .apply = client_create_apply),
		"Create an API client with its first secret", "createClient", "clients", .flags = NO_ACCOUNT | CREATES },
	{ HTTP_GET, "/clients/{clientId:text}", LOCAL_ONLY, NO_RATE, OUT(client_view), OP(.prepare = client_get_prepare),
		"Get an API client", "getClient", "clients", .flags = NO_ACCOUNT },
	{ HTTP_PATCH, "/clients/{clientId:text}", LOCAL_ONLY, NO_RATE, IN(client_change), OUT(client_view),
		OP(.prepare = client_change_prepare, .apply = client_change_apply),
		"Change an API client", "changeClient", "clients", .flags = NO_ACCOUNT },
	{ HTTP_DELETE, "/clients/{clientId:text}", LOCAL_ONLY, NO_RATE, OP(.apply = client_delete_apply),
		"Delete an API client with its secrets", "deleteClient", "clients", .flags = NO_ACCOUNT },
	{ HTTP_POST, "/clients/{clientId:text}/secrets", LOCAL_ONLY, NO_RATE, IN(secret_new), OUT(secret_view),
		OP(.prepare = secret_create_prepare, .apply = secret_create_apply),
		"Add a secret to an API client", "createSecret", "clients", .flags = NO_ACCOUNT | CREATES },
	{ HTTP_DELETE, "/clients/{clientId:text}/secrets/{secretId}", LOCAL_ONLY, NO_RATE, OP(.apply = secret_delete_apply),
		"Delete a secret; the others go on working", "deleteSecret", "clients", .flags = NO_ACCOUNT },

	{ HTTP_GET, "/domains", LOCAL_ONLY, NO_RATE, QUERY(account_filter), OUT(domain_list), OP(.prepare = domain_list_prepare),
		"List domains", "listDomains", "domains", .flags = NO_ACCOUNT },
	{ HTTP_POST, "/domains", LOCAL_ONLY, NO_RATE, IN(domain_new), OUT(domain_view),
		OP(.prepare = domain_add_prepare, .apply = domain_add_apply),
		"Add a domain to an account", "addDomain", "domains", .flags = NO_ACCOUNT | CREATES },
	{ HTTP_DELETE, "/domains/{domain:text}", LOCAL_ONLY, NO_RATE, OP(.apply = domain_delete_apply),
		"Delete a domain", "deleteDomain", "domains", .flags = NO_ACCOUNT },
};

const struct route_table account_admin_routes = {
	.base = "/admin",
	.title = "Administration",
	.doc = "Accounts, API clients and domains, for the operator of the server.",
	.tags = tags,
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
