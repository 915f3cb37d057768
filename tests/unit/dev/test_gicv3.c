/* SPDX-License-Identifier: MIT */
#include "gic.h"

#include <string.h>

static void route(struct gic *t, unsigned intid, uint64_t v)
{
	gic_wr(t, GICD + IROUTER + 8 * intid, 8, v);
}

static unsigned who(const struct gic *t)
{
	unsigned i, set = 0;

	for (i = 0; i < GICV3_MAX_CPUS; i++)
		set |= (unsigned)t->level[i] << i;
	return set;
}

static void test_sizes_it_cannot_have_are_refused(void **s)
{
	static const struct {
		unsigned cpus, intids;
		const char *msg;
	} rows[] = {
		{ 0, 96, "a GIC for 0 CPUs: we have 1 to 8" },
		{ 9, 96, "a GIC for 9 CPUs: we have 1 to 8" },
		{ 1, 32, "a GIC for 32 INTIDs: we have 64 to 992, in 32s" },
		{ 1, 100, "a GIC for 100 INTIDs: we have 64 to 992, in 32s" },
		{ 1, 1024, "a GIC for 1024 INTIDs: we have 64 to 992, in 32s" },
	};
	const struct irq none[GICV3_MAX_CPUS] = { 0 };
	struct gicv3 g;
	mv_error e;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(
			gicv3_init(&g, rows[i].cpus, rows[i].intids, none, &e),
			-MICROVM_EINVAL);
		assert_string_equal(e.msg, rows[i].msg);
	}
	assert_int_equal(gicv3_init(&g, 8, 992, none, &e), 0);
	gicv3_spi(&g, 991, true);
	assert_int_equal(gicv3_dist_ops.read(&g, ISPENDR + 30 * 4, 4),
			 UINT32_C(1) << 31);
	gicv3_fini(&g);
}

static void test_spis_go_where_they_are_routed(void **s)
{
	static const struct {
		uint64_t router;
		unsigned got;
	} rows[] = {
		{ 0, 1 },        { 1, 2 },
		{ 3, 8 },        { 4, 0 },
		{ 0x100, 0 },    { 0x10001, 0 },
		{ 1u << 31, 1 }, { 1u << 31 | 3, 1 },
	};
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct gic t;

		gic_init_ready(&t, 4);
		route(&t, 70, rows[i].router);
		gicv3_spi(&t.g, 70, true);
		assert_int_equal(who(&t), rows[i].got);
		route(&t, 70, 2); /* and follow it, if it is moved */
		assert_int_equal(who(&t), 4);
		gicv3_spi(&t.g, 70, false);
		assert_int_equal(who(&t), 0);
		gic_fini(&t);
	}
}

static void test_one_of_n_takes_the_lowest_cpu_that_is_up(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 4);
	route(&t, 70, 1u << 31);
	gicv3_spi(&t.g, 70, true);
	assert_int_equal(who(&t), 1);
	gic_w4(&t, GICR(0) + WAKER, 2);
	assert_int_equal(who(&t), 2);
	gic_set(&t, 1, IGRPEN1, 0);
	assert_int_equal(who(&t), 4);
	assert_int_equal(gic_get(&t, 0, IAR1), NONE);
	assert_int_equal(gic_get(&t, 3, IAR1), NONE);
	assert_int_equal(gic_get(&t, 2, IAR1), 70);
	gic_w4(&t, GICR(0) + WAKER, 0);
	assert_int_equal(who(&t), 0); /* active: nobody's until it ends */
	gic_set(&t, 2, EOIR1, 70);
	assert_int_equal(who(&t), 1);
	gic_fini(&t);
}

static void test_one_of_n_looks_at_the_interrupts_own_group(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 2);
	gic_set(&t, 0, IGRPEN1, 0);
	gic_set(&t, 0, IGRPEN0, 1);
	gic_w4(&t, GICD + IGROUPR + 8, ~1u); /* 64 is group 0, 65 group 1 */
	route(&t, 64, 1u << 31);
	route(&t, 65, 1u << 31);
	gicv3_spi(&t.g, 64, true);
	gicv3_spi(&t.g, 65, true);
	assert_int_equal(gic_get(&t, 0, HPPIR0), 64);
	assert_int_equal(gic_get(&t, 0, HPPIR1), NONE);
	assert_int_equal(gic_get(&t, 1, HPPIR0), NONE);
	assert_int_equal(gic_get(&t, 1, HPPIR1), 65);
	assert_int_equal(who(&t), 2);
	gic_fini(&t);
}

