/* SPDX-License-Identifier: MIT */
#include "vsock/vsock.h"

#include <string.h>

#include "base/container.h"
#include "world.h"

#include "../check.h"

enum { MANY = 64 };

struct stage {
	struct world w;
	struct peer p[MANY];
	struct fake f[MANY];
	unsigned n;
};

/* `n` connections the guest opened, all of them idle. */
static void begin(struct stage *t, unsigned n, uint32_t alloc)
{
	unsigned i;

	world_init(&t->w);
	t->n = n;
	for (i = 0; i < n; i++) {
		peer_init(&t->p[i], &t->w, 80, 1000 + i);
		t->p[i].alloc = alloc;
		fake_init(&t->f[i]);
		t->w.next = &t->f[i];
		peer_say(&t->p[i], VSOCK_OP_REQUEST, 0);
	}
	world_run(&t->w);
	for (i = 0; i < n; i++)
		assert_string_equal(t->p[i].log, "r");
}

static void finish(struct stage *t)
{
	unsigned i;

	world_fini(&t->w);
	assert_false(t->w.wrong);
	for (i = 0; i < t->n; i++) {
		assert_int_equal(t->f[i].closes, 1);
		assert_false(t->p[i].wrong || t->f[i].wrong);
	}
}

static void test_one_read_fills_many_packets(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, 1, 1 << 20);
	fake_give(&t.f[0], 60000);
	assert_int_equal(world_step(&t.w, WORLD_BATCH), 15);
	assert_int_equal(t.f[0].reads, 3); /* one was before, one after */
	assert_int_equal(t.p[0].got, 60000);
	finish(&t);
}

static void test_no_more_is_read_than_the_guest_has_room_for(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, 1, 1 << 20);
	fake_give(&t.f[0], 60000);
	assert_int_equal(world_step(&t.w, 3), 3);
	assert_int_equal(t.f[0].given, 3 * WORLD_ROOM);
	world_run(&t.w);
	assert_int_equal(t.p[0].got, 60000);
	finish(&t);
}

static void test_without_credit_nothing_is_read_and_it_is_asked_once(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, 1, 5000);
	t.p[0].stalled = true;
	fake_give(&t.f[0], 20000);
	world_run(&t.w);
	assert_int_equal(t.f[0].given, 5000);
	assert_string_equal(t.p[0].log, "rda");
	fake_says(&t.f[0], STREAM_READ);
	peer_say(&t.p[0], VSOCK_OP_CREDIT_UPDATE, 0); /* still none */
	world_run(&t.w);
	assert_string_equal(t.p[0].log, "rda");
	t.p[0].taken = 5000;
	peer_say(&t.p[0], VSOCK_OP_CREDIT_UPDATE, 0);
	world_run(&t.w);
	assert_string_equal(t.p[0].log, "rdada");
	assert_int_equal(t.p[0].got, 10000);
	t.p[0].taken = 10000;
	t.p[0].alloc = 100000; /* a window may grow */
	peer_say(&t.p[0], VSOCK_OP_CREDIT_UPDATE, 0);
	world_run(&t.w);
	assert_string_equal(t.p[0].log, "rdadad");
	assert_int_equal(t.p[0].got, 20000);
	finish(&t);
}

static void test_no_credit_is_asked_for_a_stream_with_nothing(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, 1, 5000);
	t.p[0].alloc = 0;
	peer_say(&t.p[0], VSOCK_OP_CREDIT_UPDATE, 0);
	world_run(&t.w);
	assert_string_equal(t.p[0].log, "r");
	fake_give(&t.f[0], 1);
	world_run(&t.w);
	assert_string_equal(t.p[0].log, "ra");
	finish(&t);
}

