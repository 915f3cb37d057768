/* SPDX-License-Identifier: MIT */
#include "proxy/lookup.h"

#include <string.h>

#include "base/container.h"

#include "../check.h"
#include "loopback.h"
#include "names.h"

enum { FOUR = 1 << ADDR_IPV4, MANY = 4 };

struct asker {
	struct lookup l;
	bool done;
	enum resolve_result result;
	unsigned found;
	char name[64];
};

static struct asker *asker_of(struct lookup *l)
{
	return container_of(l, struct asker, l);
}

static void found(struct lookup *l, const struct addr *a)
{
	assert_int_equal(a->family, ADDR_IPV4);
	asker_of(l)->found++;
}

static void named(struct lookup *l, const char *name)
{
	(void)strncpy(asker_of(l)->name, name, sizeof(asker_of(l)->name) - 1);
	asker_of(l)->done = true;
}

static void done(struct lookup *l, enum resolve_result result)
{
	asker_of(l)->result = result;
	asker_of(l)->done = true;
}

static void ask(struct asker *k, struct lookups *all, const char *name)
{
	*k = (struct asker){
		.l = { .found = found, .named = named, .done = done }
	};
	assert_int_equal(lookup_name(&k->l, all, name, FOUR, NULL), 0);
}

static void test_those_beyond_the_limit_wait_in_order(void **s)
{
	struct asker k[MANY];
	struct lookups all;
	struct loopback l;
	size_t i;

	(void)s;
	loopback_init(&l);
	lookups_init(&all, &l.loop, 1);
	for (i = 0; i < MANY; i++) {
		ask(&k[i], &all, "one.test");
		assert_int_equal(all.running, 1);
	}
	for (i = 0; i < MANY; i++) {
		loopback_until(&l, &k[i].done);
		assert_int_equal(k[i].result, RESOLVE_OK);
		assert_int_equal(k[i].found, 1);
		assert_true(i + 1 == MANY || !k[i + 1].done);
	}
	assert_int_equal(all.running, 0);
	loopback_fini(&l);
}

static void test_one_that_is_cancelled_makes_room(void **s)
{
	struct asker k[3];
	struct lookups all;
	struct loopback l;

	(void)s;
	loopback_init(&l);
	lookups_init(&all, &l.loop, 1);
	names_hold();
	ask(&k[0], &all, "slow.test");
	ask(&k[1], &all, "one.test");
	ask(&k[2], &all, "one.test");
	lookup_cancel(&k[1].l); /* while it waits */
	lookup_cancel(&k[0].l); /* while it runs */
	lookup_cancel(&k[0].l);
	loopback_until(&l, &k[2].done);
	names_release();
	assert_false(k[0].done || k[1].done);
	assert_int_equal(all.running, 0);
	loopback_fini(&l);
}

static void test_one_that_cannot_begin_fails_when_its_turn_comes(void **s)
{
	struct asker k[2];
	struct lookups all;
	struct loopback l;

	(void)s;
	loopback_init(&l);
	lookups_init(&all, &l.loop, 1);
	ask(&k[0], &all, "one.test");
	ask(&k[1], &all, "not a name");
	loopback_until(&l, &k[1].done);
	assert_int_equal(k[1].result, RESOLVE_FAILED);
	assert_true(k[0].done);
	/* ... and at once when it need not wait. */
	assert_int_equal(lookup_name(&k[1].l, &all, "", FOUR, NULL),
			 -MICROVM_EINVAL);
	assert_int_equal(all.running, 0);
	loopback_fini(&l);
}

static void test_addresses_have_names(void **s)
{
	struct asker k = { .l = { .named = named, .done = done } };
	struct lookups all;
	struct loopback l;
	struct addr a;

	(void)s;
	loopback_init(&l);
	lookups_init(&all, &l.loop, 1);
	assert_true(addr_parse_ip("127.0.0.1", &a));
	assert_int_equal(lookup_addr(&k.l, &all, &a, NULL), 0);
	loopback_until(&l, &k.done);
	assert_string_equal(k.name, "one.test");
	k.done = false;
	assert_true(addr_parse_ip("127.0.0.9", &a));
	assert_int_equal(lookup_addr(&k.l, &all, &a, NULL), 0);
	loopback_until(&l, &k.done);
	assert_int_equal(k.result, RESOLVE_NO_NAME);
	loopback_fini(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_those_beyond_the_limit_wait_in_order),
		cmocka_unit_test(test_one_that_is_cancelled_makes_room),
		cmocka_unit_test(
			test_one_that_cannot_begin_fails_when_its_turn_comes),
		cmocka_unit_test(test_addresses_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
