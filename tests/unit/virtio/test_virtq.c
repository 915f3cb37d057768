/* SPDX-License-Identifier: MIT */
#include "virtio/virtq.h"

#include <stdlib.h>
#include <string.h>

#include "../check.h"
#include "base/bytes.h"
#include "base/container.h"
#include "plain.h"

enum { Q = 1, SIZE = 8 };

#define BASE (VIRTIO_F_VERSION_1)

static void begin(struct plain *p, uint64_t features, uint16_t size)
{
	assert_true(plain_init(p));
	assert_true(driver_start(&p->drv, BASE | features, size));
}

static enum virtq_got pop(struct plain *p, struct chain *c)
{
	static struct span pool[VIRTQ_MAX];
	unsigned used;

	return virtq_pop(plain_queue(p, Q), c, pool, VIRTQ_MAX, &used);
}

/* Three readable and two writable buffers, 10, 20, ... bytes long. */
static int offer_five(struct plain *p, uint64_t gpa)
{
	struct driver_buf v[5];
	unsigned i;

	for (i = 0; i < LEN(v); i++)
		v[i] = (struct driver_buf){ gpa + i * 0x100, 10 * (i + 1),
					    i >= 3 };
	return driver_offer(&p->drv, Q, v, LEN(v));
}

static void check_five(const struct plain *p, const struct chain *c, int head,
		       uint64_t gpa)
{
	unsigned i;

	assert_int_equal(c->head, head);
	assert_int_equal(c->outs, 3);
	assert_int_equal(c->ins, 2);
	assert_int_equal(c->out_len, 60);
	assert_int_equal(c->in_len, 90);
	for (i = 0; i < 5; i++) {
		const struct span *s = i < 3 ? &c->out[i] : &c->in[i - 3];

		assert_ptr_equal(s->p, driver_at(&p->drv, gpa + i * 0x100, 1));
		assert_int_equal(s->len, 10 * (i + 1));
	}
}

static void round_trips(uint64_t features)
{
	struct plain p;
	struct chain c;
	uint64_t gpa;
	uint16_t head;
	uint32_t len;
	int want, i;

	begin(&p, features, SIZE);
	gpa = driver_alloc(&p.drv, 0x1000, 16);
	assert_int_equal(pop(&p, &c), VIRTQ_EMPTY);
	for (i = 0; i < 70000; i++) { /* the indices wrap on the way */
		want = offer_five(&p, gpa);
		assert_true(want >= 0);
		if (i < 100)
			assert_int_equal(pop(&p, &c), VIRTQ_EMPTY);
		driver_publish(&p.drv, Q);
		assert_int_equal(pop(&p, &c), VIRTQ_CHAIN);
		check_five(&p, &c, want, gpa);
		virtq_push(plain_queue(&p, Q), &c, (uint32_t)i);
		assert_true(driver_used(&p.drv, Q, &head, &len));
		assert_int_equal(head, want);
		assert_int_equal(len, i);
	}
	assert_false(driver_used(&p.drv, Q, &head, &len));
	plain_fini(&p);
}

static void test_a_chain_comes_as_its_spans_and_goes_back(void **s)
{
	(void)s;
	round_trips(0);
}

static void test_an_indirect_chain_does_the_same(void **s)
{
	(void)s;
	round_trips(VIRTIO_F_INDIRECT_DESC);
}

static void test_a_queue_may_have_one_descriptor_or_all(void **s)
{
	static const uint16_t sizes[] = { 1, 2, VIRTQ_MAX };
	struct plain p;
	struct chain c;
	struct driver_buf v;
	unsigned i, k;

	(void)s;
	for (i = 0; i < LEN(sizes); i++) {
		begin(&p, 0, sizes[i]);
		v = (struct driver_buf){ DRIVER_RAM, 1, false };
		for (k = 0; k < sizes[i]; k++)
			assert_true(driver_offer(&p.drv, Q, &v, 1) >= 0);
		assert_int_equal(driver_offer(&p.drv, Q, &v, 1), -1);
		driver_publish(&p.drv, Q);
		for (k = 0; k < sizes[i]; k++)
			assert_int_equal(pop(&p, &c), VIRTQ_CHAIN);
		assert_int_equal(pop(&p, &c), VIRTQ_EMPTY);
		plain_fini(&p);
	}
}

