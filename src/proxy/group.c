/* SPDX-License-Identifier: MIT */
/*
 * group.c - the special-purpose address registries of IANA, as tables.
 *
 * RFC 6890 made the registries; each row names the RFC that made the entry.
 * The first row that fits counts, so what is inside another stands before it.
 * What the registries call "Globally Reachable: True" is public.
 */
#include "proxy/group.h"

#include "base/container.h"
#include "proxy/prefix.h"

struct row {
	uint8_t ip[16];
	uint8_t bits;
	uint8_t group;
};

static const struct row ipv4[] = {
	{ { 0 }, 8, GROUP_LOOPBACK }, /* RFC 791: "this network" */
	{ { 10 }, 8, GROUP_PRIVATE }, /* RFC 1918 */
	{ { 100, 100, 100, 200 }, 32, GROUP_LINKLOCAL }, /* Alibaba Cloud */
	{ { 100, 64 }, 10, GROUP_PRIVATE }, /* RFC 6598: carrier's NAT */
	{ { 127 }, 8, GROUP_LOOPBACK },     /* RFC 1122, 3.2.1.3 */
	{ { 168, 63, 129, 16 }, 32, GROUP_LINKLOCAL }, /* Azure */
	{ { 169, 254 }, 16, GROUP_LINKLOCAL },         /* RFC 3927 */
	{ { 172, 16 }, 12, GROUP_PRIVATE },            /* RFC 1918 */
	{ { 192, 0, 0, 9 }, 32, GROUP_PUBLIC },   /* RFC 7723: PCP anycast */
	{ { 192, 0, 0, 10 }, 32, GROUP_PUBLIC },  /* RFC 8155: TURN anycast */
	{ { 192, 0, 0 }, 24, GROUP_RESERVED },    /* RFC 6890: protocols */
	{ { 192, 0, 2 }, 24, GROUP_RESERVED },    /* RFC 5737: documentation */
	{ { 192, 88, 99 }, 24, GROUP_RESERVED },  /* RFC 7526: was 6to4 relay */
	{ { 192, 168 }, 16, GROUP_PRIVATE },      /* RFC 1918 */
	{ { 198, 18 }, 15, GROUP_RESERVED },      /* RFC 2544: benchmarks */
	{ { 198, 51, 100 }, 24, GROUP_RESERVED }, /* RFC 5737 */
	{ { 203, 0, 113 }, 24, GROUP_RESERVED },  /* RFC 5737 */
	{ { 224 }, 4, GROUP_MULTICAST },          /* RFC 5771 */
	{ { 240 }, 4, GROUP_RESERVED }, /* RFC 1112, 4; broadcast too */
	{ { 0 }, 0, GROUP_PUBLIC },
};

static const struct row ipv6[] = {
	{ { 0 }, 128, GROUP_LOOPBACK },        /* RFC 4291: :: */
	{ { [15] = 1 }, 128, GROUP_LOOPBACK }, /* RFC 4291: ::1 */
	/* RFC 6052, 64:ff9b::/96: NAT64; its IPv4 address is judged too. */
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, GROUP_PUBLIC },
	{ { 0x20, 0x01 }, 32, GROUP_PUBLIC }, /* RFC 4380: Teredo; likewise */
	/* RFC 7723, 8155, 9665: 2001:1::1 to ::3, anycast services. */
	{ { 0x20, 0x01, 0, 1, [15] = 1 }, 128, GROUP_PUBLIC },
	{ { 0x20, 0x01, 0, 1, [15] = 2 }, 127, GROUP_PUBLIC },
	{ { 0x20, 0x01, 0, 3 }, 32, GROUP_PUBLIC }, /* RFC 7450: AMT */
	/* RFC 7535, 2001:4:112::/48: AS112. */
	{ { 0x20, 0x01, 0, 4, 0x01, 0x12 }, 48, GROUP_PUBLIC },
	{ { 0x20, 0x01, 0, 0x20 }, 28, GROUP_PUBLIC }, /* RFC 7343: ORCHIDv2 */
	{ { 0x20, 0x01, 0, 0x30 }, 28, GROUP_PUBLIC }, /* RFC 9374: drones */
	{ { 0x20, 0x01 }, 23, GROUP_RESERVED },        /* RFC 2928: protocols */
	/* RFC 3849, 2001:db8::/32: documentation. */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, GROUP_RESERVED },
	{ { 0x20, 0x02 }, 16, GROUP_PUBLIC },   /* RFC 3056: 6to4; likewise */
	{ { 0x3f, 0xff }, 20, GROUP_RESERVED }, /* RFC 9637: documentation */
	{ { 0x20 }, 3, GROUP_PUBLIC },          /* RFC 4291: global unicast */
	/* fd00:ec2::254 (AWS) and fd20:ce::254 (Google Cloud). */
	{ { 0xfd, 0, 0x0e, 0xc2, [14] = 0x02, 0x54 }, 128, GROUP_LINKLOCAL },
	{ { 0xfd, 0x20, 0, 0xce, [14] = 0x02, 0x54 }, 128, GROUP_LINKLOCAL },
	{ { 0xfc }, 7, GROUP_PRIVATE },          /* RFC 4193: unique local */
	{ { 0xfe, 0x80 }, 10, GROUP_LINKLOCAL }, /* RFC 4291 */
	{ { 0xfe, 0xc0 }, 10, GROUP_PRIVATE },   /* RFC 3879: was site-local */
	{ { 0xff }, 8, GROUP_MULTICAST },        /* RFC 4291 */
};

static enum group find(const struct row *row, size_t rows, const uint8_t *ip)
{
	size_t i;

	for (i = 0; i < rows; i++)
		if (prefix_fits(ip, row[i].ip, row[i].bits))
			return (enum group)row[i].group;
	return GROUP_RESERVED;
}

enum group group_of(const struct addr *a)
{
	switch (a->family) {
	case ADDR_IPV4: return find(ipv4, LEN(ipv4), a->ip);
	case ADDR_IPV6: return find(ipv6, LEN(ipv6), a->ip);
	default: return GROUP_RESERVED;
	}
}
