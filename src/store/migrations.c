/*
 * The schema. Ids are 16-byte UUIDs; an account is known inside by its number (n). Times are ms since 1970. Words such as states
 * and types are stored as the numbers of their enumerations, which only ever grow at the end.
 */
#include "store/migrate.h"

const struct migration migrations[] = {
	{ "meta",
		"CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL)" },
	{ "accounts",
		"CREATE TABLE organisations (n {serial}, id text NOT NULL UNIQUE, name text NOT NULL, created bigint NOT NULL);"
		"CREATE TABLE accounts (n {serial}, id text NOT NULL UNIQUE, organisation bigint NOT NULL, name text NOT NULL,"
		" sandbox bigint NOT NULL, extended_events bigint NOT NULL, created bigint NOT NULL);"
		"CREATE TABLE clients (n {serial}, id text NOT NULL UNIQUE, organisation bigint NOT NULL, account bigint,"
		" name text NOT NULL, enabled bigint NOT NULL, products bigint NOT NULL, token_lifetime_s bigint NOT NULL,"
		" created bigint NOT NULL);"
		"CREATE TABLE client_secrets (id {bytes} PRIMARY KEY, client bigint NOT NULL, name text NOT NULL, hash {bytes} NOT NULL,"
		" created bigint NOT NULL);"
		"CREATE INDEX client_secrets_by_client ON client_secrets (client);"
		"CREATE TABLE domains (name text PRIMARY KEY, account bigint NOT NULL, created bigint NOT NULL)" },
	{ "signing keys",
		"CREATE TABLE signing_keys (kid text PRIMARY KEY, alg text NOT NULL, wrapped_key {bytes} NOT NULL,"
		" private_key {bytes} NOT NULL, public_key {bytes} NOT NULL, created bigint NOT NULL, active_from bigint NOT NULL)" },
	{ "users",
		/* profile seals the external reference and the attributes under the key in wrapped_key; destroying that key erases them. */
		"CREATE TABLE users (id {bytes} PRIMARY KEY, account bigint NOT NULL, version bigint NOT NULL, state bigint NOT NULL,"
		" segment text, created bigint NOT NULL, last_used bigint NOT NULL, reference_index {bytes}, wrapped_key {bytes} NOT NULL,"
		" profile {bytes} NOT NULL);"
		"CREATE UNIQUE INDEX users_by_reference ON users (account, reference_index);"
		"CREATE INDEX users_by_account ON users (account, id);"
		"CREATE TABLE verifications (id {bytes} PRIMARY KEY, user_id {bytes} NOT NULL, provider text NOT NULL,"
		" dossier_id text NOT NULL, process_id text NOT NULL, orchestration_id text NOT NULL, created bigint NOT NULL);"
		"CREATE INDEX verifications_by_user ON verifications (user_id, id)" },
	{ "operations",
		/* What every kind of credential and transaction has in common: the lists of a user are read from here. */
		"CREATE TABLE credentials (id {bytes} PRIMARY KEY, account bigint NOT NULL, user_id {bytes} NOT NULL, type bigint NOT NULL,"
		" state bigint NOT NULL, name {bytes} NOT NULL, last_operation bigint NOT NULL, created bigint NOT NULL,"
		" last_used bigint NOT NULL);"
		"CREATE INDEX credentials_by_user ON credentials (user_id, type, last_used, id);"
		"CREATE TABLE transactions (id {bytes} PRIMARY KEY, account bigint NOT NULL, user_id {bytes} NOT NULL, type bigint NOT NULL,"
		" operation bigint NOT NULL, state bigint NOT NULL, error text, credential_id {bytes}, created bigint NOT NULL,"
		" expires bigint NOT NULL, completed bigint NOT NULL) {clustered};"
		"CREATE INDEX transactions_by_user ON transactions (user_id, type, created, id);"
		"CREATE INDEX transactions_by_credential ON transactions (credential_id, created, id);"
		"CREATE INDEX transactions_pending ON transactions (expires) WHERE state = 1" },
	{ "facts",
		/*
		 * audit is only appended to; outbox holds what receivers are to be told. Both in the transaction of the operation itself.
		 * What an event says of a transaction or a device is read, and unsealed, when it is delivered.
		 */
		"CREATE TABLE audit (n {serial}, account bigint NOT NULL, at bigint NOT NULL, expires bigint NOT NULL, type text NOT NULL,"
		" user_id {bytes}, reference text, client_id text, token_id text, address text, trace {bytes}, data text);"
		"CREATE INDEX audit_by_account ON audit (account, n);"
		"CREATE TABLE outbox (n {serial}, id {bytes} NOT NULL, account bigint NOT NULL, at bigint NOT NULL, expires bigint NOT NULL,"
		" sender text NOT NULL, name text NOT NULL, transaction_id {bytes}, device_id {bytes}, data text)" },
	{ "devices",
		"CREATE TABLE applications (id {bytes} PRIMARY KEY, account bigint NOT NULL UNIQUE, name text NOT NULL, config text NOT NULL,"
		" created bigint NOT NULL);"
		"CREATE TABLE e2e_keys (id {bytes} PRIMARY KEY, application {bytes} NOT NULL, wrapped_key {bytes} NOT NULL,"
		" private_key {bytes} NOT NULL, state bigint NOT NULL, created bigint NOT NULL);"
		"CREATE TABLE salt_keys (id text PRIMARY KEY, application {bytes} NOT NULL, wrapped_key {bytes} NOT NULL,"
		" secret {bytes} NOT NULL, created bigint NOT NULL);"
		/* What a device has beyond a credential. keys, details and answer are sealed under the user's key. */
		"CREATE TABLE devices (id {bytes} PRIMARY KEY, version bigint NOT NULL, account bigint NOT NULL, user_id {bytes} NOT NULL,"
		" application {bytes} NOT NULL, methods bigint NOT NULL, keys {bytes} NOT NULL, cid {bytes}, salt_key text,"
		" lock_reason bigint NOT NULL, fail_device bigint NOT NULL, fail_second bigint NOT NULL, try_open bigint NOT NULL,"
		" device_seen bigint NOT NULL, last_attempt bigint NOT NULL, last_ts bigint NOT NULL, ticket {bytes}, old_ticket {bytes},"
		" no_ticket bigint NOT NULL, details {bytes} NOT NULL, request_hash {bytes}, answer {bytes}, answered bigint NOT NULL);"
		"CREATE INDEX devices_by_user ON devices (user_id);"
		"CREATE INDEX devices_with_open_try ON devices (id) WHERE try_open = 1;"
		"CREATE INDEX devices_answered ON devices (answered) WHERE answered > 0;"
		/* What an operation of a device has beyond a transaction. content and result are sealed under the user's key. */
		"CREATE TABLE device_operations (id {bytes} PRIMARY KEY, application {bytes} NOT NULL, auth_level bigint NOT NULL,"
		" timeout_ms bigint NOT NULL, content {bytes} NOT NULL, result {bytes}, code_index {bytes}, code_key {bytes},"
		" code_ts bigint NOT NULL);"
		"CREATE UNIQUE INDEX device_operations_by_code ON device_operations (application, code_index) WHERE code_index IS NOT NULL;"
		/* secret and answer are sealed under the user's key; start is the evidence so far. */
		"CREATE TABLE device_sessions (sid {bytes} PRIMARY KEY, version bigint NOT NULL, user_id {bytes} NOT NULL,"
		" device {bytes} NOT NULL, operation {bytes} NOT NULL, application {bytes} NOT NULL, family bigint NOT NULL,"
		" step bigint NOT NULL, asks bigint NOT NULL, expires bigint NOT NULL, ended bigint NOT NULL, secret {bytes} NOT NULL,"
		" start {bytes} NOT NULL, request_hash {bytes} NOT NULL, answer {bytes} NOT NULL, answered bigint NOT NULL);"
		"CREATE INDEX device_sessions_by_user ON device_sessions (user_id);"
		"CREATE INDEX device_sessions_by_device ON device_sessions (device) WHERE ended = 0;"
		"CREATE INDEX device_sessions_by_operation ON device_sessions (operation) WHERE ended = 0;"
		"CREATE INDEX device_sessions_ended ON device_sessions (ended) WHERE ended > 0;"
		"CREATE TABLE evidence (id {bytes} PRIMARY KEY, account bigint NOT NULL, user_id {bytes} NOT NULL, box {bytes} NOT NULL);"
		"CREATE INDEX evidence_by_user ON evidence (user_id)" },
	{ "webhooks",
		"ALTER TABLE transactions ADD COLUMN mobileid bigint NOT NULL DEFAULT 0;"
		"CREATE UNIQUE INDEX outbox_by_id ON outbox (id);"
		"CREATE INDEX outbox_by_account ON outbox (account, n);"
		/* target seals URL and headers under the key in wrapped_key, and so are the secrets; events and filter are JSON. */
		"CREATE TABLE subscriptions (id {bytes} PRIMARY KEY, account bigint NOT NULL, version bigint NOT NULL, name text NOT NULL,"
		" enabled bigint NOT NULL, disabled_why text, events text NOT NULL, filter text NOT NULL, hmac bigint NOT NULL,"
		" hmac_form bigint NOT NULL, jws bigint NOT NULL, ttl_s bigint NOT NULL, wrapped_key {bytes} NOT NULL, target {bytes} NOT NULL,"
		" created bigint NOT NULL, updated bigint NOT NULL);"
		"CREATE INDEX subscriptions_by_account ON subscriptions (account, id);"
		"CREATE TABLE subscription_secrets (id {bytes} PRIMARY KEY, subscription {bytes} NOT NULL, secret {bytes} NOT NULL,"
		" created bigint NOT NULL);"
		"CREATE INDEX subscription_secrets_by_subscription ON subscription_secrets (subscription);"
		/* One for each event and subscription that it goes to. round counts how often it was begun anew. */
		"CREATE TABLE deliveries (n {serial}, event bigint NOT NULL, subscription {bytes} NOT NULL, account bigint NOT NULL,"
		" state bigint NOT NULL, round bigint NOT NULL, attempts bigint NOT NULL, due bigint NOT NULL, expires bigint NOT NULL,"
		" tried bigint NOT NULL, status bigint NOT NULL, reason text);"
		"CREATE UNIQUE INDEX deliveries_by_event ON deliveries (event, subscription);"
		"CREATE INDEX deliveries_due ON deliveries (subscription, due) WHERE state = 1;"
		"CREATE INDEX deliveries_expiring ON deliveries (expires) WHERE state = 1;"
		/* How far each reader of the outbox has come. */
		"CREATE TABLE event_cursors (reader text PRIMARY KEY, n bigint NOT NULL)" },
	{ "audit trees",
		/*
		 * The records of an account are the leaves of a Merkle tree; account 0 is the server's own log. Tiles hold the hashes, and
		 * stay when the records go. personal is sealed under the user's key; what else a record says is hashed, and never changes.
		 */
		"ALTER TABLE audit ADD COLUMN sequence bigint NOT NULL DEFAULT 0;"
		"ALTER TABLE audit ADD COLUMN personal {bytes};"
		"ALTER TABLE audit ADD COLUMN commitment {bytes};"
		"UPDATE audit SET sequence = numbered.place FROM (SELECT n, row_number() OVER (PARTITION BY account ORDER BY n) - 1 AS place"
		" FROM audit) AS numbered WHERE numbered.n = audit.n;"
		"DROP INDEX audit_by_account;"
		"CREATE UNIQUE INDEX audit_by_account ON audit (account, sequence);"
		"ALTER TABLE accounts ADD COLUMN audit_retention_days bigint;"
		"CREATE TABLE audit_trees (account bigint PRIMARY KEY, account_id text NOT NULL, organisation_id text NOT NULL,"
		" sandbox bigint NOT NULL, size bigint NOT NULL, checkpoint text, checkpointed bigint NOT NULL);"
		"INSERT INTO audit_trees (account, account_id, organisation_id, sandbox, size, checkpointed) VALUES (0, '', '', 0, 0, 0);"
		"INSERT INTO audit_trees (account, account_id, organisation_id, sandbox, size, checkpointed)"
		" SELECT a.n, a.id, o.id, a.sandbox, 0, 0 FROM accounts a JOIN organisations o ON o.n = a.organisation;"
		"CREATE TABLE audit_tiles (account bigint NOT NULL, level bigint NOT NULL, position bigint NOT NULL, hashes {bytes} NOT NULL,"
		" PRIMARY KEY (account, level, position));"
		"CREATE TABLE audit_checkpoints (account bigint NOT NULL, size bigint NOT NULL, at bigint NOT NULL, token text NOT NULL,"
		" PRIMARY KEY (account, size))" },
	{ "devices: methods, places, recovery",
		/* geofence and report are sealed under the user's key; hash_index is a keyed hash of the device hash. */
		"ALTER TABLE devices ADD COLUMN pending_salt text;"
		"ALTER TABLE devices ADD COLUMN recovery_lock bigint NOT NULL DEFAULT 0;"
		"ALTER TABLE devices ADD COLUMN geofence {bytes};"
		"ALTER TABLE devices ADD COLUMN hash_index {bytes};"
		"ALTER TABLE devices ADD COLUMN pushes bigint NOT NULL DEFAULT 0;"
		"CREATE INDEX devices_by_hash ON devices (account, hash_index);"
		"ALTER TABLE device_operations ADD COLUMN report {bytes};"
		"ALTER TABLE device_operations ADD COLUMN by_device bigint NOT NULL DEFAULT 0;"
		"CREATE TABLE authorisation_tokens (hash {bytes} PRIMARY KEY, device {bytes} NOT NULL, user_id {bytes} NOT NULL,"
		" purpose text NOT NULL, proven bigint NOT NULL);"
		"CREATE INDEX authorisation_tokens_by_age ON authorisation_tokens (proven)" },
	{ "pending",
		/* What is pending is found without a walk over all that ever was. */
		"CREATE INDEX transactions_pending_of_user ON transactions (user_id, id) WHERE state = 1;"
		"CREATE INDEX transactions_pending_of_credential ON transactions (credential_id, id) WHERE state = 1" },
	{ "devices: attestation, push",
		/* All boxes are sealed, under the user's key or (push_configurations) one of their own. */
		"CREATE TABLE app_attest_keys (device {bytes} PRIMARY KEY, user_id {bytes} NOT NULL, box {bytes} NOT NULL);"
		"CREATE INDEX app_attest_keys_by_user ON app_attest_keys (user_id);"
		"CREATE TABLE push_tokens (device {bytes} PRIMARY KEY, user_id {bytes} NOT NULL, box {bytes} NOT NULL, updated bigint NOT NULL);"
		"CREATE INDEX push_tokens_by_user ON push_tokens (user_id);"
		"CREATE TABLE push_configurations (application {bytes} NOT NULL, service text NOT NULL, wrapped_key {bytes} NOT NULL,"
		" box {bytes} NOT NULL, created bigint NOT NULL, updated bigint NOT NULL, PRIMARY KEY (application, service));"
		"ALTER TABLE device_operations ADD COLUMN push bigint NOT NULL DEFAULT 0" },
	{ "onboarding",
		/* box holds what is known of the person, sealed under the dossier's own key. */
		"CREATE TABLE dossiers (id {bytes} PRIMARY KEY, account bigint NOT NULL, user_id {bytes}, wrapped_key {bytes} NOT NULL,"
		" box {bytes} NOT NULL, created bigint NOT NULL, updated bigint NOT NULL);"
		"CREATE INDEX dossiers_by_account ON dossiers (account, id);"
		"CREATE INDEX dossiers_by_user ON dossiers (user_id) WHERE user_id IS NOT NULL;"
		/* content and result are sealed under the dossier's key. */
		"CREATE TABLE proofing_processes (id {bytes} PRIMARY KEY, dossier {bytes} NOT NULL, flow {bytes}, device {bytes},"
		" account bigint NOT NULL, version bigint NOT NULL, provider text NOT NULL, type text NOT NULL, engine bigint NOT NULL,"
		" status bigint NOT NULL, started bigint NOT NULL, begun bigint NOT NULL, created bigint NOT NULL, updated bigint NOT NULL,"
		" expires bigint NOT NULL, due bigint NOT NULL, next bigint NOT NULL, content {bytes} NOT NULL, result {bytes},"
		" handle_index {bytes} NOT NULL UNIQUE);"
		"CREATE INDEX proofing_processes_by_dossier ON proofing_processes (dossier);"
		"CREATE INDEX proofing_processes_by_account ON proofing_processes (account, id);"
		"CREATE INDEX proofing_processes_due ON proofing_processes (next) WHERE next > 0;"
		"CREATE TABLE proofing_files (id {bytes} PRIMARY KEY, dossier {bytes} NOT NULL, process {bytes}, account bigint NOT NULL,"
		" kind text NOT NULL, name text, media_type text NOT NULL, bytes bigint NOT NULL, box {bytes} NOT NULL, created bigint NOT NULL,"
		" expires bigint NOT NULL);"
		"CREATE INDEX proofing_files_by_dossier ON proofing_files (dossier);"
		"CREATE INDEX proofing_files_by_process ON proofing_files (process) WHERE process IS NOT NULL;"
		"CREATE INDEX proofing_files_by_end ON proofing_files (expires);"
		/* Providers, mapping and secrets of an account, sealed. */
		"CREATE TABLE proofing_accounts (account bigint PRIMARY KEY, version bigint NOT NULL, wrapped_key {bytes} NOT NULL,"
		" box {bytes} NOT NULL);"
		/* content is sealed under the user's key. */
		"CREATE TABLE flows (id {bytes} PRIMARY KEY, account bigint NOT NULL, version bigint NOT NULL, kind bigint NOT NULL,"
		" state bigint NOT NULL, user_id {bytes} NOT NULL, device {bytes}, operation {bytes} NOT NULL, dossier {bytes} NOT NULL,"
		" process {bytes} NOT NULL, provider text NOT NULL, created bigint NOT NULL, expires bigint NOT NULL, ended bigint NOT NULL,"
		" error text, verification {bytes}, content {bytes});"
		"CREATE INDEX flows_by_user ON flows (user_id);"
		"CREATE UNIQUE INDEX flows_waiting ON flows (operation) WHERE state = 2;"
		"CREATE INDEX flows_open ON flows (expires) WHERE ended = 0" },
	{ "passkeys",
		"CREATE TABLE passkey_domains (name text PRIMARY KEY, settings text NOT NULL);"
		/* box is sealed under the user's key; credential_index is a keyed hash of the credential id. */
		"CREATE TABLE passkeys (id {bytes} PRIMARY KEY, account bigint NOT NULL, user_id {bytes} NOT NULL, domain text NOT NULL,"
		" credential_index {bytes} NOT NULL UNIQUE, box {bytes} NOT NULL, sign_count bigint NOT NULL, flags bigint NOT NULL);"
		"CREATE INDEX passkeys_by_user ON passkeys (user_id);"
		"CREATE INDEX passkeys_by_account ON passkeys (account, id);"
		/* What an operation of a passkey has beyond a transaction. content and result are sealed. */
		"CREATE TABLE passkey_operations (n {serial}, id {bytes} NOT NULL UNIQUE, domain text NOT NULL, timeout_ms bigint NOT NULL,"
		" verification bigint NOT NULL, step bigint NOT NULL, bound {bytes}, challenge {bytes}, why text, content {bytes} NOT NULL,"
		" result {bytes}, created bigint NOT NULL);"
		"CREATE TABLE passkeys_gone (credential_index {bytes} PRIMARY KEY, at bigint NOT NULL)" },
	{ "devices: broadcast, recovery, hashes",
		/* One for each device that a broadcast is offered to; `error` once it is no longer. */
		"CREATE TABLE operation_legs (operation {bytes} NOT NULL, device {bytes} NOT NULL, error text, PRIMARY KEY (operation, device));"
		"CREATE INDEX operation_legs_by_device ON operation_legs (device) WHERE error IS NULL;"
		/* secret is sealed under the user's key, and gone with a recovery that is gone; its row stays, so that its id is known. */
		"CREATE TABLE recoveries (id {bytes} PRIMARY KEY, version bigint NOT NULL, account bigint NOT NULL, user_id {bytes} NOT NULL,"
		" device {bytes} NOT NULL, application {bytes} NOT NULL, method bigint NOT NULL, status bigint NOT NULL, gone bigint NOT NULL,"
		" fails bigint NOT NULL, salt_key text NOT NULL, secret {bytes}, last_ts bigint NOT NULL, created bigint NOT NULL);"
		"CREATE INDEX recoveries_by_device ON recoveries (device, created);"
		"CREATE INDEX recoveries_by_user ON recoveries (user_id);"
		"ALTER TABLE device_operations ADD COLUMN recovery {bytes};"
		"CREATE INDEX device_operations_by_recovery ON device_operations (recovery) WHERE recovery IS NOT NULL;"
		"CREATE TABLE blocked_hashes (account bigint NOT NULL, hash_index {bytes} NOT NULL, created bigint NOT NULL,"
		" PRIMARY KEY (account, hash_index));"
		/* secrets: properties that are sealed, under a key of the application's own. */
		"ALTER TABLE applications ADD COLUMN wrapped_key {bytes};"
		"ALTER TABLE applications ADD COLUMN secrets {bytes};"
		"ALTER TABLE applications ADD COLUMN version bigint NOT NULL DEFAULT 1" },
	{ "evidence of attestations",
		/* attestation is sealed under the user's key. */
		"ALTER TABLE device_sessions ADD COLUMN attestation {bytes}" },
	{ "erasure in the spool",
		/* Users whose events are still to be taken out of the spool's files. */
		"CREATE TABLE spool_erasures (n {serial}, account_id text NOT NULL, user_id {bytes} NOT NULL)" },
	{ "transactions of credentials",
		/* Those without one, as authentications with a passkey are until they end, are never looked for by it. */
		"DROP INDEX transactions_by_credential;"
		"CREATE INDEX transactions_by_credential ON transactions (credential_id, created, id) WHERE credential_id IS NOT NULL;"
		"DROP INDEX transactions_pending_of_credential;"
		"CREATE INDEX transactions_pending_of_credential ON transactions (credential_id, id) WHERE state = 1 AND credential_id IS NOT NULL" },
	{ "devices: faces",
		/* box is the provider's template, sealed under the user's key; a device and a recovery may refer to the same face. */
		"CREATE TABLE faces (id {bytes} PRIMARY KEY, user_id {bytes} NOT NULL, application {bytes} NOT NULL, box {bytes} NOT NULL,"
		" created bigint NOT NULL);"
		"CREATE INDEX faces_by_user ON faces (user_id);"
		/* What the provider has yet to be told. */
		"CREATE TABLE face_deletions (id {bytes} PRIMARY KEY, application {bytes} NOT NULL, due bigint NOT NULL, tries bigint NOT NULL);"
		"CREATE INDEX face_deletions_due ON face_deletions (due);"
		"ALTER TABLE devices ADD COLUMN face {bytes};"
		"ALTER TABLE recoveries ADD COLUMN face {bytes}" },
	{ "audit: users, references",
		/* Who asks for the records of one user, or of one transaction, does not go through the whole log. */
		"CREATE INDEX audit_by_user ON audit (account, user_id, sequence) WHERE user_id IS NOT NULL;"
		"CREATE INDEX audit_by_reference ON audit (account, reference, sequence) WHERE reference IS NOT NULL" },
	{ "devices: whose events",
		/* Registered on the older paths: what the phone does by itself is told by the older sender too. */
		"ALTER TABLE devices ADD COLUMN mobileid bigint NOT NULL DEFAULT 0" },
	{ "sessions of operations",
		/* Those that are over are looked for too: a lost answer to a start can be asked for again. */
		"DROP INDEX device_sessions_by_operation;"
		"CREATE INDEX device_sessions_by_operation ON device_sessions (operation)" },
	{ "E2E keys of older apps",
		/* algorithm: 1 X25519; 2 SECT233K1, whose public half is kept as it is */
		"ALTER TABLE e2e_keys ADD COLUMN algorithm bigint NOT NULL DEFAULT 1;"
		"ALTER TABLE e2e_keys ADD COLUMN public_key {bytes}" },
	{ "MobileID at work or not",
		/* 1 ACTIVE, 2 INACTIVE */
		"ALTER TABLE applications ADD COLUMN state bigint NOT NULL DEFAULT 1" },
	{ "proofing: farewells",
		/* The provider's ids of a process, sealed; there while he has something of it. */
		"ALTER TABLE proofing_processes ADD COLUMN farewell {bytes};"
		/* What providers have yet to be told. kind: 1 called off, 2 to be forgotten */
		"CREATE TABLE proofing_farewells (process {bytes} NOT NULL, kind bigint NOT NULL, dossier {bytes} NOT NULL, account bigint NOT NULL,"
		" provider text NOT NULL, type text NOT NULL, box {bytes} NOT NULL, due bigint NOT NULL, tries bigint NOT NULL,"
		" PRIMARY KEY (process, kind));"
		"CREATE INDEX proofing_farewells_due ON proofing_farewells (due)" },
	{ "devices: PINs apart",
		/* Of the keys what tests a PIN, sealed: it goes with the device. */
		"ALTER TABLE devices ADD COLUMN pin_keys {bytes}" },
	{ "transactions of nobody as yet",
		/* user_id is NULL, and in no index, while an authentication with a passkey goes on. */
		"CREATE TABLE transactions_anew (id {bytes} PRIMARY KEY, account bigint NOT NULL, user_id {bytes}, type bigint NOT NULL,"
		" operation bigint NOT NULL, state bigint NOT NULL, error text, credential_id {bytes}, created bigint NOT NULL,"
		" expires bigint NOT NULL, completed bigint NOT NULL, mobileid bigint NOT NULL DEFAULT 0) {clustered};"
		"INSERT INTO transactions_anew (id, account, user_id, type, operation, state, error, credential_id, created, expires, completed,"
		" mobileid) SELECT id, account, NULLIF(user_id, {nil}), type, operation, state, error, credential_id, created, expires, completed,"
		" mobileid FROM transactions;"
		"DROP TABLE transactions;"
		"ALTER TABLE transactions_anew RENAME TO transactions;"
		"CREATE INDEX transactions_by_user ON transactions (user_id, type, created, id) WHERE user_id IS NOT NULL;"
		"CREATE INDEX transactions_pending ON transactions (expires) WHERE state = 1;"
		"CREATE INDEX transactions_pending_of_user ON transactions (user_id, id) WHERE state = 1 AND user_id IS NOT NULL;"
		"CREATE INDEX transactions_by_credential ON transactions (credential_id, created, id) WHERE credential_id IS NOT NULL;"
		"CREATE INDEX transactions_pending_of_credential ON transactions (credential_id, id)"
		" WHERE state = 1 AND credential_id IS NOT NULL;"
		/* A user has a few: they are put in order when asked for, and a use of one writes to no index. */
		"DROP INDEX credentials_by_user;"
		"CREATE INDEX credentials_by_user ON credentials (user_id, type)" },
};

const size_t migrations_count = sizeof(migrations) / sizeof(migrations[0]);
