/* Onboarding and step-up: what the service says of them in a context, in words, and the link on which the identity is proofed. */
#include "authenticator/app.h"
#include "codec/json.h"

enum { DEPTH_MAX = 4 };

static struct slice member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? json_text(value) : S("");
}

static json_t *flow_of(struct app *app, const rid_context *context)
{
	struct slice text = slice_of(context->content, context->content_bytes), why;
	json_t *json;

	if (!context->content_bytes || !slice_ieq(slice_text(context->mime), S("application/json")))
		return NULL;
	if (failed(json_read(text, JSON_UNIQUE, DEPTH_MAX, &app->arena, &json, &why)))
		return NULL;
	if (slice_starts(member(json, "operation"), S("REUSEID_")) && member(json, "transactionId").n)
		return json;
	json_decref(json);
	return NULL;
}

static struct slice visible(struct app *app, struct slice text)
{
	struct buf b = buf_arena(&app->arena, 64 * 1024);

	visible_write(&b, text, false);
	return buf_bytes(&b);
}

void flow_announce(struct app *app, const rid_context *context)
{
	json_t *flow = flow_of(app, context);

	if (flow)
		say(app, "This is a step-up: once you have approved it, your identity is to be checked (by %.*s).\n\n",
			FMT(visible(app, member(flow, "provider"))));
	json_decref(flow);
}

bool flow_show(struct app *app, const rid_context *context)
{
	json_t *flow = flow_of(app, context);
	struct slice url = member(flow, "captureUrl");
	bool has_link = url.n != 0;

	if (has_link) {
		say(app, "\nNow your identity is to be checked. Open this link in a browser:\n\n  %.*s\n\n", FMT(visible(app, url)));
		if (app->json)
			jw_pair_text(&app->answer, "captureUrl", url);
	}
	json_decref(flow);
	return has_link;
}
