/* The state machine: a table, and what it means outside. */
#include "flow/internal.h"

struct move {
	enum flow_state from;
	enum flow_event event;
	enum flow_state to;
};

static const struct move moves[] = {
#define MOVE(from, event, to) { FLOW_##from, event, FLOW_##to },
#include "flow/states.def"
#undef MOVE
};

static const char *const shown[FLOW_STATE_COUNT] = {
	[FLOW_NONE] = "",
#define STATE(name, shown) [FLOW_##name] = shown,
#include "flow/states.def"
#undef STATE
};

enum flow_state flow_move(enum flow_state from, enum flow_event event)
{
	for (size_t i = 0; i < sizeof(moves) / sizeof(moves[0]); i++)
		if (moves[i].from == from && moves[i].event == event)
			return moves[i].to;
	return FLOW_NONE;
}

const char *flow_shown(enum flow_state state)
{
	return shown[state];
}

bool flow_is_over(enum flow_state state)
{
	return state >= FLOW_COMPLETED;
}

static const struct {
	const char *code, *description;
} descriptions[] = {
	{ "EXPIRED", "The flow was not completed in time." },
	{ "CANCELLED", "The flow was cancelled." },
	{ "REJECTED", "The identity could not be verified." },
	{ "INCONCLUSIVE", "The identity proofing came to no conclusion." },
	{ "PROOFING_FAILED", "The identity proofing could not be carried out." },
	{ "LOCKED_BY_ADMIN", "The device or the user is locked or deleted." },
};

const char *flow_error_description(struct slice error)
{
	for (size_t i = 0; i < sizeof(descriptions) / sizeof(descriptions[0]); i++)
		if (slice_is(error, descriptions[i].code))
			return descriptions[i].description;
	return operation_error_description(operation_error_find(error));
}
