/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "api/config.h"
#include "refused.h"

static void test_a_new_machine_has_no_way_out(void **s)
{
	microvm_config *c = microvm_config_new();

	(void)s;
	assert_int_equal(c->policy.base, MICROVM_NET_NONE);
	assert_int_equal(c->policy.rules, 0);
	assert_null(c->user);
	assert_null(c->password);
	assert_null(c->upstream);
	assert_null(c->proxy.ask);
	assert_null(c->proxy.flow);
	assert_null(c->proxy.dial);
	assert_null(c->proxy.hook);
	microvm_config_free(c);
}

static void test_the_base_is_one_of_three(void **s)
{
	microvm_config *c = microvm_config_new();
	microvm_error e;

	(void)s;
	assert_int_equal(microvm_config_set_net(c, MICROVM_NET_PUBLIC, &e), 0);
	refused_with(microvm_config_set_net(c, (enum microvm_net)3, &e),
		     MICROVM_EINVAL, &e, "no net has number 3");
	assert_int_equal(c->policy.base, MICROVM_NET_PUBLIC);
	assert_int_equal(microvm_config_set_net(c, MICROVM_NET_ALL, &e), 0);
	assert_int_equal(c->policy.base, MICROVM_NET_ALL);
	assert_int_equal(microvm_config_set_net(c, MICROVM_NET_NONE, &e), 0);
	assert_int_equal(c->policy.base, MICROVM_NET_NONE);
	microvm_config_free(c);
}

static void test_rules_are_kept_in_order_and_copied(void **s)
{
	struct addr a = { .family = ADDR_IPV4, .ip = { 10, 1, 2, 3 } };
	char rule[] = "deny 10.1.2.3:80";
	microvm_config *c = microvm_config_new();
	microvm_error e;

	(void)s;
	assert_int_equal(microvm_config_add_rule(c, rule, &e), 0);
	memset(rule, 'x', sizeof(rule) - 1);
	assert_int_equal(microvm_config_add_rule(c, "allow 10.0.0.0/8", &e), 0);
	assert_int_equal(c->policy.rules, 2);
	a.port = 80;
	assert_int_equal(policy_judge(&c->policy, NULL, &a, NULL).verdict,
			 POLICY_DENY);
	a.port = 81;
	assert_int_equal(policy_judge(&c->policy, NULL, &a, NULL).verdict,
			 POLICY_ALLOW);
	microvm_config_free(c);
}

static void test_bad_rules_and_too_many_are_refused(void **s)
{
	microvm_config *c = microvm_config_new();
	microvm_error e;
	unsigned i;

	(void)s;
	assert_int_equal(microvm_config_add_rule(c, "permit any", &e),
			 -MICROVM_EINVAL);
	assert_true(e.msg[0]);
	assert_int_equal(c->policy.rules, 0);
	for (i = 0; i < CONFIG_RULES_MAX; i++)
		assert_int_equal(microvm_config_add_rule(c, "deny any", &e), 0);
	refused_with(microvm_config_add_rule(c, "deny any", &e), MICROVM_ENOMEM,
		     &e, "more than 1024 rules");
	microvm_config_free(c);
}

static void test_a_login_is_two_words_that_fit(void **s)
{
	microvm_config *c = microvm_config_new();
	char word[CONFIG_LOGIN_MAX + 2];
	microvm_error e;

	(void)s;
	memset(word, 'w', sizeof(word));
	word[CONFIG_LOGIN_MAX + 1] = 0;
	refused_with(microvm_config_set_proxy_login(c, word, "p", &e),
		     MICROVM_EINVAL, &e, "proxy user: 256 bytes");
	assert_string_equal(e.hint, "SOCKS5 takes 1 to 255");
	refused_with(microvm_config_set_proxy_login(c, "u", word, &e),
		     MICROVM_EINVAL, &e, "proxy password: 256 bytes");
	refused_with(microvm_config_set_proxy_login(c, "", "p", &e),
		     MICROVM_EINVAL, &e, "proxy user: 0 bytes");
	refused_with(microvm_config_set_proxy_login(c, "u", "", &e),
		     MICROVM_EINVAL, &e, "proxy password: 0 bytes");
	refused_with(microvm_config_set_proxy_login(c, "u", NULL, &e),
		     MICROVM_EINVAL, &e, "password is NULL");
	refused_with(microvm_config_set_proxy_login(c, NULL, "p", &e),
		     MICROVM_EINVAL, &e, "user is NULL");
	assert_null(c->user);
	word[CONFIG_LOGIN_MAX] = 0;
	assert_int_equal(microvm_config_set_proxy_login(c, word, "p", &e), 0);
	word[0] = 'x';
	assert_int_equal(c->user[0], 'w');
	assert_int_equal(microvm_config_set_proxy_login(c, "a", "b", &e), 0);
	assert_string_equal(c->user, "a");
	assert_string_equal(c->password, "b");
	assert_int_equal(microvm_config_set_proxy_login(c, NULL, NULL, &e), 0);
	assert_null(c->user);
	assert_null(c->password);
	microvm_config_free(c);
}

