/* What the files of this folder share. */
#ifndef PASSKEY_INTERNAL_H
#define PASSKEY_INTERNAL_H

#include "account/account.h"
#include "crypto/seal.h"
#include "event/fact.h"
#include "operation/operation.h"
#include "passkey/passkey.h"
#include "passkey/passkey_schema.h"
#include "user/user.h"
#include "webauthn/webauthn.h"

enum { CHALLENGE_BYTES = 32, BINDER_BYTES = 32, GONE_DAYS = 60 };

/* ---- domains, in memory (domain.c) ---- */

struct passkey_domain {
	struct slice name;                 /* host name */
	struct account_info account;       /* in the arena of the set */
	struct domain_settings settings;
	struct slice kept;                 /* settings as they lie in the store; empty: never set */
	struct slice rp_id;                /* settings.rpId, or the name */
	struct slice *origins;             /* settings.origins; that of the page comes besides */
	size_t origin_count;
	struct uuid *aaguids;
	size_t aaguid_count;
	struct data_key content_key;       /* see content_key() */
};

/* Never changes once made; older ones are kept until the end, so that a borrower never has to give back. */
struct domain_set {
	struct domain_set *older;
	struct arena arena;
	struct passkey_domain *domains;
	size_t n;
};

struct passkeys {
	_Atomic(struct domain_set *) set;
	struct store_hook hook;
	struct arena arena;
	struct metadata *metadata;   /* NULL: none */
	struct slice *roots;         /* trusted, DER */
	size_t root_count;
};

/* trust.c */
err trust_load(struct app *app, struct passkeys *p);

/* NULL when there is none. */
const struct passkey_domain *domain_named(const struct app *app, struct slice name);
/* Of this account. */
const struct passkey_domain *domain_of(const struct app *app, int64_t account, struct slice name);
/* By the request's Host header. */
const struct passkey_domain *domain_of_request(const struct op *op);
/* Are there domains of other accounts whose passkeys a browser cannot tell from those of this one? */
bool domain_shares_party(const struct op *op, const struct passkey_domain *domain);
void domains_changed(struct op *op, struct tx *tx);
/* Where browsers reach our pages for it, without a slash at the end; and the origin that this is. */
struct slice domain_page_url(const struct op *op, const struct passkey_domain *domain);
struct slice domain_page_origin(const struct op *op, const struct passkey_domain *domain);
bool domain_allows_origin(const struct op *op, const struct passkey_domain *domain, struct slice origin);
/* May browsers be sent there (platform.md 8.3)? */
bool domain_allows_redirect(const struct op *op, const struct passkey_domain *domain, struct slice uri);
/* Words with spaces between them. */
struct slice next_word(struct slice *rest);
/* E_INVALID_PARAM with the fault noted. */
err domain_settings_check(struct op *op, const struct domain_settings *settings, struct slice name);
/* "https://host:port" of an absolute URL; empty when it is none. */
struct slice url_origin(struct slice url);
struct slice url_host(struct slice url);

/* ---- operations (operation_rows.c) ---- */

/* How far the browser is. The number stands in the database. */
enum ceremony_step { STEP_CREATED = 1, STEP_OPENED, STEP_CHALLENGED, STEP_OVER };

/* What an operation was started with: kept sealed as JSON. */
#define PASSKEY_CONTENT(F, T)                                   \
	F(T, STR, name, OPT, 0, 0, "", "")                      \
	F(T, STR, rpRedirectUri, OPT, 0, 0, "", "")             \
	F(T, STRS, requestedUserAttributes, OPT, 0, 100, "", "") \
	F(T, STRS, tags, OPT, 0, 20, "", "")
SCHEMA_STRUCT(passkey_content, PASSKEY_CONTENT);

struct passkey_operation_row {
	struct operation base;
	struct slice domain;
	int64_t timeout_ms;
	enum verification_wanted verification;
	enum ceremony_step step;
	struct slice bound;     /* hash of the cookie or token of the browser that came first; empty: nobody yet */
	struct slice challenge;
	struct slice why;       /* of a failed verification: a sentence */
	struct passkey_content content;
	struct slice result;    /* the completed answer, JSON; empty until then */
	struct slice sealed_content, sealed_result; /* what the two above are made of */
};

