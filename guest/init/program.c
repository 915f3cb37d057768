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
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guest/common/file.h"
#include "guest/common/say.h"
#include "guest/init/parse.h"
#include "guest/init/service.h"

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

/* Most programs look at one spelling, some at the other. */
static void set_default(const char *name, const char *also, const char *value)
{
	if (getenv(name) || getenv(also))
		return; /* the user's word counts */
	(void)setenv(name, value, 1);
	(void)setenv(also, value, 1);
}

static void set_proxy(void)
{
	set_default("http_proxy", "HTTP_PROXY", "http://127.0.0.1:1080");
	set_default("https_proxy", "HTTPS_PROXY", "http://127.0.0.1:1080");
	set_default("all_proxy", "ALL_PROXY", "socks5h://127.0.0.1:1080");
	set_default("no_proxy", "NO_PROXY", "localhost,127.0.0.1,::1");
}

static void set_environment(bool proxy)
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
	if (proxy)
		set_proxy();
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

/*
 * The console, as the terminal of our own session.  Were the program the leader
 * of its session, its end would hang up the terminal, and the kernel throw away
 * what of its last words is not sent yet.
 */
static int open_console(void)
{
	int fd;

	(void)setsid(); /* fails only for a leader, and we become one here */
	fd = open("/dev/console", O_RDWR | O_NOCTTY);
	if (fd < 0)
		say_os(errno, "cannot open /dev/console");
	else if (ioctl(fd, TIOCSCTTY, 0))
		say_os(errno, "no job control on /dev/console");
	return fd;
}

/* Standard streams, and the keys that send signals.  SIGTTOU is blocked. */
static void use_console(int fd)
{
	int i;

	(void)setpgid(0, 0);
	if (fd < 0)
		return;
	(void)tcsetpgrp(fd, getpid()); /* fails as TIOCSCTTY did */
	for (i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (fd != i)
			(void)dup2(fd, i);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

static void exec_program(bool proxy) __attribute__((noreturn));

static void exec_program(bool proxy)
{
	char **argv;
	int os;

	set_window_size();
	set_environment(proxy);
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
	/* Of none, but blocked: who is in the background of a terminal, as we
	 * are, is else kept from waiting for its output to be sent. */
	(void)sigaddset(set, SIGTTOU);
}

/* As a shell tells it: 128 and the signal's number. */
static int status_of(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return 128 + WTERMSIG(wait_status);
	return WEXITSTATUS(wait_status);
}

struct run {
	pid_t pid;
	int status;
	struct agent *agent;
	struct service *proxy;
};

/* Reap what has ended; true when the program was among it. */
static bool reap(struct run *r)
{
	bool ours = false;
	int wait_status;
	pid_t ended;

	while ((ended = waitpid(-1, &wait_status, WNOHANG)) > 0) {
		service_ended(r->proxy, ended);
		if (ended != r->pid)
			continue;
		ours = true;
		r->status = status_of(wait_status);
	}
	return ours || (ended < 0 && errno == ECHILD);
}

/* True when that was the end, of the kind in *end. */
static bool heed_signal(struct run *r, int sig, enum program_end *end)
{
	*end = sig == SIGTERM ? PROGRAM_RESTART : PROGRAM_OFF;
	switch (sig) {
	case SIGCHLD: return reap(r);
	case SIGUSR1:
	case SIGUSR2: r->status = 0; return true; /* as it was wished */
	case SIGTERM: return true;
	default: return false;
	}
}

/* The same of all signals that have come. */
static bool heed_signals(struct run *r, int fd, enum program_end *end)
{
	struct signalfd_siginfo info;

	while (read(fd, &info, sizeof(info)) == sizeof(info))
		if (heed_signal(r, (int)info.ssi_signo, end))
			return true;
	return false;
}

/* The sooner of two time-outs of poll(2). */
static int sooner(int a, int b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* Signals, the host, and the proxy's next start, until one is the end. */
static enum program_end watch(struct run *r, int signals)
{
	struct pollfd p[2] = { { .fd = signals, .events = POLLIN } };
	enum program_end end;

	for (;;) {
		p[1].fd = r->agent->fd;
		p[1].events = agent_events(r->agent);
		if (poll(p, 2,
			 sooner(service_timeout(r->proxy),
				agent_timeout(r->agent))) < 0 &&
		    errno != EINTR)
			say_os(errno, "cannot wait");
		service_tick(r->proxy);
		agent_tick(r->agent);
		if (p[0].revents && heed_signals(r, signals, &end))
			return end;
		if (p[1].fd >= 0 && p[1].revents && agent_serve(r->agent))
			return PROGRAM_OFF;
	}
}

/* A kernel without signalfd(2): no host's orders, and no second proxy. */
static enum program_end watch_signals(struct run *r, const sigset_t *set)
{
	enum program_end end;

	while (!heed_signal(r, sigwaitinfo(set, NULL), &end))
		;
	return end;
}

enum program_end program_run(struct agent *agent, int *status)
{
	struct service proxy;
	struct run r = { .status = -1, .agent = agent, .proxy = &proxy };
	sigset_t set, before;
	enum program_end end;
	int signals, console;

	signals_of_interest(&set);
	(void)sigprocmask(SIG_BLOCK, &set, &before);
	service_open(&proxy, &before);
	console = open_console();
	r.pid = fork();
	if (r.pid == 0) {
		use_console(console);
		(void)sigprocmask(SIG_SETMASK, &before, NULL);
		exec_program(proxy.wanted);
	}
	if (console > STDERR_FILENO)
		(void)close(console);
	if (r.pid < 0) {
		say_os(errno, "cannot fork");
		return PROGRAM_OFF;
	}
	signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	end = signals < 0 ? watch_signals(&r, &set) : watch(&r, signals);
	*status = r.status;
	return end;
}
