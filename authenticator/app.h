/* What a command works with. */
#ifndef AUTHENTICATOR_APP_H
#define AUTHENTICATOR_APP_H

#include "authenticator/arguments.h"
#include "authenticator/http.h"
#include "authenticator/store.h"
#include "codec/json.h"

enum { EXIT_DONE = 0, EXIT_NOT_DONE = 1, EXIT_USAGE = 2 };

struct app {
	const struct env *env;
	struct arena arena;      /* holds secrets now and then; wiped at the end */
	struct arguments arguments;
	struct store store;
	struct http *http;
	rid_controller *controller; /* NULL: none was opened */
	const char *name;        /* of the registration */
	const char *cloud;       /* directory of backups */
	bool json;
	struct buf out;          /* printed at the end, unless it is a question */
	struct jw answer;        /* --json: the object, open */
};

static inline const char *given(const struct app *app, enum option_id id)
{
	return app->arguments.values[id];
}

/* ---- driver.c ---- */

/* Performs what the SDK asks for, and repeats a few times what got lost. Ends with DONE, FAILED, SHOW or ASK_PIN. */
const rid_step *perform(struct app *app, const rid_step *step);

/* ---- configuration.c ---- */

struct configuration {
	const char *name, *application_id, *public_key, *server_url;
	const char *phone; /* what it is, in the words of --phone; NULL: a computer, which has neither hardware keys nor biometrics */
};

/* Of this registration, or else of `default`. Says what is wrong; then false. */
bool configuration_load(struct app *app, struct configuration *ret_configuration);
bool configuration_understood(struct app *app, struct slice json, struct configuration *ret_configuration);
/* The JSON of the dashboard's QR code, or of the sample files that apps may bring along; else E_PARSE. */
err configuration_parse(struct arena *a, struct slice json, struct configuration *ret_configuration);
bool configuration_save(struct app *app, const struct configuration *configuration);
/* Opens the controller and reads its records. Says what is wrong; then false. */
bool controller_open(struct app *app, const struct configuration *configuration, bool load);
/* The two above in one: what nearly every command begins with. */
bool begin(struct app *app);

/* ---- say.c ---- */

/* A sentence to the person, or in JSON the member "message" of "error"; the exit code is 1. */
int say_failed(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
int say_usage(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What the SDK said, in words a person understands. */
int say_failure(struct app *app, const rid_failure *failure);
void say(struct app *app, const char *format, ...) __attribute__((format(printf, 2, 3))); /* nothing with --json */
int say_done(struct app *app);
const char *operation_word(rid_operation operation); /* "authentication" */

/* ---- methods.c ---- */

const char *method_word(int method);
/* "DEVICE, DEVICE_PIN" */
const char *methods_text(struct app *app, int methods);
/* rid_method bits out of words with commas; 0: one of them is none. */
int methods_read(const char *words);
/* --method, or 0; if it is none, a sentence is said and false returned. */
bool method_given(struct app *app, bool several, int *ret_methods);

/* ---- phone.c: what stands in for a phone's hardware and surroundings ---- */

/* Fills in what --phone said; false: it makes no sense. */
bool phone_understood(const char *words, rid_config *config);
const rid_step *phone_make_key(struct app *app, const rid_step *s);
const rid_step *phone_sign(struct app *app, const rid_step *s);
const rid_step *phone_drop_key(struct app *app, const rid_step *s);
const rid_step *phone_locate(struct app *app);
const rid_step *phone_attest(struct app *app, const rid_step *s);
const rid_step *phone_await_push(struct app *app, const rid_step *s);
const rid_step *phone_back_up(struct app *app, const rid_step *s);
const rid_step *phone_load_backup(struct app *app, const rid_step *s);
const rid_step *phone_forget_backup(struct app *app, const rid_step *s);
/* What options say for the next finish: number, scan; and tokens are asked for. False, with a sentence said. */
bool phone_prepares(struct app *app, const rid_started *started);

/* ---- tokens.c ---- */

/* Of a finish: kept for the commands that need them. */
void tokens_keep(struct app *app, const rid_result *result);
/* Takes it out of the store; false, with a sentence said, when there is none. */
bool token_take(struct app *app, int purpose, unsigned char token[static RID_TOKEN_BYTES]);

/* ---- words.c ---- */

struct slice failure_words(const rid_failure *failure, struct arena *a);

/* ---- show.c ---- */

/* Text with all that is no text made visible: controls, and marks that change the direction or hide. */
void visible_write(struct buf *b, struct slice text, bool lines);
/* Can content of this type be shown as text? */
bool context_is_text(const rid_context *context);
/* Shows it, or saves it as --save-context says. False, with a sentence said, when neither can be done. */
bool context_show(struct app *app, const rid_context *context);
/* What comes after an approval: shown when it is text. */
void context_show_after(struct app *app, const rid_context *context);
void context_json(struct app *app, const char *member, const rid_context *context);

/* ---- flow.c: onboarding and step-up ---- */

/* Says that a context to be approved is that of a step-up, if it is. Besides the context: anybody can write one that looks like it. */
void flow_announce(struct app *app, const rid_context *context);
/* After an approval: the link to the identity check. False: the context has none. */
bool flow_show(struct app *app, const rid_context *context);

/* ---- prompt.c ---- */

/* A line from --pin-file, or from the terminal without echo. False, with a sentence said, when there is none. `pin` holds PIN_BYTES. */
enum { PIN_BYTES = 1024 };
bool pin_read(struct app *app, const char *prompt, char pin[static PIN_BYTES], size_t *ret_n);
/* The same with another option for the file. */
bool secret_read(struct app *app, enum option_id file, const char *prompt, char secret[static PIN_BYTES], size_t *ret_n);
/* A new one: typed twice, of the right form, and not what everybody tries first. From a file: taken as it is. */
bool secret_choose(struct app *app, enum option_id file, const char *what, const rid_form *form, char secret[static PIN_BYTES],
	size_t *ret_n);
/* A whole file, of at most so many bytes. */
bool file_read(struct app *app, const char *file, size_t max, struct slice *ret_bytes);
/* Yes or no at the terminal; without a terminal: no. */
bool confirmed(struct app *app, const char *question);
/* A visible line at the terminal, in the arena; without a terminal an empty one. */
struct slice line_read(struct app *app, const char *prompt);
bool has_terminal(void);

#endif
