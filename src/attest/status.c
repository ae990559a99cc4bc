#include "attest/status.h"

ENUMERATION(app_attest_status, APP_ATTEST_STATUS);
ENUMERATION(play_integrity_status, PLAY_INTEGRITY_STATUS);
ENUMERATION(hw_key_server_result, HW_KEY_SERVER_RESULT);

static const struct slice client_prefix = { (const uint8_t *)"FAILED_CLIENT_", 14 };

enum app_attest_status app_attest_client_status(struct slice claimed)
{
	int found = slice_starts(claimed, client_prefix) ? enum_find(&app_attest_status_enum, claimed, false) : 0;

	return found ? (enum app_attest_status)found : app_attest_status_FAILED_VALIDATION_EXCEPTION;
}

enum play_integrity_status play_integrity_client_status(struct slice claimed)
{
	int found = slice_starts(claimed, client_prefix) ? enum_find(&play_integrity_status_enum, claimed, false) : 0;

	return found ? (enum play_integrity_status)found : play_integrity_status_FAILED_MISSING_STATUS;
}
