/*
 * Where a managing command's request goes: to the server that runs on the data directory, through its socket; when none does, the
 * database is opened here and the request run in this process.
 */
#include <stdio.h>

#include "api/api.h"
#include "http/local_call.h"
#include "http/trace.h"
#include "server/boot.h"
#include "server/cli.h"
#include "server/local.h"

static void run_request(const struct command_line *line, const struct request *request, struct api *api, struct reply *ret_reply)
{
	struct http_header type = { S("Content-Type"), S("application/json") };
	struct http_request http = { .method = (int)request->method, .body = request->body, .peer = S("local"), .local = true };
	struct slice rest = slice_text(request->target);

	arena_init(&http.arena);
	http.headers = &type;
	http.header_count = request->body.n ? 1 : 0;
	http.path = slice_cut(&rest, '?');
	http.query = rest;
	trace_begin(&http, &env_system);
	api_run(api, &http);
	*ret_reply = (struct reply){ http.reply.status, arena_copy(line->arena, http.reply.body) };
	arena_free_secret(&http.arena);
}

static err call_here(const struct command_line *line, const struct request *request, struct reply *ret_reply)
{
	struct local_app *app;
	struct error e = local_app_open(line, &app);

	if (is_err(e, E_LOCKED_BY_PROCESS))
		fprintf(stderr, "reuseid: another process has the database in %s open, but nobody answers at %s/%s\n", line->data,
			line->data, ADMIN_SOCKET);
	TRY(e);
	run_request(line, request, local_app_api(app), ret_reply);
	local_app_close(app);
	return OK;
}

err cli_call(const struct command_line *line, const struct request *request, struct reply *ret_reply)
{
	const char *socket = (const char *)path_in(line->arena, line->data, ADMIN_SOCKET).p, *why;
	struct local_answer answer;
	struct error e = http_local_call(socket, request->method, request->target, request->body, line->arena, &answer, &why);

	if (is_err(e, E_UNAVAILABLE))
		return call_here(line, request, ret_reply);
	if (failed(e))
		fprintf(stderr, "reuseid: the call to the server broke off (%s); it may have been carried out all the same\n", why);
	else
		*ret_reply = (struct reply){ answer.status, answer.body };
	return e;
}
