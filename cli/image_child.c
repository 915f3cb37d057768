/* SPDX-License-Identifier: MIT */
/*
 * image_child.c - running another program and keeping what it said.
 *
 * The signals that end us are blocked while an image is built (image_work.c);
 * here they are seen through a signalfd, so that no handler is needed.
 */
#define _GNU_SOURCE /* pipe2(), a folder for posix_spawn() */
#include "image_child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "image_work.h"
#include "say.h"

enum { KEEP = 64 * 1024 };

static int spawn(char *const argv[], const char *dir, int out, pid_t *pid)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t none;
	int os;

	(void)sigemptyset(&none);
	os = posix_spawn_file_actions_init(&fa);
	if (os)
		return os;
	os = posix_spawnattr_init(&attr);
	if (os) {
		(void)posix_spawn_file_actions_destroy(&fa);
		return os;
	}
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setpgroup(&attr, 0); /* to end all of it */
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETPGROUP);
	os = posix_spawn_file_actions_addopen(&fa, STDIN_FILENO, "/dev/null",
					      O_RDONLY, 0);
	if (!os)
		os = posix_spawn_file_actions_adddup2(&fa, out, STDOUT_FILENO);
	if (!os)
		os = posix_spawn_file_actions_adddup2(&fa, out, STDERR_FILENO);
	if (!os)
		os = posix_spawn_file_actions_addchdir_np(&fa, dir);
	if (!os)
		os = posix_spawnp(pid, argv[0], &fa, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&fa);
	return os;
}

/* Append, and forget the oldest half when it is full. */
static void keep(struct blob *b, const char *p, size_t n)
{
	if (b->len + n > KEEP) {
		memmove(b->p, b->p + KEEP / 2, b->len - KEEP / 2);
		b->len -= KEEP / 2;
	}
	memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

/*
 * What comes out until every writer is gone; when a signal waits for us they
 * are made to go, so that none of them writes into a folder being removed.
 */
static void collect(int fd, int sfd, pid_t pid, struct blob *output)
{
	struct pollfd p[2] = { { .fd = fd, .events = POLLIN },
			       { .fd = sfd, .events = POLLIN } };
	char buf[4096];
	ssize_t n;

	for (;;) {
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents) {
			(void)kill(-pid, SIGKILL);
			p[1].fd = -1;
		}
		if (!p[0].revents)
			continue;
		n = read(fd, buf, sizeof(buf));
		if (n <= 0)
			return;
		keep(output, buf, (size_t)n);
	}
}

static int reap(pid_t pid, const char *name, int *status, microvm_error *err)
{
	int st, rc;

	while (waitpid(pid, &st, 0) < 0)
		if (errno != EINTR)
			return refuse_os(err, errno, "waiting for %s", name);
	rc = work_interrupted(err);
	if (rc)
		return rc;
	if (WIFSIGNALED(st))
		return refuse(err, "%s was killed by signal %d", name,
			      WTERMSIG(st));
	*status = WEXITSTATUS(st);
	return 0;
}

/* Closes both ends of the pipe. */
static int run(char *const argv[], const char *dir, int *status,
	       struct blob *output, const int fd[2], microvm_error *err)
{
	sigset_t set;
	pid_t pid = -1;
	int sfd, os;

	work_signals(&set);
	sfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	os = sfd < 0 ? errno : spawn(argv, dir, fd[1], &pid);
	(void)close(fd[1]); /* the child's end */
	if (!os)
		collect(fd[0], sfd, pid, output);
	(void)close(fd[0]);
	if (sfd >= 0)
		(void)close(sfd);
	if (os)
		return refuse_os(err, os, "cannot run %s", argv[0]);
	return reap(pid, argv[0], status, err);
}

/* posix_spawn() wants them writable, but does not write. */
static char **copy_argv(const char *const argv[])
{
	size_t n = 0;
	char **copy;

	while (argv[n++])
		;
	copy = malloc(n * sizeof(*copy));
	if (copy)
		memcpy(copy, argv, n * sizeof(*copy));
	return copy;
}

int child_run(const char *const argv[], const char *dir, int *status,
	      struct blob *output, microvm_error *err)
{
	char **copy = copy_argv(argv);
	int fd[2], rc;

	*output = (struct blob){ .p = calloc(1, KEEP + 1) };
	if (!output->p || !copy)
		rc = refuse_os(err, ENOMEM, "%s", argv[0]);
	else if (pipe2(fd, O_CLOEXEC))
		rc = refuse_os(err, errno, "pipe");
	else
		rc = run(copy, dir, status, output, fd, err);
	free(copy);
	if (rc)
		blob_free(output);
	return rc;
}
