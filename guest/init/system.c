/* SPDX-License-Identifier: MIT */
/*
 * system.c - what a fresh kernel needs before a program can run on it.
 *
 * Every piece may be missing (a kernel without modules, an initramfs with
 * nothing but this program): then the rest still works.
 */
#include "guest/init/system.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "guest/common/file.h"
#include "guest/common/say.h"
#include "guest/init/parse.h"

#define MODULE_DIR "/lib/modules"
#define MODULE_LIST MODULE_DIR "/list"

enum {
	LIST_MAX = 64 * 1024,
	NAME_MAX_LEN = 64, /* sethostname(2): longer ones are refused */
	GRACE_MS = 1000,   /* from SIGTERM to SIGKILL */
};

struct mount_point {
	const char *type, *where;
	unsigned long flags;
	const char *options;
};

static const struct mount_point mounts[] = {
	{ "proc", "/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "sysfs", "/sys", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL },
	{ "devtmpfs", "/dev", MS_NOSUID, "mode=755" },
	{ "devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC,
	  "gid=5,mode=620,ptmxmode=666" },
	{ "tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777" },
	{ "tmpfs", "/run", MS_NOSUID | MS_NODEV, "mode=755" },
	{ "tmpfs", "/tmp", MS_NOSUID | MS_NODEV, "mode=1777" },
};

void system_mount(void)
{
	const struct mount_point *m;
	size_t i;

	for (i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		m = &mounts[i];
		(void)mkdir(m->where, 0755); /* mount tells if it is missing */
		/* EBUSY: the kernel was built to mount /dev by itself. */
		if (mount(m->type, m->where, m->type, m->flags, m->options) &&
		    errno != EBUSY)
			say_os(errno, "cannot mount %s on %s", m->type,
			       m->where);
	}
}

static void load_module(const char *name)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s%s",
		       name[0] == '/' ? "" : MODULE_DIR "/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		say_os(errno, "no module %s", path);
		return;
	}
	/* EEXIST: loaded already, or built in. */
	if (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST)
		say_os(errno, "module %s refused", path);
	(void)close(fd); /* was only read */
}

void system_load_modules(void)
{
	char *text, *cursor, *line;
	size_t len;

	text = file_read(MODULE_LIST, LIST_MAX, &len);
	if (!text) {
		if (errno != ENOENT)
			say_os(errno, "cannot read " MODULE_LIST);
		return;
	}
	cursor = text;
	while ((line = parse_line(&cursor)))
		load_module(line);
	free(text);
}

void system_set_hostname(void)
{
	char *text, *cursor, *name = NULL;
	size_t len;

	cursor = text = file_read("/etc/hostname", LIST_MAX, &len);
	if (text)
		name = parse_line(&cursor);
	if (!name)
		name = (char[]){ "microvm" };
	if (sethostname(name, strnlen(name, NAME_MAX_LEN)))
		say_os(errno, "cannot set the host name");
	free(text);
}

void system_raise_loopback(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		if (errno != EAFNOSUPPORT)
			say_os(errno, "cannot open a socket");
		return; /* a kernel without a network has no loopback */
	}
	if (ioctl(fd, SIOCGIFFLAGS, &ifr) == 0) {
		ifr.ifr_flags = (short)(ifr.ifr_flags | IFF_UP);
		if (ioctl(fd, SIOCSIFFLAGS, &ifr))
			say_os(errno, "cannot bring lo up");
	}
	(void)close(fd);
}

static bool reap_all(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0);
	return pid < 0 && errno == ECHILD;
}

/* True when the last process ended within `ms`; SIGCHLD is blocked. */
static bool wait_for_all(long ms)
{
	struct timespec now, end, left;
	sigset_t chld;

	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	(void)clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += ms / 1000;
	while (!reap_all()) {
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		left.tv_sec = end.tv_sec - now.tv_sec;
		left.tv_nsec = end.tv_nsec - now.tv_nsec;
		if (left.tv_nsec < 0) {
			left.tv_sec--;
			left.tv_nsec += 1000000000;
		}
		if (left.tv_sec < 0)
			return false;
		(void)sigtimedwait(&chld, NULL, &left); /* the loop looks */
	}
	return true;
}

static void end_all(void)
{
	sigset_t chld;

	if (reap_all())
		return;
	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &chld, NULL);
	(void)kill(-1, SIGTERM);
	(void)kill(-1, SIGCONT); /* a stopped process dies of it too */
	if (wait_for_all(GRACE_MS))
		return;
	(void)kill(-1, SIGKILL);
	(void)wait_for_all(GRACE_MS);
}

void system_end(bool restart)
{
	end_all();
	sync();
	(void)tcdrain(STDERR_FILENO); /* the last words are on their way */
	(void)reboot(restart ? RB_AUTOBOOT : RB_POWER_OFF);
	say_os(errno, "cannot %s", restart ? "reboot" : "power off");
	(void)reboot(RB_AUTOBOOT);
	say_os(errno, "cannot end the machine; halted");
	for (;;)
		pause();
}