/* Descriptor 0 is the head; what it says is up to the row. */
struct shape {
	const char *why;
	struct {
		uint64_t gpa;
		uint32_t len;
		uint16_t flags, next;
	} d[4];
	unsigned head;
};

#define END (DRIVER_RAM + PLAIN_RAM)

static const struct shape bad_shapes[] = {
	{ "is its own next", { { DRIVER_RAM, 1, V_NEXT, 0 } }, 0 },
	{ "two in a ring",
	  { { DRIVER_RAM, 1, V_NEXT, 1 }, { DRIVER_RAM, 1, V_NEXT, 0 } },
	  0 },
	{ "empty ones in a ring", { { DRIVER_RAM, 0, V_NEXT, 0 } }, 0 },
	{ "next is outside", { { DRIVER_RAM, 1, V_NEXT, SIZE } }, 0 },
	{ "next is far outside", { { DRIVER_RAM, 1, V_NEXT, 65535 } }, 0 },
	{ "head is outside", { { DRIVER_RAM, 1, 0, 0 } }, SIZE },
	{ "head is far outside", { { DRIVER_RAM, 1, 0, 0 } }, 65535 },
	{ "before RAM", { { DRIVER_RAM - 1, 1, 0, 0 } }, 0 },
	{ "at 0", { { 0, 1, 0, 0 } }, 0 },
	{ "behind RAM", { { END, 1, 0, 0 } }, 0 },
	{ "over the end", { { END - 1, 2, 0, 0 } }, 0 },
	{ "very long", { { DRIVER_RAM, UINT32_MAX, 0, 0 } }, 0 },
	{ "wraps", { { UINT64_MAX, 2, 0, 0 } }, 0 },
	{ "wraps into RAM",
	  { { UINT64_MAX - 0xff, UINT32_MAX, V_WRITE, 0 } },
	  0 },
	{ "readable behind writable",
	  { { DRIVER_RAM, 1, V_WRITE | V_NEXT, 1 }, { DRIVER_RAM, 1, 0, 0 } },
	  0 },
	{ "an empty readable behind a writable",
	  { { DRIVER_RAM, 1, V_WRITE | V_NEXT, 1 }, { DRIVER_RAM, 0, 0, 0 } },
	  0 },
	{ "indirect with a next",
	  { { DRIVER_RAM, 16, V_INDIRECT | V_NEXT, 1 } },
	  0 },
	{ "indirect of no length", { { DRIVER_RAM, 0, V_INDIRECT, 0 } }, 0 },
	{ "indirect of 15", { { DRIVER_RAM, 15, V_INDIRECT, 0 } }, 0 },
	{ "indirect of 17", { { DRIVER_RAM, 17, V_INDIRECT, 0 } }, 0 },
	{ "indirect over the end", { { END - 16, 32, V_INDIRECT, 0 } }, 0 },
	{ "indirect of 4 GiB",
	  { { DRIVER_RAM, UINT32_MAX - 15, V_INDIRECT, 0 } },
	  0 },
	{ "indirect that wraps",
	  { { UINT64_MAX - 15, 32, V_INDIRECT, 0 } },
	  0 },
};

static void expect(bool ok, const char *what)
{
	if (!ok)
		print_error("not so: %s\n", what);
	assert_true(ok);
}

static void put_shape(struct plain *p, const struct shape *b)
{
	unsigned i;

	for (i = 0; i < LEN(b->d); i++)
		driver_desc(&p->drv, Q, (uint16_t)i, b->d[i].gpa, b->d[i].len,
			    b->d[i].flags, b->d[i].next);
	driver_avail(&p->drv, Q, (uint16_t)b->head);
	driver_publish(&p->drv, Q);
}

