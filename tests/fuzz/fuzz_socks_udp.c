/* SPDX-License-Identifier: MIT */
/*
 * fuzz_socks_udp.c - any datagram as one of SOCKS5.  A header is read as far as
 * it goes and no further; shorter it is none; what is written reads back.
 */
#include <string.h>

#include "feed.h"
#include "proxy/socks5.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static size_t parse(struct socks5_udp *u, const uint8_t *p, size_t len)
{
	uint8_t *exact = malloc(len ? len : 1);
	size_t n;

	CHECK(exact);
	if (len)
		memcpy(exact, p, len);
	n = socks5_udp_parse(u, exact, len);
	free(exact);
	return n;
}

static void write_back(const struct addr *a)
{
	uint8_t out[SOCKS5_OUT_MAX];
	struct socks5_udp u;
	size_t n = socks5_udp_write(out, a);

	CHECK(parse(&u, out, n) == n);
	CHECK(u.frag == 0 && !u.target.name[0]);
	CHECK(addr_equal(&u.target.addr, a));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct socks5_udp u, again;
	size_t n = parse(&u, data, len), cut;

	if (!n)
		return 0;
	CHECK(n <= len && n <= SOCKS5_OUT_MAX);
	CHECK(u.frag == data[2]);
	CHECK(u.target.addr.port == (data[n - 2] << 8 | data[n - 1]));
	CHECK(memchr(u.target.name, '\0', sizeof(u.target.name)));
	CHECK((u.target.addr.family == ADDR_NONE) == (u.target.name[0] != 0));
	for (cut = 0; cut < n; cut++)
		CHECK(!parse(&again, data, cut));
	CHECK(parse(&again, data, n) == n);
	CHECK(!strcmp(again.target.name, u.target.name));
	if (u.target.addr.family != ADDR_NONE)
		write_back(&u.target.addr);
	return 0;
}
