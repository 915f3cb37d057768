/* SPDX-License-Identifier: MIT */
#include "proxy/alarm.h"

#include "base/container.h"

#include "../check.h"
#include "loopback.h"

struct rig {
	struct loopback l;
	struct alarms all;
	struct alarm a[3];
	bool rang[3];
	bool clears; /* the first to ring clears the others */
	unsigned count;
};

static struct rig *the_rig(struct alarm *a)
{
	return container_of(a->all, struct rig, all);
}

static void rang(struct alarm *a)
{
	struct rig *r = the_rig(a);
	size_t i;

	r->rang[a - r->a] = true;
	r->count++;
	for (i = 0; r->clears && i < LEN(r->a); i++)
		alarm_clear(&r->a[i]);
}

static void rig_init(struct rig *r)
{
	size_t i;

	*r = (struct rig){ .count = 0 };
	loopback_init(&r->l);
	alarms_init(&r->all, &r->l.loop);
	for (i = 0; i < LEN(r->a); i++)
		alarm_init(&r->a[i], &r->all, rang);
}

static void rig_fini(struct rig *r)
{
	alarms_close(&r->all, NULL);
	loopback_fini(&r->l);
}

static bool is_running(struct rig *r)
{
	return uv_is_active((uv_handle_t *)&r->all.timer);
}

static void test_alarms_ring_once_each_in_their_order(void **s)
{
	struct rig r;

	(void)s;
	rig_init(&r);
	alarm_set(&r.a[0], 30);
	alarm_set(&r.a[1], 10);
	alarm_set(&r.a[2], 20);
	loopback_until(&r.l, &r.rang[1]);
	assert_false(r.rang[0]);
	loopback_until(&r.l, &r.rang[2]);
	loopback_until(&r.l, &r.rang[0]);
	assert_int_equal(r.count, 3);
	assert_false(is_running(&r));
	rig_fini(&r);
}

static void test_no_alarm_no_timer(void **s)
{
	struct rig r;

	(void)s;
	rig_init(&r);
	assert_false(is_running(&r));
	alarm_set(&r.a[0], 60000);
	alarm_set(&r.a[1], 60000);
	assert_true(is_running(&r));
	alarm_clear(&r.a[0]);
	assert_true(is_running(&r));
	alarm_clear(&r.a[1]);
	assert_false(is_running(&r));
	alarm_clear(&r.a[1]);
	rig_fini(&r);
	assert_int_equal(r.count, 0);
}

static void test_setting_it_again_replaces_the_deadline(void **s)
{
	struct rig r;

	(void)s;
	rig_init(&r);
	alarm_set(&r.a[0], 5);
	alarm_set(&r.a[0], 40);
	alarm_set(&r.a[1], 20);
	loopback_until(&r.l, &r.rang[1]);
	assert_false(r.rang[0]);
	alarm_set(&r.a[0], 0);
	loopback_until(&r.l, &r.rang[0]);
	assert_int_equal(r.count, 2);
	rig_fini(&r);
}

static void test_what_rings_may_clear_the_others(void **s)
{
	struct rig r;
	size_t i;

	(void)s;
	rig_init(&r);
	r.clears = true;
	for (i = 0; i < LEN(r.a); i++)
		alarm_set(&r.a[i], 0);
	loopback_now(&r.l);
	assert_int_equal(r.count, 1);
	assert_false(is_running(&r));
	rig_fini(&r);
}

static void test_the_longest_time_does_not_wrap(void **s)
{
	struct rig r;

	(void)s;
	rig_init(&r);
	alarm_set(&r.a[0], UINT64_MAX);
	loopback_now(&r.l);
	assert_int_equal(r.count, 0);
	alarm_clear(&r.a[0]);
	rig_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alarms_ring_once_each_in_their_order),
		cmocka_unit_test(test_no_alarm_no_timer),
		cmocka_unit_test(test_setting_it_again_replaces_the_deadline),
		cmocka_unit_test(test_what_rings_may_clear_the_others),
		cmocka_unit_test(test_the_longest_time_does_not_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