static void test_a_chain_of_bad_shape_breaks_the_queue(void **s)
{
	struct plain p;
	struct chain c;
	unsigned i;

	(void)s;
	for (i = 0; i < LEN(bad_shapes); i++) {
		struct virtq *q;

		begin(&p, VIRTIO_F_INDIRECT_DESC, SIZE);
		q = plain_queue(&p, Q);
		put_shape(&p, &bad_shapes[i]);
		expect(pop(&p, &c) == VIRTQ_BROKEN, bad_shapes[i].why);
		assert_true(q->broken);
		assert_non_null(q->why);
		/* And stays so, whatever comes. */
		driver_desc(&p.drv, Q, 0, DRIVER_RAM, 1, 0, 0);
		assert_int_equal(pop(&p, &c), VIRTQ_BROKEN);
		assert_false(virtq_arm(q));
		assert_false(virtq_wants_interrupt(q));
		plain_fini(&p);
	}
}

/* The head leads to a table of `n` descriptors at `table`. */
static void put_table(struct plain *p, uint64_t table, unsigned n)
{
	driver_desc(&p->drv, Q, 0, table, n * 16, V_INDIRECT, 0);
	driver_avail(&p->drv, Q, 0);
	driver_publish(&p->drv, Q);
}

static enum virtq_got pop_table(const struct shape *b, unsigned n)
{
	enum virtq_got got;
	struct plain p;
	struct chain c;
	uint64_t table;
	unsigned i;

	begin(&p, VIRTIO_F_INDIRECT_DESC, SIZE);
	table = driver_alloc(&p.drv, 0x1000, 16);
	for (i = 0; i < LEN(b->d); i++)
		driver_table(&p.drv, table, (uint16_t)i, b->d[i].gpa,
			     b->d[i].len, b->d[i].flags, b->d[i].next);
	put_table(&p, table, n);
	got = pop(&p, &c);
	plain_fini(&p);
	return got;
}

static void test_an_indirect_table_of_bad_shape_breaks_the_queue(void **s)
{
	static const struct shape bad[] = {
		{ "a table in the table",
		  { { DRIVER_RAM, 16, V_INDIRECT, 0 } },
		  1 },
		{ "a table at its end",
		  { { DRIVER_RAM, 1, V_NEXT, 1 },
		    { DRIVER_RAM, 16, V_INDIRECT, 0 } },
		  2 },
		{ "next is outside", { { DRIVER_RAM, 1, V_NEXT, 1 } }, 1 },
		{ "a ring", { { DRIVER_RAM, 1, V_NEXT, 0 } }, 1 },
		{ "not in RAM", { { 0, 1, 0, 0 } }, 1 },
	};
	static const struct shape good = { "two and an unused one",
					   { { DRIVER_RAM, 1, V_NEXT, 2 },
					     { 0, 1, 0, 0 },
					     { DRIVER_RAM, 1, V_WRITE, 0 } },
					   3 };
	unsigned i;

	(void)s;
	assert_int_equal(pop_table(&good, good.head), VIRTQ_CHAIN);
	for (i = 0; i < LEN(bad); i++)
		expect(pop_table(&bad[i], bad[i].head) == VIRTQ_BROKEN,
		       bad[i].why);
}

static void test_a_table_may_be_large_but_a_chain_not(void **s)
{
	struct plain p;
	struct chain c;
	uint64_t table;
	unsigned i, n;

	(void)s;
	for (n = SIZE; n <= SIZE + 1; n++) {
		begin(&p, VIRTIO_F_INDIRECT_DESC, SIZE);
		table = driver_alloc(&p.drv, 16 * 1000, 16);
		for (i = 0; i < n; i++)
			driver_table(&p.drv, table, (uint16_t)i, DRIVER_RAM, 1,
				     i + 1 < n ? V_NEXT : 0, (uint16_t)(i + 1));
		put_table(&p, table, 1000);
		assert_int_equal(pop(&p, &c),
				 n == SIZE ? VIRTQ_CHAIN : VIRTQ_BROKEN);
		plain_fini(&p);
	}
}

