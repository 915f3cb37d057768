/* SPDX-License-Identifier: MIT */
/*
 * test_endpoint.c - what the host's side of vsock did wrong elsewhere.  Each
 * test names what it comes from.
 */
#include "endpoint/unix_hub.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/container.h"
#include "rig.h"

enum { PORT = 52 };

#define MINUTE (UINT64_C(60) * 1000000000)

struct bench {
	struct rig rig;
	struct unix_hub *hub;
	const char *path;
};

static void setup(struct bench *b)
{
	rig_init(&b->rig);
	b->path = rig_path(&b->rig, "hub");
	assert_int_equal(unix_hub_new(&b->rig.place, b->path, &b->hub, NULL),
			 0);
}

static void teardown(struct bench *b)
{
	unix_hub_close(b->hub);
	rig_fini(&b->rig);
}

/* cloud-hypervisor #7310: a malformed CONNECT ended the VMM. */
static void test_a_malformed_connect_ends_only_its_socket(void **s)
{
	static const char *const bad[] = {
		"CONNECT",
		"CONNECT\n",
		"CONNECT \n",
		"CONNECT x\n",
		"\n",
		"CONNECT 52x\n",
		"CONNECT  52\n",
		"\r\n",
		" ",
		"CONNECT 99999999999999999999\n",
	};
	struct bench b;
	struct peer p, good;
	size_t i;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	b.rig.echo = true;
	peer_unix(&b.rig, &good, b.path);
	peer_say(&good, "CONNECT 52\n");
	RUN_UNTIL(&b.rig, good.in.len);
	good.in.len = 0;
	for (i = 0; i < LEN(bad); i++) {
		peer_unix(&b.rig, &p, b.path);
		peer_say(&p, bad[i]);
		RUN_UNTIL(&b.rig, p.sent == p.out.len);
		peer_shut(&p);
		RUN_UNTIL(&b.rig, peer_over(&p));
		assert_int_equal(p.in.len, 0);
		peer_close(&p);
	}
	/* Every byte there is, as the one that spoils the line. */
	for (i = 0; i < 256; i++) {
		char line[] = "CONNECT 5\x01\n";

		line[9] = (char)i;
		if ((i >= '0' && i <= '9') || i == '\n' || i == '\r')
			continue;
		peer_unix(&b.rig, &p, b.path);
		peer_send(&p, line, 11);
		RUN_UNTIL(&b.rig, peer_over(&p));
		peer_close(&p);
	}
	peer_say(&good, "still here");
	RUN_UNTIL(&b.rig, bytes_are(&good.in, "still here"));
	peer_close(&good);
	teardown(&b);
}

/* cloud-hypervisor #7195: a CONNECT line that came in parts was lost. */
static void test_a_partial_connect_line_is_kept(void **s)
{
	static const char text[] = "CONNECT 52\nbehind";
	struct bench b;
	struct peer p;
	size_t cut;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	for (cut = 1; cut + 1 < sizeof(text); cut++) {
		unsigned accepted = b.rig.accepted;

		peer_unix(&b.rig, &p, b.path);
		peer_send(&p, text, cut);
		RUN_UNTIL(&b.rig, p.sent == cut);
		(void)uv_run(&b.rig.loop, UV_RUN_NOWAIT);
		peer_say(&p, text + cut);
		RUN_UNTIL(&b.rig,
			  b.rig.accepted > accepted &&
				  bytes_are(&rig_conn(&b.rig)->in, "behind"));
		peer_close(&p);
	}
	teardown(&b);
}

/*
 * firecracker #1253, cloud-hypervisor #497: a CONNECT before the guest listens
 * was dropped, and every client grew a loop of its own.
 */
static void test_a_connect_before_the_guest_listens_is_held(void **s)
{
	struct bench b;
	struct peer p;

	(void)s;
	setup(&b);
	b.rig.place.hold_ns = MINUTE;
	vsock_online(b.rig.vsock, false); /* it still boots */
	peer_unix(&b.rig, &p, b.path);
	peer_say(&p, "CONNECT 52\n");
	RUN_UNTIL(&b.rig, p.sent == p.out.len);
	vsock_online(b.rig.vsock, true); /* nobody listens */
	RUN_UNTIL(&b.rig, b.rig.requests >= 2);
	assert_false(peer_over(&p));
	rig_listen(&b.rig, PORT);
	RUN_UNTIL(&b.rig, p.in.len);
	assert_memory_equal(p.in.p, "OK ", 3);
	peer_close(&p);
	teardown(&b);
}