static void test_wires_that_do_not_exist_are_nobodys(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 1);
	gicv3_spi(&t.g, 31, true);
	gicv3_spi(&t.g, 96, true);
	gicv3_spi(&t.g, UINT32_MAX, true);
	gicv3_ppi(&t.g, 0, 15, true);
	gicv3_ppi(&t.g, 0, 32, true);
	gicv3_ppi(&t.g, 1, 27, true);
	assert_int_equal(who(&t), 0);
	assert_int_equal(gic_r4(&t, SGI(0) + ISPENDR), 0);
	gic_fini(&t);
}

static void test_ppis_are_one_cpus_own(void **s)
{
	struct gic t;

	(void)s;
	gic_init_ready(&t, 2);
	gicv3_ppi(&t.g, 1, 27, true);
	assert_int_equal(who(&t), 2);
	assert_int_equal(gic_get(&t, 0, IAR1), NONE);
	assert_int_equal(gic_get(&t, 1, IAR1), 27);
	gic_fini(&t);
}

static void save(struct gic *t, struct state *out)
{
	state_init_save(out);
	gicv3_state(&t->g, out);
	assert_int_equal(state_fini(out, NULL), 0);
}

/* In the middle of things: running, preempted, pending, routed, asleep. */
static void busy(struct gic *t)
{
	gic_init_ready(t, 3);
	gic_w4(t, GICD + ICFGR + 8, 0xa);
	gic_wr(t, GICD + IPRIORITYR + 50, 1, 0x40);
	route(t, 51, 2);
	route(t, 52, 1u << 31);
	gic_set(t, 1, CTLR, 3);
	gic_set(t, 1, BPR0, 4);
	gic_set(t, 2, IGRPEN0, 1);
	gic_w4(t, GICR(1) + WAKER, 2);
	gicv3_spi(&t->g, 40, true);
	assert_int_equal(gic_get(t, 0, IAR1), 40);
	gicv3_spi(&t->g, 50, true);
	assert_int_equal(gic_get(t, 0, IAR1), 50);
	gicv3_spi(&t->g, 32, true);
	gicv3_spi(&t->g, 51, true);
	gicv3_ppi(&t->g, 2, 30, true);
	gic_set(t, 0, SGI1R, 7 << 24 | 7);
}

static void test_a_loaded_gic_gives_the_same_answers(void **s)
{
	struct state out, again, in;
	struct gic a, b;
	uint64_t off;
	unsigned cpu;

	(void)s;
	busy(&a);
	save(&a, &out);
	gic_init(&b, 3);
	state_init_load(&in, out.buf, out.len);
	gicv3_state(&b.g, &in);
	assert_int_equal(state_fini(&in, NULL), 0);
	assert_int_equal(who(&b), who(&a));
	for (off = 0; off < GICV3_DIST_SIZE; off += 4)
		assert_int_equal(gic_r4(&b, GICD + off),
				 gic_r4(&a, GICD + off));
	for (off = 0; off < 3 * GICV3_REDIST_SIZE; off += 4)
		assert_int_equal(gic_r4(&b, GICR(0) + off),
				 gic_r4(&a, GICR(0) + off));
	save(&b, &again);
	assert_int_equal(again.len, out.len);
	assert_memory_equal(again.buf, out.buf, out.len);
	gic_set(&a, 0, EOIR1, 50);
	gic_set(&b, 0, EOIR1, 50);
	for (cpu = 0; cpu < 3; cpu++) {
		assert_int_equal(gic_get(&b, cpu, RPR), gic_get(&a, cpu, RPR));
		assert_int_equal(gic_get(&b, cpu, IAR1),
				 gic_get(&a, cpu, IAR1));
	}
	free(out.buf);
	free(again.buf);
	gic_fini(&a);
	gic_fini(&b);
}

