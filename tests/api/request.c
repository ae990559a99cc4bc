/* Requests of the matrix: good ones, but for what a test wants otherwise. */
#include "tests/api/matrix.h"

#include <stdio.h>

static const char *fresh(struct matrix *m, const char *value)
{
	struct buf b = buf_arena(&m->w->f->arena, 4096);

	m->counter++;
	for (; *value; value++) {
		if (value[0] == '%' && value[1] == 'u') {
			buf_printf(&b, "%u", m->counter);
			value++;
		} else if (*value == '@') {
			buf_text(&b, m->visit->dir);
		} else {
			buf_byte(&b, (uint8_t)*value);
		}
	}
	buf_byte(&b, 0);
	return (const char *)b.p;
}

static const char *known(struct matrix *m, const struct spot *at, const char *name)
{
	const char *value = known_value(m->town, at->where, name);

	return value ? fresh(m, value) : NULL;
}

const char *fresh_text(struct matrix *m, size_t n)
{
	struct buf b = buf_arena(&m->w->f->arena, 1 << 20);
	char number[16];
	size_t digits;

	m->counter++;
	snprintf(number, sizeof(number), "%u", m->counter % 1000000);
	digits = strlen(number) < n ? strlen(number) : 0;
	buf_add(&b, number, digits);
	for (size_t i = digits; i < n; i++)
		buf_text(&b, "\xc3\xa5");
	buf_byte(&b, 0);
	return (const char *)b.p;
}

/* ---- path and query ---- */

static void write_segment(struct matrix *m, const struct spot *at, const struct how *how, struct slice segment, struct buf *b)
{
	const char *name, *value;

	if (segment.n < 3 || segment.p[0] != '{') {
		buf_slice(b, segment);
		return;
	}
	segment = slice_of(segment.p + 1, segment.n - 2);
	name = arena_cstr(&m->w->f->arena, slice_cut(&segment, ':'));
	value = how->param && strcmp(how->param, name) == 0 ? how->value : known(m, at, name);
	if (!value)
		fail_msg("%s: no value is known for %s; values.c wants a row", at->where, name);
	buf_text(b, value);
}

/* The example without its quotes. */
static const char *example(struct matrix *m, const struct field *f)
{
	struct slice text = slice_text(f->example);

	if (text.n > 1 && text.p[0] == '"')
		text = slice_of(text.p + 1, text.n - 2);
	return text.n ? arena_cstr(&m->w->f->arena, text) : NULL;
}

static void write_query(struct matrix *m, const struct spot *at, const struct how *how, struct buf *b)
{
	const char *mark = "?";

	for (size_t i = 0; at->route->query && i < at->route->query->n; i++) {
		const struct field *f = &at->route->query->fields[i];
		bool asked = how->param && strcmp(how->param, f->name) == 0;
		const char *value = asked ? how->value : known(m, at, f->name);

		if ((!asked && !(f->flags & REQ)) || (how->without && strcmp(how->without, f->name) == 0))
			continue;
		buf_printf(b, "%s%s=%s", mark, f->name, value ? value : example(m, f));
		mark = "&";
	}
	if (how->query)
		buf_printf(b, "%s%s", mark, how->query);
}

static const char *target(struct matrix *m, const struct spot *at, const struct how *how)
{
	struct buf b = buf_arena(&m->w->f->arena, 64 * 1024);
	struct slice rest = slice_text(at->path);

	slice_cut(&rest, '/');
	while (rest.n) {
		buf_byte(&b, '/');
		write_segment(m, at, how, slice_cut(&rest, '/'), &b);
	}
	write_query(m, at, how, &b);
	buf_byte(&b, 0);
	return (const char *)b.p;
}

/* ---- bodies ---- */

/* How a body is to be filled in. */
struct filling {
	struct matrix *m;
	const struct spot *at;
	const struct how *how; /* a parameter that is set there is the same in the body */
	bool least;
};

static json_t *fill(const struct filling *f, const struct schema *schema, const char *front);

static json_t *value_of(const struct filling *filling, const struct field *f, const char *place)
{
	const struct how *how = filling->how;
	const char *text = how->param && strcmp(how->param, place) == 0 ? how->value : known(filling->m, filling->at, place);
	json_t *inner;

	if (text)
		return json_string(text);
	if (f->type == FIELD_OBJ) {
		inner = fill(filling, f->of, WORDS(filling->m, "%s.", place));
		if (json_object_size(inner))
			return inner;
		json_decref(inner);
		return NULL;
	}
	return *f->example ? json_loads(f->example, JSON_DECODE_ANY, NULL) : NULL;
}

/* Some optional fields are needed all the same, and so is what they lie in. */
static bool wanted(const struct filling *filling, const struct field *f, const char *place)
{
	return !filling->least || (f->flags & REQ) || is_needed_all_the_same(filling->at->route->body->name, place);
}

