#include "event/event_type.h"

#define IDS "\"transactionId\":\"7daa489e-6b35-46ca-83a4-1bba2ea35f68\",\"accountId\":\"a-spge-Abcdefghijk123456789\""
#define TIMES "\"created\":\"2026-01-21T22:47:27.123Z\",\"completed\":\"2026-01-21T22:47:41.020Z\""
#define PARTIES                                                                                                         \
	"\"device\":{\"id\":\"0b0b2cd6-6c8f-4a0c-8a35-6b33d8cb4a0e\",\"name\":\"My phone\",\"state\":\"ACTIVE\"},"          \
	"\"user\":{\"externalRef\":\"Empl10300469\",\"id\":\"3f2d0d1c-5f0e-4b7a-9a1f-0c1d2e3f4a5b\",\"state\":\"ACTIVE\"}"
#define COMPLETED(type) "{" IDS ",\"type\":\"" type "\",\"state\":\"COMPLETED\"," TIMES "," PARTIES ",\"tags\":[\"tag 1\"]}"

#define SAMPLE_REGISTRATION COMPLETED("REGISTRATION")
#define SAMPLE_AUTHENTICATION COMPLETED("AUTHENTICATION")
#define SAMPLE_SIGNATURE COMPLETED("SIGNATURE")
#define SAMPLE_RECOVERY                                                                                                 \
	"{" IDS ",\"state\":\"COMPLETED\"," PARTIES ",\"recoveryMethod\":\"CLOUD_BACKUP_RECOVERY_CODE\",\"recoveryStatus\":\"RECOVERED\"}"
#define PASSKEY_RESULT(type) "{" IDS ",\"type\":\"" type "\",\"state\":\"COMPLETED\"," TIMES ",\"tags\":[\"tag 1\"]}"
#define SAMPLE_PASSKEY_REGISTRATION PASSKEY_RESULT("REGISTRATION")
#define SAMPLE_PASSKEY_AUTHENTICATION PASSKEY_RESULT("AUTHENTICATION")
#define SAMPLE_DEVICE                                                                                                   \
	"{\"id\":\"0b0b2cd6-6c8f-4a0c-8a35-6b33d8cb4a0e\",\"name\":\"My phone\",\"state\":\"LOCKED\","                      \
	"\"userId\":\"3f2d0d1c-5f0e-4b7a-9a1f-0c1d2e3f4a5b\",\"lockReason\":\"PIN_VERIFICATION_FAILED\"}"
#define SAMPLE_PASSKEY                                                                                                  \
	"{\"id\":\"7daa489e-6b35-46ca-83a4-1bba2ea35f68\",\"accountId\":\"a-spge-Abcdefghijk123456789\",\"userId\":\"8710745d-18bd-441d-91f8-44fd040323a9\"," \
	"\"domain\":\"acme.com\",\"state\":\"ACTIVE\"}"
#define SAMPLE_FLOW                                                                                                     \
	"{\"data\":{\"transactionId\":\"e35ebbf7-9631-4966-9762-ae939c80eda1\",\"userId\":\"3f2d0d1c-5f0e-4b7a-9a1f-0c1d2e3f4a5b\"," \
	"\"deviceId\":\"0b0b2cd6-6c8f-4a0c-8a35-6b33d8cb4a0e\",\"proofingId\":\"30745db7-4403-4403-aa7e-cb35435ee565\"," \
	"\"status\":\"Completed\"}}"
#define SAMPLE_USER "{\"id\":\"3f2d0d1c-5f0e-4b7a-9a1f-0c1d2e3f4a5b\",\"state\":\"LOCKED\"}"

#define NOT_SENT(sender, name, why)
#define ROW_(sender, name, sample, doc) { sender, name, doc, sample },

const struct event_type event_types[] = {
#define EVENT(name, older, sample, doc) ROW_("reuseid", name, SAMPLE_##sample, doc)
#include "event/events.def"
#undef EVENT
#define EVENT(name, older, sample, doc) ROW_("mobileid", older, SAMPLE_##sample, doc)
#include "event/events.def"
#undef EVENT
};

const size_t event_type_count = sizeof(event_types) / sizeof(event_types[0]);

#undef EVENT
#undef NOT_SENT
#define EVENT(name, older, sample, doc)
#define NOT_SENT(sender, name, why) { sender, name, why },

const struct event_not_sent events_not_sent[] = {
#include "event/events.def"
};

const size_t event_not_sent_count = sizeof(events_not_sent) / sizeof(events_not_sent[0]);

const char *event_name_of_mobileid(const char *name)
{
	size_t half = event_type_count / 2;

	for (size_t i = 0; i < half; i++)
		if (strcmp(event_types[i].name, name) == 0)
			return *event_types[half + i].name ? event_types[half + i].name : NULL;
	return NULL;
}
