/* SPDX-License-Identifier: MIT */
/*
 * fuzz_guest_order.c - what the host tells init, cut into pieces anywhere.
 * The first byte chooses how long they are; the orders are the same.
 */
#include "guest/init/order.h"

#include "feed.h"

struct result {
	unsigned times, stops;
	uint64_t sum;
};

static void note(struct result *r, const struct order *o)
{
	switch (o->kind) {
	case ORDER_NONE: break;
	case ORDER_STOP: r->stops++; break;
	case ORDER_TIME:
		CHECK(o->seconds >= 0);
		CHECK(o->nanoseconds >= 0 && o->nanoseconds <= 999999999);
		r->times++;
		r->sum = r->sum * 31 + (uint64_t)o->seconds +
			 (uint64_t)o->nanoseconds;
		break;
	}
}

static struct result run(const char *p, size_t len, size_t piece)
{
	struct order_lines l = { 0 };
	struct result r = { 0 };
	struct order o;

	while (len) {
		size_t n = piece < len ? piece : len;
		size_t used = order_feed(&l, p, n, &o);

		CHECK(used > 0 && used <= n);
		CHECK(o.kind != ORDER_NONE || used == n);
		CHECK(o.kind == ORDER_NONE || p[used - 1] == '\n');
		CHECK(l.len <= ORDER_LINE_MAX);
		note(&r, &o);
		p += used;
		len -= used;
	}
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = { data, size };
	size_t piece = 1 + feed_take(&f, 1) % 100;
	struct result whole = run((const char *)f.p, f.len, f.len + 1);
	struct result cut = run((const char *)f.p, f.len, piece);

	CHECK(whole.times == cut.times);
	CHECK(whole.stops == cut.stops);
	CHECK(whole.sum == cut.sum);
	return 0;
}
