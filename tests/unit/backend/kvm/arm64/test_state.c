/* SPDX-License-Identifier: MIT */
/* A guest goes on in another VM as if nothing had happened. */
#include "rig.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "gic.h"

#include "../../../check.h"

enum { WIRE = 40, TURNS = 3000 };

/* clang-format off */

/* x0 turns of a xorshift generator in x2, with a pause when x3 are left. */
GUEST(g_computes,
      "mov x2, #0x7c15\nmovk x2, #0x7f4a, lsl #16\n"
      "movk x2, #0x79b9, lsl #32\nmovk x2, #0x9e37, lsl #48\n"
      "lsr x3, x0, #1\n"
      "1: eor x2, x2, x2, lsl #13\neor x2, x2, x2, lsr #7\n"
      "eor x2, x2, x2, lsl #17\ncmp x0, x3\nb.ne 2f\n" PAUSE
      "2: subs x0, x0, #1\nb.ne 1b\n" SAY(x2) DONE);
/* What only some registers keep: vector, system and thread registers. */
GUEST(g_keeps,
      "mov x1, #3 << 20\nmsr cpacr_el1, x1\nisb\n"
      "mov x1, #0x1234\nfmov d7, x1\nfmov v7.d[1], x1\n"
      "msr tpidr_el0, x1\nmsr elr_el1, x1\nmsr mair_el1, x1\n"
      "mov sp, x1\n" PAUSE "fmov x2, v7.d[1]\n" SAY(x2)
      "mrs x2, tpidr_el0\n" SAY(x2) "mrs x2, elr_el1\n" SAY(x2)
      "mrs x2, mair_el1\n" SAY(x2) "mov x2, sp\n" SAY(x2) DONE);
GUEST(g_tells_time,
      "isb\nmrs x2, cntvct_el0\n" SAY(x2) PAUSE
      "isb\nmrs x2, cntvct_el0\n" SAY(x2) DONE);
/* A tenth of a second from now, mostly passed when it is moved. */
GUEST(g_awaits_timer,
      GIC_ON "mrs x2, cntfrq_el0\nmov x3, #10\nudiv x2, x2, x3\n"
      "msr cntv_tval_el0, x2\nmov x2, #1\nmsr cntv_ctl_el0, x2\nisb\n"
      "mov x19, #0\n" PAUSE "3: wfi\n" WINDOW "cbz x19, 3b\n" DONE);
GUEST(g_timer_irq,
      GIC_ACK(10) SAY(x10) "msr cntv_ctl_el0, xzr\nisb\n" GIC_END(10)
      "mov x19, #1\neret\n");
/* A pause with a wire high and the GIC set up, all masked. */
GUEST(g_awaits_wire, GIC_ON PAUSE WINDOW SAY(xzr) DONE);
/* The pause is in the handler: an interrupt is active. */
GUEST(g_in_handler, GIC_ON PAUSE WINDOW SAY(xzr) WINDOW SAY(xzr) DONE);
GUEST(g_irq,
      GIC_ACK(10) SAY(x10) "str x10, [x20, #0x18]\n" GIC_END(10) "eret\n");
GUEST(g_pausing_irq,
      GIC_ACK(10) SAY(x10) "str x10, [x20, #0x18]\n" PAUSE GIC_END(10)
      "eret\n");
/* CPU_ON of CPU 1, behind the pause */
GUEST(g_on,
      PAUSE "mov x0, #3\nmovk x0, #0xc400, lsl #16\nmov x1, #1\n"
      "adr x2, 3f\nmov x3, #77\nhvc #0\n" SAY(x0) DONE
      "3: mov x20, #0x09000000\n" SAY(x0) PAUSE);

/* clang-format on */

#define BEGIN(r, name, x0) rig_load(r, name, name##_end, x0)
#define HANDLER(r, name) rig_put(r, RIG_IRQ, name, name##_end)

static uint64_t xorshift(uint64_t turns)
{
	uint64_t x = 0x9e3779b97f4a7c15;

	while (turns--) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	return x;
}

static struct state save(struct rig *r)
{
	return seam_save(&r->vm, r->v, r->vm.cfg.cpus);
}

static int load(struct rig *r, const void *p, size_t len, mv_error *e)
{
	return seam_load(&r->vm, r->v, r->vm.cfg.cpus, p, len, e);
}

/* All of `a` into a new VM, and `a` away. */
static void move(struct rig *a, struct rig *b)
{
	struct state s = save(a);
	mv_error e = { 0 };

	rig_make(b, a->vm.cfg.cpus);
	memcpy(b->ram, a->ram, RIG_RAM);
	if (load(b, s.buf, s.len, &e))
		print_error("%s\n", e.msg);
	assert_string_equal(e.msg, "");
	free(s.buf);
	rig_unmake(a);
}

