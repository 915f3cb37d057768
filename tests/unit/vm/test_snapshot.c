/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "backend/soft/soft.h"
#include "rig.h"

#include "../check.h"

/* A busy guest: time, output, interrupts, a second CPU that comes and goes. */
static const struct script_step boot[] = {
	CALL(UINT64_C(0xc4000003), 1, ARM64_RAM_BASE, 5), /* CPU_ON */
	TICK(7),
	PRINT('a'),
	WRITE(ARM64_RTC_BASE + 8, 12345), /* set the clock */
	WRITE(ARM64_UART_BASE + 0x30, 0x301),
	WRITE(ARM64_UART_BASE + 0x38, 0x50),
	WFI(1000),
	READ(ARM64_UART_BASE),
	READ(ARM64_RTC_BASE),
	PRINT('b'),
	WFI(UINT64_C(3000000000)),
	READ(ARM64_RTC_BASE),
	READ(ARM64_UART_BASE + 0x38),
	SYSTEM_OFF,
};
static const struct script_step second[] = {
	TICK(3),
	WFI(500),
	PRINT('c'),
	TICK(11),
	WFI(1200),
	PRINT('d'),
	CALL(UINT64_C(0x84000002)), /* CPU_OFF */
};

struct machine {
	struct rig rig;
	struct script_step boot[LEN(boot)], second[LEN(second)];
};

static void machine_init(struct machine *m)
{
	memcpy(m->boot, boot, sizeof(boot));
	memcpy(m->second, second, sizeof(second));
	rig_init(&m->rig);
	m->rig.cfg.cpus = 2;
	FOLLOW(&m->rig, 0, m->boot);
	FOLLOW(&m->rig, 1, m->second);
	rig_create(&m->rig);
}

static struct state save(struct rig *r)
{
	struct state s;

	state_init_save(&s);
	assert_int_equal(vm_state(r->vm, &s, NULL), 0);
	assert_int_equal(state_fini(&s, NULL), 0);
	return s;
}

static int load(struct rig *r, const uint8_t *p, size_t len, mv_error *err)
{
	struct state s;
	int rc;

	state_init_load(&s, p, len);
	rc = vm_state(r->vm, &s, err);
	return rc ? rc : state_fini(&s, err);
}

static void same_state(struct rig *a, struct rig *b)
{
	struct state x = save(a), y = save(b);

	assert_int_equal(x.len, y.len);
	assert_memory_equal(x.buf, y.buf, x.len);
	free(x.buf);
	free(y.buf);
}

static void test_a_loaded_machine_goes_on_as_the_saved_one(void **s)
{
	unsigned cut;

	(void)s;
	/* Cut the run after each of its rounds. */
	for (cut = 0; cut < 24; cut++) {
		struct machine a, b;
		uint8_t *ram;
		char ta[8] = { 0 }, tb[8] = { 0 };
		struct state st;
		size_t n, i;

		machine_init(&a);
		machine_init(&b);
		ram = a.rig.vm->ram;
		memset(ram + 100000, 0x5a, 70000); /* more than one chunk */
		if (cut)
			assert_int_equal(vm_step(a.rig.vm, cut, NULL), 0);
		n = console_read(&a.rig.vm->console, ta, sizeof(ta));
		st = save(&a.rig);
		assert_int_equal(load(&b.rig, st.buf, st.len, NULL), 0);
		free(st.buf);
		same_state(&a.rig, &b.rig);
		if (!vm_has_ended(a.rig.vm)) {
			assert_int_equal(vm_start(a.rig.vm, NULL), 0);
			assert_int_equal(vm_start(b.rig.vm, NULL), 0);
			assert_int_equal(rig_end(&a.rig),
					 MICROVM_EXIT_POWEROFF);
			assert_int_equal(rig_end(&b.rig),
					 MICROVM_EXIT_POWEROFF);
			same_state(&a.rig, &b.rig);
		}
		(void)console_read(&a.rig.vm->console, ta + n, sizeof(ta) - n);
		(void)console_read(&b.rig.vm->console, tb + n, sizeof(tb) - n);
		assert_string_equal(ta, "acbd");
		assert_string_equal(ta + n, tb + n);
		for (i = 0; i < LEN(boot); i++)
			if (b.boot[i].claimed && a.boot[i].claimed)
				assert_int_equal(a.boot[i].access.value,
						 b.boot[i].access.value);
		rig_fini(&a.rig);
		rig_fini(&b.rig);
	}
}

