/* SPDX-License-Identifier: MIT */
#include "image_modinfo.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "image_samples.h"

static const char text[] = "license=GPL\0depends=virtio,virtio_ring\0"
			   "dependsx=no\0name=x";

static void test_a_key_gives_its_value(void **s)
{
	struct modinfo info;
	size_t len;
	uint8_t *p = sample_module(text, sizeof(text), &len);

	(void)s;
	assert_true(modinfo_find(p, len, &info));
	assert_int_equal(info.len, sizeof(text));
	assert_string_equal(modinfo_get(&info, "depends"),
			    "virtio,virtio_ring");
	assert_string_equal(modinfo_get(&info, "name"), "x");
	assert_null(modinfo_get(&info, "depend"));
	assert_null(modinfo_get(&info, "vermagic"));
	free(p);
}

static void test_a_value_that_does_not_end_is_none(void **s)
{
	struct modinfo info;
	size_t len;
	uint8_t *p = sample_module(text, sizeof(text) - 1, &len);

	(void)s;
	assert_true(modinfo_find(p, len, &info));
	assert_null(modinfo_get(&info, "name"));
	assert_string_equal(modinfo_get(&info, "license"), "GPL");
	free(p);
}

/* On the heap and exactly as long, so that a sanitizer sees every overrun. */
static void test_every_cut_and_every_byte_is_survived(void **s)
{
	struct modinfo info;
	size_t len, n, i;
	uint8_t *p = sample_module(text, sizeof(text), &len), *q;

	(void)s;
	for (n = 0; n < len; n++) {
		q = malloc(n ? n : 1);
		assert_non_null(q);
		memcpy(q, p, n);
		assert_false(modinfo_find(q, n, &info));
		free(q);
	}
	for (i = 0; i < 0x100; i++) {
		uint8_t old = p[i];

		p[i] = 0xff;
		if (modinfo_find(p, len, &info))
			(void)modinfo_get(&info, "depends");
		p[i] = 0x80;
		if (modinfo_find(p, len, &info))
			(void)modinfo_get(&info, "depends");
		p[i] = old;
	}
	free(p);
}

static void test_other_elf_files_are_refused(void **s)
{
	struct modinfo info;
	size_t len;
	uint8_t *p = sample_module(text, sizeof(text), &len);

	(void)s;
	p[4] = 1; /* 32 bits */
	assert_false(modinfo_find(p, len, &info));
	p[4] = 2;
	p[5] = 2; /* big-endian */
	assert_false(modinfo_find(p, len, &info));
	p[5] = 1;
	p[0x80] = 11; /* the section has another name: "shstrtab" */
	assert_false(modinfo_find(p, len, &info));
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_key_gives_its_value),
		cmocka_unit_test(test_a_value_that_does_not_end_is_none),
		cmocka_unit_test(test_every_cut_and_every_byte_is_survived),
		cmocka_unit_test(test_other_elf_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
