/* SPDX-License-Identifier: MIT */
/* follow.c - what a SOCKS client and its server are just saying. */
#include "guest/outbound-proxy/follow.h"

#include <string.h>

void follow_init(struct follow *f)
{
	memset(f, 0, sizeof(*f));
}

/* A message of the client is complete. */
static void enter(struct follow *f, enum follow_client next)
{
	f->client = next;
	f->said_len = 0;
}

/* VER, NMETHODS, METHODS: RFC 1928, 3. */
static void hear_greeting(struct follow *f)
{
	const uint8_t *p = f->said;

	if (p[0] != SOCKS_VERSION) {
		enter(f, CLIENT_LOST);
		return;
	}
	if (f->said_len < 2 || f->said_len < 2 + (size_t)p[1])
		return;
	f->no_login = memchr(p + 2, SOCKS_NO_LOGIN, p[1]) != NULL;
	enter(f, CLIENT_NEXT);
}

/* VER, ULEN, UNAME, PLEN, PASSWD: RFC 1929, 2. */
static void hear_login(struct follow *f)
{
	size_t need;

	if (f->said_len < 2)
		return;
	need = 2 + (size_t)f->said[1] + 1;
	if (f->said_len < need)
		return;
	if (f->said_len == need + f->said[need - 1])
		enter(f, CLIENT_NEXT);
}

static void hear_request(struct follow *f)
{
	size_t need = socks_message_len(f->said, f->said_len);

	if (need == SIZE_MAX) {
		enter(f, CLIENT_LOST);
	} else if (need && f->said_len == need) {
		f->cmd = f->said[1];
		enter(f, CLIENT_DONE);
	}
}

static void hear_byte(struct follow *f, uint8_t byte)
{
	f->said[f->said_len++] = byte;
	if (f->client == CLIENT_NEXT) {
		f->client = byte == SOCKS_LOGIN_VERSION ? CLIENT_LOGIN
			    : byte == SOCKS_VERSION     ? CLIENT_REQUEST
							: CLIENT_LOST;
		return;
	}
	switch (f->client) {
	case CLIENT_GREETING: hear_greeting(f); break;
	case CLIENT_LOGIN: hear_login(f); break;
	case CLIENT_REQUEST: hear_request(f); break;
	case CLIENT_NEXT:
	case CLIENT_DONE:
	case CLIENT_LOST: break;
	}
}

void follow_client(struct follow *f, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (f->client == CLIENT_DONE || f->client == CLIENT_LOST)
			return;
		hear_byte(f, p[i]);
	}
}

/* VER and METHOD, or VER and STATUS: the second byte of two decides. */
static void hear_answer(struct follow *f)
{
	uint8_t what = f->reply[1];

	if (f->reply_len < 2)
		return;
	f->reply_len = 0;
	if (f->host == HOST_METHOD && what == SOCKS_LOGIN)
		f->host = HOST_LOGIN;
	else /* SOCKS_NO_LOGIN is 0, and so is a good STATUS */
		f->host = what == 0 ? HOST_REPLY : HOST_LOST;
}

static void hear_reply(struct follow *f)
{
	size_t need = socks_message_len(f->reply, f->reply_len);

	if (need == SIZE_MAX)
		f->host = HOST_LOST;
	else if (need && f->reply_len == need)
		f->host = HOST_DONE;
}

size_t follow_host(struct follow *f, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (f->host == HOST_DONE || f->host == HOST_LOST)
			break;
		f->reply[f->reply_len++] = p[i];
		if (f->host == HOST_REPLY)
			hear_reply(f);
		else
			hear_answer(f);
	}
	return i;
}
