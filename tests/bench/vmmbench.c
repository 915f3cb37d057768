/* SPDX-License-Identifier: MIT */
/*
 * vmmbench.c - what one boot of a guest costs its host, whatever runs it.
 *
 *	vmmbench [--trace] MARKER COMMAND [ARG]...
 *
 * Starts the command, whose output has to be the guest's console, waits for
 * the marker there, and then says in lines "NAME VALUE" what was spent until
 * then; the command is killed.  --trace: only the time to the first entry of
 * a guest, by the kernel's own tracing, which slows all that comes after.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRACING "/sys/kernel/debug/tracing/"
#define KVM "/sys/kernel/debug/kvm"

enum {
	LIMIT_S = 200,
	TEXT_MAX = 1 << 20,
	BIG_KIB = 64 << 10, /* a mapping of this size is the guest's RAM */
};

struct run {
	pid_t pid;
	int output; /* its stdout and stderr */
	double start;
	char text[TEXT_MAX];
	size_t len;
};

static double clock_ms(clockid_t clock)
{
	struct timespec t = { 0 };

	(void)clock_gettime(clock, &t); /* a clock that is there */
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double elapsed(const struct run *r)
{
	return clock_ms(CLOCK_MONOTONIC) - r->start;
}

/* Threads that have ended are counted, too. */
static double cpu_ms(pid_t pid)
{
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock))
		return 0;
	return clock_ms(clock);
}

static void child(int output, char **argv)
{
	int null = open("/dev/null", O_RDONLY);

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (null < 0 || dup2(null, 0) < 0 || dup2(output, 1) < 0 ||
	    dup2(output, 2) < 0)
		_exit(126);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

static bool start(struct run *r, char **argv)
{
	int fd[2];

	if (pipe(fd)) {
		perror("pipe");
		return false;
	}
	r->start = clock_ms(CLOCK_MONOTONIC);
	r->pid = fork();
	if (r->pid == 0)
		child(fd[1], argv);
	(void)close(fd[1]);
	r->output = fd[0];
	if (r->pid < 0)
		perror("fork");
	return r->pid > 0;
}

static void stop(struct run *r)
{
	(void)kill(r->pid, SIGKILL);
	while (waitpid(r->pid, NULL, 0) < 0 && errno == EINTR)
		;
	(void)close(r->output);
}

/* More of the console; false: none came, or it is full. */
static bool read_more(struct run *r)
{
	struct pollfd p = { .fd = r->output, .events = POLLIN };
	double left = LIMIT_S * 1e3 - elapsed(r);
	ssize_t n;

	if (left <= 0 || poll(&p, 1, (int)left) <= 0)
		return false;
	n = read(r->output, r->text + r->len, TEXT_MAX - 1 - r->len);
	if (n <= 0)
		return false;
	r->len += (size_t)n;
	r->text[r->len] = '\0';
	return true;
}

static bool wait_marker(struct run *r, const char *marker)
{
	while (!strstr(r->text, marker)) {
		if (!read_more(r)) {
			(void)fprintf(stderr, "%s\nno %s after %.0f ms\n",
				      r->text, marker, elapsed(r));
			return false;
		}
	}
	return true;
}

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return fopen(path, "r");
}

/* What is resident and is not the guest's; of that, what is not shared. */
static void tell_memory(pid_t pid)
{
	FILE *f = open_proc(pid, "smaps");
	unsigned long from, to, size = 0, rss = 0, own = 0, guest = 0, kib;
	char line[512];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			size = (to - from) >> 10;
		else if (sscanf(line, "Rss: %lu", &kib) == 1)
			*(size >= BIG_KIB ? &guest : &rss) += kib;
		else if (size < BIG_KIB &&
			 (sscanf(line, "Private_Clean: %lu", &kib) == 1 ||
			  sscanf(line, "Private_Dirty: %lu", &kib) == 1))
			own += kib;
	}
	if (f)
		(void)fclose(f); /* only read */
	(void)printf("resident_kib %lu\nprivate_kib %lu\nguest_kib %lu\n", rss,
		     own, guest);
}

