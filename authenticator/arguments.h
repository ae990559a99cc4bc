/* The command line: one table of options, one of commands; reading, --help and the manual page follow from them. */
#ifndef AUTHENTICATOR_ARGUMENTS_H
#define AUTHENTICATOR_ARGUMENTS_H

#include "base/buf.h"

/* OPTION(id, "name", argument or NULL, help) */
#define OPTIONS(OPTION)                                                                                                                    \
	OPTION(STORE, "store", "DIR", "directory with the registrations and their keys; ~/.reuseid-authenticator if not given")            \
	OPTION(AS, "as", "NAME", "which registration, when there are several; default if not given")                                       \
	OPTION(JSON, "json", NULL, "print one JSON object, for scripts")                                                                   \
	OPTION(HELP, "help", NULL, "explain the command")                                                                                  \
	OPTION(APPLICATION_ID, "application-id", "UUID", "the application's id")                                                           \
	OPTION(PUBLIC_KEY, "public-key", "BASE64", "the application's public E2E key: X25519 SubjectPublicKeyInfo in DER")                 \
	OPTION(SERVER_URL, "server-url", "URL", "the MobileID server, for instance https://id.example.com/encore/encap")                   \
	OPTION(METHOD, "method", "METHODS", "DEVICE, DEVICE_PIN, DEVICE_IOS_FACE_ID, …, several with commas; DEVICE_PIN where it will do") \
	OPTION(PIN_FILE, "pin-file", "FILE", "take the PIN from the first line of a file, - for standard input, instead of asking")        \
	OPTION(NEW_PIN_FILE, "new-pin-file", "FILE", "the same for a new PIN, where both are needed")                                      \
	OPTION(CODE_FILE, "code-file", "FILE", "the same for a recovery code")                                                             \
	OPTION(NAME, "name", "NAME", "the same as --as")                                                                                   \
	OPTION(DEVICE_NAME, "device-name", "TEXT", "how the device is called in lists; the host's name if not given")                      \
	OPTION(PUSH_SESSION_ID, "push-session-id", "ID", "which of several pending operations, as `pending` shows them")                   \
	OPTION(CLIENT_DATA, "client-data", "TEXT", "text that goes to the service provider with the approval")                             \
	OPTION(CLIENT_ONLY, "client-only", NULL, "an authentication that nobody has asked for; only if the application allows it")         \
	OPTION(SAVE_CONTEXT, "save-context", "FILE", "save the content that is to be approved, without showing it")                        \
	OPTION(YES, "yes", NULL, "do not ask before approving with the device alone")                                                      \
	OPTION(TIMEOUT, "timeout", "SECONDS", "how long to wait; for ever if not given")                                                   \
	OPTION(ONLY_LOCALLY, "only-locally", NULL, "remove the registration from this store alone, without asking the server")             \
	OPTION(ONLINE, "online", NULL, "ask the server too")                                                                               \
	OPTION(MATCH, "match", "NUMBER", "the number that the service provider shows, where one is asked for")                             \
	OPTION(LOCATION, "location", "WHERE", "a country, like NO, or what kept it from being found, like LOCATION_TIMEOUT")               \
	OPTION(FACE_SCAN, "face-scan", "FILE", "what a scanner of faces made")                                                             \
	OPTION(ATTEST_WITH, "attest-with", "PROGRAM", "called with type and nonce; prints a token, keyId and object, or FAILED_CLIENT_…")  \
	OPTION(PUSH_NONCE, "push-nonce", "TEXT", "pushNonce of the message that comes after the start; - reads it then")                   \
	OPTION(CLOUD, "cloud", "DIR", "directory that stands in for the cloud backup; STORE-cloud if not given")                           \
	OPTION(PHONE, "phone", "WORDS", "what this phone is: Android, iOS or Web; hardware or old-system; biometric methods")              \
	OPTION(FAULT, "fault", "WHICH", "let its key store fail at: make, public, retrieve or sign")

enum option_id {
#define OPTION_ID(id, name, argument, help) OPT_##id,
	OPTIONS(OPTION_ID)
#undef OPTION_ID
	OPT_COUNT
};
_Static_assert(OPT_COUNT <= sizeof(unsigned) * 8, "a command's options are a mask");

#define OPT(id) (1u << OPT_##id)

struct app;

struct command {
	const char *name, *operand; /* operand: "CODE", "[FILE]" or NULL */
	unsigned options;           /* besides those of all commands */
	const char *summary, *help; /* help: paragraphs; NULL */
	int (*run)(struct app *app); /* exit code */
};

extern const struct command commands[];
extern const size_t command_count;

/* What was given. A flag that was given has the value "". */
struct arguments {
	const struct command *command;
	const char *values[OPT_COUNT];
	const char *operand;
};

/* E_PARSE with a sentence in ret_why. `--help` needs no operand, and no command. */
err arguments_read(int argc, char **argv, struct arena *a, struct arguments *ret_arguments, struct slice *ret_why);
void help_write(struct buf *b, const struct command *command); /* NULL: of the program */
void man_write(struct buf *b, struct arena *a);

#endif
