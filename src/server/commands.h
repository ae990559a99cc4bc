/*
 * The commands of the program: what was parsed from the command line, and the functions behind the commands that have no route
 * of the API. The table of all commands stands in cli_commands.c.
 */
#ifndef SERVER_COMMANDS_H
#define SERVER_COMMANDS_H

#include "base/arena.h"

enum { EXIT_USAGE = 2 }; /* what was typed makes no sense; nothing was done */

struct command;

struct command_option {
	const char *name;  /* as typed, without the leading dashes: "public-url" */
	const char *value; /* "" for a switch */
};

struct command_line {
	struct arena *arena;           /* lives until the command is over */
	const struct command *command;
	const char *data;              /* data directory: --data, else REUSEID_DATA, else "./data" */
	const char *config;            /* --config FILE, NULL: none */
	bool json;                     /* --json: answers as they are, for programs */
	bool yes;                      /* --yes: do not ask */
	const char **arguments;        /* words behind the command's own, as many as it wants */
	size_t argument_count;
	/*
	 * Options of the command itself, checked to be known, in the order typed. `serve` and `check-config` take every setting as
	 * one (--public-url is public_url); their values are not checked here.
	 */
	const struct command_option *options;
	size_t option_count;
};

/* Value of an option (the last one counts), NULL when it was not given. */
const char *command_option(const struct command_line *line, const char *name);

/* Parses, dispatches, and says everything that went wrong on stderr. The exit status: 0, 1 failed, EXIT_USAGE. */
int cli_main(int argc, char **argv);

/* Commands without a route; each answers the exit status and has said what went wrong. */
int command_serve(const struct command_line *line);
int command_check_config(const struct command_line *line);
int command_openapi(const struct command_line *line);  /* arguments[0], if given: path of the document; else all are listed */
int command_reference(const struct command_line *line); /* arguments[0], if given: name of the page; else all are listed */
int command_restore(const struct command_line *line);  /* arguments[0]: the backup; option "master-key" FILE; already confirmed */
int command_audit_verify(const struct command_line *line);
int command_consent_verify(const struct command_line *line);
int command_passkey_export(const struct command_line *line);
int command_passkey_import(const struct command_line *line);
int command_version(const struct command_line *line);

#endif
