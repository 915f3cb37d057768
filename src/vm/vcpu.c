/* SPDX-License-Identifier: MIT */
/* vcpu.c - one virtual CPU, as others see it. */
#include "vm/vcpu.h"

#include "vm/runner.h"

void vcpu_init(struct vcpu *v, struct hv_vm *vm, unsigned index,
	       struct runner *runner)
{
	*v = (struct vcpu){ .hv = { .vm = vm, .index = index },
			    .runner = runner };
}

/*
 * On the runner's own thread there is nobody to wake, and the next request is
 * looked at before the next slice; only a stop must not wait for the end of
 * this one, which some backends never reach.  A CPU that is off is in no
 * slice.
 */
static bool needs_kick(unsigned what, bool mine)
{
	return what & VCPU_STOP || (!mine && what != VCPU_START);
}

void vcpu_request(struct vcpu *v, unsigned what)
{
	bool mine = runner_is_self(v->runner);

	/* release: what led to the request is seen by who takes it */
	(void)atomic_fetch_or_explicit(&v->requests, what,
				       memory_order_release);
	if (mine && !needs_kick(what, mine))
		return;
	mutex_lock(&v->runner->mu);
	cond_signal(&v->runner->wake);
	if (needs_kick(what, mine))
		v->hv.vm->ops->kick(&v->hv);
	mutex_unlock(&v->runner->mu);
}

void vcpu_line(void *vcpu, unsigned pin, bool level)
{
	struct vcpu *v = vcpu;

	(void)pin;
	mutex_lock(&v->runner->mu);
	v->line = level;
	v->hv.vm->ops->line(&v->hv, level);
	mutex_unlock(&v->runner->mu);
	if (level)
		vcpu_request(v, VCPU_WAKE);
}

/*
 * A reset is the one call of the vCPU's own thread that must not meet a kick
 * or a line of another.  The line is an input: it outlives the reset.
 */
static void reset(struct vcpu *v)
{
	const struct hv_ops *ops = v->hv.vm->ops;

	if (!ops->reset)
		return;
	mutex_lock(&v->runner->mu);
	ops->reset(&v->hv);
	if (v->line)
		ops->line(&v->hv, true);
	mutex_unlock(&v->runner->mu);
}

/*
 * Under mu, like vcpu_start(): who starts a CPU that was halted before it began
 * must not have it begin where the first one said.
 */
static bool begins(struct vcpu *v, struct regs *start)
{
	unsigned starting = VCPU_STARTING;
	bool yes;

	mutex_lock(&v->runner->mu);
	*start = v->start;
	/* relaxed: others only compare it */
	yes = atomic_compare_exchange_strong_explicit(
		&v->power, &starting, VCPU_ON, memory_order_relaxed,
		memory_order_relaxed);
	mutex_unlock(&v->runner->mu);
	return yes;
}

void vcpu_begin(struct vcpu *v)
{
	struct regs start;

	if (!begins(v, &start))
		return; /* it was halted meanwhile */
	reset(v);
	v->hv.vm->ops->set_regs(&v->hv, &start);
	v->idle = false;
}

bool vcpu_start(struct vcpu *v, const struct regs *start)
{
	unsigned off = VCPU_OFF;
	bool yes;

	mutex_lock(&v->runner->mu);
	/* acquire: pairs with vcpu_off(); one caller wins */
	yes = atomic_compare_exchange_strong_explicit(
		&v->power, &off, VCPU_STARTING, memory_order_acquire,
		memory_order_relaxed);
	if (yes)
		v->start = *start;
	mutex_unlock(&v->runner->mu);
	if (yes)
		vcpu_request(v, VCPU_START);
	return yes;
}

void vcpu_off(struct vcpu *v)
{
	/* release: pairs with vcpu_start() */
	atomic_store_explicit(&v->power, VCPU_OFF, memory_order_release);
}

void vcpu_halt(struct vcpu *v)
{
	/* release: pairs with vcpu_start() */
	(void)atomic_exchange_explicit(&v->power, VCPU_OFF,
				       memory_order_release);
	vcpu_request(v, VCPU_WAKE); /* out of the guest, to see it */
}

void vcpu_hand_over(struct vcpu *v)
{
	atomic_store_explicit(&v->power, VCPU_ON, memory_order_relaxed);
}

enum vcpu_power vcpu_power(const struct vcpu *v)
{
	return (enum vcpu_power)atomic_load_explicit(&v->power,
						     memory_order_relaxed);
}

void vcpu_count(struct vcpu *v, enum microvm_exit_kind kind)
{
	/* One writer: readers get some recent number, and need no more. */
	uint64_t n =
		atomic_load_explicit(&v->exits[kind], memory_order_relaxed);

	atomic_store_explicit(&v->exits[kind], n + 1, memory_order_relaxed);
}

/* A stop is the host's wish, not a part of the machine. */
enum { KEPT = VCPU_START | VCPU_WAKE };

void vcpu_state(struct vcpu *v, struct state *s)
{
	uint8_t power = (uint8_t)atomic_load(&v->power);
	uint8_t requests = (uint8_t)atomic_load(&v->requests) & KEPT;

	state_section(s, "vcpu", 1);
	state_u8(s, &power);
	state_u8(s, &requests);
	state_bool(s, &v->idle);
	regs_state(&v->start, v->hv.vm->cfg.arch, s);
	state_check(s, power <= VCPU_ON, "neither on nor off");
	state_check(s, !(requests & ~KEPT), "an unknown request");
	state_check(s, power != VCPU_STARTING || requests & VCPU_START,
		    "starts without a request");
	if (s->loading && !s->failed) {
		atomic_store(&v->power, power);
		atomic_fetch_and(&v->requests, ~(unsigned)KEPT);
		atomic_fetch_or(&v->requests, requests);
	}
}
