/*
 * Faces matched by a provider (docs/DEVICE-PROTOCOL.md, section 5.6): whether a scan is of a living person, and whether it is of the same
 * person as before. There is no face engine in here; what there is stands behind this interface.
 *
 * A provider is a struct of functions, and both are pure: one says which call to the outside a task takes, the other what came of it. So
 * whoever asks decides how the call is made and waited for. What a provider answers to an enrolment, a template, is a secret of the person:
 * the caller keeps it sealed and hands it back for each match. A provider may as well keep the face itself, under the face's id, and is
 * told when it has to forget it.
 */
#ifndef FACE_FACE_H
#define FACE_FACE_H

#include "codec/schema.h"
#include "outbound/outbound.h"

#define FACE_PROVIDER(V, E)                                                     \
	V(E, NONE, "No faces are matched")                                      \
	V(E, MOCK, "Takes scans that say whose they are; for sandbox accounts") \
	V(E, HTTP, "A service that is reached over HTTP")
ENUMERATION_TYPE(face_provider, FACE_PROVIDER);

enum {
	FACE_TEMPLATE_BYTES_MAX = 256 * 1024,
	FACE_ANSWER_BYTES_MAX = 512 * 1024,
	FACE_SCORE_MAX = 1000,
};

/* What an application is configured with; texts belong to the caller. */
struct face_setup {
	enum face_provider provider;
	struct slice url, secret;
	int64_t timeout_ms, score_least;
};

enum face_task {
	FACE_INIT,   /* what the app's scanner has to be handed */
	FACE_ENROL,  /* a living person's? then remember it */
	FACE_MATCH,  /* the same person's? */
	FACE_DELETE, /* forget it */
};

struct face_ask {
	enum face_task task;
	struct uuid face;      /* all but FACE_INIT */
	struct slice scan;     /* FACE_ENROL, FACE_MATCH */
	struct slice template; /* FACE_MATCH: of the enrolment; may be empty */
};

struct face_verdict {
	bool heard;            /* it answered; else nothing is known */
	bool good;             /* FACE_ENROL: taken. FACE_MATCH: the same. FACE_DELETE: forgotten */
	int64_t score;         /* of a match, 0 to FACE_SCORE_MAX; -1: none told */
	struct slice template; /* FACE_ENROL; may be empty */
	struct slice init;     /* FACE_INIT; may be empty */
};

struct face_functions {
	/* False: the task takes no call. Texts lie in the arena. */
	bool (*request)(const struct face_setup *setup, const struct face_ask *ask, struct arena *a, struct outbound_request *ret_request);
	/* `answer` NULL: of a task that took no call. */
	void (*verdict)(const struct face_setup *setup, const struct face_ask *ask, const struct outbound_answer *answer, struct arena *a,
		struct face_verdict *ret_verdict);
};

/* NULL: of NONE. */
const struct face_functions *face_functions(enum face_provider provider);

extern const struct face_functions face_mock, face_http;

#endif
