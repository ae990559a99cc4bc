/*
 * Log lines: key=value or JSON, one line each, never a secret, PIN, code or attribute value.
 * log_line(log, LOG_INFO, "http", LOG_S("path", path), LOG_I("status", 200));
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/env.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_format { LOG_KEY_VALUE, LOG_JSON };

struct log {
	const struct env *env;
	int fd;
	_Atomic int level; /* enum log_level; lines below it are dropped; may change while others log */
	enum log_format format;
};

struct log_field {
	const char *key; /* NULL ends the list */
	struct slice text;
	int64_t number;
	bool is_text;
};

#define LOG_S(key, s) ((struct log_field){ (key), (s), 0, true })
#define LOG_T(key, cstr) ((struct log_field){ (key), slice_text(cstr), 0, true })
#define LOG_I(key, i) ((struct log_field){ (key), { NULL, 0 }, (int64_t)(i), false })
#define LOG_E(e) LOG_T("error", err_info((e).code)->name)

/*
 * `event` is a constant word or two; the fields carry what varies. A field that would make the line longer than 8 KiB is left
 * out. Writes with one write(2); safe from any thread.
 */
void log_fields(const struct log *log, enum log_level level, const char *event, const struct log_field *fields);
#define log_line(log, level, event, ...) \
	log_fields((log), (level), (event), (const struct log_field[]){ __VA_ARGS__, { NULL, { NULL, 0 }, 0, false } })
#define log_note(log, level, event) log_fields((log), (level), (event), NULL)

static inline bool log_wants(const struct log *log, enum log_level level)
{
	return (int)level >= log->level;
}

#endif
