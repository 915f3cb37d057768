/* SPDX-License-Identifier: MIT */
/*
 * none.c - no CPU: for a machine that is made to be looked at.
 *
 * Claims to emulate all that a hypervisor can, so that nobody above makes
 * parts that would never be used.
 */
#include "backend/none/none.h"

#include <stdio.h>

enum { GIC_VERSION = 3 };

static int probe(struct hv_found *found, mv_error *err)
{
	(void)err;
	(void)snprintf(found->detail, sizeof(found->detail), "no CPU");
	return 0;
}

static int vm_init(struct hv_vm *vm, mv_error *err)
{
	(void)err;
	vm->gic = GIC_VERSION;
	return 0;
}

static void vm_fini(struct hv_vm *vm)
{
	(void)vm;
}

static int map(struct hv_vm *vm, const struct gmem_region *r, mv_error *err)
{
	(void)vm;
	(void)r;
	(void)err;
	return 0;
}

static int vcpu_init(struct hv_vcpu *v, mv_error *err)
{
	(void)v;
	(void)err;
	return 0;
}

static void vcpu_nothing(struct hv_vcpu *v)
{
	(void)v;
}

static void get_regs(struct hv_vcpu *v, struct regs *r)
{
	(void)v;
	*r = (struct regs){ 0 };
}

static void set_regs(struct hv_vcpu *v, const struct regs *r)
{
	(void)v;
	(void)r;
}

static void state(struct hv_vcpu *v, struct state *s)
{
	(void)v;
	state_section(s, "none", 1); /* so that no CPU's is taken for it */
}

static enum hv_run run(struct hv_vcpu *v)
{
	(void)fail(&v->err, MICROVM_ENOTSUP,
		   "the machine has no CPU: it was made to be looked at");
	return HV_FAILED;
}

static void wire(struct hv_vm *vm, unsigned pin, bool level)
{
	(void)vm;
	(void)pin;
	(void)level;
}

static void message(struct hv_vm *vm, uint64_t addr, uint32_t data)
{
	(void)vm;
	(void)addr;
	(void)data;
}

const struct hv_ops hv_none = {
	.name = "none",
	.provides = HV_WIRES | HV_LOCAL | HV_TIMER | HV_POWER | HV_ONE_THREAD |
		    HV_VIRTUAL_TIME,
	.arches = 1u << ARCH_ARM64 | 1u << ARCH_X86_64,
	.probe = probe,
	.vm_init = vm_init,
	.vm_fini = vm_fini,
	.map = map,
	.vcpu_init = vcpu_init,
	.vcpu_fini = vcpu_nothing,
	.get_regs = get_regs,
	.set_regs = set_regs,
	.state = state,
	.run = run,
	.kick = vcpu_nothing,
	.wire = wire,
	.message = message,
};