/* flintlock #1206: who dialled again quickly got an end, and no connection. */
static void test_dialling_again_at_once_works_every_time(void **s)
{
	struct bench b;
	struct peer p;
	int i;

	(void)s;
	setup(&b);
	rig_listen(&b.rig, PORT);
	for (i = 0; i < 200; i++) {
		peer_unix(&b.rig, &p, b.path);
		peer_say(&p, "CONNECT 52\n");
		RUN_UNTIL(&b.rig, p.in.len);
		assert_memory_equal(p.in.p, "OK ", 3);
		peer_close(&p);
	}
	teardown(&b);
}

/* firecracker #2464: a client that left while we wrote killed the VMM. */
static void test_clients_that_leave_in_the_middle_raise_no_sigpipe(void **s)
{
	enum { WORKERS = 100 };

	struct peer p[WORKERS];
	struct bytes blob = { 0 };
	struct bench b;
	int i;

	(void)s;
	assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
	setup(&b);
	rig_listen(&b.rig, PORT);
	bytes_make(&blob, 1 << 20, 1);
	for (i = 0; i < WORKERS; i++) {
		peer_unix(&b.rig, &p[i], b.path);
		peer_say(&p[i], "CONNECT 52\n");
		RUN_UNTIL(&b.rig, p[i].in.len);
		gconn_send(rig_conn(&b.rig), blob.p, blob.len);
	}
	for (i = 0; i < WORKERS; i++) {
		struct peer *one = &p[i];

		RUN_UNTIL(&b.rig, one->in.len > 10000);
		peer_close(one);
	}
	RUN_UNTIL(&b.rig, rig_conn(&b.rig)->over ||
				  rig_conn(&b.rig)->heard & VSOCK_SHUTDOWN_RCV);
	free(blob.p);
	teardown(&b);
}

/* A socket file that a process left behind when it was killed. */
static void leave_behind(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	strcpy(sa.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(close(fd), 0);
}

/*
 * firecracker 1.16 needed vsock_override: the same path, a second time, was
 * "address in use" for ever.
 */
static void test_the_path_of_a_dead_vm_is_free_again(void **s)
{
	struct unix_hub *second;
	struct bench b;
	struct peer p;
	mv_error err;

	(void)s;
	rig_init(&b.rig);
	b.path = rig_path(&b.rig, "hub");
	leave_behind(b.path);
	assert_int_equal(unix_hub_new(&b.rig.place, b.path, &b.hub, NULL), 0);
	/* That of a living one is not, and says so. */
	assert_int_equal(unix_hub_new(&b.rig.place, b.path, &second, &err),
			 -MICROVM_EBUSY);
	assert_non_null(strstr(err.msg, b.path));
	assert_true(strlen(err.hint) > 0);
	/* It lives on. */
	rig_listen(&b.rig, PORT);
	peer_unix(&b.rig, &p, b.path);
	peer_say(&p, "CONNECT 52\n");
	RUN_UNTIL(&b.rig, p.in.len);
	peer_close(&p);
	teardown(&b);
}

/* A file of the user's at that path is never removed. */
static void test_a_file_at_the_path_is_left_alone(void **s)
{
	struct bench b;
	int fd;

	(void)s;
	rig_init(&b.rig);
	b.path = rig_path(&b.rig, "hub");
	fd = open(b.path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_true(unix_hub_new(&b.rig.place, b.path, &b.hub, NULL) < 0);
	assert_int_equal(unlink(b.path), 0); /* it was still there */
	rig_fini(&b.rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_malformed_connect_ends_only_its_socket),
		cmocka_unit_test(test_a_partial_connect_line_is_kept),
		cmocka_unit_test(
			test_a_connect_before_the_guest_listens_is_held),
		cmocka_unit_test(test_dialling_again_at_once_works_every_time),
		cmocka_unit_test(
			test_clients_that_leave_in_the_middle_raise_no_sigpipe),
		cmocka_unit_test(test_the_path_of_a_dead_vm_is_free_again),
		cmocka_unit_test(test_a_file_at_the_path_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