static void test_a_table_may_come_behind_other_buffers(void **s)
{
	struct plain p;
	struct chain c;
	uint64_t table;

	(void)s;
	begin(&p, VIRTIO_F_INDIRECT_DESC, SIZE);
	/* 2.7.5.3.1 asks for no alignment, and has its WRITE flag ignored. */
	table = driver_alloc(&p.drv, 64, 16) + 3;
	driver_table(&p.drv, table, 0, DRIVER_RAM, 7, V_WRITE, 0);
	driver_desc(&p.drv, Q, 2, DRIVER_RAM, 5, V_NEXT, 5);
	driver_desc(&p.drv, Q, 5, table, 16, V_INDIRECT | V_WRITE, 0);
	driver_avail(&p.drv, Q, 2);
	driver_publish(&p.drv, Q);
	assert_int_equal(pop(&p, &c), VIRTQ_CHAIN);
	assert_int_equal(c.head, 2);
	assert_int_equal(c.out_len, 5);
	assert_int_equal(c.in_len, 7);
	plain_fini(&p);
}

static void test_empty_buffers_are_skipped(void **s)
{
	static const struct driver_buf v[] = {
		{ 0, 0, false },         { DRIVER_RAM, 3, false },
		{ UINT64_MAX, 0, true }, { DRIVER_RAM, 4, true },
		{ 0, 0, true },
	};
	struct plain p;
	struct chain c;

	(void)s;
	begin(&p, 0, SIZE);
	assert_true(driver_offer(&p.drv, Q, v, LEN(v)) >= 0);
	driver_publish(&p.drv, Q);
	assert_int_equal(pop(&p, &c), VIRTQ_CHAIN);
	assert_int_equal(c.outs, 1);
	assert_int_equal(c.ins, 1);
	assert_int_equal(c.out_len, 3);
	assert_int_equal(c.in_len, 4);
	plain_fini(&p);
}

/* RAM may be larger than 4 GiB in all: a used length has 32 bits. */
static void test_a_chain_is_shorter_than_4_gib(void **s)
{
	enum { HUGE_LEN = 0x1000 };
	struct gmem mem = { 0 };
	struct plain p;
	struct chain c;
	uint16_t i;

	(void)s;
	begin(&p, 0, SIZE);
	mem = p.drv.mem;
	/* Addresses only: nobody looks at what is there. */
	assert_int_equal(gmem_add(&mem, UINT64_C(1) << 40, p.drv.ram,
				  UINT64_C(8) << 30, NULL),
			 0);
	plain_queue(&p, Q)->mem = &mem;
	for (i = 0; i < 2; i++)
		driver_desc(&p.drv, Q, i, UINT64_C(1) << 40,
			    i ? UINT32_MAX - HUGE_LEN : HUGE_LEN,
			    i ? 0 : V_NEXT, 1);
	driver_avail(&p.drv, Q, 0);
	driver_avail(&p.drv, Q, 0);
	driver_index(&p.drv, Q, 1);
	assert_int_equal(pop(&p, &c), VIRTQ_CHAIN);
	assert_int_equal(c.out_len, UINT32_MAX);
	driver_desc(&p.drv, Q, 0, DRIVER_RAM, HUGE_LEN + 1, V_NEXT, 1);
	driver_index(&p.drv, Q, 2);
	assert_int_equal(pop(&p, &c), VIRTQ_BROKEN);
	plain_fini(&p);
}

static void test_an_index_that_jumps_breaks_the_queue(void **s)
{
	static const uint16_t jumps[] = { SIZE + 1, 0x7fff, 0x8000, 0xffff };
	struct plain p;
	struct chain c;
	unsigned i;

	(void)s;
	for (i = 0; i < LEN(jumps); i++) {
		begin(&p, 0, SIZE);
		driver_desc(&p.drv, Q, 0, DRIVER_RAM, 1, 0, 0);
		driver_index(&p.drv, Q, jumps[i]);
		assert_int_equal(pop(&p, &c), VIRTQ_BROKEN);
		plain_fini(&p);
	}
}

