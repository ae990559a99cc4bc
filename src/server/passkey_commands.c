/* Passkeys of an account, out to JSON lines and in again: portion by portion, however many there are. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "server/cli.h"

enum { PORTION_LINES = 200, PORTION_BYTES = 512 * 1024, LINE_BYTES_MAX = 64 * 1024, DEPTH_MAX = 4 };

static json_t *parse(struct arena *a, struct slice text)
{
	json_t *value = NULL;
	struct slice why;

	return failed(json_read(text, JSON_LAST_WINS, DEPTH_MAX, a, &value, &why)) ? NULL : value;
}

static void tell_problem(const struct command_line *line, const struct reply *reply)
{
	struct buf b = buf_arena(line->arena, LINE_BYTES_MAX);
	json_t *problem = parse(line->arena, reply->body);

	print_problem(line, problem, reply->status, &b);
	fprintf(stderr, "%.*s", FMT(buf_bytes(&b)));
	json_decref(problem);
}

/* The request that the table has for the command. */
static bool base_request(const struct command_line *line, struct request *ret_request)
{
	struct slice why;

	if (!failed(request_build(line, ret_request, &why)))
		return true;
	fprintf(stderr, "reuseid: %.*s\n", FMT(why));
	return false;
}

static bool call(const struct command_line *line, const struct request *request, struct reply *ret_reply)
{
	if (failed(cli_call(line, request, ret_reply)))
		return false;
	if (ret_reply->status == 200)
		return true;
	tell_problem(line, ret_reply);
	return false;
}

/* ---- out ---- */

static struct slice last_line(struct slice lines)
{
	struct slice last = S("");

	while (lines.n)
		last = slice_cut(&lines, '\n');
	return last;
}

/* The next portion begins behind the last passkey of this one; empty: there is none. */
static struct slice last_id(struct arena *a, struct slice lines)
{
	json_t *record = parse(a, last_line(lines));
	const json_t *id = json_object_get(record, "id");
	struct slice text = json_is_string(id) ? arena_copy(a, json_text(id)) : S("");

	json_decref(record);
	return text;
}

int command_passkey_export(const struct command_line *line)
{
	struct request request;
	struct reply reply;
	const char *base;
	struct slice after;

	if (!base_request(line, &request))
		return EXIT_USAGE;
	base = request.target;
	while (call(line, &request, &reply)) {
		after = last_id(line->arena, reply.body);
		if (after.n == 0)
			return 0;
		if (fwrite(reply.body.p, 1, reply.body.n, stdout) != reply.body.n) {
			perror("reuseid");
			return 1;
		}
		request.target = (const char *)arena_printf(line->arena, "%s?after=%.*s", base, FMT(after)).p;
	}
	return 1;
}

/* ---- in ---- */

struct intake {
	const struct command_line *line;
	struct request request;
	FILE *file;
	struct buf portion;
	long taken, lines, before; /* before: lines in front of this portion */
};

static bool send_portion(struct intake *in)
{
	struct reply reply;
	json_t *answer;

	if (in->portion.n == 0)
		return true;
	in->request.body = buf_bytes(&in->portion);
	if (!call(in->line, &in->request, &reply)) {
		fprintf(stderr, "Lines are counted from line %ld of the file on. %ld passkeys in front of it are taken over.\n", in->before + 1,
			in->taken);
		return false;
	}
	answer = parse(in->line->arena, reply.body);
	in->taken += (long)json_integer_value(json_object_get(answer, "imported"));
	json_decref(answer);
	buf_clear(&in->portion);
	in->before = in->lines;
	return true;
}

static bool take_lines(struct intake *in)
{
	char text[LINE_BYTES_MAX];

	while (fgets(text, LINE_BYTES_MAX, in->file)) {
		struct slice one = slice_text(text);

		if (one.n == LINE_BYTES_MAX - 1 && one.p[one.n - 1] != '\n') {
			fprintf(stderr, "reuseid: line %ld is too long. %ld passkeys are taken over.\n", in->lines + 1, in->taken);
			return false;
		}
		buf_slice(&in->portion, one);
		in->lines++;
		if (in->lines - in->before == PORTION_LINES || in->portion.n > PORTION_BYTES - LINE_BYTES_MAX)
			if (!send_portion(in))
				return false;
	}
	return send_portion(in);
}

int command_passkey_import(const struct command_line *line)
{
	struct intake in = { .line = line, .portion = buf_arena(line->arena, PORTION_BYTES) };
	const char *path = line->arguments[1];
	bool good;

	if (!base_request(line, &in.request))
		return EXIT_USAGE;
	in.file = fopen(path, "rbe");
	if (!in.file) {
		fprintf(stderr, "%s cannot be read: %s\n", path, strerror(errno));
		return 1;
	}
	good = take_lines(&in);
	if (good && ferror(in.file)) {
		fprintf(stderr, "%s cannot be read: %s\n", path, strerror(errno));
		good = false;
	}
	fclose(in.file);
	if (good)
		printf(line->json ? "{\"imported\":%ld}\n" : "%ld passkeys were taken over.\n", in.taken);
	return good ? 0 : 1;
}
