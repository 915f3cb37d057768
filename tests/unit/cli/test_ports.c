/* SPDX-License-Identifier: MIT */
/* test_ports.c - "PORT=ENDPOINT[,listen]" taken apart. */
#include "../check.h"

#include <string.h>

#include "ports.h"

static void parsed(const char *text, uint32_t want, const char *where,
		   enum microvm_direction way)
{
	enum microvm_direction direction;
	microvm_error err = { 0 };
	char endpoint[64];
	uint32_t port;

	assert_int_equal(
		ports_parse_map(text, &port, endpoint, &direction, &err), 0);
	assert_int_equal(port, want);
	assert_string_equal(endpoint, where);
	assert_int_equal(direction, way);
}

static void test_both_directions(void **state)
{
	(void)state;
	parsed("1024=unix:/a", 1024, "unix:/a", MICROVM_FROM_GUEST);
	parsed("1024=unix:/a,listen", 1024, "unix:/a", MICROVM_TO_GUEST);
	parsed("0=tcp:[::1]:80,listen", 0, "tcp:[::1]:80", MICROVM_TO_GUEST);
	/* Only a last word is one. */
	parsed("1=unix:/a=b,listen,c", 1, "unix:/a=b,listen,c",
	       MICROVM_FROM_GUEST);
	parsed("1=,listen", 1, "", MICROVM_TO_GUEST); /* refused later */
}

static void test_other_words_are_refused(void **state)
{
	static const char *const bad[] = { "",          "1",
					   "1=",        "=unix",
					   "x=unix:/a", "1 =unix:/a",
					   "-1=a",      "99999999999=unix:/a" };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		enum microvm_direction direction;
		microvm_error err = { 0 };
		char endpoint[64];
		uint32_t port;

		assert_int_equal(ports_parse_map(bad[i], &port, endpoint,
						 &direction, &err),
				 -MICROVM_EINVAL);
		assert_true(err.msg[0]);
		assert_true(err.hint[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_directions),
		cmocka_unit_test(test_other_words_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