static void test_more_chains_than_descriptors_break_the_queue(void **s)
{
	struct plain p;
	struct chain c;
	unsigned i;

	(void)s;
	begin(&p, 0, SIZE);
	driver_desc(&p.drv, Q, 0, DRIVER_RAM, 1, 0, 0);
	driver_index(&p.drv, Q, SIZE); /* each of them is descriptor 0 */
	for (i = 0; i < SIZE; i++)
		assert_int_equal(pop(&p, &c), VIRTQ_CHAIN);
	driver_index(&p.drv, Q, SIZE + 1); /* though none came back */
	assert_int_equal(pop(&p, &c), VIRTQ_BROKEN);
	plain_fini(&p);
}

static void test_without_room_nothing_is_popped(void **s)
{
	struct span pool[4];
	struct plain p;
	struct chain c;
	unsigned used, room;
	uint64_t gpa;
	int head;

	(void)s;
	begin(&p, 0, SIZE);
	gpa = driver_alloc(&p.drv, 0x1000, 16);
	head = offer_five(&p, gpa);
	driver_publish(&p.drv, Q);
	for (room = 0; room <= LEN(pool); room++) {
		assert_int_equal(
			virtq_pop(plain_queue(&p, Q), &c, pool, room, &used),
			VIRTQ_NO_ROOM);
		assert_int_equal(used, 0);
	}
	assert_int_equal(pop(&p, &c), VIRTQ_CHAIN);
	check_five(&p, &c, head, gpa);
	plain_fini(&p);
}

static void test_what_is_not_needed_is_given_back(void **s)
{
	struct driver_buf v = { DRIVER_RAM, 1, true };
	struct plain p;
	struct chain c[3];
	unsigned i;
	int head[3];

	(void)s;
	begin(&p, 0, SIZE);
	for (i = 0; i < LEN(head); i++)
		head[i] = driver_offer(&p.drv, Q, &v, 1);
	driver_publish(&p.drv, Q);
	for (i = 0; i < LEN(head); i++)
		assert_int_equal(pop(&p, &c[i]), VIRTQ_CHAIN);
	virtq_push(plain_queue(&p, Q), &c[0], 1);
	virtq_unpop(plain_queue(&p, Q), 2);
	assert_int_equal(pop(&p, &c[0]), VIRTQ_CHAIN);
	assert_int_equal(c[0].head, head[1]);
	assert_int_equal(pop(&p, &c[0]), VIRTQ_CHAIN);
	assert_int_equal(c[0].head, head[2]);
	assert_int_equal(pop(&p, &c[0]), VIRTQ_EMPTY);
	plain_fini(&p);
}

static void offer_and_push(struct plain *p, unsigned n)
{
	struct driver_buf v = { DRIVER_RAM, 1, true };
	struct chain c;
	uint16_t head;
	uint32_t len;

	while (n--) {
		assert_true(driver_offer(&p->drv, Q, &v, 1) >= 0);
		driver_publish(&p->drv, Q);
		assert_int_equal(pop(p, &c), VIRTQ_CHAIN);
		virtq_push(plain_queue(p, Q), &c, 1);
		assert_true(driver_used(&p->drv, Q, &head, &len));
	}
}

static void test_a_flag_asks_for_interrupts_and_notifications(void **s)
{
	struct virtq *q;
	struct plain p;

	(void)s;
	begin(&p, 0, SIZE);
	q = plain_queue(&p, Q);
	assert_false(virtq_wants_interrupt(q)); /* nothing was pushed */
	offer_and_push(&p, 1);
	assert_true(virtq_wants_interrupt(q));
	assert_false(virtq_wants_interrupt(q)); /* for the same */
	assert_false(driver_irq(&p.drv, Q, false));
	offer_and_push(&p, 1);
	assert_false(virtq_wants_interrupt(q));
	assert_true(driver_kick(&p.drv, Q));
	virtq_disarm(q);
	assert_false(driver_kick(&p.drv, Q));
	assert_false(virtq_arm(q));
	assert_true(driver_kick(&p.drv, Q));
	assert_int_equal(p.notified[Q], 2);
	plain_fini(&p);
}