static json_t *fill(const struct filling *filling, const struct schema *schema, const char *front)
{
	json_t *object = json_object();

	for (size_t i = 0; i < schema->n; i++) {
		const struct field *f = &schema->fields[i];
		const char *place = WORDS(filling->m, "%s%s", front, f->name);
		json_t *value = wanted(filling, f, place) ? value_of(filling, f, place) : NULL;

		if (value)
			json_object_set_new(object, f->name, value);
	}
	return object;
}

json_t *matrix_body(struct matrix *m, const struct spot *at, bool least)
{
	return fill(&(struct filling){ m, at, &(struct how){ 0 }, least }, at->route->body, "");
}

void body_put(json_t *body, const char *place, json_t *value)
{
	struct slice rest = slice_text(place);
	char name[128];

	for (;;) {
		struct slice step = slice_cut(&rest, '.');
		json_t *inner;

		snprintf(name, sizeof(name), "%.*s", FMT(step));
		if (rest.n == 0)
			break;
		inner = json_object_get(body, name);
		if (!inner) {
			inner = json_object();
			json_object_set_new(body, name, inner);
		}
		body = inner;
	}
	if (value)
		json_object_set_new(body, name, value);
	else
		json_object_del(body, name);
}

/* ---- sending ---- */

static struct slice encoded(struct matrix *m, const json_t *body)
{
	struct buf b = buf_arena(&m->w->f->arena, 8 << 20);

	json_write_value(&b, (json_t *)(uintptr_t)body);
	must(buf_ok(&b));
	return buf_bytes(&b);
}

/* One passkey, each time another. */
static struct slice good_import(struct matrix *m)
{
	return slice_text(WORDS(m, "{\"userId\":\"%s\",\"domain\":\"%s\",\"credentialId\":\"%08u\",\"publicKey\":\"" PASSKEY_KEY "\","
		"\"signCount\":0,\"backupEligible\":true}", m->town->mine.user, m->town->mine.domain, ++m->counter % 100000000));
}

static struct slice good_body(struct matrix *m, const struct spot *at, const struct how *how)
{
	struct slice text;
	json_t *body;

	if (at->route->flags & FORM_BODY)
		return slice_text(WORDS(m, "grant_type=client_credentials&client_id=%s&client_secret=%s", m->town->first.client_id,
			m->town->first.secret));
	if (!at->route->body)
		return !(at->route->flags & RAW_BODY) ? S("") : strstr(at->path, "/import") ? good_import(m) : S("{}");
	body = fill(&(struct filling){ m, at, how, false }, at->route->body, "");
	text = encoded(m, body);
	json_decref(body);
	return text;
}

struct answer matrix_send(struct matrix *m, const struct spot *at, const struct how *how)
{
	struct from from = { .local = is_local(at) && !how->from_outside, .type = how->type, .headers = &how->header };
	struct slice body = how->raw.p ? how->raw : how->body ? encoded(m, how->body) : good_body(m, at, how);
	enum http_method method = how->has_method ? how->method : at->route->method;

	from.header_count = how->header.name.n ? 1 : 0;
	if (!from.local)
		from.token = how->token ? (*how->token ? how->token : NULL) : wants_token(at) || is_local(at) ? m->w->token : NULL;
	if (!from.type && (at->route->flags & FORM_BODY))
		from.type = "application/x-www-form-urlencoded";
	return fixture_send(m->w->f, &from, method, target(m, at, how), body);
}

static const char *body_text(struct matrix *m, struct answer answer)
{
	return WORDS(m, "%.*s", (int)(answer.text.n < 1000 ? answer.text.n : 1000), (const char *)answer.text.p);
}

struct answer matrix_refused(struct matrix *m, const struct spot *at, const struct how *how, int status, const char *code)
{
	struct answer answer = matrix_send(m, at, how);
	struct digest now;

	if (answer.status != status)
		fail_msg("%s: %d, not %d: %s", target(m, at, how), answer.status, status, body_text(m, answer));
	if (code && !at->route->errors)
		assert_problem(answer, status, code);
	database_digest(m->visit->db, &now);
	assert_nothing_changed(&m->before, &now);
	return answer;
}

struct answer matrix_accepted(struct matrix *m, const struct spot *at, const struct how *how)
{
	struct answer answer = matrix_send(m, at, how);
	struct digest now;

	if (answer.status < 200 || answer.status > 299)
		fail_msg("%s: %d: %s", target(m, at, how), answer.status, body_text(m, answer));
	database_digest(m->visit->db, &now);
	m->used |= digest_differs(&m->before, &now, NULL);
	m->before = now;
	return answer;
}
