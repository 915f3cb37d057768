/* SPDX-License-Identifier: MIT */
#include "net/unix_path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../check.h"
#include "loopback.h"

struct place {
	struct loopback l;
	char path[128];
	int fd;
	struct unix_path p;
};

static void init(struct place *w)
{
	memset(w, 0, sizeof(*w));
	loopback_init(&w->l);
	loopback_path(&w->l, "sock", w->path, sizeof(w->path));
	w->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(w->fd >= 0);
}

static void fini(struct place *w)
{
	(void)close(w->fd);
	loopback_fini(&w->l);
}

static void check_mode(mode_t mask)
{
	mode_t before = umask(mask);
	struct place w;
	struct stat st;

	init(&w);
	assert_int_equal(unix_path_bind(&w.p, w.fd, w.path, NULL), 0);
	assert_int_equal(umask(before), mask); /* is as it was */
	assert_int_equal(lstat(w.path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	unix_path_remove(&w.p);
	assert_int_equal(lstat(w.path, &st), -1);
	unix_path_remove(&w.p); /* once is enough, twice is harmless */
	fini(&w);
}

static void test_a_socket_is_for_its_user_alone_under_any_umask(void **s)
{
	(void)s;
	check_mode(0);
	check_mode(022);
	check_mode(077);
}

static void test_what_a_dead_process_left_is_replaced(void **s)
{
	struct place w;

	(void)s;
	init(&w);
	(void)close(loopback_listen_at(w.path));
	assert_int_equal(access(w.path, F_OK), 0);
	assert_int_equal(unix_path_bind(&w.p, w.fd, w.path, NULL), 0);
	assert_int_equal(listen(w.fd, 1), 0);
	unix_path_remove(&w.p);
	fini(&w);
}

static void refuses(struct place *w)
{
	struct stat before, now;
	mv_error e;

	assert_int_equal(lstat(w->path, &before), 0);
	assert_int_equal(unix_path_bind(&w->p, w->fd, w->path, &e),
			 -MICROVM_EBUSY);
	assert_non_null(strstr(e.msg, w->path));
	assert_true(e.hint[0]);
	assert_int_equal(lstat(w->path, &now), 0);
	assert_int_equal(now.st_ino, before.st_ino);
	assert_int_equal(unlink(w->path), 0);
}

static void test_a_live_listener_is_left_alone(void **s)
{
	struct place w;
	int fd;

	(void)s;
	init(&w);
	fd = loopback_listen_at(w.path);
	refuses(&w);
	(void)close(fd);
	fini(&w);
}

static void test_a_listener_with_a_full_backlog_is_alive(void **s)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd, filler[2];
	struct place w;

	(void)s;
	init(&w);
	fd = loopback_listen_at(w.path);
	assert_int_equal(listen(fd, 0), 0);
	(void)strcpy(sa.sun_path, w.path);
	filler[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	filler[1] = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(fcntl(filler[1], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(
		connect(filler[0], (const struct sockaddr *)&sa, sizeof(sa)),
		0);
	(void)connect(filler[1], (const struct sockaddr *)&sa, sizeof(sa));
	refuses(&w);
	(void)close(filler[0]);
	(void)close(filler[1]);
	(void)close(fd);
	fini(&w);
}

static void test_a_datagram_socket_is_somebody_s_too(void **s)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct place w;
	int fd;

	(void)s;
	init(&w);
	(void)strcpy(sa.sun_path, w.path);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	refuses(&w);
	(void)close(fd);
	fini(&w);
}

static void test_what_is_no_socket_is_never_removed(void **s)
{
	struct place w;
	int fd;

	(void)s;
	init(&w);
	fd = open(w.path, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	refuses(&w);
	/* Nor a link, whatever it leads to. */
	assert_int_equal(symlink("nowhere", w.path), 0);
	refuses(&w);
	fini(&w);
}

static void test_what_took_our_place_is_not_removed(void **s)
{
	struct place w;
	char aside[160];
	int fd;

	(void)s;
	init(&w);
	assert_int_equal(unix_path_bind(&w.p, w.fd, w.path, NULL), 0);
	/* Ours stays elsewhere, so that its number is not used again. */
	loopback_path(&w.l, "aside", aside, sizeof(aside));
	assert_int_equal(rename(w.path, aside), 0);
	fd = loopback_listen_at(w.path);
	unix_path_remove(&w.p);
	assert_int_equal(access(w.path, F_OK), 0);
	(void)close(fd);
	fini(&w);
}

static void test_a_path_that_cannot_be_says_why(void **s)
{
	struct place w;
	char path[256];
	mv_error e;

	(void)s;
	init(&w);
	loopback_path(&w.l, "no/sock", path, sizeof(path));
	assert_int_equal(unix_path_bind(&w.p, w.fd, path, &e), -MICROVM_EIO);
	assert_int_equal(e.os, ENOENT);
	assert_non_null(strstr(e.hint, "directory"));
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(unix_path_bind(&w.p, w.fd, path, &e), -MICROVM_EINVAL);
	assert_non_null(strstr(e.msg, "255 bytes"));
	assert_int_equal(unix_path_bind(&w.p, w.fd, "", &e), -MICROVM_EINVAL);
	fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_socket_is_for_its_user_alone_under_any_umask),
		cmocka_unit_test(test_what_a_dead_process_left_is_replaced),
		cmocka_unit_test(test_a_live_listener_is_left_alone),
		cmocka_unit_test(test_a_listener_with_a_full_backlog_is_alive),
		cmocka_unit_test(test_a_datagram_socket_is_somebody_s_too),
		cmocka_unit_test(test_what_is_no_socket_is_never_removed),
		cmocka_unit_test(test_what_took_our_place_is_not_removed),
		cmocka_unit_test(test_a_path_that_cannot_be_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
