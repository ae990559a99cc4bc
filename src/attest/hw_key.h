/*
 * Hardware-protected keys: what a signature of one, or its absence, means under each validation strategy (docs/DEVICE-PROTOCOL.md,
 * section 8). Pure: the signature was verified before.
 */
#ifndef ATTEST_HW_KEY_H
#define ATTEST_HW_KEY_H

#include "attest/status.h"
#include "protocol/words.h"

/* SUPPORTED and REQUIRED_IF_SUPPORTED mean the same. */
#define HW_KEY_STRATEGY(V, E)                                                                        \
	V(E, SUPPORTED, "A device that has a key has to use it")                                     \
	V(E, RISK_PARAMS, "The result is reported only")                                             \
	V(E, REQUIRED_IF_SUPPORTED, "As SUPPORTED")                                                  \
	V(E, REQUIRED, "A device has to have a key and use it")
ENUMERATION_TYPE(hw_key_strategy, HW_KEY_STRATEGY);

enum hw_key_outcome {
	HW_KEY_GOES_ON,
	HW_KEY_COUNTS, /* the try fails like a wrong PIN */
	HW_KEY_LOCKS,  /* the operation fails, the device is locked */
	HW_KEY_FAILS,  /* the operation fails */
	HW_KEY_TOO_OLD, /* registration: by an SDK that does not know of such keys */
	HW_KEY_REFUSED, /* registration: the phone could make none */
};

struct hw_key_verdict {
	enum hw_key_server_result result; /* none: not reported */
	enum hw_key_outcome outcome;
};

/* An operation of a device: `signed_good` counts only with `is_signed`. */
struct hw_key_verdict hw_key_judge(enum hw_key_strategy strategy, bool has_key, bool is_signed, bool signed_good);
/* A registration: `has_key`: the phone sent one, whose possession is proved elsewhere. */
struct hw_key_verdict hw_key_judge_new(enum hw_key_strategy strategy, bool has_key, enum hw_key_client_status status);

#endif
