/* "did you mean": the nearest known word by the number of letters to change, add, drop or swap. */
#include "server/cli.h"

enum { WORD_BYTES_MAX = 40 };

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Optimal string alignment, row by row. */
static size_t distance(struct slice a, struct slice b)
{
	size_t rows[3][WORD_BYTES_MAX + 1], *before = rows[0], *last = rows[1], *now = rows[2];

	if (a.n > WORD_BYTES_MAX || b.n > WORD_BYTES_MAX)
		return WORD_BYTES_MAX;
	for (size_t j = 0; j <= b.n; j++)
		last[j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			now[j] = least(last[j] + 1, now[j - 1] + 1, last[j - 1] + (a.p[i - 1] != b.p[j - 1]));
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1] && before[j - 2] + 1 < now[j])
				now[j] = before[j - 2] + 1;
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[b.n];
}

struct suggestion suggestion_for(struct slice typed)
{
	return (struct suggestion){ typed, NULL, typed.n / 3 + 2 };
}

void suggestion_try(struct suggestion *s, const char *known)
{
	struct slice word = slice_text(known);
	size_t n = distance(s->typed, word);

	/* A word of which only the front was typed is near too. */
	if (s->typed.n >= 3 && slice_starts(word, s->typed))
		n = 1;
	if (n < s->distance) {
		s->distance = n;
		s->best = known;
	}
}
