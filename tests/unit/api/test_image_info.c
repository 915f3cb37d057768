/* SPDX-License-Identifier: MIT */
#include <microvm.h>
#include <string.h>

#include "../check.h"

/* booting.rst 4: flags at 24 (4 KiB pages), magic at 56 */
static void make_kernel(uint8_t p[static 64])
{
	memset(p, 0, 64);
	p[24] = 2;
	memcpy(p + 56, "ARM\x64", 4);
}

static void test_a_kernel_is_told_as_one(void **s)
{
	microvm_image_info info = { .size = sizeof(info) };
	uint8_t p[64];

	(void)s;
	make_kernel(p);
	assert_int_equal(microvm_image_inspect(p, sizeof(p), &info, NULL), 0);
	assert_string_equal(info.format, "an arm64 Linux kernel");
	assert_true(info.is_kernel);
	assert_false(info.is_archive);
	assert_int_equal(info.arch, MICROVM_ARCH_ARM64);
	assert_int_equal(info.page_bytes, 4096);
	assert_int_equal(info.file_bytes, 64);
	assert_int_equal(info.content_bytes, 64);
	assert_string_equal(info.version, "");
}

static void test_an_older_caller_gets_what_it_knows(void **s)
{
	microvm_image_info info;
	uint8_t p[64];

	(void)s;
	make_kernel(p);
	memset(&info, 0x5a, sizeof(info));
	info.size = offsetof(microvm_image_info, file_bytes);
	assert_int_equal(microvm_image_inspect(p, sizeof(p), &info, NULL), 0);
	assert_string_equal(info.format, "an arm64 Linux kernel");
	assert_int_equal(info.file_bytes, UINT64_C(0x5a5a5a5a5a5a5a5a));
	assert_int_equal(info.size, offsetof(microvm_image_info, file_bytes));
}

static void test_wrong_arguments_are_told(void **s)
{
	microvm_image_info info = { 0 };
	microvm_error err;

	(void)s;
	assert_int_equal(microvm_image_inspect("x", 1, &info, &err),
			 -MICROVM_EINVAL);
	assert_string_equal(err.msg, "microvm_image_info.size is not set");
	assert_int_equal(microvm_image_inspect(NULL, 1, &info, &err),
			 -MICROVM_EINVAL);
	assert_int_equal(microvm_image_inspect("x", 1, NULL, &err),
			 -MICROVM_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_kernel_is_told_as_one),
		cmocka_unit_test(test_an_older_caller_gets_what_it_knows),
		cmocka_unit_test(test_wrong_arguments_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
