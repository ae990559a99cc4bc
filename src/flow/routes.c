/* The flows' part of the API. */
#include "flow/internal.h"

#define ONBOARDING "Onboarding"
#define STEPUP "Step-up"

static const struct route rows[] = {
	{ HTTP_POST, "/id-onboardings", ONBOARDING_WRITE, WRITES, IN(onboarding_new), OUT(flow_answer),
		OP(.prepare = onboarding_prepare, .apply = onboarding_apply), "Start onboarding", .id = "startOnboarding", .tag = ONBOARDING,
		.flags = EMPTY_BODY_OK | BODY_FAULTS_422 },
	{ HTTP_GET, "/id-onboardings/{transactionId}", ONBOARDING_READ, READS, OUT(flow_answer), OP(.prepare = flow_get_prepare),
		"Get onboarding", .id = "getOnboarding", .tag = ONBOARDING },
	{ HTTP_POST, "/id-stepups", ONBOARDING_WRITE, WRITES, IN(stepup_new), OUT(flow_answer),
		OP(.prepare = stepup_prepare, .apply = stepup_apply), "Start step-up", .id = "startStepUp", .tag = STEPUP,
		.flags = BODY_FAULTS_422 },
	{ HTTP_GET, "/id-stepups/{transactionId}", ONBOARDING_READ, READS, OUT(flow_answer), OP(.prepare = stepup_get_prepare),
		"Get step-up", .id = "getStepUp", .tag = STEPUP },
};

static const struct tag tags[] = {
	{ ONBOARDING, "A new user registers a device, goes through an identity proofing, and gets what it found as attributes" },
	{ STEPUP, "A user authenticates with a device, goes through an identity proofing, and gets what it found as attributes" },
	{ NULL, NULL },
};

const struct route_table flow_routes = {
	.base = "/reuseid",
	.title = "ReuseID onboarding API",
	.doc = "Ready-made flows: onboarding and step-up with identity proofing. All bodies are JSON; every answer carries `X-TRACE-ID`.",
	.tags = tags,
	.openapi_path = "/reuseid/api-docs",
	.routes = rows,
	.n = sizeof(rows) / sizeof(rows[0]),
};
