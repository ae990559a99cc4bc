#include "base/log.h"

#include <unistd.h>

#include "base/text.h"
#include "base/timestamp.h"

enum { LINE_BYTES_MAX = 8 * 1024 };

static const char *const level_words[] = { "debug", "info", "warn", "error" };

/* A JSON string in both forms, whatever the bytes: none may end the line, steer a terminal or spoil the file's UTF-8. */
static void quoted(struct buf *b, struct slice text)
{
	buf_byte(b, '"');
	while (text.n) {
		size_t n = text_sequence(text);

		if (n == 0) {
			n = 1;
			buf_text(b, "\xef\xbf\xbd");
		} else if (text_has_controls(slice_of(text.p, n), false)) {
			buf_printf(b, "\\u%04x", text.p[n - 1]); /* the last byte of U+0080..U+009F is its number */
		} else {
			if (text.p[0] == '"' || text.p[0] == '\\')
				buf_byte(b, '\\');
			buf_add(b, text.p, n);
		}
		text = slice_of(text.p + n, text.n - n);
	}
	buf_byte(b, '"');
}

static bool is_plain(struct slice text)
{
	for (size_t i = 0; i < text.n; i++) {
		uint8_t c = text.p[i];

		if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
			return false;
	}
	return text.n > 0;
}

static void value(struct buf *b, const struct log_field *f, bool json)
{
	if (!f->is_text)
		buf_i64_text(b, f->number);
	else if (json || !is_plain(f->text))
		quoted(b, f->text);
	else
		buf_slice(b, f->text);
}

static void pair(struct buf *b, const struct log_field *f, bool json)
{
	buf_text(b, json ? ",\"" : " ");
	buf_text(b, f->key);
	buf_text(b, json ? "\":" : "=");
	value(b, f, json);
}

void log_fields(const struct log *log, enum log_level level, const char *event, const struct log_field *fields)
{
	struct buf b = buf_heap(LINE_BYTES_MAX);
	bool json = log->format == LOG_JSON;
	ssize_t wrote;

	if (!log_wants(log, level))
		return;
	buf_text(&b, json ? "{\"time\":\"" : "time=");
	time_write(&b, env_now_ms(log->env), TIME_AS_MS);
	buf_text(&b, json ? "\"" : "");
	pair(&b, &LOG_T("level", level_words[level]), json);
	pair(&b, &LOG_T("event", event), json);
	for (; fields && fields->key; fields++) {
		size_t before = b.n;

		pair(&b, fields, json);
		if (b.overflow || b.n > LINE_BYTES_MAX - 8) {
			b.n = before;
			b.overflow = false;
		}
	}
	buf_text(&b, json ? "}\n" : "\n");
	/* A log that cannot be written must not stop the service. */
	wrote = write(log->fd, b.p, b.n);
	(void)wrote;
	buf_free(&b);
}
