/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../check.h"
#include "guest/outbound-proxy/inbound.h"

static void test_a_line_names_a_port(void **s)
{
	size_t used;

	(void)s;
	assert_int_equal(inbound_parse("CONNECT 80\nmore", 15, &used), 80);
	assert_int_equal(used, 11);
	assert_int_equal(inbound_parse("CONNECT 65535\r\n", 15, &used), 65535);
	assert_int_equal(used, 15);
}

static void test_half_a_line_is_waited_for(void **s)
{
	static const char line[] = "CONNECT 65535\n";
	size_t used, i;

	(void)s;
	for (i = 0; i < sizeof(line) - 2; i++)
		assert_int_equal(inbound_parse(line, i, &used), 0);
	assert_int_equal(inbound_parse(line, i + 1, &used), 65535);
}

static void test_all_else_is_refused_as_soon_as_it_is_known(void **s)
{
	static const char *const bad[] = {
		"X",
		"\n",
		"CONNECT\n",
		"CONNECT \n",
		"CONNECT 0\n",
		"CONNECT -1\n",
		"CONNECT 65536\n",
		"CONNECT 1 \n",
		"connect 1\n",
		"CONNECT 1234567",
		"CONNECT \r\n",
	};
	size_t used, i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(inbound_parse(bad[i], strlen(bad[i]), &used),
				 -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_names_a_port),
		cmocka_unit_test(test_half_a_line_is_waited_for),
		cmocka_unit_test(
			test_all_else_is_refused_as_soon_as_it_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
