/* SPDX-License-Identifier: MIT */
#include "boot/aml.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "aml_read.h"
#include "base/container.h"

enum { ROOM = 512 };

struct code {
	struct aml a;
	uint8_t buf[ROOM];
	struct aml_bytes got;
};

static struct aml *start(struct code *c)
{
	memset(c->buf, 0xee, sizeof(c->buf));
	aml_init(&c->a, c->buf, sizeof(c->buf));
	return &c->a;
}

static void finish(struct code *c)
{
	unsigned items;

	c->got.p = c->buf;
	assert_int_equal(aml_fini(&c->a, &c->got.len, NULL), 0);
	assert_true(aml_read_all(c->got, &items));
}

static void expect(struct code *c, const void *want, size_t len)
{
	finish(c);
	assert_int_equal(c->got.len, len);
	assert_memory_equal(c->buf, want, len);
}

#define BYTES(c, ...)                               \
	expect(c, (const uint8_t[]){ __VA_ARGS__ }, \
	       sizeof((const uint8_t[]){ __VA_ARGS__ }))

static struct aml_item find(const struct code *c, const char *path)
{
	struct aml_item i;

	if (!aml_find(c->got, path, &i))
		print_error("no %s\n", path);
	assert_true(aml_find(c->got, path, &i));
	return i;
}

static void expect_misuse(struct code *c, const char *why)
{
	mv_error e;
	size_t len = 77;

	assert_int_equal(aml_fini(&c->a, &len, &e), -MICROVM_EINVAL);
	assert_string_equal(e.msg, why);
	assert_int_equal(len, 77);
}

static void test_a_number_takes_the_shortest_form(void **s)
{
	static const struct {
		uint64_t v;
		size_t len; /* with its opcode */
	} rows[] = {
		{ 0, 1 },          { 1, 1 },          { 2, 2 },
		{ 0xff, 2 },       { 0x100, 3 },      { 0xffff, 3 },
		{ 0x10000, 5 },    { 0xffffffff, 5 }, { 0x100000000, 9 },
		{ UINT64_MAX, 9 },
	};
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		struct code c;
		struct aml *a = start(&c);

		aml_name(a, "NUM");
		aml_int(a, rows[i].v);
		finish(&c);
		assert_int_equal(c.got.len, 5 + rows[i].len);
		assert_int_equal(find(&c, "NUM_").what, AML_INT);
		assert_true(find(&c, "NUM_").value == rows[i].v);
	}
}

static void test_numbers_are_little_endian(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_name(a, "ABCD");
	aml_int(a, 0x12345678);
	BYTES(&c, 8, 'A', 'B', 'C', 'D', 0x0c, 0x78, 0x56, 0x34, 0x12);
}

static void test_paths_are_padded_and_prefixed(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_name(a, "\\_S5");
	aml_int(a, 0);
	aml_name(a, "^^A.B0");
	aml_int(a, 1);
	aml_name(a, "\\_SB.X.LONG");
	aml_int(a, 0);
	BYTES(&c, 8, '\\', '_', 'S', '5', '_', 0, 8, '^', '^', 0x2e, 'A', '_',
	      '_', '_', 'B', '0', '_', '_', 1, 8, '\\', 0x2f, 3, '_', 'S', 'B',
	      '_', 'X', '_', '_', '_', 'L', 'O', 'N', 'G', 0);
}

static void test_what_is_no_name_is_refused(void **s)
{
	static const char *const bad[] = { "",     "\\",    "^",     "FIVE5",
					   "low",  "0ABC",  "A.",    ".A",
					   "A..B", "A B",   "\\^A",  "^\\A",
					   "A-B",  "\xc4X", "A.0",   "@",
					   "[",    "A/B",   "ABC:D", "AB^" };
	size_t i;

	(void)s;
	for (i = 0; i < LEN(bad); i++) {
		struct code c;
		struct aml *a = start(&c);

		aml_name(a, bad[i]);
		aml_int(a, 1);
		expect_misuse(&c, "AML: that is not a name");
	}
}

