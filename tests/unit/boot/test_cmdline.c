/* SPDX-License-Identifier: MIT */
#include "boot/cmdline.h"

#include <string.h>

#include "../check.h"

static void test_the_defaults_suit_their_machines(void **s)
{
	(void)s;
	assert_string_equal(cmdline_default(ARCH_ARM64),
			    "console=ttyAMA0 panic=-1 cryptomgr.notests "
			    "quiet");
	assert_string_equal(cmdline_default(ARCH_X86_64),
			    "console=ttyS0 reboot=t pci=off panic=-1 "
			    "cryptomgr.notests quiet");
}

static void test_words_are_added_behind_a_blank(void **s)
{
	struct cmdline c;

	(void)s;
	assert_int_equal(cmdline_init(&c, "", NULL), 0);
	assert_string_equal(c.text, "");
	assert_int_equal(cmdline_append(&c, "quiet", NULL), 0);
	assert_int_equal(cmdline_append(&c, "", NULL), 0);
	assert_int_equal(cmdline_append(&c, "a=1 b=\"x y\"", NULL), 0);
	assert_string_equal(c.text, "quiet a=1 b=\"x y\"");
	assert_int_equal(c.len, strlen(c.text));
	assert_int_equal(cmdline_check(c.text, NULL), 0);
}

static void test_linux_takes_2047_bytes_and_so_do_we(void **s)
{
	char text[CMDLINE_MAX + 2];
	struct cmdline c;
	mv_error e;

	(void)s;
	memset(text, 'x', sizeof(text));
	text[CMDLINE_MAX + 1] = '\0';
	assert_int_equal(cmdline_init(&c, text, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "kernel command line: 2048 bytes, Linux "
				   "takes 2047");
	assert_string_equal(e.hint, "put what is long into a file instead");
	assert_int_equal(c.len, 0);
	assert_int_equal(cmdline_check(text, &e), -MICROVM_EINVAL);
	text[CMDLINE_MAX] = '\0';
	assert_int_equal(cmdline_check(text, &e), 0);
	assert_int_equal(cmdline_init(&c, text, NULL), 0);
	assert_int_equal(c.len, CMDLINE_MAX);
	assert_string_equal(c.text, text);
	assert_int_equal(cmdline_append(&c, "", NULL), 0);
	assert_int_equal(cmdline_append(&c, "y", &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "kernel command line: 2049 bytes, Linux "
				   "takes 2047");
	assert_string_equal(c.text, text);
}

static void test_control_characters_are_refused(void **s)
{
	struct cmdline c;
	mv_error e;

	(void)s;
	assert_int_equal(cmdline_init(&c, "quiet", NULL), 0);
	assert_int_equal(cmdline_append(&c, "a\nb", &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, "kernel command line: control character "
				   "0x0a at byte 1");
	assert_string_equal(c.text, "quiet");
	assert_int_equal(cmdline_append(&c, "\x7f", &e), -MICROVM_EINVAL);
	assert_int_equal(cmdline_check("x\x1b", &e), -MICROVM_EINVAL);
	assert_int_equal(cmdline_check("name=gr\xc3\xbc\xc3\x9f", &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_defaults_suit_their_machines),
		cmocka_unit_test(test_words_are_added_behind_a_blank),
		cmocka_unit_test(test_linux_takes_2047_bytes_and_so_do_we),
		cmocka_unit_test(test_control_characters_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
