/* SPDX-License-Identifier: MIT */
/* test_netlog.c - flows as lines of text. */
#include "../check.h"

#include <string.h>
#include <unistd.h>

#include "netlog.h"

static void line(microvm_flow f, const char *want)
{
	char buf[NETLOG_LINE];
	size_t len = netlog_line(buf, &f);

	assert_int_equal(len, strlen(want));
	assert_memory_equal(buf, want, len);
}

static void test_names_and_addresses(void **state)
{
	(void)state;
	line((microvm_flow){ .id = 1,
			     .name = "a.example",
			     .address = "192.0.2.1",
			     .port = 443,
			     .phase = MICROVM_FLOW_OPENED },
	     "net: #1 tcp a.example:443 (192.0.2.1) opened");
	line((microvm_flow){ .id = 2,
			     .kind = MICROVM_FLOW_UDP,
			     .name = "",
			     .address = "192.0.2.1",
			     .port = 53,
			     .phase = MICROVM_FLOW_OPENED },
	     "net: #2 udp 192.0.2.1:53 opened");
	line((microvm_flow){ .id = 3,
			     .name = "",
			     .address = "2001:db8::1",
			     .port = 80,
			     .phase = MICROVM_FLOW_OPENED },
	     "net: #3 tcp [2001:db8::1]:80 opened");
	line((microvm_flow){ .id = UINT64_MAX,
			     .kind = MICROVM_FLOW_RESOLVE,
			     .name = "a.example",
			     .address = "",
			     .phase = MICROVM_FLOW_FAILED,
			     .why = "no such name" },
	     "net: #18446744073709551615 resolve a.example failed: no such "
	     "name");
}

static void test_ends_have_their_bytes_and_reasons(void **state)
{
	microvm_flow f = { .id = 1,
			   .name = "a",
			   .phase = MICROVM_FLOW_ENDED,
			   .bytes_out = 3,
			   .bytes_in = UINT64_MAX };

	(void)state;
	line(f, "net: #1 tcp a:0 ended, 3 bytes out, 18446744073709551615 in");
	f.why = "silent too long";
	line(f, "net: #1 tcp a:0 ended, 3 bytes out, 18446744073709551615 in: "
		"silent too long");
	f.phase = MICROVM_FLOW_DENIED;
	f.why = "";
	line(f, "net: #1 tcp a:0 denied");
	f.phase = MICROVM_FLOW_ASKED;
	line(f, "");
}

static void test_a_guest_cannot_play_with_the_terminal(void **state)
{
	(void)state;
	line((microvm_flow){ .name = "\x1b[2Ja\nnet: #9\x7f\xc3\xa9",
			     .phase = MICROVM_FLOW_OPENED },
	     "net: #0 tcp ?[2Ja?net: #9???:0 opened");
}

static void test_a_long_name_is_cut(void **state)
{
	char name[3 * NETLOG_LINE], buf[NETLOG_LINE];
	microvm_flow f = { .name = name, .phase = MICROVM_FLOW_DENIED };

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = 0;
	assert_int_equal(netlog_line(buf, &f), NETLOG_LINE - 1);
}

static size_t drain(int fd)
{
	size_t lines = 0;
	char c;

	while (read(fd, &c, 1) == 1)
		lines += c == '\n';
	return lines;
}

static void test_what_nobody_reads_is_dropped_and_counted(void **state)
{
	microvm_flow f = { .name = "a", .phase = MICROVM_FLOW_OPENED };
	enum { MANY = 20000 };
	int fd[2], i;
	struct netlog n;

	(void)state;
	assert_int_equal(pipe(fd), 0);
	n = (struct netlog){ .fd = fd[1], .ours = true };
	for (i = 0; i < MANY; i++)
		netlog_flow(&n, &f); /* does not block */
	assert_true(n.lost > 0);
	netlog_fini(&n);
	assert_int_equal(drain(fd[0]) + n.lost, MANY);
	assert_int_equal(close(fd[0]), 0);
}

static void test_silence_is_possible(void **state)
{
	microvm_flow f = { .name = "a", .phase = MICROVM_FLOW_OPENED };
	microvm_error err = { 0 };
	struct netlog n;

	(void)state;
	assert_int_equal(netlog_init(&n, NULL, true, NULL, &err), 0);
	netlog_flow(&n, &f);
	assert_int_equal(n.lost, 0);
	netlog_fini(&n);
	assert_int_equal(netlog_init(&n, "/nosuch/file", true, NULL, &err),
			 -MICROVM_EIO);
	assert_non_null(strstr(err.msg, "--log-net: /nosuch/file: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_and_addresses),
		cmocka_unit_test(test_ends_have_their_bytes_and_reasons),
		cmocka_unit_test(test_a_guest_cannot_play_with_the_terminal),
		cmocka_unit_test(test_a_long_name_is_cut),
		cmocka_unit_test(test_what_nobody_reads_is_dropped_and_counted),
		cmocka_unit_test(test_silence_is_possible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
