/* SPDX-License-Identifier: MIT */
#include "core/bus.h"

#include "../check.h"

struct reg {
	uint64_t value;
	unsigned size;
};

static uint64_t reg_read(void *dev, uint64_t off, unsigned size)
{
	struct reg *r = dev;

	r->size = size;
	return r->value + off;
}

static void reg_write(void *dev, uint64_t off, unsigned size, uint64_t v)
{
	struct reg *r = dev;

	r->size = size;
	r->value = v + off;
}

static const struct bus_ops reg_ops = { reg_read, reg_write };

struct row {
	uint64_t addr, value;
	uint8_t size;
	bool claimed;
	uint64_t want;
};

static void test_only_legal_accesses_reach_the_device(void **s)
{
	static const struct row rows[] = {
		{ 0x1000, 0, 4, true, 7 },
		{ 0x1004, 0, 1, true, 11 },
		{ 0x9000, 0, 2, false, 0xffff },     /* nobody there */
		{ 0x1007, 0, 8, false, UINT64_MAX }, /* straddles the end */
		{ 0x1000, 0, 2, false, 0xffff },     /* size not taken */
		{ 0x1002, 0, 4, false, 0xffffffff }, /* misaligned */
		{ 0x0fff, 0, 1, false, 0xff },       /* one before */
		{ 0x1008, 0, 1, false, 0xff },       /* one behind */
		{ UINT64_MAX, 0, 8, false, UINT64_MAX },
	};
	struct reg dev = { .value = 7 };
	struct bus b = { 0 };
	size_t i;

	(void)s;
	assert_int_equal(
		bus_add(&b, SPACE_MMIO, 0x1000, 8, &reg_ops, &dev, 1 | 4, NULL),
		0);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct access a = { .addr = rows[i].addr,
				    .size = rows[i].size };

		assert_int_equal(bus_access(&b, &a), rows[i].claimed);
		assert_int_equal(a.value, rows[i].want);
	}
}

static void test_values_are_cut_to_the_access_size(void **s)
{
	struct reg dev = { 0 };
	struct bus b = { 0 };
	struct access a = {
		.addr = 0, .size = 1, .write = true, .value = 0x1234
	};

	(void)s;
	assert_int_equal(bus_add(&b, SPACE_PIO, 0, 8, &reg_ops, &dev, 1, NULL),
			 0);
	a.space = SPACE_PIO;
	assert_true(bus_access(&b, &a));
	assert_int_equal(dev.value, 0x34);
	dev.value = 0x1ff;
	a.write = false;
	assert_true(bus_access(&b, &a));
	assert_int_equal(a.value, 0xff);
}

static void test_devices_must_not_overlap(void **s)
{
	struct bus b = { 0 };
	mv_error e;

	(void)s;
	assert_int_equal(
		bus_add(&b, SPACE_MMIO, 0x1000, 8, &reg_ops, &b, 4, &e), 0);
	assert_int_equal(
		bus_add(&b, SPACE_MMIO, 0x1004, 8, &reg_ops, &b, 4, &e),
		-MICROVM_EINVAL);
	assert_int_equal(bus_add(&b, SPACE_MMIO, 0xffc, 8, &reg_ops, &b, 4, &e),
			 -MICROVM_EINVAL);
	assert_int_equal(
		bus_add(&b, SPACE_MMIO, 0x1008, 8, &reg_ops, &b, 4, &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_legal_accesses_reach_the_device),
		cmocka_unit_test(test_values_are_cut_to_the_access_size),
		cmocka_unit_test(test_devices_must_not_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
