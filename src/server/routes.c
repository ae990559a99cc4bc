/* THE tables: everything that the server answers. */
#include "account/account.h"
#include "audit/audit.h"
#include "device/device.h"
#include "flow/flow.h"
#include "oauth/oauth.h"
#include "page/page.h"
#include "proofing/proofing.h"
#include "passkey/passkey.h"
#include "server/boot.h"
#include "user/user.h"
#include "webhook/webhook.h"

/* The first one gives the `type` of errors that belong to no route. */
const struct route_table *const public_tables[] = {
	&user_routes,
	&device_routes,
	&passkey_routes,
	&channel_routes,
	&push_configuration_routes,
	&mobileid_admin_routes,
	&older_user_routes,
	&older_device_routes,
	&webhook_routes,
	&audit_routes,
	&flow_routes,
	&assure_routes,
	&simulator_routes,
	&capture_routes,
	&callback_routes,
	&oauth_routes,
	&passkey_page_routes,
	&page_routes,
	&document_routes,
	&health_routes,
};
const size_t public_table_count = sizeof(public_tables) / sizeof(public_tables[0]);

/* Through the operator's socket only. */
const struct route_table *const admin_tables[] = {
	&account_admin_routes,
	&oauth_admin_routes,
	&user_admin_routes,
	&device_admin_routes,
	&proofing_admin_routes,
	&passkey_admin_routes,
	&backup_routes,
};
const size_t admin_table_count = sizeof(admin_tables) / sizeof(admin_tables[0]);
