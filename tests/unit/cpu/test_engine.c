/* SPDX-License-Identifier: MIT */
/*
 * The engine under a front end of three instructions, one a byte: 'i' does
 * nothing, 'j' goes back to the page's start by its link, 'x' stops.
 */
#include "cpu/engine/engine.h"

#include <limits.h>
#include <string.h>

#include "../check.h"
#include "base/container.h"

struct toy {
	struct engine_cpu e;
	uint8_t *ram;
	unsigned decoded, executed, polled;
	unsigned faults; /* fetches yet to fail */
	int64_t limit;   /* asked for by poll, once */
};

static _Alignas(PAGE_SIZE) uint8_t ram[PAGE_SIZE];
static struct block_cache cache;
static struct vtime vtime;
static struct toy toy;

static struct toy *toy_of(struct engine_cpu *e)
{
	return container_of(e, struct toy, e);
}

static void poll(struct engine_cpu *e)
{
	struct toy *t = toy_of(e);

	t->polled++;
	if (t->limit >= 0)
		engine_limit(e, t->limit);
	t->limit = -1;
}

static const uint8_t *fetch(struct engine_cpu *e)
{
	struct toy *t = toy_of(e);

	if (t->faults) {
		t->faults--;
		e->pc = 0x80;
		return NULL;
	}
	return ram + e->pc % PAGE_SIZE;
}

static void decode(struct engine_cpu *e, struct block *b, const uint8_t *host)
{
	unsigned n = 0;

	toy_of(e)->decoded++;
	b->offset = (uint16_t)(host - ram);
	while (host[n] == 'i')
		n++;
	b->op[0] = host[n];
	b->insns = b->bytes = (uint16_t)(n + 1);
	b->ops = 1;
}

static void execute(struct engine_cpu *e, struct block *b)
{
	toy_of(e)->executed++;
	e->budget -= b->insns;
	if (b->op[0] == 'x') {
		e->stop = STOP_SHUTDOWN;
		return;
	}
	e->pc = 0;
	e->link = &b->link[0];
	e->link_version = e->cache->version;
}

static const struct engine_front front = { 16, poll, fetch, decode, execute };

static int fresh(void **s)
{
	(void)s;
	assert_int_equal(block_cache_init(&cache, 65536, NULL), 0);
	vtime_init_virtual(&vtime);
	toy = (struct toy){ .limit = -1 };
	engine_init(&toy.e, &front, &cache, &vtime);
	memcpy(ram, "iiij", 4);
	memcpy(ram + 0x80, "iix", 3);
	return 0;
}

static int done(void **s)
{
	(void)s;
	block_cache_fini(&cache);
	return 0;
}

static void test_a_slice_runs_its_instructions_and_no_block_more(void **s)
{
	(void)s;
	assert_int_equal(engine_run(&toy.e, 1000), STOP_SLICE);
	assert_int_equal(vtime_insns(&vtime), 1000);
	assert_int_equal(engine_run(&toy.e, 10), STOP_SLICE);
	assert_int_equal(vtime_insns(&vtime), 1012);
	assert_int_equal(toy.decoded, 1);
	assert_int_equal(toy.executed, 253);
}

static void test_the_front_end_can_stop_it(void **s)
{
	(void)s;
	toy.e.pc = 0x80;
	assert_int_equal(engine_run(&toy.e, 1000), STOP_SHUTDOWN);
	assert_int_equal(vtime_insns(&vtime), 3);
}

static void test_a_branch_is_linked_to_where_it_went(void **s)
{
	struct block *b;

	(void)s;
	assert_int_equal(engine_run(&toy.e, 12), STOP_SLICE);
	b = block_find(&cache, ram, 0);
	assert_ptr_equal(b->link[0], b);
}

static void test_no_link_is_made_when_a_block_died_meanwhile(void **s)
{
	struct block *b;

	(void)s;
	assert_int_equal(engine_run(&toy.e, 4), STOP_SLICE);
	b = block_find(&cache, ram, 0);
	toy.e.pc = 0;
	toy.e.link = &b->link[1];
	toy.e.link_version = cache.version - 1;
	assert_int_equal(engine_run(&toy.e, 4), STOP_SLICE);
	assert_null(b->link[1]);
}

static void test_a_handler_that_faults_itself_does_not_stop_time(void **s)
{
	(void)s;
	toy.faults = UINT_MAX;
	assert_int_equal(engine_run(&toy.e, 1000), STOP_SLICE);
	assert_int_equal(vtime_insns(&vtime), 1000);
	assert_int_equal(toy.executed, 0);
}

static void test_a_fetch_that_faults_goes_on_at_the_handler(void **s)
{
	(void)s;
	toy.faults = 1;
	assert_int_equal(engine_run(&toy.e, 1000), STOP_SHUTDOWN);
	assert_int_equal(vtime_insns(&vtime), 3);
}

static void test_a_kick_ends_the_slice_even_before_it_begins(void **s)
{
	(void)s;
	engine_kick(&toy.e);
	assert_int_equal(engine_run(&toy.e, 1000), STOP_SLICE);
	assert_int_equal(vtime_insns(&vtime), 0);
	assert_int_equal(engine_run(&toy.e, 1000), STOP_SLICE);
	assert_int_equal(vtime_insns(&vtime), 1000);
}

static void test_a_limit_polls_again_and_the_slice_goes_on(void **s)
{
	(void)s;
	toy.limit = 8;
	assert_int_equal(engine_run(&toy.e, 1000), STOP_SLICE);
	assert_int_equal(vtime_insns(&vtime), 1000);
	toy.limit = 0;
	assert_int_equal(engine_run(&toy.e, 100), STOP_SLICE);
	assert_int_equal(vtime_insns(&vtime), 1100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_a_slice_runs_its_instructions_and_no_block_more,
			fresh, done),
		cmocka_unit_test_setup_teardown(test_the_front_end_can_stop_it,
						fresh, done),
		cmocka_unit_test_setup_teardown(
			test_a_branch_is_linked_to_where_it_went, fresh, done),
		cmocka_unit_test_setup_teardown(
			test_no_link_is_made_when_a_block_died_meanwhile, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			test_a_handler_that_faults_itself_does_not_stop_time,
			fresh, done),
		cmocka_unit_test_setup_teardown(
			test_a_fetch_that_faults_goes_on_at_the_handler, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			test_a_kick_ends_the_slice_even_before_it_begins, fresh,
			done),
		cmocka_unit_test_setup_teardown(
			test_a_limit_polls_again_and_the_slice_goes_on, fresh,
			done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
