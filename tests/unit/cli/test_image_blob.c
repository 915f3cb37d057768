/* SPDX-License-Identifier: MIT */
#include "image_blob.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../check.h"
#include "image_samples.h"

static void test_a_file_comes_back_as_it_was_written(void **s)
{
	static const char text[] = "some bytes\0and more";
	struct blob out, in = { (uint8_t *)strdup("x"), 1 };
	microvm_error err = { 0 };
	char dir[64], path[256];

	(void)s;
	sample_mkdir(dir);
	sample_write(path, dir, "a", text, sizeof(text));
	assert_int_equal(blob_read_file(&out, path, sizeof(text), &err), 0);
	assert_int_equal(out.len, sizeof(text));
	assert_memory_equal(out.p, text, sizeof(text));
	(void)strcat(path, "2");
	assert_int_equal(blob_write_file(&out, path, &err), 0);
	blob_free(&out);
	assert_int_equal(blob_read_file(&out, path, 100, &err), 0);
	assert_int_equal(out.len, sizeof(text));
	blob_free(&out);
	/* never over a file that is there */
	assert_int_not_equal(blob_write_file(&in, path, &err), 0);
	blob_free(&in);
	sample_rmdir(dir);
}

static void test_one_byte_too_many_is_refused(void **s)
{
	struct blob out;
	microvm_error err = { 0 };
	char dir[64], path[256];
	size_t size = 3 << 20;
	uint8_t *p = calloc(1, size);

	(void)s;
	assert_non_null(p);
	sample_mkdir(dir);
	sample_write(path, dir, "a", p, size);
	assert_int_equal(blob_read_file(&out, path, size - 1, &err),
			 -MICROVM_EINVAL);
	assert_non_null(strstr(err.msg, path));
	assert_null(out.p);
	assert_int_equal(blob_read_file(&out, path, size, &err), 0);
	assert_int_equal(out.len, size);
	blob_free(&out);
	free(p);
	sample_rmdir(dir);
}

static void test_packed_bytes_unpack_and_plain_ones_stay(void **s)
{
	static const char text[] = "unpack me, unpack me, unpack me";
	struct blob b;
	microvm_error err = { 0 };

	(void)s;
	b.p = sample_xz(text, sizeof(text), &b.len);
	assert_int_equal(blob_unpack(&b, 1000, &err), 0);
	assert_int_equal(b.len, sizeof(text));
	assert_memory_equal(b.p, text, sizeof(text));
	assert_int_equal(blob_unpack(&b, 1000, &err), 0);
	assert_memory_equal(b.p, text, sizeof(text));
	blob_free(&b);
}

static void test_a_bomb_stops_at_the_limit(void **s)
{
	struct blob b;
	microvm_error err = { 0 };
	uint8_t *zeros = calloc(1, 1 << 20);

	(void)s;
	b.p = sample_xz(zeros, 1 << 20, &b.len);
	free(zeros);
	assert_true(b.len < 1000);
	assert_int_equal(blob_unpack(&b, 4096, &err), -MICROVM_EINVAL);
	blob_free(&b);
}

static void test_a_missing_file_is_named(void **s)
{
	struct blob b;
	microvm_error err = { 0 };

	(void)s;
	assert_int_equal(blob_read_file(&b, "/nonexistent/x", 10, &err),
			 -MICROVM_EIO);
	assert_non_null(strstr(err.msg, "/nonexistent/x: No such file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_file_comes_back_as_it_was_written),
		cmocka_unit_test(test_one_byte_too_many_is_refused),
		cmocka_unit_test(test_packed_bytes_unpack_and_plain_ones_stay),
		cmocka_unit_test(test_a_bomb_stops_at_the_limit),
		cmocka_unit_test(test_a_missing_file_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
