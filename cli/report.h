/* SPDX-License-Identifier: MIT */
/* report.h - how a run went: for people (--timing) and programs (--json). */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <microvm.h>
#include <stdbool.h>
#include <stdio.h>

struct report {
	const char *reason;  /* "poweroff", "panic", "timeout", ... static */
	int status;          /* the command's exit status */
	bool has_exit_status; /* the guest's init told one */
	int exit_status;
	bool has_vsock;      /* the machine, so that its stats mean something */
	unsigned boots;      /* how often the machine was started */
	bool ran;            /* stats and what follows are filled */
	microvm_stats stats; /* of the last boot */
	double cpu_seconds;  /* this process's, during the last boot */
	uint64_t peak_rss;   /* this process's so far, in bytes */
	bool rss_known;      /* guest_rss could be told */
	uint64_t guest_rss;  /* guest memory the host had to back */
	const char *panic;   /* the guest's own words, or NULL */
	microvm_error error; /* when the host failed */
};

/* CPU seconds of this process so far. */
double report_cpu(void);

/*
 * Fill stats and resources; the VM is still there, `cpu` is from its start.
 * Guest memory is only looked for on request: that reads a large table.
 */
void report_take(struct report *r, const microvm_vm *vm, double cpu,
		 bool rss);

void report_table(const struct report *r, FILE *to);

/* One JSON object and a newline.  False when it could not all be written. */
bool report_json(const struct report *r, FILE *to);

#endif
