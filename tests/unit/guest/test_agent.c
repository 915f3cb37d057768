/* SPDX-License-Identifier: MIT */
#include "guest/init/agent.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../check.h"
#include "guest/common/say.h"

const char say_name[] = "test";

/* A UNIX socket stands for the host's vsock port. */
struct rig {
	char path[40];
	struct endpoint at;
	int listener, host;
	struct agent agent;
};

static void rig_listen(struct rig *r)
{
	strcpy(r->path, "/tmp/microvm-test-XXXXXX");
	assert_non_null(mkdtemp(r->path));
	strcat(r->path, "/s");
	assert_true(endpoint_unix(&r->at, r->path));
	r->listener = endpoint_bind(&r->at, SOCK_STREAM);
	assert_true(r->listener >= 0);
}

static void rig_fini(struct rig *r)
{
	(void)close(r->listener);
	(void)unlink(r->path);
	*strrchr(r->path, '/') = '\0';
	(void)rmdir(r->path);
}

/* The host has taken the line and read the hello. */
static void rig_init(struct rig *r)
{
	char p[64];

	rig_listen(r);
	agent_open(&r->agent, &r->at);
	assert_true(r->agent.fd >= 0);
	assert_int_equal(agent_events(&r->agent), POLLOUT);
	r->host = accept(r->listener, NULL, NULL);
	assert_true(r->host >= 0);
	assert_false(agent_serve(&r->agent));
	assert_int_equal(agent_events(&r->agent), POLLIN);
	assert_int_equal(recv(r->host, p, sizeof(p), 0), 8);
	assert_memory_equal(p, "hello 1\n", 8);
}

static void say_host(struct rig *r, const char *text)
{
	assert_int_equal(send(r->host, text, strlen(text), 0), strlen(text));
}

static void test_it_says_hello_and_heeds_stop(void **s)
{
	struct rig r;

	(void)s;
	rig_init(&r);
	say_host(&r, "unknown words\nst");
	assert_false(agent_serve(&r.agent));
	say_host(&r, "op\n");
	assert_true(agent_serve(&r.agent));
	assert_int_equal(close(r.host), 0);
	assert_false(agent_serve(&r.agent));
	assert_int_equal(r.agent.fd, -1);
	rig_fini(&r);
}

/* The host has gone, as far as init can see. */
static void lose(struct rig *r)
{
	assert_int_equal(close(r->host), 0);
	assert_false(agent_serve(&r->agent));
	assert_int_equal(r->agent.fd, -1);
}

static void test_a_host_that_was_there_is_called_again(void **s)
{
	struct rig r;
	char p[64];

	(void)s;
	rig_init(&r);
	assert_int_equal(agent_timeout(&r.agent), -1);
	lose(&r);
	assert_in_range(agent_timeout(&r.agent), 0, 1000);
	r.agent.due = 0; /* its time has come */
	agent_tick(&r.agent);
	r.host = accept(r.listener, NULL, NULL);
	assert_true(r.host >= 0);
	assert_false(agent_serve(&r.agent));
	assert_int_equal(recv(r.host, p, sizeof(p), 0), 8);
	assert_memory_equal(p, "hello 1\n", 8);
	lose(&r);
	rig_fini(&r);
}

static void test_the_status_is_worth_another_call(void **s)
{
	struct rig r;
	char p[64];

	(void)s;
	rig_init(&r);
	lose(&r);
	agent_report(&r.agent, 3); /* waits for a hang-up, a second at most */
	r.host = accept(r.listener, NULL, NULL);
	assert_int_equal(recv(r.host, p, sizeof(p), MSG_WAITALL), 15);
	assert_memory_equal(p, "hello 1\nexit 3\n", 15);
	(void)close(r.host);
	rig_fini(&r);
}

/* A host that takes its time, but hangs up. */
static void read_slowly(struct rig *r) __attribute__((noreturn));

static void read_slowly(struct rig *r)
{
	char p[64];
	ssize_t n = recv(r->host, p, sizeof(p), 0);

	if (n == 9 && memcmp(p, "exit 139\n", 9) == 0 &&
	    recv(r->host, p, sizeof(p), 0) == 0)
		_exit(0);
	_exit(1);
}

static void test_the_status_has_arrived_when_it_comes_back(void **s)
{
	struct rig r;
	int status;
	pid_t pid;

	(void)s;
	rig_init(&r);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		read_slowly(&r);
	assert_int_equal(close(r.host), 0);
	agent_report(&r.agent, 139);
	assert_int_equal(r.agent.fd, -1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	rig_fini(&r);
}

static void test_a_report_makes_up_for_a_hello_not_yet_said(void **s)
{
	struct rig r;
	char p[64];

	(void)s;
	rig_listen(&r);
	agent_open(&r.agent, &r.at);
	r.host = accept(r.listener, NULL, NULL);
	assert_int_equal(shutdown(r.host, SHUT_WR), 0); /* it is in a hurry */
	agent_report(&r.agent, 0);
	assert_int_equal(recv(r.host, p, sizeof(p), MSG_WAITALL), 15);
	assert_memory_equal(p, "hello 1\nexit 0\n", 15);
	assert_int_equal(close(r.host), 0);
	rig_fini(&r);
}

static void test_a_host_that_never_hangs_up_is_not_waited_for_long(void **s)
{
	struct rig r;

	(void)s;
	rig_init(&r);
	agent_report(&r.agent, 1); /* a second */
	assert_int_equal(r.agent.fd, -1);
	assert_int_equal(close(r.host), 0);
	rig_fini(&r);
}

static void test_nobody_there_is_no_failure(void **s)
{
	struct rig r;

	(void)s;
	assert_true(endpoint_unix(&r.at, "/nonexistent/socket"));
	agent_open(&r.agent, &r.at);
	assert_int_equal(r.agent.fd, -1);
	agent_report(&r.agent, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_says_hello_and_heeds_stop),
		cmocka_unit_test(test_a_host_that_was_there_is_called_again),
		cmocka_unit_test(test_the_status_is_worth_another_call),
		cmocka_unit_test(
			test_the_status_has_arrived_when_it_comes_back),
		cmocka_unit_test(
			test_a_report_makes_up_for_a_hello_not_yet_said),
		cmocka_unit_test(
			test_a_host_that_never_hangs_up_is_not_waited_for_long),
		cmocka_unit_test(test_nobody_there_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
