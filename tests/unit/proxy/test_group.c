/* SPDX-License-Identifier: MIT */
#include "proxy/group.h"

#include <stdio.h>

#include "../check.h"
#include "base/container.h"

static void check(const char *text, enum group want)
{
	char told[80], right[80];
	struct addr a;

	assert_true(addr_parse_ip(text, &a));
	(void)snprintf(told, sizeof(told), "%s: %d", text, group_of(&a));
	(void)snprintf(right, sizeof(right), "%s: %d", text, want);
	assert_string_equal(told, right);
}

/* The first and the last address of each range, and their neighbours. */
static const struct {
	const char *before, *first, *last, *behind;
	enum group outside_before, in, outside_behind;
} ranges[] = {
	{ NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0", 0, GROUP_LOOPBACK,
	  GROUP_PUBLIC },
	{ "9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0",
	  GROUP_PUBLIC, GROUP_PRIVATE, GROUP_PUBLIC },
	{ "100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0",
	  GROUP_PUBLIC, GROUP_PRIVATE, GROUP_PUBLIC },
	{ "100.100.100.199", "100.100.100.200", "100.100.100.200",
	  "100.100.100.201", GROUP_PRIVATE, GROUP_LINKLOCAL, GROUP_PRIVATE },
	{ "126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0",
	  GROUP_PUBLIC, GROUP_LOOPBACK, GROUP_PUBLIC },
	{ "168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17",
	  GROUP_PUBLIC, GROUP_LINKLOCAL, GROUP_PUBLIC },
	{ "169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0",
	  GROUP_PUBLIC, GROUP_LINKLOCAL, GROUP_PUBLIC },
	{ "172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0",
	  GROUP_PUBLIC, GROUP_PRIVATE, GROUP_PUBLIC },
	{ "191.255.255.255", "192.0.0.0", "192.0.0.8", "192.0.0.9",
	  GROUP_PUBLIC, GROUP_RESERVED, GROUP_PUBLIC },
	{ "192.0.0.10", "192.0.0.11", "192.0.0.255", "192.0.1.0", GROUP_PUBLIC,
	  GROUP_RESERVED, GROUP_PUBLIC },
	{ "192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0", GROUP_PUBLIC,
	  GROUP_RESERVED, GROUP_PUBLIC },
	{ "192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0",
	  GROUP_PUBLIC, GROUP_RESERVED, GROUP_PUBLIC },
	{ "192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0",
	  GROUP_PUBLIC, GROUP_PRIVATE, GROUP_PUBLIC },
	{ "198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0",
	  GROUP_PUBLIC, GROUP_RESERVED, GROUP_PUBLIC },
	{ "198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0",
	  GROUP_PUBLIC, GROUP_RESERVED, GROUP_PUBLIC },
	{ "203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0",
	  GROUP_PUBLIC, GROUP_RESERVED, GROUP_PUBLIC },
	{ "223.255.255.255", "224.0.0.0", "239.255.255.255", "240.0.0.0",
	  GROUP_PUBLIC, GROUP_MULTICAST, GROUP_RESERVED },
	{ NULL, "240.0.0.0", "255.255.255.255", NULL, 0, GROUP_RESERVED, 0 },

	{ NULL, "::", "::1", "::2", 0, GROUP_LOOPBACK, GROUP_RESERVED },
	{ "64:ff9a:ffff:ffff:ffff:ffff:ffff:ffff",
	  "64:ff9b::", "64:ff9b::ffff:ffff", "64:ff9b::1:0:0", GROUP_RESERVED,
	  GROUP_PUBLIC, GROUP_RESERVED },
	{ NULL, "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", NULL, 0,
	  GROUP_RESERVED, 0 },
	{ NULL, "100::", "100::1:ffff:ffff:ffff:ffff", NULL, 0, GROUP_RESERVED,
	  0 },
	{ "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	  "2000::", "2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL,
	  GROUP_RESERVED, GROUP_PUBLIC, 0 },
	{ NULL, "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::", 0,
	  GROUP_PUBLIC, GROUP_RESERVED },
	{ "2001:1::", "2001:1::1", "2001:1::3", "2001:1::4", GROUP_RESERVED,
	  GROUP_PUBLIC, GROUP_RESERVED },
	{ NULL, "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", NULL, 0,
	  GROUP_RESERVED, 0 },
	{ "2001:2:ffff:ffff:ffff:ffff:ffff:ffff",
	  "2001:3::", "2001:3:ffff:ffff:ffff:ffff:ffff:ffff",
	  "2001:4::", GROUP_RESERVED, GROUP_PUBLIC, GROUP_RESERVED },
	{ "2001:4:111:ffff::", "2001:4:112::", "2001:4:112:ffff:ffff::",
	  "2001:4:113::", GROUP_RESERVED, GROUP_PUBLIC, GROUP_RESERVED },
	{ NULL, "2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff",
	  "2001:20::", 0, GROUP_RESERVED, GROUP_PUBLIC },
	{ NULL, "2001:20::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff",
	  "2001:40::", 0, GROUP_PUBLIC, GROUP_RESERVED },
	{ NULL, "2001:40::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
	  "2001:200::", 0, GROUP_RESERVED, GROUP_PUBLIC },
	{ "2001:db7:ffff::", "2001:db8::",
	  "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", GROUP_PUBLIC,
	  GROUP_RESERVED, GROUP_PUBLIC },
	{ "2001:ffff::", "2002::", "2002:ffff::", "2003::", GROUP_PUBLIC,
	  GROUP_PUBLIC, GROUP_PUBLIC },
	{ "3ffe:ffff::", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
	  "3fff:1000::", GROUP_PUBLIC, GROUP_RESERVED, GROUP_PUBLIC },
	{ "3fff:ffff::", "4000::", "5f00::", NULL, GROUP_PUBLIC, GROUP_RESERVED,
	  0 },
	{ "fbff:ffff::", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	  "fe00::", GROUP_RESERVED, GROUP_PRIVATE, GROUP_RESERVED },
	{ "fd00:ec2::253", "fd00:ec2::254", "fd00:ec2::254", "fd00:ec2::255",
	  GROUP_PRIVATE, GROUP_LINKLOCAL, GROUP_PRIVATE },
	{ "fd20:ce::253", "fd20:ce::254", "fd20:ce::254", "fd20:ce::255",
	  GROUP_PRIVATE, GROUP_LINKLOCAL, GROUP_PRIVATE },
	{ "fe7f:ffff::", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	  "fec0::", GROUP_RESERVED, GROUP_LINKLOCAL, GROUP_PRIVATE },
	{ NULL, "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
	  "ff00::", 0, GROUP_PRIVATE, GROUP_MULTICAST },
	{ NULL, "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL, 0,
	  GROUP_MULTICAST, 0 },
};

