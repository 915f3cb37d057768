/* SPDX-License-Identifier: MIT */
/* snapshot.c - saving and loading a whole machine at rest. */
#include <string.h>

#include "base/num.h"
#include "vm/vm.h"

enum { CHUNK = 64 * 1024 };

static bool is_zero(const uint8_t *p, size_t len)
{
	return !p[0] && !memcmp(p, p + 1, len - 1);
}

/* RAM nobody has touched is neither stored nor touched. */
static void state_chunk(struct state *s, uint8_t *p, size_t len)
{
	bool used = s->loading || !is_zero(p, len);

	state_bool(s, &used);
	if (s->failed)
		return;
	if (used)
		state_bytes(s, p, len);
	else if (s->loading && !is_zero(p, len))
		memset(p, 0, len);
}

static void state_ram(struct vm *vm, struct state *s)
{
	uint8_t *ram = vm->ram;
	uint64_t off, len = vm->ram_len;

	state_section(s, "ram", 1);
	state_u64(s, &len);
	state_check(s, len == vm->ram_len, "another amount of RAM");
	for (off = 0; off < vm->ram_len && !s->failed; off += CHUNK)
		state_chunk(s, ram + off,
			    (size_t)min_u64(CHUNK, vm->ram_len - off));
}

static void state_machine(struct vm *vm, struct state *s)
{
	uint8_t cpus = (uint8_t)vm->cpus;
	uint8_t arch = (uint8_t)vm->hv.cfg.arch;
	bool virt = vm->hv.cfg.virtual_time;

	state_section(s, "machine", 1);
	state_u8(s, &arch);
	state_u8(s, &cpus);
	state_bool(s, &virt);
	state_check(s, arch == (uint8_t)vm->hv.cfg.arch, "of another machine");
	state_check(s, cpus == vm->cpus, "another number of CPUs");
	state_check(s, virt == vm->hv.cfg.virtual_time, "another clock");
	if (!vm->hv.ops->clock)
		host_clock_state(&vm->host_clock, s);
}

/*
 * The backend comes before the devices: it has its own idea of their wires.
 * The devices drive their wires as they are loaded, which asks the vCPUs to
 * look; whether they had been asked is part of their own state, so that comes
 * last.
 */
static void walk(struct vm *vm, struct state *s)
{
	unsigned i;

	state_machine(vm, s);
	for (i = 0; i < vm->runners; i++)
		runner_state(&vm->runner[i], s);
	if (vm->hv.ops->vm_state)
		vm->hv.ops->vm_state(&vm->hv, s);
	vm->board.ops->state(vm, s);
	link_state(&vm->link, s);
	state_ram(vm, s);
	for (i = 0; i < vm->cpus; i++)
		vcpu_state(&vm->vcpu[i], s);
}

struct walking {
	struct vm *vm;
	struct state *s;
};

static void walk_now(void *arg)
{
	struct walking *w = arg;

	walk(w->vm, w->s);
}

/* On the loop thread, which would else give the guest what the host sends. */
static void walk_on_loop(struct vm *vm, struct state *s)
{
	struct walking w = { vm, s };

	loop_call(&vm->loop, walk_now, &w);
}

/* One that has ended can be saved, but does not go on. */
int vm_state(struct vm *vm, struct state *s, mv_error *err)
{
	int rc;

	if (!s->loading && vm_has_ended(vm)) {
		walk_on_loop(vm, s);
		return 0;
	}
	rc = vm_hold(vm, err);
	if (rc)
		return rc;
	walk_on_loop(vm, s);
	vm_release(vm);
	return 0;
}
