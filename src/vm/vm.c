/* SPDX-License-Identifier: MIT */
/*
 * vm.c - the life of a virtual machine.
 *
 * How it ends.  Many things may want that at once: the guest, a failure, a
 * kill, a free.  vm_end() keeps the first reason and has all vCPUs stop; each
 * runner reports when it has come to rest, and the last one makes the VM
 * ENDED, wakes who waits, and posts the last event.  Only vm_free() joins
 * threads.
 */
#include "vm/vm.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "base/num.h"
#include "os/time.h"
#include "vm/parts.h"

/* ---- marks and numbers ------------------------------------------------ */

static void mark(struct vm *vm, enum microvm_mark which, uint64_t insns)
{
	uint64_t ns = time_mono_ns() - vm->born, never = 0;

	/* 0 would say "not yet"; relaxed: numbers, nothing hangs on them */
	if (!atomic_compare_exchange_strong_explicit(
		    &vm->mark_ns[which], &never, ns ? ns : 1,
		    memory_order_relaxed, memory_order_relaxed))
		return;
	atomic_store_explicit(&vm->mark_insns[which], insns,
			      memory_order_relaxed);
}

void vm_status(struct vm *vm, unsigned status)
{
	mutex_lock(&vm->mu);
	vm->exit.has_status = 1;
	vm->exit.status = (int)status;
	mutex_unlock(&vm->mu);
}

void vm_mark(struct vm *vm, enum microvm_mark which)
{
	const struct hv_ops *ops = vm->hv.ops;

	mark(vm, which, ops->insns ? ops->insns(&vm->hv) : 0);
}

/* As of the last slice; each runner knows the number of the whole VM. */
static uint64_t insns(const struct vm *vm)
{
	uint64_t most = 0;
	unsigned i;

	for (i = 0; i < vm->runners; i++)
		most = max_u64(most,
			       atomic_load_explicit(&vm->runner[i].insns,
						    memory_order_relaxed));
	return most;
}

void vm_stats(const struct vm *vm, microvm_stats *stats)
{
	unsigned i, kind;

	*stats = (microvm_stats){
		.backend = vm->hv.ops->name,
		.insns = insns(vm),
		.ram_bytes = vm->ram_len,
	};
	for (i = 0; i < MICROVM_MARKS; i++) {
		stats->mark_ns[i] = atomic_load_explicit(&vm->mark_ns[i],
							 memory_order_relaxed);
		stats->mark_insns[i] = atomic_load_explicit(
			&vm->mark_insns[i], memory_order_relaxed);
	}
	for (i = 0; i < vm->cpus; i++)
		for (kind = 0; kind < MICROVM_XK_KINDS; kind++)
			stats->exits[kind] += atomic_load_explicit(
				&vm->vcpu[i].exits[kind], memory_order_relaxed);
	link_stats(&vm->link, stats);
}

static void *room(struct vm *vm, enum microvm_artifact which, size_t len)
{
	void *p = malloc(len ? len : 1);

	if (p) {
		free(vm->artifact[which].p);
		vm->artifact[which].p = p;
		vm->artifact[which].len = len;
	}
	return p;
}

int vm_keep(struct vm *vm, enum microvm_artifact which, const void *data,
	    size_t len, mv_error *err)
{
	void *p = room(vm, which, len);

	if (!p)
		return fail(err, MICROVM_ENOMEM, "no memory");
	memcpy(p, data, len);
	return 0;
}

int vm_keep_gpa(struct vm *vm, enum microvm_artifact which, uint64_t gpa,
		size_t len, mv_error *err)
{
	void *p = room(vm, which, len);

	if (!p)
		return fail(err, MICROVM_ENOMEM, "no memory");
	if (gmem_read(&vm->mem, gpa, p, len))
		return 0;
	return fail(err, MICROVM_EINVAL,
		    "what the guest was given lies outside its RAM");
}

/* ---- running and ending ----------------------------------------------- */

static void last_word(struct task *t)
{
	struct vm *vm = container_of(t, struct vm, last_word);

	vm->event(vm->event_ctx, MICROVM_EVENT_EXITED);
}

