/* SPDX-License-Identifier: MIT */
#include "dev/ioapic.h"

#include <stdlib.h>

#include "arch/x86_64/layout.h"

#include "../check.h"

enum {
	SEL = 0x00,
	WIN = 0x10,
	EOI = 0x40,

	LOGICAL = 1 << 11,
	STATUS = 1 << 12,
	LOW = 1 << 13,
	RIRR = 1 << 14,
	LEVEL = 1 << 15,
	MASKED = 1 << 16,
};

struct rig {
	struct apic_message got[64];
	unsigned count;
	bool locked; /* send() saw the lock held */
	struct ioapic io;
	struct bus bus;
};

static void rig_send(void *ctx, const struct apic_message *m)
{
	struct rig *g = ctx;

	assert_true(g->count < 64);
	g->got[g->count++] = *m;
	if (uv_mutex_trylock(&g->io.mu.uv) == 0)
		mutex_unlock(&g->io.mu);
	else
		g->locked = true;
}

static void rig_init(struct rig *g)
{
	*g = (struct rig){ 0 };
	assert_int_equal(
		ioapic_init(&g->io, (struct ioapic_port){ rig_send, g }, NULL),
		0);
	assert_int_equal(bus_add(&g->bus, SPACE_MMIO, X86_IOAPIC_BASE,
				 X86_IOAPIC_SIZE, &ioapic_ops, &g->io,
				 IOAPIC_SIZES, NULL),
			 0);
}

static void rig_fini(struct rig *g)
{
	assert_false(g->locked);
	ioapic_fini(&g->io);
}

static uint32_t mmio_rd(struct rig *g, uint64_t off)
{
	struct access a = { .addr = X86_IOAPIC_BASE + off, .size = 4 };

	assert_true(bus_access(&g->bus, &a));
	return (uint32_t)a.value;
}

static void mmio_wr(struct rig *g, uint64_t off, uint32_t v)
{
	struct access a = { .addr = X86_IOAPIC_BASE + off,
			    .size = 4,
			    .write = true,
			    .value = v };

	assert_true(bus_access(&g->bus, &a));
}

static uint32_t rd(struct rig *g, unsigned reg)
{
	mmio_wr(g, SEL, reg);
	return mmio_rd(g, WIN);
}

static void wr(struct rig *g, unsigned reg, uint32_t v)
{
	mmio_wr(g, SEL, reg);
	mmio_wr(g, WIN, v);
}

/* As drivers do it: the upper word first. */
static void entry(struct rig *g, unsigned pin, uint32_t low, uint8_t dest)
{
	wr(g, 0x11 + 2 * pin, (uint32_t)dest << 24);
	wr(g, 0x10 + 2 * pin, low);
}

static void pin(struct rig *g, unsigned n, bool level)
{
	ioapic_pin(&g->io, n, level);
}

static void pulse(struct rig *g, unsigned n)
{
	pin(g, n, true);
	pin(g, n, false);
}

static void test_reset_values(void **s)
{
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g);
	assert_int_equal(mmio_rd(&g, SEL), 0);
	assert_int_equal(rd(&g, 0), 0);
	assert_int_equal(rd(&g, 1), 0x00170020);
	assert_int_equal(rd(&g, 2), 0);
	for (i = 3; i < 0x10; i++)
		assert_int_equal(rd(&g, i), 0);
	for (i = 0; i < 24; i++) {
		assert_int_equal(rd(&g, 0x10 + 2 * i), MASKED);
		assert_int_equal(rd(&g, 0x11 + 2 * i), 0);
	}
	for (i = 0x40; i < 0x100; i++)
		assert_int_equal(rd(&g, i), 0);
	assert_int_equal(mmio_rd(&g, EOI), 0);
	rig_fini(&g);
}

static void test_registers_keep_the_bits_they_have(void **s)
{
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g);
	for (i = 0; i < 0x100; i++)
		wr(&g, i, UINT32_MAX);
	assert_int_equal(rd(&g, 0), 0x0f000000);
	assert_int_equal(rd(&g, 1), 0x00170020);
	assert_int_equal(rd(&g, 2), 0x0f000000); /* 3.2.3: the id's copy */
	for (i = 0; i < 24; i++) {
		assert_int_equal(rd(&g, 0x10 + 2 * i),
				 0x1ffff & ~(STATUS | RIRR));
		assert_int_equal(rd(&g, 0x11 + 2 * i), 0xff000000);
	}
	mmio_wr(&g, SEL, 0x12345601);
	assert_int_equal(mmio_rd(&g, SEL), 1);
	assert_int_equal(g.count, 0);
	rig_fini(&g);
}

