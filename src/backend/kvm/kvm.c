/* SPDX-License-Identifier: MIT */
/* kvm.c - KVM as a backend: its table, and its probe. */
#include "backend/kvm/kvm.h"

#include <unistd.h>

#include "backend/kvm/arch.h"

/* Only looks: what a VM would need is asked for, but none is made. */
static int probe(struct hv_found *found, mv_error *err)
{
	int fd, rc;

	rc = kvm_open(&fd, found, err);
	if (!rc)
		(void)close(fd); /* nothing was written to it */
	return rc;
}

static int ready(struct hv_vm *vm, mv_error *err)
{
	return kvm_arch_ready(kvm_vm_of(vm), err);
}

static void vm_state(struct hv_vm *vm, struct state *s)
{
	kvm_arch_vm_state(kvm_vm_of(vm), s);
}

static void get_regs(struct hv_vcpu *v, struct regs *r)
{
	kvm_vcpu_finish(kvm_vcpu_of(v));
	kvm_arch_get_regs(kvm_vcpu_of(v), r);
}

static void set_regs(struct hv_vcpu *v, const struct regs *r)
{
	kvm_vcpu_finish(kvm_vcpu_of(v));
	kvm_arch_set_regs(kvm_vcpu_of(v), r);
}

static void state(struct hv_vcpu *v, struct state *s)
{
	kvm_vcpu_finish(kvm_vcpu_of(v));
	kvm_arch_vcpu_state(kvm_vcpu_of(v), s);
}

static void wire(struct hv_vm *vm, unsigned pin, bool level)
{
	kvm_arch_wire(kvm_vm_of(vm), pin, level);
}

static void message(struct hv_vm *vm, uint64_t addr, uint32_t data)
{
	kvm_arch_message(kvm_vm_of(vm), addr, data);
}

const struct hv_ops hv_kvm = {
	.name = "kvm",
	.provides = KVM_ARCH_PROVIDES,
	.arches = KVM_ARCH_GUESTS,
	.probe = probe,
	.vm_init = kvm_vm_init,
	.vm_fini = kvm_vm_fini,
	.map = kvm_vm_map,
	.doorbell = kvm_vm_doorbell,
	.ready = ready,
	.vcpu_init = kvm_vcpu_init,
	.vcpu_fini = kvm_vcpu_fini,
	.get_regs = get_regs,
	.set_regs = set_regs,
	.state = state,
	.run = kvm_vcpu_run,
	.vm_state = vm_state,
	.watch = kvm_vm_watch,
	.dirty = kvm_vm_dirty,
	.kick = kvm_vcpu_kick,
	.wire = wire,
	.message = message,
};
