/* SPDX-License-Identifier: MIT */
#include "proxy/embed.h"

#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "base/container.h"

static const struct {
	const char *addr, *in; /* as a list, in the order of the table */
} rows[] = {
	{ "8.8.8.8", "" },
	{ "::", "" },
	{ "::1", "" },
	{ "2606:4700:4700::1111", "" },
	{ "fe80::7f00:1", "" },
	/* IPv4-compatible */
	{ "::2", " 0.0.0.2" },
	{ "::127.0.0.1", " 127.0.0.1" },
	{ "::1:127.0.0.1", "" },
	/* IPv4-translated */
	{ "::ffff:0:10.0.0.1", " 10.0.0.1" },
	{ "::ffff:1:10.0.0.1", "" },
	/* NAT64 */
	{ "64:ff9b::127.0.0.1", " 127.0.0.1" },
	{ "64:ff9b::", " 0.0.0.0" },
	{ "64:ff9b::1:127.0.0.1", "" },
	/* NAT64 of one network: /96, /48, /56, /64 */
	{ "64:ff9b:1::127.0.0.1", " 127.0.0.1" },
	{ "64:ff9b:1:7f00:0:100::", " 127.0.0.1" },
	{ "64:ff9b:1:a:0:101::", " 10.0.1.1" },
	{ "64:ff9b:1:2:a:0:100:0", " 10.0.0.1 1.0.0.0" },
	{ "64:ff9b:1:fffe:a9:fea9:fe00:0", " 169.254.169.254 254.0.0.0" },
	{ "64:ff9b:1::", "" },
	{ "64:ff9b:2::127.0.0.1", "" },
	/* Teredo: the server, and the client in reverse */
	{ "2001:0:4136:e378:8000:63bf:3fff:fdd2", " 65.54.227.120 192.0.2.45" },
	{ "2001:0:808:808::80ff:fffe", " 8.8.8.8 127.0.0.1" },
	{ "2001:1:808:808::80ff:fffe", "" },
	/* 6to4 */
	{ "2002:7f00:1::1", " 127.0.0.1" },
	{ "2002:c0a8:101:ffff:ffff:ffff:ffff:ffff", " 192.168.1.1" },
	{ "2003:7f00:1::1", "" },
};

static void test_each_kind_gives_the_addresses_it_carries(void **s)
{
	struct addr a, in[EMBED_MAX];
	char text[ADDR_TEXT];
	unsigned n, i;
	size_t row;

	(void)s;
	for (row = 0; row < LEN(rows); row++) {
		char got[EMBED_MAX * ADDR_TEXT] = "";

		assert_true(addr_parse_ip(rows[row].addr, &a));
		a.port = 443;
		n = embed_list(&a, in);
		for (i = 0; i < n; i++) {
			assert_int_equal(in[i].family, ADDR_IPV4);
			assert_int_equal(in[i].port, 443);
			(void)strcat(got, " ");
			(void)strcat(got, addr_ip_text(&in[i], text));
		}
		assert_string_equal(got, rows[row].in);
	}
}

static void test_a_mapped_address_is_the_ipv4_address_in_it(void **s)
{
	static const char *const same[] = {
		"1.2.3.4",          "::1",
		"::1.2.3.4",        "::fffe:1.2.3.4",
		"::ffff:0:1.2.3.4", "1::ffff:1.2.3.4"
	};
	struct addr a, b, want;
	size_t i;

	(void)s;
	assert_true(addr_parse("[::ffff:1.2.3.4]:80", &a));
	assert_true(addr_parse("1.2.3.4:80", &want));
	b = embed_unmap(&a);
	assert_true(addr_equal(&b, &want));
	for (i = 0; i < LEN(same); i++) {
		assert_true(addr_parse_ip(same[i], &a));
		b = embed_unmap(&a);
		assert_true(addr_equal(&b, &a));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_gives_the_addresses_it_carries),
		cmocka_unit_test(
			test_a_mapped_address_is_the_ipv4_address_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
