#include "webauthn/webauthn.h"

struct fault_row {
	const char *name, *text;
};

static const struct fault_row rows[WEBAUTHN_FAULTS] = {
	[WEBAUTHN_OK] = { "", "" },
#define WEBAUTHN_FAULT(name, section, text) [WEBAUTHN_##name] = { #name, text },
#include "webauthn/faults.def"
#undef WEBAUTHN_FAULT
};

const char *webauthn_fault_name(enum webauthn_fault fault)
{
	return fault < WEBAUTHN_FAULTS ? rows[fault].name : "";
}

const char *webauthn_fault_text(enum webauthn_fault fault)
{
	return fault < WEBAUTHN_FAULTS ? rows[fault].text : "";
}