static void test_another_machines_state_is_refused(void **s)
{
	struct state out, in;
	struct gic a, b;
	mv_error e;

	(void)s;
	busy(&a);
	save(&a, &out);
	gic_init_ready(&b, 2);
	gicv3_ppi(&b.g, 1, 27, true);
	state_init_load(&in, out.buf, out.len);
	gicv3_state(&b.g, &in);
	assert_int_equal(state_fini(&in, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "saved state, gicv3: "
				   "another number of CPUs");
	assert_int_equal(who(&b), 0); /* as after reset */
	free(out.buf);
	gic_fini(&a);
	gic_fini(&b);
}

/* Every byte of a saved state turned round: refused, or harmless. */
static void test_hostile_state_does_no_harm(void **s)
{
	struct state out, in;
	struct gic a, b;
	unsigned cpu;
	size_t i;

	(void)s;
	busy(&a);
	save(&a, &out);
	for (i = 0; i < out.len; i++) {
		int rc;

		out.buf[i] ^= 0xff;
		gic_init(&b, 3);
		state_init_load(&in, out.buf, out.len);
		gicv3_state(&b.g, &in);
		rc = state_fini(&in, NULL);
		assert_true(rc == 0 || rc == -MICROVM_EBADIMAGE);
		for (cpu = 0; cpu < 3; cpu++) {
			uint64_t id = gic_get(&b, cpu, IAR1);

			assert_true(id < INTIDS || id == NONE);
			gic_set(&b, cpu, EOIR1, id);
			assert_true(gic_get(&b, cpu, BPR0) <= 7);
		}
		gic_fini(&b);
		out.buf[i] ^= 0xff;
	}
	free(out.buf);
	gic_fini(&a);
}

/*
 * A device's thread toggles a wire while a vCPU's thread, with the lock in hand
 * that the vCPU's line takes, calls into the GIC.  Were the GIC's lock held
 * across the line, the two would wait for each other; were an update lost,
 * the vCPU would sleep for ever.
 */
struct vcpu {
	struct mutex mu; /* what a backend's line() takes */
	struct cond cond;
	bool level;
	struct gicv3 g;
	unsigned taken, sent;
};

enum { RACE = 20000 };

static void vcpu_line(void *chip, unsigned pin, bool level)
{
	struct vcpu *v = chip;

	(void)pin;
	mutex_lock(&v->mu);
	v->level = level;
	cond_signal(&v->cond);
	mutex_unlock(&v->mu);
}

static void device(void *arg)
{
	struct vcpu *v = arg;
	unsigned i;

	for (i = 0; i < RACE; i++) {
		gicv3_spi(&v->g, 40, true);
		gicv3_spi(&v->g, 40, false);
	}
	gicv3_spi(&v->g, 41, true); /* the last word */
}

static uint64_t vcpu_sysreg(struct vcpu *v, uint32_t id, bool write,
			    uint64_t value)
{
	struct sysreg_access a = { .id = id, .write = write, .value = value };

	assert_true(gicv3_sysreg(&v->g, 0, &a));
	return a.value;
}

static void vcpu_init(struct vcpu *v)
{
	struct irq line = { vcpu_line, v, 0 };

	*v = (struct vcpu){ 0 };
	assert_int_equal(mutex_init(&v->mu, NULL), 0);
	assert_int_equal(cond_init(&v->cond, NULL), 0);
	assert_int_equal(gicv3_init(&v->g, 1, INTIDS, &line, NULL), 0);
	gicv3_redist_ops.write(&v->g, WAKER, 4, 0);
	gicv3_dist_ops.write(&v->g, IGROUPR + 4, 4, UINT32_MAX);
	gicv3_dist_ops.write(&v->g, ISENABLER + 4, 4, UINT32_MAX);
	gicv3_dist_ops.write(&v->g, GICD_CTLR, 4, 2);
	vcpu_sysreg(v, PMR, true, 0xf0);
	vcpu_sysreg(v, IGRPEN1, true, 1);
}

static void test_a_vcpu_and_a_device_do_not_deadlock(void **s)
{
	struct thread t;
	struct vcpu v;
	uint64_t id = 0;

	(void)s;
	vcpu_init(&v);
	assert_int_equal(thread_start(&t, device, &v, NULL), 0);
	while (id != 41) {
		mutex_lock(&v.mu);
		while (!v.level)
			cond_wait(&v.cond, &v.mu);
		assert_int_equal(vcpu_sysreg(&v, RPR, false, 0), 0xff);
		mutex_unlock(&v.mu);
		id = vcpu_sysreg(&v, IAR1, false, 0);
		assert_true(id == 40 || id == 41 || id == NONE);
		if (id != NONE)
			vcpu_sysreg(&v, EOIR1, true, id);
	}
	thread_join(&t);
	gicv3_spi(&v.g, 41, false);
	assert_false(v.level);
	gicv3_fini(&v.g);
	cond_fini(&v.cond);
	mutex_fini(&v.mu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes_it_cannot_have_are_refused),
		cmocka_unit_test(test_spis_go_where_they_are_routed),
		cmocka_unit_test(test_one_of_n_takes_the_lowest_cpu_that_is_up),
		cmocka_unit_test(
			test_one_of_n_looks_at_the_interrupts_own_group),
		cmocka_unit_test(test_wires_that_do_not_exist_are_nobodys),
		cmocka_unit_test(test_ppis_are_one_cpus_own),
		cmocka_unit_test(test_a_loaded_gic_gives_the_same_answers),
		cmocka_unit_test(test_another_machines_state_is_refused),
		cmocka_unit_test(test_hostile_state_does_no_harm),
		cmocka_unit_test(test_a_vcpu_and_a_device_do_not_deadlock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
