/* SPDX-License-Identifier: MIT */
/* report.c - how a run went: for people (--timing) and programs (--json). */
#include "report.h"

#include <inttypes.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "json.h"

static const char *const marks[] = {
	[MICROVM_MARK_LOADED] = "loaded",   [MICROVM_MARK_ENTERED] = "entered",
	[MICROVM_MARK_CONSOLE] = "console", [MICROVM_MARK_USER] = "user",
	[MICROVM_MARK_EXITED] = "exited",
};

static const char *const mark_help[] = {
	[MICROVM_MARK_LOADED] = "kernel and initramfs in guest memory",
	[MICROVM_MARK_ENTERED] = "first guest instruction",
	[MICROVM_MARK_CONSOLE] = "first byte on the console",
	[MICROVM_MARK_USER] = "first instruction of init",
	[MICROVM_MARK_EXITED] = "the guest ended",
};

static const char *const kinds[] = {
	[MICROVM_XK_MMIO] = "mmio",     [MICROVM_XK_PIO] = "pio",
	[MICROVM_XK_SYSREG] = "sysreg", [MICROVM_XK_CALL] = "call",
	[MICROVM_XK_IDLE] = "idle",     [MICROVM_XK_SLICE] = "slice",
	[MICROVM_XK_TIMER] = "timer",
};

_Static_assert(sizeof(marks) / sizeof(*marks) == MICROVM_MARKS, "marks");
_Static_assert(sizeof(kinds) / sizeof(*kinds) == MICROVM_XK_KINDS, "kinds");

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

double report_cpu(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u))
		return 0;
	return seconds(u.ru_utime) + seconds(u.ru_stime);
}

static uint64_t peak_rss(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u))
		return 0;
#if defined(__APPLE__)
	return (uint64_t)u.ru_maxrss; /* bytes there, KiB elsewhere */
#else
	return (uint64_t)u.ru_maxrss * 1024;
#endif
}

/*
 * How much of guest memory is in use, where the OS tells (Linux): the Rss of
 * the one mapping as large as the guest's memory.  With none or several of
 * that size we cannot tell and do not guess.
 */
static bool guest_rss(uint64_t ram, uint64_t *rss)
{
	FILE *f = fopen("/proc/self/smaps", "re");
	char line[512];
	bool inside = false;
	unsigned found = 0;
	uint64_t kib;

	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "Size: %" SCNu64 " kB", &kib) == 1) {
			inside = kib == ram / 1024;
			found += inside;
		} else if (inside &&
			   sscanf(line, "Rss: %" SCNu64 " kB", &kib) == 1) {
			*rss = kib * 1024;
		}
	}
	(void)fclose(f);
	return found == 1;
}

void report_take(struct report *r, const microvm_vm *vm, double cpu, bool rss)
{
	r->stats = (microvm_stats){ .size = sizeof(r->stats) };
	r->ran = !microvm_vm_stats(vm, &r->stats);
	r->cpu_seconds = report_cpu() - cpu;
	r->peak_rss = peak_rss();
	r->rss_known = rss && guest_rss(r->stats.ram_bytes, &r->guest_rss) &&
		       r->guest_rss <= r->peak_rss;
}

/* Millions of guest instructions in a second of our CPU time; 0: unknown. */
static double mips(const struct report *r)
{
	if (!r->stats.insns || r->cpu_seconds <= 0)
		return 0;
	return (double)r->stats.insns / r->cpu_seconds / 1e6;
}

static double mib(uint64_t bytes)
{
	return (double)bytes / (1024 * 1024);
}

/* Hypervisors count no instructions. */
static void mark_table(const microvm_stats *s, FILE *to)
{
	char insns[24] = "";

	(void)fprintf(to, "\n%-12s %12s", "moment", "ms");
	(void)fprintf(to, "%s\n", s->insns ? "     instructions" : "");
	for (size_t i = 0; i < MICROVM_MARKS; i++) {
		if (!s->mark_ns[i])
			continue;
		if (s->insns)
			(void)snprintf(insns, sizeof(insns), " %16" PRIu64,
				       s->mark_insns[i]);
		(void)fprintf(to, "%-12s %12.3f%s  %s\n", marks[i],
			      (double)s->mark_ns[i] / 1e6, insns, mark_help[i]);
	}
}

