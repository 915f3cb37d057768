/* SPDX-License-Identifier: MIT */
#include "proxy/upstream.h"

#include <string.h>
#include <unistd.h>

#include "../check.h"
#include "bridge.h"
#include "env.h"
#include "names.h"

/* ---- the URL ------------------------------------------------------------ */

struct url {
	const char *url, *host;
	uint16_t port;
	const char *user, *password; /* NULL: none */
};

static void test_urls_are_taken_apart(void **s)
{
	static const struct url urls[] = {
		{ "socks5h://proxy.test:1080", "proxy.test", 1080, NULL, NULL },
		{ "socks5h://10.0.0.1:1/", "10.0.0.1", 1, NULL, NULL },
		{ "socks5h://[fd00::1]:65535", "fd00::1", 65535, NULL, NULL },
		{ "socks5h://me:pw@h:9", "h", 9, "me", "pw" },
		{ "socks5h://m%40e:p%3A%2f%25@h:9", "h", 9, "m@e", "p:/%" },
		{ "socks5h://me:p@w:x@h:9", "h", 9, "me", "p@w:x" },
	};
	struct upstream u;
	mv_error err = { 0 };
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		const struct url *w = &urls[i];

		if (upstream_parse(&u, w->url, &err))
			print_error("%s: %s\n", w->url, err.msg);
		assert_int_equal(upstream_parse(&u, w->url, NULL), 0);
		assert_string_equal(u.host, w->host);
		assert_int_equal(u.port, w->port);
		assert_int_equal(u.has_login, w->user != NULL);
		assert_string_equal(u.user, w->user ? w->user : "");
		assert_string_equal(u.password, w->password ? w->password : "");
	}
}

static void test_bad_urls_are_refused_and_not_repeated(void **s)
{
	static const char *const urls[] = {
		"",
		"socks5://secret:x@h:1",
		"http://h:1",
		"socks5h://",
		"socks5h://h",
		"socks5h://h:",
		"socks5h://h:0",
		"socks5h://h:65536",
		"socks5h://h:99999999999999999999",
		"socks5h://h:1x",
		"socks5h://:1",
		"socks5h://::1:1",
		"socks5h://[::1:1",
		"socks5h://[h]:1",
		"socks5h://[]:1",
		"socks5h://secret@h:1",
		"socks5h://:secret@h:1",
		"socks5h://secret:@h:1",
		"socks5h://secret%zz:x@h:1",
		"socks5h://secret%4",
		"socks5h://secret%00:x@h:1",
		"socks5h://secret%:x@h:1",
	};
	char big[700] = "socks5h://";
	size_t i;

	(void)s;
	for (i = 0; i < sizeof(urls) / sizeof(*urls); i++) {
		mv_error err = { 0 };

		assert_int_equal(proxy_check_upstream(urls[i], &err),
				 -MICROVM_EINVAL);
		assert_null(strstr(err.msg, "secret"));
		assert_true(err.msg[0] && err.hint[0]);
	}
	memset(big + 10, 'h', 256);
	strcpy(big + 10 + 256, ":1");
	assert_int_equal(proxy_check_upstream(big, NULL), -MICROVM_EINVAL);
	strcpy(big + 10 + 255, ":1");
	assert_int_equal(proxy_check_upstream(big, NULL), 0);
}

/* ---- a chain of two proxies --------------------------------------------- */

struct chain {
	struct env e; /* the first proxy, the guest's, and the server */
	struct policy all;
	struct proxy *second;
	struct listener *listener;
	struct bridges bridges;
	char url[128];
};

static void on_accept(void *ctx, struct sock *sock)
{
	struct chain *c = ctx;
	struct stream *stream = proxy_accept(c->second);

	assert_non_null(stream);
	assert_int_equal(bridge_new(&c->bridges, sock, stream), 0);
}

/* The upstream wants `login`; the URL says `user`. */
static void chain_init(struct chain *c, enum microvm_net net, const char *user,
		       const struct socks5_login *login)
{
	struct proxy_config cfg = { .policy = &c->all };
	char text[ADDR_TEXT];
	struct addr at;

	memset(c, 0, sizeof(*c));
	env_init(&c->e, net);
	policy_init(&c->all, MICROVM_NET_ALL);
	if (login)
		cfg.login = *login;
	assert_int_equal(proxy_new(&c->e.l.loop, &cfg, &c->second, NULL), 0);
	assert_true(addr_parse("127.0.0.1:0", &at));
	assert_int_equal(listener_tcp(&c->e.l.loop, &at, on_accept, c,
				      &c->listener, NULL),
			 0);
	assert_true(listener_addr(c->listener, &at));
	(void)snprintf(c->url, sizeof(c->url), "socks5h://%s%s", user,
		       addr_text(&at, text));
	c->e.cfg.upstream = c->url;
}

static void chain_fini(struct chain *c)
{
	/* What the first still says the second may still hear. */
	listener_close(c->listener);
	bridges_close(&c->bridges);
	proxy_free(c->second);
	env_fini(&c->e);
}