/* Writes all over its RAM, prints b to p, switches itself off. */
static const uint32_t busy[] = {
	0xd2a12001, /*         mov  x1, #0x9000000      UART */
	0xd2a80022, /*         mov  x2, #0x40010000 */
	0xd2800000, /*         mov  x0, #0 */
	0x91000400, /* again:  add  x0, x0, #1 */
	0x927d3003, /*         and  x3, x0, #0xfff8 */
	0xf8236840, /*         str  x0, [x2, x3] */
	0x92403403, /*         and  x3, x0, #0x3fff */
	0xb5ffff83, /*         cbnz x3, again */
	0xd34efc03, /*         lsr  x3, x0, #14 */
	0x11018463, /*         add  w3, w3, #'a' */
	0xb9000023, /*         str  w3, [x1] */
	0x7101c07f, /*         cmp  w3, #'p' */
	0x54fffee1, /*         b.ne again */
	0x52800100, /*         mov  w0, #0x8            SYSTEM_OFF */
	0x72b08000, /*         movk w0, #0x8400, lsl #16 */
	0xd4000002, /*         hvc  #0 */
};

static void soft_init(struct rig *r)
{
	rig_init(r);
	r->cfg.ops = &hv_soft;
	r->cfg.program = busy;
	r->cfg.program_len = sizeof(busy);
	rig_create(r);
}

static void test_a_real_guest_goes_on_as_if_nothing_had_been(void **s)
{
	unsigned cut;

	(void)s;
	for (cut = 1; cut < 60; cut += 13) {
		microvm_stats sa, sb;
		struct rig a, b;
		struct state st;
		char ta[32] = { 0 }, tb[32] = { 0 };
		size_t n;

		soft_init(&a);
		soft_init(&b);
		assert_int_equal(vm_step(a.vm, cut, NULL), 0);
		assert_false(vm_has_ended(a.vm));
		n = console_read(&a.vm->console, ta, sizeof(ta));
		st = save(&a);
		assert_int_equal(load(&b, st.buf, st.len, NULL), 0);
		free(st.buf);
		assert_int_equal(vm_start(a.vm, NULL), 0);
		assert_int_equal(vm_start(b.vm, NULL), 0);
		assert_int_equal(rig_end(&a), MICROVM_EXIT_POWEROFF);
		assert_int_equal(rig_end(&b), MICROVM_EXIT_POWEROFF);
		same_state(&a, &b);
		vm_stats(a.vm, &sa);
		vm_stats(b.vm, &sb);
		assert_true(sa.insns > 1000000);
		assert_int_equal(sa.insns, sb.insns);
		(void)console_read(&a.vm->console, ta + n, sizeof(ta) - n);
		(void)console_read(&b.vm->console, tb, sizeof(tb));
		assert_string_equal(ta, "bcdefghijklmnop");
		assert_string_equal(ta + n, tb);
		rig_fini(&a);
		rig_fini(&b);
	}
}

static void test_ram_that_was_dirty_is_cleaned_by_a_load(void **s)
{
	struct machine a, b;
	struct state st;
	uint8_t *ram;

	(void)s;
	machine_init(&a);
	machine_init(&b);
	ram = b.rig.vm->ram;
	ram[MIB - 1] = 1;
	st = save(&a.rig);
	assert_true(st.len < MIB / 4); /* untouched RAM is not stored */
	assert_int_equal(load(&b.rig, st.buf, st.len, NULL), 0);
	assert_int_equal(ram[MIB - 1], 0);
	free(st.buf);
	rig_fini(&a.rig);
	rig_fini(&b.rig);
}

