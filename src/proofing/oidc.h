/* Inside the OIDC engine: what its files share. OpenID Connect Core 1.0; RFC 7636, 9126, 9207. */
#ifndef PROOFING_OIDC_H
#define PROOFING_OIDC_H

#include "proofing/calls.h"

#define OIDC_CALLBACK_PATH "/proofing/oidc/callback"
enum { OIDC_URL_BYTES_MAX = 4000, OIDC_FORM_BYTES_MAX = 16 * 1024, CLOCK_SKEW_S = 60 };

/* ---- oidc_token.c: pure ---- */

struct id_token_rules {
	struct slice issuer, client, nonce;
	int64_t now_ms;
};
/* What is wrong with verified claims, in a word (Core 3.1.3.7); NULL: nothing. */
const char *id_token_fault(const json_t *claims, const struct id_token_rules *rules);
/* The same for a token that answers no question of ours, and so has no nonce and no subject. */
const char *token_fault(const json_t *claims, struct slice issuer, struct slice audience, int64_t now_ms);
/* `wanted`: a text or an array of them; NULL: any will do. */
bool acr_suffices(const json_t *wanted, const json_t *claims);

/* ---- oidc_client.c: who we are at the issuer ---- */

/* What is wrong with how the client is to authenticate, in words; NULL: nothing. */
const char *oidc_client_fault(struct op *op, const json_t *settings, const struct proofing_config *config);
/* Adds to form and headers what proves it. E_CONFIG when the key is no good. */
err oidc_client_prove(struct op *op, const json_t *settings, const struct proofing_config *config, struct buf *form,
	struct call_request *r);

/* ---- oidc_lead.c: the way to the issuer ---- */

struct slice oidc_redirect_uri(struct op *op);
enum call_step oidc_lead(struct op *op, struct proofing_call *c, json_t *settings, const json_t *metadata, struct process *p,
	const struct proofing_config *config, struct call_request *r, struct call_outcome *out);
/* The answer to a pushed request (RFC 9126, 2.2). */
enum call_step oidc_lead_pushed(struct op *op, const struct proofing_call *c, const json_t *settings, const json_t *metadata,
	struct process *p);

#endif