void report_table(const struct report *r, FILE *to)
{
	const microvm_stats *s = &r->stats;

	if (!r->ran)
		return;
	mark_table(s, to);
	(void)fprintf(to, "%-12s", "exits");
	for (size_t i = 0; i < MICROVM_XK_KINDS; i++)
		(void)fprintf(to, " %s %" PRIu64, kinds[i], s->exits[i]);
	(void)fprintf(to, "\n%-12s %s\n", "backend", s->backend);
	if (s->streams[0] || s->streams[1])
		(void)fprintf(to,
			      "%-12s %" PRIu64 " streams, %.1f MiB from the "
			      "guest, %.1f MiB to it\n",
			      "vsock", s->streams[0] + s->streams[1],
			      mib(s->stream_bytes[0]), mib(s->stream_bytes[1]));
	if (s->flows)
		(void)fprintf(to,
			      "%-12s %" PRIu64 " flows, %" PRIu64 " denied\n",
			      "network", s->flows, s->flows_denied);
	if (r->boots > 1)
		(void)fprintf(to, "%-12s %u (the above is the last)\n", "boots",
			      r->boots);
	(void)fprintf(to, "%-12s %.3f s", "host CPU", r->cpu_seconds);
	if (mips(r) > 0)
		(void)fprintf(to, ", %.1f guest MIPS", mips(r));
	(void)fprintf(to, "\n%-12s %.1f MiB peak", "host memory",
		      mib(r->peak_rss));
	if (r->rss_known)
		(void)fprintf(to, ", of it %.1f MiB guest memory",
			      mib(r->guest_rss));
	(void)fputc('\n', to);
}

static void put_vsock(json_t *root, const microvm_stats *s, bool *ok)
{
	json_t *vsock = json_object(), *net = json_object();

	json_put(vsock, "from_guest", json_of_u64(s->streams[0]), ok);
	json_put(vsock, "to_guest", json_of_u64(s->streams[1]), ok);
	json_put(vsock, "bytes_from_guest", json_of_u64(s->stream_bytes[0]),
		 ok);
	json_put(vsock, "bytes_to_guest", json_of_u64(s->stream_bytes[1]), ok);
	json_put(root, "vsock", vsock, ok);
	json_put(net, "flows", json_of_u64(s->flows), ok);
	json_put(net, "denied", json_of_u64(s->flows_denied), ok);
	json_put(net, "bytes_from_guest", json_of_u64(s->flow_bytes[0]), ok);
	json_put(net, "bytes_to_guest", json_of_u64(s->flow_bytes[1]), ok);
	json_put(root, "net", net, ok);
}

static void put_stats(json_t *root, const struct report *r, bool *ok)
{
	const microvm_stats *s = &r->stats;
	json_t *ms = json_object(), *insns = json_object();
	json_t *exits = json_object();

	for (size_t i = 0; i < MICROVM_MARKS; i++) {
		if (!s->mark_ns[i])
			continue;
		json_put(ms, marks[i], json_real((double)s->mark_ns[i] / 1e6),
			 ok);
		json_put(insns, marks[i], json_of_u64(s->mark_insns[i]), ok);
	}
	for (size_t i = 0; i < MICROVM_XK_KINDS; i++)
		json_put(exits, kinds[i], json_of_u64(s->exits[i]), ok);
	json_put(root, "backend", json_string(s->backend), ok);
	json_put(root, "ram_bytes", json_of_u64(s->ram_bytes), ok);
	json_put(root, "mark_ms", ms, ok);
	json_put(root, "exits", exits, ok);
	if (s->insns) {
		json_put(root, "mark_instructions", insns, ok);
		json_put(root, "instructions", json_of_u64(s->insns), ok);
	} else {
		json_decref(insns); /* nobody has counted */
	}
	json_put(root, "cpu_seconds", json_real(r->cpu_seconds), ok);
	json_put(root, "peak_rss_bytes", json_of_u64(r->peak_rss), ok);
	if (mips(r) > 0)
		json_put(root, "mips", json_real(mips(r)), ok);
	if (r->rss_known)
		json_put(root, "guest_rss_bytes", json_of_u64(r->guest_rss),
			 ok);
}

bool report_json(const struct report *r, FILE *to)
{
	json_t *root = json_object();
	bool ok = root;

	json_put(root, "status", json_integer(r->status), &ok);
	json_put(root, "reason", json_string(r->reason), &ok);
	json_put(root, "boots", json_integer(r->boots), &ok);
	if (r->panic)
		json_put(root, "panic", json_text(r->panic), &ok);
	if (r->error.code)
		json_put(root, "error", json_of_error(&r->error, &ok), &ok);
	if (r->has_exit_status)
		json_put(root, "exit_status", json_integer(r->exit_status),
			 &ok);
	if (r->ran)
		put_stats(root, r, &ok);
	if (r->ran && r->has_vsock)
		put_vsock(root, &r->stats, &ok);
	return json_print(root, ok, to);
}
