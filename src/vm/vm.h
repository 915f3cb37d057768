/* SPDX-License-Identifier: MIT */
/*
 * vm.h - a virtual machine: its parts, and its life from create to free.
 *
 * The only place where devices, CPUs, threads and the console meet.  The
 * calls are safe from any thread unless they say otherwise; what the public
 * ones promise stands in microvm.h.
 */
#ifndef VM_VM_H
#define VM_VM_H

#include "core/bus.h"
#include "core/clock.h"
#include "core/gmem.h"
#include "core/hv.h"
#include "dev/power.h"
#include "vm/board.h"
#include "vm/board_arm64.h"
#include "vm/board_x86_64.h"
#include "vm/console.h"
#include "vm/host_clock.h"
#include "vm/link.h"
#include "vm/loop.h"
#include "vm/runner.h"
#include "vm/vcpu.h"

enum { VM_MAX_CPUS = 8 };

struct boot_config;

struct vm_config {
	const struct hv_ops *ops;
	enum arch arch;
	unsigned cpus;
	uint64_t ram; /* bytes, whole pages */
	bool virtual_time;
	bool console;
	microvm_event_fn *event; /* NULL: nobody listens */
	void *event_ctx;
	uint64_t born; /* host ns: marks count from */
	struct link_config link;

	/* What to run, needed by vm_create() alone: a kernel with all ... */
	const struct boot_config *boot;
	/* ... or, when that is NULL, bytes to be run at the start of RAM. */
	const void *program;
	size_t program_len;
};

/*
 * READY -> RUNNING by vm_start() or vm_step(), -> READY when the steps are
 * done, -> ENDED when a reason to end was given and all runners have come to
 * rest.  vm_kill() of a READY one ends it at once.
 */
enum vm_phase { VM_READY, VM_RUNNING, VM_ENDED };

struct vm {
	struct hv_vm hv;
	unsigned cpus, runners;
	struct vcpu vcpu[VM_MAX_CPUS];
	struct runner runner[VM_MAX_CPUS];
	struct gmem mem;
	struct bus bus;
	struct clock clock;
	struct host_clock host_clock; /* unless the backend makes time */
	struct console console;
	struct loop loop;
	struct {
		const struct board_ops *ops;
		union {
			struct board_arm64 arm64;
			struct board_x86_64 x86_64;
		};
	} board;
	struct link link;

	/* constant after vm_create() */
	microvm_event_fn *event;
	void *event_ctx;
	uint64_t born;
	void *ram;
	uint64_t ram_len;
	struct {
		void *p; /* from malloc(); NULL: this machine has none */
		size_t len;
	} artifact[MICROVM_ARTIFACTS]; /* as it was given to the guest */
	uint64_t bell_gpa;             /* of the link's doorbell; 0: none */
	unsigned virtio;               /* virtio-mmio slots in use */
	unsigned parts;                /* how many of parts.c's were made */

	struct task last_word; /* MICROVM_EVENT_EXITED */
	_Atomic uint64_t mark_ns[MICROVM_MARKS];
	_Atomic uint64_t mark_insns[MICROVM_MARKS];

	struct mutex mu;
	struct cond changed; /* phase or running */

	/* under mu */
	enum vm_phase phase;
	unsigned running;  /* runners not at rest */
	microvm_exit exit; /* its reason is NONE: no end in sight */
};

int vm_create(const struct vm_config *cfg, struct vm **out,
	      mv_error *err) MUST_CHECK;
int vm_start(struct vm *vm, mv_error *err) MUST_CHECK;
void vm_kill(struct vm *vm);
int vm_wait(struct vm *vm, uint32_t ms, microvm_exit *out) MUST_CHECK;
void vm_free(struct vm *vm);

/*
 * Give every vCPU up to `rounds` slices, and come back when they had them,
 * when nothing happens by itself any more, or when the VM has ended.  Instead
 * of vm_start(), or before it.  With a backend whose slices end by kicks alone,
 * such as KVM, somebody must ask each vCPU for something (VCPU_WAKE).
 */
int vm_step(struct vm *vm, uint64_t rounds, mv_error *err) MUST_CHECK;

/*
 * Save or load everything that makes the guest go on the same: CPUs, devices,
 * RAM and time.  Only while it is at rest.  A load wants a VM of the same
 * configuration; after a failed one only vm_free() makes sense.
 */
int vm_state(struct vm *vm, struct state *s, mv_error *err) MUST_CHECK;

/*
 * Keep it from being started, stepped or held by others until the release;
 * fails unless it is at rest and can go on.
 */
int vm_hold(struct vm *vm, mv_error *err) MUST_CHECK;
void vm_release(struct vm *vm);
bool vm_has_ended(struct vm *vm);

void vm_stats(const struct vm *vm, microvm_stats *stats);

/*
 * For boards: keep a copy of what the guest is given, for those who want to
 * look: the guest may change its own.
 */
int vm_keep(struct vm *vm, enum microvm_artifact which, const void *data,
	    size_t len, mv_error *err) MUST_CHECK;

/* ... the same from guest memory. */
int vm_keep_gpa(struct vm *vm, enum microvm_artifact which, uint64_t gpa,
		size_t len, mv_error *err) MUST_CHECK;

/* For boards, of whose power switches ctx is the VM: off, or on again. */
void vm_power(void *ctx, enum power what);

/* The guest's init told how its program ended. */
void vm_status(struct vm *vm, unsigned status);

/* For up-calls: the guest got somewhere, for the first time or not. */
void vm_mark(struct vm *vm, enum microvm_mark which);

#endif
