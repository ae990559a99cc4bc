#include "tests/api/values.h"

#include <fnmatch.h>

#include "tests/api/keys.h"

struct known_row {
	const char *where, *name; /* patterns; the first row that fits counts */
	size_t offset;            /* of the text in struct town */
};

#define IN_TOWN(member) offsetof(struct town, member)

static const struct known_row known_rows[] = {
	{ "DELETE */core/users/{userId}", "userId", IN_TOWN(mine.locked_user) }, /* only locked ones can be deleted */
	{ "*", "userId", IN_TOWN(mine.user) },
	{ "*/id-onboardings/*", "transactionId", IN_TOWN(mine.onboarding) },
	{ "*/id-stepups/*", "transactionId", IN_TOWN(mine.stepup) },
	{ "POST */id-stepups", "deviceId", IN_TOWN(mine.device) },
	{ "*", "dossierId", IN_TOWN(mine.dossier) },
	{ "POST */processes/{processId}", "processId", IN_TOWN(mine.idle_process) },
	{ "*/proofing-reviews/*", "processId", IN_TOWN(mine.review) },
	{ "*", "processId", IN_TOWN(mine.process) },
	{ "*", "fileId", IN_TOWN(mine.file) },
	{ "*", "verificationId", IN_TOWN(mine.verification) },
	{ "*", "deviceId", IN_TOWN(mine.device) },
	{ "* */devices/registrations", "device.id", IN_TOWN(mine.device) },
	{ "*", "device.id", IN_TOWN(mine.device) },
	{ "*/passkeys/registrations/*", "transactionId", IN_TOWN(mine.passkey_registration) },
	{ "*/passkeys/authentications/*", "transactionId", IN_TOWN(mine.passkey_authentication) },
	{ "*", "passkeyId", IN_TOWN(mine.passkey) },
	{ "*/passkeys/export", "after", IN_TOWN(mine.passkey) },
	{ "* /admin/passkeys/accounts/*", "after", IN_TOWN(mine.passkey) },
	{ "*/passkeys/*", "rpRedirectUri", IN_TOWN(mine.redirect) },
	{ "*/passkeys/*", "passkey.domain", IN_TOWN(mine.domain) },
	{ "*/passkeys/*", "operationProperties.domain", IN_TOWN(mine.domain) },
	{ "* /admin/passkeys/domains/*", "domain", IN_TOWN(mine.domain) },
	{ "*/registrations/*", "transactionId", IN_TOWN(mine.registration) },
	{ "*/authentications/*", "transactionId", IN_TOWN(mine.authentication) },
	{ "*/evidence", "transactionId", IN_TOWN(mine.signed_consent) },
	{ "*/recoveries/*", "transactionId", IN_TOWN(mine.recovery) },
	{ "*/signatures/*", "transactionId", IN_TOWN(mine.signature) },
	{ "*/signings/*", "transactionId", IN_TOWN(mine.signature) },
	{ "POST */users/*resolve*", "externalRef", IN_TOWN(mine.reference) },
	{ "* /admin/passkeys/accounts/*", "accountId", IN_TOWN(mine.account) }, /* has a domain */
	{ "GET /admin/mobileid/*", "accountId", IN_TOWN(mine.account) }, /* has MobileID */
	{ "POST /admin/mobileid/*/salt-keys", "accountId", IN_TOWN(mine.account) },
	{ "* /mobileid/admin/*", "accountId", IN_TOWN(mine.account) },
	{ "GET /admin/users", "accountId", IN_TOWN(mine.account) },
	{ "* /admin/passkeys/accounts/*", "accountId", IN_TOWN(mine.account) },
	{ "* /mobileid/admin/*", "keyId", IN_TOWN(mine.e2e_key) },
	{ "*", "applicationId", IN_TOWN(mine.application) },
	{ "*", "accountId", IN_TOWN(empty_account) },
	{ "*", "clientId", IN_TOWN(client) },
	{ "*", "subscriptionId", IN_TOWN(mine.subscription) },
	{ "* /events-management/*", "secretId", IN_TOWN(mine.subscription_secret) },
	{ "*", "eventId", IN_TOWN(mine.event) },
	{ "*", "secretId", IN_TOWN(secret) },
	{ "*", "domain", IN_TOWN(domain) },
	{ "*", "keyId", IN_TOWN(key) },
};

