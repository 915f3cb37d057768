/* SPDX-License-Identifier: MIT */
#include "vsock/vsock.h"

#include <string.h>

#include "world.h"

#include "../check.h"

struct stage {
	struct world w;
	struct peer p;
	struct fake f;
};

static void begin(struct stage *t)
{
	world_init(&t->w);
	peer_init(&t->p, &t->w, 80, 7);
	fake_init(&t->f);
	t->w.next = &t->f;
	peer_say(&t->p, VSOCK_OP_REQUEST, 0);
	world_run(&t->w);
}

static void finish(struct stage *t)
{
	world_fini(&t->w);
	assert_int_equal(t->f.closes, 1);
	assert_false(t->w.wrong || t->p.wrong || t->f.wrong);
}

static struct vsock_stats stats(const struct stage *t)
{
	struct vsock_stats st;

	vsock_stats(t->w.v, &st);
	return st;
}

static const struct vsock_hdr request = {
	.src_cid = WORLD_CID,
	.dst_cid = VSOCK_CID_HOST,
	.src_port = 1000,
	.dst_port = 80,
	.type = VSOCK_TYPE_STREAM,
	.op = VSOCK_OP_REQUEST,
};

/* What the guest hears of a packet; its op is -1 if that is nothing. */
static struct vsock_hdr answer(struct world *w, const struct vsock_hdr *h)
{
	struct vsock_packet out = { .n = 0 };

	vsock_recv(w->v, h, NULL, 0);
	if (!vsock_fill(w->v, &out, 1))
		out.hdr.op = UINT16_MAX;
	return out.hdr;
}

static void test_a_packet_in_another_name_is_dropped(void **s)
{
	struct vsock_hdr h = request;
	struct stage t;

	(void)s;
	begin(&t);
	h.src_cid = 4;
	assert_int_equal(answer(&t.w, &h).op, UINT16_MAX);
	h.src_cid = WORLD_CID | UINT64_C(1) << 32;
	assert_int_equal(answer(&t.w, &h).op, UINT16_MAX);
	assert_int_equal(stats(&t).bad, 2);
	assert_int_equal(t.w.accepts, 1);
	finish(&t);
}

static void test_what_we_do_not_have_is_refused_in_its_own_words(void **s)
{
	struct vsock_hdr h = request, a;
	struct stage t;

	(void)s;
	begin(&t);
	h.type = 2; /* seqpacket */
	a = answer(&t.w, &h);
	assert_int_equal(a.op, VSOCK_OP_RST);
	assert_int_equal(a.type, 2);
	h = request;
	h.dst_cid = 77;
	a = answer(&t.w, &h);
	assert_int_equal(a.op, VSOCK_OP_RST);
	assert_int_equal(a.src_cid, 77);
	assert_int_equal(a.dst_cid, WORLD_CID);
	h.op = VSOCK_OP_RST;
	assert_int_equal(answer(&t.w, &h).op, UINT16_MAX);
	assert_int_equal(stats(&t).bad, 3);
	assert_int_equal(stats(&t).open, 1);
	assert_int_equal(t.w.accepts, 1);
	finish(&t);
}

static void test_no_op_a_stranger_says_does_more_than_cause_a_reset(void **s)
{
	static const uint16_t ops[] = {
		0, 2, 4, 5, 6, 7, 8, 255, 0x7fff, 0xffff
	};
	struct vsock_hdr h = request, a;
	struct stage t;
	size_t i;

	(void)s;
	begin(&t);
	for (i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		h.op = ops[i];
		a = answer(&t.w, &h);
		assert_int_equal(a.op, VSOCK_OP_RST);
		assert_int_equal(a.dst_port, 1000);
	}
	h.op = VSOCK_OP_RST;
	assert_int_equal(answer(&t.w, &h).op, UINT16_MAX);
	assert_int_equal(stats(&t).open, 1);
	finish(&t);
}

static void test_an_unknown_op_ends_the_connection(void **s)
{
	static const unsigned ops[] = { 0, VSOCK_OPS, 255, UINT16_MAX };
	struct stage t;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
		begin(&t);
		peer_say(&t.p, ops[i], 0);
		world_run(&t.w);
		assert_string_equal(t.p.log, "rx");
		assert_string_equal(t.f.log, "R");
		assert_int_equal(stats(&t).bad, 1);
		finish(&t);
	}
}

static void test_one_byte_over_credit_is_a_reset(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	peer_send(&t.p, VSOCK_WINDOW);
	world_run(&t.w);
	assert_string_equal(t.p.log, "r");
	assert_int_equal(stats(&t).buffered, VSOCK_WINDOW);
	peer_send(&t.p, 1);
	world_run(&t.w);
	assert_string_equal(t.p.log, "rx");
	assert_string_equal(t.f.log, "R");
	assert_int_equal(stats(&t).bad, 1);
	assert_int_equal(stats(&t).buffered, 0);
	finish(&t);
}

static void test_a_length_that_lies_is_a_reset(void **s)
{
	static const uint32_t lies[] = { 0, 9, 11, UINT32_MAX };
	uint8_t data[10] = { 0 };
	struct span v = { data, sizeof(data) };
	struct stage t;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		struct vsock_hdr h = request;

		begin(&t);
		h.src_port = 7;
		h.op = VSOCK_OP_RW;
		h.len = lies[i];
		vsock_recv(t.w.v, &h, &v, 1);
		world_run(&t.w);
		assert_string_equal(t.p.log, "rx");
		assert_int_equal(t.f.writes, 0);
		assert_int_equal(stats(&t).bad, 1);
		finish(&t);
	}
}