/* A registration's content is sealed under its user's key. An authentication has no user yet: under one of the account's. */
struct data_key content_key(const struct op *op, const struct passkey_operation_row *row, const struct user *owner);
/* That of an account. */
void content_key_derive(const struct keyring *keyring, struct slice account_id, struct data_key *ret_key);
struct slice passkey_content_seal(struct op *op, const struct data_key *key, const struct uuid *id, const struct passkey_content *content);
struct slice passkey_result_seal(struct op *op, const struct user *owner, const struct uuid *id, struct slice json);
err passkey_operation_insert(struct tx *tx, const struct passkey_operation_row *row, struct slice content);
/* What a browser may see: E_TRANSACTION_UNKNOWN when there is none. Fills in `base`, and not what is sealed. */
err passkey_operation_find(struct op *op, struct tx *tx, const struct uuid *id, struct passkey_operation_row *ret_row);
/* In op's account. */
err passkey_operation_load(struct op *op, struct tx *tx, const struct uuid *id, enum operation_type type,
	struct passkey_operation_row *ret_row);
/* Opens what is sealed; owner NULL for an authentication that has no user. Leaves it empty when its user is gone. */
err passkey_operation_open(struct op *op, const struct user *owner, struct passkey_operation_row *row);
/* The completed answer alone, with its user's key. */
err passkey_result_open(struct op *op, const struct data_key *key, struct passkey_operation_row *row);
/* In apply; each E_STALE when the row is not where it was. */
err passkey_operation_move(struct tx *tx, const struct passkey_operation_row *row, enum ceremony_step to, struct slice bound,
	struct slice challenge);
err passkey_operation_end(struct tx *tx, const struct passkey_operation_row *row, struct slice result, struct slice why);

/* ---- passkeys (rows.c) ---- */

struct passkey {
	struct uuid id, user;
	int64_t account, created, last_used, sign_count;
	struct slice domain, name;
	bool user_verified, backup_eligible, backed_up;
	struct slice credential_id, cose_key, transports; /* transports: with commas between them */
	struct slice handle; /* what the authenticator calls the user; empty: by the id of the user, as where it was made here */
	struct uuid aaguid;
	int64_t format;
	bool trusted;
	struct slice box; /* what the last four lines are in, sealed */
};

enum { FLAG_VERIFIED = 1, FLAG_ELIGIBLE = 2, FLAG_BACKED_UP = 4 };

/* WebAuthn Level 3, 5.4.3: user.id. */
struct slice passkey_handle(const struct passkey *passkey);
struct slice credential_index(struct op *op, struct slice account_id, struct slice credential_id);
/* Without what is sealed. E_NO_ROW, also for one of another account. */
err passkey_load(struct op *op, struct tx *tx, int64_t account, const struct uuid *id, struct passkey *ret_passkey);
err passkey_by_credential(struct op *op, struct tx *tx, struct slice index, struct passkey *ret_passkey);
err passkey_open(struct op *op, const struct user *owner, struct passkey *passkey);
struct slice passkey_seal(struct op *op, const struct user *owner, const struct passkey *passkey);
/* E_TAKEN when the credential is somebody's already. */
err passkey_insert(struct tx *tx, const struct passkey *passkey, struct slice index, struct slice box, struct slice name);
/* In apply: E_STALE when the user is gone or, where that matters, not active. */
err passkey_owner_check(struct tx *tx, const struct uuid *user, bool active);
/* In apply: E_STALE when counter or owner changed. */
err passkey_used(struct tx *tx, const struct passkey *passkey, int64_t sign_count, bool user_verified, bool backed_up, int64_t now);
err passkey_delete_rows(struct tx *tx, const struct uuid *id, int64_t *ret_changes);
/* Was it a deleted user's? */
err credential_gone(struct op *op, struct slice index, bool *ret_gone);
/* All of a user on a domain, opened; at most PASSKEYS_OF_USER_MAX. */
enum { PASSKEYS_OF_USER_MAX = 64 };
err passkeys_of_user(struct op *op, struct tx *tx, const struct user *owner, struct slice domain, struct passkey *list, size_t *ret_n);
/* export.c */
struct error passkeys_export(struct op *op, const struct user *user, struct jw *w);
struct error passkeys_user_deleted(struct op *op, struct tx *tx, const struct uuid *user);

/* ---- answers (view.c) ---- */

err passkey_view_pending(struct op *op, const struct passkey_domain *domain, const struct passkey_operation_row *row,
	const struct user *owner, struct slice *ret_json);
err passkey_view_failed(struct op *op, const struct passkey_operation_row *row, const struct user *owner, struct slice *ret_json);
err passkey_view_completed(struct op *op, const struct passkey_operation_row *row, const struct user *owner, const struct passkey *passkey,
	struct slice *ret_json);
void passkey_show(struct op *op, const struct passkey *passkey, struct passkey_view *ret_view);
/* JSON of passkey.state.change. */
struct slice passkey_state_data(struct op *op, const struct passkey *passkey, const char *state);