static void tell_threads(pid_t pid)
{
	FILE *f = open_proc(pid, "status");
	unsigned threads;
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Threads: %u", &threads) == 1)
			(void)printf("threads %u\n", threads);
	}
	if (f)
		(void)fclose(f);
}

static void tell_stat(const char *folder, const char *name)
{
	char path[1024];
	unsigned long long value = 0;
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "r");
	if (!f)
		return;
	if (fscanf(f, "%llu", &value) == 1 && value)
		(void)printf("kvm_%s %llu\n", name, value);
	(void)fclose(f);
}

static void tell_stats_of(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	while (d && (e = readdir(d))) {
		if (e->d_type == DT_REG)
			tell_stat(folder, e->d_name);
	}
	if (d)
		(void)closedir(d);
}

/* The VM's folder is PID-FD; debugfs is root's. */
static void tell_exits(pid_t pid)
{
	char folder[512], mine[16];
	DIR *d = opendir(KVM);
	struct dirent *e;

	(void)snprintf(mine, sizeof(mine), "%d-", (int)pid);
	while (d && (e = readdir(d))) {
		if (strncmp(e->d_name, mine, strlen(mine)) != 0)
			continue;
		(void)snprintf(folder, sizeof(folder), "%s/%s", KVM, e->d_name);
		tell_stats_of(folder);
	}
	if (d)
		(void)closedir(d);
}

static bool put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");
	bool good = f && fputs(text, f) >= 0;

	if (f && fclose(f))
		good = false;
	if (!good)
		perror(path);
	return good;
}

/* Entries of guests, in the buffer, stamped by the clock that we use. */
static bool trace(bool on)
{
	return put(TRACING "trace_clock", "mono") && put(TRACING "trace", "") &&
	       put(TRACING "events/kvm/kvm_entry/enable", on ? "1" : "0");
}

/* "NAME-TID [CPU] FLAGS SECONDS: kvm_entry: ..." */
static bool first_entry(double *ms)
{
	FILE *f = fopen(TRACING "trace", "r");
	char line[512], *at;
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f)) {
		at = strstr(line, ": kvm_entry:");
		while (at && at > line && (isdigit(at[-1]) || at[-1] == '.'))
			at--;
		found = at && sscanf(at, "%lf", ms) == 1;
	}
	if (f)
		(void)fclose(f);
	*ms *= 1e3;
	return found;
}

static bool measure_entry(struct run *r, char **argv)
{
	double entry;

	if (!trace(true) || !start(r, argv))
		return false;
	if (!read_more(r)) /* by then it was entered */
		(void)fprintf(stderr, "no output\n");
	stop(r);
	if (!first_entry(&entry)) {
		(void)fprintf(stderr, "%s\nno entry of a guest\n", r->text);
		return false;
	}
	(void)printf("entered_ms %.1f\n", entry - r->start);
	return trace(false);
}

static bool measure(struct run *r, const char *marker, char **argv)
{
	bool good;

	if (!start(r, argv))
		return false;
	good = wait_marker(r, marker);
	if (good) {
		(void)printf("wall_ms %.1f\ncpu_ms %.1f\n", elapsed(r),
			     cpu_ms(r->pid));
		tell_memory(r->pid);
		tell_threads(r->pid);
		tell_exits(r->pid);
	}
	stop(r);
	return good;
}

int main(int argc, char **argv)
{
	static struct run r;
	bool tracing = argc > 1 && !strcmp(argv[1], "--trace");

	if (argc < 3 + tracing) {
		(void)fprintf(stderr, "usage: vmmbench [--trace] MARKER "
				      "COMMAND [ARG]...\n");
		return 2;
	}
	if (tracing)
		return !measure_entry(&r, argv + 3);
	return !measure(&r, argv[1], argv + 2);
}
