/* SPDX-License-Identifier: MIT */
#include "dev/line.h"

#include "../check.h"

struct chip {
	struct mutex mu;
	struct line line;
	bool level;
	unsigned moves;
	bool reenter, again;
};

/* Takes the lock the caller must have let go; may call the device again. */
static void chip_set(void *chip, unsigned pin, bool level)
{
	struct chip *c = chip;

	(void)pin;
	mutex_lock(&c->mu);
	c->level = level;
	c->moves++;
	if (c->reenter) {
		c->reenter = false;
		line_drive(&c->line, &c->mu, false);
		if (c->again)
			line_drive(&c->line, &c->mu, true);
	}
	mutex_unlock(&c->mu);
}

static void chip_init(struct chip *c)
{
	*c = (struct chip){ .line.irq = { chip_set, c, 0 } };
	assert_int_equal(mutex_init(&c->mu, NULL), 0);
}

static void drive(struct chip *c, bool level)
{
	mutex_lock(&c->mu);
	line_drive(&c->line, &c->mu, level);
	mutex_unlock(&c->mu);
}

static void test_only_changes_reach_the_wire(void **s)
{
	struct chip c;

	(void)s;
	chip_init(&c);
	drive(&c, false);
	assert_int_equal(c.moves, 0);
	drive(&c, true);
	drive(&c, true);
	assert_true(c.level);
	assert_int_equal(c.moves, 1);
	drive(&c, false);
	assert_false(c.level);
	assert_int_equal(c.moves, 2);
	mutex_fini(&c.mu);
}

static void test_a_change_made_by_the_far_end_is_not_lost(void **s)
{
	struct chip c;

	(void)s;
	chip_init(&c);
	c.reenter = true;
	drive(&c, true);
	assert_false(c.level);
	assert_int_equal(c.moves, 2);
	assert_false(c.line.moving);
	mutex_fini(&c.mu);
}

/* The cause goes and another comes while the wire is still being raised. */
static void test_a_fall_within_a_move_is_an_edge_all_the_same(void **s)
{
	struct chip c;

	(void)s;
	chip_init(&c);
	c.reenter = c.again = true;
	drive(&c, true);
	assert_true(c.level);
	assert_int_equal(c.moves, 3); /* up, down, up */
	drive(&c, true);
	assert_int_equal(c.moves, 3);
	mutex_fini(&c.mu);
}

static void test_an_unconnected_wire_is_fine(void **s)
{
	struct line l = { 0 };
	struct mutex mu;

	(void)s;
	assert_int_equal(mutex_init(&mu, NULL), 0);
	mutex_lock(&mu);
	line_drive(&l, &mu, true);
	mutex_unlock(&mu);
	assert_true(l.is);
	mutex_fini(&mu);
}

/*
 * Two threads toggle; the far end records under a lock of its own.  Whatever
 * the order, the wire ends where the last writer of `want` left it.
 */
struct race {
	struct chip c;
	unsigned rounds;
	bool last; /* under c.mu */
};

static void toggle(void *arg)
{
	struct race *r = arg;
	unsigned i;

	for (i = 0; i < r->rounds; i++) {
		mutex_lock(&r->c.mu);
		r->last = i & 1;
		line_drive(&r->c.line, &r->c.mu, r->last);
		mutex_unlock(&r->c.mu);
	}
}

static void test_two_threads_leave_the_wire_at_the_last_level(void **s)
{
	struct race r = { .rounds = 5001 };
	struct thread t;

	(void)s;
	chip_init(&r.c);
	assert_int_equal(thread_start(&t, toggle, &r, NULL), 0);
	toggle(&r);
	thread_join(&t);
	assert_int_equal(r.c.level, r.last);
	assert_int_equal(r.c.line.is, r.last);
	assert_false(r.c.line.moving);
	mutex_fini(&r.c.mu);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_changes_reach_the_wire),
		cmocka_unit_test(test_a_change_made_by_the_far_end_is_not_lost),
		cmocka_unit_test(
			test_a_fall_within_a_move_is_an_edge_all_the_same),
		cmocka_unit_test(test_an_unconnected_wire_is_fine),
		cmocka_unit_test(
			test_two_threads_leave_the_wire_at_the_last_level),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