static void test_a_guest_gets_through_two_proxies(void **s)
{
	struct chain c;
	struct guest g;

	(void)s;
	chain_init(&c, MICROVM_NET_ALL, "", NULL);
	env_start(&c.e);
	assert_int_equal(guest_connect(&c.e, &g, "127.0.0.1", c.e.at.port), 0);
	UNTIL(&c.e, c.e.far);
	heap_init(&g.in);
	g.out.seed = 3;
	g.out.len = 1000000;
	g.out.end = true;
	guest_pump(&g);
	UNTIL(&c.e, c.e.far->in_over);
	assert_true(c.e.far->in.hash == pattern_hash(3, 1000000));
	c.e.far->out.end = true;
	far_pattern(c.e.far, 4, 1000000);
	UNTIL(&c.e, !g.s);
	assert_int_equal(g.why, STREAM_DONE);
	assert_true(g.in.hash == pattern_hash(4, 1000000));
	chain_fini(&c);
}

static void test_a_server_that_speaks_early_is_heard(void **s)
{
	struct chain c;
	struct guest g;

	(void)s;
	chain_init(&c, MICROVM_NET_ALL, "", NULL);
	env_start(&c.e);
	guest_open(&g, &c.e);
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "127.0.0.1", c.e.at.port);
	UNTIL(&c.e, c.e.far);
	far_send(c.e.far, "220 hello", 9);
	UNTIL(&c.e, g.in.len == 12 + 9);
	assert_memory_equal(g.in.p + 12, "220 hello", 9);
	guest_close(&g, STREAM_DONE);
	assert_int_equal(c.e.seen[1].in, 9);
	chain_fini(&c);
}

static void test_a_login_is_given_to_the_upstream(void **s)
{
	const struct socks5_login login = { "me", "a:b" };
	struct chain c;
	struct guest g;

	(void)s;
	chain_init(&c, MICROVM_NET_ALL, "me:a%3ab@", &login);
	env_start(&c.e);
	assert_int_equal(guest_connect(&c.e, &g, "one.test", c.e.at.port), 0);
	guest_close(&g, STREAM_DONE);
	chain_fini(&c);
}

static void test_a_login_the_upstream_refuses_is_a_failure(void **s)
{
	const struct socks5_login login = { "me", "a:b" };
	struct chain c;
	struct guest g;

	(void)s;
	chain_init(&c, MICROVM_NET_ALL, "me:wrong@", &login);
	env_start(&c.e);
	assert_int_equal(guest_connect(&c.e, &g, "one.test", c.e.at.port), 1);
	assert_string_equal(c.e.seen[0].why,
			    "the upstream proxy does not want our login");
	guest_close(&g, STREAM_DONE);
	chain_fini(&c);
}

static void test_the_upstreams_reply_is_passed_on(void **s)
{
	struct addr dead;
	struct chain c;
	struct guest g;
	int fd;

	(void)s;
	chain_init(&c, MICROVM_NET_ALL, "", NULL);
	env_start(&c.e);
	fd = loopback_dead_port(&dead);
	assert_int_equal(guest_connect(&c.e, &g, "127.0.0.1", dead.port),
			 SOCKS5_CONNECTION_REFUSED);
	assert_string_equal(c.e.seen[0].why, "the upstream proxy refused");
	guest_close(&g, STREAM_DONE);
	assert_int_equal(guest_connect(&c.e, &g, "gone.test", 80),
			 SOCKS5_HOST_UNREACHABLE);
	guest_close(&g, STREAM_DONE);
	(void)close(fd);
	chain_fini(&c);
}

static void test_names_and_addresses_are_judged_before_the_upstream(void **s)
{
	struct chain c;
	struct guest g;

	(void)s;
	chain_init(&c, MICROVM_NET_NONE, "", NULL);
	assert_int_equal(policy_add(&c.e.policy, "allow one.test", NULL), 0);
	env_start(&c.e);
	assert_int_equal(guest_connect(&c.e, &g, "both.test", c.e.at.port), 2);
	guest_close(&g, STREAM_DONE);
	assert_int_equal(guest_connect(&c.e, &g, "127.0.0.1", c.e.at.port), 2);
	guest_close(&g, STREAM_DONE);
	assert_int_equal(guest_connect(&c.e, &g, "one.test", c.e.at.port), 0);
	assert_string_equal(c.e.seen[2].name, "one.test");
	assert_string_equal(c.e.seen[2].address, "");
	guest_close(&g, STREAM_DONE);
	chain_fini(&c);
}

static void test_what_would_go_past_the_upstream_is_not_done(void **s)
{
	static const uint8_t cmds[] = { SOCKS5_UDP_ASSOCIATE, SOCKS5_RESOLVE,
					SOCKS5_RESOLVE_PTR, SOCKS5_BIND };
	struct chain c;
	struct guest g;
	size_t i;

	(void)s;
	chain_init(&c, MICROVM_NET_ALL, "", NULL);
	env_start(&c.e);
	for (i = 0; i < sizeof(cmds); i++) {
		guest_open(&g, &c.e);
		guest_greet(&g);
		guest_ask(&g, cmds[i], "127.0.0.1", 1);
		assert_int_equal(guest_reply(&c.e, &g),
				 SOCKS5_COMMAND_NOT_SUPPORTED);
		guest_close(&g, STREAM_DONE);
	}
	chain_fini(&c);
}