static void test_other_widths_and_places_do_nothing(void **s)
{
	static const uint8_t size[] = { 1, 2, 8 };
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g);
	for (i = 0; i < 3; i++) {
		struct access a = { .addr = X86_IOAPIC_BASE, .size = size[i] };

		assert_false(bus_access(&g.bus, &a));
	}
	mmio_wr(&g, SEL, 0x10);
	for (i = 4; i < 0x1000; i += 4) {
		if (i == WIN)
			continue;
		mmio_wr(&g, i, 0x31);
		assert_int_equal(mmio_rd(&g, i), 0);
	}
	assert_int_equal(mmio_rd(&g, WIN), MASKED);
	rig_fini(&g);
}

static void test_an_edge_is_one_message_each_time_it_rises(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	entry(&g, 4, 0x31, 2);
	pin(&g, 4, true);
	pin(&g, 4, true);
	assert_int_equal(g.count, 1);
	assert_int_equal(g.got[0].vector, 0x31);
	assert_int_equal(g.got[0].dest, 2);
	assert_int_equal(g.got[0].mode, APIC_FIXED);
	assert_false(g.got[0].level);
	assert_false(g.got[0].logical);
	pin(&g, 4, false);
	assert_int_equal(g.count, 1);
	pulse(&g, 4); /* no end is waited for */
	assert_int_equal(g.count, 2);
	assert_int_equal(rd(&g, 0x18) & RIRR, 0);
	ioapic_eoi(&g.io, 0x31);
	assert_int_equal(g.count, 2);
	rig_fini(&g);
}

static void test_an_edge_while_masked_is_lost(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	entry(&g, 4, 0x31 | MASKED, 0);
	pin(&g, 4, true);
	entry(&g, 4, 0x31, 0);
	assert_int_equal(g.count, 0);
	pin(&g, 4, false);
	pin(&g, 4, true);
	assert_int_equal(g.count, 1);
	rig_fini(&g);
}

static void test_a_level_interrupts_until_it_falls(void **s)
{
	struct rig g;
	unsigned i;

	(void)s;
	rig_init(&g);
	entry(&g, 16, 0x41 | LEVEL, 1);
	pin(&g, 16, true);
	assert_int_equal(g.count, 1);
	assert_true(g.got[0].level);
	assert_int_equal(rd(&g, 0x30) & RIRR, RIRR);
	pulse(&g, 16); /* being served: nothing new */
	assert_int_equal(g.count, 1);
	pin(&g, 16, true);
	for (i = 2; i < 5; i++) {
		ioapic_eoi(&g.io, 0x41);
		assert_int_equal(g.count, i);
	}
	pin(&g, 16, false);
	ioapic_eoi(&g.io, 0x41);
	assert_int_equal(g.count, 4);
	assert_int_equal(rd(&g, 0x30) & RIRR, 0);
	rig_fini(&g);
}

static void test_a_level_that_comes_while_masked_is_seen_later(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	entry(&g, 16, 0x41 | LEVEL | MASKED, 0);
	pin(&g, 16, true);
	assert_int_equal(g.count, 0);
	entry(&g, 16, 0x41 | LEVEL, 0);
	assert_int_equal(g.count, 1);
	/* masked while it is served: not again before it is unmasked */
	entry(&g, 16, 0x41 | LEVEL | MASKED, 0);
	assert_int_equal(rd(&g, 0x30) & RIRR, RIRR);
	ioapic_eoi(&g.io, 0x41);
	assert_int_equal(g.count, 1);
	entry(&g, 16, 0x41 | LEVEL, 0);
	assert_int_equal(g.count, 2);
	rig_fini(&g);
}

