/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "api/config.h"
#include "refused.h"

static void test_a_new_machine_has_a_device_and_nothing_on_it(void **s)
{
	microvm_config *c = microvm_config_new();

	(void)s;
	assert_int_equal(c->cid, 3);
	assert_false(c->has_cid);
	assert_int_equal(c->hold_ms, 10000);
	assert_int_equal(c->maps, 0);
	assert_int_equal(c->forwards, 0);
	assert_null(c->socket);
	microvm_config_free(c);
}

static void test_context_ids_that_mean_something_else_are_refused(void **s)
{
	static const uint32_t bad[] = { 1, 2, UINT32_MAX };
	static const uint32_t good[] = { 3, 42, UINT32_MAX - 1, 0 };
	microvm_config *c = microvm_config_new();
	microvm_error e;
	unsigned i;

	(void)s;
	for (i = 0; i < 3; i++) {
		refused_with(microvm_config_set_vsock(c, bad[i], &e),
			     MICROVM_EINVAL, &e, "no guest can have");
		assert_string_equal(e.hint, "give it 3 to 4294967294, or 0 "
					    "for no vsock device");
	}
	assert_false(c->has_cid);
	for (i = 0; i < 4; i++) {
		assert_int_equal(microvm_config_set_vsock(c, good[i], &e), 0);
		assert_int_equal(c->cid, good[i]);
	}
	assert_true(c->has_cid);
	microvm_config_free(c);
}

static void test_a_socket_path_leaves_room_for_a_port(void **s)
{
	char path[CONFIG_SOCKET_MAX + 2];
	microvm_config *c = microvm_config_new();
	microvm_error e;

	(void)s;
	memset(path, 'p', sizeof(path));
	path[CONFIG_SOCKET_MAX + 1] = 0;
	refused_with(microvm_config_set_vsock_socket(c, path, &e),
		     MICROVM_EINVAL, &e, "97 bytes");
	assert_non_null(strstr(e.hint, "at most 96"));
	refused_with(microvm_config_set_vsock_socket(c, "", &e), MICROVM_EINVAL,
		     &e, "socket path is empty");
	assert_null(c->socket);
	path[CONFIG_SOCKET_MAX] = 0;
	assert_int_equal(microvm_config_set_vsock_socket(c, path, &e), 0);
	path[0] = 'x';
	assert_int_equal(c->socket[0], 'p'); /* it is a copy */
	assert_int_equal(microvm_config_set_vsock_socket(c, "other", &e), 0);
	assert_string_equal(c->socket, "other");
	microvm_config_free(c);
}

static void test_ports_are_mapped_both_ways(void **s)
{
	microvm_config *c = microvm_config_new();
	char text[] = "unix:/run/a.sock";
	microvm_error e;

	(void)s;
	assert_int_equal(
		microvm_config_map_port(c, 1024, text, MICROVM_FROM_GUEST, &e),
		0);
	memset(text, 'x', sizeof(text) - 1);
	assert_int_equal(microvm_config_map_port(c, 1024, "tcp:127.0.0.1:80",
						 MICROVM_TO_GUEST, &e),
			 0);
	assert_int_equal(c->maps, 2);
	assert_int_equal(c->map[0].port, 1024);
	assert_false(c->map[0].to_guest);
	assert_string_equal(c->map[0].path, "/run/a.sock");
	assert_true(c->map[1].to_guest);
	assert_string_equal(c->map[1].path, "");
	assert_int_equal(c->map[1].addr.port, 80);
	microvm_config_free(c);
}

static void test_a_port_of_the_host_has_one_owner(void **s)
{
	static const struct {
		uint32_t port;
		const char *who;
	} taken[] = {
		{ 1024, "another endpoint has it" },
		{ PROXY_PORT, "the proxy has it" },
		{ PLACE_AGENT_PORT, "the control line of init has it" },
	};
	microvm_config *c = microvm_config_new();
	microvm_error e;
	unsigned i;

	(void)s;
	assert_int_equal(microvm_config_map_port(c, 1024, "unix:/a",
						 MICROVM_FROM_GUEST, &e),
			 0);
	for (i = 0; i < 3; i++) {
		refused_with(microvm_config_map_port(c, taken[i].port,
						     "unix:/b",
						     MICROVM_FROM_GUEST, &e),
			     MICROVM_EBUSY, &e, taken[i].who);
		/* In the guest such a port may be anybody's. */
		assert_int_equal(microvm_config_map_port(c, taken[i].port,
							 "unix:/b",
							 MICROVM_TO_GUEST, &e),
				 0);
	}
	microvm_config_free(c);
}

