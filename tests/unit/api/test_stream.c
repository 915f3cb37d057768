/* SPDX-License-Identifier: MIT */
/*
 * The calls on what leads in and out of a VM, with a guest that has no vsock
 * driver; streams with bytes in them are tested with real guests.
 */
#include "vm/vm.h" /* before cmocka takes the word skip */

#include <sched.h>
#include <semaphore.h>

#include "kernels.h"
#include "os/thread.h"
#include "refused.h"

static char kernel[TEMP_PATH];

static int setup(void **s)
{
	(void)s;
	temp_kernel(kernel, &kernel_sleep);
	return 0;
}

static int teardown(void **s)
{
	(void)s;
	temp_remove(kernel);
	return 0;
}

static microvm_vm *vm_with(uint32_t cid)
{
	microvm_config *c = microvm_config_new();
	microvm_error e = { 0 };
	microvm_vm *vm = NULL;

	assert_non_null(c);
	assert_int_equal(microvm_config_set_kernel_path(c, kernel, NULL), 0);
	assert_int_equal(microvm_config_set_memory(c, 16 << 20, NULL), 0);
	assert_int_equal(microvm_config_set_vsock(c, cid, NULL), 0);
	if (microvm_vm_create(c, &vm, &e))
		print_error("%s\n", e.msg);
	microvm_config_free(c);
	assert_non_null(vm);
	return vm;
}

static int on_accept(void *ctx, microvm_stream *stream, uint32_t port)
{
	(void)ctx;
	(void)stream;
	(void)port;
	return -1;
}

static void test_null_is_refused_everywhere(void **s)
{
	microvm_listener *listener = (microvm_listener *)kernel;
	microvm_stream *stream = (microvm_stream *)kernel;
	microvm_vm *vm = vm_with(3);
	microvm_error e;
	intptr_t fd;
	char c;

	(void)s;
	refused_with(microvm_vsock_connect(NULL, 1, 0, &stream, &e),
		     MICROVM_EINVAL, &e, "vm is NULL");
	assert_null(stream);
	refused_with(microvm_vsock_connect(vm, 1, 0, NULL, &e), MICROVM_EINVAL,
		     &e, "stream is NULL");
	stream = (microvm_stream *)kernel;
	refused_with(microvm_vsock_open(NULL, 1, 0, NULL, NULL, &stream, &e),
		     MICROVM_EINVAL, &e, "vm is NULL");
	assert_null(stream);
	refused_with(microvm_vsock_open(vm, 1, 0, NULL, NULL, NULL, &e),
		     MICROVM_EINVAL, &e, "stream is NULL");
	refused_with(
		microvm_vsock_listen(NULL, 1, on_accept, NULL, &listener, &e),
		MICROVM_EINVAL, &e, "vm is NULL");
	assert_null(listener);
	refused_with(microvm_vsock_listen(vm, 1, NULL, NULL, &listener, &e),
		     MICROVM_EINVAL, &e, "accept function is NULL");
	refused_with(microvm_vsock_listen(vm, 1, on_accept, NULL, NULL, &e),
		     MICROVM_EINVAL, &e, "listener is NULL");
	refused_with(microvm_stream_detach(NULL, &fd, &e), MICROVM_EINVAL, &e,
		     "stream is NULL");
	refused_with(microvm_policy_answer(NULL, 1, MICROVM_DENY, &e),
		     MICROVM_EINVAL, &e, "vm is NULL");
	refused_with(microvm_vm_stop(NULL, &e), MICROVM_EINVAL, &e,
		     "vm is NULL");
	refused_with(microvm_vm_set_time(NULL, &e), MICROVM_EINVAL, &e,
		     "vm is NULL");
	assert_int_equal(microvm_stream_read(NULL, &c, 1, 0), -MICROVM_EINVAL);
	assert_int_equal(microvm_stream_write(NULL, &c, 1, 0), -MICROVM_EINVAL);
	assert_int_equal(microvm_stream_shutdown(NULL), -MICROVM_EINVAL);
	microvm_stream_set_events(NULL, NULL, NULL);
	microvm_stream_close(NULL);
	microvm_listener_close(NULL);
	microvm_vm_free(vm);
}

static void test_buffers_may_not_be_null(void **s)
{
	microvm_vm *vm = vm_with(3);
	microvm_stream *stream;
	microvm_error e;

	(void)s;
	assert_int_equal(
		microvm_vsock_open(vm, 1234, 60000, NULL, NULL, &stream, &e),
		0);
	assert_int_equal(microvm_stream_read(stream, NULL, 1, 0),
			 -MICROVM_EINVAL);
	assert_int_equal(microvm_stream_write(stream, NULL, 1, 0),
			 -MICROVM_EINVAL);
	refused_with(microvm_stream_detach(stream, NULL, &e), MICROVM_EINVAL,
		     &e, "fd is NULL");
	microvm_stream_close(stream);
	microvm_vm_free(vm);
}

