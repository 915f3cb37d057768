/* SPDX-License-Identifier: MIT */
/* loopback.c - a loop, and plain sockets for the other end. */
#include "loopback.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/sockaddr.h"

#include "../check.h"

unsigned loopback_count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	if (!d)
		return 0; /* no Linux: nothing to count, before or after */
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

void loopback_init(struct loopback *l)
{
	memset(l, 0, sizeof(*l));
	/* The first loop of a process opens what stays. */
	assert_int_equal(uv_loop_init(&l->loop), 0);
	assert_int_equal(uv_loop_close(&l->loop), 0);
	l->fds = loopback_count_fds();
	assert_int_equal(uv_loop_init(&l->loop), 0);
}

static void empty_dir(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	char name[512];

	assert_non_null(d);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.') {
			(void)snprintf(name, sizeof(name), "%s/%s", path,
				       e->d_name);
			assert_int_equal(unlink(name), 0);
		}
	(void)closedir(d);
	assert_int_equal(rmdir(path), 0);
}

void loopback_fini(struct loopback *l)
{
	if (l->dir[0])
		empty_dir(l->dir);
	assert_int_equal(uv_run(&l->loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&l->loop), 0);
	assert_int_equal(loopback_count_fds(), l->fds);
}

void loopback_until(struct loopback *l, const bool *flag)
{
	while (!*flag)
		assert_true(uv_run(&l->loop, UV_RUN_ONCE) || *flag);
}

void loopback_now(struct loopback *l)
{
	unsigned i;

	for (i = 0; i < 8; i++)
		(void)uv_run(&l->loop, UV_RUN_NOWAIT);
}

const char *loopback_path(struct loopback *l, const char *name, char *buf,
			  size_t size)
{
	if (!l->dir[0]) {
		(void)snprintf(l->dir, sizeof(l->dir), "/tmp/microvm-XXXXXX");
		assert_non_null(mkdtemp(l->dir));
	}
	assert_true(snprintf(buf, size, "%s/%s", l->dir, name) < (int)size);
	return buf;
}

const char *loopback_kind_name(enum loopback_kind kind)
{
	static const char *const names[] = { [UNIX] = "Unix",
					     [TCP4] = "TCP over IPv4",
					     [TCP6] = "TCP over IPv6" };

	return names[kind];
}

static int try_listen(enum loopback_kind kind, struct addr *at)
{
	int fd = socket(kind == TCP6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage sa;
	socklen_t len;

	assert_true(addr_parse(kind == TCP6 ? "[::1]:0" : "127.0.0.1:0", at));
	len = sockaddr_from_addr(&sa, at);
	if (fd >= 0 && !bind(fd, (const struct sockaddr *)&sa, len)) {
		assert_int_equal(listen(fd, 64), 0);
		assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len),
				 0);
		assert_true(sockaddr_to_addr((const struct sockaddr *)&sa, at));
		return fd;
	}
	if (fd >= 0)
		(void)close(fd);
	return -1;
}

bool loopback_has(enum loopback_kind kind)
{
	struct addr at;
	int fd;

	if (kind == UNIX)
		return true;
	fd = try_listen(kind, &at);
	if (fd < 0)
		return false;
	(void)close(fd);
	return true;
}

int loopback_listen(enum loopback_kind kind, struct addr *at)
{
	int fd = try_listen(kind, at);

	assert_true(fd >= 0);
	return fd;
}

int loopback_listen_at(const char *path)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	struct sockaddr_un sa;

	assert_int_equal(sockaddr_from_path(&sa, path, NULL), 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 64), 0);
	return fd;
}

int loopback_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);

	assert_true(fd >= 0);
	return fd;
}

void loopback_pair(enum loopback_kind kind, int fd[static 2])
{
	struct sockaddr_storage sa;
	struct addr at;
	socklen_t len;
	int l;

	if (kind == UNIX) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
		return;
	}
	l = loopback_listen(kind, &at);
	len = sockaddr_from_addr(&sa, &at);
	fd[0] = socket(kind == TCP6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd[0], (const struct sockaddr *)&sa, len), 0);
	fd[1] = loopback_accept(l);
	(void)close(l);
}

void loopback_send(int fd, const void *p, size_t len)
{
	const char *at = p;

	while (len) {
		ssize_t n = send(fd, at, len, 0);

		assert_true(n > 0);
		at += n;
		len -= (size_t)n;
	}
}

void loopback_recv(int fd, void *p, size_t len)
{
	char *at = p;

	while (len) {
		ssize_t n = recv(fd, at, len, 0);

		assert_true(n > 0);
		at += n;
		len -= (size_t)n;
	}
}

int loopback_peek_end(int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, 0);

	return n < 0 ? -errno : (int)n;
}

void loopback_reset(int fd)
{
	struct linger l = { .l_onoff = 1 };

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)),
			 0);
	(void)close(fd);
}

int loopback_dead_port(struct addr *at)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage sa;
	socklen_t len;

	assert_true(addr_parse("127.0.0.1:0", at));
	len = sockaddr_from_addr(&sa, at);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sa, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	assert_true(sockaddr_to_addr((const struct sockaddr *)&sa, at));
	return fd; /* bound, not listening */
}
