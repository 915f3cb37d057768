/* SPDX-License-Identifier: MIT */
#include "vm/host_clock.h"

#include <stdlib.h>

#include "os/time.h"

#include "../check.h"

static void test_time_begins_near_zero_and_goes_with_the_host_s(void **s)
{
	uint64_t before = time_mono_ns(), first, then, host;
	struct host_clock h;
	struct clock c;

	(void)s;
	host_clock_init(&h, &c);
	first = clock_now(&c);
	host = time_mono_ns();
	assert_true(first <= host - before);
	then = clock_now(&c);
	assert_true(then >= first);
	assert_true(then <= first + (time_mono_ns() - before));
}

static void test_wall_time_is_the_host_s(void **s)
{
	struct host_clock h;
	struct clock c;
	uint64_t before;

	(void)s;
	host_clock_init(&h, &c);
	before = time_wall_s();
	assert_true(clock_wall(&c) >= before);
	assert_true(clock_wall(&c) <= time_wall_s() + 1);
}

static void test_real_time_cannot_be_skipped(void **s)
{
	struct host_clock h;
	struct clock c;

	(void)s;
	host_clock_init(&h, &c);
	assert_false(clock_skip(&c, UINT64_C(1) << 60));
	assert_true(clock_now(&c) < UINT64_C(1) << 60);
}

static void test_a_loaded_guest_goes_on_at_its_own_time(void **s)
{
	struct host_clock old, new;
	struct clock c;
	struct state st;
	uint8_t *saved;
	size_t len;

	(void)s;
	host_clock_init(&old, &c);
	old.zero -= UINT64_C(5000000000000); /* it has run for a while */
	state_init_save(&st);
	host_clock_state(&old, &st);
	assert_int_equal(state_fini(&st, NULL), 0);
	saved = st.buf;
	len = st.len;

	host_clock_init(&new, &c);
	state_init_load(&st, saved, len);
	host_clock_state(&new, &st);
	assert_int_equal(state_fini(&st, NULL), 0);
	assert_true(clock_now(&c) >= UINT64_C(5000000000000));
	assert_true(clock_now(&c) < UINT64_C(5100000000000));
	free(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_time_begins_near_zero_and_goes_with_the_host_s),
		cmocka_unit_test(test_wall_time_is_the_host_s),
		cmocka_unit_test(test_real_time_cannot_be_skipped),
		cmocka_unit_test(test_a_loaded_guest_goes_on_at_its_own_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
