/* SPDX-License-Identifier: MIT */
#include "boot/blob.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "pack.h"

static void test_what_is_in_memory_is_copied(void **s)
{
	struct bytes b = make_image(3000, 0, 0, 0);
	struct boot_blob f = blob("Image", b);
	uint8_t got[100];

	(void)s;
	assert_int_equal(blob_here(&f), 3000);
	assert_int_equal(blob_kind(&f), KIND_ARM64_IMAGE);
	assert_int_equal(blob_read(&f, 2900, got, 100, NULL), 0);
	assert_memory_equal(got, b.p + 2900, 100);
	free(b.p);
}

static void test_what_is_not_is_read(void **s)
{
	struct parts parts = { .b = make_image(3000, 0, 0, 0), .left = 1 };
	struct boot_blob f = blob_in_parts("Image", &parts);
	uint8_t got[100];
	mv_error e;

	(void)s;
	assert_int_equal(blob_here(&f), BOOT_HEAD);
	assert_int_equal(blob_kind(&f), KIND_ARM64_IMAGE);
	assert_int_equal(blob_read(&f, 2900, got, 100, NULL), 0);
	assert_memory_equal(got, parts.b.p + 2900, 100);
	assert_int_equal(blob_read(&f, 0, got, 100, &e), -MICROVM_EIO);
	assert_string_equal(e.msg, "cannot read: 5");
	free(parts.b.p);
}

static void test_a_short_file_is_all_here(void **s)
{
	struct parts parts = { .b = make_image(64, 0, 0, 0) };
	struct boot_blob f = blob_in_parts("Image", &parts);

	(void)s;
	assert_int_equal(blob_here(&f), 64);
	assert_int_equal(blob_kind(&f), KIND_ARM64_IMAGE);
	free(parts.b.p);
}

static void test_no_bytes_need_no_memory(void **s)
{
	struct boot_blob none = { .name = "none" };

	(void)s;
	assert_int_equal(blob_kind(&none), KIND_EMPTY);
	assert_int_equal(blob_read(&none, 0, NULL, 0, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_in_memory_is_copied),
		cmocka_unit_test(test_what_is_not_is_read),
		cmocka_unit_test(test_a_short_file_is_all_here),
		cmocka_unit_test(test_no_bytes_need_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
