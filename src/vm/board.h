/* SPDX-License-Identifier: MIT */
/*
 * board.h - what the VM needs of a machine, whatever its architecture.
 *
 * A board is a parts list: it makes the devices, wires them up, and answers
 * what CPUs ask beside memory accesses.
 */
#ifndef VM_BOARD_H
#define VM_BOARD_H

#include "core/hv.h"
#include "core/irq.h"

struct vm;
struct vm_config;
struct vcpu;
struct virtio_mmio;

struct board_ops {
	uint64_t ram_base; /* where RAM begins */
	unsigned max_cpus;

	/* The devices, on the VM's bus; after its vCPUs were made. */
	int (*init)(struct vm *vm, mv_error *err);
	void (*fini)(struct vm *vm);

	/* The wire of a virtio-mmio slot; and its registers on the bus. */
	struct irq (*virtio_wire)(struct vm *vm, unsigned slot);
	int (*virtio_add)(struct vm *vm, unsigned slot, struct virtio_mmio *m,
			  mv_error *err);

	/* Put the guest into RAM and its first CPU at its entry. */
	int (*load)(struct vm *vm, const struct vm_config *cfg, mv_error *err);

	/* The console has input.  Any thread, no lock held. */
	void (*input)(struct vm *vm);

	/* Up-calls of struct hv_events, on the vCPU's thread. */
	bool (*sysreg)(struct vcpu *v, struct sysreg_access *a);
	enum hv_run (*call)(struct vcpu *v, struct regs *r);
	void (*timer)(struct vcpu *v, enum hv_timer which, bool level);

	void (*state)(struct vm *vm, struct state *s);
};

/* The board of an architecture, or NULL: not in this build. */
const struct board_ops *board_of(enum arch arch);

#endif
