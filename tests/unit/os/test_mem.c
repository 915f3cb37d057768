/* SPDX-License-Identifier: MIT */
#include "os/mem.h"

#include <errno.h>
#include <string.h>

#include "../check.h"

static void test_pages_are_zero_and_writable(void **s)
{
	size_t i, len = 3 * mem_page_size() + 1;
	uint8_t *p;
	void *v;

	(void)s;
	assert_int_equal(mem_map(&v, len, NULL), 0);
	p = v;
	assert_int_equal((uintptr_t)p % mem_page_size(), 0);
	for (i = 0; i < len; i++)
		assert_int_equal(p[i], 0);
	memset(p, 0xa5, len);
	assert_int_equal(p[len - 1], 0xa5);
	mem_unmap(p, len);
}

static void test_huge_memory_begins_where_huge_pages_can(void **s)
{
	size_t huge = (size_t)2 << 20, len = 3 * huge + mem_page_size();
	unsigned i;

	(void)s;
	for (i = 0; i < 4; i++) {
		void *odd, *v;
		uint8_t *p;

		/* Move what comes next by a page. */
		assert_int_equal(mem_map(&odd, mem_page_size(), NULL), 0);
		assert_int_equal(mem_map_huge(&v, len, NULL), 0);
		p = v;
		assert_int_equal((uintptr_t)p % huge, 0);
		assert_int_equal(p[0] | p[len - 1], 0);
		p[0] = p[len - 1] = 1;
		mem_unmap(v, len);
		mem_unmap(odd, mem_page_size());
	}
}

static void test_released_pages_read_as_zero_and_others_stay(void **s)
{
	size_t page = mem_page_size();
	uint8_t *p;
	void *v;

	(void)s;
	assert_int_equal(mem_map(&v, 3 * page, NULL), 0);
	p = v;
	memset(p, 0xa5, 3 * page);
	mem_release(p + page, page);
	assert_int_equal(p[page - 1], 0xa5);
	assert_int_equal(p[page], 0);
	assert_int_equal(p[2 * page - 1], 0);
	assert_int_equal(p[2 * page], 0xa5);
	p[page] = 1;
	assert_int_equal(p[page], 1);
	mem_unmap(p, 3 * page);
}

static void test_too_much_is_refused_with_a_hint(void **s)
{
	mv_error e;
	void *p = &e;

	(void)s;
	assert_int_equal(mem_map(&p, SIZE_MAX / 2, &e), -MICROVM_ENOMEM);
	assert_null(p);
	assert_int_not_equal(e.os, 0);
	assert_non_null(strstr(e.msg, "cannot get"));
	assert_non_null(strstr(e.hint, "less memory"));
}

/* No system call fails there, so that errno has another's reason. */
static void test_what_no_address_space_holds_is_no_success(void **s)
{
	mv_error e;
	void *p = &e;

	(void)s;
	errno = 0;
	assert_int_equal(mem_map_huge(&p, SIZE_MAX, &e), -MICROVM_ENOMEM);
	assert_null(p);
	assert_int_equal(e.os, ENOMEM);
}

static void test_unmapping_nothing_is_fine(void **s)
{
	(void)s;
	mem_unmap(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pages_are_zero_and_writable),
		cmocka_unit_test(test_huge_memory_begins_where_huge_pages_can),
		cmocka_unit_test(
			test_released_pages_read_as_zero_and_others_stay),
		cmocka_unit_test(test_too_much_is_refused_with_a_hint),
		cmocka_unit_test(
			test_what_no_address_space_holds_is_no_success),
		cmocka_unit_test(test_unmapping_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
