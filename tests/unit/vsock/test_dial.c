/* SPDX-License-Identifier: MIT */
#include "vsock/vsock.h"

#include <string.h>

#include "world.h"

#include "../check.h"

enum { MS = 1000000 };

struct stage {
	struct world w;
	struct peer p;
	struct fake f;
};

static void begin(struct stage *t)
{
	world_init(&t->w);
	peer_init(&t->p, &t->w, VSOCK_EPHEMERAL, 7);
	fake_init(&t->f);
}

static void connect(struct stage *t, uint64_t ms)
{
	assert_int_equal(vsock_connect(t->w.v, 7, fake_stream(&t->f),
				       ms ? t->w.now + ms * MS : 0, NULL),
			 0);
	world_run(&t->w);
}

static void finish(struct stage *t)
{
	world_fini(&t->w);
	assert_int_equal(t->f.closes, 1);
	assert_int_equal(t->w.alarm, UINT64_MAX);
	assert_false(t->w.wrong || t->p.wrong || t->f.wrong);
}

static void test_refusals_are_followed_by_longer_and_longer_pauses(void **s)
{
	static const unsigned pauses[] = { 10, 20, 40, 80, 160, 250, 250, 250 };
	size_t i;
	struct stage t;

	(void)s;
	begin(&t);
	connect(&t, 60000);
	for (i = 0; i < sizeof(pauses) / sizeof(*pauses); i++) {
		assert_int_equal(strlen(t.p.log), i + 1);
		peer_say(&t.p, VSOCK_OP_RST, 0);
		world_sleep(&t.w, pauses[i] - 1);
		assert_int_equal(strlen(t.p.log), i + 1);
		world_sleep(&t.w, 1);
	}
	assert_string_equal(t.p.log, "qqqqqqqqq");
	peer_say(&t.p, VSOCK_OP_RESPONSE, 0);
	assert_string_equal(t.f.log, "o");
	finish(&t);
}

static void test_who_is_refused_to_the_end_is_refused(void **s)
{
	struct stage t;
	unsigned i;

	(void)s;
	begin(&t);
	connect(&t, 100);
	for (i = 0; i < 4; i++) {
		peer_say(&t.p, VSOCK_OP_RST, 0);
		world_sleep(&t.w, UINT64_C(10) << i);
	}
	assert_string_equal(t.p.log, "qqqq");
	assert_string_equal(t.f.log, "F");
	assert_int_equal(t.w.now, 1000 + 150 * MS);
	finish(&t);
}

static void test_no_answer_is_a_timeout(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	connect(&t, 100);
	world_sleep(&t.w, 99);
	assert_string_equal(t.f.log, "");
	world_sleep(&t.w, 1);
	assert_string_equal(t.f.log, "T");
	finish(&t);
}

static void test_one_try_has_two_seconds(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	connect(&t, 0);
	world_sleep(&t.w, 1999);
	assert_string_equal(t.f.log, "");
	world_sleep(&t.w, 1);
	assert_string_equal(t.f.log, "T");
	finish(&t);
}

static void test_a_driver_that_comes_is_asked_at_once(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	vsock_online(t.w.v, false);
	connect(&t, 60000);
	world_sleep(&t.w, 30000);
	assert_string_equal(t.p.log, "");
	vsock_online(t.w.v, true);
	world_run(&t.w);
	assert_string_equal(t.p.log, "q");
	/* Also in the midst of a pause. */
	peer_say(&t.p, VSOCK_OP_RST, 0);
	vsock_online(t.w.v, false);
	world_sleep(&t.w, 1000);
	vsock_online(t.w.v, true);
	world_run(&t.w);
	assert_string_equal(t.p.log, "qq");
	finish(&t);
	assert_string_equal(t.f.log, "G");
}

static void test_a_driver_that_never_comes_is_a_timeout(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	vsock_online(t.w.v, false);
	connect(&t, 5000);
	world_sleep(&t.w, 4999);
	assert_string_equal(t.f.log, "");
	world_sleep(&t.w, 1);
	assert_string_equal(t.f.log, "T");
	finish(&t);
}