static void test_the_eoi_register_is_an_end_of_that_vector_only(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	entry(&g, 16, 0x41 | LEVEL, 0);
	entry(&g, 17, 0x42 | LEVEL, 0);
	entry(&g, 18, 0x41 | LEVEL, 0);
	pin(&g, 16, true);
	pin(&g, 17, true);
	pin(&g, 18, true);
	assert_int_equal(g.count, 3);
	mmio_wr(&g, EOI, 0x43);
	assert_int_equal(g.count, 3);
	mmio_wr(&g, EOI, 0x41); /* two pins share it */
	assert_int_equal(g.count, 5);
	pin(&g, 17, false);
	mmio_wr(&g, EOI, 0xffffff42); /* one byte counts */
	assert_int_equal(g.count, 5);
	assert_int_equal(rd(&g, 0x32) & RIRR, 0);
	assert_int_equal(rd(&g, 0x30) & RIRR, RIRR);
	rig_fini(&g);
}

static void test_making_it_an_edge_and_a_level_again_ends_it_by_hand(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	entry(&g, 16, 0x41 | LEVEL, 0);
	pin(&g, 16, true);
	wr(&g, 0x30, 0x41 | MASKED);
	assert_int_equal(rd(&g, 0x30), 0x41 | MASKED);
	wr(&g, 0x30, 0x41 | LEVEL | MASKED);
	assert_int_equal(rd(&g, 0x30) & RIRR, 0);
	assert_int_equal(g.count, 1);
	wr(&g, 0x30, 0x41 | LEVEL);
	assert_int_equal(g.count, 2);
	rig_fini(&g);
}

static void test_the_read_only_bits_cannot_be_written(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	entry(&g, 16, 0x41 | LEVEL | RIRR | STATUS, 0);
	assert_int_equal(rd(&g, 0x30), 0x41 | LEVEL);
	pin(&g, 16, true);
	assert_int_equal(g.count, 1);
	wr(&g, 0x30, 0x41 | LEVEL); /* nor Remote IRR cleared */
	assert_int_equal(rd(&g, 0x30), 0x41 | LEVEL | RIRR);
	assert_int_equal(g.count, 1);
	rig_fini(&g);
}

static void test_messages_say_what_the_entry_says(void **s)
{
	struct rig g;
	unsigned mode;

	(void)s;
	rig_init(&g);
	for (mode = 0; mode < 8; mode++) {
		g.count = 0;
		entry(&g, mode, 0x50 | mode << 8 | LOGICAL | LOW | LEVEL, 0xff);
		pin(&g, mode, true);
		assert_int_equal(g.count, 1);
		assert_int_equal(g.got[0].dest, APIC_ALL);
		assert_int_equal(g.got[0].vector, 0x50);
		assert_int_equal(g.got[0].mode, mode);
		assert_true(g.got[0].logical);
		/* an NMI and the like cannot be a level: nobody ends it */
		assert_int_equal(g.got[0].level, mode <= APIC_LOWEST);
		assert_int_equal(!!(rd(&g, 0x10 + 2 * mode) & RIRR),
				 mode <= APIC_LOWEST);
	}
	rig_fini(&g);
}

static void test_pins_it_does_not_have_are_nobody(void **s)
{
	struct rig g;

	(void)s;
	rig_init(&g);
	pin(&g, 24, true);
	pin(&g, 32, true);
	pin(&g, UINT32_MAX, true);
	assert_int_equal(g.io.regs.pins, 0);
	assert_int_equal(g.count, 0);
	rig_fini(&g);
}

static void test_a_loaded_ioapic_gives_the_same_answers(void **s)
{
	struct state save, in;
	struct rig a, b;
	unsigned i;

	(void)s;
	rig_init(&a);
	rig_init(&b);
	wr(&a, 0, 5 << 24);
	entry(&a, 3, 0x33, 1);
	entry(&a, 16, 0x41 | LEVEL, 2);
	pin(&a, 3, true);
	pin(&a, 16, true);
	state_init_save(&save);
	ioapic_state(&a.io, &save);
	assert_int_equal(state_fini(&save, NULL), 0);
	state_init_load(&in, save.buf, save.len);
	ioapic_state(&b.io, &in);
	assert_int_equal(state_fini(&in, NULL), 0);
	assert_int_equal(mmio_rd(&b, SEL), mmio_rd(&a, SEL));
	for (i = 0; i < 0x100; i++)
		assert_int_equal(rd(&b, i), rd(&a, i));
	pin(&b, 3, true); /* its device, loaded too: no new edge */
	pin(&b, 16, true);
	assert_int_equal(b.count, 0);
	ioapic_eoi(&b.io, 0x41);
	assert_int_equal(b.count, 1);
	free(save.buf);
	rig_fini(&a);
	rig_fini(&b);
}