static void pause_guest(struct rig *r)
{
	assert_int_equal(rig_run(r, 0), HV_AGAIN);
	assert_true(r->paused && !r->done);
}

static void test_a_computation_goes_on(void **s)
{
	struct rig a, b;

	(void)s;
	rig_make(&a, 1);
	BEGIN(&a, g_computes, TURNS);
	pause_guest(&a);
	move(&a, &b);
	rig_finish(&b);
	assert_int_equal(b.words, 1);
	assert_int_equal(b.said[0], xorshift(TURNS));
	rig_unmake(&b);
}

static void test_registers_of_all_kinds_are_kept(void **s)
{
	struct rig a, b;
	unsigned i;

	(void)s;
	rig_make(&a, 1);
	BEGIN(&a, g_keeps, 0);
	pause_guest(&a);
	move(&a, &b);
	rig_finish(&b);
	assert_int_equal(b.words, 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(b.said[i], 0x1234);
	rig_unmake(&b);
}

/* The counter neither goes back nor counts the time between. */
static void test_time_goes_on_from_where_it_was(void **s)
{
	struct rig a, b;
	struct state saved;
	uint64_t hz, then;
	mv_error e = { 0 };

	(void)s;
	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(hz));
	rig_make(&a, 1);
	BEGIN(&a, g_tells_time, 0);
	pause_guest(&a);
	then = a.said[0];
	saved = save(&a);
	(void)usleep(2000000);
	rig_make(&b, 1);
	memcpy(b.ram, a.ram, RIG_RAM);
	assert_int_equal(load(&b, saved.buf, saved.len, &e), 0);
	rig_finish(&b);
	assert_true(b.said[0] > then);
	assert_true(b.said[0] - then < 2 * hz);
	free(saved.buf);
	rig_unmake(&b);
	rig_unmake(&a);
}

static void test_a_timer_that_runs_ends_in_the_other(void **s)
{
	struct rig a, b;

	(void)s;
	rig_make(&a, 1);
	BEGIN(&a, g_awaits_timer, 0);
	HANDLER(&a, g_timer_irq);
	pause_guest(&a);
	move(&a, &b);
	rig_finish(&b);
	assert_int_equal(b.words, 1);
	assert_int_equal(b.said[0], 27);
	rig_unmake(&b);
}

/* A GICv2's wires are driven again by who holds them. */
static void drive_again(struct rig *r, bool level)
{
	if (r->vm.gic == 2)
		hv_kvm.wire(&r->vm, WIRE, level);
}

static void test_a_wire_that_is_high_interrupts_in_the_other(void **s)
{
	struct rig a, b;

	(void)s;
	rig_make(&a, 1);
	BEGIN(&a, g_awaits_wire, 0);
	HANDLER(&a, g_irq);
	pause_guest(&a);
	hv_kvm.wire(&a.vm, WIRE, true);
	move(&a, &b);
	drive_again(&b, true);
	rig_finish(&b);
	assert_int_equal(b.words, 2);
	assert_int_equal(b.said[0], WIRE);
	assert_int_equal(b.said[1], 0);
	rig_unmake(&b);
}

static void test_an_active_interrupt_ends_in_the_other(void **s)
{
	struct rig a, b;

	(void)s;
	rig_make(&a, 1);
	BEGIN(&a, g_in_handler, 0);
	HANDLER(&a, g_pausing_irq);
	pause_guest(&a);
	hv_kvm.wire(&a.vm, WIRE, true);
	pause_guest(&a);
	assert_int_equal(a.said[0], WIRE);
	hv_kvm.wire(&a.vm, WIRE, true); /* once more, while it is active */
	move(&a, &b);
	drive_again(&b, true);
	assert_int_equal(rig_run(&b, 0), HV_AGAIN); /* in the second one */
	assert_int_equal(b.words, 1);
	assert_int_equal(b.said[0], WIRE);
	rig_finish(&b);
	assert_int_equal(b.words, 3);
	assert_int_equal(b.said[1], 0);
	rig_unmake(&b);
}

static void test_a_cpu_that_is_off_can_be_switched_on_there(void **s)
{
	struct rig a, b;

	(void)s;
	rig_make(&a, 2);
	BEGIN(&a, g_on, 0);
	pause_guest(&a);
	move(&a, &b);
	rig_finish(&b);
	assert_int_equal(b.said[0], 0);
	assert_int_equal(rig_run(&b, 1), HV_AGAIN);
	assert_int_equal(b.said[1], 77);
	rig_unmake(&b);
}

static void test_a_cpu_that_is_on_stays_on(void **s)
{
	struct rig a, b;

	(void)s;
	rig_make(&a, 2);
	BEGIN(&a, g_on, 0);
	rig_finish(&a);
	move(&a, &b);
	assert_int_equal(rig_run(&b, 1), HV_AGAIN);
	assert_int_equal(b.said[0], 77);
	rig_unmake(&b);
}

