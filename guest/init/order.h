/* SPDX-License-Identifier: MIT */
/*
 * order.h - what the host tells init over the control line; docs/vsock.md.
 *
 * Pure: bytes in, orders out, one byte at a time or many lines at once.
 */
#ifndef GUEST_INIT_ORDER_H
#define GUEST_INIT_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum order_kind {
	ORDER_NONE,
	ORDER_TIME, /* "time S N": the clock is to be set */
	ORDER_STOP, /* "stop": end the program, then the machine */
};

struct order {
	enum order_kind kind;
	int64_t seconds;
	long nanoseconds;
};

enum { ORDER_LINE_MAX = 80 }; /* longer ones are none we know */

struct order_lines {
	size_t len; /* ORDER_LINE_MAX: the rest of the line is skipped */
	char line[ORDER_LINE_MAX];
};

/*
 * Eat bytes up to the end of the first order among them, and say how many;
 * ORDER_NONE: all were eaten.  Lines that are no order are passed over.
 */
size_t order_feed(struct order_lines *l, const char *p, size_t len,
		  struct order *o);

#endif