struct fixed_row {
	const char *where, *name, *value;
};

/* Values that no example can give, because each must be another one; @ is a directory of the test's own. */
static const struct fixed_row fixed_rows[] = {
	{ "*", "providerName", "readid" },
	{ "POST /admin/domains", "name", "host-%u.example.com" },
	{ "POST /admin/backup", "path", "@/backup-%u" },
	{ "GET /web/*", "file", "base.css" },
	{ "* /audit/*", "cursor", "0" },
	{ "DELETE */hashes/*", "deviceHash", BLOCKED_HASH },
	{ "*", "deviceHash", "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg" },
	{ "PUT */push-configurations/APNS", "keyId", "2X9R4HXF34" }, /* none of ours */
	{ "*", "private_key", RSA_PEM },
	{ "*", "privateKey", EC_PEM },
};

struct entity_row {
	const char *where, *name, *unknown, *code;
};

#define NOBODY "0e99b25c-abde-4553-973b-8d94d49cd87e"

static const struct entity_row entity_rows[] = {
	{ "*", "userId", NOBODY, "user_entity_does_not_exist" },
	{ "*", "verificationId", NOBODY, "identity_verification_does_not_exist" },
	{ "*", "deviceId", NOBODY, "device_entity_does_not_exist" },
	{ "*", "dossierId", NOBODY, "dossier_does_not_exist" },
	{ "*", "processId", NOBODY, "process_does_not_exist" },
	{ "*", "fileId", NOBODY, "file_does_not_exist" },
	{ "*", "providerName", "nobody", "not_found" },
	{ "*", "deviceHash", "none", "not_found" },
	{ "*", "passkeyId", NOBODY, "passkey_entity_does_not_exist" },
	{ "*", "transactionId", NOBODY, "transaction_id_does_not_exist" },
	{ "*", "accountId", "a-spge-unknown", "account_does_not_exist" },
	{ "*", "clientId", "sandbox-no-body-000", "api_client_does_not_exist" },
	{ "*", "secretId", NOBODY, "secret_does_not_exist" },
	{ "*", "subscriptionId", NOBODY, "subscription_does_not_exist" },
	{ "*", "eventId", "00000000000000000000000000000000", "event_does_not_exist" },
	{ "*", "domain", "unknown.example.com", "domain_does_not_exist" },
	{ "* /mobileid/admin/*", "keyId", "0123456789abcdef", "e2e_key_does_not_exist" },
	{ "*", "applicationId", NOBODY, "application_does_not_exist" },
	{ "*", "keyId", "signing-key-0", "key_does_not_exist" },
	{ "GET /web/*", "file", "none.css", "not_found" },
	{ "GET /audit/query/*", "cursor", "1000000", "audit_record_does_not_exist" },
};

struct rule_row {
	const char *schema, *place;
};

