/* SPDX-License-Identifier: MIT */
/*
 * vm.c - an arm64 VM of KVM: what the host must have, the GIC, wires.
 *
 * KVM has the whole GIC, the timers, and PSCI.
 */
#include <stdlib.h>
#include <unistd.h>

#include "backend/kvm/arm64/arm64.h"
#include "base/container.h"

/* Without being asked KVM gives a guest 40 bits of addresses. */
enum { IPA_BITS = 40 };

int kvm_arch_check(int fd, mv_error *err)
{
	static const struct kvm_need need[] = {
		{ KVM_CAP_IRQCHIP, "GIC for guests" },
		{ KVM_CAP_DEVICE_CTRL, "control of devices" },
		{ KVM_CAP_ONE_REG, "access to registers" },
		{ KVM_CAP_MP_STATE, "power state of a vCPU" },
		{ KVM_CAP_ARM_PSCI_0_2, "PSCI 0.2" },
	};

	return kvm_needs(fd, need, LEN(need), err);
}

/* Hosts that cannot address as much say so; older ones all can. */
unsigned long kvm_arch_vm_type(int fd)
{
	int bits = kvm_has(fd, KVM_CAP_ARM_VM_IPA_SIZE);

	return bits && bits < IPA_BITS
		       ? KVM_VM_TYPE_ARM_IPA_SIZE((unsigned long)bits)
		       : 0;
}

static int choose_cpu(const struct kvm_vm *k, struct kvm_vcpu_init *cpu,
		      mv_error *err)
{
	if (kvm_call(k->fd, KVM_ARM_PREFERRED_TARGET, cpu))
		return kvm_refused(err, "does not name the CPU it can make");
	*cpu = (struct kvm_vcpu_init){ .target = cpu->target };
	cpu->features[0] = UINT32_C(1) << KVM_ARM_VCPU_PSCI_0_2;
	return 0;
}

/* Or KVM_RUN would fail without the address: see vcpu.c. */
static void ask_for_undecoded(const struct kvm_vm *k)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_NISV_TO_USER };

	(void)!kvm_call(k->fd, KVM_ENABLE_CAP, &cap); /* since Linux 5.5 */
}

int kvm_arch_vm_init(struct kvm_vm *k, mv_error *err)
{
	struct kvm_arm64 *a = calloc(1, sizeof(*a));
	int rc;

	if (!a)
		return fail(err, MICROVM_ENOMEM, "out of memory");
	a->first = -1;
	rc = choose_cpu(k, &a->cpu, err);
	if (!rc)
		rc = vgic_init(&a->gic, k->fd, k->hv->cfg.cpus, err);
	if (rc) {
		free(a);
		return rc;
	}
	ask_for_undecoded(k);
	k->arch = a;
	k->hv->gic = a->gic.version;
	return 0;
}

void kvm_arch_vm_fini(struct kvm_vm *k)
{
	vgic_fini(&kvm_arm64(k)->gic);
	free(k->arch);
	k->arch = NULL;
}

int kvm_arch_ready(struct kvm_vm *k, mv_error *err)
{
	return vgic_ready(&kvm_arm64(k)->gic, err);
}

/* api.rst 4.25: the type of the wire, and its number as the GIC counts. */
void kvm_arch_wire(struct kvm_vm *k, unsigned pin, bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | pin,
		.level = level,
	};

	/* Fails only for pins that the GIC has not, and the board has none. */
	(void)!kvm_call(k->fd, KVM_IRQ_LINE, &line);
}

/* Nothing in this machine sends messages: it has no ITS and no v2m frame. */
void kvm_arch_message(struct kvm_vm *k, uint64_t addr, uint32_t data)
{
	(void)k;
	(void)addr;
	(void)data;
}
