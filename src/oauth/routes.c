#include "oauth/internal.h"

static const struct route rows[] = {
	{ HTTP_POST, "/connect/token", PUBLIC, NO_RATE,
		OP(.prepare = token_prepare, .apply = token_apply, .reply = token_reply), "Get an access token",
		.flags = FORM_BODY | NO_ACCOUNT, .body_bytes_max = FORM_BYTES_MAX, .errors = &oauth_errors },
	{ HTTP_GET, "/.well-known/openid-configuration", PUBLIC, NO_RATE, OP(.prepare = discovery_prepare), "Metadata",
		.flags = NO_ACCOUNT },
	{ HTTP_GET, "/.well-known/openid-configuration/jwks", PUBLIC, NO_RATE, OP(.prepare = jwks_prepare), "Published keys",
		.flags = NO_ACCOUNT },
};

const struct route_table oauth_routes = {
	.base = "/auth/open", .title = "Token service", .routes = rows, .n = sizeof(rows) / sizeof(rows[0]),
};
