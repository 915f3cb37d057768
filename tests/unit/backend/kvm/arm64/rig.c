/* SPDX-License-Identifier: MIT */
/* rig.c - a VM of KVM with tiny arm64 guests, straight at the seam. */
#include "rig.h"

#include "arch/arm64/layout.h"
#include "base/container.h"
#include "os/mem.h"

#include "../../../check.h"

enum { EL1H_MASKED = 0x3c5 }; /* DDI 0487 C5.2.18: DAIF, EL1, SP_EL1 */

static struct rig *rig_of(struct hv_vcpu *v)
{
	return container_of(v->vm, struct rig, vm);
}

static void told(struct rig *r, struct hv_vcpu *v, const struct access *a)
{
	switch (a->addr - RIG_BASE) {
	case RIG_SAY:
		assert_in_range(r->words, 0, RIG_LOG - 1);
		r->said[r->words++] = a->value;
		return;
	case RIG_LOW: hv_kvm.wire(v->vm, (unsigned)a->value, false); return;
	case RIG_DONE: r->done = true; break;
	case RIG_PAUSE: break;
	default: return;
	}
	r->paused = true;
	hv_kvm.kick(v);
}

static bool on_access(struct hv_vcpu *v, struct access *a)
{
	struct rig *r = rig_of(v);

	if (!a->write)
		a->value = r->answer;
	if (r->accesses < RIG_LOG)
		r->log[r->accesses++] = *a;
	if (a->write)
		told(r, v, a);
	return true;
}

static const struct hv_events events = { .access = on_access };

void rig_make(struct rig *r, unsigned cpus)
{
	mv_error e = { 0 };
	unsigned i;

	*r = (struct rig){ 0 };
	rig_ok(mem_map(&r->ram, RIG_RAM, &e), &e);
	rig_ok(gmem_add(&r->mem, ARM64_RAM_BASE, r->ram, RIG_RAM, &e), &e);
	r->vm = (struct hv_vm){
		.ops = &hv_kvm,
		.on = &events,
		.mem = &r->mem,
		.cfg = { .arch = ARCH_ARM64, .cpus = cpus },
	};
	rig_ok(hv_kvm.vm_init(&r->vm, &e), &e);
	rig_ok(hv_kvm.map(&r->vm, &r->mem.region[0], &e), &e);
	for (i = 0; i < cpus; i++) {
		r->v[i] = (struct hv_vcpu){ .vm = &r->vm, .index = i };
		rig_ok(hv_kvm.vcpu_init(&r->v[i], &e), &e);
	}
	rig_ok(hv_kvm.ready(&r->vm, &e), &e);
}

void rig_unmake(struct rig *r)
{
	unsigned i;

	for (i = r->vm.cfg.cpus; i-- > 0;)
		hv_kvm.vcpu_fini(&r->v[i]);
	hv_kvm.vm_fini(&r->vm);
	mem_unmap(r->ram, RIG_RAM);
}

void rig_put(struct rig *r, uint32_t off, const uint8_t *code,
	     const uint8_t *end)
{
	assert_true(gmem_write(&r->mem, ARM64_RAM_BASE + off, code,
			       (size_t)(end - code)));
}

void rig_load(struct rig *r, const uint8_t *code, const uint8_t *end,
	      uint64_t x0)
{
	struct regs regs = { .arm64 = { .pc = ARM64_RAM_BASE,
					.pstate = EL1H_MASKED } };

	rig_put(r, 0, code, end);
	regs.arm64.x[0] = x0;
	regs.arm64.x[20] = RIG_BASE;
	regs.arm64.x[21] = r->vm.gic;
	regs.arm64.x[22] = ARM64_RAM_BASE + RIG_VECTORS;
	hv_kvm.set_regs(&r->v[0], &regs);
	r->done = false;
}

enum hv_run rig_run(struct rig *r, unsigned cpu)
{
	enum hv_run why = HV_AGAIN;

	r->paused = false;
	while (!r->paused && why == HV_AGAIN)
		why = hv_kvm.run(&r->v[cpu]);
	return why;
}

void rig_finish(struct rig *r)
{
	while (!r->done) {
		enum hv_run why = rig_run(r, 0);

		rig_ok(why == HV_FAILED, &r->v[0].err);
		assert_int_equal(why, HV_AGAIN);
	}
}
