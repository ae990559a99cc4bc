#include "user/user_schema.h"

ENUMERATION(user_state, USER_STATE);
ENUMERATION(credential_state, CREDENTIAL_STATE);
ENUMERATION(credential_kind, CREDENTIAL_KIND);

SCHEMA(user_new, USER_NEW, "A new user; everything is optional");
SCHEMA(user_change, USER_CHANGE, "What to change of a user; what is not mentioned stays");
SCHEMA(user_view, USER_VIEW, "A user");
SCHEMA(reference, REFERENCE, "An external reference");
SCHEMA(resolved, RESOLVED, "The user that an external reference belongs to");
SCHEMA(verification_new, VERIFICATION_NEW, "An identity verification that a user has been through");
SCHEMA(verification, VERIFICATION, "An identity verification of a user");
SCHEMA(list_query, LIST_QUERY, "Which items of which kind");
SCHEMA(transaction_item, TRANSACTION_ITEM, "A transaction in a list");
SCHEMA(transaction_page, TRANSACTION_PAGE, "A page of transactions");
SCHEMA(credential_item, CREDENTIAL_ITEM, "A credential in a list");
SCHEMA(credential_page, CREDENTIAL_PAGE, "A page of credentials");
SCHEMA(user_search, USER_SEARCH, "Which users");
SCHEMA(user_admin, USER_ADMIN, "A user, as the operator sees it");
SCHEMA(user_admin_page, USER_ADMIN_PAGE, "A page of users");
SCHEMA(export_credential, EXPORT_CREDENTIAL, "A credential in an export");
SCHEMA(export_transaction, EXPORT_TRANSACTION, "A transaction in an export");
SCHEMA(user_export, USER_EXPORT, "Everything that is held about a user");
