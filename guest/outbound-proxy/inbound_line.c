/* SPDX-License-Identifier: MIT */
/* inbound_line.c - "CONNECT port\n", as the host says it.  Pure. */
#include <string.h>

#include "guest/common/number.h"
#include "guest/outbound-proxy/inbound.h"

int inbound_parse(const char *p, size_t len, size_t *used)
{
	static const char word[] = "CONNECT ";
	const size_t n = sizeof(word) - 1, longest = n + 5 + 2;
	const char *lf;
	size_t digits;
	uint64_t port;

	if (memcmp(p, word, len < n ? len : n) != 0)
		return -1;
	lf = memchr(p, '\n', len);
	if (!lf)
		return len < longest ? 0 : -1;
	*used = (size_t)(lf - p) + 1;
	if (*used <= n)
		return -1;
	digits = *used - 1 - n;
	if (digits && lf[-1] == '\r')
		digits--;
	if (!number_read(p + n, digits, UINT16_MAX, &port) || port == 0)
		return -1;
	return (int)port;
}
