/* SPDX-License-Identifier: MIT */
/* As many connections as there may be, and more. */
#include "vsock/vsock.h"

#include <stdlib.h>

#include "world.h"

#include "../check.h"

enum { N = VSOCK_CONNS, MOST = 4096, EXTRA = 1000 };

struct stage {
	struct world w;
	struct fake *f;
	unsigned n;
	uint64_t granted; /* sum of the windows told */
	uint32_t smallest;
};

static struct vsock_hdr header(uint32_t from, unsigned op)
{
	return (struct vsock_hdr){
		.src_cid = WORLD_CID,
		.dst_cid = VSOCK_CID_HOST,
		.src_port = from,
		.dst_port = 80,
		.type = VSOCK_TYPE_STREAM,
		.op = (uint16_t)op,
		.buf_alloc = 65536,
	};
}

/* Guest port `from` connects; what the guest is told. */
static struct vsock_hdr request(struct stage *t, uint32_t from, struct fake *f)
{
	struct vsock_hdr h = header(from, VSOCK_OP_REQUEST);
	struct vsock_packet out = { .n = 0 };

	fake_init(f);
	t->w.next = f;
	vsock_recv(t->w.v, &h, NULL, 0);
	assert_int_equal(vsock_fill(t->w.v, &out, 1), 1);
	if (out.hdr.op == VSOCK_OP_RST)
		fake_drop(f);
	return out.hdr;
}

static void begin(struct stage *t, unsigned n)
{
	struct vsock_hdr h;
	unsigned i;

	*t = (struct stage){ .n = n, .smallest = UINT32_MAX };
	world_init(&t->w);
	t->f = calloc(n, sizeof(*t->f));
	assert_non_null(t->f);
	for (i = 0; i < n; i++) {
		h = request(t, 1000 + i, &t->f[i]);
		assert_int_equal(h.op, VSOCK_OP_RESPONSE);
		t->granted += h.buf_alloc;
		if (h.buf_alloc < t->smallest)
			t->smallest = h.buf_alloc;
	}
	world_run(&t->w);
}

static void finish(struct stage *t)
{
	unsigned i;

	world_fini(&t->w);
	for (i = 0; i < t->n; i++) {
		assert_int_equal(t->f[i].closes, 1);
		assert_false(t->f[i].wrong);
	}
	free(t->f);
}

static struct vsock_stats stats(const struct stage *t)
{
	struct vsock_stats st;

	vsock_stats(t->w.v, &st);
	return st;
}

static void test_all_windows_together_are_within_the_budget(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, N);
	assert_true(t.granted <= VSOCK_BUDGET);
	assert_true(t.granted > VSOCK_BUDGET / 2);
	assert_int_equal(t.smallest, VSOCK_WINDOW_SMALL);
	finish(&t);
}

static void test_a_few_connections_have_large_windows(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, 100);
	assert_int_equal(t.smallest, VSOCK_WINDOW);
	finish(&t);
}

static void test_windows_are_given_back(void **s)
{
	struct stage t;
	unsigned round, i;

	(void)s;
	begin(&t, 1);
	for (round = 0; round < 20; round++)
		for (i = 0; i < 300; i++) {
			struct vsock_hdr h;
			struct fake f;

			h = request(&t, 5, &f);
			assert_int_equal(h.buf_alloc, VSOCK_WINDOW);
			h = header(5, VSOCK_OP_RST);
			vsock_recv(t.w.v, &h, NULL, 0);
			assert_int_equal(f.closes, 1);
		}
	finish(&t);
}

static void test_one_too_many_is_refused_and_the_others_live(void **s)
{
	struct vsock_hdr h;
	struct stage t;
	struct fake f;
	mv_error err;
	unsigned i;

	(void)s;
	begin(&t, N);
	for (i = 0; i < EXTRA; i++) {
		h = request(&t, 500000 + i, &f);
		assert_int_equal(h.op, VSOCK_OP_RST);
		assert_int_equal(h.dst_port, 500000 + i);
	}
	assert_int_equal(t.w.accepts, N);
	fake_init(&f);
	assert_int_equal(vsock_connect(t.w.v, 1, fake_stream(&f), 0, &err),
			 -MICROVM_ENOMEM);
	assert_string_equal(err.msg, "vsock port 1: 8192 connections are open");
	assert_true(err.hint[0]);
	fake_drop(&f); /* it is still ours */
	assert_int_equal(stats(&t).open, N);
	assert_int_equal(stats(&t).refused[0], EXTRA);
	h = header(1000 + N - 1, VSOCK_OP_RST); /* one leaves */
	vsock_recv(t.w.v, &h, NULL, 0);
	assert_int_equal(request(&t, 7, &f).op, VSOCK_OP_RESPONSE);
	assert_int_equal(t.f[0].closes, 0);
	finish(&t);
	assert_int_equal(f.closes, 1);
}

static void test_thousands_at_once_carry_their_own_bytes(void **s)
{
	struct stage t;
	uint8_t data[2000];
	unsigned i, round;

	(void)s;
	begin(&t, MOST);
	for (round = 0; round < 3; round++) {
		world_bytes(false, round * sizeof(data), data, sizeof(data));
		for (i = 0; i < MOST; i++) {
			struct vsock_hdr h = header(1000 + i, VSOCK_OP_RW);
			struct span v = { data, sizeof(data) };

			h.len = sizeof(data);
			vsock_recv(t.w.v, &h, &v, 1);
			fake_give(&t.f[i], 100);
			if (i % 2)
				fake_room(&t.f[i], 100000);
		}
		world_run(&t.w);
	}
	assert_int_equal(stats(&t).buffered, MOST / 2 * 3 * sizeof(data));
	for (i = 0; i < MOST; i++)
		fake_room(&t.f[i], 100000);
	world_run(&t.w);
	assert_int_equal(stats(&t).buffered, 0);
	assert_int_equal(stats(&t).bad, 0);
	for (i = 0; i < MOST; i++) {
		assert_int_equal(t.f[i].taken, 3 * sizeof(data));
		assert_int_equal(t.f[i].given, 300);
	}
	finish(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_all_windows_together_are_within_the_budget),
		cmocka_unit_test(test_a_few_connections_have_large_windows),
		cmocka_unit_test(test_windows_are_given_back),
		cmocka_unit_test(
			test_one_too_many_is_refused_and_the_others_live),
		cmocka_unit_test(test_thousands_at_once_carry_their_own_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