static void test_the_port_that_means_any_is_none(void **s)
{
	microvm_vm *vm = vm_with(3);
	microvm_listener *listener;
	microvm_stream *stream;
	microvm_error e;

	(void)s;
	refused_with(microvm_vsock_connect(vm, UINT32_MAX, 0, &stream, &e),
		     MICROVM_EINVAL, &e, "stands for any");
	refused_with(
		microvm_vsock_open(vm, UINT32_MAX, 0, NULL, NULL, &stream, &e),
		MICROVM_EINVAL, &e, "stands for any");
	refused_with(microvm_vsock_listen(vm, UINT32_MAX, on_accept, NULL,
					  &listener, &e),
		     MICROVM_EINVAL, &e, "stands for any");
	microvm_vm_free(vm);
}

static void test_without_the_device_nothing_leads_out(void **s)
{
	microvm_vm *vm = vm_with(0);
	microvm_listener *listener;
	microvm_stream *stream;
	microvm_error e;

	(void)s;
	refused_with(microvm_vsock_connect(vm, 1, 0, &stream, &e),
		     MICROVM_ENOTSUP, &e, "no vsock device");
	assert_null(stream);
	refused_with(
		microvm_vsock_listen(vm, 1, on_accept, NULL, &listener, &e),
		MICROVM_ENOTSUP, &e, "no vsock device");
	assert_null(listener);
	refused_with(microvm_vm_stop(vm, &e), MICROVM_ENOTSUP, &e,
		     "no vsock device");
	refused_with(microvm_vm_set_time(vm, &e), MICROVM_ENOTSUP, &e,
		     "no vsock device");
	refused_with(microvm_policy_answer(vm, 1, MICROVM_DENY, &e),
		     MICROVM_ENOTSUP, &e, "no vsock device");
	microvm_vm_free(vm);
}

static void test_a_port_has_one_listener(void **s)
{
	microvm_vm *vm = vm_with(3);
	microvm_listener *one, *two;
	microvm_error e;

	(void)s;
	assert_int_equal(
		microvm_vsock_listen(vm, 5000, on_accept, NULL, &one, &e), 0);
	refused_with(microvm_vsock_listen(vm, 5000, on_accept, NULL, &two, &e),
		     MICROVM_EBUSY, &e, "5000");
	assert_null(two);
	microvm_listener_close(one);
	assert_int_equal(
		microvm_vsock_listen(vm, 5000, on_accept, NULL, &two, &e), 0);
	/* The proxy's, and init's. */
	assert_int_equal(
		microvm_vsock_listen(vm, 7601, on_accept, NULL, &one, &e),
		-MICROVM_EBUSY);
	assert_int_equal(
		microvm_vsock_listen(vm, 7600, on_accept, NULL, &one, &e),
		-MICROVM_EBUSY);
	microvm_listener_close(two);
	microvm_vm_free(vm);
}

static void test_a_guest_that_does_not_come_up_is_a_time_out(void **s)
{
	microvm_vm *vm = vm_with(3);
	microvm_stream *stream = (microvm_stream *)kernel;
	microvm_error e;

	(void)s;
	assert_int_equal(microvm_vm_start(vm, NULL), 0);
	refused_with(microvm_vsock_connect(vm, 1234, 30, &stream, &e),
		     MICROVM_ETIMEDOUT, &e, "port 1234");
	assert_null(stream);
	microvm_vm_free(vm);
}

struct seen {
	struct mutex mu;
	struct cond changed;
	unsigned events;
};

static void on_stream(void *ctx, microvm_stream *stream, unsigned events)
{
	struct seen *seen = ctx;

	(void)stream;
	mutex_lock(&seen->mu);
	seen->events |= events;
	cond_broadcast(&seen->changed);
	mutex_unlock(&seen->mu);
}

static void test_a_stream_outlives_its_vm(void **s)
{
	microvm_vm *vm = vm_with(3);
	microvm_stream *stream;
	struct seen seen = { .events = 0 };
	char c;

	(void)s;
	assert_int_equal(mutex_init(&seen.mu, NULL), 0);
	assert_int_equal(cond_init(&seen.changed, NULL), 0);
	assert_int_equal(microvm_vsock_open(vm, 1234, MICROVM_FOREVER,
					    on_stream, &seen, &stream, NULL),
			 0);
	assert_int_equal(microvm_vm_start(vm, NULL), 0);
	assert_int_equal(microvm_stream_read(stream, &c, 1, 0),
			 -MICROVM_EAGAIN);
	/* It waits in the stream for who accepts. */
	assert_int_equal(microvm_stream_write(stream, "early", 5, 0), 5);
	microvm_vm_free(vm);
	assert_true(seen.events & MICROVM_STREAM_CLOSED);
	assert_false(seen.events & MICROVM_STREAM_OPENED);
	assert_int_equal(microvm_stream_read(stream, &c, 1, MICROVM_FOREVER),
			 -MICROVM_ERESET);
	assert_int_equal(microvm_stream_write(stream, "x", 1, MICROVM_FOREVER),
			 -MICROVM_ERESET);
	microvm_stream_close(stream);
	cond_fini(&seen.changed);
	mutex_fini(&seen.mu);
}

