/* SPDX-License-Identifier: MIT */
/*
 * script.h - a backend with no CPU: each vCPU follows a list of steps.
 *
 * Unit tests and fuzzers drive everything above the seam with it, on any
 * host.  A step is what one slice of a guest would come to: an access, a
 * hypercall, an idle wait.  The script belongs to the test, one per VM; its
 * answers are left in the steps.
 */
#ifndef BACKEND_SCRIPT_SCRIPT_H
#define BACKEND_SCRIPT_SCRIPT_H

#include <stdatomic.h>

#include "core/hv.h"
#include "os/thread.h"

enum script_op {
	SCRIPT_ACCESS, /* goes up; claimed tells the answer */
	SCRIPT_SYSREG, /* the same */
	SCRIPT_CALL,   /* regs.x0-x3 = x[]; a hypercall goes up */
	SCRIPT_TIMER,  /* timer output `timer` goes to `level` */
	SCRIPT_TAKE,   /* asks for the vector to take; `vector` tells */
	SCRIPT_EOI,    /* interrupt `vector` has ended */
	SCRIPT_MARK,   /* mark `mark` goes up */
	SCRIPT_TICK,   /* `ns` of virtual time pass */
	SCRIPT_WFI,    /* idle until the line is high, or time `ns` */
	SCRIPT_SPIN,   /* busy for ever: every slice ends here */
	SCRIPT_BLOCK,  /* WFI, but sleeping inside run(), as KVM does */
	SCRIPT_GOTO,   /* go on at step `to` */
	SCRIPT_RETURN, /* run() returns `value` from here on */
};

struct script_step {
	enum script_op op;
	bool claimed; /* answer: somebody took it */
	union {
		struct access access;
		struct sysreg_access sysreg;
		uint64_t x[4];
		uint64_t ns;
		unsigned to;
		enum hv_run value;
		enum hv_mark mark;
		int vector;
		struct {
			enum hv_timer timer;
			bool level;
		};
	};
};

/* Which call of the backend is to fail. */
enum script_fault {
	SCRIPT_NO_FAULT,
	SCRIPT_VM_INIT_FAILS,
	SCRIPT_MAP_FAILS,
	SCRIPT_VCPU_INIT_FAILS, /* of vCPU fault_cpu */
};

enum { SCRIPT_CPUS = 8, SCRIPT_TRACE = 4096, SCRIPT_MESSAGES = 16 };

struct script_cpu {
	struct script_step *step;
	unsigned count; /* behind the last: HV_SHUTDOWN */

	/* the vCPU's thread */
	unsigned pos;
	struct regs regs;
	unsigned resets;

	/* any thread */
	atomic_bool line, kicked;
};

/* One slice as it was run, for tests of the order. */
struct script_trace {
	uint8_t cpu;
	uint16_t pos;
	uint64_t now;
};

/* Of those that came down. */
struct script_message {
	uint64_t addr;
	uint32_t data;
};

struct script {
	struct hv_ops ops; /* what the VM is given */
	struct script_cpu cpu[SCRIPT_CPUS];
	enum script_fault fault;
	unsigned fault_cpu;
	unsigned vms, vcpus; /* alive; for tests of leaks */
	bool is_virtual;
	_Atomic uint64_t now; /* virtual ns */
	uint64_t born;        /* host ns, when time is real */
	_Atomic uint64_t slices;
	struct mutex mu; /* of SCRIPT_BLOCK, the trace and the messages */
	struct cond wake;
	unsigned traces;
	struct script_trace trace[SCRIPT_TRACE];
	unsigned messages; /* how many came; the first are kept */
	struct script_message message[SCRIPT_MESSAGES];
};

/*
 * An empty script; the caller sets cpu[i].step and count, and may change
 * ops.provides (HV_ONE_THREAD | HV_VIRTUAL_TIME at first).
 */
int script_init(struct script *s, mv_error *err) MUST_CHECK;
void script_fini(struct script *s);

#endif
