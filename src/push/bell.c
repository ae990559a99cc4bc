/* What rings: the same few words for every service. */
#include "push/internal.h"

ENUMERATION(push_service, PUSH_SERVICE);

void bell_write(struct jw *w, const struct push_bell *bell)
{
	if (bell->nonce.n) {
		jw_pair_text(w, "pushNonce", bell->nonce);
		return;
	}
	if (bell->operation)
		jw_pair(w, "op", bell->operation);
	if (bell->session.n)
		jw_pair_text(w, "pushSessionId", bell->session);
	if (bell->payload.n)
		jw_pair_text(w, "payload", bell->payload);
}