struct reopening {
	microvm_vm *vm;
	sem_t held;
	microvm_stream *stream;
	microvm_listener *listener;
	int opened, listened;
};

static struct vm *inside(microvm_vm *handle)
{
	return (struct vm *)handle;
}

/* Keep the loop busy until its end waits for it, and all that leads to it. */
static void hold_up(void *ctx, microvm_stream *stream, unsigned events)
{
	struct reopening *r = ctx;
	struct vm *vm = inside(r->vm);
	const struct task *last;

	(void)stream;
	(void)events;
	(void)sem_post(&r->held);
	do {
		(void)sched_yield();
		last = atomic_load(&vm->loop.posted);
	} while (!last || last == &vm->link.ended);
}

/* What was lost is made anew, when the loop's own end is all that is left. */
static void reopen(void *ctx, microvm_stream *stream, unsigned events)
{
	struct reopening *r = ctx;

	(void)stream;
	(void)events;
	while (!atomic_load(&inside(r->vm)->loop.quit.queued))
		(void)sched_yield();
	r->opened = microvm_vsock_open(r->vm, 1234, 0, NULL, NULL, &r->stream,
				       NULL);
	r->listened = microvm_vsock_listen(r->vm, 1234, on_accept, NULL,
					   &r->listener, NULL);
}

static void test_the_last_callbacks_open_nothing_more(void **s)
{
	struct reopening r = { .vm = vm_with(3) };
	microvm_stream *lost, *other;

	(void)s;
	(void)sem_init(&r.held, 0, 0);
	assert_int_equal(microvm_vsock_open(r.vm, 1234, MICROVM_FOREVER, reopen,
					    &r, &lost, NULL),
			 0);
	assert_int_equal(
		microvm_vsock_open(r.vm, 1234, 1, hold_up, &r, &other, NULL),
		0);
	(void)sem_wait(&r.held);
	microvm_vm_free(r.vm);
	assert_int_equal(r.opened, -MICROVM_ESTATE);
	assert_int_equal(r.listened, -MICROVM_ESTATE);
	microvm_stream_close(lost);
	microvm_stream_close(other);
	(void)sem_destroy(&r.held);
}

static void test_an_answer_needs_a_question(void **s)
{
	microvm_vm *vm = vm_with(3);
	microvm_error e;

	(void)s;
	assert_int_equal(microvm_policy_answer(vm, 1, MICROVM_ALLOW, &e),
			 -MICROVM_ESTATE);
	assert_true(e.msg[0]);
	refused_with(microvm_policy_answer(vm, 1, MICROVM_ASK_LATER, &e),
		     MICROVM_EINVAL, &e, "verdict 2 is no answer");
	assert_string_equal(e.hint, "say MICROVM_ALLOW or MICROVM_DENY");
	microvm_vm_free(vm);
}

static void test_a_guest_may_be_asked_before_it_listens(void **s)
{
	microvm_vm *vm = vm_with(3);

	(void)s;
	assert_int_equal(microvm_vm_start(vm, NULL), 0);
	assert_int_equal(microvm_vm_set_time(vm, NULL), 0);
	assert_int_equal(microvm_vm_stop(vm, NULL), 0);
	microvm_vm_free(vm);
}

static void test_an_ended_vm_opens_nothing_more(void **s)
{
	microvm_vm *vm = vm_with(3);
	microvm_stream *stream;
	microvm_error e;
	microvm_exit ex;
	int rc;

	(void)s;
	assert_int_equal(microvm_vm_start(vm, NULL), 0);
	microvm_vm_kill(vm);
	assert_int_equal(microvm_vm_wait(vm, MICROVM_FOREVER, &ex), 0);
	assert_int_equal(ex.has_status, 0);
	/* It is known to have ended, or the stream ends with it. */
	rc = microvm_vsock_connect(vm, 1234, MICROVM_FOREVER, &stream, &e);
	assert_true(rc == -MICROVM_ESTATE || rc == -MICROVM_ERESET);
	assert_true(e.msg[0]);
	assert_null(stream);
	microvm_vm_free(vm);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_null_is_refused_everywhere),
		TEST(test_buffers_may_not_be_null),
		TEST(test_the_port_that_means_any_is_none),
		TEST(test_without_the_device_nothing_leads_out),
		TEST(test_a_port_has_one_listener),
		TEST(test_a_guest_that_does_not_come_up_is_a_time_out),
		TEST(test_a_stream_outlives_its_vm),
		TEST(test_the_last_callbacks_open_nothing_more),
		TEST(test_an_answer_needs_a_question),
		TEST(test_a_guest_may_be_asked_before_it_listens),
		TEST(test_an_ended_vm_opens_nothing_more),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
