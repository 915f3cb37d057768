/* SPDX-License-Identifier: MIT */
/* soft.c - the software CPU behind the seam. */
#include "backend/soft/soft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/soft/private.h"
#include "os/time.h"

enum {
	/*
	 * Instructions a vCPU runs before the others, and whoever kicked,
	 * get their turn: under 0.1 ms at 300 MIPS.
	 */
	SLICE = 20000,
	CACHE_SIZE = 10 << 20, /* decoded code, touched as needed */
	NS_PER_S = 1000000000,
};

/* ---- the CPU's world: struct a64_env ---------------------------------- */

static uint8_t *env_ram(void *ctx, uint64_t gpa)
{
	const struct soft_vcpu *s = ctx;

	return gmem_span(s->v->vm->mem, gpa, PAGE_SIZE).p;
}

static bool env_mmio(void *ctx, uint64_t gpa, unsigned size, bool write,
		     uint64_t *value)
{
	struct soft_vcpu *s = ctx;
	struct access a = {
		.addr = gpa,
		.value = *value,
		.space = SPACE_MMIO,
		.size = (uint8_t)size,
		.write = write,
	};
	bool known = s->v->vm->on->access(s->v, &a);

	*value = a.value;
	return known;
}

static bool env_sysreg(void *ctx, uint32_t id, bool write, uint64_t *value)
{
	struct soft_vcpu *s = ctx;
	struct sysreg_access a = { .id = id, .write = write, .value = *value };
	bool known = s->v->vm->on->sysreg(s->v, &a);

	*value = a.value;
	return known;
}

static void get_regs(struct hv_vcpu *v, struct regs *r)
{
	const struct a64 *c = &soft_vcpu_of(v)->cpu;

	memcpy(r->arm64.x, c->x, sizeof(r->arm64.x));
	r->arm64.sp = c->x[A64_SP];
	r->arm64.pc = c->e.pc;
	r->arm64.pstate = a64_pstate(c);
}

static void set_regs(struct hv_vcpu *v, const struct regs *r)
{
	struct a64 *c = &soft_vcpu_of(v)->cpu;

	a64_set_pstate(c, r->arm64.pstate);
	memcpy(c->x, r->arm64.x, sizeof(r->arm64.x));
	c->x[A64_SP] = r->arm64.sp;
	c->e.pc = r->arm64.pc;
}

static enum engine_stop env_hvc(void *ctx)
{
	static const enum engine_stop stop[] = {
		[HV_AGAIN] = STOP_NONE,        [HV_IDLE] = STOP_IDLE,
		[HV_SHUTDOWN] = STOP_SHUTDOWN, [HV_RESET] = STOP_RESET,
		[HV_DEBUG] = STOP_FAILED,      [HV_FAILED] = STOP_FAILED,
	};
	struct soft_vcpu *s = ctx;
	struct regs r;
	enum hv_run what;

	get_regs(s->v, &r);
	what = s->v->vm->on->call(s->v, &r);
	set_regs(s->v, &r);
	return stop[what];
}

static void env_timer(void *ctx, bool physical, bool level)
{
	struct soft_vcpu *s = ctx;

	s->v->vm->on->timer(
		s->v, physical ? HV_TIMER_PHYSICAL : HV_TIMER_VIRTUAL, level);
}

static void env_user(void *ctx)
{
	struct soft_vcpu *s = ctx;

	s->v->vm->on->mark(s->v, HV_MARK_USER);
}

static const struct a64_env env = {
	.ram = env_ram,
	.mmio = env_mmio,
	.sysreg = env_sysreg,
	.hvc = env_hvc,
	.timer = env_timer,
	.user = env_user,
};

/* ---- the VM ----------------------------------------------------------- */

static int probe(struct hv_found *found, mv_error *err)
{
	(void)err;
	(void)snprintf(found->detail, sizeof(found->detail),
		       "software CPU: an interpreter, on any host");
	return 0;
}

static uint64_t host_now(void *ctx)
{
	const struct soft_vm *s = ctx;

	return time_mono_ns() - s->host_zero;
}

static int vm_init(struct hv_vm *vm, mv_error *err)
{
	struct soft_vm *s = calloc(1, sizeof(*s));
	int rc;

	if (!s)
		return fail(err, MICROVM_ENOMEM, "no memory for a VM");
	rc = block_cache_init(&s->cache, CACHE_SIZE, err);
	if (rc) {
		free(s);
		return rc;
	}
	s->vm = vm;
	s->host_zero = time_mono_ns();
	if (vm->cfg.virtual_time)
		vtime_init_virtual(&s->vtime);
	else
		vtime_init_wall(&s->vtime, host_now, s);
	vm->priv = s;
	return 0;
}

static void vm_fini(struct hv_vm *vm)
{
	struct soft_vm *s = soft_vm_of(vm);

	block_cache_fini(&s->cache);
	free(s);
	vm->priv = NULL;
}

/* RAM is looked up in vm->mem when the CPU misses its TLB. */
static int map(struct hv_vm *vm, const struct gmem_region *r, mv_error *err)
{
	(void)vm;
	(void)r;
	(void)err;
	return 0;
}

