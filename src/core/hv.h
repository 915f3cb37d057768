/* SPDX-License-Identifier: MIT */
/*
 * hv.h - the seam between a VM and whatever runs its CPUs.
 *
 * Down-calls: struct hv_ops, one const table per backend (backend/<name>/).
 * Up-calls:   struct hv_events, one const table in vm/ (or in a test).
 * A backend makes up-calls from inside run(), on the vCPU's own thread, and
 * completes the guest instruction before it enters the guest again; nobody
 * above the seam writes a completion state machine.
 */
#ifndef CORE_HV_H
#define CORE_HV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "core/bus.h"
#include "core/clock.h"
#include "core/gmem.h"
#include "core/regs.h"
#include "core/state.h"

struct doorbell; /* os/doorbell.h */
struct hv_ops;
struct hv_events;

/* What a probe found on this host. */
struct hv_found {
	char detail[256];       /* in words */
	bool poor;              /* stock kernels crawl or fail on it; only
				   who asks for it by name gets it */
};

/* What a VM asks of its backend, fixed from vm_init on. */
struct hv_config {
	enum arch arch;
	unsigned  cpus;
	bool      virtual_time; /* the clock counts instructions */
	uint64_t  wall_start;   /* virtual time: seconds since 1970 at 0 */
};

struct hv_vm {
	const struct hv_ops    *ops;
	const struct hv_events *on;
	const struct gmem      *mem;
	struct hv_config        cfg;
	void                   *priv;   /* the backend's */
	unsigned                gic;    /* arm64, HV_WIRES: version, 2 or 3;
					   from vm_init on */
};

struct hv_vcpu {
	struct hv_vm *vm;
	unsigned      index;    /* 0 .. cpus - 1 */
	void         *priv;     /* the backend's */
	mv_error      err;      /* set before HV_FAILED */
};

/* Why run() came back.  I/O is not here: it went up through hv_events. */
enum hv_run {
	HV_AGAIN,               /* kicked, or a time slice ended */
	HV_IDLE,                /* HLT or WFI: sleep until something happens */
	HV_SHUTDOWN,            /* the guest powered off */
	HV_RESET,               /* the guest rebooted, or triple fault */
	HV_DEBUG,               /* breakpoint or single step */
	HV_FAILED,              /* v->err tells why */
};

/* What the hypervisor emulates by itself; dev/ supplies the rest. */
enum hv_provides {
	HV_WIRES = 1 << 0,      /* GIC distributor or IOAPIC: wire() works */
	HV_LOCAL = 1 << 1,      /* LAPIC or GIC CPU interface: message() */
	HV_TIMER = 1 << 2,      /* per-CPU timer, its interrupt included */
	HV_POWER = 1 << 3,      /* PSCI or INIT/SIPI: it runs all vCPUs from
				   the start, and holds back those that are
				   off inside run() */
	HV_ONE_THREAD = 1 << 4, /* all vCPUs of a VM share one host thread */
	HV_VIRTUAL_TIME = 1 << 5, /* can run on virtual time */
};

struct hv_ops {
	const char *name;
	unsigned    provides;   /* sum of enum hv_provides */
	unsigned    arches;     /* sum of 1 << enum arch: guests it can run */

	/* Usable here?  If not, the cause and the fix.  If so, what it is. */
	int  (*probe)(struct hv_found *found, mv_error *err);

	int  (*vm_init)(struct hv_vm *vm, mv_error *err);
	void (*vm_fini)(struct hv_vm *vm);

	/* Make a region of guest RAM visible; before the first run(). */
	int  (*map)(struct hv_vm *vm, const struct gmem_region *r,
		    mv_error *err);

	/*
	 * Writes of `size` bytes at this GPA ring the bell and are no access()
	 * any more.  Before the first run(); until the same with a bell of
	 * NULL, or vm_fini().  NULL: the hypervisor cannot.
	 */
	int  (*doorbell)(struct hv_vm *vm, uint64_t gpa, unsigned size,
			 const struct doorbell *bell, mv_error *err);

	/*
	 * All vCPUs are there, and none has run: what can be made only now.
	 * NULL: nothing.
	 */
	int  (*ready)(struct hv_vm *vm, mv_error *err);

	/* The guest's clock, if the backend makes it; else NULL: the host's. */
	void (*clock)(struct hv_vm *vm, struct clock *out);

	/* Always on the vCPU's own thread, from init to fini. */
	int  (*vcpu_init)(struct hv_vcpu *v, mv_error *err);
	void (*vcpu_fini)(struct hv_vcpu *v);

