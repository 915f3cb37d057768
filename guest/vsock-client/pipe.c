/* SPDX-License-Identifier: MIT */
/*
 * pipe.c - "connect" and "listen": a connection and our standard streams, or
 * those of a command.
 *
 * Each direction ends by itself: the end of our input is a half-close, the
 * end of theirs ends our output.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/common/say.h"
#include "guest/vsock-client/job.h"

enum {
	/* What a pipe that is ready surely takes (POSIX: PIPE_BUF of Linux). */
	PIECE = 4096,
};

/* From one descriptor to another; one piece at a time, blocking. */
struct flow {
	int from, to;
	bool open;
	size_t off, len;
	char p[PIECE];
};

/* False: the other end is broken. */
static bool flow_write(struct flow *f)
{
	const char *p = f->p + f->off;
	size_t len = f->len - f->off;
	ssize_t n;

	/* A socket that is ready may take less than a pipe would. */
	if (f->to == STDOUT_FILENO)
		n = write(f->to, p, len);
	else
		n = send(f->to, p, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n < 0) {
		if (errno != EPIPE)
			say_os(errno, "cannot write");
		return false;
	}
	f->off += (size_t)n;
	return true;
}

static bool flow_read(struct flow *f, bool *ended)
{
	ssize_t n = read(f->from, f->p, sizeof(f->p));

	*ended = n == 0;
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n < 0) {
		say_os(errno, "cannot read");
		return false;
	}
	f->off = 0;
	f->len = (size_t)n;
	return true;
}

/* The end of a flow: what it leads to hears of it. */
static void flow_end(struct flow *f)
{
	f->open = false;
	if (f->to == STDOUT_FILENO)
		(void)close(STDOUT_FILENO);
	else
		(void)shutdown(f->to, SHUT_WR); /* or it is gone already */
}

static bool flow_step(struct flow *f, short ready)
{
	bool ended = false;

	if (!f->open || !ready)
		return true;
	if (f->off < f->len)
		return flow_write(f);
	if (!flow_read(f, &ended))
		return false;
	if (ended)
		flow_end(f);
	return true;
}

static struct pollfd flow_wait(const struct flow *f)
{
	struct pollfd p = { .fd = -1 };

	if (!f->open)
		return p;
	p.fd = f->off < f->len ? f->to : f->from;
	p.events = f->off < f->len ? POLLOUT : POLLIN;
	return p;
}

static int talk(int fd)
{
	struct flow out = { .from = STDIN_FILENO, .to = fd, .open = true };
	struct flow in = { .from = fd, .to = STDOUT_FILENO, .open = true };
	struct pollfd p[2];

	while (out.open || in.open) {
		p[0] = flow_wait(&out);
		p[1] = flow_wait(&in);
		if (poll(p, 2, -1) < 0 && errno != EINTR) {
			say_os(errno, "cannot wait");
			return JOB_FAILED;
		}
		if (!flow_step(&in, p[1].revents))
			return JOB_FAILED;
		/* Who takes no more may still have something to say. */
		if (!flow_step(&out, p[0].revents))
			out.open = false;
	}
	return JOB_DONE;
}

static void run(const char *command, int fd) __attribute__((noreturn));

static void run(const char *command, int fd)
{
	(void)dup2(fd, STDIN_FILENO);
	(void)dup2(fd, STDOUT_FILENO);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGCHLD, SIG_DFL);
	(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	say_os(errno, "cannot run /bin/sh");
	_exit(127);
}

/* The command of one connection; its status. */
static int serve(const char *command, int fd)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		run(command, fd);
	(void)close(fd);
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		say_os(errno, "cannot run a command");
		return JOB_FAILED;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? JOB_DONE
							     : JOB_FAILED;
}

/* A command for each connection, for ever. */
static int serve_many(const struct job *j)
{
	int l = endpoint_bind(&j->at, SOCK_STREAM), fd;
	struct pollfd p = { .fd = l, .events = POLLIN };
	pid_t pid;

	if (l < 0) {
		say_os(errno, "cannot listen");
		return JOB_FAILED;
	}
	(void)signal(SIGCHLD, SIG_IGN); /* nobody asks how they ended */
	for (;;) {
		(void)poll(&p, 1, -1);
		fd = accept4(l, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0 && (errno == EMFILE || errno == ENFILE ||
			       errno == ENOMEM || errno == ENOBUFS))
			(void)usleep(100000); /* until one has ended */
		if (fd < 0)
			continue;
		pid = fork();
		if (pid == 0)
			run(j->exec, fd);
		if (pid < 0)
			say_os(errno, "cannot fork");
		(void)close(fd);
	}
}

int job_pipe(const struct job *j)
{
	int fd, rc;

	if (j->many)
		return serve_many(j);
	fd = job_stream(j);
	if (fd < 0)
		return JOB_FAILED;
	if (j->exec)
		return serve(j->exec, fd);
	rc = talk(fd);
	(void)close(fd);
	return rc;
}
