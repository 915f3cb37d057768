/* SPDX-License-Identifier: MIT */
#include "vsock/conn.h"

#include "vsock/vsock.h"

#include "../check.h"

struct credit {
	uint32_t sent, alloc, taken, want;
};

static void test_credit_is_computed_modulo_2_32_and_never_too_much(void **s)
{
	static const struct credit rows[] = {
		{ 0, 0, 0, 0 },
		{ 0, 1000, 0, 1000 },
		{ 400, 1000, 0, 600 },
		{ 400, 1000, 400, 1000 },
		{ 1000, 1000, 0, 0 },
		{ 0x10, 1000, 0xfffffff0, 1000 - 0x20 }, /* wrapped */
		{ 1000, 500, 0, 0 },                     /* the window shrank */
		{ 1000, 1000, 1001, 0 }, /* took what was not sent */
		{ 0, UINT32_MAX, 0, UINT32_MAX },
		{ 5, UINT32_MAX, 0, UINT32_MAX - 5 },
		{ 0, UINT32_MAX, 1, 0 },
		{ 0, 0x80000000, 0x80000000, 0 },
	};
	struct vsock_hdr h = { 0 };
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct conn c = { .sent = rows[i].sent };

		h.buf_alloc = rows[i].alloc;
		h.fwd_cnt = rows[i].taken;
		conn_heard(&c, &h);
		assert_int_equal(conn_credit(&c), rows[i].want);
	}
}

static void test_we_may_ask_again_once_there_was_credit(void **s)
{
	struct conn c = { .asked = true, .sent = 100 };
	struct vsock_hdr h = { .buf_alloc = 100 };

	(void)s;
	conn_heard(&c, &h);
	assert_true(c.asked);
	h.fwd_cnt = 1;
	conn_heard(&c, &h);
	assert_false(c.asked);
}

static void test_the_window_is_what_may_wait(void **s)
{
	struct conn c = { .window = 1000 };

	(void)s;
	assert_true(conn_granted(&c, 1000));
	assert_false(conn_granted(&c, 1001));
	assert_false(conn_granted(&c, SIZE_MAX));
	c.ring.len = 400;
	assert_true(conn_granted(&c, 600));
	assert_false(conn_granted(&c, 601));
	c.ring.len = 1000;
	assert_true(conn_granted(&c, 0));
	assert_false(conn_granted(&c, 1));
}

static void test_half_a_window_taken_is_news(void **s)
{
	struct conn c = { .window = 1000,
			  .taken = UINT32_MAX - 100,
			  .taken_told = UINT32_MAX - 100 };
	struct vsock_hdr h;

	(void)s;
	conn_took(&c, 499);
	assert_int_equal(c.owes, 0);
	conn_took(&c, 1); /* past the end of the numbers */
	assert_int_equal(c.owes, CONN_OWES_UPDATE);
	h = conn_header(&c, VSOCK_OP_RW, 3); /* any packet tells it */
	assert_int_equal(c.owes, 0);
	assert_int_equal(h.fwd_cnt, 399);
	assert_int_equal(h.buf_alloc, 1000);
	conn_took(&c, 499);
	assert_int_equal(c.owes, 0);
	c.guest_done = true;
	conn_took(&c, 499);
	assert_int_equal(c.owes, 0);
}

static void test_a_header_names_both_ends(void **s)
{
	struct conn c = { .host_port = 80, .guest_port = 7 };
	struct vsock_hdr h = conn_header(&c, VSOCK_OP_RESPONSE, 33);

	(void)s;
	assert_int_equal(h.src_cid, VSOCK_CID_HOST);
	assert_int_equal(h.dst_cid, 33);
	assert_int_equal(h.src_port, 80);
	assert_int_equal(h.dst_port, 7);
	assert_int_equal(h.type, VSOCK_TYPE_STREAM);
	assert_int_equal(h.op, VSOCK_OP_RESPONSE);
	assert_int_equal(h.len, 0);
	assert_int_equal(h.flags, 0);
}

static void test_only_an_open_one_is_read(void **s)
{
	int state;

	(void)s;
	for (state = 0; state < CONN_STATES; state++) {
		struct conn c = { .state = (enum conn_state)state,
				  .readable = true };

		assert_int_equal(conn_wants(&c), state == CONN_OPEN);
		c.read_over = true;
		assert_false(conn_wants(&c));
		c.read_over = false;
		c.guest_deaf = true;
		assert_false(conn_wants(&c));
		c.guest_deaf = c.readable = false;
		assert_false(conn_wants(&c));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_credit_is_computed_modulo_2_32_and_never_too_much),
		cmocka_unit_test(test_we_may_ask_again_once_there_was_credit),
		cmocka_unit_test(test_the_window_is_what_may_wait),
		cmocka_unit_test(test_half_a_window_taken_is_news),
		cmocka_unit_test(test_a_header_names_both_ends),
		cmocka_unit_test(test_only_an_open_one_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
