/* SPDX-License-Identifier: MIT */
/* private.h - what the files of the soft backend share. */
#ifndef BACKEND_SOFT_PRIVATE_H
#define BACKEND_SOFT_PRIVATE_H

#include "core/hv.h"
#include "cpu/arm64/cpu.h"
#include "os/thread.h"

struct soft_vcpu {
	struct a64 cpu;
	struct hv_vcpu *v;
};

struct soft_vm {
	struct block_cache cache;
	struct vtime vtime;
	struct a64_cluster cluster; /* of those initialized so far */
	const struct hv_vm *vm;
	struct thread thread; /* that all its vCPUs run on */
	uint64_t host_zero;   /* host ns at which guest time is 0 */
};

static inline struct soft_vm *soft_vm_of(const struct hv_vm *vm)
{
	return vm->priv;
}

static inline struct soft_vcpu *soft_vcpu_of(const struct hv_vcpu *v)
{
	return v->priv;
}

/* Save or load one CPU; the first one also carries the VM's time. */
void soft_state(struct hv_vcpu *v, struct state *s);

#endif
