/* SPDX-License-Identifier: MIT */
#include "image_modules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "image_samples.h"

/* Offer a module that depends on others. */
static int offer(struct modules *m, const char *path, const char *depends,
		 microvm_error *err)
{
	char text[128];
	struct blob b;
	int n;

	n = snprintf(text, sizeof(text), "depends=%s", depends);
	b.p = sample_module(text, (size_t)n + 1, &b.len);
	return modules_offer(m, path, &b, err);
}

/* The order as one line. */
static const char *order(const struct modules *m, char *line, size_t size)
{
	size_t i;

	line[0] = '\0';
	for (i = 0; i < m->orders; i++) {
		(void)strncat(line, " ", size - strlen(line) - 1);
		(void)strncat(line, m->order[i]->name, size - strlen(line) - 1);
	}
	return line;
}

static void test_each_comes_behind_those_it_needs(void **s)
{
	struct modules *m = modules_new();
	microvm_error err = { 0 };
	char line[200];

	(void)s;
	assert_int_equal(
		modules_want(m, "vsock-transport,virtio-rng", false, &err), 0);
	assert_true(modules_wants_file(m, "kernel/x/virtio-rng.ko"));
	assert_false(modules_wants_file(m, "kernel/x/virtio.ko"));
	assert_int_equal(offer(m, "lib/virtio-rng.ko", "virtio", &err), 0);
	assert_int_equal(
		offer(m, "vsock_transport.ko", "vsock,virtio-common", &err), 0);
	/* what they need is wanted now */
	assert_true(modules_wants_file(m, "virtio.ko"));
	assert_true(modules_wants_file(m, "virtio_common.ko"));
	assert_true(modules_missing(m));
	assert_int_equal(offer(m, "virtio.ko", "", &err), 0);
	assert_int_equal(offer(m, "vsock.ko", "", &err), 0);
	assert_int_equal(offer(m, "virtio-common.ko", "virtio", &err), 0);
	assert_false(modules_missing(m));
	assert_int_equal(modules_order(m, &err), 0);
	assert_string_equal(order(m, line, sizeof(line)),
			    " vsock virtio virtio_common vsock_transport "
			    "virtio_rng");
	modules_free(m);
}

static void test_names_are_taken_from_file_names_only(void **s)
{
	struct modules *m = modules_new();
	microvm_error err = { 0 };

	(void)s;
	assert_int_equal(modules_want(m, "a_b", false, &err), 0);
	assert_true(modules_wants_file(m, "a-b.ko"));
	assert_true(modules_wants_file(m, "/x.d/a_b.ko.xz"));
	assert_true(modules_wants_file(m, "a_b.ko.zst"));
	assert_false(modules_wants_file(m, "a_b"));
	assert_false(modules_wants_file(m, "a_b.kow"));
	assert_false(modules_wants_file(m, "a_b.k"));
	assert_false(modules_wants_file(m, "a_b.ko/other"));
	assert_false(modules_wants_file(m, ".ko"));
	assert_false(modules_wants_file(m, ""));
	modules_free(m);
}

static void test_packed_modules_are_unpacked(void **s)
{
	struct modules *m = modules_new();
	microvm_error err = { 0 };
	struct blob b;
	size_t len;
	uint8_t *p = sample_module("depends=", 9, &len);

	(void)s;
	assert_int_equal(modules_want(m, "a", false, &err), 0);
	b.p = sample_xz(p, len, &b.len);
	assert_int_equal(modules_offer(m, "a.ko.xz", &b, &err), 0);
	assert_int_equal(modules_order(m, &err), 0);
	assert_int_equal(m->orders, 1);
	assert_int_equal(m->order[0]->data.len, len);
	assert_memory_equal(m->order[0]->data.p, p, len);
	free(p);
	modules_free(m);
}

static void test_what_is_built_in_is_passed_over(void **s)
{
	static const char text[] = "kernel/drivers/virtio/virtio.ko\n"
				   "kernel/crypto/x.ko\nkernel/last/b-c.ko";
	struct modules *m = modules_new();
	microvm_error err = { 0 };
	char line[200];

	(void)s;
	assert_int_equal(modules_want(m, "virtio,a,b_c", false, &err), 0);
	assert_int_equal(offer(m, "a.ko", "virtio,b-c", &err), 0);
	modules_offer_builtin(m, text, sizeof(text) - 1);
	assert_false(modules_missing(m));
	assert_int_equal(modules_order(m, &err), 0);
	assert_string_equal(order(m, line, sizeof(line)), " a");
	modules_free(m);
}

static void test_a_missing_one_is_named_unless_it_is_optional(void **s)
{
	struct modules *m = modules_new();
	microvm_error err = { 0 };

	(void)s;
	assert_int_equal(modules_want(m, "a", true, &err), 0);
	assert_int_equal(modules_order(m, &err), 0);
	assert_int_equal(m->orders, 0);
	assert_int_equal(modules_want(m, "a", false, &err), 0);
	assert_int_equal(modules_order(m, &err), -MICROVM_EINVAL);
	assert_string_equal(err.msg, "the kernel has no module a");
	modules_free(m);
}

static void test_a_circle_is_an_error_not_a_loop(void **s)
{
	struct modules *m = modules_new();
	microvm_error err = { 0 };

	(void)s;
	assert_int_equal(modules_want(m, "a", false, &err), 0);
	assert_int_equal(offer(m, "a.ko", "b", &err), 0);
	assert_int_equal(offer(m, "b.ko", "a", &err), 0);
	assert_int_equal(modules_order(m, &err), -MICROVM_EINVAL);
	assert_string_equal(err.msg, "module a needs itself");
	modules_free(m);
}

static void test_the_number_of_modules_has_a_limit(void **s)
{
	struct modules *m = modules_new();
	microvm_error err = { 0 };
	char name[16];
	int i;

	(void)s;
	for (i = 0; i < MODULES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "m%d", i);
		assert_int_equal(modules_want(m, name, false, &err), 0);
	}
	assert_int_equal(modules_want(m, "m0,m1", false, &err), 0);
	assert_int_equal(modules_want(m, "more", false, &err), -MICROVM_EINVAL);
	modules_free(m);
}

static void test_what_is_no_module_is_refused(void **s)
{
	struct modules *m = modules_new();
	microvm_error err = { 0 };
	struct blob b = { (uint8_t *)strdup("not ELF"), 7 };

	(void)s;
	assert_int_equal(modules_want(m, "../x", false, &err), -MICROVM_EINVAL);
	assert_int_equal(modules_want(m, "x.y", false, &err), -MICROVM_EINVAL);
	assert_int_equal(m->count, 0);
	assert_int_equal(modules_want(m, "a,,", false, &err), 0);
	assert_int_equal(m->count, 1);
	assert_int_equal(modules_offer(m, "a.ko", &b, &err), -MICROVM_EINVAL);
	assert_string_equal(err.msg, "a.ko is no kernel module");
	assert_null(b.p);
	modules_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_comes_behind_those_it_needs),
		cmocka_unit_test(test_names_are_taken_from_file_names_only),
		cmocka_unit_test(test_packed_modules_are_unpacked),
		cmocka_unit_test(test_what_is_built_in_is_passed_over),
		cmocka_unit_test(
			test_a_missing_one_is_named_unless_it_is_optional),
		cmocka_unit_test(test_a_circle_is_an_error_not_a_loop),
		cmocka_unit_test(test_the_number_of_modules_has_a_limit),
		cmocka_unit_test(test_what_is_no_module_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