/* ---- REST: start.c, poll.c, manage.c, transactions.c, transfer.c ---- */

err passkey_registration_start_prepare(struct op *op);
err passkey_registration_start_apply(struct op *op, struct tx *tx);
err passkey_authentication_start_prepare(struct op *op);
err passkey_authentication_start_apply(struct op *op, struct tx *tx);
err passkey_started_reply(struct op *op);
err passkey_registration_get_prepare(struct op *op);
err passkey_authentication_get_prepare(struct op *op);
err passkey_registration_cancel_apply(struct op *op, struct tx *tx);
err passkey_authentication_cancel_apply(struct op *op, struct tx *tx);
struct error passkeys_event_data(struct op *op, const struct event_about *about, struct event_content *ret_content);
err passkey_get_prepare(struct op *op);
err passkey_delete_prepare(struct op *op);
err passkey_delete_apply(struct op *op, struct tx *tx);
err passkey_transactions_prepare(struct op *op);
err passkey_of_user(struct op *op, const struct uuid *user, struct passkey *ret_passkey, struct user *owner);
err passkeys_export_prepare(struct op *op);
err passkeys_admin_export_prepare(struct op *op);
err passkeys_admin_import_prepare(struct op *op);
err passkeys_import_prepare(struct op *op);
err passkeys_import_apply(struct op *op, struct tx *tx);

/* ---- browsers: visit.c, ceremony.c, outcome.c, options.c ---- */

/* A browser at an operation. */
struct visit {
	const struct passkey_domain *domain;
	struct passkey_operation_row row;
	struct user owner;      /* once known; wiped at the end of prepare */
	bool has_owner, bound;  /* bound: it is the browser that came first */
	bool by_token;          /* it shows a token: no page of ours */
	struct slice new_bound; /* hash of what it gets now */
	struct slice binder;    /* cookie or token that it gets now */
	struct slice challenge;
	enum operation_error fails; /* the operation ends with this */
	struct slice why;
	bool unknown_credential;
	/* A ceremony that went well. */
	struct passkey passkey;
	struct webauthn_proof proof;
	struct slice index, box, name, result;
	bool completes;
	struct slice options;   /* JSON for the browser */
};

/* Finds operation, domain and, when it is known, the user; checks where the request comes from. */
err visit_begin(struct op *op, struct visit *v, enum operation_type type);
/* What the operation was started with, which is sealed: only whoever needs it opens it. */
err visit_open(struct op *op, struct visit *v);
/* Of a script: its Origin has to be an allowed one, and may read the answer. */
err visit_cors(struct op *op, const struct visit *v);
/* Is this the browser that came first? By cookie, or by token (empty: none). */
void visit_recognise(struct op *op, struct visit *v, struct slice token);
void visit_new_binder(struct op *op, struct visit *v);
bool visit_secure(const struct op *op, const struct visit *v);
struct slice visit_redirect(struct op *op, const struct visit *v); /* empty: none */
err visit_fail(struct op *op, struct tx *tx, struct visit *v, enum operation_error error);
/* {state, errorCode, redirect} */
err visit_outcome(struct op *op, struct visit *v);

err page_registration_prepare(struct op *op);
err page_authentication_prepare(struct op *op);
err page_apply(struct op *op, struct tx *tx);
err page_reply(struct op *op);
err options_registration_prepare(struct op *op);
err options_authentication_prepare(struct op *op);
err options_apply(struct op *op, struct tx *tx);
err options_reply(struct op *op);
err result_registration_prepare(struct op *op);
err result_authentication_prepare(struct op *op);
err result_apply(struct op *op, struct tx *tx);
err result_reply(struct op *op);
err give_up_registration_prepare(struct op *op);
err give_up_authentication_prepare(struct op *op);
err give_up_apply(struct op *op, struct tx *tx);
err preflight_prepare(struct op *op);

/* options.c: what the browser's credentials.create() and .get() take. */
err creation_options(struct op *op, const struct visit *v, struct slice *ret_json);
err request_options(struct op *op, const struct visit *v, struct slice *ret_json);
/* outcome.c: verifies, and decides what becomes of the operation. */
err judge_registration(struct op *op, struct visit *v, const struct credential_sent *sent);
err judge_authentication(struct op *op, struct visit *v, const struct credential_sent *sent);

/* well_known.c */
err brand_prepare(struct op *op);
err script_prepare(struct op *op);
err related_origins_prepare(struct op *op);
err asset_links_prepare(struct op *op);
err apple_association_prepare(struct op *op);

/* domain_admin.c */
err domain_show_prepare(struct op *op);
err domain_change_prepare(struct op *op);
err domain_change_apply(struct op *op, struct tx *tx);

#endif
