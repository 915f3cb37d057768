/* SPDX-License-Identifier: MIT */
/* order.c - what the host tells init over the control line. */
#include "guest/init/order.h"

#include <string.h>

#include "guest/common/number.h"

/* "S N" */
static bool read_time(const char *p, size_t len, struct order *o)
{
	const char *blank = memchr(p, ' ', len);
	uint64_t s, n;

	if (!blank || !number_read(p, (size_t)(blank - p), INT64_MAX, &s) ||
	    !number_read(blank + 1, len - (size_t)(blank - p) - 1, 999999999,
			 &n))
		return false;
	o->kind = ORDER_TIME;
	o->seconds = (int64_t)s;
	o->nanoseconds = (long)n;
	return true;
}

static void read_line(const char *p, size_t len, struct order *o)
{
	if (len && p[len - 1] == '\r')
		len--;
	if (len == 4 && memcmp(p, "stop", 4) == 0)
		o->kind = ORDER_STOP;
	else if (len > 5 && memcmp(p, "time ", 5) == 0)
		(void)read_time(p + 5, len - 5, o); /* else unknown */
}

size_t order_feed(struct order_lines *l, const char *p, size_t len,
		  struct order *o)
{
	size_t i;

	o->kind = ORDER_NONE;
	for (i = 0; i < len && o->kind == ORDER_NONE; i++) {
		if (p[i] == '\n') {
			if (l->len < ORDER_LINE_MAX)
				read_line(l->line, l->len, o);
			l->len = 0;
		} else if (l->len < ORDER_LINE_MAX) {
			l->line[l->len++] = p[i];
		}
	}
	return i;
}