static void test_bad_maps_are_refused(void **s)
{
	microvm_config *c = microvm_config_new();
	microvm_error e;
	unsigned i;

	(void)s;
	refused_with(microvm_config_map_port(c, 1, "unix:/a",
					     (enum microvm_direction)7, &e),
		     MICROVM_EINVAL, &e, "no direction has number 7");
	refused_with(microvm_config_map_port(c, UINT32_MAX, "unix:/a",
					     MICROVM_TO_GUEST, &e),
		     MICROVM_EINVAL, &e, "stands for any");
	assert_int_equal(
		microvm_config_map_port(c, 1, "http://a", MICROVM_TO_GUEST, &e),
		-MICROVM_EINVAL);
	assert_true(e.msg[0]);
	assert_int_equal(c->maps, 0);
	for (i = 0; i < CONFIG_MAPS_MAX; i++)
		assert_int_equal(microvm_config_map_port(c, i, "unix:/a",
							 MICROVM_TO_GUEST, &e),
				 0);
	refused_with(
		microvm_config_map_port(c, i, "unix:/a", MICROVM_TO_GUEST, &e),
		MICROVM_ENOMEM, &e, "more than 64 mapped ports");
	microvm_config_free(c);
}

static void test_ports_are_forwarded(void **s)
{
	microvm_config *c = microvm_config_new();
	char spec[] = "8080:80";
	microvm_error e;

	(void)s;
	assert_int_equal(microvm_config_forward(c, spec, &e), 0);
	memset(spec, 'x', sizeof(spec) - 1);
	assert_int_equal(c->forward[0].host.port, 8080);
	assert_int_equal(c->forward[0].guest, 80);
	refused_with(microvm_config_forward(c, "127.0.0.1:8080:81", &e),
		     MICROVM_EBUSY, &e, "is forwarded already");
	/* Any free one, twice, are two. */
	assert_int_equal(microvm_config_forward(c, "0:80", &e), 0);
	assert_int_equal(microvm_config_forward(c, "0:80", &e), 0);
	assert_int_equal(microvm_config_forward(c, "80", &e), -MICROVM_EINVAL);
	assert_true(e.msg[0]);
	assert_int_equal(c->forwards, 3);
	while (c->forwards < CONFIG_FORWARDS_MAX)
		assert_int_equal(microvm_config_forward(c, "0:80", &e), 0);
	refused_with(microvm_config_forward(c, "0:80", &e), MICROVM_ENOMEM, &e,
		     "more than 64 forwards");
	microvm_config_free(c);
}

static void test_how_long_to_hold_is_remembered(void **s)
{
	microvm_config *c = microvm_config_new();

	(void)s;
	assert_int_equal(microvm_config_set_vsock_hold(c, 0, NULL), 0);
	assert_int_equal(c->hold_ms, 0);
	assert_int_equal(microvm_config_set_vsock_hold(c, 77, NULL), 0);
	assert_int_equal(c->hold_ms, 77);
	microvm_config_free(c);
}

static void test_null_is_refused_everywhere(void **s)
{
	microvm_config *c = microvm_config_new();
	microvm_error e;

	(void)s;
	refused_with(microvm_config_set_vsock(NULL, 3, &e), MICROVM_EINVAL, &e,
		     "config is NULL");
	refused_with(microvm_config_set_vsock_socket(NULL, "a", &e),
		     MICROVM_EINVAL, &e, "config is NULL");
	refused_with(microvm_config_set_vsock_socket(c, NULL, &e),
		     MICROVM_EINVAL, &e, "socket path is NULL");
	refused_with(microvm_config_map_port(NULL, 1, "unix:/a",
					     MICROVM_TO_GUEST, &e),
		     MICROVM_EINVAL, &e, "config is NULL");
	refused_with(microvm_config_map_port(c, 1, NULL, MICROVM_TO_GUEST, &e),
		     MICROVM_EINVAL, &e, "endpoint is NULL");
	refused_with(microvm_config_forward(NULL, "1:1", &e), MICROVM_EINVAL,
		     &e, "config is NULL");
	refused_with(microvm_config_forward(c, NULL, &e), MICROVM_EINVAL, &e,
		     "forward is NULL");
	refused_with(microvm_config_set_vsock_hold(NULL, 1, &e), MICROVM_EINVAL,
		     &e, "config is NULL");
	/* An error may be NULL. */
	assert_int_equal(microvm_config_set_vsock(c, 1, NULL), -MICROVM_EINVAL);
	microvm_config_free(c);
}

#define TEST(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_a_new_machine_has_a_device_and_nothing_on_it),
		TEST(test_context_ids_that_mean_something_else_are_refused),
		TEST(test_a_socket_path_leaves_room_for_a_port),
		TEST(test_ports_are_mapped_both_ways),
		TEST(test_a_port_of_the_host_has_one_owner),
		TEST(test_bad_maps_are_refused),
		TEST(test_ports_are_forwarded),
		TEST(test_how_long_to_hold_is_remembered),
		TEST(test_null_is_refused_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
