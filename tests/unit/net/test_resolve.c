/* SPDX-License-Identifier: MIT */
#include "net/resolve.h"

#include "base/container.h"

#include <netdb.h>
#include <string.h>

#include "os/sockaddr.h"

#include "../check.h"
#include "loopback.h"

enum {
	FOUR = 1 << ADDR_IPV4,
	SIX = 1 << ADDR_IPV6,
	MANY = 8,
};

struct asker {
	struct loopback l;
	struct resolve *r;
	struct addr found[MANY];
	unsigned count;
	bool done, cancel_at_found;
	enum resolve_result result;
	char name[1100];
};

static void found(void *ctx, const struct addr *a)
{
	struct asker *k = ctx;

	assert_false(k->done);
	if (k->count < MANY)
		k->found[k->count] = *a;
	k->count++;
	if (k->cancel_at_found)
		resolve_cancel(k->r);
}

static void done(void *ctx, enum resolve_result result)
{
	struct asker *k = ctx;

	assert_false(k->done);
	k->done = true;
	k->result = result;
}

static void named(void *ctx, enum resolve_result result, const char *name)
{
	struct asker *k = ctx;

	done(ctx, result);
	assert_int_equal(result == RESOLVE_OK, name != NULL);
	if (name)
		(void)strncpy(k->name, name, sizeof(k->name) - 1);
}

static int start(struct asker *k, const char *name, unsigned families,
		 mv_error *e)
{
	struct resolve_user user = { found, done, k };

	memset(k, 0, sizeof(*k));
	loopback_init(&k->l);
	return resolve_start(&k->l.loop, name, families, &user, &k->r, e);
}

static void ask(struct asker *k, const char *name, unsigned families)
{
	assert_int_equal(start(k, name, families, NULL), 0);
	assert_false(k->done);
	loopback_until(&k->l, &k->done);
	loopback_fini(&k->l);
}

static void test_localhost_is_found_on_any_host(void **s)
{
	/* One without a hosts file, too; and what is below it. */
	static const char *const name[] = { "localhost", "LocalHost.",
					    "a.b.localhost" };
	char text[ADDR_TEXT];
	struct asker k;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(name); i++) {
		ask(&k, name[i], FOUR);
		assert_int_equal(k.result, RESOLVE_OK);
		assert_int_equal(k.count, 1);
		assert_string_equal(addr_text(&k.found[0], text),
				    "127.0.0.1:0");
		ask(&k, name[i], SIX);
		assert_int_equal(k.result, RESOLVE_OK);
		assert_string_equal(addr_text(&k.found[0], text), "[::1]:0");
	}
}

static void test_ipv6_comes_first_when_both_are_there(void **s)
{
	struct asker k;
	unsigned i;

	(void)s;
	ask(&k, "localhost", FOUR | SIX);
	assert_int_equal(k.result, RESOLVE_OK);
	assert_true(k.count >= 1 && k.count <= MANY);
	for (i = 1; i < k.count; i++)
		assert_true(k.found[i].family <= k.found[i - 1].family);
}

static void test_an_address_in_text_needs_no_resolver(void **s)
{
	char text[ADDR_TEXT];
	struct asker k;

	(void)s;
	ask(&k, "192.0.2.1", FOUR | SIX);
	assert_int_equal(k.result, RESOLVE_OK);
	assert_int_equal(k.count, 1);
	assert_string_equal(addr_ip_text(&k.found[0], text), "192.0.2.1");
	ask(&k, "2001:db8::1", FOUR | SIX);
	assert_int_equal(k.count, 1);
	assert_string_equal(addr_ip_text(&k.found[0], text), "2001:db8::1");
}

static void test_an_address_of_the_other_family_is_no_address(void **s)
{
	struct asker k;

	(void)s;
	ask(&k, "192.0.2.1", SIX);
	assert_int_equal(k.result, RESOLVE_NO_ADDRESS);
	assert_int_equal(k.count, 0);
	ask(&k, "2001:db8::1", FOUR);
	assert_int_equal(k.result, RESOLVE_NO_ADDRESS);
}

