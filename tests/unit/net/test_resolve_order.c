/* SPDX-License-Identifier: MIT */
/*
 * test_resolve_order.c - when and in which order resolve.c gives addresses.
 *
 * It is compiled here with a getaddrinfo of ours in place of libuv's, which
 * answers when the test says so.
 */
#include "net/resolve.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/container.h"
#include "os/sockaddr.h"
#include "os/time.h"

#include "../check.h"
#include "loopback.h"

enum { FOUR = 1 << ADDR_IPV4, SIX = 1 << ADDR_IPV6, BOTH = FOUR | SIX };

/* ---- the resolver ------------------------------------------------------ */

/* What is asked now; the loop stays alive by a handle for each. */
struct pending {
	uv_getaddrinfo_t *req;
	uv_getaddrinfo_cb cb;
	uv_idle_t busy;
};

static struct pending six, four;
static int refuse_family; /* uv_getaddrinfo() fails for it */

static void idle(uv_idle_t *i)
{
	(void)i;
}

int script_getaddrinfo(uv_loop_t *loop, uv_getaddrinfo_t *req,
		       uv_getaddrinfo_cb cb, const char *node,
		       const char *service, const struct addrinfo *hints)
{
	struct pending *p = hints->ai_family == AF_INET6 ? &six : &four;

	assert_string_equal(node, "name.test");
	assert_null(service);
	assert_int_equal(hints->ai_socktype, SOCK_STREAM);
	if (hints->ai_family == refuse_family)
		return UV_ENOMEM;
	p->req = req;
	p->cb = cb;
	(void)uv_idle_init(loop, &p->busy);
	(void)uv_idle_start(&p->busy, idle);
	return 0;
}

static unsigned lists; /* that were not freed */

void script_freeaddrinfo(struct addrinfo *ai)
{
	lists -= !!ai;
	while (ai) {
		struct addrinfo *next = ai->ai_next;

		free(ai->ai_addr);
		free(ai);
		ai = next;
	}
}

/* A list of "a b c", or NULL. */
static struct addrinfo *list_of(const char *texts)
{
	struct addrinfo *first = NULL, **end = &first;
	char copy[256], *rest = copy, *text;

	(void)snprintf(copy, sizeof(copy), "%s", texts);
	while ((text = strtok_r(rest, " ", &rest))) {
		struct sockaddr_storage *sa = calloc(1, sizeof(*sa));
		struct addrinfo *ai = calloc(1, sizeof(*ai));
		struct addr a;

		assert_true(sa && ai);
		if (addr_parse_ip(text, &a)) {
			a.port = 9; /* not to be passed on */
			(void)sockaddr_from_addr(sa, &a);
		} else {
			sa->ss_family = AF_UNIX; /* of no use to us */
		}
		ai->ai_addr = (struct sockaddr *)sa;
		*end = ai;
		end = &ai->ai_next;
	}
	lists += !!first;
	return first;
}

static void answer(struct pending *p, int status, const char *texts)
{
	uv_close((uv_handle_t *)&p->busy, NULL);
	p->cb(p->req, status, list_of(texts));
}

/* ---- who asks ---------------------------------------------------------- */

struct asker {
	struct loopback l;
	struct resolve *r;
	char found[256];
	unsigned cancel_after, count;
	bool done;
	enum resolve_result result;
};

static void found(void *ctx, const struct addr *a)
{
	struct asker *k = ctx;
	size_t len = strlen(k->found);
	char text[ADDR_TEXT];

	assert_false(k->done);
	assert_int_equal(a->port, 0);
	(void)snprintf(k->found + len, sizeof(k->found) - len, "%s%s",
		       len ? " " : "", addr_ip_text(a, text));
	if (++k->count == k->cancel_after)
		resolve_cancel(k->r);
}

static void done(void *ctx, enum resolve_result result)
{
	struct asker *k = ctx;

	assert_false(k->done);
	k->done = true;
	k->result = result;
}

static void start(struct asker *k, unsigned families)
{
	struct resolve_user user = { found, done, k };

	memset(k, 0, sizeof(*k));
	loopback_init(&k->l);
	assert_int_equal(resolve_start(&k->l.loop, "name.test", families, &user,
				       &k->r, NULL),
			 0);
}

static void fini(struct asker *k)
{
	loopback_fini(&k->l);
	assert_int_equal(lists, 0);
}

static void test_ipv6_is_given_as_soon_as_it_is_known(void **s)
{
	struct asker k;

	(void)s;
	start(&k, BOTH);
	answer(&six, 0, "2001:db8::1 2001:db8::2");
	assert_string_equal(k.found, "2001:db8::1 2001:db8::2");
	assert_false(k.done);
	answer(&four, 0, "192.0.2.1");
	assert_string_equal(k.found, "2001:db8::1 2001:db8::2 192.0.2.1");
	assert_true(k.done);
	assert_int_equal(k.result, RESOLVE_OK);
	fini(&k);
}

static void test_ipv4_that_is_first_lets_ipv6_pass(void **s)
{
	struct asker k;

	(void)s;
	start(&k, BOTH);
	answer(&four, 0, "192.0.2.1");
	loopback_now(&k.l);
	assert_string_equal(k.found, "");
	answer(&six, 0, "2001:db8::1");
	assert_string_equal(k.found, "2001:db8::1 192.0.2.1");
	assert_true(k.done);
	fini(&k);
}

