/* SPDX-License-Identifier: MIT */
/* embed.c - IPv4 addresses inside of IPv6 addresses, as a table. */
#include "proxy/embed.h"

#include "base/container.h"
#include "proxy/prefix.h"

struct row {
	uint8_t prefix[16];
	uint8_t bits;
	uint8_t at[4]; /* which bytes of the address are the IPv4 address */
	uint8_t flip;  /* they are stored so */
	bool guess;    /* only when zeros follow, and it is not in 0.0.0.0/8 */
};

/* RFC 4291, 2.5.5.2: ::ffff:0:0/96. */
static const uint8_t mapped[16] = { [10] = 0xff, 0xff };
enum { MAPPED_BITS = 96 };

static const struct row rows[] = {
	/* RFC 4291, 2.5.5.1: IPv4-compatible, ::/96. */
	{ { 0 }, 96, { 12, 13, 14, 15 }, 0, false },
	/* RFC 2765, 2.1: IPv4-translated, ::ffff:0:0:0/96. */
	{ { [8] = 0xff, 0xff }, 96, { 12, 13, 14, 15 }, 0, false },
	/* RFC 6052, 2.1: the well-known prefix of NAT64, 64:ff9b::/96. */
	{ { 0, 0x64, 0xff, 0x9b }, 96, { 12, 13, 14, 15 }, 0, false },
	/*
	 * RFC 8215: 64:ff9b:1::/48, in which each network chooses a prefix of
	 * its own.  How long it is decides where the address is (RFC 6052,
	 * 2.2), and does not show; behind it there are zeros.
	 */
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48, { 6, 7, 9, 10 }, 0, true },
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48, { 7, 9, 10, 11 }, 0, true },
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48, { 9, 10, 11, 12 }, 0, true },
	{ { 0, 0x64, 0xff, 0x9b, 0, 1 }, 48, { 12, 13, 14, 15 }, 0, true },
	/* RFC 4380, 4: Teredo, 2001::/32: the server, and the client. */
	{ { 0x20, 0x01 }, 32, { 4, 5, 6, 7 }, 0, false },
	{ { 0x20, 0x01 }, 32, { 12, 13, 14, 15 }, 0xff, false },
	/* RFC 3056, 2: 6to4, 2002::/16. */
	{ { 0x20, 0x02 }, 16, { 2, 3, 4, 5 }, 0, false },
};

struct addr embed_unmap(const struct addr *a)
{
	struct addr b = { .family = ADDR_IPV4, .port = a->port };

	if (a->family != ADDR_IPV6 || !prefix_fits(a->ip, mapped, MAPPED_BITS))
		return *a;
	memcpy(b.ip, a->ip + 12, 4);
	return b;
}

static bool believable(const struct row *r, const uint8_t ip[static 16],
		       const uint8_t in[static 4])
{
	unsigned i;

	for (i = r->at[3] + 1u; i < 16; i++)
		if (ip[i])
			return false;
	return in[0] != 0;
}

/* :: and ::1 are in the first row's prefix, and carry nothing. */
static bool plain(const struct addr *a)
{
	static const uint8_t zeros[15] = { 0 };

	return a->family != ADDR_IPV6 ||
	       (!memcmp(a->ip, zeros, sizeof(zeros)) && a->ip[15] <= 1);
}

unsigned embed_list(const struct addr *a, struct addr out[static EMBED_MAX])
{
	unsigned n = 0, b;
	size_t i;

	if (plain(a))
		return 0;
	for (i = 0; i < LEN(rows) && n < EMBED_MAX; i++) {
		const struct row *r = &rows[i];
		struct addr in = { .family = ADDR_IPV4, .port = a->port };

		if (!prefix_fits(a->ip, r->prefix, r->bits))
			continue;
		for (b = 0; b < 4; b++)
			in.ip[b] = a->ip[r->at[b]] ^ r->flip;
		if (!r->guess || believable(r, a->ip, in.ip))
			out[n++] = in;
	}
	return n;
}
