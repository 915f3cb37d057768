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

/* A piece of guest RAM. */
struct board_ram {
	uint64_t gpa, size;
};

enum { BOARD_RAMS = 2 };

/* A place for a virtio-mmio device. */
struct board_slot {
	uint64_t gpa, size; /* of its registers */
	struct irq wire;
};

struct board_ops {
	unsigned max_cpus;
	unsigned max_virtio; /* slots */

	/* Where so many bytes of RAM lie: how many pieces, in order. */
	unsigned (*ram)(uint64_t size,
			struct board_ram piece[static BOARD_RAMS]);

	/* The devices, on the VM's bus; after its vCPUs were made. */
	int (*init)(struct vm *vm, mv_error *err);
	void (*fini)(struct vm *vm);

	struct board_slot (*virtio)(struct vm *vm, unsigned slot);

	/* Put the guest into RAM and its first CPU at its entry. */
	int (*load)(struct vm *vm, const struct vm_config *cfg, mv_error *err);

	/* The console has input.  Any thread, no lock held. */
	void (*input)(struct vm *vm);

	/*
	 * Up-calls of struct hv_events, on the vCPU's thread.  Those that are
	 * NULL are not made for this machine.
	 */
	bool (*access)(struct vcpu *v, struct access *a); /* NULL: the bus */
	bool (*sysreg)(struct vcpu *v, struct sysreg_access *a);
	enum hv_run (*call)(struct vcpu *v, struct regs *r);
	int (*pending)(struct vcpu *v);
	void (*eoi)(struct vcpu *v, unsigned vector);
	void (*timer)(struct vcpu *v, enum hv_timer which, bool level);
	uint64_t (*deadline)(struct vcpu *v);
	void (*tick)(struct vcpu *v);

	void (*state)(struct vm *vm, struct state *s);
};

/* For boards: put the program of `cfg` at this address of RAM. */
int board_program(struct vm *vm, const struct vm_config *cfg, uint64_t gpa,
		  mv_error *err) MUST_CHECK;

/* The board of an architecture, or NULL: not in this build. */
const struct board_ops *board_of(enum arch arch);

#endif
