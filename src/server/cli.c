/* From argv to the exit status. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "server/cli.h"

enum { OUTPUT_BYTES_MAX = 64 * 1024 * 1024 };

static int refuse(const struct parsed *parsed, struct slice why)
{
	fprintf(stderr, "reuseid: %.*s\n`reuseid help%s%s` explains.\n", FMT(why), *parsed->words ? " " : "", parsed->words);
	return EXIT_USAGE;
}

static int help(const struct parsed *parsed, FILE *to, int status)
{
	struct buf b = buf_arena(parsed->line.arena, OUTPUT_BYTES_MAX);

	help_write(&b, parsed->words);
	fprintf(to, "%.*s", FMT(buf_bytes(&b)));
	return status;
}

/* ---- asking first ---- */

static bool asks(const struct command_line *line)
{
	const struct command *command = line->command;

	return command->confirm && !line->yes && (!command->confirm_option || command_option(line, command->confirm_option));
}

static bool agreed(const struct command_line *line)
{
	char answer[16];

	fprintf(stderr, "%.*s [y/N] ", FMT(text_filled(line, line->command->confirm)));
	fflush(stderr);
	return fgets(answer, sizeof(answer), stdin) && (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
}

/* 0: go on. */
static int ask(const struct command_line *line)
{
	if (!asks(line))
		return 0;
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		fprintf(stderr, "reuseid: `reuseid %s` deletes something: say --yes where nobody can be asked. Nothing was done.\n",
			line->command->words);
		return EXIT_USAGE;
	}
	if (agreed(line))
		return 0;
	fprintf(stderr, "Nothing was done.\n");
	return 1;
}

/* ---- requests ---- */

static json_t *parse(const struct command_line *line, struct slice text)
{
	json_t *value = NULL;
	struct slice why;

	if (text.n == 0 || failed(json_read(text, JSON_LAST_WINS, JSON_DEPTH_MAX, line->arena, &value, &why)))
		return NULL;
	return value;
}

static void put(FILE *to, const struct buf *b)
{
	fprintf(to, "%.*s", FMT(buf_bytes(b)));
}

static int tell(const struct command_line *line, const struct reply *reply)
{
	struct buf b = buf_arena(line->arena, OUTPUT_BYTES_MAX);
	json_t *answer = parse(line, reply->body);
	bool good = reply->status >= 200 && reply->status < 300;

	if (!good)
		print_problem(line, answer, reply->status, &b);
	else if (!line->json)
		print_answer(line, answer, &b);
	else if (reply->body.n)
		buf_printf(&b, "%.*s\n", FMT(reply->body));
	put(good ? stdout : stderr, &b);
	json_decref(answer);
	return good ? 0 : 1;
}

static int request(const struct parsed *parsed)
{
	const struct command_line *line = &parsed->line;
	struct request request;
	struct reply reply;
	struct slice why;

	if (failed(request_build(line, &request, &why)))
		return refuse(parsed, why);
	if (failed(cli_call(line, &request, &reply)))
		return 1;
	return tell(line, &reply);
}

static int run(const struct parsed *parsed)
{
	const struct command_line *line = &parsed->line;
	int status;

	if (parsed->help)
		return help(parsed, stdout, 0);
	if (!line->command)
		return help(parsed, stderr, EXIT_USAGE);
	status = ask(line);
	if (status != 0)
		return status;
	return line->command->run ? line->command->run(line) : request(parsed);
}

int cli_main(int argc, char **argv)
{
	struct arena arena;
	struct parsed parsed;
	struct slice why;
	int status;

	arena_init(&arena);
	status = failed(cli_parse(argc, argv, &arena, &parsed, &why)) ? refuse(&parsed, why) : run(&parsed);
	if (fflush(stdout) != 0 && status == 0) {
		perror("reuseid");
		status = 1;
	}
	arena_free_secret(&arena);
	return status;
}
