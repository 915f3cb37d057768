/* SPDX-License-Identifier: MIT */
#include "os/doorbell.h"

#include <stdatomic.h>

#include "os/thread.h"

#include "../check.h"

struct house {
	uv_loop_t loop;
	struct doorbell bell;
	atomic_uint calls;
	unsigned enough;
};

static void rung(void *ctx)
{
	struct house *h = ctx;

	if (atomic_fetch_add(&h->calls, 1) + 1 == h->enough)
		doorbell_close(&h->bell);
}

static void build(struct house *h, unsigned enough)
{
	*h = (struct house){ .enough = enough };
	assert_int_equal(uv_loop_init(&h->loop), 0);
	assert_int_equal(doorbell_init(&h->bell, &h->loop, rung, h, NULL), 0);
}

static void tear_down(struct house *h)
{
	assert_int_equal(uv_loop_close(&h->loop), 0);
	doorbell_fini(&h->bell);
}

static void test_many_rings_before_the_loop_looks_are_one(void **s)
{
	struct house h;
	unsigned i;

	(void)s;
	build(&h, 1);
	for (i = 0; i < 100000; i++) /* more than any pipe holds */
		doorbell_ring(&h.bell);
	assert_int_equal(uv_run(&h.loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(h.calls, 1);
	tear_down(&h);
}

static void test_ringing_after_close_is_harmless(void **s)
{
	struct house h;

	(void)s;
	build(&h, 1);
	doorbell_ring(&h.bell);
	assert_int_equal(uv_run(&h.loop, UV_RUN_DEFAULT), 0);
	doorbell_ring(&h.bell);
	assert_int_equal(h.calls, 1);
	tear_down(&h);
}

static void visitor(void *arg)
{
	struct house *h = arg;
	unsigned seen;

	/* One ring after the other, each as soon as the last was answered. */
	for (seen = 0; seen < h->enough; seen++) {
		doorbell_ring(&h->bell);
		while (atomic_load(&h->calls) == seen)
			;
	}
}

static void test_each_ring_from_another_thread_wakes_the_loop(void **s)
{
	struct thread t;
	struct house h;

	(void)s;
	build(&h, 1000);
	assert_int_equal(thread_start(&t, visitor, &h, NULL), 0);
	assert_int_equal(uv_run(&h.loop, UV_RUN_DEFAULT), 0);
	thread_join(&t);
	assert_int_equal(h.calls, 1000);
	tear_down(&h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_rings_before_the_loop_looks_are_one),
		cmocka_unit_test(test_ringing_after_close_is_harmless),
		cmocka_unit_test(
			test_each_ring_from_another_thread_wakes_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
