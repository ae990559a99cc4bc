/*
 * Errors: one must-use type, one list.
 *
 * Every function that can fail returns `err`. The compiler refuses to drop it (warn_unused_result) and refuses to mix it up
 * with an int (it is a struct). A function handles an error or passes it on with TRY(); it never logs and returns.
 *
 * The list is err.def. A code carries the HTTP status and the words a client may hear; nothing else reaches a client.
 * Variables are declared as `struct error e`; `err` is for return types only.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <signal.h> /* has a member called `err`, so it has to be read before the macro below */

enum err_code {
	E_OK = 0,
#define E(name, http, code, title, detail) E_##name,
#include "base/err.def"
#undef E
	E_COUNT
};

struct error {
	enum err_code code;
};

#define err __attribute__((warn_unused_result)) struct error

#define OK ((struct error){ E_OK })
#define FAIL(name) ((struct error){ E_##name })

#define TRY(x)                              \
	do {                                \
		struct error e_ = (x);      \
		if (e_.code != E_OK)        \
			return e_;          \
	} while (0)

/* Check a condition; on failure return the named error. */
#define ENSURE(cond, name)                  \
	do {                                \
		if (!(cond))                \
			return FAIL(name);  \
	} while (0)

/* Drop an error on purpose; the reason stands beside the call. */
#define IGNORE(x)                           \
	do {                                \
		struct error e_ = (x);      \
		(void)e_;                   \
	} while (0)

static inline int failed(struct error e)
{
	return e.code != E_OK;
}

static inline int is_err(struct error e, enum err_code code)
{
	return e.code == code;
}

/* What a client may be told. `detail` may hold {name} places, filled in by the API layer. */
struct err_info {
	const char *name;   /* "USER_UNKNOWN" */
	int http;           /* HTTP status */
	const char *code;   /* machine-readable constant */
	const char *title;  /* constant per code */
	const char *detail; /* template for this occurrence */
};

const struct err_info *err_info(enum err_code code);

#endif