/* One runner is at rest; under vm->mu.  True when the VM has ended. */
static bool settle(struct vm *vm)
{
	if (vm->running)
		return false;
	vm->phase = vm->exit.reason == MICROVM_EXIT_NONE ? VM_READY : VM_ENDED;
	if (vm->phase == VM_ENDED)
		mark(vm, MICROVM_MARK_EXITED, insns(vm));
	cond_broadcast(&vm->changed);
	return vm->phase == VM_ENDED;
}

static void say_goodbye(struct vm *vm)
{
	link_end(&vm->link);
	if (vm->event)
		loop_post(&vm->loop, &vm->last_word);
}

void vm_release(struct vm *vm)
{
	bool ended;

	mutex_lock(&vm->mu);
	vm->running--;
	ended = settle(vm);
	mutex_unlock(&vm->mu);
	if (ended)
		say_goodbye(vm);
}

/* The first reason counts. */
static void vm_end(struct vm *vm, enum microvm_reason why, const mv_error *err)
{
	bool first, ended = false;
	unsigned i;

	mutex_lock(&vm->mu);
	first = vm->exit.reason == MICROVM_EXIT_NONE;
	if (first) {
		vm->exit.reason = why;
		if (err)
			vm->exit.error = *err;
		ended = settle(vm);
	}
	mutex_unlock(&vm->mu);
	if (!first)
		return;
	console_end(&vm->console);
	for (i = 0; i < vm->cpus; i++)
		vcpu_request(&vm->vcpu[i], VCPU_STOP);
	if (ended)
		say_goodbye(vm);
}

/* A runner has come to rest; on its thread. */
static void at_rest(void *ctx, enum hv_run why, struct vcpu *v)
{
	struct vm *vm = ctx;

	switch (why) {
	case HV_AGAIN:
	case HV_IDLE: break; /* it was stopped, or had its rounds */
	case HV_SHUTDOWN: vm_end(vm, MICROVM_EXIT_POWEROFF, NULL); break;
	case HV_RESET: vm_end(vm, MICROVM_EXIT_RESET, NULL); break;
	case HV_DEBUG:
		(void)fail(&v->hv.err, MICROVM_EHYPERVISOR,
			   "vCPU %u: stopped at a breakpoint nobody set",
			   v->hv.index);
		vm_end(vm, MICROVM_EXIT_FAILED, &v->hv.err);
		break;
	case HV_FAILED:
		if (!v->hv.err.code)
			(void)fail(&v->hv.err, MICROVM_EHYPERVISOR,
				   "the backend gives no reason");
		(void)fail_in(&v->hv.err, 0, "vCPU %u", v->hv.index);
		vm_end(vm, MICROVM_EXIT_FAILED, &v->hv.err);
		break;
	}
	vm_release(vm);
}

/* Nobody else may start, step, save or load meanwhile. */
static int enter(struct vm *vm, unsigned running, mv_error *err)
{
	enum vm_phase was;

	mutex_lock(&vm->mu);
	was = vm->phase;
	if (was == VM_READY) {
		vm->phase = VM_RUNNING;
		vm->running = running;
	}
	mutex_unlock(&vm->mu);
	switch (was) {
	case VM_READY: return 0;
	case VM_RUNNING: return fail(err, MICROVM_ESTATE, "the VM is running");
	case VM_ENDED: break;
	}
	return fail_hint(err, fail(err, MICROVM_ESTATE, "the VM has ended"),
			 "make a new one: a VM runs once");
}

int vm_hold(struct vm *vm, mv_error *err)
{
	return enter(vm, 1, err);
}

static int run(struct vm *vm, uint64_t rounds, mv_error *err)
{
	int rc = enter(vm, vm->runners, err);
	unsigned i;

	if (rc)
		return rc;
	mark(vm, MICROVM_MARK_ENTERED, insns(vm));
	for (i = 0; i < vm->runners; i++)
		runner_run(&vm->runner[i], rounds, at_rest, vm);
	return 0;
}

int vm_start(struct vm *vm, mv_error *err)
{
	return run(vm, RUNNER_FOREVER, err);
}