static uint64_t clock_now_ns(void *ctx)
{
	const struct soft_vm *s = ctx;

	return vtime_now(&s->vtime);
}

static uint64_t clock_wall_s(void *ctx)
{
	const struct soft_vm *s = ctx;

	if (!s->vtime.is_virtual)
		return time_wall_s();
	return s->vm->cfg.wall_start + vtime_now(&s->vtime) / NS_PER_S;
}

static bool clock_skip_to(void *ctx, uint64_t ns)
{
	struct soft_vm *s = ctx;

	return vtime_skip(&s->vtime, ns);
}

static void guest_clock(struct hv_vm *vm, struct clock *out)
{
	*out = (struct clock){
		.now = clock_now_ns,
		.wall = clock_wall_s,
		.skip = clock_skip_to,
		.ctx = soft_vm_of(vm),
	};
}

static uint64_t insns(const struct hv_vm *vm)
{
	return vtime_insns(&soft_vm_of(vm)->vtime);
}

/* ---- vCPUs ------------------------------------------------------------ */

static void reset(struct hv_vcpu *v)
{
	struct soft_vm *vm = soft_vm_of(v->vm);
	struct soft_vcpu *s = soft_vcpu_of(v);

	block_cache_detach(&vm->cache, &s->cpu.e.tlb);
	a64_init(&s->cpu, v->index, &vm->cluster, &env, s, &vm->cache,
		 &vm->vtime);
}

static int vcpu_init(struct hv_vcpu *v, mv_error *err)
{
	struct soft_vm *vm = soft_vm_of(v->vm);
	struct soft_vcpu *s;

	if (vm->cluster.count == A64_MAX_CPUS)
		return fail(err, MICROVM_EINVAL,
			    "the software CPU runs at most %d CPUs",
			    A64_MAX_CPUS);
	s = calloc(1, sizeof(*s));
	if (!s)
		return fail(err, MICROVM_ENOMEM, "no memory for a vCPU");
	s->v = v;
	vm->thread = thread_self(); /* the same for all: HV_ONE_THREAD */
	v->priv = s;
	vm->cluster.cpu[vm->cluster.count++] = &s->cpu;
	reset(v);
	return 0;
}

/* The VM is at rest: nobody broadcasts any more. */
static void vcpu_fini(struct hv_vcpu *v)
{
	struct soft_vm *vm = soft_vm_of(v->vm);
	struct soft_vcpu *s = soft_vcpu_of(v);
	struct a64_cluster *all = &vm->cluster;
	unsigned i;

	for (i = 0; i < all->count; i++) {
		if (all->cpu[i] == &s->cpu)
			all->cpu[i] = all->cpu[--all->count];
	}
	block_cache_detach(&vm->cache, &s->cpu.e.tlb);
	free(s);
	v->priv = NULL;
}

static enum hv_run run(struct hv_vcpu *v)
{
	switch (a64_run(&soft_vcpu_of(v)->cpu, SLICE)) {
	case STOP_NONE:
	case STOP_SLICE: return HV_AGAIN;
	case STOP_IDLE: return HV_IDLE;
	case STOP_SHUTDOWN: return HV_SHUTDOWN;
	case STOP_RESET: return HV_RESET;
	case STOP_FAILED: break;
	}
	(void)fail(&v->err, MICROVM_EHYPERVISOR,
		   "the software CPU cannot go on: a hypercall failed");
	return HV_FAILED;
}

static uint64_t deadline(struct hv_vcpu *v)
{
	return a64_deadline(&soft_vcpu_of(v)->cpu);
}

static void kick(struct hv_vcpu *v)
{
	engine_kick(&soft_vcpu_of(v)->cpu.e);
}

static void line(struct hv_vcpu *v, bool level)
{
	struct a64 *c = &soft_vcpu_of(v)->cpu;

	a64_set_irq(c, level);
	if (!level)
		return;
	/*
	 * From our own thread it must not be a kick: that ends the slice when
	 * the loop is entered next, which depends on where the host put the
	 * guest's memory, and virtual time has to be the same in every run.
	 */
	if (!thread_is_self(&soft_vm_of(v->vm)->thread))
		engine_kick(&c->e);
	else if (soft_vm_of(v->vm)->vtime.budget == &c->e.budget)
		engine_limit(&c->e, 0);
}

const struct hv_ops hv_soft = {
	.name = "soft",
	.provides = HV_ONE_THREAD | HV_VIRTUAL_TIME,
	.arches = 1 << ARCH_ARM64,
	.probe = probe,
	.vm_init = vm_init,
	.vm_fini = vm_fini,
	.map = map,
	.clock = guest_clock,
	.vcpu_init = vcpu_init,
	.vcpu_fini = vcpu_fini,
	.reset = reset,
	.get_regs = get_regs,
	.set_regs = set_regs,
	.state = soft_state,
	.run = run,
	.deadline = deadline,
	.insns = insns,
	.kick = kick,
	.line = line,
};