/* ---- upstreams that are none -------------------------------------------- */

static void test_an_upstream_that_is_not_there_is_a_failure(void **s)
{
	char url[128], text[ADDR_TEXT];
	struct addr dead;
	struct env e;
	struct guest g;
	int fd;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	fd = loopback_dead_port(&dead);
	(void)snprintf(url, sizeof(url), "socks5h://%s",
		       addr_text(&dead, text));
	e.cfg.upstream = url;
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", 80), 1);
	assert_string_equal(e.seen[0].why,
			    "cannot connect to the upstream proxy");
	guest_close(&g, STREAM_DONE);
	(void)close(fd);
	env_fini(&e);
}

static void test_an_upstream_that_does_not_exist_is_a_failure(void **s)
{
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	e.cfg.upstream = "socks5h://gone.test:1080";
	env_start(&e);
	assert_int_equal(guest_connect(&e, &g, "127.0.0.1", 80), 1);
	guest_close(&g, STREAM_DONE);
	env_fini(&e);
}

/* Our own server stands for the upstream, and plays a part. */
static void play(const char *says, size_t len, bool hangs_up, const char *why)
{
	char url[128], text[ADDR_TEXT];
	struct env e;
	struct guest g;

	env_init(&e, MICROVM_NET_ALL);
	(void)snprintf(url, sizeof(url), "socks5h://%s",
		       addr_text(&e.at, text));
	e.cfg.upstream = url;
	e.limits.dial_ms = 300;
	env_start(&e);
	guest_open(&g, &e);
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "127.0.0.1", 80);
	UNTIL(&e, e.far && e.far->in.len >= 3);
	e.far->out.end = hangs_up;
	far_send(e.far, says, len);
	assert_int_equal(guest_reply(&e, &g), SOCKS5_GENERAL_FAILURE);
	assert_string_equal(e.seen[0].why, why);
	assert_int_equal(e.flows, 1);
	guest_close(&g, STREAM_DONE);
	env_fini(&e);
}

static void test_an_upstream_that_hangs_up_is_a_failure(void **s)
{
	(void)s;
	play("", 0, true, "the upstream proxy hung up");
	play("\5\0\5", 3, true, "the upstream proxy hung up");
}

static void test_an_upstream_that_speaks_nonsense_is_a_failure(void **s)
{
	(void)s;
	play("HTTP/1.0 400", 12, false,
	     "the upstream proxy does not want our login");
}

static void test_an_upstream_that_is_silent_is_a_failure(void **s)
{
	(void)s;
	play("\5", 1, false, "the upstream proxy took too long");
}

static void test_a_guest_may_vanish_while_the_upstream_thinks(void **s)
{
	char url[128], text[ADDR_TEXT];
	struct env e;
	struct guest g;

	(void)s;
	env_init(&e, MICROVM_NET_ALL);
	(void)snprintf(url, sizeof(url), "socks5h://%s",
		       addr_text(&e.at, text));
	e.cfg.upstream = url;
	env_start(&e);
	guest_open(&g, &e);
	guest_greet(&g);
	guest_ask(&g, SOCKS5_CONNECT, "127.0.0.1", 80);
	UNTIL(&e, e.far && e.far->in.len >= 3);
	guest_close(&g, STREAM_GONE);
	UNTIL(&e, e.far->in_over || !e.far->s);
	env_fini(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_urls_are_taken_apart),
		cmocka_unit_test(test_bad_urls_are_refused_and_not_repeated),
		cmocka_unit_test(test_a_guest_gets_through_two_proxies),
		cmocka_unit_test(test_a_server_that_speaks_early_is_heard),
		cmocka_unit_test(test_a_login_is_given_to_the_upstream),
		cmocka_unit_test(
			test_a_login_the_upstream_refuses_is_a_failure),
		cmocka_unit_test(test_the_upstreams_reply_is_passed_on),
		cmocka_unit_test(
			test_names_and_addresses_are_judged_before_the_upstream),
		cmocka_unit_test(
			test_what_would_go_past_the_upstream_is_not_done),
		cmocka_unit_test(
			test_an_upstream_that_is_not_there_is_a_failure),
		cmocka_unit_test(
			test_an_upstream_that_does_not_exist_is_a_failure),
		cmocka_unit_test(test_an_upstream_that_hangs_up_is_a_failure),
		cmocka_unit_test(
			test_an_upstream_that_speaks_nonsense_is_a_failure),
		cmocka_unit_test(test_an_upstream_that_is_silent_is_a_failure),
		cmocka_unit_test(
			test_a_guest_may_vanish_while_the_upstream_thinks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