static void test_another_machine_s_state_is_refused(void **s)
{
	struct machine a;
	struct state st;
	struct rig r;
	mv_error e;

	(void)s;
	machine_init(&a);
	st = save(&a.rig);

	rig_init(&r); /* one CPU */
	rig_create(&r);
	assert_int_equal(load(&r, st.buf, st.len, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg,
			    "saved state, machine: another number of CPUs");
	rig_fini(&r);

	rig_init(&r);
	r.cfg.cpus = 2;
	r.cfg.ram = 2 * MIB;
	FOLLOW(&r, 0, a.boot);
	FOLLOW(&r, 1, a.second);
	rig_create(&r);
	assert_int_equal(load(&r, st.buf, st.len, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "saved state, ram: another amount of RAM");
	rig_fini(&r);

	rig_init(&r);
	r.cfg.cpus = 2;
	r.cfg.virtual_time = false;
	rig_create(&r);
	assert_int_equal(load(&r, st.buf, st.len, &e), -MICROVM_EBADIMAGE);
	assert_string_equal(e.msg, "saved state, machine: another clock");
	rig_fini(&r);

	free(st.buf);
	rig_fini(&a.rig);
}

static void test_cut_or_changed_bytes_do_no_harm(void **s)
{
	struct machine a, b;
	struct state st;
	size_t i;

	(void)s;
	machine_init(&a);
	assert_int_equal(vm_step(a.rig.vm, 5, NULL), 0);
	st = save(&a.rig);
	for (i = 0; i < st.len; i += 1 + st.len / 150) {
		uint8_t *cut = malloc(i ? i : 1);

		/* Of its own size, for the sanitizer to see its end. */
		assert_non_null(cut);
		memcpy(cut, st.buf, i);
		machine_init(&b);
		assert_int_equal(load(&b.rig, cut, i, NULL),
				 -MICROVM_EBADIMAGE);
		rig_fini(&b.rig);
		free(cut);

		st.buf[i] ^= 0xff;
		machine_init(&b);
		if (!load(&b.rig, st.buf, st.len, NULL))
			assert_int_equal(vm_step(b.rig.vm, 50, NULL), 0);
		rig_fini(&b.rig);
		st.buf[i] ^= 0xff;
	}
	free(st.buf);
	rig_fini(&a.rig);
}

static void test_a_running_machine_is_not_saved(void **s)
{
	struct script_step spin[] = { SPIN };
	struct state st;
	struct rig r;
	mv_error e;

	(void)s;
	rig_init(&r);
	FOLLOW(&r, 0, spin);
	rig_start(&r);
	state_init_save(&st);
	assert_int_equal(vm_state(r.vm, &st, &e), -MICROVM_ESTATE);
	assert_string_equal(e.msg, "the VM is running");
	assert_int_equal(state_fini(&st, NULL), 0);
	assert_null(st.buf);
	vm_kill(r.vm);
	(void)rig_end(&r);
	st = save(&r); /* now it stands still */
	free(st.buf);
	rig_fini(&r);
}

static void test_an_ended_machine_loads_nothing(void **s)
{
	struct machine a, b;
	struct state st;

	(void)s;
	machine_init(&a);
	machine_init(&b);
	st = save(&a.rig);
	vm_kill(b.rig.vm);
	assert_int_equal(load(&b.rig, st.buf, st.len, NULL), -MICROVM_ESTATE);
	free(st.buf);
	rig_fini(&a.rig);
	rig_fini(&b.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_loaded_machine_goes_on_as_the_saved_one),
		cmocka_unit_test(
			test_a_real_guest_goes_on_as_if_nothing_had_been),
		cmocka_unit_test(test_ram_that_was_dirty_is_cleaned_by_a_load),
		cmocka_unit_test(test_another_machine_s_state_is_refused),
		cmocka_unit_test(test_cut_or_changed_bytes_do_no_harm),
		cmocka_unit_test(test_a_running_machine_is_not_saved),
		cmocka_unit_test(test_an_ended_machine_loads_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
