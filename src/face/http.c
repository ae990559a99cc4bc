/*
 * The generic adapter: any service that speaks these four calls, JSON both ways, bytes in standard base64, with a bearer token. What it
 * answers with another status than 200 (404 and 410 of a deletion excepted), or not in time, is no answer.
 *
 *   POST   URL/sessions                                 {}                      {"init"?}
 *   POST   URL/faces         {"faceId", "scan"}                                 {"enrolled", "template"?}
 *   POST   URL/faces/ID/match        {"scan", "template"?}                      {"matched", "score"?}
 *   DELETE URL/faces/ID
 */
#include "codec/encode.h"
#include "codec/json.h"
#include "face/face.h"

enum { ANSWER_DEPTH_MAX = 8, ASKED_BYTES_MAX = 6 * 1024 * 1024, HEADERS = 3 };

static void pair_bytes(struct jw *w, struct arena *a, const char *name, struct slice bytes)
{
	jw_pair_text(w, name, b64(a, bytes));
}

static struct slice id_of(const struct face_ask *ask, struct arena *a)
{
	return uuid_text(a, &ask->face);
}

static struct slice body_of(const struct face_ask *ask, struct arena *a)
{
	struct buf b = buf_arena(a, ASKED_BYTES_MAX);
	struct jw w = jw_new(&b);

	if (ask->task == FACE_DELETE)
		return S("");
	jw_open(&w, '{');
	if (ask->task == FACE_ENROL)
		jw_pair_text(&w, "faceId", id_of(ask, a));
	if (ask->scan.n)
		pair_bytes(&w, a, "scan", ask->scan);
	if (ask->task == FACE_MATCH && ask->template.n)
		pair_bytes(&w, a, "template", ask->template);
	jw_close(&w, '}');
	return buf_bytes(&b);
}

static struct slice url_of(const struct face_setup *setup, const struct face_ask *ask, struct arena *a)
{
	struct slice base = setup->url;

	while (base.n && base.p[base.n - 1] == '/')
		base.n--;
	switch (ask->task) {
	case FACE_INIT:
		return arena_printf(a, "%.*s/sessions", FMT(base));
	case FACE_ENROL:
		return arena_printf(a, "%.*s/faces", FMT(base));
	case FACE_MATCH:
		return arena_printf(a, "%.*s/faces/%.*s/match", FMT(base), FMT(id_of(ask, a)));
	default:
		return arena_printf(a, "%.*s/faces/%.*s", FMT(base), FMT(id_of(ask, a)));
	}
}

static bool http_request(const struct face_setup *setup, const struct face_ask *ask, struct arena *a, struct outbound_request *ret)
{
	struct http_header *headers = arena_array(a, struct http_header, HEADERS);
	size_t n = 0;

	headers[n++] = (struct http_header){ S("Accept"), S("application/json") };
	if (ask->task != FACE_DELETE)
		headers[n++] = (struct http_header){ S("Content-Type"), S("application/json") };
	if (setup->secret.n)
		headers[n++] = (struct http_header){ S("Authorization"), arena_printf(a, "Bearer %.*s", FMT(setup->secret)) };
	*ret = (struct outbound_request){
		.method = ask->task == FACE_DELETE ? HTTP_DELETE : HTTP_POST,
		.url = url_of(setup, ask, a),
		.headers = headers,
		.header_count = n,
		.body = body_of(ask, a),
		.timeout_ms = setup->timeout_ms,
		.answer_bytes_max = FACE_ANSWER_BYTES_MAX,
	};
	return true;
}

/* Of an absent member nothing; false when it is there and no such bytes. */
static bool read_bytes_of(const json_t *object, const char *name, size_t max, struct arena *a, struct slice *ret_bytes)
{
	const json_t *text = json_object_get(object, name);

	*ret_bytes = S("");
	if (!text || json_is_null(text))
		return true;
	return json_is_string(text) && !failed(b64_read(a, json_text(text), ret_bytes)) && ret_bytes->n <= max;
}

static int64_t score_of(const json_t *object)
{
	const json_t *score = json_object_get(object, "score");
	double value = json_is_number(score) ? json_number_value(score) : -1;

	return value >= 0 && value <= FACE_SCORE_MAX ? (int64_t)value : -1;
}

/* A provider that tells no score leaves the decision to its own word, unless a least score is asked. */
static void read_match(const struct face_setup *setup, const json_t *object, struct face_verdict *ret)
{
	const json_t *matched = json_object_get(object, "matched");

	ret->heard = json_is_boolean(matched);
	ret->score = score_of(object);
	ret->good = json_is_true(matched) && ret->score >= (setup->score_least ? setup->score_least : -1);
}

static void read_object(const struct face_setup *setup, const struct face_ask *ask, const json_t *object, struct arena *a,
	struct face_verdict *ret)
{
	const json_t *enrolled = json_object_get(object, "enrolled");

	if (ask->task == FACE_MATCH) {
		read_match(setup, object, ret);
	} else if (ask->task == FACE_INIT) {
		ret->heard = ret->good = read_bytes_of(object, "init", FACE_ANSWER_BYTES_MAX, a, &ret->init);
	} else {
		ret->heard = json_is_boolean(enrolled) && read_bytes_of(object, "template", FACE_TEMPLATE_BYTES_MAX, a, &ret->template);
		ret->good = ret->heard && json_is_true(enrolled);
	}
}

static void http_verdict(const struct face_setup *setup, const struct face_ask *ask, const struct outbound_answer *answer, struct arena *a,
	struct face_verdict *ret)
{
	struct slice why;
	json_t *object;

	*ret = (struct face_verdict){ .score = -1 };
	if (!answer || answer->reason != OUTBOUND_ANSWERED)
		return;
	if (ask->task == FACE_DELETE) {
		ret->heard = ret->good = (answer->status >= 200 && answer->status <= 299) || answer->status == 404 || answer->status == 410;
		return;
	}
	if (answer->status != 200 || failed(json_read(answer->body, JSON_UNIQUE, ANSWER_DEPTH_MAX, a, &object, &why)))
		return;
	if (json_is_object(object))
		read_object(setup, ask, object, a, ret);
	json_decref(object);
}

const struct face_functions face_http = { http_request, http_verdict };