static void test_saving_twice_tells_the_same_but_the_time(void **s)
{
	struct state one, two;
	struct rig a;
	size_t i, differ = 0;

	(void)s;
	rig_make(&a, 2);
	BEGIN(&a, g_computes, TURNS);
	pause_guest(&a);
	one = save(&a);
	two = save(&a);
	assert_int_equal(one.len, two.len);
	for (i = 0; i < one.len; i++)
		differ += one.buf[i] != two.buf[i];
	assert_in_range(differ, 0, 2 * sizeof(uint64_t)); /* the counters */
	free(one.buf);
	free(two.buf);
	rig_unmake(&a);
}

/* ---- states that are none --------------------------------------------- */

/* Where this section's content begins. */
static size_t section(const struct state *s, const char *name)
{
	size_t i, len = strlen(name) + 1;

	for (i = 0; i + 20 <= s->len; i++) {
		if (!memcmp(s->buf + i, name, len))
			return i + 20; /* 16 bytes of name, 4 of version */
	}
	print_error("no section %s\n", name);
	assert_true(false);
	return 0;
}

static void expect_refused(struct rig *r, const struct state *s,
			   const char *words)
{
	mv_error e = { 0 };

	assert_int_equal(load(r, s->buf, s->len, &e), -MICROVM_EBADIMAGE);
	if (!strstr(e.msg, words))
		print_error("%s\n", e.msg);
	assert_non_null(strstr(e.msg, words));
}

static void test_a_part_of_a_state_is_refused(void **s)
{
	struct state whole;
	struct rig a;
	size_t len;

	(void)s;
	rig_make(&a, 1);
	whole = save(&a);
	for (len = 0; len < whole.len; len += 211) {
		mv_error e = { 0 };
		uint8_t *part = malloc(len ? len : 1);

		assert_non_null(part);
		memcpy(part, whole.buf, len);
		assert_int_equal(load(&a, part, len, &e), -MICROVM_EBADIMAGE);
		free(part);
	}
	free(whole.buf);
	rig_unmake(&a);
}

static void test_what_this_host_does_not_have_is_refused(void **s)
{
	static const char lacks[] = "this host's CPU lacks";
	struct state good, bad;
	struct rig a;
	size_t cpu, gic;

	(void)s;
	rig_make(&a, 1);
	good = save(&a);
	bad = good;
	bad.buf = malloc(good.len);
	assert_non_null(bad.buf);
	cpu = section(&good, "kvm arm64 cpu");
	gic = section(&good, "kvm gic");

	memcpy(bad.buf, good.buf, good.len);
	put_le32(bad.buf + cpu, 1 << 20);
	expect_refused(&a, &bad, "too many registers");

	/* The first register's number, and its size, which is in there. */
	memcpy(bad.buf, good.buf, good.len);
	bad.buf[cpu + 4 + 2] = 0x7f;
	bad.buf[cpu + 4 + 8] = 1;
	expect_refused(&a, &bad, lacks);
	memcpy(bad.buf, good.buf, good.len);
	bad.buf[cpu + 4 + 6] = 0xf0;
	expect_refused(&a, &bad, "a register of no known size");

	memcpy(bad.buf, good.buf, good.len);
	put_le32(bad.buf + gic, 5 - le32(good.buf + gic));
	expect_refused(&a, &bad, "this host's GIC is another");
	memcpy(bad.buf, good.buf, good.len);
	put_le32(bad.buf + gic + 4, 0xffffffff); /* GICD_IIDR */
	expect_refused(&a, &bad, "does not take a register of its GIC");
	assert_int_equal(load(&a, good.buf, good.len, NULL), 0);
	free(bad.buf);
	free(good.buf);
	rig_unmake(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_computation_goes_on),
		cmocka_unit_test(test_registers_of_all_kinds_are_kept),
		cmocka_unit_test(test_time_goes_on_from_where_it_was),
		cmocka_unit_test(test_a_timer_that_runs_ends_in_the_other),
		cmocka_unit_test(
			test_a_wire_that_is_high_interrupts_in_the_other),
		cmocka_unit_test(test_an_active_interrupt_ends_in_the_other),
		cmocka_unit_test(
			test_a_cpu_that_is_off_can_be_switched_on_there),
		cmocka_unit_test(test_a_cpu_that_is_on_stays_on),
		cmocka_unit_test(test_saving_twice_tells_the_same_but_the_time),
		cmocka_unit_test(test_a_part_of_a_state_is_refused),
		cmocka_unit_test(test_what_this_host_does_not_have_is_refused),
	};
	int skip = rig_missing();

	return skip ? skip : cmocka_run_group_tests(tests, NULL, NULL);
}
