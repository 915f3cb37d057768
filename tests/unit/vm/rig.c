/* SPDX-License-Identifier: MIT */
/* rig.c - a whole VM whose CPUs follow scripts, and who listens to it. */
#include "rig.h"

#include <dirent.h>
#include <stdio.h>

#include "os/time.h"

#include "../check.h"

static void on_event(void *ctx, enum microvm_event e)
{
	struct rig *r = ctx;
	unsigned n = atomic_load(&r->events);

	if (n < LEN(r->event))
		r->event[n] = e;
	if (r->also)
		r->also(r, e);
	atomic_store(&r->events, n + 1); /* one call at a time */
}

void rig_init(struct rig *r)
{
	static const uint32_t nothing;

	*r = (struct rig){ 0 };
	assert_int_equal(script_init(&r->script, NULL), 0);
	r->cfg = (struct vm_config){
		.ops = &r->script.ops,
		.arch = ARCH_ARM64,
		.cpus = 1,
		.ram = MIB,
		.virtual_time = true,
		.console = true,
		.event = on_event,
		.event_ctx = r,
		.program = &nothing,
		.program_len = sizeof(nothing),
	};
}

void rig_follow(struct rig *r, unsigned cpu, struct script_step *step,
		size_t count)
{
	r->script.cpu[cpu].step = step;
	r->script.cpu[cpu].count = (unsigned)count;
}

void rig_create(struct rig *r)
{
	mv_error e = { 0 };

	r->cfg.born = time_mono_ns();
	if (vm_create(&r->cfg, &r->vm, &e))
		print_error("%s\n", e.msg);
	assert_non_null(r->vm);
}

void rig_start(struct rig *r)
{
	rig_create(r);
	assert_int_equal(vm_start(r->vm, NULL), 0);
}

enum microvm_reason rig_end(struct rig *r)
{
	microvm_exit e = { 0 };

	assert_int_equal(vm_wait(r->vm, MICROVM_FOREVER, &e), 0);
	return e.reason;
}

void rig_slices(struct rig *r, uint64_t n)
{
	while (atomic_load(&r->script.slices) < n)
		;
}

void rig_fini(struct rig *r)
{
	vm_free(r->vm);
	assert_int_equal(r->script.vms, 0);
	assert_int_equal(r->script.vcpus, 0);
	script_fini(&r->script);
}

static unsigned entries(const char *path)
{
	DIR *d = opendir(path);
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

static unsigned lines(const char *path)
{
	FILE *f = fopen(path, "re");
	unsigned n = 0;
	int c;

	assert_non_null(f);
	while ((c = getc(f)) != EOF)
		n += c == '\n';
	(void)fclose(f);
	return n;
}

struct holdings holdings(void)
{
	return (struct holdings){
		.threads = entries("/proc/self/task"),
		.files = entries("/proc/self/fd"),
		.maps = lines("/proc/self/maps"),
	};
}

struct holdings holdings_again(struct holdings before)
{
	uint64_t end = time_mono_ns() + UINT64_C(10000000000);
	struct holdings now;

	do
		now = holdings();
	while (now.threads > before.threads && time_mono_ns() < end);
	return now;
}