static void test_what_is_no_name_is_refused_at_once(void **s)
{
	static const char *const bad[] = { "",   " ",    "a b",  "a\nb", "a\tb",
					   "a ", "\x7f", "\x01", "x\ry." };
	char longer[255];
	struct asker k;
	mv_error e;
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(start(&k, bad[i], FOUR, &e), -MICROVM_EINVAL);
		loopback_fini(&k.l);
	}
	memset(longer, 'a', sizeof(longer) - 1);
	longer[254] = '\0';
	assert_int_equal(start(&k, longer, FOUR, &e), -MICROVM_EINVAL);
	loopback_fini(&k.l);
	/* Not UTF-8: libuv will not have it. */
	assert_int_equal(start(&k, "\xff\xfe", FOUR | SIX, &e),
			 -MICROVM_EINVAL);
	loopback_fini(&k.l);
	assert_int_equal(start(&k, "localhost", 0, &e), -MICROVM_EINVAL);
	loopback_fini(&k.l);
}

/* A label of 64 characters is in no resolver: nothing is sent. */
static void test_a_name_that_cannot_be_is_not_found(void **s)
{
	struct asker k;
	char name[65];

	(void)s;
	memset(name, 'a', sizeof(name) - 1);
	name[64] = '\0';
	ask(&k, name, FOUR | SIX);
	assert_int_not_equal(k.result, RESOLVE_OK);
	assert_int_equal(k.count, 0);
}

static void test_nothing_is_told_after_cancel(void **s)
{
	struct asker k;

	(void)s;
	assert_int_equal(start(&k, "localhost", FOUR | SIX, NULL), 0);
	resolve_cancel(k.r);
	loopback_fini(&k.l);
	assert_int_equal(k.count, 0);
	assert_false(k.done);
}

static void test_the_first_address_may_be_enough(void **s)
{
	struct asker k;

	(void)s;
	assert_int_equal(start(&k, "localhost", FOUR | SIX, NULL), 0);
	k.cancel_at_found = true;
	assert_int_equal(uv_run(&k.l.loop, UV_RUN_DEFAULT), 0);
	loopback_fini(&k.l);
	assert_int_equal(k.count, 1);
	assert_false(k.done);
}

static void test_the_name_of_an_address_is_the_host_s_word(void **s)
{
	struct sockaddr_storage sa;
	char want[NI_MAXHOST] = "";
	struct asker k;
	struct addr a;
	int rc;

	(void)s;
	memset(&k, 0, sizeof(k));
	assert_true(addr_parse_ip("127.0.0.1", &a));
	loopback_init(&k.l);
	assert_int_equal(resolve_name_of(&k.l.loop, &a, named, &k, &k.r, NULL),
			 0);
	assert_false(k.done);
	loopback_until(&k.l, &k.done);
	loopback_fini(&k.l);
	rc = getnameinfo((const struct sockaddr *)&sa,
			 sockaddr_from_addr(&sa, &a), want, sizeof(want), NULL,
			 0, NI_NAMEREQD);
	assert_int_equal(k.result == RESOLVE_OK, !rc);
	if (!rc)
		assert_string_equal(k.name, want);
}

static void test_a_lookup_of_a_name_can_be_cancelled(void **s)
{
	struct addr a, none = { 0 };
	struct asker k;

	(void)s;
	memset(&k, 0, sizeof(k));
	assert_true(addr_parse_ip("127.0.0.1", &a));
	loopback_init(&k.l);
	assert_int_equal(
		resolve_name_of(&k.l.loop, &none, named, &k, &k.r, NULL),
		-MICROVM_EINVAL);
	assert_int_equal(resolve_name_of(&k.l.loop, &a, named, &k, &k.r, NULL),
			 0);
	resolve_cancel(k.r);
	loopback_fini(&k.l);
	assert_false(k.done);
}

/* The pool's threads, and what the resolver keeps open, are there before. */
static int warm_up(void **s)
{
	struct asker k;

	(void)s;
	memset(&k, 0, sizeof(k));
	assert_int_equal(start(&k, "localhost", FOUR | SIX, NULL), 0);
	loopback_until(&k.l, &k.done);
	(void)uv_run(&k.l.loop, UV_RUN_DEFAULT);
	return uv_loop_close(&k.l.loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_localhost_is_found_on_any_host),
		cmocka_unit_test(test_ipv6_comes_first_when_both_are_there),
		cmocka_unit_test(test_an_address_in_text_needs_no_resolver),
		cmocka_unit_test(
			test_an_address_of_the_other_family_is_no_address),
		cmocka_unit_test(test_what_is_no_name_is_refused_at_once),
		cmocka_unit_test(test_a_name_that_cannot_be_is_not_found),
		cmocka_unit_test(test_nothing_is_told_after_cancel),
		cmocka_unit_test(test_the_first_address_may_be_enough),
		cmocka_unit_test(
			test_the_name_of_an_address_is_the_host_s_word),
		cmocka_unit_test(test_a_lookup_of_a_name_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, warm_up, NULL);
}