static void test_a_path_has_255_segments_at_most(void **s)
{
	char path[2 * 256 + 1];
	uint8_t buf[2048];
	struct aml a;
	size_t i, len;
	mv_error e;

	(void)s;
	for (i = 0; i < 256; i++)
		memcpy(path + 2 * i, "A.", 2);
	path[2 * 255 - 1] = '\0';
	aml_init(&a, buf, sizeof(buf));
	aml_name(&a, path);
	aml_int(&a, 0);
	assert_int_equal(aml_fini(&a, &len, NULL), 0);
	assert_int_equal(len, 1 + 2 + 255 * 4 + 1);
	assert_int_equal(buf[2], 255);
	path[2 * 255 - 1] = '.';
	path[2 * 256 - 1] = '\0';
	aml_init(&a, buf, sizeof(buf));
	aml_name(&a, path);
	aml_int(&a, 0);
	assert_int_equal(aml_fini(&a, &len, &e), -MICROVM_EINVAL);
}

static void test_an_eisa_id_is_a_number(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_name(a, "_HID");
	aml_eisa_id(a, "PNP0501");
	aml_name(a, "_CID");
	aml_eisa_id(a, "ZAQFE9A");
	BYTES(&c, 8, '_', 'H', 'I', 'D', 0x0c, 0x41, 0xd0, 0x05, 0x01, 8, '_',
	      'C', 'I', 'D', 0x0c, 0x68, 0x31, 0xfe, 0x9a);
}

static void test_what_is_no_eisa_id_is_refused(void **s)
{
	static const char *const bad[] = { "",        "PNP",       "PNP05011",
					   "pnp0501", "PN00501",   "PNP050G",
					   "PNP050a", "P@P0501",   "P[P0501",
					   "PNP-501", "\xd0NP0501" };
	size_t i;

	(void)s;
	for (i = 0; i < LEN(bad); i++) {
		struct code c;
		struct aml *a = start(&c);

		aml_name(a, "_HID");
		aml_eisa_id(a, bad[i]);
		expect_misuse(&c, "AML: that is not an EISA ID");
	}
}

static void test_text_ends_with_a_zero(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_name(a, "_HID");
	aml_text(a, "LNRO0005");
	aml_name(a, "NONE");
	aml_text(a, "");
	BYTES(&c, 8, '_', 'H', 'I', 'D', 0x0d, 'L', 'N', 'R', 'O', '0', '0',
	      '0', '5', 0, 8, 'N', 'O', 'N', 'E', 0x0d, 0);
}

static void test_text_is_ascii(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_name(a, "_HID");
	aml_text(a, "gr\xc3\xbc"
		    "n");
	expect_misuse(&c, "AML: text that is not ASCII");
}

static void test_a_package_counts_its_objects(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_name(a, "_S5");
	aml_package(a);
	aml_int(a, 5);
	aml_package(a);
	aml_end(a);
	aml_text(a, "x");
	aml_buffer(a, "\x07\x08", 2);
	aml_end(a);
	BYTES(&c, 8, '_', 'S', '5', '_', 0x12, 16, 4, 0x0a, 5, 0x12, 2, 0, 0x0d,
	      'x', 0, 0x11, 5, 0x0a, 2, 7, 8);
}

static void test_a_package_has_255_objects_at_most(void **s)
{
	unsigned n, i;

	(void)s;
	for (n = 255; n <= 256; n++) {
		struct code c;
		struct aml *a = start(&c);

		aml_name(a, "MANY");
		aml_package(a);
		for (i = 0; i < n; i++)
			aml_int(a, 0);
		aml_end(a);
		if (n == 255) {
			finish(&c);
			assert_int_equal(find(&c, "MANY").count, 255);
		} else {
			expect_misuse(&c, "AML: a package of too many objects");
		}
	}
}

static void test_devices_lie_in_scopes(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_scope(a, "\\_SB");
	aml_device(a, "DEV");
	aml_name(a, "_UID");
	aml_int(a, 1);
	aml_end(a);
	aml_end(a);
	BYTES(&c, 0x10, 19, '\\', '_', 'S', 'B', '_', 0x5b, 0x82, 11, 'D', 'E',
	      'V', '_', 8, '_', 'U', 'I', 'D', 1);
}

