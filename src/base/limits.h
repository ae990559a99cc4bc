/* Every fixed limit of the program, with its unit and its reason. What an operator may change is a setting instead. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
	/* HTTP */
	HEADERS_BYTES_MAX = 8 * 1024,      /* request line and headers of one request; a token is about 700 bytes */
	HEADER_COUNT_MAX = 100,            /* beyond any browser or proxy chain */
	TARGET_BYTES_MAX = 4096,           /* path and query */
	BODY_BYTES_MAX = 1024 * 1024,      /* JSON bodies */
	FORM_BYTES_MAX = 64 * 1024,        /* token requests, with room for a private-key JWT */
	DISCARD_BYTES_MAX = 1024 * 1024,   /* of a body nobody wants, read so that the client gets to see the refusal */
	REPLY_BYTES_PER_MS_MIN = 4,        /* a client that takes its reply slower than 4 kB/s is cut */
	AUDIT_RETENTION_DAYS_MAX = 36500,    /* a hundred years */
	REPLY_BYTES_MAX = 64 * 1024 * 1024, /* a bug stop: no answer is near this */
	JSON_DEPTH_MAX = 32,               /* deepest body has 4 levels */
	LIST_STRING_POINTS_MAX = 64,       /* each string of a list in a body: tags and names */

	/* identity store */
	EXTERNAL_REF_POINTS_MAX = 255,
	SEGMENT_POINTS_MAX = 64,
	ATTRIBUTE_COUNT_MAX = 100,
	ATTRIBUTE_KEY_POINTS_MAX = 64,
	ATTRIBUTE_VALUE_POINTS_MAX = 2000,

	/* what operators manage */
	ADMIN_NAME_POINTS_MAX = 100,       /* names of accounts, API clients and secrets */
	ADMIN_PRODUCTS_MAX = 64,           /* labels in one request; a mask has no more bits */

	/* lists */
	PAGE_ITEMS_MAX = 100,
	PAGE_ITEMS_DEFAULT = 10,

	/* OAuth */
	TOKEN_BYTES_MAX = 4096,            /* a bearer token that we could have made is below 1 KiB */
	TOKEN_LIFETIME_S_MIN = 1,
	TOKEN_LIFETIME_S_MAX = 3600,
	TOKEN_LIFETIME_S_DEFAULT = 600,

	/* operations */
	STALE_TRIES_MAX = 16,              /* prepare again this often when another request came first, then 409 */
};

#endif
