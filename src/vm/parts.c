/* SPDX-License-Identifier: MIT */
/*
 * parts.c - what a virtual machine is made of, in which order.
 *
 * Each part is made from those before it.  When one cannot be made, those
 * before it are taken apart in the reverse order, as at the end of a life.
 */
#include "vm/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "boot/config.h"
#include "os/mem.h"
#include "vm/events.h"

/* 2025-01-01: where virtual wall time begins, the same in every run. */
#define WALL_START UINT64_C(1735689600)

static int make_locks(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	int rc = mutex_init(&vm->mu, err);

	(void)cfg;
	if (rc)
		return rc;
	rc = cond_init(&vm->changed, err);
	if (rc)
		mutex_fini(&vm->mu);
	return rc;
}

static void unmake_locks(struct vm *vm)
{
	cond_fini(&vm->changed);
	mutex_fini(&vm->mu);
}

static int make_loop(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	(void)cfg;
	return loop_init(&vm->loop, err);
}

static void unmake_loop(struct vm *vm)
{
	loop_fini(&vm->loop);
}

static void on_spoke(void *ctx)
{
	vm_mark(ctx, MICROVM_MARK_CONSOLE);
}

static void on_input(void *ctx)
{
	struct vm *vm = ctx;

	vm->board.ops->input(vm);
}

static void on_console(void *ctx, enum microvm_event event)
{
	struct vm *vm = ctx;

	vm->event(vm->event_ctx, event);
}

static int make_console(struct vm *vm, const struct vm_config *cfg,
			mv_error *err)
{
	const struct console_user user = {
		.spoke = on_spoke,
		.input = on_input,
		.event = cfg->event ? on_console : NULL,
		.ctx = vm,
	};

	return console_init(&vm->console, cfg->console, &vm->loop, &user, err);
}

static void unmake_console(struct vm *vm)
{
	console_fini(&vm->console);
}

/* In one piece on the host, whatever it is in the guest. */
static int place_ram(struct vm *vm, mv_error *err)
{
	struct board_ram piece[BOARD_RAMS];
	unsigned i, n = vm->board.ops->ram(vm->ram_len, piece);
	uint8_t *host = vm->ram;
	int rc = 0;

	for (i = 0; i < n && !rc; i++) {
		rc = gmem_add(&vm->mem, piece[i].gpa, host, piece[i].size, err);
		host += piece[i].size;
	}
	return rc;
}

static int make_ram(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	int rc = cfg->ram > SIZE_MAX
			 ? fail(err, MICROVM_ENOMEM,
				"more memory than this host can address")
			 : mem_map_huge(&vm->ram, (size_t)cfg->ram, err);

	if (rc)
		return fail_in(err, rc, "guest RAM");
	vm->ram_len = cfg->ram;
	rc = place_ram(vm, err);
	if (rc)
		mem_unmap(vm->ram, (size_t)cfg->ram);
	return rc;
}

static void unmake_ram(struct vm *vm)
{
	mem_unmap(vm->ram, (size_t)vm->ram_len);
}

static int map_ram(struct vm *vm, mv_error *err)
{
	unsigned i;
	int rc = 0;

	for (i = 0; i < vm->mem.count && !rc; i++)
		rc = vm->hv.ops->map(&vm->hv, &vm->mem.region[i], err);
	return rc;
}

static int make_hv(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	int rc;

	vm->hv.on = &vm_events;
	vm->hv.mem = &vm->mem;
	vm->hv.cfg = (struct hv_config){
		.arch = cfg->arch,
		.cpus = cfg->cpus,
		.virtual_time = cfg->virtual_time,
		.wall_start = WALL_START,
	};
	rc = cfg->ops->vm_init(&vm->hv, err);
	if (rc)
		return fail_in(err, rc, "backend %s", cfg->ops->name);
	rc = map_ram(vm, err);
	if (rc) {
		cfg->ops->vm_fini(&vm->hv);
		return fail_in(err, rc, "backend %s", cfg->ops->name);
	}
	if (cfg->ops->clock)
		cfg->ops->clock(&vm->hv, &vm->clock);
	else
		host_clock_init(&vm->host_clock, &vm->clock);
	return 0;
}

static void unmake_hv(struct vm *vm)
{
	vm->hv.ops->vm_fini(&vm->hv);
}

static void unmake_cpus(struct vm *vm)
{
	while (vm->runners)
		runner_fini(&vm->runner[--vm->runners]);
}

/* Their last step; and those it switches on and off itself just run. */
static int ready_cpus(struct vm *vm, const struct hv_ops *ops, mv_error *err)
{
	unsigned i;

	for (i = 1; i < vm->cpus && ops->provides & HV_POWER; i++)
		vcpu_hand_over(&vm->vcpu[i]);
	return ops->ready ? ops->ready(&vm->hv, err) : 0;
}

