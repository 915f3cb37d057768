/* SPDX-License-Identifier: MIT */
#include "endpoint/ports.h"

#include <string.h>

#include "../check.h"

struct owner {
	struct stream stream;
	uint32_t port, guest_port;
	unsigned calls;
};

static struct stream *take(void *ctx, uint32_t port, uint32_t guest_port)
{
	struct owner *o = ctx;

	o->calls++;
	o->port = port;
	o->guest_port = guest_port;
	return &o->stream;
}

static struct stream *refuse(void *ctx, uint32_t port, uint32_t guest_port)
{
	(void)port;
	(void)guest_port;
	((struct owner *)ctx)->calls++;
	return NULL;
}

static void test_a_connection_goes_to_the_owner_of_its_port(void **s)
{
	struct owner a = { 0 }, b = { 0 };
	struct port pa = { 1, take, &a, NULL };
	struct port pb = { UINT32_MAX, take, &b, NULL };
	struct ports t = { 0 };

	(void)s;
	assert_int_equal(ports_bind(&t, &pa, NULL), 0);
	assert_int_equal(ports_bind(&t, &pb, NULL), 0);
	assert_ptr_equal(ports_accept(&t, UINT32_MAX, 7), &b.stream);
	assert_int_equal(b.port, UINT32_MAX);
	assert_int_equal(b.guest_port, 7);
	assert_int_equal(a.calls, 0);
	assert_ptr_equal(ports_accept(&t, 1, 8), &a.stream);
	assert_null(ports_accept(&t, 2, 8));
}

static void test_a_port_has_one_owner(void **s)
{
	struct owner a = { 0 }, b = { 0 };
	struct port pa = { 5, take, &a, NULL }, pb = { 5, take, &b, NULL };
	struct ports t = { 0 };
	mv_error err;

	(void)s;
	assert_int_equal(ports_bind(&t, &pa, NULL), 0);
	assert_int_equal(ports_bind(&t, &pb, &err), -MICROVM_EBUSY);
	assert_string_equal(err.msg, "vsock port 5 of the host is taken");
	assert_true(strlen(err.hint) > 0);
	ports_unbind(&t, &pb); /* who has none takes none away */
	assert_ptr_equal(ports_accept(&t, 5, 1), &a.stream);
	ports_unbind(&t, &pa);
	assert_null(ports_accept(&t, 5, 1));
	assert_int_equal(ports_bind(&t, &pb, NULL), 0);
	assert_ptr_equal(ports_accept(&t, 5, 1), &b.stream);
}

static void test_what_nobody_has_goes_to_otherwise(void **s)
{
	struct owner a = { 0 }, rest = { 0 };
	struct port pa = { 5, refuse, &a, NULL };
	struct ports t = { .otherwise = take, .otherwise_ctx = &rest };

	(void)s;
	assert_int_equal(ports_bind(&t, &pa, NULL), 0);
	assert_ptr_equal(ports_accept(&t, 6, 1), &rest.stream);
	/* A refusal by the owner is the last word. */
	assert_null(ports_accept(&t, 5, 1));
	assert_int_equal(a.calls, 1);
	assert_int_equal(rest.calls, 1);
}

static void test_unbinding_one_leaves_the_others(void **s)
{
	struct owner o = { 0 };
	struct port p[3] = { { 1, take, &o, NULL },
			     { 2, take, &o, NULL },
			     { 3, take, &o, NULL } };
	struct ports t = { 0 };
	int i;

	(void)s;
	for (i = 0; i < 3; i++)
		assert_int_equal(ports_bind(&t, &p[i], NULL), 0);
	ports_unbind(&t, &p[1]);
	assert_non_null(ports_accept(&t, 1, 1));
	assert_null(ports_accept(&t, 2, 1));
	assert_non_null(ports_accept(&t, 3, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_connection_goes_to_the_owner_of_its_port),
		cmocka_unit_test(test_a_port_has_one_owner),
		cmocka_unit_test(test_what_nobody_has_goes_to_otherwise),
		cmocka_unit_test(test_unbinding_one_leaves_the_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
