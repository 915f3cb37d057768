/* SPDX-License-Identifier: MIT */
/* script.c - a backend with no CPU: each vCPU follows a list of steps. */
#include "backend/script/script.h"

#include <stdio.h>
#include <string.h>

#include "base/container.h"
#include "os/time.h"

static struct script *script_of(const struct hv_vm *vm)
{
	return vm->priv;
}

static struct script_cpu *cpu_of(const struct hv_vcpu *v)
{
	return v->priv;
}

static uint64_t script_now(void *ctx)
{
	struct script *s = ctx;

	return s->is_virtual ? atomic_load(&s->now) : time_mono_ns() - s->born;
}

static uint64_t script_wall(void *ctx)
{
	return script_now(ctx) / UINT64_C(1000000000);
}

static bool script_skip(void *ctx, uint64_t ns)
{
	struct script *s = ctx;

	if (s->is_virtual && ns > atomic_load(&s->now))
		atomic_store(&s->now, ns);
	return s->is_virtual;
}

static void script_clock(struct hv_vm *vm, struct clock *out)
{
	*out = (struct clock){ script_now, script_wall, script_skip,
			       script_of(vm) };
}

static int script_probe(struct hv_found *found, mv_error *err)
{
	(void)err;
	(void)snprintf(found->detail, sizeof(found->detail), "a list of steps");
	return 0;
}

static int script_vm_init(struct hv_vm *vm, mv_error *err)
{
	struct script *s;
	struct hv_ops *ops;

	/* They are const for readers; the script they are part of is not. */
	memcpy(&ops, &vm->ops, sizeof(void *));
	s = container_of(ops, struct script, ops);
	if (s->fault == SCRIPT_VM_INIT_FAILS)
		return fail(err, MICROVM_EHYPERVISOR, "no VM, says the script");
	s->is_virtual = vm->cfg.virtual_time;
	s->born = time_mono_ns();
	s->vms++;
	vm->priv = s;
	return 0;
}

static void script_vm_fini(struct hv_vm *vm)
{
	script_of(vm)->vms--;
}

static int script_map(struct hv_vm *vm, const struct gmem_region *r,
		      mv_error *err)
{
	(void)r;
	if (script_of(vm)->fault == SCRIPT_MAP_FAILS)
		return fail(err, MICROVM_EHYPERVISOR,
			    "no RAM, says the script");
	return 0;
}

static int script_vcpu_init(struct hv_vcpu *v, mv_error *err)
{
	struct script *s = script_of(v->vm);

	if (s->fault == SCRIPT_VCPU_INIT_FAILS && v->index == s->fault_cpu)
		return fail(err, MICROVM_EHYPERVISOR,
			    "no CPU, says the script");
	mutex_lock(&s->mu);
	s->vcpus++;
	mutex_unlock(&s->mu);
	v->priv = &s->cpu[v->index];
	return 0;
}

static void script_vcpu_fini(struct hv_vcpu *v)
{
	struct script *s = script_of(v->vm);

	mutex_lock(&s->mu);
	s->vcpus--;
	mutex_unlock(&s->mu);
}

static void script_reset(struct hv_vcpu *v)
{
	struct script_cpu *c = cpu_of(v);

	c->regs = (struct regs){ 0 };
	c->resets++;
	atomic_store(&c->line, false);
}

static void script_get_regs(struct hv_vcpu *v, struct regs *r)
{
	*r = cpu_of(v)->regs;
}

static void script_set_regs(struct hv_vcpu *v, const struct regs *r)
{
	cpu_of(v)->regs = *r;
}

static void script_state(struct hv_vcpu *v, struct state *st)
{
	struct script *s = script_of(v->vm);
	struct script_cpu *c = cpu_of(v);
	uint64_t now = atomic_load(&s->now);
	bool line = atomic_load(&c->line);
	uint32_t pos = c->pos;

	state_section(st, "script", 1);
	state_u32(st, &pos);
	state_u64(st, &now);
	state_bool(st, &line);
	regs_state(&c->regs, v->vm->cfg.arch, st);
	state_check(st, pos <= c->count, "behind the end of the script");
	if (!st->loading || st->failed)
		return;
	c->pos = pos;
	atomic_store(&c->line, line);
	if (!v->index)
		atomic_store(&s->now, now);
}

static uint64_t script_deadline(struct hv_vcpu *v)
{
	const struct script_cpu *c = cpu_of(v);

	if (c->pos < c->count && c->step[c->pos].op == SCRIPT_WFI)
		return c->step[c->pos].ns;
	return CLOCK_NEVER;
}

static uint64_t script_insns(const struct hv_vm *vm)
{
	return atomic_load(&script_of(vm)->slices);
}

static void wake(struct script *s, atomic_bool *flag, bool level)
{
	mutex_lock(&s->mu);
	atomic_store(flag, level);
	cond_broadcast(&s->wake);
	mutex_unlock(&s->mu);
}

static void script_kick(struct hv_vcpu *v)
{
	wake(script_of(v->vm), &cpu_of(v)->kicked, true);
}

