/* SPDX-License-Identifier: MIT */
/*
 * runner.h - a host thread that owns one or more vCPUs and runs them in turn.
 *
 * Where a backend wants a thread per vCPU each runner has one; where it wants
 * one thread for all, one runner has all of them.  Knows backends and time,
 * but not the machine around.
 */
#ifndef VM_RUNNER_H
#define VM_RUNNER_H

#include "core/clock.h"
#include "vm/vcpu.h"
#include "vm/worker.h"

#define RUNNER_FOREVER UINT64_MAX

/*
 * It has come to rest: `why` ends the VM, by `v`; or it is HV_AGAIN, when the
 * runner was stopped or has used up its rounds.  On the runner's thread.
 */
typedef void runner_done_fn(void *ctx, enum hv_run why, struct vcpu *v);

struct runner {
	struct worker worker;
	struct thread self; /* after runner_init(): the worker's */
	struct vcpu *cpu;
	unsigned cpus;
	const struct clock *clock;
	struct mutex mu;  /* a leaf: the backend's line and kick at most */
	struct cond wake; /* a vCPU has a request */

	/* the worker's thread */
	unsigned ready; /* how many vCPUs the backend made */
	bool stop;
	uint64_t rounds;
	runner_done_fn *done;
	void *ctx;

	/* written by the worker's thread, read by any */
	_Atomic uint64_t insns; /* as the backend counts them */
};

/*
 * Start the thread and have the backend make the vCPUs on it.  `cpu` and
 * `clock` are borrowed until runner_fini().
 */
int runner_init(struct runner *r, struct vcpu *cpu, unsigned cpus,
		const struct clock *clock, mv_error *err) MUST_CHECK;
void runner_fini(struct runner *r);

/*
 * Run: each vCPU that is on and has something to do gets one slice a round,
 * in order of its index.  Comes back at once; `done` follows.  With a limit
 * of rounds it comes to rest also when nothing will happen by itself.
 */
void runner_run(struct runner *r, uint64_t rounds, runner_done_fn *done,
		void *ctx);

/* Until it has come to rest and `done` has returned. */
void runner_wait(struct runner *r);

/* Save or load its vCPUs, on their thread; only while it is at rest. */
void runner_state(struct runner *r, struct state *s);

bool runner_is_self(const struct runner *r);

#endif
