/* Calls to providers outside: begun by the work that is due, answered on the client's thread, ended by the next round of work. */
#ifndef PROOFING_CALLS_H
#define PROOFING_CALLS_H

#include "outbound/outbound.h"
#include "proofing/internal.h"

enum call_kind {
	CALL_START, CALL_PREPARE, CALL_POLL, CALL_CANCEL, CALL_EVIDENCE, CALL_PURGE,
	CALL_DISCOVER, CALL_PUSH, CALL_KEYS, CALL_CODE, CALL_USERINFO,
};

struct proofing_call {
	struct proofing_call *next;
	struct app *app;
	struct arena arena;          /* of what has to outlive the request: answers */
	struct uuid process, dossier;
	int64_t account;
	struct slice provider, parent; /* these four: of the process, known behind the first step */
	enum call_kind kind;
	struct slice token;          /* an access token that was asked for first */
	struct slice code;           /* of an OIDC callback */
	struct slice discovery, keys, id_token; /* what was heard so far */
	bool token_asked;
	enum outbound_reason reason; /* of the last answer */
	int status;
	struct slice body, media_type;
};

/* What is to be done next, in the words of an engine. */
struct call_request {
	enum http_method method;
	struct slice url, body;
	struct http_header headers[12];
	size_t header_count;
	int64_t timeout_ms;
	size_t answer_bytes_max;     /* 0: CALL_BYTES_MAX */
	struct outbound_tls tls;     /* what is empty is not used */
};

enum { CALL_BYTES_MAX = 1024 * 1024 };

enum call_step { CALL_SEND, CALL_DONE, CALL_BROKEN };

/* What an answer means for the process. */
struct call_outcome {
	bool has_result;
	struct proofing_result result;
	int64_t again_ms;            /* ask again after this; 0: not */
	struct evidence_file *file;  /* to be kept; NULL: none */
	bool keep;                   /* with CALL_SEND: the process was changed, and is saved before the request leaves */
};

/* One step of a call, as an operation of its own: what comes of the last answer, and the next request. */
struct stepping {
	struct proofing_call *call;
	struct process process;
	struct proofing_config config;
	struct call_request request;
	struct call_outcome outcome;
	enum call_step step;
	struct settlement *settlement;
	struct slice box, file_box, farewell;
	bool late;     /* a provider began what nobody waits for any more */
	int64_t tries; /* of a farewell */
};
/* The request outlives what it was read from. */
void call_request_keep(struct arena *a, struct call_request *r);

/* farewell.c: what a provider outside is still to be told of a process, whatever becomes of it here. */
/* In prepare: what that will take; empty when he has nothing. */
struct slice farewell_box(struct op *op, const struct process *p);
/* In apply. Keeps it with the process, for when that is deleted. */
err farewell_keep(struct tx *tx, const struct uuid *process, struct slice box);
/* In apply: he is to be told now; CALL_CANCEL or CALL_PURGE. */
err farewell_say(struct op *op, struct tx *tx, const struct process *p, enum call_kind call, struct slice box);
err farewell_prepare(struct op *op);
err farewell_apply(struct op *op, struct tx *tx);
/* Begins those that are due. */
err farewells_work(struct app *app);

/* The process is leased: nobody else calls for it meanwhile. */
void call_begin(struct app *app, const struct uuid *process, enum call_kind kind, struct slice code);
/* Works on the answers that have come. */
err calls_answered(struct app *app);
struct proofing_calls *calls_open(void);
/* No more calls are under way. */
void calls_close(struct app *app);

/* http.c, oidc.c: the next request of a call; `p` may be changed (what the provider answered), and is saved. */
enum call_step http_step(struct op *op, struct proofing_call *c, struct process *p, const struct proofing_config *config,
	struct call_request *ret_request, struct call_outcome *ret_outcome);
enum call_step oidc_step(struct op *op, struct proofing_call *c, struct process *p, const struct proofing_config *config,
	struct call_request *ret_request, struct call_outcome *ret_outcome);
const char *http_settings_fault(struct op *op, const struct proofing_provider *provider, const struct proofing_config *config);
const char *oidc_settings_fault(struct op *op, const struct proofing_provider *provider, const struct proofing_config *config);

/* False: it says nothing of an end. */
bool http_result(struct op *op, const json_t *section, json_t *answer, struct proofing_result *ret_result);

/* http_request.c: settings of a provider reached over HTTP become requests, and their faults words. */
json_t *http_section(const json_t *settings, const struct proofing_call *c, const struct process *p);
void http_fill_request(struct op *op, json_t *settings, const struct proofing_call *c, const struct process *p,
	const struct proofing_config *config, struct call_request *r);
void http_ask_for_token(struct op *op, const json_t *settings, const struct proofing_config *config, struct call_request *r);
bool http_wants_token(const json_t *settings);
/* The kinds of evidence, in the order in which they are fetched; NULL behind the last. */
const char *evidence_kind(int64_t n);

/* presets.c: settings that are known here, with what the operator wrote laid over them; takes over `written`. NULL: no such preset. */
json_t *preset_apply(struct op *op, json_t *written);

/* pointer.c */
/* RFC 6901; NULL when nothing is there. */
json_t *json_at_in(struct op *op, json_t *root, struct slice pointer);
/* "/pointer|filter|…" or "const(…)"; empty when nothing is there or a filter cannot take it. */
struct slice mapped_value(struct op *op, json_t *root, struct slice rule);
/* A result by a map from names of the result to rules. */
void mapped_result(struct op *op, json_t *root, json_t *map, struct final_result *ret_result);
/* Text with ${name} filled in. `escaped`: as part of a URL. */
struct slice template_fill(struct op *op, struct slice text, const struct process *p, const struct proofing_config *config, bool escaped);
struct slice country_alpha3(struct slice alpha2); /* empty: there is no such country */
/* Settings of the provider of a process, parsed; NULL when there are none. Kept with the request. */
json_t *engine_settings(struct op *op, const struct proofing_config *config, struct slice provider);
static inline struct slice json_member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? json_text(value) : S("");
}

#endif