/* 2.7.7.2: "when the device writes the element used_event points to". */
static void test_an_event_index_asks_for_one_interrupt(void **s)
{
	struct virtq *q;
	struct plain p;
	unsigned i;

	(void)s;
	begin(&p, VIRTIO_F_EVENT_IDX, SIZE);
	q = plain_queue(&p, Q);
	for (i = 0; i < 70000; i++) {
		assert_false(driver_irq(&p.drv, Q, true));
		offer_and_push(&p, 1);
		assert_true(virtq_wants_interrupt(q));
		offer_and_push(&p, 3); /* used_event lies behind them */
		assert_false(virtq_wants_interrupt(q));
	}
	/* It is in the middle of a batch. */
	offer_and_push(&p, 1);
	assert_false(virtq_wants_interrupt(q));
	offer_and_push(&p, 2);
	assert_false(driver_irq(&p.drv, Q, true)); /* of the next one */
	offer_and_push(&p, 4);
	assert_true(virtq_wants_interrupt(q));
	plain_fini(&p);
}

/* 2.7.10: avail_event. */
static void test_an_event_index_asks_for_one_notification(void **s)
{
	struct driver_buf v = { DRIVER_RAM, 1, true };
	struct virtq *q;
	struct plain p;
	struct chain c;
	unsigned i;

	(void)s;
	begin(&p, VIRTIO_F_EVENT_IDX, SIZE);
	q = plain_queue(&p, Q);
	for (i = 0; i < 3; i++) {
		assert_false(virtq_arm(q));
		assert_true(driver_offer(&p.drv, Q, &v, 1) >= 0);
		assert_true(driver_kick(&p.drv, Q));
		assert_true(driver_offer(&p.drv, Q, &v, 1) >= 0);
		assert_false(driver_kick(&p.drv, Q));
		assert_true(virtq_arm(q)); /* there are some: look */
		virtq_disarm(q);
		assert_int_equal(pop(&p, &c), VIRTQ_CHAIN);
		assert_int_equal(pop(&p, &c), VIRTQ_CHAIN);
	}
	plain_fini(&p);
}

static void test_a_place_that_is_none_is_refused(void **s)
{
	static const uint16_t sizes[] = { 0, 3, 5, 255, 257, 512, 65535 };
	struct virtq_place good = { DRIVER_RAM, DRIVER_RAM + 0x800,
				    DRIVER_RAM + 0x1000, SIZE };
	const uint64_t last = END - 16;
	struct virtq_place bad[] = { good, good, good, good, good, good,
				     good, good, good, good, good };
	struct virtq q;
	struct plain p;
	unsigned i;

	(void)s;
	assert_true(plain_init(&p));
	assert_true(virtq_start(&q, &p.drv.mem, &good, true));
	for (i = 0; i < LEN(sizes); i++) {
		struct virtq_place at = good;

		at.size = sizes[i];
		assert_false(virtq_start(&q, &p.drv.mem, &at, true));
	}
	bad[0].desc += 8;
	bad[1].avail += 1;
	bad[2].used += 2;
	bad[3].desc = 0;
	bad[4].avail = 0;
	bad[5].used = 0;
	bad[6].desc = last;
	bad[7].avail = last;
	bad[8].used = last;
	bad[9].desc = UINT64_MAX - 15;
	bad[10].used = UINT64_MAX - 3;
	for (i = 0; i < LEN(bad); i++) {
		struct chain c;
		struct span pool[1];
		unsigned used;

		assert_false(virtq_start(&q, &p.drv.mem, &bad[i], true));
		/* Then it is a queue that does nothing. */
		assert_int_equal(virtq_pop(&q, &c, pool, 1, &used),
				 VIRTQ_EMPTY);
		assert_false(virtq_arm(&q));
		assert_false(virtq_wants_interrupt(&q));
		virtq_disarm(&q);
	}
	/* To the last byte it is one. */
	good.desc = END - (uint64_t)16 * SIZE;
	assert_true(virtq_start(&q, &p.drv.mem, &good, true));
	good.avail = END - (6 + 2 * SIZE);
	assert_true(virtq_start(&q, &p.drv.mem, &good, true));
	good.used = END - (8 + 8 * SIZE);
	assert_true(virtq_start(&q, &p.drv.mem, &good, true));
	plain_fini(&p);
}