static void test_answers_go_before_bytes(void **s)
{
	struct vsock_packet out[3] = { { .n = 0 } };
	uint8_t room[3][100];
	struct span v[3];
	struct stage t;
	unsigned i;

	(void)s;
	begin(&t, 2, 1 << 20);
	for (i = 0; i < 3; i++) {
		v[i] = (struct span){ room[i], sizeof(room[i]) };
		out[i].v = &v[i];
		out[i].n = 1;
	}
	fake_give(&t.f[0], 1000);
	peer_say(&t.p[1], VSOCK_OP_CREDIT_REQUEST, 0);
	t.w.next = NULL;
	t.p[1].guest_port = 5;
	peer_say(&t.p[1], VSOCK_OP_REQUEST, 0);
	assert_int_equal(vsock_fill(t.w.v, out, 3), 3);
	assert_int_equal(out[0].hdr.op, VSOCK_OP_RST);
	assert_int_equal(out[1].hdr.op, VSOCK_OP_CREDIT_UPDATE);
	assert_int_equal(out[2].hdr.op, VSOCK_OP_RW);
	assert_int_equal(out[2].hdr.len, 100);
	t.p[0].got = 100; /* the guest was not there */
	t.p[0].taken = 100;
	finish(&t);
}

static void test_a_stream_end_comes_behind_its_last_byte(void **s)
{
	struct vsock_packet out = { .n = 1 };
	uint8_t room[100];
	struct span v = { room, sizeof(room) };
	struct stage t;

	(void)s;
	begin(&t, 1, 1 << 20);
	out.v = &v;
	t.f[0].give = 100;
	fake_eof(&t.f[0]);
	assert_int_equal(vsock_fill(t.w.v, &out, 1), 1);
	assert_int_equal(out.hdr.op, VSOCK_OP_RW);
	assert_int_equal(vsock_fill(t.w.v, &out, 1), 1);
	assert_int_equal(out.hdr.op, VSOCK_OP_SHUTDOWN);
	assert_int_equal(out.hdr.flags, VSOCK_SHUTDOWN_SEND);
	assert_int_equal(vsock_fill(t.w.v, &out, 1), 0);
	finish(&t);
}

/* 63 with endless data, and one that has something to say now and then. */
static void test_bulk_does_not_keep_a_ping_waiting(void **s)
{
	struct stage t;
	unsigned i, steps;

	(void)s;
	begin(&t, MANY, 1 << 20);
	for (i = 0; i < MANY - 1; i++)
		fake_give(&t.f[i], 10 << 20);
	for (i = 0; i < 50; i++)
		(void)world_step(&t.w, WORLD_BATCH);
	for (i = 0; i < 5; i++) {
		size_t got = t.p[MANY - 1].got, before = 0, after = 0;
		unsigned k;

		for (k = 0; k < MANY - 1; k++) {
			before += t.p[k].got;
			peer_say(&t.p[k], VSOCK_OP_CREDIT_UPDATE, 0);
		}
		fake_give(&t.f[MANY - 1], 64);
		for (steps = 0; t.p[MANY - 1].got == got; steps++) {
			assert_true(steps < MANY);
			(void)world_step(&t.w, WORLD_BATCH);
		}
		for (k = 0; k < MANY - 1; k++)
			after += t.p[k].got;
		/* Each of the others had its turn, and what else fitted. */
		assert_true(after - before <= (size_t)MANY * VSOCK_TURN);
	}
	finish(&t);
}

static void test_turns_are_the_same_for_all(void **s)
{
	struct stage t;
	unsigned i, k;

	(void)s;
	begin(&t, MANY, 1 << 20);
	for (i = 0; i < MANY; i++)
		fake_give(&t.f[i], 10 << 20);
	for (i = 0; i < 10 * MANY; i++) {
		(void)world_step(&t.w, WORLD_BATCH);
		for (k = 0; k < MANY; k++)
			peer_say(&t.p[k], VSOCK_OP_CREDIT_UPDATE, 0);
	}
	for (k = 1; k < MANY; k++)
		assert_int_equal(t.p[k].got, t.p[0].got);
	assert_int_equal(t.p[0].got, 10 * VSOCK_TURN);
	finish(&t);
}