static void script_line(struct hv_vcpu *v, bool level)
{
	wake(script_of(v->vm), &cpu_of(v)->line, level);
}

static void script_message(struct hv_vm *vm, uint64_t addr, uint32_t data)
{
	struct script *s = script_of(vm);

	mutex_lock(&s->mu);
	if (s->messages < SCRIPT_MESSAGES)
		s->message[s->messages] = (struct script_message){ addr, data };
	s->messages++;
	mutex_unlock(&s->mu);
}

static void trace(struct script *s, const struct hv_vcpu *v)
{
	mutex_lock(&s->mu);
	if (s->traces < SCRIPT_TRACE)
		s->trace[s->traces++] = (struct script_trace){
			.cpu = (uint8_t)v->index,
			.pos = (uint16_t)cpu_of(v)->pos,
			.now = script_now(s),
		};
	mutex_unlock(&s->mu);
	atomic_fetch_add(&s->slices, 1);
}

static enum hv_run call(struct hv_vcpu *v, struct script_step *step)
{
	struct script_cpu *c = cpu_of(v);
	enum hv_run why;
	unsigned i;

	for (i = 0; i < 4; i++)
		c->regs.arm64.x[i] = step->x[i];
	why = v->vm->on->call(v, &c->regs);
	step->claimed = true;
	step->x[0] = c->regs.arm64.x[0];
	return why;
}

static enum hv_run wfi(struct hv_vcpu *v, const struct script_step *step)
{
	struct script_cpu *c = cpu_of(v);

	if (!atomic_load(&c->line) && script_now(script_of(v->vm)) < step->ns)
		return HV_IDLE;
	c->pos++;
	return HV_AGAIN;
}

static enum hv_run block(struct hv_vcpu *v)
{
	struct script *s = script_of(v->vm);
	struct script_cpu *c = cpu_of(v);

	mutex_lock(&s->mu);
	while (!atomic_load(&c->line) && !atomic_load(&c->kicked))
		cond_wait(&s->wake, &s->mu);
	mutex_unlock(&s->mu);
	if (atomic_load(&c->line))
		c->pos++;
	return HV_AGAIN;
}

static enum hv_run perform(struct hv_vcpu *v, struct script_step *step)
{
	const struct hv_events *on = v->vm->on;
	struct script_cpu *c = cpu_of(v);

	switch (step->op) {
	case SCRIPT_WFI: return wfi(v, step);
	case SCRIPT_BLOCK: return block(v);
	case SCRIPT_SPIN: return HV_AGAIN;
	case SCRIPT_GOTO: c->pos = step->to; return HV_AGAIN;
	case SCRIPT_RETURN:
		if (step->value == HV_FAILED)
			(void)fail(&v->err, MICROVM_EHYPERVISOR,
				   "failed, says the script");
		return step->value;
	case SCRIPT_CALL:
		c->pos++; /* first: a CPU that is switched off stays here */
		return call(v, step);
	case SCRIPT_ACCESS: step->claimed = on->access(v, &step->access); break;
	case SCRIPT_SYSREG: step->claimed = on->sysreg(v, &step->sysreg); break;
	case SCRIPT_TIMER: on->timer(v, step->timer, step->level); break;
	case SCRIPT_TAKE: step->vector = on->pending(v); break;
	case SCRIPT_EOI: on->eoi(v, (unsigned)step->vector); break;
	case SCRIPT_MARK: on->mark(v, step->mark); break;
	case SCRIPT_TICK:
		atomic_fetch_add(&script_of(v->vm)->now, step->ns);
		break;
	}
	c->pos++;
	return HV_AGAIN;
}

static enum hv_run script_run(struct hv_vcpu *v)
{
	struct script_cpu *c = cpu_of(v);

	if (atomic_exchange(&c->kicked, false))
		return HV_AGAIN;
	trace(script_of(v->vm), v);
	if (c->pos >= c->count)
		return HV_SHUTDOWN;
	return perform(v, &c->step[c->pos]);
}

static const struct hv_ops script_ops = {
	.name = "script",
	.provides = HV_ONE_THREAD | HV_VIRTUAL_TIME,
	.arches = 1 << ARCH_ARM64 | 1 << ARCH_X86_64,
	.probe = script_probe,
	.vm_init = script_vm_init,
	.vm_fini = script_vm_fini,
	.map = script_map,
	.clock = script_clock,
	.vcpu_init = script_vcpu_init,
	.vcpu_fini = script_vcpu_fini,
	.reset = script_reset,
	.get_regs = script_get_regs,
	.set_regs = script_set_regs,
	.state = script_state,
	.run = script_run,
	.deadline = script_deadline,
	.insns = script_insns,
	.kick = script_kick,
	.line = script_line,
	.message = script_message,
};

int script_init(struct script *s, mv_error *err)
{
	int rc;

	*s = (struct script){ .ops = script_ops };
	rc = mutex_init(&s->mu, err);
	if (rc)
		return rc;
	rc = cond_init(&s->wake, err);
	if (rc)
		mutex_fini(&s->mu);
	return rc;
}

void script_fini(struct script *s)
{
	cond_fini(&s->wake);
	mutex_fini(&s->mu);
}
