#include "attest/hw_key.h"

ENUMERATION(hw_key_strategy, HW_KEY_STRATEGY);

struct hw_key_verdict hw_key_judge(enum hw_key_strategy strategy, bool has_key, bool is_signed, bool signed_good)
{
	bool reports_only = strategy == hw_key_strategy_RISK_PARAMS;

	if (!has_key)
		return (struct hw_key_verdict){ hw_key_server_result_NOT_ACTIVATED_WITH_HW_KEY,
			strategy == hw_key_strategy_REQUIRED ? HW_KEY_FAILS : HW_KEY_GOES_ON };
	if (is_signed && signed_good)
		return (struct hw_key_verdict){ hw_key_server_result_SIGNATURE_VERIFICATION_SUCCESS, HW_KEY_GOES_ON };
	return (struct hw_key_verdict){ hw_key_server_result_SIGNATURE_VERIFICATION_FAILED,
		reports_only ? HW_KEY_GOES_ON : is_signed ? HW_KEY_LOCKS : HW_KEY_COUNTS };
}

struct hw_key_verdict hw_key_judge_new(enum hw_key_strategy strategy, bool has_key, enum hw_key_client_status status)
{
	bool required = strategy == hw_key_strategy_REQUIRED;

	if (has_key)
		return (struct hw_key_verdict){ hw_key_server_result_SIGNATURE_VERIFICATION_SUCCESS, HW_KEY_GOES_ON };
	if (status == hw_key_client_status_none)
		return (struct hw_key_verdict){ hw_key_server_result_NOT_PROVIDED_BY_CLIENT, required ? HW_KEY_TOO_OLD : HW_KEY_GOES_ON };
	return (struct hw_key_verdict){ hw_key_server_result_none, required ? HW_KEY_REFUSED : HW_KEY_GOES_ON };
}