static void test_resources_end_with_a_tag(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_name(a, "_CRS");
	aml_resources(a);
	aml_io(a, 0x3f8, 8);
	aml_memory(a, 0xd0001000, 0x200);
	aml_edge(a, 0x11);
	aml_end(a);
	BYTES(&c, 8, '_', 'C', 'R', 'S', 0x11, 34, 0x0a, 31, /* */
	      0x47, 1, 0xf8, 3, 0xf8, 3, 1, 8,               /* */
	      0x86, 9, 0, 1, 0, 0x10, 0, 0xd0, 0, 2, 0, 0,   /* */
	      0x89, 6, 0, 3, 1, 0x11, 0, 0, 0,               /* */
	      0x79, 0);
}

static void test_resources_read_back_as_they_were(void **s)
{
	struct code c;
	struct aml *a = start(&c);
	struct aml_bytes crs;
	struct aml_res r;

	(void)s;
	aml_name(a, "_CRS");
	aml_resources(a);
	aml_io(a, 0xffff, 255);
	aml_memory(a, UINT32_MAX, UINT32_MAX);
	aml_edge(a, UINT32_MAX);
	aml_end(a);
	finish(&c);
	crs = find(&c, "_CRS").body;
	assert_true(aml_read_res(&crs, &r) && r.what == AML_RES_IO);
	assert_true(r.base == 0xffff && r.len == 255);
	assert_true(aml_read_res(&crs, &r) && r.what == AML_RES_MEMORY);
	assert_true(r.base == UINT32_MAX && r.len == UINT32_MAX);
	assert_true(aml_read_res(&crs, &r) && r.what == AML_RES_IRQ);
	assert_true(r.base == UINT32_MAX && r.flags == 3);
	assert_true(aml_read_res(&crs, &r) && r.what == AML_RES_END);
	assert_int_equal(crs.len, 0);
}

/* A package length of each size, and the steps between them. */
static void test_a_length_takes_as_many_bytes_as_it_needs(void **s)
{
	static const size_t at[] = { 63, 4095, 1048575, 1400000 };
	enum { BIG = 1500000 };
	uint8_t *buf = malloc(BIG), *content = calloc(1, BIG);
	size_t i, d;

	(void)s;
	assert_true(buf && content);
	for (i = 0; i < LEN(at); i++) {
		for (d = 0; d < 24; d++) {
			size_t n = at[i] - 12 + d, len;
			struct aml_bytes b = { buf, 0 };
			struct aml_item item;
			struct aml a;

			aml_init(&a, buf, BIG);
			aml_name(&a, "BUF");
			aml_buffer(&a, content, n);
			assert_int_equal(aml_fini(&a, &len, NULL), 0);
			b.len = len;
			/* the reader takes none but the shortest */
			assert_true(aml_read(&b, &item));
			assert_int_equal(item.what, AML_BUFFER);
			assert_int_equal(item.body.len, n);
			assert_int_equal(b.len, 0);
		}
	}
	free(content);
	free(buf);
}

static void write_sample(struct aml *a)
{
	aml_scope(a, "\\_SB");
	aml_device(a, "DEV");
	aml_name(a, "_CRS");
	aml_resources(a);
	aml_edge(a, 3);
	aml_end(a);
	aml_name(a, "PACK");
	aml_package(a);
	aml_buffer(a, "0123456789012345678901234567890123456789012345678901234",
		   55);
	aml_text(a, "and so on");
	aml_end(a);
	aml_end(a);
	aml_end(a);
}

static void test_too_little_room_is_an_error_at_every_size(void **s)
{
	struct code c;
	size_t room, len;

	(void)s;
	write_sample(start(&c));
	finish(&c);
	for (room = 0; room < c.got.len; room++) {
		uint8_t *buf = malloc(room ? room : 1);
		struct aml a;
		mv_error e;

		assert_non_null(buf);
		aml_init(&a, buf, room);
		write_sample(&a);
		assert_int_equal(aml_fini(&a, &len, &e), -MICROVM_ENOMEM);
		assert_string_equal(e.msg, "AML: it does not fit");
		assert_true(a.len <= room);
		free(buf);
	}
	aml_init(&c.a, c.buf, c.got.len);
	write_sample(&c.a);
	assert_int_equal(aml_fini(&c.a, &len, NULL), 0);
	assert_int_equal(len, c.got.len);
}