/* Every byte of a saved state turned round: refused, or harmless. */
static void test_hostile_state_does_no_harm(void **s)
{
	struct state save, in;
	struct rig a, b;
	unsigned n;
	size_t i;

	(void)s;
	rig_init(&a);
	entry(&a, 16, 0x41 | LEVEL, 2);
	pin(&a, 16, true);
	state_init_save(&save);
	ioapic_state(&a.io, &save);
	assert_int_equal(state_fini(&save, NULL), 0);
	for (i = 0; i < save.len; i++) {
		int rc;

		save.buf[i] ^= 0xff;
		rig_init(&b);
		state_init_load(&in, save.buf, save.len);
		ioapic_state(&b.io, &in);
		rc = state_fini(&in, NULL);
		assert_true(rc == 0 || rc == -MICROVM_EBADIMAGE);
		for (n = 0; n < 24; n++) {
			entry(&b, n, MASKED, 0);
			entry(&b, n, 0x41 | LEVEL, 0);
			pin(&b, n, true);
		}
		b.count = 0;
		ioapic_eoi(&b.io, 0x41);
		assert_int_equal(b.count, 24);
		rig_fini(&b);
		save.buf[i] ^= 0xff;
	}
	free(save.buf);
	rig_fini(&a);
}

/* A device raises its pin until it is served; a CPU serves it. */
struct pair {
	struct ioapic io;
	struct mutex mu;
	unsigned messages;
};

enum { RACE = 20000 };

static void pair_send(void *ctx, const struct apic_message *m)
{
	struct pair *p = ctx;

	(void)m;
	mutex_lock(&p->mu);
	p->messages++;
	mutex_unlock(&p->mu);
}

static void device(void *arg)
{
	struct pair *p = arg;
	unsigned i;

	for (i = 0; i < RACE; i++) {
		ioapic_pin(&p->io, 16, true);
		ioapic_pin(&p->io, 16, false);
	}
	ioapic_pin(&p->io, 16, true);
}

static void test_pins_and_ends_on_two_threads_lose_no_level(void **s)
{
	struct pair p = { .messages = 0 };
	struct thread t;
	unsigned i, before, after;

	(void)s;
	assert_int_equal(mutex_init(&p.mu, NULL), 0);
	assert_int_equal(
		ioapic_init(&p.io, (struct ioapic_port){ pair_send, &p }, NULL),
		0);
	ioapic_ops.write(&p.io, SEL, 4, 0x30);
	ioapic_ops.write(&p.io, WIN, 4, 0x41 | LEVEL);
	assert_int_equal(thread_start(&t, device, &p, NULL), 0);
	for (i = 0; i < RACE; i++)
		ioapic_eoi(&p.io, 0x41);
	thread_join(&t);
	before = p.messages; /* high, and a message under way or served */
	assert_in_range(before, 1, 2 * RACE + 1);
	ioapic_eoi(&p.io, 0x41);
	after = p.messages;
	assert_int_equal(after, before + 1);
	ioapic_fini(&p.io);
	mutex_fini(&p.mu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reset_values),
		cmocka_unit_test(test_registers_keep_the_bits_they_have),
		cmocka_unit_test(test_other_widths_and_places_do_nothing),
		cmocka_unit_test(
			test_an_edge_is_one_message_each_time_it_rises),
		cmocka_unit_test(test_an_edge_while_masked_is_lost),
		cmocka_unit_test(test_a_level_interrupts_until_it_falls),
		cmocka_unit_test(
			test_a_level_that_comes_while_masked_is_seen_later),
		cmocka_unit_test(
			test_the_eoi_register_is_an_end_of_that_vector_only),
		cmocka_unit_test(
			test_making_it_an_edge_and_a_level_again_ends_it_by_hand),
		cmocka_unit_test(test_the_read_only_bits_cannot_be_written),
		cmocka_unit_test(test_messages_say_what_the_entry_says),
		cmocka_unit_test(test_pins_it_does_not_have_are_nobody),
		cmocka_unit_test(test_a_loaded_ioapic_gives_the_same_answers),
		cmocka_unit_test(test_hostile_state_does_no_harm),
		cmocka_unit_test(
			test_pins_and_ends_on_two_threads_lose_no_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