static void test_ipv4_waits_50_ms_and_no_longer(void **s)
{
	struct asker k;
	uint64_t from = time_mono_ns();

	(void)s;
	start(&k, BOTH);
	uv_update_time(&k.l.loop);
	answer(&four, 0, "192.0.2.1");
	while (!k.found[0])
		(void)uv_run(&k.l.loop, UV_RUN_ONCE);
	assert_true(time_mono_ns() - from >= 48 * 1000000);
	assert_string_equal(k.found, "192.0.2.1");
	assert_false(k.done);
	answer(&six, 0, "2001:db8::1"); /* late, but not for nothing */
	assert_string_equal(k.found, "192.0.2.1 2001:db8::1");
	assert_true(k.done);
	fini(&k);
}

static void test_a_failure_of_ipv6_ends_the_wait_of_ipv4(void **s)
{
	struct asker k;

	(void)s;
	start(&k, BOTH);
	answer(&four, 0, "192.0.2.1");
	answer(&six, UV_EAI_AGAIN, "");
	assert_string_equal(k.found, "192.0.2.1");
	assert_true(k.done);
	assert_int_equal(k.result, RESOLVE_OK);
	fini(&k);
}

static void test_what_is_no_ip_address_is_left_out(void **s)
{
	struct asker k;

	(void)s;
	start(&k, BOTH);
	answer(&six, 0, "what");
	answer(&four, 0, "what 192.0.2.1 what");
	assert_string_equal(k.found, "192.0.2.1");
	assert_int_equal(k.result, RESOLVE_OK);
	fini(&k);
	start(&k, BOTH);
	answer(&four, 0, "what");
	answer(&six, 0, "what");
	assert_int_equal(k.result, RESOLVE_NO_ADDRESS);
	fini(&k);
}

static void test_failures_are_told_by_what_they_mean(void **s)
{
	static const struct row {
		int six, four;
		enum resolve_result want;
	} rows[] = {
		{ UV_EAI_NONAME, UV_EAI_NONAME, RESOLVE_NO_NAME },
		{ UV_EAI_NODATA, UV_EAI_NODATA, RESOLVE_NO_ADDRESS },
		{ UV_EAI_ADDRFAMILY, UV_EAI_NONAME, RESOLVE_NO_ADDRESS },
		{ UV_EAI_NONAME, UV_EAI_NODATA, RESOLVE_NO_ADDRESS },
		{ UV_EAI_AGAIN, UV_EAI_NONAME, RESOLVE_FAILED },
		{ UV_EAI_NODATA, UV_EAI_FAIL, RESOLVE_FAILED },
		{ UV_ENOMEM, UV_EAI_MEMORY, RESOLVE_FAILED },
	};
	struct asker k;
	size_t i;

	(void)s;
	for (i = 0; i < LEN(rows); i++) {
		start(&k, BOTH);
		answer(&six, rows[i].six, "");
		assert_false(k.done);
		answer(&four, rows[i].four, "");
		assert_true(k.done);
		assert_int_equal(k.result, rows[i].want);
		assert_string_equal(k.found, "");
		fini(&k);
	}
}

static void test_one_family_is_enough(void **s)
{
	struct asker k;

	(void)s;
	start(&k, FOUR);
	answer(&four, 0, "192.0.2.1");
	assert_true(k.done);
	assert_string_equal(k.found, "192.0.2.1");
	fini(&k);
	start(&k, SIX);
	answer(&six, UV_EAI_NONAME, "");
	assert_true(k.done);
	assert_int_equal(k.result, RESOLVE_NO_NAME);
	fini(&k);
}

static void test_answers_after_cancel_are_dropped(void **s)
{
	struct asker k;

	(void)s;
	start(&k, BOTH);
	answer(&four, 0, "192.0.2.1"); /* held back for now */
	resolve_cancel(k.r);
	answer(&six, 0, "2001:db8::1");
	fini(&k);
	assert_string_equal(k.found, "");
	assert_false(k.done);
}

static void test_cancel_works_from_inside_found(void **s)
{
	unsigned n;

	(void)s;
	for (n = 1; n <= 4; n++) {
		struct asker k;

		start(&k, BOTH);
		k.cancel_after = n;
		answer(&four, 0, "192.0.2.1 192.0.2.2");
		answer(&six, 0, "2001:db8::1 2001:db8::2");
		fini(&k);
		assert_int_equal(k.count, n);
		assert_false(k.done);
	}
}

static void test_a_lookup_that_half_began_tells_nobody(void **s)
{
	struct resolve_user user = { 0 };
	struct resolve *r;
	struct loopback l;
	mv_error e;

	(void)s;
	loopback_init(&l);
	refuse_family = AF_INET6;
	assert_int_equal(
		resolve_start(&l.loop, "name.test", BOTH, &user, &r, &e),
		-MICROVM_ENOMEM);
	refuse_family = AF_INET;
	assert_int_equal(
		resolve_start(&l.loop, "name.test", BOTH, &user, &r, &e),
		-MICROVM_ENOMEM);
	refuse_family = 0;
	answer(&six, 0, "2001:db8::1");
	loopback_fini(&l);
	assert_int_equal(lists, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv6_is_given_as_soon_as_it_is_known),
		cmocka_unit_test(test_ipv4_that_is_first_lets_ipv6_pass),
		cmocka_unit_test(test_ipv4_waits_50_ms_and_no_longer),
		cmocka_unit_test(test_a_failure_of_ipv6_ends_the_wait_of_ipv4),
		cmocka_unit_test(test_what_is_no_ip_address_is_left_out),
		cmocka_unit_test(test_failures_are_told_by_what_they_mean),
		cmocka_unit_test(test_one_family_is_enough),
		cmocka_unit_test(test_answers_after_cancel_are_dropped),
		cmocka_unit_test(test_cancel_works_from_inside_found),
		cmocka_unit_test(test_a_lookup_that_half_began_tells_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