static void test_the_first_failure_is_the_one_told(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_name(a, "no name");
	aml_eisa_id(a, "no id");
	aml_end(a);
	aml_end(a);
	write_sample(a);
	expect_misuse(&c, "AML: that is not a name");
}

static void test_calls_that_make_no_sense_are_refused(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_end(a);
	expect_misuse(&c, "AML: an end without a block");
	aml_scope(start(&c), "\\_SB");
	expect_misuse(&c, "AML: a block has no end");
	aml_name(start(&c), "_HID");
	expect_misuse(&c, "AML: a name has no object");
	aml_name(start(&c), "_HID");
	aml_device(a, "DEV");
	expect_misuse(&c, "AML: a name has no object");
	aml_scope(start(&c), "\\_SB");
	aml_name(a, "_HID");
	aml_end(a);
	expect_misuse(&c, "AML: a name has no object");
	aml_int(start(&c), 1);
	expect_misuse(&c, "AML: an object has no name");
	aml_io(start(&c), 1, 1);
	expect_misuse(&c, "AML: a resource outside of resources");
}

static void test_blocks_hold_only_what_they_can(void **s)
{
	struct code c;
	struct aml *a = start(&c);

	(void)s;
	aml_name(a, "PACK");
	aml_package(a);
	aml_name(a, "NAME");
	expect_misuse(&c, "AML: a term where only objects may be");
	aml_name(start(&c), "_CRS");
	aml_resources(a);
	aml_device(a, "DEV");
	expect_misuse(&c, "AML: a term where only objects may be");
	aml_name(start(&c), "_CRS");
	aml_resources(a);
	aml_int(a, 1);
	expect_misuse(&c, "AML: an object has no name");
	aml_name(start(&c), "PACK");
	aml_package(a);
	aml_edge(a, 1);
	expect_misuse(&c, "AML: a resource outside of resources");
}

static void test_blocks_are_as_deep_as_they_may_be(void **s)
{
	unsigned depth, i;

	(void)s;
	for (depth = AML_DEPTH; depth <= AML_DEPTH + 1; depth++) {
		struct code c;
		struct aml *a = start(&c);

		for (i = 0; i < depth; i++)
			aml_scope(a, "DEEP");
		for (i = 0; i < depth; i++)
			aml_end(a);
		if (depth == AML_DEPTH)
			finish(&c);
		else
			expect_misuse(&c, "AML: blocks are too deep");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_number_takes_the_shortest_form),
		cmocka_unit_test(test_numbers_are_little_endian),
		cmocka_unit_test(test_paths_are_padded_and_prefixed),
		cmocka_unit_test(test_what_is_no_name_is_refused),
		cmocka_unit_test(test_a_path_has_255_segments_at_most),
		cmocka_unit_test(test_an_eisa_id_is_a_number),
		cmocka_unit_test(test_what_is_no_eisa_id_is_refused),
		cmocka_unit_test(test_text_ends_with_a_zero),
		cmocka_unit_test(test_text_is_ascii),
		cmocka_unit_test(test_a_package_counts_its_objects),
		cmocka_unit_test(test_a_package_has_255_objects_at_most),
		cmocka_unit_test(test_devices_lie_in_scopes),
		cmocka_unit_test(test_resources_end_with_a_tag),
		cmocka_unit_test(test_resources_read_back_as_they_were),
		cmocka_unit_test(test_a_length_takes_as_many_bytes_as_it_needs),
		cmocka_unit_test(
			test_too_little_room_is_an_error_at_every_size),
		cmocka_unit_test(test_the_first_failure_is_the_one_told),
		cmocka_unit_test(test_calls_that_make_no_sense_are_refused),
		cmocka_unit_test(test_blocks_hold_only_what_they_can),
		cmocka_unit_test(test_blocks_are_as_deep_as_they_may_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
