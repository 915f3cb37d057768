/* SPDX-License-Identifier: MIT */
/*
 * fuzz_guest_follow.c - a SOCKS client and its server, overheard.  The first
 * two bytes choose how long the pieces are, and how much of the input is the
 * client's; whatever they say, the same is understood.
 */
#include "guest/outbound-proxy/follow.h"

#include <string.h>

#include "feed.h"

static void hear_client(struct follow *f, const uint8_t *p, size_t len,
			size_t piece)
{
	size_t n;

	for (; len; p += n, len -= n) {
		n = piece < len ? piece : len;
		follow_client(f, p, n);
		CHECK(f->said_len < sizeof(f->said));
	}
}

/* How many bytes were the handshake's. */
static size_t hear_host(struct follow *f, const uint8_t *p, size_t len,
			size_t piece)
{
	size_t at, n, used = piece;

	for (at = 0; at < len; at += used) {
		n = piece < len - at ? piece : len - at;
		used = follow_host(f, p + at, n);
		CHECK(used <= n);
		CHECK(f->reply_len <= sizeof(f->reply));
		if (used < n)
			return at + used;
	}
	return at;
}

/* A request or reply whose end was seen is as long as it says. */
static void check(const struct follow *f)
{
	if (f->client == CLIENT_DONE)
		CHECK(f->said_len == 0);
	if (f->client != CLIENT_DONE)
		CHECK(f->cmd == 0);
	if (f->host == HOST_DONE) {
		CHECK(f->reply_len >= 4 + 1 + 2);
		CHECK(socks_message_len(f->reply, f->reply_len) ==
		      f->reply_len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed in = { data, size };
	size_t piece = 1 + feed_take(&in, 1) % 16;
	size_t said = feed_take(&in, 2);
	struct follow whole, cut;

	said = said < in.len ? said : in.len;
	follow_init(&whole);
	follow_init(&cut);
	hear_client(&whole, in.p, said, said + 1);
	hear_client(&cut, in.p, said, piece);
	CHECK(hear_host(&whole, in.p + said, in.len - said, in.len + 1) ==
	      hear_host(&cut, in.p + said, in.len - said, piece));
	check(&whole);
	CHECK(whole.client == cut.client && whole.host == cut.host);
	CHECK(whole.cmd == cut.cmd && whole.no_login == cut.no_login);
	CHECK(whole.reply_len == cut.reply_len);
	CHECK(memcmp(whole.reply, cut.reply, whole.reply_len) == 0);
	return 0;
}
