/* SPDX-License-Identifier: MIT */
#include "vsock/answers.h"

#include "../check.h"

static struct vsock_hdr packet(uint32_t from)
{
	return (struct vsock_hdr){ .src_cid = 3,
				   .dst_cid = 2,
				   .src_port = from,
				   .dst_port = 80,
				   .len = 100,
				   .type = 1,
				   .op = VSOCK_OP_RW,
				   .flags = 3 };
}

static void test_an_answer_goes_back_where_the_packet_came_from(void **s)
{
	struct vsock_hdr h = packet(7), out;
	struct answers a = { 0 };

	(void)s;
	assert_false(answers_take(&a, &out));
	h.type = 9;
	answers_add(&a, &h);
	assert_true(answers_take(&a, &out));
	assert_int_equal(out.op, VSOCK_OP_RST);
	assert_int_equal(out.src_cid, 2);
	assert_int_equal(out.dst_cid, 3);
	assert_int_equal(out.src_port, 80);
	assert_int_equal(out.dst_port, 7);
	assert_int_equal(out.type, 9);
	assert_int_equal(out.len, 0);
	assert_int_equal(out.flags, 0);
	assert_false(answers_take(&a, &out));
}

static void test_a_reset_is_never_answered(void **s)
{
	struct vsock_hdr h = packet(7), out;
	struct answers a = { 0 };

	(void)s;
	h.op = VSOCK_OP_RST;
	answers_add(&a, &h);
	assert_false(answers_take(&a, &out));
}

static void test_the_same_answer_waits_once(void **s)
{
	struct vsock_hdr h = packet(7), out;
	struct answers a = { 0 };

	(void)s;
	answers_add(&a, &h);
	answers_add(&a, &h);
	h.type = 2;
	answers_add(&a, &h);
	assert_int_equal(a.len, 2);
	assert_true(answers_take(&a, &out));
	h = packet(7);
	answers_add(&a, &h); /* the first is on its way: so once more */
	assert_int_equal(a.len, 2);
}

static void test_it_is_full_with_so_many_and_keeps_the_order(void **s)
{
	struct answers a = { 0 };
	struct vsock_hdr h, out;
	uint32_t i;

	(void)s;
	h = packet(1000000);
	answers_add(&a, &h); /* so that it wraps */
	assert_true(answers_take(&a, &out));
	for (i = 0; i < VSOCK_ANSWERS + 5; i++) {
		assert_int_equal(answers_full(&a), i >= VSOCK_ANSWERS);
		h = packet(i);
		answers_add(&a, &h);
	}
	for (i = 0; i < VSOCK_ANSWERS; i++) {
		assert_true(answers_take(&a, &out));
		assert_int_equal(out.dst_port, i);
		assert_false(answers_full(&a));
	}
	assert_false(answers_take(&a, &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_an_answer_goes_back_where_the_packet_came_from),
		cmocka_unit_test(test_a_reset_is_never_answered),
		cmocka_unit_test(test_the_same_answer_waits_once),
		cmocka_unit_test(
			test_it_is_full_with_so_many_and_keeps_the_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
