/* What is to be approved, shown as it is; and what cannot be shown, not shown. */
#include "authenticator/app.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "codec/encode.h"

/* ---- making the invisible visible ---- */

static uint32_t code_point(struct slice s, size_t n)
{
	static const uint8_t masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t point = s.p[0] & masks[n];

	for (size_t i = 1; i < n; i++)
		point = point << 6 | (s.p[i] & 0x3f);
	return point;
}

/* What a terminal does not show, or what changes how the rest is shown: controls, directions, joiners, blanks, tags, private use. */
static bool is_hidden(uint32_t c)
{
	static const uint32_t ranges[][2] = { { 0, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
		{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
		{ 0x2800, 0x2800 }, { 0x3164, 0x3164 }, { 0xe000, 0xf8ff }, { 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
		{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xfffe, 0xffff }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
		{ 0xe0000, 0x10ffff } };

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i][0] && c <= ranges[i][1])
			return true;
	return false;
}

void visible_write(struct buf *b, struct slice text, bool lines)
{
	while (text.n) {
		size_t n = text_sequence(text);
		uint32_t c = n ? code_point(text, n) : 0;

		if (n == 0)
			buf_printf(b, "<%02X>", text.p[0]);
		else if (lines && (c == '\n' || c == '\t'))
			buf_byte(b, (uint8_t)c);
		else if (is_hidden(c))
			buf_printf(b, "<U+%04X>", c);
		else
			buf_add(b, text.p, n);
		n = n ? n : 1;
		text = slice_of(text.p + n, text.n - n);
	}
}

/* ---- types ---- */

bool context_is_text(const rid_context *context)
{
	static const char *const known[] = { "text/plain", "application/json" };
	struct slice rest = slice_text(context->mime), type = slice_trim(slice_cut(&rest, ';'));

	if (!text_is_utf8(slice_of(context->content, context->content_bytes)))
		return false;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_ieq(type, slice_text(known[i])))
			return true;
	return type.n == 0;
}

/* ---- saving ---- */

/* A new file, so that nothing is overwritten by what somebody else wrote. */
static bool save(struct app *app, const rid_context *context, const char *file)
{
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good = fd >= 0 && write(fd, context->content, context->content_bytes) == (ssize_t)context->content_bytes;

	if (fd < 0 || close(fd) != 0 || !good) {
		say_failed(app, "The content could not be saved to %s: %s", file, strerror(errno));
		return false;
	}
	say(app, "The content is in %s.\n", file);
	return true;
}

/* Approving what one has not seen is what the whole thing is there to prevent. */
static bool offer_to_save(struct app *app, const rid_context *context)
{
	struct buf b = buf_arena(&app->arena, 1024);
	struct slice file = S("");

	visible_write(&b, slice_text(context->mime), false);
	say(app, "The content is of the type %.*s (%zu bytes), which cannot be shown here.\n", FMT(buf_bytes(&b)), context->content_bytes);
	if (!app->json)
		file = line_read(app, "Save it to which file, to look at it with a program that knows it? ");
	if (file.n)
		return save(app, context, (const char *)file.p) && confirmed(app, "Go on, now that you have looked at it?");
	say_failed(app, "Nothing was approved: content of the type %.*s can only be saved (--save-context FILE).", FMT(buf_bytes(&b)));
	return false;
}

/* ---- showing ---- */

static void show_text(struct app *app, const rid_context *context)
{
	struct buf b = buf_arena(&app->arena, 1024 * 1024);
	struct slice content = slice_of(context->content, context->content_bytes);

	buf_text(&b, "\n");
	if (context->title && *context->title) {
		buf_text(&b, "  ");
		visible_write(&b, slice_text(context->title), false);
		buf_text(&b, "\n\n");
	}
	while (content.n) {
		struct slice line = slice_cut(&content, '\n');

		if (line.n && line.p[line.n - 1] == '\r') /* the end of a line, as on other systems */
			line.n--;
		buf_text(&b, "  | ");
		visible_write(&b, line, true);
		buf_text(&b, "\n");
	}
	say(app, "%.*s\n", FMT(buf_bytes(&b)));
}

void context_show_after(struct app *app, const rid_context *context)
{
	if (flow_show(app, context))
		return;
	if ((context->content_bytes || context->title) && context_is_text(context))
		show_text(app, context);
	else if (context->content_bytes)
		say(app, "Content of another kind than text came along, which is not shown.\n");
}

bool context_show(struct app *app, const rid_context *context)
{
	rid_context title_only = { .title = context->title };

	if (!context->content_bytes && !context->title)
		return true;
	if (given(app, OPT_SAVE_CONTEXT)) {
		show_text(app, &title_only);
		return save(app, context, given(app, OPT_SAVE_CONTEXT));
	}
	if (context_is_text(context)) {
		show_text(app, context);
		flow_announce(app, context);
		return true;
	}
	show_text(app, &title_only);
	return offer_to_save(app, context);
}

void context_json(struct app *app, const char *member, const rid_context *context)
{
	struct jw *w = &app->answer;

	if (!app->json || !context->content)
		return;
	jw_key(w, member);
	jw_open(w, '{');
	if (context->title)
		jw_pair(w, "title", context->title);
	if (context->mime)
		jw_pair(w, "mime", context->mime);
	jw_pair_text(w, "b64", b64url(&app->arena, slice_of(context->content, context->content_bytes)));
	if (context_is_text(context))
		jw_pair_text(w, "text", slice_of(context->content, context->content_bytes));
	jw_close(w, '}');
}
