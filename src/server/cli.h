/*
 * The command line: one table of commands; parsing, help, the man page, requests and answers derive from it. Most commands are one
 * request to the operator's routes. Inside this folder only.
 */
#ifndef SERVER_CLI_H
#define SERVER_CLI_H

#include "base/buf.h"
#include "base/settings.h"
#include "codec/json.h"
#include "http/http.h"
#include "server/commands.h"

enum { COMMAND_ARGUMENTS_MAX = 3, COMMAND_OPTIONS_MAX = 12 };

/* What an argument or option becomes in the request: a path parameter when the path has its name, else a member of the body
 * (or of the query, for methods without one). */
enum sent_as {
	AS_TEXT,
	AS_NUMBER,
	AS_ON_OFF,  /* "on" or "off": true or false */
	AS_TRUE,    /* a switch */
	AS_FALSE,   /* a switch */
	AS_LIST,    /* words with commas between them: an array */
	AS_FILE,    /* a path, made absolute */
	AS_WHOLE,   /* a path: what the file holds is the whole body */
	NOT_SENT,
};

enum need {
	MAY,
	MUST,
	EITHER, /* exactly one of those marked so */
};

struct argument_spec {
	const char *name;   /* "CLIENT" */
	const char *member; /* "clientId" */
	enum need need;     /* an argument that MAY be there stands behind those that MUST */
	enum sent_as as;
};

struct option_spec {
	const char *name;   /* "token-lifetime" */
	const char *value;  /* "SECONDS", NULL: a switch */
	const char *member; /* "tokenLifetimeSeconds" */
	enum need need;
	enum sent_as as;
	const char *help;
};

struct column {
	const char *title;
	const char *member; /* by its path, "secrets.0.secret" */
};

struct command {
	const char *words;  /* "client secret add" */
	const char *help;   /* one line */
	const char *more;   /* the long help, examples last; may be NULL */
	struct argument_spec arguments[COMMAND_ARGUMENTS_MAX];
	struct option_spec options[COMMAND_OPTIONS_MAX];
	bool takes_settings; /* every setting is an option too */
	bool needs_option;   /* one at least: a change of nothing is a mistake */

	/* a function, which makes the request below by itself when there is one, and may make others */
	int (*run)(const struct command_line *line);
	/* else the request is all there is to do */
	enum http_method method;
	const char *path;    /* "/admin/clients/{clientId}" */
	const struct column *columns; /* what people get to see of the answer, ended by an empty one; NULL: nothing */
	bool qr;             /* people see the answer as it is, and as a QR code */
	const char *list;    /* member that holds the list; NULL: the answer is one thing */
	const char *remark;  /* said behind the answer */

	const char *confirm; /* asked first; "{CLIENT}" is the argument; NULL: nothing */
	const char *confirm_option; /* only with this option; NULL: always */
};

extern const struct command command_list[];
extern const size_t command_count;

#define OPTION_GLOBAL_COUNT 5
extern const struct option_spec global_options[OPTION_GLOBAL_COUNT];

/* ---- cli_parse.c ---- */

struct parsed {
	struct command_line line; /* line.command is NULL when no whole command was named */
	const char *words;        /* those that were understood, "client secret" */
	bool help;
};

/* E_PARSE with a sentence in `ret_why`. Everything lives in the arena or in argv. */
err cli_parse(int argc, char **argv, struct arena *a, struct parsed *ret_parsed, struct slice *ret_why);
/* "--public-url" as the setting public_url; NULL: no setting. */
const struct setting *option_setting(struct slice option);

/* ---- cli_suggest.c ---- */

/* The known word that was most likely meant; NULL when none is near. */
struct suggestion {
	struct slice typed;
	const char *best;
	size_t distance;
};
struct suggestion suggestion_for(struct slice typed);
void suggestion_try(struct suggestion *s, const char *known);

/* ---- cli_help.c, cli_man.c ---- */

/* Of everything (words ""), of a group ("client") or of a command. */
void help_write(struct buf *b, const char *words);
/* "reuseid client create NAME (--account ID | --organisation) [OPTION…]" */
void help_usage(struct buf *b, const struct command *command);
/* Does the command belong to the group of these words? */
bool command_under(const struct command *command, const char *words);
void man_write(struct buf *b);
int command_help(const struct command_line *line);

/* ---- cli_request.c ---- */

struct request {
	enum http_method method;
	const char *target;
	struct slice body;
};

/* E_PARSE with a sentence in `ret_why`. */
err request_build(const struct command_line *line, struct request *ret_request, struct slice *ret_why);
/* A text with its places filled in: "{CLIENT}" by the argument, "{DATA}" by the data directory. */
struct slice text_filled(const struct command_line *line, const char *text);

/* ---- cli_call.c ---- */

struct reply {
	int status;
	struct slice body; /* in line->arena */
};

/* Through the server's socket, else in this process. What fails was told on stderr. */
err cli_call(const struct command_line *line, const struct request *request, struct reply *ret_reply);

/* ---- cli_qr.c ---- */

/* Nothing when the text is too long for a QR code. */
void qr_write(struct buf *b, const char *text);

/* ---- cli_print.c ---- */

/* The answer for people. */
void print_answer(const struct command_line *line, json_t *answer, struct buf *b);
/* What went wrong, in words, with the names that the command line has for things. */
void print_problem(const struct command_line *line, json_t *problem, int status, struct buf *b);

#endif