static void test_an_upstream_is_checked_copied_and_taken_back(void **s)
{
	char url[] = "socks5h://127.0.0.1:9050";
	microvm_config *c = microvm_config_new();
	microvm_error e;

	(void)s;
	assert_int_equal(microvm_config_set_upstream(c, url, &e), 0);
	memset(url, 'x', sizeof(url) - 1);
	assert_string_equal(c->upstream, "socks5h://127.0.0.1:9050");
	assert_int_equal(microvm_config_set_upstream(c, "http://a:1", &e),
			 -MICROVM_EINVAL);
	assert_true(e.msg[0]);
	assert_string_equal(c->upstream, "socks5h://127.0.0.1:9050");
	assert_int_equal(microvm_config_set_upstream(c, NULL, &e), 0);
	assert_null(c->upstream);
	microvm_config_free(c);
}

static void flow(void *ctx, const microvm_flow *f)
{
	(void)ctx;
	(void)f;
}

static enum microvm_verdict ask(void *ctx, const microvm_flow *f)
{
	(void)ctx;
	(void)f;
	return MICROVM_DENY;
}

static int hook(void *ctx, intptr_t fd)
{
	(void)ctx;
	(void)fd;
	return 0;
}

static intptr_t dial(void *ctx, const microvm_flow *f)
{
	(void)ctx;
	(void)f;
	return MICROVM_DIAL_FAIL;
}

static void test_callbacks_are_remembered_with_their_context(void **s)
{
	microvm_config *c = microvm_config_new();
	int a, b, d, h;

	(void)s;
	assert_int_equal(microvm_config_set_flow_events(c, flow, &a, NULL), 0);
	assert_int_equal(microvm_config_set_policy(c, ask, &b, NULL), 0);
	assert_int_equal(microvm_config_set_dialer(c, dial, &d, NULL), 0);
	assert_int_equal(microvm_config_set_socket_hook(c, hook, &h, NULL), 0);
	assert_ptr_equal(c->proxy.flow, flow);
	assert_ptr_equal(c->proxy.flow_ctx, &a);
	assert_ptr_equal(c->proxy.ask, ask);
	assert_ptr_equal(c->proxy.ask_ctx, &b);
	assert_ptr_equal(c->proxy.dial, dial);
	assert_ptr_equal(c->proxy.dial_ctx, &d);
	assert_ptr_equal(c->proxy.hook, hook);
	assert_ptr_equal(c->proxy.hook_ctx, &h);
	assert_int_equal(microvm_config_set_flow_events(c, NULL, NULL, NULL),
			 0);
	assert_null(c->proxy.flow);
	microvm_config_free(c);
}

static void test_null_is_refused_everywhere(void **s)
{
	microvm_config *c = microvm_config_new();
	microvm_error e;

	(void)s;
	refused_with(microvm_config_set_net(NULL, MICROVM_NET_ALL, &e),
		     MICROVM_EINVAL, &e, "config is NULL");
	refused_with(microvm_config_add_rule(NULL, "deny any", &e),
		     MICROVM_EINVAL, &e, "config is NULL");
	refused_with(microvm_config_add_rule(c, NULL, &e), MICROVM_EINVAL, &e,
		     "rule is NULL");
	refused_with(microvm_config_set_proxy_login(NULL, "u", "p", &e),
		     MICROVM_EINVAL, &e, "config is NULL");
	refused_with(microvm_config_set_upstream(NULL, NULL, &e),
		     MICROVM_EINVAL, &e, "config is NULL");
	refused_with(microvm_config_set_flow_events(NULL, flow, NULL, &e),
		     MICROVM_EINVAL, &e, "config is NULL");
	refused_with(microvm_config_set_policy(NULL, ask, NULL, &e),
		     MICROVM_EINVAL, &e, "config is NULL");
	refused_with(microvm_config_set_dialer(NULL, dial, NULL, &e),
		     MICROVM_EINVAL, &e, "config is NULL");
	refused_with(microvm_config_set_socket_hook(NULL, hook, NULL, &e),
		     MICROVM_EINVAL, &e, "config is NULL");
	microvm_config_free(c);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_new_machine_has_no_way_out),
		TEST(test_the_base_is_one_of_three),
		TEST(test_rules_are_kept_in_order_and_copied),
		TEST(test_bad_rules_and_too_many_are_refused),
		TEST(test_a_login_is_two_words_that_fit),
		TEST(test_an_upstream_is_checked_copied_and_taken_back),
		TEST(test_callbacks_are_remembered_with_their_context),
		TEST(test_null_is_refused_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
