/* SPDX-License-Identifier: MIT */
#include "core/gmem.h"

#include <string.h>

#include "../check.h"

static uint8_t ram[0x1000];

static struct gmem one_page(void)
{
	struct gmem m = { 0 };

	assert_int_equal(gmem_add(&m, 0x80000000, ram, sizeof(ram), NULL), 0);
	return m;
}

static void test_spans_never_leave_ram(void **s)
{
	struct gmem m = one_page();

	(void)s;
	assert_ptr_equal(gmem_span(&m, 0x80000000, sizeof(ram)).p, ram);
	assert_null(gmem_span(&m, 0x80000000, sizeof(ram) + 1).p);
	assert_null(gmem_span(&m, 0x80000fff, 2).p);
	assert_null(gmem_span(&m, 0x7fffffff, 1).p);
	assert_null(gmem_span(&m, UINT64_MAX, 2).p);
	assert_null(gmem_span(&m, 0x80000001, SIZE_MAX).p);
}

static void test_copies_stop_at_the_edge(void **s)
{
	struct gmem m = one_page();
	uint32_t x = 0;

	(void)s;
	assert_false(gmem_read(&m, 0x80000ffe, &x, 4));
	assert_true(gmem_write(&m, 0x80000ffc, &(uint32_t){ 0x01020304 }, 4));
	assert_true(gmem_read(&m, 0x80000ffc, &x, 4));
	assert_int_equal(x, 0x01020304);
}

static void test_regions_must_be_apart_and_must_not_wrap(void **s)
{
	struct gmem m = one_page();
	mv_error e;

	(void)s;
	assert_int_equal(gmem_add(&m, 0x7ffff001, ram, 0x1000, &e),
			 -MICROVM_EINVAL);
	assert_int_equal(gmem_add(&m, UINT64_MAX - 10, ram, 0x1000, &e),
			 -MICROVM_EINVAL);
	assert_int_equal(gmem_add(&m, 0x90000000, ram, 0, &e), -MICROVM_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spans_never_leave_ram),
		cmocka_unit_test(test_copies_stop_at_the_edge),
		cmocka_unit_test(test_regions_must_be_apart_and_must_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
