/* THE table of commands. */
#include "server/cli.h"

const struct option_spec global_options[OPTION_GLOBAL_COUNT] = {
	{ "data", "DIR", .help = "Data directory; else REUSEID_DATA from the environment, else ./data" },
	{ "config", "FILE", .help = "File with settings: lines of the form name = value" },
	{ "json", NULL, .help = "Print the answer as JSON" },
	{ "yes", NULL, .help = "Do not ask before something is deleted" },
	{ "help", NULL, .help = "Explain the command; -h for short" },
};

#define PRODUCT(name, label, permissions, help) "  " label "\n"
static const char products_more[] =
	"Products are named with commas between them, for instance\n"
	"  --products \"ReuseID Passkey API,Audit API\"\n"
	"or all. There are:\n"
#include "api/permission.def"
	;
#undef PRODUCT

static const struct column account_columns[] = {
	{ "Account", "id" }, { "Name", "name" }, { "Type", "type" }, { "Extended events", "extendedEvents" }, { "Created", "created" }, { 0 },
};
static const struct column client_list_columns[] = {
	{ "Client", "id" }, { "Account", "accountId" }, { "Name", "name" }, { "Enabled", "enabled" }, { "Secrets", "secrets" },
	{ "Products", "products" }, { 0 },
};
static const struct column client_columns[] = {
	{ "Client", "id" }, { "Account", "accountId" }, { "Name", "name" }, { "Enabled", "enabled" }, { "Products", "products" },
	{ "Token lifetime (s)", "tokenLifetimeSeconds" }, { "Created", "created" }, { "Secrets", "secrets" }, { 0 },
};
static const struct column client_new_columns[] = {
	{ "Client", "id" }, { "Secret", "secrets.0.secret" }, { "Account", "accountId" }, { "Name", "name" }, { "Products", "products" },
	{ "Token lifetime (s)", "tokenLifetimeSeconds" }, { 0 },
};
static const struct column secret_columns[] = {
	{ "Secret ID", "id" }, { "Name", "name" }, { "Secret", "secret" }, { 0 },
};
static const struct column domain_columns[] = {
	{ "Domain", "name" }, { "Account", "accountId" }, { "Created", "created" }, { 0 },
};
static const struct column passkey_domain_columns[] = {
	{ "Relying party", "rpId" }, { "Pages", "pageUrl" }, { "Origins", "origins" }, { "Redirects", "redirects" }, { "Title", "title" },
	{ "Accent", "accent" }, { "Apple apps", "appleApps" }, { "Android apps", "androidApps" }, { "Attestation", "attestation" },
	{ "Trusted only", "trustedOnly" }, { "AAGUIDs", "aaguids" }, { 0 },
};
static const struct column key_columns[] = {
	{ "Key", "keyId" }, { "Algorithm", "algorithm" }, { "State", "state" }, { "Created", "created" }, { "Active from", "activeFrom" }, { 0 },
};
static const struct column user_list_columns[] = {
	{ "User", "id" }, { "Account", "accountId" }, { "State", "state" }, { "Segment", "segment" }, { "External reference", "externalRef" },
	{ "Created", "created" }, { 0 },
};
static const struct column user_columns[] = {
	{ "User", "id" }, { "Account", "accountId" }, { "State", "state" }, { "Segment", "segment" }, { "External reference", "externalRef" },
	{ "Created", "created" }, { "Last used", "lastUsed" }, { "Attributes", "attributes" }, { 0 },
};
static const struct column mobileid_columns[] = {
	{ "Application", "applicationId" }, { "Public key", "publicKey" }, { "Server", "serverUrl" }, { 0 },
};
static const struct column proofing_columns[] = {
	{ "Providers", "providers" }, { "Manual review", "manualReview" }, { "Evidence is kept", "storeEvidence" },
	{ "Retention (days)", "evidenceRetentionDays" }, { "Simulator in production", "allowSimulatorInProduction" }, { 0 },
};
static const struct column review_columns[] = {
	{ "Process", "processId" }, { "Dossier", "dossierId" }, { "Account", "accountId" }, { "Provider", "provider" }, { "Status", "status" },
	{ "Created", "created" }, { 0 },
};
static const struct column backup_columns[] = {
	{ "Backup", "path" }, { "Master key ID", "masterKeyId" }, { 0 },
};

