/* SPDX-License-Identifier: MIT */
#include "os/host_addr.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>

#include "base/container.h"
#include "os/sockaddr.h"

#include "../check.h"

/* The C library's, of a host that we make up. */
static struct ifaddrs *made;

int getifaddrs(struct ifaddrs **all)
{
	*all = made;
	return made ? 0 : -1;
}

void freeifaddrs(struct ifaddrs *all)
{
	assert_ptr_equal(all, made);
}

struct row {
	const char *ip, *mask;
	unsigned flags, bits;
};

static void test_every_interface_counts_also_one_without_a_carrier(void **s)
{
	static const struct row rows[] = {
		{ "127.0.0.1", "255.0.0.0", IFF_UP | IFF_RUNNING, 8 },
		{ "51.15.0.1", "255.255.240.0", IFF_UP, 20 },
		{ "10.0.0.1", "255.255.255.255", 0, 32 },
		{ "10.0.0.2", NULL, IFF_UP, 32 },
		{ "10.0.0.3", "ffff::", IFF_UP, 32 },
		{ "10.0.0.4", "0.0.0.0", IFF_UP, 0 },
		{ "10.0.0.5", "255.0.255.0", IFF_UP, 8 },
		{ "2a00:1450::10", "ffff:ffff:ffff:ffff::", IFF_UP, 64 },
		{ "fe80::1%2", NULL, IFF_UP, 128 },
	};
	struct sockaddr_storage ip[LEN(rows)], mask[LEN(rows)], odd = { 0 };
	struct ifaddrs all[LEN(rows) + 2] = { 0 };
	struct host_addr *list;
	struct addr a;
	unsigned n;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		assert_true(addr_parse_ip(rows[i].ip, &a));
		assert_true(sockaddr_from_addr(&ip[i], &a) > 0);
		all[i].ifa_addr = (struct sockaddr *)&ip[i];
		if (rows[i].mask) {
			assert_true(addr_parse_ip(rows[i].mask, &a));
			assert_true(sockaddr_from_addr(&mask[i], &a) > 0);
			all[i].ifa_netmask = (struct sockaddr *)&mask[i];
		}
		all[i].ifa_flags = rows[i].flags;
		all[i].ifa_next = &all[i + 1];
	}
	odd.ss_family = AF_UNIX; /* as it has one of the link's layer, too */
	all[i].ifa_addr = (struct sockaddr *)&odd;
	all[i].ifa_next = &all[i + 1]; /* the last has no address at all */
	made = all;
	assert_true(host_addr_list(&list, &n));
	assert_int_equal(n, LEN(rows));
	for (i = 0; i < LEN(rows); i++) {
		assert_true(addr_parse_ip(rows[i].ip, &a));
		assert_true(addr_equal(&list[i].addr, &a));
		assert_int_equal(list[i].addr.scope, a.scope);
		assert_int_equal(list[i].bits, rows[i].bits);
	}
	free(list);
}

static void test_a_host_that_does_not_say_is_told_apart(void **s)
{
	struct host_addr *list;
	unsigned n;

	(void)s;
	made = NULL;
	assert_false(host_addr_list(&list, &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_every_interface_counts_also_one_without_a_carrier),
		cmocka_unit_test(test_a_host_that_does_not_say_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