static void test_an_empty_packet_is_harmless(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	peer_send(&t.p, 0);
	world_run(&t.w);
	assert_string_equal(t.p.log, "r");
	assert_int_equal(t.f.writes, 0);
	finish(&t);
}

static void test_who_takes_no_answers_is_not_listened_to(void **s)
{
	struct vsock_hdr h = request;
	struct stage t;
	unsigned i;

	(void)s;
	begin(&t);
	for (i = 0; i < VSOCK_ANSWERS; i++) {
		assert_true(vsock_can_recv(t.w.v));
		h.src_port = 1000 + i;
		vsock_recv(t.w.v, &h, NULL, 0);
	}
	assert_false(vsock_can_recv(t.w.v));
	vsock_recv(t.w.v, &h, NULL, 0); /* all the same: no harm */
	assert_int_equal(world_step(&t.w, 1), 1);
	assert_true(vsock_can_recv(t.w.v));
	world_run(&t.w);
	assert_int_equal(t.w.strangers, VSOCK_ANSWERS);
	assert_int_equal(stats(&t).refused[0], VSOCK_ANSWERS + 1);
	finish(&t);
}

static void test_without_a_driver_nothing_comes_in_or_goes_out(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	vsock_online(t.w.v, false);
	assert_string_equal(t.f.log, "G");
	peer_say(&t.p, VSOCK_OP_REQUEST, 0);
	world_run(&t.w);
	assert_string_equal(t.p.log, "r");
	assert_int_equal(t.w.accepts, 1);
	vsock_online(t.w.v, true);
	vsock_online(t.w.v, true);
	world_run(&t.w);
	assert_string_equal(t.p.log, "r");
	finish(&t);
}

/* Packets cross: ours is a reset that the guest has not got. */
static void test_what_comes_before_our_reset_is_heard_is_ignored(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	t.f.broken = true;
	peer_send(&t.p, 100);
	peer_send(&t.p, 100);
	peer_say(&t.p, VSOCK_OP_SHUTDOWN, 3);
	peer_say(&t.p, VSOCK_OP_CREDIT_REQUEST, 0);
	world_run(&t.w);
	assert_string_equal(t.p.log, "rx");
	assert_int_equal(stats(&t).bad, 0);
	assert_int_equal(stats(&t).open, 0);
	finish(&t);
}

static void test_a_guest_that_reset_first_is_not_reset_again(void **s)
{
	struct fake second;
	struct stage t;

	(void)s;
	begin(&t);
	t.f.broken = true;
	peer_send(&t.p, 100);
	peer_say(&t.p, VSOCK_OP_RST, 0);
	fake_init(&second);
	t.w.next = &second;
	peer_say(&t.p, VSOCK_OP_REQUEST, 0);
	world_run(&t.w);
	assert_string_equal(t.p.log, "rr");
	assert_int_equal(second.closes, 0);
	finish(&t);
	assert_string_equal(second.log, "G");
}

static void test_payload_of_other_packets_is_not_looked_at(void **s)
{
	struct vsock_hdr h = request;
	uint8_t data[10] = { 0 };
	struct span v = { data, sizeof(data) };
	struct stage t;

	(void)s;
	begin(&t);
	h.src_port = 7;
	h.op = VSOCK_OP_CREDIT_REQUEST;
	h.len = 10;
	vsock_recv(t.w.v, &h, &v, 1);
	world_run(&t.w);
	assert_string_equal(t.p.log, "ru");
	assert_int_equal(t.f.writes, 0);
	finish(&t);
}

static void test_everything_is_counted(void **s)
{
	struct vsock_stats st;
	struct stage t;

	(void)s;
	begin(&t);
	t.f.room = 50;
	peer_send(&t.p, 80);
	fake_give(&t.f, 10);
	world_run(&t.w);
	t.p.guest_port = 8; /* nobody accepts */
	peer_say(&t.p, VSOCK_OP_REQUEST, 0);
	world_run(&t.w);
	st = stats(&t);
	assert_int_equal(st.opened[0], 1);
	assert_int_equal(st.opened[1], 0);
	assert_int_equal(st.refused[0], 1);
	assert_int_equal(st.bytes[0], 80);
	assert_int_equal(st.bytes[1], 10);
	assert_int_equal(st.packets[0], 3);
	assert_int_equal(st.packets[1], 3);
	assert_int_equal(st.open, 1);
	assert_int_equal(st.buffered, 30);
	finish(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_packet_in_another_name_is_dropped),
		cmocka_unit_test(
			test_what_we_do_not_have_is_refused_in_its_own_words),
		cmocka_unit_test(
			test_no_op_a_stranger_says_does_more_than_cause_a_reset),
		cmocka_unit_test(test_an_unknown_op_ends_the_connection),
		cmocka_unit_test(test_one_byte_over_credit_is_a_reset),
		cmocka_unit_test(test_a_length_that_lies_is_a_reset),
		cmocka_unit_test(test_an_empty_packet_is_harmless),
		cmocka_unit_test(test_who_takes_no_answers_is_not_listened_to),
		cmocka_unit_test(
			test_without_a_driver_nothing_comes_in_or_goes_out),
		cmocka_unit_test(
			test_what_comes_before_our_reset_is_heard_is_ignored),
		cmocka_unit_test(
			test_a_guest_that_reset_first_is_not_reset_again),
		cmocka_unit_test(
			test_payload_of_other_packets_is_not_looked_at),
		cmocka_unit_test(test_everything_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
