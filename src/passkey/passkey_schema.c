#include "passkey/passkey_schema.h"

ENUMERATION(verification_wanted, USER_VERIFICATION);
SCHEMA(passkey_new, PASSKEY_NEW, "The passkey to register");
SCHEMA(ceremony_options, CEREMONY_OPTIONS, "How a registration is carried out");
SCHEMA(passkey_registration_new, PASSKEY_REGISTRATION_NEW, "A registration of a passkey to start");
SCHEMA(authentication_options, AUTHENTICATION_OPTIONS, "How an authentication is carried out");
SCHEMA(passkey_authentication_new, PASSKEY_AUTHENTICATION_NEW, "An authentication with a passkey to start");
SCHEMA(passkey_brief, PASSKEY_BRIEF, "The passkey of an operation");
SCHEMA(passkey_user, PASSKEY_USER, "The user of an operation");
SCHEMA(ceremony_view, CEREMONY_VIEW, "How an operation is carried out");
SCHEMA(passkey_operation, PASSKEY_OPERATION, "An operation with a passkey");
SCHEMA(passkey_view, PASSKEY_VIEW, "A passkey");
SCHEMA(passkey_query, PASSKEY_QUERY, "Whose passkey");
SCHEMA(passkey_list_query, PASSKEY_LIST_QUERY, "Whose passkey, and which page of the list");
SCHEMA(passkey_transaction, PASSKEY_TRANSACTION, "A transaction of a passkey");
SCHEMA(passkey_transaction_page, PASSKEY_TRANSACTION_PAGE, "Transactions of a passkey");
SCHEMA(export_query, EXPORT_QUERY, "Where to go on");
SCHEMA(passkey_import_result, PASSKEY_IMPORT_RESULT, "What came in");
SCHEMA(credential_response, CREDENTIAL_RESPONSE, "What an authenticator made");
SCHEMA(credential_sent, CREDENTIAL_SENT, "What a browser sends at the end of a ceremony");
SCHEMA(ceremony_call, CEREMONY_CALL, "What a browser sends to begin or to cancel");
SCHEMA(ceremony_outcome, CEREMONY_OUTCOME, "How a ceremony ended");
SCHEMA(domain_settings, DOMAIN_SETTINGS, "What a domain means for passkeys");