static const struct rule_row own_rules[] = {
	{ "domain_new", "name" },            /* a host name */
	{ "device_config", "*Length*" },     /* a most that is not less than the least */
	{ "device_config", "somethingElse" }, /* a property that is misspelt must not seem to be set */
	{ "*", "*defaultId" },               /* a type of document among those that are allowed */
	{ "*", "*docType" },
	{ "proofing_*", "documentTypes" },   /* objects with members that are needed */
	{ "proofing_*", "providers" },
	{ "proofing_*", "secrets" },
	{ "subscription_new", "url" },       /* a URL that may be called */
	{ "subscription_new", "events" },    /* names that there are */
	{ "backup_to", "path" },             /* a file */
	{ "push_*", "private_key" },         /* a key that the service takes */
	{ "push_*", "privateKey" },
	{ "push_*", "subject" },             /* an address */
	{ "push_*", "url" },                 /* a URL that may be called */
	{ "push_*", "token_uri" },
	{ "geofencing", "*" },               /* a mode, lists of codes */
	{ "*", "accountId" },                /* an account that there is */
	{ "client_*", "products" },          /* labels from a list */
	{ "account_change", "type" },        /* only what it is already */
	{ "verification_new", "userId" },    /* the same as in the path */
	{ "reference", "externalRef" },      /* a reference that there is */
	{ "*", "device.id" },                /* a device that there is */
	{ "*", "passkey.domain" },           /* a domain of the account */
	{ "passkey_authentication_new", "operationProperties.domain" },
	{ "passkey_*", "rpRedirectUri" },    /* an address in a domain of the account */
	{ "domain_settings", "rpId" },       /* each of a form of its own */
	{ "domain_settings", "pageUrl" },
	{ "domain_settings", "origins" },
	{ "domain_settings", "redirects" },
	{ "domain_settings", "accent" },
	{ "domain_settings", "logo" },
	{ "domain_settings", "androidApps" },
	{ "domain_settings", "aaguids" },
	{ "*", "*Context.mimeType" },        /* type/subtype */
	{ "*", "*Context.content" },         /* needs a media type, and has a bound by operation */
	{ "*", "*.registrationMode" },       /* one of two wants a device */
	{ "device_config", "*" },            /* properties that fit together */
	{ "e2e_key_new", "algorithm" },      /* one of two is not offered */
	{ "*", "*.signedJwtCertificateOption" }, /* only NONE */
	{ "onboarding_*", "externalRef" },   /* text or a number */
	{ "*_new", "*provider" },            /* a provider of the account */
	{ "*_new", "*docType" },             /* a type of document that there is */
	{ "*_new", "*docTypes" },
	{ "*_new", "*defaultId" },
	{ "stepup_new", "userId" },          /* a user and one of his devices */
	{ "stepup_new", "deviceId" },
	{ "stepup_new", "input*" },
	{ "onboarding_new", "input*" },
	{ "process_new", "documentCountry" },
	{ "capture_new", "allowedIdTypes" },
	{ "capture_new", "redirectUrl" },    /* an https address */
	{ "complete_new", "*" },             /* a result that can be one */
	{ "review_decision", "*" },
	{ "proofing_config", "*" },          /* providers that can be reached, secrets that are there */
	{ "*", "*.broadcast" },              /* names no device */
};

static const struct rule_row never_empty[] = {
	{ "account_change", "name" },
	{ "client_change", "name" },
	{ "client_new", "accountId" }, /* nothing there is for every account, which nobody shall get by mistake */
};

static const struct rule_row needed_all_the_same[] = {
	{ "stepup_new", "userId" },
	{ "stepup_new", "deviceId" },

	{ "operation_new", "device" }, /* but for broadcasts, which name none */
	{ "operation_new", "device.id" },
	{ "*", "*Context.mimeType" }, /* where there is content */
};

#define ROWS(array) (sizeof(array) / sizeof((array)[0]))

static bool fits(const char *pattern, const char *text)
{
	return fnmatch(pattern, text, 0) == 0;
}

const char *known_value(const struct town *town, const char *where, const char *name)
{
	for (size_t i = 0; i < ROWS(fixed_rows); i++)
		if (fits(fixed_rows[i].where, where) && fits(fixed_rows[i].name, name))
			return fixed_rows[i].value;
	for (size_t i = 0; i < ROWS(known_rows); i++)
		if (fits(known_rows[i].where, where) && fits(known_rows[i].name, name))
			return *(const char *const *)((const uint8_t *)town + known_rows[i].offset);
	return NULL;
}

static const struct entity_row *entity(const char *where, const char *name)
{
	for (size_t i = 0; i < ROWS(entity_rows); i++)
		if (fits(entity_rows[i].where, where) && fits(entity_rows[i].name, name))
			return &entity_rows[i];
	return NULL;
}

const char *unknown_value(const char *where, const char *name)
{
	const struct entity_row *row = entity(where, name);

	return row ? row->unknown : NOBODY;
}

const char *unknown_code(const char *where, const char *name)
{
	const struct entity_row *row = entity(where, name);

	return row ? row->code : NULL;
}

static bool listed(const struct rule_row *rows, size_t n, const char *schema, const char *place)
{
	for (size_t i = 0; i < n; i++)
		if (fits(rows[i].schema, schema) && fits(rows[i].place, place))
			return true;
	return false;
}

bool has_own_rule(const char *schema, const char *place)
{
	return listed(own_rules, ROWS(own_rules), schema, place);
}

bool may_not_be_empty(const char *schema, const char *place)
{
	return listed(never_empty, ROWS(never_empty), schema, place) || is_needed_all_the_same(schema, place);
}

bool is_needed_all_the_same(const char *schema, const char *place)
{
	return listed(needed_all_the_same, ROWS(needed_all_the_same), schema, place);
}
