/* SPDX-License-Identifier: MIT */
#include "os/sockaddr.h"

#include <string.h>

#include "base/container.h"

#include "../check.h"

static void test_addresses_survive_the_way_through_the_os_form(void **s)
{
	static const char *const texts[] = { "1.2.3.4:80", "0.0.0.0:0",
					     "[::1]:65535", "[fe80::1%3]:443" };
	struct sockaddr_storage sa;
	struct addr a, b;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(texts); i++) {
		assert_true(addr_parse(texts[i], &a));
		assert_true(sockaddr_from_addr(&sa, &a) > 0);
		assert_true(sockaddr_to_addr((const struct sockaddr *)&sa, &b));
		assert_true(addr_equal(&a, &b));
		assert_int_equal(a.scope, b.scope);
	}
}

static void test_what_is_no_ip_address_is_told_apart(void **s)
{
	struct addr none = { 0 }, a = { .family = 9 };
	struct sockaddr_storage sa;
	struct sockaddr_un un;

	(void)s;
	assert_int_equal(sockaddr_from_addr(&sa, &none), 0);
	assert_int_equal(sockaddr_from_path(&un, "here", NULL), 0);
	assert_false(sockaddr_to_addr((const struct sockaddr *)&un, &a));
	assert_int_equal(a.family, 9);
}

static void test_a_path_is_taken_whole_or_not_at_all(void **s)
{
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path) + 1];
	struct sockaddr_un sa;
	mv_error e;

	(void)s;
	memset(path, 'p', sizeof(path));
	path[sizeof(path) - 2] = '\0'; /* just fits with its NUL */
	assert_int_equal(sockaddr_from_path(&sa, path, &e), 0);
	assert_int_equal(sa.sun_family, AF_UNIX);
	assert_string_equal(sa.sun_path, path);
	path[sizeof(path) - 2] = 'p';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(sockaddr_from_path(&sa, path, &e), -MICROVM_EINVAL);
	assert_true(e.hint[0]);
	assert_int_equal(sockaddr_from_path(&sa, "", &e), -MICROVM_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_addresses_survive_the_way_through_the_os_form),
		cmocka_unit_test(test_what_is_no_ip_address_is_told_apart),
		cmocka_unit_test(test_a_path_is_taken_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