	/*
	 * Back to the state vcpu_init made, before set_regs() says where to
	 * start: a CPU is switched on.  NULL where the hypervisor does it.
	 */
	void (*reset)(struct hv_vcpu *v);
	void (*get_regs)(struct hv_vcpu *v, struct regs *r);
	void (*set_regs)(struct hv_vcpu *v, const struct regs *r);
	void (*state)(struct hv_vcpu *v, struct state *s);
	enum hv_run (*run)(struct hv_vcpu *v);

	/*
	 * What is the VM's and no vCPU's: clocks, interrupt controllers.  The
	 * VM is at rest; on a load the vCPUs were loaded before.  NULL: none.
	 */
	void (*vm_state)(struct hv_vm *vm, struct state *s);

	/*
	 * Note which pages of a region the guest writes; then, from any thread,
	 * which were written since the last look: a bit for each page of 4 KiB,
	 * the lowest first.  Writes of the host are not noted.  Both NULL where
	 * the hypervisor cannot.
	 */
	int  (*watch)(struct hv_vm *vm, const struct gmem_region *r, bool on,
		      mv_error *err);
	int  (*dirty)(struct hv_vm *vm, const struct gmem_region *r,
		      uint64_t *bits, mv_error *err);

	/*
	 * After HV_IDLE: the clock time at which the vCPU's own timer ends
	 * the sleep, or CLOCK_NEVER.  NULL: the hypervisor sleeps by itself.
	 */
	uint64_t (*deadline)(struct hv_vcpu *v);

	/*
	 * Instructions retired by all vCPUs, or NULL if nobody counts them.
	 * On a vCPU's thread, also from inside an up-call.
	 */
	uint64_t (*insns)(const struct hv_vm *vm);

	/*
	 * From any thread.  A kick makes run() come back soon; one that comes
	 * before run() is entered is not lost but makes it come back at once.
	 * line() is seen by a vCPU in guest code without a kick.
	 */
	void (*kick)(struct hv_vcpu *v);
	void (*line)(struct hv_vcpu *v, bool level);    /* without HV_LOCAL */
	void (*wire)(struct hv_vm *vm, unsigned pin, bool level);

	/*
	 * A message-signalled interrupt (SDM volume 3, 11.11), with HV_LOCAL.
	 * The end of a level-triggered one comes up as eoi().
	 */
	void (*message)(struct hv_vm *vm, uint64_t addr, uint32_t data);
};

/* A system register (arm64: op0:op1:CRn:CRm:op2, 16 bits) or an x86 MSR. */
struct sysreg_access {
	uint32_t id;
	bool     write;
	uint64_t value;         /* reads leave their answer here */
};

/* op0[15:14] op1[13:11] CRn[10:7] CRm[6:3] op2[2:0], as KVM packs them. */
#define SYSREG_ID(op0, op1, crn, crm, op2)                            \
	((uint32_t)(op0) << 14 | (uint32_t)(op1) << 11 |              \
	 (uint32_t)(crn) << 7 | (uint32_t)(crm) << 3 | (uint32_t)(op2))

/* Which per-CPU timer's line changed; the board knows its interrupt. */
enum hv_timer { HV_TIMER_VIRTUAL, HV_TIMER_PHYSICAL };

/* Things worth noting once per VM. */
enum hv_mark { HV_MARK_ENTERED, HV_MARK_USER };

struct hv_events {
	/* Memory-mapped and port I/O; false: nobody answers there. */
	bool (*access)(struct hv_vcpu *v, struct access *a);

	/* A register the CPU itself does not have; false: undefined. */
	bool (*sysreg)(struct hv_vcpu *v, struct sysreg_access *a);

	/*
	 * A hypercall (PSCI over HVC).  May change r; the answer is what
	 * run() is to return, HV_AGAIN to go on.
	 */
	enum hv_run (*call)(struct hv_vcpu *v, struct regs *r);

	/* x86 without HV_LOCAL: the vector the CPU takes now, or -1. */
	int  (*pending)(struct hv_vcpu *v);

	/* x86 with HV_LOCAL: a level-triggered interrupt has ended. */
	void (*eoi)(struct hv_vcpu *v, unsigned vector);

	/*
	 * Without HV_TIMER: the clock time at which the machine has something
	 * to do for this vCPU, or CLOCK_NEVER; a slice is to end by then, and
	 * whoever runs vCPUs calls tick() before the next.  Only up-calls of
	 * this vCPU and tick() bring it nearer.
	 */
	uint64_t (*deadline)(struct hv_vcpu *v);
	void (*tick)(struct hv_vcpu *v);

	/* A timer's output changed; without HV_TIMER. */
	void (*timer)(struct hv_vcpu *v, enum hv_timer which, bool level);

	void (*mark)(struct hv_vcpu *v, enum hv_mark mark);
};

#endif
