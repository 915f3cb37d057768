/* SPDX-License-Identifier: MIT */
/*
 * events.c - what comes up from a backend: counted, and handed to the bus or
 * the board.  On the vCPU's thread, inside run().
 */
#include "vm/events.h"

#include "base/container.h"
#include "vm/vm.h"

static struct vm *vm_of(const struct hv_vcpu *v)
{
	return container_of(v->vm, struct vm, hv);
}

static struct vcpu *vcpu_of(struct hv_vcpu *v)
{
	return container_of(v, struct vcpu, hv);
}

static bool on_access(struct hv_vcpu *v, struct access *a)
{
	const struct board_ops *board = vm_of(v)->board.ops;

	vcpu_count(vcpu_of(v),
		   a->space == SPACE_PIO ? MICROVM_XK_PIO : MICROVM_XK_MMIO);
	if (board->access)
		return board->access(vcpu_of(v), a);
	return bus_access(&vm_of(v)->bus, a);
}

static bool on_sysreg(struct hv_vcpu *v, struct sysreg_access *a)
{
	vcpu_count(vcpu_of(v), MICROVM_XK_SYSREG);
	return vm_of(v)->board.ops->sysreg(vcpu_of(v), a);
}

static enum hv_run on_call(struct hv_vcpu *v, struct regs *r)
{
	vcpu_count(vcpu_of(v), MICROVM_XK_CALL);
	return vm_of(v)->board.ops->call(vcpu_of(v), r);
}

static int on_pending(struct hv_vcpu *v)
{
	const struct board_ops *board = vm_of(v)->board.ops;

	return board->pending ? board->pending(vcpu_of(v)) : -1;
}

static void on_eoi(struct hv_vcpu *v, unsigned vector)
{
	const struct board_ops *board = vm_of(v)->board.ops;

	if (board->eoi)
		board->eoi(vcpu_of(v), vector);
}

static uint64_t on_deadline(struct hv_vcpu *v)
{
	const struct board_ops *board = vm_of(v)->board.ops;

	return board->deadline ? board->deadline(vcpu_of(v)) : CLOCK_NEVER;
}

static void on_tick(struct hv_vcpu *v)
{
	vcpu_count(vcpu_of(v), MICROVM_XK_TIMER);
	vm_of(v)->board.ops->tick(vcpu_of(v));
}

static void on_timer(struct hv_vcpu *v, enum hv_timer which, bool level)
{
	vcpu_count(vcpu_of(v), MICROVM_XK_TIMER);
	vm_of(v)->board.ops->timer(vcpu_of(v), which, level);
}

static void on_mark(struct hv_vcpu *v, enum hv_mark mark)
{
	static const enum microvm_mark name[] = {
		[HV_MARK_ENTERED] = MICROVM_MARK_ENTERED,
		[HV_MARK_USER] = MICROVM_MARK_USER,
	};

	vm_mark(vm_of(v), name[mark]);
}

const struct hv_events vm_events = {
	.access = on_access,
	.sysreg = on_sysreg,
	.call = on_call,
	.pending = on_pending,
	.eoi = on_eoi,
	.deadline = on_deadline,
	.tick = on_tick,
	.timer = on_timer,
	.mark = on_mark,
};
