/* SPDX-License-Identifier: MIT */
/*
 * Every single thing a VM is made of is refused once: the creation must fail
 * with a message and hold nothing.  The linker puts the functions below in
 * front of the real ones (--wrap).
 */
#include "vm/parts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "rig.h"

#include "../check.h"

/* How many acquisitions still work; the test runs on one thread. */
static struct {
	bool armed;
	unsigned left, seen;
} fuse;

static bool blown(void)
{
	if (!fuse.armed)
		return false;
	fuse.seen++;
	if (!fuse.left)
		return true;
	fuse.left--;
	return false;
}

void *__real_malloc(size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_malloc(size_t n)
{
	return blown() ? NULL : __real_malloc(n);
}

void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
	return blown() ? NULL : __real_calloc(n, size);
}

char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);
char *__wrap_strdup(const char *s)
{
	return blown() ? NULL : __real_strdup(s);
}

void *__real_mmap64(void *p, size_t n, int prot, int flags, int fd, off_t off);
void *__wrap_mmap64(void *p, size_t n, int prot, int flags, int fd, off_t off);
void *__wrap_mmap64(void *p, size_t n, int prot, int flags, int fd, off_t off)
{
	return blown() ? MAP_FAILED : __real_mmap64(p, n, prot, flags, fd, off);
}

#define WRAP_UV(name, type)                                    \
	int __real_##name(type *p);                            \
	int __wrap_##name(type *p);                            \
	int __wrap_##name(type *p)                             \
	{                                                      \
		return blown() ? UV_ENOMEM : __real_##name(p); \
	}

WRAP_UV(uv_mutex_init, uv_mutex_t)
WRAP_UV(uv_cond_init, uv_cond_t)
WRAP_UV(uv_loop_init, uv_loop_t)

int __real_uv_thread_create_ex(uv_thread_t *t, const uv_thread_options_t *o,
			       uv_thread_cb body, void *arg);
int __wrap_uv_thread_create_ex(uv_thread_t *t, const uv_thread_options_t *o,
			       uv_thread_cb body, void *arg);
int __wrap_uv_thread_create_ex(uv_thread_t *t, const uv_thread_options_t *o,
			       uv_thread_cb body, void *arg)
{
	return blown() ? UV_EAGAIN
		       : __real_uv_thread_create_ex(t, o, body, arg);
}

int __real_uv_poll_init(uv_loop_t *l, uv_poll_t *p, int fd);
int __wrap_uv_poll_init(uv_loop_t *l, uv_poll_t *p, int fd);
int __wrap_uv_poll_init(uv_loop_t *l, uv_poll_t *p, int fd)
{
	return blown() ? UV_ENOMEM : __real_uv_poll_init(l, p, fd);
}

/* As libuv's own: threads are joined, and fds closed, or the test sees it. */
static void refuse_each(struct rig *r, unsigned at_least)
{
	struct holdings before, after;
	unsigned i;

	r->cfg.born = 0;
	for (i = 0;; i++) {
		struct vm *vm = NULL;
		mv_error e = { 0 };
		int rc;

		before = holdings();
		fuse.seen = 0;
		fuse.left = i;
		fuse.armed = true;
		rc = vm_create(&r->cfg, &vm, &e);
		fuse.armed = false;
		if (!rc) {
			vm_free(vm);
			break;
		}
		assert_null(vm);
		/* It gave up at once; the console asks for two rings. */
		assert_in_range(fuse.seen, i + 1, i + 2);
		assert_int_equal(rc, -e.code);
		assert_int_not_equal(strlen(e.msg), 0);
		assert_int_equal(r->script.vms, 0);
		assert_int_equal(r->script.vcpus, 0);
		after = holdings_again(before);
		assert_int_equal(after.threads, before.threads);
		assert_int_equal(after.files, before.files);
	}
	assert_true(i >= at_least); /* the wraps are in place */
}

static void test_every_refusal_is_told_and_leaves_nothing(void **s)
{
	struct rig r;

	(void)s;
	rig_init(&r);
	/* A first VM: what libuv keeps for the process is not a leak. */
	rig_create(&r);
	vm_free(r.vm);
	r.vm = NULL;
	refuse_each(&r, 20);
	rig_fini(&r);
}

static void test_so_it_is_with_a_thread_for_each_cpu(void **s)
{
	struct rig r;

	(void)s;
	rig_init(&r);
	r.cfg.cpus = 4;
	r.cfg.virtual_time = false;
	r.script.ops.provides = 0;
	refuse_each(&r, 35);
	rig_fini(&r);
}

static void refused_by_backend(enum script_fault fault, unsigned cpu,
			       bool one_thread, const char *msg)
{
	struct vm *vm;
	struct rig r;
	mv_error e;

	rig_init(&r);
	r.cfg.cpus = 3;
	r.cfg.virtual_time = false;
	r.script.ops.provides = one_thread ? HV_ONE_THREAD : 0;
	r.script.fault = fault;
	r.script.fault_cpu = cpu;
	assert_int_equal(vm_create(&r.cfg, &vm, &e), -MICROVM_EHYPERVISOR);
	assert_string_equal(e.msg, msg);
	assert_null(vm);
	rig_fini(&r);
	assert_int_equal(r.events, 0);
}

static void test_what_the_backend_refuses_is_passed_on(void **s)
{
	static const char no_cpu[] = "backend script: no CPU, says the script";
	unsigned i;

	(void)s;
	refused_by_backend(SCRIPT_VM_INIT_FAILS, 0, true,
			   "backend script: no VM, says the script");
	refused_by_backend(SCRIPT_MAP_FAILS, 0, true,
			   "backend script: no RAM, says the script");
	for (i = 0; i < 3; i++) {
		refused_by_backend(SCRIPT_VCPU_INIT_FAILS, i, true, no_cpu);
		refused_by_backend(SCRIPT_VCPU_INIT_FAILS, i, false, no_cpu);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_refusal_is_told_and_leaves_nothing),
		cmocka_unit_test(test_so_it_is_with_a_thread_for_each_cpu),
		cmocka_unit_test(test_what_the_backend_refuses_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