static void test_each_range_of_the_registries_ends_where_it_should(void **s)
{
	size_t i;

	(void)s;
	for (i = 0; i < LEN(ranges); i++) {
		if (ranges[i].before)
			check(ranges[i].before, ranges[i].outside_before);
		check(ranges[i].first, ranges[i].in);
		check(ranges[i].last, ranges[i].in);
		if (ranges[i].behind)
			check(ranges[i].behind, ranges[i].outside_behind);
	}
}

static void test_addresses_of_well_known_servers_are_public(void **s)
{
	(void)s;
	check("1.1.1.1", GROUP_PUBLIC);
	check("8.8.8.8", GROUP_PUBLIC);
	check("192.31.196.1", GROUP_PUBLIC); /* AS112 */
	check("192.52.193.1", GROUP_PUBLIC); /* AMT */
	check("192.175.48.6", GROUP_PUBLIC); /* AS112 */
	check("2606:4700:4700::1111", GROUP_PUBLIC);
	check("2001:4860:4860::8888", GROUP_PUBLIC);
	check("2620:4f:8000::6", GROUP_PUBLIC); /* AS112 */
}

static void test_what_is_no_address_is_reserved(void **s)
{
	const struct addr none = { .family = ADDR_NONE };

	(void)s;
	assert_int_equal(group_of(&none), GROUP_RESERVED);
	check("::ffff:8.8.8.8", GROUP_RESERVED);
	check("::8.8.8.8", GROUP_RESERVED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_each_range_of_the_registries_ends_where_it_should),
		cmocka_unit_test(
			test_addresses_of_well_known_servers_are_public),
		cmocka_unit_test(test_what_is_no_address_is_reserved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