/* One runner for all, or one for each. */
static int make_cpus(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	bool together = (cfg->ops->provides & HV_ONE_THREAD) != 0;
	unsigned i, each = together ? cfg->cpus : 1;
	int rc = 0;

	vm->cpus = cfg->cpus;
	for (i = 0; i < vm->cpus; i++)
		vcpu_init(&vm->vcpu[i], &vm->hv, i,
			  &vm->runner[together ? 0 : i]);
	for (i = 0; i < vm->cpus && !rc; i += each) {
		rc = runner_init(&vm->runner[vm->runners], &vm->vcpu[i], each,
				 &vm->clock, err);
		if (!rc)
			vm->runners++;
	}
	if (!rc)
		rc = ready_cpus(vm, cfg->ops, err);
	if (!rc)
		return 0;
	unmake_cpus(vm);
	return fail_in(err, rc, "backend %s", cfg->ops->name);
}

static int make_board(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	(void)cfg;
	return vm->board.ops->init(vm, err);
}

static void unmake_board(struct vm *vm)
{
	vm->board.ops->fini(vm);
}

static void on_link_event(void *ctx, enum microvm_event event)
{
	struct vm *vm = ctx;

	if (vm->event)
		vm->event(vm->event_ctx, event);
}

static void on_link_status(void *ctx, unsigned status)
{
	vm_status(ctx, status);
}

/* Where the hypervisor can ring for the driver, no vCPU has to. */
static int add_doorbell(struct vm *vm, uint64_t gpa, mv_error *err)
{
	const struct hv_ops *ops = vm->hv.ops;
	const struct doorbell *bell;
	int rc;

	if (!ops->doorbell)
		return 0;
	rc = link_doorbell(&vm->link, &bell, err);
	if (rc)
		return rc;
	gpa += VIRTIO_MMIO_NOTIFY;
	rc = ops->doorbell(&vm->hv, gpa, VIRTIO_MMIO_NOTIFY_SIZE, bell, err);
	if (!rc)
		vm->bell_gpa = gpa;
	return rc;
}

/* The vsock device, in the next free slot, and all that is behind it. */
static int make_link(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	const struct link_user user = { on_link_event, on_link_status, vm };
	struct board_slot slot;
	int rc;

	if (!cfg->link.cid)
		return 0;
	slot = vm->board.ops->virtio(vm, vm->virtio);
	rc = link_init(&vm->link, &cfg->link, &vm->loop, &vm->mem, slot.wire,
		       &user, err);
	if (rc)
		return rc;
	rc = bus_add(&vm->bus, SPACE_MMIO, slot.gpa, slot.size,
		     &virtio_mmio_ops, &vm->link.device.mmio, VIRTIO_MMIO_SIZES,
		     err);
	if (!rc)
		rc = add_doorbell(vm, slot.gpa, err);
	if (rc)
		link_fini(&vm->link);
	else
		vm->virtio++;
	return rc;
}

static void unmake_link(struct vm *vm)
{
	if (vm->bell_gpa) /* cannot fail: it is there */
		(void)!vm->hv.ops->doorbell(&vm->hv, vm->bell_gpa,
					    VIRTIO_MMIO_NOTIFY_SIZE, NULL,
					    NULL);
	link_fini(&vm->link);
}

static void unmake_guest(struct vm *vm)
{
	unsigned i;

	for (i = 0; i < MICROVM_ARTIFACTS; i++)
		free(vm->artifact[i].p);
}

static int make_guest(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	const char *cmdline = cfg->boot ? cfg->boot->cmdline : NULL;
	int rc;

	if (!cmdline)
		cmdline = "";
	rc = vm_keep(vm, MICROVM_ARTIFACT_CMDLINE, cmdline, strlen(cmdline),
		     err);
	if (!rc)
		rc = vm->board.ops->load(vm, cfg, err);
	if (rc)
		unmake_guest(vm);
	return rc;
}

/* In this order, and taken apart in the reverse. */
static const struct part {
	int (*make)(struct vm *vm, const struct vm_config *cfg, mv_error *err);
	void (*unmake)(struct vm *vm);
} parts[] = {
	{ make_locks, unmake_locks },     { make_loop, unmake_loop },
	{ make_console, unmake_console }, { make_ram, unmake_ram },
	{ make_hv, unmake_hv },           { make_cpus, unmake_cpus },
	{ make_board, unmake_board },     { make_link, unmake_link },
	{ make_guest, unmake_guest },
};

int parts_make(struct vm *vm, const struct vm_config *cfg, mv_error *err)
{
	int rc = 0;

	while (!rc && vm->parts < LEN(parts)) {
		rc = parts[vm->parts].make(vm, cfg, err);
		if (!rc)
			vm->parts++;
	}
	if (rc)
		parts_unmake(vm);
	return rc;
}

void parts_unmake(struct vm *vm)
{
	while (vm->parts)
		parts[--vm->parts].unmake(vm);
}
