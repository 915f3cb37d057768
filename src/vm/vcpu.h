/* SPDX-License-Identifier: MIT */
/*
 * vcpu.h - one virtual CPU: what others ask of it, and whether it is on.
 *
 * A vCPU runs on the thread of its runner.  Everybody else leaves requests,
 * which are never lost: see runner.c on how it falls asleep.
 */
#ifndef VM_VCPU_H
#define VM_VCPU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/hv.h"

struct runner;

enum vcpu_request {
	VCPU_STOP = 1 << 0,  /* let the runner end */
	VCPU_START = 1 << 1, /* begin with `start`: it was switched on */
	VCPU_WAKE = 1 << 2,  /* look whether there is still reason to idle */
};

/*
 * OFF -> STARTING by vcpu_start(), -> ON when its runner has seen it, -> OFF
 * by vcpu_off() or vcpu_halt().  PSCI calls these off, on-pending and on.
 */
enum vcpu_power { VCPU_OFF, VCPU_STARTING, VCPU_ON };

struct vcpu {
	struct hv_vcpu hv;
	struct runner *runner;

	/* any thread */
	atomic_uint requests; /* sum of enum vcpu_request */
	atomic_uint power;    /* enum vcpu_power */

	/* under the runner's mu */
	struct regs start; /* where it begins when it is switched on */
	bool line;         /* the level of its interrupt input */

	/* the runner's thread */
	bool idle; /* run() said so, and nothing since */

	/* written by the runner's thread, read by any */
	_Atomic uint64_t exits[MICROVM_XK_KINDS];
};

void vcpu_init(struct vcpu *v, struct hv_vm *vm, unsigned index,
	       struct runner *runner);

/* Ask for something.  Any thread, also inside an up-call. */
void vcpu_request(struct vcpu *v, unsigned what);

/* Its interrupt input; shaped like irq.set, with the vCPU as the chip. */
void vcpu_line(void *vcpu, unsigned pin, bool level);

/* Switch it on, to begin with these registers; false unless it is off. */
bool vcpu_start(struct vcpu *v, const struct regs *start);

/* Its runner has seen that: reset it, and let it begin, if it still is to. */
void vcpu_begin(struct vcpu *v);

/* It switches itself off, on its own thread: from now on it is not run. */
void vcpu_off(struct vcpu *v);

/*
 * The same by another CPU, from any thread: it may get some instructions
 * further.  One that was to start does not.
 */
void vcpu_halt(struct vcpu *v);

/*
 * With HV_POWER, before it runs: the hypervisor has it in hand, which holds it
 * back inside run() until the guest switches it on.
 */
void vcpu_hand_over(struct vcpu *v);

enum vcpu_power vcpu_power(const struct vcpu *v);

/* One more exit of a kind.  The runner's thread. */
void vcpu_count(struct vcpu *v, enum microvm_exit_kind kind);

/* What the runner knows of it; not the backend's part. */
void vcpu_state(struct vcpu *v, struct state *s);

#endif