int vm_step(struct vm *vm, uint64_t rounds, mv_error *err)
{
	int rc = run(vm, rounds, err);

	if (rc)
		return rc;
	mutex_lock(&vm->mu);
	while (vm->phase == VM_RUNNING)
		cond_wait(&vm->changed, &vm->mu);
	mutex_unlock(&vm->mu);
	return 0;
}

void vm_power(void *ctx, enum power what)
{
	vm_end(ctx,
	       what == POWER_OFF ? MICROVM_EXIT_POWEROFF : MICROVM_EXIT_RESET,
	       NULL);
}

void vm_kill(struct vm *vm)
{
	vm_end(vm, MICROVM_EXIT_KILLED, NULL);
}

bool vm_has_ended(struct vm *vm)
{
	bool ended;

	mutex_lock(&vm->mu);
	ended = vm->phase == VM_ENDED;
	mutex_unlock(&vm->mu);
	return ended;
}

/* Under vm->mu; false when the time has passed. */
static bool until_ended(struct vm *vm, uint32_t ms)
{
	uint64_t end = time_mono_ns() + (uint64_t)ms * 1000000;

	while (vm->phase != VM_ENDED) {
		uint64_t now = time_mono_ns();

		if (ms == MICROVM_FOREVER)
			cond_wait(&vm->changed, &vm->mu);
		else if (now < end)
			(void)cond_wait_for(&vm->changed, &vm->mu, end - now);
		else
			return false;
	}
	return true;
}

int vm_wait(struct vm *vm, uint32_t ms, microvm_exit *out)
{
	bool ended;

	if (loop_is_self(&vm->loop))
		return -MICROVM_ESTATE; /* what we would wait for needs us */
	mutex_lock(&vm->mu);
	ended = until_ended(vm, ms);
	if (ended && out)
		*out = vm->exit;
	mutex_unlock(&vm->mu);
	return ended ? 0 : -MICROVM_ETIMEDOUT;
}

/* ---- create and free -------------------------------------------------- */

static int check_cpus(const struct vm_config *cfg, const struct board_ops *b,
		      mv_error *err)
{
	if (cfg->cpus && cfg->cpus <= b->max_cpus && cfg->cpus <= VM_MAX_CPUS)
		return 0;
	return fail(err, MICROVM_EINVAL, "%u CPUs: this machine has 1 to %u",
		    cfg->cpus, b->max_cpus);
}

static int check(const struct vm_config *cfg, mv_error *err)
{
	const struct board_ops *b = board_of(cfg->arch);

	if (!b || !(cfg->ops->arches & 1u << cfg->arch))
		return fail(err, MICROVM_ENOTSUP,
			    "backend %s does not run guests of this "
			    "architecture",
			    cfg->ops->name);
	if (cfg->virtual_time && !(cfg->ops->provides & HV_VIRTUAL_TIME))
		return fail(err, MICROVM_ENOTSUP,
			    "backend %s has no virtual time", cfg->ops->name);
	return check_cpus(cfg, b, err);
}

static void describe(struct vm *vm, const struct vm_config *cfg)
{
	vm->hv.ops = cfg->ops;
	vm->board.ops = board_of(cfg->arch);
	vm->event = cfg->event;
	vm->event_ctx = cfg->event_ctx;
	vm->born = cfg->born;
	vm->last_word.run = last_word;
}

int vm_create(const struct vm_config *cfg, struct vm **out, mv_error *err)
{
	struct vm *vm;
	int rc = check(cfg, err);

	*out = NULL;
	if (rc)
		return rc;
	vm = calloc(1, sizeof(*vm));
	if (!vm)
		return fail(err, MICROVM_ENOMEM, "no memory");
	describe(vm, cfg);
	rc = parts_make(vm, cfg, err);
	if (rc) {
		free(vm);
		return rc;
	}
	mark(vm, MICROVM_MARK_LOADED, 0);
	*out = vm;
	return 0;
}

void vm_free(struct vm *vm)
{
	unsigned i;

	if (!vm)
		return;
	vm_kill(vm);
	/* Their last act may be to post something: let them finish it. */
	for (i = 0; i < vm->runners; i++)
		runner_wait(&vm->runner[i]);
	link_close(&vm->link);
	/* No callback after this; what they use is still there. */
	loop_stop(&vm->loop);
	parts_unmake(vm);
	free(vm);
}
