/* SPDX-License-Identifier: MIT */
/* ask.c - one SOCKS request of our own, and its reply. */
#include "guest/outbound-proxy/ask.h"

#include <assert.h>
#include <string.h>

void ask_init(struct ask *a, const struct ask_target *to)
{
	uint8_t *p = a->out;

	assert(to->len <= 255);
	memset(a, 0, sizeof(*a));
	*p++ = SOCKS_VERSION; /* RFC 1928, 3 */
	*p++ = 1;
	*p++ = SOCKS_NO_LOGIN;
	*p++ = SOCKS_VERSION; /* RFC 1928, 4 */
	*p++ = (uint8_t)to->cmd;
	*p++ = 0;
	*p++ = (uint8_t)to->atyp;
	if (to->atyp == SOCKS_NAME)
		*p++ = (uint8_t)to->len;
	memcpy(p, to->addr, to->len);
	p += to->len;
	*p++ = (uint8_t)(to->port >> 8);
	*p++ = (uint8_t)to->port;
	a->out_len = (size_t)(p - a->out);
}

size_t ask_need(const struct ask *a)
{
	size_t need;

	if (a->state == ASK_METHOD)
		return 2 - a->in_len;
	if (a->state != ASK_REPLY)
		return 0;
	need = socks_message_len(a->in, a->in_len);
	return (need ? need : 5) - a->in_len;
}

static void give_up(struct ask *a)
{
	a->state = ASK_BROKEN;
	a->reply = SOCKS_FAILED;
}

static void finish(struct ask *a)
{
	size_t skip = a->in[3] == SOCKS_NAME ? 5 : 4;

	a->state = ASK_DONE;
	a->reply = a->in[1];
	a->atyp = a->in[3];
	a->bound = a->in + skip;
	a->bound_len = a->in_len - skip - 2;
}

static void feed_byte(struct ask *a, uint8_t byte)
{
	size_t need;

	a->in[a->in_len++] = byte;
	if (a->in[0] != SOCKS_VERSION) {
		give_up(a);
	} else if (a->state == ASK_METHOD && a->in_len == 2) {
		if (byte != SOCKS_NO_LOGIN)
			give_up(a);
		else
			a->state = ASK_REPLY;
		a->in_len = 0;
	} else if (a->state == ASK_REPLY) {
		need = socks_message_len(a->in, a->in_len);
		if (need == SIZE_MAX)
			give_up(a);
		else if (need && a->in_len == need)
			finish(a);
	}
}

void ask_feed(struct ask *a, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (a->state == ASK_METHOD || a->state == ASK_REPLY)
			feed_byte(a, p[i]);
}
