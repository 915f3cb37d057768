/* SPDX-License-Identifier: MIT */
/* test_guest_file.c - "HOST:GUEST[:MODE]" taken apart. */
#include "../check.h"

#include <string.h>

#include "guest_file.h"

static void parsed(const char *text, const char *host, const char *guest,
		   int mode)
{
	microvm_error err = { 0 };
	struct guest_file f;

	assert_int_equal(guest_file_parse(&f, text, &err), 0);
	assert_string_equal(f.host, host);
	assert_string_equal(f.guest, guest);
	assert_int_equal(f.mode, mode);
	guest_file_free(&f);
	assert_null(f.host);
}

static void test_parts_are_found(void **state)
{
	(void)state;
	parsed("a:/b", "a", "/b", -1);
	parsed("/x/y z:/b/c", "/x/y z", "/b/c", -1);
	parsed("a:/b:644", "a", "/b", 0644);
	parsed("a:/b:0", "a", "/b", 0);
	parsed("a:/b:4755", "a", "/b", 04755);
	/* A colon that no slash follows is the host's. */
	parsed("c:d:/b", "c:d", "/b", -1);
}

static void test_what_is_missing_or_wrong_is_told(void **state)
{
	static const struct {
		const char *text, *msg;
	} bad[] = {
		{ "", "is not HOST:GUEST" },
		{ "a", "is not HOST:GUEST" },
		{ "a:b", "is not HOST:GUEST" },
		{ ":/b", "is not HOST:GUEST" },
		{ "a:/b:", "'' is not a mode" },
		{ "a:/b:rw", "'rw' is not a mode" },
		{ "a:/b:888", "'888' is not a mode" },
		{ "a:/b:77777", "'77777' is not a mode" },
		{ "a:/b:-1", "'-1' is not a mode" },
		{ "a:/b:/c:600", "is not a mode" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		microvm_error err = { 0 };
		struct guest_file f;

		assert_int_equal(guest_file_parse(&f, bad[i].text, &err),
				 -MICROVM_EINVAL);
		if (!strstr(err.msg, bad[i].msg))
			print_error("'%s': %s\n", bad[i].text, err.msg);
		assert_non_null(strstr(err.msg, bad[i].msg));
		assert_true(err.hint[0]);
		assert_null(f.host);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts_are_found),
		cmocka_unit_test(test_what_is_missing_or_wrong_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
