/* SPDX-License-Identifier: MIT */
/*
 * guess.c - the distance between two words in typing mistakes.
 *
 * A mistake is a letter too many, too few, wrong, or two swapped (optimal
 * string alignment).  A name is near when a third of what was typed, and at
 * least one letter, may be wrong, or when it begins with all that was typed.
 */
#include "guess.h"

#include <string.h>

#include "say.h"

enum {
	WORD_MAX = 32, /* longer words are not worth guessing at */
	PREFIX_MIN = 3,
};

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static unsigned distance(const char *a, size_t na, const char *b, size_t nb)
{
	unsigned d[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= na; i++)
		d[i][0] = (unsigned)i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			unsigned wrong = a[i - 1] != b[j - 1];

			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
				       d[i - 1][j - 1] + wrong);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[na][nb];
}

struct guess guess_start(const char *word)
{
	return (struct guess){ .word = word };
}

void guess_offer(struct guess *g, const char *name)
{
	size_t nw = strlen(g->word), nn = strlen(name);
	unsigned far, dist;

	if (!nw || nw > WORD_MAX || nn > WORD_MAX)
		return;
	far = nw < 6 ? 1 : (unsigned)nw / 3;
	dist = distance(g->word, nw, name, nn);
	if (nw >= PREFIX_MIN && !strncmp(g->word, name, nw))
		dist = 1;
	if (dist > far || (g->best && dist >= g->distance))
		return;
	g->best = name;
	g->distance = dist;
}

int guess_refuse(const struct guess *g, const char *what, microvm_error *err)
{
	if (g->best)
		return refuse(err, "%s '%.80s' (did you mean %s?)", what,
			      g->word, g->best);
	return refuse(err, "%s '%.80s'", what, g->word);
}
