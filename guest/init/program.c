/* SPDX-License-Identifier: MIT */
/*
 * program.c - the one program this guest was started for.
 *
 * What to run is told by files that the host adds to the initramfs:
 * /etc/microvm/cmd (NUL-terminated arguments), /etc/microvm/env
 * (NUL-terminated NAME=VALUE) and /etc/microvm/tty ("COLSxROWS").
 */
#include "guest/init/program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/common/file.h"
#include "guest/common/say.h"
#include "guest/init/parse.h"

enum {
	SETTINGS_MAX = 1024 * 1024,
	CANNOT_RUN = 126, /* POSIX: found, but not executable */
	NOT_FOUND = 127,  /* POSIX: no such command */
};

static char shell_name[] = "-sh"; /* the dash: a login shell, reads profiles */
static char *shell[] = { shell_name, NULL };

/* The strings of an optional settings file; NULL when there are none. */
static char **read_strings(const char *path)
{
	char **v, *text;
	size_t len;

	text = file_read(path, SETTINGS_MAX, &len);
	if (!text) {
		if (errno != ENOENT)
			say_os(errno, "cannot read %s", path);
		return NULL;
	}
	v = parse_strings(text, len);
	if (v && v[0])
		return v;
	free(v);
	free(text);
	return NULL;
}

static void set_environment(void)
{
	static const char path[] =
		"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	char **v = read_strings("/etc/microvm/env");

	(void)setenv("PATH", path, 1);
	(void)setenv("HOME", "/root", 1); /* the kernel says "/" */
	(void)setenv("TERM", "linux", 0);
	for (; v && *v; v++) {
		if (!parse_is_variable(*v))
			say("/etc/microvm/env: not NAME=VALUE: %.60s", *v);
		else if (putenv(*v))
			say_os(errno, "cannot set %.60s", *v);
	}
}

static void set_window_size(void)
{
	struct winsize ws = { 0 };
	size_t len;
	char *text = file_read("/etc/microvm/tty", SETTINGS_MAX, &len);

	if (!text)
		return; /* not told: the console stays 0x0, "unknown" */
	if (!parse_size(text, &ws.ws_col, &ws.ws_row))
		say("/etc/microvm/tty: not COLSxROWS: %.20s", text);
	else if (ioctl(STDIN_FILENO, TIOCSWINSZ, &ws))
		say_os(errno, "cannot set the window size");
	free(text);
}

/* The console as terminal and standard streams of a session of its own. */
static void open_console(void)
{
	int fd, i;

	(void)setsid(); /* fails only for a leader, and we were just forked */
	fd = open("/dev/console", O_RDWR);
	if (fd < 0) {
		say_os(errno, "cannot open /dev/console");
		return;
	}
	if (ioctl(fd, TIOCSCTTY, 0))
		say_os(errno, "no job control on /dev/console");
	for (i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (fd != i)
			(void)dup2(fd, i);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

static void exec_program(void) __attribute__((noreturn));

static void exec_program(void)
{
	char **argv;
	int os;

	open_console();
	set_window_size();
	set_environment();
	argv = read_strings("/etc/microvm/cmd");
	if (chdir("/root"))
		(void)chdir("/"); /* always there */
	if (argv)
		(void)execvp(argv[0], argv);
	else
		(void)execv("/bin/sh", argv = shell);
	os = errno;
	say_os(os, "cannot run %s (status %d)",
	       argv == shell ? "/bin/sh" : argv[0],
	       os == ENOENT ? NOT_FOUND : CANNOT_RUN);
	_exit(os == ENOENT ? NOT_FOUND : CANNOT_RUN);
}

/*
 * What the tools of busybox ask of the first process: halt, poweroff and
 * reboot send it these.  Blocked signals reach it although it is PID 1.
 */
static void signals_of_interest(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGCHLD);
	(void)sigaddset(set, SIGUSR1);
	(void)sigaddset(set, SIGUSR2);
	(void)sigaddset(set, SIGTERM);
}

/* Reap what has ended; true when `pid` was among it. */
static bool reap(pid_t pid)
{
	bool ours = false;
	pid_t ended;

	do {
		ended = waitpid(-1, NULL, WNOHANG);
		ours |= ended == pid;
	} while (ended > 0);
	return ours || (ended < 0 && errno == ECHILD);
}

enum program_end program_run(void)
{
	sigset_t set, before;
	pid_t pid;

	signals_of_interest(&set);
	(void)sigprocmask(SIG_BLOCK, &set, &before);
	pid = fork();
	if (pid < 0) {
		say_os(errno, "cannot fork");
		return PROGRAM_OFF;
	}
	if (pid == 0) {
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		exec_program();
	}
	for (;;) {
		int sig = sigwaitinfo(&set, NULL);

		if (sig == SIGTERM)
			return PROGRAM_RESTART;
		if (sig == SIGUSR1 || sig == SIGUSR2)
			return PROGRAM_OFF;
		if (sig == SIGCHLD && reap(pid))
			return PROGRAM_OFF;
	}
}
