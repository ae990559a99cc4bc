/* Which language, and its words. */
#include "codec/form.h"
#include "page/page.h"

struct language_row {
	const char *tag; /* of the page */
	const char *known[4];
};

static const struct language_row languages[LANGUAGES] = {
	[LANGUAGE_EN] = { "en", { "en" } },
	[LANGUAGE_NB] = { "nb", { "nb", "no", "nn" } },
};

static const char *const words[LANGUAGES][WORD_COUNT] = {
	[LANGUAGE_EN] = {
#define WORD(name, en, nb) [WORD_##name] = en,
#include "page/words.def"
#undef WORD
	},
	[LANGUAGE_NB] = {
#define WORD(name, en, nb) [WORD_##name] = nb,
#include "page/words.def"
#undef WORD
	},
};

const char *page_word(enum page_language language, enum page_word word)
{
	return words[language][word];
}

/* "nb-NO" is "nb". -1 for what is not ours. */
static int find(struct slice tag)
{
	struct slice primary = slice_cut(&tag, '-');

	for (int i = 0; i < LANGUAGES; i++)
		for (int k = 0; k < 4 && languages[i].known[k]; k++)
			if (slice_ieq(primary, slice_text(languages[i].known[k])))
				return i;
	return -1;
}

/* RFC 9110, section 12.4.2: "q=0.8" in thousandths; 1000 when it is not there, 0 when it is malformed. */
static int weight(struct slice parameters)
{
	int w = 0, scale = 100;
	struct slice q = slice_trim(slice_cut(&parameters, ';')), name = slice_trim(slice_cut(&q, '='));

	if (name.n == 0)
		return 1000;
	q = slice_trim(q);
	if (!slice_ieq(name, S("q")) || q.n == 0 || q.n > 5 || (q.p[0] != '0' && q.p[0] != '1') || (q.n > 1 && q.p[1] != '.'))
		return 0;
	w = q.p[0] == '1' ? 1000 : 0;
	for (size_t i = 2; i < q.n; i++, scale /= 10) {
		if (q.p[i] < '0' || q.p[i] > '9')
			return 0;
		w += (q.p[i] - '0') * scale;
	}
	return w > 1000 ? 1000 : w;
}

static int wanted_by_header(struct slice header)
{
	int best = -1, best_weight = 0;

	while (header.n) {
		struct slice rest = slice_cut(&header, ','), tag = slice_trim(slice_cut(&rest, ';'));
		int language = find(tag), w = weight(rest);

		if (language >= 0 && w > best_weight) {
			best = language;
			best_weight = w;
		}
	}
	return best;
}

static int wanted_by_query(const struct op *op)
{
	struct slice rest = op->http->query, name, value;
	struct error e;

	while (form_next(&rest, op->arena, &name, &value, &e))
		if (!failed(e) && slice_is(name, "lang"))
			return find(value);
	return -1;
}

enum page_language page_language(const struct op *op)
{
	int language = wanted_by_query(op);

	if (language < 0)
		language = wanted_by_header(http_header(op->http, "Accept-Language"));
	return language < 0 ? LANGUAGE_EN : (enum page_language)language;
}
