#include "account/account_schema.h"

ENUMERATION(account_type, ACCOUNT_TYPE);
SCHEMA(account_new, ACCOUNT_NEW, "A new account");
SCHEMA(account_change, ACCOUNT_CHANGE, "What is to change in an account");
SCHEMA(account_view, ACCOUNT_VIEW, "An account: data of its own, apart from every other");
SCHEMA(account_list, ACCOUNT_LIST, "Accounts");
SCHEMA(account_filter, ACCOUNT_FILTER, "Which account a list is about");
SCHEMA(secret_new, SECRET_NEW, "A new secret");
SCHEMA(secret_view, SECRET_VIEW, "A secret of an API client");
SCHEMA(client_new, CLIENT_NEW, "A new API client");
SCHEMA(client_change, CLIENT_CHANGE, "What is to change in an API client");
SCHEMA(client_view, CLIENT_VIEW, "An API client: a program that calls the API");
SCHEMA(client_list, CLIENT_LIST, "API clients");
SCHEMA(domain_new, DOMAIN_NEW, "A new domain");
SCHEMA(domain_view, DOMAIN_VIEW, "A domain: a host name that an account owns");
SCHEMA(domain_list, DOMAIN_LIST, "Domains");