static void test_a_loaded_queue_goes_on_where_it_was(void **s)
{
	struct driver_buf v = { DRIVER_RAM, 1, true };
	struct state out, in;
	struct plain p;
	struct chain c;
	struct virtq was;
	int head;

	(void)s;
	begin(&p, VIRTIO_F_EVENT_IDX, SIZE);
	offer_and_push(&p, 5);
	head = driver_offer(&p.drv, Q, &v, 1);
	driver_publish(&p.drv, Q);
	was = *plain_queue(&p, Q);
	state_init_save(&out);
	virtq_state(plain_queue(&p, Q), &out);
	assert_int_equal(state_fini(&out, NULL), 0);
	*plain_queue(&p, Q) = (struct virtq){ .mem = &p.drv.mem };
	state_init_load(&in, out.buf, out.len);
	virtq_state(plain_queue(&p, Q), &in);
	assert_int_equal(state_fini(&in, NULL), 0);
	assert_memory_equal(&was, plain_queue(&p, Q), sizeof(was));
	assert_int_equal(pop(&p, &c), VIRTQ_CHAIN);
	assert_int_equal(c.head, head);
	free(out.buf);
	plain_fini(&p);
}

static void test_a_loaded_queue_must_lie_in_ram_and_count_right(void **s)
{
	/* desc, avail, used: 8 bytes each; size; bool; taken, given, told */
	static const struct {
		unsigned at;
		uint8_t value;
	} bad[] = { { 0, 1 },  { 7, 1 },     { 8, 1 },   { 15, 1 },
		    { 16, 2 }, { 23, 0xff }, { 24, 3 },  { 25, 1 },
		    { 26, 2 }, { 28, 1 },    { 27, 14 }, { 30, 1 } };
	struct state out, in;
	struct plain p;
	unsigned i;

	(void)s;
	begin(&p, 0, SIZE);
	offer_and_push(&p, 5);
	for (i = 0; i < LEN(bad); i++) {
		struct virtq q = { .mem = &p.drv.mem };

		state_init_save(&out);
		virtq_state(plain_queue(&p, Q), &out);
		assert_int_equal(state_fini(&out, NULL), 0);
		out.buf[bad[i].at] = bad[i].value;
		state_init_load(&in, out.buf, out.len);
		virtq_state(&q, &in);
		assert_int_not_equal(state_fini(&in, NULL), 0);
		free(out.buf);
	}
	plain_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_chain_comes_as_its_spans_and_goes_back),
		cmocka_unit_test(test_an_indirect_chain_does_the_same),
		cmocka_unit_test(test_a_queue_may_have_one_descriptor_or_all),
		cmocka_unit_test(test_a_chain_of_bad_shape_breaks_the_queue),
		cmocka_unit_test(
			test_an_indirect_table_of_bad_shape_breaks_the_queue),
		cmocka_unit_test(test_a_table_may_be_large_but_a_chain_not),
		cmocka_unit_test(test_a_table_may_come_behind_other_buffers),
		cmocka_unit_test(test_empty_buffers_are_skipped),
		cmocka_unit_test(test_a_chain_is_shorter_than_4_gib),
		cmocka_unit_test(test_an_index_that_jumps_breaks_the_queue),
		cmocka_unit_test(
			test_more_chains_than_descriptors_break_the_queue),
		cmocka_unit_test(test_without_room_nothing_is_popped),
		cmocka_unit_test(test_what_is_not_needed_is_given_back),
		cmocka_unit_test(
			test_a_flag_asks_for_interrupts_and_notifications),
		cmocka_unit_test(test_an_event_index_asks_for_one_interrupt),
		cmocka_unit_test(test_an_event_index_asks_for_one_notification),
		cmocka_unit_test(test_a_place_that_is_none_is_refused),
		cmocka_unit_test(test_a_loaded_queue_goes_on_where_it_was),
		cmocka_unit_test(
			test_a_loaded_queue_must_lie_in_ram_and_count_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