#define SECRET_REMARK "The secret is shown this once and kept only as a hash: store it now."
#define OF_ACCOUNT { "account", "ACCOUNT", "accountId", MAY, AS_TEXT, "Only those of this account" }
#define ONE_ACCOUNT { "ACCOUNT", "accountId", MUST, AS_TEXT }
#define ONE_CLIENT { "CLIENT", "clientId", MUST, AS_TEXT }

const struct command command_list[] = {
	{ "serve", "Run the server",
		"The first start makes the data directory with a master key, a database, a\n"
		"sandbox account and an API client for it, and writes what is needed for the\n"
		"first request to bootstrap.json there. SIGTERM or Ctrl-C stops the server after\n"
		"the requests under way; SIGHUP reads the settings and the certificate again.\n\n"
		"Example:\n  reuseid serve --data /var/lib/reuseid --port 8080 --public-url https://id.example.com\n",
		.takes_settings = true, .run = command_serve },
	{ "check-config", "Check the settings and show what they amount to",
		"Example:\n  reuseid check-config --config /etc/reuseid.conf\n",
		.takes_settings = true, .run = command_check_config },

	{ "account list", "List the accounts", .method = HTTP_GET, .path = "/admin/accounts", .columns = account_columns, .list = "accounts" },
	{ "account create", "Create an account",
		"An account keeps its users, API clients and domains apart from those of every\n"
		"other. Its type can never be changed.\n\n"
		"Example:\n  reuseid account create \"My bank\" --type production\n",
		.arguments = { { "NAME", "name", MUST, AS_TEXT } },
		.options = {
			{ "type", "TYPE", "type", MUST, AS_TEXT, "sandbox (made-up people) or production (real ones)" },
			{ "extended-events", "on|off", "extendedEvents", MAY, AS_ON_OFF, "Send events that the hosted service does not have" } },
		.method = HTTP_POST, .path = "/admin/accounts", .columns = account_columns },
	{ "account show", "Show an account", .arguments = { ONE_ACCOUNT },
		.method = HTTP_GET, .path = "/admin/accounts/{accountId}", .columns = account_columns },
	{ "account update", "Change an account",
		"Example:\n  reuseid account update a-spge-Abcdefghijk123456789 --name \"Test bank\"\n",
		.arguments = { ONE_ACCOUNT },
		.options = {
			{ "name", "NAME", "name", MAY, AS_TEXT, "New name" },
			{ "extended-events", "on|off", "extendedEvents", MAY, AS_ON_OFF, "Send events that the hosted service does not have" },
			{ "audit-retention", "DAYS", "auditRetentionDays", MAY, AS_NUMBER, "How long its audit records are kept from now on" } },
		.needs_option = true, .method = HTTP_PATCH, .path = "/admin/accounts/{accountId}", .columns = account_columns },
	{ "account delete", "Delete an account that has no users, with its API clients and domains", .arguments = { ONE_ACCOUNT },
		.method = HTTP_DELETE, .path = "/admin/accounts/{accountId}", .remark = "Deleted.",
		.confirm = "Delete the account {ACCOUNT} with its API clients and domains?" },

	{ "client list", "List API clients", .options = { OF_ACCOUNT },
		.method = HTTP_GET, .path = "/admin/clients", .columns = client_list_columns, .list = "clients" },
	{ "client create", "Create an API client with its first secret", products_more,
		.arguments = { { "NAME", "name", MUST, AS_TEXT } },
		.options = {
			{ "account", "ACCOUNT", "accountId", EITHER, AS_TEXT, "Account that the client may work in" },
			{ "organisation", NULL, NULL, EITHER, NOT_SENT, "It may work in every account, naming it in each request" },
			{ "products", "LIST", "products", MUST, AS_LIST, "What it may use" },
			{ "token-lifetime", "SECONDS", "tokenLifetimeSeconds", MAY, AS_NUMBER,
				"How long its access tokens last, 1 to 3600; 600 unless told otherwise" } },
		.method = HTTP_POST, .path = "/admin/clients", .columns = client_new_columns, .remark = SECRET_REMARK },
	{ "client show", "Show an API client and the names of its secrets", .arguments = { ONE_CLIENT },
		.method = HTTP_GET, .path = "/admin/clients/{clientId}", .columns = client_columns },
	{ "client update", "Change an API client; it counts from the next request on", products_more,
		.arguments = { ONE_CLIENT },
		.options = {
			{ "name", "NAME", "name", MAY, AS_TEXT, "New name" },
			{ "products", "LIST", "products", MAY, AS_LIST, "All that it may use from now on; \"\" for nothing" },
			{ "token-lifetime", "SECONDS", "tokenLifetimeSeconds", MAY, AS_NUMBER, "How long its access tokens last, 1 to 3600" },
			{ "enable", NULL, "enabled", MAY, AS_TRUE, "Let it get and use tokens again" },
			{ "disable", NULL, "enabled", MAY, AS_FALSE, "Refuse it, and the tokens it has" } },
		.needs_option = true, .method = HTTP_PATCH, .path = "/admin/clients/{clientId}", .columns = client_columns },
	{ "client delete", "Delete an API client with its secrets; its tokens count no more", .arguments = { ONE_CLIENT },
		.method = HTTP_DELETE, .path = "/admin/clients/{clientId}", .remark = "Deleted.",
		.confirm = "Delete the API client {CLIENT} with its secrets?" },
	{ "client secret add", "Add a secret to an API client",
		"A client may have any number of secrets. To replace one: add another, give it to\n"
		"the program that calls the API, and remove the old one.\n\n"
		"Example:\n  reuseid client secret add sandbox-round-apple-123 \"Server in Oslo\"\n",
		.arguments = { ONE_CLIENT, { "NAME", "name", MUST, AS_TEXT } },
		.method = HTTP_POST, .path = "/admin/clients/{clientId}/secrets", .columns = secret_columns, .remark = SECRET_REMARK },
	{ "client secret remove", "Remove a secret; the others go on working",
		"`reuseid client show CLIENT` tells the ids of the secrets.\n",
		.arguments = { ONE_CLIENT, { "SECRET-ID", "secretId", MUST, AS_TEXT } },
		.method = HTTP_DELETE, .path = "/admin/clients/{clientId}/secrets/{secretId}", .remark = "Removed.",
		.confirm = "Remove the secret {SECRET-ID} of {CLIENT}?" },

	{ "domain list", "List the domains", .options = { OF_ACCOUNT },
		.method = HTTP_GET, .path = "/admin/domains", .columns = domain_columns, .list = "domains" },
	{ "domain add", "Add a domain to an account",
		"A domain is a bare host name; localhost is for sandbox accounts only. It belongs\n"
		"to one account at a time.\n\n"
		"Example:\n  reuseid domain add login.example.com --account a-ppge-Abcdefghijk123456789\n",
		.arguments = { { "DOMAIN", "name", MUST, AS_TEXT } },
		.options = { { "account", "ACCOUNT", "accountId", MUST, AS_TEXT, "Account that the domain is to belong to" } },
		.method = HTTP_POST, .path = "/admin/domains", .columns = domain_columns },
	{ "domain remove", "Remove a domain from its account", .arguments = { { "DOMAIN", "domain", MUST, AS_TEXT } },
		.method = HTTP_DELETE, .path = "/admin/domains/{domain}", .remark = "Removed.",
		.confirm = "Remove the domain {DOMAIN}?" },

	{ "passkey domain show", "Show what a domain means for passkeys", .arguments = { { "DOMAIN", "domain", MUST, AS_TEXT } },
		.method = HTTP_GET, .path = "/admin/passkeys/domains/{domain}", .columns = passkey_domain_columns },
	{ "passkey domain set", "Change what a domain means for passkeys",
		"Lists have spaces between their items. \"\" takes a value away.\n\n"
		"Example:\n  reuseid passkey domain set login.example.com --rp-id example.com \\\n    --origins \"https://example.com https://www.example.com\"\n",
		.arguments = { { "DOMAIN", "domain", MUST, AS_TEXT } },
		.options = {
			{ "rp-id", "NAME", "rpId", MAY, AS_TEXT, "What passkeys are bound to: the domain, or one that it lies in" },
			{ "page-url", "URL", "pageUrl", MAY, AS_TEXT, "Where browsers reach our pages" },
			{ "origins", "LIST", "origins", MAY, AS_TEXT, "Further origins that may use its passkeys, of pages and apps" },
			{ "redirects", "LIST", "redirects", MAY, AS_TEXT, "Beginnings of further addresses that browsers may be sent to" },
			{ "title", "TEXT", "title", MAY, AS_TEXT, "Name that people see" },
			{ "accent", "COLOUR", "accent", MAY, AS_TEXT, "Colour of buttons, such as #1d4ed8" },
			{ "logo", "DATA-URL", "logo", MAY, AS_TEXT, "Picture, as a data: URL" },
			{ "apple-apps", "LIST", "appleApps", MAY, AS_TEXT, "Apple apps that may use its passkeys: TEAM.BUNDLE" },
			{ "android-apps", "LIST", "androidApps", MAY, AS_TEXT, "Android apps that may: PACKAGE=SHA-256 of the certificate" },
			{ "attestation", "on|off", "attestation", MAY, AS_ON_OFF, "Ask authenticators of what make they are" },
			{ "trusted-only", "on|off", "trustedOnly", MAY, AS_ON_OFF, "Only those whose attestation leads to a trusted root" },
			{ "aaguids", "LIST", "aaguids", MAY, AS_TEXT, "Only these kinds of authenticators" } },
		.needs_option = true, .method = HTTP_PATCH, .path = "/admin/passkeys/domains/{domain}", .columns = passkey_domain_columns },

	{ "passkey export", "Write the passkeys of an account as JSON lines",
		"Each line has what a service needs to go on with a passkey elsewhere: domain,\n"
		"credential id, public key, counter, flags, AAGUID, user handle, and the user by id\n"
		"and external reference. The user handle tells the user's id to whoever reads it.\n\n"
		"Example:\n  reuseid passkey export a-ppge-Abcdefghijk123456789 >passkeys.jsonl\n",
		.arguments = { ONE_ACCOUNT }, .method = HTTP_GET, .path = "/admin/passkeys/accounts/{accountId}/export",
		.run = command_passkey_export },
	{ "passkey import", "Take passkeys over from JSON lines, as `passkey export` writes them",
		"Their domain has to be one of the account, and their users have to be there: they\n"
		"are found by userId, else by externalRef. userHandle, userId, externalRef and what\n"
		"is not needed may be missing, as long as the user can be found; a passkey without\n"
		"a userHandle has that of its userId. A line that is refused ends the import; those\n"
		"in front of it are taken over in portions, and it is told how many were.\n\n"
		"Example:\n  reuseid passkey import a-ppge-Abcdefghijk123456789 passkeys.jsonl\n",
		.arguments = { ONE_ACCOUNT, { "FILE", NULL, MUST, NOT_SENT } }, .method = HTTP_POST,
		.path = "/admin/passkeys/accounts/{accountId}/import", .run = command_passkey_import },

	{ "user list", "List users, newest first", .options = {
			OF_ACCOUNT,
			{ "external-ref", "REFERENCE", "externalRef", MAY, AS_TEXT, "The one with this external reference; needs --account" },
			{ "segment", "SEGMENT", "segment", MAY, AS_TEXT, "Only those of this segment" },
			{ "state", "STATE", "state", MAY, AS_TEXT, "Only those that are ACTIVE or LOCKED" },
			{ "limit", "COUNT", "limit", MAY, AS_NUMBER, "How many to show, 1 to 100; 10 unless told otherwise" },
			{ "offset", "USER", "offset", MAY, AS_TEXT, "The first to show" } },
		.method = HTTP_GET, .path = "/admin/users", .columns = user_list_columns, .list = "users" },
	{ "user show", "Show a user", .arguments = { { "USER", "userId", MUST, AS_TEXT } },
		.method = HTTP_GET, .path = "/admin/users/{userId}", .columns = user_columns },

	{ "mobileid add", "Add MobileID to an account", .arguments = { { "ACCOUNT", "accountId", MUST, AS_TEXT } },
		.method = HTTP_POST, .path = "/admin/mobileid", .columns = mobileid_columns },
	{ "mobileid quick-config", "Show what an authenticator app is configured with, as JSON and as a QR code",
		"Example:\n  reuseid mobileid quick-config a-spge-c2z0wgHkZjpBnS7uB621\n",
		.arguments = { { "ACCOUNT", "accountId", MUST, AS_TEXT } },
		.method = HTTP_GET, .path = "/admin/mobileid/{accountId}", .qr = true },

	{ "mobileid rotate-salt-key", "Make a new salt key for an account's PINs",
		"New PINs use it at once; each existing one moves to it with the next approval by PIN.\n"
		"Example:\n  reuseid mobileid rotate-salt-key a-spge-c2z0wgHkZjpBnS7uB621\n",
		.arguments = { { "ACCOUNT", "accountId", MUST, AS_TEXT } },
		.method = HTTP_POST, .path = "/admin/mobileid/{accountId}/salt-keys" },

	{ "key list", "List the keys that sign tokens", .method = HTTP_GET, .path = "/admin/keys", .columns = key_columns, .list = "keys" },
	{ "key rotate", "Make a new signing key",
		"The new key is published at once and signs after the time that the setting\n"
		"key_overlap_s tells, so that everybody who keeps the list of keys for a while\n"
		"knows it by then.\n",
		.options = { { "immediately", NULL, "immediately", MAY, AS_TRUE, "Sign with it at once: after a key has leaked" } },
		.method = HTTP_POST, .path = "/admin/keys/rotate", .columns = key_columns },
	{ "key delete", "Delete a signing key; what it signed cannot be verified any more",
		.arguments = { { "KEY", "keyId", MUST, AS_TEXT } },
		.method = HTTP_DELETE, .path = "/admin/keys/{keyId}", .remark = "Deleted.",
		.confirm = "Delete the signing key {KEY}? What it signed cannot be verified any more." },

	{ "proofing show", "Show how an account has identities proofed",
		"Example:\n  reuseid proofing show a-spge-… --json\n",
		.method = HTTP_GET, .path = "/admin/proofing/{accountId}", .columns = proofing_columns, .arguments = { ONE_ACCOUNT } },
	{ "proofing set", "Set how an account has identities proofed",
		"FILE is JSON: providers by the names that callers use, each with an engine\n"
		"(simulator, manual, http or oidc) and its settings; attributeMapping, manualReview,\n"
		"storeEvidence and more. The documentation for operators has examples. Secrets are\n"
		"sealed and never shown; one that is named without a value stays what it is.\n\n"
		"Example:\n  reuseid proofing set a-ppge-… proofing.json\n",
		.method = HTTP_PUT, .path = "/admin/proofing/{accountId}", .columns = proofing_columns,
		.arguments = { ONE_ACCOUNT, { "FILE", NULL, MUST, AS_WHOLE } } },
	{ "proofing reviews", "List the proofings that wait for a decision",
		"Example:\n  reuseid proofing reviews\n",
		.method = HTTP_GET, .path = "/admin/proofing-reviews", .columns = review_columns, .list = "reviews" },
	{ "proofing decide", "Decide a proofing that waits for it",
		"FILE is JSON: {\"decision\":\"rejected\"}, or \"accepted\" with a finalResult that says\n"
		"who it is: firstName, lastName, dateOfBirth, gender, nationality and so on.\n\n"
		"Example:\n  reuseid proofing decide 2f54b0a4-1a77-42e2-98d8-369116ef2055 decision.json\n",
		.method = HTTP_POST, .path = "/admin/proofing-reviews/{processId}",
		.arguments = { { "PROCESS", "processId", MUST, AS_TEXT }, { "FILE", NULL, MUST, AS_WHOLE } } },

	{ "backup", "Write a copy of the database to a new file, while the server goes on",
		"The copy does not hold the master key, without which nobody can read what is\n"
		"sealed in it: keep that apart.\n\n"
		"Example:\n  reuseid backup /backup/reuseid-monday.db\n",
		.arguments = { { "FILE", "path", MUST, AS_FILE } },
		.method = HTTP_POST, .path = "/admin/backup", .columns = backup_columns,
		.remark = "The master key is not in the backup and is needed to read it. It lies in\n"
			"{DATA}/master.key, unless the setting master_key_file names another file;\n"
			"keep a copy of it in another place than the backup." },
	{ "restore", "Put a backup into place, while no server runs",
		"The backup is checked first, and that the master key fits it. When anything is\n"
		"wrong nothing is changed.\n\n"
		"Example:\n  reuseid restore /backup/reuseid-monday.db --replace\n",
		.arguments = { { "FILE", NULL, MUST, NOT_SENT } },
		.options = {
			{ "replace", NULL, NULL, MAY, NOT_SENT, "Replace the database that is there" },
			{ "master-key", "FILE", NULL, MAY, NOT_SENT, "The master key; else DIR/master.key" } },
		.run = command_restore, .confirm = "Replace the database that is there by {FILE}?", .confirm_option = "replace" },

	{ "audit verify", "Check an export of the audit log against a checkpoint, without a server",
		"The export is what GET /audit/export?size=SIZE answers as JSON lines, all of it,\n"
		"for the size of a checkpoint that was kept. The keys are what the server\n"
		"publishes. The first record that was altered, removed or inserted is named.\n\n"
		"Example:\n  reuseid audit verify export.jsonl --checkpoint kept.jwt --keys jwks.json\n",
		.arguments = { { "EXPORT", NULL, MUST, NOT_SENT } },
		.options = {
			{ "checkpoint", "FILE", NULL, MUST, NOT_SENT, "The checkpoint, a JWT" },
			{ "keys", "FILE", NULL, MUST, NOT_SENT, "The published keys, a JWK set" } },
		.run = command_audit_verify },
	{ "consent verify", "Check the evidence of a consent signature, without a server",
		"The bundle is what GET /reuseid/core/credentials/devices/signatures/ID/evidence\n"
		"answers. Checked are the service's JWT, the device's own signatures over what\n"
		"was shown, what its platform attested of the app, if it did, and that the\n"
		"signature stands in the audit log.\n\n"
		"Example:\n  reuseid consent verify bundle.json --keys jwks.json\n",
		.arguments = { { "BUNDLE", NULL, MUST, NOT_SENT } },
		.options = { { "keys", "FILE", NULL, MUST, NOT_SENT, "The published keys, a JWK set" } },
		.run = command_consent_verify },

	{ "openapi", "Print the OpenAPI document of an API, or the list of them",
		"Example:\n  reuseid openapi\n",
		.arguments = { { "PATH", NULL, MAY, NOT_SENT } },
		.options = { { "public-url", "URL", NULL, MAY, NOT_SENT, "Address of the server that the document names" } },
		.run = command_openapi },
	{ "reference", "Print a page of reference (settings, errors, routes and the like), or the list of them",
		"Example:\n  reuseid reference settings\n",
		.arguments = { { "PAGE", NULL, MAY, NOT_SENT } },
		.run = command_reference },
	{ "version", "Print the version", .run = command_version },
	{ "help", "Explain the commands",
		"Examples:\n  reuseid help client create\n  reuseid help --man | man -l -\n",
		.arguments = { { "COMMAND…", NULL, MAY, NOT_SENT }, { "", NULL, MAY, NOT_SENT }, { "", NULL, MAY, NOT_SENT } },
		.options = { { "man", NULL, NULL, MAY, NOT_SENT, "The whole manual page, as roff" } },
		.run = command_help },
};

const size_t command_count = sizeof(command_list) / sizeof(command_list[0]);