static void test_nobody_waits_for_ever_if_not_told_so(void **s)
{
	struct stage t;

	(void)s;
	begin(&t);
	assert_int_equal(
		vsock_connect(t.w.v, 7, fake_stream(&t.f), UINT64_MAX, NULL),
		0);
	world_sleep(&t.w, 86400000);
	assert_string_equal(t.f.log, "");
	assert_int_equal(t.w.alarm, UINT64_MAX); /* and nobody is woken */
	finish(&t);
}

static void test_a_stream_that_breaks_takes_its_request_back(void **s)
{
	struct vsock_stats st;
	struct stage t;

	(void)s;
	begin(&t);
	assert_int_equal(vsock_connect(t.w.v, 7, fake_stream(&t.f), 0, NULL),
			 0);
	fake_says(&t.f, STREAM_BROKEN); /* before the guest heard anything */
	world_run(&t.w);
	assert_string_equal(t.p.log, "");
	assert_string_equal(t.f.log, "R");
	vsock_stats(t.w.v, &st);
	assert_int_equal(st.open, 0);
	world_sleep(&t.w, 5000); /* nothing of it is left */
	finish(&t);
}

static void test_no_two_connections_have_the_same_port(void **s)
{
	enum { N = 500 };
	static struct fake f[N];
	struct peer guest; /* has a connection to a port of that range */
	struct fake taken;
	struct stage t;
	unsigned i;

	(void)s;
	begin(&t);
	peer_init(&guest, &t.w, VSOCK_EPHEMERAL + 5, 7);
	fake_init(&taken);
	t.w.next = &taken;
	peer_say(&guest, VSOCK_OP_REQUEST, 0);
	for (i = 0; i < N; i++) {
		fake_init(&f[i]);
		assert_int_equal(
			vsock_connect(t.w.v, 7, fake_stream(&f[i]), 0, NULL),
			0);
	}
	world_run(&t.w);
	assert_string_equal(guest.log, "r");
	assert_string_equal(t.p.log, "q");
	assert_int_equal(t.w.strangers, N - 1);
	assert_int_equal(t.w.last.src_port, VSOCK_EPHEMERAL + N);
	world_fini(&t.w);
	for (i = 0; i < N; i++)
		assert_string_equal(f[i].log, "G");
	fake_drop(&t.f);
}

static void test_a_close_the_guest_does_not_answer_is_forced(void **s)
{
	struct vsock_stats st;
	struct stage t;

	(void)s;
	begin(&t);
	connect(&t, 0);
	peer_say(&t.p, VSOCK_OP_RESPONSE, 0);
	fake_says(&t.f, STREAM_DEAF);
	fake_eof(&t.f);
	world_run(&t.w);
	assert_string_equal(t.f.log, "oD");
	world_sleep(&t.w, 9999);
	assert_null(strchr(t.p.log, 'x'));
	world_sleep(&t.w, 1);
	assert_non_null(strchr(t.p.log, 'x'));
	vsock_stats(t.w.v, &st);
	assert_int_equal(st.open, 0);
	finish(&t);
}

static void test_a_refused_connect_is_counted(void **s)
{
	struct vsock_stats st;
	struct stage t;

	(void)s;
	begin(&t);
	connect(&t, 0);
	peer_say(&t.p, VSOCK_OP_RST, 0);
	vsock_stats(t.w.v, &st);
	assert_int_equal(st.refused[1], 1);
	assert_int_equal(st.opened[1], 0);
	assert_string_equal(t.f.log, "F");
	world_fini(&t.w);
	assert_int_equal(t.f.closes, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_refusals_are_followed_by_longer_and_longer_pauses),
		cmocka_unit_test(test_who_is_refused_to_the_end_is_refused),
		cmocka_unit_test(test_no_answer_is_a_timeout),
		cmocka_unit_test(test_one_try_has_two_seconds),
		cmocka_unit_test(test_a_driver_that_comes_is_asked_at_once),
		cmocka_unit_test(test_a_driver_that_never_comes_is_a_timeout),
		cmocka_unit_test(test_nobody_waits_for_ever_if_not_told_so),
		cmocka_unit_test(
			test_a_stream_that_breaks_takes_its_request_back),
		cmocka_unit_test(test_no_two_connections_have_the_same_port),
		cmocka_unit_test(
			test_a_close_the_guest_does_not_answer_is_forced),
		cmocka_unit_test(test_a_refused_connect_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