/* Chains of a header and nothing: hostile, or of no use. */
static void test_room_for_a_header_alone_does_not_stop_us(void **s)
{
	struct vsock_packet out[4] = { { .n = 0 } };
	uint8_t room[10];
	struct span v = { room, sizeof(room) }, none = { room, 0 };
	struct stage t;

	(void)s;
	begin(&t, 1, 1 << 20);
	fake_give(&t.f[0], 25);
	out[0] = (struct vsock_packet){ .v = NULL, .n = 0 };
	out[1] = (struct vsock_packet){ .v = &v, .n = 1 };
	out[2] = (struct vsock_packet){ .v = &none, .n = 1 };
	out[3] = (struct vsock_packet){ .v = &v, .n = 1 };
	assert_int_equal(vsock_fill(t.w.v, out, 4), 4);
	assert_int_equal(out[0].hdr.op, VSOCK_OP_CREDIT_UPDATE);
	assert_int_equal(out[1].hdr.op, VSOCK_OP_RW);
	assert_int_equal(out[1].hdr.len, 10);
	assert_int_equal(out[2].hdr.op, VSOCK_OP_CREDIT_UPDATE);
	assert_int_equal(out[3].hdr.op, VSOCK_OP_RW);
	assert_int_equal(t.f[0].given, 20);
	t.f[0].give = 0;
	finish(&t);
}

/* More packets, and in more pieces, than one turn takes. */
static void test_tiny_buffers_are_filled_in_order(void **s)
{
	enum { PACKETS = 300 };
	static struct vsock_packet out[PACKETS];
	static uint8_t room[PACKETS][3];
	static struct span v[PACKETS][3];
	size_t at = 0;
	struct stage t;
	unsigned i, k;

	(void)s;
	begin(&t, 1, 1 << 20);
	for (i = 0; i < PACKETS; i++) {
		for (k = 0; k < 3; k++)
			v[i][k] = (struct span){ &room[i][k], 1 };
		out[i] = (struct vsock_packet){ .v = v[i], .n = 3 };
	}
	fake_give(&t.f[0], 700);
	k = vsock_fill(t.w.v, out, PACKETS);
	for (i = 0; i < k; i++) {
		unsigned b;

		assert_int_equal(out[i].hdr.op, VSOCK_OP_RW);
		for (b = 0; b < out[i].hdr.len; b++)
			assert_int_equal(room[i][b], world_byte(true, at++));
	}
	assert_int_equal(at, 700);
	finish(&t);
}

static void test_the_window_told_is_the_one_kept(void **s)
{
	struct stage t;

	(void)s;
	begin(&t, 1, 1000);
	assert_int_equal(t.p[0].host_alloc, VSOCK_WINDOW);
	assert_int_equal(t.p[0].host_taken, 0);
	t.f[0].room = 100;
	peer_send(&t.p[0], 100);
	fake_give(&t.f[0], 1); /* bytes tell it, too */
	world_run(&t.w);
	assert_int_equal(t.p[0].host_taken, 100);
	finish(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_read_fills_many_packets),
		cmocka_unit_test(
			test_no_more_is_read_than_the_guest_has_room_for),
		cmocka_unit_test(
			test_without_credit_nothing_is_read_and_it_is_asked_once),
		cmocka_unit_test(
			test_no_credit_is_asked_for_a_stream_with_nothing),
		cmocka_unit_test(test_answers_go_before_bytes),
		cmocka_unit_test(test_a_stream_end_comes_behind_its_last_byte),
		cmocka_unit_test(test_bulk_does_not_keep_a_ping_waiting),
		cmocka_unit_test(test_turns_are_the_same_for_all),
		cmocka_unit_test(test_room_for_a_header_alone_does_not_stop_us),
		cmocka_unit_test(test_tiny_buffers_are_filled_in_order),
		cmocka_unit_test(test_the_window_told_is_the_one_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
