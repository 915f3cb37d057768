/* SPDX-License-Identifier: MIT */
/*
 * fuzz_line.c - lines cut into pieces anywhere.  The first byte chooses how
 * long the pieces are; whatever it says, the lines are the same.
 */
#include "endpoint/line.h"

#include <string.h>

#include "feed.h"

struct result {
	size_t lines, eaten;
	bool spoilt;
	uint32_t sum;
};

static void look(const struct line *l, struct result *r)
{
	uint32_t n = 0;

	CHECK(l->len <= LINE_MAX_LEN);
	CHECK(strlen(l->text) == l->len);
	CHECK(!memchr(l->text, '\n', l->len));
	r->lines++;
	if (line_number(l, "CONNECT", &n))
		r->sum += n + 1;
	if (line_number(l, "OK", &n))
		r->sum += 3 * n + 2;
}

/* All of it, in pieces of `piece` bytes. */
static struct result run(const uint8_t *p, size_t len, size_t piece)
{
	struct result r = { 0 };
	struct line l = { 0 };
	size_t used;

	while (len && !r.spoilt) {
		size_t n = piece < len ? piece : len;
		enum line_event e = line_feed(&l, p, n, &used);

		CHECK(used <= n);
		CHECK(e != LINE_MORE || used == n);
		r.eaten += used;
		p += used;
		len -= used;
		if (e == LINE_WHOLE) {
			look(&l, &r);
			line_next(&l);
		}
		r.spoilt = e == LINE_TOO_LONG;
	}
	if (r.spoilt) /* and stays so */
		CHECK(line_feed(&l, (const uint8_t *)"\n", 1, &used) ==
			      LINE_TOO_LONG &&
		      used == 0);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	size_t piece = 1 + feed_take(&f, 1) % 80;
	struct result whole = run(f.p, f.len, f.len);
	struct result cut = run(f.p, f.len, piece);

	CHECK(whole.lines == cut.lines);
	CHECK(whole.eaten == cut.eaten);
	CHECK(whole.spoilt == cut.spoilt);
	CHECK(whole.sum == cut.sum);
	return 0;
}
