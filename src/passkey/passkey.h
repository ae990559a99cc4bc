/*
 * Passkeys: credentials of WebAuthn, bound to users and to a domain, with which users authenticate in a browser.
 *
 * Two faces. The service provider starts operations and reads their results over REST; the user's browser carries them out, either
 * on a page of ours or, with a script of ours, on a page of the service provider's own. What the browser sends is verified by
 * webauthn/.
 */
#ifndef PASSKEY_PASSKEY_H
#define PASSKEY_PASSKEY_H

#include "api/route.h"

/* Loads the domains, and the metadata and roots that the settings name, into app->passkeys. */
err passkeys_open(struct app *app);
void passkeys_close(struct app *app);

/* Periodic: erases transactions past the retention, and what tells passkeys of deleted users apart from unknown ones. */
err passkeys_forget(struct app *app);

extern const struct route_table passkey_routes;       /* base /reuseid/core */
extern const struct route_table passkey_page_routes;  /* for browsers */
extern const struct route_table passkey_admin_routes; /* base /admin */

#endif
