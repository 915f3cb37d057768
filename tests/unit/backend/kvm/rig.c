/* SPDX-License-Identifier: MIT */
/* rig.c - a VM of KVM with tiny x86_64 guests, straight at the seam. */
#include "rig.h"

#include <string.h>

#include "arch/x86_64/boot_regs.h"
#include "arch/x86_64/layout.h"
#include "arch/x86_64/tables.h"
#include "base/bytes.h"
#include "base/container.h"
#include "os/mem.h"

#include "../../check.h"

static struct rig *rig_of(struct hv_vcpu *v)
{
	return container_of(v->vm, struct rig, vm);
}

static void at_port(struct rig *r, struct hv_vcpu *v, const struct access *a)
{
	if (a->addr == RIG_PUTC && r->chars < RIG_LOG - 1)
		r->text[r->chars++] = (char)a->value;
	r->paused = a->addr == RIG_PAUSE || a->addr == RIG_DONE;
	r->done = a->addr == RIG_DONE;
	if (r->paused)
		v->vm->ops->kick(v);
}

static bool on_access(struct hv_vcpu *v, struct access *a)
{
	struct rig *r = rig_of(v);

	if (!a->write)
		a->value = r->answer;
	if (r->accesses < RIG_LOG)
		r->log[r->accesses++] = *a;
	if (a->space == SPACE_PIO && a->write)
		at_port(r, v, a);
	return true;
}

static bool on_sysreg(struct hv_vcpu *v, struct sysreg_access *a)
{
	struct rig *r = rig_of(v);

	r->msrs++;
	r->msr = *a;
	if (!a->write)
		a->value = r->answer;
	return !r->refuse;
}

static void on_eoi(struct hv_vcpu *v, unsigned vector)
{
	rig_of(v)->eois++;
	rig_of(v)->vector = vector;
}

static const struct hv_events events = {
	.access = on_access,
	.sysreg = on_sysreg,
	.eoi = on_eoi,
};

static void put_tables(struct rig *r)
{
	uint8_t *ram = r->ram;

	x86_gdt_write(ram + X86_GDT_GPA);
	x86_page_tables_write(ram + X86_PML4_GPA);
}

void rig_make(struct rig *r, unsigned cpus)
{
	mv_error e = { 0 };

	*r = (struct rig){ 0 };
	assert_int_equal(mem_map(&r->ram, RIG_RAM, &e), 0);
	assert_int_equal(gmem_add(&r->mem, 0, r->ram, RIG_RAM, &e), 0);
	put_tables(r);
	r->vm = (struct hv_vm){
		.ops = &hv_kvm,
		.on = &events,
		.mem = &r->mem,
		.cfg = { .arch = ARCH_X86_64, .cpus = cpus },
	};
	rig_ok(hv_kvm.vm_init(&r->vm, &e), &e);
	rig_ok(hv_kvm.map(&r->vm, &r->mem.region[0], &e), &e);
	r->v[0] = (struct hv_vcpu){ .vm = &r->vm };
	rig_ok(hv_kvm.vcpu_init(&r->v[0], &e), &e);
	assert_int_equal(hv_kvm.ready(&r->vm, &e), 0);
}

void rig_unmake(struct rig *r)
{
	hv_kvm.vcpu_fini(&r->v[0]);
	hv_kvm.vm_fini(&r->vm);
	mem_unmap(r->ram, RIG_RAM);
}

void rig_put(struct rig *r, uint32_t gpa, const uint8_t *code,
	     const uint8_t *end)
{
	assert_true(gmem_write(&r->mem, gpa, code, (size_t)(end - code)));
}

void rig_load(struct rig *r, const uint8_t *code, const uint8_t *end,
	      uint64_t rcx)
{
	struct regs regs;

	rig_put(r, RIG_CODE, code, end);
	x86_boot_regs(&regs, X86_ENTRY_64, RIG_CODE, 0);
	regs.x86.gpr[X86_RSP] = RIG_STACK;
	regs.x86.gpr[X86_RCX] = rcx;
	regs.x86.idt.base = RIG_IDT;
	regs.x86.idt.limit = 0xfff;
	hv_kvm.set_regs(&r->v[0], &regs);
	r->done = false;
}

/* SDM volume 3, 6.14.1: an interrupt gate of long mode. */
void rig_gate(struct rig *r, unsigned vector, uint32_t gpa)
{
	uint32_t at = RIG_IDT + 16 * vector;

	rig_put_u64(r, at,
		    (gpa & 0xffff) | X86_SEL_CODE64 << 16 |
			    UINT64_C(0x8e00) << 32 |
			    (uint64_t)(gpa >> 16) << 48);
	rig_put_u64(r, at + 8, 0);
}

enum hv_run rig_run(struct rig *r)
{
	enum hv_run why = HV_AGAIN;

	r->paused = false;
	while (!r->paused && why == HV_AGAIN)
		why = hv_kvm.run(&r->v[0]);
	return why;
}

void rig_finish(struct rig *r)
{
	while (!r->done) {
		enum hv_run why = rig_run(r);

		rig_ok(why == HV_FAILED, &r->v[0].err);
		assert_int_equal(why, HV_AGAIN);
	}
}

struct x86_regs rig_regs(struct rig *r)
{
	struct regs regs;

	hv_kvm.get_regs(&r->v[0], &regs);
	return regs.x86;
}

uint64_t rig_u64(const struct rig *r, uint32_t gpa)
{
	uint8_t b[8];

	assert_true(gmem_read(&r->mem, gpa, b, sizeof(b)));
	return le64(b);
}

void rig_put_u64(struct rig *r, uint32_t gpa, uint64_t value)
{
	uint8_t b[8];

	put_le64(b, value);
	assert_true(gmem_write(&r->mem, gpa, b, sizeof(b)));
}

uint64_t rig_peek(const struct rig *r, uint32_t gpa)
{
	const uint8_t *ram = r->ram;
	const void *at = ram + gpa;

	return __atomic_load_n((const uint64_t *)at, __ATOMIC_ACQUIRE);
}
