/* SPDX-License-Identifier: MIT */
/* test_vsock_opt.c - the value of --vsock, and ports. */
#include "../check.h"

#include <string.h>

#include "vsock_opt.h"

static void parsed(const char *text, uint32_t cid, const char *path)
{
	microvm_error err = { 0 };
	struct vsock_opt v;

	assert_int_equal(vsock_opt_parse(text, &v, &err), 0);
	assert_int_equal(v.cid, cid);
	if (path)
		assert_string_equal(v.socket, path);
	else
		assert_null(v.socket);
}

static void test_either_part_may_be_left_out(void **state)
{
	(void)state;
	parsed("cid=3", 3, NULL);
	parsed("cid=4294967294", 4294967294U, NULL);
	parsed("socket=/run/a", 3, "/run/a");
	parsed("cid=9,socket=/run/a", 9, "/run/a");
}

static void test_a_path_may_hold_commas_and_equals(void **state)
{
	(void)state;
	parsed("cid=9,socket=/a,cid=5", 9, "/a,cid=5");
	parsed("socket=", 3, ""); /* the library refuses it */
}

static void test_other_words_are_refused(void **state)
{
	static const struct {
		const char *text, *msg;
	} bad[] = {
		{ "", "'' is neither cid=N nor" },
		{ "3", "'3' is neither" },
		{ "cid=", "'' is not a context ID" },
		{ "cid=-1", "'-1' is not a context ID" },
		{ "cid=4294967296", "is not a context ID" },
		{ "cid=00000000003", "is not a context ID" },
		{ "cid=3,", "'' is neither" },
		{ "cid=3,port=4", "'port=4' is neither" },
		{ "cid=0", "no context ID 0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		microvm_error err = { 0 };
		struct vsock_opt v;

		assert_int_equal(vsock_opt_parse(bad[i].text, &v, &err),
				 -MICROVM_EINVAL);
		if (!strstr(err.msg, bad[i].msg))
			print_error("'%s': %s\n", bad[i].text, err.msg);
		assert_non_null(strstr(err.msg, bad[i].msg));
		assert_true(err.hint[0]);
	}
}

static void test_a_port_is_a_whole_number(void **state)
{
	microvm_error err = { 0 };
	uint32_t port = 0;

	(void)state;
	assert_int_equal(vsock_port_parse("1234=x", 4, &port, &err), 0);
	assert_int_equal(port, 1234);
	assert_int_equal(vsock_port_parse("4294967295", 10, &port, &err), 0);
	assert_int_equal(port, UINT32_MAX);
	assert_int_equal(vsock_port_parse("4294967296", 10, &port, &err),
			 -MICROVM_EINVAL);
	assert_int_equal(vsock_port_parse("1x", 2, &port, &err),
			 -MICROVM_EINVAL);
	assert_int_equal(vsock_port_parse("", 0, &port, &err), -MICROVM_EINVAL);
	assert_non_null(strstr(err.msg, "'' is not a vsock port"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_either_part_may_be_left_out),
		cmocka_unit_test(test_a_path_may_hold_commas_and_equals),
		cmocka_unit_test(test_other_words_are_refused),
		cmocka_unit_test(test_a_port_is_a_whole_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
